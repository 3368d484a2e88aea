"""Comparisons of one family: estimates with adjusted p-values and intervals that hold together."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.model import simultaneous
from hindpaw.model.errors import FitError
from hindpaw.model.smallsample import Inference
from hindpaw.model.solution import Solution

Floats = NDArray[np.float64]

COLUMNS = ("estimate", "se", "df", "t", "p", "p_adjusted", "lower", "upper")
# Beyond this many comparisons the joint distribution costs minutes; Bonferroni's limits are a little wider.
MOST_JOINT = 200
NOT_ESTIMABLE = "not estimable: a cell it needs was never observed, or it changes together with another term"
DISAGREE = "the adjusted p and the interval fall on different sides of 5 %"


def family(inference: Inference, L: Floats, adjust: str) -> pd.DataFrame:
    """The comparisons Lβ of one family.

    Parameters
    ----------
    inference : tests of a fit
    L : (q, columns of X) one row a comparison; a row with NaN, or one that the data cannot tell, stays empty
    adjust : holm, bonferroni, bh, mvt, mvt-step-down or none

    Returns
    -------
    One row a comparison: estimate, se, df, t, p, p_adjusted, lower, upper; `interval` says what the limits are
    (simultaneous by a multivariate t; unadjusted for `bh` and `none`, which promise nothing about all intervals
    together), and `note` where they disagree with the adjusted p, or why there is no estimate.
    """
    if adjust not in simultaneous.ADJUSTMENTS:
        raise FitError(f'The adjustment "{adjust}" is not known. Valid here: {", ".join(simultaneous.ADJUSTMENTS)}.')
    alone = np.array([inference.estimate(row) for row in L]).reshape(len(L), 5)
    frame = pd.DataFrame(alone, columns=["estimate", "se", "df", "t", "p"])
    frame = frame.assign(p_adjusted=math.nan, lower=math.nan, upper=math.nan, interval=None, note=None)
    known = frame["p"].notna().to_numpy()
    frame.loc[~known, "note"] = NOT_ESTIMABLE
    if not known.any():
        return frame
    own = inference.solution.coordinates(L[known])
    covariance = own @ inference.adjusted @ own.T
    sd = np.sqrt(np.diag(covariance))
    p, t, df = (frame.loc[known, name].to_numpy(float) for name in ("p", "t", "df"))
    correlation = covariance / np.outer(sd, sd)
    frame.loc[known, "p_adjusted"] = simultaneous.adjusted(p, t, df, correlation, adjust)
    limits, words = critical_values(correlation, df, adjust)
    frame.loc[known, "lower"] = frame.loc[known, "estimate"] - limits * sd
    frame.loc[known, "upper"] = frame.loc[known, "estimate"] + limits * sd
    frame["interval"] = frame["interval"].astype("str").where(~known, words).where(known)
    excludes = (frame["lower"] > 0) | (frame["upper"] < 0)
    split = known & (excludes != (frame["p_adjusted"] < 1 - simultaneous.LEVEL)).to_numpy()
    frame.loc[split, "note"] = DISAGREE
    return frame


def critical_values(correlation: Floats, df: Floats, adjust: str) -> tuple[Floats, str]:
    """Critical values of the intervals, and what they are called."""
    from scipy.special import stdtrit

    if adjust in ("bh", "none") or len(df) == 1:
        return np.asarray(stdtrit(df, 0.5 + simultaneous.LEVEL / 2)), "unadjusted"
    if len(df) > MOST_JOINT:
        return np.asarray(stdtrit(df, 1 - (1 - simultaneous.LEVEL) / (2 * len(df)))), "simultaneous, Bonferroni"
    return simultaneous.critical(correlation, df), "simultaneous, multivariate t"


def with_ratios(frame: pd.DataFrame, base: float) -> pd.DataFrame:
    """The same with base^estimate and its limits: ratios where the outcome is a logarithm.

    >>> with_ratios(pd.DataFrame({"estimate": [2.0], "lower": [1.0], "upper": [3.0]}), 10)["ratio"].tolist()
    [100.0]
    """
    return frame.assign(
        ratio=base ** frame["estimate"], ratio_lower=base ** frame["lower"], ratio_upper=base ** frame["upper"]
    )


def estimable_part(fitted: Solution, L: Floats) -> Floats:
    """The combinations of the rows of L that the data can tell: all of them, some, or (0, p)."""
    if np.isnan(L).any() or fitted.estimable(L).all():
        return L[~np.isnan(L).any(axis=1)]
    # c′L is estimable where c′L N = 0 for the directions N of β that X cannot see.
    u, s, _ = np.linalg.svd(L @ fitted.null_space)
    rank = int((s > 1e-8 * max(float(s.max(initial=0.0)), 1e-300)).sum())
    return np.asarray(u[:, rank:].T @ L)


def pairs(levels: list[Any], against: Any) -> list[tuple[int, int]]:
    """Which levels are compared: each with one, or all pairs."""
    if against is None:
        return [(b, a) for a, b in itertools.combinations(range(len(levels)), 2)]
    if against not in levels:
        raise FitError(f'There is no level "{against}". Valid here: {", ".join(map(str, levels))}.')
    control = levels.index(against)
    return [(place, control) for place in range(len(levels)) if place != control]


def changes(cells: Floats, times: pd.DataFrame, within: list[str], start: Any) -> tuple[Floats, pd.DataFrame]:
    """Each cell less the same level's cell at the start."""
    if len(within) != 1 or start not in times[within[0]].tolist():
        raise FitError(f'`change_from` must be a level of the one factor in `by`; "{start}" is not.')
    first = times[within[0]].tolist().index(start)
    others = [place for place in range(len(times)) if place != first]
    return cells[others] - cells[first], times.iloc[others].reset_index(drop=True)


def together(made: list[tuple[pd.DataFrame, Floats]]) -> tuple[pd.DataFrame, Floats]:
    """Several parts as one family."""
    return pd.concat([frame for frame, _ in made], ignore_index=True), np.concatenate([L for _, L in made])
