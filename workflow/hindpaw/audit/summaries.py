"""R5 and R3 from printed means: what t, F and p follow from means, spreads and n, and whether SD and SEM were confused.

Every printed number is a span, so a t has a smallest and a largest value; what lies outside both is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import pandas as pd

from hindpaw import phrases
from hindpaw.audit.printed import Span, decides, number, numbers_of, p_span
from hindpaw.audit.recompute import as_printed, p_from, words
from hindpaw.findings import Finding
from hindpaw.tables import ClaimGroups, Claims

ROOM = "audit"
SWAPPED = {"sem": "sd", "sd": "sem"}
# Nothing follows from a range of sizes that is wider than this.
WIDEST = 12
CONFUSED = "doi 10.1136/bmj.331.7521.903"


@dataclass(frozen=True)
class Group:
    """A printed mean with what stands after ± and the sizes its n may mean."""

    name: str
    mean: Span
    spread: Span
    kind: str
    sizes: tuple[int, ...]

    def sd(self, n: int, kind: str | None = None) -> Span:
        """The SD for one size; `kind` reads the spread as something else."""
        from scipy import special

        read = kind or self.kind
        factor = 1.0 if read == "sd" else math.sqrt(n)
        if read == "ci95":
            factor /= float(special.stdtrit(n - 1, 0.975))
        return self.spread.times(factor)


def groups_of(groups: pd.DataFrame) -> dict[str, list[Group]]:
    """The groups of each claim that have a mean, a spread and an n of two or more."""
    made: dict[str, list[Group]] = {}
    for row in groups[groups[ClaimGroups.spread].notna()].itertuples():
        sizes = tuple(n for n in numbers_of(row.n) if n > 1)
        if 0 < len(sizes) <= WIDEST:
            one = Group(row.group, number(row.mean), number(row.spread, least=0.0), row.spread_is, sizes)
            made.setdefault(row.claim, []).append(one)
    return made


def t_span(one: Group, other: Group, welch: bool, kind: str | None = None) -> tuple[Span, list[Span]]:
    """|t| of two groups from their summaries, smallest and largest, and the span of its degrees of freedom.

    >>> made = [Group("a", number("5.0"), number("1.0"), "sd", (5,)), Group("b", number("3.0"), number("1.0"), "sd", (5,))]
    >>> span, df = t_span(*made, welch=False)
    >>> round(span.low, 2), round(span.high, 2), df[0].low
    (2.86, 3.5, 8.0)
    """
    values, degrees = [], []
    gap = (one.mean.low - other.mean.high, one.mean.high - other.mean.low)
    least = 0.0 if gap[0] <= 0 <= gap[1] else min(map(abs, gap))
    for n, m in product(one.sizes, other.sizes):
        first, second = one.sd(n, kind), other.sd(m, kind)
        for a, b in product((first.low, first.high), (second.low, second.high)):
            error, df = _error(a, b, n, m, welch)
            # Welch's df is largest, n + m − 2, where the two errors are alike, which may lie between the ends.
            degrees += [df, float(n + m - 2)]
            values += [size / error if error else math.inf for size in (least, max(map(abs, gap)))]
    return Span(min(values), max(values)), [Span(min(degrees), max(degrees))]


def _error(a: float, b: float, n: int, m: int, welch: bool) -> tuple[float, float]:
    """Standard error of a difference and its degrees of freedom (Welch–Satterthwaite, or pooled)."""
    if not welch:
        pooled = ((n - 1) * a**2 + (m - 1) * b**2) / (n + m - 2)
        return math.sqrt(pooled * (1 / n + 1 / m)), float(n + m - 2)
    u, v = a**2 / n, b**2 / m
    df = (u + v) ** 2 / (u**2 / (n - 1) + v**2 / (m - 1)) if u + v else float(n + m - 2)
    return math.sqrt(u + v), df


def f_span(groups: list[Group], kind: str | None = None) -> tuple[Span, list[Span]]:
    """F of a one-way ANOVA from summaries, smallest and largest, and its degrees of freedom.

    The mean square between groups is smallest with the means as close as they may be and largest at their ends.
    Only for one n a group; a range has no single F.
    """
    n = [one.sizes[-1] for one in groups]
    total, k = sum(n), len(groups)
    within = [
        sum((size - 1) * getattr(one.sd(size, kind), end) ** 2 for size, one in zip(n, groups, strict=True))
        / (total - k)
        for end in ("low", "high")
    ]
    ends = [_between(list(means), n) / (k - 1) for means in product(*((one.mean.low, one.mean.high) for one in groups))]
    closest = _between(_closest(groups, n), n) / (k - 1)
    high = math.inf if within[0] == 0 else max(ends) / within[0]
    return Span(closest / within[1] if within[1] else 0.0, high), [Span(k - 1, k - 1), Span(total - k, total - k)]


def _between(means: list[float], n: list[int]) -> float:
    """Sum of squares between groups."""
    grand = sum(size * mean for size, mean in zip(n, means, strict=True)) / sum(n)
    return sum(size * (mean - grand) ** 2 for size, mean in zip(n, means, strict=True))


def _closest(groups: list[Group], n: list[int]) -> list[float]:
    """Means within their spans with the least sum of squares: all drawn to one common value.

    That value is a root of the monotone derivative, found by halving.
    """
    low, high = min(one.mean.low for one in groups), max(one.mean.high for one in groups)
    for _ in range(100):
        middle = (low + high) / 2
        drawn = [min(max(middle, one.mean.low), one.mean.high) for one in groups]
        pull = sum(size * (mean - middle) for size, mean in zip(n, drawn, strict=True))
        low, high = (middle, high) if pull > 0 else (low, middle)
    return drawn


def p_bounds(test: str | None, groups: list[Group], kind: str | None = None) -> tuple[str, Span, list[Span]] | None:
    """Statistic, its span and its degrees of freedom for the tests that summaries settle; None for others."""
    if any((kind or one.kind) not in ("sd", "sem", "ci95") for one in groups):
        return None
    if len(groups) == 2 and test in ("student_t", "welch_t"):
        return "t", *t_span(groups[0], groups[1], test == "welch_t", kind)
    if len(groups) > 1 and test == "one_way_anova" and all(len(one.sizes) == 1 for one in groups):
        return "F", *f_span(groups, kind)
    return None


def bounds_in_words(test: str | None, groups: list[Group]) -> str:
    """What follows from the printed summaries, or nothing."""
    found = p_bounds(test, groups)
    if found is None and len(groups) == 2:
        found = p_bounds("welch_t", groups)
    if found is None:
        return ""
    statistic, span, df = found
    inside = ", ".join(
        dict.fromkeys(" to ".join(dict.fromkeys(map(phrases.number, (one.low, one.high)))) for one in df)
    )
    return (
        f"from the printed means: {statistic}({inside}) between {phrases.number(span.low)} and "
        f"{phrases.number(span.high)}, {words(p_from(statistic, span, df))}"
    )


def summaries_agree(claims: pd.DataFrame, groups: pd.DataFrame) -> Iterator[Finding]:
    """R5, R3: the printed statistic or p against what means, spreads and n allow; SEM and SD exchanged."""
    named = groups_of(groups)
    for _, claim in claims[claims[Claims.claim].isin(list(named))].iterrows():
        mine, test = named[claim[Claims.claim]], claim[Claims.test]
        found = p_bounds(test, mine)
        if found is None or _fits(claim, found):
            continue
        swapped = {SWAPPED.get(one.kind) for one in mine}
        other = p_bounds(test, mine, swapped.copy().pop()) if len(swapped) == 1 and None not in swapped else None
        if other is not None and _fits(claim, other):
            yield _confused(claim, mine, found, other)
        else:
            yield _outside(claim, found)


def _fits(claim: pd.Series, found: tuple[str, Span, list[Span]]) -> bool:
    """Whether the printed statistic, or without one the printed p, is among what the summaries allow."""
    statistic, span, df = found
    if isinstance(claim[Claims.value], str) and claim[Claims.statistic] == statistic:
        printed = number(claim[Claims.value])
        return (printed.size() if statistic == "t" else printed).meets(span)
    if not isinstance(claim[Claims.p], str):
        return True
    halves = 0.5 if claim[Claims.tails] == "one" and statistic == "t" else 1.0
    return p_from(statistic, span, df).times(halves).meets(p_span(claim[Claims.p]))


def _outside(claim: pd.Series, found: tuple[str, Span, list[Span]]) -> Finding:
    """R5: the numbers of one claim contradict each other."""
    statistic, span, df = found
    p = p_from(statistic, span, df)
    flips = isinstance(claim[Claims.p], str) and None not in (decides(p), decides(p_span(claim[Claims.p])))
    return Finding(
        "R5",
        "error" if flips and decides(p) != decides(p_span(claim[Claims.p])) else "warning",
        ROOM,
        f"The claim {claim[Claims.claim]} prints {_said(claim)}; its means, spreads and n allow {statistic} from "
        f"{phrases.number(span.low)} to {phrases.number(span.high)}, {words(p)}.",
        "The mean, the spread, n or the test is not what is printed.",
        "Ask for the raw values, or at least for what the bars are and how many entered.",
        claim[Claims.source],
        claim[Claims.locator],
    )


def _confused(claim: pd.Series, groups: list[Group], found: tuple[str, Span, list[Span]], other: tuple[str, Span, list[Span]]) -> Finding:  # fmt: skip
    """R3: read the other way round, everything fits."""
    kind = groups[0].kind.upper()
    return Finding(
        "R3", "error", ROOM,
        f"The claim {claim[Claims.claim]} calls its spreads {kind}; with that {found[0]} lies from {phrases.number(found[1].low)} to "
        f"{phrases.number(found[1].high)}, but {_said(claim)} is printed. Read as {SWAPPED[groups[0].kind].upper()} it fits "
        f"({phrases.number(other[1].low)} to {phrases.number(other[1].high)}).",
        f"SD and SEM differ by √n; every interval and every meta-analysis of these numbers is off by that ({CONFUSED}).",
        "Ask the authors which it is.",
        claim[Claims.source], claim[Claims.locator],
    )  # fmt: skip


def _said(claim: pd.Series) -> str:
    """The statistic or the p of a claim as printed."""
    return as_printed(claim) if isinstance(claim[Claims.value], str) else f"p {claim[Claims.p]}"


def implied_spread(claims: pd.DataFrame, groups: pd.DataFrame) -> Iterator[Finding]:
    """R3: spreads that are not explained, with the CV that each reading implies; a note."""
    silent = groups[(groups[ClaimGroups.spread_is] == "not_stated") & groups[ClaimGroups.spread].notna()]
    for claim, rows in silent.groupby(ClaimGroups.claim, sort=False):
        told = []
        for one in groups_of(rows).get(str(claim), []):
            centre = abs(one.mean.low + one.mean.high)
            if centre:
                low, high = (
                    (one.spread.low + one.spread.high) / centre * factor for factor in (1, math.sqrt(one.sizes[-1]))
                )
                told.append(f"{one.name}: CV {phrases.percent(low)} if SD, {phrases.percent(high)} if SEM")
        yield Finding(
            "R3", "note", ROOM,
            f"What stands after ± in the claim {claim} is not said to be SD or SEM.",
            f"They differ by √n ({CONFUSED}).",
            "Ask the authors; a CV far above or below what the method gives elsewhere tells which is likely.",
            "; ".join(rows[ClaimGroups.source]), "; ".join(told),
        )  # fmt: skip
