"""Which arm an animal is in: by name, by code, or by both where they agree."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping

import pandas as pd

from hindpaw.findings import nearest
from hindpaw.intake.cells import as_number, as_text, letters
from hindpaw.intake.ledger import Book
from hindpaw.study import Arm, Study
from hindpaw.tables import Animals

UNSETTLED = "its arm is not settled"


def by_name(study: Study, name: str) -> Arm | None:
    """The arm a name in a file means: its key, label or one of its names."""
    wanted = name.casefold()
    for arm in study.arms.values():
        if wanted in {text.strip().casefold() for text in (arm.key, arm.label, *arm.names)}:
            return arm
    return None


def of_animals(study: Study, frame: pd.DataFrame, book: Book) -> list[str | None]:
    """The arm of each animal by name, by code or by both; None where it is unknown or they contradict each other."""
    arms: list[str | None] = []
    unknown: dict[tuple[str, str], list[Mapping[Hashable, str]]] = {}
    for row in frame.to_dict("records"):
        name, code = row.get("arm", ""), row.get("arm_code", "")
        named, coded = by_name(study, name) if name else None, by_code(study, code)
        if name and named is None:
            unknown.setdefault(("name", name), []).append(row)
        elif not name and coded is None:
            unknown.setdefault(("code", code), []).append(row)
        if named and code and named.codes and _plain(code) not in named.codes:
            _contradiction(row, named, code, coded, _place(row[Animals.source], frame, "arm"), book)
            arms.append(None)
        else:
            chosen = named if name else coded
            arms.append(chosen.key if chosen else None)
    for (kind, word), rows in unknown.items():
        column = "arm" if kind == "name" else "arm_code"
        places = [_place(row[Animals.source], frame, column) for row in rows]
        _unknown_arm(study, kind, word, places, [row["animal"] for row in rows], book)
    return arms


def _place(source: str, frame: pd.DataFrame, name: str) -> str:
    """The address of the row's cell in another column, from that of its id."""
    column = frame.attrs["places"].get(name)
    sheet, _, cell = source.rpartition("!")
    row = re.sub("^[A-Z]+", "", cell)
    return f"{sheet}!{letters(column)}{row}" if isinstance(column, int) else source


def _plain(code: str) -> str:
    """A code as a spreadsheet shows it: 2.0 is 2."""
    number = as_number(code)
    return code if number is None else as_text(number)


def by_code(study: Study, code: str) -> Arm | None:
    """The arm of a code; None where several share it."""
    fitting = [arm for arm in study.arms.values() if code and _plain(code) in arm.codes]
    return fitting[0] if len(fitting) == 1 else None


def _unknown_arm(study: Study, kind: str, word: str, places: list[str], called: list[str], book: Book) -> None:
    """A finding about a group that the study file does not know, once however many animals are in it."""
    known = [text for one in study.arms.values() for text in (one.label, *one.names)]
    advice = nearest(word, known) + " Or add the name under arms: … names."
    if kind == "code":
        codes = [code for one in study.arms.values() for code in one.codes]
        advice = f"Add the code to an arm under arms: … codes; known are {', '.join(codes) or 'none'}."
    if not word:
        advice = "Fill in the group of each; a row that is a title and no animal may stay."
    animals = f"{len(places)} animal{'s are' if len(places) > 1 else ' is'}"
    what = f'{animals} in "{word}", no arm of the study file.' if word else f"{animals} in no group."
    book.find("arm", "error", what, "Their data are set aside: " + UNSETTLED + ".", advice, places, called)


def _contradiction(
    row: Mapping[Hashable, str], by_name: Arm, code: str, by_code: Arm | None, place: str, book: Book
) -> None:
    """A finding about an animal whose name and code say different arms."""
    says = by_code.label if by_code else "unknown"
    book.find(
        "arm",
        "error",
        f'Animal {row["animal"]} is "{row["arm"]}" by name but {code} ({says}) by code.',
        "It could be analysed in the wrong arm, so its data are set aside.",
        "Look up the allocation and correct the wrong cell; or, if the names are right, "
        "take arm_code out of animals.columns in the study file.",
        [place],
        [f"{row['arm']} against {code}"],
    )
