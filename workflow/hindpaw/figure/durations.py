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
        drawn, (above, below) = style.figure(
            style.FULL_MM, 82 + 7 * len(known), 2, sharex=True, height_ratios=(9, 1 + len(known))
        )
        for place, (_, row) in enumerate(known.iterrows()):
            numbers.append(_curve(study, above, row, estimated))
            _end(study, below, row, place)
        margin = float(known[Durations.margin].iloc[0])
        above.axhline(10**margin, color=style.QUIET, linewidth=0.8, linestyle="--", label="margin")
        above.axhline(1, color=style.QUIET, linewidth=0.7, linestyle=":")
        scales.calendar(study, above)
        below.axvline(study.days.treatment, color=style.QUIET, linewidth=0.6, linestyle=":")
        drawn.legend(loc="outside lower center", frameon=False, ncols=3)
        _axes(above, below, [style.words(study.label(_arms(row)[0]), 14, 2) for _, row in known.iterrows()])
        style.heading(study, drawn, title)
        mine = bootstrap[
            (bootstrap[Bootstrap.question] == question.key) & (bootstrap[Bootstrap.estimand] == DIFFERENCE)
        ]
        return style.finished(drawn, pd.concat([*numbers, mine], ignore_index=True))


def _arms(row: pd.Series) -> tuple[str, str]:
    """Keys of the treated and the control arm."""
    treated, control = str(row[Durations.comparison]).split(" − ")
    return treated, control


def _curve(study: Study, axes: Any, row: pd.Series, estimated: pd.DataFrame) -> pd.DataFrame:
    """One comparison's differences as ratios."""
    treated, control = _arms(row)
    by_arm = [estimated[estimated[Means.arm] == arm].set_index(Means.day)[Means.estimate] for arm in (treated, control)]
    difference = (by_arm[0] - by_arm[1]).dropna().sort_index()
    colour, marker = style.of_arm(study, treated)
    days, ratios = difference.index.to_numpy(float), 10 ** difference.to_numpy(float)
    against = f"{style.words(study.label(treated), 30, 1)} / {style.words(study.label(control), 30, 1)}"
    (line,) = axes.plot(days, ratios, marker=marker, color=colour, markersize=4, label=against)
    rows = [estimated[estimated[Means.arm] == arm] for arm in (treated, control)]
    places = [dict(zip(one[Means.day], one.index, strict=True)) for one in rows]
    named.points(
        line,
        [
            f"{_pair(study, row)}, day {day:g}: {phrases.number(ratio)} times "
            f"({phrases.row_of('means', places[0][day])} over {phrases.row_of('means', places[1][day])})"
            for day, ratio in zip(days, ratios, strict=True)
        ],
    )
    return pd.DataFrame({"comparison": row[Durations.comparison], "day": days, "ratio": ratios})


def _pair(study: Study, row: pd.Series) -> str:
    """Both arms of a comparison by name."""
    return " / ".join(study.label(arm) for arm in _arms(row))


def _end(study: Study, axes: Any, row: pd.Series, place: int) -> None:
    """The end of one comparison's relief with its interval and band, in a row of its own."""
    colour, marker = style.of_arm(study, _arms(row)[0])
    last, end = float(row[Durations.last_day]), float(row[Durations.relief_ends_day])
    limits = (row[Durations.relief_ends_lower], row[Durations.relief_ends_upper])
    who = f"{_pair(study, row)}, relief ends on day"
    name = [named.estimate("durations", row.name, who, end, "after injury", limits)]
    for lower, upper, width in LIMITS:
        low, high = float(row[lower]), float(row[upper])
        if not np.isnan(low):
            open_above = np.isnan(high)
            axes.plot([low, last if open_above else high], [place, place], color=colour, linewidth=width)
            if open_above:
                named.points(axes.plot(last, place, marker=">", color=colour, markersize=5)[0], name)
    if not np.isnan(end):
        named.points(axes.plot(end, place, marker=marker, color=colour, markersize=6)[0], name)
        axes.annotate(
            phrases.number(end, 2),
            (end, place),
            xytext=(0, 5),
            textcoords="offset points",
            ha="center",
            fontsize=style.SMALL,
        )


def _axes(above: Any, below: Any, labels: list[str]) -> None:
    """A log axis of ratios over days, and a row for each end."""
    above.set_yscale("log")
    scales.plain_log(above.yaxis)
    above.set_ylabel("ratio of thresholds")
    below.set_yticks(range(len(labels)), labels)
    below.set_ylim(len(labels) - 0.4, -0.8)
    below.set_ylabel("end of relief")
    below.set_xlabel("days after injury")
