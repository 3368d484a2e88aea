"""Axes that several figures share: log scales in plain numbers, filaments, the calendar, arms by name, brackets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.figure import named, style
from hindpaw.study import Study

# What a line of small type takes, with air.
LINE_MM = 2.9


def plain_log(axis: Any) -> None:
    """A log axis that is labelled 0.5, 1, 2, 5, 10 and so on."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_formatter(NullFormatter())


def decades(axis: Any) -> None:
    """A log axis of many decades, labelled 1, 10, 100 and so on."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    axis.set_major_locator(LogLocator(numticks=8))
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_formatter(NullFormatter())


def grams(axes: Any, forces: Sequence[float], values: pd.Series, height_mm: float) -> None:
    """A log y axis with the filaments as ticks, and shading beyond the lightest and the heaviest.

    Parameters
    ----------
    forces : forces of the filaments, g
    values : the thresholds drawn, g
    height_mm : about the height of the axes; labels that would touch are left out, their ticks are not
    """
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

    axes.set_yscale("log")
    known = np.unique(np.asarray(forces, dtype=float))
    low, high = float(values.min()), float(values.max())
    if not len(known):
        plain_log(axes.yaxis)
        axes.set_ylim(low / 1.5, high * 1.5)
        return
    low, high = min(low, known[0]), max(high, known[-1])
    ends = low / 1.5, high * 1.5
    axes.yaxis.set_major_locator(FixedLocator(known.tolist()))
    room = LINE_MM / height_mm * float(np.log10(ends[1] / ends[0]))
    kept = apart(np.log10(known), room)
    names = [phrases.number(force, 2) if place in kept else "" for place, force in enumerate(known)]
    axes.yaxis.set_major_formatter(FixedFormatter(names))
    axes.yaxis.set_minor_locator(NullLocator())
    for bottom, top in ((ends[0], known[0]), (known[-1], ends[1])):
        axes.axhspan(bottom, top, color=style.FAINT, alpha=0.25, linewidth=0, zorder=0)
    axes.set_ylim(*ends)


def decades_of(forces: Sequence[float], values: pd.Series) -> float:
    """How many decades an axis by `grams` covers."""
    known = [*np.asarray(forces, float), *np.asarray(values, float)]
    return float(np.log10(1.5**2 * max(known) / min(known)))


def apart(places: np.ndarray, room: float) -> set[int]:
    """Which of places in rising order keep a distance: the first, the last, and all that fit between.

    >>> sorted(apart(np.array([0.0, 0.5, 1.0, 1.1, 1.9, 2.0]), 0.5))
    [0, 1, 2, 5]
    """
    last, kept = len(places) - 1, [0]
    for place in range(1, last):
        if places[place] - places[kept[-1]] >= room and places[last] - places[place] >= room:
            kept.append(place)
    return {*kept, last}


def calendar(study: Study, axes: Any) -> None:
    """Marks of injury and treatment above the axes."""
    across = axes.get_xaxis_transform()
    same = study.days.treatment == 0
    marks = [(0.0, "injury and treatment")] if same else [(0.0, "injury"), (study.days.treatment, "treatment")]
    for day, told in marks:
        axes.axvline(day, color=style.QUIET, linewidth=0.6, linestyle=":", zorder=0)
        arrow = {"arrowstyle": "-|>", "color": style.QUIET, "linewidth": 0.7, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", xy=(day, 1.0), xytext=(day, 1.07), xycoords=across, textcoords=across, arrowprops=arrow)
        side = {"ha": "right", "x": day - 0.4} if told == "injury" else {"ha": "left", "x": day + 0.4}
        text = {"transform": across, "va": "bottom", "color": style.QUIET, "fontsize": style.SMALL}
        axes.text(s=told, y=1.015, **side, **text)


def brackets(axes: Any, spans: Sequence[tuple[float, float, str]], width_mm: float, foot: float = 1.1) -> None:
    """Words over brackets above the axes; a bracket that would touch another stands one step higher.

    Parameters
    ----------
    spans : from, to (on the x axis) and the words
    width_mm : about the width of the axes
    foot : height of the lowest, as a share of the axes
    """
    low, high = axes.get_xlim()
    letter = (high - low) * 1.35 / width_mm
    across, rows = axes.get_xaxis_transform(), list[float]()
    for start, end, told in sorted(spans):
        middle, half = (start + end) / 2, max((end - start) / 2, len(told) * letter / 2)
        level = next((place for place, until in enumerate(rows) if until < middle - half), len(rows))
        rows[level : level + 1] = [middle + half]
        y = foot + 0.085 * level
        drawn = {"color": "black", "linewidth": 0.7, "transform": across, "clip_on": False}
        axes.plot([start, start, end, end], [y - 0.012, y, y, y - 0.012], **drawn)
        text = {"ha": "center", "va": "bottom", "fontsize": style.SMALL, "transform": across}
        axes.text(middle, y + 0.004, told, **text)


def arms(study: Study, axes: Any, keys: tuple[str, ...], n: pd.Series, width: int = 18) -> None:
    """The arms by name with their numbers of animals, along the x axis."""
    names = [f"{style.words(study.label(arm), width, 3)}\nn = {int(n.get(arm, 0))}" for arm in keys]
    axes.set_xticks(range(len(names)), names)
    axes.set_xlim(-0.6, len(names) - 0.4)


def beside(count: int, step: float = 0.07) -> np.ndarray:
    """Offsets that put points side by side about 0.

    >>> beside(3).tolist()
    [-0.07, 0.0, 0.07]
    """
    return step * (np.arange(count) - (count - 1) / 2)


def swarm(values: Sequence[float], span: float, step: float = 0.07) -> np.ndarray:
    """Offsets that put each value as close to 0 as others of nearly the same height allow.

    Parameters
    ----------
    values : n heights, on the scale of the axis
    span : how far the axis reaches
    step : the least distance of neighbours, in arms

    >>> swarm([1.0, 5.0, 1.0, 1.0], 10.0).round(2).tolist()
    [0.0, 0.0, 0.07, -0.07]
    """
    heights = np.asarray(values, float)
    seats = step * np.array([0, *(side * n for n in range(1, len(heights) + 1) for side in (1, -1))])
    places: list[float] = []
    for place, height in enumerate(heights):
        # A symbol takes 3 to 4 % of an axis of 50 to 55 mm.
        beside_it = [places[other] for other in range(place) if abs(heights[other] - height) < 0.035 * span]
        places.append(next(float(seat) for seat in seats if all(abs(seat - one) > step / 2 for one in beside_it)))
    return np.array(places)


def interval(axes: Any, x: float, numbers: tuple[float, float, float], colour: str, told: str) -> None:
    """A mean with its interval as a bar and a stroke.

    Parameters
    ----------
    numbers : lower limit, mean, upper limit
    told : its name
    """
    low, centre, high = numbers
    axes.plot([x, x], [low, high], color=colour)
    (mark,) = axes.plot(x, centre, "_", color=colour, markersize=9, markeredgewidth=2)
    named.points(mark, [told])


def shifts(days: Sequence[float], arms_drawn: int) -> np.ndarray:
    """How far each arm is moved along the days, so that the arms of a day stand side by side and days stay apart.

    >>> shifts([1.0, 3.0, 10.0], 2).round(3).tolist()
    [-0.175, 0.175]
    """
    gaps = np.diff(np.unique(np.asarray(days, dtype=float)))
    step = min(0.35, 0.6 * float(gaps.min()) / arms_drawn) if len(gaps) else 0.35
    return beside(arms_drawn, step)
