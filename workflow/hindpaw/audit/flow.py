"""The flow of animals, in the manner of a CONSORT diagram: who was allocated, and what became of each, day by day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from hindpaw import tables
from hindpaw.findings import several
from hindpaw.study import Study
from hindpaw.tables import Animals, Flow, Ledger, Means, Thresholds

Row = dict[str, Any]
WHEN = [Ledger.paw, Ledger.day]
OF_VON_FREY = ("trials", "readings")
TRIED = ("used", "quarantined")
REASONS = 3


def flow(
    study: Study, animals: pd.DataFrame, ledger: pd.DataFrame, thresholds: pd.DataFrame, means: pd.DataFrame
) -> pd.DataFrame:
    """The table `flow`: one row an arm × stage, an arm × test day × paw × stage, and a question × arm × day.

    Of a test day, `tested` = those with a threshold (`censored` among them) + `set_aside`; `missing` were
    tested on no account though others of their cohort were, and had neither been excluded nor left.
    """
    kept = animals[~animals[Animals.excluded]]
    data = ledger[ledger[Ledger.table].isin(OF_VON_FREY) & ledger[Ledger.animal].isin(kept[Animals.animal])]
    data = data[data[Ledger.day].notna() & data[Ledger.paw].notna()]
    rows = [*_allocated(animals), *_days(kept, data, thresholds), *_analysed(study, means)]
    frame = pd.DataFrame(rows, columns=tables.columns(Flow))
    return tables.shaped(frame, Flow)


def _allocated(animals: pd.DataFrame) -> Iterator[Row]:
    """The stages that are of whole animals."""
    for arm, mine in animals.groupby(Animals.arm, sort=False, dropna=False):
        named = {Flow.arm: None if pd.isna(arm) else arm}
        yield named | {Flow.stage: "allocated", Flow.n: len(mine)}
        out = mine[mine[Animals.excluded]]
        for reason, some in out.groupby(out[Animals.exclusion_reason].fillna("no reason given"), sort=False):
            yield named | _who("excluded", some[Animals.animal], str(reason))
        gone = mine[mine[Animals.left_day].notna() & ~mine[Animals.excluded]]
        by = [gone[Animals.left_day], gone[Animals.left_reason].fillna("no reason given")]
        for (day, reason), some in gone.groupby(by, sort=True):
            yield named | _who("left", some[Animals.animal], str(reason)) | {Flow.day: day}


def _who(stage: str, animals: pd.Series, reason: str | None = None) -> Row:
    """A stage, its number and its animals."""
    ids = sorted(dict.fromkeys(animals))
    return {Flow.stage: stage, Flow.n: len(ids), Flow.reason: reason, Flow.animals: "; ".join(ids) or None}


def _days(kept: pd.DataFrame, data: pd.DataFrame, thresholds: pd.DataFrame) -> Iterator[Row]:
    """The stages of each arm on each test day and paw."""
    arm_of = kept.set_index(Animals.animal)[Animals.arm]
    members = {arm: set(mine.index) for arm, mine in arm_of.groupby(arm_of, sort=False, dropna=False)}
    measured = thresholds[thresholds[Thresholds.animal].isin(kept[Animals.animal])]
    of_day = dict(iter(data.groupby(WHEN)))
    found_on = dict(iter(measured.groupby([Thresholds.paw, Thresholds.day])))
    for when, expected in _due(kept, data).items():
        here, found = of_day[when], found_on.get(when, measured.iloc[:0])
        tried = here[here[Ledger.fate].isin(TRIED)]
        known = set(found[Thresholds.animal])
        tested = set(tried[Ledger.animal]) | known
        stages = {
            "tested": tested,
            "censored": set(found.loc[found[Thresholds.censored] != "none", Thresholds.animal]),
            "set_aside": tested - known,
            "missing": expected - tested,
        }
        for arm, inside in members.items():
            if inside & (tested | expected):
                for stage, mine in stages.items():
                    if mine & inside or stage == "tested":
                        yield _day_row(stage, arm, when, mine & inside, here)


def _day_row(stage: str, arm: object, when: tuple[str, float], members: set[str], here: pd.DataFrame) -> Row:
    """One stage of one arm on one day, with the ledger's reasons where it has some."""
    row = _who(stage, pd.Series(sorted(members), dtype=object))
    if stage in ("set_aside", "missing"):
        told = here[here[Ledger.animal].isin(members) & here[Ledger.reason].notna()][Ledger.reason]
        row[Flow.reason] = several(dict.fromkeys(told), REASONS) or None
    row[Flow.animals] = None if stage == "tested" else row[Flow.animals]
    return row | {Flow.arm: None if pd.isna(arm) else arm, Flow.paw: when[0], Flow.day: when[1]}


def _due(kept: pd.DataFrame, data: pd.DataFrame) -> dict[tuple[str, float], set[str]]:
    """Who should have been tested on each paw × day: those of the cohorts tested then, who had not left before."""
    cohort = kept.set_index(Animals.animal)[Animals.cohort].fillna("")
    until = kept.set_index(Animals.animal)[Animals.left_day].fillna(float("inf"))
    tried = data[data[Ledger.fate].isin(TRIED)]
    # An animal of which nothing was ever tested belongs to another part of the study; rule D1 asks where it is.
    ever = cohort[cohort.index.isin(tried[Ledger.animal])]
    due = {}
    for (paw, day), rows in tried.groupby(WHEN, sort=True):
        cohorts = set(cohort[rows[Ledger.animal]])
        due[paw, day] = {one for one in ever.index if ever[one] in cohorts and until[one] >= day}
    return due


def _analysed(study: Study, means: pd.DataFrame) -> Iterator[Row]:
    """How many stand behind each mean that a question compares, as the model counted them."""
    about = [key for key, question in study.questions.items() if question.about_thresholds]
    after = means[means[Means.question].isin(about) & (means[Means.day] > study.days.treatment)]
    for row in after.to_dict("records"):
        paw = study.questions[row[Means.question]].paw
        yield {Flow.stage: "analysed", Flow.paw: paw, Flow.n: row[Means.n]} | {
            name: row[name] for name in (Flow.arm, Flow.day, Flow.question)
        }
