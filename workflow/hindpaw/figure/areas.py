"""Areas under thresholds and shares of the possible relief: one number an animal, with the mean of each arm."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.drawings import Drawing
from hindpaw.figure import named, scales, style
from hindpaw.study import Question, Study
from hindpaw.tables import AnimalRelief

# The first that is known of the areas, and the share.
AREAS = (AnimalRelief.auc_log10_g_days, AnimalRelief.auc_g_days)
PANELS = {
    AnimalRelief.auc_log10_g_days: ("area above the baseline\n(log10 g × days)", "log10 g × days"),
    AnimalRelief.auc_g_days: ("area under the thresholds\n(g × days)", "g × days"),
    AnimalRelief.mpe_percent: ("% of the maximum possible effect", "%"),
}

# What the mice of an arm may take beside its mean, in arms.
ROOM = 0.5


def draw(study: Study, animal_relief: pd.DataFrame) -> dict[str, Drawing]:
    """One drawing for each question about thresholds, by the question's key."""
    asked = [question for question in study.questions.values() if question.about_thresholds]
    return {question.key: _drawing(study, question, animal_relief) for question in asked}


def _drawing(study: Study, question: Question, animal_relief: pd.DataFrame) -> Drawing:
    """One question: a panel for each number."""
    title = question.ask or study.compared(question)
    rows = animal_relief[animal_relief[AnimalRelief.question] == question.key]
    known = [column for column in PANELS if rows[column].notna().any()]
    shown = [*[column for column in AREAS if column in known][:1], *(column for column in known if column not in AREAS)]
    if not shown:
        notes = rows[AnimalRelief.note].dropna()
        return style.empty(study, title, notes.iloc[0] if len(notes) else "No animal has all the days it takes.")
    means = pd.concat([_means(rows, column) for column in shown], ignore_index=True)
    numbers = pd.concat([rows, means], ignore_index=True)
    with style.settings():
        drawn, grid = style.figure((style.SINGLE_MM, style.FULL_MM)[len(shown) - 1], 68, 1, len(shown), squeeze=False)
        for axes, column in zip(grid[0], shown, strict=True):
            _panel(study, question, axes, rows, numbers[numbers["of"] == column], column)
        style.heading(study, drawn, title)
        return style.finished(drawn, numbers)


def _means(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """The mean of each arm with its 95 % interval by t, which one animal does not have."""
    from scipy.special import stdtrit

    made = rows.groupby(AnimalRelief.arm, sort=False)[column].agg(["mean", "count", "sem"]).reset_index()
    half = stdtrit(np.maximum(made["count"] - 1, 1), 0.975) * made.pop("sem")
    return made.rename(columns={"count": "n"}).assign(of=column, lower=made["mean"] - half, upper=made["mean"] + half)


def _panel(study: Study, question: Question, axes: Any, rows: pd.DataFrame, means: pd.DataFrame, column: str) -> None:
    """Every animal, and the mean of each arm; open where a threshold stood at a limit."""
    label, unit = PANELS[column]
    span = float(np.ptp(rows[column].dropna())) or 1.0
    for place, arm in enumerate(question.arms):
        colour, marker = style.of_arm(study, arm)
        mine = rows[(rows[AnimalRelief.arm] == arm) & rows[column].notna()].sort_values(column)
        x = scales.swarm(mine[column], span)
        # Many mice of one height stand closer, beside the mean and not on it.
        x = place - 0.1 + x * min(1.0, ROOM / (np.ptp(x) or ROOM))
        for censored in (False, True):
            here = (mine[AnimalRelief.n_censored] > 0).to_numpy() == censored
            face = "white" if censored else colour
            seen = axes.scatter(
                x[here], mine[column][here], s=13, marker=marker, color=face, edgecolors=colour, alpha=0.7
            )
            told = [
                named.estimate("animal_relief", row.name, row[AnimalRelief.animal], row[column], unit)
                for _, row in mine[here].iterrows()
            ]
            named.points(seen, told)
        for index, mean in means[means[AnimalRelief.arm] == arm].iterrows():
            name = f"mean of {study.label(arm)}: {phrases.number(mean['mean'])} {unit} ({phrases.own_row(index)})"
            scales.interval(axes, place + 0.32, (mean["lower"], mean["mean"], mean["upper"]), colour, name)
    axes.axhline(0, color=style.QUIET, linewidth=0.7, linestyle=":", zorder=0)
    scales.arms(study, axes, question.arms, means.set_index(AnimalRelief.arm)["n"], 42 // len(question.arms))
    axes.set_ylabel(label)
