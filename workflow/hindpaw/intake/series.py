"""Series of X and O: read in any way labs write them, played through, and judged by the up-down rule."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hindpaw import filaments
from hindpaw.filaments import FilamentSet
from hindpaw.intake.cells import as_number, as_text, coded_together, texts
from hindpaw.intake.judged import fated
from hindpaw.intake.ledger import Book
from hindpaw.study import VonFreyFile

# Letters of other alphabets and signs that look like, or mean, X and O.
LOOKALIKES = str.maketrans(
    {"Х": "X", "О": "O", "Ο": "O", "−": "-"} | dict.fromkeys("×✗✕✘✖⨯●•⬤◉", "X") | dict.fromkeys("○◯◦⚪", "O")
)
SUDO_TRIALS = 5


@dataclass(frozen=True)
class Verdict:
    """What one series turned out to be.

    Parameters
    ----------
    responses : X and O, complete
    positions : the filament of each application, 1 the lightest
    trouble : why it cannot be used; empty for a legal one
    kind : which rule found the trouble
    deviation : how it departs from the stop rule, which spoils nothing
    zeros : leading zeros that a spreadsheet had dropped and that were put back
    """

    responses: str = ""
    positions: tuple[int, ...] = ()
    trouble: str = ""
    kind: str = ""
    deviation: str = ""
    zeros: int = 0


def plain_series(cell: Any) -> tuple[str, bool]:
    """A series as X and O, and whether it was written in digits; empty where it is none.

    >>> plain_series("oxo xx"), plain_series("X-O-X"), plain_series(1011.0), plain_series("+-+")
    (('OXOXX', False), ('XOX', False), ('XOXX', True), ('XOX', False))
    >>> plain_series("X0X0"), plain_series("•○•"), plain_series("n.d."), plain_series("2 g")
    (('XOXO', False), ('XOX', False), ('', False), ('', False))
    """
    text = unicodedata.normalize("NFKC", as_text(cell)).upper().translate(LOOKALIKES)
    if re.fullmatch(r"[+-]{2,}", text):
        return text.replace("+", "X").replace("-", "O"), False
    text = re.sub(r"[\s,;|/.:'`\u2019>–—-]", "", text)
    if re.fullmatch("[YN]{2,}", text):
        return text.replace("Y", "X").replace("N", "O"), False
    if re.fullmatch("[01]+", text):
        return text.replace("1", "X").replace("0", "O"), True
    # A zero among X is an O typed with the wrong key.
    return (text.replace("0", "O"), False) if re.fullmatch("[XO0]+", text) else ("", False)


def judge(entry: VonFreyFile, frame: pd.DataFrame, known: FilamentSet, book: Book) -> pd.DataFrame:
    """Whether each cell is a series that its filaments and the protocol allow; adds `responses` and `positions`."""
    written = frame["responses"]
    blank = pd.Series("", index=frame.index)
    told = ("last_filament", "first_filament", "path", "trouble")
    named = [texts(frame[name]) if name in frame else blank for name in told]
    # A million rows repeat a few series: each is judged once.
    rows, different = coded_together([written, *named])
    verdicts = [verdict(entry, known, *key) for key in different]
    for name in ("responses", "positions", "trouble", "kind", "deviation", "zeros"):
        found = (getattr(one, name) for one in verdicts)
        frame[name] = np.fromiter(found, dtype=object, count=len(verdicts))[rows]
    bad = frame[frame["trouble"] != ""]
    shown = bad["responses"].where(bad["responses"] != "", texts(written[bad.index]).str.slice(0, 40))
    last = texts(bad["last_filament"]) if "last_filament" in bad else pd.Series("", index=bad.index, dtype=object)
    words = bad["animal"] + " day " + bad["written_day"] + " " + shown + (" ending on " + last).where(last != "", "")
    _find_troubles(entry, frame, known, book, words)
    _find_oddities(entry, frame, book)
    return frame


def verdict(
    entry: VonFreyFile, known: FilamentSet, cell: Any, last_cell: str, first_cell: str, path: str, trouble: str
) -> Verdict:
    """One series with its filaments, judged."""
    responses, digits = plain_series(cell)
    if not responses:
        return Verdict(trouble=f"not a series of X and O: {as_text(cell)[:40]}", kind="letters")
    if trouble:
        return Verdict(responses, trouble=f"impossible series: {trouble}", kind="grid")
    named_by = entry.last_filament_in
    last = filament_of(known, last_cell, named_by)
    first = filament_of(known, first_cell, named_by) if first_cell else entry.start
    if last_cell and last is None:
        return Verdict(responses, trouble=f"no such last filament: {last_cell}", kind="filament")
    if first_cell and first is None:
        return Verdict(responses, trouble=f"no such first filament: {first_cell}", kind="filament")
    if path:
        walked = tuple(filament_of(known, name, named_by) or 0 for name in path.split())
        return _walked(entry, known, responses, walked)
    if last is None and first is None:
        return Verdict(responses, trouble="neither its first nor its last filament is known", kind="filament")
    if entry.chosen_by == "sudo":
        return _sudo(known, responses, first, last)
    zeros, lost = _lost_zeros(entry, responses, first, last) if digits else (0, "")
    if lost:
        return Verdict(responses, trouble=lost, kind="zeros")
    return _up_down(entry, known, "O" * zeros + responses, first, last, zeros)


def filament_of(known: FilamentSet, cell: Any, named_by: str) -> int | None:
    """The position of the filament a cell names, a unit behind it allowed; None where it names none.

    >>> filament_of(filaments.shipped("mouse-8"), "0,07 g", "grams")
    3
    """
    value = as_number(re.sub(r"\s*(?:g|gr|grams?)$", "", as_text(cell), flags=re.IGNORECASE))
    return None if value is None else known.position(value, named_by)


def _lost_zeros(entry: VonFreyFile, responses: str, first: int | None, last: int | None) -> tuple[int, str]:
    """How many leading zeros a spreadsheet dropped from 0/1, and why that cannot be said."""
    # A zero still at the head says that the cell is text, which loses nothing.
    if responses[0] == "O" and responses != "O":
        return 0, ""
    if first is not None and last is not None:
        return max(filaments.replay(responses, last)[0] - first, 0), ""
    change = filaments.first_change(responses)
    whole = change is not None and len(responses) - change - 1 == entry.responses_after_change
    cut = len(responses) - 1 == entry.responses_after_change
    if cut and not whole:
        return (
            0,
            "it may have lost leading zeros, as numbers do; how many, its first and last filament together would say",
        )
    return 0, ""


def _up_down(
    entry: VonFreyFile, known: FilamentSet, responses: str, first: int | None, last: int | None, zeros: int
) -> Verdict:
    """A series by the up-down rule, played back from its last filament, or forth from its first."""
    if last is None:
        last = (first or 0) - filaments.replay(responses, 0)[0]
    faults = ", and ".join(filaments.faults(responses, last, len(known), first))
    if faults:
        return Verdict(responses, trouble=f"impossible series: {faults}", kind="replay", zeros=zeros)
    odd = filaments.deviation(responses, last, len(known), entry.responses_after_change)
    return Verdict(responses, tuple(filaments.replay(responses, last)), deviation=odd, zeros=zeros)


def _walked(entry: VonFreyFile, known: FilamentSet, responses: str, path: tuple[int, ...]) -> Verdict:
    """A series whose filaments were all written down."""
    if 0 in path or len(path) != len(responses):
        return Verdict(responses, trouble="impossible series: a filament or a mark that is none", kind="grid")
    if entry.chosen_by == "sudo":
        return _sudo(known, responses, path[0], path[-1])
    if list(path) != filaments.replay(responses, path[-1]):
        return Verdict(
            responses, trouble="impossible series: the marks do not go lighter after X, heavier after O", kind="grid"
        )
    return _up_down(entry, known, responses, entry.start or path[0], path[-1], 0)


def _sudo(known: FilamentSet, responses: str, first: int | None, last: int | None) -> Verdict:
    """A series of five by the simplified rule, which stays at the end of the set once it is there."""
    if len(responses) != SUDO_TRIALS:
        return Verdict(
            responses, trouble=f"SUDO takes {SUDO_TRIALS} presentations, not {len(responses)}", kind="replay"
        )
    starts = [first] if first is not None else range(1, len(known) + 1)
    paths = [filaments.held(responses, start, len(known)) for start in starts]
    fitting = [path for path in paths if last is None or path[-1] == last]
    if len(fitting) != 1:
        trouble = "cannot have ended there" if not fitting else "may have begun at several filaments; give `start`"
        return Verdict(responses, trouble=f"impossible series: it {trouble}", kind="replay")
    return Verdict(responses, tuple(fitting[0]))


def _find_troubles(entry: VonFreyFile, frame: pd.DataFrame, known: FilamentSet, book: Book, told: pd.Series) -> None:
    """One finding for each kind of series that cannot be used."""
    kinds = {
        "letters": (
            "cell(s) that should hold a series of X and O hold something else.",
            "They give no threshold.",
            "Write X and O only, or clear the cell and give the reason in the allocation list.",
        ),
        "filament": (
            f"series name a last filament that is not in the set {known.name}.",
            "The last filament decides the threshold.",
            f"Correct it; the set has {len(known)} filaments, named here by {entry.last_filament_in}.",
        ),
        "replay": (
            "series cannot have ended on the filament that is written beside them.",
            "The series or the last filament is mistyped; the threshold would be wrong by a step or more.",
            "Compare with the paper record and correct the cell.",
        ),
        "grid": (
            "grid(s) do not show one application after another.",
            "The order of the filaments decides the threshold.",
            "Compare with the paper record; one mark a trial, lighter after X, heavier after O.",
        ),
        "zeros": (
            "series of 0 and 1 have lost an unknown number of leading zeros.",
            "A spreadsheet takes 001011 for the number 1011; the lost responses cannot be guessed.",
            "Format the column as text and enter them again, or give `start` and the last filament.",
        ),
    }
    for kind, (what, why, advice) in kinds.items():
        bad = fated(
            frame, frame["kind"] == kind, "quarantined", lambda rows: frame.loc[rows, "trouble"].str.slice(0, 200)
        )
        if bad.any():
            evidence = told[bad[bad].index] + ": " + frame.loc[bad, "trouble"].str.removeprefix("impossible series: ")
            book.find("V1", "error", f"{bad.sum()} {what}", why, advice, frame.loc[bad, "source"], evidence)


def _find_oddities(entry: VonFreyFile, frame: pd.DataFrame, book: Book) -> None:
    """Notes about series that are used though something about them is worth knowing."""
    used = frame["fate"] == "used"
    odd = used & (frame["deviation"] != "")
    if odd.any():
        kinds = frame.loc[odd, "deviation"].value_counts().sort_index()
        book.find(
            "V1",
            "note",
            f"{odd.sum()} of {used.sum()} series depart from the stop rule "
            f"({entry.responses_after_change} responses after the first change).",
            "They are used: the likelihood takes a series of any length, a short one with a larger error.",
            "If the protocol is another, say so under responses_after_change.",
            frame.loc[odd, "source"],
            [f"{count} with {kind}" for kind, count in kinds.items()],
        )
    zeros = used & (frame["zeros"].astype(int) > 0)
    if zeros.any():
        book.find(
            "lost-zeros",
            "note",
            f"{zeros.sum()} series of 0 and 1 had lost their leading zeros; they were put back.",
            "A spreadsheet takes 001011 for the number 1011. The first and the last filament say how many are missing.",
            "Format the column as text before typing, and compare a few with the paper record.",
            frame.loc[zeros, "source"],
            frame.loc[zeros, "responses"],
        )
