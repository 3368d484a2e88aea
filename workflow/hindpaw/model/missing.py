"""Who is missing after treatment: which animals of an arm have no value on a day the arm was tested, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.findings import several
from hindpaw.model.design import Design
from hindpaw.study import Question
from hindpaw.tables import Animals, Thresholds

Floats = NDArray[np.float64]
ALL = "all"
NO_REASON = "no reason given"


@dataclass(frozen=True)
class Missing:
    """The animals of a question, and their gaps.

    Parameters
    ----------
    gaps : one row an animal, True where it has no value on a day (column) on which its arm was tested
    arm, reason, left_day : of each animal; the reason in the lab's words
    """

    gaps: pd.DataFrame
    arm: pd.Series
    reason: pd.Series
    left_day: pd.Series

    @property
    def reasons(self) -> list[str]:
        """Of the animals with gaps, each once."""
        return list(dict.fromkeys(self.reason[self.gaps.any(axis=1)]))

    def shares(self, arm: str, days: list[float], weights: Floats, reason: str = ALL) -> Floats:
        """(animals of the arm,) the weight of the days that each misses.

        Parameters
        ----------
        days, weights : (d,) of the average that is asked about
        reason : only gaps for this reason; `all` for any
        """
        gaps = self.gaps.loc[self.arm == arm, days].to_numpy(float) @ weights
        counted = (self.reason[self.arm == arm] == reason) | (reason == ALL)
        return np.asarray(gaps * counted.to_numpy(float))

    def of(self, arms: list[str], days: list[float], reason: str = ALL) -> pd.DataFrame:
        """The gaps of some arms and days."""
        rows = self.arm.isin(arms) & ((self.reason == reason) | (reason == ALL))
        return self.gaps.loc[rows, days]

    def told(self, arms: list[str], days: list[float], reason: str = ALL) -> str:
        """Who, since when and why."""
        gaps = self.of(arms, days, reason)
        names = gaps.index[gaps.any(axis=1)]
        told = []
        for animal in names:
            left = self.left_day[animal]
            since = f"left on day {left:g}" if pd.notna(left) else f"no value on day {_listed(gaps.loc[animal])}"
            told.append(f"{animal} {since} ({self.reason[animal]})")
        return several(told)


def _listed(row: pd.Series) -> str:
    """The days that are missing."""
    return ", ".join(f"{day:g}" for day in row.index[row.astype(bool)])


def of(question: Question, built: Design, thresholds: pd.DataFrame, animals: pd.DataFrame) -> Missing:
    """The gaps of a question.

    An animal belongs to it if it is of one of its arms, was not excluded and has been tested at all. One whose values the
    model leaves out (for want of a baseline or a block) is not missing and does not count here; `fits` names it.
    """
    known = animals[animals[Animals.arm].isin(question.arms) & ~animals[Animals.excluded]]
    known = known.drop_duplicates(Animals.animal).set_index(Animals.animal)
    mine = thresholds[(thresholds[Thresholds.paw] == question.paw) & thresholds[Thresholds.arm].isin(question.arms)]
    after = built.after
    used = set(after[Thresholds.animal])
    tested_after = set(mine.loc[mine[Thresholds.day].isin(built.days), Thresholds.animal])
    members = [one for one in known.index if one in set(mine[Thresholds.animal]) and one not in tested_after - used]
    known = known.loc[members]
    seen = set(zip(after[Thresholds.animal], after[Thresholds.day], strict=True))
    gaps = pd.DataFrame(
        [
            [(arm, day) in built.cells and (animal, day) not in seen for day in built.days]
            for animal, arm in known[Animals.arm].items()
        ],
        index=known.index,
        columns=built.days,
        dtype=bool,
    )
    reason = known[Animals.left_reason].where(known[Animals.left_day].notna()).fillna(NO_REASON)
    return Missing(gaps, known[Animals.arm], reason.astype(str), known[Animals.left_day])
