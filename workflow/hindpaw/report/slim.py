"""A drawing made small enough to travel in a page with seventy others; the file beside the page stays as it was drawn."""

from __future__ import annotations

import re
from functools import lru_cache

# The invisible names of points, which the page shows by its own means.
_POINTS = re.compile(r'<g id="points".*?</g>', re.S)
# What a browser that shows an image passes over.
_UNSEEN = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", re.S)
_PLACES = re.compile(r'(\s(?:d|x|y))="([^"]*)"')
_DECIMALS = re.compile(r"-?\d+\.\d+")
_LETTER = re.compile(r'<use xlink:href="#([\w.-]+)" transform="translate\((-?[\d.]+)(?: 0)?\)"/>')
# Marks one after another that look alike.
_ALIKE = re.compile(r'<use [^<>]*? style="([^"]*)"/>(?:<use [^<>]*? style="\1"/>)+')
_ID = re.compile(r' id="([^"]*)"')


@lru_cache(maxsize=256)
def slim(svg: str) -> str:
    """The same picture in fewer letters: places to a tenth of a point, no word that nothing refers to, no names of points.

    >>> slim('<svg><!-- a --><g id="g_1"><path id="p" d="M 1.26 2.04 L 3 4"/></g><use xlink:href="#p"/></svg>')
    "<svg><g><path id='p' d='M1.3 2L3 4'/></g><use href='#p'/></svg>"
    """
    text = _PLACES.sub(_placed, _UNSEEN.sub("", _POINTS.sub("", svg)))
    text = _LETTER.sub(lambda found: f'<use xlink:href="#{found[1]}" x="{_tenth(found[2])}"/>', text)
    used = set(re.findall(r"#([\w.-]+)", text))
    text = _ID.sub(lambda found: found[0] if found[1] in used else "", text)
    text = re.sub(r"\s+", " ", text).replace("> <", "><").replace("xlink:href", "href").strip()
    text = re.sub(r"(?<=[\"#])DejaVuSans-", "f", text)
    text = _ALIKE.sub(_together, text.replace("<g/>", ""))
    return text if "'" in text else text.replace('"', "'")


def _together(found: re.Match[str]) -> str:
    """Marks that look alike in a group that says so once; the opacity of a whole group would be another picture.

    >>> _together(_ALIKE.match('<use x="1" style="fill: red"/><use x="2" style="fill: red"/>'))
    '<g style="fill: red"><use x="1"/><use x="2"/></g>'
    """
    style = f' style="{found[1]}"'
    return found[0] if re.search(r"(?<!-)opacity", found[1]) else f"<g{style}>{found[0].replace(style, '')}</g>"


def _placed(found: re.Match[str]) -> str:
    """The coordinates of a path or a marker."""
    rounded = _DECIMALS.sub(lambda number: _tenth(number[0]), found[2])
    closed = re.sub(r"\s*([MLQCHVZz])\s*", r"\1", rounded)
    return f'{found[1]}="{closed}"'


def _tenth(number: str) -> str:
    """A coordinate to a tenth.

    >>> _tenth("12.04"), _tenth("-0.01")
    ('12', '0')
    """
    told = f"{float(number):.1f}".removesuffix(".0")
    return "0" if told == "-0" else told
