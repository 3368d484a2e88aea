"""Assay rules: curves that were rejected, standards outside the limits, replicates that disagree."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from hindpaw import phrases
from hindpaw.findings import Finding, several
from hindpaw.study import Study
from hindpaw.tables import Concentrations, Curves

ROOM = "audit"


def curves_read(curves: pd.DataFrame) -> Iterator[Finding]:
    """E1: a rejected curve takes its samples with it, and says why."""
    for row in curves[~curves[Curves.accepted]].itertuples():
        yield Finding(
            "E1", "error", ROOM,
            f"The standard curve of {row.analyte} on {row.plate} was not accepted: {row.reason}.",
            "No concentration is read off it.",
            "Look at the picture of the curve; repeat the assay, or mask a standard in the export with its reason.",
            kind="state",
        )  # fmt: skip


def curve_notes(curves: pd.DataFrame) -> Iterator[Finding]:
    """E1: what reading a curve showed of standards, blanks and dilutions, one finding for each note."""
    known = curves[curves[Curves.note].notna()]
    for note, rows in known.groupby(Curves.note, sort=False):
        grave = "note" if str(note).startswith("the signals arrive") else "warning"
        told = [f"{row.analyte} on {row.plate}" for row in rows.itertuples()]
        yield Finding(
            "E1", grave, ROOM,
            f"{phrases.count(len(rows), 'standard curve')}: {note}.",
            "A standard, a blank or a dilution that is not what it seems shifts every concentration of its plate.",
            "Look at the plate map and the export; correct them, or keep this note beside the numbers.",
            evidence=several(told, 20), kind="state",
        )  # fmt: skip


def replicates(study: Study, concentrations: pd.DataFrame) -> Iterator[Finding]:
    """E1: samples whose wells differ by more than the limit."""
    limit = study.assay.replicate_cv_percent
    apart = concentrations[concentrations[Concentrations.cv_percent] > limit]
    if len(apart):
        told = [f"{row.animal} {row.analyte}: CV {phrases.number(row.cv_percent, 2)} %" for row in apart.itertuples()]
        yield Finding(
            "E1", "warning", ROOM,
            f"The replicate wells of {phrases.count(len(apart), 'sample')} differ by more than {limit:g} %.",
            "The concentration is used, with a large standard error.",
            "Repeat the sample if there is any left.",
            "; ".join(apart[Concentrations.source]), several(told, 20), kind="state",
        )  # fmt: skip


def not_detected(study: Study, concentrations: pd.DataFrame) -> Iterator[Finding]:
    """E2: values outside the limits of quantification, by analyte."""
    censored = concentrations[concentrations[Concentrations.censored] != "none"]
    if len(censored):
        counts = censored.groupby(Concentrations.analyte).size()
        whole = concentrations.groupby(Concentrations.analyte).size()
        yield Finding(
            "E2", "note", ROOM,
            f"{len(censored)} of {len(concentrations)} concentrations lie outside the limits of quantification.",
            "They are kept as bounds; replaced by a constant they would make the spread too small.",
            "Nothing. Where a question compares them, its note says how many.",
            "; ".join(censored[Concentrations.source]),
            several((f"{analyte}: {count} of {whole[analyte]}" for analyte, count in counts.items()), 20),
        )  # fmt: skip
