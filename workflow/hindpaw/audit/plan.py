"""The analysis plan: the questions as they were locked, and every change since.

A lock file is YAML that people read and commit: when it was locked, with what version, a SHA-256 of the plan in
canonical form, and the plan itself with every default written out, so that a later version of hindpaw with other
defaults or more keys shows what changed and what did not.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

import hindpaw
from hindpaw import phrases, schema
from hindpaw.findings import Finding, StudyError, several
from hindpaw.study import Study

ROOM = "audit"
# Beside the questions, what decides their answers.
SETTINGS = ("days", "randomization", "threshold_method", "percent_response_model", "assay", "censored_share")
HEAD = """\
# The analysis plan of this study as it was locked. Made by `hindpaw lock`; commit it, and do not edit it:
# the digest below is of the plan, and the audit lists every difference between this plan and what was run.
"""
WHY = "A question that was chosen or changed after the data were seen gives p-values that do not mean what they say."
SHOWN = 30


def of(study: Study) -> dict[str, Any]:
    """The plan a study file holds: its questions and the settings that decide their answers."""
    document = study.document
    settings = {name: document[name] for name in SETTINGS if name in document}
    return json.loads(json.dumps({"questions": document["questions"], "settings": settings}, default=str))  # type: ignore[no-any-return]


def digest(plan: Mapping[str, Any]) -> str:
    """SHA-256 of the plan as JSON with sorted keys, no blanks, and every number as a float.

    >>> digest({"questions": {"b": 1, "a": 2}}) == digest({"questions": {"a": 2.0, "b": 1}})
    True
    """
    text = json.dumps(_plain(plan), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """The value with numbers as floats, so that 1 and 1.0 are one."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def written(study: Study, when: datetime.datetime, at_hand: list[str]) -> str:
    """The text of a lock file.

    Parameters
    ----------
    study : the study whose plan it is
    when : the moment of locking, with its time zone
    at_hand : raw files of the study that were there already
    """
    from ruamel.yaml import YAML

    plan = of(study)
    whole = {
        "study": study.name,
        "locked": when.isoformat(timespec="seconds"),
        "hindpaw": hindpaw.__version__,
        "sha256": digest(plan),
        "files_at_hand": at_hand,
        "plan": plan,
    }
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 120
    text = io.StringIO()
    yaml.dump(whole, text)
    return HEAD + text.getvalue()


def locked_on(study: Study) -> str:
    """The date of the study's lock; empty where it has none that can be read."""
    found = _read(study)
    return str(found["locked"])[:10] if isinstance(found, dict) else ""


def _read(study: Study) -> dict[str, Any] | str:
    """The lock file's content, or what is wrong with it."""
    if not study.lock:
        return "there is none"
    try:
        found = schema.parse(study.lock, f"{study.name}.lock")
    except StudyError as error:
        return error.findings[0].what
    needed = {"locked", "sha256", "plan"}
    if not isinstance(found, dict) or not needed <= set(found) or not isinstance(found["plan"], dict):
        return f"it lacks {', '.join(sorted(needed))}"
    return found


def kept(study: Study) -> Iterator[Finding]:
    """P1: whether the plan was locked, and what has changed since, key by key."""
    name = f"{study.name}.lock"
    if not study.lock:
        yield Finding(
            "P1", "note", ROOM,
            "The analysis plan is not locked.",
            WHY,
            f"Before the arms are revealed say: hindpaw lock {study.name}; and commit {name}. Where they are known, say in the paper that no plan was fixed.",
        )  # fmt: skip
        return
    found = _read(study)
    if isinstance(found, str):
        yield _broken(name, f"The lock file cannot be read: {found}.", "")
        return
    plan = found["plan"]
    if digest(plan) != found["sha256"]:
        told = f"{str(found['sha256'])[:16]}… is written, {digest(plan)[:16]}… is its digest"
        yield _broken(name, "The lock file was edited after it was locked: its plan does not have its digest.", told)
    yield from _changed(name, str(found["locked"]), list(changes(completed(plan), of(study))))


def _broken(name: str, what: str, evidence: str) -> Finding:
    """A lock file that proves nothing."""
    advice = f"Restore {name} from the version that was committed when it was made."
    return Finding("P1", "error", ROOM, what, WHY, advice, name, evidence)


def _changed(name: str, when: str, found: list[tuple[str, str]]) -> Iterator[Finding]:
    """What was added is exploratory; what was altered or removed is a departure from the plan."""
    departures = [told for kind, told in found if kind != "added"]
    added = [told for kind, told in found if kind == "added"]
    if departures:
        yield Finding(
            "P1", "warning", ROOM,
            f"Since the plan was locked on {when[:10]}, {phrases.count(len(departures), 'part')} of it changed.",
            WHY,
            "Report each change with its reason, or run the plan as it was locked and report both.",
            name, several(departures, SHOWN),
        )  # fmt: skip
    if added:
        yield Finding(
            "P1", "note", ROOM,
            f"Since the plan was locked on {when[:10]}, {phrases.count(len(added), 'part')} came in.",
            WHY,
            "Report what was added as exploratory.",
            name, several(added, SHOWN),
        )  # fmt: skip
    if not found:
        yield Finding(
            "P1", "note", ROOM,
            f"The plan that was locked on {when[:10]} was run as it stands.",
            "Readers can trust that the questions were not chosen after the answers.",
            "Nothing. That nobody had looked before, only the people can say; the date is the clock's of whoever locked it.",
            name,
        )  # fmt: skip


def changes(locked: Mapping[str, Any], run: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every difference as (added, removed or altered; in words), question by question and key by key.

    >>> list(changes({"questions": {"a": {"by": "week"}, "b": {}}}, {"questions": {"a": {"by": "day"}, "c": {}}}))
    [('altered', 'questions.a.by: week → day'), ('removed', 'questions.b'), ('added', 'questions.c')]
    """
    yield from _differences("", _plain(locked), _plain(run))


def _differences(path: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The differences of two mappings below a path."""
    for key in sorted({*one, *other}):
        here = f"{path}.{key}".lstrip(".")
        if key not in other:
            yield "removed", _told(here, one[key])
        elif key not in one:
            yield "added", _told(here, other[key])
        elif isinstance(one[key], dict) and isinstance(other[key], dict):
            yield from _differences(here, one[key], other[key])
        elif one[key] != other[key]:
            yield "altered", f"{here}: {_value(one[key])} → {_value(other[key])}"


def completed(plan: Mapping[str, Any]) -> dict[str, Any]:
    """The plan with today's default for each key that its version did not know: unsaid, it meant that."""
    root = schema.schema("study.schema.yaml")
    parts = root["properties"]
    question = parts["questions"]["additionalProperties"]
    asked = {key: schema.with_defaults(one, question, root) for key, one in plan.get("questions", {}).items()}
    settings = {
        name: schema.with_defaults(plan.get("settings", {}).get(name, parts[name].get("default")), parts[name], root)
        for name in SETTINGS
    }
    return {"questions": asked, "settings": settings}


def _told(path: str, value: Any) -> str:
    """A key with its value, unless that is a whole question."""
    return path if isinstance(value, dict) else f"{path}: {_value(value)}"


def _value(value: Any) -> str:
    """A value as YAML would show it."""
    if isinstance(value, float):
        return f"{value:g}"
    return str(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
