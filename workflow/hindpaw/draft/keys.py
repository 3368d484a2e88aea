"""The keys of an entry for von Frey sheets: what every shape of a sheet has to say."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hindpaw import filaments
from hindpaw.draft.words import DOUBT, quoted
from hindpaw.intake import guess
from hindpaw.intake.cells import as_number
from hindpaw.intake.guess import Column, Table

FORCE = re.compile(r"(\d+(?:[.,]\d+)?(?:E-\d+)?)\s*(?:g|gr|grams?)?", re.IGNORECASE)
MARKS = {"x", "o", "0", "1", "+", "-", "×", "○"}


@dataclass(frozen=True)
class Shape:
    """A way to read a sheet (or several): the keys of its entry below `file`, the days its labels say, and whether
    nothing in it says the day."""

    lines: tuple[str, ...]
    said: tuple[str, ...] = ()
    dayless: bool = False


def lines(layout: str, *more: str, paw: bool = True) -> tuple[str, ...]:
    """The first keys of an entry and the rest."""
    told = ("paw: ipsilateral" + DOUBT + "relative to the injury",) if paw else ()
    return (f"layout: {layout}", *told, *more)


def of_table(table: Table, **said: str) -> tuple[str, ...]:
    """The keys of a table in a block or of a sheet, without what their labels say."""
    names = ("animal", "day", "paw", "tester", "session", "responses", "last_filament", "first_filament", "threshold")
    series = "responses" in table.roles
    wanted = [
        name for name in names if name in table.roles and name not in said and (series or name != "last_filament")
    ]
    columns = ", ".join(f"{name}: {quoted(table.called(table.roles[name]))}" for name in wanted)
    layout = "up-down-strings" if series else "thresholds"
    more = []
    if series:
        walk = guess.walk_of(table.roles["responses"], table.roles.get("last_filament"))
        doubt = DOUBT + f"{walk.share:.0%} of the series fit"
        more = [f"filaments: {walk.filaments}{doubt}", f"last_filament_in: {walk.named_by}"]
        more += [f"start: {walk.start}{doubt}; null where it may vary"] if walk.start is not None else []
    return lines(layout, *more, f"columns: {{{columns}}}", paw="paw" not in table.roles and "paw" not in said)


def keys_of(table: Table, *without: Column) -> list[str]:
    """The columns that say whose and when a datum is."""
    names = ("animal", "arm", "day", "paw", "tester")
    known = [name for name in names if name in table.roles and not any(table.roles[name] is one for one in without)]
    return [f"{name}: {quoted(table.called(table.roles[name]))}" for name in known]


def named_hairs(forces: list[str]) -> tuple[str, ...]:
    """The filament set that holds these hairs, and how they are named."""
    numbers = [as_number(found[1]) for found in map(FORCE.fullmatch, forces) if found]
    told = [number for number in numbers if number is not None]
    fits = []
    for name in filaments.series():
        known = filaments.shipped(name)
        for named_by in ("grams", "handle", "position"):
            share = sum(known.position(number, named_by) is not None for number in told) / len(told)
            fits.append((share, -len(known), name, named_by))
    share, _, name, named_by = max(fits, key=lambda one: one[:2])
    doubt = DOUBT + f"{share:.0%} of the hairs are in it; name the set that was used"
    return (f"filaments: {name}{doubt}", f"last_filament_in: {named_by}", "scale: nominal" + DOUBT + "or handle")
