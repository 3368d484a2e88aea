"""How long each comparison's relief lasts, by the days on which the model's bands contain the margin: rows of `durations`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.findings import several
from hindpaw.model import comparisons, contrasts, duration
from hindpaw.model.comparisons import Answered
from hindpaw.model.smallsample import Inference
from hindpaw.questions import ONE_STEP, margin_log10
from hindpaw.study import Question
from hindpaw.tables import Durations, Filaments

Floats = NDArray[np.float64]
Row = dict[str, Any]


@dataclass(frozen=True)
class Margin:
    """What counts as relief: log10 g, NaN where it is not known, and where it comes from."""

    log10: float
    words: str


@dataclass(frozen=True)
class Curve:
    """A comparison over the days on which both arms were tested.

    Parameters
    ----------
    days : (K,) in order
    L : (K, columns of X) the difference on each day
    """

    comparison: str
    treated: str
    control: str
    days: Floats
    L: Floats


def margin(question: Question, filaments: pd.DataFrame) -> Margin:
    """The margin as the question names it: a ratio, or the mean step of the filament sets in use."""
    if question.margin != ONE_STEP:
        return Margin(
            margin_log10(question.margin, math.nan), f"a ratio of {question.margin:g}, as the study file names it"
        )
    steps = {}
    for name, rows in filaments.groupby(Filaments.filaments):
        force = np.log10(rows[Filaments.force_g].to_numpy(float))
        if len(force) > 1:
            steps[str(name)] = float(np.ptp(force)) / (len(force) - 1)
    if not steps:
        return Margin(math.nan, "one filament step, and no filament set is known; name a ratio as margin")
    told = f"one mean filament step of {several(sorted(steps))}"
    return Margin(margin_log10(ONE_STEP, float(np.mean(list(steps.values())))), told)


def curves(answered: Answered) -> list[Curve]:
    """The curve of each comparison that can be made on a day."""
    built, found = answered.built, []
    for treated, control in comparisons.pairs(answered.question):
        named = comparisons.named(treated, control)
        days = comparisons.over_time(answered, named, treated, control).days
        rows = [built.cell(treated, day) - built.cell(control, day) for day in days]
        told = [place for place, row in enumerate(rows) if answered.solved.estimable(row[None])[0]]
        if told:
            L = np.stack([rows[place] for place in told])
            found.append(Curve(named, treated, control, np.array([days[place] for place in told]), L))
    return found


def pointwise(inference: Inference, L: Floats) -> tuple[Floats, Floats]:
    """The 95 % limits of each row of L by itself."""
    from scipy.special import stdtrit

    made = np.array([inference.estimate(row)[:3] for row in L])
    half = stdtrit(made[:, 2], 0.975) * made[:, 1]
    return made[:, 0] - half, made[:, 0] + half


def answer(answered: Answered, known: Margin) -> list[Row]:
    """A row for each comparison."""
    return [_row(answered, curve, known) for curve in curves(answered)]


def without_answer(question: Question, named: str, known: Margin, reason: str) -> Row:
    """The row of a comparison that could not be timed."""
    return {
        Durations.question: question.key,
        Durations.comparison: named,
        Durations.margin: known.log10,
        Durations.margin_is: known.words,
        Durations.outcome: "not estimated",
        Durations.note: reason,
    }


def _row(answered: Answered, curve: Curve, known: Margin) -> Row:
    """One comparison."""
    start = answered.study.days.treatment
    family = contrasts.family(answered.inference, curve.L, "holm")
    lower, upper = (family[name].to_numpy(float) for name in ("lower", "upper"))
    row = without_answer(answered.question, curve.comparison, known, "") | {
        Durations.shown_through_day: duration.shown_through(curve.days, lower),
        Durations.treatment_day: start,
        Durations.last_day: float(curve.days[-1]),
    }
    if math.isnan(known.log10):
        return row | {Durations.note: f"not timed: {known.words}"}
    found = duration.ends(curve.days, family["estimate"].to_numpy(float)[None], known.log10, start)
    band = duration.end_within(curve.days, lower, upper, known.log10, start)
    close, weights = duration.grid(curve.days)
    alone = duration.end_within(close, *pointwise(answered.inference, weights @ curve.L), known.log10, start)
    outcome = found.outcome(0)
    return row | {
        Durations.onset_day: math.nan if outcome == duration.NEVER else float(curve.days[found.onset[0]]),
        Durations.relief_ends_day: float(found.day[0]) if outcome == duration.ENDED else math.nan,
        Durations.relief_ends_lower: alone[0],
        Durations.relief_ends_upper: alone[1] if math.isfinite(alone[1]) else math.nan,
        Durations.band_lower: band[0],
        Durations.band_upper: band[1] if math.isfinite(band[1]) else math.nan,
        Durations.outcome: outcome,
        Durations.note: _note(outcome, alone, start),
    }


def _note(outcome: str, limits: tuple[float, float], start: float) -> str | None:
    """What to know of the interval."""
    notes = []
    if limits[0] == start and outcome != duration.NEVER:
        notes.append("the interval does not exclude that relief of this size never came")
    if math.isinf(limits[1]):
        notes.append("the interval does not exclude that relief outlasts the last day tested")
    return "; ".join(notes) or None
