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
from hindpaw.model.bootstrap import ENOUGH, METHODS, Interval, Resampled, Widening
from hindpaw.model.comparisons import Answered
from hindpaw.model.relief import Curve, Margin
from hindpaw.model.reweighting import Contributions
from hindpaw.tables import Animals, Bootstrap, Thresholds

Floats = NDArray[np.float64]
Row = dict[str, Any]

# A stratum smaller than this hardly varies when it is drawn again.
LEAST = 4
LEVEL = 0.95
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

    def widening(self, *arms: str) -> Widening:
        """What BCa's limits are widened by where units of these arms are drawn."""
        mine = [any(arm in one.split("+") for arm in arms) for one in self.arms]
        return Widening.of([int((self.strata == stratum).sum()) for stratum in np.unique(self.strata[mine])])

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
        wider = redrawn.widening(treated, control)
        made = bootstrap.accelerated(estimate, estimates, found.left_out.estimate[:, place], wider)
        return made, METHODS[1].format(redrawn.unit)
    made = bootstrap.studentized(estimate, float(found.own.se[0, place]), estimates, found.drawn.se[:, place])
    return made, METHODS[0].format(redrawn.unit)


def _end(redrawn: Redrawn, found: Resampled, place: slice, curve: Curve) -> Row:
    """How many days relief lasts."""
    start, margin = redrawn.answered.study.days.treatment, redrawn.known.log10
    own = duration.ends(curve.days, found.own.estimate[:, place], margin, start)
    if redrawn.enough(curve.treated, curve.control):
        wider = redrawn.widening(curve.treated, curve.control)
        made, method = accelerated_end(found, place, curve.days, margin, start, wider), METHODS[1]
    else:
        one = timed(found, place, curve.days, margin, start)
        made, method = studentized_end(one, len(found.drawn.estimate), margin, start), METHODS[0]
    row = _row(redrawn, END, "days", method.format(redrawn.unit), float(own.day[0]) - start, made)
    if own.outcome(0) == duration.STILL:
        row[Bootstrap.note] += "; still there on the last day tested, up to which it is counted"
    return row | {Bootstrap.comparison: curve.comparison}


@dataclass(frozen=True)
class Timed:
    """A curve whose end is timed by bootstrap-t, on days close to each other.

    Parameters
    ----------
    close : (G,) days
    own, se : (G,) interpolated difference and its standard error in the data
    t : (B, G) (θ* − θ)/se* of the resamples that carry it
    day : end in the data
    days : (B,) ends in the resamples; NaN where one does not carry it
    """

    close: Floats
    own: Floats
    se: Floats
    t: Floats
    day: float
    days: Floats

    def limits(self, margin: float, start: float, level: float = LEVEL) -> tuple[float, float]:
        """The earliest and latest end within the bootstrap-t intervals of the curve on each day."""
        high, low = np.quantile(self.t, [(1 - level) / 2, (1 + level) / 2], axis=0, method=bootstrap.PLACES)
        return duration.end_within(self.close, self.own - low * self.se, self.own - high * self.se, margin, start)


def timed(found: Resampled, place: slice, days: Floats, margin: float, start: float) -> Timed:
    """What bootstrap-t needs to time a curve's end."""
    close, weights = duration.grid(days)
    own, drawn = (one.estimate[:, place] @ weights.T for one in (found.own, found.drawn))
    se, errors = (_errors(one.covariance[:, place, place], weights) for one in (found.own, found.drawn))
    sound = np.isfinite(drawn).all(axis=1) & (errors > 0).all(axis=1)
    ends = [
        duration.ends(days, one, margin, start).day
        for one in (found.own.estimate[:, place], found.drawn.estimate[:, place])
    ]
    return Timed(
        close, own[0], se[0], (drawn[sound] - own) / errors[sound], float(ends[0][0]), np.where(sound, ends[1], np.nan)
    )


def _errors(covariance: Floats, weights: Floats) -> Floats:
    """(B, G) standard errors of weighted sums."""
    return np.sqrt(np.clip(((covariance @ weights.T) * weights.T).sum(axis=1), 0, None))


def studentized_end(one: Timed, total: int, margin: float, start: float) -> Interval:
    """Days of relief, counted from `start`, that the bootstrap-t intervals of the curve allow."""
    low, high = one.limits(margin, start)
    spread = float(np.nanstd(one.days, ddof=1)) if len(one.t) > 1 else math.nan
    return Interval(spread, low - start, high - start, len(one.t), total - len(one.t))


def recovered(one: Timed, other: Timed, margin: float, start: float, level: float = LEVEL) -> tuple[float, float]:
    """The interval of the difference of two ends from the interval of each (variances recovered from the limits).

    d − √((a − l_a)² + (u_b − b)² − 2r(a − l_a)(u_b − b)) to d + √((u_a − a)² + (b − l_b)² − 2r(u_a − a)(b − l_b)), r their
    correlation over resamples, which a shared control brings.

    References
    ----------
    Zou GY, Donner A, Stat Med 2008;27:1693-1702, doi 10.1002/sim.3095.
    """
    (la, ua), (lb, ub) = one.limits(margin, start, level), other.limits(margin, start, level)
    both = np.stack([one.days, other.days])
    both = both[:, np.isfinite(both).all(axis=0)]
    moving = both.shape[1] > 1 and bool((np.ptp(both, axis=1) > 0).all())
    r = float(np.asarray(np.corrcoef(both))[0, 1]) if moving else 0.0
    d = one.day - other.day

    def reach(first: float, second: float) -> float:
        """The distance to a limit."""
        if math.isinf(first) or math.isinf(second):
            return math.inf
        return math.sqrt(max(first**2 + second**2 - 2 * r * first * second, 0.0))

    return d - reach(max(one.day - la, 0), max(ub - other.day, 0)), d + reach(
        max(ua - one.day, 0), max(other.day - lb, 0)
    )


def recovered_p(one: Timed, other: Timed, margin: float, start: float) -> float:
    """1 − the highest confidence at which the interval of the difference excludes 0, to a thousandth."""
    low, high = 0.0, 1 - 1e-3
    for _ in range(10):
        level = (low + high) / 2
        limits = recovered(one, other, margin, start, level)
        low, high = (level, high) if limits[0] > 0 or limits[1] < 0 else (low, level)
    return 1 - low


def accelerated_end(
    found: Resampled, place: slice, days: Floats, margin: float, start: float, wider: Widening
) -> Interval:
    """The BCa interval of the days of relief; open above where it reaches the last day."""
    own, drawn, left_out = (
        duration.ends(days, one.estimate[:, place], margin, start) for one in (found.own, found.drawn, found.left_out)
    )
    sound = np.isfinite(found.drawn.estimate[:, place]).all(axis=1)
    made = bootstrap.accelerated(
        float(own.day[0]) - start, np.where(sound, drawn.day, np.nan) - start, left_out.day - start, wider
    )
    open_above = made.upper >= float(days[-1]) - start - 1e-9
    return Interval(made.se, made.lower, math.inf if open_above else made.upper, made.resamples, made.failed)


def _difference(redrawn: Redrawn, found: Resampled, places: tuple[slice, slice], curves: tuple[Curve, Curve]) -> Row:
    """How many days longer the first treatment's relief lasts than another's."""
    start, margin = redrawn.answered.study.days.treatment, redrawn.known.log10
    first, other = curves
    arms = (first.treated, other.treated, first.control)
    wider = redrawn.widening(*arms) if redrawn.enough(*arms) else None
    made, p, method = difference(found, places, (first.days, other.days), margin, start, wider)
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
    wider: Widening | None,
) -> tuple[Interval, float, str]:
    """The interval of the difference of two ends, its p and its method: BCa where it is widened, else bootstrap-t."""
    if wider is not None:
        values = []
        for one in (found.own, found.drawn, found.left_out):
            ends = [
                duration.ends(d, one.estimate[:, at], margin, start).day for d, at in zip(days, places, strict=True)
            ]
            sound = np.isfinite(np.hstack([one.estimate[:, at] for at in places])).all(axis=1)
            values.append(np.where(sound, ends[0] - ends[1], np.nan))
        own, drawn, left_out = float(values[0][0]), values[1], values[2]
        made = bootstrap.accelerated(own, drawn, left_out, wider)
        return made, bootstrap.accelerated_p(own, drawn, left_out, wider), METHODS[1]
    first, second = (timed(found, at, d, margin, start) for d, at in zip(days, places, strict=True))
    low, high = recovered(first, second, margin, start)
    apart = first.days - second.days
    n = int(np.isfinite(apart).sum())
    spread = float(np.nanstd(apart, ddof=1)) if n > 1 else math.nan
    made = Interval(spread, low, high, n, len(apart) - n)
    return made, recovered_p(first, second, margin, start), f"{METHODS[0]}, limits of both ends combined"


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
