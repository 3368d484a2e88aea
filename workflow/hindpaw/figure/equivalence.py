"""Questions that expect no effect: ratios with their 90 % intervals against the margin."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.drawings import Drawing
from hindpaw.figure import named, scales, style
from hindpaw.study import Question, Study
from hindpaw.tables import Equivalence


def draw(study: Study, equivalence: pd.DataFrame) -> dict[str, Drawing]:
    """One drawing for each question with rows in `equivalence`, by its key."""
    keys = list(dict.fromkeys(equivalence[Equivalence.question]))
    return {
        key: _drawing(study, study.questions[key], equivalence[equivalence[Equivalence.question] == key])
        for key in keys
    }


def _drawing(study: Study, question: Question, rows: pd.DataFrame) -> Drawing:
    """One question; the margin as a band."""
    title = question.ask or study.compared(question)
    if rows[Equivalence.ratio_lower].isna().all():
        why = rows[Equivalence.note].dropna()
        return style.empty(study, title, f"Not tested: {why.iloc[0] if len(why) else 'nothing was estimated'}.")
    margin = float(rows[Equivalence.margin_ratio].iloc[0])
    with style.settings():
        drawn, axes = style.figure(style.WIDE_MM, 30 + 8 * len(rows))
        axes.set_xscale("log")
        scales.plain_log(axes.xaxis)
        axes.axvspan(1 / margin, margin, color=style.FAINT, alpha=0.35, linewidth=0, zorder=0)
        axes.axvline(1, color=style.QUIET, linewidth=0.7, linestyle=":")
        names = [_row(study, axes, y, row) for y, (_, row) in enumerate(rows.iterrows())]
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(len(names) - 0.4, -0.6)
        low, high = np.nanmin(rows[Equivalence.ratio_lower]), np.nanmax(rows[Equivalence.ratio_upper])
        axes.set_xlim(min(0.8 / margin, low / 1.15), max(1.25 * margin, high * 1.15))
        arms = style.words(f"{study.label(question.treated)} / {study.label(question.control)}", 60)
        axes.set_xlabel(
            f"ratio with its 90 % interval; band: the margin, {phrases.number(margin, 3)} times either way\n{arms}"
        )
        style.heading(study, drawn, title)
        return style.finished(drawn, rows)


def _row(study: Study, axes: Any, y: float, row: pd.Series) -> str:
    """One ratio, its interval and the verdict; what the row is called."""
    colour, marker = style.of_arm(study, str(row[Equivalence.comparison]).split(" − ")[0])
    overall = row[Equivalence.by] == "overall"
    colour, marker = ("black", "D") if overall else (colour, marker)
    time = "all days" if overall else f"{row[Equivalence.by]} {row[Equivalence.time]:g}"
    told = {"transform": axes.get_yaxis_transform(), "va": "center", "fontsize": style.SMALL}
    if np.isnan(row[Equivalence.ratio_lower]) and np.isnan(row[Equivalence.ratio_upper]):
        axes.text(1.02, y, "not tested", **told)
    else:
        full = row[Equivalence.verdict] in ("equivalent", "different within the margin")
        limits = (row[Equivalence.ratio_lower], row[Equivalence.ratio_upper])
        axes.plot(limits, [y, y], color=colour)
        face = colour if full else "white"
        (mark,) = axes.plot(row[Equivalence.ratio], y, marker=marker, markersize=5, color=colour, markerfacecolor=face)
        name = named.estimate("equivalence", row.name, time, row[Equivalence.ratio], "times", limits, level=90)
        named.points(mark, [name])
        p = row[Equivalence.p] if np.isnan(row[Equivalence.p_adjusted]) else row[Equivalence.p_adjusted]
        axes.text(1.02, y, f"{row[Equivalence.verdict]}, {phrases.p_value(p)}", **told)
    return time
