"""What holds without the mixed model, question after question: deals, resampled and left-out animals, durations."""

from __future__ import annotations

from typing import Any

import pandas as pd

from hindpaw import tables
from hindpaw.study import Study

Row = dict[str, Any]
MADE = ("randomization", "deals", "bootstrap", "influence", "durations", "areas", "animal_relief")


def resample(
    study: Study, thresholds: pd.DataFrame, animals: pd.DataFrame, filaments: pd.DataFrame, seed: int = 0
) -> dict[str, pd.DataFrame]:
    """The tables of `MADE`."""
    rows: dict[str, list[Row]] = {name: [] for name in MADE}
    frames = {name: pd.DataFrame(rows[name], columns=tables.columns(tables.TABLES[name])) for name in MADE}
    return {name: tables.shaped(frame, tables.TABLES[name]) for name, frame in frames.items()}
