"""How long relief lasts: differences over days, the margin, and the day on which each falls below it with its interval."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hindpaw.drawings import Drawing
from hindpaw.figure import style
from hindpaw.study import Question, Study
from hindpaw.tables import Bootstrap, Durations, Means

DIFFERENCE = "difference of days of relief"
# The band of the whole curve, and on it the interval of the end, with the widths of their lines.
LIMITS = (
    (Durations.band_lower, Durations.band_upper, 0.8),
    (Durations.relief_ends_lower, Durations.relief_ends_upper, 2.6),
)


def draw(study: Study, means: pd.DataFrame, durations: pd.DataFrame, bootstrap: pd.DataFrame) -> dict[str, Drawing]:
    """One drawing for each question about thresholds that shows relief, and for each that asks how long it lasts, by the question's key."""
    asked = [question for question in study.questions.values() if question.about_thresholds]
    shown = [
        one for one in asked if one.kind == "duration" or _shown(durations[durations[Durations.question] == one.key])
    ]
    return {question.key: _drawing(study, question, means, durations, bootstrap) for question in shown}


def _shown(rows: pd.DataFrame) -> bool:
    """Whether the band shows that there was relief to be timed."""
    return bool((rows[Durations.band_lower] > rows[Durations.treatment_day]).any())


def _drawing(
    study: Study, question: Question, means: pd.DataFrame, durations: pd.DataFrame, bootstrap: pd.DataFrame
) -> Drawing:
    """One question."""
    title = question.ask or study.compared(question)
    rows = durations[durations[Durations.question] == question.key]
    known = rows[rows[Durations.outcome] != "not estimated"]
    if known.empty:
        notes = rows[Durations.note].dropna()
        return style.empty(study, title, notes.iloc[0] if len(notes) else "Nothing could be timed.")
    estimated = means[means[Means.question] == question.key]
    numbers = [known]
    with style.settings():
        drawn, axes = style.figure(style.FULL_MM, 80)
        for place, (_, row) in enumerate(known.iterrows()):
            numbers.append(_curve(study, axes, row, estimated, place))
        margin = float(known[Durations.margin].iloc[0])
        axes.axhline(10**margin, color=style.QUIET, linewidth=0.8, linestyle="--", label="margin")
        axes.axhline(1, color=style.QUIET, linewidth=0.7, linestyle=":")
        axes.axvline(float(known[Durations.treatment_day].iloc[0]), color=style.QUIET, linewidth=0.7)
        axes.annotate(
            "treatment",
            (float(known[Durations.treatment_day].iloc[0]), 1),
            xycoords=("data", "axes fraction"),
            ha="left",
            va="bottom",
            fontsize=6.5,
        )
        _axes(axes)
        style.heading(study, drawn, title)
        mine = bootstrap[
            (bootstrap[Bootstrap.question] == question.key) & (bootstrap[Bootstrap.estimand] == DIFFERENCE)
        ]
        return style.finished(drawn, pd.concat([*numbers, mine], ignore_index=True))


def _curve(study: Study, axes: Any, row: pd.Series, estimated: pd.DataFrame, place: int) -> pd.DataFrame:
    """One comparison: its differences as ratios, and the end of its relief at the height of the margin."""
    treated, control = str(row[Durations.comparison]).split(" − ")
    by_arm = [estimated[estimated[Means.arm] == arm].set_index(Means.day)[Means.estimate] for arm in (treated, control)]
    difference = (by_arm[0] - by_arm[1]).dropna().sort_index()
    colour, marker = style.of_arm(study, treated)
    days, ratios = difference.index.to_numpy(float), 10 ** difference.to_numpy(float)
    against = f"{style.words(study.label(treated), 30, 1)} / {style.words(study.label(control), 30, 1)}"
    axes.plot(days, ratios, marker=marker, color=colour, markersize=4, label=against)
    height = 10 ** (row[Durations.margin] - 0.03 * (place + 1))
    last = float(row[Durations.last_day])
    end = float(row[Durations.relief_ends_day])
    for lower, upper, width in LIMITS:
        low, high = float(row[lower]), float(row[upper])
        if not np.isnan(low):
            open_above = np.isnan(high)
            axes.plot([low, last if open_above else high], [height, height], color=colour, linewidth=width, alpha=0.5)
            if open_above:
                axes.plot(last, height, marker=">", color=colour, markersize=5)
    if not np.isnan(end):
        axes.plot(end, height, marker="|", color=colour, markersize=11, markeredgewidth=1.6)
        axes.annotate(
            f"{end:.0f}", (end, height), xytext=(0, -11), textcoords="offset points", ha="center", fontsize=6.5
        )
    return pd.DataFrame({"comparison": row[Durations.comparison], "day": days, "ratio": ratios})


def _axes(axes: Any) -> None:
    """A log axis of ratios over days."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("days after injury")
    axes.set_ylabel("ratio of thresholds")
    axes.legend(loc="upper right", frameon=False)
