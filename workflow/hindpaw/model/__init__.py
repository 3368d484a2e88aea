"""Treated against untreated: mixed models of thresholds, comparisons of concentrations."""

from __future__ import annotations

from typing import Any

import pandas as pd

from hindpaw import tables
from hindpaw.model import analytes
from hindpaw.model import thresholds as of_thresholds
from hindpaw.study import Study

MADE = ("fits", "effects", "means", "contrasts")


def answers(study: Study, thresholds: pd.DataFrame, concentrations: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Every table of the room: `fits effects means contrasts`, question after question.

    Parameters
    ----------
    study : its questions and calendar
    thresholds, concentrations : tables of measure
    """
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in MADE}
    for question in study.questions.values():
        about = question.about_thresholds
        room, outcome = (of_thresholds, thresholds) if about else (analytes, concentrations)
        found = room.answer(study, question, outcome)
        for name in MADE:
            rows[name] += found[name]
    models = {name: tables.TABLES[name] for name in MADE}
    frames = {name: pd.DataFrame(rows[name], columns=tables.columns(model)) for name, model in models.items()}
    return {name: tables.shaped(frame, models[name]) for name, frame in frames.items()}
