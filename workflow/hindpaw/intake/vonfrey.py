"""von Frey sheets of every layout, each datum checked before it is used."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pandas as pd

from hindpaw import tables
from hindpaw.filaments import FilamentSet
from hindpaw.findings import StudyError
from hindpaw.intake import guess, judged, layouts, readings, series, shares
from hindpaw.intake.cells import Sheet, texts
from hindpaw.intake.days import says_week
from hindpaw.intake.ledger import Book
from hindpaw.intake.tidy import tidied, value_of
from hindpaw.intake.validation import passed
from hindpaw.study import Study, VonFreyFile
from hindpaw.tables import Readings, Trials

SESSION = ["animal", "day", "paw", "session"]


def read(
    study: Study,
    entry: VonFreyFile,
    sheets: list[Sheet],
    known: FilamentSet,
    animals: pd.DataFrame,
    book: Book,
    seen: list[pd.DataFrame],
) -> pd.DataFrame:
    """The used rows of one entry of the study file, as `trials` or `readings`.

    Every datum goes to the book with its fate; `seen` keeps what the entries before this one have read.
    """
    parts = [part for sheet in sheets for part in _parts(study, entry, sheet, book)]
    if not parts:
        return tables.empty(tables.TABLES[entry.table])
    frame = judged.opened(study, entry, pd.concat(parts, ignore_index=True))
    book.expect(entry.table, frame["source"])
    judged.nothing_there(frame, value_of(entry), _noun(entry), animals, book)
    frame = _values(entry, frame, known, book)
    judged.whose_and_when(study, frame, animals, book)
    if entry.layout != "device":
        # Where each row is one application, those of a filament add up.
        if not entry.is_a_row_an_application:
            judged.measured_twice(frame, *_identity(entry), book, _twice_advice(entry))
        judged.read_elsewhere(frame, _identity(entry)[0], seen, book)
    made, telling = _trials(entry, frame, known) if entry.table == "trials" else (_readings(frame), None)
    made = passed(made, tables.TABLES[entry.table], frame, book, telling)
    book.enter(entry.table, frame["source"].tolist(), frame["fate"].tolist(), frame["reason"].tolist(), frame)
    return made


def _noun(entry: VonFreyFile) -> str:
    """What a cell of the entry should hold."""
    return {"readings": "threshold", "trials": "count" if entry.layout == "filament-responses" else "series"}[
        entry.table
    ]


def _parts(study: Study, entry: VonFreyFile, sheet: Sheet, book: Book) -> list[pd.DataFrame]:
    """The data of one sheet; what cannot be read is set aside."""
    try:
        frame, failed = tidied(entry, sheet)
        _guard_weeks(study, entry, sheet)
        _unread_days(entry, sheet, book)
        if entry.table == "readings":
            readings.guard_unit(entry, sheet, sorted(set(frame["header"])))
    except StudyError as error:
        book.set_aside(entry.table, f"{sheet.place} ({entry.paw})", error.findings)
        return []
    for place, findings in failed:
        book.set_aside(entry.table, place, findings)
    return [frame]


def _unread_days(entry: VonFreyFile, sheet: Sheet, book: Book) -> None:
    """Columns beside those of `wide` that are headed by a day, hold numbers or series, and are not read."""
    table = guess.table_of(sheet) if entry.wide and not entry.blocks else None
    if table is None or table.header_rows != entry.header_rows:
        return
    named = [one for wide in entry.wide for one in wide.columns.values()]
    read = {
        " ".join(one.split()).casefold()
        for header in named
        for one in ([header] if isinstance(header, str) else header)
    }
    titles = [one for one in table.wide if table.called(one).casefold() not in read]
    left = [one for one in titles if " ".join(one.title.split()).casefold() not in read]
    if left and len(left) < len(table.wide):
        book.find(
            "unread-column",
            "note",
            f"{sheet.place} has columns that are headed like days and not read: {', '.join(one.title for one in left)}.",
            "Data in them are not analysed.",
            "Nothing to do if they hold no measurements of this entry; else name them under wide.",
            [sheet.place],
        )


def _guard_weeks(study: Study, entry: VonFreyFile, sheet: Sheet) -> None:
    """Refuse plain numbers under a header that counts in weeks, unless the study file says weeks.

    Raises
    ------
    StudyError
        With the header and what to write.
    """
    headers = entry.columns.get("day", [])
    for header in [headers] if isinstance(headers, str) else headers:
        if study.days.unit == "day" and says_week(header):
            what = f'The column "{header}" counts weeks, the study file says days.'
            advice = "Write unit: week under days; or, if the numbers are days, correct the header."
            raise StudyError([layouts.missing(sheet, what, advice)])


def _values(entry: VonFreyFile, frame: pd.DataFrame, known: FilamentSet, book: Book) -> pd.DataFrame:
    """The values judged by the rules of the layout."""
    if entry.table == "readings":
        return readings.judge(entry, frame, known, book)
    by_filament = entry.layout == "filament-responses" or entry.chosen_by == "percent-response"
    return (shares if by_filament else series).judge(entry, frame, known, book)


def _identity(entry: VonFreyFile) -> tuple[list[str], list[str]]:
    """What no two data may share, and what makes two of them equal all the same."""
    if entry.table == "readings":
        return SESSION, ["threshold_g", "censored"]
    if entry.layout == "filament-responses" or entry.chosen_by == "percent-response":
        return [*SESSION, "position"], ["responses"]
    return SESSION, ["responses", "positions"]


def _twice_advice(entry: VonFreyFile) -> str:
    """What to do about data that stand there twice."""
    advice = "Keep one row, or name the column that tells them apart as session."
    single = " Where each row is one application of the filament, write applications: 1; they are added up."
    return advice + (single if entry.layout == "filament-responses" else "")


def _protocol(entry: VonFreyFile) -> str:
    """How filaments were chosen, and whether their order is known."""
    unordered = entry.layout == "filament-responses" and entry.chosen_by == "up-down"
    return "up-down-unordered" if unordered else entry.chosen_by


def _trials(entry: VonFreyFile, frame: pd.DataFrame, known: FilamentSet) -> tuple[pd.DataFrame, np.ndarray]:
    """One row an application, in the order they were made where that is known; and which rows tell of all.

    These are the first of each series, and the first of each filament and response: the others repeat their cells,
    and come later in order.
    """
    used = frame[frame["fate"] == "used"]
    lengths = np.fromiter(map(len, used["positions"].tolist()), dtype=int, count=len(used))
    rows = np.repeat(np.arange(len(used)), lengths)
    first = np.cumsum(lengths) - lengths
    positions = np.fromiter(chain.from_iterable(used["positions"].tolist()), dtype=int, count=len(rows))
    marks, letters = pd.factorize(np.frombuffer("".join(used["responses"].tolist()).encode("utf-32-le"), dtype="<u4"))
    cells = {
        # Text once a series, then repeated: the table has several rows for each.
        name: pd.array(used[name].replace("", None), dtype="str").take(rows)
        for name in ("source", "animal", "session", "tester", "paw")
    }
    cells["day"] = used["day"].to_numpy()[rows]
    cells["protocol"], cells["filaments"] = _protocol(entry), known.name
    cells["order"] = np.arange(len(rows)) - first[rows] + 1
    cells["filament_g"] = np.array(known.force_g)[positions - 1]
    cells["response"] = pd.array([chr(letter) for letter in letters], dtype="str").take(marks)
    repeated = pd.Index(positions * len(letters) + marks).duplicated()
    table = pd.DataFrame(cells, columns=tables.columns(Trials), index=np.arange(len(rows)), copy=False)
    return table, (cells["order"] == 1) | ~repeated


def _readings(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a reading."""
    used = frame[frame["fate"] == "used"]
    table = used.assign(**{name: texts(used[name]).replace("", None) for name in ("session", "tester")})
    return table[tables.columns(Readings)]
