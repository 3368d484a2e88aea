"""Number to words: the only place that rounds.

Tables keep full precision; what a person reads passes through here.
"""

from __future__ import annotations

import math

MINUS = "−"
THIN = "\u202f"


def number(value: float | None, digits: int = 3) -> str:
    """A number to significant digits, plain up to a million.

    >>> number(0.012345), number(-1234.5), number(float("nan")), number(2.0)
    ('0.0123', '−1234', 'not estimated', '2')
    """
    if value is None or math.isnan(value):
        return "not estimated"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value)))) if value else 0
    text = f"{value:.{places}f}" if abs(value) < 1e6 else f"{value:.{digits - 1}e}"
    plain = text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
    return plain.replace("-", MINUS)


def p_value(p: float | None) -> str:
    """A p-value as it is printed in a paper.

    >>> p_value(0.0312), p_value(0.00001), p_value(float("nan"))
    ('p = 0.031', 'p < 0.001', 'p not estimated')
    """
    if p is None or math.isnan(p):
        return "p not estimated"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1995 else f"p = {p:.2f}"


def interval(lower: float | None, upper: float | None, digits: int = 3) -> str:
    """A 95 % confidence interval.

    >>> interval(1.234, 5.678)
    '95 % CI 1.23 to 5.68'
    """
    return f"95{THIN}% CI {number(lower, digits)} to {number(upper, digits)}".replace(THIN, " ")


def ratio(estimate: float | None, lower: float | None, upper: float | None) -> str:
    """A ratio of thresholds or concentrations with its interval.

    >>> ratio(2.5, 1.2, 5.1)
    '2.5 times (95 % CI 1.2 to 5.1)'
    """
    if estimate is None or math.isnan(estimate):
        return "not estimated"
    return f"{number(estimate)} times ({interval(lower, upper)})"


def f_test(F: float, num_df: float, den_df: float, p: float) -> str:
    """An F test in APA style.

    >>> f_test(7.123, 1, 9.87, 0.0241)
    'F(1, 9.9) = 7.12, p = 0.024'
    """
    if math.isnan(F):
        return "not estimated"
    return f"F({number(num_df)}, {den_df:.1f}) = {F:.2f}, {p_value(p)}"


def count(n: int, one: str, many: str | None = None) -> str:
    """A count with its noun.

    >>> count(1, "mouse", "mice"), count(3, "mouse", "mice"), count(0, "string")
    ('1 mouse', '3 mice', '0 strings')
    """
    return f"{n} {one if n == 1 else many or one + 's'}"


def grams(value: float | None, digits: int = 2) -> str:
    """A force in g.

    >>> grams(0.0692)
    '0.069 g'
    """
    return "not estimated" if value is None or math.isnan(value) else f"{number(value, digits)} g"


def percent(share: float, digits: int = 2) -> str:
    """A share as a percentage.

    >>> percent(0.163)
    '16 %'
    """
    return f"{number(100 * share, digits)} %"
