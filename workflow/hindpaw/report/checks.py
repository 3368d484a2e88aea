"""What data and models are checked by: change from baseline, assumptions, published figures, animals, series as typed."""

from __future__ import annotations

import math

import pandas as pd

from hindpaw import phrases
from hindpaw.report import answers
from hindpaw.report.sections import Block, Cell, Figure, Grid, Section, Tables, Text, joined, text
from hindpaw.study import Question, Study
from hindpaw.tables import Animals, Assumptions

PAWS = ("ipsilateral", "contralateral")
# The drawing of series has a page for so many mice; a page that was not drawn is passed over.
PER_PAGE = 44
CHANGE = (
    "Faint lines are single mice, each over its own last threshold before treatment; full symbols are the model's estimates "
    "with 95 % confidence intervals, each day by itself."
)
DIAGNOSTICS = (
    "Residuals of the mixed model against its means and over days; whitened residuals and predicted intercepts against "
    "quantiles of a normal, with bands that hold 95 % of each point by itself; correlation by test days apart. Open symbols are "
    "censored thresholds, which entered at their bound."
)
REPRODUCTION = (
    "Left: mean ± SEM (the standard error of the mean, as published) of the groups and days that the legend names. Right: every "
    "animal with geometric means and 95 % confidence intervals. The axes are ours."
)
FLOW = (
    "Animals of each arm from allocation over the test days to what was analysed, with what each loss was put down to."
)
STRINGS = (
    "Each response of each mouse and session as it was typed: X dark, O pale, at the height of its filament. A series that went "
    "by the rule looks like a staircase; hatched boxes were set aside."
)


def sections(study: Study, tables: Tables) -> list[Section]:
    """Two parts of each question about thresholds, one of each published figure, two about animals."""
    asked = [question for question in study.questions.values() if question.about_thresholds]
    found = [part for question in asked for part in (_change(study, question), _assumed(study, question, tables))]
    for shown in study.reproduce.values():
        alt = f"{_data(study)}{shown.locator} drawn again from these data: mean ± SEM, and our own drawing beside it."
        legend = f"{shown.locator}. {REPRODUCTION} {shown.legend or ''}".strip()
        figure = Figure(f"reproduction_{shown.key}", alt, legend)
        found.append(Section(f"As published: {shown.locator}", question=shown.question, blocks=[figure], folded=True))
    return [*found, *_whole(study, tables)]


def _data(study: Study) -> str:
    """What stands before the words of every figure of simulated data."""
    return "Simulated data. " if study.simulated else ""


def _change(study: Study, question: Question) -> Section:
    """The change from baseline."""
    alt = f"{_data(study)}Change from baseline over days, by mouse and by arm: {answers.asked(study, question)}"
    figure = Figure(f"change_{question.key}", alt, CHANGE)
    return Section("Change from baseline", question=question.key, blocks=[figure], folded=True)


def _assumed(study: Study, question: Question, tables: Tables) -> Section:
    """What the model assumes, as pictures and tests; on the first screen the tests that speak against it."""
    frame = answers.of(question, tables["assumptions"])
    alt = f"{_data(study)}Residuals of the model, their quantiles and their correlation over days: {answers.asked(study, question)}"
    blocks: list[Block] = [Figure(f"diagnostics_{question.key}", alt, DIAGNOSTICS)]
    blocks += [_grid(frame)] if len(frame) else []
    tested = frame[frame[Assumptions.p].notna()]
    return Section(
        "What the model assumes", question=question.key, blocks=blocks, folded=True, how_sure=_verdict(tested)
    )


def _verdict(tested: pd.DataFrame) -> list[Text]:
    """What the tests of assumptions say, in one sentence; a p above .05 proves no assumption."""
    if tested.empty:
        return []
    against = tested[tested[Assumptions.p] < 0.05]
    if against.empty:
        least = tested.loc[tested[Assumptions.p].idxmin()]
        cell = Cell.of(least, "assumptions", phrases.p_value(least[Assumptions.p]), Assumptions.p)
        return [("No test speaks against what the model assumes (the smallest, ", cell, "), which does not prove it.")]
    said = [
        (
            f"{row[Assumptions.assumption]} (",
            Cell.of(row, "assumptions", phrases.p_value(row[Assumptions.p]), Assumptions.p),
            ")",
        )
        for _, row in against.iterrows()
    ]
    return [joined(["Tests speak against what the model assumes: ", joined(said, ", "), "."], "")]


def _grid(frame: pd.DataFrame) -> Grid:
    """The tests of assumptions."""
    heads = ["assumption", "test", "statistic", "p", "estimate", "n", "note"]
    rows = []
    for row in frame.itertuples():
        lag = "" if pd.isna(row.lag) else f", {row.lag:g} test days apart"
        estimate = "" if pd.isna(row.estimate) else phrases.number(row.estimate, 2)
        if not pd.isna(row.lower):
            estimate += f" (95 % {phrases.number(row.lower, 2)} to {phrases.number(row.upper, 2)})"
        statistic = "" if pd.isna(row.statistic) else phrases.number(row.statistic)
        p = "" if pd.isna(row.p) else phrases.p_value(row.p)
        rows.append([f"{row.assumption}{lag}", row.test, statistic, p, estimate, str(row.n), text(row.note)])
    return Grid("Tests of the assumptions", heads, rows, "assumptions", list(frame.index)).without_empty()


def _whole(study: Study, tables: Tables) -> list[Section]:
    """Animals over the days, and the series as they were typed."""
    alt = f"{_data(study)}What became of the animals of each arm, from allocation over the test days to the analysis"
    flow = [Figure(f"flow_{paw}", f"{alt}, {paw} paw.", FLOW) for paw in PAWS] + [
        Figure("flow_animals", f"{alt}.", FLOW)
    ]
    pages = math.ceil(tables["animals"][Animals.animal].nunique() / PER_PAGE)
    strings = []
    for paw in PAWS:
        told = f"{_data(study)}Every up-down series of the {paw} paw, a box for each mouse and session"
        names = [f"strings_{paw}", *(f"strings_{paw}_{page}" for page in range(2, pages + 1))]
        strings += [Figure(name, f"{told}, page {page}.", STRINGS) for page, name in enumerate(names, 1)]
    strings.append(Figure("strings_none", "No single responses were handed over.", STRINGS))
    return [
        Section("What became of the animals", "data", blocks=flow),
        Section("Series as they were typed", "data", blocks=strings, folded=True),
    ]
