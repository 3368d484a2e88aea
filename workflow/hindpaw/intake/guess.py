"""What a file most likely holds, from its titles and its cells: the first draft of a study file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from hindpaw import filaments
from hindpaw.intake import layouts
from hindpaw.intake.cells import Sheet, as_number, as_text, letters
from hindpaw.intake.days import day_of
from hindpaw.intake.series import plain_series
from hindpaw.intake.titles import VALUE, day_in, is_baseline, is_date, is_moment, role_of
from hindpaw.intake.words import is_note, is_summary, paw_of

HEADER_WITHIN = 30
ENOUGH = 0.6
HANDLES = (1.6, 6.7)


@dataclass
class Column:
    """One column of a table: its title and what its cells look like."""

    title: str
    place: int
    cells: list[object]

    @property
    def told(self) -> list[str]:
        """The cells that say something, as text; a title in words that stands there again says nothing."""
        again = self.title if as_number(self.title) is None else None
        return [text for text in map(as_text, self.cells) if text and text != again and not is_note(text)]

    def share(self, test: Callable[[str], object]) -> float:
        """The share of the telling cells that pass a test."""
        told = self.told
        return sum(bool(test(text)) for text in told) / len(told) if told else 0.0

    @property
    def is_series(self) -> bool:
        """Whether the cells are series of X and O or of 0 and 1; 100 alone is a number."""
        digits = [text for text in self.told if text.isdigit()]
        if 2 * len(digits) > len(self.told) and sum(len(text) > 3 for text in digits) < ENOUGH * len(digits):
            return False
        return self.share(lambda text: plain_series(text)[0] and len(text) > 1) > ENOUGH and not self.is_steps

    @property
    def is_steps(self) -> bool:
        """Whether the cells count 1, 2, 10, 11 rather than spell responses."""
        numbers = [as_number(text) for text in self.told]
        return all(number is not None and number <= 20 for number in numbers)

    @property
    def is_number(self) -> bool:
        """Whether the cells are numbers."""
        return self.share(lambda text: as_number(text) is not None) > ENOUGH

    @property
    def day(self) -> float | None:
        """The day that the title says, if it says one."""
        return day_in(self.title)


def stacked(columns: Sequence[Column]) -> Column:
    """Several columns as one, below each other."""
    return Column(columns[0].title, columns[0].place, [cell for one in columns for cell in one.cells])


@dataclass
class Table:
    """A sheet as a table: where its header is, its columns, and which of them holds what.

    `beside` are the titles of other tables next to it; `guessed` says that the values are those no title names.
    """

    sheet: Sheet
    header: int
    header_rows: int
    columns: list[Column]
    roles: dict[str, Column] = field(default_factory=dict)
    beside: list[str] = field(default_factory=list)
    guessed: bool = False

    @property
    def name(self) -> str:
        """The role the table as a whole most likely has: `allocation`, `von-frey`, `filaments` or `other`."""
        if "handle" in self.roles and len(self.roles["handle"].told) >= 4 and "animal" not in self.roles:
            return "filaments"
        if "animal" in self.roles and ({"responses", "threshold"} & set(self.roles) or self.wide):
            return "von-frey"
        if "animal" in self.roles and {"arm", "arm_code"} & set(self.roles):
            return "allocation"
        return "other"

    @property
    def wide(self) -> list[Column]:
        """Columns of values whose titles are days, at least two; none where a column holds the day."""
        if "day" in self.roles and len(set(self.roles["day"].told)) > 1:
            return []
        found = [
            one
            for one in self.columns
            if (one.day is not None or is_date(one.title) or is_baseline(one.title) or is_moment(one.title))
            and (one.is_number or one.is_series)
        ]
        return found if len(found) > 1 else []

    def called(self, column: Column) -> str:
        """How the study file names a column: by its title, or by its letter where the title is not its own."""
        titles = [" ".join(title.split()).casefold() for title in [*(one.title for one in self.columns), *self.beside]]
        alone = titles.count(" ".join(column.title.split()).casefold()) == 1 and column.title
        return column.title if alone else f"column {letters(column.place)}"


def table_of(sheet: Sheet) -> Table | None:
    """The table of a sheet; None where there is none."""
    best, most = None, 0.0
    for index, row in enumerate(sheet.rows[:HEADER_WITHIN]):
        titles = [text for text in map(as_text, row) if text]
        below = [row for row in sheet.rows[index + 1 : index + 4] if any(map(as_text, row))]
        # Days and filaments may be titles, so numbers count a little; words that mean something count most.
        words = sum(as_number(text) is None and not plain_series(text)[0] for text in titles)
        known = sum(role_of(text) is not None for text in titles)
        score = (words + 2 * known + 0.3 * (len(titles) - words)) * (1 if below else 0)
        if score > most:
            best, most = index, score
    if best is None:
        return None
    best -= 1 if best and _is_upper(sheet, best - 1) else 0
    rows = 2 if _is_upper(sheet, best) else 1
    titles = layouts.titles_at(sheet, layouts.whole(sheet), best, rows)
    body = sheet.rows[best + rows :]
    columns = [
        Column(title, place, [row[place] if place < len(row) else "" for row in body])
        for place, title in enumerate(titles)
    ]
    return _told(Table(sheet, best, rows, [one for one in columns if one.title or one.told]))


def _told(table: Table) -> Table:
    """The table with the column of each role; a value that no title names is told by what is left."""
    table.roles = _roles(table.columns)
    left = [one for one in table.columns if one.is_number and VALUE.fullmatch(one.title.strip())]
    named = {"animal", "day"} <= set(table.roles) and not {"responses", "threshold", "applications"} & set(table.roles)
    if named and not table.wide and len(left) == 1:
        if table.roles.get("filament") is left[0]:
            del table.roles["filament"]
        if left[0] not in table.roles.values():
            table.roles["threshold"], table.guessed = left[0], True
    return table


def _beside_each_other(table: Table) -> list[Table]:
    """The tables that stand beside each other under one header, each with its own column of animals."""
    heads = [place for place, one in enumerate(table.columns) if role_of(one.title) == "animal"]
    same = len({table.columns[place].title.casefold() for place in heads}) == 1
    if len(heads) < 2 or not same or table.header_rows > 1 or heads[0] != 0:
        return [table]
    found = []
    for place, end in zip(heads, [*heads[1:], len(table.columns)], strict=True):
        mine, others = table.columns[place:end], [*table.columns[:place], *table.columns[end:]]
        beside = [one.title for one in others]
        found.append(_told(Table(table.sheet, table.header, table.header_rows, mine, beside=beside)))
    return found if all(len(one.columns) > 1 for one in found) else [table]


def _is_upper(sheet: Sheet, index: int) -> bool:
    """Whether a row is the upper one of two: days over titles that repeat."""
    if index + 1 >= len(sheet.rows):
        return False
    upper = [as_text(cell) for cell in sheet.rows[index]]
    lower = [text for text in map(as_text, sheet.rows[index + 1]) if text]
    days = sum(day_of(text) is not None or is_baseline(text) for text in upper if text)
    words = all(as_number(text) is None and not plain_series(text)[0] for text in lower)
    return days > 1 and len(lower) > len(set(lower)) and (words or _are_hairs(lower) or are_repeats(lower))


def are_repeats(titles: list[str]) -> bool:
    """Whether titles are words, and numbers that count from 1 again and again.

    >>> are_repeats(["Mouse", "1", "2", "3", "1", "2", "3"]), are_repeats(["Mouse", "1", "2", "7", "1", "2", "7"])
    (True, False)
    """
    numbers = [number for number in map(as_number, titles) if number is not None]
    most = int(max(numbers, default=0))
    return 1 < most <= 10 and len(numbers) > most and numbers == list(range(1, most + 1)) * (len(numbers) // most)


def _are_hairs(titles: list[str]) -> bool:
    """Whether titles are words and, again and again, the forces of filaments."""
    forces = {force for name in filaments.series() for force in filaments.shipped(name).nominal_g}
    numbers = [number for number in map(as_number, titles) if number is not None]
    return len(set(numbers)) >= 3 and len(numbers) >= 2 * len(set(numbers)) and set(numbers) <= forces


def _roles(columns: Iterable[Column]) -> dict[str, Column]:
    """The column of each role: cells decide where they are plain, titles elsewhere."""
    roles: dict[str, Column] = {}
    for column in columns:
        # Of a header of two rows the lower one says what the column holds.
        role = role_of(column.title.rpartition(" / ")[2]) or role_of(column.title)
        if column.is_series:
            role = "responses"
        elif role == "responses":
            role = None
        # "Day 3" heads values of a day, and no days.
        if role == "day" and (column.day is not None or is_baseline(column.title)):
            role = None
        if role is None and re.fullmatch(r"#|no\.?|nr\.?|id|name", column.title.strip().casefold()):
            role = "animal"
        if _is_handles(column):
            roles.setdefault("handle", column)
        # The animal's own id stands before other things that are named after it.
        if role and role not in roles and column.told:
            roles[role] = column
    return roles


def _is_handles(column: Column) -> bool:
    """Whether the cells are handle numbers of filaments, rising."""
    numbers = [as_number(text) for text in column.told]
    known = [number for number in numbers if number is not None]
    fitting = sum(any(abs(number - handle) < 1e-6 for handle in filaments.touch_test()) for number in known)
    return (
        len(known) >= 4
        and len(known) >= 0.8 * len(numbers)
        and fitting >= ENOUGH * len(known)
        and known == sorted(known)
        and HANDLES[0] < known[0]
    )


def arms_of(table: Table) -> dict[str, list[str]]:
    """The groups of an allocation list, with the codes that most of each group's animals have."""
    names, codes = table.roles.get("arm"), table.roles.get("arm_code")
    if names is None:
        return {code: [code] for code in sorted(set(codes.told))} if codes else {}
    pairs = pd.DataFrame({"name": [as_text(cell) for cell in names.cells]})
    pairs["code"] = [as_text(cell) for cell in codes.cells] if codes else ""
    pairs = pairs[(pairs["name"] != "") & (pairs["name"] != names.title) & ~pairs["name"].map(is_note)]
    pairs = pairs[~pairs["name"].map(is_summary)]
    found = {}
    for name, mine in pairs.groupby("name", sort=False):
        most = mine.loc[mine["code"] != "", "code"].mode()
        found[str(name)] = [str(most.iloc[0])] if len(most) else []
    return found


@dataclass(frozen=True)
class Walk:
    """How series and last filaments fit together best: the set, how it is named, and where series begin."""

    filaments: str
    named_by: str
    start: int | None
    share: float


def walk_of(responses: Column, last: Column | None, own: filaments.FilamentSet | None = None) -> Walk:
    """The set and start under which most series are legal."""
    sets = {name: filaments.shipped(name) for name in filaments.series()} if own is None else {own.name: own}
    if last is None:
        return Walk(next(iter(sets)) if own else "mouse-9", "position", None, 0.0)
    found = []
    for name, known in sets.items():
        for named_by in ("position", "handle", "grams"):
            firsts = []
            for cell, end in zip(responses.cells, last.cells, strict=True):
                series, number = plain_series(cell)[0], as_number(end)
                place = None if number is None else known.position(number, named_by)
                if series and place is not None and not filaments.faults(series, place, len(known), None):
                    firsts.append(filaments.replay(series, place)[0])
            start = pd.Series(firsts).mode()
            count = int((pd.Series(firsts) == start.iloc[0]).sum()) if len(start) else 0
            share = count / max(len(responses.told), 1)
            # Of equals the one whose heaviest filament is used wins: a set with more hairs fits as well.
            found.append((share, -len(known), Walk(name, named_by, int(start.iloc[0]) if len(start) else None, share)))
    return max(found, key=lambda one: one[:2])[2]


def tables(files: Mapping[str, list[Sheet]]) -> dict[str, list[Table]]:
    """The tables of every file, those of empty sheets left out."""
    found: dict[str, list[Table]] = {}
    for name, sheets in files.items():
        every = [table for table in map(table_of, sheets) if table is not None]
        found[name] = [part for table in every for part in _beside_each_other(table)]
    return found


def shown(sheets: list[Sheet]) -> list[Sheet]:
    """The sheets that are not hidden; all of them where every one is."""
    seen = [
        one
        for one in sheets
        if not any(told.check == "hidden" and told.what.startswith("The sheet") for told in one.remarks)
    ]
    return seen or sheets


def paws_in(column: Column) -> bool:
    """Whether a column says the paw by side and needs the injured one."""
    return column.share(lambda text: paw_of(text, "left") is not None and paw_of(text, None) is None) > 0
