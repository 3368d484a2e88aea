"""What filaments say of a difference: the mean step between them, and the reach from the lightest to the heaviest."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from hindpaw.tables import Filaments


def step_log10(filaments: pd.DataFrame) -> float:
    """The mean log10 step of the filament set in use; of several sets the smallest, NaN of none.

    Parameters
    ----------
    filaments : intake's table

    >>> frame = pd.DataFrame({"filaments": "set", "position": [1, 2, 3], "force_g": [0.1, 1.0, 10.0]})
    >>> step_log10(frame)
    1.0
    """
    sets = [rows for _, rows in filaments.groupby(Filaments.filaments) if len(rows) > 1]
    steps = [np.ptp(np.log10(rows[Filaments.force_g].to_numpy(float))) / (len(rows) - 1) for rows in sets]
    return float(min(steps, default=math.nan))


def reach_log10(filaments: pd.DataFrame, log10_thresholds: pd.Series) -> float:
    """From the lightest filament to the heaviest, log10; without filaments from the lowest threshold to the highest."""
    known = (
        np.log10(filaments[Filaments.force_g].to_numpy(float)) if len(filaments) else log10_thresholds.to_numpy(float)
    )
    return float(np.ptp(known)) if len(known) else math.nan
