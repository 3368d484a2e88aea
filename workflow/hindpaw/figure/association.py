"""Analyte against threshold: every animal, the common slope within arms, and the pooled line that mixes arms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.drawings import Drawing
from hindpaw.figure import named, scales, style
from hindpaw.study import Question, Study
from hindpaw.tables import Association, Filaments, Summaries


def draw(
    study: Study, filaments: pd.DataFrame, association: pd.DataFrame, summaries: pd.DataFrame
) -> dict[str, Drawing]:
    """One drawing for each question of the kind `association`, by its key."""
    asked = [question for question in study.questions.values() if question.kind == "association"]
    return {
        question.key: _drawing(study, question, filaments[Filaments.force_g], association, summaries)
        for question in asked
    }


def _drawing(
    study: Study, question: Question, forces: pd.Series, association: pd.DataFrame, summaries: pd.DataFrame
) -> Drawing:
    """One question."""
    title = question.ask or f"{question.analyte} and withdrawal threshold"
    rows = association[association[Association.question] == question.key]
    animals = summaries[summaries[Summaries.question] == question.key]
    if rows.empty or animals.empty:
        return style.empty(study, title, "Too few animals have both values.")
    within, pooled = (rows[rows[Association.arm] == arm].iloc[0] for arm in ("within arms", "pooled"))
    with style.settings():
        drawn, axes = style.figure(style.WIDE_MM, 85)
        for arm in question.arms:
            _arm(study, axes, arm, animals[animals[Summaries.arm] == arm], within)
        _pooled(axes, animals, pooled)
        axes.set_xscale("log")
        scales.plain_log(axes.xaxis)
        scales.grams(axes, forces, 10 ** animals[Summaries.log10_threshold], 50)
        axes.set_xlabel(f"{style.words(str(question.analyte))} in {style.words(question.matrix)} (pg/ml)")
        axes.set_ylabel("withdrawal threshold (g)")
        axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.01, 0.5))
        axes.set_title(_told(within, pooled), fontsize=style.SMALL, loc="left")
        style.heading(study, drawn, title)
        return style.finished(drawn, animals)


def _arm(study: Study, axes: Any, arm: str, mine: pd.DataFrame, within: pd.Series) -> None:
    """The animals of one arm, and the common slope through their mean; open where a value stands at a limit."""
    if mine.empty:
        return
    colour, marker = style.of_arm(study, arm)
    x, y = mine[Summaries.log10_pg_per_ml].to_numpy(float), mine[Summaries.log10_threshold].to_numpy(float)
    known = (mine[Summaries.n_censored] == 0).to_numpy()
    label = f"{style.words(study.label(arm), 22, 2)}\nn = {len(mine)}"
    told = np.array(
        [
            f"{row.animal}: {phrases.number(10**row.log10_pg_per_ml)} pg/ml, {phrases.grams(10**row.log10_threshold, 3)}"
            f"{named.cells(row.source)}"
            for row in mine.itertuples()
        ]
    )
    full = axes.scatter(10 ** x[known], 10 ** y[known], s=18, marker=marker, color=colour, label=label, zorder=3)
    open_ = {"facecolors": "none", "edgecolors": colour, "zorder": 3}
    hollow = axes.scatter(10 ** x[~known], 10 ** y[~known], s=18, marker=marker, **open_)
    named.points(full, told[known])
    named.points(hollow, told[~known])
    ends = np.array([x.min(), x.max()])
    line = 10 ** (y.mean() + within[Association.slope] * (ends - x.mean()))
    (drawn,) = axes.plot(10**ends, line, color=colour, linewidth=1)
    named.points(drawn, [_sloped(f"{study.label(arm)}, common slope", within)] * 2)


def _pooled(axes: Any, animals: pd.DataFrame, pooled: pd.Series) -> None:
    """The line through all animals without regard to arm."""
    x, y = animals[Summaries.log10_pg_per_ml].to_numpy(float), animals[Summaries.log10_threshold].to_numpy(float)
    ends = np.array([x.min(), x.max()])
    line = 10 ** (y.mean() + pooled[Association.slope] * (ends - x.mean()))
    dashed = {"color": style.QUIET, "linewidth": 0.9, "linestyle": "--", "zorder": 1}
    (drawn,) = axes.plot(10**ends, line, label="all arms mixed", **dashed)
    named.points(drawn, [_sloped("all arms mixed, slope", pooled)] * 2)


def _sloped(who: str, row: pd.Series) -> str:
    """A slope in words, and the row it stands in."""
    limits = (row[Association.lower], row[Association.upper])
    unit = "log10 g for each log10 pg/ml"
    return named.estimate("association", row.name, who, row[Association.slope], unit, limits)


def _told(within: pd.Series, pooled: pd.Series) -> str:
    """Both slopes in words."""
    low, high = within[Association.lower], within[Association.upper]
    inside = f"within arms: slope {phrases.number(within[Association.slope], 2)} ({phrases.interval(low, high, 2)})"
    mixed = f"all arms mixed: slope {phrases.number(pooled[Association.slope], 2)}, which is no evidence within arms"
    return f"{inside}, {phrases.p_value(within[Association.p])}\n{mixed}"
