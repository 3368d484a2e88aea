"""Names for single points: a pointer that rests on one in the SVG, or a key in the report, tells whose it is and where
it stands: an animal with its source cell, an estimate with the row of its table.

Say `named.points(axes.scatter(...), named.rows(frame, "threshold_g", "g"))`; `style.finished` writes the names into
the SVG as invisible circles with a title each, in the order in which the points are drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

from hindpaw import phrases

RADIUS_PT = 4
CENSORED = {"left": "at most ", "right": "at least ", "interval": "about "}
# More cells than this are not read; the CSV beside the figure names all of them.
CELLS = 3


def points(artist: Any, told: Sequence[str] | np.ndarray) -> Any:
    """The artist (a collection, a line with markers, or an image, cell by cell) with a name for each of its points.

    Raises
    ------
    ValueError
        If the names are not as many as the points.
    """
    places = _places(artist)
    if len(places) != len(told):
        raise ValueError(f"{len(told)} names for {len(places)} points")
    artist.named_points = list(told)
    return artist


def rows(frame: pd.DataFrame, value: str, unit: str) -> list[str]:
    """A name for each row of a figure's numbers, from its columns animal, day, censored and source where it has them.

    >>> rows(pd.DataFrame({"animal": ["M1"], "day": [7.0], "g": [0.069], "source": ["a.xlsx!d7!C2"]}), "g", "g")
    ['M1, day 7: 0.069 g (a.xlsx!d7!C2)']
    """
    return [_name(row, value, unit) for row in frame.to_dict("records")]


def _name(row: dict[Any, Any], value: str, unit: str) -> str:
    """One point in words."""
    who = [str(row["animal"])] if isinstance(row.get("animal"), str) else []
    who += [f"day {row['day']:g}"] if "day" in row and not pd.isna(row["day"]) else []
    bound = CENSORED.get(row.get("censored", ""), "")
    return f"{', '.join(who)}: {bound}{phrases.number(row[value])} {unit}{cells(row.get('source'))}"


def cells(source: object) -> str:
    """The cells of a value in brackets; of many the first, and how many more.

    >>> cells("a!b!C2; a!b!D2"), cells("a!b!C2; a!b!D2; a!b!E2; a!b!F2"), cells(None)
    (' (a!b!C2; a!b!D2)', ' (a!b!C2 and 3 more cells)', '')
    """
    if not isinstance(source, str) or not source:
        return ""
    found = source.split("; ")
    return f" ({source})" if len(found) <= CELLS else f" ({found[0]} and {len(found) - 1} more cells)"


def estimate(
    table: str, place: Any, who: str, value: float, unit: str, limits: Sequence[float] = (), level: int = 95
) -> str:
    """A mean, a ratio or another estimate in words, with its interval, and the row it stands in.

    Parameters
    ----------
    table : name of the table
    place : the row's index in it, as it was read
    limits : lower and upper; without, or where neither is known, no interval is told

    >>> estimate("means", 5, "vehicle, day 5", 0.107, "g", (0.08, 0.14))
    'vehicle, day 5: 0.107 g (95 % CI 0.08 to 0.14; means.csv row 7)'
    """
    known = [limit for limit in limits if not math.isnan(limit)]
    told = [phrases.interval(limits[0], limits[1]).replace("95", str(level), 1)] if len(known) == 2 else []
    if len(known) == 1:
        told = [f"{'at least' if math.isnan(limits[1]) else 'at most'} {phrases.number(known[0])}"]
    return f"{who}: {phrases.number(value)} {unit} ({'; '.join([*told, phrases.row_of(table, int(place))])})"


def _places(artist: Any) -> np.ndarray:
    """Where the points of an artist lie, in its own coordinates: n × 2; the cells of an image row by row."""
    if hasattr(artist, "get_extent"):
        down, across = np.indices(artist.get_array().shape)
        return np.stack([across.ravel(), down.ravel()], axis=1).astype(float)
    found = artist.get_offsets() if hasattr(artist, "get_offsets") else artist.get_xydata()
    return np.ma.filled(np.ma.asarray(found, float), np.nan).reshape(-1, 2)


def in_svg(drawn: Any, svg: bytes) -> bytes:
    """The SVG of a figure with the names of its points; unchanged where none has one."""
    circles = [circle for artist in drawn.findobj(_is_named) for circle in _circles(drawn, artist)]
    if not circles:
        return svg
    group = "\n".join(['<g id="points" fill="none" stroke="none" pointer-events="all">', *circles, "</g>"])
    head, end, tail = svg.rpartition(b"</svg>")
    return head + group.encode() + b"\n" + end + tail


def _is_named(artist: Any) -> bool:
    """Whether the points of an artist have names."""
    return hasattr(artist, "named_points")


def _circles(drawn: Any, artist: Any) -> Iterator[str]:
    """A circle with a title for each point that is drawn; SVG counts from above, in points."""
    scatter = hasattr(artist, "get_offset_transform")
    transform = artist.get_offset_transform() if scatter else artist.get_transform()
    pixels = transform.transform(_places(artist)) * 72 / drawn.dpi
    height = drawn.get_figheight() * 72
    for (x, y), told in zip(pixels, artist.named_points, strict=True):
        if told and np.isfinite(x) and np.isfinite(y):
            plain = "".join(sign if sign.isprintable() else " " for sign in told)
            yield f'<circle cx="{x:.2f}" cy="{height - y:.2f}" r="{RADIUS_PT}"><title>{escape(plain)}</title></circle>'
