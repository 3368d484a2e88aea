"""R5: a printed 95 % interval against the estimate, the p and the degrees of freedom beside it.

An interval holds its estimate; it excludes no difference where p < 0.05; and where a t or z test made both, its
half-width is t₀.₉₇₅ standard errors, so that p follows from estimate and interval. How to do that by hand: Altman & Bland,
BMJ 2011;343:d2304, doi 10.1136/bmj.d2304. Ratios are symmetrical on the log scale. Every printed number is a span.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import product

import pandas as pd

from hindpaw.audit.paper import listed_tests
from hindpaw.audit.printed import LEVEL, Span, decides, degrees, number, numbers_of, p_span
from hindpaw.audit.recompute import as_printed, p_from, words
from hindpaw.findings import Finding
from hindpaw.tables import Claims

ROOM = "audit"
_ENDS = re.compile(r"^([-−+]?\d*\.?\d+)\s*(?:to|–|,|;)\s*([-−+]?\d*\.?\d+)$")
T_TESTS = ("student_t", "welch_t")
# Their p has no standard error in it; their interval, if any, is of something else.
NO_T = ("mann_whitney", "kruskal_wallis", "pearson", "spearman")
# Without a comparison after it their p is of all arms, times or both.
ANOVAS = ("two_way_anova", "two_way_rm_anova", "mixed_anova_gg", "one_way_anova", "welch_anova")
# After these a significant p has an interval that excludes no difference; one that is not says nothing about it.
SIMULTANEOUS = ("bonferroni", "sidak", "tukey", "dunnett")
UNCORRECTED = ("none", "fisher_lsd")
ANYTHING = Span(0.0, 1.0)
NO_LIMIT = 1e9


def ends(text: str) -> tuple[Span, Span]:
    """The two ends of a printed interval.

    >>> ends("1.2 to 3.4")
    (Span(low=1.15, high=1.25), Span(low=3.35, high=3.45))
    >>> [end.low for end in ends("−0.5–0.10")]
    [-0.55, 0.095]
    """
    found = _ENDS.match(text.strip())
    if found is None:
        raise ValueError(f"no interval stands in {text!r}")
    return number(found[1]), number(found[2])


def intervals_agree(claims: pd.DataFrame) -> Iterator[Finding]:
    """R5: intervals that lie beside their estimate, or whose p is another."""
    for _, claim in claims[claims[Claims.interval].notna()].iterrows():
        low, high = ends(claim[Claims.interval])
        estimate = _estimate(claim)
        if low.low > high.high:
            yield _wrong(claim, "error", "its lower end lies above its upper end")
        elif estimate is not None and (estimate.high < low.low or estimate.low > high.high):
            yield _wrong(claim, "error", f"it does not hold the estimate beside it, {_printed_estimate(claim)}")
        else:
            yield from _p_agrees(claim, low, high)


def _printed_estimate(claim: pd.Series) -> str | None:
    """The printed difference, or the printed ratio."""
    for column in (Claims.difference, Claims.ratio):
        if isinstance(claim[column], str):
            return str(claim[column])
    return None


def _estimate(claim: pd.Series) -> Span | None:
    """The same as a span."""
    printed = _printed_estimate(claim)
    return None if printed is None else number(printed)


def _p_agrees(claim: pd.Series, low: Span, high: Span) -> Iterator[Finding]:
    """The printed p, or that of the printed statistic, against what the interval allows under every reading of it."""
    printed = _printed_p(claim)
    if printed is None or _of_something_else(claim):
        return
    allowed = [_allowed(claim, low, high, null) for null in _nulls(claim, low)]
    halves = 0.5 if claim[Claims.tails] == "one" else 1.0
    if any(span.times(halves).meets(printed) for span in allowed):
        return
    tail = claim[Claims.tails] != "one" and any(span.times(0.5).meets(printed) for span in allowed)
    flips = all(None not in (decides(span), decides(printed)) and decides(span) != decides(printed) for span in allowed)
    # Of a test that is not named, p may be one that no interval goes with.
    named = claim[Claims.test] in T_TESTS or claim[Claims.statistic] in ("t", "z")
    said = "; or ".join(dict.fromkeys(words(span.times(halves)) for span in allowed))
    half = " (half of it would agree: a one-tailed test that is not named?)" if tail else ""
    beside = f"p {claim[Claims.p]}" if isinstance(claim[Claims.p], str) else as_printed(claim)
    what = f"{said} goes with it{half}, and {beside} is printed"
    yield _wrong(claim, "error" if flips and named and not tail else "warning", what)


def _of_something_else(claim: pd.Series) -> bool:
    """Whether the printed p is not that of the difference: of ranks, of a whole analysis of variance, of a relation."""
    listed, followed = listed_tests(claim[Claims.test]), isinstance(claim[Claims.post_hoc], str)
    whole = claim[Claims.statistic] in ("F", "chi2", "r") or (not followed and any(test in ANOVAS for test in listed))
    return whole or any(test in NO_T for test in listed)


def _printed_p(claim: pd.Series) -> Span | None:
    """The printed p; without one that of the printed t or z."""
    if isinstance(claim[Claims.p], str):
        return p_span(claim[Claims.p])
    if isinstance(claim[Claims.value], str) and claim[Claims.statistic] in ("t", "z"):
        return p_from(claim[Claims.statistic], number(claim[Claims.value]), degrees(claim[Claims.df]))
    return None


def _nulls(claim: pd.Series, low: Span) -> list[float]:
    """No difference: 0 of a difference, 1 of a ratio; both where the claim does not say which it prints."""
    if isinstance(claim[Claims.difference], str):
        return [0.0]
    if isinstance(claim[Claims.ratio], str):
        return [1.0]
    # A ratio is above 0.
    return [0.0] if low.low <= 0 else [0.0, 1.0]


def _allowed(claim: pd.Series, low: Span, high: Span, null: float) -> Span:
    """The p-values that go with an interval about `null`."""
    excluded = low.low > null or high.high < null
    included = low.high < null < high.low
    # Not quite up to the level from either side: "ns" and "< 0.05" both hold 0.05 itself.
    near = 1e-6 * LEVEL
    decided = Span(0.0, LEVEL - near) if excluded else Span(LEVEL + near, 1.0) if included else ANYTHING
    corrected = claim[Claims.post_hoc]
    if isinstance(corrected, str) and corrected not in UNCORRECTED:
        return decided if included and corrected in SIMULTANEOUS else ANYTHING
    exact = _exact(claim, low, high, null)
    return decided if exact is None else exact


def _exact(claim: pd.Series, low: Span, high: Span, null: float) -> Span | None:
    """p by t from estimate and half-width; None where the interval is not symmetrical about its estimate."""
    if null == 1.0:
        if low.low <= 0:
            return None
        low, high = _logs(low), _logs(high)
    centre = Span((low.low + high.low) / 2, (low.high + high.high) / 2)
    printed = _estimate(claim)
    if printed is not None:
        if null == 1.0 and printed.low <= 0:
            return None
        printed = _logs(printed) if null == 1.0 else printed
        if not printed.meets(centre):
            return None
        centre = Span(max(centre.low, printed.low), min(centre.high, printed.high))
    half = Span(max(0.0, (high.low - low.high) / 2), (high.high - low.low) / 2)
    size = centre.size()
    least, most = size.low / half.high, size.high / half.low if half.low else math.inf
    found = [_p(ratio, df) for ratio, df in product((least, most), _degrees(claim))]
    return Span(min(found), max(found))


def _logs(span: Span) -> Span:
    """The logarithms of a positive span."""
    return Span(math.log(span.low), math.log(span.high))


def _p(ratio: float, df: float) -> float:
    """Two-sided p of an estimate that is so many half-widths of its 95 % interval.

    >>> round(_p(1.0, 8.0), 4), round(_p(3.14 / 2.306, 8.0), 4)
    (0.05, 0.0138)
    """
    from scipy import special

    return float(2 * special.stdtr(df, -ratio * special.stdtrit(df, 1 - LEVEL / 2)))


def _degrees(claim: pd.Series) -> tuple[float, float]:
    """The fewest and the most degrees of freedom that the interval may have: printed, those of n, or any from 2."""
    printed = degrees(claim[Claims.df])
    if claim[Claims.statistic] == "t" and printed:
        return printed[0].low, printed[0].high
    if claim[Claims.statistic] == "z":
        return NO_LIMIT, NO_LIMIT
    n = numbers_of(claim[Claims.n])
    if claim[Claims.test] in T_TESTS and n and n[0] > 1:
        return (2.0 if claim[Claims.test] == "student_t" else 1.0) * (n[0] - 1), 2.0 * (n[-1] - 1)
    return 2.0, NO_LIMIT


def _wrong(claim: pd.Series, severity: str, what: str) -> Finding:
    """An interval that contradicts what stands beside it."""
    return Finding(
        "R5", severity, ROOM,
        f"The interval of the claim {claim[Claims.claim]}, {claim[Claims.interval]}, contradicts what is printed beside it: {what}.",
        "A 95 % interval holds its estimate and excludes no difference where p is below 0.05 (doi 10.1136/bmj.d2304).",
        "Ask for estimate, standard error and degrees of freedom; an interval of another level, of the mean instead of the "
        "difference, or ± one standard error is the usual cause.",
        claim[Claims.source], claim[Claims.locator],
    )  # fmt: skip
