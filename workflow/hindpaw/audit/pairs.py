"""Comparisons of two arms as papers name them: t tests, rank tests, and what follows an analysis of variance."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hindpaw.audit.anova import Table, Unmade
from hindpaw.audit.taken import ARM, TIME, Taken, Y

# statsmodels' names of the corrections that papers name.
CORRECTIONS = {"bonferroni": "bonferroni", "holm": "holm", "sidak": "sidak"}
UNCORRECTED = ("none", "fisher_lsd")
# 9! = 362 880 orders can all be looked at.
MOST_RANKED = 9


@dataclass(frozen=True)
class Pair:
    """One comparison: statistic, degrees of freedom, p, and the p after the correction that the paper names."""

    time: float
    statistic: str
    value: float
    df: float
    p: float
    p_adjusted: float
    adjustment: str
    difference: float
    n: tuple[int, int]


def two_samples(test: str, treated: np.ndarray, control: np.ndarray) -> tuple[str, float, float, float]:
    """Statistic, value, degrees of freedom and two-sided p of Student's, Welch's or the Mann–Whitney test.

    >>> name, t, df, p = two_samples("student_t", np.array([3.0, 4.0, 5.0]), np.array([1.0, 2.0, 3.0]))
    >>> name, round(t, 4), df, round(p, 4)
    ('t', 2.4495, 4.0, 0.0705)
    """
    import pingouin
    from scipy import stats

    if min(len(treated), len(control)) < 2:
        raise Unmade("it needs two animals in each arm")
    if test == "mann_whitney":
        # Exact where no value occurs twice, as R's wilcox.test; ties take the normal approximation.
        ties = len(np.unique(np.concatenate([treated, control]))) < len(treated) + len(control)
        found = stats.mannwhitneyu(treated, control, method="asymptotic" if ties else "exact")
        return "U", float(found.statistic), math.nan, float(found.pvalue)
    if np.ptp(treated) == 0 and np.ptp(control) == 0:
        raise Unmade("neither arm has values that differ")
    with warnings.catch_warnings():
        # An arm of equal values, all at a limit, is what scipy warns of; the other arm's spread carries the test.
        warnings.simplefilter("ignore")
        row = pingouin.ttest(treated, control, correction=test == "welch_t").iloc[0]
    return "t", float(row["T"]), float(row["dof"]), float(row["p_val"])


def separate(test: str, data: Taken, post_hoc: str | None, comparisons: int | None) -> list[Pair]:
    """One test at each time, corrected over the times."""
    made = []
    for time in data.times:
        at = data.frame[data.frame[TIME] == time]
        treated, control = (at[at[ARM] == arm][Y].to_numpy(float) for arm in (data.treated, data.control))
        try:
            name, value, df, p = two_samples(test, treated, control)
        except Unmade:
            continue
        difference = float(treated.mean() - control.mean())
        made.append(Pair(time, name, value, df, p, p, "", difference, (len(treated), len(control))))
    if not made:
        raise Unmade("at no time have both arms two animals that differ")
    return _corrected(made, post_hoc, comparisons)


def after(table: Table, data: Taken, post_hoc: str | None, comparisons: int | None) -> list[Pair]:
    """What follows a two-way ANOVA: treated against control at each time, with the mean square of the whole table.

    t = difference/√(MS·(1/n₁ + 1/n₂)), its degrees of freedom those of the mean square.
    """
    from scipy import stats

    made = []
    for time in sorted(table.frame[TIME].unique()):
        at = table.frame[table.frame[TIME] == time]
        treated, control = (at[at[ARM] == arm][Y].to_numpy(float) for arm in (data.treated, data.control))
        if not len(treated) or not len(control):
            continue
        difference = float(treated.mean() - control.mean())
        t = difference / math.sqrt(table.error_ms * (1 / len(treated) + 1 / len(control)))
        p = float(2 * stats.t.sf(abs(t), table.error_df))
        made.append(Pair(time, "t", t, table.error_df, p, p, "", difference, (len(treated), len(control))))
    return _corrected(made, post_hoc, comparisons)


def _corrected(made: list[Pair], post_hoc: str | None, comparisons: int | None) -> list[Pair]:
    """The same with p corrected; by the printed number of comparisons where there is one (Bonferroni, Šidák)."""
    from statsmodels.stats.multitest import multipletests

    if post_hoc is None or post_hoc in UNCORRECTED:
        return made
    if post_hoc not in CORRECTIONS:
        raise Unmade(f"{post_hoc} after a two-way analysis is not made here")
    p = np.array([one.p for one in made])
    many = comparisons or len(made)
    if post_hoc == "holm":
        adjusted = multipletests(p, method="holm")[1]
    else:
        adjusted = np.minimum(1, p * many) if post_hoc == "bonferroni" else 1 - (1 - p) ** many
    told = f"{post_hoc}, {len(made) if post_hoc == 'holm' else many} comparisons"
    return [_with(one, float(new), told) for one, new in zip(made, adjusted, strict=True)]


def _with(one: Pair, p_adjusted: float, adjustment: str) -> Pair:
    """The comparison with its corrected p."""
    return Pair(**(one.__dict__ | {"p_adjusted": p_adjusted, "adjustment": adjustment}))


def after_one_way(table: Table, data: Taken, post_hoc: str | None, comparisons: int | None) -> Pair:
    """The pair the claim is about after a one-way ANOVA: Tukey, Dunnett, or t with the pooled mean square."""
    from scipy import stats

    values = {arm: rows[Y].to_numpy(float) for arm, rows in table.frame.groupby(ARM)}
    treated, control = values[data.treated], values[data.control]
    difference, n = float(treated.mean() - control.mean()), (len(treated), len(control))
    t = difference / math.sqrt(table.error_ms * (1 / n[0] + 1 / n[1]))
    p = float(2 * stats.t.sf(abs(t), table.error_df))
    many = comparisons or math.comb(len(values), 2)
    told = f"{post_hoc}, {many} comparisons"
    if post_hoc == "tukey":
        adjusted = float(stats.studentized_range.sf(abs(t) * math.sqrt(2), len(values), table.error_df))
    elif post_hoc == "dunnett":
        others = [arm for arm in values if arm != data.control]
        found = stats.dunnett(*(values[arm] for arm in others), control=control, rng=np.random.default_rng(0))
        adjusted, told = float(found.pvalue[others.index(data.treated)]), f"dunnett, {len(others)} arms"
    elif post_hoc == "bonferroni":
        adjusted = min(1.0, p * many)
    elif post_hoc == "sidak":
        adjusted = 1 - (1 - p) ** many
    elif post_hoc == "holm":
        adjusted = _holm(table, values, (data.treated, data.control))
    else:
        adjusted, told = p, ""
    return Pair(math.nan, "t", t, table.error_df, p, adjusted, told, difference, n)


def _holm(table: Table, values: dict[str, np.ndarray], pair: tuple[str, str]) -> float:
    """Holm's p of a pair among all pairs with the pooled mean square."""
    from itertools import combinations

    from scipy import stats
    from statsmodels.stats.multitest import multipletests

    names = list(combinations(values, 2))
    t = [
        (values[a].mean() - values[b].mean()) / math.sqrt(table.error_ms * (1 / len(values[a]) + 1 / len(values[b])))
        for a, b in names
    ]
    adjusted = multipletests(2 * stats.t.sf(np.abs(t), table.error_df), method="holm")[1]
    return float(adjusted[[set(one) for one in names].index(set(pair))])


def correlation(test: str, one: pd.Series, two: pd.Series) -> tuple[str, float, float, float]:
    """r (or Spearman's), n − 2 and p, all animals pooled as papers do.

    Spearman's p is exact up to nine animals without ties, as R's is; above, and with ties, by t.
    """
    import pingouin
    from scipy import stats

    if len(one) < 4:
        raise Unmade("it needs four animals with both values")
    if min(one.nunique(), two.nunique()) < 2:
        raise Unmade("all animals have one value")
    row = pingouin.corr(one, two, method=test).iloc[0]
    p = float(row["p_val"])
    if test == "spearman" and len(one) <= MOST_RANKED and one.is_unique and two.is_unique:
        first, second = stats.rankdata(one), stats.rankdata(two)
        every = stats.permutation_test(
            (first,), lambda dealt, axis: (dealt * second).sum(axis), permutation_type="pairings", n_resamples=np.inf, vectorized=True
        )  # fmt: skip
        p = float(every.pvalue)
    return "r", float(row["r"]), float(len(one) - 2), p
