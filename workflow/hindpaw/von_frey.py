"""The von Frey entries of a study file: what each says, and what it cannot leave out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hindpaw.filaments import series
from hindpaw.findings import nearest

VALUES = {"up-down-strings": "responses", "filament-responses": "responses", "trial-grid": "filament"}


@dataclass(frozen=True)
class FilamentFile:
    """Where the lab's own filament table stands."""

    name: str
    file: str
    columns: Mapping[str, str]
    sheet: str | None = None


@dataclass(frozen=True)
class Wide:
    """One column (or set of columns) of values in a wide table, and what is true of all of it."""

    columns: Mapping[str, str | list[str]]
    told: Mapping[str, str | float]


@dataclass(frozen=True)
class VonFreyFile:
    """One von Frey sheet (or workbook) and how it is laid out."""

    file: str
    layout: str
    columns: Mapping[str, str | list[str]]
    paw: str
    filaments: str | FilamentFile
    scale: str
    last_filament_in: str
    responses_after_change: int
    unit: str
    sheet_per_day: bool
    start: int | None = None
    sheet: str | None = None
    sheet_per_animal: bool = False
    protocol: str | None = None
    header_rows: int = 1
    blocks: Mapping[str, str] = field(default_factory=dict)
    wide: tuple[Wide, ...] = ()
    fill_down: tuple[str, ...] = ()
    injured_side: str | None = None
    responses_in: str = "count"
    applications: int | None = None

    @property
    def chosen_by(self) -> str:
        """How filaments were chosen: `up-down`, `sudo` or `percent-response`."""
        return self.protocol or ("percent-response" if self.layout == "filament-responses" else "up-down")

    @property
    def is_a_row_an_application(self) -> bool:
        """Whether each row is one application of a filament, so that several rows of one are no copies."""
        return self.layout == "filament-responses" and self.applications == 1 and "applications" not in self.columns

    @property
    def table(self) -> str:
        """The table the entry fills."""
        return "readings" if self.layout in ("thresholds", "device") else "trials"


def described(entry: dict[str, Any]) -> VonFreyFile:
    """One von Frey entry as objects."""
    wide = tuple(Wide(one["columns"], {key: one[key] for key in one if key != "columns"}) for one in entry["wide"])
    own = {"filaments": _filaments(entry["filaments"]), "wide": wide, "fill_down": tuple(entry["fill_down"])}
    return VonFreyFile(**entry | own)


def _filaments(entry: str | dict[str, Any]) -> str | FilamentFile:
    """A shipped set's name, or where the lab's own stands."""
    return entry if isinstance(entry, str) else FilamentFile(**entry)


Mistake = tuple[str, str, str]


def mistakes(entry: dict[str, Any], ids_within_arm: bool) -> Iterator[Mistake]:
    """What contradicts itself or is missing in an entry: the key's path below the entry, what, and what to do."""
    yield from _missing(entry, ids_within_arm)
    layout, protocol = entry["layout"], entry["protocol"]
    if isinstance(entry["filaments"], str) and entry["filaments"] not in series():
        what = f'No filament set is called "{entry["filaments"]}".'
        yield ".filaments", what, nearest(entry["filaments"], series())
    if entry["sheet_per_day"] and entry["sheet_per_animal"]:
        yield "", "A sheet cannot be both a day and an animal.", "Keep one, and name a column or label for the other."
    if protocol == "percent-response" and layout == "up-down-strings":
        yield ".protocol", "A series in a cell is chosen up and down.", "Take protocol out, or use filament-responses."
    if protocol == "sudo" and layout not in ("up-down-strings", "trial-grid"):
        yield ".protocol", "SUDO needs the order of its five presentations.", "Take protocol out, or give the series."


def _missing(entry: dict[str, Any], ids_within_arm: bool) -> Iterator[Mistake]:
    """What the layout needs and neither a column, a label, a sheet nor every entry of `wide` says."""
    wide, layout = entry["wide"], entry["layout"]
    everywhere = set.intersection(*({*one, *one["columns"]} for one in wide)) if wide else set()
    told = {*entry["columns"], *entry.get("blocks", {}), *everywhere}
    told |= {"day"} if entry["sheet_per_day"] else set()
    told |= {"animal"} if entry["sheet_per_animal"] else set()
    needed = [VALUES.get(layout, "threshold"), "animal", "day", *(["arm"] if ids_within_arm else [])]
    needed += ["filament"] if layout == "filament-responses" else []
    for column in needed:
        if column not in told:
            advice = f'Add "{column}: …" with the column\'s header.'
            yield ".columns", f'The layout {layout} needs the column "{column}".', advice
    series_ends = {"last_filament", "first_filament"} & told
    if layout == "up-down-strings" and not series_ends and entry["start"] is None:
        what = "A series says no force without the first or the last filament."
        yield ".columns", what, 'Add "last_filament: …" or "first_filament: …" here, or "start: 5" to the entry.'
