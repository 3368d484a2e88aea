"""One number that a plate reader took, with everything its export says of the well."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hindpaw.findings import Finding, StudyError
from hindpaw.intake.open import Sheet, as_number, as_text

# Up to 384 wells: rows A to P, columns 1 to 24.
WELL = re.compile(r"([A-P])[-_ ]?0*([1-9]|1\d|2[0-4])")
POSITION = re.compile(r"\d+\((\d+),(.*)\)")
# Gen5 prints a masked value between asterisks.
BETWEEN_ASTERISKS = re.compile(r"\*\s*([^*]+?)\s*\*")
# Longer texts in a cell are no mark of a program.
LONGEST_FLAG = 80
# What a concentration may be in that is no mass a volume; said, so that nobody takes it for one.
OTHER_UNIT = re.compile(
    r"\b(?:[Ii]?[Uu]|[Uu]nits?|[Cc]opies|[Cc]ells|[Pp]articles|[munpf]?mol|[munpf]?Eq)\s*/\s*m?[lL]\b|\b[munpfµμ]M\b"
)
UNIT = re.compile(r"\b([fpnuµμm]?)g\s*/\s*ml\b", re.IGNORECASE)


@dataclass
class Reading:
    """One well, analyte and channel of a plate.

    Parameters
    ----------
    source : address of the cell that holds the signal
    well : A1 to P24
    signal : the number read; None where the cell holds none
    flag : what the export says of the signal, as written
    analyte : what was measured; None where the export does not say
    plate : name of the plate within its file; empty where the file holds one
    channel : the wavelength or filter, as written; empty where there is one only
    subtracted : what the export took off the signal already: `blank`, `570 nm`
    bead_count : beads counted
    role, sample : what the export says is in the well; empty where it does not say
    nominal : a standard's concentration, in `unit`
    dilution : factor by which the sample was diluted
    unit : unit of `nominal` and `reported` as the export states it; empty where it does not
    reported : the cell with the concentration that the export states
    reported_flag : what the export says of that concentration elsewhere
    """

    source: str
    well: str
    signal: float | None
    flag: str = ""
    analyte: str | None = None
    plate: str = ""
    channel: str = ""
    subtracted: str = ""
    bead_count: float | None = None
    role: str = ""
    sample: str = ""
    nominal: float | None = None
    dilution: float | None = None
    unit: str = ""
    reported: Any = ""
    reported_flag: str = ""


def well_of(text: object) -> str | None:
    """A well's name in its plain form, or None.

    >>> well_of("a01"), well_of("H-12"), well_of("1(1,A1)"), well_of("A0"), well_of("P25")
    ('A1', 'H12', 'A1', None, None)
    """
    plain = as_text(text).upper()
    position = POSITION.fullmatch(plain)
    found = WELL.fullmatch(position[2].strip() if position else plain)
    return f"{found[1]}{found[2]}" if found else None


def plate_of(location: object) -> str:
    """The number of the plate that a location like `97(2,A1)` names, empty where it names none.

    >>> plate_of("97(2,A1)"), plate_of("A1")
    ('2', '')
    """
    position = POSITION.fullmatch(as_text(location))
    return position[1] if position else ""


def signal_of(cell: object) -> tuple[float | None, str]:
    """A cell's number and its flag; a text that is no number is the flag.

    >>> signal_of("0,31"), signal_of("OVRFLW"), signal_of("*0.356*"), signal_of("")
    ((0.31, ''), (None, 'OVRFLW'), (0.356, 'Masked: *0.356*'), (None, ''))
    """
    number = as_number(cell)
    if number is not None:
        return number, ""
    text = as_text(cell)[:LONGEST_FLAG]
    masked = BETWEEN_ASTERISKS.fullmatch(text)
    inside = as_number(masked[1]) if masked else None
    return (inside, f"Masked: {text}") if inside is not None else (None, text)


def unit_in(text: str) -> str:
    """The unit of concentration that a text names, a mass a volume as hindpaw writes it; empty where it names none.

    >>> unit_in("Standard Value ng/mL"), unit_in("Conc (pg/ml)"), unit_in("Conc"), unit_in("µg/mL")
    ('ng/ml', 'pg/ml', '', 'µg/ml')
    >>> unit_in("Concentration Units/mL"), unit_in("Conc (nM)"), unit_in("OD 450 nm")
    ('Units/mL', 'nM', '')
    """
    found = UNIT.search(text)
    if found is None:
        other = OTHER_UNIT.search(text)
        return other[0] if other else ""
    return f"{found[1].lower().replace('u', 'µ').replace('μ', 'µ')}g/ml"


def cell(row: list[Any], place: int | None) -> Any:
    """A row's cell, empty where the row is shorter or the column is not there."""
    return row[place] if place is not None and 0 <= place < len(row) else ""


def first(row: list[Any]) -> str:
    """The text of a row's first cell."""
    return as_text(cell(row, 0))


def lead(row: list[Any]) -> str:
    """The first text in a row, wherever it stands; Excel exports often leave columns at the left empty."""
    return next((text for one in row if (text := as_text(one))), "")


def distinct(readings: Iterable[Reading]) -> list[Reading]:
    """The readings without those that repeat a well's number; two different numbers of one well both stay."""
    kept: dict[tuple[Any, ...], Reading] = {}
    for one in readings:
        kept.setdefault((one.plate, one.well, one.analyte, one.channel, one.signal, one.flag), one)
    return list(kept.values())


def blank(row: list[Any]) -> bool:
    """Whether a row holds nothing."""
    return not any(as_text(one) for one in row)


def broken(sheet: Sheet, reason: str, advice: str) -> StudyError:
    """A plate export that is not what the study file says."""
    what = f"{sheet.place} is no such plate export: {reason}."
    return StudyError(
        [Finding("plate", "error", "intake", what, "No well of it can be read.", advice, source=sheet.place)]
    )
