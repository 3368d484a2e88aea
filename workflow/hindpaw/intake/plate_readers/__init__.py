"""What plate readers export: the wells of a file, each with its address, its signal and its flag.

Each reader takes cells (or, for XML, bytes) and gives readings; which one reads a file is seen from its content, and a
study file that says otherwise is contradicted.
"""

from __future__ import annotations

from dataclasses import dataclass

from hindpaw.findings import Finding, StudyError
from hindpaw.intake import open as files
from hindpaw.intake.cells import remark
from hindpaw.intake.open import Sheet
from hindpaw.intake.plate_readers import (
    bioplex_workbook,
    bioplex_xml,
    bmg,
    converted,
    gen5,
    msd,
    plain,
    recognise,
    softmax,
    xponent,
)
from hindpaw.intake.plate_readers.converted import BY_HAND, PROGRAMS
from hindpaw.intake.plate_readers.reading import Reading, broken, well_of
from hindpaw.study import PlateFile

__all__ = ["Export", "Reading", "broken", "opened", "well_of"]

ONE_SHEET = {
    "softmax": softmax.read,
    "gen5": gen5.read,
    "bmg": bmg.read,
    "xponent": xponent.read,
    "msd": msd.read,
    "grid": plain.read_grids,
    "list": plain.read_list,
}
BY_TABS = ("softmax", "gen5")
# What is not read by itself, or is converted, and what the study file may call it all the same.
PLAIN = ("grid", "list")
ALL_THE_SAME = {
    **dict.fromkeys(PROGRAMS, PLAIN),
    "gen5 kinetic": PLAIN,
    "bioplex workbook": ("bioplex", *PLAIN),
}
UNKNOWN = "is no plate export that hindpaw knows"
# How a zip (xlsx, ods) and an old xls begin.
WORKBOOK = (b"PK", b"\xd0\xcf\x11\xe0")
# The longest multiplex of a 384-well plate is shorter.
LARGEST_TEXT_BYTES = 48 * 1024**2


@dataclass(frozen=True)
class Export:
    """A file's readings, the layout it was read by, the sheets of a workbook that were read, and what is to be said."""

    layout: str
    readings: list[Reading]
    sheets: list[Sheet]
    remarks: tuple[Finding, ...] = ()

    @property
    def plates(self) -> list[str]:
        """The names of its plates; one empty name where it holds one."""
        return list(dict.fromkeys(reading.plate for reading in self.readings))


def opened(plate: PlateFile, content: bytes) -> Export:
    """The readings of a plate export.

    Raises
    ------
    StudyError
        Where the content is not what the study file says, is of a program that is not read, or is damaged.
    """
    if content.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] == b"<":
        _agreed(plate, "bioplex")
        return Export("bioplex", bioplex_xml.read(plate.file, content, plate), [])
    sheets = _sheets(plate, content)
    layout = _agreed(plate, recognise.program(sheets))
    if layout in PROGRAMS:
        readings, note = converted.read(plate, content, layout)
        return Export(layout, readings, [], (note,))
    if layout == "bioplex":
        return Export(layout, bioplex_workbook.read(sheets, plate), sheets, (_unproven(plate),))
    for chosen in [layout] if layout else ["grid", "list"]:
        found = _first(plate, chosen, sheets)
        if isinstance(found, Export):
            return found
        if layout:
            raise found
    raise _unknown(plate)


def _sheets(plate: PlateFile, content: bytes) -> list[Sheet]:
    """The file's sheets (or the one that the study file names); text of a program that writes tabs is cut at tabs."""
    if plate.sheet is not None:
        return [files.sheet(plate.file, content, plate.sheet)]
    if content.startswith(WORKBOOK):
        return files.sheets(plate.file, content)
    if len(content) > LARGEST_TEXT_BYTES:
        what = f"{plate.file} is larger than 48 MiB."
        advice = "Export each plate by itself, without spectra, kinetics or the events of single beads."
        raise StudyError(
            [Finding("plate", "error", "intake", what, "No plate export is that long.", advice, plate.file)]
        )
    rows = [[_unquoted(one) for one in line.split("\t")] for line in files.text(plate.file, content).split("\n")]
    tabbed = [Sheet(plate.file, "", rows)]
    by_tabs = any(len(row) > 1 for row in rows) and recognise.program(tabbed) in BY_TABS
    return tabbed if by_tabs else files.sheets(plate.file, content)


def _unquoted(text: str) -> str:
    """A cell without the quotes that a spreadsheet program or SoftMax Pro puts around it."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _agreed(plate: PlateFile, seen: str | None) -> str | None:
    """The layout to read by: the one seen, unless the study file names another."""
    if plate.layout in ALL_THE_SAME.get(seen or "", ()):
        return plate.layout
    if seen in recognise.REFUSED:
        raise _refused(plate, *recognise.REFUSED[seen])
    if plate.layout is None or seen == plate.layout:
        return seen
    if seen is None:
        return plate.layout
    what = f"{plate.file} looks like a {recognise.LABELS[seen]}, not like the layout {plate.layout} of the study file."
    why = "Read by the wrong layout, wells would be taken for others."
    raise StudyError(
        [Finding("plate", "error", "intake", what, why, f"Write layout: {seen}, or leave layout out.", plate.file)]
    )


def _first(plate: PlateFile, layout: str, sheets: list[Sheet]) -> Export | StudyError:
    """The readings of the first sheet that the layout fits, or why the first one does not."""
    refusal: StudyError | None = None
    for sheet in sheets:
        try:
            doubts = gen5.doubts(sheet, plate) if layout == "gen5" else ()
            return Export(layout, ONE_SHEET[layout](sheet, plate), [sheet] if sheet.name else [], doubts)
        except StudyError as error:
            refusal = refusal or error
    return refusal or _unknown(plate)


def _unknown(plate: PlateFile) -> StudyError:
    """A file whose layout shows neither from its content nor from the study file."""
    what = f"{plate.file} {UNKNOWN}, and holds no grid or list of wells."
    advice = "SoftMax Pro, Gen5, BMG MARS, xPONENT, Bio-Plex and MSD exports are read. " + BY_HAND
    return StudyError([Finding("plate", "error", "intake", what, "No well of it can be read.", advice, plate.file)])


def _refused(plate: PlateFile, kind: str, advice: str) -> StudyError:
    """A kind of file that is recognised and not read."""
    what = f"{plate.file} looks like {kind}, which hindpaw does not read."
    why = "No real file of the kind was at hand to read it against, and a guess could take wells for others."
    return StudyError([Finding("plate", "error", "intake", what, why, f"{advice} {BY_HAND}".strip(), plate.file)])


def _unproven(plate: PlateFile) -> Finding:
    """The warning on a workbook of Bio-Plex Manager."""
    return remark(
        "plate",
        "warning",
        f"{plate.name}: {plate.file} is a workbook of Bio-Plex Manager, read by the names of its columns.",
        "hindpaw was never compared with a real one; its XML export was.",
        "Compare a few wells with Bio-Plex Manager, or export XML.",
        plate.file,
    )
