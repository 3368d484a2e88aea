"""What shifting the missing values does to the comparison over all days, and where the conclusion falls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.drawings import Drawing
from hindpaw.figure import named, style
from hindpaw.study import Question, Study
from hindpaw.tables import Tipping

SHIFTED = {
    "treated": "missing values of\n{treated}",
    "control": "missing values of\n{control}",
    "apart": "{treated} by δ,\n{control} by −δ",
}


def draw(study: Study, tipping: pd.DataFrame) -> dict[str, Drawing]:
    """One drawing for each question of which values are missing, by its key."""
    keys = list(dict.fromkeys(tipping[Tipping.question]))
    return {key: _drawing(study, study.questions[key], tipping[tipping[Tipping.question] == key]) for key in keys}


def _drawing(study: Study, question: Question, rows: pd.DataFrame) -> Drawing:
    """A panel for each way of shifting, of the question's main comparison."""
    mine = rows[(rows[Tipping.by] == "overall") & (rows[Tipping.missing] == "all")]
    own = mine[mine[Tipping.comparison] == f"{question.treated} − {question.control}"]
    mine = (
        own if len(own) else mine[mine[Tipping.comparison] == mine[Tipping.comparison].iloc[0]] if len(mine) else mine
    )
    title = question.ask or study.compared(question)
    if mine.empty:
        return style.empty(study, title, "The average over all days could not be compared.")
    ways = list(dict.fromkeys(mine[Tipping.shifted]))
    with style.settings():
        options = {"squeeze": False, "sharey": True}
        drawn, panels = style.figure(style.FULL_MM if len(ways) > 1 else style.WIDE_MM, 75, 1, len(ways), **options)
        for axes, way in zip(panels[0], ways, strict=True):
            _panel(study, question, axes, mine[mine[Tipping.shifted] == way], way)
        panels[0][0].set_ylabel("ratio of thresholds, all days")
        style.heading(study, drawn, title)
        return style.finished(drawn, mine)


def _panel(study: Study, question: Question, axes: Any, rows: pd.DataFrame, way: str) -> None:
    """The curve with its band, tipping points as lines."""
    from matplotlib.ticker import StrMethodFormatter

    colour, _ = style.of_arm(study, question.treated)
    curve = rows[rows[Tipping.row] == "curve"].sort_values(Tipping.delta)
    x = curve[Tipping.delta].to_numpy(float)
    axes.set_yscale("log")
    # Ten to the power of five lies between the ends of some; a tick at each decade is enough.
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.fill_between(x, 10 ** curve[Tipping.lower], 10 ** curve[Tipping.upper], color=colour, alpha=0.15, linewidth=0)
    (line,) = axes.plot(x, 10 ** curve[Tipping.estimate], color=colour)
    named.points(line, [_name(place, row) for place, row in curve.iterrows()])
    axes.axhline(1, color=style.QUIET, linewidth=0.7, linestyle=":")
    axes.axvline(0, color=style.QUIET, linewidth=0.7, linestyle=":")
    tips = rows[rows[Tipping.row] == "tipping point"]
    for place, tip in tips.iterrows():
        x_tip = tip[Tipping.delta]
        axes.axvline(x_tip, color="black", linewidth=0.9, linestyle="--")
        sign = "+" if tip[Tipping.delta_steps] > 0 else ""
        steps = "" if np.isnan(tip[Tipping.delta_steps]) else f"\n{sign}{phrases.fixed(tip[Tipping.delta_steps])} steps"
        told = f"{style.words(tip[Tipping.conclusion], 12, 2)}\nbeyond{steps}"
        (mark,) = axes.plot(x_tip, 10 ** tip[Tipping.estimate], "o", color="black", markersize=3)
        named.points(mark, [_name(place, tip)])
        at = {
            "xycoords": axes.get_xaxis_transform(),
            "textcoords": "offset points",
            "va": "top",
            "fontsize": style.SMALL,
        }
        # Away from the middle, where the curve without a shift stands.
        side = {"ha": "right", "xytext": (-3, 0)} if x_tip < 0 else {"ha": "left", "xytext": (3, 0)}
        axes.annotate(told, (x_tip, 0.98), **side, **at)
    labels = {"treated": style.words(study.label(question.treated), 24, 1)}
    labels["control"] = style.words(study.label(question.control), 24, 1)
    axes.set_title(SHIFTED[way].format(**labels), fontsize=style.SMALL)
    axes.set_xlabel("δ, shift of a missing value (log10 g)")


def _name(place: Any, row: pd.Series) -> str:
    """One row in words."""
    limits = (10 ** row[Tipping.lower], 10 ** row[Tipping.upper])
    who = f"δ = {phrases.number(row[Tipping.delta], 2)}"
    return named.estimate("tipping", place, who, 10 ** row[Tipping.estimate], "times", limits)
