"""Log10 concentrations by arm and plate, censored or not: one linear model, and what it says of each arm and pair."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.model import tobit
from hindpaw.model.tobit import Tobit, TobitError

Floats = NDArray[np.float64]
LEVEL = 0.975


@dataclass(frozen=True)
class Estimate:
    """A mean or a difference on the log10 scale; where only one side is known, the other limit is NaN."""

    estimate: float
    se: float
    df: float
    lower: float
    upper: float
    p: float
    note: str = ""


def nothing(note: str) -> Estimate:
    """No estimate, and why."""
    return Estimate(math.nan, math.nan, math.nan, math.nan, math.nan, math.nan, note)


@dataclass(frozen=True)
class Model:
    """The fit: cells in order, then differences of plates to the first.

    Parameters
    ----------
    frame : the rows it was fitted to
    cells : names of the cells that have a mean
    bound : names of the cells that lie wholly outside the limits and so have none
    plates : names of the plates, the first one the reference
    fitted : the Tobit fit of the cells that have a mean
    """

    frame: pd.DataFrame
    cells: tuple[str, ...]
    bound: tuple[str, ...]
    plates: tuple[str, ...]
    fitted: Tobit

    def mean(self, cell: str) -> Estimate:
        """The mean of a cell, at the average of the plates."""
        if cell in self.bound:
            rows = self.frame[self.frame["cell"] == cell]
            return Estimate(math.nan, math.nan, math.nan, *_outer(rows), math.nan, "all values are censored")
        return self._contrast(self._row(cell))

    def difference(self, one: str, two: str) -> Estimate:
        """Cell one − cell two; a one-sided bound where one of them lies wholly outside the limits."""
        if one in self.bound and two in self.bound:
            return nothing("both arms lie wholly outside the limits of quantification")
        if one in self.bound or two in self.bound:
            return self._one_sided(one, two)
        return self._contrast(self._row(one) - self._row(two))

    def _row(self, cell: str) -> Floats:
        """The cell's mean as weights of the coefficients."""
        weights = np.zeros(len(self.fitted.beta))
        weights[self.cells.index(cell)] = 1
        weights[len(self.cells) :] = 1 / len(self.plates)
        return weights

    def _contrast(self, weights: Floats) -> Estimate:
        """A combination with its t interval on n − p degrees of freedom."""
        from scipy.special import stdtr, stdtrit

        estimate, se = self.fitted.contrast(weights)
        df = self.fitted.df
        half = float(stdtrit(df, LEVEL)) * se
        p = 2 * float(stdtr(df, -abs(estimate / se))) if se > 0 else math.nan
        return Estimate(estimate, se, df, estimate - half, estimate + half, p)

    def _one_sided(self, one: str, two: str) -> Estimate:
        """The profile-likelihood bound of a difference of which one side is only a bound.

        The cut-off is F(1, n − p), the small-sample form of χ²₁.
        """
        from scipy.special import stdtrit

        inside, outside = (two, one) if one in self.bound else (one, two)
        pair = self.frame[self.frame["cell"].isin([one, two])]
        low, high = pair["lower"].to_numpy(float), pair["upper"].to_numpy(float)
        left = not np.isfinite(pair.loc[pair["cell"] == outside, "lower"]).any()
        if not left:  # wholly above its limit: the mirror image
            low, high = -high, -low
        group = (pair["cell"] == inside).to_numpy(float)
        known = int((low == high).sum())
        if known < 2:
            return nothing("fewer than two values are inside the limits")
        drop = float(stdtrit(max(known - 1, 1), LEVEL)) ** 2
        bound = tobit.profile_lower(low, high, np.ones((len(pair), 1)), group, drop)
        upward = (inside == one) == left
        limits = (bound, math.nan) if upward else (math.nan, -bound)
        where = "below" if left else "above"
        note = (
            f"the arm {outside} lies wholly {where} the limit of quantification: a one-sided 97.5 % bound, no estimate"
        )
        return Estimate(math.nan, math.nan, math.nan, *limits, math.nan, note)


def fit(frame: pd.DataFrame, cells: tuple[str, ...]) -> Model:
    """The model log10 concentration ~ cell + plate.

    Parameters
    ----------
    frame : rows of `units.of` with a column `cell`
    cells : the cells in order

    Raises
    ------
    TobitError
        Where it cannot be fitted, plates and cells confounded among the reasons.
    """
    finite = frame.assign(known=~frame["censored"]).groupby("cell")["known"].sum()
    bound = tuple(cell for cell in cells if finite.get(cell, 0) == 0)
    kept = frame[~frame["cell"].isin(bound)]
    with_mean = tuple(cell for cell in cells if cell not in bound)
    plates = tuple(dict.fromkeys(kept["plate"]))
    columns = [(kept["cell"] == cell).to_numpy(float) for cell in with_mean]
    columns += [(kept["plate"] == plate).to_numpy(float) for plate in plates[1:]]
    if not columns:
        raise TobitError("every value lies outside the limits of quantification")
    X = np.column_stack(columns)
    if np.linalg.matrix_rank(X) < X.shape[1]:
        raise TobitError("arms and plates are confounded: no plate effect can be told from the arms'")
    fitted = tobit.fit(kept["lower"].to_numpy(float), kept["upper"].to_numpy(float), X)
    return Model(frame, with_mean, bound, plates, fitted)


def _outer(rows: pd.DataFrame) -> tuple[float, float]:
    """The outermost bounds of a cell that lies wholly outside the limits."""
    low, high = float(rows["lower"].min()), float(rows["upper"].max())
    return (low if math.isfinite(low) else math.nan, high if math.isfinite(high) else math.nan)
