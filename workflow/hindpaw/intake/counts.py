"""Lists of counts, one row a count."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import pandas as pd

from hindpaw import tables
from hindpaw.intake import layouts
from hindpaw.intake.animals import UNSETTLED
from hindpaw.intake.ledger import Book
from hindpaw.intake.open import Sheet, as_number, as_text
from hindpaw.intake.vonfrey import day_of
from hindpaw.study import CountFile, Study
from hindpaw.tables import Animals, Counts


def read(study: Study, entry: CountFile, sheet: Sheet, animals: pd.DataFrame, book: Book) -> pd.DataFrame:
    """The used counts of one list, as `counts`; every row goes to the book with its fate."""
    frame = layouts.rows_of(sheet, entry.columns)
    frame["source"] = layouts.at(sheet, frame, "count")
    frame["animal"] = frame["animal"].map(as_text)
    arms = animals.set_index(Animals.animal)
    judged = [_judged(study, row, arms) for row in frame.to_dict("records")]
    frame["fate"], frame["reason"] = zip(*judged, strict=True) if judged else ((), ())
    wrong = frame["fate"] == "quarantined"
    if wrong.any():
        book.find(
            "count",
            "error",
            f"{wrong.sum()} count(s) of {entry.target} are set aside.",
            "They are not analysed.",
            "The ledger says of each why; correct the cell.",
            frame.loc[wrong, "source"],
            sorted(set(frame.loc[wrong, "reason"])),
        )
    book.enter("counts", frame["source"].tolist(), frame["fate"].tolist(), frame["reason"].tolist())
    used = frame[frame["fate"] == "used"]
    return _table(study, entry, used)


def _judged(study: Study, row: Mapping[Hashable, object], animals: pd.DataFrame) -> tuple[str, str]:
    """The fate of one row and why."""
    number = as_number(row["count"])
    if as_text(row["count"]) == "":
        return "blank", "no count in the cell"
    if row["animal"] not in animals.index:
        return "quarantined", f"animal not in the allocation list: {row['animal']}"
    if bool(animals.at[row["animal"], Animals.excluded]):
        reason = animals.at[row["animal"], Animals.exclusion_reason]
        return (
            "excluded",
            f"animal excluded by the lab: {reason if isinstance(reason, str) else 'no reason given'}",
        )
    if not isinstance(animals.at[row["animal"], Animals.arm], str):
        return "quarantined", UNSETTLED
    if number is None or number < 0 or number != int(number):
        return "quarantined", f"not a whole number of 0 or more: {as_text(row['count'])[:40]}"
    if day_of(row["day"]) is None:
        return "quarantined", f"no readable day: {as_text(row['day'])[:40]}"
    return "used", ""


def _table(study: Study, entry: CountFile, used: pd.DataFrame) -> pd.DataFrame:
    """The used rows as `counts`."""
    out = pd.DataFrame(
        {
            Counts.source: used["source"],
            Counts.animal: used["animal"],
            Counts.day: pd.Series([day_of(cell) for cell in used["day"]], dtype=float, index=used.index)
            - study.days.injury,
            Counts.target: entry.target,
            Counts.place: used["place"].map(as_text).replace("", None) if "place" in used else None,
            Counts.distance_um: [as_number(cell) for cell in used["distance_um"]] if "distance_um" in used else None,
            Counts.count: [int(as_number(cell) or 0) for cell in used["count"]],
        }
    )
    return tables.shaped(out, Counts)
