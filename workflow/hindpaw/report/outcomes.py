"""The figures and tables of each question, by its kind."""

from __future__ import annotations

from hindpaw.report import answers, captions, grids, headlines, relations, resampling
from hindpaw.report.answers import Answer
from hindpaw.report.sections import Figure, Section, Tables
from hindpaw.study import Question, Study


def sections(study: Study, tables: Tables) -> list[Section]:
    """Figures and comparisons of each question, then its tests, means and fits."""
    found = [part for question in study.questions.values() for part in _question(study, question, tables)]
    return [*found, Section("", methods=captions.methods(study, tables))]


def _question(study: Study, question: Question, tables: Tables) -> list[Section]:
    """What stands open, and what is folded away."""
    first, *others = grids.of_question(study, question, tables)
    shown = Section("", question=question.key, blocks=[*_figures(study, question, tables), first])
    others += relations.grids(study, question, tables)
    return [shown, Section("Tests, means and fits", question=question.key, blocks=others, folded=True)]


def _figures(study: Study, question: Question, tables: Tables) -> list[Figure]:
    """The figures of a question: of its own kind, of thresholds, or of one analyte."""
    if question.kind in relations.FIGURES:
        name = f"{relations.FIGURES[question.kind]}_{question.key}"
        return [Figure(name, relations.alternative(study, question, tables), relations.caption(question))]
    kinds = ("time_course", "effects") if question.about_thresholds else ("concentrations",)
    return [
        Figure(
            f"{kind}_{question.key}",
            captions.alternative(study, question, kind, tables),
            captions.caption(study, question, kind, tables),
        )
        for kind in kinds
    ]


def answer(study: Study, question: Question, tables: Tables) -> Answer:
    """The first screen's entry, by the kind of question."""
    if question.kind == "duration":
        return resampling.answer(study, question, tables)
    return (headlines if question.kind in relations.FIGURES else answers).answer(study, question, tables)
