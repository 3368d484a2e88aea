"""Change from baseline: every mouse as a ratio to its own baseline, and each arm's estimate with its interval."""

from __future__ import annotations

import pandas as pd

from hindpaw.drawings import Drawing
from hindpaw.figure import named, scales, style, timecourse
from hindpaw.study import Question, Study
from hindpaw.tables import Changes


def draw(study: Study, changes: pd.DataFrame) -> dict[str, Drawing]:
    """One drawing for each question about thresholds, by the question's key."""
    asked = [question for question in study.questions.values() if question.about_thresholds]
    return {question.key: _drawing(study, question, changes) for question in asked}


def _drawing(study: Study, question: Question, changes: pd.DataFrame) -> Drawing:
    """One question."""
    title = question.ask or study.compared(question)
    rows = changes[changes[Changes.question] == question.key]
    rows = rows.assign(ratio_lower=10 ** rows[Changes.lower], ratio_upper=10 ** rows[Changes.upper])
    mice, means = (rows[rows[Changes.what] == what] for what in ("animal", "estimate"))
    if mice.empty:
        return style.empty(study, title, "Nothing was tested before treatment, so there is no baseline to change from.")
    with style.settings():
        lines = timecourse.lines(question)
        drawn, axes = style.figure(style.FULL_MM, timecourse.height_mm(question))
        for arm, shift in zip(question.arms, scales.shifts(mice[Changes.day], len(question.arms)), strict=True):
            _arm(
                study, axes, arm, float(shift), mice[mice[Changes.arm] == arm], means[means[Changes.arm] == arm], lines
            )
        axes.axhline(1, color=style.QUIET, linewidth=0.7)
        axes.set_yscale("log")
        scales.plain_log(axes.yaxis)
        scales.calendar(study, axes)
        start = mice[Changes.baseline_day].iloc[0]
        axes.set_xlabel("days after injury")
        axes.set_ylabel(f"threshold over that of day {start:g}, {question.paw} paw")
        timecourse.key(axes, mice, before=False)
        style.heading(study, drawn, title)
        return style.finished(drawn, rows)


def _arm(
    study: Study, axes: object, arm: str, shift: float, mice: pd.DataFrame, means: pd.DataFrame, lines: int
) -> None:
    """One arm."""
    mine = mice.sort_values([Changes.animal, Changes.day])
    look = timecourse.look_of(study, arm, mine[Changes.animal].nunique(), lines)
    timecourse.single(axes, mine, Changes.ratio, look, shift, "× its baseline")
    means = means.sort_values(Changes.day)
    limits = (means["ratio_lower"], means["ratio_upper"])
    told = [
        named.estimate(
            "changes",
            place,
            f"{study.label(arm)}, day {row[Changes.day]:g}",
            row[Changes.ratio],
            "× the baseline",
            (row["ratio_lower"], row["ratio_upper"]),
        )
        for place, row in means.iterrows()
    ]
    timecourse.middle(axes, means[Changes.day] + shift, means[Changes.ratio], limits, look, told)
