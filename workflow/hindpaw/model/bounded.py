"""A question about thresholds of which some are only bounds: its interval-censored model, and tests by its likelihood."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hindpaw.model import solution
from hindpaw.model.censored import ordered
from hindpaw.model.comparisons import Asked, Asking
from hindpaw.model.design import Design
from hindpaw.model.profile import Along, Likelihood, Scale, Values
from hindpaw.model.smallsample import Inference
from hindpaw.tables import Thresholds

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bounded:
    """A question's interval-censored model.

    Parameters
    ----------
    asking : study, question and design
    likelihood : of its values
    reml, ml : random-intercept fits of the same rows with censored values at their bound; they give the degrees of
        freedom of each contrast and what full maximum likelihood takes off its variance
    """

    asking: Asking
    likelihood: Likelihood
    reml: solution.Solution
    ml: solution.Solution

    @cached_property
    def inference(self) -> Inference:
        """Kenward–Roger of the substituted values."""
        return Inference(self.reml)

    def scale(self, L: Floats) -> Scale:
        """The scale of a contrast's likelihood ratio: Kenward–Roger's ν, and b = var(ML)/var(REML) of Lβ.

        Without censoring, in a balanced design, t is then the t of the contrast exactly.
        """
        own = self.reml.coordinates(L[None])
        shrink = float((own @ self.ml.phi @ own.T)[0, 0] / (own @ self.reml.phi @ own.T)[0, 0])
        return Scale(float(self.inference.estimate(L)[2]), min(shrink, 1.0))

    @property
    def primary(self) -> bool:
        """Whether more than the study's share of the values is censored."""
        return self.asking.built.censored_share > self.asking.study.censored_share


def values_of(built: Design) -> Values:
    """The rows' bounds on the log10 scale, in the order the likelihood wants."""
    frame, rows = built.frame, built.rows
    known = frame[Thresholds.censored] == "none"
    with np.errstate(divide="ignore"):
        low = np.log10(frame[Thresholds.lower_g].astype(float)).fillna(-math.inf)
        high = np.log10(frame[Thresholds.upper_g].astype(float)).fillna(math.inf)
    lower = frame[Thresholds.log10_threshold].where(known, low).to_numpy(float)
    upper = frame[Thresholds.log10_threshold].where(known, high).to_numpy(float)
    order = ordered(rows.animal, rows.cage)
    cage = None if rows.cage is None else rows.cage[order]
    stratum = None if rows.stratum is None else rows.stratum[order]
    return Values(lower[order], upper[order], rows.X[order], rows.animal[order], cage, stratum)


def fitted(asking: Asking) -> Bounded:
    """The model of a question.

    Raises
    ------
    FitError
        Where it has no finite maximum.
    """
    rows = asking.built.rows
    likelihood = Likelihood(values_of(asking.built)).settled()
    reml, ml = (solution.solve(rows, "cs", method=method) for method in ("REML", "ML"))
    return Bounded(asking, likelihood, reml, ml)


@dataclass(frozen=True)
class Tested:
    """A comparison with the likelihood along it.

    Parameters
    ----------
    ratio : likelihood ratio of no difference, against the ceiling where the contrast runs away to one side; NaN where
        it does to both
    t, p : the ratio as Student's t, and its two-sided p
    """

    asked: Asked
    along: Along
    scale: Scale
    ratio: float
    t: float
    p: float

    @property
    def usable(self) -> bool:
        """Whether the data say anything of it."""
        return not math.isnan(self.p)

    def limits(self, critical: float) -> tuple[float, float]:
        """Where |t| of the ratio reaches a critical value; NaN where it never does."""
        if not self.usable:
            return math.nan, math.nan
        return self.along.limit(self.scale, critical, -1), self.along.limit(self.scale, critical, 1)


def tested(model: Bounded, asked: Asked) -> Tested | None:
    """A comparison against no difference; None where no data speak of it."""
    if asked.L is None or not model.reml.estimable(asked.L[None])[0]:
        return None
    along, scale = model.likelihood.contrast(asked.L), model.scale(asked.L)
    if along.falls and along.rises:
        return Tested(asked, along, scale, math.nan, math.nan, math.nan)
    return Tested(asked, along, scale, *against(along, scale, 0.0))


def against(along: Along, scale: Scale, c: float) -> tuple[float, float, float]:
    """Likelihood ratio of Lβ = c, its signed t, and the two-sided p."""
    from scipy.special import stdtr

    ratio = along.ratio(c)
    sign = math.copysign(1.0, along.estimate - c) if along.known else 1.0 if along.rises else -1.0
    t = sign * scale.t(ratio)
    return ratio, t, 2 * float(stdtr(scale.df, -abs(t)))


def which(lower: float, upper: float) -> str:
    """Which limits are known."""
    known = (not math.isnan(lower), not math.isnan(upper))
    return {(True, True): "both", (True, False): "at least", (False, True): "at most", (False, False): "none"}[known]
