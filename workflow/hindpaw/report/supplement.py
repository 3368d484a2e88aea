"""The report as a PDF for a supplement: tagged, fonts embedded, the same bytes each time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any

from hindpaw.report.answers import Answer
from hindpaw.report.document import Document
from hindpaw.report.page import harmless
from hindpaw.report.rows import Rows
from hindpaw.report.sections import FIRST_LINE, Block, Cell, Figure, Grid, Section, Terms, Text
from hindpaw.report.slim import slim
from hindpaw.tables import SEVERITIES

SIMULATED = "Simulated data. No animal was tested and no assay was run; the numbers below are no results of any paper."
FOOT = (
    "Numbers are rounded for reading; those in blue lead to the row of the table they were rounded from. Rows are counted "
    "as a spreadsheet counts them, with the names of the columns in row 1."
)
# A word without an end would leave its cell and the paper.
_LONG = re.compile(r"(\S{18})(?=\S)")


def supplement(document: Document, figures: Mapping[str, str]) -> bytes:
    """The PDF.

    Parameters
    ----------
    document : what the report says
    figures : SVG text by the names the document uses

    Returns
    -------
    PDF 1.7 after PDF/UA-1: with tags, a title, words instead of each picture, and no date.
    """
    import matplotlib
    import typst

    names = {name: f"{number}.svg" for number, name in enumerate(sorted(figures))}
    head = files("hindpaw").joinpath("report", "supplement.typ").read_text(encoding="utf-8")
    source = f"{head}\n#set document(title: {quoted(document.study.title)}, author: {quoted('hindpaw')}, date: none)\n"
    source += "#{\n" + "\n".join(_Sheets(document, figures, names).whole()) + "\n}\n"
    parts = {"main.typ": source.encode()} | {names[name]: slim(svg).encode() for name, svg in figures.items()}
    # What Libertinus (in the compiler) lacks, DejaVu has, which the figures are drawn with too.
    fonts = [f"{matplotlib.get_data_path()}/fonts/ttf"]
    compiled: Any = typst.compile  # its stubs know no files by name
    made: bytes = compiled(
        parts, format="pdf", font_paths=fonts, ignore_system_fonts=True, pdf_standards="ua-1", timestamp=0
    )
    return made


def quoted(words: object) -> str:
    """Words as a string of typst, which is shown as it is: no sign in it means anything.

    >>> quoted('a "b" \\\\ #c')
    '"a \\\\"b\\\\" \\\\\\\\ #c"'
    """
    plain = re.sub(r"\s", " ", str(harmless(str(words))))
    broken = _LONG.sub("\\1\u200b", plain)
    return '"' + broken.replace("\\", "\\\\").replace('"', '\\"') + '"'


class _Sheets:
    """The document as statements of typst, in reading order."""

    def __init__(self, document: Document, figures: Mapping[str, str], names: Mapping[str, str]) -> None:
        self.document, self.figures, self.names, self.rows = document, figures, names, Rows(document)

    def whole(self) -> Iterator[str]:
        """Title, answers, chapters, findings, methods, provenance."""
        told = self.document
        yield f"heading(level: 1, {quoted(told.study.title)})"
        if told.study.simulated:
            yield f"banner({quoted(SIMULATED)})"
        yield f"par(quiet({quoted(f'Study {told.study.name}, analysed by hindpaw. {told.counted}.')}))"
        worries = ", ".join(quoted(one["what"]) for one in told.worries)
        yield f"titled({quoted(f'What to worry about: {self._traffic()}')}, ({worries}{',' if worries else ''}))"
        yield from self._overview()
        for chapter in told.chapters:
            yield f"heading(level: 2, {quoted(chapter.title)})"
            for key, group in chapter.groups.items():
                yield from self._question(key) if key else ()
                for section in group:
                    yield from self._section(section, 4 if key else 3)
        yield from self._findings()
        yield f"heading(level: 2, {quoted('Methods')})"
        yield from (f"par({self._told(paragraph)})" for paragraph in told.methods)
        yield f"heading(level: 2, {quoted('Provenance')})"
        made = [[name, value] for name, value in told.provenance.items()]
        yield from (self._grid(Grid("Made with", ["what", "which"], made)), self._grid(told.exports))
        yield f"par(quiet({quoted(FOOT)}))"

    def _traffic(self) -> str:
        """How many findings there are of each severity."""
        grave = [str(one["severity"]) for one in self.document.findings]
        counts = [(severity, grave.count(severity)) for severity in SEVERITIES[::-1]]
        return ", ".join(f"{n} {severity}{'' if n == 1 else 's'}" for severity, n in counts)

    def _told(self, text: Text) -> str:
        """A sentence as an expression: words, and numbers that lead to their rows."""
        parts = (text,) if isinstance(text, str) else text
        return " + ".join(self._number(part) if isinstance(part, Cell) else quoted(part) for part in parts) or quoted(
            ""
        )

    def _number(self, cell: Cell) -> str:
        """One number."""
        target = self.rows.target(cell)
        return f"link(label({quoted(target)}), {quoted(cell.words)})" if target else quoted(cell.words)

    def _overview(self) -> Iterator[str]:
        """Each question with its answer in a row."""
        yield f"heading(level: 2, {quoted('Answers')})"
        heads = ["asked", "answer, with 95 % confidence interval", "p", "animals"]
        rows = [
            f"(none, ({quoted(one.asked)}, {self._told(one.ratio if one.known else ('No answer: ', *self._parts(one.told)))}, "
            f"{self._told(one.p)}, {self._told(one.n)}))"
            for one in self.document.answers
        ]
        named = ", ".join(map(quoted, heads))
        if rows:
            yield f"sheet({quoted('Answers at a glance')}, ({named},), ({', '.join(rows)},))"
        else:
            yield f"par({quoted('The study file asks no question.')})"

    @staticmethod
    def _parts(text: Text) -> tuple[str | Cell, ...]:
        """A text as its parts."""
        return (text,) if isinstance(text, str) else text

    def _question(self, key: str) -> Iterator[str]:
        """The heading of a question, and its answer in full."""
        (one,) = [answer for answer in self.document.answers if answer.key == key]
        yield f"heading(level: 3, {quoted(one.asked)})"
        yield self._card(one)

    def _card(self, one: Answer) -> str:
        """What is known of a question."""
        head = self._told(one.ratio) if one.known else quoted("No answer.")
        parts = [self._told(text) for text in (one.told, one.times, one.levels, *one.others, one.animals) if text]
        for title, said in (("How sure", one.how_sure), ("What to know first", one.cautions)):
            if said:
                parts.append(f"titled({quoted(title)}, ({', '.join(map(self._told, said))},))")
        return f"card({head}, ({', '.join(parts)},))"

    def _section(self, section: Section, level: int) -> Iterator[str]:
        """A section; what is folded on a screen stands open on paper."""
        if section.title:
            yield f"heading(level: {level}, {quoted(section.title)})"
        for block in section.blocks:
            yield self._block(block)

    def _block(self, block: Block) -> str:
        """One paragraph, table, figure or list of words."""
        if isinstance(block, Grid):
            return self._grid(block)
        if isinstance(block, Figure):
            return self._figure(block)
        if isinstance(block, Terms):
            items = [f"terms.item({quoted(word)}, {quoted(means)})" for word, means in block.meanings.items()]
            return f"terms({', '.join(items)})"
        return f"par({self._told(block)})"

    def _figure(self, figure: Figure) -> str:
        """A drawing at the size it was made for, or as wide as the paper."""
        size = re.search(r"<svg\b[^>]*?\swidth=[\"']([\d.]+)(?:pt)?[\"']", self.figures[figure.name])
        wide = size[1] if size else "none"
        name = quoted(self.names[figure.name])
        return f"picture({name}, {wide}, {quoted(figure.alt)}, {self._told(figure.caption)})"

    def _grid(self, grid: Grid) -> str:
        """A table; its rows, or its columns, have the ids that numbers lead to."""
        if not grid.rows:
            return f"par(quiet({quoted(f'{grid.caption}: none.')}))"
        ids = [self.rows.anchor(grid.table, place) for place in grid.places]
        by_row, across = (ids, []) if not grid.across else ([], ids)
        heads = [*grid.heads, *(["row"] if by_row else [])]
        # A head stands again on each page, and an id only once: before the table.
        marks = " + ".join(f"mark({quoted(one)})" for one in across if one) or "none"
        rows = []
        for place, row in enumerate(grid.rows):
            cells = [*row, *([str(grid.places[place] + FIRST_LINE)] if by_row else [])]
            rows.append(f"({_id(by_row, place)}, ({', '.join(map(quoted, cells))},))")
        caption = f"{grid.caption} ({grid.table}.csv)" if grid.table else grid.caption
        return f"{marks}; sheet({quoted(caption)}, ({', '.join(map(quoted, heads))},), ({', '.join(rows)},))"

    def _findings(self) -> Iterator[str]:
        """The findings, gravest first."""
        yield f"heading(level: 2, {quoted('Findings')})"
        if not self.document.findings:
            yield f"par({quoted('No rule found anything.')})"
        for one in self.document.findings:
            said = [f"strong({quoted(one['what'])})", quoted(one["why"]), quoted(f"What to do: {one['what_to_do']}")]
            said += [f"quiet({quoted(one['evidence'])})"] if one["evidence"] else []
            said += [f"quiet({quoted('Where: ' + str(one['source']))})"] if one["source"] else []
            yield f"finding({quoted(one['severity'])}, {quoted(one['check'])}, ({', '.join(said)},))"


def _id(ids: Sequence[str], place: int) -> str:
    """The id at a place as typst has it."""
    return quoted(ids[place]) if place < len(ids) and ids[place] else "none"
