"""Design rules: is every animal accounted for, how many stand behind each mean, what is the unit."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from hindpaw import phrases
from hindpaw.audit.asked import of_thresholds
from hindpaw.findings import Finding, several
from hindpaw.study import Study
from hindpaw.tables import Animals, Counts, Thresholds, Wells

ROOM = "audit"


def animals_accounted(
    study: Study,
    animals: pd.DataFrame,
    trials: pd.DataFrame,
    readings: pd.DataFrame,
    wells: pd.DataFrame,
    counts: pd.DataFrame,
) -> Iterator[Finding]:
    """D1: every animal of the allocation list is measured, or was excluded with a reason; and tests without a gap."""
    kept = animals[~animals[Animals.excluded]]
    tested = pd.concat([trials[[Thresholds.animal, Thresholds.day]], readings[[Thresholds.animal, Thresholds.day]]])
    elsewhere = set(wells[Wells.animal].dropna()) | set(counts[Counts.animal])
    for pool in wells[Wells.pool].dropna().unique():
        elsewhere |= {member.strip() for member in str(pool).split("+")}
    lost = kept[~kept[Animals.animal].isin(set(tested[Thresholds.animal]) | elsewhere) & kept[Animals.arm].notna()]
    if len(lost):
        yield Finding(
            "D1", "error", ROOM,
            f"{phrases.count(len(lost), 'animal')} of the allocation list {'was' if len(lost) == 1 else 'were'} never measured.",
            "An animal that vanishes without a reason can bias every comparison.",
            "Find its data, or give the reason for its exclusion.",
            "; ".join(lost[Animals.source]), several(lost[Animals.animal], 20),
        )  # fmt: skip
    silent = animals[animals[Animals.excluded] & animals[Animals.exclusion_reason].isna()]
    if len(silent):
        yield Finding(
            "D1", "warning", ROOM,
            f"{phrases.count(len(silent), 'animal')} excluded without a reason.",
            "Exclusions need a reason, set beforehand where possible.",
            "Add the reason to the allocation list.",
            "; ".join(silent[Animals.source]), several(silent[Animals.animal], 20),
        )  # fmt: skip
    yield from _gaps(kept, tested)


def _gaps(kept: pd.DataFrame, tested: pd.DataFrame) -> Iterator[Finding]:
    """D1: animals that miss a day on which the rest of their cohort was tested, without having left before it."""
    missing, sources = [], []
    cohorts = kept.assign(cohort=kept[Animals.cohort].fillna(""))
    for _, group in cohorts.groupby("cohort"):
        mine = tested[tested[Thresholds.animal].isin(group[Animals.animal])]
        days = set(mine[Thresholds.day])
        seen = mine.groupby(Thresholds.animal)[Thresholds.day].agg(set)
        for row in group[group[Animals.animal].isin(seen.index)].itertuples():
            until = float("inf") if pd.isna(row.left_day) else row.left_day
            gone = sorted(day for day in days - seen[row.animal] if day <= until)
            if gone:
                missing.append(f"{row.animal} day {', '.join(f'{day:g}' for day in gone)}")
                sources.append(row.source)
    if missing:
        yield Finding(
            "D1", "warning", ROOM,
            f"{phrases.count(len(missing), 'animal')} without a usable threshold on days when others of their cohort have one.",
            "The model keeps the other days of these animals, which is right only if the gap has nothing to do with pain.",
            "See the ledger for series that were set aside; give left_day and left_reason for animals that left.",
            "; ".join(sources), several(missing, 20),
        )  # fmt: skip


def exact_numbers(study: Study, thresholds: pd.DataFrame) -> Iterator[Finding]:
    """D2: the number of animals behind each arm, day by day, where it is not one number."""
    told = []
    for question, rows in of_thresholds(study, thresholds):
        n = rows.groupby([Thresholds.arm, Thresholds.day])[Thresholds.animal].nunique()
        for arm, part in n.groupby(level=0):
            if part.min() != part.max():
                told.append(f"{question.key}, {study.label(str(arm))}: {part.min()} to {part.max()}")
    if told:
        yield Finding(
            "D2", "note", ROOM,
            "The number of animals changes from day to day.",
            "A range such as 4-5 hides who is missing when.",
            "Report n for each arm and day; the tables `means` and `flow` have it.",
            evidence=several(told, 20),
        )  # fmt: skip


def unit_of_analysis(study: Study, wells: pd.DataFrame, animals: pd.DataFrame) -> Iterator[Finding]:
    """D3: what was treated and what was counted: pools, and cages of one arm."""
    yield from _cages(study, animals)
    pools = wells[Wells.pool].dropna().unique()
    if len(pools):
        yield Finding(
            "D3", "warning", ROOM,
            f"{phrases.count(len(pools), 'pooled sample')}: the pool is the unit, not the animal.",
            "Pooling removes the variation between animals; n is the number of pools.",
            "Report n as pools.",
            evidence=several(pools, 20),
        )  # fmt: skip


def _cages(study: Study, animals: pd.DataFrame) -> Iterator[Finding]:
    """D3: arms that live in cages of their own cannot be told from their cages."""
    kept = animals[~animals[Animals.excluded] & animals[Animals.cage].notna() & animals[Animals.arm].notna()]
    if kept.empty:
        return
    arms = kept.groupby(Animals.cage)[Animals.arm].nunique()
    if (arms == 1).all() and len(arms) > 1 and study.randomization["unit"] != "cage":
        yield Finding(
            "D3", "warning", ROOM,
            "Every cage holds a single arm.",
            "Cage-mates share more than their treatment, and the model here has no cage term.",
            "If cages were treated as wholes, say randomization: {unit: cage}; in the next study mix arms within cages.",
            evidence=f"{len(arms)} cages",
        )  # fmt: skip
