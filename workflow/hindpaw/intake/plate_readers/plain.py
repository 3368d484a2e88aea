"""Plates without a vendor: grids anywhere on a sheet, and lists with a line for each well."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hindpaw.findings import nearest
from hindpaw.intake.open import Sheet, as_number, as_text
from hindpaw.intake.plate_readers.grids import Grid, bare, labelled, lacking
from hindpaw.intake.plate_readers.reading import Reading, blank, broken, cell, signal_of, unit_in, well_of
from hindpaw.intake.wavelengths import REFERENCES, TMB
from hindpaw.study import PlateFile

WAVELENGTH = re.compile(r"(?<!\d)(\d{3})(?!\d)")
# How the columns of a list are called where the study file does not say.
NAMES = {
    "well": r"well|well ?(?:id|name|position|no\.?)|position|location",
    "signal": r"signal|od|absorbance|abs|a|mfi|fi|median|value|reading|raw|od ?\(?450\)?|(?:abs|a)?\W?450(?: ?nm)?|od ?450 ?nm",
    "analyte": r"analyte|assay|target|cytokine",
    "plate": r"plate|plate ?(?:id|name|no\.?)",
    "sample": r"sample|sample ?(?:id|name)|content",
    "flag": r"flag|flags|remark",
    "bead_count": r"bead ?count|count",
    "reported": r"(?:calc\.? |obs\.? )?conc(?:entration)?\.?(?:\W+[pnµu]g/ml\W*)?|result",
}
# A list has a title, a protocol or a grid above its head, but not thousands of lines.
HEAD_WITHIN, WIDEST = 1000, 1000
GRID = "Give the grid its column numbers 1 to 12 above and its letters A to H at the left."


def read_grids(sheet: Sheet, plate: PlateFile) -> list[Reading]:
    """The wells of every grid on a sheet; grids titled by a wavelength are channels, others plates of their own.

    Raises
    ------
    StudyError
        Where there is no grid.
    """
    grids = labelled(sheet) or bare(sheet)
    if not grids:
        raise broken(sheet, lacking(sheet, "it holds no 8 × 12 or 16 × 24 grid"), GRID)
    readings = []
    for grid, (name, channel) in zip(grids, _titles(sheet, grids), strict=True):
        for well, source, content in grid.wells():
            signal, flag = signal_of(content)
            readings.append(Reading(source, well, signal, flag, plate=name, channel=channel))
    return readings


def _titles(sheet: Sheet, grids: list[Grid]) -> list[tuple[str, str]]:
    """Plate and channel of each grid: a title that differs only in its wavelength names a channel."""
    if len(grids) == 1:
        found = WAVELENGTH.search(grids[0].title)
        return [("", found[1] if found else "")]
    told = []
    for number, grid in enumerate(grids, 1):
        found = WAVELENGTH.search(grid.title)
        rest = WAVELENGTH.sub("", grid.title).strip(" -_:,()") if found else grid.title
        rest = re.sub(r"(?i)\b(?:nm|od|abs(?:orbance)?|raw data|a)\b", "", rest).strip(" -_:,()")
        told.append((rest, found[1] if found else "", number))
    one_plate = len({name for name, _, _ in told}) == 1 and len({channel for _, channel, _ in told}) == len(told)
    titles = [("" if one_plate else name or f"grid {number}", channel) for name, channel, number in told]
    if len(set(titles)) < len(titles):
        titles = [(f"{name} ({number})", channel) for number, (name, channel) in enumerate(titles, 1)]
    return titles


def read_list(sheet: Sheet, plate: PlateFile) -> list[Reading]:
    """The wells of a list; its columns are named in the study file or known by their usual names.

    Raises
    ------
    StudyError
        Where no head names a well and a signal, or two columns could be the signal.
    """
    head, places = _columns(sheet, plate.columns)
    readings = []
    names = {as_text(cell(row, places.get("plate"))) for row in sheet.rows[head + 1 :] if not blank(row)}
    title = as_text(cell(sheet.rows[head], places["signal"]))
    other = as_text(cell(sheet.rows[head], places.get("reference")))
    for index, row in enumerate(sheet.rows[head + 1 :], head + 1):
        well = well_of(cell(row, places["well"]))
        if blank(row):
            continue
        if well is None:
            raise broken(
                sheet,
                f'"{as_text(cell(row, places["well"]))[:40]}" in line {index + 1} is no well',
                "Write wells as A1 to H12, and take lines below the list out.",
            )
        told: dict[str, Any] = {
            "analyte": as_text(cell(row, places.get("analyte"))) or None,
            "plate": as_text(cell(row, places.get("plate"))) if len(names) > 1 else "",
            "sample": as_text(cell(row, places.get("sample"))),
            "bead_count": as_number(cell(row, places.get("bead_count"))),
            "reported": cell(row, places.get("reported")),
            "unit": unit_in(as_text(cell(sheet.rows[head], places.get("reported")))),
        }
        for place, channel in [(places["signal"], title)] + (
            [(places["reference"], other)] if "reference" in places else []
        ):
            signal, flag = signal_of(cell(row, place))
            flags = "; ".join(filter(None, [flag, as_text(cell(row, places.get("flag")))]))
            found = WAVELENGTH.search(channel)
            source = sheet.source(index, place)
            readings.append(Reading(source, well, signal, flags, channel=found[1] if found else channel, **told))
    if not readings:
        raise broken(sheet, "its list holds no well", "Give a line for each well.")
    return readings


def _columns(sheet: Sheet, named: Mapping[str, str]) -> tuple[int, dict[str, int]]:
    """The line of the head, and where each column stands."""
    for index, row in enumerate(sheet.rows[:HEAD_WITHIN]):
        if len(row) > WIDEST:
            continue
        titles = [" ".join(as_text(one).split()) for one in row]
        places = _named(sheet, titles, named) if named else _guessed(titles)
        if places and {"well", "signal"} <= set(places):
            return index, places
    titles = [as_text(one) for row in sheet.rows[:1] for one in row]
    advice = nearest(named["signal"], titles) if "signal" in named else "Name them: columns: {well: …, signal: …}."
    raise broken(sheet, "no line of it heads a column of wells and one column of signals", advice)


def _named(sheet: Sheet, titles: list[str], named: Mapping[str, str]) -> dict[str, int]:
    """Where the columns that the study file names stand, empty where not all are in this line."""
    plain = [title.casefold() for title in titles]
    wanted = {name: header.strip().casefold() for name, header in named.items()}
    if any(plain.count(header) != 1 for header in wanted.values()):
        return {}
    places = {name: plain.index(header) for name, header in wanted.items()}
    return places | ({} if "well" in places else {key: at for key, at in _guessed(titles).items() if key == "well"})


def _guessed(titles: list[str]) -> dict[str, int]:
    """Where columns with usual names stand; a name that two columns bear is left out."""
    found: dict[str, int] = {}
    for name, pattern in NAMES.items():
        places = [place for place, title in enumerate(titles) if re.fullmatch(pattern, title, re.IGNORECASE)]
        if len(places) == 1 and places[0] not in found.values():
            found[name] = places[0]
    waves = {title: place for place, title in enumerate(titles) if WAVELENGTH.search(title)}
    if "signal" not in found and len(waves) == 1:
        found["signal"] = next(iter(waves.values()))
    by_wave = {WAVELENGTH.search(title)[1]: place for title, place in waves.items()}  # type: ignore[index]
    others = [wave for wave in by_wave if wave in REFERENCES]
    if len(waves) == 2 and TMB in by_wave and others and "reference" not in found:
        found |= {"signal": by_wave[TMB], "reference": by_wave[others[0]]}
    return found
