"""What a study file says of a published figure that is to be drawn again from its own data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hindpaw.findings import nearest
from hindpaw.questions import MIXED

# A panel, an association and counts have no one value for each animal and day.
DRAWN = (*MIXED, "neutralization", "dose-response", "by-day")


@dataclass(frozen=True)
class Reproduction:
    """One published figure.

    Parameters
    ----------
    key : its name in the study file
    locator : where it is printed
    question : key of the question whose outcome it shows
    groups : keys of its arms, in the legend's order
    days : the days it shows; none for all
    legend : what its legend says of numbers and error bars
    """

    key: str
    locator: str
    question: str
    groups: tuple[str, ...]
    days: tuple[float, ...]
    legend: str | None = None


def described(document: Mapping[str, Any], questions: Mapping[str, Any]) -> dict[str, Reproduction]:
    """The checked entries as objects; the groups are the question's arms where none are named."""
    return {
        key: Reproduction(
            key,
            entry["locator"],
            entry["question"],
            tuple(entry["groups"]) or questions[entry["question"]].arms,
            tuple(entry["days"]),
            entry.get("legend"),
        )
        for key, entry in document["reproduce"].items()
    }


def mistakes(document: Mapping[str, Any], name: str) -> Iterator[tuple[str, str, str]]:
    """Where an entry names no question or arm of this study; what is wrong; what to do."""
    asked = document["questions"]
    for key, entry in document["reproduce"].items():
        place = f"{name}: reproduce.{key}"
        if entry["question"] not in asked:
            known = nearest(entry["question"], asked)
            yield f"{place}.question", f'There is no question "{entry["question"]}".', known
        elif asked[entry["question"]]["kind"] not in DRAWN:
            kind = asked[entry["question"]]["kind"]
            advice = f"Name a question of one of the kinds {', '.join(DRAWN)}."
            yield f"{place}.question", f"A question of kind {kind} has no one value for each animal and day.", advice
        for arm in entry["groups"]:
            if arm not in document["arms"]:
                yield f"{place}.groups", f'There is no arm "{arm}".', nearest(arm, document["arms"])
