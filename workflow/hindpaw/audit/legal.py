"""Every threshold that an up-down series can give, under each convention of the field; the audit's own mathematics.

A convention is a scale of forces (the handle's 10^h/10⁴ g, the marked grams, or the lab's own table) with a way to the
threshold: Dixon's 10^(x_last + kδ), with k exact or to the three decimals of printed tables and δ exact or as papers
print it (to 4 or 3 decimals); or `exact`, the likelihood on the real log forces with σ = δ.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

# Signs of responses (+1 withdrew), positions in the set from 0, whether the tester stayed at an end of the set.
Series = tuple[tuple[int, ...], tuple[int, ...]]
K_DECIMALS = 3
STEP_DECIMALS = (4, 3)


def series(size: int, start: int | None, after_change: int) -> list[Series]:
    """Every legal series with a reversal: responses and positions.

    It may end on any response up to `after_change` after the first change, as testers stop early; at an end of
    the set it stops, or the tester stays there.

    Parameters
    ----------
    size : filaments in the set
    start : position it starts at, 1 the lightest; None for any
    after_change : responses the protocol takes after the first change

    >>> len(series(9, 5, 4)), len(series(9, None, 4))
    (248, 2200)
    """
    starts = range(size) if start is None else [start - 1]
    found = {one for first in starts for one in _walk((), (first,), size, after_change)}
    return sorted(found)


def _walk(signs: tuple[int, ...], places: tuple[int, ...], size: int, left: int) -> Iterator[Series]:
    """The series that begin so; `left` responses may follow the first change."""
    for sign in (1, -1):
        now = (*signs, sign)
        changed = any(one != other for one, other in pairwise(now))
        if changed:
            yield now, places
        rest = left - (len(set(signs)) > 1)
        if (changed and rest == 0) or len(now) > size + left:
            continue
        following = places[-1] - sign
        if 0 <= following < size:
            yield from _walk(now, (*places, following), size, rest)
        elif changed:
            yield from _walk(now, (*places, places[-1]), size, rest)


def most_likely(signs: Sequence[Sequence[int]], places: Sequence[Sequence[float]]) -> np.ndarray:
    """The mean that maximizes Σ log Φ(s(x − μ)) of each series, σ = 1, by bisection of its slope.

    Parameters
    ----------
    signs, places : one row a series: +1 or −1, and where each response was given, in steps

    Dixon's k of XOX is −0.842, of OXX −0.178 (Annu Rev Pharmacol Toxicol 1980;20:441-462, table):

    >>> found = most_likely([(1, -1, 1), (-1, 1, 1)], [(1.0, 0.0, 1.0), (0.0, 1.0, 0.0)])
    >>> (found - [1.0, 0.0]).round(3)
    array([-0.842, -0.178])
    """
    from scipy.special import log_ndtr

    longest = max(map(len, signs))
    s = np.array([[*row, *[0] * (longest - len(row))] for row in signs], dtype=float)
    x = np.array([[*row, *[0.0] * (longest - len(row))] for row in places], dtype=float)
    low, high = x.min(axis=1) - 20.0, x.max(axis=1) + 20.0
    for _ in range(80):
        middle = (low + high) / 2
        z = s * (x - middle[:, None])
        # φ/Φ by logarithms, which do not underflow far in the tail; padding has s = 0.
        slope = -(s * np.exp(-(z**2) / 2 - math.log(2 * math.pi) / 2 - log_ndtr(z))).sum(axis=1)
        low, high = np.where(slope > 0, middle, low), np.where(slope > 0, high, middle)
    return np.asarray((low + high) / 2)


@lru_cache(maxsize=64)
def points(forces: tuple[float, ...], start: int | None, after_change: int) -> dict[str, tuple[float, ...]]:
    """The possible thresholds in grams on one scale of forces, by the name of the way to them.

    Parameters
    ----------
    forces : of the set, in grams, lightest first

    The lightest and the heaviest force are among them: papers print them for series without a reversal.
    """
    logs = np.log10(forces)
    step = float(logs[-1] - logs[0]) / (len(logs) - 1)
    every = series(len(forces), start, after_change)
    signs = [one for one, _ in every]
    last = np.array([logs[places[-1]] for _, places in every])
    # Tables of k know the responses only: positions as they would be without ends of the set.
    k = most_likely(signs, [_free(one) for one in signs])
    ends = np.array([forces[0], forces[-1]])
    made = {}
    for factor, named in ((k, "dixon"), (np.round(k, K_DECIMALS), "dixon, k to 3 decimals")):
        made[named] = 10 ** (last + factor * step)
        for decimals in STEP_DECIMALS:
            made[f"{named}, step {step:.{decimals}f}"] = 10 ** (last + factor * round(step, decimals))
    made["exact"] = 10 ** (step * most_likely(signs, [[logs[place] / step for place in places] for _, places in every]))
    return {name: tuple(np.unique([*values, *ends]).tolist()) for name, values in made.items()}


def _free(signs: Sequence[int]) -> list[float]:
    """The positions of a series, the last at 0, where nothing ends the set."""
    steps = np.cumsum([0, *(-one for one in signs[:-1])])
    return [float(place) for place in steps - steps[-1]]
