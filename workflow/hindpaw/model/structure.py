"""A named covariance structure put together from its parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hindpaw.model.covariance import Intercept, Layout, Part, Residual, Serial, Slope, Unstructured
from hindpaw.model.errors import FitError

Floats = NDArray[np.float64]

# Shares of the variance that the first part carries, from which the search starts; the rest goes to the others.
STARTS = ((0.5,), (0.1,), (0.9,))
MOST_DAYS = 40
VANISHED = 1e-10
NAMES = ("cs", "slope", "independent-slope", "ar1", "cs+ar1", "un")


@dataclass(frozen=True)
class Structure:
    """V(θ) of a block as a sum of parts.

    Parameters
    ----------
    label : as in the study file, such as `cs+ar1`, and what was added to it
    parts : its terms, the residual one last
    median_gap : median distance between neighbouring days
    """

    label: str
    parts: tuple[Part, ...]
    median_gap: float = 0.0

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of θ in order."""
        return tuple(name for part in self.parts for name in part.names)

    @property
    def n_parameters(self) -> int:
        """How many θ."""
        return len(self.names)

    @cached_property
    def places(self) -> list[slice]:
        """Which θ belong to which part."""
        ends = np.cumsum([len(part.names) for part in self.parts])
        return [slice(int(end) - len(part.names), int(end)) for end, part in zip(ends, self.parts, strict=True)]

    def natural(self, psi: Floats) -> Floats:
        """θ from ψ."""
        return np.concatenate([part.natural(psi[at]) for part, at in zip(self.parts, self.places, strict=True)])

    def jacobian(self, psi: Floats) -> Floats:
        """dθ/dψ."""
        whole = np.zeros((len(psi), len(psi)))
        for part, at in zip(self.parts, self.places, strict=True):
            whole[at, at] = part.jacobian(psi[at])
        return whole

    def matrices(self, layout: Layout, theta: Floats) -> tuple[Floats, Floats]:
        """V (t, t) and its derivatives (k, t, t)."""
        made = [part.matrices(layout, theta[at]) for part, at in zip(self.parts, self.places, strict=True)]
        return np.sum([V for V, _ in made], axis=0), np.concatenate([D for _, D in made])

    def second(self, layout: Layout, theta: Floats) -> Floats | None:
        """(pairs r ≤ s, t, t) second derivatives of V, None where V is linear in θ."""
        if not isinstance(self.parts[-1], Serial):
            return None
        at, k = self.places[-1], len(theta)
        whole = np.zeros((k, k, *layout.same.shape))
        whole[at, at] = self.parts[-1].second(layout, theta[at])
        return np.asarray(whole[np.triu_indices(k)])

    def starts(self, total: float) -> list[Floats]:
        """Values of ψ to search from."""
        found = []
        for (share,) in STARTS if len(self.parts) > 1 else ((1.0,),):
            shares = [share / (len(self.parts) - 1)] * (len(self.parts) - 1) if len(self.parts) > 1 else []
            shares.append(1 - share if shares else 1.0)
            made = [part.start(one, total) for part, one in zip(self.parts, shares, strict=True)]
            found.append(np.concatenate(made))
            if isinstance(self.parts[-1], Serial):
                strong = found[-1].copy()
                strong[-1] = 1.5
                found.append(strong)
        return found

    def at_edge(self, psi: Floats, total: float) -> tuple[str, ...]:
        """The parameters that lie at the edge of what they may be: a variance of 0, a correlation of 0 or 1."""
        theta, found = self.natural(psi), []
        for part, at in zip(self.parts, self.places, strict=True):
            own = theta[at]
            if isinstance(part, Slope) and part.correlated:
                G = np.array([[own[0], own[1]], [own[1], own[2]]])
                found += ["tau2_slope"] * bool(np.linalg.eigvalsh(G)[0] < VANISHED * total)
            elif isinstance(part, Unstructured):
                smallest = np.linalg.svd(part.lower(psi[at]), compute_uv=False)[-1] ** 2
                found += ["un"] * bool(smallest < VANISHED * total)
            else:
                variances = own[:-1] if isinstance(part, Serial) else own
                found += [n for n, v in zip(part.names, variances, strict=False) if v < VANISHED * total]
                found += ["rho"] * bool(isinstance(part, Serial) and not VANISHED < own[-1] < 1 - 1e-8)
        return tuple(found)

    def reported(self, theta: Floats) -> dict[str, float]:
        """θ by name as people read it: slopes per day; ρ of `ar1` per day, of `cs+ar1` per median gap."""
        values = theta.copy()
        for part, at in zip(self.parts, self.places, strict=True):
            if isinstance(part, Slope):
                values[at] = part.per_day(values[at])
            if isinstance(part, Serial):
                alone = len(self.parts) == 1
                values[at.stop - 1] **= (1.0 if alone else self.median_gap) / part.gap
        return {name: float(value) for name, value in zip(self.names, values, strict=True)}


def _slope(days: Floats, correlated: bool) -> Slope:
    """A slope over the spread of the days."""
    spread = float(days.std())
    if spread == 0:
        raise FitError("A slope over days needs at least two days.")
    return Slope(float(days.mean()) if correlated else 0.0, spread, correlated)


def _unstructured(days: Floats, strata: tuple[str, ...]) -> Unstructured:
    """A covariance for every pair of days."""
    distinct = np.unique(days)
    if len(distinct) > MOST_DAYS:
        raise FitError(f"un has a covariance for each pair of {len(distinct)} days, too many; choose cs+ar1.")
    if len(strata) > 1:
        raise FitError("un has a variance for each day already; take `variance` out.")
    return Unstructured(tuple(distinct.tolist()))


def build(name: str, days: Floats | None, *, cage: bool = False, strata: tuple[str, ...] = ("",)) -> Structure:
    """The structure of a name.

    Parameters
    ----------
    name : cs, slope, independent-slope, ar1, cs+ar1 or un
    days : days of all rows; `cs` does not need them
    cage : whether animals share a cage's variance ω²
    strata : names of the residual variances, one where they do not differ

    Raises
    ------
    FitError
        For an unknown name, and where the days cannot carry the structure.
    """
    if name not in NAMES:
        raise FitError(f'There is no structure "{name}". Valid here: {", ".join(NAMES)}.')
    if name != "cs" and days is None:
        raise FitError(f"The structure {name} needs to know the day of each row; give `day`.")
    known = np.zeros(1) if days is None or name == "cs" else days
    gaps = np.diff(np.unique(known))
    gap = float(gaps.min()) if len(gaps) else 0.0
    made: dict[str, Callable[[], Sequence[Part]]] = {
        "cs": lambda: (Intercept("tau2"), Residual(strata)),
        "slope": lambda: (_slope(known, True), Residual(strata)),
        "independent-slope": lambda: (_slope(known, False), Residual(strata)),
        "ar1": lambda: (Serial(gap, strata),),
        "cs+ar1": lambda: (Intercept("tau2"), Serial(gap, strata)),
        "un": lambda: (_unstructured(known, strata),),
    }
    if name in ("ar1", "cs+ar1") and gap == 0:
        raise FitError(f"The structure {name} needs at least two days.")
    parts = tuple(made[name]())
    parts = (Intercept("omega2", True), *parts) if cage else parts
    return Structure(f"cage/{name}" if cage else name, parts, float(np.median(gaps)) if len(gaps) else 0.0)
