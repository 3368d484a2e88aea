"""The report as one HTML page that opens from a mail attachment and asks nothing of a network."""

from __future__ import annotations

import base64
import hashlib
import html
import math
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import pandas as pd

from hindpaw import tables
from hindpaw.report.document import Document
from hindpaw.report.rows import Rows
from hindpaw.report.sections import FIRST_LINE, Figure, Grid, Terms, Text
from hindpaw.report.slim import POINTS, slim
from hindpaw.tables import SEVERITIES, Findings

# Drawn for print at 7–8 pt; on a screen they are read from further away.
ENLARGED = 1.35
PIXELS = {"pt": 4 / 3, "px": 1.0, "": 1.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
# What a data URI in a quoted attribute may not hold as it is; above all no quotation mark and no ampersand.
_QUOTED = re.compile(r"""[^\w !$'()*+,\-./:;<=>?@\[\]^`{|}~]""", re.ASCII)

# What turns the direction of the text after it could turn our numbers too, and NUL and its like are no text.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MARKS = re.compile("[\u200e\u200f\u061c]")
_POINT = re.compile(r'<circle cx="([\d.-]+)" cy="([\d.-]+)"[^>]*><title>([^<]*)</title>')


def page(document: Document, figures: Mapping[str, str]) -> str:
    """The page.

    Parameters
    ----------
    document : what the report says
    figures : SVG text by the names the document uses

    Returns
    -------
    HTML without any reference to another file. Everything from outside is escaped; the figures are
    images, so nothing in them can run; the one script and the one style sheet are named to the browser by digest.
    """
    import jinja2

    template, style, script = map(_shipped, ("page.html.jinja", "page.css", "page.js"))
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined, finalize=harmless
    )
    environment.tests |= {kind.__name__.lower(): _is(kind) for kind in (Figure, Grid, Terms)}
    findings, rows = document.findings, Linked(document)
    return environment.from_string(template).render(
        document=document,
        study=document.study,
        answers={one.key: one for one in document.answers},
        bars=_bars(document),
        findings={grave: [one for one in findings if one[Findings.severity] == grave] for grave in SEVERITIES[::-1]},
        worst=document.worries,
        pictures={name: _picture(svg) for name, svg in figures.items()},
        points={name: found for name, svg in figures.items() if (found := _points(svg))["told"]},
        spans=rows.spans,
        anchor=rows.anchor,
        sheet_of=rows.sheet,
        sheets=lambda: rows.sheets,
        policy=_policy(style, script),
        style=style,
        script=script,
    )


def _shipped(name: str) -> str:
    """A text that ships beside this module."""
    return files("hindpaw").joinpath("report", name).read_text(encoding="utf-8")


def _is(kind: type) -> Any:
    """A test for the template."""
    return lambda block: isinstance(block, kind)


def harmless(value: Any) -> Any:
    """The value with what is no visible text replaced: overrides of direction, control characters.

    >>> harmless("a\u202eb\u200f")
    'a\ufffdb'
    """
    return _MARKS.sub("", _TURNING.sub("\ufffd", value)) if type(value) is str else value


def _policy(style: str, script: str) -> str:
    """What the page may do: show its own images, use its own style sheet and run its own script."""
    own = [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in (style, script)]
    return f"default-src 'none'; img-src data:; style-src {own[0]}; script-src {own[1]}; base-uri 'none'; form-action 'none'"


class Linked(Rows):
    """The rows of the page, and the CSV behind each of its tables."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self.sheets: list[dict[str, str]] = []

    def spans(self, told: Text) -> list[str | dict[str, str]]:
        """A text as words and numbers, each number with its address and, where its row is shown, a link."""
        parts = [told] if isinstance(told, str) else told
        return [
            part if isinstance(part, str) else {"words": part.words, "address": part.address, "href": self.target(part)}
            for part in parts
        ]

    def sheet(self, grid: Grid) -> int:
        """The number of the CSV behind a table: its rows at full precision, or the words where it sums up."""
        name = re.sub(r"[^\w-]+", "_", f"{self.document.study.name}_{grid.table or grid.caption}")[:60]
        text = self._full(grid) if grid.places else _worded(grid)
        self.sheets.append({"name": f"{name}_{len(self.sheets) + 1}.csv", "text": text})
        return len(self.sheets) - 1

    def _full(self, grid: Grid) -> str:
        """The rows of the table behind a grid, with the number of each."""
        frame = self.document.tables[grid.table].loc[list(grid.places)]
        frame.insert(0, f"row of {grid.table}.csv", [place + FIRST_LINE for place in grid.places])
        return tables.as_csv(frame).decode()


def _worded(grid: Grid) -> str:
    """A grid as it is shown; its head is taken as a row like any other, so that it is made harmless too."""
    frame = pd.DataFrame([list(grid.heads), *map(list, grid.rows)], dtype="str").rename(columns=str)
    return tables.as_csv(frame).decode().split("\n", 1)[1]


def _bars(document: Document) -> dict[str, Any]:
    """Each answer's ratio and interval on one log axis, in percent of its width; where 1 is."""
    known = {one.key: one.bar for one in document.answers if one.bar and all(value > 0 for value in one.bar)}
    ends = [math.log10(value) for bar in known.values() for value in bar]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    wide = (high - low) or 1.0
    drawn = {key: [_percent(math.log10(value), low, wide) for value in bar] for key, bar in known.items()}
    return {"drawn": drawn, "one": _percent(0.0, low, wide), "told": "ratio (dotted line: 1)" if known else ""}


def _percent(value: float, low: float, wide: float) -> str:
    """A place on the axis, with a margin at both ends."""
    return f"{3 + 94 * (value - low) / wide:.1f}"


def _picture(svg: str) -> dict[str, Any]:
    """A figure as an image: so shown it can neither run nor load anything, and its ids meet no other figure's."""
    size = {side: round(float(n) * PIXELS[unit] * ENLARGED) for side, n, unit in _sides(svg)}
    uri = "data:image/svg+xml," + _QUOTED.sub(lambda found: quote(found[0]), slim(svg))
    points = bool(_points(svg)["told"])
    return {"uri": uri, "width": size.get("width"), "height": size.get("height"), "points": points}


def _sides(svg: str) -> Sequence[tuple[str, str, str]]:
    """Width and height of a drawing with their unit, wherever they stand in its first tag."""
    head = svg[svg.find("<svg") : svg.find(">", svg.find("<svg")) + 1]
    return re.findall(r"\s(width|height)=[\"']([\d.]+)(pt|px|mm|cm|in|)[\"']", head)


def _points(svg: str) -> dict[str, Any]:
    """The named points of a drawing: where each is, in points of the drawing, and its name."""
    size = {side: float(number) for side, number, _ in _sides(svg)}
    group = POINTS.search(svg)
    told = [
        [float(x), float(y), harmless(html.unescape(name))] for x, y, name in _POINT.findall(group[0] if group else "")
    ]
    return {"width": size.get("width", 0.0), "height": size.get("height", 0.0), "told": told}
