"""Bio-Plex Manager workbooks: tables with the columns Type, Well, FI and Obs Conc, a sheet each analyte or all in one.

The columns are found by their names, so their order does not matter. The first of two tables on a sheet may hold
means of several wells; a line whose well is `A1,B1` is such a mean and is left to its wells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hindpaw.intake.open import Sheet, as_number, as_text
from hindpaw.intake.plate_readers.reading import Reading, broken, cell, signal_of, unit_in, well_of
from hindpaw.study import PlateFile

AGAIN = "In Bio-Plex Manager, export the report table to Excel with Type, Well, FI, Obs Conc, Exp Conc and Dilution."
# Bio-Plex writes the bead region behind the analyte's name.
REGION = re.compile(r"\s*\(\d{1,3}\)$")
ROLES = (("standard", r"E?S\d*"), ("blank", r"B\d*"), ("control", r"C\d*"), ("sample", r"X\d*"))
OUTLIER = "outlier in the export"


def is_header(row: list[Any]) -> bool:
    """Whether a row names the columns of such a table."""
    names = _names(row)
    return {"type", "well", "fi"} <= set(names) and bool({"obs conc", "exp conc", "fi - bkgd"} & set(names))


def read(sheets: list[Sheet], plate: PlateFile) -> list[Reading]:
    """The fluorescence of each well × analyte in the tables of a workbook.

    Raises
    ------
    StudyError
        Where no sheet holds such a table with a well in it.
    """
    readings: dict[tuple[str, str], Reading] = {}
    for sheet in sheets:
        for reading in _sheet(sheet):
            readings.setdefault((reading.well, reading.analyte or ""), reading)
    if not readings:
        raise broken(sheets[0], "no table of it has the columns Type, Well and FI with a single well in a line", AGAIN)
    return list(readings.values())


def _names(row: list[Any]) -> list[str]:
    """The names of columns as they are compared."""
    return [" ".join(as_text(one).casefold().split()) for one in row]


def _sheet(sheet: Sheet) -> Iterator[Reading]:
    """The readings on one sheet."""
    places: dict[str, int] = {}
    unit = ""
    for index, row in enumerate(sheet.rows):
        if is_header(row):
            places = {name: place for place, name in reversed(list(enumerate(_names(row)))) if name}
            unit = unit_in(" ".join(map(as_text, row)))
            continue
        well = well_of(cell(row, places.get("well")))
        if places and well:
            yield _reading(sheet, index, row, well, places, unit)


def _reading(sheet: Sheet, index: int, row: list[Any], well: str, places: dict[str, int], unit: str) -> Reading:
    """One line of a table."""

    def at(name: str) -> Any:
        return cell(row, places.get(name))

    analyte = REGION.sub("", as_text(at("analyte")) or sheet.name)
    kind = as_text(at("type")).upper()
    role = next((role for role, pattern in ROLES if re.fullmatch(pattern, kind)), "")
    signal, flag = signal_of(at("fi"))
    if as_text(at("outlier")).casefold() not in ("", "0", "false", "no"):
        flag = "; ".join(filter(None, [flag, OUTLIER]))
    return Reading(
        sheet.source(index, places["fi"]),
        well,
        signal,
        flag,
        analyte,
        bead_count=as_number(at("bead count") if "bead count" in places else at("count")),
        role=role,
        sample=as_text(at("description")) or kind,
        nominal=as_number(at("exp conc")) if role == "standard" else None,
        dilution=as_number(at("dilution")),
        unit=unit,
        reported=at("obs conc"),
    )
