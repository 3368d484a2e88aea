"""What each well of a plate can be used for; every well gets one fate, and the first reason stands."""

from __future__ import annotations

import pandas as pd

from hindpaw.intake import flags, pools
from hindpaw.intake.arms import UNSETTLED
from hindpaw.intake.ledger import Book
from hindpaw.study import PlateFile
from hindpaw.tables import Animals

NO_CONCENTRATION = "a standard without a concentration"
NO_ANIMAL = "the sample's animal is not in the allocation list"
# What else than mending the export or its map may be done.
OTHERWISE = {
    NO_CONCENTRATION: "; or give the plate standards: {analyte: {name of the standard: concentration}}",
    NO_ANIMAL: "; or add the animal (or whatever the samples are of, cultures for instance) to the allocation list",
}
WHOSE = (
    "Say whose the samples are in a list with a line a sample, and name it under the plate: samples: {file: "
    "samples.csv, columns: {sample: Sample, animal: Mouse}}; or call them in the export as the allocation list does."
)
DOING = {"excluded": "left out", "quarantined": "set aside"}


def judge(frame: pd.DataFrame, plate: PlateFile, place: str, animals: pd.DataFrame, book: Book) -> None:
    """Add `fate`, `reason` and `signal_censored` to wells, and the findings about them to the book.

    Parameters
    ----------
    frame : one row a well × analyte, with everything that study file, map and export say of it
    place : what messages call the source of roles: the plate map, or the export
    """
    frame["fate"], frame["reason"] = "used", ""
    sample = frame["role"] == "sample"
    pairs = zip(frame["signal"], frame["flag"], strict=True)
    read = [flags.fate_of(None if pd.isna(signal) else signal, flag) for signal, flag in pairs]
    marks = pd.DataFrame(read, columns=["fate", "reason", "side"], index=frame.index)
    frame["signal_censored"] = marks["side"]
    _set(frame, frame["role"].isin(["", "empty"]), "blank", "neither plate map nor export says what the well holds")
    for fate in ("blank", "excluded", "quarantined"):
        _set(frame, marks["fate"] == fate, fate, marks["reason"])
    _set(frame, marks["side"].notna() & ~sample, "excluded", frame["flag"] + ": a curve needs the number")
    _remarks(frame, plate, marks, book)
    _lacks(frame, plate, place, animals, book)
    out = animals[animals[Animals.excluded]]
    why = dict(zip(out[Animals.animal], out[Animals.exclusion_reason].fillna("no reason given"), strict=True))
    pooled_out = pools.troubles(frame, animals)[2] & frame["fate"].isin(["used", "quarantined"])
    frame.loc[pooled_out, "reason"] = (
        "every animal of the pool is excluded by the lab: " + frame.loc[pooled_out, "pool"]
    )
    frame.loc[pooled_out, "fate"] = "excluded"
    rows = sample & frame["animal"].isin(list(why)) & frame["fate"].isin(["used", "quarantined"])
    frame.loc[rows, "reason"] = [f"animal excluded by the lab: {why[animal]}" for animal in frame.loc[rows, "animal"]]
    frame.loc[rows, "fate"] = "excluded"
    if (sample & ~frame["dilution_told"]).any():
        book.find(
            "well",
            "warning",
            f"{plate.name}: nothing says how the samples were diluted; they count as undiluted.",
            "CSF is nearly always diluted to fill a well; each concentration would be too low by it.",
            "Add a column dilution to the plate map or the list of samples, 1 where it is so, or dilution: to the plate.",
            [place],
        )


def _remarks(frame: pd.DataFrame, plate: PlateFile, marks: pd.DataFrame, book: Book) -> None:
    """Findings about what the export says of signals; wells that hold nothing are none of them."""
    held = ~frame["role"].isin(["", "empty"])
    for fate, doing in DOING.items():
        _told(
            frame,
            held & (frame["fate"] == fate) & (marks["fate"] == fate),
            book,
            "warning" if fate == "excluded" else "error",
            f"{plate.name}: {{}} well(s) {doing} for what the export says of them.",
            "They have no signal that a concentration could be read off.",
            "Nothing, if that is so; the ledger says of each why. Else correct the export.",
        )
    _told(
        frame,
        held & (frame["fate"] == "used") & frame["signal"].notna() & (frame["flag"] != ""),
        book,
        "note",
        f"{plate.name}: {{}} well(s) bear a remark of the export beside their signal.",
        "Masked ones are left out of curve and concentrations; the others count.",
        "Look at them, and mask in the export what should not count.",
    )
    _told(
        frame,
        held & marks["side"].notna(),
        book,
        "warning",
        f"{plate.name}: {{}} well(s) lie beyond the reader's range.",
        "A sample there is kept as more (or less) than the plate can measure; a standard there is left out.",
        "Dilute more and read again, if there is any left.",
    )


def _told(
    frame: pd.DataFrame, rows: pd.Series, book: Book, severity: str, what: str, why: str, what_to_do: str
) -> None:
    """One finding about the flags of some wells, if there are any."""
    if rows.any():
        evidence = (frame["well"] + ": " + frame["flag"])[rows]
        book.find("flag", severity, what.format(rows.sum()), why, what_to_do, frame.loc[rows, "source"], evidence)


def _lacks(frame: pd.DataFrame, plate: PlateFile, place: str, animals: pd.DataFrame, book: Book) -> None:
    """Set aside what lacks something, with one finding for each lack."""
    sample, standard = frame["role"] == "sample", frame["role"] == "standard"
    known = frame["animal"].isin(animals[Animals.animal]) | (frame["pool"] != "")
    twice = frame.duplicated(["plate", "well", "analyte"], keep=False)
    strange, mixed, _ = pools.troubles(frame, animals)
    rules = [
        (
            "well",
            twice,
            "the export states the well more than once",
            "It is not clear which reading counts.",
        ),
        (
            "unknown-animal",
            sample & ~known,
            NO_ANIMAL,
            "Its arm is unknown.",
        ),
        ("pool", strange, pools.UNKNOWN, "Its arm is unknown."),
        ("pool", mixed, pools.MIXED, "A sample cannot stand for two arms."),
        (
            "well",
            standard & frame["nominal_pg_per_ml"].isna(),
            NO_CONCENTRATION,
            "It cannot stand on the curve.",
        ),
        (
            "well",
            sample & frame["dilution"].isna(),
            "no readable dilution (write 1:20)",
            "The concentration would be wrong by that factor.",
        ),
        (
            "day",
            sample & frame["day"].isna(),
            "the sample has no readable day",
            "It cannot be placed in time.",
        ),
    ]
    told = frame["well"] + " " + frame["sample"]
    for check, lacking, reason, why in rules:
        rows = lacking & (frame["fate"] == "used")
        if rows.any():
            what = f"{plate.name}: {rows.sum()} well(s) set aside: {reason}."
            sources = frame.loc[rows, "source"]
            advice = f"Correct {place}{OTHERWISE.get(reason, '')}."
            if reason == NO_ANIMAL and plate.plate_map is None and plate.samples is None:
                advice = WHOSE
            book.find(check, "error", what, why, advice, sources, dict.fromkeys(told[rows]))
            _set(frame, rows, "quarantined", reason)
    unsettled = animals.loc[animals[Animals.arm].isna(), Animals.animal]
    open_pool = frame["pool"].str.split(pools.JOIN, regex=False).map(set(unsettled).intersection).map(bool)
    rows = frame["animal"].isin(unsettled) | open_pool
    _set(frame, sample & rows, "quarantined", UNSETTLED)


def _set(frame: pd.DataFrame, rows: pd.Series, fate: str, reason: str | pd.Series) -> None:
    """The fate of rows that have none yet."""
    rows = rows & (frame["fate"] == "used")
    frame.loc[rows, "fate"] = fate
    frame.loc[rows, "reason"] = reason if isinstance(reason, str) else reason[rows]
