"""Luminex xPONENT exports: one table a `DataType:`, a well × analyte in each."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from hindpaw.intake.open import Sheet, as_number, as_text
from hindpaw.intake.plate_readers.reading import Reading, broken, cell, first, plate_of, signal_of, unit_in, well_of
from hindpaw.study import PlateFile

AGAIN = "In xPONENT, export the batch as CSV with the medians (and counts, results, expected concentrations)."
LOCATION, SAMPLE = "location", "sample"
STANDARD = re.compile(r"(?:standard|std|s)\s*\d+", re.IGNORECASE)
BLANK = re.compile(r"(?:background|blank|bkg|b)\s*\d*", re.IGNORECASE)
CONTROL = re.compile(r"(?:control|ctrl|qc|c)\s*\d+", re.IGNORECASE)
NOT_ANALYTES = {"", "total events", "notes"}


Key = tuple[str, str, str]


class _Batch:
    """The tables of one file, by what their `DataType:` line names."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.tables: dict[str, tuple[int, int]] = {}
        starts = [index for index, row in enumerate(sheet.rows) if first(row).casefold().startswith("datatype")]
        for start, end in pairwise([*starts, len(sheet.rows)]):
            name = next((as_text(one) for one in sheet.rows[start][1:] if as_text(one)), "")
            self.tables.setdefault(name.casefold(), (start + 1, end))

    def places(self, name: str) -> list[tuple[Key, int, int]]:
        """Each plate, well and analyte of a table, and where it stands."""
        found = []
        start, end = self.tables.get(name, (0, 0))
        analytes: dict[int, str] = {}
        for index in range(start, end):
            row = self.sheet.rows[index]
            if first(row).casefold() == LOCATION:
                named = {place: as_text(one) for place, one in enumerate(row) if place > 1}
                analytes = {place: text for place, text in named.items() if text.casefold() not in NOT_ANALYTES}
                continue
            well = well_of(first(row))
            if well:
                found += [((plate_of(first(row)), well, one), index, place) for place, one in analytes.items()]
        return found

    def values(self, name: str) -> dict[Key, Any]:
        """The cells of a table."""
        return {key: cell(self.sheet.rows[row], place) for key, row, place in reversed(self.places(name))}

    def by_name(self, name: str, heads: set[str]) -> dict[tuple[str, str], Any]:
        """A table with a line for each standard, unit or the like: cells by the line's name and analyte."""
        found: dict[tuple[str, str], Any] = {}
        start, end = self.tables.get(name, (0, 0))
        analytes: dict[int, str] = {}
        for row in self.sheet.rows[start:end]:
            if first(row).casefold().rstrip(":") in heads:
                analytes = {place: as_text(one) for place, one in enumerate(row) if place and as_text(one)}
            elif first(row):
                found |= {(first(row).casefold(), name): cell(row, place) for place, name in analytes.items()}
        return found


def read(sheet: Sheet, plate: PlateFile) -> list[Reading]:
    """The median fluorescence of each well × analyte; the net one only where there is no other.

    Raises
    ------
    StudyError
        Where there is no such table, or no well in it.
    """
    batch = _Batch(sheet)
    signals = next((name for name in ("median", "net mfi") if batch.places(name)), None)
    if signals is None:
        what = "it has no table of medians" if "median" not in batch.tables else "its table of medians holds no well"
        raise broken(sheet, what, AGAIN)
    counts, results, remarks = batch.values("count"), _results(batch), batch.values("comments")
    expected = batch.by_name("standard expected concentration", {"reagent", "analyte"})
    controls = {name for name, _ in batch.by_name("control expected concentration", {"reagent", "analyte"})}
    units = {analyte: one for (name, analyte), one in batch.by_name("units", {"analyte"}).items() if name == "units:"}
    dilutions = _dilutions(batch)
    places = batch.places(signals)
    several = len({plate for (plate, _, _), _, _ in places}) > 1
    readings = []
    for key, row, place in places:
        number, well, analyte = key
        signal, flag = signal_of(cell(sheet.rows[row], place))
        name = as_text(cell(sheet.rows[row], 1))
        role = _role(name, {one for one, _ in expected}, controls)
        remark = as_text(remarks.get(key)).casefold()
        readings.append(
            Reading(
                sheet.source(row, place),
                well,
                signal,
                flag,
                analyte,
                f"plate {number}" if several else "",
                subtracted="" if signals == "median" else "background, by xPONENT",
                bead_count=as_number(counts.get(key)),
                role=role,
                sample=name,
                nominal=as_number(expected.get((name.casefold(), analyte))) if role == "standard" else None,
                dilution=dilutions.get((number, well)),
                unit=unit_in(as_text(units.get(analyte))) or as_text(units.get(analyte)),
                reported=results.get(key, ""),
                reported_flag="Extrapolated" if "extrapolated" in remark else "",
            )
        )
    return readings


def _results(batch: _Batch) -> dict[Key, Any]:
    """The concentrations the batch states."""
    return batch.values("result") or batch.values("test result")


def _dilutions(batch: _Batch) -> dict[tuple[str, str], float | None]:
    """The dilution factor of each plate and well."""
    start, end = batch.tables.get("dilution factor", (0, 0))
    rows = [(first(row), cell(row, 2)) for row in batch.sheet.rows[start:end]]
    return {(plate_of(one), well): as_number(factor) for one, factor in rows if (well := well_of(one))}


def _role(name: str, standards: set[str], controls: set[str]) -> str:
    """What a sample's name says: the batch's own lists come before the words."""
    if name.casefold() in standards:
        return "standard"
    if name.casefold() in controls:
        return "control"
    for role, pattern in (("standard", STANDARD), ("blank", BLANK), ("control", CONTROL)):
        if pattern.fullmatch(name) and not (role == "standard" and standards):
            return role
    return "sample" if name else ""
