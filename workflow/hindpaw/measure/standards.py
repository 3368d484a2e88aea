"""The standards of an assay: which count, the curve through them, its limits, and whether it is read at all."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
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
    hooked : nominal concentrations left out of the fit as past the peak
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
    hooked: tuple[float, ...] = ()

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
    hooked = _past_peak(levels)
    kept = levels[~levels[Wells.nominal_pg_per_ml].isin(hooked)]
    x, y = kept[Wells.nominal_pg_per_ml].to_numpy(float), kept[Wells.signal].to_numpy(float)
    fitted, reason = _fit(x, y, blanks, assay)
    points = [point(fitted, level) for _, level in levels.groupby(Wells.nominal_pg_per_ml)]
    lod = _lod(fitted, blanks)
    lloq, uloq = _limits(points, assay, lod, hooked)
    found = Standards(fitted, points, lloq, uloq, lod, reason, x, y, hooked=hooked)
    found.reason = reason or _too_poor(found, assay)
    found.notes = _notes(hooked, levels, blanks, wells)
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


def _fit(x: Floats, y: Floats, blanks: Floats, assay: Assay) -> tuple[Curve | None, str]:
    """The curve, or why there is none."""
    levels = len(np.unique(x))
    if levels < 5:
        return None, f"{levels} standard concentrations cannot carry a curve; 5 are needed"
    floor = float(blanks.std(ddof=1)) if len(blanks) > 1 else 0.0
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

    >>> cv(np.array([1.0, 1.2])), cv(np.array([1.0]))
    (12.856486930664499, nan)
    """
    return float(100 * signal.std(ddof=1) / abs(signal.mean())) if len(signal) > 1 and signal.mean() else math.nan


def _lod(fitted: Curve | None, blanks: Floats) -> float:
    """The blanks' mean and three standard deviations, read off the curve; it needs three blanks."""
    if fitted is None or len(blanks) < REQUIRED_BLANKS:
        return math.nan
    toward = 1.0 if fitted.parameters["d"] > fitted.parameters["a"] else -1.0
    return fitted.concentration(float(blanks.mean() + toward * 3 * blanks.std(ddof=1)))


def _limits(points: list[dict[str, Any]], assay: Assay, lod: float, hooked: tuple[float, ...]) -> tuple[float, float]:
    """LLOQ and ULOQ: the lowest and highest standard inside the limits of recovery and CV, above the LOD.

    Each point learns whether it is; the end standards may stray a little further.
    """
    for place, one in enumerate(points):
        at_end = place in (0, len(points) - len(hooked) - 1)
        low, high = assay.end_recovery_percent if at_end else assay.recovery_percent
        precise = math.isnan(one[CurvePoints.cv_percent]) or one[CurvePoints.cv_percent] <= assay.replicate_cv_percent
        accurate = low <= one[CurvePoints.recovery_percent] <= high
        nominal = one[CurvePoints.nominal_pg_per_ml]
        one[CurvePoints.within_limits] = bool(accurate and precise and nominal not in hooked and not nominal < lod)
    inside = [one[CurvePoints.nominal_pg_per_ml] for one in points if one[CurvePoints.within_limits]]
    return (min(inside), max(inside)) if inside else (math.nan, math.nan)


def _too_poor(found: Standards, assay: Assay) -> str:
    """Why a curve that could be fitted is still not read, or an empty text."""
    inside = sum(one[CurvePoints.within_limits] for one in found.points)
    if inside < assay.least_standards:
        told = f"{inside} of {len(found.points)} standards are inside the recovery and CV limits"
        return f"{told}; {assay.least_standards} are needed"
    between = [one for one in found.points if found.lloq <= one[CurvePoints.nominal_pg_per_ml] <= found.uloq]
    failing = [one for one in between if not one[CurvePoints.within_limits]]
    if len(failing) > assay.failing_standards:
        told = ", ".join(phrases.number(one[CurvePoints.nominal_pg_per_ml]) for one in failing)
        return f"{len(failing)} standards between the limits fail recovery or CV ({told} pg/ml); {assay.failing_standards} may"
    if found.curve is not None and found.curve.r_squared < assay.least_r_squared:
        return f"R² is {phrases.number(found.curve.r_squared, 3)}, less than {assay.least_r_squared:g}"
    signals = [one[CurvePoints.signal] for one in between]
    rising = all(one < two for one, two in pairwise(signals))
    falling = all(one > two for one, two in pairwise(signals))
    return (
        "" if rising or falling else "the standards' signals do not change steadily with concentration (swapped wells?)"
    )


def _notes(hooked: tuple[float, ...], levels: pd.DataFrame, blanks: Floats, wells: pd.DataFrame) -> list[str]:
    """What to know of hook effect and blanks."""
    notes = []
    if hooked:
        told = ", ".join(phrases.number(value) for value in hooked)
        notes.append(
            f"the standards {told} pg/ml read less than the peak before them and are left out (hook effect); a sample "
            "beyond the peak would read far too low, so assay high samples at a second dilution"
        )
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
