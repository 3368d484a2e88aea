"""Influence: the time average without each animal, cage and week, with its interval."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hindpaw.drawings import Drawing
from hindpaw.figure import named, scales, style
from hindpaw.study import Question, Study
from hindpaw.tables import Influence

# More rows than this are not read; the ones that move the estimate most are drawn.
MOST = 48
KINDS = ("nothing", "animal", "cage", "week")


def draw(study: Study, influence: pd.DataFrame) -> dict[str, Drawing]:
    """One drawing for each question about thresholds, by the question's key."""
    asked = [question for question in study.questions.values() if question.about_thresholds]
    return {question.key: _drawing(study, question, influence) for question in asked}


def _drawing(study: Study, question: Question, influence: pd.DataFrame) -> Drawing:
    """One question: a panel for each comparison."""
    title = question.ask or study.compared(question)
    rows = influence[(influence[Influence.question] == question.key) & (influence[Influence.by] == "overall")]
    known = rows[rows[Influence.estimate].notna()]
    compared = list(known[Influence.comparison].unique())
    if not compared:
        return style.empty(study, title, "Nothing could be left out.")
    shown = {one: _chosen(known[known[Influence.comparison] == one]) for one in compared}
    tall = max(len(one) for one in shown.values())
    with style.settings():
        drawn, grid = style.figure(style.FULL_MM, 36 + 3.4 * tall, 1, len(compared), squeeze=False)
        for axes, comparison in zip(grid[0], compared, strict=True):
            _panel(study, axes, comparison, shown[comparison], len(known[known[Influence.comparison] == comparison]))
        _key(study, question, drawn)
        style.heading(study, drawn, title)
        return style.finished(drawn, rows)


def _key(study: Study, question: Question, drawn: Any) -> None:
    """The arms, and what an open symbol is."""
    from matplotlib.lines import Line2D

    looks = [style.of_arm(study, arm) for arm in question.arms]
    handles = [Line2D([], [], color=colour, marker=marker, linewidth=0.8, markersize=4) for colour, marker in looks]
    labels = [style.words(study.label(arm), 40, 1) for arm in question.arms]
    handles += [Line2D([], [], color="black", marker=marker, linewidth=0.8, markersize=4) for marker in ("D", "o")]
    handles[-1].set_markerfacecolor("white")
    labels += ["cage, week or all data", "p on the other side of 5 %"]
    drawn.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)


def _chosen(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows to be drawn: by kind, then by estimate."""
    whole = rows.loc[rows[Influence.kind] == "nothing", Influence.estimate].iloc[0]
    far = (rows[Influence.estimate] - whole).abs()
    kept = rows[(rows[Influence.kind] == "nothing") | (far.rank(ascending=False, method="first") < MOST)]
    order = kept[Influence.kind].map(KINDS.index)
    return kept.assign(order=order).sort_values(["order", Influence.estimate], ascending=[True, False])


def _panel(study: Study, axes: Any, comparison: str, rows: pd.DataFrame, whole: int) -> None:
    """One comparison."""
    from scipy.special import stdtrit

    heights = np.arange(len(rows)) + 0.8 * (rows["order"] != rows["order"].shift()).cumsum().to_numpy()
    half = stdtrit(rows[Influence.df].to_numpy(float), 0.975) * rows[Influence.se].to_numpy(float)
    estimates = rows[Influence.estimate].to_numpy(float)
    arm = rows[Influence.arm].fillna("").to_numpy(str)
    told = np.array(
        [
            named.estimate(
                "influence",
                row.Index,
                "all data" if row.kind == "nothing" else f"without {row.kind} {row.left_out}",
                10**middle,
                "times",
                (10 ** (middle - wide), 10 ** (middle + wide)),
            )
            for row, middle, wide in zip(rows.itertuples(), estimates, half, strict=True)
        ],
        dtype=object,
    )
    for one in dict.fromkeys(arm.tolist()):
        colour, marker = style.of_arm(study, one) if one else ("black", "D")
        axes.hlines(
            heights[arm == one], *(10 ** (estimates + s * half)[arm == one] for s in (-1, 1)), colour, linewidth=0.8
        )
        for crosses in (False, True):
            here = (arm == one) & (rows[Influence.crosses].to_numpy(bool) == crosses)
            face = "white" if crosses else colour
            seen = axes.scatter(
                10 ** estimates[here], heights[here], s=14, marker=marker, color=face, edgecolors=colour, zorder=3
            )
            named.points(seen, told[here])
    names = [
        "all data" if kind == "nothing" else style.words(f"{kind} {name}", 20, 1)
        for kind, name in zip(rows[Influence.kind], rows[Influence.left_out], strict=True)
    ]
    axes.axvline(10 ** estimates[0], color=style.QUIET, linewidth=0.7)
    axes.axvline(1, color=style.QUIET, linewidth=0.7, linestyle=":")
    axes.set_yticks(heights, names)
    axes.set_xscale("log")
    scales.plain_log(axes.xaxis)
    axes.set_ylim(heights[-1] + 1, heights[0] - 1)
    arms = " / ".join(style.words(study.label(arm), 24, 1) for arm in comparison.split(" − "))
    cut = f"\nthe {len(rows) - 1} of {whole - 1} that move it most" if len(rows) < whole else ""
    axes.set_xlabel(f"ratio of thresholds over all days, without …\n{arms}{cut}")
