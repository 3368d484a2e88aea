"""How long relief lasts: differences over days, the margin, and the day on which each falls below it with its interval."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.drawings import Drawing
from hindpaw.figure import named, scales, style
from hindpaw.study import Question, Study
from hindpaw.tables import Bootstrap, Durations, Means

DIFFERENCE = "difference of days of relief"


def draw(study: Study, means: pd.DataFrame, durations: pd.DataFrame, bootstrap: pd.DataFrame) -> dict[str, Drawing]:
    """One drawing for each question about thresholds that shows relief, and for each that asks how long it lasts, by the question's key."""
    asked = [question for question in study.questions.values() if question.about_thresholds]
    shown = [
        one for one in asked if one.kind == "duration" or _shown(durations[durations[Durations.question] == one.key])
    ]
    return {question.key: _drawing(study, question, means, durations, bootstrap) for question in shown}


def _shown(rows: pd.DataFrame) -> bool:
    """Whether the band shows that there was relief to be timed."""
    return bool((rows[Durations.relief_ends_lower] > rows[Durations.treatment_day]).any())


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
        drawn, axes = style.figure(style.FULL_MM, 84 + 4 * len(known))
        for place, (_, row) in enumerate(known.iterrows()):
            numbers.append(_curve(study, axes, row, estimated, place))
        margin = float(known[Durations.margin].iloc[0])
        axes.axhline(10**margin, color=style.QUIET, linewidth=0.8, linestyle="--", label="margin")
        axes.axhline(1, color=style.QUIET, linewidth=0.7, linestyle=":")
        scales.calendar(study, axes)
        axes.set_yscale("log")
        scales.plain_log(axes.yaxis)
        axes.set_xlabel("days after injury")
        axes.set_ylabel("ratio of thresholds")
        drawn.legend(loc="outside lower center", frameon=False, ncols=2)
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
    (line,) = axes.plot(days, ratios, marker=marker, color=colour, markersize=4, label=f"{against}\n{_told(row)}")
    places = [
        estimated[estimated[Means.arm] == arm].reset_index().set_index(Means.day)["index"] for arm in (treated, control)
    ]
    named.points(
        line,
        [
            f"{study.label(treated)} / {study.label(control)}, day {day:g}: {phrases.number(ratio)} times "
            f"({phrases.row_of('means', int(places[0][day]))} over {phrases.row_of('means', int(places[1][day]))})"
            for day, ratio in zip(days, ratios, strict=True)
        ],
    )
    name = [f"{study.label(treated)} / {study.label(control)}: {_told(row)} ({phrases.row_of('durations', row.name)})"]
    height = 10 ** (row[Durations.margin] - 0.03 * (place + 1))
    last = float(row[Durations.last_day])
    low, high = float(row[Durations.relief_ends_lower]), float(row[Durations.relief_ends_upper])
    end = float(row[Durations.relief_ends_day])
    open_above = np.isnan(high)
    if not np.isnan(low):
        axes.plot([low, last if open_above else high], [height, height], color=colour, linewidth=2.2, alpha=0.5)
        if open_above:
            named.points(axes.plot(last, height, marker=">", color=colour, markersize=5)[0], name)
    if not np.isnan(end):
        (stroke,) = axes.plot(end, height, marker="|", color=colour, markersize=11, markeredgewidth=1.6)
        named.points(stroke, name)
    return pd.DataFrame({"comparison": row[Durations.comparison], "day": days, "ratio": ratios})


def _told(row: pd.Series) -> str:
    """When relief ends, in words."""
    low, high, end = (
        row[name] for name in (Durations.relief_ends_lower, Durations.relief_ends_upper, Durations.relief_ends_day)
    )
    if np.isnan(low) and np.isnan(end):
        return str(row[Durations.outcome])
    ends = "relief beyond the last test" if np.isnan(end) else f"relief ends on day {phrases.number(end, 2)}"
    first = "no relief" if np.isnan(low) else phrases.number(low, 2)
    return f"{ends} (95 % band {first} to {'beyond' if np.isnan(high) else phrases.number(high, 2)})"
