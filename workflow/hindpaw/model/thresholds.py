"""Answers to the questions about thresholds: one mixed model a question."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.model import assumptions, changes, comparisons, design, residuals, second_engine, selection, solution
from hindpaw.model.comparisons import Answered
from hindpaw.model.contrasts import estimable_part
from hindpaw.model.design import Design
from hindpaw.model.errors import FitError
from hindpaw.model.second_engine import MixedAnova, Second
from hindpaw.model.smallsample import WORDS, Inference
from hindpaw.model.solution import Solution
from hindpaw.study import Question, Study
from hindpaw.tables import Contrasts, Effects, Fits, Means, Thresholds

Floats = NDArray[np.float64]
ENGINE = "hindpaw"
Row = dict[str, Any]


def answer(
    study: Study,
    question: Question,
    thresholds: pd.DataFrame,
    animals: pd.DataFrame,
    rng: np.random.Generator,
    tell: Callable[[str], None] = lambda words: None,
) -> dict[str, list[Row]]:
    """The rows a question adds to `fits effects means contrasts residuals assumptions changes`.

    Where the model cannot be fitted the question still has a row in `fits` and in `contrasts`, empty but
    for the reason.
    """
    tell(f"{question.key}: fitting {question.structure}")
    try:
        built = design.build(study, question, thresholds, animals)
        solved, others = fitted(question, built)
        answered = Answered(study, question, built, solved, Inference(solved, question.df), rng)
        anova = second_engine.mixed_anova(built)
        fits, apart = _fits(study, question, built, solved, others, anova), residuals.of(solved)
        return {
            "fits": fits,
            "effects": _effects(answered, anova),
            "means": _means(answered),
            "contrasts": [_told(row, study, built) for row in comparisons.contrasts(answered)],
            "residuals": residuals.rows(study, question, built, apart),
            "assumptions": assumptions.rows(study, question, built, solved, apart, fits[0]),
            "changes": changes.rows(answered, thresholds),
        }
    except FitError as error:
        return refused(question, f"not estimated: {error}")


def censoring(study: Study, built: Design) -> str:
    """How many values entered at a bound; where they are more than the study allows, that another model answers."""
    share, limit = built.censored_share, study.censored_share
    if share > limit:
        return (
            f"{share:.0%} of the values are censored, more than {limit:.0%}: the question is answered by the "
            "interval-censored model (table censored_contrasts), and here they stand at their bound for comparison only"
        )
    return f"{built.n_substituted} censored thresholds entered at their bound" if built.n_substituted else ""


def _told(row: Row, study: Study, built: Design) -> Row:
    """A comparison with the word that it is not the question's answer, where it is not."""
    if built.censored_share <= study.censored_share:
        return row
    return row | {Contrasts.note: "; ".join(filter(None, [row[Contrasts.note], censoring(study, built)]))}


def fitted(question: Question, built: Design) -> tuple[Solution, list[selection.Candidate]]:
    """The fit the answers come from, and the structures that were tried beside it."""
    if question.structure != "auto":
        return solution.solve(built.rows, question.structure), []
    tried = selection.candidates(built.rows, question.structures)
    if tried[0].fit is None:
        raise FitError("; ".join(f"{one.name}: {one.reason}" for one in tried))
    return tried[0].fit, tried[1:]


def refused(question: Question, reason: str) -> dict[str, list[Row]]:
    """The rows of a question that cannot be answered."""
    fit = {
        Fits.question: question.key,
        Fits.engine: ENGINE,
        Fits.structure: question.structure,
        Fits.formula: "none",
        Fits.n_animals: 0,
        Fits.n_observations: 0,
        Fits.n_substituted: 0,
        Fits.converged: False,
        Fits.boundary: False,
        Fits.chosen: True,
        Fits.note: reason,
    }
    contrast = {
        Contrasts.question: question.key,
        Contrasts.comparison: comparisons.named(question.treated, question.control),
        Contrasts.by: "overall",
        Contrasts.adjustment: "none",
        Contrasts.note: reason,
    }
    return {"fits": [fit], "effects": [], "means": [], "contrasts": [contrast]}


def _fits(
    study: Study,
    question: Question,
    built: Design,
    solved: Solution,
    others: list[selection.Candidate],
    anova: dict[str, MixedAnova],
) -> list[Row]:
    """The fit itself, the structures that were not chosen, and the second engines."""
    row = _fit_row(question, built)
    serial = selection.serial_correlation(built.rows) if len(built.days) > 2 else None
    notes = [*built.notes, *filter(None, [censoring(study, built)])]
    if question.structure == "auto":
        named = ", ".join(question.structures)
        notes.append(f"chosen by the lowest AICc among {named}; tests are made as if it had been named before")
    if solved.edge:
        notes.append(f"at the edge of what it may be: {', '.join(solved.edge)}")
    aliased = [term for term, places in built.terms.items() if not set(places) <= set(solved.basis.kept.tolist())]
    if aliased:
        notes.append(f"changes together with other terms, so that its share is not told apart: {', '.join(aliased)}")
    second = second_engine.statsmodels(solved, _plain(solved))
    if second is None:
        notes.append("statsmodels has no such structure, so no second engine has fitted it")
    own = row | _of_solution(solved) | {Fits.chosen: True, Fits.note: "; ".join(notes) or None}
    if serial:
        own |= {Fits.serial_lrt: serial.statistic, Fits.serial_p: serial.p, Fits.serial_rho: serial.rho}
    made = [own]
    for one in others:
        told = _of_solution(one.fit) if one.fit else {Fits.structure: one.name, Fits.converged: False}
        behind = (
            f"not chosen: AICc is higher by {one.aicc - solved.aicc:.2f}" if one.fit else f"not fitted: {one.reason}"
        )
        made.append(row | told | {Fits.chosen: False, Fits.note: behind})
    if second:
        made.append(row | _of_second(solved, second))
    if anova:
        made.append(row | _of_anova(built, solved, anova))
    return made


def _fit_row(question: Question, built: Design) -> Row:
    """What all engines share."""
    return {
        Fits.question: question.key,
        Fits.engine: ENGINE,
        Fits.structure: question.structure,
        Fits.formula: built.formula,
        Fits.n_animals: int(built.rows.animal.max()) + 1,
        Fits.n_observations: len(built.rows.y),
        Fits.n_substituted: built.n_substituted,
        Fits.converged: True,
        Fits.boundary: False,
        Fits.chosen: False,
    }


def _plain(solved: Solution) -> str:
    """The structure's name without what was added to it."""
    return solved.structure.label.removeprefix("cage/")


def _of_solution(solved: Solution) -> Row:
    """Structure, variances and likelihood of one of our fits."""
    return {
        Fits.structure: solved.structure.label,
        Fits.parameters: "; ".join(f"{name}={value!r}" for name, value in solved.reported.items()),
        Fits.reml_loglik: solved.loglik,
        Fits.aicc: solved.aicc,
        Fits.converged: solved.converged,
        Fits.boundary: bool(solved.edge),
    }


def _of_second(solved: Solution, second: Second) -> Row:
    """statsmodels' answer."""
    return {
        Fits.engine: second.engine,
        Fits.structure: solved.structure.label,
        Fits.parameters: second.parameters or None,
        Fits.reml_loglik: second.loglik,
        Fits.converged: second.converged,
        Fits.boundary: second.boundary,
        Fits.largest_difference: second.largest_difference,
        Fits.note: second.note or None,
    }


def _of_anova(built: Design, solved: Solution, anova: dict[str, MixedAnova]) -> Row:
    """pingouin's answer; the difference is of F, relative to it."""
    inference = Inference(solved)
    ours = {term: inference.test(L).F for term, L in comparisons.hypotheses(built).items() if term in anova}
    apart = max(abs(ours[term] - one.F) / max(one.F, 1e-12) for term, one in anova.items() if term in ours)
    exact = solved.structure.label == "cs" and not solved.edge
    note = "largest relative difference of F for arm and arm:day"
    if not exact:
        note += "; equal only for cs with a variance between animals above 0"
    return {
        Fits.engine: "pingouin",
        Fits.structure: "mixed ANOVA",
        Fits.reml_loglik: math.nan,
        Fits.largest_difference: apart,
        Fits.note: note,
    }


def _effects(answered: Answered, anova: dict[str, MixedAnova]) -> list[Row]:
    """Type III tests: unweighted cell means, each factor averaged over the other; then the mixed ANOVA's."""
    rows = []
    for term, L in comparisons.hypotheses(answered.built).items():
        row: Row = {Effects.question: answered.question.key, Effects.term: term, Effects.num_df: len(L)}
        known = L[~np.isnan(L).any(axis=1)]
        told = estimable_part(answered.solved, known) if len(known) else known
        if len(told) == 0:
            gap = (
                "an arm was not tested on one of the days" if len(known) < len(L) else "it changes together with others"
            )
            rows.append(row | {Effects.method: f"not estimable: {gap}"})
            continue
        found = answered.inference.test(told)
        method = f"Type III F, {WORDS[found.method]}"
        if len(told) < len(L):
            method += f"; {len(told)} of {len(L)} df, the others not estimable"
        numbers = {Effects.num_df: len(told), Effects.den_df: found.den_df, Effects.F: found.F, Effects.p: found.p}
        rows.append(row | numbers | {Effects.method: method})
    for term, one in anova.items():
        row = {Effects.question: answered.question.key, Effects.term: term, Effects.F: one.F}
        corrected = term == "arm:day"
        scale = one.epsilon if corrected else 1.0
        numbers = {Effects.num_df: one.num_df * scale, Effects.den_df: one.den_df * scale, Effects.p: one.p_gg}
        words = "mixed ANOVA, Greenhouse–Geisser (pingouin)" if corrected else "mixed ANOVA (pingouin)"
        rows.append(row | numbers | {Effects.method: words})
    return rows


def _means(answered: Answered) -> list[Row]:
    """The estimated mean of each cell, for an animal of average baseline."""
    from scipy.special import stdtrit

    built, rows = answered.built, []
    n = built.after.groupby([Thresholds.arm, Thresholds.day])[Thresholds.animal].nunique()
    for arm, day in built.cells:
        estimate, se, df, _, _ = answered.inference.estimate(built.cell(arm, day))
        half = float(stdtrit(df, 0.975)) * se
        rows.append(
            {
                Means.question: answered.question.key,
                Means.arm: arm,
                Means.day: day,
                Means.week: answered.study.days.week(day),
                Means.n: int(n.loc[arm, day]),
                Means.estimate: estimate,
                Means.se: se,
                Means.df: df,
                Means.lower: estimate - half,
                Means.upper: estimate + half,
                Means.geometric_mean: 10**estimate,
            }
        )
    return rows
