"""Linear models of values that are known exactly or only to lie below, above or between bounds (Tobit)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hindpaw.model.between import density_over, log_between

Floats = NDArray[np.float64]
STEPS = 200
CONVERGED = 1e-10
FLAT = 100.0


class TobitError(ValueError):
    """No finite maximum: a cell is censored throughout, or nothing varies."""


@dataclass(frozen=True)
class Tobit:
    """A fitted model.

    Parameters
    ----------
    beta : (p,) coefficients
    sigma : standard deviation of the residuals, by maximum likelihood
    covariance : (p + 1, p + 1) of beta and log sigma, the inverse of the observed information
    loglik : the maximum of the log likelihood
    n : values
    """

    beta: Floats
    sigma: float
    covariance: Floats
    loglik: float
    n: int

    @property
    def df(self) -> int:
        """n − p, the degrees of freedom that intervals use."""
        return self.n - len(self.beta)

    def contrast(self, weights: Floats) -> tuple[float, float]:
        """A combination of the coefficients and its small-sample standard error, √(n/(n − p)) times the likelihood's.

        With nothing censored this is the least-squares standard error exactly; maximum likelihood alone divides
        by n and would promise too much from four or five animals.
        """
        estimate = float(weights @ self.beta)
        variance = float(weights @ self.covariance[:-1, :-1] @ weights)
        return estimate, math.sqrt(variance * self.n / self.df)


def fit(lower: Floats, upper: Floats, X: Floats) -> Tobit:
    """The maximum-likelihood fit.

    y = Xβ + ε, ε ~ N(0, σ²); a value enters by its density where `lower` = `upper`, else by the probability of
    its interval. In γ = β/σ and h = 1/σ the log likelihood is concave (Olsen 1978), so Newton steps find its
    one maximum.

    Parameters
    ----------
    lower, upper : (n,) bounds; −inf and inf where there is none; equal where the value is known
    X : (n, p) design of full rank

    Raises
    ------
    TobitError
        Where no finite maximum exists.

    References
    ----------
    Tobin J, Econometrica 1958;26:24-36, doi 10.2307/1907382. Olsen RJ, Econometrica 1978;46:1211-1215,
    doi 10.2307/1911445.

    Examples
    --------
    Without censoring it is least squares, with σ by maximum likelihood:

    >>> y = np.array([1.0, 2.0, 4.0, 5.0])
    >>> found = fit(y, y, np.ones((4, 1)))
    >>> round(float(found.beta[0]), 6), round(found.sigma, 6)
    (3.0, 1.581139)
    """
    exact = lower == upper
    if exact.sum() < 2 or len(lower) <= X.shape[1]:
        raise TobitError("fewer than two values are inside the limits, or no more values than means")
    theta = _start(lower, upper, X, exact)
    loglik, gradient, hessian = _derivatives(theta, lower, upper, X, exact)
    for _ in range(STEPS):
        try:
            step = np.linalg.solve(hessian, -gradient)
        except np.linalg.LinAlgError:
            raise TobitError("the likelihood is flat: a group is censored throughout") from None
        size = 1.0
        while size > 1e-8:
            new = theta + size * step
            if new[-1] > 0:
                found = _derivatives(new, lower, upper, X, exact)
                if found[0] >= loglik - 1e-12 * abs(loglik):
                    break
            size /= 2
        else:
            raise TobitError("the likelihood has no finite maximum")
        gain = found[0] - loglik
        theta, (loglik, gradient, hessian) = new, found
        if abs(float(gradient @ step)) < CONVERGED and gain < CONVERGED:
            break
    else:
        raise TobitError("the likelihood has no finite maximum: a group is censored throughout, or nothing varies")
    if not np.isfinite(theta).all() or np.abs(theta).max() > 1e7:
        raise TobitError("the likelihood has no finite maximum: a group is censored throughout, or nothing varies")
    fitted = _natural(theta, hessian, loglik, len(lower))
    # A group that is censored throughout leaves its mean free: the likelihood is flat there, if not quite.
    if math.sqrt(float(np.diag(fitted.covariance)[:-1].max())) > FLAT * fitted.sigma:
        raise TobitError("the likelihood is flat: a group is censored throughout")
    return fitted


def profile_lower(lower: Floats, upper: Floats, rest: Floats, group: Floats, drop: float) -> float:
    """The smallest shift δ of a group for which twice the log likelihood falls by no more than `drop`.

    For a comparison whose other side lies wholly below its limit: the likelihood then rises with δ to a ceiling, so
    there is a lower bound and no estimate.

    Parameters
    ----------
    lower, upper : (n,) bounds as in `fit`
    rest : (n, p) design without the shift
    group : (n,) 1 where the shift applies
    """

    def at(delta: float) -> float:
        return fit(lower - delta * group, upper - delta * group, rest).loglik

    known = lower[lower == upper]
    span = float(np.ptp(known)) + 1.0
    base = float(known.mean() - upper[np.isfinite(upper) & (group == 0)].max())
    high = base + 20 * span
    ceiling = at(high)
    low = base
    while 2 * (ceiling - at(low)) < drop and low > base - 50 * span:
        low -= span
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if 2 * (ceiling - at(middle)) > drop else (low, middle)
    return (low + high) / 2


def _start(lower: Floats, upper: Floats, X: Floats, exact: NDArray[np.bool_]) -> Floats:
    """Least squares with the censored values at their bounds, in γ and h."""
    y = np.where(exact, lower, np.where(np.isfinite(upper), upper, lower))
    beta, *_ = np.linalg.lstsq(X, y)
    spread = float(np.sqrt(((y - X @ beta) ** 2).mean()))
    if spread < 1e-12:
        raise TobitError("the values do not vary")
    h = 1 / spread
    return np.append(beta * h, h)


def _derivatives(
    theta: Floats, lower: Floats, upper: Floats, X: Floats, exact: NDArray[np.bool_]
) -> tuple[float, Floats, Floats]:
    """Log likelihood, gradient and Hessian in (γ, h).

    With z = h·bound − Xγ, an exact value adds log h − z²/2, an interval log(Φ(z_upper) − Φ(z_lower)).
    """
    gamma, h = theta[:-1], theta[-1]
    mean = X @ gamma
    z = h * lower[exact] - mean[exact]
    loglik = float(len(z) * (math.log(h) - 0.5 * math.log(2 * math.pi)) - 0.5 * (z @ z))
    A = np.column_stack([-X[exact], lower[exact]])  # ∂z/∂θ
    gradient, hessian = -A.T @ z, -A.T @ A
    gradient[-1] += len(z) / h
    hessian[-1, -1] -= len(z) / h**2
    rows = ~exact
    if rows.any():
        low, high, m = lower[rows], upper[rows], mean[rows]
        above, below = np.isfinite(low), np.isfinite(high)
        zl, zu = (
            np.where(above, h * np.where(above, low, 0) - m, -np.inf),
            np.where(below, h * np.where(below, high, 0) - m, np.inf),
        )
        logs = log_between(zl, zu)
        loglik += float(logs.sum())
        ru, rl = density_over(zu, logs), density_over(zl, logs)
        Au = np.column_stack([-X[rows], np.where(below, high, 0.0)])
        Al = np.column_stack([-X[rows], np.where(above, low, 0.0)])
        gradient += Au.T @ ru - Al.T @ rl
        zu, zl = np.where(below, zu, 0.0), np.where(above, zl, 0.0)
        hessian += (Au * (-zu * ru - ru**2)[:, None]).T @ Au + (Al * (zl * rl - rl**2)[:, None]).T @ Al
        cross = (Au * (ru * rl)[:, None]).T @ Al
        hessian += cross + cross.T
    return loglik, gradient, hessian


def _natural(theta: Floats, hessian: Floats, loglik: float, n: int) -> Tobit:
    """β, σ and their covariance by the chain rule, exact at the maximum."""
    gamma, h = theta[:-1], float(theta[-1])
    p = len(gamma)
    chain = np.zeros((p + 1, p + 1))
    chain[:p, :p], chain[:p, p], chain[p, p] = np.eye(p) / h, -gamma / h**2, -1 / h
    covariance = chain @ np.linalg.inv(-hessian) @ chain.T
    return Tobit(gamma / h, 1 / h, covariance, loglik, n)
