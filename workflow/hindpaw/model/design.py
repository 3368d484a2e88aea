"""The rows and columns of a question about thresholds: post-treatment days, cell means, baseline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.findings import several
from hindpaw.model.reml import FitError
from hindpaw.study import Days, Question, Study
from hindpaw.tables import Thresholds

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Design:
    """A question's model matrix.

    Parameters
    ----------
    y : (n,) log10 thresholds in log10 g, censored ones at their bound
    X : (n, p) one column a cell arm × day, and the centred log10 baseline where there is one
    animal : (n,) codes 0, 1, …
    rows : the n rows of `thresholds` behind it
    cells : (arm, day) of each cell column, in order
    formula : the fixed part in words
    n_substituted : censored values that entered at their bound
    notes : what was dropped or approximated
    """

    y: Floats
    X: Floats
    animal: NDArray[np.int64]
    rows: pd.DataFrame
    cells: list[tuple[str, float]]
    formula: str
    n_substituted: int
    notes: tuple[str, ...]

    @property
    def days(self) -> list[float]:
        """Post-treatment days, in order."""
        return sorted({day for _, day in self.cells})

    def cell(self, arm: str, day: float) -> Floats:
        """The row of L that picks a cell's mean; NaN where nothing was observed in it."""
        row = np.zeros(self.X.shape[1])
        if (arm, day) not in self.cells:
            return np.full_like(row, np.nan)
        row[self.cells.index((arm, day))] = 1.0
        return row


def at_bound(frame: pd.DataFrame) -> pd.Series:
    """log10 thresholds with each censored one at its bound in g."""
    bound = np.log10(frame[Thresholds.upper_g].where(frame[Thresholds.censored] == "left", frame[Thresholds.lower_g]))
    return frame[Thresholds.log10_threshold].fillna(bound)


def baseline_day(days: Days, tested: NDArray[np.float64]) -> float | None:
    """The last day after injury and before treatment, else the last one before injury, else None.

    >>> baseline_day(Days(treatment=4, injury=0), np.array([-1, 3, 5]))
    3.0
    """
    before = tested[tested <= days.treatment]
    injured = before[before > days.injury]
    chosen = injured if len(injured) else before
    return float(chosen.max()) if len(chosen) else None


def build(study: Study, question: Question, thresholds: pd.DataFrame) -> Design:
    """The design of a question; only the arms it compares enter.

    Raises
    ------
    FitError
        Where an arm has fewer than two animals, or nothing was tested after treatment.
    """
    mine = (thresholds[Thresholds.paw] == question.paw) & thresholds[Thresholds.arm].isin(question.arms)
    frame = thresholds[mine].assign(y=at_bound(thresholds[mine]))
    after = frame[frame[Thresholds.day] > study.days.treatment]
    _enough(question, after)
    base, notes = _baseline(study.days, frame)
    frame = after.assign(baseline=after[Thresholds.animal].map(base)) if base is not None else after
    if base is not None:
        without = sorted(set(frame.loc[frame["baseline"].isna(), Thresholds.animal]))
        if without:
            notes.append(f"left out for want of a baseline: {several(without)}")
        frame = frame[frame["baseline"].notna()]
        _enough(question, frame)
    substituted = int((frame[Thresholds.censored] != "none").sum())
    if substituted:
        notes.append(f"{substituted} censored thresholds entered at their bound")
    cells = sorted(
        set(zip(frame[Thresholds.arm], frame[Thresholds.day], strict=True)),
        key=lambda c: (question.arms.index(c[0]), c[1]),
    )
    X = np.stack(
        [(frame[Thresholds.arm] == arm) & (frame[Thresholds.day] == day) for arm, day in cells], axis=1
    ).astype(float)
    formula = "log10 threshold ~ arm × day"
    if base is not None:
        # Centred over animals, so that a cell's coefficient is its mean for an average mouse.
        centre = frame.drop_duplicates(Thresholds.animal)["baseline"].mean()
        X = np.column_stack([X, frame["baseline"] - centre])
        formula += " + baseline"
    codes = pd.factorize(frame[Thresholds.animal], sort=True)[0].astype(np.int64)
    return Design(frame["y"].to_numpy(float), X, codes, frame, cells, formula, substituted, tuple(notes))


def _enough(question: Question, after: pd.DataFrame) -> None:
    """Two animals an arm is the least from which a variance can be had."""
    n = after.groupby(Thresholds.arm)[Thresholds.animal].nunique()
    for arm in question.arms:
        if n.get(arm, 0) < 2:
            raise FitError(
                f"The arm {arm} has {n.get(arm, 0)} animals with a threshold after treatment; two are needed."
            )


def _baseline(days: Days, frame: pd.DataFrame) -> tuple[pd.Series | None, list[str]]:
    """Each animal's baseline, or none and a note."""
    day = baseline_day(days, frame[Thresholds.day].to_numpy(float))
    if day is None:
        return None, ["no test before treatment, so no baseline in the model"]
    rows = frame[frame[Thresholds.day] == day]
    base = rows.set_index(Thresholds.animal)["y"]
    if base.nunique() < 2:
        return None, [f"the baseline of day {day:g} is the same in every animal, so it is not in the model"]
    return base, [f"baseline: day {day:g}"]
