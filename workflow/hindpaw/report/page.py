"""The report: one HTML page that opens from a mail attachment and asks nothing of a network."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pandas as pd

from hindpaw import phrases
from hindpaw.report import answers, books, captions, grids, relations
from hindpaw.report.answers import Tables
from hindpaw.study import Question, Study
from hindpaw.tables import SEVERITIES, Animals, Curves, Findings

# Drawn for print at 7–8 pt; on a screen they are read from further away.
ENLARGED = 1.35
PIXELS = {"pt": 4 / 3, "px": 1.0, "": 1.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
STANDARD = "standard_curves_"

# What turns the direction of the text after it could turn our numbers too, and NUL and its like are no text.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MARKS = re.compile("[\u200e\u200f\u061c]")
_SIZE = re.compile(r"<svg\b[^>]*?\swidth=[\"']([\d.]+)(pt|px|mm|cm|in|)[\"']")


@dataclass(frozen=True)
class Picture:
    """A figure: its data URI, its width on a screen, what it shows for those who cannot see it, its caption."""

    name: str
    uri: str
    width: int | None
    alt: str
    caption: str


def page(study: Study, tables: Tables, figures: Mapping[str, str], provenance: Mapping[str, str]) -> str:
    """The page.

    Parameters
    ----------
    study : the study file
    tables : tables of every room by name; `findings` is the audit's
    figures : SVG text by `<kind>_<name>`, kinds `time_course`, `effects`, `concentrations`, `standard_curves`
    provenance : what the run was made with, in words

    Returns
    -------
    HTML without any reference to another file. Everything from outside is escaped; the figures are
    images, so nothing in them can run.
    """
    import jinja2

    template = files("hindpaw").joinpath("report", "page.html.jinja").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined, finalize=harmless
    )
    return environment.from_string(template).render(
        study=study, provenance=[list(pair) for pair in provenance.items()], **_parts(study, tables, figures)
    )


def harmless(value: Any) -> Any:
    """The value with what is no visible text replaced: overrides of direction, control characters.

    >>> harmless("a\u202eb\u200f")
    'a\ufffdb'
    """
    return _MARKS.sub("", _TURNING.sub("\ufffd", value)) if type(value) is str else value


def _parts(study: Study, tables: Tables, figures: Mapping[str, str]) -> dict[str, Any]:
    """Everything the template shows, by name."""
    findings = books.findings(tables)
    questions = [_question(study, question, tables, figures) for question in study.questions.values()]
    curves = _curve_pictures(study, tables, figures)
    placed = {shown.name for part in questions for shown in part["pictures"]} | {shown.name for shown in curves}
    return {
        "answers": [_answer(study, question, tables) for question in study.questions.values()],
        "questions": questions,
        "curves": curves,
        "limits": grids.curves(tables),
        "controls": grids.controls(tables),
        "others": [_picture(name, figures, *_unasked(name)) for name in sorted(set(figures) - placed)],
        "counted": _counted(tables),
        "findings": {grave: [one for one in findings if one[Findings.severity] == grave] for grave in SEVERITIES[::-1]},
        "worst": findings[:3],
        "flow": books.flow(study, tables),
        "gone": books.gone(tables),
        "books": books.books(tables),
        "claims": books.claims(tables),
        "explained": books.explained(tables),
        "methods": captions.methods(study, tables),
        "exports": grids.exports(tables),
    }


def _counted(tables: Tables) -> str:
    """How many animals there were, and how many the lab excluded."""
    animals = tables["animals"]
    excluded = int(animals[Animals.excluded].sum())
    return f"{phrases.count(len(animals), 'animal')} allocated, {excluded} excluded by the lab"


def _answer(study: Study, question: Question, tables: Tables) -> answers.Answer:
    """The first screen's entry, by the kind of question."""
    return (relations if question.kind in relations.FIGURES else answers).answer(study, question, tables)


def _question(study: Study, question: Question, tables: Tables, figures: Mapping[str, str]) -> dict[str, Any]:
    """What the page shows of one question: pictures and tables."""
    pictures = _relation(study, question, tables, figures) or _pictures(study, question, tables, figures)
    return {
        "key": question.key,
        "title": answers.asked(study, question),
        "pictures": pictures,
        "grids": [*grids.of_question(study, question, tables), *relations.grids(study, question, tables)],
    }


def _relation(study: Study, question: Question, tables: Tables, figures: Mapping[str, str]) -> list[Picture]:
    """The picture of a question that has a kind of figure of its own."""
    name = f"{relations.FIGURES.get(question.kind, '')}_{question.key}"
    if name not in figures:
        return []
    return [_picture(name, figures, relations.alternative(study, question, tables), relations.caption(question))]


def _pictures(study: Study, question: Question, tables: Tables, figures: Mapping[str, str]) -> list[Picture]:
    """The pictures of a comparison of thresholds or of one analyte."""
    kinds = ("time_course", "effects") if question.about_thresholds else ("concentrations",)
    return [
        _picture(
            f"{kind}_{question.key}",
            figures,
            captions.alternative(study, question, kind, tables),
            captions.caption(study, question, kind, tables),
        )
        for kind in kinds
        if f"{kind}_{question.key}" in figures
    ]


def _picture(name: str, figures: Mapping[str, str], alt: str, caption: str) -> Picture:
    """A figure as an image: so shown it can neither run nor load anything, and its ids meet no other figure's."""
    svg = figures[name]
    size = _SIZE.search(svg)
    width = round(float(size[1]) * PIXELS[size[2]] * ENLARGED) if size else None
    uri = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    return Picture(name, uri, width, alt, caption)


def _unasked(name: str) -> tuple[str, str]:
    """Alternative and caption of a figure that no question and no plate names; it is shown all the same."""
    told = name.replace("_", " ")
    return f"A drawing without a question: {told}. Its numbers stand in the CSV of that name.", f"{told.capitalize()}."


def _curve_pictures(study: Study, tables: Tables, figures: Mapping[str, str]) -> list[Picture]:
    """The standard curves, plate by plate."""
    pictures = []
    for plate in (name for one in study.plates for name in one.among(tables["curves"][Curves.plate])):
        if STANDARD + plate in figures:
            told = captions.curve(_of_plate(tables["curves"], plate))
            legend = (
                "Numbers are recoveries of the standards in %, ticks at the foot are samples, dashed lines the limits of "
                "quantification."
            )
            data = "Simulated data. " if study.simulated else ""
            alt = f"{data}Standard curves of plate {plate}. {told}"
            pictures.append(_picture(STANDARD + plate, figures, alt, f"Plate {plate}. {legend} {told}"))
    return pictures


def _of_plate(curves: pd.DataFrame, plate: str) -> pd.DataFrame:
    """The curves of one plate."""
    return curves[curves[Curves.plate] == plate]
