"""The filament sets of a study: shipped ones, or the lab's own table checked force against handle."""

from __future__ import annotations

import pandas as pd

from hindpaw import filaments, tables
from hindpaw.filaments import FilamentSet
from hindpaw.intake import layouts
from hindpaw.intake.ledger import Book
from hindpaw.intake.open import Sheet, as_number, as_text
from hindpaw.study import FilamentFile
from hindpaw.tables import Filaments

# A force printed to two significant digits is off by up to this share.
ROUNDING = 0.02
GRAVE = 0.1


def table(known: FilamentSet, sources: list[str]) -> pd.DataFrame:
    """The table `filaments` of one set."""
    rows = {
        Filaments.source: sources,
        Filaments.filaments: known.name,
        Filaments.position: range(1, len(known) + 1),
        Filaments.handle: known.handles,
        Filaments.nominal_g: known.nominal_g,
        Filaments.force_g: known.force_g,
    }
    return tables.shaped(pd.DataFrame(rows), Filaments)


def own(entry: FilamentFile, scale: str, sheet: Sheet, book: Book) -> tuple[FilamentSet, list[str]]:
    """The lab's own set and the address of each filament.

    The handle decides (10^h/10⁴ g); a force column that says otherwise is a finding.
    """
    frame = layouts.rows_of(sheet, entry.columns)
    frame["h"] = [as_number(cell) for cell in frame["handle"]]
    frame["source"] = layouts.at(sheet, frame, "handle")
    if "position" in frame:
        frame = frame[frame["position"].map(as_number).notna()]
    frame = frame[frame["h"].notna()].sort_values("h")
    forces = tuple(filaments.handle_force_g(handle) for handle in frame["h"])
    if "force_g" in frame:
        _check_forces(sheet, frame, forces, book)
    marks = frame.get("nominal_g", pd.Series(forces))
    nominal = tuple(as_number(mark) or force for mark, force in zip(marks, forces, strict=True))
    known = FilamentSet(entry.name, tuple(frame["h"]), nominal, nominal if scale == "nominal" else forces)
    return known, frame["source"].tolist()


def _check_forces(sheet: Sheet, frame: pd.DataFrame, forces: tuple[float, ...], book: Book) -> None:
    """A force that differs from what its handle stands for by more than rounding is a finding."""
    places = layouts.at(sheet, frame, "force_g")
    for cell, force, handle, place in zip(frame["force_g"], forces, frame["h"], places, strict=True):
        given = as_number(cell)
        off = abs(given / force - 1) if given else float("inf")
        if off > ROUNDING:
            book.find(
                "V2",
                "error" if off > GRAVE else "warning",
                f"The filament table gives {as_text(cell) or 'no'} g for handle {handle:g}, "
                f"which stands for {force:.4g} g.",
                "A threshold that ends on this filament is wrong by that factor where the force is used.",
                "hindpaw uses the handle. Correct the force, and recompute what was made from it.",
                [place],
                [f"10^{handle:g}/10⁴ = {force:.4g} g" + (f" = {force / given:.3g} × {given:g} g" if given else "")],
            )
