"""What plate readers export: the wells of a file, each with its address, its signal and its flag."""

from __future__ import annotations

import re
from typing import Any

from hindpaw.findings import Finding, StudyError, nearest
from hindpaw.intake.open import Sheet, as_number, as_text
from hindpaw.study import PlateFile

WELL = re.compile(r"([A-P])0*([1-9]\d?)")


def well_of(text: object) -> str | None:
    """A well's name in its plain form, or None.

    >>> well_of("a01"), well_of("H12"), well_of("1(1,A1)"), well_of("A0")
    ('A1', 'H12', 'A1', None)
    """
    inside = re.sub(r"^\d+\(\d+,(.*)\)$", r"\1", as_text(text).upper())
    found = WELL.fullmatch(inside)
    return f"{found[1]}{found[2]}" if found else None


def softmax(sheet: Sheet, plate: PlateFile) -> list[dict[str, Any]]:
    """The wells of a SoftMax Pro text export: the raw grid of its one Plate block, and wells its groups mask.

    Raises
    ------
    StudyError
        Where there is no Plate block, more than one, or a grid that is not 8 × 12 as announced.
    """
    heads = [index for index, row in enumerate(sheet.rows) if as_text(row[0] if row else "") == "Plate:"]
    if len(heads) != 1:
        raise broken(sheet, f"it holds {len(heads)} Plate blocks, not one", "Export one plate a file, with raw data.")
    grid = sheet.rows[heads[0] + 2 : heads[0] + 10]
    if len(grid) < 8 or any(len(row) < 14 for row in grid):
        raise broken(sheet, "its Plate block is no full 8 × 12 grid", "Export the plate again with raw data.")
    masked = _masked(sheet)
    wells = []
    for line, row in enumerate(grid):
        for column in range(12):
            name = f"{'ABCDEFGH'[line]}{column + 1}"
            source = sheet.source(heads[0] + 2 + line, column + 2)
            wells.append(_well(source, name, plate.analyte, row[column + 2], "Masked" if name in masked else ""))
    return wells


def _masked(sheet: Sheet) -> set[str]:
    """Wells that a Group block shows as masked."""
    rows = [[as_text(cell) for cell in row] for row in sheet.rows]
    return {cell for row in rows if "Masked" in row for cell in row if well_of(cell) == cell}


def _well(source: str, well: str, analyte: str | None, cell: Any, flag: str) -> dict[str, Any]:
    """One well: a number is its signal, any other text is its flag."""
    signal = as_number(cell)
    own = "" if signal is not None else as_text(cell)
    return {
        "source": source,
        "well": well,
        "analyte": analyte,
        "signal": signal,
        "flag": "; ".join(filter(None, [flag, own])),
    }


def xponent(sheet: Sheet, plate: PlateFile) -> list[dict[str, Any]]:
    """The wells of a Luminex xPONENT CSV: the block of median fluorescences, a well × analyte each.

    Raises
    ------
    StudyError
        Where there is no such block, or an analyte of the study file is not in it.
    """
    rows = [[as_text(cell) for cell in row] for row in sheet.rows]
    start = next(
        (
            i
            for i, row in enumerate(rows)
            if row[:2] == ["DataType:", "Median"] or row[:3] == ["DataType:", "", "Median"]
        ),
        None,
    )
    if start is None:
        raise broken(sheet, 'it has no block "DataType: Median"', "Export the batch with the median fluorescences.")
    head = next((i for i in range(start + 1, len(rows)) if rows[i][:1] == ["Location"]), None)
    if head is None:
        raise broken(sheet, "its block of medians has no row that begins with Location", "Export the batch again.")
    analytes = {place: name for place, name in enumerate(rows[head]) if place > 1 and name and name != "Total Events"}
    missing = sorted(set(plate.standards) - set(analytes.values()))
    if missing:
        advice = nearest(missing[0], analytes.values())
        raise broken(sheet, f'it has no analyte "{missing[0]}"', advice)
    wells = []
    for index in range(head + 1, len(rows)):
        name = well_of(rows[index][0]) if rows[index] else None
        if name is None:
            break
        wells += [
            _well(sheet.source(index, place), name, analyte, rows[index][place], "")
            for place, analyte in analytes.items()
            if place < len(rows[index])
        ]
    if not wells:
        raise broken(sheet, "its block of medians holds no well", "Export the batch again.")
    return wells


READERS = {"softmax": softmax, "xponent": xponent}


def broken(sheet: Sheet, reason: str, advice: str) -> StudyError:
    """A plate export that is not what the study file says."""
    what = f"{sheet.place} is no such plate export: {reason}."
    return StudyError(
        [Finding("plate", "error", "intake", what, "No well of it can be read.", advice, source=sheet.place)]
    )
