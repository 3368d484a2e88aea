"""Animals (or cages) with the same rows, and the sums over them that every evaluation needs.

Blocks with the same days, animals and strata share V. One pass over the rows gathers Σ z z′ over the blocks
of a pattern, z = vec[X y]; after it a likelihood costs the number of patterns, not of animals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hindpaw.model.covariance import Layout

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

# A pattern of few blocks keeps its rows, so that memory stays linear in them; the first 8 million sums (64 MB) are
# kept all the same, because they make evaluations faster.
ROWS_PER_SUM = 16
ROOM = 8_000_000


@dataclass(frozen=True)
class Pattern:
    """The n blocks of one layout.

    Parameters
    ----------
    layout : where their t rows stand
    n : how many blocks
    rows : (n, t, w) their rows of [X y], where they are fewer than their sums
    sums : (t·t, w·w) Σ z_a z_b′ for each pair of rows a, b, else
    """

    layout: Layout
    n: int
    rows: Floats | None
    sums: Floats | None

    def cross(self) -> Floats:
        """(t·t, w·w) Σ over blocks of the products of row a and row b."""
        return self.sums if self.sums is not None else _products(self.rows)


def _products(rows: Floats | None) -> Floats:
    """Σ over blocks of z_a z_b′, as (t·t, w·w)."""
    if rows is None:
        raise ValueError("a pattern holds its rows or their sums")
    n, t, w = rows.shape
    flat = rows.reshape(n, t * w)
    return np.ascontiguousarray((flat.T @ flat).reshape(t, w, t, w).transpose(0, 2, 1, 3)).reshape(t * t, w * w)


def gather(Z: Floats, block: Whole, animal: Whole, day: Floats, stratum: Whole) -> list[Pattern]:
    """The patterns of the rows.

    Parameters
    ----------
    Z : (n, w) rows of [X y]
    block : (n,) codes 0, 1, … of what varies independently: animals, or cages
    animal : (n,) codes 0, 1, …
    day, stratum : (n,) day and residual stratum; zeros where V does not depend on them
    """
    days, occasion = np.unique(day, return_inverse=True)
    kind = occasion.astype(np.int64) * (int(stratum.max()) + 1) + stratum
    # Animals of a cage in the order of what they look like, so that cages that look the same share a pattern.
    order = np.lexsort((kind, animal))
    look = np.empty(int(animal.max()) + 1, dtype=np.int64)
    for number, (members, _) in enumerate(_alike(animal[order], kind[order])):
        look[animal[order][members[:, 0]]] = number
    order = np.lexsort((kind, animal, look[animal], block))
    first = np.ones(len(order), dtype=bool)
    same_block = block[order][1:] == block[order][:-1]
    first[1:] = ~(same_block & (animal[order][1:] == animal[order][:-1]))
    within = np.cumsum(first)
    starts = np.ones(len(order), dtype=bool)
    starts[1:] = ~same_block
    within -= np.maximum.accumulate(np.where(starts, within, 0))
    whole = kind[order] + within * (int(kind.max()) + 1)
    sorted_already = bool((np.diff(order) == 1).all())
    Zs = Z if sorted_already else Z[order]
    found: list[Pattern] = []
    room = ROOM
    for members, _ in _alike(block[order], whole):
        one = order[members[0]]
        layout = Layout(days[occasion[one]], occasion[one].astype(np.int64), within[members[0]], stratum[one])
        found.append(_pattern(layout, Zs, members, room))
        room -= 0 if found[-1].sums is None else found[-1].sums.size
    return found


def _pattern(layout: Layout, Z: Floats, members: Whole, room: int) -> Pattern:
    """The pattern of the blocks whose rows stand at `members` (n, t)."""
    n, t = members.shape
    everything = members.size == len(Z) and members[0, 0] == 0 and bool((np.diff(members.ravel()) == 1).all())
    rows = Z.reshape(n, t, -1) if everything else Z[members]
    wide = t * Z.shape[1]
    if wide <= ROWS_PER_SUM * n or wide**2 <= room:
        return Pattern(layout, n, None, _products(rows))
    return Pattern(layout, n, rows, None)


def _alike(unit: Whole, kind: Whole) -> Iterator[tuple[Whole, Whole]]:
    """For each kind of unit, the places (n, t) of its members' rows, and one member's kinds; `unit` is sorted."""
    starts = np.flatnonzero(np.append(True, unit[1:] != unit[:-1]))
    sizes = np.diff(np.append(starts, len(unit)))
    for size in np.unique(sizes):
        places = starts[sizes == size][:, None] + np.arange(size)
        kinds = kind[places]
        for chosen in _equal_rows(kinds):
            yield places[chosen], kinds[chosen[0]]


def _equal_rows(table: Whole) -> list[Whole]:
    """The row numbers of each distinct row."""
    if (table == table[0]).all():
        return [np.arange(len(table))]
    codes = np.zeros(len(table), dtype=np.int64)
    for column in table.T:
        _, codes = np.unique(codes * (int(column.max()) + 1) + column, return_inverse=True)
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
