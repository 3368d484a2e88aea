"""One animal, one cage or one week left out: rows of `influence`.

The model is fitted again each time, with Kenward–Roger's tests and the families of the table `contrasts`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.model import comparisons, design, simultaneous
from hindpaw.model.comparisons import Answered, Asked, Asking
from hindpaw.model.downdate import Downdating, kept
from hindpaw.model.errors import FitError
from hindpaw.model.smallsample import Inference
from hindpaw.model.solution import solve
from hindpaw.study import Question
from hindpaw.tables import Animals, Influence, Thresholds

Floats = NDArray[np.float64]
Row = dict[str, Any]

LEVEL = 0.05
# From this many left-out units on it takes long enough that its reader wants to hear of it.
MANY = 200


class Test(NamedTuple):
    """One comparison as one fit tests it."""

    estimate: float
    se: float
    df: float
    p: float
    p_adjusted: float

    @property
    def read(self) -> float:
        """The p to be read: the adjusted one where there is a family."""
        return self.p if math.isnan(self.p_adjusted) else self.p_adjusted


NOTHING = Test(*(math.nan,) * 5)
# Comparison, kind of time, time (−1 for all days together).
Key = tuple[str, str, float]


def _key(asked: Asked) -> Key:
    """What a comparison at a time is known by."""
    return asked.comparison, asked.by, -1.0 if math.isnan(asked.time) else asked.time


@dataclass(frozen=True)
class Without:
    """What is left out: its kind, its name, its arm, and the rows that go."""

    kind: str
    name: str | None
    arm: str | None
    rows: NDArray[np.bool_]


def answer(answered: Answered, tell: Callable[[str], None]) -> list[Row]:
    """Every comparison with everything, without each animal, each cage and each week."""
    asked = _asked(answered, answered.built)
    frame = answered.built.frame
    whole = _tests(answered.question, answered.inference, asked)
    nothing = Without("nothing", None, None, np.zeros(len(frame), dtype=bool))
    rows = _rows(answered, asked, nothing, whole, whole, "")
    shrunk, count = Downdating(answered.solved), frame[Thresholds.animal].nunique()
    for number, unit in enumerate(_units(frame), 1):
        if count > MANY and number % MANY == 0:
            tell(f"{answered.question.key}: left out {number} of {count} animals and their cages, one at a time")
        rows += _without_unit(answered, shrunk, asked, unit, whole)
    for week in _weeks(answered):
        rows += _without_week(answered, asked, week, whole)
    return rows


def _asked(asking: Asking, built: design.Design) -> list[Asked]:
    """The comparisons by week (or day), and over all days."""
    own = Asking(asking.study, asking.question, built)
    found = []
    for treated, control in comparisons.pairs(asking.question):
        named = comparisons.named(treated, control)
        found += comparisons.by_time(own, named, treated, control)
        found.append(comparisons.over_time(own, named, treated, control))
    return found


def _units(frame: pd.DataFrame) -> Iterator[Without]:
    """Each animal, and each cage of more than one."""
    for name, rows in frame.groupby(Thresholds.animal):
        gone = (frame[Thresholds.animal] == name).to_numpy(bool)
        yield Without("animal", str(name), str(rows[Thresholds.arm].iloc[0]), gone)
    for name, rows in frame.groupby(Animals.cage):
        if rows[Thresholds.animal].nunique() > 1:
            arms = rows[Thresholds.arm].unique()
            arm = str(arms[0]) if len(arms) == 1 else None
            yield Without("cage", str(name), arm, (frame[Animals.cage] == name).to_numpy(bool))


def _weeks(answered: Answered) -> list[Without]:
    """Each week after treatment, where there are two or more."""
    frame = answered.built.frame
    week = frame[Thresholds.day].map(answered.study.days.week).where(~frame[design.BEFORE])
    weeks = sorted(week.dropna().unique())
    return [Without("week", f"{one:g}", None, (week == one).to_numpy()) for one in weeks] if len(weeks) > 1 else []


def _tests(question: Question, inference: Inference, asked: list[Asked]) -> dict[Key, Test]:
    """Each comparison that can be estimated; the families are those of the table contrasts."""
    found: dict[Key, Test] = {}
    for overall in (False, True):
        family = [one for one in asked if (one.by == "overall") is overall and one.L is not None]
        if not family:
            continue
        L = np.stack([one.L for one in family if one.L is not None])
        sound = inference.solution.estimable(L)
        family, L = [one for one, there in zip(family, sound, strict=True) if there], L[sound]
        if not family:
            continue
        made = np.array([inference.estimate(row) for row in L])
        adjusted = np.full(len(family), math.nan)
        if len(family) > 1 or not overall:
            adjusted = _adjusted(question, inference, L, made)
        for one, row, p in zip(family, made, adjusted, strict=True):
            found[_key(one)] = Test(float(row[0]), float(row[1]), float(row[2]), float(row[4]), float(p))
    return found


def _adjusted(question: Question, inference: Inference, L: Floats, made: Floats) -> Floats:
    """p of a family, adjusted as the question says."""
    own = inference.solution.coordinates(L)
    covariance = own @ inference.adjusted @ own.T
    sd = np.sqrt(np.diag(covariance))
    return simultaneous.adjusted(made[:, 4], made[:, 3], made[:, 2], covariance / np.outer(sd, sd), question.adjust)


def _rows(
    answered: Answered, asked: list[Asked], left: Without, tests: dict[Key, Test], whole: dict[Key, Test], why: str
) -> list[Row]:
    """A row for each comparison that the whole data can make; `why` says what became of one without an estimate."""
    made = []
    for one in asked:
        if _key(one) not in whole:
            continue
        test, before = tests.get(_key(one), NOTHING), whole[_key(one)]
        made.append(
            {
                Influence.question: answered.question.key,
                Influence.comparison: one.comparison,
                Influence.by: one.by,
                Influence.time: one.time,
                Influence.kind: left.kind,
                Influence.left_out: left.name,
                Influence.arm: left.arm,
                Influence.estimate: test.estimate,
                Influence.se: test.se,
                Influence.df: test.df,
                Influence.p: test.p,
                Influence.p_adjusted: test.p_adjusted,
                Influence.crosses: (test.read < LEVEL and before.read >= LEVEL)
                or (test.read >= LEVEL and before.read < LEVEL),
                Influence.note: why if math.isnan(test.estimate) else None,
            }
        )
    return made


def _without_unit(
    answered: Answered, shrunk: Downdating, asked: list[Asked], left: Without, whole: dict[Key, Test]
) -> list[Row]:
    """Without an animal or a cage."""
    try:
        inference = Inference(shrunk.without(left.rows), answered.question.df)
        tests = _tests(answered.question, inference, asked)
    except FitError as error:
        return _rows(answered, asked, left, {}, whole, f"not estimated: {error}")
    return _rows(answered, asked, left, tests, whole, "not estimable without it")


def _without_week(answered: Answered, asked: list[Asked], left: Without, whole: dict[Key, Test]) -> list[Row]:
    """Without a week: the model has no cells of its days, and the time average is over the others."""
    built = answered.built
    gone = set(built.frame.loc[left.rows, Thresholds.day])
    stay = [k for k, cell in enumerate(built.cells) if cell[1] not in gone]
    columns = [*stay, *range(len(built.cells), built.rows.X.shape[1])]
    rows = kept(built.rows, ~left.rows)
    shorter = replace(
        built,
        rows=replace(rows, X=rows.X[:, columns]),
        frame=built.frame[~left.rows],
        cells=[built.cells[k] for k in stay],
        terms={term: [columns.index(place) for place in places] for term, places in built.terms.items()},
    )
    try:
        solved = solve(shorter.rows, answered.solved.structure.label.removeprefix("cage/"))
        tests = _tests(answered.question, Inference(solved, answered.question.df), _asked(answered, shorter))
    except FitError as error:
        return _rows(answered, asked, left, {}, whole, f"not estimated: {error}")
    return _rows(answered, asked, left, tests, whole, "its days are the ones left out")
