"""The tables of deals, resamples, durations and areas, as the report shows them: cells in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from hindpaw import phrases
from hindpaw.report import answers
from hindpaw.report.sections import Grid, Tables, text
from hindpaw.study import Question, Study


def _time(row: Any) -> str:
    """The time of a row in words."""
    if pd.isna(row.time):
        return {"overall": "all days", "maximum": "any time"}.get(row.by, "") if isinstance(row.by, str) else ""
    return f"{row.by} {row.time:g}"


def _limits(low: float, high: float) -> str:
    """An interval, open where it is."""
    return " to ".join("open" if pd.isna(one) else phrases.number(one) for one in (low, high))


def deals(study: Study, rows: pd.DataFrame) -> Grid:
    """Every test by dealing labels again."""
    cells = [
        [
            answers.pair(study, row.comparison),
            _time(row),
            ""
            if pd.isna(row.estimate)
            else f"{phrases.number(10**row.estimate)} ({_limits(10**row.lower, 10**row.upper)})",
            "" if pd.isna(row.statistic) else phrases.number(row.statistic),
            "" if pd.isna(row.p) else phrases.p_value(row.p),
            "" if pd.isna(row.p_adjusted) else phrases.p_value(row.p_adjusted),
            text(row.note),
        ]
        for row in rows.itertuples()
    ]
    heads = ["comparison", "when", "ratio (95 % CI)", "t", "p", "step-down p", "note"]
    return Grid("Randomization tests", heads, cells, "randomization", list(rows.index)).without_empty()


def influence(study: Study, rows: pd.DataFrame) -> Grid:
    """The comparison over all days without each animal, cage and week."""
    cells = [
        [
            answers.pair(study, row.comparison),
            row.kind if pd.isna(row.left_out) else f"{row.kind} {row.left_out}",
            "" if pd.isna(row.arm) else study.label(row.arm),
            "" if pd.isna(row.estimate) else phrases.number(10**row.estimate),
            "" if pd.isna(row.p) else phrases.p_value(row.p),
            "" if pd.isna(row.p_adjusted) else phrases.p_value(row.p_adjusted),
            "yes" if row.crosses else "",
            text(row.note),
        ]
        for row in rows.itertuples()
    ]
    heads = ["comparison", "without", "arm", "ratio", "p", "adjusted p", "p on the other side of 5 %", "note"]
    return Grid("All days, something left out", heads, cells, "influence", list(rows.index)).without_empty()


def resamples(study: Study, rows: pd.DataFrame) -> Grid:
    """Every interval by resampling."""
    cells = [
        [
            row.estimand + ("" if pd.isna(row.comparison) else f": {answers.pair(study, row.comparison)}"),
            _time(row),
            f"{phrases.number(row.estimate)} ({_limits(row.lower, row.upper)})",
            f"{row.unit}; {row.method}, {row.n_resamples} resamples",
        ]
        for row in rows.itertuples()
    ]
    heads = ["of what", "when", "estimate (95 % CI)", "unit and method"]
    return Grid("Intervals from resamples", heads, cells, "bootstrap", list(rows.index))


def durations(study: Study, rows: pd.DataFrame) -> Grid:
    """Onset, end and limits, in days after injury."""
    cells = [
        [
            answers.pair(study, row.comparison),
            row.outcome,
            " to ".join(filter(None, (_day(row.onset_day), _day(row.relief_ends_day)))),
            _limits(row.relief_ends_lower, row.relief_ends_upper),
            _limits(row.band_lower, row.band_upper),
            _day(row.shown_through_day),
            text(row.note),
        ]
        for row in rows.itertuples()
    ]
    heads = [
        "comparison",
        "relief",
        "onset to end",
        "end, 95 % CI",
        "95 % band of the whole curve",
        "shown through",
        "note",
    ]
    return Grid("Duration of relief, days after injury", heads, cells, "durations", list(rows.index)).without_empty()


def _day(value: float) -> str:
    """A day, empty where there is none."""
    return "" if pd.isna(value) else phrases.number(value)


def areas(study: Study, question: Question, tables: Tables) -> Grid:
    """Areas and shares of the possible effect."""
    rows = answers.of(question, tables["areas"])
    cells = [
        [
            answers.pair(study, row.comparison),
            f"{row.estimand}, {row.unit}; n = {row.n_treated} and {row.n_control}",
            "; ".join(filter(None, (row.method, text(row.note)))),
            _difference(row),
            "" if pd.isna(row.p) else phrases.p_value(row.p),
        ]
        for row in rows.itertuples()
    ]
    heads = ["comparison", "of what", "method", "difference (95 % CI)", "p"]
    return Grid("Areas and shares of the possible effect", heads, cells, "areas", list(rows.index))


def _difference(row: Any) -> str:
    """An estimate with its interval, if it has one."""
    limits = "" if pd.isna(row.lower) else f" ({_limits(row.lower, row.upper)})"
    return "" if pd.isna(row.estimate) else phrases.number(row.estimate) + limits
