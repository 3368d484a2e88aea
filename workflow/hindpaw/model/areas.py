"""Areas between and under thresholds over days, and shares of the possible relief: rows of `areas` and `animal_relief`.

The field reads one number an animal. With days d₁ < … < d_K and ℓ = log10 threshold, an animal's area above its baseline is
Σ ½(ℓ_k + ℓ_{k+1} − 2ℓ_b)(d_{k+1} − d_k), ℓ_b its last test after injury and before treatment, and its % of the maximum possible
effect on a day is 100 (g − g_b)/(g_max − g_b), g_max the threshold before injury (or, without one, the heaviest filament).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from hindpaw.findings import several
from hindpaw.model import comparisons, design
from hindpaw.model.comparisons import Answered, Asking, trapezoid
from hindpaw.tables import AnimalRelief, Areas, Filaments, Thresholds

Row = dict[str, Any]

BETWEEN, UNDER, UNDER_G, MPE = (
    "area between curves",
    "area above the baseline, one number an animal",
    "area under the threshold in g, one number an animal",
    "% of the maximum possible effect, one number an animal",
)
COLUMNS = {
    UNDER: (AnimalRelief.auc_log10_g_days, "log10 g × days"),
    UNDER_G: (AnimalRelief.auc_g_days, "g × days"),
    MPE: (AnimalRelief.mpe_percent, "%"),
}


def between(answered: Answered) -> list[Row]:
    """The model's area between the curves of each comparison: the time average times the days it is over."""
    from scipy.special import stdtrit

    rows = []
    for treated, control in comparisons.pairs(answered.question):
        asked = comparisons.over_time(answered, comparisons.named(treated, control), treated, control)
        if asked.L is None or len(asked.days) < 2:
            continue
        span = asked.days[-1] - asked.days[0]
        estimate, se, df, _, p = answered.inference.estimate(asked.L)
        half = float(stdtrit(df, 0.975)) * se
        after = answered.built.after
        n = after.groupby(Thresholds.arm)[Thresholds.animal].nunique()
        rows.append(
            {
                Areas.question: answered.question.key,
                Areas.comparison: asked.comparison,
                Areas.estimand: BETWEEN,
                Areas.method: "mixed model",
                Areas.unit: "log10 g × days",
                Areas.estimate: span * estimate,
                Areas.se: span * se,
                Areas.df: df,
                Areas.lower: span * (estimate - half),
                Areas.upper: span * (estimate + half),
                Areas.p: p,
                Areas.n_treated: int(n.get(treated, 0)),
                Areas.n_control: int(n.get(control, 0)),
                Areas.note: f"days {asked.days[0]:g} to {asked.days[-1]:g}",
            }
        )
    return rows


def animals(asking: Asking, thresholds: pd.DataFrame, filaments: pd.DataFrame) -> list[Row]:
    """One row an animal of the question's arms that was tested after treatment."""
    study, question = asking.study, asking.question
    mine = (thresholds[Thresholds.paw] == question.paw) & thresholds[Thresholds.arm].isin(question.arms)
    frame = (
        thresholds[mine].assign(y=design.at_bound(thresholds[mine])).sort_values([Thresholds.animal, Thresholds.day])
    )
    days = asking.built.days
    rows = []
    for animal, own in frame.groupby(Thresholds.animal, sort=True):
        after = own[own[Thresholds.day] > study.days.treatment]
        if len(after):
            rows.append(_animal(asking, str(animal), own, after, days, filaments))
    return rows


def _animal(
    asking: Asking, animal: str, own: pd.DataFrame, after: pd.DataFrame, days: list[float], filaments: pd.DataFrame
) -> Row:
    """One animal's numbers, empty with the reason where they cannot be had."""
    by_day = after.groupby(Thresholds.day)["y"].mean()
    row: Row = {
        AnimalRelief.question: asking.question.key,
        AnimalRelief.animal: animal,
        AnimalRelief.arm: str(own[Thresholds.arm].iloc[0]),
        AnimalRelief.n_days: len(by_day),
        AnimalRelief.n_censored: int((after[Thresholds.censored] != "none").sum()),
    }
    missed = [day for day in days if day not in by_day.index]
    # Days missed in between lie on the straight line; beyond the first or last test there is nothing to go by.
    if days[0] not in by_day.index or days[-1] not in by_day.index or len(days) < 2:
        told = several([f"{day:g}" for day in missed])
        return row | {AnimalRelief.note: f"no area: not tested on day {told}" if missed else "no area: a single day"}
    notes = [f"day {several([f'{day:g}' for day in missed])} interpolated"] if missed else []
    at, y = by_day.index.to_numpy(float), by_day.to_numpy(float)
    g, span = 10**y, at[-1] - at[0]
    weights = trapezoid(at.tolist())
    row[AnimalRelief.auc_g_days] = float(weights @ g) * span
    base = _baseline(asking, own)
    if base is None:
        return row | {AnimalRelief.note: "; ".join([*notes, "no test between injury and treatment to count from"])}
    row[AnimalRelief.auc_log10_g_days] = float(weights @ (y - base)) * span
    top, caveats = _top(asking, own, filaments)
    if not top > 10**base:
        return row | {
            AnimalRelief.note: "; ".join([*notes, "no possible effect: the baseline is as high as it can be"])
        }
    row[AnimalRelief.mpe_percent] = float(weights @ (100 * (g - 10**base) / (top - 10**base)))
    return row | {AnimalRelief.note: "; ".join([*notes, *caveats]) or None}


def _baseline(asking: Asking, own: pd.DataFrame) -> float | None:
    """The animal's log10 threshold on the baseline day."""
    day = design.baseline_day(asking.study.days, own[Thresholds.day].to_numpy(float))
    rows = own[own[Thresholds.day] == day]
    return float(rows["y"].mean()) if day is not None and day > asking.study.days.injury else None


def _top(asking: Asking, own: pd.DataFrame, filaments: pd.DataFrame) -> tuple[float, list[str]]:
    """The largest threshold that could be hoped for, in g: the one before injury, else the heaviest filament."""
    before = own[own[Thresholds.day] <= asking.study.days.injury]
    if len(before):
        return float(10 ** before.groupby(Thresholds.day)["y"].mean().iloc[-1]), []
    if filaments.empty:
        return math.nan, ["no test before injury and no filament set"]
    return float(filaments[Filaments.force_g].max()), [
        "maximum: the heaviest filament, for want of a test before injury"
    ]


def tests(asking: Asking, found: list[Row]) -> list[Row]:
    """Welch's t and the rank sum of each number between each comparison's arms."""
    frame = pd.DataFrame(
        found, columns=[AnimalRelief.animal, AnimalRelief.arm, *(name for name, _ in COLUMNS.values())]
    )
    rows = []
    for treated, control in comparisons.pairs(asking.question):
        for estimand, (column, unit) in COLUMNS.items():
            a, b = (
                frame.loc[frame[AnimalRelief.arm] == arm, column].dropna().to_numpy(float) for arm in (treated, control)
            )
            shared = {
                Areas.question: asking.question.key,
                Areas.comparison: comparisons.named(treated, control),
                Areas.estimand: estimand,
                Areas.unit: unit,
                Areas.n_treated: len(a),
                Areas.n_control: len(b),
            }
            rows += [shared | one for one in (_welch(a, b), _ranks(a, b))]
    return rows


def _welch(a: np.ndarray, b: np.ndarray) -> Row:
    """Welch's t with its interval."""
    from scipy.special import stdtr, stdtrit

    row: Row = {Areas.method: "Welch t"}
    if min(len(a), len(b)) < 2:
        return row | {Areas.note: "not estimated: an arm has fewer than two animals with a value"}
    parts = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
    se, estimate = math.sqrt(sum(parts)), float(a.mean() - b.mean())
    if se == 0:
        return row | {Areas.estimate: estimate, Areas.note: "not tested: the values do not vary within arms"}
    df = sum(parts) ** 2 / (parts[0] ** 2 / (len(a) - 1) + parts[1] ** 2 / (len(b) - 1))
    half = float(stdtrit(df, 0.975)) * se
    return row | {
        Areas.estimate: estimate,
        Areas.se: se,
        Areas.df: df,
        Areas.lower: estimate - half,
        Areas.upper: estimate + half,
        Areas.p: float(2 * stdtr(df, -abs(estimate / se))),
    }


def _ranks(a: np.ndarray, b: np.ndarray) -> Row:
    """The rank-sum test, exact where values do not tie, with the median of all differences."""
    from scipy.stats import mannwhitneyu

    row: Row = {Areas.method: "rank sum"}
    if not len(a) or not len(b):
        return row | {Areas.note: "not estimated: an arm has no animal with a value"}
    tied = len(np.unique(np.concatenate([a, b]))) < len(a) + len(b)
    exact = not tied and max(len(a), len(b)) <= 50
    found = mannwhitneyu(a, b, method="exact" if exact else "asymptotic")
    median = float(np.median(a[:, None] - b[None, :]))
    told = "estimate: the median of all differences" + ("" if exact else "; p by the normal approximation")
    return row | {Areas.estimate: median, Areas.p: float(found.pvalue), Areas.note: told}
