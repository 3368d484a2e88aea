"""A refit in words, and the row of a claim's refits that its statement turns on."""

from __future__ import annotations

import math

import pandas as pd

from hindpaw import phrases
from hindpaw.audit.paper import NAMES, listed_tests
from hindpaw.audit.printed import LEVEL
from hindpaw.tables import Claims, Refits


def decisive(claim: pd.Series, made: pd.DataFrame, test: str) -> pd.Series | None:
    """The row of a test that a claim turns on: its term, its time's comparison, or the effect of arm.

    Parameters
    ----------
    made : the claim's rows of `refits`
    test : one of the claim's tests
    """
    rows = made[(made[Refits.test] == test) & made[Refits.p].notna()]
    if rows.empty:
        return None
    terms = rows[rows[Refits.term].isin(["arm", "time", "interaction"])]
    compared = rows[~rows.index.isin(terms.index)]
    if isinstance(claim[Claims.term], str) and len(terms):
        chosen = terms[terms[Refits.term] == claim[Claims.term]]
    elif _at_a_time(claim) and len(compared) and compared[Refits.time].notna().any():
        chosen = compared[compared[Refits.time] == claim[Claims.time]]
    elif terms.empty or (isinstance(claim[Claims.post_hoc], str) and compared[Refits.time].isna().any()):
        chosen = compared
    else:
        chosen = terms[terms[Refits.term] == "arm"]
    return chosen.iloc[0] if len(chosen) else None


def _at_a_time(claim: pd.Series) -> bool:
    """Whether a claim is about one week or day."""
    return claim[Claims.by] in ("week", "day") and not math.isnan(claim[Claims.time])


def p_of(row: pd.Series | None) -> float:
    """The p a reader of the paper would see: corrected where the paper corrects."""
    if row is None:
        return math.nan
    return float(row[Refits.p] if math.isnan(row[Refits.p_adjusted]) else row[Refits.p_adjusted])


def p_read(claim: pd.Series, row: pd.Series | None) -> float:
    """The same, halved where the paper says that its t, rank or correlation test had one tail."""
    one = claim[Claims.tails] == "one" and row is not None and row[Refits.statistic] in ("t", "U", "r")
    return p_of(row) / 2 if one else p_of(row)


def told(claim: pd.Series, made: pd.DataFrame) -> str:
    """Every test of a claim in words, one after the other."""
    words = []
    for test in listed_tests(claim[Claims.test]):
        row = decisive(claim, made, test)
        if row is None:
            notes = made[(made[Refits.test] == test) & made[Refits.note].notna()][Refits.note]
            words.append(f"{NAMES[test]}: {notes.iloc[0] if len(notes) else 'no comparison at that time'}")
        else:
            words.append(_one(claim, row))
    return "; ".join(words)


def _one(claim: pd.Series, row: pd.Series) -> str:
    """One row in words."""
    at = "" if math.isnan(row[Refits.time]) else f" on {claim[Claims.by] if claim[Claims.by] in ('week', 'day') else 'day'} {row[Refits.time]:g}"  # fmt: skip
    how = f", {row[Refits.adjustment]}" if isinstance(row[Refits.adjustment], str) else ""
    how += ", one tail" if p_read(claim, row) != p_of(row) else ""
    note = f" [{row[Refits.note]}]" if isinstance(row[Refits.note], str) else ""
    return f"{NAMES[row[Refits.test]]} ({row[Refits.scale]} values), {row[Refits.term]}{at}: {_statistic(row)}, {phrases.p_value(p_read(claim, row))}{how}{note}"


def day_by_day(claim: pd.Series, made: pd.DataFrame, test: str) -> str:
    """The comparisons of a test at each time, as a claim about how long something lasts is judged by them."""
    rows = made[(made[Refits.test] == test) & made[Refits.time].notna()].sort_values(Refits.time)
    told = [f"day {row[Refits.time]:g} {phrases.p_value(p_read(claim, row))}" for _, row in rows.iterrows()]
    how = rows[Refits.adjustment].dropna()
    return f"{NAMES[test]}{f', {how.iloc[0]}' if len(how) else ''}: {', '.join(told)}" if told else ""


def _statistic(row: pd.Series) -> str:
    """F(1, 8) = 5.32 and the like."""
    inside = ", ".join(phrases.number(row[df]) for df in (Refits.df1, Refits.df2) if not math.isnan(row[df]))
    return f"{row[Refits.statistic]}{f'({inside})' if inside else ''} = {phrases.fixed(row[Refits.value], 2)}"


def lasting(claim: pd.Series, made: pd.DataFrame, test: str) -> tuple[float, float] | None:
    """The last time of the first unbroken run of significant comparisons in the claimed direction, and the next one.

    None where there is no such run; the second is infinite where the run reaches the last time.
    """
    rows = made[(made[Refits.test] == test) & made[Refits.time].notna()].sort_values(Refits.time)
    sign = -1 if claim[Claims.direction] == "lower" else 1
    shown = [bool(p_read(claim, row) < LEVEL and row[Refits.difference] * sign > 0) for _, row in rows.iterrows()]
    if True not in shown:
        return None
    times = [*rows[Refits.time], math.inf]
    place = shown.index(True)
    while place + 1 < len(shown) and shown[place + 1]:
        place += 1
    return float(times[place]), float(times[place + 1])
