"""What came in and what became of it: animals, raw data, published claims, findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from hindpaw import phrases
from hindpaw.findings import several
from hindpaw.report.sections import Block, Grid, Section, Tables, text
from hindpaw.study import Study
from hindpaw.tables import (
    LEDGER_FATES,
    SEVERITIES,
    Animals,
    Concentrations,
    Fates,
    Findings,
    Ledger,
    Thresholds,
)

EVERY = "Every raw datum has one fate: all = used + excluded + quarantined + blank."
MEASURED = ("trials", "readings", "wells")


@dataclass(frozen=True)
class Books:
    """The ledger: a table, its sums as sentences, and what was set aside."""

    grid: Grid
    sums: list[str]
    aside: Grid


def sections(study: Study, tables: Tables) -> list[Section]:
    """Animals by arm; the ledger; what left and what was set aside, with the reasons."""
    left, kept = gone(tables), books(tables)
    blocks: list[Block] = [EVERY, *kept.sums, kept.grid]
    if not kept.aside.rows:
        blocks.append("Nothing was set aside or excluded.")
    found = [Section("", "data", blocks=[flow(study, tables)])]
    if left.rows:
        told = phrases.count(len(left.rows), "animal")
        found.append(Section(f"{told} excluded or gone before the end", "data", blocks=[left], folded=True))
    found.append(Section("Every raw datum and its fate", "data", blocks=blocks))
    if kept.aside.rows:
        what = "What was set aside or excluded, by reason"
        found.append(
            Section(what, "data", blocks=[kept.aside, "The table ledger.csv names the cell of each."], folded=True)
        )
    return found


def flow(study: Study, tables: Tables) -> Grid:
    """Animals by arm: allocated, excluded, left early, with a threshold, with a concentration."""
    animals, arm = tables["animals"], Animals.arm
    rows = []
    for key in [*study.arms, None]:
        mine = animals[animals[arm].isna()] if key is None else animals[animals[arm] == key]
        if len(mine):
            rows.append(["arm not settled" if key is None else study.label(key), *_numbers(mine, tables)])
    strangers = animals[animals[arm].notna() & ~animals[arm].isin(list(study.arms))]
    rows += [["arm not in the study file", *_numbers(strangers, tables)]] if len(strangers) else []
    rows += [["all arms", *_numbers(animals, tables)]] if len(rows) > 1 else []
    heads = ["arm", "allocated", "excluded by the lab", "left before the end", "with a threshold"]
    return Grid("Animals by arm", [*heads, "with a concentration"], rows)


def _numbers(animals: pd.DataFrame, tables: Tables) -> list[str]:
    """The counts of one row of the flow."""
    measured = tables["thresholds"][Thresholds.animal], tables["concentrations"][Concentrations.animal]
    counts = [len(animals), animals[Animals.excluded].sum(), animals[Animals.left_day].notna().sum()]
    counts += [animals[Animals.animal].isin(set(ids.dropna())).sum() for ids in measured]
    return [str(int(n)) for n in counts]


def gone(tables: Tables) -> Grid:
    """Each animal that was excluded or left, and why."""
    frame = tables["animals"]
    frame = frame[frame[Animals.excluded] | frame[Animals.left_day].notna() | frame[Animals.left_reason].notna()]
    rows = [
        [row.animal, *_departure(row), row.source]
        for row in frame.sort_values(Animals.excluded, ascending=False, kind="stable").itertuples()
    ]
    return Grid("Animals excluded or gone before the end", ["animal", "what", "why", "where it is written"], rows)


def _departure(row: Any) -> list[str]:
    """What happened to an animal and the lab's reason."""
    day = "" if pd.isna(row.left_day) else f", last day {row.left_day:g}"
    if row.excluded:
        return [f"excluded{day}", text(row.exclusion_reason) or "no reason given"]
    return [f"left{day}", text(row.left_reason) or "no reason given"]


def books(tables: Tables) -> Books:
    """The ledger in numbers: each raw datum once, each measured one again."""
    ledger, fates = tables["ledger"], tables["fates"]
    counts = pd.crosstab(ledger[Ledger.table], ledger[Ledger.fate]).reindex(columns=LEDGER_FATES, fill_value=0)
    rows = [
        [str(name), *map(str, row), str(sum(row))]
        for name, row in zip(counts.index, counts.to_numpy().tolist(), strict=True)
    ]
    total = [int(counts[fate].sum()) for fate in LEDGER_FATES]
    rows += [["all tables", *map(str, total), str(len(ledger))]] if len(rows) > 1 else []
    grid = Grid("Raw data by fate", ["table", *LEDGER_FATES, "all"], rows)
    return Books(grid, [_raw(total, len(ledger)), _used(ledger, fates)], _aside(ledger))


def _raw(total: list[int], n: int) -> str:
    """The first sum, in numbers."""
    parts = " + ".join(f"{count} {fate}" for count, fate in zip(total, LEDGER_FATES, strict=True))
    return f"{phrases.count(n, 'raw datum', 'raw data')} = {parts}: {_verdict(sum(total) == n)}."


def _used(ledger: pd.DataFrame, fates: pd.DataFrame) -> str:
    """The second sum: what measuring made of the used data."""
    used = ledger[(ledger[Ledger.fate] == "used") & ledger[Ledger.table].isin(MEASURED)]
    made = fates[Fates.fate].value_counts()
    parts = " + ".join(f"{n} {str(fate).replace('_', ' ')}" for fate, n in made.items()) or "0"
    rest = int((ledger[Ledger.fate] == "used").sum()) - len(used)
    counted = (
        f" A further {phrases.count(rest, 'used datum is', 'used data are')} listed and not measured." if rest else ""
    )
    balanced = sorted(used[Ledger.source]) == sorted(fates[Fates.source])
    return f"{len(used)} used for thresholds and concentrations = {parts}: {_verdict(balanced)}.{counted}"


def _verdict(balanced: bool) -> str:
    """Whether a sum holds."""
    return "adds up" if balanced else "does NOT add up, see the findings"


def _aside(ledger: pd.DataFrame) -> Grid:
    """What was excluded or quarantined, by reason, with the first cells of each."""
    frame = ledger[ledger[Ledger.fate].isin(["quarantined", "excluded"])]
    by = [Ledger.table, Ledger.fate, Ledger.reason]
    rows = [
        [name, fate, str(len(part)), reason or "no reason given", several(part[Ledger.source])]
        for (name, fate, reason), part in frame.fillna({Ledger.reason: ""}).groupby(by, sort=False)
    ]
    return Grid("Data set aside or excluded", ["table", "fate", "how many", "reason", "where"], rows)


def findings(tables: Tables) -> list[dict[Any, Any]]:
    """The findings, gravest first, numbered so that one part of the page can point to another."""
    frame = tables["findings"]
    gravest_first = frame[Findings.severity].map(SEVERITIES[::-1].index).argsort(kind="stable")
    records = frame.iloc[gravest_first].fillna("").to_dict("records")
    return [{**record, "number": number} for number, record in enumerate(records, 1)]
