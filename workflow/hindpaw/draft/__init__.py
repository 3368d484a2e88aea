"""The first draft of a study file: the best guess of what each file holds, every doubt marked `# ?`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from hindpaw.draft.assays import assays_of, counts, plates
from hindpaw.draft.calendar import day_columns, days
from hindpaw.draft.entries import von_frey
from hindpaw.draft.keys import Shape
from hindpaw.draft.shapes import shapes_of
from hindpaw.draft.words import DOUBT, quoted
from hindpaw.intake import guess
from hindpaw.intake.cells import Sheet, as_text
from hindpaw.intake.days import day_of
from hindpaw.intake.guess import Column, Table
from hindpaw.intake.titles import day_in, is_baseline, role_of
from hindpaw.intake.words import paw_in

CONTROLS = r"vehicle|control|ctrl|saline|\bsal\b|pbs|veh|igg|placebo|untreated"
REFERENCES = r"sham|na[iï]ve|uninjured|intact"
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
UNKNOWN = (
    "was not recognized. hindpaw looks for a header with the animal (Mouse, Animal, ID) and responses, thresholds or days; "
    "give it one, or describe the file by hand (config/README.md)."
)
HEAD = """# A first draft, made by `hindpaw new` from what the files look like. Lines that end in "# ?" are guesses: look
# at each, correct it, and take the mark off. Then `hindpaw check {name}` says what remains.
# config/README.md lists every key.
title: {title}  # ? say what was done to which animals
simulated: false
"""


def draft(
    name: str, files: Mapping[str, list[Sheet]], refused: Mapping[str, str], contents: Mapping[str, bytes] | None = None
) -> str:
    """A commented study file for a study of this name.

    Parameters
    ----------
    name : the study's
    files : the sheets of each file that could be read
    refused : why each of the others could not
    contents : the bytes of every file, for what is no sheet: plates as XML, claims
    """
    hidden = [one.place for sheets in files.values() for one in sheets if one not in guess.shown(sheets)]
    files = {file: guess.shown(sheets) for file, sheets in files.items()}
    found = guess.tables(files)
    assays = assays_of(files, contents or {}, found)
    found = {file: tables for file, tables in found.items() if file not in assays.files}
    listed = _allocation([table for tables in found.values() for table in tables])
    ids = _ids(listed) if listed else set()
    shaped = {file: shapes_of(files[file], ids) for file in found}
    shaped = {file: one for file, one in shaped.items() if one}
    if listed and listed.name != "allocation" and not _sure(listed, found):
        listed = _allocation([table for file, tables in found.items() if file not in shaped for table in tables])
    every = [table for file, tables in found.items() if file not in shaped for table in tables]
    lists = [table for table in every if table.name == "filaments"]
    tested = {
        file: [one for one in tables if one.name == "von-frey"] for file, tables in found.items() if file not in shaped
    }
    tested = {file: tables for file, tables in tested.items() if tables}
    parts = sheets_of_arms(tested) if listed is None else []
    alike = _goes_on(listed, every) if listed else []
    arms: dict[str, list[str]] = {table.sheet.name.strip(): [] for table in parts}
    for one in alike:
        arms |= {label: codes for label, codes in guess.arms_of(one).items() if label not in arms}
    lines = [HEAD.format(name=name, title=quoted(name))]
    within = _numbered_anew(listed) if listed else _shares_ids(parts)
    by_sheet = _animals_of_sheets(parts, within) if parts else None
    lines += by_sheet or _animals(listed, within, alike, listed is not None and listed.sheet.file in shaped)
    lines += _arms(arms)
    said = [text for shapes in shaped.values() for _, one in shapes for text in one.said]
    known = tested or shaped
    lines += [*days(tested, said), "von_frey:" + ("" if known else " []" + DOUBT + "no von Frey sheet was recognized")]
    for file, shapes in shaped.items():
        lines += _shaped(file, shapes)
    for file, tables in tested.items():
        own = (lambda table: table.sheet.name.strip()) if parts and within else (lambda table: None)
        lines += von_frey(file, tables, found[file], lists[0] if lists else None, within, own)
    lines += [*plates(assays), *counts(assays), *_questions(arms, tested, bool(shaped))]
    unknown = [
        file
        for file in files
        if file not in tested
        and file not in shaped
        and file not in assays.files
        and not any(one.sheet.file == file for one in [listed, *lists] if one)
    ]
    lines += [f"# {file} {UNKNOWN}" for file in unknown]
    lines += [f"# {place} is hidden and was left out; unhide it if the study needs it." for place in hidden]
    lines += [f"# {file}: {why}" for file, why in refused.items() if file not in assays.refused]
    # A name of a file may hold a line break, which would end a comment.
    return "\n".join(" ".join(line.splitlines()) for line in lines[1:]).join((lines[0], "\n"))


def _allocation(tables: list[Table]) -> Table | None:
    """The table that is most likely the allocation list: it names each animal once and its arm."""
    fitting = [one for one in tables if "animal" in one.roles and {"arm", "arm_code"} & set(one.roles)]
    return max(fitting, key=lambda one: (one.name == "allocation", len(_ids(one))), default=None)


def _numbered_anew(listed: Table) -> bool:
    """Whether ids stand there again in other groups, and never twice in one: each group numbers its animals."""
    if "arm" not in listed.roles:
        return False
    ids, arms = (list(map(as_text, listed.roles[name].cells)) for name in ("animal", "arm"))
    told = [pair for pair in zip(ids, arms, strict=True) if all(pair)]
    return len(set(told)) == len(told) > len({animal for animal, _ in told})


def _ids(table: Table) -> set[str]:
    """The animals of a table."""
    return set(table.roles["animal"].told)


def sheets_of_arms(tested: Mapping[str, list[Table]]) -> list[Table]:
    """The tables of a workbook with a sheet an arm: alike, and named by neither day, paw nor number."""
    for tables in tested.values():
        titles = {tuple(one.title for one in table.columns) for table in tables}
        names = [table.sheet.name.strip() for table in tables]
        plain = all(name and day_in(name) is None and not is_baseline(name) and not paw_in(name) for name in names)
        named = (
            plain
            and len(set(names)) == len(names)
            and not any(re.fullmatch(r"(?:sheet|tabelle|hoja|exp\w*) ?\d+", name, re.I) for name in names)
        )
        if len(tables) > 1 and len(titles) == 1 and named and all("animal" in one.roles for one in tables):
            return tables
    return []


def _goes_on(listed: Table, every: list[Table]) -> list[Table]:
    """The tables of the list's workbook over which it goes on: of the same titles, with other animals."""
    alike = [one for one in every if one.sheet.file == listed.sheet.file and {"animal", "arm"} <= set(one.roles)]
    same = len({(one.roles["animal"].title, one.roles["arm"].title) for one in alike}) == 1
    more = any(_ids(one) - _ids(listed) for one in alike)
    return alike if same and more and listed.name != "allocation" else [listed]


def _shares_ids(tables: list[Table]) -> bool:
    """Whether the sheets number their animals anew."""
    return len(set().union(*map(_ids, tables))) < sum(len(_ids(table)) for table in tables)


def _animals_of_sheets(tables: list[Table], within: bool) -> Iterator[str]:
    """The allocation list that the names of sheets make."""
    yield ""
    yield "animals:"
    yield f"  file: {quoted(tables[0].sheet.file)}" + DOUBT + "each sheet is an arm, by its name"
    yield "  every_sheet: true"
    yield "  sheet_is: arm"
    if within:
        yield "  ids_within_arm: true" + DOUBT + "each sheet numbers its animals anew"
    yield f"  columns: {{animal: {quoted(tables[0].called(tables[0].roles['animal']))}}}"


def _animals(table: Table | None, within: bool, alike: list[Table], shaped: bool) -> Iterator[str]:
    """The allocation list, which goes on in tables alike; `shaped` says that its file holds tests, too."""
    yield ""
    if table is None:
        yield (
            "# No list says which animal is in which arm: write one with a line an animal, Mouse and Group."
            + DOUBT.rstrip()
        )
        yield (
            "animals: {file: allocation.xlsx, columns: {animal: Mouse, arm: Group}}"
            + DOUBT
            + "name the file and its columns"
        )
        return
    sure = table.name == "allocation" and not shaped
    yield "animals:"
    yield f"  file: {quoted(table.sheet.file)}" + ("" if sure else DOUBT + "taken from the test sheet itself")
    if len(alike) > 1:
        yield "  every_sheet: true" + DOUBT + "the list goes on over the sheets"
    elif table.sheet.name:
        yield f"  sheet: {quoted(table.sheet.name)}"
    if within:
        yield "  ids_within_arm: true" + DOUBT + "each group numbers its animals anew"
    yield "  columns:"
    for role in ALLOCATION:
        said = role != "exclusion_reason" or sure or {"included", "excluded"} & set(table.roles)
        if role in table.roles and said:
            doubt = DOUBT + "does 1 or yes in it mean so?" if role in ("included", "excluded") else ""
            # A list has one header: the lower one of two.
            title = table.called(table.roles[role]).rpartition(" / ")[2]
            doubt += _more_groups(table) if role == "arm" else ""
            doubt += _with_paws(table) if role == "animal" else ""
            yield f"    {role}: {quoted(title)}{doubt}"


def _more_groups(table: Table) -> str:
    """The doubt where a second column names groups."""
    named = table.roles["arm"]
    more = [one for one in table.columns if role_of(one.title) == "arm" and one is not named and len(set(one.told)) > 1]
    if all(_tell_the_same(named, one) for one in more):
        return ""
    return DOUBT + f"{quoted(more[0].title)} names groups, too; write both into one column, as KO + drug, and name that"


def _tell_the_same(one: Column, other: Column) -> bool:
    """Whether two columns part the animals alike."""
    pairs = set(zip(map(as_text, one.cells), map(as_text, other.cells), strict=True))
    return len(pairs) == len({first for first, _ in pairs}) == len({second for _, second in pairs})


def _with_paws(table: Table) -> str:
    """The doubt where ids come in pairs that differ in L and R."""
    ids = _ids(table)
    stems = {
        found[1] for one in ids if (found := re.fullmatch(r"(.*\d)[ _-]?(?:[LR]|left|right|ipsi|contra)", one, re.I))
    }
    if len(ids) < 4 or 2 * len(stems) != len(ids):
        return ""
    return DOUBT + "do L and R behind the ids mean the paw? Then write id and paw into columns of their own"


def _key(label: str, taken: set[str]) -> str:
    """A short key for an arm."""
    ascii_only = unicodedata.normalize("NFKD", label.casefold()).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^a-z0-9]+", "_", ascii_only).strip("_") or "arm"
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


def _sure(listed: Table, found: Mapping[str, list[Table]]) -> bool:
    """Whether the only table with arms is a sheet of tests, so that it has to serve as the list."""
    return not any(
        "animal" in one.roles and {"arm", "arm_code"} & set(one.roles)
        for tables in found.values()
        for one in tables
        if one is not listed
    )


def _shaped(file: str, shapes: list[tuple[str | None, Shape]]) -> Iterator[str]:
    """The entries of a file whose sheets are no plain tables."""
    for sheet, shape in shapes:
        yield f"  - file: {quoted(file)}"
        if sheet is not None:
            yield f"    sheet: {quoted(sheet)}"
        for line in shape.lines:
            yield f"    {line}"


def _questions(arms: Mapping[str, list[str]], tested: Mapping[str, list[Table]], shaped: bool = False) -> Iterator[str]:
    """One question: each treated arm against the control."""
    keys, labels = _keys(arms), list(arms)
    controls = [keys[label] for label in arms if _role(label, labels) == "control"]
    treated = [keys[label] for label in arms if _role(label, labels) == "treated"]
    if not (controls and treated and (tested or shaped)):
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
