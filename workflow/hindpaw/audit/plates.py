"""E1 and E2: where on the plates the arms lie, and whether an answer hangs on how non-detects were treated."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from hindpaw import phrases
from hindpaw.audit.allocation import cramers_v
from hindpaw.audit.asked import grave, pairs
from hindpaw.findings import Finding, several
from hindpaw.study import Study
from hindpaw.tables import AnalyteTests, Animals, Concentrations, Wells

ROOM = "audit"
LEVEL = 0.05


def apart(study: Study, concentrations: pd.DataFrame) -> Iterator[Finding]:
    """E1: arms that are compared but share no plate."""
    told = []
    for question in study.questions.values():
        outcomes = question.analytes or ((question.outcome,) if question.about_concentrations else ())
        rows = concentrations[concentrations[Concentrations.analyte].isin(outcomes)]
        rows = rows[(rows[Concentrations.day] == question.day) & (rows[Concentrations.matrix] == question.matrix)]
        for treated, control in pairs(question):
            plates = [
                set(rows.loc[rows[Concentrations.arm] == arm, Concentrations.plate]) for arm in (treated, control)
            ]
            if all(plates) and not plates[0] & plates[1]:
                told.append(f"{question.key}: {study.label(treated)} and {study.label(control)}")
    if told:
        yield Finding(
            "E1", "warning", ROOM,
            f"{phrases.count(len(told), 'comparison')} of arms that were measured on different plates.",
            "The difference between the arms cannot be told from the difference between the plates.",
            "Repeat with both arms on each plate, or show by controls on both plates that these agree.",
            evidence=several(told, 20),
        )  # fmt: skip


def edges(study: Study, wells: pd.DataFrame, animals: pd.DataFrame) -> Iterator[Finding]:
    """E1: an arm that lies at the edge of a plate more than another does."""
    arm = animals.set_index(Animals.animal)[Animals.arm]
    mine = wells[(wells[Wells.role] == "sample") & wells[Wells.animal].notna()]
    mine = mine.assign(arm=mine[Wells.animal].map(arm), edge=_at_edge(mine))
    # A sample counts once, however many wells and analytes it has.
    one = mine.drop_duplicates([Wells.plate, Wells.animal, Wells.day])
    found = []
    for plate, rows in one.groupby(Wells.plate):
        table = pd.crosstab(rows["arm"], rows["edge"])
        if min(table.shape) > 1:
            v, p = cramers_v(table.to_numpy())
            share = rows.groupby("arm")["edge"].mean()
            told = ", ".join(f"{study.label(str(name))} {phrases.percent(value)}" for name, value in share.items())
            found.append((p, f"{plate}: {told} at the edge; Cramér's V {phrases.number(v, 2)}, {phrases.p_value(p)}"))
    severity = grave(min((p for p, _ in found), default=1.0), len(found))
    if severity:
        yield Finding(
            "E1", severity, ROOM,
            "Arms are unevenly spread between the edge and the middle of a plate.",
            "Edge wells warm and dry faster; their signal may differ for that alone.",
            "Deal samples over the plate at random; look at the controls at the edge.",
            evidence=several((text for p, text in sorted(found) if grave(p, len(found))), 20), kind="chance",
        )  # fmt: skip


def _at_edge(wells: pd.DataFrame) -> pd.Series:
    """Whether each well lies in the first or last row or column of its plate's format."""
    row, column = wells[Wells.well].str[0].map(ord) - ord("A") + 1, wells[Wells.well].str[1:].astype(int)
    large = wells.assign(big=(row > 8) | (column > 12)).groupby(Wells.plate)["big"].transform("any")
    rows, columns = large.map({False: 8, True: 16}), large.map({False: 12, True: 24})
    return (row == 1) | (column == 1) | (row == rows) | (column == columns)


def substituted(tests: pd.DataFrame) -> Iterator[Finding]:
    """E2: comparisons whose side of 5 % depends on a constant put in for what was not detected."""
    told = []
    key = [AnalyteTests.question, AnalyteTests.analyte, AnalyteTests.comparison]
    for (question, analyte, comparison), rows in tests.groupby(key, sort=False):
        chosen = rows[rows[AnalyteTests.primary] & rows[AnalyteTests.p].notna()]
        other = rows[rows[AnalyteTests.method].str.contains("substitution") & rows[AnalyteTests.p].notna()]
        if len(chosen) and len(other):
            p, q = float(chosen[AnalyteTests.p].iloc[0]), float(other[AnalyteTests.p].iloc[0])
            if (p < LEVEL) != (q < LEVEL):
                told.append(
                    f"{question}, {analyte}, {comparison}: {phrases.p_value(p)}, with a constant put in {phrases.p_value(q)}"
                )
    if told:
        yield Finding(
            "E2", "note", ROOM,
            "Whether an analyte differs depends on how values below the limit are treated.",
            "A constant in their place makes the spread too small and is a choice of the analyst.",
            "Report the answer that keeps them as bounds, and say how many there were.",
            evidence=several(told, 20),
        )  # fmt: skip
