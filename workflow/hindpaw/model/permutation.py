"""Exact permutation of two groups: of Welch's t, or of ranks in which censored values tie where they must."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hindpaw.model import deals

Floats = NDArray[np.float64]
TIE = 1e-9


@dataclass(frozen=True)
class Permutation:
    """A permutation test.

    Parameters
    ----------
    p : two-sided
    n_deals : how many deals of the labels were looked at
    enumerated : whether these are all; else a seeded sample with the +1 rule
    smallest_p : the smallest p that the design can give
    """

    p: float
    n_deals: int
    enumerated: bool
    smallest_p: float


def scores(lower: Floats, upper: Floats) -> Floats:
    """For each value, how many others are certainly lower minus how many are certainly higher.

    Gehan's scores for bounds: two values are ordered only where their intervals do not overlap; of two
    censored at the same limit neither is larger. Without censoring they are 2·rank − n − 1.

    >>> scores(np.array([-np.inf, -np.inf, 3.0, 5.0]), np.array([2.0, 2.0, 3.0, 5.0])).tolist()
    [-2.0, -2.0, 1.0, 3.0]

    References
    ----------
    Gehan EA, Biometrika 1965;52:203-223, doi 10.1093/biomet/52.1-2.203.
    """
    known = lower == upper
    below = (upper[:, None] < lower[None, :]) | (
        (upper[:, None] <= lower[None, :]) & ~(known[:, None] & known[None, :])
    )
    np.fill_diagonal(below, False)
    found: Floats = below.sum(axis=0).astype(float) - below.sum(axis=1)
    return found


def of_scores(
    values: Floats, treated: NDArray[np.bool_], strata: NDArray[np.int_], rng: np.random.Generator
) -> Permutation:
    """The permutation test of the treated group's sum of scores, labels dealt within strata."""
    dealt = deals.of(treated, strata, rng)
    centre = _expected(values, treated, strata)
    sums = values[dealt.treated].sum(axis=1)
    observed = float(values[treated].sum())
    return _found(np.abs(sums - centre), abs(observed - centre), dealt.enumerated)


def of_welch(y: Floats, treated: NDArray[np.bool_], strata: NDArray[np.int_], rng: np.random.Generator) -> Permutation:
    """The permutation test of |t| with each group's own variance; 0/0 is t = 0."""
    dealt = deals.of(treated, strata, rng)
    k, n = int(treated.sum()), len(y)
    # Centred, so that sums of squares do not cancel.
    y = y - y.mean()
    first, second = y[dealt.treated].sum(axis=1), (y**2)[dealt.treated].sum(axis=1)
    statistics = _welch(first, second, k, y.sum(), float((y**2).sum()), n)
    own = _welch(np.array([y[treated].sum()]), np.array([(y[treated] ** 2).sum()]), k, y.sum(), float((y**2).sum()), n)
    return _found(statistics, float(own[0]), dealt.enumerated)


def _welch(first: Floats, second: Floats, k: int, total: float, squares: float, n: int) -> Floats:
    """|t| from the treated group's sum and sum of squares."""
    m = n - k
    mean, other = first / k, (total - first) / m
    a = np.maximum(second - k * mean**2, 0) / (k - 1)
    b = np.maximum(squares - second - m * other**2, 0) / (m - 1)
    difference, se = np.abs(mean - other), np.sqrt(a / k + b / m)
    tiny = 1e-12 * math.sqrt(squares / n) if squares else 0.0
    return np.where(difference <= tiny, 0.0, difference / np.maximum(se, 1e-300))


def _expected(values: Floats, treated: NDArray[np.bool_], strata: NDArray[np.int_]) -> float:
    """The mean of the sum over all deals."""
    groups = [strata == stratum for stratum in np.unique(strata)]
    return float(sum(values[group].mean() * treated[group].sum() for group in groups))


def _found(statistics: Floats, observed: float, every: bool) -> Permutation:
    """p with ties counted, and the smallest that could have been."""
    n = len(statistics)
    reached = int((statistics >= observed - TIE * max(1.0, abs(observed))).sum())
    most = int((statistics >= statistics.max() - TIE * max(1.0, float(statistics.max()))).sum())
    p = reached / n if every else (reached + 1) / (n + 1)
    return Permutation(p, n, every, most / n if every else 1 / (n + 1))
