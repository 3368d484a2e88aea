"""Files that hold no table hindpaw could read: what each is, seen from how it begins or ends, and how to get one out."""

from __future__ import annotations

from pathlib import PurePosixPath

from hindpaw.findings import StudyError
from hindpaw.intake.cells import unreadable

TYPED = "Type its values into a table, a row a session, and save it as xlsx or CSV."
BY_R = "In R, write the table out: write.csv(data, 'data.csv', row.names = FALSE)."
BEADS = "Export the batch from the program as CSV with medians, counts and expected concentrations."
# How a file begins → what it is, what to do.
BEGINNINGS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF", TYPED),
    (b"\xff\xd8\xff", "a picture", TYPED),
    (b"\x89PNG", "a picture", TYPED),
    (b"GIF8", "a picture", TYPED),
    (b"II*\x00", "a picture", TYPED),
    (b"MM\x00*", "a picture", TYPED),
    (b"{\\rtf", "a text document (RTF)", "Copy its table into a spreadsheet, and save it as xlsx or CSV."),
    (b"$FL2", "a data file of SPSS", "In SPSS choose File, Save As, and the type CSV or Excel."),
    (b"$FL3", "a data file of SPSS", "In SPSS choose File, Save As, and the type CSV or Excel."),
    (b"MATLAB 5.0", "a data file of MATLAB", "In MATLAB, write the table out: writetable(T, 'data.csv')."),
    (b"FCS2.", "a file of single events", BEADS),
    (b"FCS3.", "a file of single events", BEADS),
)
# How its name ends, where the beginning does not tell.
ENDINGS: dict[str, tuple[str, str]] = {
    **dict.fromkeys((".rdata", ".rda", ".rds"), ("a data file of R", BY_R)),
    **dict.fromkeys((".sda", ".sdax", ".pda"), ("a document of SoftMax Pro", "In SoftMax Pro choose File, Export, and the plate with raw data.")),
    ".xpt": ("an experiment of Gen5", "In Gen5, export the endpoint reads as a matrix with the layout, to text or Excel."),
    **dict.fromkeys((".lxb", ".lxd", ".rbx"), ("a file of single beads", BEADS)),
    ".json": ("a JSON file", "Write it out as a table, as CSV or xlsx."),
    **dict.fromkeys((".heic", ".bmp", ".webp"), ("a picture", TYPED)),
    ".doc": ("a Word document", "Copy its table into a spreadsheet, and save it as xlsx or CSV."),
}  # fmt: skip
# A part that only such a zip has.
PARTS: tuple[tuple[str, str, str], ...] = (
    ("word/document.xml", "a Word document", "Copy its table into a spreadsheet, and save it as xlsx or CSV."),
    ("ppt/presentation.xml", "a presentation", "Copy its table into a spreadsheet, and save it as xlsx or CSV."),
    ("Index/Document.iwa", "a document of Apple Numbers", "In Numbers choose File, Export To, and Excel or CSV."),
)


def refuse(name: str, content: bytes) -> None:
    """Refuse what is no table, by its first bytes or its name.

    Raises
    ------
    StudyError
        With what it is, and how to get a table out of it.
    """
    found = next(((what, advice) for begin, what, advice in BEGINNINGS if content.startswith(begin)), None)
    ending = PurePosixPath(name.lower()).suffix
    # A csv may bear any name.
    binary = b"\0" in content[:4096] or ending == ".json" or content.startswith(b"\x1f\x8b")
    found = found or (ENDINGS.get(ending) if binary else None)
    if found:
        raise _refusal(name, *found)


def refuse_zip(name: str, members: list[str]) -> None:
    """Refuse a zip that is a document of another program.

    Raises
    ------
    StudyError
        With what it is, and how to get a table out of it.
    """
    for part, what, advice in PARTS:
        if part in members:
            raise _refusal(name, what, advice)


def _refusal(name: str, what: str, advice: str) -> StudyError:
    """The words for a file that is no table."""
    return unreadable(name, f"it is {what}, which holds no table that hindpaw can read", advice)
