"""Comparisons of one family: estimates with adjusted p-values and intervals that hold together."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.model import simultaneous
from hindpaw.model.errors import FitError
from hindpaw.model.smallsample import Inference

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
    limits, words = _limits(correlation, df, adjust)
    frame.loc[known, "lower"] = frame.loc[known, "estimate"] - limits * sd
    frame.loc[known, "upper"] = frame.loc[known, "estimate"] + limits * sd
    frame["interval"] = frame["interval"].astype("str").where(~known, words).where(known)
    excludes = (frame["lower"] > 0) | (frame["upper"] < 0)
    split = known & (excludes != (frame["p_adjusted"] < 1 - simultaneous.LEVEL)).to_numpy()
    frame.loc[split, "note"] = DISAGREE
    return frame


def _limits(correlation: Floats, df: Floats, adjust: str) -> tuple[Floats, str]:
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
