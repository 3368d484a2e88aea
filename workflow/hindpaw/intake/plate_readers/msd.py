"""MSD Discovery Workbench tables: a line for each well × assay, the plate's name above."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hindpaw.intake.open import Sheet, as_number, as_text
from hindpaw.intake.plate_readers.reading import Reading, broken, cell, first, signal_of, unit_in, well_of
from hindpaw.study import PlateFile

AGAIN = "In Discovery Workbench, export the plate data with Sample, Assay, Well, Signal and Concentration."
NEEDED = {"sample", "assay", "well", "signal"}
ROLES = (("standard", r"S\d+"), ("blank", r"B(?:LANK)?\d*"), ("control", r"(?:C|QC)\d+"))


def is_header(row: list[Any]) -> bool:
    """Whether a row names the columns of such a table."""
    return {as_text(one).casefold() for one in row} >= NEEDED


def read(sheet: Sheet, plate: PlateFile) -> list[Reading]:
    """The signal of each well × assay.

    Raises
    ------
    StudyError
        Where no table with such columns holds a well.
    """
    readings = list(_readings(sheet))
    if not readings:
        raise broken(sheet, "it has no table with the columns Sample, Assay, Well and Signal and a well in it", AGAIN)
    names = {reading.plate for reading in readings}
    for reading in readings:
        reading.plate = reading.plate if len(names) > 1 else ""
    return readings


def _readings(sheet: Sheet) -> Iterator[Reading]:
    """Each line below a head, with the plate named last above it."""
    places: dict[str, int] = {}
    plate, unit = "", ""
    for index, row in enumerate(sheet.rows):
        filled = [as_text(one) for one in row if as_text(one)]
        if is_header(row):
            names = [as_text(one).casefold() for one in row]
            places = {name: place for place, name in reversed(list(enumerate(names))) if name}
            unit = unit_in(" ".join(names))
        elif len(filled) == 1 and first(row):
            plate = first(row)
        elif places and (well := well_of(cell(row, places["well"]))):
            yield _line(sheet, index, row, well, places, plate, unit)


def _line(
    sheet: Sheet, index: int, row: list[Any], well: str, places: dict[str, int], plate: str, unit: str
) -> Reading:
    """One line."""

    def at(name: str) -> Any:
        return cell(row, places.get(name))

    sample, nominal = as_text(at("sample")), as_number(at("concentration"))
    role = next((role for role, pattern in ROLES if re.fullmatch(pattern, sample, re.IGNORECASE)), "sample")
    signal, flag = signal_of(at("signal"))
    within = as_text(at("detection range"))
    return Reading(
        sheet.source(index, places["signal"]),
        well,
        signal,
        flag,
        as_text(at("assay")),
        plate,
        role=role,
        sample=sample,
        nominal=nominal if role == "standard" else None,
        dilution=as_number(at("dilution")),
        unit=unit,
        reported=at("calc. concentration"),
        reported_flag="" if within.casefold() == "in detection range" else within,
    )
