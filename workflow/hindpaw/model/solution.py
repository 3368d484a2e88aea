"""One model fitted to rows: the fixed effects, the covariance parameters, and what their tests need."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hindpaw.model import basis as bases
from hindpaw.model import identifiable, intercept, patterns, search, structure
from hindpaw.model.basis import Basis
from hindpaw.model.covariance import Layout
from hindpaw.model.errors import FitError
from hindpaw.model.intercept import Rotation
from hindpaw.model.patterns import Pattern
from hindpaw.model.search import Objective
from hindpaw.model.structure import Structure

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

LARGEST = 1e140


@dataclass(frozen=True)
class Rows:
    """The rows of a model.

    Parameters
    ----------
    y : (n,) outcome
    X : (n, p) model matrix; dependent columns are allowed
    animal : (n,) codes 0, 1, …, each present
    cage : (n,) codes, where animals share a cage's variance
    day : (n,) days; needed by every structure but `cs`
    stratum : (n,) codes of residual variances
    strata : their names
    """

    y: Floats
    X: Floats
    animal: Whole
    cage: Whole | None = None
    day: Floats | None = None
    stratum: Whole | None = None
    strata: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class Derivatives:
    """P_r, the symmetric Q_rs, Σ tr V⁻¹V_rV⁻¹V_s and, by central differences, what Satterthwaite needs, all in
    coordinates in which X is orthonormal."""

    P: Floats
    Q: Floats
    trace: Floats


@dataclass(frozen=True)
class Solution:
    """A fitted model.

    Parameters
    ----------
    rows, basis : what was fitted
    structure : of V
    theta : (k,) its parameters on their natural scale, in the order of `structure.names`
    phi : (p, p) (X′V⁻¹X)⁻¹ in the coordinates of the basis
    beta : (p,) fixed effects in those coordinates
    loglik : log-likelihood with its constants; restricted unless `method` is ML
    edge : parameters that lie at the edge of what they may be
    converged : whether the slope of the likelihood vanished
    """

    rows: Rows
    basis: Basis
    structure: Structure
    theta: Floats
    phi: Floats
    beta: Floats
    loglik: float
    edge: tuple[str, ...]
    converged: bool
    method: str
    derive: Callable[[], Derivatives] = field(repr=False)
    curve: Callable[[], tuple[Floats, Floats]] = field(repr=False)
    """Hessian of −2ℓ by ψ, and dθ/dψ."""

    @cached_property
    def derivatives(self) -> Derivatives:
        """Computed once, when a test asks."""
        return self.derive()

    @cached_property
    def curvature(self) -> tuple[Floats, Floats]:
        """Computed once, when a Satterthwaite test asks."""
        return self.curve()

    @property
    def n_parameters(self) -> int:
        """Covariance parameters."""
        return len(self.theta)

    @property
    def reported(self) -> dict[str, float]:
        """θ by name, as people read it."""
        return self.structure.reported(self.theta)

    @property
    def aicc(self) -> float:
        """−2ℓ + 2kn/(n − k − 1) with k covariance parameters and, for REML, n less the number of means."""
        free = len(self.rows.y) - (len(self.basis.kept) if self.method == "REML" else 0)
        k = self.n_parameters + (0 if self.method == "REML" else len(self.basis.kept))
        return -2 * self.loglik + 2 * k * free / (free - k - 1) if free > k + 1 else math.inf

    def coordinates(self, L: Floats) -> Floats:
        """Rows of L for the kept columns, in the coordinates of the basis: Lβ = (LR⁻¹)(Rβ)."""
        return L[:, self.basis.kept] @ self.basis.inverse

    @cached_property
    def coefficients(self) -> Floats:
        """(columns of X,) fixed effects; NaN where a column depends on others and was left out."""
        whole = np.full(self.rows.X.shape[1], np.nan)
        whole[self.basis.kept] = self.basis.inverse @ self.beta
        return whole

    def blocks(self) -> Iterator[tuple[Whole, Floats]]:
        """The rows of each animal (or cage) and their fitted covariance."""
        rows = self.rows
        unit = rows.animal if rows.cage is None else rows.cage
        nothing = np.zeros(len(unit))
        day = nothing if rows.day is None else rows.day
        occasion = np.unique(day, return_inverse=True)[1].astype(np.int64)
        stratum = nothing.astype(np.int64) if rows.stratum is None else rows.stratum
        order = np.argsort(unit, kind="stable")
        for at in np.split(order, np.flatnonzero(np.diff(unit[order])) + 1):
            animal = np.unique(rows.animal[at], return_inverse=True)[1].astype(np.int64)
            layout = Layout(day[at], occasion[at], animal, stratum[at])
            yield at, self.structure.matrices(layout, self.theta)[0]

    def weights(self, L: Floats) -> Floats:
        """(q, n) what each estimate Lβ gives to each outcome: LΦX′V⁻¹."""
        lever = self.coordinates(L) @ self.phi @ self.basis.orthonormal().T
        found = np.empty_like(lever)
        for at, V in self.blocks():
            found[:, at] = np.linalg.solve(V, lever[:, at].T).T
        return found

    def estimable(self, L: Floats) -> NDArray[np.bool_]:
        """Whether each row of L can be estimated: whether it lies in the space of the rows of X."""
        if len(self.basis.kept) == L.shape[1]:
            return np.array(~np.isnan(L).any(axis=1), dtype=bool, ndmin=1)
        hidden = np.abs(L @ self.null_space).max(axis=1)
        return np.array(hidden < 1e-8 * np.maximum(np.abs(L).max(axis=1), 1e-300), dtype=bool, ndmin=1)

    @cached_property
    def null_space(self) -> Floats:
        """(columns, d) directions of β that X cannot see."""
        X, kept = self.rows.X, self.basis.kept
        left = np.setdiff1d(np.arange(X.shape[1]), kept)
        N = np.zeros((X.shape[1], len(left)))
        N[left, np.arange(len(left))] = -1.0
        N[kept] = self.basis.inverse @ (self.basis.inverse.T @ (self.basis.X.T @ X[:, left]))
        return N


def solve(rows: Rows, name: str = "cs", *, method: str = "REML") -> Solution:
    """The fit of a structure by restricted (or full) maximum likelihood.

    Parameters
    ----------
    rows : outcome, model matrix and blocks
    name : cs, slope, independent-slope, ar1, cs+ar1 or un
    method : REML or ML

    Raises
    ------
    FitError
        Where the data cannot carry the model; the message names the cause.
    """
    if method not in ("REML", "ML"):
        raise FitError(f'The method "{method}" is not known. Valid here: REML, ML.')
    if not (np.isfinite(rows.y).all() and np.isfinite(rows.X).all()):
        raise FitError("The outcome or the model matrix holds an empty or infinite value; take such rows out.")
    if rows.day is not None and not np.isfinite(rows.day).all():
        raise FitError("A day is empty or infinite; take such rows out.")
    largest = float(np.abs(rows.y).max(initial=0.0))
    if largest > LARGEST or 0 < largest < 1 / LARGEST:
        raise FitError(f"The outcome's values reach {largest:.1g}, beyond what squares can hold; choose another unit.")
    basis = bases.of(rows.y, rows.X)
    known = structure.build(name, rows.day, cage=rows.cage is not None, strata=rows.strata)
    if name == "cs" and rows.cage is None and len(rows.strata) == 1:
        return _by_rotation(rows, basis, known, method)
    return _by_search(rows, basis, known, method)


def _by_rotation(rows: Rows, basis: Basis, known: Structure, method: str) -> Solution:
    """One random intercept: a search along one line."""
    rotation = intercept.rotate(basis, rows.animal)
    squares = float(basis.residual @ basis.residual)
    totals = intercept.animal_totals(basis.residual, rows.animal, int(rotation.counts.sum()))[:, None]
    along = intercept.profile(rotation, totals, np.array([squares]), restricted=method == "REML")
    along = intercept.with_exact_within(along, basis, basis.residual[:, None], rows.animal)
    ratio, deviance = (float(one[0]) for one in intercept.best_ratio(along))
    sigma2 = float(along.rss(np.array([ratio]))[0]) / along.free
    c = intercept.shrink(rotation.sizes, ratio)
    cross = sum(
        -ct * Bt.T @ totals[chosen, 0] for ct, (Bt, _), chosen in zip(c, rotation.totals, rotation.members, strict=True)
    )
    scaled = np.asarray(np.linalg.inv(np.eye(rotation.p) - np.tensordot(c, rotation.shared, axes=1)))
    theta = np.array([ratio * sigma2, sigma2])
    constant = along.free * (math.log(2 * math.pi / along.free) + 1)
    if method == "REML":
        constant += basis.log_scale
    return Solution(
        rows,
        basis,
        known,
        theta,
        sigma2 * scaled,
        basis.ols + scaled @ cross,
        -(deviance + constant) / 2,
        ("tau2",) if ratio == 0 else (),
        True,
        method,
        lambda: _sums_of_intercept(rotation, sigma2 * scaled, theta),
        lambda: _curve_of_intercept(rotation, along, ratio, sigma2),
    )


def _sums_of_intercept(rotation: Rotation, phi: Floats, theta: Floats) -> Derivatives:
    """V⁻¹1 = w1 with w = 1/(σ² + tτ²) turns every product into Q′Q = 1 and (Q′1)(Q′1)′."""
    tau2, s2 = theta
    t, B, one = rotation.sizes, rotation.shared, np.eye(rotation.p)
    c, w, flat = intercept.shrink(t, tau2 / s2), 1 / (s2 + t * tau2), B.reshape(len(t), -1)

    def of(identity: float, ones: Floats) -> Floats:
        """identity·1 + Σ ones·(Q′1)(Q′1)′."""
        whole: Floats = identity * one + (ones @ flat).reshape(one.shape)
        return whole

    P = np.stack([of(0.0, -(w**2)), of(-1 / s2**2, (2 * c - t * c**2) / s2**2)])
    mixed = of(0.0, w**3)
    cubic = of(1 / s2**3, -(3 * c - 3 * t * c**2 + t**2 * c**3) / s2**3)
    Q = np.array([[of(0.0, t * w**3), mixed], [mixed, cubic]])
    n = rotation.counts
    both = n @ (w**2 * t)
    trace = np.array([[n @ (w * t) ** 2, both], [both, n @ ((t - 2 * c * t + (c * t) ** 2) / s2**2)]])
    return Derivatives(P, Q, trace)


def _curve_of_intercept(
    rotation: Rotation, along: intercept.Profile, ratio: float, sigma2: float
) -> tuple[Floats, Floats]:
    """The Hessian of −2ℓ by (log λ, log σ²) and the derivatives of (τ², σ²) by them.

    −2ℓ = f(λ) + ν log σ² + rss(λ)/σ²; at the optimum rss = νσ².
    """
    if ratio == 0:
        return np.array([[1.0, 0.0], [0.0, along.free]]), np.array([[0.0, 0.0], [0.0, sigma2]])
    dl = along.d * ratio
    part = along.part[:, 0] / (1 + dl)
    share = dl / (1 + dl)
    first, second = -(part * share).sum(), (part * share * (2 * share - 1)).sum()
    w = along.logs * ratio / (1 + along.logs * ratio)
    top = along.log_counts @ (w * (1 - w)) + second / sigma2
    hessian = np.array([[top, -first / sigma2], [-first / sigma2, along.free]])
    tau2 = ratio * sigma2
    return hessian, np.array([[tau2, tau2], [0.0, sigma2]])


def _by_search(rows: Rows, basis: Basis, known: Structure, method: str) -> Solution:
    """Any structure: damped Newton steps over patterns."""
    n, p = len(rows.y), len(basis.kept)
    scale = math.sqrt(float(basis.residual @ basis.residual) / (n - p))
    Z = np.column_stack([basis.orthonormal(), basis.residual / scale])
    nothing = np.zeros(n, dtype=np.int64)
    depends = any(word in known.label for word in ("slope", "ar1", "un"))
    day = rows.day if depends and rows.day is not None else np.zeros(n)
    block = rows.animal if rows.cage is None else rows.cage
    found = patterns.gather(Z, block, rows.animal, day, nothing if rows.stratum is None else rows.stratum)
    identifiable.check(
        known, basis, found, animal=rows.animal, cage=rows.cage, stratum=rows.stratum, strata=rows.strata
    )
    return searched(rows, basis, known, found, scale, known.starts(1.0), method)


def searched(
    rows: Rows,
    basis: Basis,
    known: Structure,
    found: list[Pattern],
    scale: float,
    starts: list[Floats],
    method: str = "REML",
) -> Solution:
    """The fit of a structure to the sums of patterns.

    Parameters
    ----------
    found : patterns of the rows of [Q, residual/scale]
    scale : of the residuals, in the outcome's unit
    starts : values of ψ to search from
    """
    n, p = len(rows.y), len(basis.kept)
    objective = Objective(found, known, p + 1, method == "REML")
    ended = search.minimise(objective, starts)
    edge = known.at_edge(ended.psi, 1.0)
    if "un" in edge:
        raise FitError(
            f"The animals are too few for {known.label}: a covariance of all their days fits them without limit. It takes "
            "more animals than days beside the means of the arms; choose a structure with fewer parameters, such as cs+ar1."
        )
    gone = np.array([name in edge for name in known.names]) & (np.abs(ended.theta) < 1e-9)
    # Variances and covariances carry the square of the outcome's unit, correlations none.
    unit = np.array([1.0 if name == "rho" else scale**2 for name in known.names])
    constant = (n - p if method == "REML" else n) * math.log(2 * math.pi * scale**2)
    if method == "REML":
        constant += basis.log_scale
    at = ended.at
    each = 1 / unit

    def derive() -> Derivatives:
        """In the outcome's unit: Φ carries scale², P_r = dΦ⁻¹/dθ_r, Q_rs the inverse of Φ and of both θ."""
        P = at.P / scale**2 * each[:, None, None]
        Q = at.Q / scale**2 * (each[:, None] * each[None, :])[:, :, None, None]
        return Derivatives(P, Q, at.trace * (each[:, None] * each[None, :]))

    return Solution(
        rows,
        basis,
        known,
        np.where(gone, 0.0, ended.theta * unit),
        at.phi * scale**2,
        basis.ols + at.beta * scale,
        -(at.deviance + constant) / 2,
        edge,
        ended.converged,
        method,
        derive,
        lambda: search.curvature(objective, ended.psi, unit),
    )
