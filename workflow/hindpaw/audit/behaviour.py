"""Behaviour rules: thresholds against those the lab computed, and how many lie at a limit."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from hindpaw import phrases
from hindpaw.audit.lattice import decimals_of
from hindpaw.findings import Finding, several
from hindpaw.study import Study
from hindpaw.tables import Readings, Thresholds

ROOM = "audit"
AGREE_LOG10 = 0.005
HALF = 0.5
KEY = [Thresholds.animal, Thresholds.day, Thresholds.paw]


def recomputed(thresholds: pd.DataFrame, readings: pd.DataFrame) -> Iterator[Finding]:
    """V2: thresholds handed over beside the series they were computed from must agree with them."""
    own = thresholds[~thresholds[Thresholds.method].isin(["reading", "device"])]
    # A bound has no number to compare, and a device's single readings are no thresholds.
    given = readings[(readings[Readings.kind] == "threshold") & (readings[Readings.censored] == "none")]
    pairs = own.merge(given, on=KEY, suffixes=("", "_given"))
    printed, exact = pairs[Readings.threshold_g + "_given"], pairs[Thresholds.threshold_g]
    # A threshold printed to two decimals is known to half a hundredth of a gram.
    rounding = 0.5 * 10.0 ** -printed.map(decimals_of).astype(float)
    off = pairs[((printed - exact).abs() > exact * (10**AGREE_LOG10 - 1) + rounding) & exact.notna()]
    if len(off):
        told = [
            f"{row.animal} day {row.day:g}: {phrases.grams(row.threshold_g_given)} given, {phrases.grams(row.threshold_g)} from the series"
            for row in off.itertuples()
        ]
        yield Finding(
            "V2", "error", ROOM,
            f"{len(off)} of {len(pairs)} thresholds differ from what their series give.",
            "A misread table or a wrong filament force moves every mean.",
            "Compare the table of k and the filament forces that were used.",
            "; ".join(off["source_given"]), several(told, 20),
        )  # fmt: skip


def limits(study: Study, thresholds: pd.DataFrame) -> Iterator[Finding]:
    """V3: series without a reversal are listed; a cell with many of them is a floor or a ceiling."""
    censored = thresholds[thresholds[Thresholds.censored] != "none"]
    if censored.empty:
        return
    told = [f"{row.animal} day {row.day:g} {row.paw}: {_bound(row)}" for row in censored.itertuples()]
    yield Finding(
        "V3", "note", ROOM,
        f"{len(censored)} of {len(thresholds)} thresholds are known only to lie beyond the lightest or heaviest filament.",
        "They are kept as bounds; left out, the most or least sensitive mice would be missing.",
        "Nothing. In the model each stands at its bound and is counted.",
        "; ".join(censored[Thresholds.source]), several(told, 20),
    )  # fmt: skip
    for paw, mine in thresholds.groupby(Thresholds.paw):
        at_limit = mine.assign(at=mine[Thresholds.censored] != "none").groupby([Thresholds.arm, Thresholds.day])["at"]
        # One mouse at a limit is no floor, nor are two of a larger group: chance does that.
        share, n = at_limit.mean(), at_limit.sum()
        many = share[(share > study.censored_share) & ((n > 2) | ((n > 1) & (share >= HALF)))]
        if len(many):
            yield Finding(
                "V3", "warning", ROOM,
                f"In {phrases.count(len(many), 'cell')} of arm × day ({paw} paw) more than "
                f"{phrases.percent(study.censored_share)} of the thresholds lie at a limit.",
                "Means of such cells are pulled towards the limit and their spread is too small.",
                "Read the contrasts of these days as bounds; use a wider filament set next time.",
                evidence=several((f"{study.label(str(arm))} day {day:g}: {phrases.percent(value)}" for (arm, day), value in many.items()), 20),
                kind="state",
            )  # fmt: skip


def _bound(row: object) -> str:
    """The bound in words."""
    left = getattr(row, Thresholds.censored) == "left"
    grams = phrases.grams(getattr(row, Thresholds.upper_g if left else Thresholds.lower_g))
    return f"at most {grams}" if left else f"at least {grams}"
