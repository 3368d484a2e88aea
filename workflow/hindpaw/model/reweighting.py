"""A fitted model's estimates under other weights of its units: what resampling and leaving out animals ask for.

The covariance of each unit stays as fitted; then β(w) = (Σ w_i H_i)⁻¹ Σ w_i s_i with H_i = X_i′V_i⁻¹X_i and
s_i = X_i′V_i⁻¹y_i, so that any number of resamples costs one matrix product and small solves. The standard error of each is
robust: Σ w_i (L(Σ w H)⁻¹(s_i − H_iβ))², which asks nothing of the covariance's form.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hindpaw.model.solution import Solution

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

# An information smaller than this share of the fit's own is a cell that no unit of the resample was tested in.
GONE = 1e-7
# Resamples worked on at a time: fewer where units and columns are many, 16 MB of scores in all.
AT_A_TIME = 250
SCORES = 2_000_000


@dataclass(frozen=True)
class Contributions:
    """What each unit adds.

    Parameters
    ----------
    H : (m, p, p) X′V⁻¹X of each unit, in the coordinates of the fit's basis
    s : (m, p) X′V⁻¹y
    members : codes of the animals of each unit
    """

    H: Floats
    s: Floats
    members: list[Whole]


@dataclass(frozen=True)
class Reweighted:
    """Estimates under B weightings.

    Parameters
    ----------
    estimate : (B, q) Lβ; NaN where the units of a weighting cannot carry the model
    covariance : (B, q, q) robust, between units
    """

    estimate: Floats
    covariance: Floats

    @property
    def se(self) -> Floats:
        """(B, q) robust standard errors."""
        return np.sqrt(np.clip(np.einsum("bqq->bq", self.covariance), 0, None))


def contributions(solved: Solution) -> Contributions:
    """What each unit (animal, or cage where cages share a variance) adds to a fit."""
    Q = solved.basis.orthonormal()
    H, s, members = [], [], []
    for at, V in solved.blocks():
        weighted = np.linalg.solve(V, np.column_stack([Q[at], solved.rows.y[at]]))
        H.append(Q[at].T @ weighted[:, :-1])
        s.append(Q[at].T @ weighted[:, -1])
        members.append(np.unique(solved.rows.animal[at]))
    return Contributions(np.stack(H), np.stack(s), members)


def joined(units: Contributions, group: Whole) -> Contributions:
    """The units put together by groups, codes 0, 1, … of each."""
    places = [np.flatnonzero(group == code) for code in range(int(group.max()) + 1)]
    return Contributions(
        np.stack([units.H[at].sum(axis=0) for at in places]),
        np.stack([units.s[at].sum(axis=0) for at in places]),
        [np.concatenate([units.members[place] for place in at]) for at in places],
    )


def reweighted(solved: Solution, units: Contributions, weights: Floats, L: Floats) -> Reweighted:
    """The estimates of L under each weighting.

    Parameters
    ----------
    weights : (B, m) how often each unit counts
    L : (q, columns of X) estimable contrasts
    """
    own = solved.coordinates(L)
    size = max(1, min(AT_A_TIME, SCORES // units.s.size))
    parts = [_some(units, weights[at : at + size], own) for at in range(0, len(weights), size)]
    return Reweighted(*(np.concatenate(one) for one in zip(*parts, strict=True)))


def _some(units: Contributions, weights: Floats, own: Floats) -> tuple[Floats, Floats]:
    """Estimates and covariances of some weightings."""
    m, p = units.s.shape
    A = (weights @ units.H.reshape(m, -1)).reshape(-1, p, p)
    least = GONE * float(np.linalg.eigvalsh(units.H.sum(axis=0))[0])
    sound = np.linalg.eigvalsh(A)[:, 0] > least
    A[~sound] = np.eye(p)
    beta = np.linalg.solve(A, (weights @ units.s)[:, :, None])[:, :, 0]
    lever = np.linalg.solve(A, np.broadcast_to(own.T, (len(A), *own.T.shape)))
    scores = units.s - np.einsum("mpk,bk->bmp", units.H, beta, optimize=True)
    shares = scores @ lever
    covariance = np.einsum("bm,bmq,bmr->bqr", weights, shares, shares, optimize=True)
    estimate = beta @ own.T
    estimate[~sound], covariance[~sound] = np.nan, np.nan
    return estimate, covariance


def resamples(strata: Whole, times: int, rng: np.random.Generator) -> Floats:
    """(times, m) how often each unit is drawn, with replacement within its stratum.

    >>> resamples(np.array([0, 0, 1]), 2, np.random.default_rng(0)).sum(axis=1).tolist()
    [3.0, 3.0]
    """
    drawn = np.zeros((times, len(strata)))
    for stratum in np.unique(strata):
        mine = np.flatnonzero(strata == stratum)
        drawn[:, mine] = rng.multinomial(len(mine), np.full(len(mine), 1 / len(mine)), size=times)
    return drawn
