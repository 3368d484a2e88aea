"""Everything the report is read as: a page, a supplement, a methods text, and the metadata of the run."""

from __future__ import annotations

from collections.abc import Mapping

from hindpaw.deposit import Run
from hindpaw.report.crate import crate
from hindpaw.report.document import document
from hindpaw.report.manuscript import methods_text
from hindpaw.report.page import page
from hindpaw.report.sections import Tables
from hindpaw.report.supplement import supplement
from hindpaw.study import Study


def papers(
    study: Study, tables: Tables, figures: Mapping[str, str], provenance: Mapping[str, str], run: Run
) -> dict[str, bytes]:
    """The same content in each form.

    Parameters
    ----------
    study : the study file
    tables : tables of every room by name; `findings` is the audit's
    figures : SVG text by `<folder>_<file>`
    provenance : what the run was made with, in words
    run : what lies in the study's folder already

    Returns
    -------
    `page` (HTML), `supplement` (PDF), `methods` (Markdown) and `crate` (JSON), as bytes.
    """
    told = document(study, tables, figures, provenance)
    made = {
        "page": page(told, figures).encode(),
        "supplement": supplement(told, figures),
        "methods": methods_text(told).encode(),
    }
    names = {"page": "report/report.html", "supplement": "report/report.pdf", "methods": "report/methods.md"}
    contents = {**run.contents, **{names[name]: content for name, content in made.items()}}
    return made | {"crate": crate(told, contents, run.made_on)}
