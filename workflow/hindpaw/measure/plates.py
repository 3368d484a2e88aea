"""Wells to standard curves, and samples and controls read off them."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from hindpaw import tables
from hindpaw.measure import controls, samples, standards
from hindpaw.measure.samples import Reader
from hindpaw.measure.standards import Standards
from hindpaw.study import Study
from hindpaw.tables import Animals, Concentrations, Controls, CurvePoints, Curves, Fates, Wells

MODELS = {
    "curves": Curves,
    "curve_points": CurvePoints,
    "concentrations": Concentrations,
    "controls": Controls,
    "fates": Fates,
}
SAMPLE = [Wells.animal, Wells.pool, Wells.day, Wells.matrix]


@dataclass
class _Rows:
    """What is collected while plates are gone through."""

    arms: pd.Series
    rows: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in MODELS})

    def fate(self, sources: pd.Series, fate: str, reason: str | None = None) -> None:
        """One fate for some wells."""
        self.rows["fates"] += [(source, fate, reason) for source in sources]


def concentrations(study: Study, animals: pd.DataFrame, wells: pd.DataFrame, seed: int = 0) -> dict[str, pd.DataFrame]:
    """The tables `curves curve_points concentrations controls fates`.

    Every plate × analyte has its own curve, or all plates of an analyte share one where the study says so.

    Parameters
    ----------
    study : the assay limits, and which wells the lab left out
    animals, wells : tables of intake, used rows only
    seed : of the bootstrap; each plate × analyte has its own stream, so that a plate more changes no other
    """
    found = _Rows(animals.set_index(Animals.animal)[Animals.arm])
    wells = _beyond(_unmasked(study, wells, found))
    shared = study.assay.curve == "shared"
    key = [Wells.analyte] if shared else [Wells.plate, Wells.analyte]
    for _, part in wells.groupby(key, sort=False):
        judged = standards.judged(part, study.assay)
        if shared and part[Wells.plate].nunique() > 1:
            judged.notes.append("one curve for all plates of the analyte")
        for (plate, analyte), mine in part.groupby([Wells.plate, Wells.analyte], sort=False):
            _plate(study, str(plate), str(analyte), mine, judged, found, seed)
    if found.rows["controls"]:
        found.rows["controls"] = controls.bridged(pd.DataFrame(found.rows["controls"])).to_dict("records")
    return {
        name: tables.shaped(pd.DataFrame(found.rows[name], columns=tables.columns(model)), model)
        if found.rows[name]
        else tables.empty(model)
        for name, model in MODELS.items()
    }


def _beyond(wells: pd.DataFrame) -> pd.DataFrame:
    """Wells beyond the reader's range with an infinite signal: their sample's mean lies beyond every limit.

    A number put in its place, or the other wells alone, would make the highest samples lower than they are.
    """
    ends = wells[Wells.signal_censored].map({"right": math.inf, "left": -math.inf}).astype(float)
    return wells.assign(**{Wells.signal: wells[Wells.signal].fillna(ends)})


def _unmasked(study: Study, wells: pd.DataFrame, found: _Rows) -> pd.DataFrame:
    """The wells that count: neither masked in the export nor left out by the study file."""
    left_out = {(plate.name, well.upper()): reason for plate in study.plates for well, reason in plate.masked.items()}
    named = [left_out.get(key) for key in zip(wells[Wells.plate], wells[Wells.well].str.upper(), strict=True)]
    reasons = pd.Series(named, index=wells.index, dtype=object)
    masked = wells[Wells.flag].fillna("").str.contains("mask", case=False) & reasons.isna()
    found.fate(wells.loc[masked, Wells.source], "masked", "masked in the export")
    for source, reason in zip(wells.loc[reasons.notna(), Wells.source], reasons.dropna(), strict=True):
        found.fate(pd.Series([source]), "masked", f"left out by the lab: {reason}")
    return wells[~masked & reasons.isna()]


def _plate(
    study: Study, plate: str, analyte: str, wells: pd.DataFrame, judged: Standards, found: _Rows, seed: int
) -> None:
    """One plate × analyte: its curve, its standards, its samples and controls, and the fate of every well."""
    role = wells[Wells.role]
    found.rows["curve_points"] += _points(plate, analyte, wells, judged)
    left_out = (role == "standard") & wells[Wells.nominal_pg_per_ml].isin(list(judged.left_out))
    for nominal, part in wells[left_out].groupby(Wells.nominal_pg_per_ml):
        found.fate(part[Wells.source], "masked", judged.left_out[float(str(nominal))])
    others = role.isin(["standard", "blank"]) & ~left_out
    read = role.isin(["sample", "control"])
    notes = list(judged.notes)
    if judged.reason:
        found.fate(wells.loc[others | read, Wells.source], "rejected_curve", judged.reason)
    else:
        found.fate(wells.loc[others, Wells.source], "estimated")
        # The plate's place in the stream of random numbers hangs on its name, not on its neighbours.
        rng = np.random.default_rng([seed, zlib.crc32(f"{plate}|{analyte}".encode())])
        notes += _read(Reader(judged, rng, study.assay.bootstrap), plate, analyte, wells[read], found)
    found.fate(wells.loc[~(left_out | others | read), Wells.source], "estimated")
    found.rows["curves"].append(_curve_row(plate, analyte, judged, notes))


def _points(plate: str, analyte: str, wells: pd.DataFrame, judged: Standards) -> list[dict[str, Any]]:
    """The plate's own standards against the curve; whether a level counts was judged on all that share it."""
    counts = {one[CurvePoints.nominal_pg_per_ml]: one[CurvePoints.within_limits] for one in judged.points}
    mine = wells[(wells[Wells.role] == "standard") & (wells[Wells.nominal_pg_per_ml] > 0)]
    points = [standards.point(judged.curve, level) for _, level in mine.groupby(Wells.nominal_pg_per_ml)]
    for one in points:
        one |= {
            CurvePoints.plate: plate,
            CurvePoints.analyte: analyte,
            CurvePoints.within_limits: counts[one[CurvePoints.nominal_pg_per_ml]],
        }
    return points


def _read(reader: Reader, plate: str, analyte: str, wells: pd.DataFrame, found: _Rows) -> list[str]:
    """Samples and controls of one plate; what their numbers say of dilutions comes back as notes."""
    of_samples = wells[wells[Wells.role] == "sample"]
    rows, compared = [], []
    for _, replicates in of_samples.groupby(SAMPLE, sort=False, dropna=False):
        row = samples.sample(reader, replicates) | _whose(replicates, found.arms)
        rows.append(row)
        stated = replicates.groupby(Wells.dilution)[Wells.reported_pg_per_ml].mean()
        # A mean over several dilutions would be no concentration at all where the export leaves them out.
        row[Concentrations.reported_pg_per_ml] = float(stated[row[Concentrations.dilution]])
        ours = row.get(Concentrations.pg_per_ml, math.nan)
        compared += [(ours, reported, dilution) for dilution, reported in stated.items()]
        known = row[Concentrations.censored] == "none"
        why = None if known else f"{row[Concentrations.censored]}-censored at the limit of quantification"
        found.fate(replicates[Wells.source], "estimated" if known else "censored", why)
    found.rows["concentrations"] += rows
    own = wells[wells[Wells.role] == "control"]
    checked = controls.controls(reader, plate, analyte, own)
    found.rows["controls"] += checked
    for _, part in own.groupby(own[Wells.sample].fillna("control"), sort=False):
        outside = reader.read(part[Wells.signal].to_numpy(float), 1.0)[Concentrations.censored]
        found.fate(
            part[Wells.source],
            "estimated" if outside == "none" else "censored",
            None if outside == "none" else f"{outside}-censored",
        )
    by_dilution = pd.DataFrame(compared, columns=["ours", "reported", "dilution"])
    return [note for note in (controls.dilution_note(checked), controls.reported_note(by_dilution)) if note]


def _whose(wells: pd.DataFrame, arms: pd.Series) -> dict[str, Any]:
    """Whose sample it is, and what the export itself made of it."""
    first = wells.iloc[0]
    names = (Wells.animal, Wells.pool, Wells.day, Wells.analyte, Wells.matrix, Wells.plate)
    return {name: first[name] for name in names} | {
        Concentrations.source: "; ".join(wells[Wells.source]),
        Concentrations.arm: _arm(first, arms),
    }


def _arm(well: pd.Series, arms: pd.Series) -> str:
    """The arm of a sample's animal, or of the animals of its pool, joined where they differ."""
    members = str(well[Wells.pool]).split("+") if isinstance(well[Wells.pool], str) else [well[Wells.animal]]
    return "+".join(sorted({str(arms.get(member.strip(), "unknown")) for member in members}))


def _curve_row(plate: str, analyte: str, judged: Standards, notes: list[str]) -> dict[str, Any]:
    """The row of `curves`."""
    fitted = judged.curve
    parameters: Mapping[str, float] = fitted.parameters if fitted else dict.fromkeys("abcdg", math.nan)
    half = [] if fitted is None else [list(map(float, row[: place + 1])) for place, row in enumerate(fitted.covariance)]
    return {
        Curves.plate: plate,
        Curves.analyte: analyte,
        Curves.form: fitted.form if fitted else "none",
        **parameters,
        Curves.weights: fitted.weights if fitted else None,
        Curves.covariance: json.dumps(half) if fitted else None,
        Curves.residual_sd: fitted.residual_sd if fitted else math.nan,
        Curves.df: fitted.df if fitted else math.nan,
        Curves.r_squared: fitted.r_squared if fitted else math.nan,
        Curves.lod_pg_per_ml: judged.lod,
        Curves.lloq_pg_per_ml: judged.lloq,
        Curves.uloq_pg_per_ml: judged.uloq,
        Curves.accepted: not judged.reason,
        Curves.reason: judged.reason or None,
        Curves.note: "; ".join(dict.fromkeys(notes)) or None,
    }
