"""The standards of an assay: which count, the curve through them, its limits, and whether it is read at all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw import phrases
from hindpaw.measure import curve, logistic
from hindpaw.measure.curve import Curve
from hindpaw.study import Assay
from hindpaw.tables import CurvePoints, Wells

Floats = NDArray[np.float64]
REQUIRED_BLANKS = 3
# A standard past the peak that reads this share less than the peak lies on the falling branch.
HOOK_FALL = 0.10
# What a reader can tell apart, as a share of the signals' span: 0.001 of an absorbance of 3.
RESOLUTION = 1 / 3000
MISPLACED = "the stated concentration breaks the dilution series by a power of ten (a decimal sign lost?)"
HOOK = "beyond the peak of the standards' signal (hook effect)"


@dataclass
class Standards:
    """What the standards of one curve came to.

    Parameters
    ----------
    curve : the fit; None where there is none
    points : rows of `curve_points` without their plate
    lloq, uloq, lod : pg/ml, NaN where unknown
    reason : why the curve is not read; empty where it is
    notes : what to know of a curve that may well be read
    left_out : nominal concentrations that were left out of the fit, each with its reason
    x, y : (n,) the wells that were fitted
    """

    curve: Curve | None
    points: list[dict[str, Any]]
    lloq: float
    uloq: float
    lod: float
    reason: str
    x: Floats
    y: Floats
    notes: list[str] = field(default_factory=list)
    left_out: Mapping[float, str] = field(default_factory=dict)

    def outside(self, y: float) -> str:
        """How a mean signal lies to the limits of quantification: `none`, `left` (below) or `right` (above)."""
        if self.curve is None:
            raise ValueError("No signal can be read where there is no curve.")
        ends = self.curve.signal(np.array([self.lloq, self.uloq]))
        rising = ends[1] > ends[0]
        below, above = (y < ends[0], y > ends[1]) if rising else (y > ends[0], y < ends[1])
        return "left" if below else "right" if above else "none"


def judged(wells: pd.DataFrame, assay: Assay) -> Standards:
    """The curve of one plate × analyte (or of all its plates), from wells that are not masked.

    Parameters
    ----------
    wells : rows of `wells` with the roles standard and blank; others are ignored
    assay : the acceptance rules
    """
    zero = (wells[Wells.role] == "standard") & (wells[Wells.nominal_pg_per_ml] == 0)
    blanks = wells.loc[(wells[Wells.role] == "blank") | zero, Wells.signal].to_numpy(float)
    levels = wells[(wells[Wells.role] == "standard") & ~zero]
    left_out = dict.fromkeys(misplaced(np.unique(levels[Wells.nominal_pg_per_ml].to_numpy(float))), MISPLACED)
    left_out |= dict.fromkeys(_past_peak(levels[~levels[Wells.nominal_pg_per_ml].isin(list(left_out))]), HOOK)
    kept = levels[~levels[Wells.nominal_pg_per_ml].isin(list(left_out))]
    x, y = kept[Wells.nominal_pg_per_ml].to_numpy(float), kept[Wells.signal].to_numpy(float)
    fitted, reason = _fit(x, y, blanks, assay)
    points = [point(fitted, level) for _, level in levels.groupby(Wells.nominal_pg_per_ml)]
    lod = _lod(fitted, blanks)
    lloq, uloq = _limits(points, assay, lod, left_out)
    found = Standards(fitted, points, lloq, uloq, lod, reason, x, y, left_out=left_out)
    found.reason = reason or _too_poor(found, assay)
    found.notes = _notes(left_out, levels, blanks, wells)
    return found


def _past_peak(levels: pd.DataFrame) -> tuple[float, ...]:
    """Nominal concentrations on the falling branch of a rising assay."""
    means = levels.groupby(Wells.nominal_pg_per_ml)[Wells.signal].mean()
    if len(means) < 4 or means.iloc[: len(means) // 2].mean() >= means.iloc[len(means) // 2 :].mean():
        return ()
    peak = int(np.argmax(means.to_numpy()))
    past = means.iloc[peak + 1 :]
    fallen = past < (1 - HOOK_FALL) * means.iloc[peak]
    # A fall over more than the upper third is no hook but a curve that makes no sense.
    if not len(past) or not fallen.all() or len(past) > len(means) // 3:
        return ()
    return tuple(float(value) for value in past.index)


def misplaced(levels: Floats) -> tuple[float, ...]:
    """Stated concentrations that break a dilution series by a power of ten, as a lost decimal sign does.

    The others must be a series of one factor with a single gap, and the stated value divided by the power of
    ten must close it. It is only left out: what it should have been is for the lab to say.

    >>> misplaced(np.array([62.5, 125.0, 250.0, 1000.0, 2000.0, 500000.0]))
    (500000.0,)
    >>> misplaced(np.array([62.5, 125.0, 250.0, 500.0, 1000.0, 5000.0]))
    ()
    """
    if len(levels) < 5:
        return ()
    for value in levels:
        others = np.sort(np.log10(levels[levels != value]))
        step = float(np.median(np.diff(others))) if len(others) >= 4 else math.nan
        gaps = np.diff(others) / step if step > 0 else np.array([math.nan])
        if np.sort(np.abs(gaps - 1))[:-1].max() > 0.02 or abs(gaps.max() - 2) > 0.02:
            continue
        wanted = others[int(np.argmax(gaps))] + step
        off = math.log10(value) - wanted
        if abs(off) > 0.5 and abs(off - round(off)) < 0.02 * step:
            return (float(value),)
    return ()


def _fit(x: Floats, y: Floats, blanks: Floats, assay: Assay) -> tuple[Curve | None, str]:
    """The curve, or why there is none."""
    levels = len(np.unique(x))
    if levels < 5:
        return None, f"{levels} standard concentrations cannot carry a curve; 5 are needed"
    spread = float(blanks.std(ddof=1)) if len(blanks) > 1 else 0.0
    floor = max(spread, float(np.ptp(y)) * RESOLUTION)
    fitted = curve.fit(x, y, floor, assay.form, assay.weights)
    return (fitted, "") if fitted.converged else (None, "the curve fit did not settle")


def point(fitted: Curve | None, level: pd.DataFrame) -> dict[str, Any]:
    """One standard level: its replicates, the curve there, and the concentration read back."""
    nominal, signal = float(level[Wells.nominal_pg_per_ml].iloc[0]), level[Wells.signal].to_numpy(float)
    mean = float(signal.mean())
    expected = float(fitted.signal(nominal)[0]) if fitted else math.nan
    back = fitted.concentration(mean) if fitted else math.nan
    unit = logistic.scale(expected, fitted.weights, fitted.floor) if fitted else math.nan
    return {
        CurvePoints.source: "; ".join(level[Wells.source]),
        CurvePoints.nominal_pg_per_ml: nominal,
        CurvePoints.n_wells: len(signal),
        CurvePoints.signal: mean,
        CurvePoints.cv_percent: cv(signal),
        CurvePoints.fitted_signal: expected,
        CurvePoints.weighted_residual: (mean - expected) / unit,
        CurvePoints.back_calculated_pg_per_ml: back,
        CurvePoints.recovery_percent: 100 * back / nominal,
        CurvePoints.within_limits: False,
    }


def cv(signal: Floats) -> float:
    """Coefficient of variation of replicates in percent; NaN for a single well.

    >>> round(cv(np.array([1.0, 1.2])), 6), cv(np.array([1.0]))
    (12.856487, nan)
    """
    return float(100 * signal.std(ddof=1) / abs(signal.mean())) if len(signal) > 1 and signal.mean() else math.nan


def _lod(fitted: Curve | None, blanks: Floats) -> float:
    """The blanks' mean and three standard deviations, read off the curve; it needs three blanks."""
    if fitted is None or len(blanks) < REQUIRED_BLANKS:
        return math.nan
    toward = 1.0 if fitted.parameters["d"] > fitted.parameters["a"] else -1.0
    return fitted.concentration(float(blanks.mean() + toward * 3 * blanks.std(ddof=1)))


def _limits(
    points: list[dict[str, Any]], assay: Assay, lod: float, left_out: Mapping[float, str]
) -> tuple[float, float]:
    """LLOQ and ULOQ: the ends of the widest run of standards inside the limits of recovery and CV, above the LOD.

    Each point learns whether it is; the end standards may stray a little further, and `failing_standards` in
    between may fail.
    """
    used = [one for one in points if one[CurvePoints.nominal_pg_per_ml] not in left_out]
    for place, one in enumerate(used):
        at_end = place in (0, len(used) - 1)
        low, high = assay.end_recovery_percent if at_end else assay.recovery_percent
        precise = math.isnan(one[CurvePoints.cv_percent]) or one[CurvePoints.cv_percent] <= assay.replicate_cv_percent
        accurate = low <= one[CurvePoints.recovery_percent] <= high
        one[CurvePoints.within_limits] = bool(accurate and precise and not one[CurvePoints.nominal_pg_per_ml] < lod)
    return _widest([one[CurvePoints.nominal_pg_per_ml] for one in used], used, assay.failing_standards)


def _widest(nominal: list[float], used: list[dict[str, Any]], failing: int) -> tuple[float, float]:
    """The widest run of standards that begins and ends inside the limits, with few enough outside between them."""
    good = np.array([one[CurvePoints.within_limits] for one in used], dtype=bool)
    ends = np.flatnonzero(good)
    runs = [
        (high - low, nominal[low], nominal[high])
        for low, high in product(ends, ends)
        if low <= high and (~good[low : high + 1]).sum() <= failing
    ]
    return max(runs, key=lambda run: (run[0], -run[1]))[1:] if runs else (math.nan, math.nan)


def _too_poor(found: Standards, assay: Assay) -> str:
    """Why a curve that could be fitted is still not read, or an empty text."""
    used = [one for one in found.points if one[CurvePoints.nominal_pg_per_ml] not in found.left_out]
    between = [one for one in used if found.lloq <= one[CurvePoints.nominal_pg_per_ml] <= found.uloq]
    inside = sum(one[CurvePoints.within_limits] for one in between)
    if inside < assay.least_standards:
        told = f"{inside} of {len(used)} standards in one run are inside the recovery and CV limits"
        return f"{told}; {assay.least_standards} are needed"
    if found.curve is not None and found.curve.r_squared < assay.least_r_squared:
        return f"R² is {phrases.number(found.curve.r_squared, 3)}, less than {assay.least_r_squared:g}"
    signals = [one[CurvePoints.signal] for one in between]
    rising = all(one < two for one, two in pairwise(signals))
    falling = all(one > two for one, two in pairwise(signals))
    return (
        "" if rising or falling else "the standards' signals do not change steadily with concentration (swapped wells?)"
    )


def _notes(left_out: Mapping[float, str], levels: pd.DataFrame, blanks: Floats, wells: pd.DataFrame) -> list[str]:
    """What to know of standards that were left out, and of blanks."""
    notes = []
    for reason in dict.fromkeys(left_out.values()):
        told = ", ".join(phrases.number(value) for value, why in left_out.items() if why == reason)
        notes.append(f"standards left out ({told} pg/ml): {reason}")
    if HOOK in left_out.values():
        notes.append("a sample past the peak would read far too low: assay high samples at a second dilution")
    return notes + _blank_notes(levels, blanks, wells)


def _blank_notes(levels: pd.DataFrame, blanks: Floats, wells: pd.DataFrame) -> list[str]:
    """Whether the blank was subtracted before, or twice. Nothing is ever subtracted here: the curve has its own A."""
    stated = "blank" in " ".join(wells["subtracted"].dropna().astype(str)) if "subtracted" in wells else False
    lowest = levels[levels[Wells.nominal_pg_per_ml] == levels[Wells.nominal_pg_per_ml].min()][Wells.signal]
    if len(blanks) >= 2:
        spread = float(blanks.std(ddof=1))
        below, zero = (
            bool((blanks + 2 * spread < 0).all()),
            bool(abs(blanks.mean()) <= 3 * spread and blanks.min() <= 0),
        )
    else:
        below, zero = bool(len(lowest)) and bool((lowest < 0).all()), False
    if below:
        return [
            "the blanks read clearly below zero, as where a blank is subtracted twice; check what the export subtracts "
            "(concentrations hold as long as standards and samples had the same subtracted)"
        ]
    return ["the signals arrive with a blank subtracted; it is not subtracted again"] if stated or zero else []
