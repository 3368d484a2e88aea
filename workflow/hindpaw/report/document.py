"""The whole report as parts in reading order, before any page shows it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from hindpaw import phrases
from hindpaw.report import (
    assays,
    books,
    bounds,
    claims,
    diagnostics,
    equivalence,
    grids,
    outcomes,
    resampling,
    tipping,
)
from hindpaw.report.answers import Answer
from hindpaw.report.sections import CHAPTERS, Figure, Grid, Section, Tables, Text
from hindpaw.study import Study
from hindpaw.tables import Animals

# Each with `sections(study, tables)`, in the order in which its parts stand below one heading (see sections.py).
MODULES = (
    outcomes,
    bounds,
    equivalence,
    tipping,
    resampling,
    diagnostics,
    assays,
    books,
    claims,
)


# What the first screen has room for.
WORRIES = 3


@dataclass(frozen=True)
class Chapter:
    """A heading and the sections below it; in the chapter of questions a group for each question."""

    key: str
    title: str
    groups: Mapping[str, Sequence[Section]]


@dataclass(frozen=True)
class Document:
    """Everything the report says."""

    study: Study
    tables: Tables
    counted: str
    answers: Sequence[Answer]
    chapters: Sequence[Chapter]
    findings: Sequence[Mapping[str, object]]
    methods: Sequence[Text]
    provenance: Mapping[str, str]
    exports: Grid

    @property
    def worries(self) -> list[dict[str, object]]:
        """The three gravest things found: of each rule at one severity the first, which says how many more there are."""
        groups: dict[object, list[Mapping[str, object]]] = {}
        for one in self.findings:
            groups.setdefault((one["severity"], one["check"]), []).append(one)
        told = []
        for same in list(groups.values())[:WORRIES]:
            more = f" ({len(same) - 1} more of this kind)" if len(same) > 1 else ""
            told.append({**same[0], "what": f"{same[0]['what']}{more}"})
        return told


def document(study: Study, tables: Tables, drawn: Collection[str], provenance: Mapping[str, str]) -> Document:
    """The report of a study.

    Parameters
    ----------
    study : the study file
    tables : tables of every room by name; `findings` is the audit's
    drawn : the names of the figures there are, `<folder>_<file>`
    provenance : what the run was made with, in words
    """
    found = [section for module in MODULES for section in module.sections(study, tables)]
    sections = [_shown(section, drawn) for section in [*found, _unasked(found, drawn)]]
    return Document(
        study=study,
        tables=tables,
        counted=_counted(tables),
        answers=[_answer(study, key, tables, sections) for key in study.questions],
        chapters=_chapters(study, sections),
        findings=books.findings(tables),
        methods=list(dict.fromkeys(told for section in sections for told in section.methods)),
        provenance=provenance,
        exports=grids.exports(tables),
    )


def _shown(section: Section, drawn: Collection[str]) -> Section:
    """The section without the figures that were not drawn."""
    kept = [block for block in section.blocks if not isinstance(block, Figure) or block.name in drawn]
    return replace(section, blocks=kept)


def _unasked(sections: Sequence[Section], drawn: Collection[str]) -> Section:
    """The figures that no section names; they are shown all the same."""
    named = {block.name for section in sections for block in section.blocks if isinstance(block, Figure)}
    figures = []
    for name in sorted(set(drawn) - named):
        told = name.replace("_", " ")
        alt = f"A drawing without a question: {told}. Its numbers stand in the CSV of that name."
        figures.append(Figure(name, alt, f"{told.capitalize()}."))
    return Section("", "others", blocks=figures)


def _answer(study: Study, key: str, tables: Tables, sections: Sequence[Section]) -> Answer:
    """The first screen's entry, with what other analyses say of it."""
    question = study.questions[key]
    # A duration has rows of its own, which no contrast stands for.
    censored = question.about_thresholds and question.kind != "duration" and bounds.primary(question, tables)
    answer = (bounds if censored else outcomes).answer(study, question, tables)
    mine = [section for section in sections if section.question == key]
    sure = tuple(told for section in mine for told in section.how_sure)
    worry = tuple(told for section in mine for told in section.worry)
    return replace(answer, how_sure=(*answer.how_sure, *sure), cautions=(*answer.cautions, *worry))


def _chapters(study: Study, sections: Sequence[Section]) -> list[Chapter]:
    """The sections under their headings; a chapter of which nothing can be said is left out."""
    told = [section for section in sections if section.blocks]
    chapters = []
    for key, title in CHAPTERS.items():
        # What names no question of this study stands first in its chapter.
        groups: dict[str, list[Section]] = {
            "": [],
            **({name: [] for name in study.questions} if key == "questions" else {}),
        }
        for section in told:
            if section.chapter == key:
                groups[section.question if section.question in groups else ""].append(section)
        chapters.append(Chapter(key, title, {name: group for name, group in groups.items() if group}))
    return [chapter for chapter in chapters if chapter.groups]


def _counted(tables: Tables) -> str:
    """How many animals there were, and how many the lab excluded."""
    animals = tables["animals"]
    excluded = int(animals[Animals.excluded].sum())
    return f"{phrases.count(len(animals), 'animal')} allocated, {excluded} excluded by the lab"
