"""Gen5 exports: matrices of a line or more for each plate row, the last cell of a line says what it holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from hindpaw.findings import Finding
from hindpaw.intake.cells import remark
from hindpaw.intake.open import Sheet, as_number, as_text
from hindpaw.intake.plate_readers.grids import LETTERS, lacking, runs
from hindpaw.intake.plate_readers.reading import Reading, blank, broken, cell, lead, signal_of, unit_in, well_of
from hindpaw.phrases import listed
from hindpaw.study import PlateFile

AGAIN = "In Gen5, export the endpoint reads as a matrix with the layout, to text or Excel."
CONCENTRATION = re.compile(r"\[?conc", re.IGNORECASE)
WAVELENGTH = re.compile(r"(?:^|[:\s])(\d{3,4})(?:\s*\[(?:Test|Ref)\])?$")
DIFFERENCE = re.compile(r"(?:delta|Δ).*|.*\b\d{3}\s*[-−–]\s*\d{3}\b.*", re.IGNORECASE)
# Lines that Gen5 computes from the reads; a standard curve is never fitted to them.
COMPUTED = re.compile(
    r"(corrected|ratio|mean|avg|average|std|sd|cv|count|%|min|max|slope|r-sq|lag|log\b|ln\b|normali[sz]ed|.*pathlength)",
    re.IGNORECASE,
)
# A computed line names its source in brackets; a raw one only how the well was read.
SOURCE = re.compile(r"\S+.*\s\[(?!(?:Test|Ref|Parallel|Perpendicular)\])[^\]]+\]", re.IGNORECASE)
FILTERS = re.compile(r"Excitation: ([^,]+),\s*Emission: (.+)")
# What a read is called where nobody named it and no wavelength does.
UNNAMED = ("Lum", "Alpha")
NOT_ENDPOINT = (("Start Kinetic", "a kinetic read"), ("Area Scan", "an area scan"), ("Spectr", "a spectrum"))
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
        found = _readings(sheet, lines, _reads(sheet, start, end), plate.wavelengths is not None)
        for reading in found:
            reading.plate = name if len(parts) > 1 else ""
            vars(reading).update(layout.get(reading.well, {}))
        readings += found
    if not readings:
        told = [as_text(one) for row in sheet.rows for one in row[:3]]
        kinds = [name for mark, name in NOT_ENDPOINT if any(mark in text for text in told)]
        raise broken(sheet, f"it is {kinds[0]}" if kinds else lacking(sheet, "it holds no matrix of readings"), AGAIN)
    return readings


def _reads(sheet: Sheet, start: int, end: int) -> set[str]:
    """What the procedure calls its reads: names, wavelengths, pairs of filters."""
    found: set[str] = set()
    for row in sheet.rows[start:end]:
        texts = [text for one in row[:3] if (text := as_text(one))]
        if texts[:1] == ["Read"] and len(texts) > 1:
            found.add(texts[1])
        for text in texts:
            if text.startswith(("Wavelengths:", "Pathlength Correction:")):
                found |= set(re.findall(r"\d{3,4}", text))
            elif filters := FILTERS.match(text):
                found.add(f"{filters[1]},{filters[2]}")
    return found | set(UNNAMED) if found else found


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
        # Readings of 1, 2, 3 have their label behind them, a head has nothing.
        labelled = counted and as_text(cell(row, counted[0][-1][0] + 1))
        if counted and not labelled and not as_text(cell(row, counted[0][0][0] - 1)):
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


def _readings(sheet: Sheet, lines: list[Line], reads: set[str], raw_only: bool) -> list[Reading]:
    """The readings of one plate; `raw_only` where the study file says which wavelength is the signal."""
    held = [line for line in lines if line[2] not in ("Well ID", "Conc/Dil", "Name", "Layout")]
    concentrations = [line for line in held if _is_concentration(line[2])]
    reported, unit = {}, ""
    for index, letter, label, columns in concentrations:
        unit = unit_in(label) or unit
        for place, number in columns:
            reported[f"{letter}{number}"] = cell(sheet.rows[index], place)
    kinds = _kinds([line for line in held if line not in concentrations], reads)
    wanted = next((kind for kind in ("raw", "difference", "blank") if kind in kinds.values()), "")
    if (
        "difference" in kinds.values()
        and not raw_only
        and len({line[2] for line, kind in kinds.items() if kind == "raw"}) > 1
    ):
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


def _is_concentration(label: str) -> bool:
    """Whether a line holds concentrations in a unit that is known, or in the standards'.

    >>> [_is_concentration(one) for one in ("[Concentration]", "Conc", "IL-6 conc. (pg/mL)", "DNA conc ng/uL")]
    [True, True, True, False]
    """
    named = bool(re.search(r"\bconc", label, re.IGNORECASE) and unit_in(label))
    return named or bool(CONCENTRATION.match(label)) or "[Concentration]" in label


def _kinds(lines: list[Line], reads: set[str]) -> dict[Line, str]:
    """What each line of a matrix holds; where some are reads of the procedure, others that seem raw are computed."""
    kinds = {line: _kind(line[2]) for line in lines}
    read = {line: _is_read(line[2], reads) for line, kind in kinds.items() if kind == "raw"}
    return kinds | {line: "computed" for line, named in read.items() if not named and any(read.values())}


def _is_read(label: str, reads: set[str]) -> bool:
    """Whether a label names a read of the procedure.

    >>> [_is_read(label, {"od", "450"}) for label in ("od:450", "450", "450 [Test]", "IL-6 pg/ml")]
    [True, True, True, False]
    """
    plain = re.sub(r"\s*\[[^\]]*\]$", "", label)
    return bool({plain, plain.partition(":")[0], plain.rpartition(":")[2]} & reads)


def _kind(label: str) -> str:
    """What a line of a matrix holds.

    >>> [_kind(label) for label in ("abs450:450", "Blank 450", "Delta 450", "450-570", "Ratio 260/280", "660")]
    ['raw', 'blank', 'difference', 'difference', 'computed', 'raw']
    >>> [_kind(label) for label in ("t at Max V [420]", "450 [Test]")]
    ['computed', 'raw']
    """
    if label.casefold().startswith("blank"):
        return "blank"
    if COMPUTED.match(label) or SOURCE.fullmatch(label):
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
    stated: dict[str, float] = {}
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
                value = as_number(text)
                if said[well]["role"] == "standard":
                    said[well]["nominal"] = value
                elif value is not None and value > 0:
                    stated[well] = value
    if not mixed(stated.values()):
        for well, value in stated.items():
            said[well]["dilution"] = 1 / value if value < 1 else value
    return said


def _role(well_id: str) -> str:
    """What a well holds, by Gen5's own ids.

    >>> [_role(one) for one in ("STD1", "BLK", "SPL1:2", "CTL1")]
    ['standard', 'blank', 'sample', 'control']
    """
    return next((role for role, pattern in ROLES if re.match(pattern, well_id, re.IGNORECASE)), "sample")


def mixed(stated: Iterable[float]) -> bool:
    """Whether what is stated of samples is neither shares nor factors: 0.25 is 1:4, and 4 is 1:4 too, but not both.

    >>> mixed([1, 0.5, 0.25]), mixed([1, 10, 100]), mixed([10, 1, 0.5])
    (False, False, True)
    """
    numbers = list(stated)
    return any(number < 1 for number in numbers) and any(number > 1 for number in numbers)


def doubts(sheet: Sheet, plate: PlateFile) -> tuple[Finding, ...]:
    """The warnings on plates that take another's layout, and on samples whose Conc/Dil holds no dilutions."""
    found, bare, laid = [], [], False
    for name, start, end in _plates(sheet):
        lines = list(_lines(sheet, start, end))
        role = {well: one["role"] for well, one in _layout(sheet, lines).items()}
        if laid and lines and not role:
            bare.append(name)
        laid = laid or bool(role)
        cells = [
            as_number(cell(sheet.rows[index], place))
            for index, letter, label, columns in lines
            for place, number in columns
            if label == "Conc/Dil" and role.get(f"{letter}{number}", "standard") != "standard"
        ]
        found.append(mixed(one for one in cells if one is not None and one > 0))
    remarks = []
    if any(found):
        what = f"{plate.name}: Conc/Dil of samples in {sheet.place} holds numbers above and below 1, so they are no dilutions."
        why = "They are not used; read as factors, concentrations would be wrong by them."
        advice = "Give the dilutions in the plate map, or dilution: to the plate."
        remarks.append(remark("plate", "warning", what, why, advice, sheet.place))
    if bare and plate.plate_map is None:
        what = f"{plate.name}: {sheet.place} states no layout for {listed(bare)}, so that of the plate before is taken."
        why = "Gen5 writes the layout once where all plates share it; on a plate laid out otherwise, wells would be taken for others."
        advice = "Where its samples are others, export each plate by itself and give each a plate map."
        remarks.append(remark("plate", "warning", what, why, advice, sheet.place))
    return tuple(remarks)
