"""Treated against untreated: mixed models of thresholds, comparisons of concentrations, and what links the two.

In a notebook: `from hindpaw.model import fit`.
"""

from __future__ import annotations

import logging
import zlib
from typing import Any

import numpy as np
import pandas as pd

from hindpaw import tables
from hindpaw.model import analytes, association, dose, neutralization, panel, reproductions
from hindpaw.model import counts as of_counts
from hindpaw.model import thresholds as of_thresholds
from hindpaw.model.errors import FamilyError, FitError
from hindpaw.model.mixed import Fit, fit
from hindpaw.model.resampling import resample
from hindpaw.study import Question, Study

__all__ = ["FamilyError", "Fit", "FitError", "answers", "fit", "resample"]

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
    "residuals",
    "assumptions",
    "changes",
    "reproductions",
)


def answers(
    study: Study,
    thresholds: pd.DataFrame,
    concentrations: pd.DataFrame,
    animals: pd.DataFrame,
    counts: pd.DataFrame | None = None,
    seed: int = 0,
) -> dict[str, pd.DataFrame]:
    """Every table of the room, question after question.

    Parameters
    ----------
    study : its questions and calendar
    thresholds, concentrations : tables of measure
    animals : intake's, for blocks, cages and counts
    counts : intake's, for questions about counts
    seed : of permutations and bootstraps; each question draws from its own stream, so that one more changes no other
    """
    counted = tables.empty(tables.Counts) if counts is None else counts
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in MADE}
    tell = logging.getLogger(__name__).info
    for question in study.questions.values():
        if question.kind == "counts":
            found = of_counts.answer(question, counted, animals)
        elif question.about_thresholds:
            rng = np.random.default_rng([seed, zlib.crc32(question.key.encode())])
            found = of_thresholds.answer(study, question, thresholds, animals, rng, tell)
        else:
            found = _answer(study, question, thresholds, concentrations, seed)
        for name in MADE:
            rows[name] += found.get(name, [])
    rows["reproductions"] = reproductions.rows(study, thresholds, concentrations)
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
    """The rows of one question that concentrations or doses answer, by the module of its kind."""
    if question.kind == "association":
        return association.answer(study, question, thresholds, concentrations, seed)
    if question.kind == "neutralization":
        return neutralization.answer(study, question, thresholds, seed)
    if question.kind == "dose-response":
        return dose.answer(study, question, thresholds, seed)
    of_concentrations = {"panel": panel.panel, "by-day": panel.by_day}.get(question.kind, analytes.answer)
    return of_concentrations(study, question, concentrations, seed)
