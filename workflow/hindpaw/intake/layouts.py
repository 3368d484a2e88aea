"""A sheet with one row a datum, by the study file's column mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from hindpaw.findings import Finding, StudyError, nearest, several
from hindpaw.intake.open import Sheet, as_text, letters, place_of

ROW = "row"
BY_LETTER = re.compile("column ([A-Z]{1,3})")


def rows_of(sheet: Sheet, columns: Mapping[str, str]) -> pd.DataFrame:
    """The named columns of a sheet below its header, one row for each row that is not wholly blank.

    Parameters
    ----------
    sheet : cells; the header is the first row that is not blank
    columns : name here → header in the file, or `column G` where a header does not name one column

    Returns
    -------
    One column for each name (cells as they are), and `row`, the row's index in the sheet from 0. The
    address of a cell is `at(sheet, frame, name)`.

    Raises
    ------
    StudyError
        Where a header is missing or stands there twice; all at once.
    """
    header = next((index for index, row in enumerate(sheet.rows) if any(as_text(cell) for cell in row)), None)
    if header is None:
        raise StudyError([_missing(sheet, "The sheet is empty.", "Give a sheet with a header row.")])
    titles = [as_text(cell) for cell in sheet.rows[header]]
    places = _places(sheet, titles, columns)
    body = [(index, row) for index, row in enumerate(sheet.rows[header + 1 :], header + 1) if any(map(as_text, row))]
    cells = {name: [row[place] if place < len(row) else "" for _, row in body] for name, place in places.items()}
    frame = pd.DataFrame(cells, dtype=object)
    frame.insert(0, ROW, [index for index, _ in body])
    frame.attrs = {"places": places}
    return frame


def at(sheet: Sheet, frame: pd.DataFrame, name: str) -> list[str]:
    """The address of each row's cell in the named column."""
    column = letters(frame.attrs["places"][name])
    return [f"{sheet.place}!{column}{row + 1}" for row in frame[ROW]]


def _places(sheet: Sheet, titles: list[str], columns: Mapping[str, str]) -> dict[str, int]:
    """Where each column stands; headers are compared without case and outer blanks."""
    plain = [title.casefold() for title in titles]
    found, places = [], {}
    for name, header in columns.items():
        wanted = header.strip().casefold()
        by_letter = BY_LETTER.fullmatch(header)
        if plain.count(wanted) == 1:
            places[name] = plain.index(wanted)
        elif by_letter:
            places[name] = place_of(by_letter[1])
        elif wanted not in plain:
            advice = nearest(header, filter(None, titles))
            found.append(_missing(sheet, f'There is no column "{header}" (for {name}).', advice))
        else:
            what = f'The column "{header}" stands there {plain.count(wanted)} times.'
            advice = f'Give each its own header, or write "column {letters(plain.index(wanted))}" instead.'
            found.append(_missing(sheet, what, advice))
    if found:
        raise StudyError(found)
    return places


def _missing(sheet: Sheet, what: str, advice: str) -> Finding:
    """A finding about a sheet that the column mapping does not fit."""
    why = "The sheet is set aside as a whole."
    return Finding("layout", "error", "intake", what, why, advice, source=sheet.place)


def unread(sheets: list[Sheet], read: list[Sheet]) -> str:
    """The sheets of a workbook that no entry of the study file reads, in words; empty for none."""
    names = [sheet.name for sheet in sheets if not any(sheet is one for one in read) and any(any(map(as_text, row)) for row in sheet.rows)]
    return several(f'"{name}"' for name in names)
