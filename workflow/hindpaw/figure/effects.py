"""The answer of each question about thresholds: ratios by week with simultaneous intervals, the overall one apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.drawings import Drawing
from hindpaw.figure import named, scales, style
from hindpaw.study import Question, Study
from hindpaw.tables import Contrasts


def draw(study: Study, contrasts: pd.DataFrame) -> dict[str, Drawing]:
    """One drawing for each question about thresholds, by the question's key."""
    asked = [question for question in study.questions.values() if question.about_thresholds]
    return {question.key: _drawing(study, question, contrasts) for question in asked}


def _drawing(study: Study, question: Question, contrasts: pd.DataFrame) -> Drawing:
    """One question as a forest of ratios."""
    title = question.ask or study.compared(question)
    rows = contrasts[contrasts[Contrasts.question] == question.key]
    known = rows[rows[Contrasts.ratio].notna()]
    if known.empty:
        reason = rows[Contrasts.note].dropna()
        return style.empty(study, title, reason.iloc[0] if len(reason) else "Nothing could be estimated.")
    # A gap stands between families: the times, the time averages, the sexes, the changes.
    families = rows[Contrasts.family].fillna(rows[Contrasts.by])
    heights = (np.arange(len(rows)) + 0.5 * (families != families.shift()).cumsum() - 0.5).tolist()
    with style.settings():
        several = rows[Contrasts.comparison].nunique() > 1
        drawn, axes = style.figure(style.FULL_MM if several else style.WIDE_MM, 26 + 6.5 * len(rows))
        for y, (_, row) in zip(heights, rows.iterrows(), strict=True):
            overall = row[Contrasts.by] == "overall"
            colour, marker = style.of_arm(study, _treated(row))
            look = ("black", "D") if overall else (colour, marker)
            _row(axes, row, y, look, _named(study, row, several))
        axes.axvline(1, color=style.QUIET, linewidth=0.7, linestyle=":")
        _axes(study, question, axes, rows, known, heights)
        style.heading(study, drawn, title)
        return style.finished(drawn, rows)


def _treated(row: pd.Series) -> str:
    """The arm a comparison is about."""
    return str(row[Contrasts.comparison]).split(" − ")[0]


def _named(study: Study, row: pd.Series, several: bool) -> str:
    """What a row is called: its time, and where there are several comparisons the pair of arms."""
    time = "all days" if row[Contrasts.by] == "overall" else f"{row[Contrasts.by]} {row[Contrasts.time]:g}"
    if not several:
        return time
    arms, _, behind = str(row[Contrasts.comparison]).partition(" (")
    pair = " / ".join(study.label(arm) if arm in study.arms else arm for arm in arms.split(" − "))
    return f"{style.words(pair, 40)}{f' ({behind}' if behind else ''}, {time}"


def _row(axes: Any, row: pd.Series, y: float, look: tuple[str, str], name: str) -> None:
    """One ratio with its interval and, at the right, its words."""
    colour, marker = look
    beyond = {"transform": axes.get_yaxis_transform(), "va": "center", "fontsize": style.SMALL}
    if np.isnan(row[Contrasts.ratio]):
        axes.text(1.02, y, "not estimated", **beyond)
        return
    limits = (row[Contrasts.ratio_lower], row[Contrasts.ratio_upper])
    axes.plot(limits, [y, y], color=colour)
    (mark,) = axes.plot(row[Contrasts.ratio], y, marker=marker, color=colour, markersize=5)
    named.points(mark, [named.estimate("contrasts", row.name, name, row[Contrasts.ratio], "times", limits)])
    adjusted = row[Contrasts.p_adjusted]
    p = row[Contrasts.p] if np.isnan(adjusted) else adjusted
    between = (
        f" ({phrases.number(limits[0], 2)} to {phrases.number(limits[1], 2)})" if not np.isnan(limits).any() else ""
    )
    axes.text(1.02, y, f"{phrases.number(row[Contrasts.ratio], 2)} ×{between}, {phrases.p_value(p)}", **beyond)


def _axes(
    study: Study, question: Question, axes: Any, rows: pd.DataFrame, known: pd.DataFrame, heights: list[float]
) -> None:
    """A log axis of ratios; weeks from above, the overall row below a gap."""
    axes.set_xscale("log")
    scales.plain_log(axes.xaxis)
    axes.set_xlim(min(0.5, known[Contrasts.ratio_lower].min() / 1.2), max(2, known[Contrasts.ratio_upper].max() * 1.2))
    several = rows[Contrasts.comparison].nunique() > 1
    names = [_named(study, row, several) for _, row in rows.iterrows()]
    axes.set_yticks(heights, names)
    axes.set_ylim(heights[-1] + 0.7, -0.7)
    arms = style.words(f"{study.label(question.treated)} / {study.label(question.control)}", 42)
    axes.set_xlabel("ratio of thresholds" if several else f"ratio of thresholds\n{arms}")
