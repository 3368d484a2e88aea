"""Means as a published figure prints them, and as we would, for the groups and days its legend names."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from hindpaw.model.summaries import quantile
from hindpaw.questions import THRESHOLD
from hindpaw.reproduction import Reproduction
from hindpaw.study import Question, Study
from hindpaw.tables import Concentrations, Reproductions, Thresholds

Row = dict[str, Any]


def rows(study: Study, thresholds: pd.DataFrame, concentrations: pd.DataFrame) -> list[Row]:
    """The table `reproductions`: a row for each group and day of each figure under `reproduce`."""
    found = []
    for shown in study.reproduce.values():
        question = study.questions[shown.question]
        unit, values = of(question, shown, thresholds, concentrations)
        base: Row = {
            Reproductions.reproduction: shown.key,
            Reproductions.locator: shown.locator,
            Reproductions.question: shown.question,
            Reproductions.unit: unit,
        }
        for arm in shown.groups:
            for day, mine in values[values["arm"] == arm].groupby("day", sort=True):
                found.append(base | {Reproductions.arm: arm, Reproductions.day: day} | _means(mine))
    return found


def of(
    question: Question, shown: Reproduction, thresholds: pd.DataFrame, concentrations: pd.DataFrame
) -> tuple[str, pd.DataFrame]:
    """The unit, and every value (arm, day, value, censored): at its limit where it is censored, as papers enter it."""
    if question.outcome == THRESHOLD:
        frame, unit = thresholds[thresholds[Thresholds.paw] == question.paw], "g"
        value, lower, upper = Thresholds.threshold_g, Thresholds.lower_g, Thresholds.upper_g
    else:
        mine = concentrations[Concentrations.analyte] == question.outcome
        frame, unit = concentrations[mine & (concentrations[Concentrations.matrix] == question.matrix)], "pg/ml"
        value, lower, upper = Concentrations.pg_per_ml, Concentrations.lower_pg_per_ml, Concentrations.upper_pg_per_ml
    frame = frame[frame["arm"].isin(shown.groups)]
    frame = frame[frame["day"].isin(shown.days)] if shown.days else frame
    bound = frame[lower].where((frame["censored"] != "left") & (frame[lower] > 0), frame[upper])
    return unit, frame.assign(value=frame[value].fillna(bound))[["arm", "day", "value", "censored"]]


def _means(mine: pd.DataFrame) -> Row:
    """Both kinds of mean of one group on one day."""
    values = mine["value"].to_numpy(float)
    n, logs = len(values), np.log10(values)
    sd = float(values.std(ddof=1)) if n > 1 else math.nan
    half = quantile(n - 1) * float(logs.std(ddof=1)) / math.sqrt(n) if n > 1 else math.nan
    centre = float(logs.mean())
    return {
        Reproductions.n: n,
        Reproductions.n_censored: int((mine["censored"] != "none").sum()),
        Reproductions.mean: float(values.mean()),
        Reproductions.sd: sd,
        Reproductions.sem: sd / math.sqrt(n),
        Reproductions.geometric_mean: 10**centre,
        Reproductions.lower: 10 ** (centre - half),
        Reproductions.upper: 10 ** (centre + half),
    }
