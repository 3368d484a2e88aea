"""The first draft of a study file: the best guess of what each file holds, every doubt marked `# ?`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from hindpaw.draft.entries import DOUBT, day_columns, days, quoted, von_frey
from hindpaw.intake import guess
from hindpaw.intake.cells import Sheet, as_text
from hindpaw.intake.days import day_of
from hindpaw.intake.guess import Table

CONTROLS = r"vehicle|control|ctrl|saline|\bsal\b|pbs|veh|igg|placebo|untreated"
REFERENCES = r"sham|na[iï]ve|uninjured|intact"
PLATES = {"##BLOCKS": "softmax", "Plate:": "softmax", "DataType:": "xponent"}
ALLOCATION = (
    "animal",
    "arm",
    "arm_code",
    "sex",
    "cage",
    "cohort",
    "pool",
    "included",
    "excluded",
    "exclusion_reason",
    "left_day",
)
HEAD = """# A first draft, made by `hindpaw new` from what the files look like. Lines that end in "# ?" are guesses: look
# at each, correct it, and take the mark off. Then `hindpaw check {name}` says what remains.
# config/README.md lists every key.
title: {title}
simulated: false
"""


def draft(name: str, files: Mapping[str, list[Sheet]], refused: Mapping[str, str]) -> str:
    """A commented study file for a study of this name.

    Parameters
    ----------
    name : the study's
    files : the sheets of each file that could be read
    refused : why each of the others could not
    """
    found = guess.tables(files)
    every = [table for tables in found.values() for table in tables]
    listed = _allocation(every)
    lists = [table for table in every if table.name == "filaments"]
    tested = {file: [one for one in tables if one.name == "von-frey"] for file, tables in found.items()}
    tested = {file: tables for file, tables in tested.items() if tables}
    arms = guess.arms_of(listed) if listed else {}
    lines = [HEAD.format(name=name, title=quoted(f"{name} (say what was done to which animals)"))]
    lines += [*_animals(listed), *_arms(arms)]
    lines += [*days(tested), "von_frey:" + ("" if tested else " []" + DOUBT + "no von Frey sheet was recognized")]
    for file, tables in tested.items():
        lines += von_frey(file, tables, found[file], lists[0] if lists else None)
    lines += [*_plates(files), *_questions(arms, tested)]
    unknown = [
        file
        for file in files
        if file not in tested and not any(one.sheet.file == file for one in [listed, *lists] if one)
    ]
    lines += [f"# {file} was not recognized; describe it by hand if the study needs it." for file in unknown]
    lines += [f"# {file}: {why}" for file, why in refused.items()]
    # A name of a file may hold a line break, which would end a comment.
    return "\n".join(" ".join(line.splitlines()) for line in lines[1:]).join((lines[0], "\n"))


def _allocation(tables: list[Table]) -> Table | None:
    """The table that is most likely the allocation list: it names each animal once and its arm."""
    fitting = [one for one in tables if "animal" in one.roles and {"arm", "arm_code"} & set(one.roles)]
    return max(fitting, key=lambda one: (one.name == "allocation", len(set(one.roles["animal"].told))), default=None)


def _animals(table: Table | None) -> Iterator[str]:
    """The allocation list."""
    yield ""
    if table is None:
        yield "# No list says which animal is in which arm." + DOUBT.rstrip()
        yield (
            "animals: {file: allocation.xlsx, columns: {animal: Mouse, arm: Group}}"
            + DOUBT
            + "name the file and its columns"
        )
        return
    sure = table.name == "allocation"
    yield "animals:"
    yield f"  file: {quoted(table.sheet.file)}" + ("" if sure else DOUBT + "taken from the test sheet itself")
    if table.sheet.name:
        yield f"  sheet: {quoted(table.sheet.name)}"
    yield "  columns:"
    for role in ALLOCATION:
        if role in table.roles and (role in ("animal", "arm", "arm_code") or sure):
            doubt = DOUBT + "does 1 or yes in it mean so?" if role in ("included", "excluded") else ""
            yield f"    {role}: {quoted(table.called(table.roles[role]))}{doubt}"


def _key(label: str, taken: set[str]) -> str:
    """A short key for an arm."""
    plain = re.sub(r"[^a-z0-9]+", "_", label.casefold()).strip("_") or "arm"
    plain = plain if plain[0].isalpha() else f"arm_{plain}"
    while plain in taken:
        plain += "_"
    taken.add(plain)
    return plain


def _keys(arms: Mapping[str, list[str]]) -> dict[str, str]:
    """The key of each arm by its label."""
    taken: set[str] = set()
    return {label: _key(label, taken) for label in arms}


def _role(label: str, labels: list[str]) -> str:
    """The role an arm most likely has; without a control by its name, the first arm is it."""
    plain = label.casefold()
    if re.search(REFERENCES, plain):
        return "reference"
    named = [one for one in labels if re.search(CONTROLS, one.casefold()) and not re.search(REFERENCES, one.casefold())]
    rest = [one for one in labels if not re.search(REFERENCES, one.casefold())]
    return "control" if label in (named or rest[:1]) else "treated"


def _arms(arms: Mapping[str, list[str]]) -> Iterator[str]:
    """The arms with the roles their names suggest."""
    yield ""
    yield "arms:"
    keys, labels = _keys(arms), list(arms)
    for label, codes in arms.items():
        code = f", codes: [{', '.join(map(quoted, codes))}]" if codes else ""
        role = _role(label, labels)
        yield (
            f"  {keys[label]}: {{label: {quoted(label)}, role: {role}{code}}}"
            + DOUBT
            + "control, treated or reference?"
        )
    if not arms:
        yield "  control: {label: Control, role: control}" + DOUBT + "name the groups as the list does"
        yield "  treated: {label: Treated}" + DOUBT.rstrip()


def _plates(files: Mapping[str, list[Sheet]]) -> Iterator[str]:
    """A stub for each file that looks like a plate reader's."""
    for file, sheets in files.items():
        words = {as_text(row[0]).split("=")[0] for sheet in sheets for row in sheet.rows if row}
        layout = next((layout for word, layout in PLATES.items() if word in words), None)
        if layout:
            yield "# plates:" + DOUBT + f"{file} looks like a plate; say which well holds what"
            yield f"#   - {{file: {quoted(file)}, layout: {layout}, analyte: TGF-β1, plate_map: {{file: layout.csv, columns: {{well: Well, role: Type}}}}}}"


def _questions(arms: Mapping[str, list[str]], tested: Mapping[str, list[Table]]) -> Iterator[str]:
    """One question: each treated arm against the control."""
    keys, labels = _keys(arms), list(arms)
    controls = [keys[label] for label in arms if _role(label, labels) == "control"]
    treated = [keys[label] for label in arms if _role(label, labels) == "treated"]
    if not (controls and treated and tested):
        return
    words = any(
        day_of(text) is None
        for tables in tested.values()
        for table in tables
        for one in day_columns(table)
        for text in one.told
    )
    yield ""
    yield "questions:"
    for arm in treated:
        by = ", by: day" if words else ""
        yield (
            f"  {arm}_effect: {{outcome: threshold, treated: {arm}, control: {controls[0]}{by}}}"
            + DOUBT
            + "is this what you ask?"
        )
