"""Sheets that are no table with a row a datum: which shape each has, and blocks and grids themselves."""

from __future__ import annotations

import re
from collections import Counter

from hindpaw.draft.columns import TRIAL, animals_across, columns_across
from hindpaw.draft.keys import FORCE, MARKS, Shape, lines, named_hairs, of_table
from hindpaw.draft.words import DOUBT, quoted
from hindpaw.intake import guess, layouts
from hindpaw.intake.cells import Sheet, as_text
from hindpaw.intake.days import day_of
from hindpaw.intake.layouts import labelled
from hindpaw.intake.titles import day_in, is_baseline, role_of
from hindpaw.intake.words import paw_in

ANIMAL = r"(?:mouse|animal|rat|subject|maus|tier)(?: ?(?:id|no\.?|nr\.?|number|#))?"
LABELS = {
    "animal": ANIMAL,
    "day": r"(?:test ?)?(?:day|date|tag|datum|time ?point)",
    "paw": r"(?:hind ?)?paw|side",
    "tester": r"tester|experimenter|operator",
    "arm": r"group|treatment|arm",
}
HAIR = re.compile(
    r"(?:hairs?|filaments?|fib(?:er|re)s?|force|von ?frey(?: ?(?:hair|filament))?|vf|grams?|g)\W*(?:g|grams?)?\W*",
    re.IGNORECASE,
)


def shapes_of(sheets: list[Sheet], animals: set[str]) -> list[tuple[str | None, Shape]]:
    """The shapes of a file's sheets, each with the sheet to name; none where they are plain tables."""
    filled = [sheet for sheet in sheets if any(any(map(as_text, row)) for row in sheet.rows)]
    whole = _sheet_an_animal(filled, animals) if filled else None
    if whole:
        return [(None, whole)]
    found = [
        (sheet, _blocks(sheet) or _day_blocks(sheet) or columns_across(sheet) or animals_across(sheet, animals))
        for sheet in filled
    ]
    known = [(sheet, shape) for sheet, shape in found if shape]
    if len(known) > 1 and all(day_of(sheet.name) is not None or is_baseline(sheet.name) for sheet, _ in known):
        first = known[0][1]
        said = tuple(sheet.name for sheet, _ in known)
        return [(None, Shape(("sheet_per_day: true", *first.lines), said=said))]
    return [(sheet.name if len(filled) > 1 else None, _of_day(sheet, _of_paw(sheet, shape))) for sheet, shape in known]


def _of_day(sheet: Sheet, shape: Shape) -> Shape:
    """The shape with the day that the name of its sheet says, or with one to be asked."""
    if not shape.dayless:
        return shape
    day = day_in(sheet.name)
    said = "BL" if day is None and is_baseline(sheet.name) else f"{day or 0:g}"
    lines = [line.replace("  - {", f"  - {{day: {said}, ", 1) for line in shape.lines]
    first = next(place for place, line in enumerate(lines) if line.startswith("  - {"))
    lines[first] += ("" if DOUBT in lines[first] else DOUBT) + "no column says the day; when was all of it measured?"
    return Shape(tuple(lines), (*shape.said, *([sheet.name] if said == "BL" else [])))


def _of_paw(sheet: Sheet, shape: Shape) -> Shape:
    """The shape with the paw that the name of its sheet or file says."""
    paw = paw_in(sheet.name) or paw_in(sheet.file)
    lines = [f"paw: {paw}" if line.startswith("paw: ") and paw else line for line in shape.lines]
    return Shape(tuple(lines), shape.said, shape.dayless)


def _sheet_an_animal(sheets: list[Sheet], animals: set[str]) -> Shape | None:
    """Sheets that are named after animals and hold a table without one."""
    mine = [sheet for sheet in sheets if sheet.name.strip() in animals]
    if len(mine) < 2:
        return None
    table = guess.table_of(mine[0])
    if table is None or "animal" in table.roles or not {"responses", "threshold"} & set(table.roles):
        return None
    return Shape(("sheet_per_animal: true", *of_table(table)))


def _blocks(sheet: Sheet) -> Shape | None:
    """A label of the animal that stands there again and again, a table or a grid below each; or grids alone."""
    cells = [(row, place, as_text(cell)) for row, line in enumerate(sheet.rows) for place, cell in enumerate(line)]
    found = Counter(_label(text, ANIMAL) for _, _, text in cells if text)
    found.pop("", None)
    label, times = found.most_common(1)[0] if found else ("", 0)
    values = (
        {said for said in (_value(sheet, row, place, label) for row, place, _ in cells) if said} if label else set()
    )
    if times < 2 or len(values) < 2 or any(label == value for value in values):
        return None
    part, _ = layouts.blocks(sheet, {"animal": label})[0]
    inner = [part.cells(row) for row in sheet.rows[part.first : part.last]]
    labels = {"animal": label}
    for name, pattern in LABELS.items():
        told = [_label(as_text(cell), pattern) for row in inner for cell in row if as_text(cell)]
        if name != "animal" and any(told) and _value_beside(inner, next(filter(None, told))):
            labels[name] = next(filter(None, told))
    grid = _grid(inner)
    said = tuple(dict.fromkeys(_values(sheet, labels["day"]))) if "day" in labels else ()
    keys = f"blocks: {{{', '.join(f'{name}: {quoted(text)}' for name, text in labels.items())}}}"
    if grid:
        return Shape(lines("trial-grid", *grid, keys, paw="paw" not in labels), said=said)
    table = guess.table_of(Sheet(sheet.file, sheet.name, _below(inner)))
    if table is None or not {"responses", "threshold"} & set(table.roles):
        return None
    every = [
        row
        for one, _ in layouts.blocks(sheet, {"animal": label})
        for row in _below(list(map(one.cells, sheet.rows[one.first : one.last])))
    ]
    # All blocks under one header, so that the filament set is judged by every series.
    whole = guess.table_of(Sheet(sheet.file, sheet.name, every)) or table
    return Shape((*of_table(whole if set(whole.roles) == set(table.roles) else table, **labels), keys), said=said)


def _day_blocks(sheet: Sheet) -> Shape | None:
    """Rows that say a day and nothing else, each over a table of animals."""
    said: dict[int, str] = {}
    for index, row in enumerate(sheet.rows):
        told = [text for text in map(as_text, row) if text]
        if len(told) == 1 and (label := _label(told[0], LABELS["day"])) and labelled(told[0], label):
            said[index] = label
    if len(said) < 2 or len(set(said.values())) > 1:
        return None
    label = next(iter(said.values()))
    parts = [sheet.rows[part.first + 1 : part.last] for part, _ in layouts.blocks(sheet, {"day": label})]
    table = guess.table_of(Sheet(sheet.file, sheet.name, parts[0]))
    if table is None or not ("animal" in table.roles and {"responses", "threshold"} & set(table.roles)):
        return None
    days = tuple(dict.fromkeys(_values(sheet, label)))
    return Shape((*of_table(table, day=label), f"blocks: {{day: {quoted(label)}}}"), said=days)


def _label(text: str, pattern: str) -> str:
    """The label that begins a text, as written; empty where there is none."""
    found = re.match(rf"({pattern})(?=\s*[:=#]|\s+\S*\d|\s*$)", text.strip(), re.IGNORECASE)
    return found[1] if found else ""


def _value(sheet: Sheet, row: int, place: int, label: str) -> str:
    """What a label at a place says: behind it in its cell, or in the next one that is filled."""
    line = sheet.rows[row]
    said = labelled(line[place], label)
    if said is None:
        return ""
    return said or next((as_text(cell) for cell in line[place + 1 :] if as_text(cell)), "")


def _values(sheet: Sheet, label: str) -> list[str]:
    """Everything that a label says on a sheet."""
    every = (_value(sheet, row, place, label) for row, line in enumerate(sheet.rows) for place in range(len(line)))
    return [said for said in every if said]


def _value_beside(rows: list[list[object]], label: str) -> bool:
    """Whether a label stands before a value rather than above a column of them."""
    for row in rows:
        for place, cell in enumerate(row):
            said = labelled(cell, label)
            if said:
                return True
            if said == "":
                behind = next((as_text(one) for one in row[place + 1 :] if as_text(one)), "")
                return bool(behind) and role_of(behind) is None
    return False


def _below(rows: list[list[object]]) -> list[list[object]]:
    """The rows of a block from the first that heads at least two columns on."""
    for index, row in enumerate(rows):
        if sum(role_of(text) is not None for text in map(as_text, row) if text) >= 2:
            return rows[index:]
    return rows


def _grid(rows: list[list[object]]) -> tuple[str, ...]:
    """The keys of a hair × trial grid in these rows; empty where there is none."""
    for index, row in enumerate(rows):
        texts = list(map(as_text, row))
        hairs = [place for place, text in enumerate(texts) if HAIR.fullmatch(text)]
        for place in hairs:
            trials = [TRIAL.fullmatch(text) for text in texts[place + 1 :]]
            if len(trials) < 3 or not all(trials[:3]):
                continue
            below = rows[index + 1 :]
            forces = [
                as_text(line[place]) for line in below if len(line) > place and FORCE.fullmatch(as_text(line[place]))
            ]
            marks = {as_text(cell).casefold() for line in below for cell in line[place + 1 :]} - {""}
            if len(forces) >= 3 and marks and marks <= MARKS:
                return (*named_hairs(forces), f"columns: {{filament: {quoted(texts[place])}}}")
    return ()
