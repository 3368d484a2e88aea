"""What bounds can say: censored thresholds as such, no effect within a margin, conclusions that missing mice could undo."""

from __future__ import annotations

import logging
from typing import Any

import pandas as pd

from hindpaw import tables
from hindpaw.study import Study

MADE = ("censored_fits", "censored_means", "censored_contrasts", "equivalence", "tipping")


def answers(
    study: Study,
    thresholds: pd.DataFrame,
    animals: pd.DataFrame,
    filaments: pd.DataFrame,
    contrasts: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """The tables of bounds, question after question.

    Parameters
    ----------
    study : its questions and calendar
    thresholds : measure's
    animals, filaments : intake's, for who left and for the mean step of a filament set
    contrasts : the room's own, whose comparisons are tested for equivalence and tipped
    """
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in MADE}
    tell = logging.getLogger(__name__).info
    tell("no bounds yet")
    frames = {name: pd.DataFrame(rows[name], columns=tables.columns(tables.TABLES[name])) for name in MADE}
    return {name: tables.shaped(frame, tables.TABLES[name]) for name, frame in frames.items()}
