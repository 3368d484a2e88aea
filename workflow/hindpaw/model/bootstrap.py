"""Intervals from resampled units: bootstrap-t with few animals, BCa with twenty an arm, percentiles where neither can be had."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hindpaw.model import batch, reweighting, solution
from hindpaw.model.effectsize import drawn
from hindpaw.model.errors import FitError
from hindpaw.model.reweighting import Contributions, Reweighted
from hindpaw.model.solution import Solution

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

RESAMPLES = 1999
# Refits of a structure that has no batch are searched for one by one.
SEARCHED = 199
TAILS = (0.025, 0.975)
# The q-quantile is the (B + 1)q-th smallest.
PLACES: Final = "weibull"
# From this many units in the smaller arm on BCa, widened, holds its level; with 5 or 6 plain BCa covers 87–90 %.
ENOUGH = 20
METHODS = ("bootstrap-t of {}s", "BCa of {}s, limits widened for their number")


@dataclass(frozen=True)
class Interval:
    """One quantity's 95 % interval from B resamples."""

    se: float
    lower: float
    upper: float
    resamples: int
    failed: int


@dataclass(frozen=True)
class Widening:
    """How much further out the limits of BCa lie than a normal's: resamples of n units vary too little, by (n − 1)/n.

    The normal quantile z of a tail becomes √(n/(n − 1)) t, with Σ(n − 1) degrees of freedom over the strata drawn from. By
    default nothing is widened.

    References
    ----------
    Hesterberg TC, Am Stat 2015;69:371-386, doi 10.1080/00031305.2015.1089789 (the expanded percentile interval).

    Two strata of 20, √(20/19) × 2.024:

    >>> round(float(Widening.of([20, 20]).z(0.975)), 3), round(float(Widening().z(0.975)), 3)
    (2.077, 1.96)
    """

    factor: float = 1.0
    df: float = math.inf

    @classmethod
    def of(cls, counts: Sequence[int]) -> Widening:
        """Of strata with these numbers of units; the smallest decides the factor."""
        least = min(counts)
        return cls(math.sqrt(least / (least - 1)), float(sum(counts) - len(counts)))

    def z(self, tail: float | Floats) -> Floats:
        """The quantile of a tail."""
        from scipy.special import stdtrit

        return np.asarray(self.factor * stdtrit(self.df, tail))

    def tail(self, z: float) -> float:
        """The tail of a quantile."""
        from scipy.special import stdtr

        return float(stdtr(self.df, z / self.factor))


PLAIN = Widening()


@dataclass(frozen=True)
class Resampled:
    """One question's fit under resampled units.

    Parameters
    ----------
    own : the estimates of the data, B = 1
    drawn : of the resamples
    left_out : of the data without each unit in turn
    """

    own: Reweighted
    drawn: Reweighted
    left_out: Reweighted


def resampled(
    solved: Solution, units: Contributions, strata: Whole, L: Floats, rng: np.random.Generator, times: int = RESAMPLES
) -> Resampled:
    """The estimates of L in the data, in resamples of units within strata, and without each unit.

    Parameters
    ----------
    strata : (m,) codes of the units' arms (and cohorts)
    L : (q, columns of X)
    """
    m = len(strata)
    weightings = (np.ones((1, m)), reweighting.resamples(strata, times, rng), 1 - np.eye(m))
    return Resampled(*(reweighting.reweighted(solved, units, w, L) for w in weightings))


def studentized(estimate: float, se: float, estimates: Floats, errors: Floats) -> Interval:
    """The bootstrap-t interval: estimate − se·quantiles of (θ* − θ)/se*.

    References
    ----------
    Efron B, Tibshirani RJ, An Introduction to the Bootstrap, Chapman & Hall 1993, ISBN 978-0-412-04231-7, chapter 12.

    Three resamples, with t of −1, 0 and 2: the 95 % limits lie at the outermost.

    >>> found = studentized(1.0, 0.5, np.array([0.5, 1.0, 2.0]), np.array([0.5, 0.5, 0.5]))
    >>> round(found.lower, 3), round(found.upper, 3)
    (0.0, 1.5)
    """
    sound = np.isfinite(estimates) & (errors > 0)
    if not sound.any() or not se > 0:
        return Interval(math.nan, math.nan, math.nan, int(sound.sum()), int((~sound).sum()))
    t = (estimates[sound] - estimate) / errors[sound]
    low, high = np.quantile(t, TAILS, method=PLACES)
    spread = float(np.std(estimates[sound], ddof=1)) if sound.sum() > 1 else math.nan
    return Interval(
        spread, float(estimate - high * se), float(estimate - low * se), int(sound.sum()), int((~sound).sum())
    )


def accelerated(estimate: float, estimates: Floats, left_out: Floats, wider: Widening = PLAIN) -> Interval:
    """The BCa interval.

    Parameters
    ----------
    estimates : (B,) of the resamples; NaN where one could not be had
    left_out : (m,) without each unit in turn
    wider : how much further out the limits lie

    References
    ----------
    Efron B, J Am Stat Assoc 1987;82:171-185, doi 10.1080/01621459.1987.10478410.
    """
    from scipy.special import ndtr

    kept = estimates[np.isfinite(estimates)]
    failed = len(estimates) - len(kept)
    if len(kept) < 2:
        return Interval(math.nan, math.nan, math.nan, len(kept), failed)
    z0, a = _corrections(estimate, kept, left_out)
    z = z0 + wider.z(np.array(TAILS))
    low, high = np.quantile(kept, ndtr(z0 + z / (1 - a * z)), method=PLACES)
    return Interval(float(np.std(kept, ddof=1)), float(low), float(high), len(kept), failed)


def accelerated_p(estimate: float, estimates: Floats, left_out: Floats, wider: Widening = PLAIN) -> float:
    """Twice the smaller tail at which the BCa interval's limit is 0."""
    kept = estimates[np.isfinite(estimates)]
    if len(kept) < 2:
        return math.nan
    z0, a = _corrections(estimate, kept, left_out)
    away = _normal((kept < 0).sum() + (kept == 0).sum() / 2, len(kept)) - z0
    tail = wider.tail(away / (1 + a * away) - z0)
    return 2 * min(tail, 1 - tail)


def _normal(count: float, n: int) -> float:
    """The normal quantile of a share, half a resample away from 0 and 1."""
    from scipy.special import ndtri

    return float(ndtri(np.clip(count / n, 0.5 / n, 1 - 0.5 / n)))


def _corrections(estimate: float, kept: Floats, left_out: Floats) -> tuple[float, float]:
    """Bias correction z₀ and acceleration a."""
    z0 = _normal((kept < estimate).sum() + (kept == estimate).sum() / 2, len(kept))
    away = np.nanmean(left_out) - left_out[np.isfinite(left_out)]
    squares = float((away**2).sum())
    return z0, float((away**3).sum() / (6 * squares**1.5)) if squares > 0 else 0.0


def percentile(estimates: Floats) -> Interval:
    """The middle 95 % of the estimates."""
    kept = estimates[np.isfinite(estimates)]
    failed = len(estimates) - len(kept)
    if len(kept) < 2:
        return Interval(math.nan, math.nan, math.nan, len(kept), failed)
    low, high = np.quantile(kept, TAILS, method=PLACES)
    return Interval(float(np.std(kept, ddof=1)), float(low), float(high), len(kept), failed)


def variances(solved: Solution, rng: np.random.Generator) -> dict[str, Interval]:
    """Every variance parameter with its interval: outcomes drawn from the fit and fitted again.

    A random intercept's outcomes are fitted all at once, those of other structures one by one.
    """
    if solved.structure.label == "cs" and len(solved.rows.strata) == 1:
        Y = drawn(solved, RESAMPLES, rng)
        known = batch.design(solved.rows.X, solved.rows.animal)
        refits = batch.refit(known, Y, np.zeros((0, solved.rows.X.shape[1])))
        found = {"tau2": refits.tau2, "sigma2": refits.sigma2}
    else:
        found = _searched(solved, rng)
    return {name: percentile(values) for name, values in found.items()}


def _searched(solved: Solution, rng: np.random.Generator) -> dict[str, Floats]:
    """The parameters of each redrawn outcome; NaN where it could not be fitted."""
    rows, name = solved.rows, solved.structure.label.removeprefix("cage/")
    values = np.full((SEARCHED, len(solved.theta)), np.nan)
    for number, y in enumerate(drawn(solved, SEARCHED, rng).T):
        try:
            again = solution.solve(
                solution.Rows(y, rows.X, rows.animal, rows.cage, rows.day, rows.stratum, rows.strata), name
            )
        except FitError:
            continue
        values[number] = list(again.reported.values())
    return dict(zip(solved.reported, values.T, strict=True))
