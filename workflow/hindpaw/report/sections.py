"""What a part of the report is made of; the contract between the modules that know a subject and the pages.

A module of this room that knows a subject (durations, influence, claims …) has one function

    def sections(study: Study, tables: Tables) -> list[Section]

and a line in `document.MODULES`. It reads tables by name, returns sections in reading order, and nothing where its
tables have no row. It writes no HTML and escapes nothing: `page.py` (HTML), `supplement.py` (PDF) and `manuscript.py`
(methods.md) show the same sections, each in its own tongue. A table it reads must stand among the inputs of the rule
`write_report`; a folder of figures among its `figures`.

- `Section.chapter` is a key of `CHAPTERS`; with `question` set, the section stands under that question, in the chapter
  `questions`. A section with an empty title stands directly below the heading of its question or chapter.
- `Section.blocks` are paragraphs (`Text`), tables (`Grid`), figures (`Figure`) and explained words (`Terms`), in order.
  A figure that was not drawn is passed over; one that no section names is shown under "Other figures".
- `Section.folded` hides the blocks behind the title until a reader opens it; on paper they are always shown.
- `Section.how_sure` are sentences for the first screen, on the card of the question: what makes its answer more or
  less believable (no single animal decides it; the randomization test agrees). One or two, short.
- `Section.worry` are sentences for the same card that a reader must know before believing it.
- `Section.methods` are sentences for the methods text; a sentence that several sections bring is said once.

A number in a sentence is a `Cell`: its words, and the cells of a table it was rounded from. The pages link it to the
row, methods.md prints the reference, and a test walks every reference back:

    ("Without any one animal the ratio stays above ", Cell.of(row, "influence", phrases.number(row.low), "low"), ".")

One number from several cells is their sum (or, in days, their difference); otherwise a number stands for each cell.

A row is a `pd.Series` from `frame.loc`, `frame.iloc` or `iterrows`, or a tuple from `itertuples`, of the table as it was
read: never after `reset_index`, since its index is its place in the CSV. A `Grid` that shows a table row by row names
the table and `places=list(frame.index)`, so that each of its rows can be linked to and downloaded at full precision;
`across=True` where the rows of the table are the columns of the grid, after its first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

Tables = Mapping[str, pd.DataFrame]

# In the order of the page; findings, methods and provenance follow them.
CHAPTERS = {
    "questions": "Figures and tables",
    "assays": "Standard curves",
    "others": "Other figures",
    "data": "Animals and data",
    "claims": "Published claims",
    "audit": "How the study was done",
}
# The first line of a CSV file holds the names of the columns, and a spreadsheet counts it.
FIRST_LINE = 2


@dataclass(frozen=True)
class Cell:
    """A number in words, and where it stands: a table, a row of it counted from 0, and the columns it was rounded from."""

    words: str
    table: str
    row: int
    columns: tuple[str, ...]
    scale: str = ""

    @classmethod
    def of(cls, row: Any, table: str, words: str, *columns: str, scale: str = "") -> Cell:
        """The words with the address of the columns in a row of a table; `scale` is what was done to them (`10^`, `100 ×`, `size of`).

        >>> Cell.of(pd.DataFrame({"p": [0.2, 0.0312]}).loc[1], "contrasts", "p = .031", "p").address
        'contrasts.csv row 3 column p'
        """
        place = row.name if isinstance(row, pd.Series) else row.Index
        return cls(words, table, int(place), columns, scale)

    @property
    def line(self) -> int:
        """The row as a spreadsheet counts it."""
        return self.row + FIRST_LINE

    @property
    def address(self) -> str:
        """The cells in words."""
        columns = f"column{'s'[: len(self.columns) - 1]} {', '.join(self.columns)}"
        return f"{self.scale} {self.table}.csv row {self.line} {columns}".lstrip()


Text = str | tuple[str | Cell, ...]


def plain(told: Text) -> str:
    """A sentence without its addresses.

    >>> plain(("n = ", Cell("12", "fits", 0, ("n_animals",)), "."))
    'n = 12.'
    """
    return told if isinstance(told, str) else "".join(part if isinstance(part, str) else part.words for part in told)


def joined(parts: Sequence[Text], between: str = "; ") -> Text:
    """Several as one.

    >>> joined(["a", ("b ", "c")])
    ('a', '; ', 'b ', 'c')
    """
    pieces: list[str | Cell] = []
    for part in parts:
        pieces += [between] if pieces else []
        pieces += [part] if isinstance(part, str) else part
    return tuple(pieces)


@dataclass(frozen=True)
class Grid:
    """A table as people read it: a caption, column heads, and cells in words; of which table, and which rows of it."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    table: str = ""
    places: Sequence[int] = ()
    across: bool = False

    def without_empty(self) -> Grid:
        """The grid without the columns in which no row says anything."""
        kept = [place for place in range(len(self.heads)) if not self.rows or any(row[place] for row in self.rows)]
        heads, rows = [self.heads[place] for place in kept], [[row[place] for place in kept] for row in self.rows]
        return replace(self, heads=heads, rows=rows)


@dataclass(frozen=True)
class Figure:
    """A drawing by the name `<folder>_<file>`; what it shows for those who cannot see it; what stands under it."""

    name: str
    alt: str
    caption: Text


@dataclass(frozen=True)
class Terms:
    """Words and what they mean here."""

    meanings: Mapping[str, str]


Block = str | tuple[str | Cell, ...] | Grid | Figure | Terms


@dataclass(frozen=True)
class Section:
    """One part of the report; the module's docstring says what each field is for."""

    title: str
    chapter: str = "questions"
    question: str = ""
    blocks: Sequence[Block] = ()
    how_sure: Sequence[Text] = ()
    worry: Sequence[Text] = ()
    methods: Sequence[Text] = ()
    folded: bool = False


def text(cell: object) -> str:
    """A cell of text, empty where it is missing.

    >>> text("a"), text(float("nan")), text(None)
    ('a', '', '')
    """
    return cell if isinstance(cell, str) else ""
