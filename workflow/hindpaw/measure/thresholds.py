"""Trials and readings to one threshold for each animal × day × paw."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from hindpaw import tables
from hindpaw.filaments import FilamentSet
from hindpaw.measure import shares, updown
from hindpaw.measure.updown import Threshold
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
    parts = [*_of_trials(study, filaments, trials), _of_readings(readings), _of_devices(readings)]
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


def _of_trials(study: Study, filaments: pd.DataFrame, trials: pd.DataFrame) -> list[pd.DataFrame]:
    """One row a series, or a session of responses by filament."""
    sets = {str(name): _set(rows) for name, rows in filaments.groupby(Filaments.filaments)}
    ordered = trials.sort_values([Trials.source, Trials.order], kind="stable")
    in_series = ordered[Trials.protocol].isin(["up-down", "sudo"])
    session = [*KEY, Trials.session, Trials.protocol, Trials.filaments]
    groups = [(ordered[in_series], [Trials.source]), (ordered[~in_series], session)]
    return [_estimates(study, sets, rows, by) for rows, by in groups if len(rows)]


def _estimates(study: Study, sets: dict[str, FilamentSet], trials: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """One row for each group of trials that gives one threshold."""
    taken = {
        "responses": (Trials.response, "".join),
        "forces_g": (Trials.filament_g, tuple),
        "sources": (Trials.source, lambda sources: tuple(dict.fromkeys(sources))),
        Thresholds.n_trials: (Trials.response, "size"),
        **{name: (name, "first") for name in (*KEY, *TESTED, Trials.protocol, Trials.filaments) if name not in by},
    }
    series = trials.groupby(by, sort=False, dropna=False).agg(**taken).reset_index()
    return pd.DataFrame([_estimated(study, sets, row) for row in series.to_dict("records")])


def _estimated(study: Study, sets: dict[str, FilamentSet], series: Mapping[Hashable, Any]) -> dict[str, Any]:
    """The threshold of one series or session, by the model of its protocol."""
    known = sets[series["filaments"]]
    place = {force: position for position, force in enumerate(known.force_g, 1)}
    positions = [place[force] for force in series["forces_g"]]
    value, method, reason = _value(study, known, series["protocol"], positions, series["responses"])
    kept = {name: series[name] for name in (*KEY, *TESTED, Thresholds.n_trials, "sources")}
    return kept | {
        Thresholds.source: "; ".join(series["sources"]),
        Thresholds.log10_threshold: value.log10_g,
        Thresholds.se_log10: value.se_log10,
        Thresholds.censored: value.censored,
        Thresholds.lower_g: value.lower_g,
        Thresholds.upper_g: value.upper_g,
        Thresholds.method: method,
        "reason": reason,
    }


def _value(
    study: Study, known: FilamentSet, protocol: str, positions: list[int], responses: str
) -> tuple[Threshold, str, str]:
    """The threshold, the name of the method that gave it, and what stood in for what."""
    method = study.threshold_method
    if protocol == "up-down":
        return updown.threshold(responses, positions[-1], known, method), method, ""
    if protocol == "up-down-unordered":
        reason = "" if method == "exact" else "the order is not known: real log forces, not one constant step"
        value = shares.unordered([known.log10_force[one - 1] for one in positions], responses, known.step)
        return value, "exact", reason
    if protocol == "sudo":
        return shares.sudo(positions, responses, known, method), "sudo", ""
    used = sorted(set(positions))
    met = [[response for place, response in zip(positions, responses, strict=True) if place == one] for one in used]
    logs = [known.log10_force[one - 1] for one in used]
    found = shares.percent_response(
        logs, [one.count("X") for one in met], [len(one) for one in met], known.step, study.percent_response_model
    )
    return found.value, found.method, found.reason


def _set(rows: pd.DataFrame) -> FilamentSet:
    """The filament set a table lists."""
    ordered = rows.sort_values(Filaments.position)
    columns = (Filaments.handle, Filaments.nominal_g, Filaments.force_g)
    return FilamentSet(str(ordered[Filaments.filaments].iloc[0]), *(tuple(ordered[column]) for column in columns))


def _of_readings(readings: pd.DataFrame) -> pd.DataFrame:
    """One row a threshold that the lab computed; it has no error of its own."""
    given = readings[readings[Readings.kind] == "threshold"]
    frame = given[[Readings.source, *KEY, *TESTED, Readings.censored]].copy()
    exact, force = given[Readings.censored] == "none", given[Readings.threshold_g]
    frame["sources"] = [(source,) for source in given[Readings.source]]
    frame[Thresholds.log10_threshold] = force.where(exact).map(math.log10, na_action="ignore")
    frame[Thresholds.se_log10] = float("nan")
    frame[Thresholds.method], frame[Thresholds.n_trials], frame["reason"] = "reading", 1, ""
    frame[Thresholds.lower_g] = force.where(given[Readings.censored] == "right")
    frame[Thresholds.upper_g] = force.where(given[Readings.censored] == "left")
    frame.loc[given[Readings.censored] == "left", Thresholds.lower_g] = 0.0
    return frame


def _of_devices(readings: pd.DataFrame) -> pd.DataFrame:
    """One row a session of a device: the mean of its readings in g, the error by their SD.

    se(log10 mean) = SD / (√n · mean · ln 10), from n ≥ 2 readings. A reading that the device gave as a bound
    has no number to average; it is left out of the mean where others have one.
    """
    given = readings[readings[Readings.kind] == "device"]
    session = [*KEY, Readings.session]
    rows = [_of_session(mine) for _, mine in given.groupby(session, sort=False, dropna=False)]
    return pd.DataFrame(rows)


def _of_session(mine: pd.DataFrame) -> dict[str, Any]:
    """The mean of one session's readings, or their bound where every one is a bound."""
    exact = mine.loc[mine[Readings.censored] == "none", Readings.threshold_g]
    first = mine.iloc[0]
    kept = {name: first[name] for name in (*KEY, *TESTED)} | {
        "sources": tuple(mine[Readings.source]),
        Thresholds.source: "; ".join(mine[Readings.source]),
        Thresholds.method: "device",
        Thresholds.n_trials: max(len(exact), 1),
        "reason": "",
    }
    if exact.empty:
        left = first[Readings.censored] == "left"
        bounds = (0.0, first[Readings.threshold_g]) if left else (first[Readings.threshold_g], float("nan"))
        return kept | {
            Thresholds.log10_threshold: None,
            Thresholds.se_log10: None,
            Thresholds.censored: first[Readings.censored],
            Thresholds.lower_g: bounds[0],
            Thresholds.upper_g: bounds[1],
        }
    mean, n = exact.mean(), len(exact)
    return kept | {
        Thresholds.log10_threshold: math.log10(mean),
        Thresholds.se_log10: exact.std() / (math.sqrt(n) * mean * math.log(10)) if n > 1 else None,
        Thresholds.censored: "none",
        Thresholds.lower_g: float("nan"),
        Thresholds.upper_g: float("nan"),
    }


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
    """What became of each series, count or reading."""
    ends = {
        "left": "no reversal down to the lightest filament",
        "right": "no reversal up to the heaviest filament",
    }
    every = found.explode("sources", ignore_index=True)
    censored = every[Thresholds.censored] != "none"
    frame = pd.DataFrame(
        {
            Fates.source: every["sources"],
            Fates.fate: censored.map({True: "censored", False: "estimated"}),
            Fates.reason: every[Thresholds.censored].map(ends).where(censored, every["reason"].replace("", None)),
        }
    )
    return tables.shaped(frame, Fates)
