"""Treated against untreated: mixed models of thresholds, comparisons of concentrations, and what links the two."""

from __future__ import annotations

from typing import Any

import pandas as pd

from hindpaw import tables
from hindpaw.model import analytes, association, dose, neutralization, panel
from hindpaw.model import counts as of_counts
from hindpaw.model import thresholds as of_thresholds
from hindpaw.study import Question, Study

MADE = (
    "fits",
    "effects",
    "means",
    "contrasts",
    "analyte_tests",
    "association",
    "mediation",
    "neutralization",
    "dose",
    "rates",
    "summaries",
)


def answers(
    study: Study,
    thresholds: pd.DataFrame,
    concentrations: pd.DataFrame,
    counts: pd.DataFrame | None = None,
    animals: pd.DataFrame | None = None,
    seed: int = 0,
) -> dict[str, pd.DataFrame]:
    """Every table of the room, question after question.

    Parameters
    ----------
    study : its questions and calendar
    thresholds, concentrations : tables of measure
    counts, animals : tables of intake, for questions about counts
    seed : of permutations and bootstraps; each question has its own stream
    """
    counted = tables.empty(tables.Counts) if counts is None else counts
    listed = tables.empty(tables.Animals) if animals is None else animals
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in MADE}
    for question in study.questions.values():
        if question.kind == "counts":
            found = of_counts.answer(question, counted, listed)
        else:
            found = _answer(study, question, thresholds, concentrations, seed)
        for name in MADE:
            rows[name] += found.get(name, [])
    models = {name: tables.TABLES[name] for name in MADE}
    frames = {name: pd.DataFrame(rows[name], columns=tables.columns(model)) for name, model in models.items()}
    return {name: tables.shaped(frame, models[name]) for name, frame in frames.items()}


def _answer(
    study: Study,
    question: Question,
    thresholds: pd.DataFrame,
    concentrations: pd.DataFrame,
    seed: int,
) -> dict[str, list[dict[str, Any]]]:
    """The rows of one question about thresholds or concentrations, by the module of its kind."""
    if question.about_thresholds:
        return of_thresholds.answer(study, question, thresholds)
    if question.kind == "association":
        return association.answer(study, question, thresholds, concentrations, seed)
    if question.kind == "neutralization":
        return neutralization.answer(study, question, thresholds, seed)
    if question.kind == "dose-response":
        return dose.answer(study, question, thresholds, seed)
    of_concentrations = {"panel": panel.panel, "by-day": panel.by_day}.get(question.kind, analytes.answer)
    return of_concentrations(study, question, concentrations, seed)
