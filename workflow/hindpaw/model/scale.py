"""Which scale of the threshold suits a mixed model: the power λ of Box and Cox, 0 for its logarithm, 1 for grams."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hindpaw.model import solution
from hindpaw.model.solution import Solution

Floats = NDArray[np.float64]
LOWEST, HIGHEST = -2.0, 3.0


@dataclass(frozen=True)
class Power:
    """The profile of λ.

    Parameters
    ----------
    best, lower, upper : the estimate and its 95 % interval; NaN for a limit beyond −2 or 3
    drop_log, drop_raw : twice the drop of the log-likelihood at λ = 0 and at λ = 1, each χ² on 1 degree of freedom
    """

    best: float
    lower: float
    upper: float
    drop_log: float
    drop_raw: float


def power(solved: Solution) -> Power:
    """The power for the outcome of a fit whose outcome is log10 g, all else as it is.

    With ĝ the geometric mean, the outcome (g^λ − 1)/(λĝ^(λ − 1)), or ĝ ln g at 0, has the same Jacobian for every λ, so
    restricted log-likelihoods of the same fixed part can be compared.

    Raises
    ------
    FitError
        Where the model cannot be fitted on another scale.

    References
    ----------
    Gurka MJ, Edwards LJ, Muller KE, Kupper LL, J R Stat Soc A 2006;169:273-288.
    """
    from scipy.optimize import brentq, minimize_scalar
    from scipy.special import chdtri

    name = solved.structure.label.removeprefix("cage/")
    logs = solved.rows.y * np.log(10.0)
    seen: dict[float, float] = {}

    def loglik(at: float) -> float:
        """The restricted log-likelihood at a power."""
        if at not in seen:
            seen[at] = solution.solve(replace(solved.rows, y=transformed(logs, at)), name).loglik
        return seen[at]

    found = minimize_scalar(lambda at: -loglik(float(at)), bounds=(LOWEST, HIGHEST), method="bounded")
    best, top = float(found.x), -float(found.fun)
    edge = top - float(chdtri(1, 0.05)) / 2
    ends = []
    for limit in (LOWEST, HIGHEST):
        inside = loglik(limit) < edge
        ends.append(float(brentq(lambda at: loglik(float(at)) - edge, limit, best, xtol=1e-4)) if inside else np.nan)
    return Power(best, ends[0], ends[1], max(0.0, 2 * (top - loglik(0.0))), max(0.0, 2 * (top - loglik(1.0))))


def transformed(logs: Floats, at: float) -> Floats:
    """exp(logs) to a power, scaled by the geometric mean.

    >>> transformed(np.log([1.0, 4.0]), 1.0).round(6).tolist(), transformed(np.log([1.0, 4.0]), 0.0).round(4).tolist()
    ([0.0, 3.0], [0.0, 2.7726])
    """
    mean = float(logs.mean())
    if abs(at) < 1e-9:
        return np.asarray(np.exp(mean) * logs)
    return np.asarray(np.expm1(at * logs) / (at * np.exp((at - 1) * mean)))
