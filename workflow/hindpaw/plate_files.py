"""What the study file says of plates, as typed objects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

# What cannot stand in the name of a file on every system.
UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


@dataclass(frozen=True)
class PlateMap:
    """Where it stands which well holds what."""

    file: str
    columns: Mapping[str, str]
    layout: str = "list"
    sheet: str | None = None


@dataclass(frozen=True)
class SampleFile:
    """Where it stands which animal a sample came from."""

    file: str
    columns: Mapping[str, str]
    sheet: str | None = None


@dataclass(frozen=True)
class PlateFile:
    """One plate export, its map, and what the export does not say."""

    file: str
    unit: str
    matrix: str
    activation: str
    standards: Mapping[str, Mapping[str, float]]
    masked: Mapping[str, str] = field(default_factory=dict)
    layout: str | None = None
    sheet: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    block: str | None = None
    wavelengths: Mapping[str, int | str] | None = None
    plate_map: PlateMap | None = None
    samples: SampleFile | None = None
    day: float | None = None
    dilution: str | float | None = None
    plate: str | None = None
    analyte: str | None = None

    @property
    def name(self) -> str:
        """What tables call the plate."""
        return self.plate or PurePosixPath(self.file).stem

    def part(self, block: str) -> str:
        """What tables call one plate of a file that holds several; figures bear it as a file name.

        >>> plate = PlateFile("day8.txt", "pg/ml", "CSF", "total", {})
        >>> plate.part("Plate 2"), plate.part("../x"), plate.part("")
        ('day8, Plate 2', 'day8, .._x', 'day8')
        """
        return f"{self.name}, {UNSAFE.sub('_', block)}" if block else self.name

    def among(self, names: Iterable[str]) -> list[str]:
        """Those of the names that are plates of this file, or the file's own name where there are none."""
        mine = [name for name in names if name == self.name or name.startswith(f"{self.name}, ")]
        return list(dict.fromkeys(mine)) or [self.name]


def built(entry: dict[str, Any]) -> PlateFile:
    """A plate's entry with its map and its samples as objects."""
    kinds = {"plate_map": PlateMap, "samples": SampleFile}
    return PlateFile(**entry | {key: kind(**entry[key]) for key, kind in kinds.items() if key in entry})


def mistakes(entry: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What a plate's entry cannot do without, where its layout is named: the key below the entry, what, and what to do.

    The rest is seen from the export.
    """
    layout, plate_map = entry.get("layout"), entry.get("plate_map")
    if layout in ("softmax", "gen5", "bmg", "grid") and "analyte" not in entry:
        yield "", "The plate does not say what it measured.", 'Add "analyte: …".'
    if layout == "grid" and plate_map is None:
        yield "", "A grid does not say what its wells hold.", 'Add "plate_map: …".'
    if UNSAFE.search(entry.get("plate", "")):
        yield ".plate", f'"{entry["plate"]}" cannot name a figure\'s file.', 'Leave out / \\ : * ? " < > |.'
    if plate_map is not None and plate_map["layout"] == "list" and "well" not in plate_map["columns"]:
        advice = 'Add "well: …" with the column\'s header, or "layout: grid" to the plate map.'
        yield ".plate_map.columns", 'A list of wells needs the column "well".', advice
    if entry["columns"] and layout not in (None, "list"):
        advice = "Take them out, or write layout: list."
        yield ".columns", f"The layout {layout} has no columns to name.", advice
