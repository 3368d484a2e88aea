"""Samples read off a curve: every dilution applied once, out-of-range values as bounds, intervals two ways."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw import phrases
from hindpaw.measure import curve, logistic
from hindpaw.measure.standards import Standards, cv
from hindpaw.tables import Concentrations, Wells

Floats = NDArray[np.float64]
# The share of the interval on either side of the limits.
TAIL = 0.025


class Reader:
    """Reads mean signals off one accepted curve; the bootstrap refits are made once and shared by all samples."""

    def __init__(self, standards: Standards, rng: np.random.Generator, draws: int) -> None:
        if standards.curve is None:
            raise ValueError("There is no curve to read from.")
        self.standards, self.curve, self.rng = standards, standards.curve, rng
        enough = draws and self.curve.df > 0
        self.refits = curve.bootstrap(self.curve, standards.x, rng, draws) if enough else None

    def read(self, signal: Floats, dilution: float) -> dict[str, Any]:
        """One dilution of one sample, from its replicate wells.

        The bound of a value outside the limits of quantification is the limit times the dilution; nothing is
        extrapolated.
        """
        y = float(signal.mean())
        outside = self.standards.outside(y)
        low, high = self.standards.lloq * dilution, self.standards.uloq * dilution
        row: dict[str, Any] = {
            Concentrations.censored: outside,
            Concentrations.lower_pg_per_ml: {"left": 0.0, "right": high}.get(outside, math.nan),
            Concentrations.upper_pg_per_ml: low if outside == "left" else math.nan,
            Concentrations.n_wells: len(signal),
            Concentrations.cv_percent: cv(signal[np.isfinite(signal)]),
            Concentrations.dilution: dilution,
        }
        return row | (self._value(y, len(signal), dilution) if outside == "none" else {})

    def _value(self, y: float, n: int, dilution: float) -> dict[str, Any]:
        """The value with its standard error and its two intervals."""
        from scipy.special import stdtrit

        value = self.curve.concentration(y)
        log, se = math.log10(value), self.curve.se_log10(y, self.curve.se_signal(y, n))
        half = float(stdtrit(max(self.curve.df, 1), 1 - TAIL)) * se
        low, high = self._drawn(y, n, log, se)
        value, shift = value * dilution, math.log10(dilution)
        log, low, high = log + shift, low + shift, high + shift
        return {
            Concentrations.pg_per_ml: value,
            Concentrations.log10_pg_per_ml: log,
            Concentrations.se_log10: se,
            Concentrations.delta_lower_pg_per_ml: 10 ** (log - half),
            Concentrations.delta_upper_pg_per_ml: 10 ** (log + half),
            Concentrations.bootstrap_lower_pg_per_ml: 10**low,
            Concentrations.bootstrap_upper_pg_per_ml: 10**high,
        }

    def _drawn(self, y: float, n: int, log: float, se: float) -> tuple[float, float]:
        """The bootstrap-t interval of log10 concentration; NaN where one draw in ten fails.

        Curves are refitted and the sample's wells redrawn; each draw's distance from the value is counted in its own
        standard error. Percentiles of the values themselves cover too little with some sixteen standard wells.
        """
        if self.refits is None:
            return math.nan, math.nan
        theta, weights, floor = self.refits.theta, self.curve.weights, self.curve.floor
        noise = self.rng.choice(self.refits.pool, (len(theta), n)).mean(axis=1)
        drawn = y + logistic.scale(y, weights, floor) * noise
        x = logistic.inverse(theta, drawn)
        sound = ~np.isnan(x)
        if sound.mean() < 0.9:
            return math.nan, math.nan
        se_y = logistic.scales(drawn, weights, floor) * self.refits.residual_sd / math.sqrt(n)
        own = curve.se_log10(theta[sound], self.refits.covariance[sound], x[sound], se_y[sound])
        low, high = np.percentile((np.log10(x[sound]) - log) / own, [100 * TAIL, 100 - 100 * TAIL])
        return log - float(high) * se, log - float(low) * se


def sample(reader: Reader, wells: pd.DataFrame) -> dict[str, Any]:
    """One sample of one plate: its dilutions read apart and brought together.

    Where several dilutions are inside the limits, their logs are averaged with weights 1/se². Where none is,
    the bounds are intersected: above the limit at one dilution and below it at the next is an interval.
    """
    reads = [
        reader.read(part[Wells.signal].to_numpy(float), float(str(dilution)))
        for dilution, part in wells.groupby(Wells.dilution, sort=True)
    ]
    inside = [one for one in reads if one[Concentrations.censored] == "none"]
    if len(reads) == 1:
        found = reads[0]
    elif inside:
        found = inside[0] if len(inside) == 1 else _averaged(inside)
    else:
        found = _intersected(reads)
    found[Concentrations.n_wells] = len(wells)
    if len(reads) > 1:
        found[Concentrations.note] = _told(reads)
    return found


def _averaged(reads: list[dict[str, Any]]) -> dict[str, Any]:
    """Several dilutions inside the limits as one value; the smallest dilution is named."""
    logs = np.array([one[Concentrations.log10_pg_per_ml] for one in reads])
    weights = np.array([one[Concentrations.se_log10] for one in reads]) ** -2.0
    if not np.isfinite(weights).all():
        weights = np.ones(len(reads))
    log = float(logs @ weights / weights.sum())
    row = dict(reads[0])
    for name in (Concentrations.bootstrap_lower_pg_per_ml, Concentrations.bootstrap_upper_pg_per_ml):
        row[name] = math.nan
    # The curve's error is common to the dilutions, so averaging is not credited with making it smaller.
    se = float(max(one[Concentrations.se_log10] for one in reads))
    ratio = np.log10(reads[0][Concentrations.delta_upper_pg_per_ml]) - reads[0][Concentrations.log10_pg_per_ml]
    half = float(ratio) / reads[0][Concentrations.se_log10] * se if se > 0 else 0.0
    return row | {
        Concentrations.pg_per_ml: 10**log,
        Concentrations.log10_pg_per_ml: log,
        Concentrations.se_log10: se,
        Concentrations.delta_lower_pg_per_ml: 10 ** (log - half),
        Concentrations.delta_upper_pg_per_ml: 10 ** (log + half),
    }


def _intersected(reads: list[dict[str, Any]]) -> dict[str, Any]:
    """Bounds of several dilutions, all outside the limits."""
    low = max((one[Concentrations.lower_pg_per_ml] for one in reads), default=0.0)
    uppers = [one[Concentrations.upper_pg_per_ml] for one in reads if one[Concentrations.censored] == "left"]
    high = min(uppers, default=math.nan)
    if not math.isnan(high) and low >= high:  # the dilutions contradict each other; the smallest one stands
        return reads[0]
    kind = "left" if low == 0 else "right" if math.isnan(high) else "interval"
    bounds = {Concentrations.lower_pg_per_ml: low, Concentrations.upper_pg_per_ml: high}
    return reads[0] | {Concentrations.censored: kind} | bounds


def _told(reads: list[dict[str, Any]]) -> str:
    """What each dilution said, so that a lack of parallelism can be seen."""
    words = {"left": "below the limit", "right": "above the limit"}
    told = [
        f"1:{one[Concentrations.dilution]:g} "
        + (words.get(one[Concentrations.censored]) or f"{phrases.number(one[Concentrations.pg_per_ml])} pg/ml")
        for one in reads
    ]
    return f"{len(reads)} dilutions: {'; '.join(told)}"
