"""Findings as a terminal shows them."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence

from hindpaw import tables
from hindpaw.findings import Finding

MARKS = {"error": "ERROR", "warning": "warning", "note": "note"}
WIDTH = 100
PLACES = 4


def listed(found: Sequence[Finding]) -> str:
    """The findings, gravest first, as paragraphs a person can act on."""
    gravest = sorted(found, key=lambda one: list(MARKS).index(one.severity))
    return "\n".join(map(_paragraph, gravest))


def _paragraph(one: Finding) -> str:
    """One finding: what, where, which values, what to do."""
    places = [place for place in one.source.split("; ") if place]
    where = "; ".join(places[:PLACES]) + (f"; and {len(places) - PLACES} more" if len(places) > PLACES else "")
    lines = [f"{MARKS[one.severity]} [{one.check}] {one.what}"]
    lines += [f"where: {where}"] if where else []
    lines += [f"found: {one.evidence}"] if one.evidence else []
    lines += [f"why it matters: {one.why}", f"do: {one.what_to_do}"]
    wrapped = [
        textwrap.fill(line, WIDTH, initial_indent="  " * bool(place), subsequent_indent="    ")
        for place, line in enumerate(map(_shown, lines))
    ]
    return "\n".join(wrapped) + "\n"


def _shown(text: str) -> str:
    """Text from a file without characters that move a terminal's cursor or turn its writing around."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def summary(found: Sequence[Finding], verdicts: Iterable[str]) -> str:
    """An audit on a screen: what needs a person in full, notes in a line each, then the counts.

    Parameters
    ----------
    found : the audit's findings
    verdicts : the verdict of each claim
    """
    grave = [one for one in found if one.severity != "note"]
    notes = [
        textwrap.shorten(f"note [{one.check}] {_shown(one.what)}", WIDTH, placeholder=" …")
        for one in found
        if one.severity == "note"
    ]
    counts = Counter(one.severity for one in found)
    claims = Counter(verdicts)
    told = ", ".join(f"{counts[severity]} {severity}(s)" for severity in tables.SEVERITIES[::-1])
    lines = [listed(grave), *notes, "", told]
    if claims:
        lines.append(
            "claims: " + ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted(claims.items()))
        )
    return "\n".join(lines)


def reached(found: Iterable[Finding], level: str) -> bool:
    """Whether any finding is as grave as a level, or graver.

    >>> one = Finding("D1", "warning", "audit", "w", "y", "d")
    >>> reached([one], "warning"), reached([one], "error"), reached([], "warning")
    (True, False, False)
    """
    return any(tables.SEVERITIES.index(one.severity) >= tables.SEVERITIES.index(level) for one in found)
