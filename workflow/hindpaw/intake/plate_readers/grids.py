"""Plates drawn as grids: a row of column numbers, and rows that begin with their letter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hindpaw.intake.open import Sheet, as_number, as_text
from hindpaw.intake.plate_readers.reading import blank, cell

NUMBER = re.compile(r"0?[1-9]|1\d|2[0-4]")
LETTERS = "ABCDEFGHIJKLMNOP"
# Rows × columns of a grid without letters and numbers: only whole plates are recognised.
WHOLE = ((16, 24), (8, 12))
FEWEST_COLUMNS = 2
TITLE_ABOVE = 4


@dataclass(frozen=True)
class Grid:
    """One grid on a sheet.

    Parameters
    ----------
    title : the text beside or above it; empty where there is none
    rows : index in the sheet, letter
    columns : index in the sheet, number
    """

    sheet: Sheet
    title: str
    rows: tuple[tuple[int, str], ...]
    columns: tuple[tuple[int, int], ...]

    def wells(self) -> Iterator[tuple[str, str, Any]]:
        """Each well's name, address and cell, row by row."""
        for row, letter in self.rows:
            for column, number in self.columns:
                yield f"{letter}{number}", self.sheet.source(row, column), cell(self.sheet.rows[row], column)


def runs(row: list[Any]) -> list[tuple[tuple[int, int], ...]]:
    """The stretches of a row that count 1, 2, 3 …, as (index, number).

    >>> runs(["", 1.0, 2.0, 3.0, "", "1", "2", "x"])
    [((1, 1), (2, 2), (3, 3)), ((5, 1), (6, 2))]
    """
    found: list[list[tuple[int, int]]] = []
    for place, text in enumerate(map(as_text, row)):
        number = int(text) if NUMBER.fullmatch(text) else 0
        if number and found and found[-1][-1] == (place - 1, number - 1):
            found[-1].append((place, number))
        elif number == 1:
            found.append([(place, 1)])
    return [tuple(run) for run in found if len(run) >= FEWEST_COLUMNS and not _goes_on(row, run)]


def _goes_on(row: list[Any], run: list[tuple[int, int]]) -> bool:
    """Whether a row counts beyond the columns of 384 wells."""
    place, number = run[-1]
    return as_text(cell(row, place + 1)) == str(number + 1)


def lacking(sheet: Sheet, what: str) -> str:
    """Why no grid was found: `what`, unless the plate has more than 384 wells."""
    large = any(
        _goes_on(row, [(place, 24)]) for row in sheet.rows for place, one in enumerate(row) if as_text(one) == "24"
    )
    return "it is a plate of more than 384 wells" if large else what


def labelled(sheet: Sheet) -> list[Grid]:
    """The grids of a sheet with letters and numbers at their edges, in the order they stand there."""
    found = []
    for head, row in enumerate(sheet.rows):
        beside: tuple[tuple[int, str], ...] = ()
        for run in runs(row):
            # Of grids side by side, the first alone may have letters.
            rows = beside = _lettered(sheet, head, run[0][0]) or beside
            if rows:
                found.append(Grid(sheet, _title(sheet, head, run[0][0]), rows, run))
    return found


def _lettered(sheet: Sheet, head: int, start: int) -> tuple[tuple[int, str], ...]:
    """The rows under a head that begin with A, B, C …; the letter stands just left of the first number."""
    rows: list[tuple[int, str]] = []
    for index in range(head + 1, len(sheet.rows)):
        if len(rows) == len(LETTERS):
            break
        label = as_text(cell(sheet.rows[index], start - 1)).upper()
        if label == LETTERS[len(rows)]:
            rows.append((index, label))
        elif not blank(sheet.rows[index]):
            break
    return tuple(rows)


def _title(sheet: Sheet, head: int, start: int) -> str:
    """The text in a grid's corner, or the nearest line of text above it."""
    corner = as_text(cell(sheet.rows[head], start - 1))
    if corner:
        return corner
    for index in range(head - 1, max(-1, head - 1 - TITLE_ABOVE), -1):
        texts = [as_text(one) for one in sheet.rows[index] if as_text(one)]
        if len(texts) == 1:
            return texts[0]
        if texts:
            own = as_text(cell(sheet.rows[index], start - 1)) or as_text(cell(sheet.rows[index], start))
            return own if as_number(own) is None else ""
    return ""


def bare(sheet: Sheet) -> list[Grid]:
    """The grids without letters and numbers: blocks of exactly 8 × 12 or 16 × 24 filled cells."""
    found, index = [], 0
    while index < len(sheet.rows):
        span = _span(sheet.rows[index])
        height = 1
        while span and index + height < len(sheet.rows) and _span(sheet.rows[index + height]) == span:
            height += 1
        if span and (height, span[1] - span[0]) in WHOLE:
            rows = tuple((index + step, LETTERS[step]) for step in range(height))
            columns = tuple((place, number) for number, place in enumerate(range(*span), 1))
            found.append(Grid(sheet, _title(sheet, index, span[0]) if index else "", rows, columns))
        index += height
    return found


def _span(row: list[Any]) -> tuple[int, int] | None:
    """Where a row's only stretch of filled cells begins and ends, None where there is not just one with a number."""
    filled = [place for place, one in enumerate(row) if as_text(one)]
    if (
        not filled
        or filled[-1] - filled[0] + 1 != len(filled)
        or all(as_number(row[place]) is None for place in filled)
    ):
        return None
    return filled[0], filled[-1] + 1
