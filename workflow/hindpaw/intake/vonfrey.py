"""von Frey sheets: series of X and O, or thresholds, each row checked before it is used."""

from __future__ import annotations

import re

import pandas as pd

from hindpaw import filaments, tables
from hindpaw.filaments import FilamentSet
from hindpaw.findings import StudyError
from hindpaw.intake import layouts
from hindpaw.intake.animals import UNSETTLED
from hindpaw.intake.ledger import Book
from hindpaw.intake.open import Sheet, as_number, as_text
from hindpaw.study import Study, VonFreyFile
from hindpaw.tables import Animals, Readings, Trials

GRAMS = {"g": 1.0, "mg": 1e-3, "mN": 1 / 9.80665}
# A mouse or rat threshold outside these is a unit mistake; the heaviest filament made is 300 g.
PLAUSIBLE_G = (0.001, 300.0)
# A number by itself or after the word day, or stuck to it; words without digits may follow.
DAY = re.compile(
    r"(?:(?:day|d|tag|dpi)\.?\s+)?([-\u2212]?\d+(?:\.\d+)?)\D*|(?:day|d|tag|dpi)\.?(\d+(?:\.\d+)?)\D*",
    re.IGNORECASE,
)


def day_of(text: object) -> float | None:
    """The day a cell or a sheet name states, or None.

    `Day-1` could be day −1 or day 1, so it is refused; `Day -1` is read. `Sheet 2` is no day.

    >>> [day_of(text) for text in ("Day -1", "d14", 7.0, "3 dpi", "day 7 after CCI")]
    [-1.0, 14.0, 7.0, 3.0, 7.0]
    >>> [day_of(text) for text in ("Day-1", "3 and 5", "Sheet 2", "2025-01-07")]
    [None, None, None, None]
    """
    number = as_number(text)
    if number is not None:
        return number
    found = DAY.fullmatch(as_text(text))
    return float((found[1] or found[2]).replace("\u2212", "-")) if found else None


def read(
    study: Study,
    entry: VonFreyFile,
    sheets: list[Sheet],
    known: FilamentSet,
    animals: pd.DataFrame,
    book: Book,
) -> pd.DataFrame:
    """The used rows of one entry of the study file, as `trials` or `readings`.

    Every row goes to the book with its fate.
    """
    value, name = ("responses", "trials") if entry.layout == "up-down-strings" else ("threshold", "readings")
    parts = []
    for sheet in sheets:
        try:
            parts.append(_rows(study, entry, sheet, value))
        except StudyError as error:
            book.set_aside(name, f"{sheet.place} ({entry.paw})", error.findings)
    if not parts:
        return tables.empty(tables.TABLES[name])
    frame = pd.concat(parts, ignore_index=True)
    frame = (_judged_series if name == "trials" else _judged_thresholds)(entry, frame, known, book)
    frame = _judged_days(_judged_animals(frame, animals, book), book)
    frame = _judged_twice(frame, book)
    frame = _excluded(frame, animals)
    book.enter(name, frame["source"].tolist(), frame["fate"].tolist(), frame["reason"].tolist())
    used = frame[frame["fate"] == "used"]
    return _trials(used, known) if name == "trials" else tables.shaped(used[tables.columns(Readings)], Readings)


def _rows(study: Study, entry: VonFreyFile, sheet: Sheet, value: str) -> pd.DataFrame:
    """The rows of a sheet with their day, paw and address; fate still open."""
    columns = {name: header for name, header in entry.columns.items() if not (entry.sheet_per_day and name == "day")}
    frame = layouts.rows_of(sheet, columns)
    frame["source"] = layouts.at(sheet, frame, value)
    days = [day_of(sheet.name)] * len(frame) if entry.sheet_per_day else [day_of(cell) for cell in frame["day"]]
    written = [sheet.name] * len(frame) if entry.sheet_per_day else frame["day"].map(as_text).tolist()
    frame["written_day"] = [text if day is None else f"{day:g}" for text, day in zip(written, days, strict=True)]
    frame["day"] = pd.Series(days, dtype=float) - study.days.injury
    for name in ("animal", "session", "tester"):
        frame[name] = frame[name].map(as_text) if name in frame else ""
    frame["paw"], frame["fate"], frame["reason"] = entry.paw, "used", ""
    return frame.drop(columns=layouts.ROW)


def _set(frame: pd.DataFrame, rows: pd.Series, fate: str, reason: str | pd.Series) -> None:
    """The fate of rows that have none yet: the first reason stands."""
    rows = rows & (frame["fate"] == "used")
    frame.loc[rows, "fate"] = fate
    frame.loc[rows, "reason"] = reason if isinstance(reason, str) else reason[rows]


def _judged_series(entry: VonFreyFile, frame: pd.DataFrame, known: FilamentSet, book: Book) -> pd.DataFrame:
    """Whether each cell is a series, and one that its last filament and the protocol allow."""
    frame["responses"] = frame["responses"].map(as_text).str.upper().str.replace(" ", "")
    _set(frame, frame["responses"] == "", "blank", "no series in the cell")
    legal = frame["responses"].str.fullmatch("[XO]+")
    wrong = ~legal & (frame["responses"] != "")
    if wrong.any():
        _set(frame, wrong, "quarantined", "not a series of X and O: " + frame["responses"].str.slice(0, 40))
        book.find(
            "V1",
            "error",
            f"{wrong.sum()} cell(s) that should hold a series of X and O hold something else.",
            "They give no threshold.",
            "Write X and O only, or clear the cell and give the reason in the allocation list.",
            frame.loc[wrong, "source"],
            frame.loc[wrong, "responses"].str.slice(0, 40),
        )
    frame["last"] = [_position(known, cell, entry.last_filament_in) for cell in frame["last_filament"]]
    unknown = legal & frame["last"].isna()
    if unknown.any():
        written = frame["last_filament"].map(as_text)
        _set(frame, unknown, "quarantined", "no such last filament: " + written)
        book.find(
            "V1",
            "error",
            f"{unknown.sum()} series name a last filament that is not in the set {known.name}.",
            "The last filament decides the threshold.",
            f"Correct it; the set has {len(known)} filaments, named here by {entry.last_filament_in}.",
            frame.loc[unknown, "source"],
            written[unknown],
        )
    _replay(entry, frame, legal & frame["last"].notna(), known, book)
    return frame


def _position(known: FilamentSet, cell: object, named_by: str) -> int | None:
    """The position of the filament a cell names."""
    value = as_number(cell)
    return None if value is None else known.position(value, named_by)


def _replay(entry: VonFreyFile, frame: pd.DataFrame, rows: pd.Series, known: FilamentSet, book: Book) -> None:
    """Each series played back from its last filament: impossible ones are set aside, deviations are noted."""
    size = len(known)
    faults, deviations = pd.Series("", index=frame.index), pd.Series("", index=frame.index)
    for index, responses, last in zip(
        frame.index[rows], frame.loc[rows, "responses"], frame.loc[rows, "last"], strict=True
    ):
        faults[index] = "; ".join(filaments.faults(responses, int(last), size, entry.start))
        deviations[index] = filaments.deviation(responses, int(last), size, entry.responses_after_change)
    told = (
        frame["animal"]
        + " day "
        + frame["written_day"]
        + " "
        + frame["responses"]
        + " ending on "
        + frame["last_filament"].map(as_text)
    )
    if (faults != "").any():
        bad = faults != ""
        _set(frame, bad, "quarantined", "impossible series: " + faults)
        book.find(
            "V1",
            "error",
            f"{bad.sum()} series cannot have ended on the filament that is written beside them.",
            "The series or the last filament is mistyped; the threshold would be wrong by a step or more.",
            "Compare with the paper record and correct the cell.",
            frame.loc[bad, "source"],
            told[bad] + ": " + faults[bad],
        )
    if (deviations != "").any():
        odd = deviations != ""
        kinds = deviations[odd].value_counts().sort_index()
        book.find(
            "V1",
            "note",
            f"{odd.sum()} of {rows.sum()} series depart from the stop rule "
            f"({entry.responses_after_change} responses after the first change).",
            "They are used: the likelihood takes a series of any length, a short one with a larger error.",
            "If the protocol is another, say so under responses_after_change.",
            frame.loc[odd, "source"],
            [f"{count} with {kind}" for kind, count in kinds.items()],
        )


def _judged_thresholds(entry: VonFreyFile, frame: pd.DataFrame, known: FilamentSet, book: Book) -> pd.DataFrame:
    """Whether each cell is a force in the range that filaments and devices have."""
    written = frame["threshold"].map(as_text)
    numbers = pd.Series([as_number(cell) for cell in frame["threshold"]], dtype=float, index=frame.index)
    frame["threshold_g"] = numbers * GRAMS[entry.unit]
    _set(frame, written == "", "blank", "no threshold in the cell")
    low, high = PLAUSIBLE_G
    wrong = (written != "") & ~frame["threshold_g"].between(low, high)
    if wrong.any():
        _set(frame, wrong, "quarantined", f"no threshold in {entry.unit}: " + written)
        book.find(
            "V1",
            "error",
            f"{wrong.sum()} cell(s) hold no possible threshold in {entry.unit}.",
            f"A threshold lies between {low} and {high:g} g.",
            "Correct the cell, or the unit in the study file.",
            frame.loc[wrong, "source"],
            written[wrong],
        )
    return frame


def _judged_animals(frame: pd.DataFrame, animals: pd.DataFrame, book: Book) -> pd.DataFrame:
    """Rows of animals that the allocation list does not know, or whose arm is open, are set aside."""
    unknown = ~frame["animal"].isin(animals[Animals.animal]) & (frame["fate"] != "blank")
    if unknown.any():
        _set(frame, unknown, "quarantined", "animal not in the allocation list: " + frame["animal"])
        book.find(
            "unknown-animal",
            "error",
            f"{unknown.sum()} row(s) belong to animals that are not in the allocation list.",
            "Their arm is unknown.",
            "Correct the id, or add the animal to the list.",
            frame.loc[unknown, "source"],
            sorted(set(frame.loc[unknown, "animal"].replace("", "(no id)"))),
        )
    unsettled = animals.loc[animals[Animals.arm].isna(), Animals.animal]
    _set(frame, frame["animal"].isin(unsettled), "quarantined", UNSETTLED)
    return frame


def _judged_days(frame: pd.DataFrame, book: Book) -> pd.DataFrame:
    """Rows without a readable day are set aside."""
    dayless = frame["day"].isna() & (frame["fate"] != "blank")
    if dayless.any():
        _set(frame, dayless, "quarantined", "no readable day: " + frame["written_day"])
        book.find(
            "day",
            "error",
            f"{dayless.sum()} row(s) have no readable day.",
            "They cannot be placed in time.",
            "Write days since injury as a number, or name the sheet like 'Day 3'.",
            frame.loc[dayless, "source"],
            sorted(set(frame.loc[dayless, "written_day"])),
        )
    return frame


def _judged_twice(frame: pd.DataFrame, book: Book) -> pd.DataFrame:
    """An animal measured twice in one session: equal entries count once, different ones are set aside."""
    key = ["animal", "day", "paw", "session"]
    value = "responses" if "responses" in frame else "threshold_g"
    used = frame[frame["fate"] == "used"]
    twice = used[used.duplicated(key, keep=False)]
    if twice.empty:
        return frame
    told = twice[value].astype(str) + twice.get("last", pd.Series(0, index=twice.index)).astype(str)
    clashing = told.groupby([twice[name] for name in key]).transform("nunique") > 1
    copies = twice[~clashing].duplicated(key)
    _set(frame, _among(frame, clashing), "quarantined", "measured twice, differently")
    _set(frame, _among(frame, copies), "quarantined", "the same entry again")
    book.find(
        "twice",
        "error" if clashing.any() else "warning",
        f"{len(twice)} rows share animal, day, paw and session with another.",
        "Which one is right cannot be known; equal ones are used once, different ones are set aside.",
        "Keep one row, or name the column that tells them apart as session.",
        twice["source"],
        twice["animal"] + " day " + twice["written_day"],
    )
    return frame


def _among(frame: pd.DataFrame, marked: pd.Series) -> pd.Series:
    """The rows of the frame that are marked."""
    return marked.reindex(frame.index, fill_value=False)


def _excluded(frame: pd.DataFrame, animals: pd.DataFrame) -> pd.DataFrame:
    """Rows of animals the lab left out are `excluded`, whatever else is wrong; blanks stay blank."""
    out = (
        animals[animals[Animals.excluded]].set_index(Animals.animal)[Animals.exclusion_reason].fillna("no reason given")
    )
    rows = frame["animal"].isin(out.index) & (frame["fate"] != "blank")
    frame.loc[rows, "fate"] = "excluded"
    frame.loc[rows, "reason"] = "animal excluded by the lab: " + frame.loc[rows, "animal"].map(out)
    return frame


def _trials(used: pd.DataFrame, known: FilamentSet) -> pd.DataFrame:
    """One row an application, in the order they were made."""
    ends = zip(used["responses"], used["last"], strict=True)
    positions = [filaments.replay(series, int(last)) for series, last in ends]
    played = used.assign(response=used["responses"].map(list), position=pd.Series(positions, index=used.index))
    played = played.explode(["response", "position"])
    played["order"] = played.groupby("source", sort=False).cumcount() + 1
    played["filaments"] = known.name
    played["filament_g"] = [known.force_g[int(position) - 1] for position in played["position"]]
    played[["session", "tester"]] = played[["session", "tester"]].replace("", None)
    return tables.shaped(played[tables.columns(Trials)], Trials)
