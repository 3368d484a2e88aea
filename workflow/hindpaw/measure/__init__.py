"""Series of X and O to thresholds, signals to concentrations, each with its uncertainty and bounds."""

from __future__ import annotations

import pandas as pd

from hindpaw import tables
from hindpaw.measure.plates import concentrations
from hindpaw.measure.thresholds import thresholds
from hindpaw.measure.updown import Threshold, threshold
from hindpaw.study import Study

__all__ = ["Threshold", "outcomes", "threshold"]


def outcomes(
    study: Study,
    animals: pd.DataFrame,
    filaments: pd.DataFrame,
    trials: pd.DataFrame,
    readings: pd.DataFrame,
    wells: pd.DataFrame,
    seed: int = 0,
) -> dict[str, pd.DataFrame]:
    """Every table of the room: `thresholds curves curve_points concentrations controls fates`.

    Parameters
    ----------
    study : threshold method, calendar and assay limits
    animals, filaments, trials, readings, wells : tables of intake; only used rows stand in the last three
    seed : of the bootstrap of concentrations
    """
    measured, fates = thresholds(study, animals, filaments, trials, readings)
    read_off = concentrations(study, animals, wells, seed)
    every = [frame for frame in (fates, read_off.pop("fates")) if len(frame)]
    joined = tables.shaped(pd.concat(every), tables.Fates) if every else tables.empty(tables.Fates)
    return {"thresholds": measured, **read_off, "fates": joined}
