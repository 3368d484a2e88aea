"""What shifting the missing values would do to conclusions, in words."""

from __future__ import annotations

import pandas as pd

from hindpaw import phrases
from hindpaw.report import answers
from hindpaw.report.bounds import when
from hindpaw.report.sections import Cell, Figure, Grid, Section, Tables, Text, joined, plain, text
from hindpaw.study import Question, Study
from hindpaw.tables import Tipping

TIPPING_METHOD = (
    "Sensitivity to values that are missing: delta-adjusted pattern mixture (Carpenter, Roger and Kenward 2013, doi "
    "10.1080/10543406.2013.834911; Permutt, Stat Med 2016;35:2876-2879), each missing value shifted by δ from what the model "
    "expects of it, in closed form, the share that is missing counted as estimated."
)
SHIFTED = {"treated": "those of {treated}", "control": "those of {control}"}

FIRM = (
    "No shift of the missing values within the reach of the filaments, of one arm or of both apart, changes the conclusion "
    "over all days."
)


def sections(study: Study, tables: Tables) -> list[Section]:
    """What the missing values of each question could undo."""
    return [part for question in study.questions.values() for part in _tipping(study, question, tables)]


def _tipping(study: Study, question: Question, tables: Tables) -> list[Section]:
    """What the missing mice could undo."""
    rows = answers.of(question, tables["tipping"])
    points = rows[rows[Tipping.row] != "curve"]
    main = points[points[Tipping.by] == "overall"]
    main = main[
        (main[Tipping.comparison] == f"{question.treated} − {question.control}") & (main[Tipping.missing] == "all")
    ]
    if points.empty:
        return []
    ways = [part for _, part in main.groupby(Tipping.shifted, sort=False)]
    firm = len(ways) > 1 and not (main[Tipping.row] == "tipping point").any()
    said: list[Text] = [FIRM] if firm else [_tips(study, question, part) for part in ways]
    who: list[Text] = []
    if len(main):
        row = main.iloc[0]
        values = int(row[Tipping.n_missing_treated] + row[Tipping.n_missing_control])
        columns = (Tipping.n_missing_treated, Tipping.n_missing_control)
        gone = phrases.count(int(row[Tipping.n_animals_missing]), "animal")
        who = [
            (
                Cell.of(row, "tipping", phrases.count(values, "value"), *columns),
                " of ",
                Cell.of(row, "tipping", gone, Tipping.n_animals_missing),
                " missing: ",
                Cell.of(row, "tipping", text(row[Tipping.note]), "note"),
                ".",
            )
        ]
        who.append("Where leaving was planned and had nothing to do with the threshold, no shift need be feared.")
    caption = (
        "The ratio over all days if each missing value lay δ above (right) or below (left) what the model expects of it; the band "
        "is the interval that the conclusion is drawn from, dashed lines are where the conclusion falls."
    )
    data = "Simulated data. " if study.simulated else ""
    alt = f"{data}Missing values shifted, {question.key}. " + " ".join(map(plain, said))
    blocks = [Figure(f"tipping_{question.key}", alt.strip(), caption), *who, *said, _points(study, points)]
    # The card tells the way of shifting that takes the least.
    nearest = main[main[Tipping.row] == "tipping point"][Tipping.delta].abs()
    least = main[main[Tipping.shifted] == main.loc[nearest.idxmin(), Tipping.shifted]] if len(nearest) else main
    card: list[Text] = [_tips(study, question, least) if len(nearest) else joined(said, " ")] if said else []
    title = "What the missing values could undo"
    return [Section(title, question=question.key, blocks=blocks, how_sure=card, methods=[TIPPING_METHOD])]


def _tips(study: Study, question: Question, rows: pd.DataFrame) -> Text:
    """Both tipping points of one way of shifting, in a sentence."""
    labels = {"treated": study.label(question.treated), "control": study.label(question.control)}
    apart = rows[Tipping.shifted].iloc[0] == "apart"
    whose = "of both arms apart" if apart else SHIFTED[rows[Tipping.shifted].iloc[0]].format(**labels)
    parts: list[Text] = []
    for _, row in rows[rows[Tipping.row] == "tipping point"].iterrows():
        way = "higher" if row[Tipping.delta] > 0 else "lower"
        size = abs(row[Tipping.delta_steps])
        unit, column = ("filament steps", Tipping.delta_steps) if not pd.isna(size) else ("log10 g", Tipping.delta)
        told = f"{phrases.number(abs(row[column]), 2)} {unit}"
        by = Cell.of(row, "tipping", told, column, scale="size of")
        other = "lower" if way == "higher" else "higher"
        both = " in {treated} and as much {other} in {control}".format(**labels, other=other) if apart else ""
        parts.append((by, f" {way} than the model expects{both}"))
    if not parts:
        return f"No shift of the missing values, {whose}, within the reach of the filaments changes the conclusion over all days."
    those = "" if apart else f", {whose},"
    return (f"The conclusion over all days would change if the missing values{those} lay ", *answers.listed(parts), ".")


def _points(study: Study, rows: pd.DataFrame) -> Grid:
    """Every tipping point."""
    heads = ["when", "comparison", "missing", "shifted", "δ (log10 g)", "in steps", "ratio there", "conclusion there"]
    cells = []
    for _, row in rows.iterrows():
        none = row[Tipping.row] == "none"
        steps = row[Tipping.delta_steps]
        beyond = f"none up to {phrases.number(row[Tipping.delta], 2)}"
        cells.append(
            [
                when(row),
                answers.pair(study, row[Tipping.comparison]),
                row[Tipping.missing],
                row[Tipping.shifted],
                beyond if none else phrases.number(row[Tipping.delta], 2),
                "" if none or pd.isna(steps) else phrases.number(steps, 2),
                ""
                if none
                else phrases.ratio(*(10 ** row[[Tipping.estimate, Tipping.lower, Tipping.upper]].astype(float))),
                f"still {row[Tipping.conclusion]}" if none else row[Tipping.conclusion],
            ]
        )
    return Grid("Where conclusions change", heads, cells, "tipping", list(rows.index))
