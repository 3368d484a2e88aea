"""Many outcomes of one design, each refitted with a random intercept: what resampling asks for.

What the design decides is computed once; an outcome then costs one search along a line. With K = MZZ′M = Σ d_i u_i u_i′
(M takes X out, Z adds up animals), v_i = Z′u_i/√d_i and ṽ_i = v_i′Z′My, in coordinates in which X is orthonormal:
β(λ) = Q′y − Σ λ/(1 + λd_i) Q′Zv_i ṽ_i and Φ(λ)/σ² = 1 + Σ λ/(1 + λd_i) Q′Zv_i v_i′Z′Q.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hindpaw.model import basis as bases
from hindpaw.model import intercept
from hindpaw.model.basis import Span
from hindpaw.model.errors import FitError
from hindpaw.model.intercept import Rotation

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

# Values worked on at a time: 2 MB, which stay in a processor's cache.
AT_A_TIME = 250_000
NOTHING_LEFT = 1e-24


@dataclass(frozen=True)
class Design:
    """Rows and animals, ready for any number of outcomes.

    Parameters
    ----------
    span : the columns of the model matrix
    columns : how many it had before dependent ones were left out
    animal : (n,) codes 0, 1, …
    rotation : of animals against columns
    """

    span: Span
    columns: int
    animal: Whole
    rotation: Rotation


@dataclass(frozen=True)
class Refits:
    """One fit by REML for each of o outcomes.

    Parameters
    ----------
    ratio : (o,) λ = τ²/σ², 0 at the boundary
    sigma2 : (o,) σ²
    loglik : (o,) restricted log-likelihood with its constants
    estimate : (q, o) Lβ
    variance : (q, o) LΦL′, without Kenward and Roger's correction
    """

    ratio: Floats
    sigma2: Floats
    loglik: Floats
    estimate: Floats
    variance: Floats

    @property
    def tau2(self) -> Floats:
        """(o,) variance between animals."""
        return self.ratio * self.sigma2

    @property
    def t(self) -> Floats:
        """(q, o) estimates over their model standard errors."""
        return np.asarray(self.estimate / np.sqrt(self.variance))


def design(X: Floats, animal: Whole) -> Design:
    """What the rows decide.

    Parameters
    ----------
    X : (n, p) model matrix; dependent columns are allowed
    animal : (n,) codes 0, 1, …, each present

    Raises
    ------
    FitError
        Where the rows cannot carry the model.
    """
    if not np.isfinite(X).all():
        raise FitError("The model matrix holds an empty or infinite value; take such rows out.")
    span = bases.span(X)
    return Design(span, X.shape[1], animal, intercept.rotate(span, animal))


def refit(known: Design, Y: Floats, L: Floats) -> Refits:
    """The fits of many outcomes.

    Parameters
    ----------
    known : the design
    Y : (n, o) one outcome a column
    L : (q, columns of X) estimable contrasts

    Raises
    ------
    FitError
        Where an outcome holds an empty value, or does not vary within the cells or within animals.

    Examples
    --------
    Two groups of two animals in two weeks, an outcome without and with a difference of 1 between groups:

    >>> group, week = np.repeat([0, 1], 4), np.tile([0, 1], 4)
    >>> X = np.column_stack([np.ones(8), group, week])
    >>> y = np.array([1, 2, 2, 4, 2, 3, 1, 2.0])
    >>> found = refit(design(X, np.repeat(np.arange(4), 2)), np.column_stack([y, y + group]), np.array([[0, 1, 0.0]]))
    >>> found.estimate.round(4).tolist(), bool(np.ptp(found.sigma2) < 1e-12)
    ([[-0.25, 0.75]], True)
    """
    n = len(known.animal)
    if Y.ndim != 2 or len(Y) != n:
        raise FitError(f"The outcomes have the shape {Y.shape}; one column an outcome and {n} rows are needed.")
    own = _coordinates(known, L)
    size = max(AT_A_TIME // n, 1)
    made = [_some(known, Y[:, at : at + size], own) for at in range(0, Y.shape[1], size)]
    if not made:
        return Refits(*[np.zeros(0)] * 3, *[np.zeros((len(L), 0))] * 2)
    return Refits(*(np.concatenate(parts, axis=-1) for parts in zip(*made, strict=True)))


def _coordinates(known: Design, L: Floats) -> Floats:
    """Rows of L in the coordinates of the columns in use."""
    if L.ndim != 2 or L.shape[1] != known.columns:
        raise FitError(f"L has the shape {L.shape}; {known.columns} columns are needed.")
    left_out = np.setdiff1d(np.arange(known.columns), known.span.kept)
    if len(left_out) and np.abs(L[:, left_out]).any():
        raise FitError("L asks for a column that depends on others and was left out; code the design without it.")
    return np.asarray(L[:, known.span.kept] @ known.span.inverse)


def _some(known: Design, Y: Floats, own: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """ratio, sigma2, loglik, estimate and variance of some outcomes."""
    rotation = known.rotation
    ols, residual = known.span.split(Y)
    squares = np.einsum("io,io->o", residual, residual)
    _must_vary(Y, squares)
    totals = intercept.animal_totals(residual, known.animal, int(rotation.counts.sum()))
    along = intercept.with_exact_within(
        intercept.profile(rotation, totals, squares), known.span, residual, known.animal
    )
    ratio, deviance = intercept.best_ratio(along)
    sigma2 = along.rss(ratio) / along.free
    reach, whole = _reach(rotation, own)
    weight = ratio / (1 + rotation.values[:, None] * ratio)
    estimate = own @ ols - reach @ (weight * intercept.rotated(rotation, totals))
    variance = sigma2 * ((own**2).sum(axis=1)[:, None] + np.outer(whole, ratio) + reach**2 @ weight)
    constant = along.free * (math.log(2 * math.pi / along.free) + 1) + known.span.log_scale
    return ratio, sigma2, -(deviance + constant) / 2, estimate, variance


def _reach(rotation: Rotation, own: Floats) -> tuple[Floats, Floats]:
    """(q, e) L Q′Zv_i, and (q,) the squares of those with d_i = 0, which no residual shows."""
    reach = intercept.along_vectors(rotation, own)
    whole = np.einsum("qi,ij,qj->q", own, rotation.shared.sum(axis=0), own)
    rest = whole - (reach**2).sum(axis=1)
    return reach, np.where(rest > 1e-12 * whole, rest, 0.0)


def _must_vary(Y: Floats, squares: Floats) -> None:
    """Refuse an outcome that no variance can be told from."""
    if not np.isfinite(squares).all():
        raise FitError("An outcome holds an empty or infinite value; take its row out, or fit it on its own.")
    flat = np.flatnonzero(squares <= NOTHING_LEFT * np.maximum(np.einsum("io,io->o", Y, Y), 1e-300))
    if len(flat):
        raise FitError(
            f"{len(flat)} of the outcomes do not vary within the cells, so there is no variance to compare with; "
            f"the first is number {flat[0] + 1}."
        )


def draw(animal: Whole, mean: Floats, tau2: float, sigma2: float, outcomes: int, random: np.random.Generator) -> Floats:
    """(n, outcomes) simulated outcomes of a fit, for its parametric bootstrap.

    Parameters
    ----------
    animal : (n,) codes
    mean : (n,) Xβ
    tau2, sigma2 : variances between and within animals
    """
    between = math.sqrt(tau2) * random.standard_normal((int(animal.max()) + 1, outcomes))
    return np.asarray(
        mean[:, None] + between[animal] + math.sqrt(sigma2) * random.standard_normal((len(mean), outcomes))
    )
