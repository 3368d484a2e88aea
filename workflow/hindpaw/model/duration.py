"""How long a difference lasts: the first day after onset on which a curve of differences falls below a margin.

A curve is known on the days both arms were tested and straight between them. It reaches the margin (onset) on a day
tested, and ends where it next crosses it; a curve still above it on the last day has no end, and one that never reaches it
has lasted no day at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ENDED, STILL, NEVER = "ended", "still there on the last day", "never reached"


@dataclass(frozen=True)
class Ends:
    """The ends of B curves.

    Parameters
    ----------
    onset : (B,) place of the first day at the margin, −1 where there is none
    day : (B,) end; the last day where it is still there, `start` where the margin is never reached
    ended : (B,) whether the end was seen
    slopes : (B, K) derivative of the end by the curve's value on each day, 0 where it was not seen
    """

    onset: NDArray[np.intp]
    day: Floats
    ended: NDArray[np.bool_]
    slopes: Floats

    def outcome(self, place: int) -> str:
        """What became of one curve, in words."""
        return NEVER if self.onset[place] < 0 else ENDED if self.ended[place] else STILL


def ends(days: Floats, curves: Floats, margin: float, start: float) -> Ends:
    """The end of each curve.

    Parameters
    ----------
    days : (K,) in order
    curves : (B, K) differences
    margin : above 0
    start : the day of treatment, from which a relief that never comes has lasted no day

    Examples
    --------
    Above the margin of 0.2 on days 5 and 7, half way down to 0 on day 9 it is 0.2:

    >>> found = ends(np.array([5.0, 7, 9]), np.array([[0.5, 0.4, 0.0], [0.1, 0.1, 0.1]]), 0.2, 4)
    >>> found.day.tolist(), found.ended.tolist()
    ([8.0, 4.0], [True, False])
    """
    above = curves >= margin
    reached = above.any(axis=1)
    onset = np.where(reached, above.argmax(axis=1), -1)
    falls = above[:, :-1] & ~above[:, 1:]
    ended = np.asarray(falls.any(axis=1))
    place = falls.argmax(axis=1) if curves.shape[1] > 1 else np.zeros(len(curves), dtype=np.intp)
    day = np.where(reached, days[-1], start)
    slopes = np.zeros_like(curves)
    row = np.flatnonzero(ended)
    j = place[row]
    high, low, gap = curves[row, j], curves[row, j + 1], np.diff(days)[j]
    share = (high - margin) / (high - low)
    day[row] = days[j] + gap * share
    slopes[row, j] = gap * (1 - share) / (high - low)
    slopes[row, j + 1] = gap * share / (high - low)
    return Ends(onset, day, ended, slopes)


def end_within(days: Floats, lower: Floats, upper: Floats, margin: float, start: float) -> tuple[float, float]:
    """The earliest and the latest end of any curve within a band, straight between the days.

    Parameters
    ----------
    days : (K,) in order
    lower, upper : (K,) the band
    margin, start : as of `ends`

    Returns
    -------
    The earliest is `start` where a curve within the band need not reach the margin, and the last day where none can have
    ended by then; the latest is infinite where one may still be above it on the last day.

    Examples
    --------
    >>> end_within(np.array([5.0, 7, 9]), np.array([0.3, 0.3, -0.2]), np.array([0.8, 0.8, 0.0]), 0.2, 4)
    (7.4, 8.5)
    """
    return _earliest(days, lower, upper, margin, start), _latest(days, lower, upper, margin, start)


def _earliest(days: Floats, lower: Floats, upper: Floats, margin: float, start: float) -> float:
    """A curve that may touch the margin and fall at once, or follows the lower edge below it."""
    if not (lower >= margin).any():
        return start
    for j in range(len(days)):
        if upper[j] >= margin and lower[j] < margin:
            # It is at the margin here and below it right after, unless the lower edge has risen above it by then.
            if j + 1 == len(days) or lower[j + 1] < margin:
                return float(days[j])
        elif lower[j] >= margin and j + 1 < len(days) and lower[j + 1] < margin:
            return _crossing(days, lower, j, margin)
    # No curve within the band can fall below the margin by the last day.
    return float(days[-1])


def _latest(days: Floats, lower: Floats, upper: Floats, margin: float, start: float) -> float:
    """The upper edge's crossing after the margin was surely reached; without that its last one."""
    sure, last = False, start
    for j in range(len(days)):
        sure = sure or bool(lower[j] >= margin)
        if upper[j] >= margin and j + 1 < len(days) and upper[j + 1] < margin:
            last = _crossing(days, upper, j, margin)
            if sure:
                return last
    return math.inf if upper[-1] >= margin else last


def _crossing(days: Floats, edge: Floats, j: int, margin: float) -> float:
    """Where an edge falls through the margin between day j and the next."""
    share = (edge[j] - margin) / (edge[j] - edge[j + 1])
    return float(days[j] + (days[j + 1] - days[j]) * share)


def shown_through(days: Floats, lower: Floats) -> float:
    """The last day of the first unbroken run of days whose lower limit exceeds 0; NaN where there is none.

    >>> shown_through(np.array([5.0, 7, 10, 14]), np.array([0.1, 0.2, -0.1, 0.3]))
    7.0
    """
    shown = lower > 0
    if not shown.any():
        return math.nan
    first = int(shown.argmax())
    rest = np.flatnonzero(~shown[first:])
    return float(days[first + int(rest[0]) - 1] if len(rest) else days[-1])


def grid(days: Floats, between: int = 24) -> tuple[Floats, Floats]:
    """Days close to each other, (G,), and the weights (G, K) by which they are interpolated.

    >>> grid(np.array([5.0, 7.0]), 2)[0].tolist()
    [5.0, 6.0, 7.0]
    """
    fine = [np.linspace(one, two, between, endpoint=False) for one, two in pairwise(days)]
    close = np.concatenate([*fine, days[-1:]])
    return close, np.stack([np.interp(close, days, unit) for unit in np.eye(len(days))], axis=1)
