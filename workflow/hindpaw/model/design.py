"""The rows and columns of a question about thresholds: post-treatment days, cell means, baseline, blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.findings import several
from hindpaw.model.errors import FitError
from hindpaw.model.solution import Rows
from hindpaw.study import Days, Question, Study
from hindpaw.tables import Animals, Thresholds

Floats = NDArray[np.float64]
BEFORE = "baseline"


@dataclass(frozen=True)
class Design:
    """A question's model matrix.

    Parameters
    ----------
    rows : outcome (log10 g, censored thresholds at their bound), model matrix and blocks
    frame : the rows of `thresholds` behind it, with `y`
    cells : (arm, day) of each cell column, in order
    terms : the columns of every other term, by its name
    formula : the fixed part in words
    n_substituted : censored values that entered at their bound
    notes : what was dropped or approximated, beside the censored values
    """

    rows: Rows
    frame: pd.DataFrame
    cells: list[tuple[str, float]]
    terms: dict[str, list[int]]
    formula: str
    n_substituted: int
    notes: tuple[str, ...]

    @property
    def days(self) -> list[float]:
        """Post-treatment days, in order."""
        return sorted({day for _, day in self.cells})

    @property
    def after(self) -> pd.DataFrame:
        """The rows after treatment: all of them, but for a constrained longitudinal model."""
        return self.frame[~self.frame[BEFORE]]

    @property
    def censored_share(self) -> float:
        """Of all values that entered."""
        return self.n_substituted / len(self.rows.y)

    def cell(self, arm: str, day: float) -> Floats:
        """The row of L that picks a cell's mean; NaN where nothing was observed in it."""
        row = np.zeros(self.rows.X.shape[1])
        if (arm, day) not in self.cells:
            return np.full_like(row, np.nan)
        row[self.cells.index((arm, day))] = 1.0
        return row

    def column(self, term: str) -> Floats:
        """The rows of L that pick the columns of a term."""
        return np.eye(self.rows.X.shape[1])[self.terms[term]]


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


def build(study: Study, question: Question, thresholds: pd.DataFrame, animals: pd.DataFrame) -> Design:
    """The design of a question; only the arms it compares enter.

    Raises
    ------
    FitError
        Where an arm has no animal after treatment, or a block or cage is asked for that the tables do not hold.
    """
    mine = (thresholds[Thresholds.paw] == question.paw) & thresholds[Thresholds.arm].isin(question.arms)
    frame = thresholds[mine].assign(y=at_bound(thresholds[mine]))
    frame[BEFORE] = frame[Thresholds.day] <= study.days.treatment
    notes: list[str] = []
    frame = _with_baseline(study.days, question, frame, notes)
    frame = _with_animals(question, frame, animals, notes)
    _enough(question, frame[~frame[BEFORE]])
    substituted = int((frame[Thresholds.censored] != "none").sum())
    frame = frame.reset_index(drop=True)
    cells, columns, terms, words = _columns(question, frame)
    names, stratum = strata(study.days, question, frame)
    X = np.column_stack(columns)
    return Design(
        Rows(
            frame["y"].to_numpy(float),
            X,
            _codes(frame[Thresholds.animal]),
            _codes(frame[Animals.cage]) if _caged(study, question) else None,
            frame[Thresholds.day].to_numpy(float),
            stratum,
            names,
        ),
        frame,
        cells,
        terms,
        words,
        substituted,
        tuple(notes),
    )


def _caged(study: Study, question: Question) -> bool:
    """Whether animals of a cage share a variance: as asked, else where cages were randomized."""
    unit = study.randomization.get("unit") == "cage"
    return unit if question.cage is None else question.cage


def _codes(column: pd.Series) -> NDArray[np.int64]:
    """Each row's place among the sorted levels."""
    return pd.factorize(column, sort=True)[0].astype(np.int64)


def _enough(question: Question, after: pd.DataFrame) -> None:
    """An animal in every arm; whether they are enough the model itself finds out."""
    n = after.groupby(Thresholds.arm)[Thresholds.animal].nunique()
    for arm in question.arms:
        if n.get(arm, 0) < 1:
            raise FitError(f"The arm {arm} has no animal with a threshold after treatment.")


def _with_baseline(days: Days, question: Question, frame: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """The rows that enter: those after treatment, with `base` where the baseline is a covariate; for a constrained
    longitudinal model the baseline's own rows too."""
    after = ~frame[BEFORE]
    day = baseline_day(days, frame[Thresholds.day].to_numpy(float)) if question.baseline != "none" else None
    if day is None:
        if question.baseline != "none":
            notes.append("no test before treatment, so no baseline in the model")
        return frame[after]
    at = frame[Thresholds.day] == day
    base = frame[at].set_index(Thresholds.animal)["y"]
    beyond = frame.loc[at & (frame[Thresholds.censored] != "none"), Thresholds.animal]
    if question.baseline == "clda":
        notes.append(f"baseline: day {day:g}, as an outcome with one mean for all arms")
        return frame[after | at]
    if base.nunique() < 2:
        notes.append(f"the baseline of day {day:g} is the same in every animal, so it is not in the model")
        return frame[after]
    notes.append(f"baseline: day {day:g}")
    if len(beyond):
        notes.append(f"a baseline known only to lie beyond a bound stands at it in {several(sorted(beyond))}")
    frame = frame[after].assign(base=frame[Thresholds.animal].map(base))
    without = sorted(set(frame.loc[frame["base"].isna(), Thresholds.animal]))
    if without:
        notes.append(f"left out for want of a baseline (baseline: clda would keep them): {', '.join(without)}")
    return frame[frame["base"].notna()]


def _with_animals(question: Question, frame: pd.DataFrame, animals: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """The rows with what the allocation list says of their animals; without a value in a block they are left out."""
    known = animals.drop_duplicates(Animals.animal).set_index(Animals.animal)
    for name in (Animals.sex, Animals.cohort, Animals.cage):
        frame = frame.assign(**{name: frame[Thresholds.animal].map(known[name])})
    wanted = [*question.blocks, *([Animals.sex] if question.by_sex else [])]
    wanted += [Animals.cage] if question.cage else []
    for name in dict.fromkeys(wanted):
        empty = frame[name].isna()
        if empty.all():
            raise FitError(f"The model asks for {name}, and no animal has one; name its column, or take it out.")
        if empty.any():
            notes.append(f"{int(empty.sum())} rows without {name} left out")
            frame = frame[~empty]
    return frame


def _columns(
    question: Question, frame: pd.DataFrame
) -> tuple[list[tuple[str, float]], list[Floats], dict[str, list[int]], str]:
    """Cells, the columns of X, which of them belong to which other term, and the formula in words."""
    after = ~frame[BEFORE].to_numpy(bool)
    arm, day = frame[Thresholds.arm].to_numpy(str), frame[Thresholds.day].to_numpy(float)
    cells = sorted(set(zip(arm[after], day[after], strict=True)), key=lambda c: (question.arms.index(c[0]), c[1]))
    cells = [(str(name), float(at)) for name, at in cells]
    columns = [((arm == name) & (day == at) & after).astype(float) for name, at in cells]
    terms: dict[str, list[int]] = {}
    words = ["log10 threshold ~ arm × day"]

    def add(term: str, made: list[Floats], told: str) -> None:
        """A term's columns."""
        terms[term] = list(range(len(columns), len(columns) + len(made)))
        columns.extend(made)
        words.append(told)

    if not after.all():
        add("baseline mean", [(~after).astype(float)], "one baseline mean")
    if "base" in frame:
        # Centred over animals, so that a cell's coefficient is its mean for an average mouse.
        centred = (frame["base"] - frame.drop_duplicates(Thresholds.animal)["base"].mean()).to_numpy(float)
        if question.baseline == "by-day":
            days = sorted(set(day))
            add("baseline", [centred * (day == one) for one in days], "baseline × day")
        else:
            add("baseline", [centred], "baseline")
    for block in question.blocks:
        add(block, _sums(frame[block]), block)
    if question.by_sex:
        sexes = _sums(frame[Animals.sex])
        if Animals.sex not in question.blocks:
            add("sex", sexes, "sex")
        add(
            "arm:sex",
            [a * s * after for a in _sums(frame[Thresholds.arm], list(question.arms)) for s in sexes],
            "arm × sex",
        )
    return cells, columns, terms, " + ".join(words)


def _sums(column: pd.Series, levels: list[str] | None = None) -> list[Floats]:
    """Columns that sum to zero over the levels, so that the cells stay means over them with equal weights.

    >>> [one.tolist() for one in _sums(pd.Series(["a", "b", "c"]))]
    [[1.0, 0.0, -1.0], [0.0, 1.0, -1.0]]
    """
    words = column.astype(str)
    found = levels or sorted(set(words))
    if len(found) < 2:
        raise FitError(f'{column.name} is "{found[0]}" in every row, so it is no block; take it out of the question.')
    last = (words == found[-1]).to_numpy(float)
    return [(words == level).to_numpy(float) - last for level in found[:-1]]


def strata(days: Days, question: Question, frame: pd.DataFrame) -> tuple[tuple[str, ...], NDArray[np.int64] | None]:
    """The residual variances that differ: by week or arm where asked, the baseline's own in a constrained model."""
    names = pd.Series("", index=frame.index)
    if question.variance == "by-week":
        names = frame[Thresholds.day].map(lambda day: f"week {days.week(day)}")
    elif question.variance == "by-arm":
        names = frame[Thresholds.arm].astype(str)
    # An unstructured covariance has a variance for each day already.
    if question.structure != "un":
        names = names.mask(frame[BEFORE].astype(bool), BEFORE)
    levels = list(dict.fromkeys(names))
    if len(levels) == 1:
        return ("",), None
    return tuple(levels), names.map(levels.index).to_numpy(np.int64)
