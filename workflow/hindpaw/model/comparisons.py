"""The comparisons a question about thresholds asks for: by week or day as one family, and the time average apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.findings import several
from hindpaw.model import contrasts as families
from hindpaw.model.design import Design
from hindpaw.model.effectsize import Standardized
from hindpaw.model.smallsample import Inference
from hindpaw.model.solution import Solution
from hindpaw.study import Question, Study
from hindpaw.tables import Animals, Contrasts

Floats = NDArray[np.float64]
Row = dict[str, Any]


@dataclass(frozen=True)
class Asking:
    """A question with its design."""

    study: Study
    question: Question
    built: Design


@dataclass(frozen=True)
class Answered(Asking):
    """A question with its design, fit and tests."""

    solved: Solution
    inference: Inference
    rng: np.random.Generator

    @cached_property
    def standardized(self) -> Standardized:
        """Hedges' g of its contrasts."""
        return Standardized(self.built, self.solved, self.rng)


@dataclass(frozen=True)
class Asked:
    """One comparison at one time: its row of L, or None where no day of it can be estimated."""

    comparison: str
    treated: str
    control: str
    by: str
    time: float
    days: list[float]
    L: Floats | None
    note: str | None
    standardize: bool = True

    @property
    def weights(self) -> Floats:
        """The share of each of its days: equal in a week, by the trapezoid over all days."""
        n = len(self.days)
        return trapezoid(self.days) if self.by == "overall" else np.full(n, 1 / max(n, 1))


def named(treated: str, control: str) -> str:
    """treated − control, by the arms' keys."""
    return f"{treated} − {control}"


def pairs(question: Question) -> list[tuple[str, str]]:
    """Which arms are compared: each treated with the control, or all with each other."""
    if question.kind == "pairwise":
        return [(b, a) for a, b in combinations(question.arms, 2)]
    return [(arm, question.control) for arm in question.arms if arm != question.control]


@dataclass(frozen=True)
class Family:
    """Comparisons whose p-values are adjusted together."""

    name: str
    adjust: str
    asked: list[Asked]


def families_of(asking: Asking) -> list[Family]:
    """Treated − control by week or day as one family, over all post-treatment days, by sex, and the change from
    baseline in a constrained longitudinal model."""
    question = asking.question
    compared = [(named(*pair), *pair) for pair in pairs(question)]
    timed = [asked for one in compared for asked in by_time(asking, *one)]
    overall = [over_time(asking, *one) for one in compared]
    adjust = question.adjust if len(overall) > 1 else "none"
    made = [Family(f"{question.key} by {question.by}", question.adjust, timed)]
    made += [Family(f"{question.key} overall", adjust, overall)]
    if question.by_sex:
        by_sex = [asked for one in compared for asked in _by_sex(asking, *one)]
        made += [Family(f"{question.key} by sex", question.adjust, by_sex)]
    if "baseline mean" in asking.built.terms:
        changes = [asked for arm in question.arms for asked in _changes(asking, arm)]
        made += [Family(f"{question.key} change from baseline by {question.by}", question.adjust, changes)]
    return made


def contrasts(answered: Answered) -> list[Row]:
    """The rows of every family of a question."""
    return [row for one in families_of(answered) for row in _family(answered, one.asked, one.name, one.adjust)]


def _times(answered: Asking) -> dict[float, list[float]]:
    """The days of each week, or each day by itself."""
    groups: dict[float, list[float]] = {}
    for day in answered.built.days:
        time = float(answered.study.days.week(day)) if answered.question.by == "week" else day
        groups.setdefault(time, []).append(day)
    return groups


def by_time(answered: Asking, comparison: str, treated: str, control: str) -> list[Asked]:
    """A comparison in each week or on each day: the equal mean over the days of the week."""
    built = answered.built
    daily = {day: built.cell(treated, day) - built.cell(control, day) for day in built.days}
    return [
        _asked(comparison, treated, control, answered.question.by, time, days, daily)
        for time, days in _times(answered).items()
    ]


def over_time(answered: Asking, comparison: str, treated: str, control: str) -> Asked:
    """A comparison over all post-treatment days: the time average by the trapezoid."""
    built = answered.built
    daily = {day: built.cell(treated, day) - built.cell(control, day) for day in built.days}
    return _asked(comparison, treated, control, "overall", math.nan, built.days, daily)


def _by_sex(answered: Asking, comparison: str, treated: str, control: str) -> list[Asked]:
    """The time average in each sex."""
    built, whole = answered.built, over_time(answered, comparison, treated, control)
    if whole.L is None:
        return [whole]
    sexes = sorted(set(built.frame[Animals.sex].astype(str)))
    arms = list(answered.question.arms)
    made = []
    for place, sex in enumerate(sexes):
        row = whole.L.copy()
        for term, at in zip(built.terms["arm:sex"], _products(len(arms), len(sexes)), strict=True):
            row[term] = (
                _code(arms.index(treated), at[0], len(arms)) - _code(arms.index(control), at[0], len(arms))
            ) * (_code(place, at[1], len(sexes)))
        made.append(
            Asked(
                f"{comparison} (sex {sex})", treated, control, "overall", math.nan, whole.days, row, whole.note, False
            )
        )
    return made


def _products(first: int, second: int) -> list[tuple[int, int]]:
    """The columns of two sum-coded factors' product."""
    return [(a, b) for a in range(first - 1) for b in range(second - 1)]


def _code(level: int, column: int, levels: int) -> float:
    """A sum code: 1 for the column's own level, −1 for the last.

    >>> [_code(level, 0, 3) for level in range(3)]
    [1.0, 0.0, -1.0]
    """
    return -1.0 if level == levels - 1 else float(level == column)


def _changes(answered: Asking, arm: str) -> list[Asked]:
    """The change of an arm from the baseline mean that all arms share."""
    built = answered.built
    start = built.column("baseline mean")[0]
    daily = {day: built.cell(arm, day) - start for day in built.days}
    made = []
    for time, days in _times(answered).items():
        asked = _asked(f"{arm} − baseline", arm, arm, answered.question.by, time, days, daily)
        made.append(Asked(**asked.__dict__ | {"standardize": False}))
    return made


def _asked(
    comparison: str,
    treated: str,
    control: str,
    by: str,
    time: float,
    days: list[float],
    daily: dict[float, Floats],
) -> Asked:
    """One comparison over the days on which it can be made."""
    kept = [day for day in days if not np.isnan(daily[day]).any()]
    missing = several([f"{day:g}" for day in days if day not in kept])
    if not kept:
        told = f"not estimable: an arm was not tested on day {missing}"
        return Asked(comparison, treated, control, by, time, [], None, told)
    weights = trapezoid(kept) if by == "overall" else np.full(len(kept), 1 / len(kept))
    note = f"without day {missing}, on which an arm was not tested" if missing else None
    L = weights @ np.stack([daily[day] for day in kept])
    return Asked(comparison, treated, control, by, time, kept, L, note)


def trapezoid(days: list[float]) -> Floats:
    """Weights of the time average between the first and the last day; one day weighs 1.

    >>> trapezoid([0, 1, 3]).round(4).tolist()
    [0.1667, 0.5, 0.3333]
    """
    if len(days) == 1:
        return np.ones(1)
    gaps = np.diff(days)
    weights = (np.append(gaps, 0) + np.append(0, gaps)) / 2
    return np.asarray(weights / weights.sum(), dtype=float)


def _family(answered: Answered, asked: list[Asked], name: str, adjust: str) -> list[Row]:
    """The rows of one family."""
    p = answered.built.rows.X.shape[1]
    L = np.stack([np.full(p, np.nan) if one.L is None else one.L for one in asked])
    found = families.with_ratios(families.family(answered.inference, L, adjust), 10)
    size = int(found["p"].notna().sum())
    rows = []
    for one, (_, told) in zip(asked, found.iterrows(), strict=True):
        row: Row = {
            Contrasts.question: answered.question.key,
            Contrasts.family: None if adjust == "none" else f"{name} ({size})",
            Contrasts.comparison: one.comparison,
            Contrasts.by: one.by,
            Contrasts.time: one.time,
            Contrasts.adjustment: adjust,
            **{name: told[name] for name in ("estimate", "se", "df", "t", "p", "lower", "upper", "interval")},
            **{name: told[name] for name in ("ratio", "ratio_lower", "ratio_upper")},
            Contrasts.p_adjusted: math.nan if adjust == "none" else told["p_adjusted"],
        }
        notes = [one.note, told["note"] if one.L is not None and not pd.isna(told["note"]) else None]
        row[Contrasts.note] = "; ".join(filter(None, notes)) or None
        rows.append(row | _size(answered, one, told))
    return rows


def _size(answered: Answered, asked: Asked, told: pd.Series) -> Row:
    """Hedges' g of a contrast between arms."""
    if asked.L is None or not asked.standardize or pd.isna(told["estimate"]):
        return {}
    overall = asked.by == "overall"
    g, lower, upper = answered.standardized.of(asked.L, asked.treated, asked.control, asked.days, overall=overall)
    return {Contrasts.hedges_g: g, Contrasts.hedges_g_lower: lower, Contrasts.hedges_g_upper: upper}


def hypotheses(built: Design) -> dict[str, Floats]:
    """The rows of L for each term; NaN in those that need a cell nobody was observed in."""
    arms = list(dict.fromkeys(arm for arm, _ in built.cells))
    # A day on which every arm was tested comes first, because the others are compared with it.
    days = sorted(built.days, key=lambda day: any((arm, day) not in built.cells for arm in arms))
    cells = np.array([[built.cell(arm, day) for day in days] for arm in arms])
    by_arm, by_day = cells.mean(axis=1), cells.mean(axis=0)
    inner = (cells[1:] - cells[0])[:, 1:] - (cells[1:] - cells[0])[:, :1]
    found = {
        "arm": by_arm[1:] - by_arm[0],
        "day": by_day[1:] - by_day[0],
        "arm:day": inner.reshape(-1, inner.shape[-1]),
        **{term: built.column(term) for term in built.terms if term != "baseline mean"},
    }
    return {term: L for term, L in found.items() if len(L)}
