"""How far the missing values would have to lie from what the model expects of them to undo a conclusion.

Delta-adjusted pattern mixture: the mixed model takes a missing value to be what the animal's other days and its arm let
expect (missing at random). Here each missing value of an arm is taken to lie δ higher than that. In the limit of many
imputations the mean of arm a becomes μ_a + δ π_a, with π_a the (weighted) share of its values that are missing, and its
variance gains δ² s²_a/n_a, with s²_a the variance of that share between the arm's animals, which counts the share as
estimated too. δ = 0 is the question's own answer; no random number is needed.

References
----------
Carpenter JR, Roger JH, Kenward MG, J Biopharm Stat 2013;23:1352-1371, doi 10.1080/10543406.2013.834911. Permutt T,
Stat Med 2016;35:2876-2879. Little RJA, J Am Stat Assoc 1993;88:125-134, doi 10.2307/2290705.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.model import comparisons, equivalence, missing, simultaneous
from hindpaw.model.comparisons import Asked, Asking
from hindpaw.model.missing import Missing
from hindpaw.study import Question
from hindpaw.tables import Contrasts, Tipping

Floats = NDArray[np.float64]
Row = dict[str, Any]
SCENARIOS = {"treated": (1.0, 0.0), "control": (0.0, 1.0), "apart": (1.0, -1.0)}
# Points of a curve on either side of δ = 0, and steps in which a tipping point is looked for before it is closed in on.
POINTS, LOOKED_AT = 20, 400


@dataclass(frozen=True)
class Shifted:
    """One comparison under δ.

    Parameters
    ----------
    estimate, se, df : at δ = 0
    critical : of the interval that the conclusion is drawn from
    share : what the estimate gains for each unit of δ
    spread : what its variance gains for each unit of δ², by arm
    free : degrees of freedom of these
    margin : of a question that expects no effect, else NaN
    """

    estimate: float
    se: float
    df: float
    critical: float
    share: float
    spread: tuple[float, float]
    free: tuple[float, float]
    margin: float

    def at(self, delta: float) -> tuple[float, float, float]:
        """Estimate, standard error and degrees of freedom (Satterthwaite's of the three variances).

        >>> one = Shifted(0.5, 0.1, 10, 2.2281, 0.25, (0.01, 0.0), (5.0, 5.0), math.nan)
        >>> [round(value, 4) for value in one.at(-1.0)], one.conclusion(0.0), one.conclusion(-1.0)
        ([0.25, 0.1414, 13.3333], 'higher', 'not shown')
        """
        own = self.se**2
        parts = [delta**2 * one for one in self.spread]
        whole = own + sum(parts)
        bottom = own**2 / self.df + sum(one**2 / max(n, 1.0) for one, n in zip(parts, self.free, strict=True))
        return self.estimate + delta * self.share, math.sqrt(whole), whole**2 / bottom if bottom > 0 else math.inf

    def limits(self, delta: float) -> tuple[float, float]:
        """The interval that the conclusion is drawn from; 90 % where no effect is expected."""
        from scipy.special import stdtrit

        estimate, se, df = self.at(delta)
        level = 1 - equivalence.LEVEL if not math.isnan(self.margin) else 0.5 + simultaneous.LEVEL / 2
        critical = float(stdtrit(df, level))
        if math.isnan(self.margin):
            critical *= self.critical / float(stdtrit(self.df, level))
        return estimate - critical * se, estimate + critical * se

    def conclusion(self, delta: float) -> str:
        """What the interval shows."""
        lower, upper = self.limits(delta)
        if not math.isnan(self.margin):
            return "equivalent" if -self.margin < lower and upper < self.margin else "not shown"
        return "higher" if lower > 0 else "lower" if upper < 0 else "not shown"

    def p(self, delta: float) -> float:
        """Two-sided, unadjusted; of a question that expects no effect that of both one-sided tests."""
        from scipy.special import stdtr

        estimate, se, df = self.at(delta)
        if not math.isnan(self.margin):
            return equivalence.by_t(estimate, se, df, self.margin).p
        return 2 * float(stdtr(df, -abs(estimate) / se))

    def tips(self, way: int, far: float) -> float:
        """The smallest |δ| on one side that changes the conclusion; NaN where none up to `far` does."""
        told = self.conclusion(0.0)
        for place in range(1, LOOKED_AT + 1):
            high = way * far * place / LOOKED_AT
            if self.conclusion(high) == told:
                continue
            low = way * far * (place - 1) / LOOKED_AT
            for _ in range(50):
                middle = (low + high) / 2
                low, high = (low, middle) if self.conclusion(middle) != told else (middle, high)
            return high
        return math.nan


def answer(
    asking: Asking, contrasts: pd.DataFrame, gaps: Missing, step_log10: float, far: float, margin: float = math.nan
) -> list[Row]:
    """The rows of a question; none where nothing is missing.

    Parameters
    ----------
    asking : study, question and design
    contrasts : its rows of `contrasts` (or `censored_contrasts`): estimate, se, df and the limits
    gaps : who is missing
    step_log10 : mean filament step, for δ in steps
    far : the largest |δ| looked at, log10: the reach of the filaments
    margin : of a question that expects no effect
    """
    if not gaps.gaps.to_numpy().any():
        return []
    reasons = [missing.ALL, *(gaps.reasons if len(gaps.reasons) > 1 else [])]
    wanted = {comparisons.named(*pair) for pair in comparisons.pairs(asking.question)}
    made: list[Row] = []
    for family in comparisons.families_of(asking):
        for asked in family.asked:
            if asked.comparison in wanted and asked.L is not None:
                for reason in reasons:
                    made += _rows(asking.question, asked, contrasts, gaps, reason, step_log10, far, margin)
    return made


def _rows(
    question: Question,
    asked: Asked,
    contrasts: pd.DataFrame,
    gaps: Missing,
    reason: str,
    step_log10: float,
    far: float,
    margin: float,
) -> Iterator[Row]:
    """The rows of one comparison and one reason."""
    arms = [asked.treated, asked.control]
    shares = [gaps.shares(arm, asked.days, asked.weights, reason) for arm in arms]
    own = [row for _, row in contrasts.iterrows() if equivalence.same(asked, row)]
    if not own or not any(one.any() for one in shares) or math.isnan(own[0][Contrasts.se]):
        return
    counts = [int(gaps.of([arm], asked.days, reason).to_numpy().sum()) for arm in arms]
    head = {
        Tipping.question: question.key,
        Tipping.comparison: asked.comparison,
        Tipping.by: asked.by,
        Tipping.time: asked.time,
        Tipping.missing: reason,
        Tipping.n_missing_treated: counts[0],
        Tipping.n_missing_control: counts[1],
        Tipping.n_animals_missing: int(gaps.of(arms, asked.days, reason).any(axis=1).sum()),
        Tipping.note: gaps.told(arms, asked.days, reason),
    }
    for name, gains in SCENARIOS.items():
        # Where one arm lacks nothing, shifting both apart is shifting the other.
        if all(one.any() for gain, one in zip(gains, shares, strict=True) if gain):
            shifted = _shifted(own[0], shares, gains, margin)
            for row in _curve(shifted, asked.by == "overall", far):
                yield head | {Tipping.shifted: name} | row | {Tipping.delta_steps: row[Tipping.delta] / step_log10}


def _shifted(row: pd.Series, shares: list[Floats], gains: tuple[float, float], margin: float) -> Shifted:
    """A comparison with the missing values of its arms shifted by `gains` × δ."""
    estimate, se, df = (float(row[name]) for name in (Contrasts.estimate, Contrasts.se, Contrasts.df))
    critical = (float(row[Contrasts.upper]) - float(row[Contrasts.lower])) / (2 * se)
    spread = [
        g**2 * float(one.var(ddof=1)) / len(one) if len(one) > 1 else 0.0 for g, one in zip(gains, shares, strict=True)
    ]
    share = gains[0] * float(shares[0].mean()) - gains[1] * float(shares[1].mean())
    free = (float(len(shares[0]) - 1), float(len(shares[1]) - 1))
    return Shifted(estimate, se, df, critical, share, (spread[0], spread[1]), free, margin)


def _curve(shifted: Shifted, whole: bool, far: float) -> Iterator[Row]:
    """Both tipping points, or that there is none; of the time average the curve too."""
    for way in (-1, 1):
        delta = shifted.tips(way, far)
        if math.isnan(delta):
            yield _numbers(shifted, way * far, "none")
        else:
            yield _numbers(shifted, delta, "tipping point")
    if whole:
        for delta in np.linspace(-far, far, 2 * POINTS + 1):
            yield _numbers(shifted, float(delta), "curve")


def _numbers(shifted: Shifted, delta: float, what: str) -> Row:
    """The comparison at one δ."""
    estimate, se, df = shifted.at(delta)
    lower, upper = shifted.limits(delta)
    told = shifted.conclusion(delta)
    return {
        Tipping.row: what,
        Tipping.delta: delta,
        Tipping.estimate: estimate,
        Tipping.se: se,
        Tipping.df: df,
        Tipping.lower: lower,
        Tipping.upper: upper,
        Tipping.p: shifted.p(delta),
        Tipping.holds: told == shifted.conclusion(0.0),
        Tipping.conclusion: told,
    }
