"""Names for single points: a pointer that rests on one in the SVG, or a key in the report, tells animal and source cell.

Say `named.points(axes.scatter(...), named.rows(frame, "threshold_g", "g"))`; `style.finished` writes the names into
the SVG as invisible circles with a title each, in the order in which the points are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

from hindpaw import phrases

RADIUS_PT = 4
CENSORED = {"left": "at most ", "right": "at least ", "interval": "about "}


def points(artist: Any, told: Sequence[str]) -> Any:
    """The artist (a collection, or a line with markers) with a name for each of its points.

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
    source = f" ({row['source']})" if isinstance(row.get("source"), str) else ""
    return f"{', '.join(who)}: {bound}{phrases.number(row[value])} {unit}{source}"


def _places(artist: Any) -> np.ndarray:
    """Where the points of an artist lie, in its own coordinates: n × 2."""
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
        if np.isfinite(x) and np.isfinite(y):
            plain = "".join(sign if sign.isprintable() else " " for sign in told)
            yield f'<circle cx="{x:.2f}" cy="{height - y:.2f}" r="{RADIUS_PT}"><title>{escape(plain)}</title></circle>'
