"""The tables of a question, as the page shows them: cells in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from hindpaw import phrases
from hindpaw.report import answers
from hindpaw.report.answers import ADJUSTED
from hindpaw.report.sections import Grid, Tables, text
from hindpaw.study import THRESHOLD, Question, Study
from hindpaw.tables import Contrasts, Exports, Fits


def of_question(study: Study, question: Question, tables: Tables) -> list[Grid]:
    """Comparisons first; then tests, means and fits."""
    return [
        contrasts(study, question, tables),
        effects(study, question, tables),
        means(study, question, tables),
        fits(study, question, tables),
    ]


def contrasts(study: Study, question: Question, tables: Tables) -> Grid:
    """Comparisons: ratio and interval first, p last."""
    frame = answers.of(question, tables["contrasts"])
    pairs = [answers.pair(study, name) for name in frame[Contrasts.comparison]]
    what = pairs[0] if len(set(pairs)) == 1 else answers.asked(study, question)
    # In a panel the pair is the same throughout and stands above; what differs is the analyte.
    pairs = list(frame[Contrasts.analyte].fillna(pd.Series(pairs, index=frame.index)))
    single = len(set(pairs)) == 1
    heads = ["when", "comparison", "ratio", "Hedges’ g", "t", "p", "adjusted p", "note"]
    rows = [
        [_when(row), "" if single else told, *_estimated(row), text(row.note)]
        for told, row in zip(pairs, frame.itertuples(), strict=True)
    ]
    return Grid(f"Comparisons: {what}", heads, rows, "contrasts", list(frame.index)).without_empty()


def _when(row: Any) -> str:
    """The time of a comparison."""
    return "all days" if row.by == "overall" else f"{row.by} {row.time:g}" if not pd.isna(row.time) else row.by


def _estimated(row: Any) -> list[str]:
    """Ratio, g, t, p and adjusted p; where nothing was estimated only that is said, once."""
    if pd.isna(row.estimate):
        return [phrases.ratio(None, None, None), "", "", "", ""]
    named = ADJUSTED.get(row.adjustment, row.adjustment)
    adjusted = "" if pd.isna(row.p_adjusted) else f"{phrases.p_value(row.p_adjusted)} ({named})"
    ratio = phrases.ratio(row.ratio, row.ratio_lower, row.ratio_upper)
    g = "" if pd.isna(row.hedges_g) else phrases.number(row.hedges_g, 2)
    if not pd.isna(row.hedges_g_lower):
        g += f" ({phrases.interval(row.hedges_g_lower, row.hedges_g_upper, 2)})"
    return [ratio, g, phrases.t_test(row.t, row.df), phrases.p_value(row.p), adjusted]


def effects(study: Study, question: Question, tables: Tables) -> Grid:
    """F tests in APA style."""
    frame = answers.of(question, tables["effects"])
    rows = [[row.term, phrases.f_test(row.F, row.num_df, row.den_df, row.p), row.method] for row in frame.itertuples()]
    caption = f"Tests of the terms: {answers.asked(study, question)}"
    return Grid(caption, ["term", "test", "method"], rows, "effects", list(frame.index))


def means(study: Study, question: Question, tables: Tables) -> Grid:
    """Estimated means in the unit of the outcome."""
    unit = "g" if question.outcome == THRESHOLD else "pg/ml"
    rows, frame = [], answers.of(question, tables["means"])
    for row in frame.itertuples():
        mean = phrases.number(row.geometric_mean)
        if not pd.isna(row.geometric_mean):
            mean = f"{mean} {unit} ({phrases.interval(10**row.lower, 10**row.upper)})"
        rows.append([study.label(row.arm), f"{row.day:g}", f"{row.week}", f"{row.n}", mean])
    heads = ["arm", "day", "week", "n", "geometric mean"]
    caption = f"Estimated geometric means: {answers.asked(study, question)}"
    return Grid(caption, heads, rows, "means", list(frame.index))


def fits(study: Study, question: Question, tables: Tables) -> Grid:
    """The fits, a column for each engine, so that what they agree on stands side by side."""
    frame = answers.of(question, tables["fits"])
    columns = [_fit(row) for row in frame.itertuples()]
    rows = [[name, *(column[name] for column in columns)] for name in (columns[0] if columns else ())]
    caption = f"Fits by each engine: {answers.asked(study, question)}"
    tried = (frame[Fits.engine] == "hindpaw") & ~frame[Fits.chosen]
    heads = frame[Fits.engine].where(~tried, frame[Fits.engine] + ", not chosen")
    shown = [row for row in rows if any(row[1:])]
    return Grid(caption, ["of the fit", *heads], shown, "fits", list(frame.index), across=True)


def _fit(row: Any) -> dict[str, str]:
    """One fit, line by line."""
    return {
        "structure": row.structure,
        "fixed part": row.formula,
        "animals": str(row.n_animals),
        "values": str(row.n_observations),
        "values at a limit": str(row.n_substituted),
        "state": _state(row),
        "variances": _parameters(row.parameters),
        "REML log-likelihood": "" if pd.isna(row.reml_loglik) else phrases.fixed(row.reml_loglik, 2),
        "AICc": "" if pd.isna(row.aicc) else phrases.fixed(row.aicc, 2),
        "serial correlation (cs against cs+ar1)": ""
        if pd.isna(row.serial_p)
        else f"ρ {phrases.number(row.serial_rho, 2)}, likelihood ratio {phrases.number(row.serial_lrt)}, "
        f"{phrases.p_value(row.serial_p)}",
        "largest difference (log10)": ""
        if pd.isna(row.largest_difference)
        else phrases.order_of(row.largest_difference),
        "note": text(row.note),
    }


def _state(row: Any) -> str:
    """Whether the fit can be believed."""
    if not row.converged:
        return "did not converge" if row.n_observations else "not fitted"
    return "converged, a variance at its limit" if row.boundary else "converged"


def _parameters(written: object) -> str:
    """Variance parameters, rounded; what is no `name=number` stays as it is."""
    told = []
    for part in text(written).split("; "):
        name, _, value = part.partition("=")
        try:
            told.append(f"{name} {phrases.number(float(value))}")
        except ValueError:
            told.append(part)
    return "; ".join(told)


def exports(tables: Tables) -> Grid:
    """The raw files with their digests."""
    rows = [
        [row[Exports.file], f"{row[Exports.size_bytes]} bytes", row[Exports.sha256]]
        for row in tables["exports"].to_dict("records")
    ]
    return Grid("Raw files", ["file", "size", "SHA-256"], rows, "exports", list(tables["exports"].index))
