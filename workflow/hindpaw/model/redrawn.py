"""Contrasts, days of relief and variances of a question with intervals from resamples: rows of `bootstrap`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.model import bootstrap, comparisons, duration, relief, reweighting
from hindpaw.model.bootstrap import ENOUGH, METHODS, Interval, Resampled
from hindpaw.model.comparisons import Answered
from hindpaw.model.relief import Curve, Margin
from hindpaw.model.reweighting import Contributions
from hindpaw.tables import Animals, Bootstrap, Thresholds

Floats = NDArray[np.float64]
Row = dict[str, Any]

# A stratum smaller than this hardly varies when it is drawn again.
LEAST = 4
# From this share of resamples without a standard error on, percentiles stand in the place of bootstrap-t.
MOST_FAILED = 0.1
END, DIFFERENCE = "days of relief", "difference of days of relief"
GLS = "generalized least squares at the fitted covariance, standard errors between {}s"


@dataclass(frozen=True)
class Redrawn:
    """A question whose units are drawn again.

    Parameters
    ----------
    answered : the question with its fit
    known : what counts as relief
    """

    answered: Answered
    known: Margin

    @cached_property
    def units(self) -> Contributions:
        """The units that are drawn: animals, or cages where they share a variance or were randomized."""
        made = reweighting.contributions(self.answered.solved)
        if self.answered.study.randomization["unit"] != "cage" or self.answered.solved.rows.cage is not None:
            return made
        cage = self._of_animals[Animals.cage].astype("object").fillna("?").to_numpy()
        return reweighting.joined(made, pd.factorize(cage, sort=True)[0])

    @property
    def unit(self) -> str:
        """What is drawn."""
        caged = self.answered.solved.rows.cage is not None or self.answered.study.randomization["unit"] == "cage"
        return "cage" if caged else "animal"

    @cached_property
    def _of_animals(self) -> pd.DataFrame:
        """One row an animal, in the order of the fit's codes."""
        frame = self.answered.built.frame.assign(code=self.answered.solved.rows.animal)
        return frame.drop_duplicates("code").sort_values("code").reset_index(drop=True)

    @cached_property
    def arms(self) -> list[str]:
        """The arm of each unit; of a cage with animals of several arms all of them."""
        arm = self._of_animals[Thresholds.arm].to_numpy(str)
        return ["+".join(sorted(set(arm[members]))) for members in self.units.members]

    @cached_property
    def strata(self) -> NDArray[np.int64]:
        """Within which units are drawn: arms, and cohorts where labels were dealt within them and all are large enough."""
        words = pd.Series(self.arms)
        if words.str.contains("+", regex=False).any():
            return np.zeros(len(words), dtype=np.int64)
        if "cohort" in self.answered.study.randomization["blocks"]:
            cohort = self._of_animals[Animals.cohort].astype("object").fillna("?").to_numpy(str)
            both = words + "|" + pd.Series(["+".join(sorted(set(cohort[one]))) for one in self.units.members])
            words = both if both.value_counts().min() >= LEAST else words
        return pd.factorize(words, sort=True)[0].astype(np.int64)

    def enough(self, *arms: str) -> bool:
        """Whether every arm has enough units for BCa."""
        return all(sum(arm in one.split("+") for one in self.arms) >= ENOUGH for arm in arms)

    def resampled(self, L: Floats) -> Resampled:
        """The estimates of L under one set of resamples."""
        answered = self.answered
        return bootstrap.resampled(answered.solved, self.units, self.strata, L, answered.rng)


def answer(redrawn: Redrawn) -> list[Row]:
    """The rows of a question."""
    answered = redrawn.answered
    asked = [
        one
        for pair in comparisons.pairs(answered.question)
        for one in (
            *comparisons.by_time(answered, comparisons.named(*pair), *pair),
            comparisons.over_time(answered, comparisons.named(*pair), *pair),
        )
        if one.L is not None and answered.solved.estimable(one.L[None])[0]
    ]
    timed = relief.curves(answered) if math.isfinite(redrawn.known.log10) else []
    parts = [*(one.L[None] for one in asked if one.L is not None), *(curve.L for curve in timed)]
    if not parts:
        return []
    found = redrawn.resampled(np.vstack(parts))
    rows = []
    for place, one in enumerate(asked):
        made, method = _linear(redrawn, found, place, one.treated, one.control)
        told = {Bootstrap.comparison: one.comparison, Bootstrap.by: one.by, Bootstrap.time: one.time}
        rows.append(told | _row(redrawn, "contrast", "log10", method, float(found.own.estimate[0, place]), made))
    at = len(asked)
    places = []
    for curve in timed:
        places.append(slice(at, at + len(curve.days)))
        at += len(curve.days)
        rows.append(_end(redrawn, found, places[-1], curve))
    if answered.question.kind == "duration":
        rows += [
            _difference(redrawn, found, (places[0], place), (timed[0], curve))
            for place, curve in zip(places[1:], timed[1:], strict=True)
        ]
    return rows + _variances(redrawn)


def _row(redrawn: Redrawn, estimand: str, unit: str, method: str, estimate: float, made: Interval) -> Row:
    """One interval."""
    notes = [GLS.format(redrawn.unit)]
    if made.failed:
        notes.append(f"{made.failed} resamples could not carry it")
    return {
        Bootstrap.question: redrawn.answered.question.key,
        Bootstrap.estimand: estimand,
        Bootstrap.unit: unit,
        Bootstrap.method: method,
        Bootstrap.estimate: estimate,
        Bootstrap.se: made.se,
        Bootstrap.lower: made.lower if math.isfinite(made.lower) else math.nan,
        Bootstrap.upper: made.upper if math.isfinite(made.upper) else math.nan,
        Bootstrap.n_resamples: made.resamples,
        Bootstrap.n_failed: made.failed,
        Bootstrap.note: "; ".join(notes),
    }


def _linear(redrawn: Redrawn, found: Resampled, place: int, treated: str, control: str) -> tuple[Interval, str]:
    """A contrast's interval, by the method its number of units allows."""
    estimates, estimate = found.drawn.estimate[:, place], float(found.own.estimate[0, place])
    if redrawn.enough(treated, control):
        made = bootstrap.accelerated(estimate, estimates, found.left_out.estimate[:, place])
        return made, METHODS[1].format(redrawn.unit)
    made = bootstrap.studentized(estimate, float(found.own.se[0, place]), estimates, found.drawn.se[:, place])
    return made, METHODS[0].format(redrawn.unit)


def _end(redrawn: Redrawn, found: Resampled, place: slice, curve: Curve) -> Row:
    """How many days relief lasts."""
    start, margin = redrawn.answered.study.days.treatment, redrawn.known.log10
    own = duration.ends(curve.days, found.own.estimate[:, place], margin, start)
    if redrawn.enough(curve.treated, curve.control):
        made, method = accelerated_end(found, place, curve.days, margin, start), METHODS[1]
    else:
        made, method = studentized_end(found, place, curve.days, margin, start), METHODS[0]
    row = _row(redrawn, END, "days", method.format(redrawn.unit), float(own.day[0]) - start, made)
    if own.outcome(0) == duration.STILL:
        row[Bootstrap.note] += "; still there on the last day tested, up to which it is counted"
    return row | {Bootstrap.comparison: curve.comparison}


def studentized_end(found: Resampled, place: slice, days: Floats, margin: float, start: float) -> Interval:
    """The days, counted from `start`, at which the bootstrap-t interval of the interpolated curve contains the margin."""
    close, weights = duration.grid(days)
    own = found.own.estimate[0, place] @ weights.T
    drawn = found.drawn.estimate[:, place] @ weights.T
    errors = [_errors(one.covariance[:, place, place], weights) for one in (found.own, found.drawn)]
    made = [
        bootstrap.studentized(float(own[g]), float(errors[0][0, g]), drawn[:, g], errors[1][:, g])
        for g in range(len(close))
    ]
    lower, upper = np.array([one.lower for one in made]), np.array([one.upper for one in made])
    low, high = duration.end_within(close, lower, upper, margin, start)
    ended = duration.ends(days, found.drawn.estimate[:, place], margin, start).day
    return Interval(float(np.nanstd(ended, ddof=1)), low - start, high - start, made[0].resamples, made[0].failed)


def _errors(covariance: Floats, weights: Floats) -> Floats:
    """(B, G) standard errors of weighted sums."""
    return np.sqrt(np.clip(np.einsum("gk,bkl,gl->bg", weights, covariance, weights, optimize=True), 0, None))


def accelerated_end(found: Resampled, place: slice, days: Floats, margin: float, start: float) -> Interval:
    """The BCa interval of the days of relief; open above where it reaches the last day."""
    own, drawn, left_out = (
        duration.ends(days, one.estimate[:, place], margin, start) for one in (found.own, found.drawn, found.left_out)
    )
    sound = np.isfinite(found.drawn.estimate[:, place]).all(axis=1)
    made = bootstrap.accelerated(
        float(own.day[0]) - start, np.where(sound, drawn.day, np.nan) - start, left_out.day - start
    )
    open_above = made.upper >= float(days[-1]) - start - 1e-9
    return Interval(made.se, made.lower, math.inf if open_above else made.upper, made.resamples, made.failed)


def _difference(redrawn: Redrawn, found: Resampled, places: tuple[slice, slice], curves: tuple[Curve, Curve]) -> Row:
    """How many days longer the first treatment's relief lasts than another's."""
    start, margin = redrawn.answered.study.days.treatment, redrawn.known.log10
    first, other = curves
    bca = redrawn.enough(first.treated, other.treated, first.control)
    made, p, method = difference(found, places, (first.days, other.days), margin, start, bca=bca)
    ends = [
        duration.ends(curve.days, found.own.estimate[:, place], margin, start)
        for curve, place in zip(curves, places, strict=True)
    ]
    estimate = float(ends[0].day[0] - ends[1].day[0])
    row = _row(redrawn, DIFFERENCE, "days", method.format(redrawn.unit), estimate, made)
    still = [curve.treated for curve, one in zip(curves, ends, strict=True) if one.outcome(0) == duration.STILL]
    if still:
        row[Bootstrap.note] += (
            f"; {' and '.join(still)} still at work on the last day tested, up to which it is counted"
        )
    return row | {Bootstrap.comparison: comparisons.named(first.treated, other.treated), Bootstrap.p: p}


def difference(
    found: Resampled,
    places: tuple[slice, slice],
    days: tuple[Floats, Floats],
    margin: float,
    start: float,
    *,
    bca: bool,
) -> tuple[Interval, float, str]:
    """The interval of the difference of two ends, its p and its method.

    With few units bootstrap-t: an end moves with the curve by 1/slope at the crossing, which gives its standard error.
    Where too many resamples have none (both ends beyond what was tested), percentiles.
    """
    both = np.r_[places[0], places[1]]
    made = []
    for one in (found.own, found.drawn, found.left_out):
        ends = [duration.ends(d, one.estimate[:, at], margin, start) for d, at in zip(days, places, strict=True)]
        slopes = np.hstack([ends[0].slopes, -ends[1].slopes])
        variance = np.einsum("bk,bkl,bl->b", slopes, one.covariance[:, both][:, :, both], slopes, optimize=True)
        sound = np.isfinite(one.estimate[:, both]).all(axis=1)
        value = np.where(sound, ends[0].day - ends[1].day, np.nan)
        made.append((value, np.sqrt(np.clip(variance, 0, None))))
    (own, se), (drawn, errors), (left_out, _) = made
    if bca:
        found_ = bootstrap.accelerated(float(own[0]), drawn, left_out)
        return found_, bootstrap.accelerated_p(float(own[0]), drawn, left_out), METHODS[1]
    studentized = bootstrap.studentized(float(own[0]), float(se[0]), drawn, errors)
    if studentized.failed <= MOST_FAILED * len(drawn) and se[0] > 0:
        t = np.abs(drawn - own[0])[errors > 0] / errors[errors > 0]
        return studentized, float((1 + (t >= abs(own[0]) / se[0]).sum()) / (1 + len(t))), METHODS[0]
    return (
        bootstrap.percentile(drawn),
        math.nan,
        "percentiles of {}s (too many resamples without an end for bootstrap-t)",
    )


def _variances(redrawn: Redrawn) -> list[Row]:
    """The variance parameters."""
    solved = redrawn.answered.solved
    rows = []
    for name, made in bootstrap.variances(solved, redrawn.answered.rng).items():
        unit = "log10²" if name.startswith(("tau2", "sigma2", "omega2")) else "as in the table fits"
        row = _row(redrawn, name, unit, "parametric bootstrap, percentiles", solved.reported[name], made)
        row[Bootstrap.note] = f"{made.failed} refits failed" if made.failed else None
        rows.append(row)
    return rows
