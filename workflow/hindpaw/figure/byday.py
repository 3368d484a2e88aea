"""One analyte day by day: every animal, means with intervals, the control arm at the left."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.drawings import Drawing
from hindpaw.figure import cytokine, scales, style
from hindpaw.study import Question, Study
from hindpaw.tables import Concentrations, Contrasts, Means


def draw(
    study: Study, means: pd.DataFrame, contrasts: pd.DataFrame, concentrations: pd.DataFrame
) -> dict[str, Drawing]:
    """One drawing for each question of the kind `by-day`, by its key."""
    asked = [question for question in study.questions.values() if question.kind == "by-day"]
    return {question.key: _drawing(study, question, means, contrasts, concentrations) for question in asked}


def _drawing(
    study: Study, question: Question, means: pd.DataFrame, contrasts: pd.DataFrame, concentrations: pd.DataFrame
) -> Drawing:
    """One question."""
    title = question.ask or f"{question.outcome} in {question.matrix} by day"
    animals = cytokine.numbers(question, concentrations)
    rows = contrasts[contrasts[Contrasts.question] == question.key]
    if animals.empty:
        return style.empty(study, title, f"No concentration of {question.outcome} could be read for these arms.")
    estimated = means[means[Means.question] == question.key]
    treated = animals["arm"] == question.treated
    days = sorted(set(animals.loc[treated, Concentrations.day]))
    with style.settings():
        drawn, axes = style.figure(style.WIDE_MM, 80)
        _cell(study, axes, 0, question.control, animals[~treated], estimated, cytokine.span(animals))
        for place, day in enumerate(days, 1):
            mine, own = animals[treated & (animals[Concentrations.day] == day)], estimated[estimated[Means.day] == day]
            _cell(study, axes, place, question.treated, mine, own, cytokine.span(animals))
        _adjusted(axes, rows, days, question.brackets)
        axes.set_yscale("log")
        scales.plain_log(axes.yaxis)
        _names(study, question, axes, days, animals, treated)
        axes.set_ylabel(f"{style.words(question.outcome)} in {style.words(question.matrix)} (pg/ml)")
        style.heading(study, drawn, title)
        return style.finished(drawn, pd.concat([animals, cytokine.drawn_means(estimated)], ignore_index=True))


def _cell(
    study: Study, axes: Any, place: int, arm: str, animals: pd.DataFrame, estimated: pd.DataFrame, span: float
) -> None:
    """The animals of one day, and their mean."""
    colour, marker = style.of_arm(study, arm)
    mine = animals.sort_values("pg_per_ml")
    x = place - 0.12 + scales.swarm(np.log10(mine["pg_per_ml"]), span)
    cytokine.drawn_units(axes, x, mine, colour, marker)
    own = estimated[estimated[Means.arm] == arm]
    day = "" if place == 0 else f", day {own[Means.day].iloc[0]:g}" if len(own) else ""
    cytokine.drawn_mean(axes, place, own, colour, f"mean of {study.label(arm)}{day}")


def _adjusted(axes: Any, rows: pd.DataFrame, days: list[float], with_p: bool) -> None:
    """The ratio above each day, and where the question asks for it the adjusted p."""
    for place, day in enumerate(days, 1):
        for _, row in rows[rows[Contrasts.time] == day].iterrows():
            told = f"{phrases.number(row[Contrasts.ratio], 2)} ×"
            told += f"\n{phrases.p_value(row[Contrasts.p_adjusted])}" if with_p else ""
            axes.annotate(
                told, (place, 1.0), xycoords=axes.get_xaxis_transform(), ha="center", va="bottom", fontsize=style.SMALL
            )


def _names(
    study: Study, question: Question, axes: Any, days: list[float], animals: pd.DataFrame, treated: pd.Series
) -> None:
    """The control by name, the days by number."""
    n = animals[treated].groupby(Concentrations.day)["animal"].nunique()
    names = [f"{style.words(study.label(question.control), 14, 2)}\nn = {animals.loc[~treated, 'animal'].nunique()}"]
    names += [f"day {day:g}\nn = {n[day]}" for day in days]
    axes.set_xticks(range(len(names)), names)
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.set_xlabel(f"{style.words(study.label(question.treated), 40, 1)}: days after injury")
