"""The kinds of question a study file may ask, what each needs, and what can be wrong with one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from hindpaw.findings import nearest

THRESHOLD = "threshold"
# What each kind cannot do without. The kinds after the third answer by modules of their own, and no mixed
# model of thresholds stands behind them.
NEEDED = {
    "contrast": ("outcome", "treated", "control"),
    "many-to-one": ("outcome", "treated", "control"),
    "pairwise": ("outcome", "treated", "control"),
    "panel": ("analytes", "treated", "control"),
    "by-day": ("outcome", "treated", "control"),
    "association": ("analyte", "treated", "control"),
    "neutralization": ("control", "isotype", "antibody"),
    "dose-response": ("doses",),
    "counts": ("outcome", "treated"),
    "duration": ("of", "control"),
}
MIXED = ("contrast", "many-to-one", "pairwise", "duration")
OF_THRESHOLDS = ("association", "neutralization", "dose-response")
ONE_STEP = "one-step"
ROLES = ("treated", "control", "isotype", "antibody", "antibody_alone")

# Where it stands, what is wrong, what to do.
Mistake = tuple[str, str, str]


def whole(entry: dict[str, Any]) -> dict[str, Any]:
    """A checked question with what its kind leaves unsaid filled in.

    The outcome is the threshold unless named; the arms compared in a dose response are the largest dose and
    the smallest.
    """
    doses = entry["doses"]
    implied: dict[str, Any] = {"outcome": THRESHOLD, "treated": "", "control": ""}
    treated = entry["of"] if entry["kind"] == "duration" else _listed(entry.get("treated", []))
    if doses:
        implied |= {"treated": max(doses, key=doses.get), "control": min(doses, key=doses.get)}
    if entry["kind"] == "panel":
        implied["outcome"] = "panel"
    lists = {name: tuple(entry[name]) for name in ("analytes", "structures", "blocks")}
    named = {"treated": treated[0]} if treated else {}
    known = {key: value for key, value in entry.items() if key != "of"}
    return implied | known | lists | named | {"also": (*treated[1:], *entry["also"])}


def _listed(treated: str | list[str]) -> list[str]:
    """One treated arm, or several, as a list."""
    return treated if isinstance(treated, list) else [treated]


def mistakes(document: dict[str, Any], name: str) -> Iterator[Mistake]:
    """What the schema cannot see of the questions: missing keys, outcomes and arms that are not there."""
    for key, question in document["questions"].items():
        place = f"{name}: questions.{key}"
        for part in NEEDED[question["kind"]]:
            if not question.get(part):
                what = f'A question of kind {question["kind"]} needs the key "{part}", which is missing.'
                yield f"{place}.{part}", what, f'Add "{part}: …" here; config/README.md says what it holds.'
        yield from _outcomes(document, question, place)
        yield from _arms(document["arms"], question, place)
        yield from _margin(question, place)


def margin_log10(margin: str | float, step_log10: float) -> float:
    """A question's margin on the log10 scale: the step given, or the log10 of a ratio.

    >>> margin_log10("one-step", 0.24), round(margin_log10(1.5, 0.24), 4)
    (0.24, 0.1761)
    """
    return step_log10 if isinstance(margin, str) else math.log10(margin)


def _margin(question: dict[str, Any], place: str) -> Iterator[Mistake]:
    """Whether the smallest difference that matters is one, and whether no effect can be tested against it."""
    margin, no_effect = question["margin"], question["expects"] == "no-effect"
    named = margin == ONE_STEP
    if not named and (isinstance(margin, str) or margin <= 1):
        what = f'"{margin}" is no margin.'
        yield f"{place}.margin", what, f'Say "{ONE_STEP}", or a ratio above 1, such as 1.5.'
    if no_effect and question["kind"] not in MIXED:
        what = f"A question of kind {question['kind']} has no test of equivalence."
        yield f"{place}.expects", what, f"Take it out, or ask by one of the kinds {', '.join(MIXED)}."
    elif no_effect and named and question.get("outcome", THRESHOLD) != THRESHOLD:
        what = "No effect on a concentration is asked for, and no margin is named; filament steps say nothing of it."
        yield f"{place}.margin", what, 'Add "margin: 1.5" (or the ratio that matters in your field).'


def _outcomes(document: dict[str, Any], question: dict[str, Any], place: str) -> Iterator[Mistake]:
    """Whether what a question is about is measured."""
    analytes = {plate["analyte"] for plate in document["plates"] if "analyte" in plate}
    analytes |= {analyte for plate in document["plates"] for analyte in plate["standards"]}
    targets = {counts["target"] for counts in document["counts"]}
    valid = {"counts": targets, "by-day": analytes}.get(question["kind"], {THRESHOLD, *analytes})
    valid = {THRESHOLD} if question["kind"] in (*OF_THRESHOLDS, "duration") else valid
    own = "outcome" in question and question["kind"] != "panel"
    named = [("outcome", question["outcome"], valid)] if own else []
    named += [("analyte", question["analyte"], analytes)] if "analyte" in question else []
    named += [("analytes", analyte, analytes) for analyte in question["analytes"]]
    # A multiplex names its analytes in the export, which is not read here.
    unsaid = any("analyte" not in plate and not plate["standards"] for plate in document["plates"])
    for part, outcome, known in named:
        if outcome not in known and not (unsaid and known is not targets and outcome != THRESHOLD):
            verb = "counted" if known is targets else "measured"
            yield f"{place}.{part}", f'Nothing called "{outcome}" is {verb}.', nearest(outcome, known)
    if question.get("outcome", THRESHOLD) == THRESHOLD and question["kind"] in MIXED:
        yield from _of_thresholds(question, place)


def _of_thresholds(question: dict[str, Any], place: str) -> Iterator[Mistake]:
    """What a mixed model of thresholds may not be asked."""
    several = len(_listed(question.get("treated", []))) > 1
    if question["kind"] == "contrast" and (several or question["also"]):
        advice = 'Say "kind: many-to-one" to compare each with the control, or "kind: pairwise" for all pairs.'
        yield f"{place}.kind", "More than two arms are named, and kind is contrast.", advice
    if question["of"] and question["kind"] != "duration":
        yield (
            f"{place}.of",
            "Only a question of kind duration has it.",
            'Say "kind: duration", or name the arm as treated.',
        )
    if question["kind"] == "duration" and question.get("treated"):
        yield f"{place}.treated", "The arms of a duration stand under `of`.", 'Take "treated" out.'
    if question.get("day") is not None:
        what = f"Day {question['day']:g} is picked out of all that were tested; its p alone would not count the others."
        advice = 'Take "day" out and say "by: day": every day then has its row, with p adjusted for the family.'
        yield f"{place}.day", what, advice
    if question["structure"] == "un" and question["variance"] != "constant":
        what = "The structure un has a variance for each day already."
        yield f"{place}.variance", what, "Take it out, or choose another structure."


def _arms(arms: dict[str, Any], question: dict[str, Any], place: str) -> Iterator[Mistake]:
    """Arms that are not there, and comparisons of an arm with itself."""
    named = [
        *((role, arm) for role in ROLES for arm in _listed(question.get(role, []))),
        *(("also", arm) for arm in question["also"]),
        *(("doses", arm) for arm in question["doses"]),
        *(("of", arm) for arm in question["of"]),
    ]
    for role, arm in named:
        if arm not in arms:
            yield f"{place}.{role}", f'There is no arm "{arm}".', nearest(arm, arms)
    twice = {arm for _, arm in named if [other for _, other in named].count(arm) > 1}
    if twice:
        yield place, f'The arm "{sorted(twice)[0]}" is named more than once.', "Compare different arms."
    if question["kind"] == "dose-response" and len(set(question["doses"].values())) < 3:
        yield f"{place}.doses", "A dose response needs three doses, 0 among them.", "Name the arm of each dose."
