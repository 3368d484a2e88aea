"""GraphPad Prism's XML files (.pzfx): each data table as a sheet, struck-out values marked as such.

The layout of the titles follows what readers of these files agree on: `Title_1`, `Title_2` for replicates,
`Title_MEAN`, `Title_SD`, … for summary data, `ROWTITLE` for row titles.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from hindpaw.intake.cells import MOST_CELLS, Sheet, remark, unreadable

SUFFIXES = {
    "SD": ("MEAN", "SD"),
    "SE": ("MEAN", "SE"),
    "CV": ("MEAN", "CV"),
    "SDN": ("MEAN", "SD", "N"),
    "SEN": ("MEAN", "SEM", "N"),
    "CVN": ("MEAN", "CV", "N"),
    "low-high": ("MEAN", "PLUSERROR", "MINUSERROR"),
    "upper-lower-limits": ("MEAN", "UPPERLIMIT", "LOWERLIMIT"),
}
ADVICE = "In Prism choose File, Save as, and the type 'Prism XML file (.pzfx)'; or File, Export, as CSV for each table."
Column = tuple[str, list[Element]]


def refuse(name: str) -> None:
    """Refuse the two Prism formats that cannot be read, with how to save them.

    Raises
    ------
    StudyError
        Always.
    """
    kind = "the newer .prism files" if name.lower().endswith(".prism") else "the older binary .pzf files"
    raise unreadable(name, f"hindpaw does not read {kind} of GraphPad Prism", ADVICE)


def sheets(name: str, content: bytes) -> list[Sheet]:
    """The data tables of a .pzfx file, one sheet each, the titles in its first row.

    Raises
    ------
    StudyError
        Where it is not such a file, or its XML declares entities or a document type.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        reason = "its XML declares entities, which no Prism file does and which can be an attack"
        raise unreadable(name, reason, "Get the file from its maker again.") from None
    except (ParseError, ValueError, LookupError) as error:
        raise unreadable(name, f"it is no complete XML file ({error})", ADVICE) from None
    if _tag(root) != "GraphPadPrismFile":
        raise unreadable(name, f"it is XML, but of <{_tag(root)[:40]}>, not of Prism", ADVICE)
    tables = [part for part in root if _tag(part) in ("Table", "HugeTable")]
    if not tables:
        raise unreadable(name, "it holds no data table", ADVICE)
    taken: dict[str, int] = {}
    return [_sheet(name, part, taken) for part in tables]


def _tag(element: Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _parts(element: Element, *names: str) -> list[Element]:
    """The element's children of these names."""
    return [part for part in element if _tag(part) in names]


def _words(element: Element) -> str:
    """All the text inside an element."""
    return "".join(element.itertext()).strip()


def _title(element: Element) -> str:
    """The title of a table or column."""
    found = _parts(element, "Title")
    return _words(found[0]) if found else ""


def _sheet(name: str, table: Element, taken: dict[str, int]) -> Sheet:
    """One data table; a title that stands there twice gets a number."""
    title = _title(table) or "untitled"
    taken[title] = taken.get(title, 0) + 1
    called = title if taken[title] == 1 else f"{title} ({taken[title]})"
    columns = list(_columns(table))
    height = max((len(cells) for _, cells in columns), default=0)
    if height * len(columns) > MOST_CELLS:
        raise unreadable(name, f"its table {called} has more than {MOST_CELLS:,} cells", ADVICE)
    rows: list[list[Any]] = [[head for head, _ in columns]]
    rows += [[_words(cells[row]) if row < len(cells) else "" for _, cells in columns] for row in range(height)]
    struck = frozenset(
        (row, place)
        for place, (_, cells) in enumerate(columns)
        for row, cell in enumerate(cells, 1)
        if cell.get("Excluded") == "1" and _words(cell)
    )
    note = remark(
        "struck-out",
        "note",
        f"{name}!{called} holds {len(struck)} value(s) that were struck out in Prism.",
        "Prism leaves them out of every analysis.",
        "They come in as excluded and stand so in the ledger.",
        f"{name}!{called}",
    )
    return Sheet(name, called, rows, struck=struck, remarks=(note,) if struck else ())


def _columns(table: Element) -> Iterator[Column]:
    """Every subcolumn of a table with its title."""
    # Beside numbers the advanced column only repeats them; beside dates it alone holds the dates.
    dated = table.get("XFormat") == "date"
    both = bool(dated and _parts(table, "XColumn") and _parts(table, "XAdvancedColumn"))
    kinds = ("RowTitlesColumn", "XColumn", "YColumn", *(["XAdvancedColumn"] if dated else []))
    for part in _parts(table, *kinds):
        kind = _tag(part)
        subs = [_parts(sub, "d") for sub in _parts(part, "Subcolumn")]
        if kind == "RowTitlesColumn":
            if any(_words(cell) for cells in subs for cell in cells):
                yield "ROWTITLE", subs[0]
            continue
        own = _parts(part, "SubColumnTitles")
        titles = [_words(one) for one in own[0].iter() if _tag(one) == "d"] if own else []
        for place, cells in enumerate(subs):
            yield _head(table, part, kind, place, len(subs), both, titles), cells


def _head(table: Element, part: Element, kind: str, place: int, count: int, both: bool, titles: list[str]) -> str:
    """The title of one subcolumn."""
    title = _title(part)
    if kind != "YColumn":
        title = title or "X"
        if both:
            return f"{title}_{1 if kind == 'XColumn' else 2}"
        return f"{title}_{('X', 'ERROR')[min(place, 1)]}" if count > 1 else title
    suffixes = SUFFIXES.get(table.get("YFormat", ""), ())
    if suffixes and place < len(suffixes):
        return f"{title}_{suffixes[place]}"
    if place < len(titles) and titles[place]:
        return f"{title}_{titles[place]}"
    return f"{title}_{place + 1}" if count > 1 else title
