"""The allocation list: which animal is in which arm, and which the lab left out."""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Mapping
from dataclasses import replace

import pandas as pd

from hindpaw import tables
from hindpaw.findings import Finding, StudyError
from hindpaw.intake import arms, layouts
from hindpaw.intake.cells import Sheet, as_text
from hindpaw.intake.days import Calendar, date_of
from hindpaw.intake.ledger import Book
from hindpaw.intake.validation import passed
from hindpaw.intake.words import is_summary
from hindpaw.study import Study
from hindpaw.tables import Animals

YES = {"1", "yes", "y", "true", "x", "ja", "oui"}
NO = {"0", "no", "n", "false", "", "nein", "non"}
# A mouse may be called N or MW; Mean and Total are no names.
SHORT = 2


def read(study: Study, sheets: list[Sheet], book: Book) -> pd.DataFrame:
    """The table `animals`: one row an animal; the arm is empty where the list does not settle it.

    Raises
    ------
    StudyError
        Where no sheet has the columns the study file names.
    """
    frames: list[pd.DataFrame] = []
    found: list[Finding] = []
    for sheet in sheets:
        try:
            frames.append(_of_sheet(study, sheet, book))
        except StudyError as error:
            found += error.findings
    if not frames:
        raise StudyError(found)
    book.findings.extend(found)
    frame = _once(pd.concat(frames, ignore_index=True), book)
    for column in tables.columns(Animals):
        if column not in frame:
            frame[column] = None
    _pools(frame, book)
    made = frame.replace({"": None})[tables.columns(Animals)]
    # Animals are no data of the ledger; who fails the table is known to no other.
    return passed(made, Animals, made[[Animals.source]].assign(fate="used", reason=""), book)


def injured(study: Study, sheets: list[Sheet], book: Book) -> dict[str, datetime.date]:
    """The date of injury of each animal, where the allocation list has a column for it."""
    header, found = study.animals.columns.get("injury_date"), {}
    for sheet in sheets if header else ():
        try:
            frame = layouts.rows_of(sheet, study.animals.columns, filled=study.animals.fill_down)
        except StudyError:
            continue
        unread = []
        for row, place in zip(frame.to_dict("records"), layouts.at(sheet, frame, "injury_date"), strict=True):
            date = date_of(row["injury_date"], study.days.date_order)
            if date is not None:
                found[_called(study, sheet, row)] = date
            elif as_text(row["injury_date"]) and as_text(row["animal"]):
                unread.append((place, as_text(row["injury_date"])[:40]))
        if unread:
            book.find(
                "allocation",
                "warning",
                f"{len(unread)} date(s) of injury cannot be read.",
                "Dates of tests of these animals cannot be counted from it.",
                "Write them as 2024-03-01; or say under days: date_order which comes first, day or month.",
                [place for place, _ in unread],
                [said for _, said in unread],
            )
    return found


def _called(study: Study, sheet: Sheet, row: Mapping[Hashable, object]) -> str:
    """The animal's id as tables have it, from a row of the list."""
    plain = {str(name): as_text(cell) for name, cell in row.items()}
    if study.animals.sheet_is:
        plain[study.animals.sheet_is] = sheet.name.strip()
    if not study.animals.ids_within_arm:
        return plain["animal"]
    arm = arms.by_name(study, plain.get("arm", "")) or arms.by_code(study, plain.get("arm_code", ""))
    return f"{arm.key if arm else '?'} {plain['animal']}"


def _of_sheet(study: Study, sheet: Sheet, book: Book) -> pd.DataFrame:
    """The animals of one sheet of the list."""
    entry = study.animals
    frame = layouts.rows_of(sheet, entry.columns, filled=entry.fill_down)
    places = frame.attrs
    cells = [name for name in frame if name not in (layouts.ROW, layouts.RAGGED)]
    frame[cells] = frame[cells].map(as_text)
    frame.attrs = places
    if entry.sheet_is:
        frame[entry.sheet_is] = sheet.name.strip()
    frame[Animals.source] = layouts.at(sheet, frame, "animal")
    frame = _named(frame, book)
    frame[Animals.arm] = arms.of_animals(study, frame, book)
    if entry.ids_within_arm:
        frame["animal"] = frame[Animals.arm].fillna("?").astype(str) + " " + frame["animal"]
    frame[Animals.excluded] = _excluded(frame, sheet, book)
    frame[Animals.left_day] = _left_days(study, frame, sheet, book)
    frame.attrs = {}
    return frame


def _means_named(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows; one without an id, whose group is called Mean or the like, is called so itself."""
    if "arm" not in frame:
        return frame
    means = (frame["animal"] == "") & frame["arm"].map(is_summary)
    return frame.assign(animal=frame["animal"].mask(means, frame["arm"]))


def _named(frame: pd.DataFrame, book: Book) -> pd.DataFrame:
    """The rows that name an animal; a row without one is a finding, unless it holds nothing, a sum or the header."""
    attrs = frame.attrs
    heads = attrs["headers"]
    again = frame["animal"].str.casefold() == " ".join(heads["animal"].split()).casefold()
    # What stands alone over a header that is repeated is the title of a part.
    rest = [name for name in heads if name != "animal"]
    alone = frame[rest].eq("").all(axis=1) if rest else pd.Series(False, index=frame.index)
    titles = alone & frame[layouts.ROW].isin(frame.loc[again, layouts.ROW] - 1)
    if again.any():
        book.find(
            "header-again",
            "note",
            f"{again.sum()} row(s) of the allocation list repeat the header.",
            "Below it a new part of the table begins; the row is no animal.",
            "Nothing to do.",
            frame.loc[again, Animals.source],
        )
    frame = frame[~again & ~titles]
    frame = _means_named(frame)
    nameless, summary = frame["animal"] == "", frame["animal"].map(lambda name: len(name) > SHORT and is_summary(name))
    if nameless.any():
        book.find(
            "allocation",
            "error",
            f"{nameless.sum()} row(s) of the allocation list have no animal id.",
            "Nothing measured can be tied to them.",
            "Fill in the id, or clear the row.",
            frame.loc[nameless, Animals.source],
        )
    if summary.any():
        book.find(
            "summary-row",
            "note",
            f"{summary.sum()} row(s) of the allocation list are called {', '.join(sorted(set(frame.loc[summary, 'animal'])))}.",
            "They are counts or means, and no animals.",
            "Nothing to do.",
            frame.loc[summary, Animals.source],
        )
    kept = frame[~nameless & ~summary].copy()
    kept.attrs = attrs
    return kept


def _pools(frame: pd.DataFrame, book: Book) -> None:
    """Pools whose animals are in different arms, or one of which is excluded: the pool is then no sample of an arm."""
    pooled = frame[frame["pool"].fillna("").astype(str).str.strip() != ""]
    for pool, members in pooled.groupby("pool", sort=True):
        names = ", ".join(members["animal"])
        if members["arm"].nunique(dropna=False) > 1:
            book.find(
                "pool",
                "error",
                f"The pool {pool} joins animals of different arms: {names}.",
                "A pool is one sample; it cannot stand for two arms.",
                "Correct the arm or the pool of the animal that does not belong.",
                members[Animals.source],
                [f"{row.animal}: {row.arm}" for row in members.itertuples()],
            )
        if members["excluded"].any() and not members["excluded"].all():
            out = ", ".join(members.loc[members["excluded"], "animal"])
            book.find(
                "pool",
                "warning",
                f"The pool {pool} ({names}) holds the excluded animal {out}.",
                "What was excluded is still in the sample.",
                "Exclude the pool as well, or say why it may stay.",
                members[Animals.source],
            )


def _excluded(frame: pd.DataFrame, sheet: Sheet, book: Book) -> list[bool]:
    """Whether the lab left the animal out; a word that is neither yes nor no is a finding, the animal kept."""
    column = next((name for name in ("included", "excluded") if name in frame), None)
    _unmarked(frame, column, sheet, book)
    if column is None:
        return [False] * len(frame)
    out_words, in_words = (NO - {""}, YES | {""}) if column == "included" else (YES, NO)
    words = frame[column].str.casefold()
    for word, place in zip(words, layouts.at(sheet, frame, column), strict=True):
        if word not in out_words | in_words:
            book.find(
                "allocation",
                "warning",
                f'"{word}" is neither yes nor no in the column {column}.',
                "The animal is kept until this is settled.",
                "Write 1 or 0.",
                [place],
            )
    return [word in out_words for word in words]


def _unmarked(frame: pd.DataFrame, column: str | None, sheet: Sheet, book: Book) -> None:
    """A reason beside an animal that is not marked as excluded is a question for the lab, never an exclusion."""
    if "exclusion_reason" not in frame or column is not None:
        return
    told = frame["exclusion_reason"] != ""
    if told.any():
        book.find(
            "allocation",
            "warning",
            f"{told.sum()} animal(s) have a reason for exclusion, and no column says whether they are excluded.",
            "They are kept and analysed.",
            "Name the column that marks them, as included or excluded under animals: columns.",
            [place for place, one in zip(layouts.at(sheet, frame, "exclusion_reason"), told, strict=True) if one],
            frame.loc[told, "exclusion_reason"],
        )


def _left_days(study: Study, frame: pd.DataFrame, sheet: Sheet, book: Book) -> list[float | None]:
    """The last day of an animal that left early, None for the others."""
    if "left_day" not in frame:
        return [None] * len(frame)
    calendar = Calendar(study.days)
    own = [date_of(cell, study.days.date_order) for cell in frame.get("injury_date", [""] * len(frame))]
    days = [
        calendar.day(cell) if date is None else Calendar(replace(study.days, injury_date=date)).day(cell)
        for cell, date in zip(frame["left_day"], own, strict=True)
    ]
    for cell, day, place in zip(frame["left_day"], days, layouts.at(sheet, frame, "left_day"), strict=True):
        if cell and day is None:
            book.find(
                "allocation",
                "warning",
                f'"{cell}" is not a day.',
                "The audit cannot tell an animal that left from one that was forgotten.",
                "Write the day as a number. " + calendar.advice([cell]),
                [place],
            )
    return days


def _once(frame: pd.DataFrame, book: Book) -> pd.DataFrame:
    """One row an animal; where two rows name different arms, the arm is unsettled."""
    again = frame["animal"].duplicated(keep=False)
    kept, copies = [frame[~again]], []
    for animal, rows in frame[again].groupby("animal", sort=False):
        first = rows.iloc[:1].copy()
        first[Animals.source] = "; ".join(rows[Animals.source])
        kept.append(first)
        if rows["arm"].nunique(dropna=False) == 1:
            copies.append(rows)
            continue
        first["arm"] = None
        book.find(
            "allocation",
            "error",
            f"Animal {animal} stands in the allocation list {len(rows)} times, in different arms.",
            "Its data are set aside: " + arms.UNSETTLED + ".",
            "Keep one row an animal.",
            rows[Animals.source],
        )
    if copies:
        every = pd.concat(copies)
        told = every[[one for one in tables.columns(Animals) if one in every and one != Animals.source]].astype(str)
        apart = bool((told.groupby("animal").nunique() > 1).to_numpy().any())
        book.find(
            "allocation",
            "warning" if apart else "note",
            f"{every['animal'].nunique()} animal(s) stand in the allocation list more than once, always in the same arm.",
            "The first row of each is used; what the others say about it is not."
            if apart
            else "The rows of each say the same, as those of a test sheet do that serves as the list.",
            "Keep one row an animal." if apart else "Nothing to do.",
            every[Animals.source],
            every["animal"].unique(),
        )
    return pd.concat(kept).sort_index(kind="stable").reset_index(drop=True)
