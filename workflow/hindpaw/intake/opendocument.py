"""What calamine passes over in an OpenDocument spreadsheet: errors, formulas without a result, hidden rows."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from hindpaw.intake.cells import Passed, letters

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
# Without one of these a sheet has nothing to tell.
TELLING = (b'value-type="error"', b":formula=", b":visibility=")
MOST_REPEATED = 1000
VALUES = ("value", "string-value", "date-value", "time-value", "boolean-value")


def passed(root: Element) -> dict[str, Passed]:
    """The errors, uncomputed formulas and hidden rows of each sheet, by its name."""
    return {table.get(f"{TABLE}name", ""): _of(table) for table in root.iter(f"{TABLE}table")}


def _of(table: Element) -> Passed:
    """The same of one sheet."""
    found, number = Passed(), 1
    for row in _rows(table):
        times = _times(row, "rows")
        held = False
        for place, cell in _cells(row):
            said = " ".join("".join(part.itertext()) for part in cell).strip()
            held = held or bool(said) or any(cell.get(f"{OFFICE}{name}") for name in VALUES)
            address = f"{letters(place)}{number}"
            if cell.get(f"{CALC}value-type") == "error":
                # A program may write equal rows as one that is repeated.
                for again in range(min(times, MOST_REPEATED)):
                    found.errors[f"{letters(place)}{number + again}"] = said or "#ERROR"
            elif cell.get(f"{TABLE}formula") and not said and not any(cell.get(f"{OFFICE}{name}") for name in VALUES):
                found.uncomputed.append(address)
        if held and row.get(f"{TABLE}visibility") in ("collapse", "filter"):
            found.hidden.append(str(number) if times == 1 else f"{number}–{number + times - 1}")
        number += times
    return found


def _rows(table: Element) -> Iterator[Element]:
    """The rows of a table, those in groups and header rows too, but not those of a table inside a cell."""
    for part in table:
        if part.tag == f"{TABLE}table-row":
            yield part
        elif part.tag in (f"{TABLE}table-rows", f"{TABLE}table-row-group", f"{TABLE}table-header-rows"):
            yield from _rows(part)


def _cells(row: Element) -> Iterator[tuple[int, Element]]:
    """Each cell of a row with its column from 0; of a repeated one the first."""
    place = 0
    for cell in row:
        if cell.tag in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            yield place, cell
            place += _times(cell, "columns")


def _times(element: Element, what: str) -> int:
    """How often a row or cell stands there."""
    said = element.get(f"{TABLE}number-{what}-repeated", "1")
    return max(int(said), 1) if said.isdigit() and len(said) < 9 else 1
