"""Analyte against threshold: every animal, the common slope within arms, and the pooled line that mixes arms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.drawings import Drawing
from hindpaw.figure import named, scales, style
from hindpaw.study import Question, Study
from hindpaw.tables import Association, Summaries


def draw(study: Study, association: pd.DataFrame, summaries: pd.DataFrame) -> dict[str, Drawing]:
    """One drawing for each question of the kind `association`, by its key."""
    asked = [question for question in study.questions.values() if question.kind == "association"]
    return {question.key: _drawing(study, question, association, summaries) for question in asked}


def _drawing(study: Study, question: Question, association: pd.DataFrame, summaries: pd.DataFrame) -> Drawing:
    """One question."""
    title = question.ask or f"{question.analyte} and withdrawal threshold"
    rows = association[association[Association.question] == question.key].set_index(Association.arm)
    animals = summaries[summaries[Summaries.question] == question.key]
    if rows.empty or animals.empty:
        return style.empty(study, title, "Too few animals have both values.")
    within, pooled = rows.loc["within arms"], rows.loc["pooled"]
    with style.settings():
        drawn, axes = style.figure(style.WIDE_MM, 85)
        for arm in question.arms:
            _arm(study, axes, arm, animals[animals[Summaries.arm] == arm], float(within[Association.slope]))
        _pooled(axes, animals, float(pooled[Association.slope]))
        axes.set_xscale("log")
        axes.set_yscale("log")
        scales.plain_log(axes.xaxis)
        scales.plain_log(axes.yaxis)
        axes.set_xlabel(f"{style.words(str(question.analyte))} in {style.words(question.matrix)} (pg/ml)")
        axes.set_ylabel("withdrawal threshold (g)")
        axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.01, 0.5))
        axes.set_title(_told(within, pooled), fontsize=style.SMALL, loc="left")
        style.heading(study, drawn, title)
        return style.finished(drawn, animals)


def _arm(study: Study, axes: Any, arm: str, mine: pd.DataFrame, slope: float) -> None:
    """The animals of one arm, and the common slope through their mean; open where a value stands at a limit."""
    if mine.empty:
        return
    colour, marker = style.of_arm(study, arm)
    x, y = mine[Summaries.log10_pg_per_ml].to_numpy(float), mine[Summaries.log10_threshold].to_numpy(float)
    known = (mine[Summaries.n_censored] == 0).to_numpy()
    label = f"{style.words(study.label(arm), 22, 2)}\nn = {len(mine)}"
    told = np.array(named.rows(mine.assign(threshold_g=10**y), "threshold_g", "g"))
    full = axes.scatter(10 ** x[known], 10 ** y[known], s=18, marker=marker, color=colour, label=label, zorder=3)
    open_ = {"facecolors": "none", "edgecolors": colour, "zorder": 3}
    hollow = axes.scatter(10 ** x[~known], 10 ** y[~known], s=18, marker=marker, **open_)
    named.points(full, told[known])
    named.points(hollow, told[~known])
    ends = np.array([x.min(), x.max()])
    axes.plot(10**ends, 10 ** (y.mean() + slope * (ends - x.mean())), color=colour, linewidth=1)


def _pooled(axes: Any, animals: pd.DataFrame, slope: float) -> None:
    """The line through all animals without regard to arm."""
    x, y = animals[Summaries.log10_pg_per_ml].to_numpy(float), animals[Summaries.log10_threshold].to_numpy(float)
    ends = np.array([x.min(), x.max()])
    line = 10 ** (y.mean() + slope * (ends - x.mean()))
    axes.plot(10**ends, line, color=style.QUIET, linewidth=0.9, linestyle="--", label="all arms mixed", zorder=1)


def _told(within: pd.Series, pooled: pd.Series) -> str:
    """Both slopes in words."""
    low, high = within[Association.lower], within[Association.upper]
    inside = f"within arms: slope {phrases.number(within[Association.slope], 2)} ({phrases.interval(low, high, 2)})"
    mixed = f"all arms mixed: slope {phrases.number(pooled[Association.slope], 2)}, which is no evidence within arms"
    return f"{inside}, {phrases.p_value(within[Association.p])}\n{mixed}"
