"""What a file most likely holds, from its titles and its cells: the first draft of a study file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from hindpaw import filaments
from hindpaw.intake import layouts
from hindpaw.intake.cells import Sheet, as_number, as_text, letters
from hindpaw.intake.days import BASELINE, date_of, day_of
from hindpaw.intake.series import plain_series
from hindpaw.intake.words import is_note, paw_of

# Words in a title, by what the column holds; the first that fits decides.
TITLES = {
    "animal": r"mouse|mice|animal|rat|subject|ear ?tag|specimen|maus|tier",
    "excluded": r"exclud|removed|dropped|ausgeschl",
    "included": r"includ|accept|keep|analy[sz]ed|valid",
    "exclusion_reason": r"reason|comment|remark|note|why|grund|bemerk",
    "left_day": r"left on|died|death|endpoint",
    "last_filament": r"last|final|end(?:ed)? on|x_?f\b",
    "first_filament": r"first|start",
    "responses": r"xo|x/o|series|pattern|sequence|responses?",
    "applications": r"\bn\b|applications|of$|trials",
    "filament": r"filament|hair|force|fiber|fibre",
    "threshold": r"threshold|pwt|mwt|withdraw|50 ?%|schwelle|von ?frey",
    "day": r"day|time|dpi|date|week|tag\b|datum|session ?day",
    "arm_code": r"(?:group|arm|treatment|condition)[ _]?(?:id|code|no|nr|number)",
    "arm": r"group|arm\b|treatment|condition|genotype|gruppe|cohort name",
    "sex": r"\bsex|gender|geschlecht",
    "cage": r"cage|käfig|housing",
    "cohort": r"cohort|batch|block",
    "paw": r"paw|side|hind|seite",
    "tester": r"tester|experimenter|operator|investigator|blinded by",
    "session": r"session|run|replicate",
    "pool": r"pool",
}
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
        """The cells that say something, as text."""
        return [text for text in map(as_text, self.cells) if text and not is_note(text)]

    def share(self, test: Callable[[str], object]) -> float:
        """The share of the telling cells that pass a test."""
        told = self.told
        return sum(bool(test(text)) for text in told) / len(told) if told else 0.0

    @property
    def is_series(self) -> bool:
        """Whether the cells are series of X and O or of 0 and 1."""
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
        found = re.search(r"(?:\bday|\bd|\btag|\bdpi|\bpod)[ .]*([-−]?\d+)", self.title, re.IGNORECASE)
        said = day_of(self.title)
        return said if said is not None else float(found[1].replace("−", "-")) if found else None


def stacked(columns: Sequence[Column]) -> Column:
    """Several columns as one, below each other."""
    return Column(columns[0].title, columns[0].place, [cell for one in columns for cell in one.cells])


@dataclass
class Table:
    """A sheet as a table: where its header is, its columns, and which of them holds what."""

    sheet: Sheet
    header: int
    header_rows: int
    columns: list[Column]
    roles: dict[str, Column] = field(default_factory=dict)

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
            if (one.day is not None or _is_date(one.title) or is_baseline(one.title))
            and (one.is_number or one.is_series)
        ]
        return found if len(found) > 1 else []

    def called(self, column: Column) -> str:
        """How the study file names a column: by its title, or by its letter where the title is not its own."""
        titles = [" ".join(one.title.split()).casefold() for one in self.columns]
        alone = titles.count(" ".join(column.title.split()).casefold()) == 1 and column.title
        return column.title if alone else f"column {letters(column.place)}"


def _is_date(title: str) -> bool:
    """Whether a title is a date, whatever the order of its parts."""
    return date_of(title, "day-first") is not None or date_of(title, "month-first") is not None


def is_baseline(title: str) -> bool:
    """Whether a title begins with a word for baseline."""
    return any(re.match(rf"{re.escape(word)}\b", title.casefold()) for word in BASELINE)


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
    found = Table(sheet, best, rows, [one for one in columns if one.title or one.told])
    found.roles = _roles(found.columns)
    return found


def _is_upper(sheet: Sheet, index: int) -> bool:
    """Whether a row is the upper one of two: days over titles that repeat."""
    if index + 1 >= len(sheet.rows):
        return False
    upper = [as_text(cell) for cell in sheet.rows[index]]
    lower = [text for text in map(as_text, sheet.rows[index + 1]) if text]
    days = sum(day_of(text) is not None or is_baseline(text) for text in upper if text)
    words = all(as_number(text) is None and not plain_series(text)[0] for text in lower)
    return days > 1 and len(lower) > len(set(lower)) and words


def role_of(title: str) -> str | None:
    """What a column with this title most likely holds."""
    plain = title.replace("_", " ").casefold()
    return next((role for role, words in TITLES.items() if re.search(words.replace("_", " "), plain)), None)


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
    pairs = pairs[(pairs["name"] != "") & ~pairs["name"].map(is_note)]
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
    """The tables of every file, those of hidden or empty sheets left out."""
    found: dict[str, list[Table]] = {}
    for name, sheets in files.items():
        found[name] = [table for table in map(table_of, sheets) if table is not None]
    return found


def paws_in(column: Column) -> bool:
    """Whether a column says the paw by side and needs the injured one."""
    return column.share(lambda text: paw_of(text, "left") is not None and paw_of(text, None) is None) > 0
