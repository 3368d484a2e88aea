"""Axes that several figures share: log scales in plain numbers, arms by name, points side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hindpaw.figure import style
from hindpaw.study import Study


def plain_log(axis: Any) -> None:
    """A log axis that is labelled 0.5, 1, 2, 5, 10 and so on."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_formatter(NullFormatter())


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


def interval(axes: Any, x: float, low: float, centre: float, high: float, colour: str) -> None:
    """A mean with its interval as a bar and a stroke."""
    axes.plot([x, x], [low, high], color=colour)
    axes.plot([x - 0.08, x + 0.08], [centre, centre], color=colour, linewidth=2)
