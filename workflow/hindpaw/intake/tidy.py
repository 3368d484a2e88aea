"""Every von Frey layout as one long frame: a row a datum, with the cells that say whose and when it is."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from hindpaw.findings import Finding, StudyError
from hindpaw.intake import grids, layouts
from hindpaw.intake.cells import Sheet, as_text, marked
from hindpaw.intake.layouts import RAGGED, ROW, Part
from hindpaw.intake.words import is_summary
from hindpaw.study import VonFreyFile
from hindpaw.von_frey import VALUES

KEYS = ("animal", "arm", "day", "paw", "session", "tester", "filament")
# A mouse may be called N; Mean is no name.
SHORT = 2
VALUE_CELLS = ("responses", "last_filament", "first_filament", "applications", "threshold")
Failed = tuple[str, list[Finding]]


def value_of(entry: VonFreyFile) -> str:
    """The column in which the entry's datum stands."""
    return "responses" if entry.layout == "trial-grid" else VALUES.get(entry.layout, "threshold")


def tidied(entry: VonFreyFile, sheet: Sheet) -> tuple[pd.DataFrame, list[Failed]]:
    """The data of one sheet, and the blocks that could not be read.

    Returns
    -------
    One row a datum: `source`, `trial` (its place among the entries of `wide`), `header` (of its value's
    column), `struck`, `ragged`, the cells of KEYS that columns, labels, `wide` or the sheet's name say, and
    the value's cells.

    Raises
    ------
    StudyError
        Where no part of the sheet can be read.
    """
    parts = layouts.blocks(sheet, entry.blocks) if entry.blocks else [(layouts.whole(sheet), {})]
    frames: list[pd.DataFrame] = []
    failed: list[Failed] = []
    for part, told in parts:
        try:
            read = grids.grid if entry.layout == "trial-grid" else _table
            frames.append(_labelled(entry, sheet, read(entry, sheet, part), told))
        except StudyError as error:
            failed.append((f"{sheet.place}!{layouts.letters(part.left)}{part.first + 1}", error.findings))
    if not frames:
        raise StudyError([finding for _, findings in failed for finding in findings][:20])
    return pd.concat(frames, ignore_index=True), failed


def readable(entry: VonFreyFile, sheet: Sheet) -> bool:
    """Whether a sheet has what the entry names."""
    try:
        tidied(entry, sheet)
    except StudyError:
        return False
    return True


def named(sheet: Sheet) -> str:
    """What a sheet is called; in a zip by its file: `day 3.csv`, or `book.xlsx!Day 3`.

    >>> named(Sheet("a.zip", "vf/day 3.csv", [])), named(Sheet("a.zip", "book.xlsx!Day 3", []))
    ('day 3', 'Day 3')
    """
    name = sheet.name.rpartition("!")[2].rpartition("/")[2]
    for ending in (".csv", ".tsv", ".txt"):
        name = name.removesuffix(ending)
    return name


def _labelled(entry: VonFreyFile, sheet: Sheet, frame: pd.DataFrame, told: Mapping[str, str]) -> pd.DataFrame:
    """The frame with what a block's labels and the sheet's name say, where no column does."""
    said = dict(told)
    name = named(sheet)
    if entry.sheet_per_day:
        said["day"] = name
    if entry.sheet_per_animal:
        said["animal"] = name
    for key in KEYS:
        if key not in frame:
            frame[key] = said.get(key, "")
    frame.attrs = {}
    return frame


def _table(entry: VonFreyFile, sheet: Sheet, part: Part) -> pd.DataFrame:
    """The data of a long or wide table."""
    sets = {f"@{place}": one for place, one in enumerate(entry.wide)}
    own = {name: header for name, header in entry.columns.items() if not (entry.sheet_per_day and name == "day")}
    columns = dict(own)
    for mark, one in sets.items():
        columns |= {f"{name}{mark}": header for name, header in one.columns.items()}
    whole = layouts.rows_of(sheet, columns, part, entry.header_rows, entry.fill_down)
    _name_means(sheet, whole)
    value = value_of(entry)
    if not sets:
        return _datum(sheet, whole, list(own), value, "", {}, 0)
    found = [
        _datum(sheet, whole, list(own), value, mark, one.told, place)
        for place, (mark, one) in enumerate(sets.items(), 1)
    ]
    frame = pd.concat(found, ignore_index=True)
    return frame.sort_values([ROW, "trial"], kind="stable", ignore_index=True)


def _name_means(sheet: Sheet, whole: pd.DataFrame) -> None:
    """Call a row without an id by the word for a mean (Average, SEM) that stands somewhere else in it."""
    if "animal" not in whole:
        return
    for index in whole.index[~marked(whole["animal"], as_text)]:
        words = [
            text for text in map(as_text, sheet.rows[whole.at[index, ROW]]) if len(text) > SHORT and is_summary(text)
        ]
        if words:
            whole.at[index, "animal"] = words[0]


def _datum(
    sheet: Sheet,
    whole: pd.DataFrame,
    own: list[str],
    value: str,
    mark: str,
    told: Mapping[str, str | float],
    place: int,
) -> pd.DataFrame:
    """The data of one value column: `mark` tells its columns from those of other entries of `wide`."""
    frame = whole[[ROW, RAGGED, *own]].copy()
    for name in VALUE_CELLS:
        if mark and f"{name}{mark}" in whole:
            frame[name] = whole[f"{name}{mark}"]
    for name, said in told.items():
        frame[name] = said
    cells = f"{value}{mark}" if f"{value}{mark}" in whole else value
    frame["source"] = layouts.at(sheet, whole, cells)
    frame["struck"] = layouts.struck(sheet, whole, cells)
    frame["header"] = whole.attrs["headers"][cells]
    frame["trial"] = place
    frame.attrs = {}
    return frame
