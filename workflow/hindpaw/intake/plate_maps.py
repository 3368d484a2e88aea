"""Plate maps: which well holds what, as a list with a line a well or as grids; and lists of samples."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from hindpaw.findings import nearest
from hindpaw.intake import layouts
from hindpaw.intake.days import Calendar
from hindpaw.intake.judged import days_of
from hindpaw.intake.open import Sheet, as_number, as_text
from hindpaw.intake.plate_readers.grids import Grid, bare, labelled
from hindpaw.intake.plate_readers.reading import broken, unit_in, well_of
from hindpaw.study import PlateMap, SampleFile
from hindpaw.tables import ROLES

WORDS = ("sample", "animal", "pool", "matrix")
NUMBERS = {"concentration": "nominal_pg_per_ml", "csf_volume_ul": "csf_volume_ul"}
ROLE_WORDS = {
    "std": "standard",
    "calibrator": "standard",
    "unknown": "sample",
    "unk": "sample",
    "blk": "blank",
    "background": "blank",
    "ctrl": "control",
    "ctl": "control",
    "qc": "control",
    "": "",
}
# What a cell of a grid holds, where the map names no roles: S1, STD 2, Blank, B, QC1, Ctrl; all else is a sample.
BY_NAME = (
    ("empty", r"-+|empty|unused"),
    ("standard", r"(?:std|standard|cal|calibrator|s)[\s_-]*\d+"),
    ("blank", r"(?:blank|blk|background|bkg|b|nsb|zero)[\s_-]*\d*"),
    ("control", r"(?:qc|ctrl|ctl|control)[\s_-]*(?:\d+|high|low|mid)?"),
)
DILUTION = re.compile(r"(?:1\s*[:/]\s*)?(\d+(?:[.,]\d+)?)\s*(?:x|×|fold)?", re.IGNORECASE)
# A grid names several things in its wells by these words, where the study file does not say.
TITLES = {
    "sample": r"(?:plate )?(?:map|layout)|samples?|sample ids?|content|wells?",
    "role": r"roles?|types?",
    "animal": r"animals?|mouse|mice",
    "pool": r"pools?",
    "day": r"days?",
    "concentration": r"(?:standards?|conc(?:entration)?s?).*",
    "dilution": r"dilutions?(?: factors?)?",
    "csf_volume_ul": r"csf.*",
    "matrix": r"matrix",
}


def dilution_of(cell: object) -> float | None:
    """The factor a dilution stands for, or None where it is none, or less than 1 and so ambiguous.

    >>> dilution_of("1:20"), dilution_of("1/4"), dilution_of(20.0), dilution_of("0.05")
    (20.0, 4.0, 20.0, None)
    """
    found = DILUTION.fullmatch(as_text(cell))
    factor = float(found[1].replace(",", ".")) if found else 0.0
    return factor if factor >= 1 else None


def role_by_name(name: str) -> str:
    """What a well holds, by the name of what is in it.

    >>> [role_by_name(name) for name in ("S1", "std 3", "Blank", "QC1", "M101", "", "-")]
    ['standard', 'standard', 'blank', 'control', 'sample', '', 'empty']
    """
    if not name:
        return ""
    return next((role for role, pattern in BY_NAME if re.fullmatch(pattern, name, re.IGNORECASE)), "sample")


def read(entry: PlateMap, sheet: Sheet, calendar: Calendar, unit: str) -> pd.DataFrame:
    """A plate map in plain values, one row a well (and plate); a text is empty and a number NaN where it says nothing.

    Parameters
    ----------
    calendar : the study's way of counting days
    unit : of its concentrations, as the study file has it

    Raises
    ------
    StudyError
        Where the map has no wells, a row without one, a well twice, a role that is none, or another unit.
    """
    frame = _grids(entry, sheet) if entry.layout == "grid" else layouts.rows_of(sheet, entry.columns)
    given = set(frame.columns)
    _guard_unit(sheet, frame.attrs["headers"].get("concentration", ""), unit)
    out = _plain(frame, calendar)
    out["well"] = [well_of(cell) for cell in frame["well"]]
    out["plate"] = frame["plate"].map(as_text) if "plate" in given else ""
    words = frame["role"].map(as_text).str.casefold() if "role" in given else out["sample"].map(role_by_name)
    out["role"] = [ROLE_WORDS.get(word, word) for word in words]
    _checked(out, sheet)
    return out


def _guard_unit(sheet: Sheet, title: str, unit: str) -> None:
    """Refuse concentrations whose title names another unit than the study file."""
    stated = unit_in(title)
    if stated not in ("", unit):
        what = f'its concentrations are titled "{title}", but the study file has them in {unit}'
        known = "Write unit: ng/ml to the plate" if stated == "ng/ml" else f"Write them in {unit}"
        raise broken(sheet, what, f"{known}, or correct the title.")


def samples(entry: SampleFile, sheet: Sheet, calendar: Calendar) -> pd.DataFrame:
    """A list of samples in plain values, one row a sample, by its name.

    Raises
    ------
    StudyError
        Where a sample stands there twice.
    """
    out = _plain(layouts.rows_of(sheet, entry.columns), calendar)
    twice = out.loc[out["sample"].duplicated() & (out["sample"] != ""), "sample"]
    if len(twice):
        raise broken(sheet, f"the list of samples names {twice.iloc[0]} twice", "Keep one line a sample.")
    return out[out["sample"] != ""].set_index("sample")


def _plain(frame: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """The columns that plate maps and lists of samples share, in plain values."""
    given, index = set(frame.columns), frame.index
    out = pd.DataFrame({name: frame[name].map(as_text) if name in given else "" for name in WORDS}, index=index)
    days = days_of(calendar, frame["day"], out["animal"]) if "day" in given else None
    out["day"] = pd.Series(days, dtype=float, index=index)
    for name, column in NUMBERS.items():
        values = [as_number(cell) for cell in frame[name]] if name in given else None
        numbers = pd.Series(values, dtype=float, index=index)
        # A concentration below 0 or a volume of nothing is none; a standard without one is set aside.
        out[column] = numbers.where(numbers >= 0 if name == "concentration" else numbers > 0)
    factors = [dilution_of(cell) for cell in frame["dilution"]] if "dilution" in given else None
    out["dilution"] = pd.Series(factors, dtype=float, index=index)
    # A day or dilution that is written and cannot be read must not be filled in from elsewhere.
    for name in ("day", "dilution"):
        out[f"{name}_said"] = frame[name].map(as_text).ne("") if name in given else False
    return out


def _grids(entry: PlateMap, sheet: Sheet) -> pd.DataFrame:
    """The grids of a map as one row a well, a column for each thing they hold."""
    found = labelled(sheet) or bare(sheet)
    if not found:
        raise broken(
            sheet, "the plate map holds no 8 × 12 or 16 × 24 grid", "Give it numbers 1 to 12 and letters A to H."
        )
    titled = _titled(found, entry.columns, sheet)
    wells = list(dict.fromkeys(well for grid in titled.values() for well, _, _ in grid.wells()))
    columns = {name: {well: cell for well, _, cell in grid.wells()} for name, grid in titled.items()}
    frame = pd.DataFrame(
        {"well": wells} | {name: [cells.get(well, "") for well in wells] for name, cells in columns.items()},
        dtype=object,
    )
    frame.attrs["headers"] = {name: grid.title for name, grid in titled.items()}
    return frame


def _titled(found: list[Grid], named: Mapping[str, str], sheet: Sheet) -> dict[str, Grid]:
    """Each grid by what it holds."""
    if len(found) == 1 and not named:
        return {"sample": found[0]}
    titles = [" ".join(grid.title.casefold().split()) for grid in found]
    if named:
        for name, title in named.items():
            if titles.count(title.strip().casefold()) != 1:
                what = f'there is not one grid titled "{title}" (for {name})'
                raise broken(sheet, what, nearest(title, [grid.title for grid in found if grid.title]))
        return {name: found[titles.index(title.strip().casefold())] for name, title in named.items()}
    out: dict[str, Grid] = {}
    for grid, title in zip(found, titles, strict=True):
        known = next((name for name, pattern in TITLES.items() if re.fullmatch(pattern, title)), "")
        if not known or known in out:
            what = f'it is not clear what the grid titled "{grid.title}" holds'
            raise broken(sheet, what, "Name the grids by their titles: plate_map: columns: {sample: …, dilution: …}.")
        out[known] = grid
    return out


def _checked(out: pd.DataFrame, sheet: Sheet) -> None:
    """Refuse a map that does not say plainly what each well holds."""
    key = out["plate"] + " " + out["well"].fillna("")
    twice = out.loc[key.duplicated() & out["well"].notna(), "well"]
    strange = sorted(set(out["role"]) - {*ROLES, ""})
    reason = (
        "no well"
        if out.empty
        else "a row without a well"
        if out["well"].isna().any()
        else f"wells named twice: {', '.join(twice)}"
        if len(twice)
        else f'the role "{strange[0]}"'
        if strange
        else ""
    )
    if reason:
        advice = f"One row a well, with a role out of {', '.join(ROLES)}."
        raise broken(sheet, f"the plate map has {reason}", advice)
