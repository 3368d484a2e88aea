"""Published statements to verdicts: what these data say of each, with the numbers side by side."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from hindpaw import phrases, tables
from hindpaw.audit import aloud, compared, judging, smallest
from hindpaw.audit.judging import Case, Ruling
from hindpaw.audit.paper import listed_tests
from hindpaw.audit.printed import numbers_of
from hindpaw.audit.recommended import Answer, answer
from hindpaw.audit.recompute import as_printed, recomputed, words
from hindpaw.audit.summaries import bounds_in_words, groups_of
from hindpaw.audit.taken import taken
from hindpaw.study import Study
from hindpaw.tables import ClaimGroups, Claims, Refits, Verdicts

ON_SIMULATED = {
    "reproduced": "consistent_with_simulation",
    "same_direction": "consistent_with_simulation",
    "not_reproduced": "inconsistent_with_simulation",
}
Tables = dict[str, pd.DataFrame]


def verdicts(study: Study, made: Tables) -> pd.DataFrame:
    """The table `verdicts`: one row a claim.

    A statement is judged by the printed test made again on these data where it is named and can be made, else by
    the recommended analysis; `conclusion_changes` says whether the recommended analysis carries the claimed
    conclusion. On simulated data nothing is ever reproduced: the verdict says whether the claim is consistent with
    the simulation.

    Parameters
    ----------
    made : `claims claim_groups refits`, and what the answers stand in: `thresholds concentrations contrasts effects
        association neutralization dose durations`
    """
    rows = [_verdict(study, claim, made) for _, claim in made["claims"].iterrows()]
    return tables.shaped(pd.DataFrame(rows, columns=tables.columns(Verdicts)), Verdicts)


def _verdict(study: Study, claim: pd.Series, made: Tables) -> dict[str, Any]:
    """One claim."""
    row = {
        Verdicts.claim: claim[Claims.claim],
        Verdicts.kind: claim[Claims.kind],
        Verdicts.data: "simulated" if study.simulated else "real",
        Verdicts.published: printed(claim, made["claim_groups"]),
    }
    if claim[Claims.status] == "not_yet_transcribed":
        return row | _ruling(
            ("not_yet_transcribed", "", "The printed numbers are still to be added to the claims file.")
        )
    if claim[Claims.kind] == "statement" or not isinstance(claim[Claims.question], str):
        told = "; ".join(["No question of this study speaks to it", *from_print(claim, made["claim_groups"])])
        return row | _ruling(("not_checkable", "", f"{told}."))
    mine = made["refits"][made["refits"][Refits.claim] == claim[Claims.claim]]
    tests = listed_tests(claim[Claims.test])
    refit = aloud.decisive(claim, mine, tests[0]) if tests else None
    case = Case(claim, refit, mine, answer(study, claim, made), _says(study, claim))
    found, shown = _judged(study, case, made)
    if isinstance(case.answer, Answer) and claim[Claims.kind] != "n":
        row |= {Verdicts.recommended: case.answer.words, Verdicts.p_recommended: case.answer.p}
    row |= {
        Verdicts.as_published: shown or aloud.told(claim, mine) or None,
        Verdicts.p_as_published: aloud.p_read(claim, refit),
    }
    row[Verdicts.n_dropped] = math.nan if refit is None else float(refit[Refits.n_dropped])
    verdict = ON_SIMULATED.get(found[0], found[0]) if study.simulated else found[0]
    reason = found[2] + ("" if found[1] else judging.unanswered(case, found[2])) + _also(claim, mine)
    return row | _ruling((verdict, found[1], reason))


def _says(study: Study, claim: pd.Series) -> str:
    """What a positive answer to a claim means, with a place for higher or lower."""
    if claim[Claims.kind] == "dose_response":
        return "With more of the dose the outcome lies {}"
    if study.questions[claim[Claims.question]].kind == "association":
        return "Within arms the threshold of animals with more of the analyte lies {}"
    return "Treated lies {} than control"


def _judged(study: Study, case: Case, made: Tables) -> tuple[Ruling, str]:
    """The ruling on a claim by its kind, and the numbers of these data where they are no test."""
    kind = case.claim[Claims.kind]
    if kind in ("mean", "n"):
        data = taken(study, case.claim, made["thresholds"], made["concentrations"])
        if kind == "n":
            here = {study.label(arm): n for arm, n in compared.numbers_here(case.claim, data).items()}
            return judging.animals(case.claim, here), ", ".join(f"{arm} {n}" for arm, n in here.items())
        groups = compared.groups_here(case.claim, made["claim_groups"], data)
        shown = groups if isinstance(groups, str) else "; ".join(one.words() for one in groups)
        return judging.means(case, groups, (data.treated, data.control)), shown
    if kind == "duration":
        days = "" if case.refit is None else aloud.day_by_day(case.claim, case.made, case.refit[Refits.test])
        return judging.duration(case, study.days.treatment), days
    if kind == "ratio":
        data = taken(study, case.claim, made["thresholds"], made["concentrations"])
        return judging.ratio(case, compared.ratio_here(case.claim, data)), ""
    judges = {"no_effect": judging.absent, "test": judging.statistic}
    return judges.get(kind, judging.directed)(case), ""


def _ruling(found: Ruling) -> dict[str, Any]:
    """The verdict, whether the conclusion changes, and why."""
    verdict, changes, reason = found
    return {Verdicts.verdict: verdict, Verdicts.conclusion_changes: changes or None, Verdicts.reason: reason}


def _also(claim: pd.Series, made: pd.DataFrame) -> str:
    """Where the printed tests bite: animals dropped, tests that disagree among themselves."""
    told = []
    dropped = made[made[Refits.n_dropped] > 0]
    if len(dropped):
        told.append(
            f"The printed test leaves out {phrases.count(dropped[Refits.n_dropped].max(), 'animal')} not tested every time; the recommended one keeps them."
        )
    if claim[Claims.term] == "time" and made[Refits.note].str.contains("type II sums", na=False).any():
        told.append(
            "The arms are of unequal size, so the effect of time rests on type II sums of squares; other programs take type III."
        )
    rows = [aloud.decisive(claim, made, test) for test in listed_tests(claim[Claims.test])]
    decided = {aloud.p_read(claim, row) < judging.LEVEL for row in rows if row is not None}
    if len(decided) > 1:
        told.append("The tests that the paper names disagree here.")
    return "".join(f" {sentence}" for sentence in told)


def printed(claim: pd.Series, groups: pd.DataFrame) -> str:
    """What the paper says, with the numbers it prints."""
    numbers = [f"n {claim[Claims.n]}"] if isinstance(claim[Claims.n], str) else []
    numbers += (
        [as_printed(claim)] if isinstance(claim[Claims.value], str) and isinstance(claim[Claims.statistic], str) else []
    )
    named = {
        Claims.p: "p",
        Claims.ratio: "ratio",
        Claims.difference: "difference",
        Claims.interval: "interval",
        Claims.lasts_days: "days",
    }
    numbers += [f"{word} {claim[column]}" for column, word in named.items() if isinstance(claim[column], str)]
    for _, row in groups[groups[ClaimGroups.claim] == claim[Claims.claim]].iterrows():
        spread = f" ± {row[ClaimGroups.spread]}" if isinstance(row[ClaimGroups.spread], str) else ""
        unit = f" {claim[Claims.unit]}" if isinstance(claim[Claims.unit], str) else ""
        numbers.append(f"{row[ClaimGroups.group]} {row[ClaimGroups.mean]}{spread}{unit}")
    method = [claim[Claims.method]] if isinstance(claim[Claims.method], str) else []
    told = "; ".join(numbers + method)
    return f"{claim[Claims.text]} [{claim[Claims.locator]}{'; ' + told if told else ''}]"


def from_print(claim: pd.Series, groups: pd.DataFrame) -> list[str]:
    """What print alone says of a claim: its p from its statistic, bounds from its means, and what its n allows."""
    told = []
    if isinstance(claim[Claims.value], str) and isinstance(claim[Claims.statistic], str):
        tail = " for one tail" if claim[Claims.tails] == "one" and claim[Claims.statistic] in ("t", "z", "r") else ""
        told.append(f"{as_printed(claim)} gives {words(recomputed(claim)[0])}{tail}")
    bounds = bounds_in_words(claim[Claims.test], groups_of(groups).get(claim[Claims.claim], []))
    told += [bounds] if bounds else []
    sizes = [n for n in numbers_of(claim[Claims.n]) if 1 < n <= smallest.FEW]
    return told + [smallest.words(n) for n in sizes]
