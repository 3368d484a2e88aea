"""Every up-down series as it was typed: a box for each mouse and session, in which a typing error stands out.

An X is a dark stroke, an O a pale one, at the height of the filament that was applied; a series that goes up after an O
and down after an X looks like a staircase, and one that was mistyped does not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.drawings import Drawing
from hindpaw.figure import named, style
from hindpaw.study import Study
from hindpaw.tables import Animals, Filaments, Ledger, Trials

PER_PAGE = 44
ROW_MM = 4.6
INSIDE = 0.84
ODD = "#C04818"
PALE = "#8FC7E8"


def draw(
    study: Study, trials: pd.DataFrame, animals: pd.DataFrame, ledger: pd.DataFrame, filaments: pd.DataFrame
) -> dict[str, Drawing]:
    """Drawings by paw, in pages of 44 mice: `ipsilateral`, `ipsilateral_2`, …"""
    paws = [paw for paw in ("ipsilateral", "contralateral") if (trials[Trials.paw] == paw).any()]
    found = {}
    for paw in paws:
        boxes = sessions(trials[trials[Trials.paw] == paw], ledger[ledger[Ledger.paw] == paw], filaments)
        mice = _in_order(study, animals, set(boxes["animal"]))
        for page, start in enumerate(range(0, len(mice), PER_PAGE)):
            shown = mice.iloc[start : start + PER_PAGE]
            name = paw if page == 0 else f"{paw}_{page + 1}"
            found[name] = _page(study, paw, shown, boxes, len(mice), filaments)
    if not found:
        words = "No single responses were handed over, only thresholds."
        found["none"] = style.empty(study, "Series of responses", words)
    return found


def sessions(trials: pd.DataFrame, ledger: pd.DataFrame, filaments: pd.DataFrame) -> pd.DataFrame:
    """One row a series: animal, day, session, source, responses (XO…), positions (filaments, 1 the lightest), fate,
    reason; and one for each series that was set aside, without its responses."""
    place = filaments.set_index([Filaments.filaments, Filaments.force_g])[Filaments.position]
    known = dict(zip(zip(*(place.index.get_level_values(level) for level in (0, 1)), strict=True), place, strict=True))
    keys = zip(trials[Trials.filaments], trials[Trials.filament_g], strict=True)
    frame = trials.assign(position=[str(known.get(one, "?")) for one in keys]).sort_values(Trials.order, kind="stable")
    series = frame.groupby(Trials.source, sort=False).agg(
        animal=(Trials.animal, "first"),
        day=(Trials.day, "first"),
        session=(Trials.session, "first"),
        protocol=(Trials.protocol, "first"),
        responses=(Trials.response, "".join),
        positions=("position", " ".join),
    )
    series = series.reset_index().assign(fate="used", reason="")
    aside = ledger[(ledger[Ledger.table] == "trials") & ledger[Ledger.fate].isin(["quarantined", "excluded"])]
    aside = aside[aside[Ledger.animal].notna() & aside[Ledger.day].notna()]
    names = [Ledger.source, Ledger.animal, Ledger.day, Ledger.fate, Ledger.reason]
    return pd.concat([series, aside[names]], ignore_index=True)


def _in_order(study: Study, animals: pd.DataFrame, tested: set[str]) -> pd.DataFrame:
    """The animals that were tested, arm by arm in the order of the study file."""
    arms = list(study.arms)
    frame = animals[animals[Animals.animal].isin(tested)].drop_duplicates(Animals.animal)
    rank = frame[Animals.arm].map(lambda arm: arms.index(arm) if arm in arms else len(arms)).astype(int)
    return frame.assign(rank=rank).sort_values(["rank", Animals.animal]).reset_index(drop=True)


def _page(
    study: Study, paw: str, mice: pd.DataFrame, boxes: pd.DataFrame, total: int, filaments: pd.DataFrame
) -> Drawing:
    """One page of mice."""
    mine = boxes[boxes["animal"].isin(mice[Animals.animal])]
    days = sorted(set(mine["day"]))
    rows = {animal: place for place, animal in enumerate(mice[Animals.animal])}
    top = int(filaments[Filaments.position].max())
    with style.settings():
        drawn, axes = style.figure(style.FULL_MM, 34 + ROW_MM * len(mice))
        _series(axes, mine, rows, days, top)
        _aside(axes, mine, rows, days)
        _names(axes, mine, rows, days)
        _frame(study, axes, mice, days)
        told = phrases.count(total, "mouse", "mice")
        which = "" if len(mice) == total else f", {len(mice)} of them on this page"
        style.heading(study, drawn, f"Series of responses, {paw} paw: {told}{which}")
        _legend(axes, mine, filaments)
        return style.finished(drawn, mine.drop(columns="protocol"))


def _series(axes: Any, boxes: pd.DataFrame, rows: dict[str, int], days: list[float], top: int) -> None:
    """All strokes of one kind as one line with gaps, which keeps the file small."""
    marks: dict[str, list[tuple[float, float]]] = {"X": [], "O": []}
    length = 0.92 / max(6, int(boxes["responses"].dropna().str.len().max()) if boxes["responses"].notna().any() else 6)
    several: dict[tuple[str, float], int] = {}
    for box in boxes[boxes["responses"].notna()].to_dict("records"):
        seat = (box["animal"], box["day"])
        start = several.get(seat, 0)
        several[seat] = start + len(box["responses"]) + 1
        for step, (response, position) in enumerate(zip(box["responses"], box["positions"].split(), strict=True)):
            x = days.index(box["day"]) + 0.04 + length * (start + step)
            height = 0.5 if position == "?" else (int(position) - 1) / max(1, top - 1)
            y = rows[box["animal"]] + 0.5 - INSIDE * (height - 0.5)
            marks[response] += [(x, y), (x + 0.8 * length, y), (np.nan, np.nan)]
    for response, colour in (("O", PALE), ("X", "black")):
        line = np.array(marks[response]).reshape(-1, 2)
        axes.plot(line[:, 0], line[:, 1], color=colour, linewidth=1.3, solid_capstyle="butt", label=response)


def _aside(axes: Any, boxes: pd.DataFrame, rows: dict[str, int], days: list[float]) -> None:
    """A frame around each series that was set aside, a grey one where the lab excluded the animal."""
    from matplotlib.patches import Rectangle

    for fate, colour, hatch in (("excluded", style.FAINT, ""), ("quarantined", ODD, "//////")):
        for box in boxes[boxes["fate"] == fate].to_dict("records"):
            corner = (days.index(box["day"]) + 0.02, rows[box["animal"]] + 0.06)
            frame = Rectangle(corner, 0.96, 0.88, edgecolor=colour, facecolor="none", linewidth=0.8)
            frame.set_hatch(hatch)
            axes.add_patch(frame)


def _names(axes: Any, boxes: pd.DataFrame, rows: dict[str, int], days: list[float]) -> None:
    """Each series by name, at the middle of its box; several of a day side by side."""
    order = boxes.groupby(["animal", "day"]).cumcount()
    of = boxes.groupby(["animal", "day"])["animal"].transform("size")
    x = boxes["day"].map(days.index) + (order + 0.5) / of
    y = boxes["animal"].map(rows) + 0.5
    told = [
        f"{box.animal}, day {box.day:g}: {box.responses if isinstance(box.responses, str) else f'{box.fate}, {box.reason}'}"
        f"{named.cells(box.source)}"
        for box in boxes.itertuples()
    ]
    # Only their places are wanted: nothing is drawn.
    named.points(axes.scatter(x, y, visible=False), told)


def _frame(study: Study, axes: Any, mice: pd.DataFrame, days: list[float]) -> None:
    """Boxes, days above, mice at the left, arms at the right with a line between them."""
    for edge in range(len(days) + 1):
        axes.axvline(edge, color=style.FAINT, linewidth=0.4)
    for edge in range(len(mice) + 1):
        axes.axhline(edge, color=style.FAINT, linewidth=0.4)
    axes.set_xlim(0, len(days))
    axes.set_ylim(len(mice), 0)
    axes.set_xticks([place + 0.5 for place in range(len(days))], [f"day {phrases.number(day)}" for day in days])
    axes.set_yticks(
        [place + 0.5 for place in range(len(mice))], [style.words(str(one), 10, 1) for one in mice[Animals.animal]]
    )
    axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    axes.spines[:].set_visible(False)
    for _, mine in mice.groupby("rank", sort=True):
        first, last = int(mine.index.min() - mice.index.min()), int(mine.index.max() - mice.index.min())
        key = mine[Animals.arm].iloc[0]
        name = study.label(key) if key in study.arms else "no arm"
        colour = style.of_arm(study, key)[0] if key in study.arms else style.QUIET
        axes.plot(
            [len(days) + 0.06] * 2,
            [first + 0.1, last + 0.9],
            color=colour,
            linewidth=2.5,
            clip_on=False,
            solid_capstyle="butt",
        )
        told = style.words(name, 20, max(1, int((last - first + 1) * ROW_MM / 3)))
        axes.text(len(days) + 0.16, (first + last + 1) / 2, told, va="center", ha="left", fontsize=style.SMALL)


def _legend(axes: Any, boxes: pd.DataFrame, filaments: pd.DataFrame) -> None:
    """What the signs are."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [Line2D([], [], color="black", linewidth=2), Line2D([], [], color=PALE, linewidth=2)]
    labels = ["X (withdrew)", "O (did not)"]
    for fate, colour, hatch, told in (
        ("quarantined", ODD, "//////", "set aside, see the ledger"),
        ("excluded", style.FAINT, "", "animal excluded by the lab"),
    ):
        if (boxes["fate"] == fate).any():
            handles.append(Patch(facecolor="none", edgecolor=colour, hatch=hatch))
            labels.append(told)
    forces = filaments[Filaments.force_g]
    told = f"height in a box: filament, {phrases.grams(forces.min())} at its foot to {phrases.grams(forces.max())} at its top"
    axes.legend(
        handles,
        labels,
        loc="upper left",
        bbox_to_anchor=(0, -0.005),
        ncols=4,
        frameon=False,
        title=told,
        alignment="left",
        title_fontsize=style.SMALL,
    )
