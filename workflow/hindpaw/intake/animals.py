"""The allocation list: which animal is in which arm, and which the lab left out."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import pandas as pd

from hindpaw import tables
from hindpaw.findings import nearest
from hindpaw.intake import layouts
from hindpaw.intake.ledger import Book
from hindpaw.intake.open import Sheet, as_number, as_text
from hindpaw.study import Arm, Study
from hindpaw.tables import Animals

YES = {"1", "yes", "y", "true", "x", "ja", "oui"}
NO = {"0", "no", "n", "false", "", "nein", "non"}
UNSETTLED = "its arm is not settled"


def read(study: Study, sheet: Sheet, book: Book) -> pd.DataFrame:
    """The table `animals`: one row an animal; the arm is empty where the list does not settle it."""
    frame = layouts.rows_of(sheet, study.animals.columns)
    frame = frame.map(as_text).assign(row=frame["row"]) if len(frame) else frame
    frame[Animals.source] = layouts.at(sheet, frame, "animal")
    frame = _named(frame, book)
    frame[Animals.arm] = _arms(study, frame, sheet, book)
    frame[Animals.excluded] = _excluded(frame, sheet, book)
    frame[Animals.left_day] = _left_days(frame, sheet, book)
    frame = _once(frame, book)
    for column in tables.columns(Animals):
        if column not in frame:
            frame[column] = None
    return tables.shaped(frame.replace({"": None}), Animals)


def _named(frame: pd.DataFrame, book: Book) -> pd.DataFrame:
    """The rows that name an animal; a row without one is a finding."""
    nameless = frame["animal"] == ""
    if nameless.any():
        book.find(
            "allocation",
            "error",
            f"{nameless.sum()} row(s) of the allocation list have no animal id.",
            "Nothing measured can be tied to them.",
            "Fill in the id, or clear the row.",
            frame.loc[nameless, Animals.source],
        )
    return frame[~nameless].copy()


def arm_of(study: Study, name: str) -> Arm | None:
    """The arm a name in a file means: its key, label or one of its names."""
    wanted = name.casefold()
    for arm in study.arms.values():
        if wanted in {text.strip().casefold() for text in (arm.key, arm.label, *arm.names)}:
            return arm
    return None


def _arms(study: Study, frame: pd.DataFrame, sheet: Sheet, book: Book) -> list[str | None]:
    """The arm of each animal, None where the name is unknown or contradicts the code."""
    places = layouts.at(sheet, frame, "arm")
    arms: list[str | None] = []
    for row, place in zip(frame.to_dict("records"), places, strict=True):
        arm = arm_of(study, row["arm"])
        if arm is None:
            known = [text for one in study.arms.values() for text in (one.label, *one.names)]
            book.find(
                "arm",
                "error",
                f'Animal {row["animal"]} is in "{row["arm"]}", no arm of the study file.',
                "Its data are set aside: " + UNSETTLED + ".",
                nearest(row["arm"], known) + " Or add the name under arms: … names.",
                [place],
            )
        arms.append(_agreed(study, arm, row, place, book))
    return arms


def _agreed(study: Study, arm: Arm | None, row: Mapping[Hashable, str], place: str, book: Book) -> str | None:
    """The arm's key, unless the code names another."""
    code = row.get("arm_code", "")
    if arm is None or not code or not arm.codes or code in arm.codes:
        return arm.key if arm else None
    says = next((other.label for other in study.arms.values() if code in other.codes), "unknown")
    book.find(
        "arm",
        "error",
        f'Animal {row["animal"]} is "{row["arm"]}" by name but {code} ({says}) by code.',
        "It could be analysed in the wrong arm, so its data are set aside.",
        "Look up the allocation and correct the wrong cell; or, if the names are right, "
        "take arm_code out of animals.columns in the study file.",
        [place],
        [f"{row['arm']} against {code}"],
    )
    return None


def _excluded(frame: pd.DataFrame, sheet: Sheet, book: Book) -> list[bool]:
    """Whether the lab left the animal out; a word that is neither yes nor no is a finding, the animal kept."""
    column = next((name for name in ("included", "excluded") if name in frame), None)
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


def _left_days(frame: pd.DataFrame, sheet: Sheet, book: Book) -> list[float | None]:
    """The last day of an animal that left early, None for the others."""
    if "left_day" not in frame:
        return [None] * len(frame)
    days = [as_number(cell) for cell in frame["left_day"]]
    for cell, day, place in zip(frame["left_day"], days, layouts.at(sheet, frame, "left_day"), strict=True):
        if cell and day is None:
            book.find(
                "allocation",
                "warning",
                f'"{cell}" is not a day.',
                "The audit cannot tell an animal that left from one that was forgotten.",
                "Write the day as a number.",
                [place],
            )
    return days


def _once(frame: pd.DataFrame, book: Book) -> pd.DataFrame:
    """One row an animal; where two rows name different arms, the arm is unsettled."""
    kept = []
    for animal, rows in frame.groupby("animal", sort=False):
        first = rows.iloc[0].copy()
        if len(rows) > 1:
            same = rows["arm"].nunique(dropna=False) == 1
            first["arm"] = first["arm"] if same else None
            first[Animals.source] = "; ".join(rows[Animals.source])
            book.find(
                "allocation",
                "warning" if same else "error",
                f"Animal {animal} stands in the allocation list {len(rows)} times"
                + (", always in the same arm." if same else ", in different arms."),
                "The first row is used." if same else "Its data are set aside: " + UNSETTLED + ".",
                "Keep one row an animal.",
                rows[Animals.source],
            )
        kept.append(first)
    return pd.DataFrame(kept, columns=frame.columns).reset_index(drop=True)
