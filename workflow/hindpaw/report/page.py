"""The report: one HTML page that opens from a mail attachment and asks nothing of a network."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pandas as pd

from hindpaw import phrases
from hindpaw.report import answers
from hindpaw.study import Study
from hindpaw.tables import (
    Animals,
    Claims,
    Contrasts,
    Curves,
    Exports,
    Fates,
    Findings,
    Ledger,
    Thresholds,
    Verdicts,
)

Rows = list[list[str]]


@dataclass(frozen=True)
class Grid:
    """A table as the page shows it: a caption, column heads, and cells in words."""

    caption: str
    heads: list[str]
    rows: Rows


@dataclass(frozen=True)
class Picture:
    """A figure: its data URI, what it shows for those who cannot see it, and its caption."""

    name: str
    uri: str
    alt: str
    caption: str


def page(
    study: Study, tables: Mapping[str, pd.DataFrame], figures: Mapping[str, str], provenance: Mapping[str, str]
) -> str:
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
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    findings = tables["findings"]
    return environment.from_string(template).render(
        study=study,
        answers=[answers.answer(study, question, tables) for question in study.questions.values()],
        questions=[_question(study, question, tables, figures) for question in study.questions.values()],
        worries=[
            (severity, int((findings[Findings.severity] == severity).sum()))
            for severity in ("error", "warning", "note")
        ],
        worst=_records(findings.head(3)),
        findings=_records(findings),
        flow=_flow(study, tables),
        books=_books(tables),
        verdicts=_verdicts(tables),
        explained=study.simulated,
        curves=_curve_pictures(study, tables, figures),
        methods=answers.methods(study),
        provenance=[[name, value] for name, value in provenance.items()],
        exports=_exports(tables["exports"]),
    )


def _records(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    """Rows as dictionaries with empty texts for missing cells."""
    return frame.fillna("").to_dict("records")


def _question(
    study: Study, question: Any, tables: Mapping[str, pd.DataFrame], figures: Mapping[str, str]
) -> dict[str, Any]:
    """What the page shows of one question: pictures and tables."""
    kinds = ("time_course", "effects") if question.about_thresholds else ("concentrations",)
    pictures = []
    for kind in kinds:
        name = f"{kind}_{question.key}"
        if name in figures:
            told = answers.caption(study, question, kind, tables)
            pictures.append(
                Picture(name, _uri(figures[name]), answers.alternative(study, question, kind, tables), told)
            )
    return {
        "key": question.key,
        "title": answers.asked(study, question),
        "pictures": pictures,
        "grids": [
            _contrasts(study, question, tables),
            _effects(question, tables),
            _means(study, question, tables),
            _fits(question, tables),
        ],
    }


def _uri(svg: str) -> str:
    """The picture as a data URI: shown as an image, it can neither run nor load anything."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _of(tables: Mapping[str, pd.DataFrame], name: str, question: Any) -> pd.DataFrame:
    """A model table's rows of one question."""
    frame = tables[name]
    return frame[frame[Contrasts.question] == question.key]


def _contrasts(study: Study, question: Any, tables: Mapping[str, pd.DataFrame]) -> Grid:
    """Comparisons: ratio and interval first, p last."""
    heads = ["when", "comparison", "ratio (95 % CI)", "Hedges’ g", "t (df)", "p", "adjusted p", "note"]
    rows = []
    for row in _of(tables, "contrasts", question).itertuples():
        when = "all days" if row.by == "overall" else f"{row.by} {row.time:g}"
        t = "" if pd.isna(row.t) else f"{phrases.number(row.t)} ({row.df:.1f})"
        adjusted = "" if pd.isna(row.p_adjusted) else f"{phrases.p_value(row.p_adjusted)} ({row.adjustment})"
        told = row.note if isinstance(row.note, str) else ""
        ratio = phrases.ratio(row.ratio, row.ratio_lower, row.ratio_upper)
        pair = answers.pair(study, row.comparison)
        rows.append([when, pair, ratio, phrases.number(row.hedges_g, 2), t, phrases.p_value(row.p), adjusted, told])
    return Grid("Comparisons", heads, rows)


def _effects(question: Any, tables: Mapping[str, pd.DataFrame]) -> Grid:
    """F tests in APA style."""
    rows = [
        [row.term, phrases.f_test(row.F, row.num_df, row.den_df, row.p), row.method]
        for row in _of(tables, "effects", question).itertuples()
    ]
    return Grid("Tests of the terms", ["term", "test", "method"], rows)


def _means(study: Study, question: Any, tables: Mapping[str, pd.DataFrame]) -> Grid:
    """Estimated means in the unit of the outcome."""
    unit = "g" if question.about_thresholds else "pg/ml"
    rows = []
    for row in _of(tables, "means", question).itertuples():
        limits = phrases.interval(10**row.lower, 10**row.upper)
        mean = f"{phrases.number(row.geometric_mean)} {unit} ({limits})"
        rows.append([study.label(row.arm), f"{row.day:g}", f"{row.week}", f"{row.n}", mean])
    return Grid("Estimated geometric means", ["arm", "day", "week", "n", "mean"], rows)


def _fits(question: Any, tables: Mapping[str, pd.DataFrame]) -> Grid:
    """The fits of both engines."""
    heads = [
        "engine",
        "structure",
        "fixed part",
        "animals",
        "values",
        "at a limit",
        "variances",
        "REML log-likelihood",
        "largest difference",
        "note",
    ]
    rows = []
    for row in _of(tables, "fits", question).itertuples():
        numbers = [
            "; ".join(
                f"{name} {phrases.number(float(value))}"
                for name, value in (part.split("=") for part in str(row.parameters).split("; "))
            )
            if isinstance(row.parameters, str)
            else "",
            "" if pd.isna(row.reml_loglik) else f"{row.reml_loglik:.4f}",
            "" if pd.isna(row.largest_difference) else f"{row.largest_difference:.1e}",
            row.note if isinstance(row.note, str) else "",
        ]
        rows.append(
            [
                row.engine,
                row.structure,
                row.formula,
                str(row.n_animals),
                str(row.n_observations),
                str(row.n_substituted),
                *numbers,
            ]
        )
    return Grid("Fits, each by two engines where there are two", heads, rows)


def _flow(study: Study, tables: Mapping[str, pd.DataFrame]) -> Grid:
    """Animals by arm: allocated, excluded, left early, with a threshold."""
    animals, measured = tables["animals"], set(tables["thresholds"][Thresholds.animal])
    rows = []
    for arm in [*study.arms, None]:
        mine = animals[animals[Animals.arm].isna()] if arm is None else animals[animals[Animals.arm] == arm]
        if mine.empty:
            continue
        numbers = [
            len(mine),
            mine[Animals.excluded].sum(),
            mine[Animals.left_day].notna().sum(),
            mine[Animals.animal].isin(measured).sum(),
        ]
        rows.append(["arm not settled" if arm is None else study.label(arm), *map(str, numbers)])
    return Grid(
        "Animals by arm", ["arm", "allocated", "excluded by the lab", "left before the end", "with a threshold"], rows
    )


def _books(tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """The ledger in numbers: each raw datum once, each used one again."""
    ledger, fates = tables["ledger"], tables["fates"]
    counts = pd.crosstab(ledger[Ledger.table], ledger[Ledger.fate])
    order = ["used", "excluded", "quarantined", "blank"]
    rows = [
        [str(name), *(str(row.get(fate, 0)) for fate in order), str(int(row.sum()))] for name, row in counts.iterrows()
    ]
    after = fates[Fates.fate].value_counts()
    outcome = "; ".join(
        f"{phrases.count(int(n), 'datum', 'data')} {str(fate).replace('_', ' ')}" for fate, n in after.items()
    )
    aside = ledger[ledger[Ledger.fate].isin(["quarantined", "excluded"])]
    return {
        "grid": Grid("Raw data by fate", ["table", *order, "all"], rows),
        "outcome": outcome or "nothing was measured",
        "aside": Grid(
            "Data set aside or excluded",
            ["where", "fate", "reason"],
            aside[[Ledger.source, Ledger.fate, Ledger.reason]].to_numpy().tolist(),
        ),
    }


def _verdicts(tables: Mapping[str, pd.DataFrame]) -> list[dict[Any, Any]]:
    """Claims with their verdicts."""
    rows = tables["verdicts"].merge(tables["claims"][[Claims.claim, Claims.text, Claims.locator]], on=Verdicts.claim)
    return _records(rows)


def _curve_pictures(study: Study, tables: Mapping[str, pd.DataFrame], figures: Mapping[str, str]) -> list[Picture]:
    """The standard curves, plate by plate."""
    pictures = []
    for plate in study.plates:
        name = f"standard_curves_{plate.name}"
        rows = tables["curves"][tables["curves"][Curves.plate] == plate.name]
        told = "; ".join(
            f"{row.analyte}: {row.form}, quantified from {phrases.number(row.lloq_pg_per_ml)} to {phrases.number(row.uloq_pg_per_ml)} pg/ml"
            if row.accepted
            else f"{row.analyte}: not accepted, {row.reason}"
            for row in rows.itertuples()
        )
        caption = f"Plate {plate.name}. Numbers are recoveries of the standards in %, ticks at the foot are samples, dashed lines the limits of quantification. {told}."
        if name in figures:
            pictures.append(
                Picture(name, _uri(figures[name]), f"Standard curves of plate {plate.name}. {told}.", caption)
            )
    return pictures


def _exports(exports: pd.DataFrame) -> Grid:
    """The raw files with their digests."""
    rows = [
        [row[Exports.file], f"{row[Exports.size_bytes]} bytes", row[Exports.sha256]]
        for row in exports.to_dict("records")
    ]
    return Grid("Raw files", ["file", "size", "SHA-256"], rows)
