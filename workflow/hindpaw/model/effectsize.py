"""Hedges' g with an interval by parametric bootstrap."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.model import batch
from hindpaw.model.design import Design
from hindpaw.model.errors import FitError
from hindpaw.model.solution import Solution
from hindpaw.tables import Thresholds

Floats = NDArray[np.float64]

DRAWS = 2000
TAILS = (0.025, 0.975)


def hedges_correction(nu: int) -> float:
    """J(ν) = Γ(ν/2)/(Γ((ν − 1)/2)·√(ν/2)); not defined for ν = 1.

    >>> round(hedges_correction(10), 4)
    0.9227

    References
    ----------
    Hedges LV, J Educ Stat 1981;6:107-128, doi 10.3102/10769986006002107.
    """
    if nu < 2:
        return math.nan
    return math.exp(math.lgamma(nu / 2) - math.lgamma((nu - 1) / 2)) / math.sqrt(nu / 2)


def drawn(solved: Solution, outcomes: int, rng: np.random.Generator) -> Floats:
    """(n, outcomes) outcomes drawn from a fitted model, for its parametric bootstrap."""
    made = np.empty((len(solved.rows.y), outcomes))
    mean = solved.basis.X @ (solved.basis.inverse @ solved.beta)
    for at, V in solved.blocks():
        values, vectors = np.linalg.eigh(V)
        half = vectors * np.sqrt(np.clip(values, 0, None))
        made[at] = mean[at, None] + half @ rng.standard_normal((len(at), outcomes))
    return made


class Standardized:
    """Standardized differences of one fitted question: J(ν) × estimate / SD.

    SD is the pooled within-arm SD of the animals' means over the days of a contrast, ν its degrees of freedom; for
    the time average √(τ̂² + σ̂²) of the random-intercept fit without covariate.

    Parameters
    ----------
    built, solved : the design and its fit
    rng : draws the bootstrap
    """

    def __init__(self, built: Design, solved: Solution, rng: np.random.Generator) -> None:
        self.built, self.solved, self.rng = built, solved, rng

    @cached_property
    def outcomes(self) -> Floats:
        """(n, 1 + draws) the outcome, and outcomes drawn from the fitted model."""
        return np.column_stack([self.solved.rows.y, drawn(self.solved, DRAWS, self.rng)])

    def of(
        self, L: Floats, treated: str, control: str, days: list[float], *, overall: bool
    ) -> tuple[float, float, float]:
        """g and its 95 % interval for one contrast; NaN where it cannot be had.

        The estimate of each draw is generalized least squares at the fitted covariance; the SD is computed again.
        """
        pair, means = self._means(treated, control, days)
        nu = sum(len(arm) for arm in pair) - 2
        if nu < 2:
            return (math.nan,) * 3
        sd = self._total_sd if overall else np.sqrt(sum(_squares(means[arm]) for arm in pair) / nu)
        if not sd[0] > 0:
            return (math.nan,) * 3
        estimates = self.solved.weights(L[None]) @ self.outcomes
        g = hedges_correction(nu) * estimates[0] / sd
        low, high = np.quantile(g[1:], TAILS)
        return float(g[0]), float(low), float(high)

    def _means(self, treated: str, control: str, days: list[float]) -> tuple[list[NDArray[np.int64]], Floats]:
        """The animals of both arms, as rows of their means over these days (animals, 1 + draws)."""
        frame = self.built.frame
        mine = (frame[Thresholds.day].isin(days) & ~frame["baseline"]).to_numpy(bool)
        codes, animals = pd.factorize(frame.loc[mine, Thresholds.animal])
        totals = np.zeros((len(animals), self.outcomes.shape[1]))
        np.add.at(totals, codes, self.outcomes[mine])
        means = totals / np.bincount(codes)[:, None]
        arm = frame[mine].drop_duplicates(Thresholds.animal)[Thresholds.arm].to_numpy(str)
        return [np.flatnonzero(arm == name) for name in (treated, control)], means

    @cached_property
    def _total_sd(self) -> Floats:
        """(1 + draws,) √(τ̂² + σ̂²) of a random intercept, without covariate."""
        after = (~self.built.frame["baseline"]).to_numpy(bool)
        X = self.solved.rows.X[after][:, : len(self.built.cells)]
        outcomes = self.outcomes[after]
        animal = pd.factorize(self.solved.rows.animal[after])[0].astype(np.int64)
        try:
            refits = batch.refit(batch.design(X, animal), outcomes, np.zeros((0, X.shape[1])))
        except FitError:
            return np.full(outcomes.shape[1], math.nan)
        return np.asarray(np.sqrt(refits.tau2 + refits.sigma2))


def _squares(values: Floats) -> Floats:
    """Sums of squares about the mean, down the columns."""
    return np.asarray(((values - values.mean(axis=0)) ** 2).sum(axis=0))
