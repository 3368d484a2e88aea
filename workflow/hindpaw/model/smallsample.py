"""Tests of fixed effects that hold their level with a handful of animals: Kenward–Roger, or Satterthwaite.

All of it happens in the coordinates of the solution's basis, in which X is orthonormal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hindpaw.model.errors import FitError
from hindpaw.model.solution import Solution

Floats = NDArray[np.float64]
EXACT = 1e-10
NEAR_TWO = 1e-2
METHODS = ("kenward-roger", "satterthwaite")
WORDS = {
    "kenward-roger": "Kenward–Roger",
    "satterthwaite": "Satterthwaite",
    "containment": "between–within df (Kenward–Roger moments degenerate)",
}


@dataclass(frozen=True)
class Test:
    """An F test: scaled F, its degrees of freedom, p, and which method gave them."""

    F: float
    num_df: int
    den_df: float
    p: float
    method: str


@dataclass(frozen=True)
class Inference:
    """Tests of one solution.

    Parameters
    ----------
    solution : a fit by REML
    method : kenward-roger, or satterthwaite

    Raises
    ------
    FitError
        For a fit by full maximum likelihood, whose variances are too small for either method.

    References
    ----------
    Kenward MG, Roger JH, Biometrics 1997;53:983-997, doi 10.2307/2533558.
    Giesbrecht FG, Burns JC, Biometrics 1985;41:477-486, doi 10.2307/2530872.
    Fai AH, Cornelius PL, J Stat Comput Simul 1996;54:363-378, doi 10.1080/00949659608811740.
    """

    solution: Solution
    method: str = "kenward-roger"

    def __post_init__(self) -> None:
        """Only REML variances carry small-sample tests."""
        if self.method not in METHODS:
            raise FitError(f'The method "{self.method}" is not known. Valid here: {", ".join(METHODS)}.')
        if self.solution.method != "REML":
            raise FitError("A fit by full maximum likelihood has no small-sample tests; fit it by REML.")

    @cached_property
    def W(self) -> Floats:
        """(k, k) covariance of θ: the inverse of the expected REML information."""
        of, phi = self.solution.derivatives, self.solution.phi
        k, PhiP = len(of.P), phi @ of.P
        products = PhiP.reshape(k, -1) @ PhiP.transpose(0, 2, 1).reshape(k, -1).T
        information = 0.5 * (of.trace - 2 * (of.Q.reshape(k, k, -1) @ phi.ravel()) + products)
        return _inverse(information)

    @cached_property
    def adjusted(self) -> Floats:
        """(p, p) Φ_A = Φ + 2Φ{ΣΣ W_rs(Q_rs − P_rΦP_s)}Φ for Kenward–Roger, Φ for Satterthwaite.

        R_rs is 0 where V is linear in θ, and left out for `ar1` and `cs+ar1`, so that the tests do not depend on
        the unit of time.
        """
        return self.corrected if self.method != "satterthwaite" and self.sound else self.solution.phi

    @cached_property
    def sound(self) -> bool:
        """Whether the correction leaves a covariance. Where it does not, Φ stands in its place, tests have the degrees
        of freedom of the stratum, and `method` says so."""
        inverse = np.linalg.inv(np.linalg.cholesky(self.solution.phi))
        relative = inverse @ self.corrected @ inverse.T
        return bool(np.isfinite(relative).all() and np.linalg.eigvalsh(relative).min(initial=1.0) > EXACT)

    @cached_property
    def corrected(self) -> Floats:
        """(p, p) Φ_A of Kenward and Roger, whether it is a covariance or not."""
        phi, of = self.solution.phi, self.solution.derivatives
        k, p = len(of.P), len(phi)
        weighted = (self.W @ of.P.reshape(k, -1)).reshape(k, p, p)
        bracket = (self.W.ravel() @ of.Q.reshape(k * k, -1)).reshape(p, p) - (of.P @ phi @ weighted).sum(axis=0)
        adjusted = phi + 2 * phi @ bracket @ phi
        return np.asarray((adjusted + adjusted.T) / 2)

    @cached_property
    def covariance(self) -> Floats:
        """(columns of X, same) covariance of the fixed effects; NaN for columns that were left out."""
        basis = self.solution.basis
        whole = np.full((self.solution.rows.X.shape[1],) * 2, np.nan)
        whole[np.ix_(basis.kept, basis.kept)] = basis.inverse @ self.adjusted @ basis.inverse.T
        return whole

    def estimate(self, row: Floats) -> tuple[float, float, float, float, float]:
        """Estimate, standard error, degrees of freedom, t and p of one row of L; NaN where it is not estimable."""
        if not self.solution.estimable(row[None])[0]:
            return (math.nan,) * 5
        own = self.solution.coordinates(row[None])[0]
        value, se = float(own @ self.solution.beta), math.sqrt(max(float(own @ self.adjusted @ own), 0.0))
        found = self.test(row[None])
        return value, se, found.den_df, value / se if se > 0 else math.nan, found.p

    def test(self, L: Floats) -> Test:
        """The F test of Lβ = 0.

        Parameters
        ----------
        L : (q, columns of X) rows of full rank, each estimable

        Returns
        -------
        Scaled F ~ F(q, m). Where the moments that Kenward–Roger matches degenerate, the degrees of freedom are those
        of the stratum (animals or rows) in which L is estimated, and `method` says so.
        """
        from scipy.special import fdtrc

        own, q = self.solution.coordinates(L), len(L)
        value = own @ self.solution.beta
        wald = float(value @ np.linalg.solve(own @ self.adjusted @ own.T, value)) / q
        if self.method == "satterthwaite":
            scale, m, method = 1.0, self._satterthwaite(own), self.method
        else:
            scale, m = self._matched(own)
            method = self.method
            if not (self.sound and m > 0 and scale > 0 and math.isfinite(m)):
                scale, m, method = 1.0, self._containment(own), "containment"
                if m <= 0:
                    raise FitError(
                        "No degrees of freedom are left for a test; take fewer terms, or join groups or days."
                    )
        F = scale * wald
        return Test(F, q, m, float(fdtrc(q, m, F)) if m > 0 else math.nan, method)

    def _matched(self, own: Floats) -> tuple[float, float]:
        """Kenward–Roger's scale and denominator degrees of freedom."""
        phi, P = self.solution.phi, self.solution.derivatives.P
        lever = phi @ own.T
        inner = lever.T @ P @ lever
        middle = np.linalg.solve(own @ lever, inner)
        traces = np.einsum("rii->r", middle)
        A1 = float(traces @ self.W @ traces)
        A2 = float(np.sum(self.W * np.einsum("rij,sji->rs", middle, middle)))
        return _moments(len(own), A1, A2)

    def _satterthwaite(self, own: Floats) -> float:
        """Degrees of freedom: 2v²/var(v) for one row; for several, those of the F whose mean the independent t² have."""
        hessian, J = self.solution.curvature
        covariance = 2 * _inverse(hessian)
        lever = self.solution.phi @ own.T
        values, vectors = np.linalg.eigh(own @ lever)
        along = lever @ vectors
        # dΦ/dθ_r = −ΦdΦ⁻¹/dθ_rΦ, and dΦ⁻¹/dθ_r is P_r.
        slopes = -np.einsum("iq,rij,jq->qr", along, self.solution.derivatives.P, along) @ J
        spread = np.einsum("qr,rs,qs->q", slopes, covariance, slopes)
        with np.errstate(divide="ignore"):
            nu = np.where(spread > 0, 2 * values**2 / spread, math.inf)
        if len(own) == 1:
            return float(nu[0])
        if np.ptp(nu) < 1e-8 * nu.mean():
            return float(nu.mean())
        mean = float((nu[nu > 2] / (nu[nu > 2] - 2)).sum())
        return 2 * mean / (mean - len(own)) if mean > len(own) else math.nan

    def _containment(self, own: Floats) -> float:
        """Degrees of freedom of the stratum of L: of the rows where every animal's share of it sums to zero, else of
        the animals (or cages)."""
        rows, basis = self.solution.rows, self.solution.basis
        unit = rows.animal if rows.cage is None else rows.cage
        inside = np.eye(int(unit.max()) + 1)[unit]
        within = np.abs(inside.T @ (basis.orthonormal() @ own.T)).max() < 1e-8 * np.abs(own).max()
        rank = np.linalg.matrix_rank
        between = int(rank(inside.T @ basis.X / np.bincount(unit)[:, None]))
        both = int(rank(np.column_stack([basis.X, inside])))
        return float(len(rows.y) - both if within else inside.shape[1] - between)


def _inverse(matrix: Floats) -> Floats:
    """The inverse of an information matrix; the pseudo-inverse where parameters cannot be told apart."""
    scale = np.sqrt(np.abs(np.diag(matrix)))
    scale = np.where(scale > 0, scale, 1.0)
    inner = matrix / np.outer(scale, scale)
    try:
        inverse = np.linalg.inv(inner)
        if np.abs(inverse).max() < 1e10:
            return np.asarray(inverse / np.outer(scale, scale))
    except np.linalg.LinAlgError:
        pass
    return np.asarray(np.linalg.pinv(inner, rcond=1e-10, hermitian=True) / np.outer(scale, scale))


def _moments(q: int, A1: float, A2: float) -> tuple[float, float]:
    """The scale λ and the denominator degrees of freedom m that match the first two moments of F."""
    if q == 1:
        # With one row A₁ = A₂; the general formula then gives λ = 1, m = 2/A₂, but divides 0 by 0 on the way.
        return 1.0, 2 / A2 if A2 > 0 else math.inf
    B = (A1 + 6 * A2) / (2 * q)
    g = ((q + 1) * A1 - (q + 4) * A2) / ((q + 2) * A2)
    d = 3 * q + 2 * (1 - g)
    c1, c2, c3 = g / d, (q - g) / d, (q + 2 - g) / d
    # ρ = V*/(2E*²) with E* = 1/(1 − A₂/q) and V* = (2/q)(1 + c₁B)/((1 − c₂B)²(1 − c₃B)). For one stratum of a balanced
    # design, and for complete data under `un`, 1 − A₂/q = 1 − c₂B, and both may vanish: their quotient is 1.
    rest, bound = 1 - A2 / q, 1 - c2 * B
    if abs(rest - bound) < EXACT:
        # Then m − 2 = (d/B)(1 − A₂/q) and λ = m/(E*(m − 2)) = mB/d, without the 0/0 of the general formulas at m = 2, 4.
        m = 2 + d * bound / B
        return m * B / d, m
    quotient = rest / bound
    rho = quotient**2 * (1 + c1 * B) / (q * (1 - c3 * B))
    m = 4 + (q + 2) / (q * rho - 1)
    return (1.0 if abs(m - 2) < NEAR_TWO else m * rest / (m - 2)), m
