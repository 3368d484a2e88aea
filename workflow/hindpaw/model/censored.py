"""Rows that are known exactly or between bounds, and their densities at any mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hindpaw.model.between import density_over, log_between
from hindpaw.model.errors import FitError

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)
NODES = 15


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
    def places(self) -> Whole:
        """(m, most rows of an animal) its rows; row 0 fills up, where `columns` is 0."""
        rows = np.diff(np.append(self.first, len(self.lower)))
        at = np.arange(int(rows.max()))
        return np.asarray(np.where(at < rows[:, None], self.first[:, None] + at, 0))

    @cached_property
    def columns(self) -> Floats:
        """(m, most rows, p) X of each animal."""
        rows = np.diff(np.append(self.first, len(self.lower)))
        there = np.arange(int(rows.max())) < rows[:, None]
        return np.asarray(self.X[self.places] * there[:, :, None])

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
        _put(
            made, rows, known.lower[rows].reshape(-1, *shape[1:]), known.upper[rows].reshape(-1, *shape[1:]), mean, wide
        )
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
