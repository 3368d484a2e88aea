"""BMG MARS exports: lines about the run, then grids titled `Raw Data (450)`."""

from __future__ import annotations

import re

from hindpaw.intake.open import Sheet, as_text
from hindpaw.intake.plate_readers.grids import Grid, labelled, lacking
from hindpaw.intake.plate_readers.reading import Reading, broken, lead, signal_of
from hindpaw.study import PlateFile

AGAIN = "In MARS, export the microplate view of the raw data as a table to CSV or Excel."
CHANNEL = re.compile(r"\(([^()]*)\)\s*$")
RAW, BLANKED = "raw data", "blank corrected"


def read(sheet: Sheet, plate: PlateFile) -> list[Reading]:
    """The wells of every plate: the raw data, or the blank-corrected ones where there are no raw ones.

    Raises
    ------
    StudyError
        Where there is no grid with a title that says so.
    """
    starts = [index for index, row in enumerate(sheet.rows) if lead(row).startswith("User:")] or [0]
    grids = labelled(sheet)
    readings: list[Reading] = []
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(sheet.rows)
        mine = [grid for grid in grids if start <= grid.rows[0][0] < end]
        name = _name(sheet, start, end) or f"plate {number + 1}"
        readings += _plate(mine, name if len(starts) > 1 else "")
    if not readings:
        raise broken(sheet, lacking(sheet, "it holds no grid titled Raw Data"), AGAIN)
    return readings


def _name(sheet: Sheet, start: int, end: int) -> str:
    """A plate's own id."""
    texts = [as_text(one) for row in sheet.rows[start:end] for one in row]
    return next((text.partition(":")[2].strip() for text in texts if text.startswith("ID1:")), "")


def _plate(grids: list[Grid], name: str) -> list[Reading]:
    """The readings of one plate."""
    raw = [grid for grid in grids if grid.title.casefold().startswith(RAW)]
    blanked = [grid for grid in grids if grid.title.casefold().startswith(BLANKED)]
    readings = []
    for grid in raw or blanked:
        found = CHANNEL.search(grid.title)
        channel = found[1].split()[0] if found and found[1].split() else grid.title
        for well, source, content in grid.wells():
            signal, flag = signal_of(content)
            subtracted = "" if raw else "blank, by MARS"
            readings.append(Reading(source, well, signal, flag, plate=name, channel=channel, subtracted=subtracted))
    return readings
