"""Maximum likelihood for values known exactly or between bounds, with an intercept for each animal, and for its cage.

y = Xβ + ωw + τu + ε with w, u ~ N(0, 1) of a cage and an animal and ε ~ N(0, σ²). A known value enters by its density,
a censored one by the probability of its interval; u, and w around them, are integrated by adaptive Gauss–Hermite
quadrature about their joint mode. The rule is exact for a Gaussian integrand, so that without censoring this is full
maximum likelihood of the linear mixed model. Scores come from Fisher's identity, the Hessian from Louis's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from hindpaw.model.between import density_over, log_between
from hindpaw.model.errors import FitError

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)
NODES = 15
# The quadrature forgives a centre that is a little off; for a Gaussian integrand one step ends at it exactly.
NEAR_MODE = 1e-5


@dataclass(frozen=True)
class Data:
    """The rows, an animal's together and a cage's animals together.

    Parameters
    ----------
    lower, upper : (n,) bounds; −inf and inf where there is none; equal where the value is known
    X : (n, p) columns of full rank
    first : (m,) where each animal's rows begin
    cage_first : (k,) where each cage's animals begin; each animal its own where there are no cages
    stratum : (n,) codes of residual variances
    caged : whether cages have a variance
    nodes : of the quadrature over an animal's intercept, and over a cage's
    """

    lower: Floats
    upper: Floats
    X: Floats
    first: Whole
    cage_first: Whole
    stratum: Whole
    caged: bool
    nodes: int = NODES

    @property
    def n_strata(self) -> int:
        """Residual variances."""
        return int(self.stratum.max()) + 1

    @cached_property
    def exact(self) -> NDArray[np.bool_]:
        """(n,) whether the value is known."""
        return np.asarray(self.lower == self.upper)

    @cached_property
    def of_row(self) -> Whole:
        """(n,) the animal of each row."""
        return np.repeat(np.arange(len(self.first)), np.diff(np.append(self.first, len(self.lower))))

    @cached_property
    def of_animal(self) -> Whole:
        """(m,) the cage of each animal."""
        return np.repeat(np.arange(len(self.cage_first)), np.diff(np.append(self.cage_first, len(self.first))))


def ordered(animal: Whole, cage: Whole | None) -> Whole:
    """The order in which rows of an animal, and animals of a cage, stand together."""
    return np.asarray(np.lexsort((animal, animal if cage is None else cage)), dtype=np.int64)


def data(
    lower: Floats, upper: Floats, X: Floats, animal: Whole, cage: Whole | None = None, stratum: Whole | None = None
) -> Data:
    """Rows as the likelihood wants them; they must stand in the order of `ordered`.

    Raises
    ------
    FitError
        Where an animal has two cages, or a lower bound lies above its upper one.
    """
    if (lower > upper).any() or np.isnan(lower).any() or np.isnan(upper).any():
        raise FitError("A lower bound lies above its upper bound, or one is no number.")
    first = np.flatnonzero(np.append(True, animal[1:] != animal[:-1]))
    if len(first) != len(np.unique(animal)):
        raise FitError("Rows of one animal do not stand together, or it has two cages.")
    own = np.arange(len(first)) if cage is None else cage[first]
    cage_first = np.flatnonzero(np.append(True, own[1:] != own[:-1]))
    strata = np.zeros(len(lower), dtype=np.int64) if stratum is None else stratum
    return Data(lower, upper, X, first, cage_first, strata, cage is not None)


@dataclass(frozen=True)
class Theta:
    """β, the standard deviations τ and ω of animals and cages, and log σ of each residual stratum."""

    beta: Floats
    tau: float
    omega: float
    log_sigma: Floats

    def vector(self, caged: bool) -> Floats:
        """All in a row; ω only where there are cages."""
        return np.concatenate([self.beta, [self.tau], [self.omega] if caged else [], self.log_sigma])

    @classmethod
    def of(cls, vector: Floats, p: int, caged: bool) -> Theta:
        """The reverse."""
        return cls(vector[:p], float(vector[p]), float(vector[p + 1]) if caged else 0.0, vector[p + 1 + caged :])


@dataclass(frozen=True)
class Slopes:
    """log f of each row at some means, and its derivatives by the mean m and by s = log σ; all of one shape."""

    value: Floats
    m: Floats
    mm: Floats
    s: Floats
    ss: Floats
    ms: Floats


def slopes(known: Data, mean: Floats, sigma: Floats) -> Slopes:
    """The rows' densities and probabilities.

    Parameters
    ----------
    mean : (n, …) of each row
    sigma : (n,) of each row
    """
    shape = (len(sigma), *[1] * (mean.ndim - 1))
    wide = sigma.reshape(shape)
    z = (np.where(known.exact, known.lower, 0.0).reshape(shape) - mean) / wide
    flat = np.broadcast_to(-1 / wide**2, z.shape).copy()
    made = Slopes(-0.5 * z**2 - np.log(wide) - HALF_LOG_2PI, z / wide, flat, z**2 - 1, -2 * z**2, -2 * z / wide)
    rows = np.flatnonzero(~known.exact)
    if len(rows):
        _put(made, rows, known.lower[rows].reshape(-1, *shape[1:]), known.upper[rows].reshape(-1, *shape[1:]), mean, wide)
    return made


def _put(made: Slopes, rows: Whole, lower: Floats, upper: Floats, mean: Floats, wide: Floats) -> None:
    """The censored rows' part.

    With z = (bound − m)/σ, r = φ(z) over the probability, D = r₁ − r₀, A = z₁r₁ − z₀r₀, B and C the same with z² and z³:
    ∂m = −D/σ, ∂mm = −(A + D²)/σ², ∂s = −A, ∂ss = A − C − A², ∂ms = (D − B − DA)/σ.
    """
    wide = wide[rows]
    low, high = (lower - mean[rows]) / wide, (upper - mean[rows]) / wide
    logs = log_between(low, high)
    r0, r1 = density_over(low, logs), density_over(high, logs)
    z0, z1 = np.where(np.isfinite(low), low, 0.0), np.where(np.isfinite(high), high, 0.0)
    D = r1 - r0
    zr0, zr1 = z0 * r0, z1 * r1
    A, B = zr1 - zr0, z1 * zr1 - z0 * zr0
    C = z1**2 * zr1 - z0**2 * zr0
    made.value[rows], made.m[rows], made.mm[rows] = logs, -D / wide, -(A + D**2) / wide**2
    made.s[rows], made.ss[rows], made.ms[rows] = -A, A - C - A**2, (D - B - D * A) / wide


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
    p, caged = known.X.shape[1], known.caged
    strata = [known.stratum == one for one in range(known.n_strata)]

    def sums(rows: Floats) -> Floats:
        """Over the rows of each animal."""
        return np.asarray(np.add.reduceat(rows, known.first))

    total, spread = sums(found.m), w[of_animal][:, :, None]
    scores = [sums(found.m * column[:, None, None]) for column in known.X.T]
    scores += [total * u] + [total * spread] * caged
    scores += [sums(found.s * rows[:, None, None]) for rows in strata]
    S = np.stack(scores, axis=-1)
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
