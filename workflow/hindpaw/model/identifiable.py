"""What no likelihood could tell apart is refused before a search, with the cause and what to do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hindpaw.model import intercept
from hindpaw.model.basis import Basis
from hindpaw.model.covariance import Intercept, Slope
from hindpaw.model.errors import FitError
from hindpaw.model.patterns import Layout, Pattern
from hindpaw.model.structure import Structure

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

NOTHING = 1e-9


def check(
    known: Structure,
    basis: Basis,
    found: list[Pattern],
    *,
    animal: Whole,
    cage: Whole | None,
    stratum: Whole | None,
    strata: tuple[str, ...],
) -> None:
    """Refuse a structure whose parameters these rows cannot carry.

    Parameters
    ----------
    known : the structure
    basis : of model matrix and outcome
    found : the patterns of the rows
    animal, cage, stratum : (n,) codes
    strata : names of the residual variances

    Raises
    ------
    FitError
        With the cause.
    """
    _one_row_a_day(known, found)
    free = len(animal) - len(basis.kept)
    if known.n_parameters > free:
        raise FitError(
            f"{known.label} has {known.n_parameters} variances and covariances, and the data leave {free} degrees of "
            "freedom; choose a structure with fewer, such as cs+ar1."
        )
    if _has_its_own_means(basis, animal):
        raise FitError(intercept.NO_TWO_ALIKE)
    if cage is not None:
        _cages(known, basis, animal, cage)
    if stratum is not None:
        _strata(basis, stratum, strata)
    intercept.must_vary_within(basis, animal)


def _has_its_own_means(basis: Basis, unit: Whole) -> bool:
    """Whether the fixed effects take up every difference between units: Z′MZ = 0, whose trace is n − ‖Z′Q‖²."""
    totals = intercept.animal_totals(basis.X, unit, int(unit.max()) + 1) @ basis.inverse
    return len(unit) - float((totals**2).sum()) < NOTHING * len(unit)


def _cages(known: Structure, basis: Basis, animal: Whole, cage: Whole) -> None:
    """A variance between cages needs cages that share their means, and mates where animals vary too."""
    if _has_its_own_means(basis, cage):
        raise FitError(
            "The variance between cages cannot be known: every cage has means of its own (one cage in each arm). Two "
            "cages an arm are the least; without them a difference between arms may be one between cages."
        )
    varies = any(
        isinstance(part, Slope) or (isinstance(part, Intercept) and not part.whole_block) for part in known.parts
    )
    if varies and int(cage.max()) == int(animal.max()):
        raise FitError("Every cage holds one animal, so cages and animals cannot be told apart; leave the cage out.")


def _strata(basis: Basis, stratum: Whole, strata: tuple[str, ...]) -> None:
    """A residual variance needs more rows than its means take up."""
    Q = basis.orthonormal()
    for place, name in enumerate(strata):
        own = Q[stratum == place]
        taken = int((np.linalg.eigvalsh(own.T @ own) > NOTHING).sum())
        if len(own) <= taken:
            raise FitError(
                f"The residual variance of {name} cannot be known: its {len(own)} rows are taken up by {taken} means. "
                "Join it with another level, or let all levels share one variance."
            )


def _one_row_a_day(known: Structure, found: list[Pattern]) -> None:
    """Serial correlation and `un` are about different days."""
    if not any(word in known.label for word in ("ar1", "un")):
        return
    for pattern in found:
        day = _repeated(pattern.layout)
        if day is not None:
            raise FitError(
                f"An animal has two rows on day {day:g}; {known.label} needs one row a day. Average them, or choose cs "
                "or slope."
            )


def _repeated(place: Layout) -> float | None:
    """A day on which an animal has two rows."""
    seen: set[tuple[int, float]] = set()
    for pair in zip(place.animal.tolist(), place.day.tolist(), strict=True):
        if pair in seen:
            return float(pair[1])
        seen.add(pair)
    return None
