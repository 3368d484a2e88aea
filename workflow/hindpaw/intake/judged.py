"""What every von Frey row is judged by, whatever its layout: its animal, its day, its paw, and whether it stands there twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

import numpy as np
import pandas as pd

from hindpaw.findings import nearest
from hindpaw.intake.arms import UNSETTLED, by_name
from hindpaw.intake.cells import as_number, coded_together, mapped, marked, texts
from hindpaw.intake.days import Calendar
from hindpaw.intake.layouts import RAGGED
from hindpaw.intake.ledger import Book
from hindpaw.intake.words import is_note, is_summary, paw_of
from hindpaw.study import Study, VonFreyFile
from hindpaw.tables import Animals

Reason: TypeAlias = str | pd.Series | Callable[[pd.Series], pd.Series]


def fated(frame: pd.DataFrame, rows: pd.Series, fate: str, reason: Reason) -> pd.Series:
    """The fate of the marked rows that have none yet (the first reason stands); which rows these were.

    A reason that differs from row to row may be a function of the rows it is for, so that it is made for these only.
    """
    if not rows.any():
        return rows
    rows = rows & (frame["fate"] == "used")
    if rows.any():
        frame.loc[rows, "fate"] = fate
        frame.loc[rows, "reason"] = (
            reason if isinstance(reason, str) else reason(rows) if callable(reason) else reason[rows]
        )
    return rows


def _within(values: pd.Series, known: Iterable[object]) -> np.ndarray:
    """Which of the values are known ones."""
    return marked(values, set(known).__contains__)


def _open(frame: pd.DataFrame) -> pd.Series:
    """Which rows hold something that is not excluded."""
    return (frame["fate"] != "blank") & (frame["fate"] != "excluded")


def opened(study: Study, entry: VonFreyFile, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the keys in plain values: `animal`, `day` (since injury), `paw`, as written in `said_…`."""
    calendar = Calendar(study.days)
    frame = frame.assign(fate="used", reason="")
    for name in ("animal", "arm", "session", "tester"):
        frame[name] = texts(frame[name])
    frame["written_day"] = texts(frame["day"])
    frame["written_paw"] = texts(frame["paw"])
    blank = frame["written_paw"] == ""
    paws = pd.Series(
        mapped(frame["paw"], lambda cell: paw_of(cell, entry.injured_side)), index=frame.index, dtype=object
    )
    # Where a column says the paw, a blank in it says none; where no column does, the entry says it.
    frame["paw"] = paws if "paw" in entry.columns else paws.mask(blank, entry.paw)
    if study.animals.ids_within_arm:
        arms = pd.Series(mapped(frame["arm"], lambda name: by_name(study, name)), index=frame.index, dtype=object)
        keys = arms.map(lambda arm: arm.key if arm else "?")
        frame["animal"] = (keys + " " + frame["animal"]).where(frame["animal"] != "", "")
    frame["day"] = days_of(calendar, frame["day"], frame["animal"])
    return frame


def days_of(calendar: Calendar, cells: pd.Series, animals: pd.Series) -> pd.Series:
    """The day of each cell; a date counts from the injury of the row's animal where each has its own."""
    if not calendar.days.injured:
        return pd.Series(mapped(cells, calendar.day), index=cells.index, dtype=float)
    codes, pairs = coded_together([cells, animals])
    found = np.array([calendar.day(cell, animal) for cell, animal in pairs], dtype=float)
    return pd.Series(found[codes] if len(pairs) else found, index=cells.index)


def nothing_there(frame: pd.DataFrame, value: str, what: str, animals: pd.DataFrame, book: Book) -> None:
    """Blank cells, notes where a value should be, values the file itself strikes out, and rows of means."""
    said = texts(frame[value])
    # A mouse may be called MW; a row of means is no animal of the list.
    means = marked(frame["animal"], is_summary) & ~_within(frame["animal"], animals[Animals.animal])
    summary = fated(frame, means & (said != ""), "excluded", "a summary row, no animal")
    if summary.any():
        book.find(
            "summary-row",
            "note",
            f"{summary.sum()} value(s) stand in rows of {', '.join(sorted(set(frame.loc[summary, 'animal'])))}.",
            "They are computed from other cells and are no animal's.",
            "Nothing to do.",
            frame.loc[summary, "source"],
        )
    heads = _header_again(frame, said)
    if heads.any():
        book.find(
            "header-again",
            "note",
            f"{heads.sum()} row(s) repeat the header.",
            "Below it a new part of the table begins; the row is no datum.",
            "Nothing to do.",
            frame.loc[heads, "source"],
        )
    fated(frame, said == "", "blank", f"no {what} in the cell")
    noted = pd.Series(marked(frame[value], is_note), index=frame.index)
    notes = fated(frame, noted, "blank", lambda rows: 'the cell says "' + said[rows].str.slice(0, 40) + '"')
    if notes.any():
        kinds = said[notes].str.slice(0, 40).value_counts()
        book.find(
            "note-in-cell",
            "note",
            f"{notes.sum()} cell(s) hold a note instead of a {what}.",
            "Nothing was measured there; an animal that died or was left out is otherwise told from one forgotten.",
            "Where an animal left, write its last day and why in the allocation list (left_day, left_reason).",
            frame.loc[notes, "source"],
            [f'"{kind}" {count}' for kind, count in kinds.items()],
        )
    fated(frame, frame["struck"].astype(bool), "excluded", "struck out in the file by its maker")
    ragged = fated(frame, frame[RAGGED].astype(bool), "quarantined", "the row has more cells than the header")
    if ragged.any():
        book.find(
            "layout",
            "error",
            f"{ragged.sum()} row(s) have more cells than their header.",
            "A decimal comma or a delimiter inside a cell shifts every cell behind it into the wrong column.",
            "Export the file with semicolons or tabs between cells, or with text in quotes.",
            frame.loc[ragged, "source"],
        )


def _header_again(frame: pd.DataFrame, said: pd.Series) -> pd.Series:
    """Which rows hold the title of their value's column instead of a value, and no known day; they are excluded."""
    if "header" not in frame:
        return pd.Series(False, index=frame.index)
    titles = {" ".join(title.split()).casefold() for title in frame["header"].unique() if title}
    words = marked(said, lambda text: " ".join(text.split()).casefold() in titles)
    dayless = frame["day"].isna() | (frame["written_day"] == "")
    # The title of a column is no value of it, unless both are numbers.
    rows = pd.Series(words, index=frame.index) & (dayless | ~marked(said, lambda text: as_number(text) is not None))
    return fated(frame, rows, "excluded", "the header again")


def whose_and_when(study: Study, frame: pd.DataFrame, animals: pd.DataFrame, book: Book) -> None:
    """Rows whose animal, arm, day or paw is not known are set aside; rows of excluded animals are excluded."""
    whose_and_day(study, frame, animals, book)
    _paws(frame, book)


def whose_and_day(study: Study, frame: pd.DataFrame, animals: pd.DataFrame, book: Book) -> None:
    """The same without the paw."""
    _excluded(frame, animals)
    _animals(frame, animals, book)
    _days(study, frame, book)


def _animals(frame: pd.DataFrame, animals: pd.DataFrame, book: Book) -> None:
    """Rows of animals that the allocation list does not know, or whose arm is open, are set aside."""
    known = animals[Animals.animal]
    _beside_notes(frame, known, book)
    unknown = ~_within(frame["animal"], known) & _open(frame)
    if unknown.any():
        fated(frame, unknown, "quarantined", "animal not in the allocation list: " + frame["animal"])
        ids = sorted(set(frame.loc[unknown, "animal"].replace("", "(no id)")))
        book.find(
            "unknown-animal",
            "error",
            f"{unknown.sum()} row(s) belong to animals that are not in the allocation list.",
            "Their arm is unknown.",
            "Correct the id, or add the animal to the list. " + _alike(ids[0], known)
            if ids[0] != "(no id)"
            else "Write the id in each row; where a blank means the animal above, add fill_down: [animal] to the entry.",
            frame.loc[unknown, "source"],
            ids,
        )
    unsettled = animals.loc[animals[Animals.arm].isna(), Animals.animal]
    fated(frame, pd.Series(_within(frame["animal"], unsettled), index=frame.index), "quarantined", UNSETTLED)


def _beside_notes(frame: pd.DataFrame, known: pd.Series, book: Book) -> None:
    """Ids with a note behind them, as `3 (dead)`, are those of their animals where the list knows them without it."""
    unknown = ~_within(frame["animal"], known)
    bare = frame["animal"].str.replace(r"\s*\([^()]*\)$", "", regex=True)
    rows = unknown & _within(bare, known)
    if rows.any():
        written = sorted(set(frame.loc[rows, "animal"]))
        frame.loc[rows, "animal"] = bare[rows]
        book.find(
            "note-in-cell",
            "note",
            f"{rows.sum()} row(s) have a note behind the animal's id.",
            "They count for the animal of the list that is called so without the note.",
            "Where an animal left or is to be left out, say so in the allocation list.",
            frame.loc[rows, "source"],
            written,
        )


def _alike(animal: str, known: pd.Series) -> str:
    """The allocated animal that an id most likely means: the same but for zeros, blanks, dashes or case."""

    def bare(text: str) -> str:
        return "".join(text.casefold().replace("-", "").replace("_", "").split()).lstrip("0")

    same = [one for one in known if bare(one) == bare(animal)]
    return (
        f'"{animal}": did you mean "{same[0]}"?'
        if len(same) == 1
        else f'"{animal}": {nearest(animal, list(known)[:40])}'
    )


def _days(study: Study, frame: pd.DataFrame, book: Book) -> None:
    """Rows without a readable day are set aside."""
    dayless = frame["day"].isna() & _open(frame)
    if dayless.any():
        fated(frame, dayless, "quarantined", "no readable day: " + frame["written_day"].str.slice(0, 40))
        said = sorted(set(frame.loc[dayless, "written_day"]))
        book.find(
            "day",
            "error",
            f"{dayless.sum()} row(s) have no readable day.",
            "They cannot be placed in time.",
            Calendar(study.days).advice(said),
            frame.loc[dayless, "source"],
            [text or "(blank)" for text in said],
        )


def _paws(frame: pd.DataFrame, book: Book) -> None:
    """Rows whose paw is written in a word that says none are set aside."""
    pawless = frame["paw"].isna() & _open(frame)
    if pawless.any():
        fated(frame, pawless, "quarantined", "no readable paw: " + frame["written_paw"].str.slice(0, 40))
        said = sorted(set(frame.loc[pawless, "written_paw"]))
        sided = [text for text in said if paw_of(text, "left")]
        book.find(
            "paw",
            "error",
            f"{pawless.sum()} row(s) do not say which paw was tested.",
            "The injured and the other paw must not be mixed.",
            "Add injured_side: left or right to the entry." if sided else "Write ipsi or contra.",
            frame.loc[pawless, "source"],
            [text or "(blank)" for text in said],
        )


def measured_twice(frame: pd.DataFrame, key: list[str], value: list[str], book: Book, advice: str) -> None:
    """What stands there twice for one key: equal entries count once, different ones are set aside."""
    used = frame[frame["fate"] == "used"]
    twice = used[used.duplicated(key, keep=False)]
    if twice.empty:
        return
    told = twice[value[0]].astype(str)
    for name in value[1:]:
        told = told + "|" + twice[name].astype(str)
    clashing = told.groupby([twice[name] for name in key]).transform("nunique") > 1
    copies = twice[~clashing].duplicated(key)
    fated(frame, _among(frame, clashing), "quarantined", "measured twice, differently")
    fated(frame, _among(frame, copies), "quarantined", "the same entry again")
    book.find(
        "twice",
        "error" if clashing.any() else "warning",
        f"{len(twice)} rows share {', '.join(key[:-1])} and {key[-1]} with another.",
        "Which one is right cannot be known; equal ones are used once, different ones are set aside.",
        advice,
        twice["source"],
        twice["animal"] + " day " + twice["written_day"],
    )


def read_elsewhere(frame: pd.DataFrame, key: list[str], seen: list[pd.DataFrame], book: Book) -> None:
    """What another entry of the study file has read for the same key is set aside; `seen` keeps what was read."""
    used = frame.loc[frame["fate"] == "used", [*key, "source", "written_day"]]
    earlier = [one for one in seen if list(one.columns[:-1]) == key]
    seen.append(used[[*key, "source"]])
    if not earlier or used.empty:
        return
    known = pd.concat(earlier, ignore_index=True).drop_duplicates(key).rename(columns={"source": "before"})
    before = used.merge(known, on=key, how="left").set_axis(used.index)["before"].dropna()
    again = used.loc[before.index]
    if again.empty:
        return
    marked_so = pd.Series(frame.index.isin(again.index), index=frame.index)
    fated(frame, marked_so, "quarantined", lambda rows: "measured twice, first in " + before[rows[rows].index])
    book.find(
        "twice",
        "error",
        f"{len(again)} row(s) share {', '.join(key[:-1])} and {key[-1]} with what another entry of the study file has read.",
        "One session cannot have two results; the entry that comes first in the study file counts.",
        "Take one of the two entries out; or, where they are sessions of their own, say so: wide: [{session: 2, columns: …}].",
        again["source"],
        again["animal"] + " day " + again["written_day"] + ": " + before,
    )


def _among(frame: pd.DataFrame, rows: pd.Series) -> pd.Series:
    """The rows of the frame that are marked."""
    return rows.reindex(frame.index, fill_value=False).astype(bool)


def _excluded(frame: pd.DataFrame, animals: pd.DataFrame) -> None:
    """Rows of animals the lab left out are `excluded`, whatever else is wrong; blanks stay blank."""
    out = animals[animals[Animals.excluded]]
    why = out.set_index(Animals.animal)[Animals.exclusion_reason].fillna("no reason given")
    rows = _within(frame["animal"], why.index) & (frame["fate"] != "blank")
    if rows.any():
        frame.loc[rows, "fate"] = "excluded"
        frame.loc[rows, "reason"] = "animal excluded by the lab: " + frame.loc[rows, "animal"].map(why)
