"""Which program wrote a plate export, seen from its content."""

from __future__ import annotations

import re
from typing import Any

from hindpaw.intake.open import Sheet, as_text
from hindpaw.intake.plate_readers import bioplex_workbook, msd
from hindpaw.intake.plate_readers.reading import lead

# How many lines from the top say which program wrote a file.
SEEN = 200
LABELS = {
    "softmax": "SoftMax Pro export",
    "gen5": "Gen5 export",
    "bmg": "BMG MARS export",
    "xponent": "Luminex xPONENT export",
    "bioplex": "Bio-Plex Manager export",
    "msd": "MSD Discovery Workbench export",
    "grid": "grid of wells",
    "list": "list of wells",
}
# Programs whose files are recognised and not read, because no real file was at hand to read them against.
FOREIGN = {
    "Tecan Magellan or i-control": r"(?:application: )?tecan i-control|magellan|device: (?:infinite|spark|sunrise)|list of actions in this measurement",
    "Thermo SkanIt": r"skanit|session (?:name|information):?|instrument serial number.*skanit",
    "Luminex INTELLIFLEX": r"(?:program\t)?(?:xmap )?intelliflex(?: software)?\b",
    "PerkinElmer EnVision or Revvity Kaleido": r"plate information|exported with ensight.*|kaleido.*|basic assay information.*",
    "MSD Methodical Mind": r"stack id ?:.*|filename ?:.*methodical.*",
    "Agilent Gen5 kinetic or scan": r"time\tt° .*",
}


def program(sheets: list[Sheet]) -> str | None:
    """The layout a file's content shows, `foreign: <program>` for one that is not read, or None.

    Parameters
    ----------
    sheets : the sheets of the file, text cut at its delimiter
    """
    if bioplex_workbook.by_quantity(sheets):
        return "bioplex"
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
            return "bioplex"
        if any(msd.is_header(row) for row in rows):
            return "msd"
    return _foreign(sheets)


def _xponent(rows: list[list[Any]]) -> bool:
    """Whether a file begins as xPONENT's do, or holds its tables."""
    texts = [[as_text(one) for one in row[:4]] for row in rows]
    return any(row[:1] == ["Program"] and "xPONENT" in row for row in texts[:5]) or any(
        row and row[0].casefold().startswith("datatype") for row in texts
    )


def _foreign(sheets: list[Sheet]) -> str | None:
    """A program that is known by its words and not read."""
    for sheet in sheets:
        for row in sheet.rows[:30]:
            line = "\t".join(as_text(one) for one in row).strip().casefold()
            for name, pattern in FOREIGN.items():
                if re.match(pattern, line):
                    return f"foreign: {name}"
    return None
