"""Gen5 exports: matrices of a line or more for each plate row, the last cell of a line says what it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hindpaw.intake.open import Sheet, as_number, as_text
from hindpaw.intake.plate_readers.grids import LETTERS, runs
from hindpaw.intake.plate_readers.reading import Reading, blank, broken, cell, lead, signal_of, unit_in, well_of
from hindpaw.study import PlateFile

AGAIN = "In Gen5, export the endpoint reads as a matrix with the layout, to text or Excel."
CONCENTRATION = re.compile(r"\[?conc", re.IGNORECASE)
WAVELENGTH = re.compile(r"(?:^|[:\s])(\d{3,4})(?:\s*\[(?:Test|Ref)\])?$")
DIFFERENCE = re.compile(r"(?:delta|Δ).*|.*\b\d{3}\s*[-−–]\s*\d{3}\b.*", re.IGNORECASE)
# Lines that Gen5 computes from the reads; a standard curve is never fitted to them.
COMPUTED = re.compile(
    r"(corrected|ratio|mean|avg|average|std|sd|cv|count|%|min|max|slope|r-sq|lag|.*pathlength)", re.IGNORECASE
)
ROLES = (("standard", r"STD"), ("blank", r"BLK|BLANK"), ("control", r"CTL|CTRL|QC|POS|NEG|PC\d*$|NC\d*$"))

Line = tuple[int, str, str, tuple[tuple[int, int], ...]]


def read(sheet: Sheet, plate: PlateFile) -> list[Reading]:
    """The wells of every plate: the raw reads, or what Gen5 made of them where they are not exported.

    Raises
    ------
    StudyError
        Where no matrix of readings is found, or the read is kinetic.
    """
    parts = _plates(sheet)
    readings: list[Reading] = []
    layout: dict[str, dict[str, Any]] = {}
    for name, start, end in parts:
        lines = list(_lines(sheet, start, end))
        layout = _layout(sheet, lines) or layout
        found = _readings(sheet, lines)
        for reading in found:
            reading.plate = name if len(parts) > 1 else ""
            vars(reading).update(layout.get(reading.well, {}))
        readings += found
    if not readings:
        kinetic = any(lead(row) == "Time" for row in sheet.rows)
        raise broken(sheet, "it is a kinetic read" if kinetic else "it holds no matrix of readings", AGAIN)
    return readings


def _plates(sheet: Sheet) -> list[tuple[str, int, int]]:
    """Name, first line and end of each plate of a file."""
    heads = [index for index, row in enumerate(sheet.rows) if lead(row) == "Plate Number"]
    starts = [("".join(map(as_text, sheet.rows[index])).removeprefix("Plate Number"), index) for index in heads]
    if len(starts) < 2:
        return [("", 0, len(sheet.rows))]
    names = [name or f"Plate {number}" for number, (name, _) in enumerate(starts, 1)]
    ends = [index for _, index in starts[1:]] + [len(sheet.rows)]
    return [
        (name if names.count(name) == 1 else f"{name} ({number})", 0 if number == 1 else index, end)
        for number, (name, (_, index), end) in enumerate(zip(names, starts, ends, strict=True), 1)
    ]


def _lines(sheet: Sheet, start: int, end: int) -> Iterator[Line]:
    """Each line of each matrix: its index, plate row, what it holds, and its columns."""
    columns: tuple[tuple[int, int], ...] = ()
    letter, title = "", ""
    for index in range(start, end):
        row = sheet.rows[index]
        counted = runs(row)
        if counted and not as_text(cell(row, counted[0][0][0] - 1)):
            columns, letter = counted[0], ""
        elif blank(row):
            columns = ()
        elif columns:
            label = as_text(cell(row, columns[0][0] - 1)).upper()
            letter = label if label in LETTERS and len(label) == 1 else letter if not label else ""
            if letter:
                yield index, letter, as_text(cell(row, columns[-1][0] + 1)) or title, columns
        else:
            title = lead(row)


def _readings(sheet: Sheet, lines: list[Line]) -> list[Reading]:
    """The readings of one plate."""
    held = [line for line in lines if line[2] not in ("Well ID", "Conc/Dil", "Name", "Layout")]
    concentrations = [line for line in held if CONCENTRATION.match(line[2]) or "[Concentration]" in line[2]]
    reported, unit = {}, ""
    for index, letter, label, columns in concentrations:
        unit = unit_in(label) or unit
        for place, number in columns:
            reported[f"{letter}{number}"] = cell(sheet.rows[index], place)
    kinds = {line: _kind(line[2]) for line in held if line not in concentrations}
    wanted = next((kind for kind in ("raw", "difference", "blank") if kind in kinds.values()), "")
    if "difference" in kinds.values() and len({line[2] for line, kind in kinds.items() if kind == "raw"}) > 1:
        # The export holds the two reads and their difference: the difference is what the lab meant.
        wanted = "difference"
    found = []
    for (index, letter, label, columns), kind in kinds.items():
        if kind != wanted:
            continue
        for place, number in columns:
            signal, flag = signal_of(cell(sheet.rows[index], place))
            well = f"{letter}{number}"
            found.append(
                Reading(
                    sheet.source(index, place),
                    well,
                    signal,
                    flag,
                    channel=_channel(label) if kind == "raw" else label,
                    subtracted={"raw": "", "difference": _taken_off(label), "blank": "blank, by Gen5"}[kind],
                    reported=reported.get(well, ""),
                    unit=unit,
                )
            )
    return found


def _kind(label: str) -> str:
    """What a line of a matrix holds.

    >>> [_kind(label) for label in ("abs450:450", "Blank 450", "Delta 450", "450-570", "Ratio 260/280", "660")]
    ['raw', 'blank', 'difference', 'difference', 'computed', 'raw']
    """
    if label.casefold().startswith("blank"):
        return "blank"
    if COMPUTED.match(label):
        return "computed"
    return "difference" if DIFFERENCE.fullmatch(label) else "raw"


def _channel(label: str) -> str:
    """The wavelength a label ends with, or the label.

    >>> _channel("630nmAbsRead:630"), _channel("485/20,528/20")
    ('630', '485/20,528/20')
    """
    found = WAVELENGTH.search(label)
    return found[1] if found else label


def _taken_off(label: str) -> str:
    """What a difference is less of.

    >>> _taken_off("450-570"), _taken_off("Delta OD")
    ('570 nm, by Gen5', 'Delta OD, by Gen5')
    """
    found = re.search(r"\d{3}\s*[-−–]\s*(\d{3})", label)
    return f"{found[1]} nm, by Gen5" if found else f"{label}, by Gen5"


def _layout(sheet: Sheet, lines: list[Line]) -> dict[str, dict[str, Any]]:
    """What the layout says of each well; `Conc/Dil` is a standard's concentration or a sample's share."""
    said: dict[str, dict[str, Any]] = {}
    for index, letter, label, columns in lines:
        if label not in ("Well ID", "Conc/Dil", "Name"):
            continue
        for place, number in columns:
            text = as_text(cell(sheet.rows[index], place))
            well = well_of(f"{letter}{number}") or ""
            if label == "Well ID" and text:
                said[well] = {"role": _role(text), "sample": text.partition(":")[0]}
            elif label == "Name" and text and well in said:
                said[well]["sample"] = text
            elif label == "Conc/Dil" and well in said:
                said[well] |= _conc_or_dil(said[well]["role"], as_number(text))
    return said


def _role(well_id: str) -> str:
    """What a well holds, by Gen5's own ids.

    >>> [_role(one) for one in ("STD1", "BLK", "SPL1:2", "CTL1")]
    ['standard', 'blank', 'sample', 'control']
    """
    return next((role for role, pattern in ROLES if re.match(pattern, well_id, re.IGNORECASE)), "sample")


def _conc_or_dil(role: str, number: float | None) -> dict[str, float | None]:
    """A standard's concentration, or the factor of a sample's dilution: a share of 0.25 is 1:4, and 4 is 1:4 too."""
    if role == "standard":
        return {"nominal": number}
    if number is None or number <= 0:
        return {}
    return {"dilution": 1 / number if number < 1 else number}
