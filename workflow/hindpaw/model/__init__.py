"""Treated against untreated: mixed models of thresholds, comparisons of concentrations.

In a notebook: `from hindpaw.model import fit`.
"""

from __future__ import annotations

import logging
import zlib
from typing import Any

import numpy as np
import pandas as pd

from hindpaw import tables
from hindpaw.model import analytes
from hindpaw.model import thresholds as of_thresholds
from hindpaw.model.errors import FamilyError, FitError
from hindpaw.model.mixed import Fit, fit
from hindpaw.study import Study

__all__ = ["FamilyError", "Fit", "FitError", "answers", "fit"]

MADE = ("fits", "effects", "means", "contrasts")


def answers(
    study: Study, thresholds: pd.DataFrame, concentrations: pd.DataFrame, animals: pd.DataFrame, seed: int
) -> dict[str, pd.DataFrame]:
    """Every table of the room: `fits effects means contrasts`, question after question.

    Parameters
    ----------
    study : its questions and calendar
    thresholds, concentrations : tables of measure
    animals : intake's, for blocks and cages
    seed : of the bootstrap; each question draws from its own stream, so that one more question changes no other
    """
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in MADE}
    tell = logging.getLogger(__name__).info
    for question in study.questions.values():
        if question.about_thresholds:
            rng = np.random.default_rng([seed, zlib.crc32(question.key.encode())])
            found = of_thresholds.answer(study, question, thresholds, animals, rng, tell)
        else:
            found = analytes.answer(study, question, concentrations)
        for name in MADE:
            rows[name] += found[name]
    models = {name: tables.TABLES[name] for name in MADE}
    frames = {name: pd.DataFrame(rows[name], columns=tables.columns(model)) for name, model in models.items()}
    return {name: tables.shaped(frame, models[name]) for name, frame in frames.items()}
