"""Published statements to verdicts: what these data say of each, with the numbers side by side."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from hindpaw import phrases, tables
from hindpaw.study import Study
from hindpaw.tables import Claims, Contrasts, Verdicts

LEVEL = 0.05
ON_SIMULATED = {
    "reproduced": "consistent_with_simulation",
    "same_direction": "consistent_with_simulation",
    "not_reproduced": "inconsistent_with_simulation",
}


def verdicts(study: Study, claims: pd.DataFrame, contrasts: pd.DataFrame) -> pd.DataFrame:
    """The table `verdicts`: one row a claim.

    A claim of a direction is `reproduced` where the estimate points there and its p (adjusted within its
    family) is below 5 %, `same_direction` where it only points there. On simulated data nothing is ever
    reproduced: the verdict says whether the claim is consistent with the simulation.
    """
    rows = [_verdict(study, claim, contrasts) for _, claim in claims.iterrows()]
    return tables.shaped(pd.DataFrame(rows, columns=tables.columns(Verdicts)), Verdicts)


def _verdict(study: Study, claim: pd.Series, contrasts: pd.DataFrame) -> dict[str, Any]:
    """One claim."""
    row = {
        Verdicts.claim: claim[Claims.claim],
        Verdicts.kind: claim[Claims.kind],
        Verdicts.data: "simulated" if study.simulated else "real",
        Verdicts.published: _printed(claim),
    }
    if claim[Claims.status] == "not_yet_transcribed":
        return row | _ruling("not_yet_transcribed", "The printed numbers are still to be added to the claims file.")
    if claim[Claims.kind] == "statement" or not isinstance(claim[Claims.question], str):
        return row | _ruling("not_checkable", "No question of this study speaks to it.")
    found = _contrast(claim, contrasts)
    if found is None or math.isnan(found[Contrasts.estimate]):
        why = found[Contrasts.note] if found is not None else "there is no contrast at that time"
        return row | _ruling("not_checkable", f"Not estimated: {why}.")
    row[Verdicts.recommended] = _answer(found)
    judge = _direction if claim[Claims.kind] == "direction" else _no_effect
    verdict, changes, reason = judge(claim, found)
    named = ON_SIMULATED.get(verdict, verdict) if study.simulated else verdict
    return row | _ruling(named, reason) | {Verdicts.conclusion_changes: changes}


def _ruling(verdict: str, reason: str) -> dict[str, Any]:
    """The verdict and why."""
    return {Verdicts.verdict: verdict, Verdicts.reason: reason}


def _printed(claim: pd.Series) -> str:
    """What the paper says, with the numbers it prints."""
    numbers = [f"{name} {claim[name]}" for name in (Claims.n, Claims.p) if isinstance(claim[name], str)]
    method = [claim[Claims.method]] if isinstance(claim[Claims.method], str) else []
    told = "; ".join(numbers + method)
    return f"{claim[Claims.text]} [{claim[Claims.locator]}{'; ' + told if told else ''}]"


def _contrast(claim: pd.Series, contrasts: pd.DataFrame) -> pd.Series | None:
    """The contrast a claim is about: its question's first at that time."""
    by = claim[Claims.by] if isinstance(claim[Claims.by], str) else "overall"
    rows = contrasts[(contrasts[Contrasts.question] == claim[Claims.question]) & (contrasts[Contrasts.by] == by)]
    if by != "overall" and not math.isnan(claim[Claims.time]):
        rows = rows[rows[Contrasts.time] == claim[Claims.time]]
    return rows.iloc[0] if len(rows) else None


def _p(found: pd.Series) -> float:
    """The adjusted p where the contrast is one of a family."""
    return float(found[Contrasts.p] if math.isnan(found[Contrasts.p_adjusted]) else found[Contrasts.p_adjusted])


def _answer(found: pd.Series) -> str:
    """Our answer in words."""
    ratio = phrases.ratio(found[Contrasts.ratio], found[Contrasts.ratio_lower], found[Contrasts.ratio_upper])
    return f"{ratio}, {phrases.p_value(_p(found))}"


def _direction(claim: pd.Series, found: pd.Series) -> tuple[str, str, str]:
    """Whether treated lies where the claim says."""
    higher = found[Contrasts.estimate] > 0
    told = "higher" if higher else "lower"
    if told != claim[Claims.direction]:
        return "not_reproduced", "yes", f"Treated lies {told} than control, not {claim[Claims.direction]}."
    if _p(found) < LEVEL:
        return "reproduced", "no", f"Treated lies {told} than control, as claimed."
    return "same_direction", "yes", f"Treated lies {told} as claimed, but its p is not below {LEVEL}."


def _no_effect(claim: pd.Series, found: pd.Series) -> tuple[str, str, str]:
    """Whether the data contradict an absence; that they do not is no proof of it."""
    interval = phrases.interval(found[Contrasts.ratio_lower], found[Contrasts.ratio_upper])
    if found[Contrasts.lower] > 0 or found[Contrasts.upper] < 0:
        return "not_reproduced", "yes", f"There is a difference: the ratio's {interval} excludes 1."
    return "not_checkable", "", f"The ratio's {interval} includes 1; that alone does not show that there is no effect."
