"""SoftMax Pro text exports: Plate blocks with a grid or a line of wells, Group blocks that say what is in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from hindpaw.intake.open import Sheet, as_number, as_text
from hindpaw.intake.plate_readers.grids import LETTERS, runs
from hindpaw.intake.plate_readers.reading import Reading, blank, broken, cell, first, signal_of, unit_in, well_of
from hindpaw.study import PlateFile

AGAIN = "In SoftMax Pro, File > Export, Plate with raw data, every read of an endpoint protocol."
# Wells → rows of the whole plate.
PLATE_SIZES = {6: 2, 12: 3, 24: 4, 48: 6, 96: 8, 384: 16}
ROWS_OF = {3: 2, 4: 3, 6: 4, 8: 6, 12: 8, 24: 16}
STANDARD = re.compile(r"st\W*d|stand|calib", re.IGNORECASE)
BLANK = re.compile(r"blank|blk|background", re.IGNORECASE)
CONTROL = re.compile(r"ctrl|control|\bqc\b|^qc|\bloq\b|spike|positive|negative", re.IGNORECASE)


@dataclass
class Block:
    """One Plate or Group block: its lines without the closing ~End, and where the first stands."""

    kind: str
    start: int
    rows: list[list[Any]] = field(default_factory=list)


def read(sheet: Sheet, plate: PlateFile) -> list[Reading]:
    """The wells of every Plate block: the raw reads, or the reduced ones where there are no raw ones.

    Raises
    ------
    StudyError
        Where there is no Plate block, a read that is not an endpoint, or a grid that is not as announced.
    """
    blocks = list(_blocks(sheet))
    plates = [block for block in blocks if block.kind == "Plate:"]
    if not plates:
        raise broken(sheet, "it holds no Plate block", AGAIN)
    told = _groups(blocks)
    several = len(plates) > 1
    names = [as_text(cell(block.rows[0], 1)) for block in plates]
    if several and (len(set(names)) < len(names) or not all(names)):
        raise broken(sheet, f"its plates do not have names of their own: {', '.join(names)}", "Name each plate.")
    readings = []
    for name, block in zip(names, plates, strict=True):
        for reading in _plate(sheet, block):
            reading.plate = name if several else ""
            vars(reading).update(told.get((name, reading.well), {}))
            readings.append(reading)
    return readings


def _blocks(sheet: Sheet) -> Iterator[Block]:
    """The Plate and Group blocks of a file."""
    open_block: Block | None = None
    for index, row in enumerate(sheet.rows):
        head = first(row)
        if head == "Plate:" or head.startswith("Group:"):
            if open_block:
                yield open_block
            open_block = Block(head.partition(":")[0] + ":", index)
        elif head == "~End" and open_block:
            yield open_block
            open_block = None
        if open_block:
            open_block.rows.append(row)
    if open_block:
        yield open_block


def _plate(sheet: Sheet, block: Block) -> Iterator[Reading]:
    """The readings of one Plate block, each wavelength a channel."""
    head = [as_text(one) for one in block.rows[0]]
    kind, mode = cell(head, 4), cell(head, 6)
    if kind.casefold() != "endpoint":
        raise broken(sheet, f"its plate {cell(head, 1)} is no endpoint read ({kind or 'unnamed'})", AGAIN)
    table = _table(block)
    if table is None:
        raise broken(sheet, f"its plate {cell(head, 1)} has no table of wells", AGAIN)
    wavelengths = _wavelengths(head)
    raw = as_text(cell(block.rows[table], 1)).startswith("Temp") or mode.casefold() == "raw"
    subtracted = "" if raw else "reduced in SoftMax Pro" + (f" from {', '.join(wavelengths)} nm" if wavelengths else "")
    by_time = well_of(cell(block.rows[table], 2)) is not None
    reads = _line_of_wells(sheet, block, table) if by_time else _grid(sheet, block, table, head)
    channels = sorted({number for number, *_ in reads})
    if raw and len(wavelengths) != len(channels):
        wavelengths = ["" if len(channels) == 1 else f"read {number + 1}" for number in channels]
    if not raw and len(channels) > 1:
        raise broken(sheet, f"the reduced data of its plate {cell(head, 1)} hold several tables", AGAIN)
    for number, well, source, content in reads:
        signal, flag = signal_of(content)
        channel = wavelengths[number] if raw else "reduced"
        yield Reading(source, well, signal, flag, channel=channel, subtracted=subtracted)


def _table(block: Block) -> int | None:
    """The line of the first table's head: column numbers, or names of wells, from the third cell on."""
    for index, row in enumerate(block.rows[1:], 1):
        head = as_text(cell(row, 2)) or as_text(cell(row, 3))
        if head == "1" or well_of(head) or (runs(row) and not first(row)):
            return index
        if as_text(cell(row, 1)).startswith("Temp"):
            return index
    return None


def _wavelengths(head: list[str]) -> list[str]:
    """The wavelengths that the first line of a block announces: their number, then all in one cell.

    >>> _wavelengths(["Plate:", "P1", "1.3", "PlateFormat", "", "", "", "", "", "", "2", "450 570 ", "1", "12"])
    ['450', '570']
    """
    for count, text in pairwise(head[9:]):
        found = text.split()
        if (
            count.isdigit()
            and found
            and int(count) == len(found)
            and all(re.fullmatch(r"\d{3,4}", one) for one in found)
        ):
            return [one if found.count(one) == 1 else f"{one} ({place})" for place, one in enumerate(found, 1)]
    return []


@dataclass(frozen=True)
class Region:
    """What a block announces: its columns by number, its first row (from 0), its rows, and those of the whole plate."""

    columns: range
    top: int
    high: int
    whole: int


def _geometry(head: list[str], columns: int) -> Region:
    """The part of a plate that a block announces; the rows stand next to the wells for absorbance, and ten cells
    behind them where excitation, filters and gain come between."""
    numbers = [int(text) if text.isdigit() else -1 for text in head]
    for place in range(2, len(numbers)):
        first, wide, wells = numbers[place - 2 : place + 1]
        if wells not in PLATE_SIZES or not (1 <= first <= 24 and 1 <= wide <= 24):
            continue
        for behind in (1, 10):
            row, high = [*numbers[place + behind : place + behind + 2], -1, -1][:2]
            if 1 <= row <= 16 and 1 <= high <= 16:
                return Region(range(first, first + wide), row - 1, high, max(high, PLATE_SIZES[wells]))
    rows = ROWS_OF.get(columns, 8)
    return Region(range(1, 25), 0, rows, rows)


def _grid(sheet: Sheet, block: Block, table: int, head: list[str]) -> list[tuple[int, str, str, Any]]:
    """Channel, well, address and cell of a table with a line for each plate row."""
    sections = _sections(block.rows[table])
    if not sections:
        raise broken(sheet, "the head of its table does not count the columns", AGAIN)
    region = _geometry(head, max(len(section) for section in sections))
    sections = [[one for one in section if one[1] in region.columns] for section in sections]
    width = sections[-1][-1][0] + 1 if sections[-1] else 0
    lines: list[list[Any]] = []
    for row in block.rows[table + 1 :]:
        if len(row) < width or (blank(row) and len(lines) in (region.high, region.whole)):
            break
        lines.append(row)
    if not width or len(lines) not in (region.high, region.whole):
        what = f"the table of its plate {cell(head, 1)} announces {region.high} rows of {len(sections[0])} wells and holds "
        raise broken(sheet, what + (str(len(lines)) if len(lines) < region.high else "more"), AGAIN)
    # A part of a plate is exported by itself, or as a whole plate with blanks around it.
    top = region.top if len(lines) == region.high else 0
    return [
        (number, f"{LETTERS[top + step]}{column}", sheet.source(block.start + table + 1 + step, place), row[place])
        for step, row in enumerate(lines)
        for number, section in enumerate(sections)
        for place, column in section
    ]


def _sections(row: list[Any]) -> list[list[tuple[int, int]]]:
    """Where the columns of each wavelength stand, as (index, number); a part of a plate need not begin at 1.

    >>> _sections(["", "Temperature", "4", "5", "", "4", "5"])
    [[(2, 4), (3, 5)], [(5, 4), (6, 5)]]
    """
    found: list[list[tuple[int, int]]] = []
    for place, one in enumerate(row):
        number = int(as_text(one)) if re.fullmatch(r"[1-9]|1\d|2[0-4]", as_text(one)) else 0
        if number and found and found[-1][-1] == (place - 1, number - 1):
            found[-1].append((place, number))
        elif number:
            found.append([(place, number)])
    return found if len({len(section) for section in found}) == 1 else []


def _line_of_wells(sheet: Sheet, block: Block, table: int) -> list[tuple[int, str, str, Any]]:
    """Channel, well, address and cell of a table with a column for each well and a line for each wavelength."""
    wells = [(place, name) for place, one in enumerate(block.rows[table]) if (name := well_of(one))]
    lines = []
    for index, row in enumerate(block.rows[table + 1 :], table + 1):
        if well_of(cell(row, 2)) is not None:
            break
        if not blank(row):
            lines.append((index, row))
    if not lines or any(len(row) <= wells[-1][0] for _, row in lines):
        held = min((len(row) for _, row in lines), default=0)
        raise broken(sheet, f"its table announces {len(wells)} wells and has a line of {held} cells", AGAIN)
    return [
        (number, name, sheet.source(block.start + index, place), row[place])
        for number, (index, row) in enumerate(lines)
        for place, name in wells
    ]


def _groups(blocks: list[Block]) -> dict[tuple[str, str], dict[str, Any]]:
    """What the Group blocks say of each plate and well; the first group that names a well counts, and a sample whose
    name stands in several groups bears its group's, too."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    plate = next((as_text(cell(block.rows[0], 1)) for block in blocks if block.kind == "Plate:"), "")
    for block in blocks:
        if block.kind == "Plate:":
            plate = as_text(cell(block.rows[0], 1))
            continue
        for name, well, said in _group(block):
            found.setdefault((name or plate, well), said)
    # Samples are interpolated on the standards' curve, so they are in its unit, which their own table may not repeat.
    units = {said["unit"] for said in found.values() if said["role"] == "standard"}
    groups: dict[tuple[str, str], set[str]] = {}
    for said in found.values():
        said["unit"] = said["unit"] or (next(iter(units)) if len(units) == 1 else "")
        groups.setdefault((said["role"], said["sample"]), set()).add(said["group"])
    for said in found.values():
        # Each group may count its samples from 01 anew.
        group = said.pop("group")
        if said["role"] != "standard" and len(groups[said["role"], said["sample"]]) > 1:
            said["sample"] = f"{group} {said['sample']}"
    return found


def _group(block: Block) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Plate (where named), well, and what one Group block says of it."""
    title = first(block.rows[0]).partition(":")[2].strip() or as_text(cell(block.rows[0], 1))
    role = role_of(title)
    start = next((index for index, row in enumerate(block.rows[1:], 1) if not blank(row)), None)
    if start is None:
        return
    heads = [as_text(one) for one in block.rows[start]]
    places = _columns(heads, _formulas(block), role)
    sample, nominal, dilution = title, None, None
    for row in block.rows[start + 1 :]:
        well = well_of(cell(row, places["well"]))
        if blank(row) or first(row) == "Group Column":
            return
        if as_text(cell(row, 0)):
            sample = as_text(cell(row, 0))
            nominal = as_number(cell(row, places["nominal"]))
            dilution = as_number(cell(row, places["dilution"]))
        if well:
            said = {"group": title, "role": role, "sample": sample, "nominal": nominal, "dilution": dilution}
            said |= {"reported": cell(row, places["reported"]), "unit": unit_in(" ".join(heads))}
            flags = [as_text(cell(row, places["value"])), as_text(cell(row, places["range"]))]
            if flags[0] and as_number(flags[0]) is None:
                said["flag"] = flags[0]
            said["reported_flag"] = flags[1]
            yield as_text(cell(row, places["plate"])), well, said


def role_of(title: str) -> str:
    """What the wells of a group hold, by its name.

    >>> [role_of(title) for title in ("Std", "Standards", "PositiveControl", "Blank", "Unknowns", "LOQ")]
    ['standard', 'standard', 'control', 'blank', 'sample', 'control']
    """
    for role, pattern in (("standard", STANDARD), ("blank", BLANK), ("control", CONTROL)):
        if pattern.search(title):
            return role
    return "sample"


def _formulas(block: Block) -> dict[str, str]:
    """The formula of each column, as the list below a group's table states it."""
    start = next((index for index, row in enumerate(block.rows) if first(row) == "Group Column"), len(block.rows))
    formulas = {}
    for row in block.rows[start + 1 :]:
        if blank(row):
            break
        formulas[as_text(cell(row, 1))] = as_text(cell(row, 2))
    return formulas


def _columns(heads: list[str], formulas: dict[str, str], role: str) -> dict[str, int | None]:
    """Where a group's table says what; a column that interpolates is the concentration of its well."""

    # The head of a column is its name, and its unit where it has one.
    by_formula = [
        formulas.get(head) or next((text for name, text in formulas.items() if head.startswith(f"{name} ")), "")
        for head in heads
    ]

    def place(*patterns: str, entered: bool = False) -> int | None:
        """The first column of such a name; `entered` is no formula of others."""
        for pattern in patterns:
            for index, head in enumerate(heads):
                if re.match(pattern, head, re.IGNORECASE) and (not entered or by_formula[index][:1] in ("", "!")):
                    return index
        return None

    interpolated = [index for index, formula in enumerate(by_formula) if formula.lower().startswith("interpx(")]
    values = [index for index, formula in enumerate(by_formula) if formula == "!WellValues"]
    guessed = place(r"backcalc", r"results?$", *([] if role == "standard" else [r"conc"])) if not formulas else None
    return {
        "well": place(r"wells?$", r"well ?ids?$"),
        "plate": place(r"wellplatename$"),
        "value": values[0] if values else place(r"od$", r"values?$"),
        "nominal": place(r"conc", r"standard", r"expected", r"nominal", entered=True) if role == "standard" else None,
        "dilution": place(r"dil", entered=True) if role in ("sample", "control") else None,
        "reported": interpolated[0] if interpolated else guessed,
        "range": place(r"r$", r"flag_range$"),
    }
