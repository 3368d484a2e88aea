"""Every way in which the labels of two arms could have been dealt, or a seeded sample of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.intp]

MOST = 1_000_000
DRAWN = 99_999


@dataclass(frozen=True)
class Deals:
    """Deals of the labels.

    Parameters
    ----------
    treated : (deals, treated units) places of the units called treated, one row a deal
    enumerated : whether these are all; else a seeded sample, to be counted with the +1 rule
    """

    treated: Whole
    enumerated: bool

    def share(self, count: float) -> float:
        """p of a count of deals: count/deals, or for a sample (count + 1)/(deals + 1)."""
        n = len(self.treated)
        return count / n if self.enumerated else (count + 1) / (n + 1)

    def indicators(self, units: int, start: int, stop: int) -> NDArray[np.float64]:
        """(deals, units) 1 where a unit is called treated, of the deals from start to stop."""
        rows = self.treated[start:stop]
        made = np.zeros((len(rows), units))
        np.put_along_axis(made, rows, 1.0, axis=1)
        return made


def number(treated: NDArray[np.bool_], strata: NDArray[np.int_]) -> int:
    """How many deals there are: the product over strata of binomial coefficients.

    >>> number(np.arange(12) < 6, np.zeros(12, int)), number(np.arange(12) % 2 == 0, np.arange(12) // 2)
    (924, 64)
    """
    sizes = [treated[strata == stratum] for stratum in np.unique(strata)]
    return math.prod(math.comb(len(one), int(one.sum())) for one in sizes)


def of(treated: NDArray[np.bool_], strata: NDArray[np.int_], rng: np.random.Generator) -> Deals:
    """All deals within strata, in the order of `itertools.combinations`, when there are at most a million; else a sample.

    Parameters
    ----------
    treated : (units,) the deal that was made
    strata : (units,) within which codes labels were dealt

    >>> of(np.array([True, False, True, False]), np.array([0, 0, 1, 1]), np.random.default_rng(0)).treated.tolist()
    [[0, 2], [0, 3], [1, 2], [1, 3]]
    """
    groups = [np.flatnonzero(strata == stratum) for stratum in np.unique(strata)]
    sizes = [int(treated[group].sum()) for group in groups]
    if number(treated, strata) > MOST:
        parts = [
            rng.permuted(np.tile(group, (DRAWN, 1)), axis=1)[:, :size]
            for group, size in zip(groups, sizes, strict=True)
        ]
        return Deals(np.hstack(parts), False)
    rows = np.zeros((1, 0), dtype=np.intp)
    for group, size in zip(groups, sizes, strict=True):
        count = math.comb(len(group), size)
        flat = chain.from_iterable(combinations(range(len(group)), size))
        mine = group[np.fromiter(flat, dtype=np.intp, count=count * size).reshape(count, size)]
        rows = np.hstack([np.repeat(rows, count, axis=0), np.tile(mine, (len(rows), 1))])
    return Deals(rows, True)
