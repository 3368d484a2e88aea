"""Two one-sided tests of every question that expects no effect: is the difference smaller than a named margin?

A p above 5 % for a difference shows nothing; that the difference lies within ±margin is shown where both one-sided tests
reject, which is where the 90 % interval lies inside the margin.

References
----------
Schuirmann DJ, J Pharmacokinet Biopharm 1987;15:657-680, doi 10.1007/BF01068419. Lakens D, Soc Psychol Personal Sci
2017;8:355-362, doi 10.1177/1948550617697177.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hindpaw.model import bounded, comparisons, simultaneous
from hindpaw.model.bounded import Bounded
from hindpaw.questions import ONE_STEP, margin_log10
from hindpaw.study import Question
from hindpaw.tables import Contrasts, Equivalence

Row = dict[str, Any]
LEVEL = 0.05
MIXED_MODEL = "linear mixed model"
CENSORED = "interval-censored model, profile likelihood"
NO_STEP = "no filament set is in use, so there is no step to take as margin; name one, such as margin: 1.5"


@dataclass(frozen=True)
class OneSided:
    """The two tests of one difference.

    Parameters
    ----------
    p_below, p_above : of the hypotheses that the difference lies at or below −margin, at or above margin
    lower, upper : the 90 % interval
    """

    p_below: float
    p_above: float
    lower: float
    upper: float

    @property
    def p(self) -> float:
        """Of the hypothesis that it lies outside the margin."""
        return max(self.p_below, self.p_above)


def by_t(estimate: float, se: float, df: float, margin: float) -> OneSided:
    """The tests by Student's t: t = (estimate ± margin)/se.

    Parameters
    ----------
    estimate, se, df : of the difference
    margin : on the same scale, above 0

    Examples
    --------
    A difference of 0.05 with a standard error of 0.1 on 10 degrees of freedom, within ±0.3: t = 3.5 and −2.5.

    >>> found = by_t(0.05, 0.1, 10, 0.3)
    >>> round(found.p_below, 5), round(found.p_above, 5), round(found.lower, 3), round(found.upper, 3)
    (0.00286, 0.01572, -0.131, 0.231)
    """
    from scipy.special import stdtr, stdtrit

    half = float(stdtrit(df, 1 - LEVEL)) * se
    below, above = (float(stdtr(df, sign * estimate / se - margin / se)) for sign in (-1, 1))
    return OneSided(below, above, estimate - half, estimate + half)


def by_likelihood(model: Bounded, row: pd.Series, margin: float) -> OneSided:
    """The same by the interval-censored model: signed roots of the likelihood ratio at ±margin, on the scale of t."""
    from scipy.special import stdtr, stdtrit

    asked = [one for family in comparisons.families_of(model.asking) for one in family.asked if same(one, row)]
    found = bounded.tested(model, asked[0]) if asked else None
    if found is None or not found.usable:
        return OneSided(math.nan, math.nan, math.nan, math.nan)
    along, scale = found.along, found.scale
    # A contrast that may rise (or fall) without end is not shown to lie below (or above) anything.
    below = 1.0 if along.falls else float(stdtr(scale.df, -bounded.against(along, scale, -margin)[1]))
    above = 1.0 if along.rises else float(stdtr(scale.df, bounded.against(along, scale, margin)[1]))
    return OneSided(below, above, *found.limits(float(stdtrit(scale.df, 1 - LEVEL))))


def same(asked: comparisons.Asked, row: pd.Series) -> bool:
    """Whether a comparison is the one of a row."""
    time = (math.isnan(asked.time) and math.isnan(row[Contrasts.time])) or asked.time == row[Contrasts.time]
    return bool(asked.comparison == row[Contrasts.comparison] and asked.by == row[Contrasts.by] and time)


def answer(question: Question, contrasts: pd.DataFrame, step_log10: float, model: Bounded | None = None) -> list[Row]:
    """The rows of a question that expects no effect; of any other none.

    Parameters
    ----------
    contrasts : the question's rows of `contrasts`, or where the interval-censored model answers it of
        `censored_contrasts`
    step_log10 : mean step of the filament set, NaN without one
    model : the interval-censored model where it answers the question
    """
    if question.expects != "no-effect" or question.kind == "duration":
        return []
    margin = margin_log10(question.margin, step_log10)
    pairs = {comparisons.named(*pair) for pair in comparisons.pairs(question)} if question.about_thresholds else set()
    pairs = pairs or {comparisons.named(question.treated, question.control)}
    own = contrasts[contrasts[Contrasts.comparison].isin(pairs)]
    made: list[Row] = []
    for _, rows in own.groupby(Contrasts.by, sort=False):
        made += _family(question, rows, margin, model)
    return made


def _family(question: Question, rows: pd.DataFrame, margin: float, model: Bounded | None) -> list[Row]:
    """The rows of one kind of time; p adjusted over them."""
    found = [_tests(row, margin, model) for _, row in rows.iterrows()]
    p = np.array([one.p for one in found])
    alone = int((~np.isnan(p)).sum()) < 2
    method = "none" if alone else question.adjust if question.adjust in simultaneous.OF_P else "holm"
    adjusted = simultaneous.OF_P[method](p)
    words = CENSORED if model else MIXED_MODEL if question.about_thresholds else _of_concentrations(rows)
    made = []
    for (_, row), one, p_adjusted in zip(rows.iterrows(), found, adjusted.tolist(), strict=True):
        made.append(
            _row(question, row, one, margin)
            | {
                Equivalence.model: words,
                Equivalence.p_adjusted: math.nan if method == "none" else p_adjusted,
                Equivalence.adjustment: method,
                Equivalence.verdict: _verdict(one, p_adjusted, row),
            }
        )
    return made


def _of_concentrations(rows: pd.DataFrame) -> str:
    """Which model compares concentrations."""
    welch = (rows[Contrasts.adjustment] == "games-howell").any()
    return "Welch's t of log10 concentrations" if welch else "linear model of log10 concentrations"


def _tests(row: pd.Series, margin: float, model: Bounded | None) -> OneSided:
    """Both tests of a row; NaN where nothing was estimated."""
    if math.isnan(margin):
        return OneSided(math.nan, math.nan, math.nan, math.nan)
    if model:
        return by_likelihood(model, row, margin)
    estimate, se, df = (float(row[name]) for name in (Contrasts.estimate, Contrasts.se, Contrasts.df))
    if math.isnan(estimate) or not se > 0:
        return OneSided(math.nan, math.nan, math.nan, math.nan)
    return by_t(estimate, se, df, margin)


def _verdict(one: OneSided, p_adjusted: float, row: pd.Series) -> str:
    """What was shown, at 5 % and with the family counted."""
    if math.isnan(one.p):
        return "not tested"
    p_difference = row[Contrasts.p] if math.isnan(row[Contrasts.p_adjusted]) else row[Contrasts.p_adjusted]
    within, apart = p_adjusted < LEVEL, p_difference < LEVEL
    if within:
        return "different within the margin" if apart else "equivalent"
    return "different" if apart else "not shown"


def _row(question: Question, row: pd.Series, one: OneSided, margin: float) -> Row:
    """The numbers of one comparison."""
    estimate = float(row[Contrasts.estimate])
    why = row[Contrasts.note] if math.isnan(one.p) and isinstance(row[Contrasts.note], str) else None
    return {
        Equivalence.question: question.key,
        Equivalence.comparison: row[Contrasts.comparison],
        Equivalence.by: row[Contrasts.by],
        Equivalence.time: row[Contrasts.time],
        Equivalence.margin: question.margin if isinstance(question.margin, str) else f"ratio {question.margin:g}",
        Equivalence.margin_log10: margin,
        Equivalence.margin_ratio: 10**margin,
        Equivalence.estimate: estimate,
        Equivalence.se: row[Contrasts.se],
        Equivalence.df: row[Contrasts.df],
        Equivalence.lower: one.lower,
        Equivalence.upper: one.upper,
        Equivalence.ratio: 10**estimate,
        Equivalence.ratio_lower: 10**one.lower,
        Equivalence.ratio_upper: 10**one.upper,
        Equivalence.p_below: one.p_below,
        Equivalence.p_above: one.p_above,
        Equivalence.p: one.p,
        Equivalence.p_difference: row[Contrasts.p],
        Equivalence.note: NO_STEP if math.isnan(margin) and question.margin == ONE_STEP else why,
    }
