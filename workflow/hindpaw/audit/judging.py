"""A claim's verdict from its numbers: as published where the printed test could be made, else as recommended.

`reproduced` says that the printed statement comes out by the printed way; whether the recommended analysis says the
same is the other column. A reader needs both.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import pandas as pd

from hindpaw import phrases
from hindpaw.audit import aloud
from hindpaw.audit.compared import Compared
from hindpaw.audit.paper import NAMES
from hindpaw.audit.printed import LEVEL, Span, decides, degrees, number, numbers_of, p_span
from hindpaw.audit.recommended import Answer
from hindpaw.tables import Claims, Refits

# Verdict, whether the conclusion changes (yes, no, or empty), and why.
Ruling = tuple[str, str, str]


@dataclass(frozen=True)
class Case:
    """All that is known of one claim.

    Parameters
    ----------
    claim : its row
    refit : the row of `refits` it turns on; None where its test was not named or could not be made
    made : all its rows of `refits`
    answer : the recommended answer, or why there is none
    """

    claim: pd.Series
    refit: pd.Series | None
    made: pd.DataFrame
    answer: Answer | str

    @property
    def expected(self) -> bool:
        """Whether the claim says that the difference is significant; True where no p is printed."""
        p = self.claim[Claims.p]
        return decides(p_span(p)) is not False if isinstance(p, str) else True


def directed(case: Case) -> Ruling:
    """Treated lies above or below control; the outcome rises or falls with the dose."""
    wanted = case.claim[Claims.direction]
    if case.refit is not None and not math.isnan(case.refit[Refits.difference]):
        told = "higher" if case.refit[Refits.difference] > 0 else "lower"
        p, by = aloud.p_read(case.claim, case.refit), f"by {NAMES[case.refit[Refits.test]]} as published"
    elif isinstance(case.answer, Answer):
        told, p, by = "higher" if case.answer.higher else "lower", case.answer.p, "by the recommended analysis"
    else:
        return "not_checkable", "", f"Not estimated: {case.answer}."
    changes, other = _change(case, wanted)
    other += _difference(case)
    if told != wanted:
        return "not_reproduced", changes, f"Treated lies {told} than control {by}, not {wanted}.{other}"
    if (p < LEVEL) == case.expected:
        return "reproduced", changes, f"Treated lies {told} than control {by}, as claimed.{other}"
    not_as = "its p is not below" if case.expected else "its p is below"
    return "same_direction", changes, f"Treated lies {told} as claimed {by}, but {not_as} {LEVEL}.{other}"


def _difference(case: Case) -> str:
    """Whether the printed difference is that of the data, where both are in the unit of the tables."""
    printed, row = case.claim[Claims.difference], case.refit
    if not isinstance(printed, str) or row is None or case.claim[Claims.unit] not in ("g", "pg/ml"):
        return ""
    here = phrases.number(row[Refits.difference])
    return f" The printed difference {printed} is {'that' if number(printed).holds(row[Refits.difference]) else 'not that'} of the data ({here})."


def _change(case: Case, wanted: str) -> tuple[str, str]:
    """Whether the recommended analysis carries the claimed conclusion, and a sentence where it does not."""
    found = case.answer
    if not isinstance(found, Answer):
        return "", f" There is no recommended answer: {found}."
    points = "higher" if found.higher else "lower"
    if math.isnan(found.estimate):
        return ("no" if found.significant == case.expected else "yes"), ""
    if points == wanted and found.significant == case.expected:
        return "no", ""
    if points != wanted:
        return "yes", f" The recommended analysis has it {points}."
    shown = "does not show a difference" if case.expected else "does show a difference"
    return "yes", f" The recommended analysis {shown} ({phrases.p_value(found.p)})."


def absent(case: Case) -> Ruling:
    """It is said not to differ: data can contradict that; that they do not is no proof."""
    found = case.answer
    if not isinstance(found, Answer):
        return "not_checkable", "", f"Not estimated: {found}."
    interval = phrases.interval(10**found.lower, 10**found.upper)
    finds = case.refit is not None and aloud.p_read(case.claim, case.refit) < LEVEL
    other = " The printed test finds a difference." if finds else ""
    if found.within:
        why = "The arms were shown to differ by less than the study's margin (two one-sided tests)."
        return "reproduced", "no", why + other
    if found.lower > 0 or found.upper < 0:
        return "not_reproduced", "yes", f"There is a difference: the ratio's {interval} excludes 1."
    why = f"The ratio's {interval} includes 1; that alone does not show that there is no effect."
    return "not_checkable", "", why + other


def ratio(case: Case) -> Ruling:
    """Treated is so many times control."""
    found, printed = case.answer, number(case.claim[Claims.ratio], least=0.0)
    if not isinstance(found, Answer):
        return "not_checkable", "", f"Not estimated: {found}."
    inside = printed.meets(Span(10**found.lower, 10**found.upper))
    same = (printed.low > 1) == found.higher if not printed.holds(1.0) else inside
    changes = "no" if same and found.significant == case.expected else "yes"
    interval = phrases.interval(10**found.lower, 10**found.upper)
    if inside and same:
        return (
            "reproduced",
            changes,
            f"The printed ratio {case.claim[Claims.ratio]} lies in the recommended analysis' {interval}.",
        )
    if same:
        return (
            "same_direction",
            changes,
            f"The printed ratio {case.claim[Claims.ratio]} lies outside {interval}, on the same side of 1.",
        )
    return "not_reproduced", "yes", f"The printed ratio {case.claim[Claims.ratio]} lies on the other side of 1."


def statistic(case: Case) -> Ruling:
    """A printed test: the same number, or at least the same decision."""
    claim, row = case.claim, case.refit
    if row is None:
        why = (
            "its test is not named by key" if not isinstance(claim[Claims.test], str) else aloud.told(claim, case.made)
        )
        return "not_checkable", "", f"The test was not made again: {why}."
    p, printed = aloud.p_read(claim, row), claim[Claims.p]
    claimed = decides(p_span(printed)) if isinstance(printed, str) else None
    changes = ""
    if claimed is not None and isinstance(case.answer, Answer):
        changes = "no" if case.answer.significant == claimed else "yes"
    same = _same_number(claim, row)
    if same:
        return "reproduced", changes, "The same test on these data gives the printed number."
    if claimed is None or claimed == (p < LEVEL):
        return (
            "same_direction",
            changes,
            f"The same test on these data gives another number, and the same decision at {LEVEL}.",
        )
    return "not_reproduced", changes, f"The same test on these data decides the other way at {LEVEL}."


def _same_number(claim: pd.Series, row: pd.Series) -> bool:
    """Whether the refit rounds to the printed statistic and has its degrees of freedom."""
    value = row[Refits.value] if claim[Claims.statistic] in ("F", "chi2", "r") else abs(row[Refits.value])
    printed = number(claim[Claims.value])
    if claim[Claims.statistic] in ("t", "z"):
        printed = printed.size()
    own = [row[df] for df in (Refits.df1, Refits.df2) if not math.isnan(row[df])]
    df = degrees(claim[Claims.df])
    counted = len(df) == len(own) and all(span.holds(one) for span, one in zip(df, own, strict=True))
    return claim[Claims.statistic] == row[Refits.statistic] and printed.holds(value) and counted


def means(claim: pd.Series, found: list[Compared] | str) -> Ruling:
    """Printed means with spread and n."""
    if isinstance(found, str):
        return "not_checkable", "", f"Not compared: {found}."
    off = [one.group for one in found if not one.fits]
    if not off:
        return "reproduced", "", "Mean, spread and n of every group are those of the data, rounded."
    ordered = [one.group for one in sorted(found, key=lambda one: one.printed)] == [one.group for one in sorted(found, key=lambda one: one.mean)]  # fmt: skip
    if ordered and len(found) > 1:
        return (
            "same_direction",
            "",
            f"The groups lie in the printed order, but the numbers of {phrases.listed(off)} differ.",
        )
    return "not_reproduced", "", f"The numbers of {phrases.listed(off)} are not those of the data."


def animals(claim: pd.Series, here: dict[str, int]) -> Ruling:
    """Printed numbers of animals."""
    if not any(here.values()):
        return "not_checkable", "", "No animal has a value of this outcome."
    sizes, told = numbers_of(claim[Claims.n]), phrases.listed([f"{n} of {arm}" for arm, n in here.items()])
    if set(here.values()) <= set(sizes):
        return "reproduced", "", f"The data have {told}."
    return "not_reproduced", "", f"The data have {told}, not {claim[Claims.n]}."


def duration(case: Case, treatment: float) -> Ruling:
    """How long an effect is said to last."""
    printed = lasts(case.claim[Claims.lasts_days])
    found = case.answer
    changes = (
        "" if not isinstance(found, Answer) or found.days is None else "no" if found.days.meets(printed) else "yes"
    )
    if case.refit is not None:
        run = aloud.lasting(case.claim, case.made, case.refit[Refits.test])
        if run is None:
            return "not_reproduced", changes, f"By {NAMES[case.refit[Refits.test]]} no day is significant."
        seen = Span(run[0] - treatment, run[1] - treatment)
        told = f"By {NAMES[case.refit[Refits.test]]} days are significant through day {seen.low:g} after treatment (a count that depends on n)."
        return ("reproduced" if seen.meets(printed) else "same_direction"), changes, told
    if not changes:
        return "not_checkable", "", f"Not estimated: {found if isinstance(found, str) else found.words}."
    if changes == "no":
        return "reproduced", "no", "The printed duration lies within the interval of the recommended analysis."
    return "same_direction", "yes", "There is relief, but its end lies elsewhere."


def lasts(printed: str) -> Span:
    """How long, as printed: 35, 28-35, >= 21.

    >>> lasts("28-35"), lasts(">= 21"), lasts("35")
    (Span(low=28.0, high=35.0), Span(low=21.0, high=inf), Span(low=34.5, high=35.5))
    """
    ends = re.split(r"\s*(?:-|–|to)\s*", printed)
    return Span(float(ends[0]), float(ends[1])) if len(ends) > 1 else number(printed, least=0.0)
