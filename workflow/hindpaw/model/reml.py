"""Restricted maximum likelihood for a random intercept: V = τ² 11′ + σ² I within each animal.

With λ = τ²/σ² and t rows of an animal, V⁻¹ = (I − c 11′)/σ² where c = λ/(1 + tλ). Everything the fit and
its inference need is a sum over animals of X′X and, for each number of rows t, of (X′1)(X′1)′. One pass
over the rows gathers these; after it a likelihood costs the number of different t, not of animals.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LOG_RATIOS = np.linspace(-14.0, 14.0, 57)


class FitError(Exception):
    """The model cannot be fitted to these data; the message says why and what to do."""


@dataclass(frozen=True)
class Sums:
    """Cross-products of one pass, for the orthonormal basis Q of X and the residual r of ordinary least squares.

    Parameters
    ----------
    n, p : rows and columns of X
    basis : (p, p) upper triangle R with X = QR
    ols : (p,) coefficients of ordinary least squares
    squares : (p+1, p+1) [Q r]′[Q r]
    sizes : (k,) the different numbers of rows t of an animal
    counts : (k,) animals with t rows
    totals : (k, p+1, p+1) Σ ([Q r]′1)([Q r]′1)′ over the animals with t rows
    """

    n: int
    p: int
    basis: Floats
    ols: Floats
    squares: Floats
    sizes: Floats
    counts: Floats
    totals: Floats


@dataclass(frozen=True)
class Fit:
    """A fitted random-intercept model.

    Parameters
    ----------
    beta : (p,) fixed effects, in the units of y
    covariance : (p, p) Φ = (X′V⁻¹X)⁻¹
    tau2, sigma2 : variances between and within animals, in the units of y squared
    reml_loglik : restricted log-likelihood at the optimum, with its constants
    boundary : whether τ² lies at 0
    sums : what the inference needs again
    """

    beta: Floats
    covariance: Floats
    tau2: float
    sigma2: float
    reml_loglik: float
    boundary: bool
    sums: Sums


def gather(y: Floats, X: Floats, animal: NDArray[np.int64]) -> Sums:
    """The cross-products.

    Working with residuals and an orthonormal basis keeps an offset of 1e8 in y, or a badly scaled
    covariate, from costing digits.

    Parameters
    ----------
    y : (n,) outcome
    X : (n, p) design
    animal : (n,) codes 0, 1, …

    Raises
    ------
    FitError
        Where columns of X depend on each other, or nothing is left to estimate a variance from.
    """
    n, p = X.shape
    if n <= p + 1:
        raise FitError(f"{n} observations cannot carry {p} means and two variances.")
    Q, R = np.linalg.qr(X)
    if np.abs(np.diag(R)).min() < 1e-10 * np.abs(np.diag(R)).max():
        raise FitError("Two parts of the design cannot be told apart: they change together in every animal.")
    ols = np.linalg.solve(R, Q.T @ y)
    residual = y - X @ ols
    if residual @ residual <= 1e-20 * max(float(y @ y), 1e-300):
        raise FitError("The outcome does not vary within the cells, so there is no variance to compare with.")
    Z = np.column_stack([Q, residual])
    rows = np.zeros((animal.max() + 1, p + 1))
    np.add.at(rows, animal, Z)
    t = np.bincount(animal)
    sizes = np.unique(t[t > 0])
    totals = np.stack([rows[t == size].T @ rows[t == size] for size in sizes])
    counts = np.array([np.sum(t == size) for size in sizes], dtype=float)
    return Sums(n, p, R, ols, Z.T @ Z, sizes.astype(float), counts, totals)


def fit(y: Floats, X: Floats, animal: NDArray[np.int64]) -> Fit:
    """The REML fit.

    The profile in λ is searched on a grid that spans ratios from 1e-6 to 1e6, refined about its best
    point, and compared with λ = 0, which is a legal answer.

    Parameters
    ----------
    y : (n,) outcome
    X : (n, p) design, full rank
    animal : (n,) codes 0, 1, …

    Raises
    ------
    FitError
        As `gather`.

    References
    ----------
    Patterson HD, Thompson R, Biometrika 1971;58:545-554, doi 10.1093/biomet/58.3.545.

    Examples
    --------
    Balanced one-way data: σ² is the mean square within, τ² = (mean square between − within)/t.
    Within: 2·(1² + 1²)/… = each pair differs by 2, so MSW = 3·2/3 = 2; means 1, 4, 7 give MSB = 2·9 = 18.

    >>> y = np.array([0, 2, 3, 5, 6, 8.0])
    >>> found = fit(y, np.ones((6, 1)), np.array([0, 0, 1, 1, 2, 2]))
    >>> round(found.sigma2, 6), round(found.tau2, 6), round(float(found.beta[0]), 6)
    (2.0, 8.0, 4.0)
    """
    from scipy.optimize import minimize_scalar

    sums = gather(y, X, animal)
    values = np.array([_deviance(sums, math.exp(u)) for u in LOG_RATIOS])
    best = int(values.argmin())
    around = LOG_RATIOS[max(best - 1, 0)], LOG_RATIOS[min(best + 1, len(values) - 1)]
    refined = minimize_scalar(
        lambda u: _deviance(sums, math.exp(u)), bounds=around, method="bounded", options={"xatol": 1e-11}
    )
    at_zero = _deviance(sums, 0.0)
    boundary = at_zero <= refined.fun + 1e-9
    ratio = 0.0 if boundary else math.exp(refined.x)
    information, cross, rss = _profile(sums, ratio)
    sigma2 = rss / (sums.n - sums.p)
    inverse = np.linalg.inv(sums.basis)
    beta = sums.ols + inverse @ np.linalg.solve(information, cross)
    covariance = sigma2 * inverse @ np.linalg.inv(information) @ inverse.T
    deviance = at_zero if boundary else float(refined.fun)
    return Fit(beta, covariance, ratio * sigma2, sigma2, -deviance / 2, boundary, sums)


def shrink(sizes: Floats, ratio: float) -> Floats:
    """c = λ/(1 + tλ) for each number of rows."""
    return ratio / (1 + sizes * ratio)


def _profile(sums: Sums, ratio: float) -> tuple[Floats, Floats, float]:
    """Q′WQ, Q′Wr and r′Wr − (…), with W = I − c 11′ in each animal."""
    whole = sums.squares - np.tensordot(shrink(sums.sizes, ratio), sums.totals, axes=1)
    information, cross = whole[:-1, :-1], whole[:-1, -1]
    rss = float(whole[-1, -1] - cross @ np.linalg.solve(information, cross))
    return information, cross, rss


def _deviance(sums: Sums, ratio: float) -> float:
    """−2 × restricted log-likelihood with σ² profiled out."""
    information, _, rss = _profile(sums, ratio)
    free = sums.n - sums.p
    logs = float(sums.counts @ np.log1p(sums.sizes * ratio)) + np.linalg.slogdet(information)[1]
    scale = 2 * float(np.log(np.abs(np.diag(sums.basis))).sum())
    return logs + scale + free * (math.log(2 * math.pi * rss / free) + 1)
