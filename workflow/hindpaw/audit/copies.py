"""V5 and F1: data that look copied. Signals, each with innocent explanations; never a verdict on people.

A run of entries that equals another run is judged by its surprise, Σ −ln f, with f the share of each entry among those
it could have been, and by how many runs could have been equal by chance.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.audit.asked import grave
from hindpaw.findings import Finding, several
from hindpaw.tables import Concentrations, Readings, Trials, Wells

ROOM = "audit"
LEAST_RUN = 4
LEAST_FOR_DIGITS = 100
INNOCENT = (
    "Innocent reasons are a template filled by dragging, a sheet entered twice, a default of a device, or a floor where "
    "every animal answers alike."
)
LOOK = "Compare these cells with the paper record or the device's own file before anything else is said."
Run = tuple[float, str, list[str]]
# Of each animal its entry and the cell.
Day = dict[str, tuple[str, str]]


def series(trials: pd.DataFrame) -> Iterator[Finding]:
    """V5: runs of animals whose series equal, one by one, those of another day or of other animals of the day."""
    ordered = trials[trials[Trials.protocol] == "up-down"].sort_values([Trials.source, Trials.order], kind="stable")
    keys = [Trials.source, Trials.animal, Trials.day, Trials.paw]
    whole = ordered.groupby(keys, sort=False).agg(entry=(Trials.response, "".join), last=(Trials.filament_g, "last"))
    rows = whole.reset_index()
    rows["entry"] = rows["entry"] + " on " + rows["last"].map(phrases.number)
    yield from _signal("V5", rows, "series of X and O", Trials.animal)


def readings(given: pd.DataFrame) -> Iterator[Finding]:
    """F1: the same among thresholds and device readings in grams."""
    exact = given[given[Readings.censored] == "none"]
    rows = exact.assign(entry=exact[Readings.threshold_g].map(repr))
    yield from _signal(
        "F1", rows.drop_duplicates([Readings.animal, Readings.day, Readings.paw]), "readings", Readings.animal
    )
    yield from _offsets(exact)
    yield from terminal_digits(exact.loc[exact[Readings.kind] == "device", Readings.threshold_g], "device readings")


def _signal(check: str, rows: pd.DataFrame, noun: str, who: str) -> Iterator[Finding]:
    """One finding for all runs that are too alike to be chance."""
    found: list[Run] = []
    tests = 0
    for paw, mine in rows.groupby(Trials.paw, sort=True):
        days: dict[float, Day] = {}
        for day, animal, entry, cell in zip(
            mine[Trials.day], mine[who], mine["entry"], mine[Trials.source], strict=True
        ):
            days.setdefault(day, {}).setdefault(animal, (entry, cell))
        longest = max(map(len, days.values()))
        tests += sum(map(len, days.values())) * (len(days) + longest) // 2
        found += _across(str(paw), days, Counter(mine["entry"]))
    best = max((surprise for surprise, _, _ in found), default=0.0)
    severity = grave(math.exp(-best), tests) if found else ""
    if severity:
        told = [
            (text, cells)
            for surprise, text, cells in sorted(found, key=lambda run: -run[0])
            if grave(math.exp(-surprise), tests)
        ]
        yield Finding(
            check, severity, ROOM,
            f"Signal, not a verdict: {phrases.count(len(told), 'run')} of {noun} equal another run of entries one by one.",
            f"Chance seldom does that; a copied block would count animals or days twice. {INNOCENT}",
            LOOK,
            "; ".join(dict.fromkeys(cell for _, cells in told for cell in cells)),
            several((text for text, _ in told), 20), kind="chance",
        )  # fmt: skip


def _across(paw: str, days: dict[float, Day], counts: Counter[str]) -> Iterator[Run]:
    """The runs of one paw: the same animals on two days, and shifted animals on one day."""
    for one, other in combinations(sorted(days), 2):
        both = [animal for animal in days[one] if animal in days[other]]
        first, second = ([days[day][animal][0] for animal in both] for day in (one, other))
        for start, end, surprise in _runs(first, second, counts):
            told = f"{paw}, {both[start]} to {both[end - 1]}: day {other:g} as day {one:g}"
            yield surprise, told, [days[other][animal][1] for animal in both[start:end]]
    for day, cells in days.items():
        ids, entries = list(cells), [entry for entry, _ in cells.values()]
        for shift in range(LEAST_RUN, len(ids)):
            for start, end, surprise in _runs(entries[:-shift], entries[shift:], counts):
                told = f"{paw}, day {day:g}: {ids[start + shift]} to {ids[end + shift - 1]} as {ids[start]} to {ids[end - 1]}"
                yield surprise, told, [cells[animal][1] for animal in ids[start + shift : end + shift]]


def _runs(one: Sequence[str], other: Sequence[str], counts: Counter[str]) -> Iterator[tuple[int, int, float]]:
    """Longest runs of equal neighbours: start, end, surprise."""
    start = 0
    for place in range(len(one) + 1):
        if place < len(one) and one[place] == other[place]:
            continue
        if place - start >= LEAST_RUN:
            # The larger of the two shares, so that a floor in one arm or day makes nothing look rare.
            total, local = sum(counts.values()), Counter([*one, *other])
            shares = [max(counts[entry] / total, local[entry] / (2 * len(one))) for entry in one[start:place]]
            yield start, place, -sum(map(math.log, shares))
        start = place + 1


def _offsets(exact: pd.DataFrame) -> Iterator[Finding]:
    """F1: two days whose readings differ by one constant, or by one factor, in every animal."""
    table = exact.drop_duplicates([Readings.animal, Readings.day, Readings.paw])
    found = []
    for paw, mine in table.groupby(Readings.paw):
        wide = mine.pivot_table(index=Readings.animal, columns=Readings.day, values=Readings.threshold_g)
        values = wide.to_numpy()
        for one, other in combinations(range(len(wide.columns)), 2):
            both = values[~np.isnan(values[:, [one, other]]).any(axis=1)][:, [one, other]]
            # A column of few different values can be shifted into another by chance.
            if len(both) < 2 * LEAST_RUN or len(set(both[:, 0])) < LEAST_RUN + 1 or (both[:, 0] == both[:, 1]).all():
                continue
            days = f"{paw}, day {wide.columns[other]:g} against day {wide.columns[one]:g}"
            for name, away in (("difference", both[:, 1] - both[:, 0]), ("ratio", both[:, 1] / both[:, 0])):
                if np.ptp(away) <= 1e-6 * abs(away).max():
                    found.append(f"{days}: {name} {phrases.number(float(away[0]))}")
    if found:
        yield Finding(
            "F1", "warning", ROOM,
            "Signal, not a verdict: readings of one day are those of another, shifted or scaled by one number.",
            "Animals do not change in step to the last digit. Innocent reasons are a unit converted twice, a tare, or a "
            "column computed from another.",
            LOOK, evidence=several(found, 20), kind="chance",
        )  # fmt: skip


def wells(given: pd.DataFrame) -> Iterator[Finding]:
    """F1: runs of sample wells whose signals equal, digit by digit, those of other wells."""
    known = given[(given[Wells.role] == "sample") & given[Wells.signal].notna()]
    found, cells = [], []
    for analyte, mine in known.groupby(Wells.analyte):
        runs: dict[tuple[float, ...], str] = {}
        for _, rows in mine.groupby(Wells.plate, sort=False):
            signals = list(rows[Wells.signal])
            for start in range(len(signals) - LEAST_RUN + 1):
                run = tuple(signals[start : start + LEAST_RUN])
                here = list(rows[Wells.source].iloc[start : start + LEAST_RUN])
                if len(set(run)) == LEAST_RUN and min(map(_digits, run)) >= 3:
                    if run in runs:
                        found.append(f"{analyte}: {here[0]} to {here[-1]} as {runs[run]}")
                        cells += here
                    runs.setdefault(run, f"{here[0]} to {here[-1]}")
    if found:
        yield Finding(
            "F1", "warning", ROOM,
            "Signal, not a verdict: runs of four wells or more have the same signals as other wells, digit by digit.",
            "Noise does not repeat. Innocent reasons are an export that lists a plate twice, or a block pasted into two sheets.",
            LOOK, "; ".join(dict.fromkeys(cells)), several(found, 20), kind="chance",
        )  # fmt: skip


def _digits(value: float) -> int:
    """Significant digits as written."""
    return len(f"{value!r}".replace(".", "").lstrip("0").rstrip("0"))


def constant_ratio(concentrations: pd.DataFrame) -> Iterator[Finding]:
    """F1: two analytes whose concentrations have one ratio in every sample."""
    exact = concentrations[concentrations[Concentrations.censored] == "none"]
    who = exact[Concentrations.animal].fillna(exact[Concentrations.pool])
    wide = exact.assign(who=who).pivot_table(
        index=["who", Concentrations.day, Concentrations.matrix],
        columns=Concentrations.analyte,
        values=Concentrations.pg_per_ml,
    )
    found = []
    for one, other in combinations(wide.columns, 2):
        ratio = (wide[other] / wide[one]).dropna()
        if len(ratio) >= 2 * LEAST_RUN and np.ptp(ratio) <= 1e-6 * ratio.max():
            found.append(f"{other} / {one} = {phrases.number(float(ratio.iloc[0]))} in {len(ratio)} samples")
    if found:
        yield Finding(
            "F1", "warning", ROOM,
            "Signal, not a verdict: two analytes have the same ratio in every sample.",
            "Two assays do not agree to the last digit. Innocent reasons are one column computed from the other, or one "
            "analyte read twice under two names.",
            LOOK, evidence=several(found, 20), kind="chance",
        )  # fmt: skip


def terminal_digits(values: pd.Series, noun: str) -> Iterator[Finding]:
    """F1: last digits of device readings, which should be even; only for many numbers with three digits or more."""
    from scipy import stats

    # Trailing zeros are lost in a spreadsheet; they come back by the decimals of the others.
    places = max((len(repr(value).partition(".")[2]) for value in values.astype(float)), default=0)
    told = [text for text in (f"{value:.{places}f}" for value in values) if len(text.replace(".", "").lstrip("0")) >= 3]
    if len(told) < LEAST_FOR_DIGITS:
        return
    last = Counter(text[-1] for text in told)
    p = float(stats.chisquare([last.get(digit, 0) for digit in "0123456789"]).pvalue)
    severity = grave(p)
    if severity:
        yield Finding(
            "F1", severity, ROOM,
            f"Signal, not a verdict: the last digits of {len(told)} {noun} are not evenly spread.",
            "Digits that nobody reads off are even; people who write numbers prefer some. Innocent reasons are a display that "
            "moves in steps of 2 or 5, or a unit that was converted.",
            LOOK,
            evidence=f"{', '.join(f'{digit}: {last.get(digit, 0)}' for digit in '0123456789')}; {phrases.p_value(p)}",
            kind="chance",
        )  # fmt: skip


def digits_do_not_apply(trials: pd.DataFrame, given: pd.DataFrame) -> Iterator[Finding]:
    """F1: why no test of last digits was made of thresholds from filaments."""
    filaments = len(trials) > 0 or (given[Readings.kind] == "threshold").any()
    if filaments:
        yield Finding(
            "F1", "note", ROOM,
            "Tests of last digits are not applicable to thresholds from filaments.",
            "They can take some dozens of values only, whose last digits are given by the forces of the filaments.",
            "Nothing. The lattice test (V5) asks instead whether a series can give each number.",
        )  # fmt: skip
