"""Trials and readings to one threshold for each animal × day × paw."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from hindpaw import tables
from hindpaw.filaments import FilamentSet
from hindpaw.measure import updown
from hindpaw.study import Study
from hindpaw.tables import Animals, Fates, Filaments, Readings, Thresholds, Trials

KEY = ["animal", "day", "paw"]
TESTED = [Thresholds.session, Thresholds.tester]


def thresholds(
    study: Study, animals: pd.DataFrame, filaments: pd.DataFrame, trials: pd.DataFrame, readings: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables `thresholds` and `fates`, one row an animal × day × paw, and one fate a series or reading.

    Several sessions of one day are averaged on the log scale, unless one of them is censored: then each
    that is not is used, and the day is censored only where all are.
    """
    parts = [_of_series(study, filaments, trials), _of_readings(readings)]
    filled = [part for part in parts if len(part)]
    if not filled:
        return tables.empty(Thresholds), tables.empty(Fates)
    found = pd.concat(filled, ignore_index=True)
    found[Thresholds.arm] = found["animal"].map(animals.set_index(Animals.animal)[Animals.arm])
    found[Thresholds.week] = [study.days.week(day) for day in found["day"]]
    found[Thresholds.threshold_g] = 10 ** found[Thresholds.log10_threshold].astype(float)
    alone = ~found.duplicated(KEY, keep=False)
    days = [_of_day(rows) for _, rows in found[~alone].groupby(KEY, sort=False)]
    merged = pd.concat([found[alone], pd.DataFrame(days)]) if days else found[alone]
    frame = merged.sort_values(["paw", "day", "animal"], kind="stable")
    return tables.shaped(frame, Thresholds), _fates(found)


def _of_series(study: Study, filaments: pd.DataFrame, trials: pd.DataFrame) -> pd.DataFrame:
    """One row a series."""
    sets = {str(name): _set(rows) for name, rows in filaments.groupby(Filaments.filaments)}
    ordered = trials.sort_values([Trials.source, Trials.order], kind="stable")
    taken = {
        "responses": (Trials.response, "".join),
        "last_g": (Trials.filament_g, "last"),
        "filaments": (Trials.filaments, "first"),
        Thresholds.n_trials: (Trials.response, "size"),
        **{name: (name, "first") for name in [*KEY, *TESTED]},
    }
    series = ordered.groupby(Trials.source, sort=False).agg(**taken).reset_index()
    rows = [_estimated(study, sets, row) for row in series.to_dict("records")]
    return pd.DataFrame(rows)


def _estimated(study: Study, sets: dict[str, FilamentSet], series: Mapping[Hashable, Any]) -> dict[str, Any]:
    """The threshold of one series."""
    known = sets[series["filaments"]]
    last = known.force_g.index(series["last_g"]) + 1
    value = updown.threshold(series["responses"], last, known, study.threshold_method)
    kept = {name: series[name] for name in (Thresholds.source, *KEY, *TESTED, Thresholds.n_trials)}
    return kept | {
        Thresholds.log10_threshold: value.log10_g,
        Thresholds.se_log10: value.se_log10,
        Thresholds.censored: value.censored,
        Thresholds.lower_g: value.lower_g,
        Thresholds.upper_g: value.upper_g,
        Thresholds.method: study.threshold_method,
    }


def _set(rows: pd.DataFrame) -> FilamentSet:
    """The filament set a table lists."""
    ordered = rows.sort_values(Filaments.position)
    columns = (Filaments.handle, Filaments.nominal_g, Filaments.force_g)
    return FilamentSet(str(ordered[Filaments.filaments].iloc[0]), *(tuple(ordered[column]) for column in columns))


def _of_readings(readings: pd.DataFrame) -> pd.DataFrame:
    """One row a reading that the lab or a device made; it has no error of its own."""
    frame = readings[[Readings.source, *KEY, *TESTED]].copy()
    frame[Thresholds.log10_threshold] = readings[Readings.threshold_g].map(math.log10)
    frame[Thresholds.se_log10] = float("nan")
    frame[Thresholds.censored], frame[Thresholds.method], frame[Thresholds.n_trials] = "none", "reading", 1
    frame[Thresholds.lower_g] = frame[Thresholds.upper_g] = float("nan")
    return frame


def _of_day(rows: pd.DataFrame) -> pd.Series:
    """The sessions of one day as one row."""
    exact = rows[rows[Thresholds.censored] == "none"]
    used = exact if len(exact) else rows.iloc[:1]
    row = used.iloc[0].copy()
    if len(exact):
        mean = exact[Thresholds.log10_threshold].mean()
        row[Thresholds.log10_threshold], row[Thresholds.threshold_g] = mean, 10**mean
        row[Thresholds.se_log10] = math.sqrt((exact[Thresholds.se_log10] ** 2).sum(skipna=False)) / len(exact)
    row[Thresholds.source] = "; ".join(rows[Thresholds.source])
    for name in TESTED:
        row[name] = " + ".join(dict.fromkeys(rows[name].dropna())) or None
    row[Thresholds.n_trials] = int(rows[Thresholds.n_trials].sum())
    return row.reindex(tables.columns(Thresholds))


def _fates(found: pd.DataFrame) -> pd.DataFrame:
    """What became of each series or reading."""
    ends = {
        "left": "no reversal down to the lightest filament",
        "right": "no reversal up to the heaviest filament",
    }
    censored = found[Thresholds.censored] != "none"
    frame = pd.DataFrame(
        {
            Fates.source: found[Thresholds.source],
            Fates.fate: censored.map({True: "censored", False: "estimated"}),
            Fates.reason: found[Thresholds.censored].map(ends),
        }
    )
    return tables.shaped(frame, Fates)
