"""Sheets with a column a filament, a trial, a reading, a paw or an animal."""

from __future__ import annotations

import re
from itertools import pairwise

from hindpaw import filaments
from hindpaw.draft.entries import FIVE, SUDO
from hindpaw.draft.keys import FORCE, MARKS, Shape, keys_of, lines, named_hairs
from hindpaw.draft.words import DOUBT, quoted
from hindpaw.intake import guess, layouts
from hindpaw.intake.cells import Sheet, as_number, as_text
from hindpaw.intake.days import Calendar, day_of
from hindpaw.intake.guess import Column, Table
from hindpaw.intake.titles import SIDES, day_in, is_baseline, role_of, side_of
from hindpaw.intake.words import is_note, paw_in
from hindpaw.study import Days

TRIAL = re.compile(r"(?:trial|t|#|no\.?)?\s*(\d{1,2})", re.IGNORECASE)
REPEAT = re.compile(r"(?:trial|rep(?:eat|licate)?|measure(?:ment)?|reading|t|r|m)\W*(\d)", re.IGNORECASE)
NUMBERED = re.compile(
    r"(?:trial|application|stim(?:ulus|ulation)?|rep(?:eat|licate|etition)?)s?\W*(?:no\.?|number|#|id)?", re.IGNORECASE
)
# Of hairs that are chosen one after another, many stay unused.
CHOSEN_SHARE = 0.8
PAWS_TOLD = ("ipsilateral", "contralateral")


def columns_across(sheet: Sheet) -> Shape | None:
    """A column a filament, a trial, a reading or a paw."""
    table = guess.table_of(sheet)
    if table is None or "animal" not in table.roles:
        return None
    found = _trials_across(table) or _hairs_across(table) or _readings_across(table) or _paws_across(table)
    if found is None:
        return None
    days = tuple(dict.fromkeys(table.roles["day"].told)) if "day" in table.roles else ()
    sided = "paw" in table.roles and guess.paws_in(table.roles["paw"])
    side = ("injured_side: left" + DOUBT + "which side was injured?",) if sided else ()
    dayless = "day" not in table.roles and not any("day: " in line for line in found.lines)
    return Shape((*found.lines[:1], *side, *found.lines[1:]), (*found.said, *days), dayless)


def _trials_across(table: Table) -> Shape | None:
    """A column a trial, a mark in each."""
    found = [
        one
        for one in table.columns
        if TRIAL.fullmatch(one.title.strip()) and one.told and {text.casefold() for text in one.told} <= MARKS
    ]
    if len(found) < 4:
        return None
    hairs = table.roles.get("filament")
    if hairs and hairs.told and all(FORCE.fullmatch(text) for text in hairs.told):
        marks = ", ".join(quoted(table.called(one)) for one in found)
        keys = [*keys_of(table, *found), f"filament: {quoted(table.called(hairs))}"]
        return Shape(
            lines("filament-responses", *named_hairs(hairs.told), *_placed(table, keys, f"responses: [{marks}]"))
        )
    last = table.roles.get("last_filament")
    numbers = [as_number(text) for text in last.told] if last else []
    named_by = (
        "position"
        if all(number is not None and number == int(number) and number < 20 for number in numbers)
        else "grams"
    )
    trials = ", ".join(quoted(table.called(one)) for one in found)
    more = [
        "filaments: mouse-9" + DOUBT + "name the set that was used",
        f"last_filament_in: {named_by}" + DOUBT + "position, handle or grams?",
    ]
    more += [] if last else ["start: 5" + DOUBT + "the filament each series begins with"]
    more += [SUDO] if len(found) == FIVE and all(len(one.told) == len(found[0].told) for one in found) else []
    ends = [f"last_filament: {quoted(table.called(last))}"] if last else []
    return Shape(
        lines(
            "up-down-strings",
            *more,
            *_placed(table, keys_of(table, *found), ", ".join([f"responses: [{trials}]", *ends])),
            paw="paw" not in table.roles,
        )
    )


def _placed(table: Table, keys: list[str], cells: str) -> tuple[str, ...]:
    """The columns of an entry: of values in a line of `wide`, which can say the day, where no column does."""
    if "day" in table.roles:
        return (f"columns: {{{', '.join([*keys, cells])}}}",)
    return (f"columns: {{{', '.join(keys)}}}", "wide:", f"  - {{columns: {{{cells}}}}}")


def _readings_across(table: Table) -> Shape | None:
    """An electronic device: a column a reading."""
    found = [
        one for one in table.columns if REPEAT.fullmatch(one.title.strip()) and one.is_number and not one.is_series
    ]
    if len(found) < 2 or table.wide:
        return None
    wide = [f"  - {{columns: {{threshold: {quoted(table.called(one))}}}}}" for one in found]
    more = ("unit: g" + DOUBT + "g, mg or mN?", f"columns: {{{', '.join(keys_of(table, *found))}}}", "wide:", *wide)
    doubt = DOUBT + "readings of one session are averaged"
    return Shape(lines("device" + doubt, *more, paw="paw" not in table.roles))


def _paws_across(table: Table) -> Shape | None:
    """A row a day, and columns for each paw."""
    found = [(paw_in(one.title) or side_of(one.title), one) for one in table.columns]
    series = [(paw, one) for paw, one in found if paw and one.is_series]
    values = series or [(paw, one) for paw, one in found if paw and one.is_number]
    told_so = {paw for paw, _ in values}
    if told_so not in (set(PAWS_TOLD), set(SIDES)) or len(values) != 2 or table.wide:
        return None
    wide: list[str] = []
    more: list[str] = []
    lasts: list[Column] = []
    for paw, one in values:
        cells = f"{'responses' if series else 'threshold'}: {quoted(table.called(one))}"
        beside = [other for mine, other in found if mine == paw and other is not one and other.is_number]
        cells += f", last_filament: {quoted(table.called(beside[0]))}" if series and beside else ""
        wide.append(f"  - {{paw: {paw}, columns: {{{cells}}}}}")
        lasts += beside[:1]
    if series:
        # Both paws together say which set was used.
        told = guess.stacked([one for _, one in values])
        walk = guess.walk_of(told, guess.stacked(lasts) if len(lasts) == len(values) else None)
        doubt = DOUBT + f"{walk.share:.0%} of the series fit"
        more = [f"filaments: {walk.filaments}{doubt}", f"last_filament_in: {walk.named_by}"]
        more += [f"start: {walk.start}{doubt}; null where it may vary"] if walk.start else []
    keys = f"columns: {{{', '.join(keys_of(table, *(one for paw, one in found if paw)))}}}"
    more += ["injured_side: left" + DOUBT + "which side was injured?"] if told_so == set(SIDES) else []
    unit = [] if series else ["unit: g" + DOUBT + "g, mg or mN?"]
    return Shape(lines("up-down-strings" if series else "thresholds", *more, *unit, keys, "wide:", *wide, paw=False))


def _hairs_across(table: Table) -> Shape | None:
    """A column a filament with x of n, percentages or marks; or a row a filament."""
    hairs = [one for one in table.columns if FORCE.fullmatch(_hair(one)) and as_number(one.title) != one.place]
    numbers = [as_number(found[1]) for one in hairs if (found := FORCE.fullmatch(_hair(one)))]
    known = {force for name in filaments.series() for force in filaments.shipped(name).nominal_g}
    fitting = sum(number in known for number in numbers)
    keys = [
        f"{name}: {quoted(table.called(table.roles[name]))}"
        for name in ("animal", "day", "paw", "tester")
        if name in table.roles and table.roles[name] not in hairs
    ]
    paw = "paw" not in table.roles
    rising = [(_over(one), number or 0.0) for one, number in zip(hairs, numbers, strict=True)]
    rises = all(former[0] != latter[0] or former[1] < latter[1] for former, latter in pairwise(rising))
    repeats = guess.are_repeats(list(map(_hair, hairs)))
    if len(hairs) >= 3 and fitting >= 0.7 * len(hairs) and rises and not repeats:
        cells = [text for one in hairs for text in one.told]
        wide = [
            f"  - {{{_day_over(one)}filament: {number:g}, columns: {{responses: {quoted(table.called(one))}}}}}"
            for one, number in zip(hairs, numbers, strict=True)
            if number is not None
        ]
        more = (
            *(("header_rows: 2",) if table.header_rows == 2 else ()),
            *named_hairs([_hair(one) for one in hairs]),
            *_counted(cells),
            *_chosen(hairs),
            f"columns: {{{', '.join(keys)}}}",
            "wide:",
            *wide,
        )
        return Shape(lines("filament-responses", *more, paw=paw), tuple(dict.fromkeys(filter(None, map(_over, hairs)))))
    column = table.roles.get("filament")
    answers = next(
        (
            one
            for one in table.columns
            if re.search(r"respon|withdraw|count|%|percent|positive", one.title, re.IGNORECASE) and one is not column
        ),
        None,
    )
    if column is None or answers is None or not all(FORCE.fullmatch(text) for text in column.told) or answers.is_series:
        return None
    keys += [f"filament: {quoted(table.called(column))}", f"responses: {quoted(table.called(answers))}"]
    applied = table.roles.get("applications")
    keys += [f"applications: {quoted(table.called(applied))}"] if applied and applied is not answers else []
    numbered = any(NUMBERED.fullmatch(one.title.strip()) and one.is_number for one in table.columns)
    single = ("applications: 1" + DOUBT + "a row an application, added up for each filament",)
    counted = () if applied else single if numbered and set(answers.told) <= {"0", "1"} else _counted(answers.told)
    return Shape(
        lines("filament-responses", *named_hairs(column.told), *counted, f"columns: {{{', '.join(keys)}}}", paw=paw)
    )


def _chosen(hairs: list[Column]) -> tuple[str, ...]:
    """The protocol where each row has marks under some hairs only, as of hairs that were chosen one after another."""
    cells = [as_text(cell) for one in hairs for cell in one.cells]
    told = [text for text in cells if text]
    marks = all(set(text.casefold()) <= MARKS - {"0", "1"} for text in told)
    if not marks or len(told) > CHOSEN_SHARE * len(cells):
        return ()
    doubt = "marks under some hairs only; percent-response where every hair was to be applied"
    return ("protocol: up-down" + DOUBT + doubt,)


def _hair(column: Column) -> str:
    """The part of a title that may name a filament: the lower one of two rows, without a remark in brackets."""
    return re.sub(r"\s*\([^()]*\)$", "", column.title.rpartition(" / ")[2]).strip()


def _over(column: Column) -> str:
    """The upper one of two rows of a title."""
    return column.title.rpartition(" / ")[0]


def _day_over(column: Column) -> str:
    """The day that the upper row of a title says, as a key."""
    upper = _over(column)
    day = day_in(upper)
    return (
        ""
        if not upper
        else f"day: {day:g}, "
        if day is not None
        else f"day: {'BL' if is_baseline(upper) else quoted(upper)}, "
    )


def _counted(cells: list[str]) -> tuple[str, ...]:
    """How responses to a filament are written, and out of how many where no cell says it."""
    numbers = [number for number in map(as_number, cells) if number is not None]
    if any("/" in text or "%" in text for text in cells) or not numbers:
        return ()
    if max(numbers) > 10:
        return (
            "responses_in: percent" + DOUBT + "or count",
            "applications: 5" + DOUBT + "how often was each hair applied?",
        )
    if any(number != int(number) for number in numbers):
        return (
            "responses_in: share" + DOUBT + "60 % as 0.6",
            "applications: 5" + DOUBT + "how often was each hair applied?",
        )
    return (f"applications: {10 if max(numbers) > 5 else 5}" + DOUBT + "how often was each hair applied?",)


def animals_across(sheet: Sheet, animals: set[str]) -> Shape | None:
    """A column an animal and a row a day, as Prism tables and many sheets have it."""
    for index, row in enumerate(sheet.rows[:20]):
        titles = list(map(as_text, row))
        below = [line for line in sheet.rows[index + 1 :] if any(map(as_text, line))]
        days = [as_text(line[0]) for line in below if line and as_text(line[0])]
        ids = [(place, title) for place, title in enumerate(titles) if place and title]
        values = [as_text(line[place]) for line in below for place, _ in ids if len(line) > place]
        told = [text for text in values if text and not is_note(text)]
        known = [title for _, title in ids if title in animals]
        # A Prism table of values has days in its first column; one of means and SDs has no animal.
        heads = re.fullmatch(
            r"ROWTITLE|X|.*\b(?:days?|weeks?|dpi|time ?points?)\b.*", titles[0] if titles else "", re.IGNORECASE
        )
        means = any(
            re.search(r"(?:^|_)(?:MEAN|SDN?|SEM?|CV|N|[A-Z]+ERROR|[A-Z]+LIMIT)$", title, re.I) for title in titles
        )
        prism = sheet.file.lower().endswith(".pzfx") and bool(heads) and not means
        alone = not animals and not means and len(days) > 1 and _are_ids(titles[1:])
        # A row an animal, whose trials are numbered as animals are.
        if titles and role_of(titles[0]) == "animal" and set(days) <= animals:
            continue
        if len(ids) < 2 or not days or not told or not (len(known) >= 0.7 * len(ids) or prism or alone):
            continue
        if any(day_of(text) is None and not _is_word_of_day(text) for text in days):
            continue
        if sum(as_number(text) is not None for text in told) < 0.8 * len(told):
            continue
        wide = [
            f"  - {{animal: {quoted(title)}, columns: {{threshold: {quoted(_column(titles, place))}}}}}"
            for place, title in ids
        ]
        doubt = DOUBT + "g, mg or mN?"
        if len(known) < len(ids):
            wide[0] += DOUBT + "is each column an animal? Then each needs a line in the allocation list"
        day = quoted(titles[0]) if titles[0] else "column A"
        more = (f"unit: g{doubt}", f"columns: {{day: {day}}}", "wide:", *wide)
        return Shape(lines("thresholds", *more), said=tuple(dict.fromkeys(days)))
    return None


def _are_ids(titles: list[str]) -> bool:
    """Whether titles may be ids: each once, none with a meaning of its own, and a number in nearly all.

    >>> _are_ids(["M1", "M2", "#3"]), _are_ids(["0.07 g", "0.4 g"]), _are_ids(["Weight", "PWT"]), _are_ids(["d1", "d2"])
    (True, False, False, False)
    """
    told = [title for title in titles if title]
    plain = [
        one for one in told if (re.search(r"\d", one) and not FORCE.fullmatch(one)) or re.fullmatch(r"\d{2,}", one)
    ]
    means = any(role_of(one) not in (None, "animal") or (day_of(one) is not None and not one.isdigit()) for one in told)
    return len(told) > 1 and len(set(told)) == len(told) and len(plain) >= 0.8 * len(told) and not means


def _column(titles: list[str], place: int) -> str:
    """A column by its title, or by its letter where others have the same."""
    return titles[place] if titles.count(titles[place]) == 1 else f"column {layouts.letters(place)}"


def _is_word_of_day(text: str) -> bool:
    """Whether a text means baseline, or a date."""
    return is_baseline(text) or Calendar(Days(0.0, 0.0)).advice([text]).startswith("Give the date")
