"""Plate exports joined with their plate maps, one row a well and analyte, each with its fate."""

from __future__ import annotations

import pandas as pd

from hindpaw import tables
from hindpaw.findings import Finding, StudyError, nearest, several
from hindpaw.intake import flags, plate_maps, pools, wavelengths, wells
from hindpaw.intake.days import Calendar
from hindpaw.intake.ledger import Book
from hindpaw.intake.open import Sheet
from hindpaw.intake.plate_maps import dilution_of
from hindpaw.intake.plate_readers import Export
from hindpaw.intake.validation import passed
from hindpaw.study import PlateFile, Study
from hindpaw.tables import Animals, Wells

PG_PER_ML = {"fg/ml": 1e-3, "pg/ml": 1.0, "ng/ml": 1e3, "µg/ml": 1e6}
NO_UNIT = ("", "bead")
# Concentrations that a map and an export both state may differ by rounding.
SAME = 0.01


def read(
    study: Study,
    plate: PlateFile,
    export: Export,
    plate_map: Sheet | None,
    samples: Sheet | None,
    animals: pd.DataFrame,
    book: Book,
) -> pd.DataFrame:
    """The used wells of a plate export, as `wells`; every well goes to the book with its fate.

    What the study file says counts before the plate map, and that before the export.

    Raises
    ------
    StudyError
        Where it is not clear which plate, read or analyte is meant, or the map does not fit the export.
    """
    frame = wavelengths.settled(_readings(plate, export, book), plate, book)
    frame = _mapped(study, plate, frame, plate_map)
    frame = _sampled(study, plate, frame, samples, animals)
    frame = _standards(plate, frame, book)
    frame = _reported(plate, frame)
    frame["plate"] = [plate.part(block) for block in frame["plate"]]
    frame["activation"] = plate.activation
    wells.judge(frame, plate, plate_map.place if plate_map else plate.file, animals, book)
    used = frame[frame["fate"] == "used"].replace("", None)
    made = passed(used.reindex(columns=tables.columns(Wells)), Wells, frame, book)
    book.enter("wells", frame["source"].tolist(), frame["fate"].tolist(), frame["reason"].tolist())
    return made


def _readings(plate: PlateFile, export: Export, book: Book) -> pd.DataFrame:
    """The readings of the plates that the entry means, each with its analyte."""
    frame = pd.DataFrame([vars(reading) for reading in export.readings])
    if plate.block is not None:
        if plate.block not in export.plates:
            what = f'{plate.file} holds no plate called "{plate.block}".'
            raise _unclear(plate, what, nearest(plate.block, filter(None, export.plates)))
        frame = frame[frame["plate"] == plate.block].assign(plate="").reset_index(drop=True)
        others = [name for name in export.plates if name != plate.block]
        if others:
            book.find(
                "plate",
                "note",
                f"{plate.name}: {plate.file} holds more plates: {several(others)}.",
                "Only the one under block is read by this entry.",
                "Nothing, if an entry of its own reads each of them.",
                [plate.file],
            )
    frame["analyte"] = [analyte or None for analyte in frame["analyte"]]
    if frame["analyte"].isna().any() and plate.analyte is None:
        raise _unclear(plate, f"{plate.file} does not say what was measured.", 'Add "analyte: …" to the plate.')
    frame["analyte"] = frame["analyte"].fillna(plate.analyte or "")
    missing = sorted(set(plate.standards) - set(frame["analyte"]))
    if missing:
        what = f'{plate.file} has no analyte "{missing[0]}", which the study file names under standards.'
        raise _unclear(plate, what, nearest(missing[0], set(frame["analyte"])))
    frame = frame.astype({"signal": float, "bead_count": float, "nominal": float, "dilution": float})
    # A dilution below 1 could be a share or a slip, a negative count or concentration is none.
    least = {"bead_count": 0.0, "nominal": 0.0, "dilution": 1.0}
    return frame.assign(**{name: frame[name].where(frame[name] >= bound) for name, bound in least.items()})


def _mapped(study: Study, plate: PlateFile, frame: pd.DataFrame, sheet: Sheet | None) -> pd.DataFrame:
    """The readings with what the plate map says of their wells; the export's word stands where the map is silent."""
    frame = frame.rename(columns={"nominal": "export_nominal", "dilution": "export_dilution"})
    frame["export_sample"] = frame["sample"]
    if plate.plate_map is None or sheet is None:
        if (frame["role"] == "").all():
            what = f"Neither a plate map nor the export says what the wells of {plate.file} hold."
            raise _unclear(plate, what, 'Add "plate_map: …" to the plate.')
        told = {"animal": "", "pool": "", "matrix": "", "day": float("nan"), "csf_volume_ul": float("nan")}
        told |= {"day_said": False, "dilution_said": False}
        return frame.assign(**told, dilution=float("nan"), nominal_pg_per_ml=float("nan"), on_map=False)
    known = plate_maps.read(plate.plate_map, sheet, Calendar(study.days), plate.unit)
    by = ["plate", "well"] if (known["plate"] != "").any() else ["well"]
    blocks = sorted(set(frame["plate"]))
    if by == ["well"] and len(blocks) > 1:
        what = f"{plate.file} holds {len(blocks)} plates ({several(blocks)}), and the plate map does not say which it is of."
        raise _unclear(
            plate, what, "Give the map a column for the plate, or each plate an entry with block: and its map."
        )
    if by == ["plate", "well"] and blocks == [""]:
        known = known[known["plate"].isin([plate.block, plate.name])].assign(plate="")
    strange = sorted(set(known["plate"]) - set(blocks)) if len(by) == 2 else []
    if strange or known.empty:
        what = f"The plate map names a plate that {plate.file} does not hold: {strange[0] if strange else 'none of its own'}."
        raise _unclear(plate, what, nearest(strange[0] if strange else plate.name, blocks))
    known = known if len(by) == 2 else known.drop(columns="plate")
    told = frame.rename(columns={"role": "export_role"}).drop(columns="sample")
    out = told.merge(known.assign(on_map=True), on=by, how="left")
    out["on_map"] = out["on_map"].eq(True)
    out["role"] = out["role"].fillna("").where(out["role"].fillna("") != "", out["export_role"])
    out["sample"] = out["sample"].fillna("").where(out["sample"].fillna("") != "", out["export_sample"])
    texts = ["animal", "pool", "matrix"]
    out[texts] = out[texts].fillna("")
    for name in ("day_said", "dilution_said"):
        out[name] = out[name].eq(True)
    out["nominal_pg_per_ml"] *= PG_PER_ML[plate.unit]
    return out


def _sampled(
    study: Study, plate: PlateFile, frame: pd.DataFrame, sheet: Sheet | None, animals: pd.DataFrame
) -> pd.DataFrame:
    """The wells with what the list of samples, the plate's entry and the export say where the map is silent."""
    if plate.samples is not None and sheet is not None:
        listed = plate_maps.samples(plate.samples, sheet, Calendar(study.days))
        for name in ("animal", "pool", "matrix"):
            frame[name] = frame[name].where(frame[name] != "", frame["sample"].map(listed[name])).fillna("")
        for name in ("day", "dilution"):
            frame[name] = frame[name].where(frame[f"{name}_said"], frame["sample"].map(listed[name]))
            frame[f"{name}_said"] |= frame["sample"].map(listed[f"{name}_said"]).eq(True)
        frame["csf_volume_ul"] = frame["csf_volume_ul"].fillna(frame["sample"].map(listed["csf_volume_ul"]))
    known = set(animals[Animals.animal])
    unnamed = (frame["role"] == "sample") & (frame["animal"] == "") & (frame["pool"] == "")
    frame.loc[unnamed & frame["sample"].isin(known), "animal"] = frame["sample"]
    pools.named(frame, animals)
    frame["matrix"] = frame["matrix"].replace("", plate.matrix)
    if plate.day is not None:
        frame["day"] = frame["day"].where(frame["day_said"], Calendar(study.days).day(plate.day))
    # An export's own factor is 1 where nobody entered any, so a lab's word counts before it.
    named = dilution_of(plate.dilution) if plate.dilution is not None else None
    elsewhere = frame["export_dilution"] if named is None else float(named)
    frame["dilution"] = frame["dilution"].where(frame["dilution_said"], elsewhere)
    columns = [*(plate.plate_map.columns if plate.plate_map else ()), *(plate.samples.columns if plate.samples else ())]
    frame["dilution_told"] = "dilution" in columns or plate.dilution is not None or frame["export_dilution"].notna()
    if "dilution" not in columns and plate.dilution is None:
        frame["dilution"] = frame["dilution"].fillna(1.0)
    return frame


def _standards(plate: PlateFile, frame: pd.DataFrame, book: Book) -> pd.DataFrame:
    """The wells with the concentration of each standard, in pg/ml."""
    units = frame["unit"].where(frame["unit"] != "", plate.unit)
    frame["factor"] = units.map(lambda unit: PG_PER_ML.get(unit, float("nan")))
    standard = frame["role"] == "standard"
    stated = (frame["export_nominal"] * frame["factor"]).where(standard)
    # Bio-Plex writes 0 for every standard where nobody entered concentrations.
    empty = stated.groupby(frame["analyte"]).transform("max").eq(0)
    stated = stated.mask(empty)
    by_map = frame["nominal_pg_per_ml"].where(standard)
    named = {(one, name): value for one, levels in plate.standards.items() for name, value in levels.items()}
    keys = zip(frame["analyte"], frame["sample"], strict=True)
    by_study = pd.Series([named.get(key) for key in keys], dtype=float, index=frame.index).where(standard)
    mine = (by_study * PG_PER_ML[plate.unit]).fillna(by_map)
    apart = mine.notna() & stated.notna() & ((mine - stated).abs() > SAME * mine.abs())
    if apart.any():
        told = (
            frame["well"]
            + " "
            + frame["analyte"]
            + ": "
            + mine.map("{:g}".format)
            + " against "
            + stated.map("{:g}".format)
        )
        book.find(
            "standards",
            "warning",
            f"{plate.name}: the export states other concentrations of {apart.sum()} standard well(s) than the lab.",
            "One of the two is wrong, and every sample with it; the lab's own are used.",
            "Correct the plate map, or standards in the study file, or take them out where the export is right.",
            frame.loc[apart, "source"],
            told[apart],
        )
    other = sorted(set(frame["unit"]) - {plate.unit, *NO_UNIT})
    if other:
        known = all(unit in PG_PER_ML for unit in other)
        book.find(
            "unit",
            "note" if known else "warning",
            f"{plate.name}: the export states concentrations in {several(other)}.",
            "They are converted to pg/ml." if known else "It is no mass a volume, so they are not used.",
            "Nothing." if known else "Give the standards in pg/ml or ng/ml, in the plate map or under standards.",
            [plate.file],
        )
    frame["nominal_pg_per_ml"] = mine.fillna(stated)
    return frame


def _reported(plate: PlateFile, frame: pd.DataFrame) -> pd.DataFrame:
    """The wells with the concentration that the export itself states, in pg/ml."""
    cells = zip(frame["reported"], frame["reported_flag"], strict=True)
    told = pd.DataFrame(
        [flags.reported_of(cell, flag) for cell, flag in cells],
        columns=["value", "censored", "limit", "words"],
        index=frame.index,
    )
    frame["reported_pg_per_ml"] = told["value"].astype(float) * frame["factor"]
    frame["reported_limit_pg_per_ml"] = told["limit"].astype(float) * frame["factor"]
    frame["reported_censored"], frame["reported_flag"] = told["censored"], told["words"]
    return frame


def _unclear(plate: PlateFile, what: str, advice: str) -> StudyError:
    """A plate that cannot be read as the study file describes it."""
    return StudyError([Finding("plate", "error", "intake", what, "No well of it can be read.", advice, plate.file)])
