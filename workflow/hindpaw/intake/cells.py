"""A sheet's cells, each with its address, and what a cell says as text or as a number."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from hindpaw.findings import Finding, StudyError

# A real table of a lab has a few thousand cells; a sheet of more than this would not fit into memory.
MOST_CELLS = 10_000_000
# Blanks and signs without a width, which copied text brings along and no eye sees.
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\xa0 \t\r\n"
NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet, or of a text file cut at its delimiter.

    Parameters
    ----------
    file : the file's name in the study folder
    name : the sheet's name; empty for a text file
    rows : the cells, row by row, as the file holds them
    merged : merged ranges as (first row, first column, last row, last column), from 0
    struck : cells (row, column) that the file itself marks as excluded, as Prism does
    remarks : what is worth knowing about how the sheet was read
    """

    file: str
    name: str
    rows: list[list[Any]]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    struck: frozenset[tuple[int, int]] = frozenset()
    remarks: tuple[Finding, ...] = ()

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


@dataclass
class Passed:
    """What calamine passes over in one sheet, as addresses (rows by number)."""

    errors: dict[str, str] = field(default_factory=dict)
    uncomputed: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)


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


def as_text(cell: Any) -> str:
    """A cell as the text a spreadsheet shows, without outer blanks, seen or not; a whole number without its decimal
    point, a date without a clock as year-month-day.

    >>> as_text(1441.0), as_text(" OXO "), as_text(None), as_text(0.07), as_text("\u200bM1\ufeff")
    ('1441', 'OXO', '', '0.07', 'M1')
    >>> as_text(datetime.datetime(2024, 3, 1))
    '2024-03-01'
    """
    if isinstance(cell, str):
        plain = cell.strip()
        return plain if plain.isascii() else plain.strip(INVISIBLE)
    if cell is None or (isinstance(cell, float) and pd.isna(cell)):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
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
    # float() also takes "nan", "infinity" and "1_000", which no lab means as numbers.
    if not NUMBER.fullmatch(plain):
        return None
    value = float(plain)
    return value if abs(value) < float("inf") else None


def unreadable(name: str, reason: str, advice: str) -> StudyError:
    """The refusal of a file as a whole."""
    why = "Nothing in it can be analysed."
    return StudyError(
        [Finding("unreadable", "error", "intake", f"{name} cannot be read: {reason}.", why, advice, source=name)]
    )


def remark(check: str, severity: str, what: str, why: str, what_to_do: str, source: str) -> Finding:
    """A finding about how a sheet was read."""
    return Finding(check, severity, "intake", what, why, what_to_do, source=source)


def mapped(cells: pd.Series, function: Callable[[Any], Any]) -> np.ndarray:
    """The function of every cell, computed once for each different cell: a million rows repeat a few values.

    >>> mapped(pd.Series(["0,4", "0,4", "x"], dtype=object), as_number).tolist()
    [0.4, 0.4, None]
    """
    codes, different = coded(cells)
    return np.fromiter(map(function, different), dtype=object, count=len(different))[codes]


def marked(cells: pd.Series, test: Callable[[Any], Any]) -> np.ndarray:
    """Which cells pass a test, asked once for each different cell.

    >>> marked(pd.Series(["0,4", "", "x"], dtype=object), as_text).tolist()
    [True, False, True]
    """
    codes, different = coded(cells)
    return np.fromiter((bool(test(cell)) for cell in different), dtype=bool, count=len(different))[codes]


def coded(cells: pd.Series) -> tuple[np.ndarray, list[Any]]:
    """Each cell as its place among the different ones, and these.

    >>> codes, different = coded(pd.Series(["0,4", "x", "0,4"], dtype=object))
    >>> codes.tolist(), different
    ([0, 1, 0], ['0,4', 'x'])
    """
    codes, different = pd.factorize(cells.to_numpy(dtype=object))
    # A missing cell has the code -1, the place of the last one.
    missing = (codes < 0).any()
    return np.where(codes < 0, len(different), codes) if missing else codes, [*different, *([None] if missing else [])]


def coded_together(columns: Sequence[pd.Series]) -> tuple[np.ndarray, list[tuple[Any, ...]]]:
    """Each row of several columns as its place among the different rows, and these.

    >>> codes, different = coded_together([pd.Series(["a", "a", "b"]), pd.Series([1, 1, 1])])
    >>> codes.tolist(), different
    ([0, 0, 1], [('a', 1), ('b', 1)])
    """
    codes, different = coded(columns[0])
    rows: list[tuple[Any, ...]] = [(cell,) for cell in different]
    for column in columns[1:]:
        more, others = coded(column)
        codes, pairs = pd.factorize(codes * len(others) + more)
        rows = [(*rows[pair // len(others)], others[pair % len(others)]) for pair in pairs.tolist()]
    return codes, rows


def numbers(cells: pd.Series) -> pd.Series:
    """Every cell as a number, missing where it is none."""
    return pd.Series(mapped(cells, as_number).astype(float), index=cells.index)


def texts(cells: pd.Series) -> pd.Series:
    """Every cell as text."""
    return pd.Series(mapped(cells, as_text), index=cells.index, dtype=object)
