"""A panel of analytes on one day, and one analyte on several: each a family of comparisons with the control arm."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from hindpaw.model import analytes, compare, linear, units
from hindpaw.model.analytes import Rows
from hindpaw.model.linear import Estimate
from hindpaw.model.simultaneous import holm
from hindpaw.model.thresholds import refused
from hindpaw.model.tobit import TobitError
from hindpaw.study import Question, Study
from hindpaw.tables import AnalyteTests, Concentrations, Contrasts, Fits, Means


def bh(p: np.ndarray) -> np.ndarray:
    """Benjamini and Hochberg's p-values; empty ones stay empty and do not count.

    >>> bh(np.array([0.01, 0.04, 0.03, 0.5])).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]

    References
    ----------
    Benjamini Y, Hochberg Y, J R Stat Soc B 1995;57:289-300, doi 10.1111/j.2517-6161.1995.tb02031.x.
    """
    from scipy.stats import false_discovery_control

    adjusted = np.full_like(p, np.nan)
    known = ~np.isnan(p)
    if known.any():
        adjusted[known] = false_discovery_control(p[known])
    return adjusted


def panel(study: Study, question: Question, concentrations: pd.DataFrame, seed: int) -> Rows:
    """Treated against control for each analyte: rows of `fits contrasts analyte_tests`.

    The p-values are the exact permutations' (of Welch's t, or of censored ranks where values are censored),
    adjusted together by Benjamini and Hochberg; the intervals are of each analyte alone.
    """
    rows, tests, n = [], [], 0
    for analyte in question.analytes:
        frame = units.of(question, analyte, concentrations)
        why = units.short(frame, question.arms, analyte)
        if why:
            rows.append(_unknown(question, analyte, why))
            continue
        found = compare.pair(question, analyte, frame, question.treated, question.control, seed)
        exact = {row[AnalyteTests.method] for row in found.rows if "permutation" in row[AnalyteTests.method]}
        tests += [row | {AnalyteTests.primary: row[AnalyteTests.method] in exact} for row in found.rows]
        n = max(n, len(frame))
        first = next((row for row in found.rows if row.get(AnalyteTests.estimate) is not None), None)
        estimate = found.estimate if found.censored or frame["plate"].nunique() > 1 else _of(first)
        censored = f"{found.censored} of {len(frame)} values outside the limits; " if found.censored else ""
        notes = [estimate.note, f"{censored}p: {found.method}" if censored else ""]
        rows.append(
            analytes.contrast(question, f"{question.treated} − {question.control}", frame, estimate)
            | {Contrasts.analyte: analyte, Contrasts.p: found.p, Contrasts.note: "; ".join(filter(None, notes)) or None}
        )
    if not tests:
        return refused(question, f"not estimated: {rows[0][Contrasts.note].removeprefix('not estimated: ')}")
    adjusted = bh(np.array([row.get(Contrasts.p, math.nan) for row in rows], dtype=float))
    for row, p in zip(rows, adjusted, strict=True):
        row |= {
            Contrasts.family: f"{question.key}, {len(rows)} analytes",
            Contrasts.p_adjusted: p,
            Contrasts.adjustment: "bh",
        }
    deals = next(row[AnalyteTests.note] for row in tests if "permutation" in row[AnalyteTests.method])
    fit = _fit(question, n) | {Fits.note: f"p by exact permutation: {deals}; intervals of each analyte alone"}
    return {"fits": [fit], "effects": [], "means": [], "contrasts": rows, "analyte_tests": tests}


def _of(row: dict[str, Any] | None) -> Estimate:
    """The estimate that a row of `analyte_tests` holds."""
    if row is None:
        return linear.nothing("no method could estimate it")
    names = (AnalyteTests.estimate, AnalyteTests.se, AnalyteTests.df)
    estimate, se, df = (float(row[name]) for name in names)
    lower, upper, p = (float(row[name]) for name in (AnalyteTests.lower, AnalyteTests.upper, AnalyteTests.p))
    return Estimate(estimate, se, df, lower, upper, p, row[AnalyteTests.note] or "")


def _unknown(question: Question, analyte: str, why: str) -> dict[str, Any]:
    """The row of an analyte that cannot be compared."""
    comparison = f"{question.treated} − {question.control}"
    named = {Contrasts.question: question.key, Contrasts.comparison: comparison, Contrasts.analyte: analyte}
    return named | {Contrasts.by: "day", Contrasts.time: question.day, Contrasts.note: why}


def _fit(question: Question, n: int) -> dict[str, Any]:
    """What went in."""
    return {
        Fits.question: question.key,
        Fits.engine: "hindpaw",
        Fits.structure: "Welch, Tobit where censored",
        Fits.formula: f"log10 concentration ~ arm, for each of {len(question.analytes) or 1} analytes",
        Fits.n_animals: n,
        Fits.n_observations: n,
        Fits.n_substituted: 0,
        Fits.converged: True,
        Fits.boundary: False,
    }


def by_day(study: Study, question: Question, concentrations: pd.DataFrame, seed: int) -> Rows:
    """One analyte on each day against the control arm, of animals sampled once: rows of `fits means contrasts`.

    Uncensored on one plate: Dunnett's test with pooled variance, intervals simultaneous. Otherwise the Tobit model,
    exact permutations of each day against the control, adjusted by Holm.

    References
    ----------
    Dunnett CW, J Am Stat Assoc 1955;50:1096-1121, doi 10.1080/01621459.1955.10501294.
    """
    frame = units.of(question, question.outcome, concentrations)
    named = frame[Concentrations.day].map("day {:g}".format)
    frame["cell"] = named.where(frame["arm"] == question.treated, "control")
    days = sorted(frame.loc[frame["arm"] == question.treated, Concentrations.day].unique())
    cells = ("control", *(f"day {day:g}" for day in days))
    few = [cell for cell in cells if (frame["cell"] == cell).sum() < 2]
    if few or len(cells) < 2:
        told = few[0] if few else f"the arm {question.treated}"
        return refused(question, f"not estimated: {told} has fewer than two values of {question.outcome}")
    try:
        model = linear.fit(frame, cells)
    except TobitError as error:
        return refused(question, f"not estimated: {error}")
    simple = not frame["censored"].any() and frame["plate"].nunique() == 1
    rows, tests = (
        _dunnett(question, frame, model, days, seed) if simple else _tobit_days(question, frame, model, days, seed)
    )
    means = [_day_mean(study, question, frame, cell, model.mean(cell)) for cell in cells]
    fit = _fit(question, len(frame)) | {
        Fits.structure: "linear" if simple else "Tobit",
        Fits.formula: f"log10 {question.outcome} ~ day{'' if frame['plate'].nunique() == 1 else ' + plate'}",
        Fits.parameters: f"sigma={model.fitted.sigma!r}",
    }
    return {"fits": [fit], "effects": [], "means": means, "contrasts": rows, "analyte_tests": tests}


def _dunnett(
    question: Question, frame: pd.DataFrame, model: linear.Model, days: list[float], seed: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Every day against the control by Dunnett's test."""
    from scipy.stats import dunnett

    groups = [frame.loc[frame["cell"] == f"day {day:g}", "lower"].to_numpy(float) for day in days]
    control = frame.loc[frame["cell"] == "control", "lower"].to_numpy(float)
    found = dunnett(*groups, control=control, rng=units.generator(seed, question, "dunnett"))
    limits = found.confidence_interval(0.95)
    rows = []
    for place, day in enumerate(days):
        alone = model.difference(f"day {day:g}", "control")
        row = _day_row(question, frame, day, alone)
        low, high = float(limits.low[place]), float(limits.high[place])
        row |= {Contrasts.p_adjusted: float(found.pvalue[place]), Contrasts.adjustment: "dunnett"}
        row |= {Contrasts.lower: low, Contrasts.upper: high}
        rows.append(row | {Contrasts.ratio_lower: 10**low, Contrasts.ratio_upper: 10**high})
    return rows, []


def _tobit_days(
    question: Question, frame: pd.DataFrame, model: linear.Model, days: list[float], seed: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Every day against the control by the Tobit model, p by permutation."""
    rows, tests = [], []
    for day in days:
        part = frame[(frame["cell"] == "control") | (frame[Concentrations.day] == day)]
        found = compare.pair(question, question.outcome, part, question.treated, question.control, seed)
        tests += [row | {AnalyteTests.day: day} for row in found.rows]
        row = _day_row(question, frame, day, model.difference(f"day {day:g}", "control"))
        rows.append(row | {Contrasts.p: found.p, Contrasts.note: f"p: {found.method}; interval of this day alone"})
    for row, p in zip(rows, holm(np.array([row[Contrasts.p] for row in rows])), strict=True):
        row |= {Contrasts.p_adjusted: p, Contrasts.adjustment: "holm"}
    return rows, tests


def _day_row(question: Question, frame: pd.DataFrame, day: float, found: Estimate) -> dict[str, Any]:
    """One day against the control."""
    row = analytes.contrast(question, f"{question.treated} − {question.control}", frame, found)
    return row | {Contrasts.time: day, Contrasts.family: f"{question.key}, days against {question.control}"}


def _day_mean(study: Study, question: Question, frame: pd.DataFrame, cell: str, found: Estimate) -> dict[str, Any]:
    """The mean of the control or of one day."""
    rows = frame[frame["cell"] == cell]
    arm, day = str(rows["arm"].iloc[0]), float(rows[Concentrations.day].iloc[0])
    values = (found.estimate, found.se, found.df, found.lower, found.upper)
    names = (Means.estimate, Means.se, Means.df, Means.lower, Means.upper)
    row = {Means.question: question.key, Means.arm: arm, Means.day: day, Means.week: study.days.week(day)}
    row |= dict(zip(names, values, strict=True))
    return row | {Means.n: len(rows), Means.geometric_mean: 10**found.estimate}
