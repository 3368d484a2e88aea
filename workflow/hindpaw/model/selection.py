"""Which covariance structure a question is answered with, and whether its residuals remember the day before."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from hindpaw.model import solution
from hindpaw.model.errors import FitError
from hindpaw.model.solution import Rows, Solution


@dataclass(frozen=True)
class Candidate:
    """A structure that was tried: its fit, or why there is none."""

    name: str
    fit: Solution | None
    reason: str = ""

    @property
    def aicc(self) -> float:
        """The criterion; infinite where there is no fit."""
        return self.fit.aicc if self.fit else math.inf


def candidates(rows: Rows, names: tuple[str, ...]) -> list[Candidate]:
    """Each structure fitted, the one with the lowest AICc of the restricted likelihood first.

    Only structures are compared, never fixed parts, so the restricted likelihoods are of the same contrasts.

    References
    ----------
    Hurvich CM, Tsai CL, Biometrika 1989;76:297-307, doi 10.1093/biomet/76.2.297.
    """
    tried = []
    for name in names:
        try:
            tried.append(Candidate(name, solution.solve(rows, name)))
        except FitError as error:
            tried.append(Candidate(name, None, str(error)))
    return sorted(tried, key=lambda one: one.aicc)


def table(tried: list[Candidate]) -> pd.DataFrame:
    """One row a structure: its name, aicc, reml_loglik and reason."""
    rows = [
        {
            "structure": one.name,
            "aicc": one.aicc,
            "reml_loglik": one.fit.loglik if one.fit else math.nan,
            "reason": one.reason,
        }
        for one in tried
    ]
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class SerialTest:
    """The likelihood-ratio test of `cs` against `cs+ar1`."""

    statistic: float
    p: float
    rho: float


def serial_correlation(rows: Rows) -> SerialTest | None:
    """Whether neighbouring days of an animal are more alike than distant ones; None where it cannot be tried.

    Under ρ = 0 the statistic is 0 half of the time, since ρ ≥ 0: p = ½P(χ²₁ > statistic), and 1 at a statistic of 0.

    References
    ----------
    Self SG, Liang KY, J Am Stat Assoc 1987;82:605-610, doi 10.1080/01621459.1987.10478472.
    """
    from scipy.special import chdtrc

    try:
        flat, serial = solution.solve(rows, "cs"), solution.solve(rows, "cs+ar1")
    except FitError:
        return None
    statistic = max(0.0, 2 * (serial.loglik - flat.loglik))
    return SerialTest(statistic, float(0.5 * chdtrc(1, statistic)) if statistic > 0 else 1.0, serial.reported["rho"])
