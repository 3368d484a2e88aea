"""Whether questions that expect no effect have shown it, in words that never read a large p as absence."""

from __future__ import annotations

import pandas as pd

from hindpaw import phrases
from hindpaw.report import answers
from hindpaw.report.bounds import when
from hindpaw.report.sections import Cell, Figure, Grid, Section, Tables, Text, text
from hindpaw.study import Question, Study
from hindpaw.tables import Equivalence

EQUIVALENCE_METHOD = (
    "Questions that expect no effect were tested by two one-sided tests against the named margin (Schuirmann 1987, doi "
    "10.1007/BF01068419); that a difference is not significant is not read as its absence."
)
VERDICTS = {
    "equivalent": "That the arms differ by less than the margin is shown",
    "different within the margin": "The arms differ, and by less than the margin",
    "different": "The arms differ, and that they do so by less than the margin is not shown",
    "not shown": "Neither a difference nor its absence within the margin is shown",
    "not tested": "No effect could not be tested",
}


def sections(study: Study, tables: Tables) -> list[Section]:
    """The tests of each question that expects no effect."""
    return [part for question in study.questions.values() for part in _equivalence(study, question, tables)]


def _equivalence(study: Study, question: Question, tables: Tables) -> list[Section]:
    """Whether no effect within the margin is shown."""
    rows = answers.of(question, tables["equivalence"])
    if rows.empty:
        return []
    overall = rows[rows[Equivalence.by] == "overall"]
    main = (overall if len(overall) else rows).iloc[0]
    told = _verdict(main)
    weekly = rows[rows[Equivalence.by] != "overall"]
    words: list[Text] = [told]
    if len(weekly) > 1 and weekly[Equivalence.p].notna().all():
        shown = bool((weekly[Equivalence.p] < 0.05).all())
        every = "is shown, each by itself at 5 %, which needs no adjustment" if shown else "is not shown"
        words.append(f"That they differ by less than the margin in every {_by(weekly)} {every}.")
    caption = (
        "Ratios with their 90 % intervals, which two one-sided tests at 5 % correspond to; the band is the margin. Full: shown "
        "to lie within it; p of these tests, adjusted over the times."
    )
    data = "Simulated data. " if study.simulated else ""
    alt = f"{data}No effect within a margin, {question.key}: " + "; ".join(
        f"{when(row)} {row[Equivalence.verdict]}" for _, row in rows.iterrows()
    )
    blocks = [Figure(f"equivalence_{question.key}", f"{alt}.", caption), *words, _grid(study, rows)]
    sure, worry = (
        ([told], []) if main[Equivalence.verdict] in ("equivalent", "different within the margin") else ([], [told])
    )
    title = "No effect within a margin"
    return [
        Section(title, question=question.key, blocks=blocks, how_sure=sure, worry=worry, methods=[EQUIVALENCE_METHOD])
    ]


def _by(rows: pd.DataFrame) -> str:
    """week or day."""
    return str(rows[Equivalence.by].iloc[0])


def _verdict(row: pd.Series) -> Text:
    """One verdict with its numbers."""
    head = VERDICTS[row[Equivalence.verdict]]
    if row[Equivalence.verdict] == "not tested":
        return (
            Cell.of(row, "equivalence", f"{head}: {text(row[Equivalence.note]) or 'nothing was estimated'}.", "note"),
        )
    low, high, margin = (
        row[name] for name in (Equivalence.ratio_lower, Equivalence.ratio_upper, Equivalence.margin_ratio)
    )
    limits = f"{_limit(low)} to {_limit(high)}"
    name = "one mean filament step, " if row[Equivalence.margin] == "one-step" else ""
    return (
        f"{head} ({when(row)}): the interval of the ratio that both tests correspond to is ",
        Cell.of(row, "equivalence", limits, Equivalence.ratio_lower, Equivalence.ratio_upper),
        f", the margin {name}",
        Cell.of(row, "equivalence", f"{phrases.number(margin)} times", Equivalence.margin_ratio),
        " either way; two one-sided tests, ",
        Cell.of(row, "equivalence", phrases.p_value(row[Equivalence.p]), Equivalence.p),
        ".",
    )


def _limit(value: float) -> str:
    """A limit, or that there is none."""
    return "open" if pd.isna(value) else phrases.number(value)


def _grid(study: Study, rows: pd.DataFrame) -> Grid:
    """Every time of a question."""
    heads = [
        "when",
        "comparison",
        "ratio (90 % interval)",
        "margin",
        "p (TOST)",
        "adjusted p",
        "p of a difference",
        "verdict",
        "note",
    ]
    cells = []
    for _, row in rows.iterrows():
        adjusted = row[Equivalence.p_adjusted]
        limits = f"({_limit(row[Equivalence.ratio_lower])} to {_limit(row[Equivalence.ratio_upper])})"
        cells.append(
            [
                when(row),
                answers.pair(study, row[Equivalence.comparison]),
                f"{phrases.number(row[Equivalence.ratio])} {limits}",
                f"{phrases.number(row[Equivalence.margin_ratio])} times",
                phrases.p_value(row[Equivalence.p]),
                "" if pd.isna(adjusted) else phrases.p_value(adjusted),
                phrases.p_value(row[Equivalence.p_difference]),
                row[Equivalence.verdict],
                text(row[Equivalence.note]),
            ]
        )
    return Grid("Two one-sided tests against the margin", heads, cells, "equivalence", list(rows.index)).without_empty()
