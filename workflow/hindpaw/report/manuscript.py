"""methods.md: what a paper's methods and results sections can take over, each number tied to its cell in a table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from hindpaw.report.answers import Answer
from hindpaw.report.document import Document
from hindpaw.report.page import harmless
from hindpaw.report.sections import Cell, Figure, Section, Text

SIMULATED = (
    "**Simulated data.** No animal was tested and no assay was run; the numbers below are no results of any paper."
)
FOOT = (
    "Each number has a note that names the table, the row and the columns it was rounded from. Rows are counted as a "
    "spreadsheet counts them, with the names of the columns in row 1."
)
_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~$^])")
# At the beginning of a line these would make a list, a heading or a rule.
_BEGIN = re.compile(r"^(\s*)([-+=]|\d+[.)])(?=\s|$)")


def methods_text(document: Document) -> str:
    """Methods and results in Markdown.

    Parameters
    ----------
    document : what the report says

    Returns
    -------
    Markdown in which each number of the results is followed by a footnote: its words again, and its cells.
    """
    notes = Notes()
    parts = [f"# {plain_text(document.study.title)}"]
    parts += [SIMULATED] if document.study.simulated else []
    parts += ["## Methods", *(notes.told(paragraph) for paragraph in document.methods)]
    parts += ["## Results", f"{document.counted}."]
    for one in document.answers:
        parts += _answer(one, _of(document, one.key), notes)
    parts += ["## Software and data", FOOT, _made(document), *notes.listed()]
    return "\n\n".join(parts) + "\n"


def plain_text(words: str) -> str:
    """Words from anywhere as words in Markdown: one line, no sign of it that means something.

    >>> plain_text("*a* <img>\\n[b](c)")
    '\\\\*a\\\\* \\\\<img\\\\> \\\\[b\\\\](c)'
    """
    line = " ".join(str(harmless(words)).split())
    return _BEGIN.sub(r"\1\\\2", _SIGNS.sub(r"\\\1", line))


@dataclass
class Notes:
    """The footnotes in the order in which they are first needed."""

    numbers: dict[Cell, int] = field(default_factory=dict)

    def told(self, text: Text) -> str:
        """A sentence with a note behind each number."""
        if isinstance(text, str):
            return plain_text(text)
        pieces = [self._piece(part) for part in text]
        return _BEGIN.sub(r"\1\\\2", "".join(pieces))

    def _piece(self, part: str | Cell) -> str:
        """Words, or a number with its note; spaces at the ends stay."""
        words = _SIGNS.sub(r"\\\1", re.sub(r"\s", " ", str(harmless(part if isinstance(part, str) else part.words))))
        if isinstance(part, str):
            return words
        return f"{words}[^{self.numbers.setdefault(part, len(self.numbers) + 1)}]"

    def listed(self) -> Iterator[str]:
        """The notes themselves."""
        for cell, number in self.numbers.items():
            yield f"[^{number}]: {plain_text(cell.words)}: {plain_text(cell.address)}"


def _answer(one: Answer, sections: Sequence[Section], notes: Notes) -> list[str]:
    """What a question's results are, sentence by sentence."""
    head = f"### {plain_text(one.asked)}"
    if not one.known:
        return [head, f"No answer: {notes.told(one.told)}."]
    first = " ".join(notes.told(text) for text in (one.ratio, "–", one.told) if text)
    said = [notes.told(text) for text in (one.times, one.levels, *one.others) if text]
    further = [notes.told(text) for text in (*one.how_sure, *one.cautions)]
    blocks = [block for part in sections for block in part.blocks]
    spoken = [notes.told(block) for block in blocks if isinstance(block, tuple)]
    legends = [f"Figure {plain_text(one.name)}: {notes.told(one.caption)}" for one in blocks if isinstance(one, Figure)]
    counted = f"{notes.told(one.animals)}."
    # What the card says is often said again where the details stand; here everything stands in a row.
    sentences = dict.fromkeys([*([" ".join(said)] if said else []), counted, *further, *spoken, *legends])
    return [head, first, *sentences]


def _of(document: Document, key: str) -> list[Section]:
    """The sections of a question."""
    return [part for chapter in document.chapters for part in chapter.groups.get(key, ())]


def _made(document: Document) -> str:
    """What the run was made with."""
    return "; ".join(f"{plain_text(name)} {plain_text(value)}" for name, value in document.provenance.items()) + "."
