"""Published statements and how a paper describes its analyses, as a reader transcribed them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from hindpaw import schema, tables
from hindpaw.findings import Finding, StudyError, nearest
from hindpaw.study import Study
from hindpaw.tables import Analyses, ClaimGroups, Claims

# What each kind cannot do without, once its numbers are transcribed.
NEEDED = {
    "test": ("statistic", "value"),
    "mean": ("groups",),
    "direction": ("direction",),
    "contrast": ("question", "direction"),
    "ratio": ("ratio",),
    "duration": ("lasts_days",),
    "dose_response": ("direction",),
    "n": ("n",),
}
DEGREES = {"F": 2, "t": 1, "r": 1, "chi2": 1, "z": 0}
NUMBERS = (Claims.time, Claims.comparisons, Claims.items, Analyses.time_points)
UNCOMPARED = "The claim cannot be compared with an answer."

# Where it stands, what is wrong, what to do.
Mistake = tuple[str, str, str]


def read(study: Study, text: str, name: str) -> dict[str, pd.DataFrame]:
    """The tables `claims`, `claim_groups` and `analyses`; every printed number keeps its digits.

    Raises
    ------
    StudyError
        With every mistake of the file: keys and values against the schema; questions and arms that the study
        does not have; what a kind of claim needs and lacks.
    """
    written = schema.parse(text, name, as_written=True)
    found: list[Finding] = []
    try:
        document = schema.checked(written, "claims.schema.yaml", name)
    except StudyError as error:
        found = error.findings
    entries = written.get("claims") if isinstance(written, dict) else None
    for claim, entry in entries.items() if isinstance(entries, dict) else ():
        if isinstance(entry, dict):
            place = f"{name}: claims.{claim}"
            found += [_finding(place, *one) for one in (*_of_study(study, entry), *_of_kind(entry))]
    if found:
        raise StudyError(found)
    return _tables(document, name)


def empty() -> dict[str, pd.DataFrame]:
    """The same tables of a study without a claims file."""
    return {tables.name_of(model): tables.empty(model) for model in (Claims, ClaimGroups, Analyses)}


def _finding(place: str, key: str, what: str, what_to_do: str) -> Finding:
    """A mistake of one claim."""
    return Finding(schema.CHECK, "error", "intake", what, UNCOMPARED, what_to_do, f"{place}.{key}")


def _of_study(study: Study, entry: dict[str, Any]) -> Iterator[Mistake]:
    """Questions and arms that are not in the study file."""
    question = entry.get("question")
    if isinstance(question, str) and question not in study.questions:
        yield "question", f'The study asks no question "{question}".', nearest(question, study.questions)
    groups = entry.get("groups") if isinstance(entry.get("groups"), dict) else {}
    named = [(role, entry.get(role)) for role in ("treated", "control")]
    named += [(f"groups.{key}.arm", one.get("arm")) for key, one in (groups or {}).items() if isinstance(one, dict)]
    for key, arm in named:
        if isinstance(arm, str) and arm not in study.arms:
            yield key, f'There is no arm "{arm}".', nearest(arm, study.arms)


def _of_kind(entry: dict[str, Any]) -> Iterator[Mistake]:
    """What a kind of claim needs and lacks."""
    kind, statistic = str(entry.get("kind")), str(entry.get("statistic"))
    if entry.get("status") == "not_yet_transcribed":
        return
    for key in NEEDED.get(kind, ()):
        if key not in entry:
            advice = f'Add "{key}: …", or say "status: not_yet_transcribed" until the paper is at hand.'
            yield key, f'A claim of kind {kind} needs the key "{key}", which is missing.', advice
    if entry.get("by") in ("week", "day") and "time" not in entry:
        yield "time", f"Which {entry['by']} is meant is not said.", 'Add "time: …", or say "by: overall".'
    wanted = DEGREES.get(statistic, 0)
    printed = str(entry.get("df", "")).replace(";", ",")
    given = len(printed.split(",")) if printed else 0
    if kind == "test" and statistic in DEGREES and given != wanted:
        what = f"The statistic {statistic} has {wanted} degrees of freedom, and {given} are given."
        yield "df", what, 'Write df as printed: "8" for a t, "1, 8" for an F; without them no p follows from it.'


def _tables(document: dict[str, Any], name: str) -> dict[str, pd.DataFrame]:
    """The checked document as tables."""
    claims, groups = [], []
    for claim, entry in document["claims"].items():
        place = f"{name}: claims.{claim}"
        claims.append({Claims.source: place, Claims.claim: claim, **entry, Claims.test: _listed(entry.get("test"))})
        for group, printed in entry.get("groups", {}).items():
            about = {ClaimGroups.claim: claim, ClaimGroups.group: group, ClaimGroups.n: entry.get("n")}
            groups.append({ClaimGroups.source: f"{place}.groups.{group}", **about, **printed})
    analyses = [
        {Analyses.source: f"{name}: paper.analyses.{key}", Analyses.analysis: key, **entry}
        | {part: _listed(entry.get(part)) for part in (Analyses.tests, Analyses.groups)}
        for key, entry in document["paper"]["analyses"].items()
    ]
    made = ((Claims, claims), (ClaimGroups, groups), (Analyses, analyses))
    return {tables.name_of(model): _table(rows, model) for model, rows in made}


def _listed(value: str | list[str] | None) -> str | None:
    """One or several as one text."""
    return "; ".join(value) if isinstance(value, list) else value


def _table(rows: list[dict[str, Any]], model: type[tables.Table]) -> pd.DataFrame:
    """Rows as a table; what a schema checked to be a number becomes one."""
    frame = pd.DataFrame(rows, columns=tables.columns(model))
    for column in set(NUMBERS) & set(frame.columns):
        frame[column] = pd.to_numeric(frame[column])
    return tables.shaped(frame, model)
