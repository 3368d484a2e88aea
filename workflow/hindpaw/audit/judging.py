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
from hindpaw.audit.recompute import p_from
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
    says : what a positive difference means, with a place for higher or lower
    """

    claim: pd.Series
    refit: pd.Series | None
    made: pd.DataFrame
    answer: Answer | str
    says: str = "Treated lies {} than control"

    @property
    def expected(self) -> bool:
        """Whether the claim says that the difference is significant; True where no p is printed."""
        return self.decided is not False

    @property
    def decided(self) -> bool | None:
        """What the printed p says at 0.05, or the p that follows from the printed statistic; None where nothing does."""
        p, value, statistic = (self.claim[name] for name in (Claims.p, Claims.value, Claims.statistic))
        if isinstance(p, str):
            return decides(p_span(p))
        known = isinstance(value, str) and isinstance(statistic, str)
        return decides(p_from(statistic, number(value), degrees(self.claim[Claims.df]))) if known else None

    @property
    def as_printed(self) -> bool:
        """Whether the p of the refit can be printed as the claim's is; True where none is printed."""
        p = self.claim[Claims.p]
        return not isinstance(p, str) or p_span(p).holds(aloud.p_read(self.claim, self.refit))


def directed(case: Case) -> Ruling:
    """Treated lies above or below control; the outcome rises or falls with the dose."""
    wanted = case.claim[Claims.direction]
    if case.refit is not None and not math.isnan(case.refit[Refits.difference]):
        told = "higher" if case.refit[Refits.difference] > 0 else "lower"
        p, by = aloud.p_read(case.claim, case.refit), f"by {NAMES[case.refit[Refits.test]]} as published"
    elif isinstance(case.answer, Answer) and not math.isnan(case.answer.estimate):
        told, p, by = "higher" if case.answer.higher else "lower", case.answer.p, "by the recommended analysis"
    else:
        why = case.answer if isinstance(case.answer, str) else f"on which side is open ({case.answer.words})"
        return "not_checkable", "", f"Not estimated: {why}."
    changes, other = _change(case, wanted)
    other += _difference(case)
    lies = f"{case.says.format(told)} {by}"
    if told != wanted:
        return "not_reproduced", changes, f"{lies}, not {wanted}.{other}"
    if (p < LEVEL) != case.expected:
        not_as = "its p is not below" if case.expected else "its p is below"
        return "same_direction", changes, f"{lies}, as claimed, but {not_as} {LEVEL}.{other}"
    if case.refit is not None and not case.as_printed:
        return (
            "same_direction",
            changes,
            f"{lies}, as claimed, with {phrases.p_value(p)}, not {case.claim[Claims.p]}.{other}",
        )
    return "reproduced", changes, f"{lies}, as claimed.{other}"


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
    found, p = case.answer, aloud.p_read(case.claim, case.refit)
    finds = f"The printed test finds a difference here ({phrases.p_value(p)})."
    if not isinstance(found, Answer):
        return ("not_reproduced", "", finds) if p < LEVEL else ("not_checkable", "", f"Not estimated: {found}.")
    if found.within:
        why = "The arms were shown to differ by less than the study's margin (two one-sided tests)."
        return "reproduced", "no", f"{why} {finds}" if p < LEVEL else why
    if found.excludes and not found.p >= LEVEL:
        return (
            "not_reproduced",
            "yes",
            f"There is a difference: the {found.interval} excludes {'0' if found.of == 'slope' else '1'}.",
        )
    if found.significant:
        return (
            "not_reproduced",
            "yes",
            f"There is a difference by the recommended analysis ({phrases.p_value(found.p)}).",
        )
    why = f"The {found.interval} includes {'0' if found.of == 'slope' else '1'}; that alone does not show that there is no effect."
    if found.excludes:
        why = f"The adjusted p is not small ({phrases.p_value(found.p)}), and the {found.interval}, not adjusted, excludes 1: neither is shown."
    return ("not_reproduced", "", f"{finds} {why}") if p < LEVEL else ("not_checkable", "", why)


def ratio(case: Case, here: float) -> Ruling:
    """Treated is so many times control: by the means of these data, or within the recommended interval.

    Parameters
    ----------
    here : ratio of the arms' arithmetic means at the claim's time; not a number where an arm has none
    """
    found, printed, text = case.answer, number(case.claim[Claims.ratio], least=0.0), case.claim[Claims.ratio]
    of_means = "" if math.isnan(here) else f"The ratio of the means of these data is {phrases.number(here)}. "
    plain = not math.isnan(here) and printed.holds(here)
    if not isinstance(found, Answer):
        if math.isnan(here):
            return "not_checkable", "", f"Not estimated: {found}."
        same = (printed.low > 1) == (here > 1)
        return "reproduced" if plain else "same_direction" if same else "not_reproduced", "", of_means.strip()
    inside = printed.meets(Span(10**found.lower, 10**found.upper))
    same = (printed.low > 1) == found.higher if not printed.holds(1.0) else inside
    changes = "no" if same and found.significant == case.expected else "yes"
    interval = phrases.interval(10**found.lower, 10**found.upper)
    if not same:
        side = f"The printed ratio {text} and the recommended estimate lie on different sides of 1."
        return "reproduced" if plain else "not_reproduced", "yes", of_means + side
    if inside or plain:
        lies = "lies in" if inside else "lies outside"
        return "reproduced", changes, f"{of_means}The printed ratio {text} {lies} the recommended analysis' {interval}."
    return (
        "same_direction",
        changes,
        f"{of_means}The printed ratio {text} lies outside {interval}, on the same side of 1.",
    )


def statistic(case: Case) -> Ruling:
    """A printed test: the same number and p, or at least the same decision."""
    claim, row, claimed = case.claim, case.refit, case.decided
    changes = ""
    if claimed is not None and isinstance(case.answer, Answer):
        changes = "no" if case.answer.significant == claimed else "yes"
    if row is None:
        named = isinstance(claim[Claims.test], str)
        why = aloud.told(claim, case.made) if named else "the claims file does not say under `test` which one it is"
        return "not_checkable", changes, f"The test was not made again: {why}."
    p, same = aloud.p_read(claim, row), _same_number(claim, row)
    if claimed is not None and claimed != (p < LEVEL):
        but = "gives the printed statistic, but" if same else "gives another number, and"
        return (
            "not_reproduced",
            changes,
            f"The same test on these data {but} decides the other way at {LEVEL} ({phrases.p_value(p)}).",
        )
    if same and case.as_printed:
        return "reproduced", changes, "The same test on these data gives the printed number."
    but = f"the printed statistic, but {phrases.p_value(p)}, not {claim[Claims.p]}," if same else "another number,"
    return "same_direction", changes, f"The same test on these data gives {but} and the same decision at {LEVEL}."


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


def means(case: Case, found: list[Compared] | str, pair: tuple[str, str]) -> Ruling:
    """Printed means with spread and n.

    Parameters
    ----------
    found : the printed groups beside the data, or why they cannot be compared
    pair : treated and control
    """
    if isinstance(found, str):
        return "not_checkable", "", f"Not compared: {found}."
    changes, off = _order_holds(case, found, pair), [one.group for one in found if not one.fits]
    if not off:
        return "reproduced", changes, "Mean, spread and n of every group are those of the data, rounded."
    ordered = [one.group for one in sorted(found, key=lambda one: one.printed)] == [one.group for one in sorted(found, key=lambda one: one.mean)]  # fmt: skip
    if ordered and len(found) > 1:
        why = f"The groups lie in the printed order, but the numbers of {phrases.listed(off)} differ."
        return "same_direction", changes, why
    return "not_reproduced", changes, f"The numbers of {phrases.listed(off)} are not those of the data."


def _order_holds(case: Case, found: list[Compared], pair: tuple[str, str]) -> str:
    """Whether the recommended analysis has the two arms in the printed order, and decides as a printed p does."""
    printed = {one.arm: one.printed for one in found}
    if not isinstance(case.answer, Answer) or not set(pair) <= set(printed):
        return ""
    treated, control = (printed[arm] for arm in pair)
    decides_so = case.decided is None or case.answer.significant == case.decided
    return "no" if (treated > control) == case.answer.higher and decides_so else "yes"


def animals(claim: pd.Series, here: dict[str, int]) -> Ruling:
    """Printed numbers of animals; they carry no conclusion."""
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


def unanswered(case: Case, reason: str) -> str:
    """Why it cannot be said whether the conclusion would change, as a sentence to follow the reason."""
    kind, found = case.claim[Claims.kind], case.answer
    if kind == "n":
        return " A number of animals carries no conclusion."
    if isinstance(found, str):
        return "" if found in reason else f" Whether the conclusion would change is open: {found}."
    if kind == "no_effect":
        return " Whether the conclusion would change is open: neither a difference nor its absence is shown."
    if kind == "test" and case.decided is None:
        return " Whether the conclusion would change is open: what is printed does not decide at 0.05."
    return " Whether the conclusion would change is open: what is printed says nothing on treated against control."
