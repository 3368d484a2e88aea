"""The report as one HTML page that opens from a mail attachment and asks nothing of a network."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from hindpaw.report.document import Document, heading
from hindpaw.report.sections import Figure, Grid, Terms, plain
from hindpaw.tables import SEVERITIES, Findings

# Drawn for print at 7–8 pt; on a screen they are read from further away.
ENLARGED = 1.35
PIXELS = {"pt": 4 / 3, "px": 1.0, "": 1.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}

# What turns the direction of the text after it could turn our numbers too, and NUL and its like are no text.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MARKS = re.compile("[\u200e\u200f\u061c]")
_SIZE = re.compile(r"<svg\b[^>]*?\swidth=[\"']([\d.]+)(pt|px|mm|cm|in|)[\"']")


def page(document: Document, figures: Mapping[str, str]) -> str:
    """The page.

    Parameters
    ----------
    document : what the report says
    figures : SVG text by the names the document uses

    Returns
    -------
    HTML without any reference to another file. Everything from outside is escaped; the figures are
    images, so nothing in them can run.
    """
    import jinja2

    template = files("hindpaw").joinpath("report", "page.html.jinja").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined, finalize=harmless
    )
    environment.tests |= {kind.__name__.lower(): _is(kind) for kind in (Figure, Grid, Terms)}
    environment.filters["plain"] = plain
    findings = document.findings
    return environment.from_string(template).render(
        document=document,
        study=document.study,
        heading=lambda key: heading(document.study, key),
        findings={grave: [one for one in findings if one[Findings.severity] == grave] for grave in SEVERITIES[::-1]},
        worst=findings[:3],
        pictures={name: _picture(svg) for name, svg in figures.items()},
    )


def _is(kind: type) -> Any:
    """A test for the template."""
    return lambda block: isinstance(block, kind)


def harmless(value: Any) -> Any:
    """The value with what is no visible text replaced: overrides of direction, control characters.

    >>> harmless("a\u202eb\u200f")
    'a\ufffdb'
    """
    return _MARKS.sub("", _TURNING.sub("\ufffd", value)) if type(value) is str else value


def _picture(svg: str) -> dict[str, Any]:
    """A figure as an image: so shown it can neither run nor load anything, and its ids meet no other figure's."""
    size = _SIZE.search(svg)
    width = round(float(size[1]) * PIXELS[size[2]] * ENLARGED) if size else None
    return {"uri": "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode(), "width": width}
