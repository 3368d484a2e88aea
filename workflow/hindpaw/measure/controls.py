"""Quality controls and bridging samples: read like samples, compared between plates."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from hindpaw.measure.samples import Reader
from hindpaw.tables import Concentrations, Controls, Wells


def controls(reader: Reader, plate: str, analyte: str, wells: pd.DataFrame) -> list[dict[str, Any]]:
    """The controls of one plate × analyte, one row a control, without the comparison between plates."""
    rows = []
    names = wells[Wells.sample].fillna("control")
    for name, part in wells.groupby(names, sort=False):
        dilution = float(part[Wells.dilution].fillna(1.0).iloc[0])
        found = reader.read(part[Wells.signal].to_numpy(float), dilution)
        stated = float(part[Wells.nominal_pg_per_ml].iloc[0])
        value = found.get(Concentrations.pg_per_ml, math.nan)
        rows.append(
            {
                Controls.source: "; ".join(part[Wells.source]),
                Controls.plate: plate,
                Controls.analyte: analyte,
                Controls.sample: str(name),
                Controls.n_wells: len(part),
                Controls.cv_percent: found[Concentrations.cv_percent],
                Controls.nominal_pg_per_ml: stated,
                Controls.pg_per_ml: value,
                Controls.recovery_percent: 100 * value / stated if stated > 0 else math.nan,
                Controls.censored: found[Concentrations.censored],
                Controls.plates: 1,
                "dilution": dilution,
            }
        )
    return rows


def bridged(frame: pd.DataFrame) -> pd.DataFrame:
    """The controls with what each says of its plate: log10 over the mean of all plates, and the CV between them.

    The CV of a log-normal value is √(exp(s²) − 1) with s² the variance of its natural logarithm.
    """
    logs = np.log(frame[Controls.pg_per_ml].astype(float))
    groups = logs.groupby([frame[Controls.analyte], frame[Controls.sample]])
    frame = frame.assign(**{Controls.plates: groups.transform("count").clip(lower=1).astype(int)})
    several = frame[Controls.plates] > 1
    variance = groups.transform(lambda values: values.var(ddof=1))
    frame[Controls.log10_plate_effect] = ((logs - groups.transform("mean")) / math.log(10)).where(several)
    frame[Controls.inter_plate_cv_percent] = (100 * np.sqrt(np.expm1(variance))).where(several)
    return frame


def dilution_note(rows: list[dict[str, Any]]) -> str:
    """Whether the controls' recovery looks like their dilution applied twice, or not at all; else empty.

    >>> row = {"recovery_percent": 5.2, "dilution": 20.0}
    >>> dilution_note([row])[:38]
    'the controls read 20 times too low, th'
    """
    logs = [
        (math.log(row[Controls.recovery_percent] / 100), math.log(row["dilution"]))
        for row in rows
        if row["dilution"] > 1.5 and row[Controls.recovery_percent] > 0
    ]
    for sign, word in ((-1, "low"), (1, "high")):
        if logs and all(abs(log - sign * factor) < math.log(1.35) for log, factor in logs):
            factor = math.exp(logs[0][1])
            cause = "not applied, or already inside the stated value" if sign < 0 else "applied twice"
            return f"the controls read {factor:g} times too {word}, their own dilution: it looks as if it was {cause}"
    return ""


def reported_note(computed: pd.DataFrame) -> str:
    """How the export's own concentrations stand to ours: equal, short of the dilution, or diluted twice; else empty.

    Ours are the well's concentration times the dilution, once. `computed` has columns `ours`, `reported`,
    `dilution`, one row a sample.
    """
    frame = computed.dropna()
    frame = frame[(frame["dilution"] > 1.5) & (frame["reported"] > 0) & (frame["ours"] > 0)]
    if frame.empty:
        return ""
    off = np.log(frame["reported"] / frame["ours"])
    factor = np.log(frame["dilution"])
    near = {power: float((off - power * factor).abs().median()) for power in (-1, 0, 1)}
    best = min(near, key=lambda power: near[power])
    if near[best] > math.log(1.35):
        return ""
    return {
        -1: "the export's own concentrations leave the dilution out; here it is applied, once",
        0: "",
        1: "the export's own concentrations are larger than these by the dilution: it was applied twice there, or the "
        "plate map's dilution is already in the standards",
    }[best]
