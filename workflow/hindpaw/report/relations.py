"""Panels, associations, neutralization, dose response, days and counts: the first screen, captions and tables of each."""

from __future__ import annotations

from typing import Any

import pandas as pd

from hindpaw import phrases
from hindpaw.report import answers
from hindpaw.report.answers import Answer
from hindpaw.report.sections import Grid, Tables, text
from hindpaw.study import Question, Study
from hindpaw.tables import AnalyteTests, Association, Contrasts, Dose, Fits, Neutralization, Rates

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
    "Bars reach from the foot of the axis to the model's mean; strokes are 95 % confidence intervals. The reversed fraction is "
    "1 − effect under the antibody / effect under IgG, with Fieller's interval and a bootstrap of animals within arms.",
    "dose-response": "Each symbol is one animal, open where its value stands at a limit. Strokes are means with 95 % "
    "confidence intervals at the mean baseline, the line is the fitted hyperbola. The bar at the top is ED50 with its "
    "profile-likelihood interval; an arrow says that the interval is open.",
    "counts": "Each symbol is the mean count of one animal at one distance; lines are the negative binomial model. Its "
    "intervals rest on animals, not on sections.",
}


def answer(study: Study, question: Question, tables: Tables) -> Answer:
    """The first screen's entry of a question of these kinds."""
    head, told, known = HEADS[question.kind](study, question, tables)
    return Answer(
        key=question.key,
        asked=question.ask or f"{question.kind}: {question.key}",
        ratio=head if known else "",
        told=told,
        times="",
        animals=_animals(question, tables),
        cautions=_cautions(question, tables) if known else (),
        known=known,
    )


def _rows(question: Question, tables: Tables, name: str) -> pd.DataFrame:
    """The question's rows of a table; every one of these tables begins with the question."""
    frame = tables[name]
    return frame[frame[Contrasts.question] == question.key]


def _why(question: Question, tables: Tables) -> tuple[str, str, bool]:
    """That there is no answer, and the model's reason."""
    notes = _rows(question, tables, "fits")[Fits.note].dropna()
    return "", str(notes.iloc[0]) if len(notes) else "not estimated", False


def _panel(study: Study, question: Question, tables: Tables) -> tuple[str, str, bool]:
    """How many analytes differ, and each ratio."""
    rows = _rows(question, tables, "contrasts")
    if rows[Contrasts.analyte].isna().all():
        return _why(question, tables)
    clear = int((rows[Contrasts.p_adjusted] < 0.05).sum())
    told = [
        f"{row.analyte} {_bounded(row)}, {phrases.p_value(row.p_adjusted)}"
        for row in rows.itertuples()
        if not pd.isna(row.p)
    ]
    pair = f"{study.label(question.treated)} against {study.label(question.control)}"
    head = f"{clear} of {phrases.count(len(rows), 'analyte')} with an adjusted p below 5 %"
    return head, f"{pair} (p adjusted, Benjamini–Hochberg): {'; '.join(told)}.", True


def _bounded(row: Any) -> str:
    """A ratio, or the one limit that is known."""
    if not pd.isna(row.ratio):
        return phrases.ratio(row.ratio, row.ratio_lower, row.ratio_upper)
    if not pd.isna(row.ratio_lower):
        return f"at least {phrases.number(row.ratio_lower)} ×"
    return f"at most {phrases.number(row.ratio_upper)} ×" if not pd.isna(row.ratio_upper) else "not estimated"


def _by_day(study: Study, question: Question, tables: Tables) -> tuple[str, str, bool]:
    """The day with the largest ratio, and all of them."""
    rows = _rows(question, tables, "contrasts")
    known = rows[rows[Contrasts.p_adjusted].notna()]
    if known.empty:
        return _why(question, tables)
    told = [f"day {row.time:g}: {_bounded(row)}, {phrases.p_value(row.p_adjusted)}" for row in known.itertuples()]
    first = (
        known.loc[known[Contrasts.estimate].abs().idxmax()]
        if known[Contrasts.estimate].notna().any()
        else known.iloc[0]
    )
    head = f"day {first[Contrasts.time]:g}: {phrases.ratio(first[Contrasts.ratio], first[Contrasts.ratio_lower], first[Contrasts.ratio_upper])}"
    how = answers.ADJUSTED.get(first[Contrasts.adjustment], first[Contrasts.adjustment])
    pair = f"{question.outcome}, {study.label(question.treated)} against {study.label(question.control)}"
    return head, f"{pair} (p adjusted, {how}): {'; '.join(told)}.", True


def _association(study: Study, question: Question, tables: Tables) -> tuple[str, str, bool]:
    """The slope within arms."""
    rows = _rows(question, tables, "association").set_index(Association.arm)
    if "within arms" not in rows.index:
        return _why(question, tables)
    one = rows.loc["within arms"]
    limits = phrases.interval(one[Association.lower], one[Association.upper], 2)
    head = f"slope within arms {phrases.number(one[Association.slope], 2)} ({limits})"
    told = (
        f"log10 g for each tenfold {question.analyte}; {phrases.p_value(one[Association.p])}; partial rank correlation "
        f"{phrases.number(one[Association.rank_correlation], 2)} ({phrases.p_value(one[Association.rank_p])}); without any one "
        f"animal the slope lies between {phrases.number(one[Association.leave_one_out_lower], 2)} and "
        f"{phrases.number(one[Association.leave_one_out_upper], 2)}. An association is no cause."
    )
    return head, told, True


def _neutralization(study: Study, question: Question, tables: Tables) -> tuple[str, str, bool]:
    """The reversed fraction and the interaction; without the full design antibody − IgG."""
    rows = _rows(question, tables, "neutralization")
    if rows.empty:
        return _why(question, tables)
    fraction = rows[(rows[Neutralization.term] == "reversed fraction") & rows[Neutralization.estimate].notna()]
    if fraction.empty:
        one = rows.iloc[0]
        ratio = phrases.ratio(
            *(10 ** one[[Neutralization.estimate, Neutralization.lower, Neutralization.upper]].astype(float))
        )
        return ratio, f"Antibody against IgG; {phrases.p_value(one[Neutralization.p])}.", True
    by_method = fraction.set_index(Neutralization.method)
    told = [f"{method}: {_limits(row)}" for method, row in by_method.iterrows()]
    test = rows[rows[Neutralization.term] == "interaction"].iloc[0]
    head = f"{phrases.percent(by_method[Neutralization.estimate].iloc[0])} of the effect reversed ({told[0]})"
    return (
        head,
        f"Interaction treatment × antibody: {phrases.p_value(test[Neutralization.p])}; {'; '.join(told[1:])}.",
        True,
    )


def _limits(row: pd.Series) -> str:
    """An interval of a fraction, or why it is none."""
    low, high = row[Neutralization.lower], row[Neutralization.upper]
    if pd.isna(low) or pd.isna(high):
        return text(row[Neutralization.note]) or "unbounded"
    return f"{phrases.percent(low)} to {phrases.percent(high)}"


def _dose(study: Study, question: Question, tables: Tables) -> tuple[str, str, bool]:
    """ED50 and the trend."""
    rows = _rows(question, tables, "dose")
    if rows.empty:
        return _why(question, tables)
    one = rows[(rows[Dose.parameter] == "ed50")].iloc[0]
    trend = rows[rows[Dose.parameter] == "trend"].iloc[0]
    found = "not found" if pd.isna(one[Dose.estimate]) else f"{phrases.number(one[Dose.estimate], 2)} {one[Dose.unit]}"
    low = "no lower limit" if pd.isna(one[Dose.lower]) else phrases.number(one[Dose.lower], 2)
    high = "no upper limit" if pd.isna(one[Dose.upper]) else phrases.number(one[Dose.upper], 2)
    told = f"Trend over doses: {phrases.p_value(trend[Dose.p])}. {text(one[Dose.note]).capitalize()}"
    return f"ED50 {found} (95 % CI {low} to {high})", told.strip().rstrip(".") + ".", True


def _counts(study: Study, question: Question, tables: Tables) -> tuple[str, str, bool]:
    """The rate ratios."""
    rows = _rows(question, tables, "rates")
    known = rows[rows[Rates.p].notna()]
    if known.empty:
        return _why(question, tables)
    told = [
        f"{row.term}: {phrases.ratio(row.rate_ratio, row.lower, row.upper)}, {phrases.p_value(row.p)}"
        for row in known.itertuples()
    ]
    return told[0], f"{question.outcome}; {'; '.join(told[1:]) or 'no other term'}.", True


HEADS = {
    "panel": _panel,
    "by-day": _by_day,
    "association": _association,
    "neutralization": _neutralization,
    "dose-response": _dose,
    "counts": _counts,
}


def _animals(question: Question, tables: Tables) -> str:
    """How many animals stand behind it."""
    fits = _rows(question, tables, "fits")
    n = 0 if fits.empty else int(fits[Fits.n_animals].iloc[0])
    return phrases.count(n, "animal or pool", "animals or pools") if n else "no animal entered a model"


def _cautions(question: Question, tables: Tables) -> tuple[str, ...]:
    """The notes of the fit, and of the association."""
    notes = list(_rows(question, tables, "fits")[Fits.note].dropna())
    notes += list(_rows(question, tables, "association")[Association.note].dropna())
    return tuple(f"{note[:1].upper()}{note[1:]}." for note in dict.fromkeys(map(str, notes)))


def caption(question: Question) -> str:
    """What stands under the figure."""
    return CAPTIONS[question.kind]


def alternative(study: Study, question: Question, tables: Tables) -> str:
    """What stands instead of the figure."""
    found = answer(study, question, tables)
    data = "Simulated data. " if study.simulated else ""
    return f"{data}{found.asked} Answer: {found.ratio} {found.told}".replace("  ", " ").strip()


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
    frame = _rows(question, tables, name)
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
