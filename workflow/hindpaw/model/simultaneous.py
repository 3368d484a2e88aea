"""Families of comparisons: adjusted p-values and intervals that hold together."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Fixed points, so that a family gives the same value on every machine; the error of a probability is about 1e-4.
LOG2_POINTS = 12
LEVEL = 0.95
NODES = 4
EXACTLY_DEPENDENT = 1e-9


def _stepwise(p: Floats, factors: Callable[[int], Floats], *, down: bool) -> Floats:
    """Ordered p-values times their factors, made monotone; empty ones stay empty and do not count."""
    adjusted = np.full_like(p, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    steps = p[order] * factors(len(order))
    monotone = np.maximum.accumulate(steps) if down else np.minimum.accumulate(steps[::-1])[::-1]
    adjusted[order] = np.minimum(monotone, 1.0)
    return adjusted


def holm(p: Floats) -> Floats:
    """Holm's step-down p-values: p₍ᵢ₎ is multiplied by m − i + 1 and may not fall below the one before it.

    >>> holm(np.array([0.01, 0.04, 0.03])).round(2).tolist()
    [0.03, 0.06, 0.06]

    References
    ----------
    Holm S, Scand J Stat 1979;6:65-70, https://www.jstor.org/stable/4615733.
    """
    return _stepwise(p, lambda m: np.arange(m, 0, -1.0), down=True)


def benjamini_hochberg(p: Floats) -> Floats:
    """False discovery rates: p₍ᵢ₎ is multiplied by m/i and may not rise above the one after it.

    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]

    References
    ----------
    Benjamini Y, Hochberg Y, J R Stat Soc B 1995;57:289-300, doi 10.1111/j.2517-6161.1995.tb02031.x.
    """
    return _stepwise(p, lambda m: m / np.arange(1.0, m + 1), down=False)


def bonferroni(p: Floats) -> Floats:
    """Each p times the number of comparisons that could be made.

    >>> bonferroni(np.array([0.01, 0.6])).tolist()
    [0.02, 1.0]
    """
    return np.minimum(p * np.sum(~np.isnan(p)), 1.0)


OF_P: dict[str, Callable[[Floats], Floats]] = {
    "holm": holm,
    "bonferroni": bonferroni,
    "bh": benjamini_hochberg,
    "none": lambda p: p,
}
ADJUSTMENTS = (*OF_P, "mvt", "mvt-step-down")


def adjusted(p: Floats, t: Floats, df: Floats, correlation: Floats, by: str) -> Floats:
    """Adjusted p-values of one family.

    Parameters
    ----------
    p, t, df : (q,) of each comparison
    correlation : (q, q) of the estimates; used by `mvt` and `mvt-step-down`
    by : one of `ADJUSTMENTS`
    """
    if by in OF_P:
        return OF_P[by](p)
    return single_step(t, df, correlation) if by == "mvt" else step_down(t, df, correlation)


def inside(correlation: Floats, limit: Floats, df: float) -> float:
    """P(|T_i| < limit_i for every i) of a multivariate t, by Genz's separation of variables.

    Parameters
    ----------
    correlation : (q, q), of any rank
    limit : (q,) positive limits
    df : degrees of freedom

    References
    ----------
    Genz A, Bretz F, J Comput Graph Stat 2002;11:950-971, doi 10.1198/106186002394.

    Examples
    --------
    Two independent comparisons with many degrees of freedom: (2Φ(1.96) − 1)² = 0.9025.

    >>> round(inside(np.eye(2), np.array([1.96, 1.96]), 1e9), 4)
    0.9025
    """
    from scipy.special import ndtr, ndtri

    q = len(correlation)
    uniform, scale = _points(q), _scale(q, float(df))
    L, spread = _factor(correlation)
    y, whole = np.zeros((len(uniform), q)), np.ones(len(uniform))
    for i in range(q):
        reach, mean = limit[i] * scale, y[:, :i] @ L[i, :i]
        if spread[i] < EXACTLY_DEPENDENT:
            whole *= np.abs(mean) < reach
            continue
        low, high = ndtr((-reach - mean) / spread[i]), ndtr((reach - mean) / spread[i])
        whole *= high - low
        y[:, i] = ndtri(np.clip(low + uniform[:, i] * (high - low), 1e-300, 1 - 1e-16))
    return float(whole.mean())


@cache
def _points(q: int) -> Floats:
    """Quasi-random points of the unit cube, one dimension a comparison and one for the variance."""
    from scipy.stats import qmc

    return np.asarray(qmc.Sobol(q + 1, scramble=True, rng=np.random.default_rng(0)).random_base2(LOG2_POINTS))


@lru_cache(maxsize=64)
def _scale(q: int, df: float) -> Floats:
    """Root of the mean squares at the points' last dimension."""
    from scipy.special import chdtri

    uniform = _points(q)[:, q]
    return np.asarray(np.sqrt(chdtri(df, uniform) / df)) if df < 1e8 else np.ones(len(uniform))


def _factor(correlation: Floats) -> tuple[Floats, Floats]:
    """Cholesky factor of a correlation that may be singular, and its diagonal."""
    q = len(correlation)
    L = np.zeros((q, q))
    for i in range(q):
        for j in range(i):
            if L[j, j] >= EXACTLY_DEPENDENT:
                L[i, j] = (correlation[i, j] - L[i, :j] @ L[j, :j]) / L[j, j]
        rest = 1 - L[i, :i] @ L[i, :i]
        # What rounding leaves of a dependent row must not count as spread.
        L[i, i] = np.sqrt(rest) if rest > 1e-12 else 0.0
    return L, np.diag(L)


def single_step(t: Floats, df: Floats, correlation: Floats) -> Floats:
    """p that the largest |T| of the family reaches each |t|; kept between its own p and Bonferroni's.

    For arms against one control this is Dunnett's test, for all pairs of arms Tukey's.

    >>> single_step(np.array([1.96, 0.5]), np.array([1e9, 1e9]), np.eye(2)).round(4).tolist()
    [0.0975, 0.8534]
    """
    from scipy.special import stdtr

    alone = 2 * stdtr(df, -np.abs(t))
    q = len(t)
    joint = np.array([1 - inside(correlation, np.full(q, abs(one)), nu) for one, nu in zip(t, df, strict=True)])
    return np.asarray(np.clip(joint, alone, np.minimum(q * alone, 1.0)))


def step_down(t: Floats, df: Floats, correlation: Floats) -> Floats:
    """Step-down p-values: each against the largest |T| of those not yet rejected.

    References
    ----------
    Westfall PH, J Am Stat Assoc 1997;92:299-306.
    """
    order = np.argsort(-np.abs(t), kind="stable")
    found, so_far = np.empty(len(t)), 0.0
    for place, first in enumerate(order):
        rest = order[place:]
        own = single_step(t[rest], df[rest], correlation[np.ix_(rest, rest)])[0]
        so_far = max(so_far, float(own))
        found[first] = so_far
    return found


def critical(correlation: Floats, df: Floats) -> Floats:
    """Two-sided 95 % critical values of the largest |t| of a family: single-step multivariate t.

    Parameters
    ----------
    correlation : (q, q) of the estimates
    df : (q,) degrees of freedom of each; each row's own value is used for its interval

    Returns
    -------
    (q,) critical values. For one comparison it is Student's t exactly.

    Examples
    --------
    Two independent comparisons with many degrees of freedom: (2Φ(c) − 1)² = 0.95, so c = 2.236.

    >>> critical(np.eye(2), np.array([1e9, 1e9])).round(3).tolist()
    [2.236, 2.236]
    """
    from scipy.special import stdtrit

    q = len(df)
    if q == 1:
        return np.asarray(stdtrit(df, 0.5 + LEVEL / 2), dtype=float)
    rounded = df.round(4)
    distinct = np.unique(rounded)
    nodes = distinct if len(distinct) <= NODES else 1 / np.linspace(1 / distinct[0], 1 / distinct[-1], NODES)
    at_nodes = np.array([_critical(correlation, float(nu)) for nu in nodes])
    if len(distinct) <= NODES:
        return np.asarray(at_nodes[np.searchsorted(distinct, rounded)])
    # Between nodes the value is as smooth in 1/df as Student's t, so that a cubic is exact to 1e-4.
    return np.asarray(np.polynomial.Polynomial.fit(1 / nodes, at_nodes, NODES - 1)(1 / df))


def _critical(correlation: Floats, df: float) -> float:
    """The critical value of a family at one number of degrees of freedom."""
    from scipy.optimize import brentq
    from scipy.special import stdtrit

    q = len(correlation)
    low, high = stdtrit(df, 0.5 + LEVEL / 2), stdtrit(df, 1 - (1 - LEVEL) / (2 * q))

    def short(c: float) -> float:
        """How much the region of this size lacks."""
        return inside(correlation, np.full(q, c), df) - LEVEL

    return float(brentq(short, low, 1.001 * high, xtol=1e-5)) if short(low) < 0 else float(low)
