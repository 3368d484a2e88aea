"""Luminex xPONENT exports: one table a `DataType:`, a well × analyte in each."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from hindpaw.intake.open import Sheet, as_number, as_text
from hindpaw.intake.plate_readers.reading import Reading, broken, cell, first, signal_of, unit_in, well_of
from hindpaw.study import PlateFile

AGAIN = "In xPONENT, export the batch as CSV with the medians (and counts, results, expected concentrations)."
LOCATION, SAMPLE = "location", "sample"
STANDARD = re.compile(r"(?:standard|std|s)\s*\d+", re.IGNORECASE)
BLANK = re.compile(r"(?:background|blank|bkg|b)\s*\d*", re.IGNORECASE)
CONTROL = re.compile(r"(?:control|ctrl|qc|c)\s*\d+", re.IGNORECASE)
NOT_ANALYTES = {"", "total events", "notes"}


class _Batch:
    """The tables of one file, by what their `DataType:` line names."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.tables: dict[str, tuple[int, int]] = {}
        starts = [index for index, row in enumerate(sheet.rows) if first(row).casefold().startswith("datatype")]
        for start, end in pairwise([*starts, len(sheet.rows)]):
            name = next((as_text(one) for one in sheet.rows[start][1:] if as_text(one)), "")
            self.tables.setdefault(name.casefold(), (start + 1, end))

    def cells(self, name: str) -> dict[tuple[str, str], tuple[int, int]]:
        """Where each well × analyte of a table stands; the first line that names a well counts."""
        found: dict[tuple[str, str], tuple[int, int]] = {}
        start, end = self.tables.get(name, (0, 0))
        analytes: dict[int, str] = {}
        for index in range(start, end):
            row = self.sheet.rows[index]
            if first(row).casefold() == LOCATION:
                analytes = {
                    place: as_text(one)
                    for place, one in enumerate(row)
                    if place > 1 and as_text(one).casefold() not in NOT_ANALYTES
                }
                continue
            well = well_of(first(row))
            for place, analyte in analytes.items() if well else ():
                found.setdefault((well or "", analyte), (index, place))
        return found

    def values(self, name: str) -> dict[tuple[str, str], Any]:
        """The cells of a table."""
        return {key: cell(self.sheet.rows[row], place) for key, (row, place) in self.cells(name).items()}

    def samples(self, name: str) -> dict[str, str]:
        """The sample's name in each well of a table."""
        start, end = self.tables.get(name, (0, 0))
        rows = self.sheet.rows[start:end]
        return {well: as_text(cell(row, 1)) for row in rows if (well := well_of(first(row)))}

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
    signals = next((name for name in ("median", "net mfi") if batch.cells(name)), None)
    if signals is None:
        what = "it has no table of medians" if "median" not in batch.tables else "its table of medians holds no well"
        raise broken(sheet, what, AGAIN)
    samples = batch.samples(signals)
    counts, results, remarks = batch.values("count"), _results(batch), batch.values("comments")
    expected = batch.by_name("standard expected concentration", {"reagent", "analyte"})
    controls = {name for name, _ in batch.by_name("control expected concentration", {"reagent", "analyte"})}
    units = {analyte: one for (name, analyte), one in batch.by_name("units", {"analyte"}).items() if name == "units:"}
    dilutions = _dilutions(batch)
    readings = []
    for (well, analyte), (row, place) in batch.cells(signals).items():
        signal, flag = signal_of(cell(sheet.rows[row], place))
        name = samples.get(well, "")
        role = _role(name, {key for key, _ in expected}, controls)
        readings.append(
            Reading(
                sheet.source(row, place),
                well,
                signal,
                flag,
                analyte,
                subtracted="" if signals == "median" else "background, by xPONENT",
                bead_count=as_number(counts.get((well, analyte))),
                role=role,
                sample=name,
                nominal=as_number(expected.get((name.casefold(), analyte))) if role == "standard" else None,
                dilution=dilutions.get(well),
                unit=unit_in(as_text(units.get(analyte))) or as_text(units.get(analyte)),
                reported=results.get((well, analyte), ""),
                reported_flag="Extrapolated"
                if "extrapolated" in as_text(remarks.get((well, analyte))).casefold()
                else "",
            )
        )
    return readings


def _results(batch: _Batch) -> dict[tuple[str, str], Any]:
    """The concentrations the batch states."""
    return batch.values("result") or batch.values("test result")


def _dilutions(batch: _Batch) -> dict[str, float | None]:
    """The dilution factor of each well."""
    start, end = batch.tables.get("dilution factor", (0, 0))
    rows = batch.sheet.rows[start:end]
    return {well: as_number(cell(row, 2)) for row in rows if (well := well_of(first(row)))}


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
