"""Which program wrote a plate export, seen from its content."""

from __future__ import annotations

import re
from typing import Any

from hindpaw.intake.open import Sheet, as_text
from hindpaw.intake.plate_readers import bioplex_workbook, msd
from hindpaw.intake.plate_readers.converted import PROGRAMS
from hindpaw.intake.plate_readers.reading import lead

# How many lines from the top say which program wrote a file.
SEEN = 200
SEEN_LAST = 30
LABELS = {
    "softmax": "SoftMax Pro export",
    "gen5": "Gen5 export",
    "bmg": "BMG MARS export",
    "xponent": "Luminex xPONENT export",
    "bioplex": "Bio-Plex Manager export",
    "msd": "MSD Discovery Workbench export",
    **{layout: f"{program} export" for layout, (program, _) in PROGRAMS.items()},
    "grid": "grid of wells",
    "list": "list of wells",
}
# Programs that hindpaw does not read itself, by words at the start of a line.
FOREIGN = {
    "magellan": r"(?:application: )?tecan i-control|magellan|device: (?:infinite|spark|sunrise)|list of actions in this measurement",
    "skanit": r"skanit|session (?:name|information):?\b|instrument serial number.*skanit|.*\.skax\b|report generated with sw version\tskanit",
    "intelliflex": r"(?:program\t)?(?:xmap )?intelliflex\b",
    "kaleido": r"exported with (?:kaleido|ensight)|kaleido\b|software version:?\t+kaleido",
    "envision": r"plate\trepeat\tbarcode|basic assay information\t*$|exported with envision",
    "methodical-mind": r"stack id ?:|filename ?:.*methodical",
}
# What is recognised and refused: what it is, and how to get around it.
REFUSED = {
    "gen5 kinetic": ("a kinetic read or a scan of Gen5", "Export one read a well, at the end."),
    "bioplex workbook": (
        "a workbook of Bio-Plex Manager",
        "In Bio-Plex Manager, export the results as XML, which is read. To read the workbook by the names of its columns "
        "all the same, write layout: bioplex.",
    ),
}
KINETIC = re.compile(r"time\tt° .*")


def program(sheets: list[Sheet]) -> str | None:
    """The layout a file's content shows, one of REFUSED for one that is not read, or None.

    Parameters
    ----------
    sheets : the sheets of the file, text cut at its delimiter
    """
    if bioplex_workbook.by_quantity(sheets):
        return "bioplex workbook"
    for sheet in sheets:
        rows = sheet.rows[:SEEN]
        heads = [lead(row) for row in rows]
        if any(head.startswith("##BLOCKS=") for head in heads) or any(head == "Plate:" for head in heads):
            return "softmax"
        if _xponent(rows):
            return "xponent"
        if "Software Version" in heads and {"Plate Number", "Procedure Details", "Results", "Layout"} & set(heads):
            return "gen5"
        if any(head.startswith("User:") for head in heads[:5]) and any(
            head.startswith("Test name:") for head in heads[:8]
        ):
            return "bmg"
        if any(bioplex_workbook.is_header(row) for row in rows):
            return "bioplex workbook"
        if any(msd.is_header(row) for row in rows):
            return "msd"
    return _foreign(sheets)


def _xponent(rows: list[list[Any]]) -> bool:
    """Whether a file begins as xPONENT's do, or holds its tables."""
    texts = [[as_text(one) for one in row[:4]] for row in rows]
    if any(re.match(FOREIGN["intelliflex"], "\t".join(row).casefold()) for row in texts[:5]):
        return False
    return any(row[:1] == ["Program"] and "xPONENT" in row for row in texts[:5]) or any(
        row and row[0].casefold().startswith("datatype") for row in texts
    )


def _foreign(sheets: list[Sheet]) -> str | None:
    """A program that is known by its words and not read by hindpaw itself."""
    for sheet in sheets:
        # Some name themselves in their last line only.
        for row in [*sheet.rows[:SEEN], *sheet.rows[-SEEN_LAST:]]:
            line = "\t".join(as_text(one) for one in row[:SEEN]).strip().casefold()
            if KINETIC.match(line):
                return "gen5 kinetic"
            for layout, pattern in FOREIGN.items():
                if re.match(pattern, line):
                    return layout
        if _magellan(sheet):
            return "magellan"
    return None


def _magellan(sheet: Sheet) -> bool:
    """Whether a sheet is a list of Magellan: a column of positions, and the date of the measurement below."""
    heads = [[as_text(one).casefold() for one in row[:SEEN]] for row in sheet.rows[:SEEN]]
    return any("well positions" in row for row in heads) and any(
        row and as_text(row[0]).casefold().startswith("date of measurement") for row in sheet.rows
    )
