"""A sheet as one row a datum: its header is found, blocks and wide tables are taken apart, merged cells filled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
import pandas as pd

from hindpaw.findings import Finding, StudyError, nearest, several
from hindpaw.intake.cells import Sheet, as_text, letters, marked, place_of

ROW = "row"
RAGGED = "ragged"
BY_LETTER = re.compile("column ([A-Z]{1,3})")
# Above its header a sheet may have a title, a legend, the protocol.
HEADER_WITHIN = 60
Headers = str | Sequence[str]
# Columns that say whose and when a datum is; a merged cell in them holds for each of its rows.
KEYS = ("animal", "arm", "arm_code", "day", "paw", "session", "tester", "filament", "cage", "sex", "cohort", "pool")


@dataclass(frozen=True)
class Part:
    """A window of a sheet, rows and columns from 0, the ends exclusive."""

    first: int
    last: int
    left: int = 0
    right: int | None = None

    def cells(self, row: Sequence[object]) -> list[object]:
        """The row's cells, blank outside the window."""
        return [cell if self.holds(place) else "" for place, cell in enumerate(row)]

    def holds(self, place: int) -> bool:
        """Whether a column lies in the window."""
        return self.left <= place and (self.right is None or place < self.right)


def whole(sheet: Sheet) -> Part:
    """The window that is the whole sheet."""
    return Part(0, len(sheet.rows))


def rows_of(
    sheet: Sheet,
    columns: Mapping[str, Headers],
    part: Part | None = None,
    header_rows: int = 1,
    filled: Iterable[str] = (),
) -> pd.DataFrame:
    """The named columns of a sheet below its header, one row for each row that holds something in them.

    Parameters
    ----------
    sheet : cells; the header is the first row that has every wanted title, whatever stands above it
    columns : name here → header in the file, or `column G` where a header does not name one column; several
        headers are joined, `responses` without a blank between
    part : the window of the sheet to look at
    header_rows : rows of the header; the titles of two are joined as `top / bottom`
    filled : columns in which a blank cell means the one above it

    Returns
    -------
    One column for each name (cells as they are), `row`, the row's index in the sheet from 0, and `ragged`,
    whether a row of a text file has more cells than its header. The address of a cell is
    `at(sheet, frame, name)`. Merged cells of columns that are no values are filled.

    Raises
    ------
    StudyError
        Where a header is missing or stands there twice, all at once; where rows under a first, incomplete header
        would be passed over.
    """
    part = part or whole(sheet)
    header = _header(sheet, columns, part, header_rows)
    if header is None:
        raise StudyError([missing(sheet, "The sheet is empty.", "Give a sheet with a header row.")])
    titles = titles_at(sheet, part, header, header_rows)
    places = _places(sheet, titles, columns)
    _nothing_passed_over(sheet, part, columns, header, places)
    below = header + header_rows
    body = sheet.rows[below : part.last]
    frame = pd.DataFrame({name: _cells(body, name, place) for name, place in places.items()}, dtype=object)
    frame.insert(0, ROW, np.arange(below, below + len(body)))
    frame[RAGGED] = _ragged(body, len(titles)) if not sheet.name and part.right is None else False
    blank = np.ones(len(frame), dtype=bool)
    for name in places:
        blank &= ~marked(frame[name], as_text)
    for name in places:
        _fill_merged(sheet, frame, name, places[name], below)
    frame = frame[~blank].reset_index(drop=True) if blank.any() else frame
    for name in set(filled) & set(places):
        frame[name] = frame[name].where(marked(frame[name], as_text)).ffill().fillna("")
    heads = {name: _heads(titles, place) for name, place in places.items()}
    frame.attrs = {"places": places, "headers": heads, "header": header}
    return frame


def _heads(titles: Sequence[str], place: int | list[int]) -> str:
    """The title of a column, or of several together."""
    places = [place] if isinstance(place, int) else place
    return " ".join(titles[one] for one in places if one < len(titles))


def _cells(body: Sequence[Sequence[object]], name: str, place: int | list[int]) -> list[object]:
    """The cells of one column; of several, joined."""
    if isinstance(place, int):
        try:
            return list(map(itemgetter(place), body))
        except IndexError:
            return [row[place] if place < len(row) else "" for row in body]
    joint = "" if name == "responses" else " "
    parts = [[as_text(row[one]) if one < len(row) else "" for one in place] for row in body]
    if joint:
        return [joint.join(filter(None, texts)) for texts in parts]
    # A gap between two responses is no series; blanks after the last one are its end.
    return ["".join(text or "_" for text in texts).rstrip("_") for texts in parts]


def _ragged(body: Sequence[Sequence[object]], width: int) -> list[bool]:
    """Which rows have something beyond the last title."""
    return [len(row) > width and any(as_text(cell) for cell in row[width:]) for row in body]


def _fill_merged(sheet: Sheet, frame: pd.DataFrame, name: str, place: int | list[int], below: int) -> None:
    """The value of a merged cell in each of its rows, in columns that say whose the datum is."""
    if not isinstance(place, int) or name.split("@")[0] not in KEYS:
        return
    for top, left, bottom, right in sheet.merged:
        if left <= place <= right and top >= below:
            inside = frame[ROW].between(top, bottom)
            frame.loc[inside, name] = sheet.rows[top][left]


def at(sheet: Sheet, frame: pd.DataFrame, name: str) -> list[str]:
    """The address of each row's cell in the named column; a range where several are joined."""
    place = frame.attrs["places"][name]
    rows = (frame[ROW] + 1).tolist()
    if isinstance(place, int):
        start = f"{sheet.place}!{letters(place)}"
        return [f"{start}{row}" for row in rows]
    one, two = letters(min(place)), letters(max(place))
    return [f"{sheet.place}!{one}{row}:{two}{row}" for row in rows]


def struck(sheet: Sheet, frame: pd.DataFrame, name: str) -> pd.Series:
    """Which rows' cells in the named column the file itself marks as excluded."""
    place = frame.attrs["places"][name]
    places = [place] if isinstance(place, int) else place
    if not sheet.struck:
        return pd.Series(False, index=frame.index)
    return pd.Series([any((row, one) in sheet.struck for one in places) for row in frame[ROW]], index=frame.index)


def _header(sheet: Sheet, columns: Mapping[str, Headers], part: Part, header_rows: int) -> int | None:
    """The first row with every wanted title, else the one with most, else the first that is not blank."""
    wanted = {_plain(one) for one in _each(columns) if not BY_LETTER.fullmatch(one)}
    best, most = None, 0
    lettered = [place_of(found[1]) for one in _each(columns) if (found := BY_LETTER.fullmatch(one))]
    for index in range(part.first, min(part.last, part.first + HEADER_WITHIN)):
        cells = part.cells(sheet.rows[index])
        if not any(map(as_text, cells)):
            continue
        # Where letters name all columns, the first row that fills each of them heads them.
        if not wanted and all(place < len(cells) and as_text(cells[place]) for place in lettered):
            return index
        held = len(wanted & {_plain(title) for title in titles_at(sheet, part, index, header_rows)})
        if best is None or held > most:
            best, most = index, held
        if wanted and most == len(wanted):
            break
    return best


def _nothing_passed_over(
    sheet: Sheet, part: Part, columns: Mapping[str, Headers], header: int, places: Mapping[str, int | list[int]]
) -> None:
    """Refuse a sheet whose first header is incomplete and has full rows under it, before the header that is whole.

    Titles and notes above a header stay what they are; a row that holds something in most of the columns is data.
    """
    wanted = {_plain(one) for one in _each(columns) if not BY_LETTER.fullmatch(one)}
    needed = [one for place in places.values() for one in ([place] if isinstance(place, int) else place)]
    incomplete = None
    for index in range(part.first, header):
        cells = [as_text(cell) for cell in part.cells(sheet.rows[index])]
        if incomplete is None:
            incomplete = index if wanted & {_plain(title) for title in cells} else None
        elif 2 * sum(one < len(cells) and bool(cells[one]) for one in needed) > len(needed):
            what = (
                f"Row {incomplete + 1} is a header that lacks some of the wanted titles, row {header + 1} has them all, and "
                f"row {index + 1} between them holds data."
            )
            raise StudyError(
                [missing(sheet, what, "Correct the titles of the first header, and take the second one out.")]
            )


def _each(columns: Mapping[str, Headers]) -> list[str]:
    """Every header of a mapping."""
    return [one for headers in columns.values() for one in ([headers] if isinstance(headers, str) else headers)]


def titles_at(sheet: Sheet, part: Part, header: int, header_rows: int) -> list[str]:
    """The titles of a header; of two rows as `top / bottom`, the top one reaching over the blanks beside it."""
    rows = [[as_text(cell) for cell in part.cells(row)] for row in sheet.rows[header : header + header_rows]]
    if len(rows) < 2:
        return rows[0] if rows else []
    width = max(map(len, rows))
    top, bottom = ([*row, *[""] * (width - len(row))] for row in rows)
    over, joined = "", []
    for upper, lower in zip(top, bottom, strict=True):
        over = upper or (over if lower else "")
        joined.append(f"{over} / {lower}" if over and lower and over != lower else over or lower)
    return joined


def _places(sheet: Sheet, titles: list[str], columns: Mapping[str, Headers]) -> dict[str, int | list[int]]:
    """Where each column stands; headers are compared without case and outer blanks."""
    plain = [_plain(title) for title in titles]
    found: list[Finding] = []
    places: dict[str, int | list[int]] = {}
    for name, headers in columns.items():
        if isinstance(headers, str):
            place = _place(sheet, titles, plain, name, headers, found)
            if place is not None:
                places[name] = place
        else:
            several_places = [_place(sheet, titles, plain, name, one, found) for one in headers]
            places[name] = [place for place in several_places if place is not None]
    if found:
        raise StudyError(found)
    return places


def _plain(title: str) -> str:
    """A title without case, and with single blanks: line breaks in a header cell are blanks."""
    return " ".join(title.split()).casefold()


def _place(
    sheet: Sheet, titles: list[str], plain: list[str], name: str, header: str, found: list[Finding]
) -> int | None:
    """Where one column stands; None, with a finding, where that cannot be said."""
    exact = [" ".join(title.split()) for title in titles]
    if exact.count(" ".join(header.split())) == 1:
        return exact.index(" ".join(header.split()))
    wanted, by_letter = _plain(header), BY_LETTER.fullmatch(header)
    count, called = plain.count(wanted), name.split("@")[0]
    if count == 1:
        return plain.index(wanted)
    if by_letter:
        return place_of(by_letter[1])
    if count == 0:
        advice = nearest(header, filter(None, titles))
        found.append(missing(sheet, f'There is no column "{header}" (for {called}).', advice))
    else:
        what = f'The column "{header}" stands there {count} times.'
        advice = f'Give each its own header, or write "column {letters(plain.index(wanted))}" instead.'
        found.append(missing(sheet, what, advice))
    return None


def missing(sheet: Sheet, what: str, advice: str) -> Finding:
    """A finding about a sheet that the study file does not fit."""
    why = "The sheet is set aside as a whole."
    return Finding("layout", "error", "intake", what, why, advice, source=sheet.place)


def blocks(sheet: Sheet, labels: Mapping[str, str]) -> list[tuple[Part, dict[str, str]]]:
    """The blocks of a sheet and what the labels in each say.

    A block begins where the first label stands, and reaches to the next one below it or beside it. A label's
    value stands in its own cell (`Mouse: 12`) or in the next one to the right that is not blank.

    Raises
    ------
    StudyError
        Where the first label stands nowhere.
    """
    lead = next(iter(labels.values()))
    starts = [
        (row, place)
        for row, cells in enumerate(sheet.rows)
        for place, cell in enumerate(cells)
        if labelled(cell, lead) is not None
    ]
    if not starts:
        words = {as_text(cell) for row in sheet.rows for cell in row if as_text(cell)}
        raise StudyError([missing(sheet, f'No cell says "{lead}", with which a block begins.', nearest(lead, words))])
    found = []
    for row, place in starts:
        below = [other for other, beside in starts if other > row]
        beside = [other for same, other in starts if same == row and other > place]
        alone = [other for same, other in starts if same == row] == [place]
        part = Part(row, min(below, default=len(sheet.rows)), 0 if alone else place, min(beside) if beside else None)
        found.append((part, {name: _said(sheet, part, label) for name, label in labels.items()}))
    return found


def labelled(cell: object, label: str) -> str | None:
    """What follows a label in its cell; empty where the cell is the label alone, None where it is none.

    >>> labelled("Mouse: 12", "Mouse"), labelled("mouse", "Mouse"), labelled("Mouse weight", "Mouse")
    ('12', '', None)
    """
    text, wanted = as_text(cell), label.strip().rstrip(":").casefold()
    if not text.casefold().startswith(wanted):
        return None
    rest = text[len(wanted) :]
    if rest.strip(" :") == "":
        return ""
    stated = re.fullmatch(r"\s*[:=#]\s*(.+)|\s+(\S*\d\S*|\S{1,2})", rest)
    return (stated[1] or stated[2]).strip() if stated else None


def _said(sheet: Sheet, part: Part, label: str) -> str:
    """The value of a label in a block; empty where there is none."""
    for row in sheet.rows[part.first : part.last]:
        cells = part.cells(row)
        for place, cell in enumerate(cells):
            value = labelled(cell, label)
            if value is not None:
                return value or next((as_text(one) for one in cells[place + 1 :] if as_text(one)), "")
    return ""


def unread(sheets: list[Sheet], read: list[Sheet]) -> str:
    """The sheets of a workbook that no entry of the study file reads, in words; empty for none."""
    named = {one.name for one in read}
    left = [sheet for sheet in sheets if sheet.name not in named]
    return several(f'"{sheet.name}"' for sheet in left if any(any(map(as_text, row)) for row in sheet.rows))
