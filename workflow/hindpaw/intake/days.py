"""What a cell, a header or the name of a sheet says about the day: numbers, words, weeks and dates."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass

from hindpaw.intake.cells import as_number, as_text
from hindpaw.study import Days

# A number by itself or after the word day, or stuck to it; words without digits may follow.
DAY = re.compile(
    r"(?:(?:day|d|tag|d[ií]a|jour|giorno|dpi|dpo|pod|post-?op(?:erative)? day)\.?\s+)?([-\u2212]?\d+(?:\.\d+)?)(?P<rest>\D*)"
    r"|(?:day|d|tag|d[ií]a|jour|giorno|j|dpi|dpo|pod)\.?\+?(\d+(?:\.\d+)?)(?P<more>\D*)",
    re.IGNORECASE,
)
WEEK = re.compile(
    r"(?:week|wk|w|woche|semana|semaine|wpi)\.?\s*(\d+(?:\.\d+)?)\D*"
    r"|(\d+(?:\.\d+)?)\s*(?:weeks?|wks?|w|wochen?|semanas?|semaines?|wpi)\b\D*",
    re.IGNORECASE,
)
OTHER_UNIT = re.compile(r"\s*(?:h|hr|hrs|hours?|min|minutes?|s|sec|mo|months?|years?|g|mg|mn|µl|ul|%)\b", re.IGNORECASE)
BASELINE = {
    "bl",
    "baseline",
    "base line",
    "basal",
    "base",
    "naive baseline",
    "pre-injury",
    "preinjury",
    "pre-op",
    "preop",
    "pre-surgery",
    "línea basal",
    "linea basal",
    "basalwert",
    "ausgangswert",
}
NUMBERED_DATE = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?")
NAMED_DATE = re.compile(r"(\d{1,2})[-. ]\s?([A-Za-z]{3,9})[-. ]\s?(\d{2,4})")
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
# Beyond these a number is a date as Excel stores it, a year, or a typing error.
PLAUSIBLE = (-400.0, 2000.0)


def day_of(text: object) -> float | None:
    """The day a cell or a sheet name states, or None; a week that is named as one counts seven days.

    `Day-1` could be day −1 or day 1, so it is refused; `Day -1` is read. `Sheet 2` is no day.

    >>> [day_of(text) for text in ("Day -1", "d14", 7.0, "3 dpi", "day 7 after CCI", "week 2", "2 wks")]
    [-1.0, 14.0, 7.0, 3.0, 7.0, 14.0, 14.0]
    >>> [day_of(text) for text in ("Día 3", "Jour 7", "Semana 2")]
    [3.0, 7.0, 14.0]
    >>> [day_of(text) for text in ("Day-1", "3 and 5", "Sheet 2", "2025-01-07", "24 h")]
    [None, None, None, None, None]
    """
    number = as_number(text)
    if number is not None:
        return number
    plain = as_text(text)
    week = WEEK.fullmatch(plain)
    if week:
        return 7.0 * float(week[1] or week[2])
    found = DAY.fullmatch(plain)
    if not found or OTHER_UNIT.match(found["rest"] or found["more"] or ""):
        return None
    return float((found[1] or found[3]).replace("\u2212", "-"))


def date_of(cell: object, order: str | None) -> datetime.date | None:
    """The date a cell holds, or None; 03/04/2024 needs the order of day and month.

    >>> date_of("2024-03-04", None), date_of("4 Mar 2024", None), date_of("03/04/2024", None)
    (datetime.date(2024, 3, 4), datetime.date(2024, 3, 4), None)
    >>> date_of("03/04/2024", "day-first"), date_of("25.3.24", None)
    (datetime.date(2024, 4, 3), datetime.date(2024, 3, 25))
    """
    if isinstance(cell, datetime.datetime):
        return cell.date()
    if isinstance(cell, datetime.date):
        return cell
    text = as_text(cell)
    named, numbered = NAMED_DATE.fullmatch(text), NUMBERED_DATE.fullmatch(text)
    if named and named[2][:3].casefold() in MONTHS:
        return _date(int(named[3]), MONTHS.index(named[2][:3].casefold()) + 1, int(named[1]))
    if not numbered:
        return None
    one, two, three = map(int, numbered.groups())
    if len(numbered[1]) == 4:
        return _date(one, two, three)
    # A point between the numbers is the German, Russian and Swiss habit: day first. So is a day above 12.
    if order == "day-first" or "." in text or one > 12:
        return _date(three, two, one)
    if order == "month-first" or two > 12:
        return _date(three, one, two)
    return None


def _date(year: int, month: int, day: int) -> datetime.date | None:
    """The date, or None where there is no such day."""
    try:
        return datetime.date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None


@dataclass(frozen=True)
class Calendar:
    """The study's way of counting days."""

    days: Days

    def day(self, cell: object, animal: str | None = None) -> float | None:
        """Days since injury that a cell states, a date counted from the animal's own injury where the allocation
        list has one; None where it states none that can be read."""
        text = as_text(cell).casefold()
        if text in self.days.named:
            return self.days.named[text] - self.days.injury
        if text in BASELINE and self.days.baseline is not None:
            return self.days.baseline - self.days.injury
        date = date_of(cell, self.days.date_order)
        if date is not None:
            start = self.days.injured.get(animal or "", self.days.injury_date)
            return None if start is None else float((date - start).days)
        number = as_number(cell)
        found = day_of(cell) if number is None else number * (7.0 if self.days.unit == "week" else 1.0)
        if found is None or not PLAUSIBLE[0] <= found <= PLAUSIBLE[1]:
            return None
        return found - self.days.injury

    def advice(self, cells: Iterable[object]) -> str:
        """What to do about cells that state no readable day."""
        texts = [as_text(cell) for cell in cells]
        dates = [text for text in texts if NUMBERED_DATE.fullmatch(text) or NAMED_DATE.fullmatch(text)]
        if dates and self.days.injured:
            return "Give the animal its date of injury in the allocation list."
        if dates and self.days.injury_date is None:
            return "Give the date of injury under days: injury_date: 2024-03-01, so that dates count from it; or, where animals were injured on different dates, name the column: animals: columns: injury_date."
        if dates:
            return f'Say which comes first in "{dates[0]}" under days: date_order: day-first or month-first.'
        shown = next((text for text in texts if text), "BL")
        return f'Write days since injury as a number; or say what the words mean under days: names: {{"{shown}": …}}.'


def says_week(header: str) -> bool:
    """Whether a header counts in weeks.

    >>> says_week("Week after CCI"), says_week("Day"), says_week("Weight")
    (True, False, False)
    """
    return bool(re.search(r"\b(?:weeks?|wks?|wochen?|semanas?|semaines?|wpi)\b", header, re.IGNORECASE))
