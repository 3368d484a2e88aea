"""Wells to standard curves, and samples read off them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from hindpaw import tables
from hindpaw.measure import curve
from hindpaw.measure.curve import Curve
from hindpaw.study import Assay, Study
from hindpaw.tables import Animals, Concentrations, CurvePoints, Curves, Fates, Wells

REQUIRED_BLANKS = 3


def concentrations(study: Study, animals: pd.DataFrame, wells: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables `curves curve_points concentrations fates`, every plate × analyte by itself.

    Parameters
    ----------
    study : the assay limits
    animals, wells : tables of intake, used rows only
    """
    rows: dict[str, list[Any]] = {"curves": [], "curve_points": [], "concentrations": [], "fates": []}
    arms = animals.set_index(Animals.animal)[Animals.arm]
    for (plate, analyte), part in wells.groupby([Wells.plate, Wells.analyte], sort=False):
        _plate(study.assay, str(plate), str(analyte), part, arms, rows)
    models = {"curves": Curves, "curve_points": CurvePoints, "concentrations": Concentrations, "fates": Fates}
    return {
        name: tables.shaped(pd.DataFrame(rows[name], columns=tables.columns(model)), model)
        if rows[name]
        else tables.empty(model)
        for name, model in models.items()
    }


def _plate(
    assay: Assay, plate: str, analyte: str, wells: pd.DataFrame, arms: pd.Series, rows: dict[str, list[Any]]
) -> None:
    """One plate × analyte: its curve, its standards, its samples, and the fate of every well."""
    masked = wells[Wells.flag].fillna("").str.contains("mask", case=False)
    for source in wells.loc[masked, Wells.source]:
        rows["fates"].append((source, "masked", "masked in the export"))
    wells = wells[~masked]
    zero = (wells[Wells.role] == "standard") & (wells[Wells.nominal_pg_per_ml] == 0)
    blanks = wells.loc[(wells[Wells.role] == "blank") | zero, Wells.signal].to_numpy(float)
    standards = wells[(wells[Wells.role] == "standard") & ~zero]
    fitted, reason = _fit(standards, blanks)
    points = [_point(fitted, level, plate, analyte) for _, level in standards.groupby(Wells.nominal_pg_per_ml)]
    limits = _limits(points, assay)
    reason = reason or _too_poor(points, limits, assay)
    rows["curve_points"] += points
    rows["curves"].append(_curve_row(plate, analyte, fitted, blanks, limits, reason))
    samples = wells[Wells.role] == "sample"
    fate = ("rejected_curve", reason) if reason else ("estimated", None)
    rows["fates"] += [(source, *fate) for source in wells.loc[~samples, Wells.source]]
    key = [Wells.animal, Wells.pool, Wells.day, Wells.matrix]
    for _, replicates in wells[samples].groupby(key, sort=False, dropna=False):
        if reason or fitted is None:
            rows["fates"] += [(source, "rejected_curve", reason) for source in replicates[Wells.source]]
            continue
        found = _sample(fitted, limits, replicates, arms)
        rows["concentrations"].append(found)
        known = found[Concentrations.censored] == "none"
        why = None if known else f"{found[Concentrations.censored]}-censored at the limit of quantification"
        rows["fates"] += [(source, "estimated" if known else "censored", why) for source in replicates[Wells.source]]


def _fit(standards: pd.DataFrame, blanks: np.ndarray) -> tuple[Curve | None, str]:
    """The curve, or why there is none."""
    levels = standards[Wells.nominal_pg_per_ml].nunique()
    if levels < 5:
        return None, f"{levels} standard concentrations cannot carry a curve; 5 are needed"
    x, y = standards[Wells.nominal_pg_per_ml].to_numpy(float), standards[Wells.signal].to_numpy(float)
    floor = float(blanks.std(ddof=1)) if len(blanks) > 1 else 0.0
    fitted = curve.fit(x, y, floor)
    return (fitted, "") if fitted.converged else (None, "the curve fit did not settle")


def _point(fitted: Curve | None, level: pd.DataFrame, plate: str, analyte: str) -> dict[str, Any]:
    """One standard level: its replicates, the curve there, and the concentration read back."""
    nominal, signal = float(level[Wells.nominal_pg_per_ml].iloc[0]), level[Wells.signal].to_numpy(float)
    mean = float(signal.mean())
    expected = float(fitted.signal(nominal)[0]) if fitted else math.nan
    back = fitted.concentration(mean) if fitted else math.nan
    return {
        CurvePoints.source: "; ".join(level[Wells.source]),
        CurvePoints.plate: plate,
        CurvePoints.analyte: analyte,
        CurvePoints.nominal_pg_per_ml: nominal,
        CurvePoints.n_wells: len(signal),
        CurvePoints.signal: mean,
        CurvePoints.cv_percent: _cv(signal),
        CurvePoints.fitted_signal: expected,
        CurvePoints.weighted_residual: (mean - expected) / abs(expected) if expected else math.nan,
        CurvePoints.back_calculated_pg_per_ml: back,
        CurvePoints.recovery_percent: 100 * back / nominal,
        CurvePoints.within_limits: False,
    }


def _cv(signal: np.ndarray) -> float:
    """Coefficient of variation of replicates in percent; NaN for a single well."""
    return float(100 * signal.std(ddof=1) / abs(signal.mean())) if len(signal) > 1 and signal.mean() else math.nan


def _limits(points: list[dict[str, Any]], assay: Assay) -> tuple[float, float]:
    """LLOQ and ULOQ: the lowest and highest standard whose recovery and CV are inside the limits.

    Each point learns whether it is; the end standards may stray a little further.
    """
    for place, point in enumerate(points):
        at_end = place in (0, len(points) - 1)
        low, high = assay.end_recovery_percent if at_end else assay.recovery_percent
        precise = (
            math.isnan(point[CurvePoints.cv_percent]) or point[CurvePoints.cv_percent] <= assay.replicate_cv_percent
        )
        point[CurvePoints.within_limits] = bool(low <= point[CurvePoints.recovery_percent] <= high) and precise
    inside = [point[CurvePoints.nominal_pg_per_ml] for point in points if point[CurvePoints.within_limits]]
    return (min(inside), max(inside)) if inside else (math.nan, math.nan)


def _too_poor(points: list[dict[str, Any]], limits: tuple[float, float], assay: Assay) -> str:
    """Why a curve that could be fitted is still not read, or an empty text."""
    inside = sum(point[CurvePoints.within_limits] for point in points)
    if inside < assay.least_standards:
        told = f"{inside} of {len(points)} standards are inside the recovery and CV limits"
        return f"{told}; {assay.least_standards} are needed"
    signals = [
        point[CurvePoints.signal] for point in points if limits[0] <= point[CurvePoints.nominal_pg_per_ml] <= limits[1]
    ]
    rising = all(one < two for one, two in pairwise(signals))
    falling = all(one > two for one, two in pairwise(signals))
    return (
        ""
        if rising or falling
        else "the standards' signals do not rise steadily with concentration (hook effect or swapped wells)"
    )


def _curve_row(
    plate: str,
    analyte: str,
    fitted: Curve | None,
    blanks: np.ndarray,
    limits: tuple[float, float],
    reason: str,
) -> dict[str, Any]:
    """The row of `curves`; the LOD needs three blanks or more."""
    lod = math.nan
    if fitted and len(blanks) >= REQUIRED_BLANKS:
        toward = 1.0 if fitted.parameters["d"] > fitted.parameters["a"] else -1.0
        lod = fitted.concentration(float(blanks.mean() + toward * 3 * blanks.std(ddof=1)))
    parameters: Mapping[str, float] = fitted.parameters if fitted else dict.fromkeys("abcdg", math.nan)
    return {
        Curves.plate: plate,
        Curves.analyte: analyte,
        Curves.form: fitted.form if fitted else "none",
        **parameters,
        Curves.lod_pg_per_ml: lod,
        Curves.lloq_pg_per_ml: limits[0],
        Curves.uloq_pg_per_ml: limits[1],
        Curves.accepted: not reason,
        Curves.reason: reason or None,
    }


def _sample(fitted: Curve, limits: tuple[float, float], wells: pd.DataFrame, arms: pd.Series) -> dict[str, Any]:
    """One sample: the mean signal of its wells read off the curve, times its dilution, once.

    Outside the limits of quantification the value is a bound, never an extrapolation.
    """
    first, signal = wells.iloc[0], wells[Wells.signal].to_numpy(float)
    y, factor = _level(wells), float(first[Wells.dilution])
    ends = fitted.signal(np.array(limits))
    rising = ends[1] > ends[0]
    below, above = (y < ends[0], y > ends[1]) if rising else (y > ends[0], y < ends[1])
    row = {
        name: first[name] for name in (Wells.animal, Wells.pool, Wells.day, Wells.analyte, Wells.matrix, Wells.plate)
    }
    row |= {
        Concentrations.source: "; ".join(wells[Wells.source]),
        Concentrations.arm: _arm(first, arms),
        Concentrations.n_wells: len(signal),
        Concentrations.cv_percent: _cv(signal[~np.isnan(signal)]),
        Concentrations.dilution: factor,
        Concentrations.censored: "left" if below else "right" if above else "none",
        Concentrations.lower_pg_per_ml: 0.0 if below else limits[1] * factor if above else math.nan,
        Concentrations.upper_pg_per_ml: limits[0] * factor if below else math.nan,
    }
    if not (below or above):
        value = fitted.concentration(y) * factor
        spread = signal.std(ddof=1) / math.sqrt(len(signal)) if len(signal) > 1 else 0.0
        row[Concentrations.pg_per_ml], row[Concentrations.log10_pg_per_ml] = value, math.log10(value)
        row[Concentrations.se_log10] = fitted.se_log10(y, float(spread))
    return row


def _level(wells: pd.DataFrame) -> float:
    """The mean signal of a sample's wells; infinite where the reader's range ended in one of them.

    A number put in its place, or the other wells alone, would make the highest samples lower than they are.
    """
    beyond = set(wells[Wells.signal_censored].dropna())
    return math.inf if "right" in beyond else -math.inf if beyond else float(wells[Wells.signal].mean())


def _arm(well: pd.Series, arms: pd.Series) -> str:
    """The arm of a sample's animal, or of the animals of its pool, joined where they differ."""
    members = str(well[Wells.pool]).split("+") if isinstance(well[Wells.pool], str) else [well[Wells.animal]]
    return "+".join(sorted({str(arms.get(member.strip(), "unknown")) for member in members}))
