"""What became of the animals: a lane for each arm, from allocation over the test days to what was analysed."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.drawings import Drawing
from hindpaw.figure import named, style
from hindpaw.study import Study
from hindpaw.tables import Flow

LANE_MM, LINE_MM = 9.0, 3.1
# What is told of a lane at its right: so wide, and so many lines.
ROOM, LINES = 32, 5
# What is told of a test day below its number, and the sign it is told by.
SIGNS = {"censored": "○", "set_aside": "!", "missing": "?"}
WORDS = {"censored": "at a limit of the filaments", "set_aside": "set aside, see the ledger", "missing": "not tested"}


def draw(study: Study, flow: pd.DataFrame) -> dict[str, Drawing]:
    """One drawing for each paw that was tested and that a question is about; `animals` where none was."""
    asked = {question.paw for question in study.questions.values()} or {"ipsilateral", "contralateral"}
    paws = [paw for paw in sorted(asked, reverse=True) if (flow[Flow.paw] == paw).any()]
    if not paws:
        return {"animals": _drawing(study, flow, None)}
    return {paw: _drawing(study, flow, paw) for paw in paws}


def _drawing(study: Study, flow: pd.DataFrame, paw: str | None) -> Drawing:
    """The lanes of one paw."""
    title = "What became of the animals" + (f", {paw} paw" if paw else "")
    rows = flow[flow[Flow.paw].isna() | (flow[Flow.paw] == paw)]
    allocated = rows[rows[Flow.stage] == "allocated"]
    if allocated.empty:
        return style.empty(study, title, "The allocation list names no animal.")
    lanes = _lanes(study, allocated)
    days = sorted(set(rows.loc[rows[Flow.stage] == "tested", Flow.day]))
    with style.settings():
        tall = max(LANE_MM, LINE_MM * max(_beside(_of(rows, arm)).count("\n") + 1 for arm in lanes))
        drawn, axes = style.figure(style.FULL_MM, 30 + tall * len(lanes))
        most = float(allocated[Flow.n].max())
        for place, arm in enumerate(lanes):
            _lane(study, axes, place, arm, _of(rows, arm), days, most)
        _frame(study, axes, lanes, days, rows)
        style.heading(study, drawn, title)
        return style.finished(drawn, rows)


def _of(rows: pd.DataFrame, arm: str | None) -> pd.DataFrame:
    """The rows of a lane."""
    return rows[rows[Flow.arm].isna() if arm is None else rows[Flow.arm] == arm]


def _lanes(study: Study, allocated: pd.DataFrame) -> list[str | None]:
    """The arms in the order of the study file; last the animals in no arm."""
    found = set(allocated[Flow.arm].dropna())
    none: list[str | None] = [None] if allocated[Flow.arm].isna().any() else []
    return [*(arm for arm in study.arms if arm in found), *none]


def nodes(rows: pd.DataFrame, days: list[float]) -> list[tuple[float, int]]:
    """The numbers along a lane: allocated (at 0), kept (at 1), then tested on each day (at 2, 3, …)."""
    total = int(rows.loc[rows[Flow.stage] == "allocated", Flow.n].sum())
    out = int(rows.loc[rows[Flow.stage] == "excluded", Flow.n].sum())
    tested = rows[rows[Flow.stage] == "tested"].set_index(Flow.day)[Flow.n]
    return [
        (0.0, total),
        (1.0, total - out),
        *((2.0 + place, int(tested[day])) for place, day in enumerate(days) if day in tested.index),
    ]


def _lane(
    study: Study, axes: Any, place: int, arm: str | None, rows: pd.DataFrame, days: list[float], most: float
) -> None:
    """A ribbon as thick as there are animals, its numbers, and the signs below them."""
    from matplotlib.collections import PolyCollection

    colour = style.of_arm(study, arm)[0] if arm else style.QUIET
    found = nodes(rows, days)
    boxes = []
    for (x, n), (following, m) in pairwise(found):
        halfway = (x + following) / 2
        for at, until, count in ((x, halfway, n), (halfway, following, m)):
            half = 0.3 * count / most
            boxes.append([(at, place - half), (until, place - half), (until, place + half), (at, place + half)])
    axes.add_collection(PolyCollection(boxes, facecolors=colour, alpha=0.3, linewidths=0))
    x, n = np.array(found).T
    boxes_at = {"s": 105, "marker": "s", "facecolors": "white", "edgecolors": colour, "linewidths": 0.7, "zorder": 3}
    seen = axes.scatter(x, np.full(len(x), place), **boxes_at)
    named.points(seen, told_of(study.label(arm) if arm else "in no arm", rows, days))
    for at, count in found:
        axes.text(at, place, str(count), ha="center", va="center", fontsize=style.SMALL, zorder=4)
    for number, day in enumerate(days):
        told = signs(rows, day)
        if told:
            axes.text(2.0 + number, place + 0.36, told, ha="center", va="center", fontsize=style.SMALL)


def told_of(label: str, rows: pd.DataFrame, days: list[float]) -> list[str]:
    """A name for each node of a lane, with the row of `flow` it stands in."""
    stage = rows[Flow.stage]
    places = {row.day: row.Index for row in rows[stage == "tested"].itertuples()}
    first = int(rows.index[stage == "allocated"][0])
    out = list(rows.index[stage == "excluded"])
    seats = [
        ("allocated", first),
        ("kept", first),
        *((f"tested on day {day:g}", places[day]) for day in days if day in places),
    ]
    told = [
        f"{label}, {what}: {phrases.count(n, 'animal')}"
        for (what, _), (_, n) in zip(seats, nodes(rows, days), strict=True)
    ]
    behind = [phrases.row_of("flow", int(place)) for _, place in seats]
    behind[1] += f", less {phrases.row_of('flow', int(out[0]))}" if out else ""
    return [f"{one} ({where})" for one, where in zip(told, behind, strict=True)]


def signs(rows: pd.DataFrame, day: float) -> str:
    """What else there is to say of a test day: ○ at a limit, ! set aside, ? missing, each with its number."""
    here = rows[rows[Flow.day] == day].groupby(Flow.stage)[Flow.n].sum()
    return " ".join(f"{sign}{int(here[stage])}" for stage, sign in SIGNS.items() if here.get(stage, 0))


def _frame(study: Study, axes: Any, lanes: list[str | None], days: list[float], rows: pd.DataFrame) -> None:
    """Stages above, arms at the left, what happened at the right."""
    names = ["allo-\ncated", "kept", *(f"day\n{phrases.number(day)}" for day in days)]
    axes.set_xticks(range(len(names)), names)
    axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    axes.set_yticks(range(len(lanes)), [style.words(study.label(arm) if arm else "in no arm", 22, 2) for arm in lanes])
    axes.set_xlim(-0.5, len(names) - 0.4)
    axes.set_ylim(len(lanes) - 0.4, -0.6)
    axes.spines[:].set_visible(False)
    for place, arm in enumerate(lanes):
        told = _beside(_of(rows, arm))
        if told:
            axes.text(len(names) - 0.4, place, told, va="center", ha="left", fontsize=style.SMALL)
    present = [stage for stage in SIGNS if (rows[Flow.stage] == stage).any()]
    told = "; ".join(f"{SIGNS[stage]} {WORDS[stage]}" for stage in present)
    axes.set_xlabel("in the boxes: animals" + (f"; below them: {told}" if told else ""), labelpad=4)


def _beside(rows: pd.DataFrame) -> str:
    """What is told of a lane at its right, as it can be drawn."""
    told = losses(rows)
    return style.words(told, ROOM, LINES) if told else ""


def losses(rows: pd.DataFrame) -> str:
    """Who was excluded or left, with the reason."""
    told = []
    for stage in ("excluded", "left"):
        for reason, mine in rows[rows[Flow.stage] == stage].groupby(Flow.reason, sort=False, dropna=False):
            days = mine[mine[Flow.day].notna()]
            several = [f"{row.day:g} ({row.n})" if len(days) > 1 else f"{row.day:g}" for row in days.itertuples()]
            after = f" after day{'s' if len(days) > 1 else ''} {', '.join(several)}" if several else ""
            told.append(f"{mine[Flow.n].sum()} {stage}{after}: {reason}")
    return "; ".join(told)
