"""R1: the p that follows from a printed statistic and its degrees of freedom (what statcheck does).

Nuijten et al. 2016, doi 10.3758/s13428-015-0664-2. Every printed number is a span, so that no rounding is
called an error.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product

import pandas as pd

from hindpaw import phrases
from hindpaw.audit.printed import Span, decides, degrees, number, numbers_of, p_span
from hindpaw.findings import Finding
from hindpaw.tables import Analyses, Claims

ROOM = "audit"
STATCHECK = "doi 10.3758/s13428-015-0664-2"
NAMES = {"chi2": "χ²"}


def p_of(statistic: str, value: float, df: tuple[float, ...]) -> float:
    """The two-sided p of a statistic (of F and χ² the upper tail).

    >>> round(p_of("t", 2.306, (8,)), 4), round(p_of("r", 0.632, (8,)), 3), round(p_of("F", 4.0, (2, 20)), 4)
    (0.05, 0.05, 0.0346)
    """
    from scipy import special

    if statistic == "r":
        if abs(value) >= 1:
            return 0.0
        return p_of("t", value * math.sqrt(df[0] / (1 - value**2)), df)
    tails = {"t": lambda: 2 * special.stdtr(*df, -abs(value)), "z": lambda: 2 * special.ndtr(-abs(value))}
    upper = {"F": lambda: special.fdtrc(*df, value), "chi2": lambda: special.chdtrc(*df, value)}
    return float((tails | upper)[statistic]())


def p_from(statistic: str, value: Span, df: list[Span]) -> Span:
    """The p-values that follow from a printed statistic: p falls as the statistic grows, so its ends are at ends.

    >>> span = p_from("t", number("2.31"), degrees("8"))
    >>> round(span.low, 4), round(span.high, 4)
    (0.0493, 0.0501)
    """
    size = value if statistic in ("F", "chi2") else value.size()
    ends = [size.low, size.high]
    found = [p_of(statistic, end, one) for end, one in product(ends, product(*({span.low, span.high} for span in df)))]
    return Span(min(found), max(found))


def statistics_agree(claims: pd.DataFrame) -> Iterator[Finding]:
    """R1: a printed p that does not follow from its statistic; an error where the decision at 0.05 flips."""
    printed = claims[claims[Claims.value].notna() & claims[Claims.p].notna() & claims[Claims.statistic].notna()]
    for _, claim in printed.iterrows():
        given, found = p_span(claim[Claims.p]), recomputed(claim)
        if any(one.meets(given) for one in found):
            continue
        (two, *_), halved = found, found[0].times(0.5)
        flips = None not in (decides(given), decides(two)) and decides(given) != decides(two)
        one_tailed = claim[Claims.tails] != "one" and claim[Claims.statistic] in ("t", "z", "r") and halved.meets(given)
        yield Finding(
            "R1",
            "error" if flips and not one_tailed else "warning",
            ROOM,
            f"The p of the claim {claim[Claims.claim]} does not follow from its statistic: {claim[Claims.p]} is printed, "
            f"{words(two)} follows{' (half of it would agree: a one-tailed test that is not named?)' if one_tailed else ''}.",
            f"{'The conclusion at 0.05 turns on it.' if flips else 'One of the three numbers is wrong.'} ({STATCHECK})",
            "Compare the statistic, its degrees of freedom and p with the output of the program they came from.",
            claim[Claims.source],
            f"{as_printed(claim)}, {_p(claim[Claims.p])}; {claim[Claims.locator]}",
        )


def recomputed(claim: pd.Series) -> list[Span]:
    """The p that follows; halved where one tail is said; and, where a Bonferroni count is printed, times it too."""
    value = number(claim[Claims.value], least=0.0 if claim[Claims.statistic] in ("F", "chi2") else float("-inf"))
    two = p_from(claim[Claims.statistic], value, degrees(claim[Claims.df]))
    one = two.times(0.5) if claim[Claims.tails] == "one" and claim[Claims.statistic] in ("t", "z", "r") else two
    many = claim[Claims.comparisons]
    if claim[Claims.post_hoc] != "bonferroni" or math.isnan(many):
        return [one]
    return [one, Span(min(1.0, one.low * many), min(1.0, one.high * many))]


def as_printed(claim: pd.Series) -> str:
    """The statistic as it stands in the paper.

    >>> as_printed(pd.Series({"statistic": "F", "df": "1, 8", "value": "5.32"}))
    'F(1, 8) = 5.32'
    """
    inside = f"({claim[Claims.df]})" if isinstance(claim[Claims.df], str) else ""
    value = claim[Claims.value]
    sign = "" if value[0] in "<>≤≥" else "= "
    return f"{NAMES.get(claim[Claims.statistic], claim[Claims.statistic])}{inside} {sign}{value}"


def _p(text: str) -> str:
    """A printed p with its letter."""
    return text if text[0] in "pPnN" else f"p {text}" if text[0] in "<>=≤≥" else f"p = {text}"


def words(span: Span) -> str:
    """A span of p-values in words.

    >>> words(Span(0.0493, 0.0501)), words(Span(0.0312, 0.0312)), words(Span(0.0, 1e-5))
    ('p = .049 to .050', 'p = .031', 'p < .001')
    """
    low, high = phrases.p_value(span.low), phrases.p_value(span.high)
    return low if low == high else f"{low} to {high.removeprefix('p = ')}"


def counts_agree(claims: pd.DataFrame) -> Iterator[Finding]:
    """R4: more degrees of freedom than the printed n leaves for a comparison of animals."""
    about = claims[claims[Claims.df].notna() & claims[Claims.n].notna()]
    for _, claim in about.iterrows():
        most = most_degrees(claim)
        if most is None or degrees(claim[Claims.df])[-1].low <= most:
            continue
        yield Finding(
            "R4", "error", ROOM,
            f"The claim {claim[Claims.claim]} has {degrees(claim[Claims.df])[-1].low:g} degrees of freedom; "
            f"n = {claim[Claims.n]} leaves {most} at most.",
            "Several values of one animal were counted as animals (doi 10.1371/journal.pbio.2005282), or n is not what it seems; p is then too small.",
            "Ask what was counted; compare with the test that takes the animal as the unit.",
            claim[Claims.source], f"{as_printed(claim)}; n = {claim[Claims.n]}; {claim[Claims.locator]}",
        )  # fmt: skip


def most_degrees(claim: pd.Series) -> int | None:
    """The error degrees of freedom between animals: groups × (n − 1); None where the statistic has no such limit.

    >>> most_degrees(pd.Series({"statistic": "F", "term": "arm", "df": "1, 8", "n": "5", "test": "two_way_anova"}))
    8
    """
    n = numbers_of(claim[Claims.n])
    if not n:
        return None
    if claim[Claims.statistic] == "t" and claim[Claims.test] in ("student_t", "welch_t"):
        return 2 * (n[-1] - 1)
    if claim[Claims.statistic] == "F" and (claim[Claims.term] == "arm" or claim[Claims.test] == "one_way_anova"):
        return int(degrees(claim[Claims.df])[0].high + 1) * (n[-1] - 1)
    return None


def nothing_to_recompute(claims: pd.DataFrame, analyses: pd.DataFrame) -> Iterator[Finding]:
    """R1: tests are named and p-values printed, but no statistic with degrees of freedom."""
    silent = analyses[analyses[Analyses.statistics_printed] == "no"]
    if len(silent) and claims[Claims.value].isna().all():
        yield Finding(
            "R1", "note", ROOM,
            f"No test statistic is printed in {phrases.count(len(silent), 'analysis', 'analyses')}; there is no p to recompute.",
            f"Checks of the statcheck kind have nothing to read ({STATCHECK}); only raw data, or bounds from mean, SEM and n, can tell.",
            "Ask for F or t, degrees of freedom and exact p, or for the raw data.",
            "; ".join(silent[Analyses.source]),
            "; ".join(silent[Analyses.locator]),
        )  # fmt: skip
