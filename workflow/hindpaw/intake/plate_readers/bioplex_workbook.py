"""Bio-Plex Manager workbooks, in the three shapes that its users' programs read them in.

Tables with the columns Type, Well, FI and Obs Conc, a sheet each analyte or all in one; or a sheet each for FI, Obs
Conc and so on, with a column for each analyte. Columns are found by their names, so their order does not matter. The
first of two tables on a sheet may hold means of several wells; a line whose well is `A1,B1` is left to its wells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hindpaw.intake.open import Sheet, as_number, as_text
from hindpaw.intake.plate_readers.reading import Reading, broken, cell, distinct, signal_of, unit_in, well_of
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


def by_quantity(sheets: list[Sheet]) -> bool:
    """Whether a workbook has a sheet for each quantity: one called FI whose table names types and wells."""
    return any(
        sheet.name.strip() == "FI" and any({"type", "well"} <= set(_names(row)) for row in sheet.rows)
        for sheet in sheets
    )


def read(sheets: list[Sheet], plate: PlateFile) -> list[Reading]:
    """The fluorescence of each well × analyte in the tables of a workbook.

    Raises
    ------
    StudyError
        Where no sheet holds such a table with a well in it.
    """
    if by_quantity(sheets):
        readings = distinct(_crossed(sheets))
    else:
        readings = distinct(reading for sheet in sheets for reading in _sheet(sheet))
    if not readings:
        raise broken(sheets[0], "no table of it has the columns Type, Well and FI with a single well in a line", AGAIN)
    return readings


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


Told = dict[tuple[str, str], tuple[str, str, str, Any]]


def _crossed(sheets: list[Sheet]) -> Iterator[Reading]:
    """The readings of a workbook with a sheet for each quantity."""
    quantities = {" ".join(sheet.name.casefold().split()): _quantity(sheet) for sheet in sheets}

    def at(name: str, key: tuple[str, str]) -> Any:
        return quantities.get(name, {}).get(key, ("", "", "", ""))[3]

    for (well, analyte), (source, kind, words, content) in quantities["fi"].items():
        key = (well, analyte)
        role = next((role for role, pattern in ROLES if re.fullmatch(pattern, kind)), "")
        signal, flag = signal_of(content)
        if as_text(at("outlier", key)).casefold() not in ("", "0", "false", "no"):
            flag = "; ".join(filter(None, [flag, OUTLIER]))
        yield Reading(
            source,
            well,
            signal,
            flag,
            REGION.sub("", analyte),
            bead_count=as_number(at("bead count", key)),
            role=role,
            sample=words or kind,
            nominal=as_number(at("exp conc", key)) if role == "standard" else None,
            dilution=as_number(at("dilution", key)) or as_number(at("dilution", (well, "dilution"))),
            reported=at("obs conc", key),
        )


def _quantity(sheet: Sheet) -> Told:
    """Address, type, description and cell of each well and analyte on a sheet of one quantity."""
    found: Told = {}
    places: dict[str, int] = {}
    analytes: dict[int, str] = {}
    for index, row in enumerate(sheet.rows):
        names = _names(row)
        if {"type", "well"} <= set(names):
            places = {name: names.index(name) for name in ("type", "well", "description") if name in names}
            analytes = {
                place: as_text(one) for place, one in enumerate(row) if place not in places.values() and names[place]
            }
            continue
        well = well_of(cell(row, places.get("well")))
        for place, analyte in analytes.items() if places and well else ():
            told = (as_text(cell(row, places["type"])).upper(), as_text(cell(row, places.get("description"))))
            key = (well or "", analyte.casefold() if analyte.casefold() == "dilution" else analyte)
            found.setdefault(key, (sheet.source(index, place), *told, cell(row, place)))
    return found
