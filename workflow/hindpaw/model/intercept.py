"""Restricted maximum likelihood for one random intercept: V = τ² 11′ + σ² I within each animal.

With λ = τ²/σ², K = MZZ′M and M the projection that takes X out, −2ℓ_R = Σ m_i log(1 + λd_i) + ν log(rss(λ)) up to
a constant, where d_i are the eigenvalues of K and rss(λ) = w + Σ a_i/(d_i(1 + λd_i)); a_i are the squares of the
animals' residual totals along the eigenvectors and w is what varies within animals. One rotation gives d and a for
any number of outcomes of the same design, and each is then a search along one line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hindpaw.model.basis import Basis, Span
from hindpaw.model.errors import FitError

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

NO_TWO_ALIKE = (
    "The variance between animals cannot be known: every animal has means of its own (one animal in each group, or a "
    "block for each animal). Two animals that share all their means are the least."
)
LOG_RATIOS = np.linspace(-18.0, 18.0, 73)
SAME = 1e-9
BEYOND = 40.0
ROUNDS = 80
# Below this share of the residual squares, what varies within animals is computed on its own; below this, it counts as
# nothing: V would be singular but for the last digits.
LITTLE_WITHIN = 1e-6
NOTHING_WITHIN = 1e-11
# The same for the search over patterns, which inverts V itself.
TOO_LITTLE_TO_INVERT = 1e-8
# Below this many rows the exact answer costs nothing.
FEW_ROWS = 100_000
# A Newton step this short leaves an error of its square.
SETTLED = 1e-11


@dataclass(frozen=True)
class Rotation:
    """What the design alone decides.

    Parameters
    ----------
    n, p : rows and columns of X
    sizes : (k,) the different numbers of rows t of an animal
    counts : (k,) animals with t rows
    totals : list of (m_t, p) Q′1 of each animal with t rows, and its orthonormal basis (m_t, r_t)
    members : list of the animals with t rows
    vectors : (Σ r_t, e) eigenvectors in those bases
    values : (e,) their eigenvalues d
    bulk : (k,) animals with t rows less r_t: the multiplicity of the eigenvalue t
    """

    n: int
    p: int
    sizes: Floats
    counts: Floats
    totals: list[tuple[Floats, Floats]]
    members: list[Whole]
    vectors: Floats
    values: Floats
    bulk: Floats

    @property
    def shared(self) -> Floats:
        """(k, p, p) Σ (Q′1)(Q′1)′ over the animals with t rows."""
        return np.stack([B.T @ B for B, _ in self.totals])


def animal_totals(values: Floats, animal: Whole, n_animals: int) -> Floats:
    """(m, w) sums of the rows of each animal."""
    if bool((animal[1:] >= animal[:-1]).all()):
        starts = np.flatnonzero(np.append(True, animal[1:] != animal[:-1]))
        if len(starts) == n_animals:
            even = len(animal) // n_animals
            if even * n_animals == len(animal) and bool((np.diff(starts) == even).all()):
                return values.reshape(n_animals, even, *values.shape[1:]).sum(axis=1)
            return np.add.reduceat(values, starts, axis=0)
    sums = np.zeros((n_animals, *values.shape[1:]))
    np.add.at(sums, animal, values)
    return sums


def rotate(basis: Span, animal: Whole) -> Rotation:
    """The rotation of a design.

    Parameters
    ----------
    basis : of the model matrix
    animal : (n,) codes 0, 1, …, each present

    Raises
    ------
    FitError
        Where no animal can be told from the means of its cells, so that τ² cannot be known.
    """
    p = len(basis.kept)
    rows = np.bincount(animal)
    B = animal_totals(basis.X, animal, len(rows)) @ basis.inverse
    sizes = np.unique(rows)
    members = [np.flatnonzero(rows == size) for size in sizes]
    totals = []
    for chosen in members:
        Bt = B[chosen]
        U = np.eye(len(chosen)) if len(chosen) <= p else np.linalg.qr(Bt)[0]
        totals.append((Bt, U))
    stacked = np.concatenate([U.T @ Bt for Bt, U in totals])
    own = np.repeat(sizes.astype(float), [U.shape[1] for _, U in totals])
    values, vectors = np.linalg.eigh(np.diag(own) - stacked @ stacked.T)
    real = values > SAME * sizes.max()
    bulk = np.array([len(Bt) - U.shape[1] for Bt, U in totals], dtype=float)
    if not real.any() and not bulk.any():
        raise FitError(NO_TWO_ALIKE)
    counts = np.array([len(chosen) for chosen in members], dtype=float)
    sized = sizes.astype(float)
    return Rotation(len(animal), p, sized, counts, totals, members, vectors[:, real], values[real], bulk)


@dataclass(frozen=True)
class Profile:
    """The likelihood along λ of one outcome or of many.

    Parameters
    ----------
    d : (e,) eigenvalues
    part : (e, o) squared rotated totals over their eigenvalue, a/d
    within : (o,) what varies within animals
    free : ν, degrees of freedom
    logs, log_counts : the d and m of the term Σ m log(1 + dλ), which differ for full maximum likelihood
    """

    d: Floats
    part: Floats
    within: Floats
    free: int
    logs: Floats
    log_counts: Floats

    def rss(self, ratio: Floats) -> Floats:
        """(o,) weighted residual sums of squares at λ (o,)."""
        return np.asarray(self.within + (self.part / (1 + self.d[:, None] * ratio)).sum(axis=0))

    def deviance(self, ratio: Floats) -> Floats:
        """(o,) Σ m log(1 + dλ) + ν log rss at λ (o,)."""
        logs = self.log_counts @ np.log1p(self.logs[:, None] * ratio)
        return np.asarray(logs + self.free * np.log(self.rss(ratio)))

    def grid(self, ratios: Floats) -> Floats:
        """(g, o) the same at each λ of a grid (g,), by one matrix product."""
        logs = np.log1p(np.outer(ratios, self.logs)) @ self.log_counts
        rss = (1 / (1 + np.outer(ratios, self.d))) @ self.part + self.within
        return np.asarray(logs[:, None] + self.free * np.log(rss))

    def only(self, outcomes: Whole) -> Profile:
        """Some of the outcomes."""
        return replace(self, part=self.part[:, outcomes], within=self.within[outcomes])

    def slopes(self, ratio: Floats) -> tuple[Floats, Floats]:
        """(o,) first and second derivative of the deviance by log λ."""
        dl = self.d[:, None] * ratio
        part = self.part / (1 + dl)
        share = dl / (1 + dl)
        rss = self.within + part.sum(axis=0)
        first = -(part * share).sum(axis=0)
        second = (part * share * (2 * share - 1)).sum(axis=0)
        w = self.logs[:, None] * ratio / (1 + self.logs[:, None] * ratio)
        return (
            self.log_counts @ w + self.free * first / rss,
            self.log_counts @ (w * (1 - w)) + self.free * (second / rss - (first / rss) ** 2),
        )


def profile(rotation: Rotation, totals: Floats, residual_squares: Floats, *, restricted: bool = True) -> Profile:
    """The likelihood of outcomes.

    Parameters
    ----------
    totals : (m, o) the animals' sums of residuals
    residual_squares : (o,) sums of squared residuals
    """
    inside = _in_bases(rotation, totals)
    bulk = [
        (totals[chosen] ** 2).sum(axis=0) - (own**2).sum(axis=0)
        for chosen, own in zip(rotation.members, inside, strict=True)
    ]
    squares = (rotation.vectors.T @ np.concatenate(inside)) ** 2
    has = rotation.bulk > 0
    d = np.concatenate([rotation.values, rotation.sizes[has]])
    a = np.concatenate([squares, np.clip(np.stack(bulk)[has], 0, None)])
    m = np.concatenate([np.ones(len(rotation.values)), rotation.bulk[has]])
    d, m, a = _merged(d, m, a)
    part = a / d[:, None]
    within = np.maximum(residual_squares - part.sum(axis=0), 0)
    logs, counts = (d, m) if restricted else (rotation.sizes, rotation.counts)
    free = rotation.n - rotation.p if restricted else rotation.n
    return Profile(d, part, within, free, logs, counts)


def _in_bases(rotation: Rotation, totals: Floats) -> list[Floats]:
    """The totals (m, o) of the animals with t rows in their basis, (r_t, o) for each t."""
    return [U.T @ totals[chosen] for chosen, (_, U) in zip(rotation.members, rotation.totals, strict=True)]


def rotated(rotation: Rotation, totals: Floats) -> Floats:
    """(e, o) the totals (m, o) along the eigenvectors."""
    return np.asarray(rotation.vectors.T @ np.concatenate(_in_bases(rotation, totals)))


def along_vectors(rotation: Rotation, own: Floats) -> Floats:
    """(q, e) rows in the coordinates of Q, by way of Q′Z, along the eigenvectors."""
    return np.asarray(own @ np.concatenate([U.T @ B for B, U in rotation.totals]).T @ rotation.vectors)


def with_exact_within(along: Profile, basis: Span, residual: Floats, animal: Whole) -> Profile:
    """The profile with what varies within animals computed on its own where little of it is left.

    Parameters
    ----------
    residual : (n, o) residuals of ordinary least squares

    Raises
    ------
    FitError
        Where nothing varies within animals.
    """
    squares = np.einsum("io,io->o", residual, residual)
    few = np.flatnonzero(along.within < LITTLE_WITHIN * squares)
    if not len(few):
        return along
    within = along.within.copy()
    within[few] = _within(basis.orthonormal(), residual[:, few], animal)
    _refuse_nothing_within(within[few], squares[few], NOTHING_WITHIN)
    return replace(along, within=within)


def _refuse_nothing_within(within: Floats, squares: Floats, least: float) -> None:
    """Refuse values that do not vary within animals."""
    if (within < least * squares).any():
        raise FitError(
            "No animal's values vary over its days beside the means of the cells (less than a "
            f"{math.sqrt(least):.0e} of what they do between animals), so there is no residual variance. Analyse one "
            "value an animal."
        )


def must_vary_within(basis: Basis, animal: Whole) -> None:
    """Refuse an outcome that does not vary within animals, for structures that the rotation does not fit.

    Raises
    ------
    FitError
        Where next to nothing of the residual squares lies within animals.
    """
    n = np.bincount(animal).astype(float)[:, None]
    squares = np.array([basis.residual @ basis.residual])
    apart = basis.residual[:, None] - (animal_totals(basis.residual[:, None], animal, len(n)) / n)[animal]
    # Of many rows only those are looked at closely whose residuals hardly leave their animal's mean.
    if float((apart**2).sum()) < LITTLE_WITHIN * squares[0] or len(apart) < FEW_ROWS:
        _refuse_nothing_within(
            _within(basis.orthonormal(), basis.residual[:, None], animal), squares, TOO_LITTLE_TO_INVERT
        )


def _within(Q: Floats, residual: Floats, animal: Whole) -> Floats:
    """(o,) what varies within animals beside the fixed effects: the residual squares of their deviations."""
    n = np.bincount(animal).astype(float)[:, None]
    Q, residual = (one - (animal_totals(one, animal, len(n)) / n)[animal] for one in (Q, residual))
    rest = residual - Q @ np.linalg.lstsq(Q, residual, rcond=1e-10)[0]
    return np.asarray(np.einsum("io,io->o", rest, rest))


def _merged(d: Floats, m: Floats, a: Floats) -> tuple[Floats, Floats, Floats]:
    """Equal eigenvalues as one: a balanced design has one or two."""
    order = np.argsort(d)
    d, m, a = d[order], m[order], a[order]
    starts = np.flatnonzero(np.append(True, np.diff(d) > SAME * d[-1]))
    return d[starts], np.add.reduceat(m, starts), np.add.reduceat(a, starts, axis=0)


def best_ratio(along: Profile) -> tuple[Floats, Floats]:
    """(o,) λ at the highest likelihood, 0 where the boundary is best, and the deviance there.

    A grid over ratios from 1e-8 to 1e8 finds the valley, safeguarded Newton steps its bottom.
    """
    outcomes = along.part.shape[1]
    best = along.grid(np.exp(LOG_RATIOS)).argmin(axis=0)
    low = LOG_RATIOS[np.maximum(best - 1, 0)]
    high = np.append(LOG_RATIOS, BEYOND)[best + 1]
    u = LOG_RATIOS[best].copy()
    left, some = np.arange(outcomes), along
    for _ in range(ROUNDS):
        at = u[left]
        slope, bend = some.slopes(np.exp(at))
        low[left] = np.where(slope < 0, at, low[left])
        high[left] = np.where(slope > 0, at, high[left])
        with np.errstate(divide="ignore", invalid="ignore"):
            newton = at - slope / bend
        inside = (bend > 0) & (newton > low[left]) & (newton < high[left])
        u[left] = np.where(inside, newton, (low[left] + high[left]) / 2)
        moving = np.abs(u[left] - at) > SETTLED
        if not moving.any():
            break
        left, some = left[moving], some.only(np.flatnonzero(moving))
    ratio, deviance = np.exp(u), along.deviance(np.exp(u))
    zero = along.deviance(np.zeros(outcomes))
    edge = zero <= deviance + 1e-9
    return np.where(edge, 0.0, ratio), np.where(edge, zero, deviance)


def shrink(sizes: Floats, ratio: float) -> Floats:
    """c = λ/(1 + tλ) for each number of rows: V⁻¹ = (I − c 11′)/σ²."""
    return ratio / (1 + sizes * ratio)
