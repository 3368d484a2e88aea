"""Answers to the questions about thresholds: one mixed model a question."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.findings import several
from hindpaw.model import design, reml, second_engine, simultaneous, smallsample
from hindpaw.model.design import Design
from hindpaw.model.reml import Fit, FitError
from hindpaw.model.smallsample import KenwardRoger
from hindpaw.study import Question, Study
from hindpaw.tables import Contrasts, Effects, Fits, Means, Thresholds

Floats = NDArray[np.float64]
ENGINE = "hindpaw"
METHOD = "Type III F, Kenward–Roger"


def answer(study: Study, question: Question, thresholds: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """The rows a question adds to `fits effects means contrasts`.

    Where the model cannot be fitted the question still has a row in `fits` and in `contrasts`, empty but
    for the reason.
    """
    try:
        built = design.build(study, question, thresholds)
        fitted = reml.fit(built.y, built.X, built.animal)
        kr = smallsample.kenward_roger(fitted)
    except (FitError, np.linalg.LinAlgError) as error:
        return refused(question, f"not estimated: {error}")
    fits = [_fit_row(question, built, fitted), second_engine.compared(question, built, fitted)]
    return {
        "fits": fits,
        "effects": _effects(question, built, fitted, kr),
        "means": _means(study, question, built, fitted, kr),
        "contrasts": _contrasts(study, question, built, fitted, kr),
    }


def refused(question: Question, reason: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of a question that cannot be answered."""
    fit = {
        Fits.question: question.key,
        Fits.engine: ENGINE,
        Fits.structure: question.structure,
        Fits.formula: "none",
        Fits.n_animals: 0,
        Fits.n_observations: 0,
        Fits.n_substituted: 0,
        Fits.converged: False,
        Fits.boundary: False,
        Fits.note: reason,
    }
    contrast = {
        Contrasts.question: question.key,
        Contrasts.comparison: comparison(question),
        Contrasts.by: "overall",
        Contrasts.adjustment: "none",
        Contrasts.note: reason,
    }
    return {"fits": [fit], "effects": [], "means": [], "contrasts": [contrast]}


def comparison(question: Question) -> str:
    """treated − control, by the arms' keys."""
    return f"{question.treated} − {question.control}"


def _fit_row(question: Question, built: Design, fitted: Fit) -> dict[str, Any]:
    """The fit itself."""
    return {
        Fits.question: question.key,
        Fits.engine: ENGINE,
        Fits.structure: question.structure,
        Fits.formula: built.formula,
        Fits.n_animals: int(built.animal.max()) + 1,
        Fits.n_observations: len(built.y),
        Fits.n_substituted: built.n_substituted,
        Fits.parameters: f"tau2={fitted.tau2!r}; sigma2={fitted.sigma2!r}",
        Fits.reml_loglik: fitted.reml_loglik,
        Fits.converged: True,
        Fits.boundary: fitted.boundary,
        Fits.largest_difference: math.nan,
        Fits.note: "; ".join(built.notes) or None,
    }


def _effects(question: Question, built: Design, fitted: Fit, kr: KenwardRoger) -> list[dict[str, Any]]:
    """Type III tests: unweighted cell means, each factor averaged over the other."""
    rows = []
    for term, L in _hypotheses(question, built).items():
        if len(L) == 0:
            continue
        row = {Effects.question: question.key, Effects.term: term, Effects.num_df: len(L), Effects.method: METHOD}
        if np.isnan(L).any():
            rows.append(row | {Effects.method: "not estimable: an arm was not tested on one of the days"})
            continue
        found = smallsample.test(fitted, kr, L)
        method = METHOD if not found.degenerate else "not estimable: Kenward–Roger moments degenerate"
        rows.append(
            row | {Effects.den_df: found.den_df, Effects.F: found.F, Effects.p: found.p, Effects.method: method}
        )
    return rows


def _hypotheses(question: Question, built: Design) -> dict[str, Floats]:
    """The rows of L for each term."""
    cells = np.array([[built.cell(arm, day) for day in built.days] for arm in question.arms])
    by_arm, by_day = cells.mean(axis=1), cells.mean(axis=0)
    differences = cells[1:] - cells[0]
    inner = differences[:, 1:] - differences[:, :1]
    hypotheses = {
        "arm": by_arm[1:] - by_arm[0],
        "day": by_day[1:] - by_day[0],
        "arm:day": inner.reshape(-1, inner.shape[-1]),
    }
    if built.X.shape[1] > len(built.cells):
        hypotheses["baseline"] = np.eye(built.X.shape[1])[-1:]
    return hypotheses


def _estimate(fitted: Fit, kr: KenwardRoger, row: Floats) -> tuple[float, float, float, float, float]:
    """Estimate, standard error, degrees of freedom, t and p of one row of L."""
    estimate, se = float(row @ fitted.beta), float(np.sqrt(row @ kr.adjusted @ row))
    found = smallsample.test(fitted, kr, row[None])
    return estimate, se, found.den_df, estimate / se, found.p


def _means(study: Study, question: Question, built: Design, fitted: Fit, kr: KenwardRoger) -> list[dict[str, Any]]:
    """The estimated mean of each cell, for an animal of average baseline."""
    from scipy.special import stdtrit

    rows = []
    n = built.rows.groupby([Thresholds.arm, Thresholds.day])[Thresholds.animal].nunique()
    for arm, day in built.cells:
        estimate, se, df, _, _ = _estimate(fitted, kr, built.cell(arm, day))
        half = float(stdtrit(df, 0.975)) * se
        rows.append(
            {
                Means.question: question.key,
                Means.arm: arm,
                Means.day: day,
                Means.week: study.days.week(day),
                Means.n: int(n.loc[arm, day]),
                Means.estimate: estimate,
                Means.se: se,
                Means.df: df,
                Means.lower: estimate - half,
                Means.upper: estimate + half,
                Means.geometric_mean: 10**estimate,
            }
        )
    return rows


def _contrasts(study: Study, question: Question, built: Design, fitted: Fit, kr: KenwardRoger) -> list[dict[str, Any]]:
    """Treated − control by week or day as one family, and over all post-treatment days."""
    daily = {day: built.cell(question.treated, day) - built.cell(question.control, day) for day in built.days}
    groups: dict[float, list[float]] = {}
    for day in built.days:
        groups.setdefault(float(study.days.week(day)) if question.by == "week" else day, []).append(day)
    family = [_row(question, built, fitted, kr, time, days, daily) for time, days in groups.items()]
    _adjust(question, family, kr)
    overall = _row(question, built, fitted, kr, math.nan, built.days, daily)
    _interval(overall, _student(overall[Contrasts.df]))
    for row in [*family, overall]:
        row.pop("L")
    return [*family, overall | {Contrasts.by: "overall", Contrasts.p_adjusted: math.nan, Contrasts.adjustment: "none"}]


def _row(
    question: Question,
    built: Design,
    fitted: Fit,
    kr: KenwardRoger,
    time: float,
    days: list[float],
    daily: dict[float, Floats],
) -> dict[str, Any]:
    """One contrast over some days: their equal mean within a week, a trapezoid over all days for the overall one."""
    kept = [day for day in days if not np.isnan(daily[day]).any()]
    row: dict[str, Any] = {
        Contrasts.question: question.key,
        Contrasts.comparison: comparison(question),
        Contrasts.by: question.by,
        Contrasts.time: time,
        Contrasts.adjustment: question.adjust,
        "L": None,
    }
    missing = [f"{day:g}" for day in days if day not in kept]
    if not kept:
        return row | {Contrasts.note: f"not estimable: an arm was not tested on day {several(missing)}"}
    weights = trapezoid(kept) if math.isnan(time) else np.full(len(kept), 1 / len(kept))
    L = weights @ np.stack([daily[day] for day in kept])
    estimate, se, df, t, p = _estimate(fitted, kr, L)
    return row | {
        "L": L,
        Contrasts.estimate: estimate,
        Contrasts.se: se,
        Contrasts.df: df,
        Contrasts.t: t,
        Contrasts.p: p,
        Contrasts.ratio: 10**estimate,
        Contrasts.hedges_g: hedges_g(question, built, fitted, estimate, kept, overall=math.isnan(time)),
        Contrasts.note: f"without day {several(missing)}, on which an arm was not tested" if missing else None,
    }


def trapezoid(days: list[float]) -> Floats:
    """Weights of the time average between the first and the last day; one day weighs 1.

    >>> trapezoid([0, 1, 3]).round(4).tolist()
    [0.1667, 0.5, 0.3333]
    """
    if len(days) == 1:
        return np.ones(1)
    gaps = np.diff(days)
    weights = (np.append(gaps, 0) + np.append(0, gaps)) / 2
    return np.asarray(weights / weights.sum(), dtype=float)


def hedges_g(
    question: Question, built: Design, fitted: Fit, estimate: float, days: list[float], *, overall: bool
) -> float:
    """J(ν) × estimate / SD, ν = n₁ + n₂ − 2, J the small-sample correction of Hedges.

    The SD is the pooled within-arm SD of the animals' means over these days; for the overall contrast the
    fit's √(τ̂² + σ̂²).

    References
    ----------
    Hedges LV, J Educ Stat 1981;6:107-128, doi 10.3102/10769986006002107.
    """
    rows = built.rows[built.rows[Thresholds.day].isin(days)]
    means = rows.groupby([Thresholds.arm, Thresholds.animal])["y"].mean()
    pair = [means[arm] for arm in (question.treated, question.control)]
    nu = len(pair[0]) + len(pair[1]) - 2
    sd = math.sqrt(sum(((arm - arm.mean()) ** 2).sum() for arm in pair) / nu) if nu > 0 else math.nan
    if overall:
        sd = math.sqrt(fitted.tau2 + fitted.sigma2)
    if not sd > 0:
        return math.nan
    return hedges_correction(nu) * estimate / sd


def hedges_correction(nu: int) -> float:
    """J(ν) = Γ(ν/2)/(Γ((ν − 1)/2)·√(ν/2)); not defined for ν = 1.

    >>> round(hedges_correction(10), 4)
    0.9227
    """
    if nu < 2:
        return math.nan
    return math.exp(math.lgamma(nu / 2) - math.lgamma((nu - 1) / 2)) / math.sqrt(nu / 2)


def _adjust(question: Question, family: list[dict[str, Any]], kr: KenwardRoger) -> None:
    """Adjusted p-values, and intervals by the single-step multivariate t."""
    p = np.array([row.get(Contrasts.p, math.nan) for row in family], dtype=float)
    known = [row for row in family if row["L"] is not None]
    for row, adjusted in zip(family, simultaneous.ADJUSTMENTS[question.adjust](p), strict=True):
        row[Contrasts.p_adjusted] = adjusted
        row[Contrasts.family] = f"{question.key} by {question.by} ({len(known)})"
    if known:
        L = np.stack([row["L"] for row in known])
        covariance = L @ kr.adjusted @ L.T
        sd = np.sqrt(np.diag(covariance))
        values = simultaneous.critical(covariance / np.outer(sd, sd), np.array([row[Contrasts.df] for row in known]))
        for row, critical in zip(known, values, strict=True):
            _interval(row, float(critical))
            _compare(row)


def _compare(row: dict[str, Any]) -> None:
    """A note where the adjusted p and the simultaneous interval fall on different sides of 5 %."""
    excludes = row[Contrasts.lower] > 0 or row[Contrasts.upper] < 0
    if excludes != (row[Contrasts.p_adjusted] < 1 - simultaneous.LEVEL):
        told = "the stepwise p and the single-step interval fall on different sides of 5 %"
        row[Contrasts.note] = "; ".join(filter(None, [row[Contrasts.note], told]))


def _student(df: float) -> float:
    """Student's two-sided 95 % point."""
    from scipy.special import stdtrit

    return float(stdtrit(df, 0.975)) if not math.isnan(df) else math.nan


def _interval(row: dict[str, Any], critical: float) -> None:
    """Limits of the contrast and of the ratio."""
    if row.get(Contrasts.estimate) is None:
        return
    half = critical * row[Contrasts.se]
    row[Contrasts.lower], row[Contrasts.upper] = row[Contrasts.estimate] - half, row[Contrasts.estimate] + half
    row[Contrasts.ratio_lower], row[Contrasts.ratio_upper] = 10 ** row[Contrasts.lower], 10 ** row[Contrasts.upper]
