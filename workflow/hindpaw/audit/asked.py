"""The data behind a question, as the audit's own tests take them, and how grave a small p is."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from hindpaw.study import Question, Study
from hindpaw.tables import Thresholds

# A statistical rule is silent above the first, a note below it, and a warning below the second.
REMEMBERED, SURE = 0.05, 0.0005
VALUE = "value"


def grave(p: float, tests: int = 1) -> str:
    """How grave a statistical rule is at the smallest p of several tests: note, warning, or nothing.

    >>> grave(0.0004), grave(0.0004, tests=2), grave(0.2)
    ('warning', 'note', '')
    """
    adjusted = p * max(tests, 1)
    return "" if not adjusted < REMEMBERED else "warning" if adjusted < SURE else "note"


def valued(thresholds: pd.DataFrame) -> pd.DataFrame:
    """The thresholds with `value`, log10 g; a censored one stands at its bound."""
    bound = thresholds[Thresholds.upper_g].where(
        thresholds[Thresholds.censored] == "left", thresholds[Thresholds.lower_g]
    )
    at_bound = bound.map(lambda grams: math.log10(grams) if grams > 0 else float("nan"), na_action="ignore")
    return thresholds.assign(**{VALUE: thresholds[Thresholds.log10_threshold].fillna(at_bound).astype(float)})


def of_thresholds(study: Study, thresholds: pd.DataFrame) -> Iterator[tuple[Question, pd.DataFrame]]:
    """Each question about thresholds with the thresholds after treatment of its arms and paw, that have a value."""
    every = valued(thresholds)
    for question in study.questions.values():
        # How long an effect lasts is asked of the same model; it compares nothing of its own.
        if question.about_thresholds and question.kind != "duration":
            rows = every[(every[Thresholds.paw] == question.paw) & every[Thresholds.arm].isin(question.arms)]
            after = rows[(rows[Thresholds.day] > study.days.treatment) & rows[VALUE].notna()]
            if after[Thresholds.arm].nunique() > 1:
                yield question, after


def before(study: Study, question: Question, thresholds: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The last test before the injury, and the last between injury and treatment, of the question's arms and paw."""
    every = valued(thresholds)
    rows = every[(every[Thresholds.paw] == question.paw) & every[Thresholds.arm].isin(question.arms)]
    rows = rows[rows[VALUE].notna()]
    day = rows[Thresholds.day]
    injury, treatment = study.days.injury, study.days.treatment
    parts = {"before injury": day < injury, "after injury, before treatment": (day >= injury) & (day <= treatment)}
    for name, chosen in parts.items():
        if chosen.any():
            yield name, rows[chosen & (day == day[chosen].max())]


def pairs(question: Question) -> list[tuple[str, str]]:
    """Each treated arm with the control."""
    return [(arm, question.control) for arm in question.arms if arm != question.control]


def averages(rows: pd.DataFrame) -> pd.Series:
    """The mean over time of each animal: trapezoid over its days, the day's value where there is one day.

    >>> rows = pd.DataFrame({"animal": ["a"] * 3, "arm": "x", "day": [0.0, 1.0, 3.0], "value": [0.0, 1.0, 1.0]})
    >>> averages(rows).round(4).to_dict()
    {('x', 'a'): 0.8333}
    """
    keys = [Thresholds.arm, Thresholds.animal]
    ordered = rows.sort_values(Thresholds.day)
    return ordered.groupby(keys)[[Thresholds.day, VALUE]].apply(_average).astype(float)


def _average(mine: pd.DataFrame) -> float:
    """One animal's mean over time."""
    day, value = mine[Thresholds.day].to_numpy(), mine[VALUE].to_numpy()
    return float(value.mean() if day[-1] == day[0] else np.trapezoid(value, day) / (day[-1] - day[0]))


def welch(one: pd.Series, other: pd.Series) -> tuple[float, float, float, float]:
    """Difference of two means with its 95 % limits and p by Welch's t; not a number where either has fewer than 2."""
    from scipy import stats

    difference = float(one.mean() - other.mean())
    if min(len(one), len(other)) < 2 or one.var() + other.var() == 0:
        return difference, float("nan"), float("nan"), float("nan")
    found = stats.ttest_ind(one, other, equal_var=False)
    low, high = found.confidence_interval(0.95)
    return difference, float(low), float(high), float(found.pvalue)
