"""Thresholds a lab computed, and readings of a device: numbers, bounds, and the unit they are in."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from hindpaw.filaments import FilamentSet
from hindpaw.findings import StudyError
from hindpaw.intake import layouts
from hindpaw.intake.cells import Sheet, as_number, as_text, mapped, texts
from hindpaw.intake.judged import fated
from hindpaw.intake.ledger import Book
from hindpaw.study import VonFreyFile

GRAMS = {"g": 1.0, "mg": 1e-3, "mN": 1 / 9.80665}
# A mouse or rat threshold outside these is a unit mistake; the heaviest filament made is 300 g.
PLAUSIBLE_G = (0.001, 300.0)
UNITS = {
    "g": "g",
    "gr": "g",
    "gram": "g",
    "grams": "g",
    "gf": "g",
    "mg": "mg",
    "mn": "mN",
    "millinewton": "mN",
    "n": "N",
    "log": "log",
    "log10": "log",
}
IN_HEADER = re.compile(
    r"(?:[(\[]\s*(?:in\s+)?|\bin\s+|,\s*|_|\s|^)(mN|MN|mn|mg|gr?|gf|[Gg]rams?|N|log(?:10)?)\s*(?:[)\]]\s*)?$"
)
# Logarithms, and shares of a baseline or an effect; "50 % threshold" is neither.
NO_FORCE = re.compile(
    r"\blog(?:10)?\b|%\s*(?:of\s*)?(?:bl|base|basal|control|contra|mpe|max|change|\)|$)", re.IGNORECASE
)
BOUND = re.compile(r"\s*([<>≤≥]=?|below|above|under|over)?\s*([-+\u2212]?[\d.,]+(?:[eE][-+]?\d+)?)\s*([a-zA-Z]*)\s*")
LEFT, RIGHT = {"<", "≤", "<=", "below", "under"}, {">", "≥", ">=", "above", "over"}
# Values of a lab's own calculation lie in the range of its hairs; this share beyond it is another unit.
STRAY_SHARE = 0.5


def unit_of(header: str) -> str | None:
    """The unit of force a header names, or None.

    >>> unit_of("PWT (mN)"), unit_of("threshold, g"), unit_of("threshold_mg"), unit_of("Weight")
    ('mN', 'g', 'mg', None)
    >>> unit_of("log10 PWT (g)"), unit_of("Day 7 (% BL)"), unit_of("50% threshold (g)")
    ('log', '%', 'g')
    """
    other = NO_FORCE.search(header)
    if other:
        return "log" if other[0].casefold().startswith("log") else "%"
    found = IN_HEADER.search(header.strip())
    return UNITS.get(found[1].casefold()) if found else None


def guard_unit(entry: VonFreyFile, sheet: Sheet, headers: list[str]) -> None:
    """Refuse a sheet whose header names another unit than the study file.

    Raises
    ------
    StudyError
        With what the header says and what to write.
    """
    for header in headers:
        said = unit_of(header)
        if said is not None and said != entry.unit:
            what = f'The column "{header}" is in {said}, the study file says {entry.unit}.'
            advice = f"Write unit: {said} in the entry, or correct the header."
            if said not in GRAMS:
                advice = "Give the thresholds in g, mg or mN; logarithms and shares hindpaw computes itself."
            raise StudyError([layouts.missing(sheet, what, advice)])


def threshold_of(cell: Any, unit: str) -> tuple[float | None, str, str]:
    """A threshold in the cell's unit, how it is known (`none`, `left`, `right`), and why it is none.

    >>> threshold_of("0,4", "g"), threshold_of("> 4 g", "g"), threshold_of("<0.008", "g")
    ((0.4, 'none', ''), (4.0, 'right', ''), (0.008, 'left', ''))
    >>> threshold_of("400 mg", "g")
    (None, 'none', 'it is in mg, the study file says g')
    """
    number = as_number(cell)
    if number is not None:
        return number, "none", ""
    found = BOUND.fullmatch(as_text(cell).casefold())
    value = as_number(found[2]) if found else None
    if not found or value is None:
        return None, "none", "it is no number"
    said = UNITS.get(found[3], found[3]) if found[3] else unit
    if said != unit:
        return None, "none", f"it is in {said}, the study file says {unit}"
    sign = found[1] or ""
    return value, "left" if sign in LEFT else "right" if sign in RIGHT else "none", ""


def judge(entry: VonFreyFile, frame: pd.DataFrame, known: FilamentSet, book: Book) -> pd.DataFrame:
    """Whether each cell is a force that filaments and devices have; adds `threshold_g`, `censored` and `kind`."""
    written = texts(frame["threshold"])
    device = entry.layout == "device"
    if device:
        fated(frame, written.isin(["-1", "-1.0"]), "blank", "the device wrote -1: no reading")
    found = mapped(frame["threshold"], lambda cell: threshold_of(cell, entry.unit))
    values = pd.Series([one[0] for one in found], index=frame.index, dtype=float)
    trouble = pd.Series([one[2] for one in found], index=frame.index, dtype=object)
    frame["threshold_g"] = values * GRAMS[entry.unit]
    frame["censored"] = pd.Series([one[1] for one in found], index=frame.index, dtype=object)
    frame["kind"] = "device" if device else "threshold"
    low, high = PLAUSIBLE_G

    def reason(rows: pd.Series) -> pd.Series:
        more = (" (" + trouble[rows] + ")").where(trouble[rows] != "", "")
        return f"no threshold in {entry.unit}: " + written[rows].str.slice(0, 40) + more

    wrong = fated(frame, ~frame["threshold_g"].between(low, high), "quarantined", reason)
    if wrong.any():
        book.find(
            "V1",
            "error",
            f"{wrong.sum()} cell(s) hold no possible threshold in {entry.unit}.",
            f"A threshold lies between {low} and {high:g} g.",
            "Write a number, or > 4 where nothing up to 4 was answered, with notes in a column of their own; "
            "or correct the unit in the study file.",
            frame.loc[wrong, "source"],
            written[wrong].str.slice(0, 40),
        )
    if not device:
        _guard_range(entry, frame, known, book)
    return frame


def _guard_range(entry: VonFreyFile, frame: pd.DataFrame, known: FilamentSet, book: Book) -> None:
    """Thresholds that mostly lie beyond the hairs of the set are in another unit, or of another set."""
    used = frame["fate"] == "used"
    low, high = known.force_g[0] / 3, known.force_g[-1] * 3
    stray = used & ~frame["threshold_g"].between(low, high)
    if stray.sum() > STRAY_SHARE * used.sum() > 0:
        median = frame.loc[used, "threshold_g"].median()
        others = [unit for unit, grams in GRAMS.items() if low <= median / GRAMS[entry.unit] * grams <= high]
        book.find(
            "unit",
            "warning",
            f"{stray.sum()} of {used.sum()} thresholds lie beyond the filaments {known.name}; their median is {median:.3g} g.",
            "A unit that is wrong moves every threshold; the comparison of arms would hide it.",
            f"Is the unit {' or '.join(others)}? Else name the filaments that were used."
            if others
            else "Name the unit and the filaments that were used.",
            [str(frame.loc[stray, "source"].iloc[0])],
        )
