"""S7 and S8: single animals on which a conclusion may rest."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from hindpaw import phrases
from hindpaw.audit.asked import averages, grave, of_thresholds, pairs, welch
from hindpaw.findings import Finding, several
from hindpaw.study import Question, Study
from hindpaw.tables import Animals

ROOM = "audit"
LEVEL = 0.05
LEAST_ANIMALS = 4
UNITS = 5


def outlying(study: Study, animals: pd.DataFrame, thresholds: pd.DataFrame) -> Iterator[Finding]:
    """S7: animals whose average lies far from their arm's, by Grubbs' test; and the p without them."""
    found, tests = [], 0
    excluded = int(animals[Animals.excluded].sum())
    for question, rows in of_thresholds(study, thresholds):
        mean = averages(rows)
        for arm, mine in mean.groupby(level=0):
            if len(mine) < LEAST_ANIMALS or mine.std() == 0:
                continue
            tests += 1
            p, place = grubbs(mine)
            name = str(mine.index[place][1])
            found.append(
                (
                    p,
                    f"{question.key}, {study.label(str(arm))}: {name}, {phrases.p_value(p)}{_without(question, mean, name)}",
                )
            )
    severity = grave(min((p for p, _ in found), default=1.0), tests)
    if severity:
        told = [text for p, text in sorted(found) if grave(p, tests)]
        kept = f" {phrases.count(excluded, 'animal')} had been excluded by the lab before." if excluded else ""
        restored = " Animals that the lab excluded are not analysed here: to see the result with them, set `included` to 1 in a copy of the allocation list and run again." if excluded else ""  # fmt: skip
        yield Finding(
            "S7", severity, ROOM,
            f"An animal lies far from the others of its arm.{kept}",
            "Nothing was removed here. A rule for outliers that is made after seeing them can make any result.",
            f"Look for a reason in the record; report the result with and without.{restored}",
            evidence=several(told, 20), kind="chance",
        )  # fmt: skip


def grubbs(values: pd.Series) -> tuple[float, int]:
    """p of Grubbs' two-sided test of one outlier, and its place: n·P(T_{n−2} > t), doubled, at most 1.

    Grubbs, Technometrics 1969;11:1-21, doi 10.1080/00401706.1969.10490657: with G = max|x − x̄|/s,
    t² = n(n − 2)G²/((n − 1)² − nG²).

    >>> p, place = grubbs(pd.Series([199.31, 199.53, 200.19, 200.82, 201.92, 201.95, 202.18, 245.57]))
    >>> place, p < 0.001
    (7, True)
    """
    from scipy import stats

    n, away = len(values), (values - values.mean()).abs()
    g = float(away.max() / values.std())
    spare = (n - 1) ** 2 - n * g**2
    t = math.sqrt(n * (n - 2) * g**2 / spare) if spare > 1e-12 else math.inf
    return min(1.0, 2 * n * float(stats.t.sf(t, n - 2))), int(away.to_numpy().argmax())


def _without(question: Question, mean: pd.Series, name: str) -> str:
    """The Welch p of the arms with and without an animal, where they lie on different sides of 5 %."""
    told = []
    for treated, control in pairs(question):
        arms = set(mean.index.get_level_values(0))
        if {treated, control} <= arms:
            whole = welch(mean[treated], mean[control])[3]
            rest = mean.drop(index=[key for key in mean.index if key[1] == name])
            left = welch(rest[treated], rest[control])[3]
            if (whole < LEVEL) != (left < LEVEL):
                told.append(f"; averages {phrases.p_value(whole)} with it, {phrases.p_value(left)} without")
    return "".join(told)


def influential(influence: pd.DataFrame) -> Iterator[Finding]:
    """S8: animals, cages or weeks without which p falls on the other side of 5 %; always a note."""
    told = []
    for (question, comparison, by, time), rows in influence[influence["crosses"]].groupby(
        ["question", "comparison", "by", "time"], sort=False, dropna=False
    ):
        when = "overall" if by == "overall" else f"{by} {time:g}"
        units = [
            f"{row.kind} {row.left_out} ({phrases.p_value(row.p if pd.isna(row.p_adjusted) else row.p_adjusted)})"
            for row in rows.itertuples()
        ]
        more = f" and {len(units) - UNITS} more" if len(units) > UNITS else ""
        told.append(f"{question}, {comparison}, {when}: without {', '.join(units[:UNITS])}{more}")
    if told:
        yield Finding(
            "S8", "note", ROOM,
            f"{phrases.count(len(told), 'comparison')} at one time would change {'its' if len(told) == 1 else 'their'} side of 5 % without one animal, cage or week.",
            "A conclusion that one animal carries is a weak one; in small studies many are.",
            "Report the range of the estimate in the table influence, not the side of 5 %.",
            evidence=several(told, 20),
        )  # fmt: skip
