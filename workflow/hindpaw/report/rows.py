"""Which rows of tables a page shows and by which id, so that a number can lead to the row it was rounded from."""

from __future__ import annotations

from dataclasses import dataclass, field

from hindpaw.report.document import Document
from hindpaw.report.sections import FIRST_LINE, Cell, Grid


@dataclass
class Rows:
    """The rows that some table of the document shows, and those that have been given their id."""

    document: Document
    shown: set[tuple[str, int]] = field(default_factory=set)
    given: set[tuple[str, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """What can be linked to is what some table of the document shows."""
        sections = [part for chapter in self.document.chapters for group in chapter.groups.values() for part in group]
        grids = [block for part in sections for block in part.blocks if isinstance(block, Grid)]
        self.shown |= {(grid.table, place) for grid in [*grids, self.document.exports] for place in grid.places}

    def target(self, cell: Cell) -> str:
        """The id of the row a number was rounded from; empty where no table shows it."""
        return f"{cell.table}-{cell.line}" if (cell.table, cell.row) in self.shown else ""

    def anchor(self, table: str, place: int) -> str:
        """The id of a row where it is shown first; later none, since an id stands once in a page."""
        first = (table, place) not in self.given
        self.given.add((table, place))
        return f"{table}-{place + FIRST_LINE}" if first else ""
