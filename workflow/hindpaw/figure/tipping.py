"""What shifting the missing values does to the comparison over all days, and where the conclusion falls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hindpaw.drawings import Drawing
from hindpaw.figure import style
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
    axes.plot(x, 10 ** curve[Tipping.estimate], color=colour)
    axes.axhline(1, color=style.QUIET, linewidth=0.7, linestyle=":")
    axes.axvline(0, color=style.QUIET, linewidth=0.7, linestyle=":")
    tips = rows[rows[Tipping.row] == "tipping point"]
    for tip in tips.to_dict("records"):
        axes.axvline(tip[Tipping.delta], color="black", linewidth=0.9, linestyle="--")
        steps = (
            "" if np.isnan(tip[Tipping.delta_steps]) else f"\n{tip[Tipping.delta_steps]:+.1f} steps".replace("-", "−")
        )
        told = f"{tip[Tipping.conclusion]} beyond{steps}"
        at = {
            "xycoords": axes.get_xaxis_transform(),
            "textcoords": "offset points",
            "va": "top",
            "fontsize": style.SMALL,
        }
        axes.annotate(told, (tip[Tipping.delta], 0.98), (2, 0), ha="left", **at)
    labels = {"treated": style.words(study.label(question.treated), 24, 1)}
    labels["control"] = style.words(study.label(question.control), 24, 1)
    axes.set_title(SHIFTED[way].format(**labels), fontsize=style.SMALL)
    axes.set_xlabel("δ, shift of a missing value (log10 g)")
