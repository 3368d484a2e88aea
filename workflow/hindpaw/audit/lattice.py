"""V5, the lattice test: a printed threshold that no legal series can give is a typing error.

It is to von Frey thresholds what GRIM (Brown & Heathers 2017, doi 10.1177/1948550616673876) is to means of whole
numbers. The possible values are those of every convention at once (`legal`), so that a lab need not say which it
used; each number is judged at the decimals it was printed with. The power says what share of the numbers one could
print are impossible: where that is under a fifth, the test does not apply.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases, tables
from hindpaw.audit import legal
from hindpaw.filaments import touch_test
from hindpaw.findings import Finding, several
from hindpaw.study import Study, VonFreyFile
from hindpaw.tables import ClaimGroups, Claims, Filaments, Lattice, Readings

ROOM = "audit"
GRAMS = {"g": 1.0, "mg": 1e-3, "mN": 1 / 9.80665}
LEAST_POWER = 0.2
# A file in which more than this share is impossible follows another convention: one finding, no typing errors.
ANOTHER_CONVENTION = 0.2
# An impossible value that stands there so often is a cap or a floor the lab uses.
REPEATED = 3
MOST_DECIMALS = 12
# Means of more animals lie closer still: where so many leave the test no power, it is not made of more.
ENOUGH = 8
# Above these the sums are too many to be made one by one.
MOST_ANIMALS, MOST_MEAN_DECIMALS = 30, 4
# Doubles of a spreadsheet carry fifteen digits; what was computed elsewhere may differ in the last few.
DOUBLE = 1e-9
Points = Mapping[str, Sequence[float]]


def lattice(
    study: Study, readings: pd.DataFrame, filaments: pd.DataFrame, claims: pd.DataFrame, groups: pd.DataFrame
) -> pd.DataFrame:
    """The table `lattice`: one row a threshold that a lab computed, and a mean of thresholds that a paper prints."""
    rows = [*_of_readings(study, readings, filaments), *_of_means(study, claims, groups, filaments)]
    return tables.shaped(pd.DataFrame(rows, columns=tables.columns(Lattice)), Lattice)


def possible(filaments: pd.DataFrame, entries: Sequence[VonFreyFile]) -> Points:
    """The possible thresholds of some entries' filament sets, in grams, by the name of their convention."""
    found: dict[str, Sequence[float]] = {}
    for entry in entries:
        name = entry.filaments if isinstance(entry.filaments, str) else entry.filaments.name
        for scale, forces in _scales(name, filaments[filaments[Filaments.filaments] == name]).items():
            every = legal.points(forces, entry.start, entry.responses_after_change)
            found |= {f"{name}, {scale} force, {way}": values for way, values in every.items()}
    return found


def _scales(name: str, rows: pd.DataFrame) -> dict[str, tuple[float, ...]]:
    """The forces of a set by each scale: by the handles, as marked by the maker, and as the lab's table says."""
    ordered = rows.sort_values(Filaments.position)
    if ordered.empty:
        return {}
    handles, own = tuple(ordered[Filaments.handle]), tuple(ordered[Filaments.force_g])
    marked = tuple(
        touch_test().get(handle, grams) for handle, grams in zip(handles, ordered[Filaments.nominal_g], strict=True)
    )
    scales = {"handle": tuple(10**handle / 1e4 for handle in handles), "nominal": marked, "own": own}
    kept: dict[str, tuple[float, ...]] = {}
    for scale, forces in scales.items():
        rising = all(one < other for one, other in pairwise(forces))
        if rising and not any(np.allclose(forces, other, rtol=1e-12) for other in kept.values()):
            kept[scale] = forces
    return kept


def decimals_of(value: float) -> int:
    """Decimals of a number as written, at most 12.

    >>> decimals_of(0.343), decimals_of(2.0), decimals_of(0.34312345678912345)
    (3, 0, 12)
    """
    text = f"{value:.{MOST_DECIMALS}f}".rstrip("0")
    return len(text.partition(".")[2])


def near(value: float, decimals: int, points: np.ndarray) -> bool:
    """Whether a point is printed as the value at these decimals, whichever way halves are rounded.

    >>> near(0.34, 2, np.array([0.3449])), near(0.34, 2, np.array([0.3451])), near(0.345, 3, np.array([0.34449]))
    (True, False, False)
    """
    half = 0.5 * 10.0**-decimals + DOUBLE * abs(value)
    place = int(np.searchsorted(points, value - half))
    return place < len(points) and bool(points[place] <= value + half)


def power(points: Points, decimals: int, unit: float = 1.0) -> float:
    """Share of the numbers printable at these decimals, within the range of the points, that none is printed as.

    Parameters
    ----------
    points : possible values in grams, by convention
    decimals : decimals of the printed number
    unit : grams in one unit of the printed number
    """
    every = np.unique(np.concatenate([np.asarray(values) for values in points.values()])) / unit
    scale = 10.0**decimals
    first, last = np.round(every[0] * scale), np.round(every[-1] * scale)
    return 1.0 - len(np.unique(np.round(every * scale))) / float(last - first + 1)


def _of_readings(study: Study, readings: pd.DataFrame, filaments: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Each threshold that a lab computed from an up-down series."""
    given = readings[(readings[Readings.kind] == "threshold") & (readings[Readings.censored] == "none")]
    for file, rows in given.groupby(given[Readings.source].map(_file), sort=False):
        entries = [
            one for one in study.von_frey if one.table == "readings" and one.file == file and one.chosen_by == "up-down"
        ]
        points = possible(filaments, entries)
        if not points:
            continue
        unit = GRAMS[entries[0].unit]
        scaled = {name: np.asarray(values) / unit for name, values in points.items()}
        powers: dict[int, float] = {}
        for row in rows.itertuples():
            printed = round(row.threshold_g / unit, MOST_DECIMALS)
            decimals = decimals_of(printed)
            powers.setdefault(decimals, power(points, decimals, unit))
            giving = [name for name, values in scaled.items() if near(printed, decimals, values)]
            yield _row(
                row.source,
                f"{row.animal} day {row.day:g}",
                entries,
                row.threshold_g,
                decimals,
                1,
                giving,
                powers[decimals],
            ) | {Lattice.nearest_g: _nearest(row.threshold_g, points)}


def _file(source: str) -> str:
    """The file of a cell's address."""
    return source.partition("!")[0]


def _row(
    source: str,
    what: str,
    entries: Sequence[VonFreyFile],
    grams: float,
    decimals: int,
    n: int,
    giving: list[str],
    strength: float,
) -> dict[str, Any]:
    """One row; the answer counts only where the test has power."""
    names = dict.fromkeys(
        entry.filaments if isinstance(entry.filaments, str) else entry.filaments.name for entry in entries
    )
    weak = strength < LEAST_POWER
    share = phrases.percent(strength)
    return {
        Lattice.source: source,
        Lattice.what: what,
        Lattice.filaments: " + ".join(names),
        Lattice.printed_g: grams,
        Lattice.decimals: decimals,
        Lattice.n: n,
        Lattice.possible: "not applicable" if weak else "yes" if giving else "no",
        Lattice.conventions: several(giving, 4) or None,
        Lattice.power: strength,
        Lattice.note: f"only {share} of the numbers one could print are impossible" if weak else None,
    }


def _nearest(grams: float, points: Points) -> float:
    """The nearest possible value."""
    every = np.concatenate([np.asarray(values) for values in points.values()])
    return float(every[np.abs(every - grams).argmin()])


def _of_means(
    study: Study, claims: pd.DataFrame, groups: pd.DataFrame, filaments: pd.DataFrame
) -> Iterator[dict[str, Any]]:
    """Each printed mean of n thresholds in g, mg or mN; the n must be one number."""
    entries = [one for one in study.von_frey if one.chosen_by == "up-down" and one.layout != "device"]
    unit_of = dict(zip(claims[Claims.claim], claims[Claims.unit], strict=True))
    points = possible(filaments, entries)
    for row in groups.to_dict("records"):
        unit, n = unit_of.get(row[ClaimGroups.claim]), str(row[ClaimGroups.n])
        mean = str(row[ClaimGroups.mean])
        if (
            not points
            or unit not in GRAMS
            or not re.fullmatch(r"\d+", n)
            or not re.fullmatch(r"\d+(\.\d+)?", mean)
            or float(mean) <= 0
        ):
            continue
        decimals, animals = len(mean.partition(".")[2]), int(n)
        scaled = {name: np.asarray(values) / GRAMS[unit] for name, values in points.items()}
        beyond = animals > MOST_ANIMALS or decimals > MOST_MEAN_DECIMALS
        giving, strength = ([], 0.0) if beyond else means(scaled, min(animals, ENOUGH), decimals, float(mean))
        if animals > ENOUGH and strength >= LEAST_POWER:
            giving, strength = means(scaled, animals, decimals, float(mean))
        what = f"{row[ClaimGroups.claim]}: mean of {row[ClaimGroups.group]}"
        grams = float(mean) * GRAMS[unit]
        made = _row(row[ClaimGroups.source], what, entries, grams, decimals, animals, giving, strength)
        yield made | ({Lattice.note: "not computed for so many animals or decimals"} if beyond else {})


def means(points: Mapping[str, np.ndarray], n: int, decimals: int, mean: float) -> tuple[list[str], float]:
    """The conventions by which n possible values can have a printed mean, and the power of asking.

    All sums of n values are marked on a grid a hundred times finer than the printed digit (a bit a step), one
    shift for each value; a lab keeps to one convention, so conventions are not mixed within a mean.

    >>> means({"one": np.array([1.0, 2.0])}, 2, 1, 1.5), means({"one": np.array([1.0, 2.0])}, 2, 1, 1.4)[0]
    ((['one'], 0.7272727272727273), [])
    """
    fine = 10 ** (decimals + 2)
    low = round(min(values.min() for values in points.values()) * 10**decimals)
    high = round(max(values.max() for values in points.values()) * 10**decimals)
    printable, giving = np.zeros(high - low + 1, dtype=bool), []
    for name, values in points.items():
        steps = np.unique(np.round(values * fine).astype(int))
        reached = _printed(_sums(steps, n), n, low, high)
        printable |= reached
        place = round(mean * 10**decimals) - low
        if 0 <= place < len(reached) and reached[place]:
            giving.append(name)
        if printable.mean() > 1 - LEAST_POWER:
            # It can only grow; the test does not apply, whatever the other conventions give.
            break
    return giving, float(1 - printable.mean())


def _sums(steps: np.ndarray, n: int) -> int:
    """The sums of n of the steps, as the bits of a number."""
    reached = 1
    for _ in range(n):
        following = 0
        for step in steps.tolist():
            following |= reached << step
        reached = following
    return reached


def _printed(reached: int, n: int, low: int, high: int) -> np.ndarray:
    """Which printed means, in units of the last digit from `low` to `high`, some sum rounds to."""
    bits = np.unpackbits(
        np.frombuffer(reached.to_bytes(reached.bit_length() // 8 + 1, "little"), dtype=np.uint8), bitorder="little"
    )
    sums = np.flatnonzero(bits)
    # Each value was rounded to the fine grid: a sum is known to ± n/2 steps, so a mean to half a step.
    mean = sums / n / 100
    found = np.zeros(high - low + 1, dtype=bool)
    for rounded in (np.floor(mean - 0.005 + 0.5), np.floor(mean + 0.005 + 0.5), np.ceil(mean - 0.005 - 0.5)):
        place = rounded.astype(int) - low
        found[place[(place >= 0) & (place < len(found))]] = True
    return found


def impossible(found: pd.DataFrame) -> Iterator[Finding]:
    """V5: what the table says, file by file."""
    judged = found[found[Lattice.possible] != "not applicable"]
    for name, rows in judged.groupby(judged[Lattice.source].map(_file), sort=False):
        off = rows[rows[Lattice.possible] == "no"]
        often = off.groupby(Lattice.printed_g)[Lattice.source].transform("size") >= REPEATED
        if len(off[~often]) > ANOTHER_CONVENTION * len(rows):
            yield _another(str(name), rows, off)
            continue
        if often.any():
            yield _capped(off[often])
        if (~often).any():
            yield _mistyped(off[~often])


def _mistyped(off: pd.DataFrame) -> Finding:
    """Single values off the lattice."""
    told = [
        f"{row.what}: {phrases.number(row.printed_g, 6)} g"
        + ("" if math.isnan(row.nearest_g) else f", nearest {phrases.number(row.nearest_g, max(3, row.decimals))} g")
        for row in off.itertuples()
    ]
    number = phrases.count(len(off), "printed threshold or mean", "printed thresholds or means")
    return Finding(
        "V5", "error", ROOM,
        f"{number} cannot come from any up-down series on the filaments that were used.",
        "Thresholds from filaments take some hundreds of values only; another one was mistyped, rounded on the way, or is "
        "the mean of two sessions.",
        "Compare with the series; correct the value, or name the filaments that were really used.",
        "; ".join(off[Lattice.source]), several(told, 20),
    )  # fmt: skip


def _capped(off: pd.DataFrame) -> Finding:
    """One value that stands there again and again."""
    told = [
        f"{phrases.number(grams, 6)} g: {count} times" for grams, count in off[Lattice.printed_g].value_counts().items()
    ]
    return Finding(
        "V5", "note", ROOM,
        "A threshold that no series gives occurs again and again.",
        "It is likely a cap or a floor put in for series without a reversal; as exact values these make the spread too small.",
        "Write them as bounds (> 4, < 0.008), so that they are kept as such.",
        "; ".join(off[Lattice.source]), several(told, 10),
    )  # fmt: skip


def _another(name: str, rows: pd.DataFrame, off: pd.DataFrame) -> Finding:
    """A file that follows no convention known here."""
    return Finding(
        "V5", "warning", ROOM,
        f"{len(off)} of {len(rows)} thresholds of {name} are none that its filaments can give.",
        "So many are no typing errors: other filaments, another start or stop rule, means of sessions, or a table of k with errors.",
        "Name the filaments, their scale, `start` and `responses_after_change` as they were; hand over the series if there are any.",
        "; ".join(off[Lattice.source]),
        several((f"{row.what}: {phrases.number(row.printed_g, 6)} g" for row in off.itertuples()), 10),
    )  # fmt: skip
