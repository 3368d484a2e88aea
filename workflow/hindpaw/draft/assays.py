"""The plates, counts and claims of a draft."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from hindpaw import schema
from hindpaw.draft.words import DOUBT, quoted
from hindpaw.findings import StudyError
from hindpaw.intake import guess, plate_maps, plate_readers
from hindpaw.intake.cells import Sheet, as_number, as_text
from hindpaw.intake.guess import Table
from hindpaw.intake.plate_readers.converted import PROGRAMS
from hindpaw.intake.plate_readers.grids import Grid, labelled
from hindpaw.intake.plate_readers.reading import unit_in, well_of
from hindpaw.intake.wavelengths import REFERENCES, TMB
from hindpaw.plate_files import PlateFile

# What a list of wells or of samples calls its columns.
COLUMNS = {
    "well": r"well.*|position",
    "plate": r"plate.*",
    "role": r"role|type|sample ?type|kind",
    "animal": r"mouse.*|animal.*|rat.*|subject.*",
    "pool": r"pool.*",
    "day": r"day.*|date|time ?point",
    "concentration": r"(?:std|standard|conc|nominal|expected|pg|ng).*",
    "dilution": r"dil.*",
    "csf_volume_ul": r"(?:csf|vol).*",
    "matrix": r"matrix|fluid",
    "sample": r"sample.*|tube.*|content|name|id",
}
COUNT = r"\bcount|\bcells?\b|\bnumber of\b|\bn cells\b|positive"
ANALYTES = r"TGF-?β?b?-?1|IL-?\d+[αβab]?|TNF-?[αa]?|IFN-?[γg]?|CXCL\d+|CCL\d+|BDNF|NGF|VEGF|MCP-?1"


@dataclass(frozen=True)
class Assays:
    """What files hold plates, what files say what their wells hold, and what lists hold counts or claims."""

    exports: Mapping[str, plate_readers.Export]
    refused: Mapping[str, str]
    maps: Mapping[str, str]
    samples: Mapping[str, str]
    counts: Mapping[str, str]
    claims: str | None

    @property
    def files(self) -> set[str]:
        """The files that are spoken for."""
        named = {*self.exports, *self.refused, *self.maps, *self.samples, *self.counts}
        return named | ({self.claims} if self.claims else set())


def assays_of(
    files: Mapping[str, list[Sheet]], contents: Mapping[str, bytes], tables: Mapping[str, list[Table]]
) -> Assays:
    """What of the files belongs to plates, counts and claims."""
    exports: dict[str, plate_readers.Export] = {}
    refused: dict[str, str] = {}
    maps: dict[str, str] = {}
    samples: dict[str, str] = {}
    counts: dict[str, str] = {}
    claims = None
    for file, content in contents.items():
        if file.lower().endswith((".yaml", ".yml")):
            claims = file if _is_claims(content) else claims
            continue
        export, chosen = _export(file, content), _map(files.get(file, []))
        if isinstance(export, str):
            refused[file] = export
        elif export and (export.layout not in ("grid", "list") or not chosen):
            exports[file] = export
        elif chosen:
            maps[file] = chosen
        elif _samples(tables.get(file, [])):
            samples[file] = _samples(tables[file])
        elif _counts(tables.get(file, [])):
            counts[file] = _counts(tables[file])
    return Assays(exports, refused, maps, samples, counts, claims)


def _is_claims(content: bytes) -> bool:
    """Whether a YAML file holds claims."""
    try:
        document = schema.parse(content.decode("utf-8-sig"), "claims")
    except (StudyError, UnicodeDecodeError):
        return False
    return isinstance(document, dict) and "claims" in document


def _export(file: str, content: bytes) -> plate_readers.Export | str | None:
    """The file's readings, why a plate's file is refused, or None where it is no plate."""
    if b"<GraphPadPrismFile" in content[:2000]:
        return None
    entry = PlateFile(file, "pg/ml", "CSF", "not applicable", {})
    try:
        found = plate_readers.opened(entry, content)
    except StudyError as error:
        one = error.findings[0]
        return None if plate_readers.UNKNOWN in one.what else f"{one.what} {one.what_to_do}"
    signals = [reading for reading in found.readings if reading.signal is not None]
    plain = found.layout in ("grid", "list")
    return found if not plain or 2 * len(signals) > len(found.readings) else None


def _map(sheets: list[Sheet]) -> str:
    """The keys of a plate map below its file: grids of names, or a list of wells without a signal; empty for none."""
    for sheet in sheets[:1]:
        grids = labelled(sheet)
        if grids and _names(grids[0]):
            return "layout: grid"
        table = guess.table_of(sheet)
        if table is None:
            continue
        # A mouse may be called M12, as a well of a large plate is.
        titled = [one for one in table.columns if re.search(r"well|position|location", one.title, re.IGNORECASE)]
        wells = [one for one in titled if one.share(well_of) > 0.9]
        numbers = [
            one
            for one in table.columns
            if one.is_number and re.search(r"od|signal|mfi|abs|450|value|read|\bfi\b", one.title, re.IGNORECASE)
        ]
        columns = _columns(table)
        if len(wells) == 1 and not numbers and {"role", "sample", "animal", "concentration"} & set(columns):
            return f"columns: {_flow(columns | {'well': table.called(wells[0])})}"
    return ""


def _names(grid: Grid) -> bool:
    """Whether a grid holds names of samples rather than numbers."""
    told = [as_text(content) for _, _, content in grid.wells() if as_text(content)]
    words = [text for text in told if as_number(text) is None]
    known = [
        text
        for text in words
        if plate_maps.role_by_name(text) in ("standard", "blank", "control")
        or re.search(r"[A-Za-z].*\d|\d.*[A-Za-z]", text)
    ]
    return len(told) > 3 and 2 * len(known) > len(told)


def _columns(table: Table) -> dict[str, str]:
    """The columns of a list of wells or samples, each by what it holds."""
    found: dict[str, str] = {}
    for one in table.columns:
        plain = " ".join(one.title.casefold().replace("_", " ").split())
        name = next((name for name, pattern in COLUMNS.items() if re.fullmatch(pattern, plain)), None)
        if name and name not in found and one.told:
            found[name] = table.called(one)
    return found


def _flow(columns: Mapping[str, str]) -> str:
    """Columns as a YAML mapping on one line."""
    return "{" + ", ".join(f"{name}: {quoted(title)}" for name, title in columns.items()) + "}"


def _samples(tables: list[Table]) -> str:
    """The keys of a list of samples below its file; empty for none."""
    for table in tables[:1]:
        columns = _columns(table)
        wanted = {"day", "dilution", "csf_volume_ul", "matrix", "pool"} & set(columns)
        if "sample" in columns and ({"animal", "pool"} & set(columns)) and wanted and "arm" not in table.roles:
            return f"columns: {_flow({name: title for name, title in columns.items() if name not in ('well', 'plate', 'role', 'concentration')})}"
    return ""


def _counts(tables: list[Table]) -> str:
    """The keys of a list of counts below its file; empty for none."""
    for table in tables[:1]:
        counted = [
            one
            for one in table.columns
            if one.is_number and not one.is_series and re.search(COUNT, one.title.replace("_", " "), re.IGNORECASE)
        ]
        if not counted or "animal" not in table.roles or "day" not in table.roles:
            continue
        columns = {name: table.called(table.roles[name]) for name in ("animal", "day")}
        columns["count"] = table.called(counted[0])
        for name, pattern in {"place": r"place|ganglion|section|region|level|\bdrg\b", "distance_um": r"dist"}.items():
            beside = [
                one for one in table.columns if re.search(pattern, one.title, re.IGNORECASE) and one is not counted[0]
            ]
            columns |= {name: table.called(beside[0])} if beside else {}
        return f"columns: {_flow(columns)}"
    return ""


def plates(found: Assays) -> Iterator[str]:
    """The plates, each with the map whose name is most like its own."""
    for why in found.refused.values():
        yield f"# {why}"
    if found.exports:
        yield ""
        yield "plates:"
    for file, export in found.exports.items():
        told = {one.role for one in export.readings} - {""}
        needs = not told
        chosen = _alike(file, found.maps) if needs or len(found.maps) == len(found.exports) else None
        for block in export.plates if len(export.plates) > 1 and chosen else [None]:
            yield f"  - file: {quoted(file)}"
            if export.layout in ("grid", "list", *PROGRAMS):
                yield f"    layout: {export.layout}"
            if block is not None:
                yield f"    block: {quoted(block)}"
            if any(not one.analyte for one in export.readings):
                name = re.search(ANALYTES, file, re.IGNORECASE)
                yield f"    analyte: {quoted(name[0] if name else 'IL-6')}" + DOUBT + "what was measured?"
            yield from _waves(export)
            yield from _unit(export, found.maps.get(chosen or "", ""))
            if chosen:
                yield (
                    f"    plate_map: {{file: {quoted(chosen)}, {found.maps[chosen]}}}"
                    + DOUBT
                    + "is it the map of this plate?"
                )
            elif needs:
                yield (
                    "    # plate_map: {file: map.csv, columns: {well: Well, role: Type, sample: Sample}}"
                    + DOUBT
                    + "which well holds what?"
                )
            listed = next(iter(found.samples), None)
            if not listed and not chosen and not needs:
                yield (
                    "    # samples: {file: samples.csv, columns: {sample: Sample, animal: Mouse}}"
                    + DOUBT
                    + "which sample is whose?"
                )
            if listed:
                yield (
                    f"    samples: {{file: {quoted(listed)}, {found.samples[listed]}}}"
                    + DOUBT
                    + "which sample is whose"
                )
            keys = (found.maps[chosen] if chosen else "") + (found.samples[listed] if listed else "")
            if "day: " not in keys:
                day = re.search(r"(?:^|[^a-z])d(?:ay)?[ _-]?(\d+)", file, re.IGNORECASE)
                yield f"    day: {day[1] if day else 0}" + DOUBT + "on which day were the samples taken?"
            if "dilution: " not in keys and all(one.dilution is None for one in export.readings):
                yield '    dilution: "1:1"' + DOUBT + "how were the samples diluted?"


def _waves(export: plate_readers.Export) -> Iterator[str]:
    """Which wavelength is the signal, where there are several and it does not show."""
    waves = list(dict.fromkeys(one.channel for one in export.readings))
    rest = next((wave for wave in REFERENCES if wave in waves), None)
    if len(waves) < 2 or (len(waves) == 2 and TMB in waves and rest):
        return
    signal = TMB if TMB in waves else waves[0]
    more = f", reference: {rest}" if rest and signal == TMB else ""
    told = signal if signal.isdigit() else quoted(signal)
    yield f"    wavelengths: {{signal: {told}{more}}}" + DOUBT + f"read as {'; '.join(waves)}"


def _unit(export: plate_readers.Export, keys: str) -> Iterator[str]:
    """The unit of the standards: as the map's title has it, else a guess where the export does not say."""
    title = re.search(r'concentration: ("[^"]*"|[^,}]*)', keys)
    stated = unit_in(title[1]) if title else ""
    if stated == "ng/ml":
        yield "    unit: ng/ml"
    elif not stated and not any(one.unit for one in export.readings):
        yield "    unit: pg/ml" + DOUBT + "in which unit are the concentrations of the standards?"


def _alike(file: str, maps: Mapping[str, str]) -> str | None:
    """The map whose name is most like the plate's."""
    return max(maps, key=lambda name: SequenceMatcher(None, name.casefold(), file.casefold()).ratio(), default=None)


def counts(found: Assays) -> Iterator[str]:
    """The lists of counts, and the claims."""
    if found.counts:
        yield ""
        yield "counts:"
    for file, keys in found.counts.items():
        yield f"  - {{file: {quoted(file)}, target: cells, {keys}}}" + DOUBT + "what was counted?"
    if found.claims:
        yield ""
        yield f"claims: {quoted(found.claims)}"
