"""From a study's raw exports to validated tables, findings and a ledger in which every datum stands once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from hindpaw import filaments, findings, tables
from hindpaw.filaments import FilamentSet
from hindpaw.findings import Finding, StudyError
from hindpaw.intake import animals, claims, counts, filament_tables, layouts, plate_readers, plates, tidy, vonfrey
from hindpaw.intake import open as files
from hindpaw.intake.days import Calendar
from hindpaw.intake.ledger import Book, told
from hindpaw.intake.open import Sheet
from hindpaw.study import CountFile, FilamentFile, PlateFile, Study, VonFreyFile

__all__ = ["files", "take_in", "told"]

GATHERED = ("filaments", "trials", "readings", "wells", "counts")


def take_in(study: Study, exports: Mapping[str, bytes], strict: bool = False) -> dict[str, pd.DataFrame]:
    """Every table of the room: `exports animals filaments trials readings wells counts claims
    claim_groups analyses findings ledger`.

    A row that cannot be used is quarantined, a sheet that cannot be read is set aside as a whole, and the
    rest goes on.

    Parameters
    ----------
    study : the study file
    exports : file name → content, for each of `study.files`
    strict : whether a datum that must be set aside, a warning or an error ends the run

    Raises
    ------
    StudyError
        Where the allocation list or the claims file cannot be read: without arms nothing can be analysed.
        With `strict`, every finding that is no note.
    """
    intake = _Intake(study, exports)
    for sheets in study.von_frey:
        intake.von_frey(sheets)
    for plate in study.plates:
        intake.plate(plate)
    for listed in study.counts:
        intake.counts(listed)
    made = intake.tables()
    grave = [one for one in intake.book.findings if one.severity != "note"]
    if strict and grave:
        raise StudyError(grave)
    return made


class _Intake:
    """One pass over the files of a study."""

    def __init__(self, study: Study, exports: Mapping[str, bytes]) -> None:
        self.study, self.exports, self.book = study, exports, Book()
        self.parts: dict[str, list[pd.DataFrame]] = {name: [] for name in GATHERED}
        self.sets: dict[object, FilamentSet] = {}
        self.seen: dict[str, list[pd.DataFrame]] = {}
        self.opened: dict[str, list[Sheet]] = {}
        self.read: dict[str, list[Sheet]] = {}
        entry = study.animals
        listed = self.sheets(entry.file) if entry.every_sheet else [self.sheet(entry.file, entry.sheet)]
        taken = [self.take(sheet) for sheet in listed]
        self.animals = animals.read(study, taken, self.book)
        own = animals.injured(study, taken, self.book)
        self.study = replace(study, days=replace(study.days, injured=own))

    def sheets(self, file: str) -> list[Sheet]:
        """The sheets of a file, which is opened once."""
        if file not in self.opened:
            self.opened[file] = files.sheets(file, self.exports[file])
        return self.opened[file]

    def take(self, chosen: Sheet) -> Sheet:
        """The sheet, remembered as read; what is worth knowing about it becomes findings, once."""
        known = self.read.setdefault(chosen.file, [])
        if not any(chosen is one for one in known):
            known.append(chosen)
            self.book.findings.extend(one for one in chosen.remarks if one not in self.book.findings)
        return chosen

    def sheet(self, file: str, name: str | None) -> Sheet:
        """A sheet of a file, remembered as read."""
        return self.take(files.chosen(file, self.sheets(file), name))

    def von_frey(self, entry: VonFreyFile) -> None:
        """The used rows of one von Frey entry."""
        try:
            known, chosen = self.filaments(entry), self.chosen(entry)
            seen = self.seen.setdefault(entry.table, [])
            self.parts[entry.table].append(
                vonfrey.read(self.study, entry, chosen, known, self.animals, self.book, seen)
            )
        except StudyError as error:
            self.book.set_aside(entry.table, f"{entry.file} ({entry.paw})", error.findings)

    def chosen(self, entry: VonFreyFile) -> list[Sheet]:
        """The sheets an entry reads: one, those named after a day, or those named after an animal."""
        if not (entry.sheet_per_day or entry.sheet_per_animal):
            return [self.sheet(entry.file, entry.sheet)]
        found = self.sheets(entry.file)
        if entry.sheet_per_day:
            calendar = Calendar(self.study.days)
            fitting = [sheet for sheet in found if calendar.day(tidy.named(sheet)) is not None]
        else:
            fitting = [sheet for sheet in found if tidy.readable(entry, sheet)]
        if not fitting:
            after = "a day" if entry.sheet_per_day else "an animal, with the columns the entry names"
            what = f"No sheet of {entry.file} is named after {after}."
            advice = "Name the sheets like 'Day 3', or say what their names mean under days: names."
            if entry.sheet_per_animal:
                advice = "Name each sheet by its animal's id, and give the columns as they are headed in it."
            why = "The data cannot be placed."
            raise StudyError([Finding("layout", "error", "intake", what, why, advice, entry.file)])
        return [self.take(sheet) for sheet in fitting]

    def filaments(self, entry: VonFreyFile) -> FilamentSet:
        """The entry's filament set, read and listed once."""
        key = (str(entry.filaments), entry.scale)
        if key not in self.sets:
            if isinstance(entry.filaments, FilamentFile):
                own = self.sheet(entry.filaments.file, entry.filaments.sheet)
                known, sources = filament_tables.own(entry.filaments, entry.scale, own, self.book)
            else:
                known = filaments.shipped(entry.filaments, entry.scale)
                sources = [f"hindpaw, set {known.name}"] * len(known)
            self.sets[key] = known
            self.parts["filaments"].append(filament_tables.table(known, sources))
        return self.sets[key]

    def plate(self, entry: PlateFile) -> None:
        """The used wells of one plate."""
        try:
            export = plate_readers.opened(entry, self.exports[entry.file])
            self.book.findings.extend(export.remarks)
            if export.sheets:
                self.read.setdefault(entry.file, []).extend(export.sheets)
            told = (self.sheet(one.file, one.sheet) if one else None for one in (entry.plate_map, entry.samples))
            plate_map, samples = told
            wells = plates.read(self.study, entry, export, plate_map, samples, self.animals, self.book)
            self.parts["wells"].append(wells)
        except StudyError as error:
            self.book.set_aside("wells", entry.file, error.findings)

    def counts(self, entry: CountFile) -> None:
        """The used counts of one list."""
        try:
            listed = self.sheet(entry.file, entry.sheet)
            self.parts["counts"].append(counts.read(self.study, entry, listed, self.animals, self.book))
        except StudyError as error:
            self.book.set_aside("counts", entry.file, error.findings)

    def tables(self) -> dict[str, pd.DataFrame]:
        """What was gathered, every table of the room."""
        made = {name: _joined(name, frames) for name, frames in self.parts.items()}
        named = self.study.claims
        made |= claims.read(self.study, files.text(named, self.exports[named]), named) if named else claims.empty()
        self.note_unread()
        return made | {
            "exports": files.listed(self.exports),
            "animals": self.animals,
            "findings": findings.frame_of(self.book.findings),
            "ledger": self.book.ledger(),
        }

    def note_unread(self) -> None:
        """Sheets that hold something and that no entry of the study file names."""
        for file, chosen in self.read.items():
            names = layouts.unread(self.sheets(file), chosen)
            if names:
                self.book.find(
                    "unread-sheet",
                    "note",
                    f"{file} has sheets that were not read: {names}.",
                    "Data in them are not analysed.",
                    "Nothing to do if they hold no measurements; else name them in the study file.",
                    [file],
                )


def _joined(name: str, frames: list[pd.DataFrame]) -> pd.DataFrame:
    """The parts of a table as one, header-only where there is none."""
    # Each part keeps to the model, which looks at single cells: so does the whole.
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else tables.empty(tables.TABLES[name])
