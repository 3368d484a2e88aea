"""Responses by filament: x of n applications, a percentage, or marks, one datum for each filament."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pandas as pd

from hindpaw.filaments import FilamentSet
from hindpaw.intake.cells import as_number, as_text, mapped, texts
from hindpaw.intake.judged import fated
from hindpaw.intake.ledger import Book
from hindpaw.intake.series import filament_of, plain_series
from hindpaw.study import VonFreyFile

OF = re.compile(r"(\d+)\s*(?:/|of|von|out of|\()\s*(\d+)\)?", re.IGNORECASE)
PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s*%")
WHOLE = 1e-6
Counted = tuple[int, int, str]


def counted(entry: VonFreyFile, cell: Any, applications: float | None) -> Counted:
    """Responses, applications, and why the cell says neither; the last is empty where it does."""
    if isinstance(cell, datetime.date):
        return 0, 0, f"a date ({as_text(cell)}): the spreadsheet took 3/5 for one"
    text = as_text(cell)
    share, percent, number = OF.fullmatch(text), PERCENT.fullmatch(text), as_number(cell)
    n = entry.applications if applications is None else applications
    if share:
        return _checked(float(share[1]), float(share[2]), text)
    marks, digits = plain_series(cell)
    if marks and (not digits or n is None or (len(marks) > 1 and len(marks) == n)):
        return marks.count("X"), len(marks), ""
    if n is None:
        return 0, 0, f"{text[:40]}, of an unknown number of applications"
    if percent:
        return _checked(float(percent[1].replace(",", ".")) / 100 * n, n, text)
    if number is None:
        return 0, 0, f"no count of responses: {text[:40]}"
    return _checked(number * {"count": 1.0, "percent": n / 100, "share": n}[entry.responses_in], n, text)


def _checked(x: float, n: float, text: str) -> Counted:
    """Whole numbers, no more responses than applications."""
    whole = abs(x - round(x)) < WHOLE * max(n, 1.0) and n == int(n)
    if not whole:
        return 0, 0, f"{text[:40]} is no whole number out of {n:g} applications"
    if not 0 <= x <= n or n < 1:
        return 0, 0, f"{text[:40]} is more than {n:g} applications can give"
    return round(x), int(n), ""


def judge(entry: VonFreyFile, frame: pd.DataFrame, known: FilamentSet, book: Book) -> pd.DataFrame:
    """Whether each cell counts responses to a filament of the set; adds `responses` (X first) and `positions`."""
    written = texts(frame["filament"])
    places = mapped(frame["filament"], lambda cell: filament_of(known, cell, entry.last_filament_in))
    frame["position"] = pd.Series(places, index=frame.index, dtype=float)
    if "applications" not in frame:
        frame["applications"] = None
    numbers = mapped(frame["applications"], as_number)
    cells = pd.Series(list(zip(frame["responses"], numbers, strict=True)), index=frame.index, dtype=object)
    found = mapped(cells, lambda pair: counted(entry, *pair))
    trouble = pd.Series([one[2] for one in found], index=frame.index, dtype=object)
    unknown = fated(frame, frame["position"].isna(), "quarantined", "no such filament: " + written.str.slice(0, 40))
    if unknown.any():
        book.find(
            "V1",
            "error",
            f"{unknown.sum()} cell(s) stand at a filament that is not in the set {known.name}.",
            "The force decides the threshold.",
            f"Correct it, or the set; it has {len(known)} filaments, named here by {entry.last_filament_in}.",
            frame.loc[unknown, "source"],
            sorted(set(written[unknown])),
        )
    bad = fated(frame, trouble != "", "quarantined", trouble)
    if bad.any():
        book.find(
            "V1",
            "error",
            f"{bad.sum()} cell(s) do not say how many applications a mouse responded to.",
            "A share needs whole responses out of a known number of applications.",
            "Write 3/5 as text; or give applications: 5 and, for percentages, responses_in: percent (or share).",
            frame.loc[bad, "source"],
            sorted(set(trouble[bad])),
        )
    frame["responses"] = pd.Series(["X" * x + "O" * (n - x) for x, n, _ in found], index=frame.index, dtype=object)
    frame["positions"] = pd.Series(
        [(int(place),) * n if place is not None else () for place, (_, n, _) in zip(places, found, strict=True)],
        index=frame.index,
        dtype=object,
    )
    return frame
