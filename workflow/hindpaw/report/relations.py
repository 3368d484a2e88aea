"""Panels, associations, neutralization, dose response, days and counts: captions and tables of each."""

from __future__ import annotations

from typing import Any

import pandas as pd

from hindpaw import phrases
from hindpaw.report import answers, headlines
from hindpaw.report.sections import Grid, Tables, plain
from hindpaw.study import Question, Study
from hindpaw.tables import AnalyteTests

# The folder of figures of each kind of question that has its own page part.
FIGURES = {
    "panel": "panel",
    "by-day": "by_day",
    "association": "association",
    "neutralization": "neutralization",
    "dose-response": "dose_response",
    "counts": "counts",
}
CAPTIONS = {
    "panel": "Squares: log2 of each animal's value over the geometric mean of the control arm; < and > mark values known "
    "only to lie beyond a limit of quantification, shown at it. Right: ratios with the 95 % interval of each analyte alone; "
    "an arrow is a one-sided bound. p: exact permutations (of censored ranks where values are censored), adjusted together "
    "by Benjamini and Hochberg.",
    "by-day": "Each symbol is one animal, sampled once; triangles lie beyond a limit of quantification. Bars are geometric "
    "means with 95 % confidence intervals; ratios and p are against the group at the left, adjusted over the days.",
    "association": "Each symbol is one animal, open where a value stands at a limit. Solid lines have the common slope within "
    "arms; the dashed line mixes the arms and says nothing of single animals. An association is no cause.",
    "neutralization": "Each symbol is one animal, open where one of its days stands at the lightest or heaviest filament. "
    "Strokes are the model's means with 95 % confidence intervals. The reversed fraction is "
    "1 − effect under the antibody / effect under IgG, with Fieller's interval and a bootstrap of animals within arms.",
    "dose-response": "Each symbol is one animal, open where its value stands at a limit. Strokes are means with 95 % "
    "confidence intervals at the mean baseline, the line is the fitted hyperbola. The bar at the top is ED50 with its "
    "profile-likelihood interval; an arrow says that the interval is open.",
    "counts": "Each symbol is the mean count of one animal at one distance; lines are the negative binomial model. Its "
    "intervals rest on animals, not on sections.",
}


def caption(question: Question) -> str:
    """What stands under the figure."""
    return CAPTIONS[question.kind]


def alternative(study: Study, question: Question, tables: Tables) -> str:
    """What stands instead of the figure."""
    found = headlines.answer(study, question, tables)
    data = "Simulated data. " if study.simulated else ""
    return f"{data}{found.asked} Answer: {plain(found.ratio)} {plain(found.told)}".replace("  ", " ").strip()


def grids(study: Study, question: Question, tables: Tables) -> list[Grid]:
    """The question's rows of the tables that only these kinds (and comparisons of analytes) have."""
    made = [_grid(study, question, tables, *told) for told in GRIDS]
    return [grid.without_empty() for grid in made if grid.rows]


# Table, caption, columns of text before the estimate, the estimate, columns after it.
GRIDS = (
    ("analyte_tests", "Every method", ("of", "method"), "estimate", ("p", "note")),
    ("association", "Association by arm", ("arm", "n"), "slope", ("p", "rank_correlation", "note")),
    ("mediation", "Mediation (exploratory)", ("path",), "estimate", ("p", "note")),
    ("neutralization", "Effects and reversed fraction", ("term", "method"), "estimate", ("p", "note")),
    ("dose", "Dose response", ("parameter", "method"), "estimate", ("unit", "p", "note")),
    ("rates", "Rate ratios", ("term",), "rate_ratio", ("p", "note")),
)


def _grid(
    study: Study,
    question: Question,
    tables: Tables,
    name: str,
    caption_: str,
    before: tuple[str, ...],
    main: str,
    after: tuple[str, ...],
) -> Grid:
    """One table as a grid; the estimate and its interval share a cell, so that it fits on paper."""
    frame = answers.of(question, tables[name])
    rows = [
        [
            *(_cell(study, column, row[column]) for column in before),
            _estimate(row[main], row["lower"], row["upper"]),
            *(_cell(study, column, row[column]) for column in after),
        ]
        for row in _named(frame).to_dict("records")
    ]
    heads = [column.replace("_", " ") for column in (*before, main, *after)]
    return Grid(f"{caption_}: {question.ask or question.key}", heads, rows, name, list(frame.index))


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    """Tests of analytes with one column that says of what, and the primary method marked."""
    if AnalyteTests.primary not in rows:
        return rows
    several = rows[AnalyteTests.comparison].nunique() > 1
    of = rows[AnalyteTests.comparison] if several else rows[AnalyteTests.analyte]
    method = rows[AnalyteTests.method] + rows[AnalyteTests.primary].map({True: " (primary)", False: ""})
    return rows.assign(of=of, method=method)


def _estimate(value: Any, low: Any, high: Any) -> str:
    """A number with its interval, or the limit that is known."""
    if pd.isna(value) and pd.isna(low) and pd.isna(high):
        return ""
    limits = f"({_end(low)} to {_end(high)})" if not (pd.isna(low) and pd.isna(high)) else ""
    return f"{'' if pd.isna(value) else phrases.number(value)} {limits}".strip()


def _end(value: Any) -> str:
    """A limit, or that there is none."""
    return "open" if pd.isna(value) else phrases.number(value)


def _cell(study: Study, column: str, value: Any) -> str:
    """A cell in words."""
    if isinstance(value, str):
        return study.label(value) if column == "arm" and value in study.arms else value
    if pd.isna(value):
        return ""
    return phrases.p_value(value) if column == "p" else f"{value:g}" if column == "n" else phrases.number(value)
