"""A fit without some of its animals: their cross-products are taken out of the sums, and no other row is read again.

A likelihood is a sum over patterns of V⁻¹ times Σ zz′, so that the rows of a block which leaves enter once more with weight
−1, and what stays of it with weight 1. The search goes on from where the whole fit ended.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hindpaw.model import patterns, search
from hindpaw.model.basis import Basis
from hindpaw.model.covariance import Layout
from hindpaw.model.patterns import Pattern
from hindpaw.model.search import Objective
from hindpaw.model.solution import Rows, Solution, searched, solve

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

# With fewer units than this a whole new fit costs no more, and sees to it that what is left can carry the model.
FEW = 60
# What must be left of every direction of the columns; with less a cell has gone, and the columns are chosen anew.
LEAST_LEFT = 1e-8


class Downdating:
    """A fit from which units are taken, one at a time.

    Parameters
    ----------
    solved : the fit of all rows, by REML
    """

    def __init__(self, solved: Solution) -> None:
        self.solved = solved
        rows = solved.rows
        self.scale = math.sqrt(
            float(solved.basis.residual @ solved.basis.residual) / (len(rows.y) - len(solved.basis.kept))
        )
        self.day = np.zeros(len(rows.y)) if rows.day is None else rows.day
        self.stratum = np.zeros(len(rows.y), dtype=np.int64) if rows.stratum is None else rows.stratum
        self.occasion = np.unique(self.day, return_inverse=True)[1].astype(np.int64)

    @property
    def name(self) -> str:
        """The structure's name without the cages."""
        return self.solved.structure.label.removeprefix("cage/")

    @cached_property
    def unit(self) -> Whole:
        """(n,) the block of each row."""
        return self.solved.rows.animal if self.solved.rows.cage is None else self.solved.rows.cage

    @cached_property
    def Z(self) -> Floats:
        """(n, w) rows of [Q, residual/scale]."""
        return np.column_stack([self.solved.basis.orthonormal(), self.solved.basis.residual / self.scale])

    @cached_property
    def whole(self) -> list[Pattern]:
        """The patterns of all rows."""
        return patterns.gather(self.Z, self.unit, self.solved.rows.animal, self.day, self.stratum)

    @cached_property
    def starts(self) -> list[Floats]:
        """Where a search begins: at the whole fit's ψ, or from everywhere where that lies at an edge."""
        known = self.solved.structure
        if self.solved.edge:
            return known.starts(1.0)
        return [search.minimise(Objective(self.whole, known, self.Z.shape[1]), known.starts(1.0)).psi]

    @cached_property
    def _places(self) -> list[Whole]:
        """The rows of each block."""
        order = np.argsort(self.unit, kind="stable")
        return np.split(order, np.flatnonzero(np.diff(self.unit[order])) + 1)

    def without(self, gone: NDArray[np.bool_]) -> Solution:
        """The fit of the other rows.

        Parameters
        ----------
        gone : (n,) the rows that leave, all those of an animal together

        Raises
        ------
        FitError
            Where what is left cannot carry the model.
        """
        rows = kept(self.solved.rows, ~gone)
        Q = self.Z[gone, :-1]
        left = np.linalg.eigvalsh(np.eye(Q.shape[1]) - Q.T @ Q)
        if len(self._places) - len(np.unique(self.unit[gone])) < FEW or left[0] < LEAST_LEFT:
            return solve(rows, self.name)
        found = [*self.whole]
        for code in np.unique(self.unit[gone]):
            at = self._places[int(code)]
            found.append(self._pattern(at, -1))
            if not gone[at].all():
                found.append(self._pattern(at[~gone[at]], 1))
        basis = self.solved.basis
        shorter = Basis(basis.kept, basis.R, basis.inverse, basis.X[~gone], basis.ols, basis.residual[~gone])
        return searched(rows, shorter, self.solved.structure, found, self.scale, self.starts)

    def _pattern(self, at: Whole, sign: int) -> Pattern:
        """One block's rows as a pattern that counts `sign` times."""
        animal = np.unique(self.solved.rows.animal[at], return_inverse=True)[1].astype(np.int64)
        layout = Layout(self.day[at], self.occasion[at], animal, self.stratum[at])
        t, w = len(at), self.Z.shape[1]
        flat = self.Z[at].ravel()
        sums = np.outer(flat, flat).reshape(t, w, t, w).transpose(0, 2, 1, 3).reshape(t * t, w * w)
        return Pattern(layout, sign, None, sign * sums)


def kept(rows: Rows, stay: NDArray[np.bool_]) -> Rows:
    """Some of the rows, with codes without gaps."""

    def codes(values: Whole | None) -> Whole | None:
        """The places of values among those that stay."""
        return None if values is None else np.unique(values[stay], return_inverse=True)[1].astype(np.int64)

    animal = np.unique(rows.animal[stay], return_inverse=True)[1].astype(np.int64)
    day = None if rows.day is None else rows.day[stay]
    stratum, strata = codes(rows.stratum), rows.strata
    if rows.stratum is not None:
        strata = tuple(strata[code] for code in np.unique(rows.stratum[stay]))
    if len(strata) == 1:
        stratum = None
    return replace(
        rows,
        y=rows.y[stay],
        X=rows.X[stay],
        animal=animal,
        cage=codes(rows.cage),
        day=day,
        stratum=stratum,
        strata=strata,
    )
