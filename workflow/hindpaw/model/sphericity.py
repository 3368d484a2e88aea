"""Sphericity of repeated measurements: Mauchly's test, and how much an F by days must be corrected without it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sphericity:
    """What Mauchly, Greenhouse and Geisser, Huynh and Feldt say.

    Parameters
    ----------
    W, p, df : Mauchly's criterion, its p and the degrees of freedom of its χ²
    greenhouse_geisser, huynh_feldt : estimates of ε, 1 for sphericity; the second may lie above 1
    """

    W: float
    p: float
    df: int
    greenhouse_geisser: float
    huynh_feldt: float


def of(y: Floats, arm: NDArray[np.int64]) -> Sphericity | None:
    """Sphericity of the covariance pooled within arms; None where the animals are too few for their days.

    Parameters
    ----------
    y : (animals, days) complete data
    arm : (animals,) codes 0, 1, …

    With p = days − 1, ν = animals − arms and S the pooled covariance of orthonormal contrasts of days:
    W = |S| / (tr S / p)^p; ε by Greenhouse and Geisser (tr S)² / (p tr S²), by Huynh and Feldt with Lecoutre's
    correction ((ν + 1)pε − 2) / (p(ν − pε)). The p is Box's expansion in two χ².

    References
    ----------
    Mauchly JW, Ann Math Stat 1940;11:204-209, doi 10.1214/aoms/1177731915. Greenhouse SW, Geisser S, Psychometrika
    1959;24:95-112, doi 10.1007/BF02289823. Lecoutre B, J Educ Stat 1991;16:371-372, doi 10.3102/10769986016004371.
    """
    animals, days = y.shape
    p, nu = days - 1, animals - len(np.unique(arm))
    if p < 2 or nu < p:
        return None
    means = np.stack([y[arm == one].mean(axis=0) for one in range(int(arm.max()) + 1)])
    contrasts = np.linalg.svd(np.eye(days) - 1 / days)[0][:, :p]
    inside = (y - means[arm]) @ contrasts
    S = inside.T @ inside / nu
    trace, determinant = float(np.trace(S)), float(np.linalg.det(S))
    if trace <= 0 or determinant <= 0:
        return None
    W = determinant / (trace / p) ** p
    gg = trace**2 / (p * float((S * S).sum()))
    below = nu - p * gg
    hf = ((nu + 1) * p * gg - 2) / (p * below) if below > 0 else math.inf
    return Sphericity(W, _upper(W, p, nu), p * (p + 1) // 2 - 1, gg, hf)


def _upper(W: float, p: int, nu: int) -> float:
    """P(W smaller than this) under sphericity.

    References
    ----------
    Box GEP, Biometrika 1949;36:317-346, doi 10.1093/biomet/36.3-4.317.
    """
    from scipy.special import chdtrc

    rho = 1 - (2 * p**2 + p + 2) / (6 * p * nu)
    second = (p + 2) * (p - 1) * (p - 2) * (2 * p**3 + 6 * p**2 + 3 * p + 2) / (288 * (nu * p * rho) ** 2)
    z, df = -nu * rho * math.log(W), p * (p + 1) / 2 - 1
    first = float(chdtrc(df, z))
    return min(1.0, max(0.0, first + second * (float(chdtrc(df + 4, z)) - first)))
