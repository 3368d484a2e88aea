"""Tests of what a mixed model assumes: shapes, variances, serial correlation, sphericity, and the scale."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hindpaw.model import design, scale, solution, sphericity
from hindpaw.model.design import Design
from hindpaw.model.errors import FitError
from hindpaw.model.residuals import Apart
from hindpaw.model.solution import Solution
from hindpaw.study import Question, Study
from hindpaw.tables import Assumptions, Fits, Thresholds

Floats = NDArray[np.float64]
Row = dict[str, Any]
LAGS = 5
LEAST_PAIRS = 4


def rows(study: Study, question: Question, built: Design, solved: Solution, apart: Apart, fit: Row) -> list[Row]:
    """The table `assumptions` of one question; a test that cannot be made has a row that says why.

    Parameters
    ----------
    fit : the question's row of `fits`, which holds the test of serial correlation already
    """
    animals = built.rows.animal
    found = [
        _normal("normal residuals", apart.standardized, _bounds(built)),
        _normal_intercepts(solved, apart, animals),
        *(_equal_variance(study, question, built, solved, by) for by in ("by-week", "by-arm")),
        _serial(fit, built),
        *_by_lag(apart.standardized, animals, built),
        *_sphericity(built),
        *_scale(solved, built),
    ]
    return [{Assumptions.question: question.key, Assumptions.n: 0, **row} for row in found]


def _bounds(built: Design) -> str | None:
    """How many rows stand at a limit, which no residual of a normal does."""
    return f"{built.n_substituted} of the values entered at a limit" if built.n_substituted else None


def _normal(assumption: str, values: Floats, note: str | None) -> Row:
    """Shapiro and Wilk's test, which needs three values that differ."""
    from scipy.stats import shapiro

    row: Row = {Assumptions.assumption: assumption, Assumptions.test: "Shapiro–Wilk", Assumptions.n: len(values)}
    if len(values) < 3 or np.ptp(values) < 1e-12:
        return row | {Assumptions.note: "not made: it needs three values that differ"}
    # Its p is approximated from samples up to 5 000.
    if len(values) > 5000:
        return row | {Assumptions.note: "not made: its p is known up to 5 000 values; see the drawing"}
    W, p = shapiro(values)
    return row | {Assumptions.statistic: float(W), Assumptions.p: float(p), Assumptions.note: note}


def _normal_intercepts(solved: Solution, apart: Apart, animals: NDArray[np.int64]) -> Row:
    """The predicted intercepts, one an animal."""
    name, test = "normal intercepts", "Shapiro–Wilk"
    if apart.intercept is None:
        why = f"not made: the structure {solved.structure.label} has no random intercept of animals"
        return {Assumptions.assumption: name, Assumptions.test: test, Assumptions.note: why}
    if "tau2" in solved.edge:
        why = "not made: the variance between animals is 0, so all predicted intercepts are"
        return {Assumptions.assumption: name, Assumptions.test: test, Assumptions.note: why}
    one_each = apart.intercept[np.unique(animals, return_index=True)[1]]
    return _normal(name, one_each, "predicted (shrunken) intercepts look more normal than the true ones")


def _equal_variance(study: Study, question: Question, built: Design, solved: Solution, by: str) -> Row:
    """The restricted likelihood-ratio test of one residual variance against one for each week, or each arm."""
    from scipy.special import chdtrc

    word = {"by-week": "weeks", "by-arm": "arms"}[by]
    row: Row = {
        Assumptions.assumption: f"equal variance over {word}",
        Assumptions.test: "REML likelihood ratio, χ²",
        Assumptions.n: len(built.rows.y),
    }
    name = solved.structure.label.removeprefix("cage/")
    if name not in ("cs", "ar1", "cs+ar1"):
        return row | {Assumptions.note: f"not made: the structure {name} takes one residual variance only"}
    fitted = {}
    for variance in ("constant", by):
        names, codes = design.strata(study.days, dataclasses.replace(question, variance=variance), built.frame)
        if question.variance == variance:
            fitted[variance] = solved
            continue
        try:
            fitted[variance] = solution.solve(dataclasses.replace(built.rows, strata=names, stratum=codes), name)
        except FitError as error:
            return row | {Assumptions.note: f"not made: {error}"}
    extra = len(fitted[by].rows.strata) - len(fitted["constant"].rows.strata)
    if extra < 1:
        return row | {Assumptions.note: f"not made: there is one of the {word} only"}
    statistic = max(0.0, 2 * (fitted[by].loglik - fitted["constant"].loglik))
    note = "the model has these variances already" if question.variance == by else None
    numbers = {Assumptions.statistic: statistic, Assumptions.num_df: extra}
    return row | numbers | {Assumptions.p: float(chdtrc(extra, statistic)), Assumptions.note: note}


def _serial(fit: Row, built: Design) -> Row:
    """The test of serial correlation, as it stands with the fit."""
    row: Row = {
        Assumptions.assumption: "no serial correlation",
        Assumptions.test: "REML likelihood ratio of cs against cs+ar1, ½χ²₀ + ½χ²₁",
        Assumptions.n: len(built.rows.y),
    }
    if Fits.serial_p not in fit:
        return row | {Assumptions.note: "not made: it needs three test days and a model with cs+ar1"}
    return row | {
        Assumptions.statistic: fit[Fits.serial_lrt],
        Assumptions.p: fit[Fits.serial_p],
        Assumptions.estimate: fit[Fits.serial_rho],
        Assumptions.note: "estimate: correlation at the median gap between days under cs+ar1",
    }


def _by_lag(values: Floats, animals: NDArray[np.int64], built: Design) -> list[Row]:
    """The autocorrelation of the whitened residuals, by test days apart; all near 0 where the structure fits.

    r_k = mean of z_t z_(t+k) over pairs of one animal, over the mean of z²; expected within ±1.96/√pairs.
    """
    days = built.frame[Thresholds.day].to_numpy(float)
    occasion = np.searchsorted(np.unique(days), days)
    grid = np.full((int(animals.max()) + 1, int(occasion.max()) + 1), np.nan)
    grid[animals, occasion] = values
    found = []
    for lag in range(1, min(LAGS, grid.shape[1] - 1) + 1):
        products = (grid[:, lag:] * grid[:, :-lag]).ravel()
        pairs = products[~np.isnan(products)]
        if len(pairs) < LEAST_PAIRS:
            continue
        band = 1.96 / math.sqrt(len(pairs))
        found.append(
            {
                Assumptions.assumption: "no serial correlation",
                Assumptions.test: "autocorrelation of whitened residuals",
                Assumptions.lag: lag,
                Assumptions.estimate: float(pairs.mean() / np.nanmean(grid**2)),
                Assumptions.lower: -band,
                Assumptions.upper: band,
                Assumptions.n: len(pairs),
                Assumptions.note: "limits: where 95 % lie without serial correlation",
            }
        )
    return found


def _sphericity(built: Design) -> list[Row]:
    """Mauchly's test and both ε, of the animals tested on every day after treatment, pooled within arms."""
    after = built.after
    wide = after.pivot_table(index=[Thresholds.arm, Thresholds.animal], columns=Thresholds.day, values="y").dropna()
    arm = np.unique(wide.index.get_level_values(0), return_inverse=True)[1].astype(np.int64)
    found = sphericity.of(wide.to_numpy(float), arm) if len(wide) else None
    base: Row = {Assumptions.assumption: "sphericity", Assumptions.n: len(wide)}
    if found is None:
        days = int(after[Thresholds.day].nunique())
        why = f"not made: {len(wide)} animals with all of {days} days are too few, or the days fewer than three"
        return [base | {Assumptions.test: "Mauchly", Assumptions.note: why}]
    complete = "animals tested on every day, without covariates"
    test = {Assumptions.test: "Mauchly", Assumptions.statistic: found.W, Assumptions.num_df: found.df}
    return [
        base | test | {Assumptions.p: found.p, Assumptions.note: complete},
        base | {Assumptions.test: "Greenhouse–Geisser ε", Assumptions.estimate: found.greenhouse_geisser},
        base
        | {
            Assumptions.test: "Huynh–Feldt ε",
            Assumptions.estimate: min(1.0, found.huynh_feldt),
            Assumptions.note: "with Lecoutre's correction, at most 1",
        },
    ]


def _scale(solved: Solution, built: Design) -> list[Row]:
    """Box and Cox's power: whether log and raw grams agree with the data."""
    from scipy.special import chdtrc

    base: Row = {Assumptions.assumption: "scale", Assumptions.n: len(built.rows.y)}
    try:
        found = scale.power(solved)
    except FitError as error:
        return [base | {Assumptions.test: "Box–Cox power λ", Assumptions.note: f"not made: {error}"}]
    numbers = {Assumptions.estimate: found.best, Assumptions.lower: found.lower, Assumptions.upper: found.upper}
    return [
        base
        | numbers
        | {Assumptions.test: test, Assumptions.statistic: drop, Assumptions.num_df: 1}
        | {Assumptions.p: float(chdtrc(1, drop)), Assumptions.note: "covariates stay as they are"}
        for test, drop in (
            ("Box–Cox, logarithm (λ = 0)", found.drop_log),
            ("Box–Cox, raw grams (λ = 1)", found.drop_raw),
        )
    ]
