"""Lists of counts, one row a count."""

from __future__ import annotations

import pandas as pd

from hindpaw.intake import judged, layouts
from hindpaw.intake.cells import Sheet, as_number, mapped, texts
from hindpaw.intake.days import Calendar
from hindpaw.intake.judged import days_of, fated
from hindpaw.intake.ledger import Book
from hindpaw.intake.validation import passed
from hindpaw.study import CountFile, Study
from hindpaw.tables import Counts

# A count above this is no count of cells, and would not fit the table's whole numbers.
LARGEST = 1e15


def read(study: Study, entry: CountFile, sheet: Sheet, animals: pd.DataFrame, book: Book) -> pd.DataFrame:
    """The used counts of one list, as `counts`; every row goes to the book with its fate."""
    whole = layouts.rows_of(sheet, entry.columns)
    frame = whole.assign(
        source=layouts.at(sheet, whole, "count"),
        struck=layouts.struck(sheet, whole, "count"),
        animal=texts(whole["animal"]),
        written_day=texts(whole["day"]),
        fate="used",
        reason="",
    )
    frame["day"] = days_of(Calendar(study.days), frame["day"], frame["animal"])
    frame["place"] = texts(frame["place"]) if "place" in whole else ""
    book.expect("counts", frame["source"])
    judged.nothing_there(frame, "count", "count", animals, book)
    _numbers(frame, entry, book)
    judged.whose_and_day(study, frame, animals, book)
    # Several counts of one animal and place are sections of it, and no copies.
    made = passed(_table(entry, frame[frame["fate"] == "used"]), Counts, frame, book)
    book.enter("counts", frame["source"].tolist(), frame["fate"].tolist(), frame["reason"].tolist())
    return made


def _numbers(frame: pd.DataFrame, entry: CountFile, book: Book) -> None:
    """Counts and distances as numbers; rows where one is written that is none are set aside."""
    said = texts(frame["count"]).str.slice(0, 40)
    frame["number"] = pd.Series(mapped(frame["count"], as_number), index=frame.index, dtype=float)
    number = frame["number"]
    wrong = number.isna() | (number < 0) | (number != number.round()) | (number > LARGEST)
    odd = fated(frame, wrong, "quarantined", "not a whole number of 0 or more: " + said)
    _find(book, frame, odd, said, f"{{}} count(s) of {entry.target} are no whole number of 0 or more.")
    written = texts(frame["distance_um"]) if "distance_um" in frame else pd.Series("", index=frame.index)
    frame["distance_um"] = pd.Series(mapped(written, as_number), index=frame.index, dtype=float)
    lost = (written != "") & ~(frame["distance_um"] >= 0)
    far = fated(frame, lost, "quarantined", "not a distance of 0 or more: " + written.str.slice(0, 40))
    _find(book, frame, far, written.str.slice(0, 40), f"{{}} count(s) of {entry.target} have no readable distance.")


def _find(book: Book, frame: pd.DataFrame, rows: pd.Series, said: pd.Series, what: str) -> None:
    """One finding about cells that are no number, if there are any."""
    if rows.any():
        evidence = [f'"{one}"' for one in dict.fromkeys(said[rows])]
        why = "They are set aside and not analysed."
        book.find(
            "count", "error", what.format(rows.sum()), why, "Correct the cell.", frame.loc[rows, "source"], evidence
        )


def _table(entry: CountFile, used: pd.DataFrame) -> pd.DataFrame:
    """The used rows as `counts`."""
    return pd.DataFrame(
        {
            Counts.source: used["source"],
            Counts.animal: used["animal"],
            Counts.day: used["day"],
            Counts.target: entry.target,
            Counts.place: used["place"].replace("", None),
            Counts.distance_um: used["distance_um"],
            Counts.count: used["number"].astype(int),
        }
    )
