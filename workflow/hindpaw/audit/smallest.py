"""R5: what a printed n allows at best: the smallest p, the smallest effect that is significant, the power.

>>> [round(smallest_p(n, n), 4) for n in (3, 4, 5)]
[0.1, 0.0286, 0.0079]
>>> [round(smallest_d(n), 2) for n in (4, 5, 8)], [round(smallest_d(n, 5), 2) for n in (4, 5, 8)]
([1.73, 1.46, 1.07], [2.62, 2.12, 1.49])
>>> [round(detectable_d(n), 2) for n in (4, 5, 8, 10)]
[2.38, 2.02, 1.51, 1.32]
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from hindpaw import phrases
from hindpaw.audit.printed import LEVEL, numbers_of, p_span, relation
from hindpaw.findings import Finding, several
from hindpaw.tables import Analyses, Claims

ROOM = "audit"
POWER = 0.8
# Above this size the design is no longer what limits a p-value.
FEW = 12


def smallest_p(n_treated: int, n_control: int) -> float:
    """The smallest two-sided p of an exact permutation or rank test of two groups: 2 of all deals."""
    return min(1.0, 2 / math.comb(n_treated + n_control, n_treated))


def smallest_d(n: int, comparisons: int = 1, level: float = LEVEL) -> float:
    """The smallest difference in SDs that a t test of n against n calls significant, Bonferroni-corrected."""
    from scipy import stats

    return float(stats.t.isf(level / 2 / comparisons, 2 * n - 2) * math.sqrt(2 / n))


def detectable_d(n: int, power: float = POWER, level: float = LEVEL) -> float:
    """The true difference in SDs that a t test of n against n detects with the given power."""
    from statsmodels.stats.power import TTestIndPower

    return float(TTestIndPower().solve_power(nobs1=n, alpha=level, power=power, ratio=1.0))


def words(n: int, comparisons: int | None = None) -> str:
    """What n against n allows, in one sentence.

    >>> words(5, 5)
    'n = 5 a group: the smallest exact p is .0079; a t test needs a difference of 1.46 SD for p < .05 (2.12 SD with Bonferroni over 5 comparisons) and has 80 % power only at 2.02 SD'
    """
    p, need = smallest_p(n, n), phrases.number(smallest_d(n))
    least = "below .001" if p < 0.001 else phrases.number(p, 2 if p < 0.01 else 3).lstrip("0")
    many = f" ({phrases.number(smallest_d(n, comparisons))} SD with Bonferroni over {comparisons} comparisons)" if comparisons and comparisons > 1 else ""  # fmt: skip
    return f"n = {n} a group: the smallest exact p is {least}; a t test needs a difference of {need} SD for p < {f'{LEVEL:g}'.lstrip('0')}{many} and has {phrases.percent(POWER)} power only at {phrases.number(detectable_d(n))} SD"


def what_n_allows(claims: pd.DataFrame, analyses: pd.DataFrame) -> Iterator[Finding]:
    """R5: for each group size a paper names, what it allows at best; a note."""
    named: dict[int, list[str]] = {}
    times: dict[int, int] = {}
    for _, row in analyses.iterrows():
        for n in numbers_of(row[Analyses.n]):
            named.setdefault(n, []).append(row[Analyses.analysis])
            if row[Analyses.post_hoc] == "bonferroni" and not math.isnan(row[Analyses.time_points]):
                times[n] = max(times.get(n, 1), int(row[Analyses.time_points]))
    for _, claim in claims.iterrows():
        for n in numbers_of(claim[Claims.n]):
            named.setdefault(n, []).append(claim[Claims.claim])
    for n in sorted(size for size in named if 1 < size <= FEW):
        yield Finding(
            "R5", "note", ROOM,
            f"With {words(n, times.get(n, 5))}.",
            "A significant result of so few is either a very large effect or luck; one that is not says nothing.",
            "Report intervals, not stars; plan the next study for the effect that would matter.",
            evidence=several(dict.fromkeys(named[n]), 20),
        )  # fmt: skip


def rank_tests_reach(claims: pd.DataFrame) -> Iterator[Finding]:
    """R5: a printed p that is smaller than a rank test of so few can give."""
    about = claims[(claims[Claims.test] == "mann_whitney") & claims[Claims.n].notna() & claims[Claims.p].notna()]
    for _, claim in about.iterrows():
        n = numbers_of(claim[Claims.n])
        least = smallest_p(n[-1], n[-1]) / (2 if claim[Claims.tails] == "one" else 1)
        # "< 0.05" says that p lies below: an error where even the smallest does not.
        printed = p_span(claim[Claims.p]).high
        if relation(claim[Claims.p]) == ">" or printed >= least:
            continue
        yield Finding(
            "R5", "error", ROOM,
            f"The claim {claim[Claims.claim]} has p {claim[Claims.p]} from a Mann–Whitney test; n = {claim[Claims.n]} gives {phrases.p_value(least)} at the least.",
            "An exact rank test has only so many deals; a smaller p comes from an approximation or another test.",
            "Ask which test was made and how many entered.",
            claim[Claims.source], f"{claim[Claims.locator]}; n = {claim[Claims.n]}",
        )  # fmt: skip
