"""V1 and V4: whether every series walks as its protocol says, and on which scale thresholds vary evenly."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.audit.asked import VALUE, grave, of_thresholds
from hindpaw.findings import Finding, several
from hindpaw.study import Study
from hindpaw.tables import Thresholds, Trials

ROOM = "audit"
# A spread needs some animals to be a spread.
LEAST_ANIMALS = 4


def walks(trials: pd.DataFrame, filaments: pd.DataFrame) -> Iterator[Finding]:
    """V1: after X the next filament is one lighter, after O one heavier; checked again on the table of trials."""
    place = {(row.filaments, row.force_g): row.position for row in filaments.itertuples()}
    rows = trials[trials[Trials.protocol] == "up-down"].sort_values([Trials.source, Trials.order], kind="stable")
    rows = rows.assign(
        position=[place.get(key) for key in zip(rows[Trials.filaments], rows[Trials.filament_g], strict=True)]
    )
    following = rows.groupby(Trials.source, sort=False)["position"].shift(-1)
    step = rows[Trials.response].map({"X": -1, "O": 1})
    wrong = rows[rows["position"].isna() | (following.notna() & (following != rows["position"] + step))]
    sources = wrong[Trials.source].drop_duplicates()
    if len(sources):
        yield Finding(
            "V1", "error", ROOM,
            f"{len(sources)} series used for thresholds do not walk the filament set one step at a time.",
            "The order of the filaments decides the threshold.",
            "Compare with the paper record; if it agrees, this is a fault of hindpaw: please report it.",
            "; ".join(sources),
        )  # fmt: skip
    yield from _starts(rows)


def _starts(rows: pd.DataFrame) -> Iterator[Finding]:
    """V1: series of one filament set that began at different filaments."""
    first = rows.drop_duplicates(Trials.source)
    for name, mine in first.groupby(Trials.filaments):
        counts = mine["position"].value_counts()
        rare = counts.iloc[1:]
        if len(rare):
            yield Finding(
                "V1", "note", ROOM,
                f"Series on the filament set {name} begin at {len(counts)} different filaments.",
                "The estimate does not need one start, but a protocol has one: another may be a slip of the pen.",
                "If the protocol starts at one filament, give it as `start`; series that contradict it are then set aside.",
                evidence=several((f"filament {place:g}: {count}" for place, count in counts.items()), 10),
            )  # fmt: skip


def scale(study: Study, thresholds: pd.DataFrame) -> Iterator[Finding]:
    """V4: whether log thresholds spread more where the mean is high or low, by Spearman's rank over arm × day.

    The spread is that of what an animal leaves over beyond its own mean and its arm's day: animals that differ
    would else make all days of an arm alike.
    """
    from scipy import stats

    found = []
    for question, rows in of_thresholds(study, thresholds):
        # Cells at a limit have less spread for a reason that is no matter of scale.
        free = rows[rows[Thresholds.censored] == "none"]
        cells = [free[Thresholds.arm], free[Thresholds.day]]
        away = free[VALUE] - free.groupby(cells)[VALUE].transform("mean")
        left = away - away.groupby(free[Thresholds.animal]).transform("mean")
        spread = pd.DataFrame(
            {
                "mean": free.groupby(cells)[VALUE].mean(),
                "sd": left.groupby(cells).std(),
                "n": left.groupby(cells).size(),
            }
        )
        spread = spread[(spread["n"] >= LEAST_ANIMALS) & (spread["sd"] > 0)]
        if len(spread) < 2 * LEAST_ANIMALS:
            continue
        rank, p = stats.spearmanr(spread["mean"], spread["sd"])
        raw = np.log(10 ** spread["mean"] * spread["sd"])
        slope = float(np.polyfit(spread["mean"] * np.log(10), raw, 1)[0])
        told = (
            f"{question.key}: rank correlation of spread and mean {phrases.number(float(rank), 2)}, {phrases.p_value(float(p))}; "
            f"SD in g goes with mean^{phrases.number(slope, 2)}"
        )
        found.append((float(p), told))
    uneven = [told for p, told in sorted(found) if grave(p, len(found))]
    if uneven:
        yield Finding(
            "V4", "note", ROOM,
            "On the log scale thresholds spread unevenly: the spread depends on the mean.",
            "Tests of means take the spread as one; a power of 1 speaks for the log scale, 0 for grams.",
            "Let the variance differ (`variance: by-week` or `by-arm`), and look whether the answer stays.",
            evidence=several(uneven, 20), kind="chance",
        )  # fmt: skip
