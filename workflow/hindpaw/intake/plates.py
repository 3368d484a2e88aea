"""Plate exports joined with their plate maps, one row a well and analyte."""

from __future__ import annotations

import re

import pandas as pd

from hindpaw import tables
from hindpaw.intake import layouts
from hindpaw.intake.animals import UNSETTLED
from hindpaw.intake.ledger import Book
from hindpaw.intake.open import Sheet, as_number, as_text
from hindpaw.intake.plate_readers import READERS, broken, well_of
from hindpaw.intake.vonfrey import day_of
from hindpaw.study import PlateFile, Study
from hindpaw.tables import Animals, Wells

PG_PER_ML = {"pg/ml": 1.0, "ng/ml": 1000.0}
ROLES = {
    "std": "standard",
    "unknown": "sample",
    "unk": "sample",
    "blk": "blank",
    "background": "blank",
    "ctrl": "control",
    "qc": "control",
}
DILUTION = re.compile(r"(?:1\s*[:/]\s*)?(\d+(?:[.,]\d+)?)\s*x?", re.IGNORECASE)


def dilution_of(cell: object) -> float | None:
    """The factor a dilution stands for, or None where it is none, or less than 1 and so ambiguous.

    >>> dilution_of("1:20"), dilution_of("1/4"), dilution_of(20.0), dilution_of("0.05")
    (20.0, 4.0, 20.0, None)
    """
    found = DILUTION.fullmatch(as_text(cell))
    factor = float(found[1].replace(",", ".")) if found else 0.0
    return factor if factor >= 1 else None


def read(
    study: Study, plate: PlateFile, export: Sheet, plate_map: Sheet, animals: pd.DataFrame, book: Book
) -> pd.DataFrame:
    """The used wells of one plate, as `wells`; every well goes to the book with its fate."""
    frame = pd.DataFrame(READERS[plate.layout](export, plate))
    frame = frame.merge(_map(study, plate, plate_map), on="well", how="left").assign(
        plate=plate.name, fate="used", reason=""
    )
    if plate.standards:
        known = {
            (analyte, name): value for analyte, levels in plate.standards.items() for name, value in levels.items()
        }
        named = pd.Series(
            [known.get(key) for key in zip(frame["analyte"], frame["sample"], strict=True)],
            dtype=float,
            index=frame.index,
        )
        frame["nominal_pg_per_ml"] = named.where(frame["role"] == "standard")
    frame["nominal_pg_per_ml"] *= PG_PER_ML[plate.unit]
    _judge(frame, plate, plate_map, animals, book)
    book.enter("wells", frame["source"].tolist(), frame["fate"].tolist(), frame["reason"].tolist())
    used = frame[frame["fate"] == "used"].replace("", None)
    used = used.assign(activation=plate.activation).reindex(columns=tables.columns(Wells))
    return tables.shaped(used, Wells)


def _map(study: Study, plate: PlateFile, sheet: Sheet) -> pd.DataFrame:
    """The plate map in plain values, one row a well."""
    frame = layouts.rows_of(sheet, plate.plate_map.columns)
    given = set(plate.plate_map.columns)
    told = {name: frame[name].map(as_text) if name in given else "" for name in ("sample", "animal", "pool", "matrix")}
    out = pd.DataFrame({"well": [well_of(cell) for cell in frame["well"]], **told})
    roles = frame["role"].map(as_text).str.casefold()
    out["role"] = [ROLES.get(role, role) or "empty" for role in roles]
    out["day"] = (
        pd.Series([day_of(cell) for cell in frame["day"]], dtype=float) - study.days.injury
        if "day" in given
        else float("nan")
    )
    for name, column in (("nominal_pg_per_ml", "concentration"), ("csf_volume_ul", "csf_volume_ul")):
        out[name] = (
            pd.Series([as_number(cell) for cell in frame[column]], dtype=float) if column in given else float("nan")
        )
    out["dilution"] = (
        pd.Series([dilution_of(cell) for cell in frame["dilution"]], dtype=float) if "dilution" in given else 1.0
    )
    out["matrix"] = out["matrix"].replace("", plate.matrix)
    twice = out.loc[out["well"].duplicated() & out["well"].notna(), "well"]
    strange = sorted(set(out["role"]) - set(tables.ROLES))
    if len(twice) or strange or out["well"].isna().any():
        what = (
            f"wells named twice: {list(twice)}"
            if len(twice)
            else f'the role "{strange[0]}"'
            if strange
            else "a row without a well"
        )
        raise broken(
            sheet,
            f"the plate map has {what}",
            f"One row a well, with a role out of {', '.join(tables.ROLES)}.",
        )
    return out


def _judge(frame: pd.DataFrame, plate: PlateFile, plate_map: Sheet, animals: pd.DataFrame, book: Book) -> None:
    """What each well can be used for; the first reason stands."""
    frame["role"] = frame["role"].fillna("empty")
    sample, standard = frame["role"] == "sample", frame["role"] == "standard"
    told = frame["well"] + " " + frame["sample"].fillna("")
    _set(frame, frame["role"] == "empty", "blank", "the plate map leaves the well empty")
    _set(frame, frame["signal"].isna() & (frame["flag"] == ""), "blank", "no signal in the well")
    _set(frame, frame["signal"].isna(), "quarantined", "no number in the well: " + frame["flag"])
    known = frame["animal"].isin(animals[Animals.animal]) | (frame["pool"].fillna("") != "")
    checks = [
        (
            "unknown-animal",
            sample & ~known,
            "the sample's animal is not in the allocation list",
            "Its arm is unknown.",
        ),
        (
            "well",
            standard & frame["nominal_pg_per_ml"].isna(),
            "a standard without a concentration",
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
    for check, rows, reason, why in checks:
        rows = rows & (frame["fate"] == "used")
        if rows.any():
            book.find(
                check,
                "error",
                f"{plate.name}: {rows.sum()} well(s) set aside: {reason}.",
                why,
                f"Correct {plate_map.place}.",
                frame.loc[rows, "source"],
                told[rows],
            )
            _set(frame, rows, "quarantined", reason)
    unsettled = animals.loc[animals[Animals.arm].isna(), Animals.animal]
    _set(frame, sample & frame["animal"].isin(unsettled), "quarantined", UNSETTLED)
    out = (
        animals[animals[Animals.excluded]].set_index(Animals.animal)[Animals.exclusion_reason].fillna("no reason given")
    )
    rows = sample & frame["animal"].isin(out.index)
    frame.loc[rows, "fate"], frame.loc[rows, "reason"] = (
        "excluded",
        "animal excluded by the lab: " + frame["animal"].map(out).fillna(""),
    )
    if "dilution" not in plate.plate_map.columns and sample.any():
        book.find(
            "well",
            "warning",
            f"{plate.name}: the plate map has no dilutions; samples count as undiluted.",
            "CSF is nearly always diluted to fill a well; each concentration would be too low by it.",
            "Add the column dilution, with 1 where it is so.",
            [plate_map.place],
        )


def _set(frame: pd.DataFrame, rows: pd.Series, fate: str, reason: str | pd.Series) -> None:
    """The fate of rows that have none yet."""
    rows = rows & (frame["fate"] == "used")
    frame.loc[rows, "fate"] = fate
    frame.loc[rows, "reason"] = reason if isinstance(reason, str) else reason[rows]
