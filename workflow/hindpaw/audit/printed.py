"""What a printed number may have been before it was rounded, and what a printed p decides."""

from __future__ import annotations

import re
from dataclasses import dataclass

LEVEL = 0.05
_NUMBER = re.compile(r"(<=|>=|<|>|=|≤|≥)?\s*([-−+]?(?:\d+\.?\d*|\.\d+))(?:[eE]([-−+]?\d+))?")


@dataclass(frozen=True)
class Span:
    """From `low` to `high`, ends included: programs round halves up, or to even, and both are honest.

    >>> Span(1.0, 2.0).meets(Span(2.0, 3.0)), Span(1.0, 2.0).meets(Span(2.1, 3.0))
    (True, False)
    """

    low: float
    high: float

    def meets(self, other: Span) -> bool:
        """Whether the two have a number in common; 1e-9 of either allows for the last bit of a sum."""
        slack = 1e-9 * max(abs(self.low), abs(other.low), 1e-300)
        return self.low <= other.high + slack and other.low <= self.high + slack

    def holds(self, value: float) -> bool:
        """Whether a number lies in it."""
        return self.meets(Span(value, value))

    def times(self, factor: float) -> Span:
        """Both ends multiplied by a positive number."""
        return Span(self.low * factor, self.high * factor)

    def size(self) -> Span:
        """The absolute values.

        >>> Span(-0.05, 0.05).size(), Span(-2.0, -1.0).size()
        (Span(low=0.0, high=0.05), Span(low=1.0, high=2.0))
        """
        low, high = sorted((abs(self.low), abs(self.high)))
        return Span(0.0 if self.low <= 0 <= self.high else low, high)


def decimals(text: str) -> int:
    """How many digits stand after the point; negative where an exponent moves it.

    >>> decimals("2.30"), decimals("5"), decimals("1.2e-3")
    (2, 0, 4)
    """
    _, digits, power = _parts(text)
    return len(digits.partition(".")[2]) - int((power or "0").replace("−", "-"))


def _parts(text: str) -> tuple[str, str, str | None]:
    """Relation, digits and exponent of a printed number."""
    found = _NUMBER.search(text)
    if found is None:
        raise ValueError(f"no number stands in {text!r}")
    return found[1] or "=", found[2].replace("−", "-"), found[3]


def relation(text: str) -> str:
    """`<`, `>` or `=`, as it stands before a printed number.

    >>> relation("< 0.05"), relation("p ≥ 0.05"), relation("0.031"), relation("n.s.")
    ('<', '>', '=', '>')
    """
    if _not_significant(text):
        return ">"
    return _parts(text)[0].replace("≤", "<").replace("≥", ">")[0]


def _not_significant(text: str) -> bool:
    """Whether a p is printed as the letters ns."""
    return text.lower().replace(".", "").strip() == "ns"


def number(text: str, least: float = float("-inf"), most: float = float("inf")) -> Span:
    """The numbers that are printed like this: half a last digit either way, or everything below or above.

    >>> number("2.31")
    Span(low=2.305, high=2.315)
    >>> number("2.3"), number("< 1", least=0)
    (Span(low=2.25, high=2.35), Span(low=0, high=1.0))
    """
    sign, digits, power = _parts(text)
    value = float(digits + (f"e{power.replace('−', '-')}" if power else ""))
    if sign in ("<", "<=", "≤"):
        return Span(least, value)
    if sign in (">", ">=", "≥"):
        return Span(value, most)
    places = decimals(text)
    half = 0.5 * 10.0**-places
    return Span(max(least, round(value - half, places + 2)), min(most, round(value + half, places + 2)))


def p_span(text: str) -> Span:
    """The p-values that are printed like this; `ns` is anything above 0.05.

    >>> p_span("0.031"), p_span("p < 0.05"), p_span("ns")
    (Span(low=0.0305, high=0.0315), Span(low=0.0, high=0.05), Span(low=0.05, high=1.0))
    """
    return Span(LEVEL, 1.0) if _not_significant(text) else number(text, 0.0, 1.0)


def decides(span: Span, level: float = LEVEL) -> bool | None:
    """Whether all p-values of a span are significant, none is, or (None) some are.

    >>> decides(p_span("< 0.05")), decides(p_span("ns")), decides(p_span("0.05"))
    (True, False, None)
    """
    return True if span.high <= level else False if span.low >= level else None


def numbers_of(n: str | None) -> list[int]:
    """The group sizes that a printed n may mean, smallest first.

    >>> numbers_of("4-5 a group"), numbers_of("8 cultures"), numbers_of(None)
    ([4, 5], [8], [])
    """
    if not isinstance(n, str):
        return []
    found = re.match(r"(\d+)(?:\s*(?:-|–|to)\s*(\d+))?", n)
    if found is None:
        return []
    first, last = int(found[1]), int(found[2] or found[1])
    return list(range(min(first, last), max(first, last) + 1))


def degrees(df: str | None) -> list[Span]:
    """Degrees of freedom as printed; whole ones are exact, others were rounded.

    >>> degrees("1, 8"), degrees("7.43")
    ([Span(low=1.0, high=1.0), Span(low=8.0, high=8.0)], [Span(low=7.425, high=7.435)])
    """
    parts = re.split(r"\s*[,;]\s*", df) if isinstance(df, str) else []
    return [number(part) if "." in part else Span(float(part), float(part)) for part in parts]
