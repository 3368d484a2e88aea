"""The restricted (or full) likelihood of a structure over patterns, its derivatives, and its maximum.

−2ℓ_R = Σ log|V_i| + log|X′V⁻¹X| + y′Py + (n − p) log 2π. With V_r = ∂V/∂θ_r and P = V⁻¹ − V⁻¹XΦX′V⁻¹:
gradient tr(PV_r) − y′PV_rPy, observed information ½(−tr(PV_rPV_s) + 2y′PV_rPV_sPy + tr(PV_rs) − y′PV_rsPy), expected
½tr(PV_rPV_s); V_rs = ∂²V/∂θ_r∂θ_s is 0 but for serial correlation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hindpaw.model.errors import FitError
from hindpaw.model.patterns import Pattern
from hindpaw.model.structure import Structure

Floats = NDArray[np.float64]

STEPS = 200
FLAT = 1e-11
LARGEST_STEP = 3.0
DESCENTS = 3


@dataclass(frozen=True)
class Likelihood:
    """−2 log-likelihood at θ with what stands beside it, in coordinates in which X is orthonormal.

    Parameters
    ----------
    deviance : −2ℓ without the constant
    beta : (p,) generalized least squares
    phi : (p, p) (X′V⁻¹X)⁻¹
    gradient : (k,) by θ
    observed, expected : (k, k) second derivatives of −2ℓ by θ: as they are, and their expectation
    P : (k, p, p) P_r = −X′V⁻¹V_rV⁻¹X
    Q : (k, k, p, p) the symmetric part of X′V⁻¹V_rV⁻¹V_sV⁻¹X
    trace : (k, k) Σ tr V⁻¹V_rV⁻¹V_s
    """

    deviance: float
    beta: Floats
    phi: Floats
    gradient: Floats
    observed: Floats
    expected: Floats
    P: Floats
    Q: Floats
    trace: Floats


@dataclass(frozen=True)
class Objective:
    """What is to be made small."""

    patterns: list[Pattern]
    structure: Structure
    width: int
    restricted: bool = True

    def value(self, theta: Floats) -> float:
        """−2ℓ without its constant; infinite where V is not a covariance."""
        total, logs = np.zeros(self.width**2), 0.0
        for pattern in self.patterns:
            V, _ = self.structure.matrices(pattern.layout, theta)
            inverse, log = _inverse(V)
            if inverse is None:
                return math.inf
            total += inverse.ravel() @ pattern.cross()
            logs += pattern.n * log
        return self._deviance(total.reshape(self.width, self.width), logs)[0]

    def _deviance(self, sums: Floats, logs: float) -> tuple[float, Floats, Floats]:
        """−2ℓ, Φ and β from [X y]′V⁻¹[X y] and Σ log|V|."""
        information, cross = sums[:-1, :-1], sums[:-1, -1]
        phi, log = _inverse(information)
        if phi is None:
            return math.inf, np.full_like(information, np.nan), np.full_like(cross, np.nan)
        beta = phi @ cross
        rest = float(sums[-1, -1] - cross @ beta)
        return logs + rest + (log if self.restricted else 0.0), phi, beta

    def likelihood(self, theta: Floats) -> Likelihood:
        """Value and derivatives."""
        w, k = self.width, len(theta)
        pairs = np.triu_indices(k)
        sums: Floats | float = 0.0
        logs, slope, trace, bent = 0.0, np.zeros(k), np.zeros((k, k)), np.zeros(len(pairs[0]))
        for pattern in self.patterns:
            V, D = self.structure.matrices(pattern.layout, theta)
            inverse, log = _inverse(V)
            if inverse is None:
                raise FitError("The covariance of the rows of an animal became singular.")
            AD = inverse @ D
            ADA = AD @ inverse
            twice = AD[pairs[0]] @ ADA[pairs[1]]
            twice = (twice + twice.transpose(0, 2, 1)) / 2
            weights = [inverse[None], ADA, twice]
            second = self.structure.second(pattern.layout, theta)
            if second is not None:
                weights.append(inverse @ second @ inverse)
                bent += pattern.n * np.einsum("ij,rji->r", inverse, second)
            sums = sums + np.concatenate(weights).reshape(-1, inverse.size) @ pattern.cross()
            logs += pattern.n * log
            slope += pattern.n * np.einsum("rii->r", AD)
            trace += pattern.n * np.einsum("rij,sji->rs", AD, AD)
        S = np.reshape(sums, (-1, w, w))
        S, curved = S[: 1 + k + len(pairs[0])], S[1 + k + len(pairs[0]) :]
        deviance, phi, beta = self._deviance(S[0], logs)
        first, second = S[1 : k + 1], np.empty((k, k, w, w))
        second[pairs] = second[pairs[::-1]] = (S[k + 1 :] + S[k + 1 :].transpose(0, 2, 1)) / 2
        e = np.append(-beta, 1.0)
        scores = first @ e
        P, Q = -first[:, :-1, :-1], second[:, :, :-1, :-1]
        quadratic = np.einsum("i,rsij,j->rs", e, second, e) - scores[:, :-1] @ phi @ scores[:, :-1].T
        gradient, expected = slope - scores @ e, trace
        if self.restricted:
            PhiP = phi @ P
            gradient = gradient + np.einsum("rii->r", PhiP)
            products = np.einsum("rij,sji->rs", PhiP, PhiP)
            expected = trace - 2 * np.einsum("ij,rsji->rs", phi, Q) + products
        observed = 2 * quadratic - expected
        if len(curved):
            bent -= e @ curved @ e
            if self.restricted:
                bent -= np.einsum("ij,rji->r", phi, curved[:, :-1, :-1])
            more = np.zeros((k, k))
            more[pairs] = more[pairs[::-1]] = bent
            observed = observed + more
        return Likelihood(deviance, beta, phi, gradient, observed, expected, P, Q, trace)


def _inverse(V: Floats) -> tuple[Floats | None, float]:
    """The inverse and log-determinant of a covariance, None where it is not positive definite."""
    try:
        lower = np.linalg.cholesky(V)
    except np.linalg.LinAlgError:
        return None, math.inf
    half = np.linalg.inv(lower)
    return half.T @ half, 2 * float(np.log(np.diag(lower)).sum())


@dataclass(frozen=True)
class Found:
    """Where the search ended.

    Parameters
    ----------
    psi, theta : (k,) free and natural parameters
    at : the likelihood there
    hessian : (k, k) second derivatives of −2ℓ by ψ
    converged : whether the slope vanished
    """

    psi: Floats
    theta: Floats
    at: Likelihood
    hessian: Floats
    converged: bool


def minimise(objective: Objective, starts: list[Floats]) -> Found:
    """The best of the minima reached from several starts.

    Raises
    ------
    FitError
        Where no start leads anywhere.
    """
    ended: list[Found] = []
    promising = sorted(starts, key=lambda start: objective.value(objective.structure.natural(start)))
    for start in promising[:DESCENTS]:
        try:
            ended.append(_descend(objective, start))
        except (FitError, np.linalg.LinAlgError):
            continue
    if not ended:
        raise FitError("The likelihood has no maximum that the search could reach; choose a simpler structure.")
    best = min(one.at.deviance for one in ended)
    near = [one for one in ended if one.at.deviance <= best + 1e-7]
    return next((one for one in near if one.converged), near[0])


def _descend(objective: Objective, psi: Floats) -> Found:
    """Damped Newton steps in ψ."""
    structure, damping = objective.structure, 1e-3
    at = objective.likelihood(structure.natural(psi))
    if not math.isfinite(at.deviance):
        raise FitError("The search starts outside of what can be computed.")
    for _ in range(STEPS):
        J = structure.jacobian(psi)
        slope = J.T @ at.gradient
        hessian = J.T @ at.observed @ J + _bend(structure, psi, at.gradient)
        model = hessian if _positive(hessian) else _steered(J.T @ at.expected @ J, hessian)
        step, gain = _step(model, slope, damping)
        if abs(gain) < FLAT * (1 + 1e-6 * abs(at.deviance)):
            return Found(psi, structure.natural(psi), at, hessian, True)
        tried = objective.value(structure.natural(psi + step))
        if tried < at.deviance + 1e-12 * abs(at.deviance):
            psi = psi + step
            at = objective.likelihood(structure.natural(psi))
            damping = max(damping / 10, 1e-12)
        elif damping > 1e10:
            break
        else:
            damping *= 10
    return Found(psi, structure.natural(psi), at, hessian, bool(abs(gain) < 1e-6))


def _positive(matrix: Floats) -> bool:
    """Whether a Cholesky factor exists."""
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return bool(np.isfinite(matrix).all())


def _steered(expected: Floats, hessian: Floats) -> Floats:
    """The Hessian with the signs of its eigenvalues made positive, with the expected information added."""
    values, vectors = np.linalg.eigh((hessian + hessian.T) / 2)
    return (vectors * np.abs(values)) @ vectors.T + np.diag(np.diag(expected))


def _step(model: Floats, slope: Floats, damping: float) -> tuple[Floats, float]:
    """A step downhill, not longer than it makes sense, and what the model expects of it."""
    size = np.diag(np.maximum(np.diag(model), 1e-10))
    step = np.asarray(-np.linalg.lstsq(model + damping * size, slope, rcond=None)[0])
    step *= min(1.0, LARGEST_STEP / max(float(np.abs(step).max()), 1e-300))
    return step, float(slope @ step)


def _bend(structure: Structure, psi: Floats, gradient: Floats) -> Floats:
    """Σ_k gradient_k ∂²θ_k/∂ψ², by differences of the Jacobian, which are exact where θ is quadratic in ψ."""
    h = 1e-5
    columns = []
    for place in range(len(psi)):
        move = np.zeros_like(psi)
        move[place] = h
        columns.append((structure.jacobian(psi + move) - structure.jacobian(psi - move)).T @ gradient / (2 * h))
    bend = np.stack(columns, axis=1)
    return (bend + bend.T) / 2


def curvature(objective: Objective, psi: Floats, unit: Floats) -> tuple[Floats, Floats]:
    """The Hessian of −2ℓ by ψ, by central differences of its slope, and dθ/dψ in the outcome's unit."""
    structure, h = objective.structure, 1e-5
    columns = []
    for place in range(len(psi)):
        move = np.zeros_like(psi)
        move[place] = h
        ahead, behind = (objective.likelihood(structure.natural(at)).gradient for at in (psi + move, psi - move))
        slope = structure.jacobian(psi + move).T @ ahead - structure.jacobian(psi - move).T @ behind
        columns.append(slope / (2 * h))
    hessian = np.stack(columns, axis=1)
    return (hessian + hessian.T) / 2, unit[:, None] * structure.jacobian(psi)
