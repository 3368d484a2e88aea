"""The von Frey entries and the calendar of a draft."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

from hindpaw import filaments
from hindpaw.draft.calendar import day_columns, is_within_day, is_word
from hindpaw.draft.words import DOUBT, quoted
from hindpaw.intake import guess
from hindpaw.intake.cells import as_number, as_text
from hindpaw.intake.days import day_of
from hindpaw.intake.guess import Column, Table
from hindpaw.intake.readings import unit_of
from hindpaw.intake.series import plain_series
from hindpaw.intake.titles import beyond_day, day_in, is_baseline, side_of
from hindpaw.intake.words import is_summary, paw_in

REPEAT = re.compile(r"(?:trial|rep(?:eat|licate)?|measure(?:ment)?|reading|test|t|r|m|#)?\W*\d{1,2}", re.IGNORECASE)
# Five presentations to every animal are the simplified rule; up-down takes more where the first change comes late.
FIVE, FEWEST_OF_FIVE = 5, 4
SUDO = "protocol: sudo" + DOUBT + "each series has five presentations; up-down if only by chance"


def von_frey(
    file: str,
    tables: list[Table],
    every: list[Table],
    hairs: Table | None,
    within: bool = False,
    arm_of: Callable[[Table], str | None] = lambda table: None,
) -> Iterator[str]:
    """The entries of one file; `within` says that each arm numbers its animals anew, `arm_of` which arm a sheet is."""
    first = tables[0]
    per_day = len(tables) > 1 and all(
        (day_of(table.sheet.name) is not None or is_baseline(table.sheet.name)) and not paw_in(table.sheet.name)
        for table in tables
    )
    for table in [first] if per_day else tables:
        yield f"  - file: {quoted(file)}"
        if per_day:
            yield "    sheet_per_day: true"
        elif table.sheet.name and len(every) > 1:
            yield f"    sheet: {quoted(table.sheet.name)}"
        yield from _entry(table, per_day, hairs, within, arm_of(table))


def _entry(table: Table, per_day: bool, hairs: Table | None, within: bool, arm: str | None) -> Iterator[str]:
    """The keys of one entry below its file."""
    series = "responses" in table.roles or any(one.is_series for one in table.wide)
    repeated = Counter((_when(one, table), _paw(one)) for one in table.wide).most_common(1)
    apart = repeated and repeated[0][1] > 1 and not _are_sessions(table)
    if series:
        yield "    layout: up-down-strings"
    elif apart and not any(map(is_word, table.wide)):
        yield "    layout: device" + DOUBT + "several readings of a session are averaged"
    else:
        yield "    layout: thresholds" + DOUBT + "or device, for readings to be averaged"
    said = paw_in(table.sheet.name) or paw_in(table.sheet.file)
    doubt = "" if "paw" in table.roles or said else DOUBT + "relative to the injury"
    yield f"    paw: {said or 'ipsilateral'}{doubt}"
    sided = {side_of(one.title) for one in table.wide} - {None}
    if ("paw" in table.roles and guess.paws_in(table.roles["paw"])) or len(sided) == 2:
        yield "    injured_side: left" + DOUBT + "which side was injured?"
    if table.header_rows == 2:
        yield "    header_rows: 2"
    if series:
        yield from _hairs(table, hairs)
    else:
        value = table.roles.get("threshold")
        said = unit_of(value.title) if value else next(filter(None, (unit_of(one.title) for one in table.wide)), None)
        yield f"    unit: {said if said in ('g', 'mg', 'mN') else 'g'}" + ("" if said else DOUBT + "g, mg or mN?")
    names = [*(["arm"] if within else []), "animal", "paw", "tester", "session"] + (
        []
        if table.wide or not (day_columns(table) or per_day)
        else ["responses", "last_filament", "first_filament"]
        if series
        else ["threshold"]
    )
    pairs = [f"{role}: {quoted(table.called(table.roles[role]))}" for role in names if role in table.roles]
    columns = day_columns(table)
    pairs = [pair for pair in pairs if not any(pair == f"session: {quoted(table.called(one))}" for one in columns)]
    if columns and not per_day:
        called = [quoted(table.called(one)) for one in columns]
        pairs.append(f"day: {called[0]}" if len(called) == 1 else f"day: [{', '.join(called)}]")
    doubt = DOUBT + f"is {quoted(table.roles['threshold'].title)} the threshold?" if table.guessed else ""
    yield "    columns: {" + ", ".join(pairs) + "}" + doubt
    filled = [role for role in ("arm", "animal") if f"{role}: " in " ".join(pairs) and _goes_down(table, role)]
    if filled:
        yield f"    fill_down: [{', '.join(filled)}]" + DOUBT + "does a blank cell mean the one above it?"
    if not columns and not per_day and not table.wide:
        yield from _one_day(table, series)
    yield from _wide(table, arm)
    left = [quoted(one.title) for one in table.columns if one.is_number and one.title and not _is_read(table, one)]
    if left:
        yield f"    # Columns of numbers that are not read: {', '.join(left)}"


def _is_read(table: Table, column: Column) -> bool:
    """Whether a column is read: for its role, as values of a day, or as the last filaments beside them."""
    across = {one.place for one in table.wide if one.is_series}
    roles = [one for name, one in table.roles.items() if name not in ("filament", "applications", "handle")]
    return any(column is one for one in [*roles, *table.wide]) or column.place - 1 in across


def _goes_down(table: Table, role: str) -> bool:
    """Whether a column has blanks beside values, below its first cell that is filled, as merged by eye."""
    values = [table.roles[name] for name in ("responses", "threshold") if name in table.roles] or table.wide
    told = [as_text(cell) for cell in table.roles[role].cells]
    means = [any(is_summary(one.cells[row]) for one in table.columns) for row in range(len(told))]
    rows = [any(as_text(one.cells[row]) for one in values) and not mean for row, mean in enumerate(means)]
    if any(first == table.roles[role].place for _, first, _, _ in table.sheet.merged):
        return False
    return bool(told and told[0]) and any(held and not text for held, text in zip(rows, told, strict=True))


def _one_day(table: Table, series: bool) -> Iterator[str]:
    """The values of a sheet that says no day."""
    names = ("responses", "last_filament", "first_filament") if series else ("threshold",)
    cells = ", ".join(f"{name}: {quoted(table.called(table.roles[name]))}" for name in names if name in table.roles)
    yield "    wide:"
    yield (
        f"      - {{day: {_day_of_sheet(table)}, columns: {{{cells}}}}}"
        + DOUBT
        + "no column says the day; on which day was all of it measured?"
    )


def _are_sessions(table: Table) -> bool:
    """Whether columns of one day say what tells them apart, and not only that they are repeated."""
    told = [(one.day, _paw(one), beyond_day(one.title)) for one in table.wide if one.day is not None]
    if len({(day, paw) for day, paw, _ in told}) == len(told):
        return False
    words = [word for _, _, word in told if word]
    return len(words) == len(told) == len(set(told)) and not any(map(REPEAT.fullmatch, words))


def _when(column: Column, table: Table) -> str:
    """What the title of a wide column says of the day, as the study file does."""
    if is_within_day(column, table):
        return column.title
    if column.day is not None:
        return f"{column.day:g}"
    return "BL" if is_baseline(column.title) else column.title


def _day_of_sheet(table: Table) -> str:
    """The day that the name of a sheet says, else 0."""
    day = day_in(table.sheet.name)
    return "BL" if day is None and is_baseline(table.sheet.name) else f"{day or 0:g}"


def _paw(column: Column) -> str | None:
    """The paw or side that the title of a wide column says."""
    return paw_in(column.title) or side_of(column.title)


def _wide(table: Table, arm: str | None) -> Iterator[str]:
    """The columns of values of a wide table, each with its day (and arm, where the sheet says it)."""
    told = {_paw(one) for one in table.wide}
    paws = "contralateral" in told or {"left", "right"} <= told
    if table.wide:
        yield "    wide:"
    for column in table.wide:
        said = _paw(column)
        day = _when(column, table)
        session = beyond_day(column.title) if _are_sessions(table) and day != column.title else ""
        paw = f", paw: {said}" if said and paws else ""
        paw += f", arm: {quoted(arm)}" if arm else ""
        paw += f", session: {quoted(session)}" if session else ""
        cells = (
            f"responses: {quoted(table.called(column))}"
            if column.is_series
            else f"threshold: {quoted(table.called(column))}"
        )
        if column.is_series:
            beside = [
                one for one in table.columns if one.place == column.place + 1 and one.is_number and not one.is_series
            ]
            cells += f", last_filament: {quoted(table.called(beside[0]))}" if beside else ""
        elif any(one.is_series for one in table.wide):
            continue
        yield f"      - {{day: {day if as_number(day) is not None else quoted(day)}{paw}, columns: {{{cells}}}}}"


def _hairs(table: Table, hairs: Table | None) -> Iterator[str]:
    """The filament set under which most series are legal."""
    own = None
    if hairs is not None:
        roles = _hair_columns(hairs)
        handles = [as_number(cell) for cell in hairs.roles["handle"].cells]
        known = tuple(handle for handle in handles if handle is not None)
        forces = tuple(map(filaments.handle_force_g, known))
        own = filaments.FilamentSet("own", known, forces, forces)
        yield "    filaments:"
        yield f"      file: {quoted(hairs.sheet.file)}"
        if hairs.sheet.name:
            yield f"      sheet: {quoted(hairs.sheet.name)}"
        yield (
            "      columns: {" + ", ".join(f"{role}: {quoted(hairs.called(one))}" for role, one in roles.items()) + "}"
        )
    responses, last = table.roles.get("responses"), table.roles.get("last_filament")
    if responses is None or table.wide:
        across = [one for one in table.wide if one.is_series]
        beside = [one for one in table.columns if one.place in {mine.place + 1 for mine in across} and one.is_number]
        responses = guess.stacked(across)
        last = guess.stacked(beside) if len(beside) == len(across) else None
    lengths = [len(plain_series(text)[0]) for text in responses.told]
    if len(lengths) >= FEWEST_OF_FIVE and set(lengths) == {FIVE}:
        yield f"    {SUDO}"
    walk = guess.walk_of(responses, last, own)
    doubt = f"{walk.share:.0%} of the series fit"
    if own is None:
        yield f"    filaments: {walk.filaments}" + DOUBT + f"{doubt}; name the set that was used"
    yield f"    last_filament_in: {walk.named_by}"
    if walk.start is not None:
        yield f"    start: {walk.start}" + DOUBT + f"{doubt}; null where it may vary"
    elif last is None and "first_filament" not in table.roles:
        yield "    start: 5" + DOUBT + "no column says a filament: with which one does each series begin?"


def _hair_columns(table: Table) -> dict[str, Column]:
    """The columns of a filament table by what they hold."""
    handle = table.roles["handle"]
    roles = {"handle": handle}
    before = [
        one
        for one in table.columns
        if one.place < handle.place
        and [as_number(text) for text in one.told] == list(range(1, len(one.told) + 1))
        and len(one.told) == len(handle.told)
    ]
    if before:
        roles["position"] = before[-1]
    for one in table.columns:
        plain = one.title.casefold()
        if one.place > handle.place and one.is_number and len(one.told) >= len(handle.told) - 1:
            if re.search(r"force|\(g\)|gram", plain) and "force_g" not in roles:
                roles["force_g"] = one
            elif re.search(r"mark|nominal|label|target", plain) and "nominal_g" not in roles:
                roles["nominal_g"] = one
    return roles
