"""The covariance of the rows of one animal (or cage), as a sum of parts with few parameters.

Each part knows its variances and correlations θ on their natural scale, the free parameters ψ that the
search moves (in which a variance of 0 is an ordinary point), and the derivatives of V by θ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Layout:
    """Where the t rows of one block stand; blocks of the same layout share V.

    Parameters
    ----------
    day : (t,) days
    occasion : (t,) the day's place among all days of the data
    animal : (t,) which animal of the block, 0 for all where the block is an animal
    stratum : (t,) which residual variance
    """

    day: Floats
    occasion: Whole
    animal: Whole
    stratum: Whole

    @cached_property
    def same(self) -> Floats:
        """(t, t) 1 where two rows are of the same animal."""
        return (self.animal[:, None] == self.animal[None, :]).astype(float)


class Part(Protocol):
    """A term of V."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of θ."""

    def natural(self, psi: Floats) -> Floats:
        """θ of this part from its ψ."""

    def jacobian(self, psi: Floats) -> Floats:
        """(k, k) dθ/dψ."""

    def matrices(self, layout: Layout, theta: Floats) -> tuple[Floats, Floats]:
        """V (t, t) and dV/dθ (k, t, t) of a block."""

    def start(self, share: float, total: float) -> Floats:
        """ψ at which the part carries this share of the total variance."""


@dataclass(frozen=True)
class Intercept:
    """θ 11′ over the rows of an animal, or of the whole block: θ = s²."""

    name: str
    whole_block: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Its one variance."""
        return (self.name,)

    def natural(self, psi: Floats) -> Floats:
        """s²."""
        return psi**2

    def jacobian(self, psi: Floats) -> Floats:
        """2s."""
        return np.diag(2 * psi)

    def matrices(self, layout: Layout, theta: Floats) -> tuple[Floats, Floats]:
        """θJ and J."""
        ones = np.ones_like(layout.same) if self.whole_block else layout.same
        return theta[0] * ones, ones[None]

    def start(self, share: float, total: float) -> Floats:
        """The share of the total."""
        return np.array([np.sqrt(share * total)])


@dataclass(frozen=True)
class Slope:
    """Z G Z′ with Z = (1, z), z the standardized day: G = LL′, L = [[a, 0], [b, c]].

    `correlated` is off for independent intercepts and slopes; z is then only scaled, so that the intercept
    stays the value at day 0.
    """

    centre: float
    scale: float
    correlated: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """Variance of the intercept, their covariance, variance of the slope."""
        return ("tau2", "covariance_slope", "tau2_slope") if self.correlated else ("tau2", "tau2_slope")

    def natural(self, psi: Floats) -> Floats:
        """The entries of G."""
        if not self.correlated:
            return psi**2
        a, b, c = psi
        return np.array([a * a, a * b, b * b + c * c])

    def jacobian(self, psi: Floats) -> Floats:
        """Their derivatives."""
        if not self.correlated:
            return np.diag(2 * psi)
        a, b, c = psi
        return np.array([[2 * a, 0, 0], [b, a, 0], [0, 2 * b, 2 * c]])

    def matrices(self, layout: Layout, theta: Floats) -> tuple[Floats, Floats]:
        """Σ θ_k M_k and the M_k: 11′, 1z′ + z1′, zz′ within an animal."""
        z = (layout.day - self.centre) / self.scale
        parts = [np.ones((len(z), len(z))), z[:, None] + z[None, :], np.outer(z, z)]
        kept = np.stack(parts if self.correlated else [parts[0], parts[2]]) * layout.same
        return np.tensordot(theta, kept, axes=1), kept

    def start(self, share: float, total: float) -> Floats:
        """Most of it in the intercept."""
        a, c = np.sqrt(0.8 * share * total), np.sqrt(0.2 * share * total)
        return np.array([a, 0.0, c]) if self.correlated else np.array([a, c])

    def per_day(self, theta: Floats) -> Floats:
        """θ for the day itself instead of the standardized one."""
        if not self.correlated:
            return np.array([theta[0], theta[1] / self.scale**2])
        # (1, z) = (1, d) A with A = [[1, −m/s], [0, 1/s]], so G for d is A G A′.
        A = np.array([[1, -self.centre / self.scale], [0, 1 / self.scale]])
        G = A @ np.array([[theta[0], theta[1]], [theta[1], theta[2]]]) @ A.T
        return np.array([G[0, 0], G[0, 1], G[1, 1]])


@dataclass(frozen=True)
class Residual:
    """Independent residuals with one variance σ², or one a stratum: σ² = e^ψ."""

    strata: tuple[str, ...] = ("",)

    @property
    def names(self) -> tuple[str, ...]:
        """One variance a stratum."""
        return tuple(f"sigma2{f'[{name}]' if name else ''}" for name in self.strata)

    def natural(self, psi: Floats) -> Floats:
        """e^ψ."""
        return np.exp(psi)

    def jacobian(self, psi: Floats) -> Floats:
        """e^ψ again."""
        return np.diag(np.exp(psi))

    def matrices(self, layout: Layout, theta: Floats) -> tuple[Floats, Floats]:
        """A diagonal a stratum."""
        member = (layout.stratum[None, :] == np.arange(len(self.strata))[:, None]).astype(float)
        D = member[:, :, None] * np.eye(len(layout.stratum))[None]
        return np.tensordot(theta, D, axes=1), D

    def start(self, share: float, total: float) -> Floats:
        """The share in each stratum."""
        return np.full(len(self.strata), np.log(share * total))


@dataclass(frozen=True)
class Serial:
    """Residuals that fade with the days between them: σ_i σ_j ρ^(Δ/gap); ρ = 1 − e^(−s²).

    `gap` is the smallest distance between days, so that no power is below 1 and V stays smooth at ρ = 0.
    """

    gap: float
    strata: tuple[str, ...] = ("",)

    @property
    def names(self) -> tuple[str, ...]:
        """The variances, and the correlation at one gap."""
        return (*Residual(self.strata).names, "rho")

    def natural(self, psi: Floats) -> Floats:
        """e^ψ and 1 − e^(−s²)."""
        return np.append(np.exp(psi[:-1]), -np.expm1(-(psi[-1] ** 2)))

    def jacobian(self, psi: Floats) -> Floats:
        """Their derivatives."""
        return np.diag(np.append(np.exp(psi[:-1]), 2 * psi[-1] * np.exp(-(psi[-1] ** 2))))

    def matrices(self, layout: Layout, theta: Floats) -> tuple[Floats, Floats]:
        """V and its derivatives by each variance and by ρ."""
        sigma2, rho = theta[:-1], theta[-1]
        apart = np.abs(layout.day[:, None] - layout.day[None, :]) / self.gap
        sd = np.sqrt(sigma2)[layout.stratum]
        scale = layout.same * np.outer(sd, sd)
        V = scale * np.power(rho, apart)
        member = (layout.stratum[None, :] == np.arange(len(sigma2))[:, None]) / sigma2[:, None]
        by_variance = V[None] * 0.5 * (member[:, :, None] + member[:, None, :])
        by_rho = scale * apart * np.power(rho, np.maximum(apart - 1, 0))
        return V, np.concatenate([by_variance, by_rho[None]])

    def second(self, layout: Layout, theta: Floats) -> Floats:
        """(k, k, t, t) d²V/dθ²; the other parts are linear in θ and have none."""
        sigma2, rho, one = theta[:-1], theta[-1], len(theta) - 1
        V, D = self.matrices(layout, theta)
        apart = np.abs(layout.day[:, None] - layout.day[None, :]) / self.gap
        member = (layout.stratum[None, :] == np.arange(one)[:, None]) / sigma2[:, None]
        both = 0.5 * (member[:, :, None] + member[:, None, :])
        found = np.zeros((one + 1, one + 1, *V.shape))
        found[:one, :one] = V * both[:, None] * both[None, :]
        found[range(one), range(one)] -= D[:-1] / sigma2[:, None, None]
        found[:one, one] = found[one, :one] = D[-1] * both
        # Between one and two gaps this grows without bound at ρ = 0, but not by ψ, of which ρ is the square there.
        scale = layout.same * np.outer(np.sqrt(sigma2)[layout.stratum], np.sqrt(sigma2)[layout.stratum])
        found[one, one] = scale * apart * (apart - 1) * np.power(max(rho, 1e-12), apart - 2)
        return found

    def start(self, share: float, total: float) -> Floats:
        """The share as variance, ρ = ½."""
        return np.append(np.full(len(self.strata), np.log(share * total)), np.sqrt(np.log(2)))


@dataclass(frozen=True)
class Unstructured:
    """Any covariance of the days: V = LL′, ψ the entries of L."""

    days: tuple[float, ...]

    @cached_property
    def entries(self) -> tuple[Whole, Whole]:
        """Row and column of each θ."""
        rows, columns = np.tril_indices(len(self.days))
        return rows.astype(np.int64), columns.astype(np.int64)

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each entry."""
        return tuple(
            f"sigma2[{self.days[i]:g}]" if i == j else f"covariance[{self.days[i]:g},{self.days[j]:g}]"
            for i, j in zip(*self.entries, strict=True)
        )

    def lower(self, psi: Floats) -> Floats:
        """L."""
        L = np.zeros((len(self.days), len(self.days)))
        L[self.entries] = psi
        return L

    def natural(self, psi: Floats) -> Floats:
        """The lower triangle of LL′."""
        L = self.lower(psi)
        return (L @ L.T)[self.entries]

    def jacobian(self, psi: Floats) -> Floats:
        """d(LL′)_ij/dL_kl = δ_ik L_jl + δ_jk L_il."""
        L, (i, j) = self.lower(psi), self.entries
        return (i[:, None] == i[None, :]) * L[j[:, None], j[None, :]] + (j[:, None] == i[None, :]) * L[
            i[:, None], j[None, :]
        ]

    def matrices(self, layout: Layout, theta: Floats) -> tuple[Floats, Floats]:
        """The rows and columns of the block's days."""
        i, j = self.entries
        D = np.zeros((len(theta), len(self.days), len(self.days)))
        places = np.arange(len(theta))
        D[places, i, j] = D[places, j, i] = 1.0
        D = D[:, layout.occasion][:, :, layout.occasion]
        return np.tensordot(theta, D, axes=1), D

    def start(self, share: float, total: float) -> Floats:
        """Half of the variance common to all days."""
        n = len(self.days)
        whole = np.linalg.cholesky(total * share * (0.5 * np.ones((n, n)) + 0.5 * np.eye(n)))
        return np.asarray(whole[self.entries])
