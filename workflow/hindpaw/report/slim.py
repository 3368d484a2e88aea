"""A drawing made small enough to travel in a page with seventy others; the file beside the page stays as it was drawn."""

from __future__ import annotations

import re
from functools import lru_cache

# The invisible names of points, which the page shows by its own means.
POINTS = re.compile(r'<g id="points".*?</g>', re.S)
# What a browser that shows an image passes over.
_UNSEEN = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", re.S)
_PLACES = re.compile(r'(\s(?:d|x|y))="([^"]*)"')
_DECIMALS = re.compile(r"-?\d+\.\d+")
_LETTER = re.compile(r'<use xlink:href="#([\w.-]+)" transform="translate\((-?[\d.]+)(?: 0)?\)"/>')
_ID = re.compile(r' id="([^"]*)"')
_REFERENCE = re.compile(r'(href="#|url\(#)([\w.-]+)')
_STYLE = re.compile(r' style="([^"]*)"')
_SHEET = '<style type="text/css">'


@lru_cache(maxsize=256)
def slim(svg: str) -> str:
    """The same picture in fewer letters: places to a tenth of a point, short names, no word that nothing refers to, no
    names of points.

    >>> slim('<svg><!-- a --><g id="g_1"><path id="p1" d="M 1.26 2.04 L 3 4"/></g><use xlink:href="#p1"/></svg>')
    "<svg><g><path id='a' d='M1.3 2L3 4'/></g><use href='#a'/></svg>"
    """
    text = _PLACES.sub(_placed, _UNSEEN.sub("", POINTS.sub("", svg)))
    text = _LETTER.sub(lambda found: f'<use xlink:href="#{found[1]}" x="{float(found[2]):.0f}"/>', text)
    text = re.sub(r"\s+", " ", text).replace("> <", "><").replace("xlink:href", "href").replace("<g/>", "").strip()
    text = _classed(_renamed(text))
    return text if "'" in text else text.replace('"', "'")


def _renamed(text: str) -> str:
    """Short ids for what is referred to, none for the rest."""
    referred = {found[1] for found in _REFERENCE.findall(text)}
    ids = [found for found in dict.fromkeys(_ID.findall(text)) if found in referred]
    short = {found: _short(place) for place, found in enumerate(ids)}
    text = _ID.sub(lambda found: f' id="{short[found[1]]}"' if found[1] in short else "", text)
    return _REFERENCE.sub(lambda found: found[1] + short.get(found[2], found[2]), text)


def _classed(text: str) -> str:
    """Styles that stand more than once as classes of the picture's own sheet; without one all stay where they are.

    >>> _classed('<style type="text/css"></style><g style="fill: none"/><g style="fill: none"/><g style="x: 1"/>')
    '<style type="text/css">.a{fill:none}</style><g class="a"/><g class="a"/><g style="x:1"/>'
    """
    found = _STYLE.findall(text)
    often = [style for style in dict.fromkeys(found) if found.count(style) > 1] if _SHEET in text else []
    names = {style: _short(place) for place, style in enumerate(often)}
    text = _STYLE.sub(
        lambda one: f' class="{names[one[1]]}"' if one[1] in names else f' style="{_close(one[1])}"', text
    )
    rules = "".join(f".{name}{{{_close(style)}}}" for style, name in names.items())
    return text.replace(_SHEET, _SHEET + rules, 1)


def _close(style: str) -> str:
    """A style without the spaces that it can do without."""
    return style.replace(": ", ":").replace("; ", ";")


def _short(place: int) -> str:
    """The place-th of a, b, … z, aa, ab, …

    >>> [_short(place) for place in (0, 25, 26, 701)]
    ['a', 'z', 'aa', 'zz']
    """
    name = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        name = chr(97 + letter) + name
    return name


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
