"""Neutralization: every animal, the mean of each cell with its interval, and the reversed fraction with both its intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.drawings import Drawing
from hindpaw.figure import named, scales, style
from hindpaw.study import Question, Study
from hindpaw.tables import Filaments, Means, Neutralization, Summaries

FRACTION = "reversed fraction"


def draw(
    study: Study, filaments: pd.DataFrame, means: pd.DataFrame, summaries: pd.DataFrame, neutralization: pd.DataFrame
) -> dict[str, Drawing]:
    """One drawing for each question of the kind `neutralization`, by its key."""
    asked = [question for question in study.questions.values() if question.kind == "neutralization"]
    forces = filaments[Filaments.force_g]
    return {question.key: _drawing(study, question, forces, means, summaries, neutralization) for question in asked}


def _drawing(
    study: Study,
    question: Question,
    forces: pd.Series,
    means: pd.DataFrame,
    summaries: pd.DataFrame,
    neutralization: pd.DataFrame,
) -> Drawing:
    """One question."""
    title = question.ask or f"What {study.label(question.antibody or '')} reverses"
    animals = summaries[summaries[Summaries.question] == question.key]
    estimated = means[means[Means.question] == question.key]
    rows = neutralization[neutralization[Neutralization.question] == question.key]
    if animals.empty or estimated.empty:
        return style.empty(study, title, "Too few animals in one of the arms.")
    cells = tuple(estimated[Means.arm])
    with style.settings():
        drawn, (left, right) = style.figure(style.FULL_MM, 85, 1, 2, width_ratios=(2, 1))
        span = scales.decades_of(forces, 10 ** animals[Summaries.log10_threshold])
        for place, (_, mean) in enumerate(estimated.iterrows()):
            _cell(study, left, place, animals[animals[Summaries.arm] == mean[Means.arm]], mean, span)
        scales.grams(left, forces, 10 ** animals[Summaries.log10_threshold], 52)
        scales.arms(study, left, cells, animals.groupby(Summaries.arm)[Summaries.animal].nunique(), 16)
        left.set_ylabel("withdrawal threshold (g)" + ("" if question.day is not None else ", time average"))
        _fractions(right, rows)
        style.heading(study, drawn, title)
        return style.finished(drawn, pd.concat([animals, rows], ignore_index=True))


def _cell(study: Study, axes: Any, place: int, mine: pd.DataFrame, mean: pd.Series, span: float) -> None:
    """One cell: its animals, open where days stood at a filament's end, and the model's mean with its interval."""
    colour, marker = style.of_arm(study, mean[Means.arm])
    mine = mine.sort_values(Summaries.log10_threshold)
    x, y = (
        place - 0.08 + scales.swarm(mine[Summaries.log10_threshold], span),
        10 ** mine[Summaries.log10_threshold].to_numpy(float),
    )
    known = (mine[Summaries.n_censored] == 0).to_numpy()
    told = np.array(named.rows(mine.assign(threshold_g=y), "threshold_g", "g"))
    full = axes.scatter(x[known], y[known], s=15, marker=marker, color=colour, zorder=3)
    hollow = axes.scatter(x[~known], y[~known], s=15, marker=marker, facecolors="white", edgecolors=colour, zorder=3)
    named.points(full, told[known])
    named.points(hollow, told[~known])
    ends = 10 ** mean[Means.lower], 10 ** mean[Means.upper]
    name = f"mean of {study.label(mean[Means.arm])}"
    whole = named.estimate("means", mean.name, name, mean[Means.geometric_mean], "g", ends)
    scales.interval(axes, place + 0.26, (ends[0], mean[Means.geometric_mean], ends[1]), colour, whole)


def _fractions(axes: Any, rows: pd.DataFrame) -> None:
    """The reversed fraction by method, or the words why there is none."""
    found = rows[(rows[Neutralization.term] == FRACTION) & rows[Neutralization.estimate].notna()]
    if found.empty:
        axes.axis("off")
        axes.text(0.5, 0.5, style.words(_missing(rows), 30, 9), ha="center", va="center", transform=axes.transAxes)
        return
    names = []
    for place, row in enumerate(found.itertuples()):
        names.append(str(row.method))
        ends = (row.lower, row.upper)
        if np.isnan(ends).any():
            axes.text(
                place, 0.02, "unbounded", rotation=90, ha="center", va="bottom", transform=axes.get_xaxis_transform()
            )
        else:
            axes.plot([place, place], ends, color="black")
        (mark,) = axes.plot(place, row.estimate, "o", color="black", markersize=5)
        name = f"reversed fraction, {row.method}"
        named.points(mark, [named.estimate("neutralization", row.Index, name, row.estimate, "of the effect", ends)])
        axes.annotate(
            f" {phrases.percent(row.estimate)}", (place + 0.08, row.estimate), va="center", fontsize=style.SMALL
        )
    for level in (0, 1):
        axes.axhline(level, color=style.QUIET, linewidth=0.7, linestyle=":")
    interaction = rows[rows[Neutralization.term] == "interaction"]
    if len(interaction):
        axes.set_title(f"interaction {phrases.p_value(interaction[Neutralization.p].iloc[0])}", fontsize=style.SMALL)
    axes.set_xticks(range(len(names)), [style.words(name, 12, 2) for name in names])
    axes.set_xlim(-0.6, len(names) - 0.2)
    axes.set_ylabel("reversed fraction of the effect")


def _missing(rows: pd.DataFrame) -> str:
    """Why there is no fraction."""
    notes = rows.loc[rows[Neutralization.term] == FRACTION, Neutralization.note].dropna()
    return str(notes.iloc[0]) if len(notes) else "The reversed fraction could not be estimated."
