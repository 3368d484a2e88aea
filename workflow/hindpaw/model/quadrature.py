"""Maximum likelihood for values known exactly or between bounds, with an intercept for each animal, and for its cage.

y = Xβ + ωw + τu + ε with w, u ~ N(0, 1) of a cage and an animal and ε ~ N(0, σ²). A known value enters by its density,
a censored one by the probability of its interval; u, and w around them, are integrated by adaptive Gauss–Hermite
quadrature about their joint mode. The rule is exact for a Gaussian integrand, so that without censoring this is full
maximum likelihood of the linear mixed model. Scores come from Fisher's identity, the Hessian from Louis's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hindpaw.model.between import density_over, log_between
from hindpaw.model.censored import HALF_LOG_2PI, Data, Slopes, Theta, slopes

Floats = NDArray[np.float64]
# The quadrature forgives a centre that is a little off; for a Gaussian integrand one step ends at it exactly.
NEAR_MODE = 1e-5


@dataclass(frozen=True)
class Mode:
    """Where the intercepts of each animal (m,) and cage (k,) are most likely, and the curvature there.

    `u_u` (m,), `w_w` (k,) are second derivatives of the log density, `w_w` with the animals' intercepts following;
    `follow` (m,) is du/dw.
    """

    u: Floats
    w: Floats
    u_u: Floats
    w_w: Floats
    follow: Floats


def mode(known: Data, theta: Theta, u: Floats, w: Floats) -> Mode:
    """Newton steps on a concave function, cage by cage halved until it rises.

    Known values add up to a parabola in each animal's intercept; only censored ones are looked at again.
    """
    sigma = np.exp(theta.log_sigma)[known.stratum]
    eta, of_row, of_animal, m = known.X @ theta.beta, known.of_row, known.of_animal, len(known.first)
    weight = np.where(known.exact, sigma**-2, 0.0)
    away = weight * (np.where(known.exact, known.lower, 0.0) - eta)
    bend, pull = np.add.reduceat(weight, known.first), np.add.reduceat(away, known.first)
    rows = np.flatnonzero(~known.exact)
    low, high = (known.lower[rows] - eta[rows]) / sigma[rows], (known.upper[rows] - eta[rows]) / sigma[rows]
    owner, wide = of_row[rows], sigma[rows]

    def at(u: Floats, w: Floats) -> tuple[Floats, Floats, Floats]:
        """(k,) the log density of each cage but for a constant, (m,) the first and second derivative by the intercept."""
        b = theta.tau * u + theta.omega * w[of_animal]
        value, d1, d2 = pull * b - 0.5 * bend * b**2 - 0.5 * u**2, pull - bend * b, -bend
        if len(rows):
            z0, z1 = low - b[owner] / wide, high - b[owner] / wide
            logs = log_between(z0, z1)
            r0, r1 = density_over(z0, logs), density_over(z1, logs)
            A = np.where(np.isfinite(z1), z1, 0.0) * r1 - np.where(np.isfinite(z0), z0, 0.0) * r0
            value = value + np.bincount(owner, logs, m)
            d1 = d1 + np.bincount(owner, (r0 - r1) / wide, m)
            d2 = d2 - np.bincount(owner, (A + (r1 - r0) ** 2) / wide**2, m)
        return np.add.reduceat(value, known.cage_first) - 0.5 * w**2, d1, d2

    value, d1, d2 = at(u, w)
    for _ in range(60):
        g_u, u_u, u_w = theta.tau * d1 - u, theta.tau**2 * d2 - 1, theta.tau * theta.omega * d2
        g_w = theta.omega * np.add.reduceat(d1, known.cage_first) - w
        w_w = theta.omega**2 * np.add.reduceat(d2, known.cage_first) - 1
        w_w = w_w - np.add.reduceat(u_w**2 / u_u, known.cage_first)
        dw = -(g_w - np.add.reduceat(u_w * g_u / u_u, known.cage_first)) / w_w
        du = -(g_u + u_w * dw[of_animal]) / u_u
        if max(float(np.abs(du).max()), float(np.abs(dw).max())) < NEAR_MODE:
            break
        size = np.ones(len(w))
        for _ in range(30):
            new_u, new_w = u + size[of_animal] * du, w + size * dw
            new, n1, n2 = at(new_u, new_w)
            worse = new < value - 1e-10 * np.abs(value)
            if not worse.any():
                break
            size = np.where(worse, size / 2, size)
        u, w, value, d1, d2 = new_u, new_w, new, n1, n2
    return Mode(u, w, u_u, w_w, -u_w / u_u)


@dataclass(frozen=True)
class Point:
    """The log-likelihood at θ with its gradient and Hessian by the vector of `Theta.vector`."""

    theta: Theta
    loglik: float
    gradient: Floats
    hessian: Floats
    mode: Mode = field(repr=False)


def evaluate(known: Data, theta: Theta, near: Mode | None = None) -> Point:
    """The likelihood at θ; `near` is a mode to start from."""
    m, k = len(known.first), len(known.cage_first)
    top = mode(known, theta, near.u if near else np.zeros(m), near.w if near else np.zeros(k))
    x, log_w = _hermite(known.nodes)
    of_row, of_animal = known.of_row, known.of_animal
    w, log_outer = np.zeros((k, 1)), np.zeros((k, 1))
    if known.caged:
        wide = np.sqrt(-1 / top.w_w)[:, None]
        w = top.w[:, None] + wide * x
        log_outer = log_w + np.log(wide) - 0.5 * w**2 - HALF_LOG_2PI
    middle = top.u[:, None] + top.follow[:, None] * (w - top.w[:, None])[of_animal]
    wide = np.sqrt(-1 / top.u_u)[:, None, None]
    u = middle[:, :, None] + wide * x
    eta, sigma = known.X @ theta.beta, np.exp(theta.log_sigma)[known.stratum]
    mean = eta[:, None, None] + theta.tau * u[of_row] + theta.omega * w[of_animal][of_row][:, :, None]
    found = slopes(known, mean, sigma)
    inner = np.add.reduceat(found.value, known.first) + log_w + np.log(wide) - 0.5 * u**2 - HALF_LOG_2PI
    each, q = _normalized(inner)
    whole, a = _normalized(np.add.reduceat(each, known.cage_first) + log_outer)
    return Point(theta, float(whole.sum()), *_derivatives(known, found, u, w, q, a), top)


@cache
def _hermite(nodes: int) -> tuple[Floats, Floats]:
    """Nodes and log weights for ∫ g(x) dx, for g near a standard normal density."""
    from scipy.special import roots_hermitenorm

    x, weight = roots_hermitenorm(nodes)
    return x, np.log(weight) + 0.5 * x**2


def _normalized(logs: Floats) -> tuple[Floats, Floats]:
    """log Σ exp over the last axis, and the shares."""
    most = logs.max(axis=-1, keepdims=True)
    shares = np.exp(logs - most)
    total = shares.sum(axis=-1, keepdims=True)
    return (most + np.log(total))[..., 0], shares / total


def _derivatives(known: Data, found: Slopes, u: Floats, w: Floats, q: Floats, a: Floats) -> tuple[Floats, Floats]:
    """Gradient and Hessian: means of the complete data's, and the variance of its score, under the posterior.

    u (m, a, q), w (k, a), q (m, a, q) shares of the inner nodes, a (k, a) of the outer ones.
    """
    of_row, of_animal = known.of_row, known.of_animal
    caged = known.caged
    strata = [known.stratum == one for one in range(known.n_strata)]

    def sums(rows: Floats) -> Floats:
        """Over the rows of each animal."""
        return np.asarray(np.add.reduceat(rows, known.first))

    total, spread = sums(found.m), w[of_animal][:, :, None]
    by_animal = found.m.reshape(len(of_row), -1)[known.places]
    along = np.matmul(by_animal.transpose(0, 2, 1), known.columns).reshape(*u.shape, -1)
    loads = [total * u] + [total * spread] * caged + [sums(found.s * rows[:, None, None]) for rows in strata]
    S = np.concatenate([along, np.stack(np.broadcast_arrays(*loads), axis=-1)], axis=-1)
    joint = q * a[of_animal][:, :, None]
    within = np.einsum("iaq,iaqp->iap", q, S)
    flat = S.reshape(-1, S.shape[-1])
    variance = (flat * joint.reshape(-1, 1)).T @ flat
    own = a[of_animal][:, :, None]
    variance -= np.einsum("iap,iar->pr", own * within, within)
    cages = np.add.reduceat(within, known.cage_first)
    mean = np.einsum("ka,kap->kp", a, cages)
    variance += np.einsum("kap,kar->pr", a[:, :, None] * cages, cages) - mean.T @ mean
    hessian = _second(known, found, u, spread, joint[of_row], strata) + variance
    return mean.sum(axis=0), hessian


def _second(
    known: Data, found: Slopes, u: Floats, w: Floats, weight: Floats, strata: list[NDArray[np.bool_]]
) -> Floats:
    """Posterior mean of the second derivatives of the complete data's log-likelihood."""
    X, of_row = known.X, known.of_row

    def average(rows: Floats) -> Floats:
        """(n,) over the nodes."""
        return np.asarray((weight * rows).sum(axis=(1, 2)))

    loads = [u[of_row]] + [np.broadcast_to(w[of_row], found.m.shape)] * known.caged
    columns = [average(found.mm * load) for load in loads]
    columns += [np.where(rows, average(found.ms), 0.0) for rows in strata]
    p, r = X.shape[1], len(loads)
    made = np.zeros((p + len(columns),) * 2)
    made[:p, :p] = X.T @ (X * average(found.mm)[:, None])
    made[:p, p:] = X.T @ np.column_stack(columns)
    for i, load in enumerate(loads):
        for j, other in enumerate(loads):
            made[p + i, p + j] = average(found.mm * load * other).sum()
        for j, rows in enumerate(strata):
            made[p + i, p + r + j] = average(found.ms * load)[rows].sum()
    for j, rows in enumerate(strata):
        made[p + r + j, p + r + j] = average(found.ss)[rows].sum()
    upper = np.triu(made)
    return np.asarray(upper + np.triu(upper, 1).T)
