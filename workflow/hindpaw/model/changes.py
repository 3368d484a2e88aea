"""Changes from baseline: each animal's own, and for each arm and day the model's estimate."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from hindpaw.model import design
from hindpaw.model.comparisons import Answered
from hindpaw.model.summaries import quantile
from hindpaw.tables import Changes, Thresholds

Row = dict[str, Any]


def rows(answered: Answered, thresholds: pd.DataFrame) -> list[Row]:
    """The table `changes` of one question; none where nothing was tested before treatment."""
    question, days = answered.question, answered.study.days
    mine = (thresholds[Thresholds.paw] == question.paw) & thresholds[Thresholds.arm].isin(question.arms)
    frame = thresholds[mine].assign(y=design.at_bound(thresholds[mine]))
    start = design.baseline_day(days, frame[Thresholds.day].to_numpy(float))
    if start is None:
        return []
    own = _of_animals(frame, start)
    base: Row = {Changes.question: question.key, Changes.baseline_day: start}
    return [base | row for row in [*own, *_of_arms(answered, own, days.treatment)]]


def _of_animals(frame: pd.DataFrame, start: float) -> list[Row]:
    """Every animal that has a baseline, on every day."""
    at = frame[frame[Thresholds.day] == start].set_index(Thresholds.animal)
    found = []
    for row in frame[frame[Thresholds.animal].isin(at.index)].to_dict("records"):
        before = at.loc[row[Thresholds.animal]]
        change = float(row["y"] - before["y"])
        found.append(
            {
                Changes.what: "animal",
                Changes.source: f"{row[Thresholds.source]}; {before[Thresholds.source]}",
                Changes.animal: row[Thresholds.animal],
                Changes.arm: row[Thresholds.arm],
                Changes.day: row[Thresholds.day],
                Changes.n: 1,
                Changes.change_log10: change,
                Changes.ratio: 10**change,
                Changes.censored: known(row[Thresholds.censored], before[Thresholds.censored]),
                Changes.method: "its threshold over its baseline",
            }
        )
    return found


def known(now: str, before: str) -> str:
    """How a difference of two values is known.

    >>> known("left", "none"), known("none", "left"), known("left", "left"), known("right", "left")
    ('left', 'right', 'interval', 'right')
    """
    turned = {"left": "right", "right": "left"}.get(before, before)
    ways = {now, turned} - {"none"}
    return "none" if not ways else ways.pop() if len(ways) == 1 else "interval"


def _of_arms(answered: Answered, own: list[Row], treatment: float) -> list[Row]:
    """The estimate of each arm and day after treatment."""
    built = answered.built
    if "baseline mean" in built.terms or "base" in built.frame:
        return [_by_model(answered, arm, day) for arm, day in built.cells]
    frame = pd.DataFrame(own)
    after = frame[frame[Changes.day] > treatment]
    return [
        _by_itself(str(arm), float(day), mine[Changes.change_log10].to_numpy(float))
        for (arm, day), mine in after.groupby([Changes.arm, Changes.day], sort=True)
    ]


def _by_model(answered: Answered, arm: str, day: float) -> Row:
    """A constrained model has a mean for the baseline; one with the baseline as covariate speaks of an animal whose
    baseline is average, and that average is taken as known."""
    built, L, shift = answered.built, answered.built.cell(arm, day), 0.0
    if "baseline mean" in built.terms:
        L, method = L - built.column("baseline mean")[0], "mixed model (clda)"
    else:
        shift = float(built.frame.drop_duplicates(Thresholds.animal)["base"].mean())
        method = "mixed model, at the average baseline"
    estimate, se, df, _, _ = answered.inference.estimate(L)
    mine = built.after
    n = int(mine[(mine[Thresholds.arm] == arm) & (mine[Thresholds.day] == day)][Thresholds.animal].nunique())
    return _estimate(arm, day, n, estimate - shift, quantile(df) * se, method)


def _by_itself(arm: str, day: float, values: np.ndarray) -> Row:
    """The mean of the animals' own changes, each day by itself."""
    n = len(values)
    half = quantile(n - 1) * float(values.std(ddof=1)) / math.sqrt(n) if n > 1 else math.nan
    return _estimate(arm, day, n, float(values.mean()), half, "mean of the animals' own changes, t, each day by itself")


def _estimate(arm: str, day: float, n: int, change: float, half: float, method: str) -> Row:
    """A row of an arm."""
    return {
        Changes.what: "estimate",
        Changes.arm: arm,
        Changes.day: day,
        Changes.n: n,
        Changes.change_log10: change,
        Changes.lower: change - half,
        Changes.upper: change + half,
        Changes.ratio: 10**change,
        Changes.censored: "none",
        Changes.method: method,
    }
