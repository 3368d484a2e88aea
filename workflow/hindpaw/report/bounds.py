"""Censored thresholds as bounds, in words; the answer of a question that the interval-censored model answers."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from hindpaw import phrases
from hindpaw.report import answers
from hindpaw.report.answers import Answer
from hindpaw.report.sections import Cell, Figure, Grid, Section, Tables, Text, text
from hindpaw.study import Question, Study
from hindpaw.tables import CensoredContrasts, CensoredFits

RATIO = (CensoredContrasts.ratio, CensoredContrasts.ratio_lower, CensoredContrasts.ratio_upper)
CENSORED_METHOD = (
    "Where thresholds are known only to lie beyond a filament, an interval-censored linear model with a random intercept for "
    "each animal (and cage, where cages share a variance) was fitted by maximum likelihood, the intercepts integrated by "
    "adaptive Gauss–Hermite quadrature; intervals follow the profile likelihood, its ratio Λ read as t² = ν(exp(bΛ/ν) − 1) "
    "with ν the Kenward–Roger degrees of freedom of the comparison and b what full maximum likelihood takes off its "
    "variance (docs/bounds.md). It is the answer where more than the configured share of the values is censored."
)


def sections(study: Study, tables: Tables) -> list[Section]:
    """The interval-censored model of each question with censored values."""
    return [part for question in study.questions.values() for part in _censored(study, question, tables)]


def primary(question: Question, tables: Tables) -> bool:
    """Whether the interval-censored model answers the question."""
    fits = answers.of(question, tables["censored_fits"])
    return bool(fits[CensoredFits.primary].any())


def answer(study: Study, question: Question, tables: Tables) -> Answer:
    """The first screen's entry of a question that the interval-censored model answers."""
    usual = answers.answer(study, question, tables)
    rows = answers.of(question, tables["censored_contrasts"])
    mine = rows[rows[CensoredContrasts.comparison] == f"{question.treated} − {question.control}"]
    overall = mine[mine[CensoredContrasts.by] == "overall"]
    fit = answers.of(question, tables["censored_fits"]).iloc[0]
    caution: Text = ("The interval-censored model answers: ", *_share(fit), ", more than the study allows.")
    cautions = (caution, *usual.cautions)
    if overall.empty or overall[CensoredContrasts.bound].iloc[0] == "none":
        why = text(overall[CensoredContrasts.note].iloc[0]) if len(overall) else text(fit[CensoredFits.note])
        told = f"not estimated: {why.removeprefix('not estimated: ') or 'the interval-censored model gave nothing'}"
        return replace(usual, ratio="", told=told, times="", known=False, cautions=cautions, others=(), p="", bar=None)
    row = overall.iloc[0]
    arms = f"{study.label(question.treated)} against {study.label(question.control)}"
    p = Cell.of(row, "censored_contrasts", phrases.p_value(row[CensoredContrasts.p]), CensoredContrasts.p)
    return replace(
        usual,
        ratio=(_ratio(row),),
        told=(f"{arms}: threshold, time average over the days after treatment, censored values as bounds; ", p, "."),
        times=_times(question, mine),
        others=(),
        cautions=cautions,
        known=True,
        p=(p,),
        bar=answers.bar(row),
    )


def _ratio(row: pd.Series) -> Cell:
    """The ratio with its interval, or the one limit that is known, in words."""
    ratio, low, high = (row[name] for name in RATIO)
    if row[CensoredContrasts.bound] == "at least":
        return Cell.of(
            row, "censored_contrasts", f"at least {phrases.number(low)} times", CensoredContrasts.ratio_lower
        )
    if row[CensoredContrasts.bound] == "at most":
        return Cell.of(
            row, "censored_contrasts", f"at most {phrases.number(high)} times", CensoredContrasts.ratio_upper
        )
    return Cell.of(row, "censored_contrasts", phrases.ratio(ratio, low, high), *RATIO)


def _share(fit: pd.Series) -> tuple[str | Cell, ...]:
    """How many of the values are bounds."""
    n = int(fit[CensoredFits.n_left] + fit[CensoredFits.n_right] + fit[CensoredFits.n_interval])
    names = (CensoredFits.n_left, CensoredFits.n_right, CensoredFits.n_interval)
    share = phrases.percent(fit[CensoredFits.censored_share])
    return (
        Cell.of(fit, "censored_fits", str(n), *names),
        " of ",
        Cell.of(fit, "censored_fits", str(int(fit[CensoredFits.n_observations])), CensoredFits.n_observations),
        " values (",
        Cell.of(fit, "censored_fits", share, CensoredFits.censored_share, scale="100 ×"),
        f") {'is' if n == 1 else 'are'} known only to lie beyond a bound",
    )


def _times(question: Question, rows: pd.DataFrame) -> Text:
    """In which weeks or days the interval excludes a ratio of 1."""
    timed = rows[rows[CensoredContrasts.by] == question.by]
    clear = timed[(timed[CensoredContrasts.lower] > 0) | (timed[CensoredContrasts.upper] < 0)]
    if clear.empty:
        return f"No {question.by}'s interval excludes a ratio of 1{answers.NO_PROOF}."
    cells: list[Text] = [
        (Cell.of(row, "censored_contrasts", f"{row[CensoredContrasts.time]:g}", CensoredContrasts.time),)
        for _, row in clear.iterrows()
    ]
    many = "s" if len(cells) > 1 else ""
    return (f"The simultaneous interval excludes a ratio of 1 in {question.by}{many} ", *answers.listed(cells), ".")


def _censored(study: Study, question: Question, tables: Tables) -> list[Section]:
    """The interval-censored model of a question, beside the substituted values."""
    fits = answers.of(question, tables["censored_fits"])
    if fits.empty:
        return []
    fit, rows = fits.iloc[0], answers.of(question, tables["censored_contrasts"])
    role = "is the question's answer" if fit[CensoredFits.primary] else "stands beside the question's answer"
    words: list[Text] = [(*_share(fit), f". The interval-censored model, which takes each for what it is, {role}.")]
    notes = answers.noted(censored_fits=[fit])
    blocks = [
        Figure(f"censored_{question.key}", _alt(study, question, rows), _caption(fit)),
        *words,
        *notes,
        _contrasts(study, rows),
    ]
    overall = rows[(rows[CensoredContrasts.by] == "overall") & (rows[CensoredContrasts.bound] != "none")]
    sure: list[Text] = []
    if len(overall) and not fit[CensoredFits.primary]:
        sure = [(*_share(fit), "; taken as bounds they give a ratio of ", _ratio(overall.iloc[0]), ".")]
    worry: list[Text] = [] if fit[CensoredFits.converged] else ["The interval-censored model could not be fitted."]
    title = "Censored thresholds as bounds"
    return [Section(title, question=question.key, blocks=blocks, how_sure=sure, worry=worry, methods=[CENSORED_METHOD])]


def _caption(fit: pd.Series) -> str:
    """What the figure shows."""
    return (
        "Left: single mice, open triangles where a threshold is known only to lie beyond a bound; full symbols are means of the "
        "interval-censored model, hollow ones of the mixed model with those values at their bound, each with its 95 % "
        "interval; an arrow is a one-sided bound; the ticks are the filaments. Right: ratios by both. "
        f"{int(fit[CensoredFits.n_animals])} animals, {int(fit[CensoredFits.n_observations])} values."
    )


def _alt(study: Study, question: Question, rows: pd.DataFrame) -> str:
    """The numbers of the figure in a row."""
    data = "Simulated data. " if study.simulated else ""
    told = [f"{when(row)}: {_ratio(row).words}" for _, row in rows.iterrows()]
    return f"{data}Censored thresholds as bounds, {question.key}. {'; '.join(told)}."


def when(row: pd.Series) -> str:
    """The time of a comparison."""
    return "all days" if row["by"] == "overall" else f"{row['by']} {row['time']:g}"


def _contrasts(study: Study, rows: pd.DataFrame) -> Grid:
    """Both models side by side."""
    heads = ["when", "comparison", "censored values", "as bounds", "p", "adjusted p", "at their bound", "note"]
    cells = []
    for _, row in rows.iterrows():
        beside = (10 ** row[f"substituted_{name}"] for name in ("estimate", "lower", "upper"))
        adjusted = row[CensoredContrasts.p_adjusted]
        cells.append(
            [
                when(row),
                answers.pair(study, row[CensoredContrasts.comparison]),
                str(row[CensoredContrasts.n_censored]),
                _ratio(row).words,
                phrases.p_value(row[CensoredContrasts.p]),
                "" if pd.isna(adjusted) else phrases.p_value(adjusted),
                phrases.ratio(*beside),
                text(row[CensoredContrasts.note]),
            ]
        )
    grid = Grid(
        "Ratios with censored values as bounds and at their bound", heads, cells, "censored_contrasts", list(rows.index)
    )
    return grid.without_empty()
