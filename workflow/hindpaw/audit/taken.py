"""The values that a printed test would take of these data: one row an animal and time, on the paper's scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hindpaw.questions import OF_THRESHOLDS, THRESHOLD
from hindpaw.study import Question, Study
from hindpaw.tables import Claims, Concentrations, Thresholds

ANIMAL, ARM, TIME, Y = "animal", "arm", "time", "y"


@dataclass(frozen=True)
class Taken:
    """What enters a test.

    Parameters
    ----------
    frame : columns animal, arm, time (day, or week where the claim speaks of weeks), y
    treated, control : keys of the two arms the claim compares
    scale : raw or log10
    unit : unit of y
    n_substituted : censored values that entered at their limit, as laboratories enter them
    """

    frame: pd.DataFrame
    treated: str
    control: str
    scale: str
    unit: str
    n_substituted: int

    @property
    def times(self) -> list[float]:
        """The times that were tested, in order."""
        return sorted(self.frame[TIME].unique())

    @property
    def arms(self) -> list[str]:
        """The arms that have a value, in order."""
        return sorted(self.frame[ARM].unique())

    @property
    def name(self) -> str:
        """The pair as tables name it."""
        return f"{self.treated} − {self.control}"


def pair_of(question: Question, claim: pd.Series) -> tuple[str, str]:
    """Treated and control of a claim: its own, else the question's (of a neutralization, antibody and IgG)."""
    default = (question.treated, question.control)
    if question.kind == "neutralization":
        default = (question.antibody or "", question.isotype or "")
    own = (claim[Claims.treated], claim[Claims.control])
    return tuple(mine if isinstance(mine, str) else other for mine, other in zip(own, default, strict=True))  # type: ignore[return-value]


def at_its_time(study: Study, claims: pd.DataFrame) -> pd.DataFrame:
    """The claims, each without a time of its own at the day of its question, where that is about one day."""
    made = claims.copy()
    for place, claim in claims.iterrows():
        question = study.questions.get(claim[Claims.question])
        if question is not None and question.day is not None and not isinstance(claim[Claims.by], str):
            made.loc[place, [Claims.by, Claims.time]] = ["day", question.day]
    return made


def about_thresholds(question: Question) -> bool:
    """Whether the outcome of a question is the withdrawal threshold."""
    return question.outcome == THRESHOLD or question.kind in OF_THRESHOLDS


def taken(study: Study, claim: pd.Series, thresholds: pd.DataFrame, concentrations: pd.DataFrame) -> Taken:
    """The values of a claim's question for the test that the paper names.

    A censored value enters at its limit, as laboratories enter it; how many did is counted. Where a claim speaks
    of weeks, the value of a week is the mean of its days.
    """
    question = study.questions[claim[Claims.question]]
    treated, control = pair_of(question, claim)
    arms = question.arms if {treated, control} <= set(question.arms) else (treated, control)
    rows = thresholds if about_thresholds(question) else concentrations
    read = _thresholds if about_thresholds(question) else _concentrations
    frame, substituted, unit = read(study, question, claim, rows[rows[ARM].isin(arms)])
    if claim[Claims.scale] == "log10":
        frame[Y] = np.log10(frame[Y])
    frame = frame.groupby([ANIMAL, ARM, TIME], as_index=False, sort=True)[Y].mean()
    unit = f"log10 {unit}" if claim[Claims.scale] == "log10" else unit
    return Taken(frame, treated, control, claim[Claims.scale], unit, substituted)


def _thresholds(
    study: Study, question: Question, claim: pd.Series, rows: pd.DataFrame
) -> tuple[pd.DataFrame, int, str]:
    """Grams by animal and day."""
    given = study.days.treatment if question.given is None else question.given
    mine = rows[rows[Thresholds.paw] == question.paw]
    if claim[Claims.days] != "all":
        mine = mine[mine[Thresholds.day] > given]
    limit = mine[Thresholds.upper_g].where(mine[Thresholds.censored] == "left", mine[Thresholds.lower_g])
    time = mine[Thresholds.week].astype(float) if claim[Claims.by] == "week" else mine[Thresholds.day]
    frame = pd.DataFrame(
        {ANIMAL: mine[Thresholds.animal], ARM: mine[ARM], TIME: time, Y: mine[Thresholds.threshold_g].fillna(limit)}
    )
    return frame, int((mine[Thresholds.censored] != "none").sum()), "g"


def _concentrations(study: Study, question: Question, claim: pd.Series, rows: pd.DataFrame) -> tuple[pd.DataFrame, int, str]:  # fmt: skip
    """pg/ml by animal (or pool) and day."""
    analyte = claim[Claims.analyte] if isinstance(claim[Claims.analyte], str) else question.outcome
    mine = rows[(rows[Concentrations.analyte] == analyte) & (rows[Concentrations.matrix] == question.matrix)]
    censored = mine[Concentrations.censored]
    limit = mine[Concentrations.upper_pg_per_ml].where(censored == "left", mine[Concentrations.lower_pg_per_ml])
    unit = mine[Concentrations.animal].fillna(mine[Concentrations.pool])
    value = mine[Concentrations.pg_per_ml].fillna(limit)
    frame = pd.DataFrame({ANIMAL: unit, ARM: mine[ARM], TIME: mine[Concentrations.day], Y: value})
    return frame, int((censored != "none").sum()), "pg/ml"
