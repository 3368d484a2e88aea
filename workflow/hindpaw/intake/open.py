"""Any file of a study as cells that know their address."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from hindpaw import tables
from hindpaw.findings import Finding, StudyError, nearest

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
# A real workbook of a study unpacks to a few megabytes; a zip bomb does not stop there.
LARGEST_BYTES = 512 * 1024**2


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet, or of a text file cut at its delimiter.

    Parameters
    ----------
    file : the file's name in the study folder
    name : the sheet's name; empty for a text file
    rows : the cells, row by row, as the file holds them
    """

    file: str
    name: str
    rows: list[list[Any]]

    @property
    def place(self) -> str:
        """What messages call the sheet."""
        return f"{self.file}!{self.name}" if self.name else self.file

    def source(self, row: int, column: int) -> str:
        """The address of a cell by row and column from 0.

        >>> Sheet("a.xlsx", "Day 3", []).source(row=4, column=27)
        'a.xlsx!Day 3!AB5'
        """
        return f"{self.place}!{letters(column)}{row + 1}"


def letters(column: int) -> str:
    """A spreadsheet's letters for a column from 0.

    >>> letters(0), letters(25), letters(26), letters(701), letters(702)
    ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def place_of(column: str) -> int:
    """The column from 0 that a spreadsheet's letters name.

    >>> place_of("A"), place_of("ZZ"), place_of("AAA")
    (0, 701, 702)
    """
    place = 0
    for letter in column:
        place = 26 * place + ord(letter) - ord("A") + 1
    return place - 1


def folder(path: str | Path, names: Iterable[str]) -> dict[str, bytes]:
    """The bytes of each named file of a study folder.

    Raises
    ------
    StudyError
        With one finding for each file that is missing, unreadable, or outside the folder by a link.
    """
    root = Path(path).resolve()
    present = sorted(str(file.relative_to(root)) for file in root.rglob("*") if file.is_file()) if root.is_dir() else []
    contents, found = {}, []
    for name in names:
        file = (root / name).resolve()
        if not file.is_relative_to(root):
            found.append(
                _unreadable(name, "it lies outside the study's data folder", "Copy the file itself into the folder.")
            )
        elif not file.is_file():
            found.append(_unreadable(name, f"there is no such file in {path}", nearest(name, present)))
        elif file.stat().st_size > LARGEST_BYTES:
            found.append(_unreadable(name, "it is larger than 512 MiB", "Split the export."))
        else:
            contents[name] = file.read_bytes()
    if found:
        raise StudyError(found)
    return contents


def listed(contents: Mapping[str, bytes]) -> pd.DataFrame:
    """The table `exports`: each raw file with its size and digest."""
    rows = [(name, len(content), hashlib.sha256(content).hexdigest()) for name, content in contents.items()]
    return tables.shaped(pd.DataFrame(rows, columns=tables.columns(tables.Exports)), tables.Exports)


def sheets(name: str, content: bytes) -> list[Sheet]:
    """The sheets of a workbook or a delimited text file.

    Raises
    ------
    StudyError
        Where the content is not what the name says.
    """
    if name.lower().endswith(WORKBOOKS):
        return _workbook(name, content)
    return [Sheet(name, "", cut(text(name, content)))]


def sheet(name: str, content: bytes, wanted: str | None) -> Sheet:
    """The wanted sheet of a file, or its first."""
    found = sheets(name, content)
    chosen = [one for one in found if wanted is None or one.name.strip() == wanted.strip()]
    if not chosen:
        advice = nearest(wanted, [one.name for one in found])
        raise StudyError([_unreadable(name, f'it has no sheet "{wanted}"', advice)])
    return chosen[0]


def text(name: str, content: bytes) -> str:
    """The text of a file in the encodings that instruments write: UTF-8, UTF-16, Windows-1252."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            decoded = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in decoded:
            return decoded.replace("\r\n", "\n").replace("\r", "\n")
    raise StudyError([_unreadable(name, "it is not a text file", "Export it again as text, CSV or xlsx.")])


def cut(content: str) -> list[list[str]]:
    """The cells of a delimited text, by the delimiter that the first line with any has most of."""
    delimiters = [",", ";", "\t"]
    first = next((line for line in content.split("\n") if any(mark in line for mark in delimiters)), "")
    delimiter = max(delimiters, key=first.count)
    return list(csv.reader(io.StringIO(content), delimiter=delimiter))


def _workbook(name: str, content: bytes) -> list[Sheet]:
    """The sheets of a workbook as calamine reads them; its blanks are empty texts."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        _refuse_bombs(name, content)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        cells = {title: book.get_sheet_by_name(title).to_python(skip_empty_area=False) for title in book.sheet_names}
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        reason = (
            f"it is not a readable workbook ({str(error).splitlines()[0]})"
            if str(error)
            else "it is not a readable workbook"
        )
        raise StudyError(
            [_unreadable(name, reason, "Open it in a spreadsheet program and save it again as xlsx.")]
        ) from None
    return [Sheet(name, title, rows) for title, rows in cells.items()]


def _refuse_bombs(name: str, content: bytes) -> None:
    """A zip that unpacks to far more than any study holds is not opened."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        size = sum(member.file_size for member in zipfile.ZipFile(io.BytesIO(content)).infolist())
        if size > LARGEST_BYTES:
            raise StudyError(
                [_unreadable(name, "it unpacks to more than 512 MiB", "Save only the sheets of this study.")]
            )


def _unreadable(name: str, reason: str, advice: str) -> Finding:
    """A finding about a file as a whole."""
    why = "Nothing in it can be analysed."
    return Finding("unreadable", "error", "intake", f"{name} cannot be read: {reason}.", why, advice, source=name)


def as_text(cell: Any) -> str:
    """A cell as the text a spreadsheet shows, without outer blanks; a whole number without its decimal point.

    >>> as_text(1441.0), as_text(" OXO "), as_text(None), as_text(0.07)
    ('1441', 'OXO', '', '0.07')
    """
    if cell is None or (isinstance(cell, float) and pd.isna(cell)):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def as_number(cell: Any) -> float | None:
    """A cell as a number, decimal comma or Unicode minus allowed; None where it is none.

    >>> as_number("0,07"), as_number("−1"), as_number("n.d."), as_number(True)
    (0.07, -1.0, None, None)
    """
    if isinstance(cell, bool):
        return None
    plain = as_text(cell).replace("\u2212", "-").replace("\u2013", "-")
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None
