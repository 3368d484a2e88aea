"""The highest point of the likelihood of censored values, by damped Newton steps."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hindpaw.model.censored import Data, Theta
from hindpaw.model.errors import FitError
from hindpaw.model.quadrature import Mode, Point, evaluate

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Maximum:
    """The highest point of the likelihood.

    Parameters
    ----------
    known : the rows
    point : there
    loglik : the log-likelihood, with what one more step would gain
    converged : whether the slope vanished and the Hessian is negative
    """

    known: Data
    point: Point
    loglik: float
    converged: bool

    @property
    def theta(self) -> Theta:
        """The estimates; standard deviations are not negative."""
        at = self.point.theta
        return replace(at, tau=abs(at.tau), omega=abs(at.omega))

    @property
    def covariance(self) -> Floats:
        """(p, p) of β, from the observed information."""
        p = self.known.X.shape[1]
        return np.asarray(np.linalg.pinv(-self.point.hessian, hermitian=True)[:p, :p])


def maximise(
    known: Data, start: Theta, near: Mode | None = None, *, settled: float = 1e-11, rounds: int = 100
) -> Maximum:
    """Damped Newton steps from a start; τ and ω may cross zero, about which the likelihood is even.

    Parameters
    ----------
    known : the rows
    start, near : where to begin, and the intercepts there
    settled : the steps end where the next one would gain less than half of this

    Raises
    ------
    FitError
        Where there is no finite maximum.
    """
    p, damping = known.X.shape[1], 0.0
    here = evaluate(known, start, near)
    for _ in range(rounds):
        size = np.maximum(np.abs(np.diag(here.hessian)), 1e-8)
        step = _step(here, damping * size)
        if step is None:
            damping = max(4 * damping, 1e-3)
            continue
        gain = float(here.gradient @ step)
        if gain < settled and damping == 0:
            return Maximum(known, here, here.loglik + gain / 2, True)
        there = _try(known, here, step, p)
        if there is None or there.loglik < here.loglik - 1e-9:
            damping = max(4 * damping, 1e-3)
            if damping > 1e12:
                break
            continue
        here, damping = there, 0.0 if damping < 1e-4 else damping / 10
        if here.theta.log_sigma.min() < -25 or np.abs(here.theta.beta).max(initial=0.0) > 1e8:
            raise FitError("the likelihood has no finite maximum: too few values are known exactly")
    return Maximum(known, here, here.loglik, False)


def _step(here: Point, ridge: Floats) -> Floats | None:
    """−(H − ridge)⁻¹g, where that is uphill."""
    try:
        factor = np.linalg.cholesky(-here.hessian + np.diag(ridge))
    except np.linalg.LinAlgError:
        return None
    return np.asarray(np.linalg.solve(factor.T, np.linalg.solve(factor, here.gradient)))


def _try(known: Data, here: Point, step: Floats, p: int) -> Point | None:
    """The point after a step; None where the standard deviations would change too far to be trusted."""
    theta = Theta.of(here.theta.vector(known.caged) + step, p, known.caged)
    if np.abs(theta.log_sigma - here.theta.log_sigma).max() > 2:
        return None
    there = evaluate(known, theta, here.mode)
    return there if math.isfinite(there.loglik) else None
