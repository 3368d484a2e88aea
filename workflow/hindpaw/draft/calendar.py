"""The calendar of a draft: which days, dates, weeks and moments the sheets tell."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping

from hindpaw.draft.words import DOUBT, quoted
from hindpaw.intake.cells import as_text
from hindpaw.intake.days import date_of, day_of, says_week
from hindpaw.intake.guess import Column, Table
from hindpaw.intake.titles import beyond_day, hours_in, is_baseline, is_date, is_moment


def day_columns(table: Table) -> list[Column]:
    """The columns that say the day: one, or with it those that tell its tests of one animal apart."""
    if "day" not in table.roles or table.wide:
        return []
    day, animal = table.roles["day"], table.roles.get("animal")
    words = any(day_of(text) is None for text in day.told)
    others = [
        one
        for one in table.columns
        if one not in (day, animal) and one.told and not one.is_number and not one.is_series
    ]
    if not words or animal is None:
        return [day]
    rows = [tuple(as_text(one.cells[row]) for one in (animal, day)) for row in range(len(day.cells))]
    repeated = len(set(rows)) < len([row for row in rows if any(row)])
    return [*[one for one in others if len(set(one.told)) <= 6], day] if repeated else [day]


def days(tested: Mapping[str, list[Table]], told: Iterable[str] = ()) -> Iterator[str]:
    """The calendar, as far as the sheets tell it; `told` are days said elsewhere: in labels, names of sheets."""
    told = list(told)
    days: set[float] = {day for day in map(day_of, told) if day is not None}
    written: list[object] = list(told)
    others = [text for text in told if day_of(text) is None and not _dates([text])]
    words: dict[str, None] = dict.fromkeys(text for text in others if not is_baseline(text))
    days |= {-1.0} if any(map(is_baseline, others)) and not any(day < 0 for day in days) else set()
    weeks = False
    bases: list[str] = []
    moments: dict[str, float] = {}
    for tables in tested.values():
        for table in tables:
            columns = day_columns(table)
            written += columns[0].cells if len(columns) == 1 else []
            written += [one.title for one in table.wide]
            for row in range(len(columns[0].cells) if columns else 0):
                said = " ".join(filter(None, (as_text(one.cells[row]) for one in columns)))
                found = day_of(said)
                if found is None and said and not (len(columns) == 1 and _dates([columns[0].cells[row]])):
                    words.setdefault(said)
                elif found is not None:
                    days.add(found)
            weeks = weeks or any(says_week(one.title) for one in columns)
            days |= {one.day for one in table.wide if one.day is not None and not is_within_day(one, table)}
            words |= dict.fromkeys(one.title for one in table.wide if is_word(one))
            moments |= {one.title: _day_of_moment(one) for one in table.wide if is_within_day(one, table)}
            named = day_of(table.sheet.name)
            days |= {named} if named is not None and len(tables) > 1 else set()
            named_so = [table.sheet.name] if len(tables) > 1 else []
            bases += [text for text in [*(one.title for one in table.wide), *named_so] if is_baseline(text)]
    order, dates = _order(written), _dates(written)
    before = [day for day in days if day < 0]
    yield ""
    yield "days:"
    if before:
        yield f"  baseline: {max(before):g}"
    elif bases:
        yield "  baseline: -1" + DOUBT + f'which day before injury is "{bases[0]}"?'
    yield "  injury: 0"
    yield "  treatment: 0" + DOUBT + "on which day after injury was the treatment?"
    if dates:
        yield (
            f"  injury_date: {min(dates).isoformat()}" + DOUBT + "the date of injury; here it is the first date of all"
        )
        yield f"  date_order: {order}" + DOUBT + "or the other, day-first or month-first; say which 03/04/2024 is"
    if weeks:
        yield "  unit: week" + DOUBT + "do the sheets count in weeks?"
    if words or moments:
        doubt = "" if moments else " Here they only keep their order."
        yield "  names:" + DOUBT + f"on which day was each of these?{doubt}"
        for word, day in [*((word, float(place)) for place, word in enumerate(words)), *moments.items()]:
            yield f"    {quoted(word)}: {day:.4g}" + DOUBT.rstrip()
    yield ""


def is_word(column: Column) -> bool:
    """Whether the title of a wide column is a word that stands for a day."""
    return column.day is None and not is_baseline(column.title) and not is_date(column.title)


def is_within_day(column: Column, table: Table) -> bool:
    """Whether a wide column is of a moment of a day of which others tell other moments."""
    alike = [one for one in table.wide if one.day is not None and one.day == column.day]
    return len(alike) > 1 and is_moment(beyond_day(column.title)) and hours_in(beyond_day(column.title)) is not None


def _day_of_moment(column: Column) -> float:
    """The day of a moment, with its hours."""
    return (column.day or 0.0) + (hours_in(beyond_day(column.title)) or 0.0) / 24


def _dates(cells: Iterable[object]) -> list[datetime.date]:
    """The dates among cells, the day first unless one of them can only have the month first."""
    cells = list(cells)
    found = [date_of(cell, _order(cells)) for cell in cells]
    return [date for date in found if date is not None]


def _order(cells: Iterable[object]) -> str:
    """Which of day and month comes first in dates."""
    texts = [as_text(cell) for cell in cells]
    monthly = any(date_of(text, "day-first") is None and date_of(text, "month-first") for text in texts)
    return "month-first" if monthly else "day-first"
