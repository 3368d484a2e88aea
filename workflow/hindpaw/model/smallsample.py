"""Kenward–Roger: tests of fixed effects that hold their level with a handful of animals."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hindpaw.model.reml import Fit, shrink

Floats = NDArray[np.float64]
EXACT = 1e-10
NEAR_TWO = 1e-2


@dataclass(frozen=True)
class KenwardRoger:
    """What the tests of one fit share.

    Parameters
    ----------
    phi : (p, p) Φ, covariance of the fixed effects
    adjusted : (p, p) Φ_A, the same with the small-sample correction
    P : (2, p, p) P_r = −X′V⁻¹V_rV⁻¹X, for τ² and σ²
    W : (2, 2) covariance of (τ², σ²), the inverse expected REML information
    """

    phi: Floats
    adjusted: Floats
    P: Floats
    W: Floats


@dataclass(frozen=True)
class Test:
    """An F test: scaled F, its degrees of freedom and p; t and its one estimate where L has one row."""

    F: float
    num_df: int
    den_df: float
    p: float
    degenerate: bool = False


def kenward_roger(fit: Fit) -> KenwardRoger:
    """The adjusted covariance of a random-intercept fit.

    V = τ²J + σ²I is linear in its parameters, so R_rs = 0 and
    Φ_A = Φ + 2Φ{ΣΣ W_rs(Q_rs − P_rΦP_s)}Φ. For an animal with t rows, V⁻¹1 = w1 with
    w = 1/(σ² + tτ²), which turns every product into X′X and (X′1)(X′1)′.

    References
    ----------
    Kenward MG, Roger JH, Biometrics 1997;53:983-997, doi 10.2307/2533558.
    """
    sums, s2 = fit.sums, fit.sigma2
    t, c = sums.sizes, shrink(sums.sizes, fit.tau2 / s2)
    w = 1 / (s2 + t * fit.tau2)
    A, B = sums.squares[:-1, :-1], sums.totals[:, :-1, :-1]

    def of(identity: float, ones: Floats) -> Floats:
        """identity·X′X + Σ ones·(X′1)(X′1)′, back in the columns of X."""
        whole: Floats = sums.basis.T @ (identity * A + np.tensordot(ones, B, axes=1)) @ sums.basis
        return whole

    P = np.stack([of(0.0, -(w**2)), of(-1 / s2**2, (2 * c - t * c**2) / s2**2)])
    cubic = -(3 * c - 3 * t * c**2 + t**2 * c**3) / s2**3
    Q = np.array([[of(0.0, t * w**3), of(0.0, w**3)], [of(0.0, w**3), of(1 / s2**3, cubic)]])
    trace = np.array(
        [
            [sums.counts @ (w**2 * t**2), sums.counts @ (w**2 * t)],
            [sums.counts @ (w**2 * t), sums.counts @ ((t - 2 * c * t + (c * t) ** 2) / s2**2)],
        ]
    )
    phi = fit.covariance
    PhiP = phi @ P
    products = np.einsum("rij,sji->rs", PhiP, PhiP)
    information = 0.5 * (trace - 2 * np.einsum("ij,rsji->rs", phi, Q) + products)
    W = np.linalg.inv(information)
    bracket = np.einsum("rs,rsij->ij", W, Q - P[:, None] @ PhiP[None])
    adjusted = phi + 2 * phi @ bracket @ phi
    return KenwardRoger(phi, (adjusted + adjusted.T) / 2, P, W)


def test(fit: Fit, kr: KenwardRoger, L: Floats) -> Test:
    """The Kenward–Roger F test of Lβ = 0.

    Parameters
    ----------
    L : (q, p) rows of full rank

    Returns
    -------
    Scaled F ~ F(q, m). Where the approximating moments degenerate, which happens at the edge of what a
    design can carry, `degenerate` is set and F and p are empty.

    References
    ----------
    Kenward MG, Roger JH, Biometrics 1997;53:983-997, doi 10.2307/2533558.
    """
    from scipy.special import fdtrc

    q = len(L)
    theta = L.T @ np.linalg.solve(L @ kr.phi @ L.T, L)
    TPPP = theta @ kr.phi @ kr.P @ kr.phi
    traces = np.einsum("rii->r", TPPP)
    A1 = float(traces @ kr.W @ traces)
    A2 = float(np.sum(kr.W * np.einsum("rij,sji->rs", TPPP, TPPP)))
    scale, m = _moments(q, A1, A2)
    estimate = L @ fit.beta
    wald = float(estimate @ np.linalg.solve(L @ kr.adjusted @ L.T, estimate))
    if not (m > 0 and scale > 0 and math.isfinite(m)):
        return Test(math.nan, q, math.nan, math.nan, degenerate=True)
    F = scale / q * wald
    return Test(F, q, m, float(fdtrc(q, m, F)))


def _moments(q: int, A1: float, A2: float) -> tuple[float, float]:
    """The scale λ and the denominator degrees of freedom m that match the first two moments of F."""
    if q == 1:
        # With one row A₁ = A₂; the general formula then gives λ = 1, m = 2/A₂, but divides 0 by 0 on the way.
        return 1.0, 2 / A2 if A2 > 0 else math.inf
    B = (A1 + 6 * A2) / (2 * q)
    g = ((q + 1) * A1 - (q + 4) * A2) / ((q + 2) * A2)
    d = 3 * q + 2 * (1 - g)
    c1, c2, c3 = g / d, (q - g) / d, (q + 2 - g) / d
    # ρ = V*/(2E*²) with E* = 1/(1 − A₂/q) and V* = (2/q)(1 + c₁B)/((1 − c₂B)²(1 − c₃B)), written so that where
    # 1 − A₂/q and 1 − c₂B vanish together, as in a balanced split plot, their quotient is its limit 1.
    rest, bound = 1 - A2 / q, 1 - c2 * B
    quotient = 1.0 if abs(rest) < EXACT and abs(bound) < EXACT else rest / bound
    rho = quotient**2 * (1 + c1 * B) / (q * (1 - c3 * B))
    m = 4 + (q + 2) / (q * rho - 1)
    # λ = m/(E*(m − 2)) has the same kind of limit, 1, at m = 2.
    return (1.0 if abs(m - 2) < NEAR_TWO else m * rest / (m - 2)), m
