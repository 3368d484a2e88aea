"""Counts of cells by day and distance: each animal's mean count, and the model's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.drawings import Drawing
from hindpaw.figure import named, scales, style
from hindpaw.study import Question, Study
from hindpaw.tables import Animals, Counts, Rates

TERMS = {"for each 100 µm": "distance", "for each week": "week"}


def draw(study: Study, counts: pd.DataFrame, animals: pd.DataFrame, rates: pd.DataFrame) -> dict[str, Drawing]:
    """One drawing for each question of the kind `counts`, by its key."""
    asked = [question for question in study.questions.values() if question.kind == "counts"]
    return {question.key: _drawing(study, question, counts, animals, rates) for question in asked}


def numbers(question: Question, counts: pd.DataFrame, animals: pd.DataFrame) -> pd.DataFrame:
    """The mean count of each animal × day × distance."""
    arms = animals.set_index(Animals.animal)[Animals.arm]
    mine = counts[counts[Counts.target] == question.outcome]
    mine = mine.assign(arm=mine[Counts.animal].map(arms), distance_um=mine[Counts.distance_um].fillna(0.0))
    mine = mine[mine["arm"].isin(question.arms)]
    by = [Counts.animal, "arm", Counts.day, Counts.distance_um]
    found = mine.groupby(by).agg(
        mean_count=(Counts.count, "mean"), n_counts=(Counts.count, "size"), source=(Counts.source, "; ".join)
    )
    return found.reset_index()


def _drawing(
    study: Study, question: Question, counts: pd.DataFrame, animals: pd.DataFrame, rates: pd.DataFrame
) -> Drawing:
    """One question: a line for each distance over days."""
    title = question.ask or f"{question.outcome} by distance and day"
    frame = numbers(question, counts, animals)
    rows = rates[rates[Rates.question] == question.key]
    if frame.empty:
        return style.empty(study, title, f"No count of {question.outcome} for these arms.")
    distances = sorted(set(frame[Counts.distance_um]))
    with style.settings():
        drawn, axes = style.figure(style.WIDE_MM, 85)
        groups = [(arm, distance) for arm in question.arms for distance in distances]
        for (arm, distance), shift in zip(groups, scales.beside(len(groups), 1.2), strict=True):
            mine = frame[(frame[Counts.distance_um] == distance) & (frame["arm"] == arm)]
            filled = 1 - distances.index(distance) / max(1, len(distances) - 1)
            _distance(study, axes, mine, (arm, distance, filled), float(shift), rows, question)
        axes.set_xticks(sorted(set(frame[Counts.day])))
        axes.set_ylim(bottom=0)
        axes.set_xlabel("day after injury")
        axes.set_ylabel(f"{style.words(question.outcome)}: mean count a section")
        drawn.legend(loc="outside lower center", frameon=False, ncols=2)
        axes.set_title(_told(rows), fontsize=style.SMALL, loc="left")
        style.heading(study, drawn, title)
        return style.finished(drawn, frame)


def _distance(
    study: Study,
    axes: Any,
    mine: pd.DataFrame,
    group: tuple[str, float, float],
    shift: float,
    rows: pd.DataFrame,
    question: Question,
) -> None:
    """The animals of one arm at one distance, the fuller the nearer, and the model's expectation."""
    from matplotlib.colors import to_rgb

    arm, distance, filled = group
    colour, marker = style.of_arm(study, arm)
    face = tuple(1 - filled * (1 - part) for part in to_rgb(colour))
    name = f"{style.words(study.label(arm), 24, 1)}, " if len(question.arms) > 1 else ""
    label = f"{name}{distance:g} µm from the border, {phrases.count(mine[Counts.animal].nunique(), 'animal')}"
    shown = {"s": 18, "facecolors": [face], "edgecolors": colour, "marker": marker, "label": label}
    seen = axes.scatter(mine[Counts.day] + shift, mine["mean_count"], **shown)
    named.points(seen, named.rows(mine, "mean_count", "cells a section"))
    ratio = rows.set_index(Rates.term)[Rates.rate_ratio]
    # With two arms the model has a term that this line leaves out.
    if len(question.arms) > 1 or ratio.empty:
        return
    days = np.linspace(mine[Counts.day].min(), mine[Counts.day].max(), 50)
    first = float(ratio[next(term for term in ratio.index if term.startswith("mean count"))])
    expected = first * float(ratio.get("for each 100 µm", 1.0)) ** (distance / 100)
    expected = expected * float(ratio.get("for each week", 1.0)) ** ((days - days[0]) / 7)
    axes.plot(days + shift, expected, color=colour, linewidth=1, linestyle="-" if filled == 1 else (0, (4, 2)))


def _told(rows: pd.DataFrame) -> str:
    """The rate ratios in words."""
    known = rows[rows[Rates.p].notna()]
    told = [
        f"{row.term}: {phrases.number(row.rate_ratio, 2)} × ({phrases.interval(row.lower, row.upper, 2)}), {phrases.p_value(row.p)}"
        for row in known.itertuples()
    ]
    return "\n".join(told) if told else "no model could be fitted"
