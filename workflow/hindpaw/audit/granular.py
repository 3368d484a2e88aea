"""R2: means and SDs of whole numbers that no whole numbers give (GRIM, GRIMMER, DEBIT).

GRIM: Brown and Heathers 2017, doi 10.1177/1948550616673876. GRIMMER: Anaya 2016, doi 10.7287/peerj.preprints.2400v1.
DEBIT: Heathers and Brown 2019, https://osf.io/5vb3u. They hold for counts, scores and shares of a fixed number of
trials; grams and pg/ml are continuous, and nothing of this applies to them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from hindpaw.audit.printed import Span, decimals, number, numbers_of
from hindpaw.findings import Finding, several
from hindpaw.tables import ClaimGroups, Claims

ROOM = "audit"
REFERENCE = "doi 10.1177/1948550616673876, 10.7287/peerj.preprints.2400v1"
WHOLE = ("%", "count", "score")
# Above this many (animals × items) the table of reachable sums would grow large; GRIM alone has lost its power by then.
LARGEST = 600


def sums(mean: Span, n: int) -> range:
    """GRIM: the sums of n whole numbers that have this mean.

    >>> list(sums(number("5.19"), 28)), list(sums(number("5.18"), 28))
    ([], [145])
    """
    low, high = math.ceil(mean.low * n - 1e-9), math.floor(mean.high * n + 1e-9)
    return range(max(0, low), high + 1)


def squares(total: int, n: int, most: int | None) -> set[int] | range:
    """GRIMMER: the sums of squares that n whole numbers of this sum can have, each from 0 to `most`.

    With `most` the answer is exact; without it, it is every number of the right parity between the most even
    and the most uneven split.

    >>> sorted(squares(4, 3, 2)), list(squares(4, 3, None))
    ([6, 8], [6, 8, 10, 12, 14, 16])
    """
    share, rest = divmod(total, n)
    least = rest * (share + 1) ** 2 + (n - rest) * share**2
    if most is None:
        return range(least, total**2 + 1, 2)
    reached = _reached(n, most, total)
    return {place for place in range(least, n * most**2 + 1) if reached >> place & 1}


def _reached(n: int, most: int, total: int) -> int:
    """Bit s is set where n numbers from 0 to `most` of the given sum have the sum of squares s."""
    by_sum = {0: 1}
    for _ in range(n):
        longer: dict[int, int] = {}
        for so_far, bits in by_sum.items():
            for value in range(min(most, total - so_far) + 1):
                longer[so_far + value] = longer.get(so_far + value, 0) | bits << value**2
        by_sum = longer
    return by_sum.get(total, 0)


def possible(mean: Span, sd: Span | None, n: int, most: int | None) -> bool:
    """Whether n whole numbers, each up to `most`, have this mean and this SD (n − 1).

    >>> possible(number("3.44"), number("2.48"), 18, None), possible(number("3.44"), number("2.47"), 18, None)
    (True, False)
    """
    for total in sums(mean, n):
        if most is not None and total > n * most:
            continue
        if sd is None or n == 1:
            return True
        low, high = (max(0.0, end) ** 2 * (n - 1) + total**2 / n for end in (sd.low, sd.high))
        if _one_between(squares(total, n, most), low - 1e-9, high + 1e-9):
            return True
    return False


def _one_between(reached: set[int] | range, low: float, high: float) -> bool:
    """Whether one of the numbers lies between the two; of a range the first that could is enough."""
    if isinstance(reached, range):
        first = reached.start + max(0, math.ceil((low - reached.start) / 2)) * 2
        return first in reached and first <= high
    return any(low <= square <= high for square in reached)


def granular_means(claims: pd.DataFrame, groups: pd.DataFrame) -> Iterator[Finding]:
    """R2: printed means and SDs that no counts or shares of the printed n can have."""
    about = groups.merge(claims.drop(columns=[Claims.n, Claims.source]), on=Claims.claim, how="inner")
    for _, row in about[about[Claims.unit].isin(WHOLE)].iterrows():
        if not applies(row):
            continue
        factor, most = _scale(row)
        mean, sds = number(row[ClaimGroups.mean]).times(1 / factor), _sds(row, factor)
        sizes = [n for n in numbers_of(row[ClaimGroups.n]) if n * (most or 1) <= LARGEST]
        if not sizes or any(possible(mean, sds.get(n), n, most) for n in sizes):
            continue
        alone = not any(possible(mean, None, n, most) for n in sizes)
        test, part = ("GRIM", "mean") if alone else ("DEBIT" if most == 1 else "GRIMMER", "mean with its spread")
        yield Finding(
            "R2", "error", ROOM,
            f"{test}: the {part} of {row[ClaimGroups.group]} in the claim {row[Claims.claim]} cannot come from "
            f"{'whole numbers' if most is None else f'shares of {most}'} with n = {row[ClaimGroups.n]}.",
            f"The mean, the spread, n or the number of items is misprinted, or not every animal entered ({REFERENCE}).",
            "Ask for n and for what was counted; compare with the raw counts.",
            row[ClaimGroups.source], _told(row),
        )  # fmt: skip
    yield from _not_applicable(about)


def applies(row: pd.Series) -> bool:
    """Whether the printed mean is fine enough that some could be impossible; otherwise the test has no power."""
    sizes = numbers_of(row[ClaimGroups.n])
    printed = row[ClaimGroups.mean]
    if not sizes or printed.strip()[0] in "<>≤≥" or (row[Claims.unit] == "%" and math.isnan(row[Claims.items])):
        return False
    factor, _ = _scale(row)
    # One step of the true grid against one step of what is printed.
    return factor / sizes[-1] > 10.0 ** -decimals(printed)


def _scale(row: pd.Series) -> tuple[float, int | None]:
    """What one whole number is worth as printed, and the largest whole number an animal can have."""
    items = row[Claims.items]
    most = None if math.isnan(items) else int(items)
    return (100 / most if row[Claims.unit] == "%" and most else 1.0), most


def _sds(row: pd.Series, factor: float) -> dict[int, Span]:
    """The SD that the printed spread means, for each possible n; none where it does not say what it is."""
    kind, spread = row[ClaimGroups.spread_is], row[ClaimGroups.spread]
    if kind not in ("sd", "sem") or not isinstance(spread, str):
        return {}
    span = number(spread, least=0.0).times(1 / factor)
    return {n: span.times(math.sqrt(n)) if kind == "sem" else span for n in numbers_of(row[ClaimGroups.n])}


def _told(row: pd.Series) -> str:
    """The printed numbers of one group."""
    spread = f" ± {row[ClaimGroups.spread]} ({row[ClaimGroups.spread_is]})" if isinstance(row[ClaimGroups.spread], str) else ""  # fmt: skip
    items = "" if math.isnan(row[Claims.items]) else f", {row[Claims.items]:g} items"
    return f"mean {row[ClaimGroups.mean]}{spread} {row[Claims.unit]}, n = {row[ClaimGroups.n]}{items}; {row[Claims.locator]}"


def _not_applicable(about: pd.DataFrame) -> Iterator[Finding]:
    """R2: why it was silent on other printed means."""
    other = about[~about[Claims.unit].isin(WHOLE)]
    coarse = about[about[Claims.unit].isin(WHOLE)]
    coarse = coarse[~coarse.apply(applies, axis=1)] if len(coarse) else coarse
    for rows, why in ((other, "they are means of continuous values"), (coarse, "any value that is printed so is possible, or n or items is missing")):  # fmt: skip
        if len(rows):
            yield Finding(
                "R2", "note", ROOM,
                f"GRIM and its kin are not applicable to {len(rows)} printed mean{'s' if len(rows) > 1 else ''}: {why}.",
                f"They hold for counts, scores and shares of a fixed number of trials ({REFERENCE}).",
                "Nothing. For von Frey thresholds the lattice test takes their place.",
                evidence=several(dict.fromkeys(rows[Claims.claim]), 20),
            )  # fmt: skip
