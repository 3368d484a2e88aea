"""Standard curves: the standards, the fitted curve, its limits, and where the samples lie on it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.drawings import Drawing
from hindpaw.figure import named, scales, style
from hindpaw.study import Study
from hindpaw.tables import Concentrations, Controls, CurvePoints, Curves

WIDTHS_MM = {1: style.SINGLE_MM, 2: style.WIDE_MM, 3: style.FULL_MM}


def draw(
    study: Study,
    curves: pd.DataFrame,
    curve_points: pd.DataFrame,
    concentrations: pd.DataFrame,
    controls: pd.DataFrame,
) -> dict[str, Drawing]:
    """One drawing for each plate, a panel for each analyte, by the plate's name."""
    found = {}
    for name in [name for plate in study.plates for name in plate.among(curves[Curves.plate])]:
        rows = curves[curves[Curves.plate] == name]
        if rows.empty:
            found[name] = style.empty(study, name, "No standard of this plate could be read.")
            continue
        points = curve_points[curve_points[CurvePoints.plate] == name]
        samples = concentrations[concentrations[Concentrations.plate] == name]
        checked = controls[controls[Controls.plate] == name]
        found[name] = _plate(study, name, rows, points, samples, checked)
    return found


def _plate(
    study: Study, name: str, rows: pd.DataFrame, points: pd.DataFrame, samples: pd.DataFrame, controls: pd.DataFrame
) -> Drawing:
    """One plate."""
    columns = min(3, len(rows))
    lines = math.ceil(len(rows) / columns)
    with style.settings():
        drawn, axes = style.figure(WIDTHS_MM[columns], 54 * lines + 10, lines, columns, squeeze=False)
        for panel in axes.flat[len(rows) :]:
            panel.axis("off")
        for panel, (_, row) in zip(axes.flat, rows.iterrows(), strict=False):
            analyte = row[Curves.analyte]
            mine = samples[samples[Concentrations.analyte] == analyte]
            _panel(panel, row, points[points[CurvePoints.analyte] == analyte], mine)
            _controls(panel, controls[controls[Controls.analyte] == analyte])
        style.heading(study, drawn, name)
        return style.finished(drawn, points)


def signal(row: pd.Series, x: np.ndarray) -> np.ndarray:
    """The curve of a row of `curves` at concentrations in pg/ml: D + (A − D)/(1 + (x/C)^B)^G."""
    a, b, c, d, g = (row[name] for name in (Curves.a, Curves.b, Curves.c, Curves.d, Curves.g))
    return np.asarray(d + (a - d) / (1 + np.exp(b * np.log(x / c))) ** g)


def _panel(axes: Any, row: pd.Series, points: pd.DataFrame, samples: pd.DataFrame) -> None:
    """One analyte: recoveries beside the standards, samples as ticks at the foot."""
    x, y = points[CurvePoints.nominal_pg_per_ml], points[CurvePoints.signal]
    inside = points[CurvePoints.within_limits].to_numpy()
    axes.set_xscale("log")
    axes.set_yscale("log")
    scales.decades(axes.xaxis)
    scales.decades(axes.yaxis)
    if not math.isnan(row[Curves.c]):
        grid = np.geomspace(x.min() / 2, x.max() * 2, 200)
        axes.plot(grid, signal(row, grid), color=style.QUIET, linewidth=1)
    standards = [
        f"standard {phrases.number(one.nominal_pg_per_ml)} pg/ml: signal {phrases.number(one.signal)}, "
        f"recovery {phrases.number(one.recovery_percent)} %{named.cells(one.source)}"
        for one in points.itertuples()
    ]
    for some, face in ((inside, "black"), (~inside, "white")):
        seen = axes.scatter(x[some], y[some], s=14, facecolors=face, edgecolors="black", zorder=3)
        named.points(seen, np.array(standards, dtype=object)[some])
    # The samples stand in a strip of their own below the lowest standard.
    low, high = axes.get_ylim()
    axes.set_ylim(low / (high / low) ** 0.16, high)
    for nominal, mean, recovery in zip(x, y, points[CurvePoints.recovery_percent], strict=True):
        told = "–" if math.isnan(recovery) else phrases.number(recovery, 3)
        axes.annotate(
            told,
            (nominal, mean),
            xytext=(4, -2),
            textcoords="offset points",
            ha="left",
            va="top",
            fontsize=style.SMALL,
            color=style.QUIET,
        )
    for limit in (row[Curves.lloq_pg_per_ml], row[Curves.uloq_pg_per_ml]):
        if not math.isnan(limit):
            axes.axvline(limit, color=style.QUIET, linewidth=0.6, linestyle="--")
    known = samples[samples[Concentrations.pg_per_ml].notna()]
    read = known[Concentrations.pg_per_ml] / known[Concentrations.dilution]
    units = known.assign(animal=known[Concentrations.animal].fillna(known[Concentrations.pool]))
    at = {"color": "black", "transform": axes.get_xaxis_transform(), "markersize": 7}
    (ticks,) = axes.plot(read, np.full(len(read), 0.04), "|", **at)
    named.points(ticks, named.rows(units, Concentrations.pg_per_ml, "pg/ml"))
    state = row[Curves.form] if row[Curves.accepted] else "rejected"
    axes.set_title(f"{style.words(row[Curves.analyte])}: {state}", fontsize=style.SMALL)
    axes.set_xlabel("pg/ml in the well")
    axes.set_ylabel("signal")


def _controls(axes: Any, controls: pd.DataFrame) -> None:
    """Quality controls as diamonds above the samples, where they were read."""
    known = controls[controls[Controls.pg_per_ml].notna()]
    at = {"color": "black", "markerfacecolor": "white", "transform": axes.get_xaxis_transform(), "markersize": 3.5}
    (diamonds,) = axes.plot(known[Controls.pg_per_ml], np.full(len(known), 0.11), "D", **at)
    named.points(diamonds, named.rows(known.assign(animal=known[Controls.sample]), Controls.pg_per_ml, "pg/ml"))
