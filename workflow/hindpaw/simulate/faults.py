"""Faults to plant in clean files, each with the truth of what was planted, for tests of intake and audit."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass

from hindpaw.simulate.files import Book


@dataclass(frozen=True)
class Planted:
    """A planted fault: the address of the damaged cell, and the finding that must name it."""

    source: str
    check: str


Files = Mapping[str, Book | bytes]


def in_cell(
    files: Files, file: str, sheet: str, row: int, column: int, value: object, check: str
) -> tuple[Files, Planted]:
    """The files with one cell of a workbook overwritten; row and column from 0, row 0 the header."""
    damaged = copy.deepcopy(dict(files))
    book = damaged[file]
    assert isinstance(book, dict), "only a workbook's cells can be overwritten"
    book[sheet][row][column] = value
    return damaged, Planted(f"{file}!{sheet}!{'ABCDEFGHIJ'[column]}{row + 1}", check)


def not_a_series(files: Files) -> tuple[Files, Planted]:
    """A remark where a series should be."""
    return in_cell(files, "von_frey.xlsx", "Day 7", 3, 3, "see notebook", "V1")


def impossible_last_filament(files: Files) -> tuple[Files, Planted]:
    """A last filament that the series cannot have ended on."""
    book = files["von_frey.xlsx"]
    assert isinstance(book, dict), "the demo's von Frey file is a workbook"
    wrong = 4.56 if book["Day 7"][3][4] != 4.56 else 2.44
    damaged, planted = in_cell(files, "von_frey.xlsx", "Day 7", 3, 4, wrong, "V1")
    return damaged, Planted(planted.source.replace("!E", "!D"), "V1")


def unknown_filament(files: Files) -> tuple[Files, Planted]:
    """A last filament that is not in the set."""
    damaged, planted = in_cell(files, "von_frey.xlsx", "Day 10", 5, 4, 5.07, "V1")
    return damaged, Planted(planted.source.replace("!E", "!D"), "V1")


def unknown_mouse(files: Files) -> tuple[Files, Planted]:
    """A mouse that the allocation list does not know."""
    damaged, planted = in_cell(files, "von_frey.xlsx", "Day 14", 2, 0, "M999", "unknown-animal")
    return damaged, Planted(planted.source.replace("!A", "!D"), "unknown-animal")


def unknown_arm(files: Files) -> tuple[Files, Planted]:
    """A mouse in a group that the study file does not know."""
    return in_cell(files, "allocation.xlsx", "Allocation", 4, 1, "CCI + saline", "arm")


def measured_twice(files: Files) -> tuple[Files, Planted]:
    """One mouse entered twice on a day, with different series."""
    damaged = copy.deepcopy(dict(files))
    book = damaged["von_frey.xlsx"]
    assert isinstance(book, dict), "the demo's von Frey file is a workbook"
    rows = book["Day 21"]
    rows.append([*rows[1][:3], "XOXXOX", 3.61, "OXOOXO", 4.08, "simulated"])
    return damaged, Planted(f"von_frey.xlsx!Day 21!D{len(rows)}", "twice")


FAULTS = (not_a_series, impossible_last_filament, unknown_filament, unknown_mouse, unknown_arm, measured_twice)
