"""Answers to the questions about analytes: log10 concentration by arm on one day, a panel, or day by day."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from hindpaw.model import compare, linear, units
from hindpaw.model.compare import Pair
from hindpaw.model.effectsize import hedges_correction
from hindpaw.model.linear import Estimate, Model
from hindpaw.model.simultaneous import holm
from hindpaw.model.thresholds import refused
from hindpaw.model.tobit import TobitError
from hindpaw.study import Question, Study
from hindpaw.tables import Concentrations, Contrasts, Effects, Fits, Means

ENGINE = "pingouin"
OWN = "hindpaw"
Rows = dict[str, list[dict[str, Any]]]


def answer(study: Study, question: Question, concentrations: pd.DataFrame, seed: int = 0) -> Rows:
    """The rows a question adds to `fits effects means contrasts analyte_tests`.

    With every value inside the limits and one plate: Welch ANOVA and Games–Howell. With values outside the
    limits or several plates: a Tobit model (without censoring the linear model) with arms and plates as fixed
    effects, its p-values exact permutations of censored ranks, adjusted by Holm over the pairs. Nothing is
    substituted for a censored value.

    References
    ----------
    Welch BL, Biometrika 1951;38:330-336, doi 10.1093/biomet/38.3-4.330.
    Games PA, Howell JF, J Educ Stat 1976;1:113-125, doi 10.3102/10769986001002113.
    """
    frame = units.of(question, question.outcome, concentrations)
    why = units.short(frame, question.arms, question.outcome)
    if why:
        return refused(question, why)
    frame["cell"] = frame["arm"]
    found = {names: compare.pair(question, question.outcome, frame, *names, seed) for names in _pairs(question)}
    tests = [row for one in found.values() for row in one.rows]
    if frame["censored"].any() or frame["plate"].nunique() > 1:
        try:
            model = linear.fit(frame, question.arms)
        except TobitError as error:
            return refused(question, f"not estimated: {error}") | {"analyte_tests": tests}
        rows = {
            "fits": [_linear_fit(question, model)],
            "effects": _wald(question, model),
            "means": [_mean(study, question, frame, arm, model.mean(arm)) for arm in question.arms],
            "contrasts": _linear_contrasts(question, frame, model, found),
        }
    else:
        rows = {
            "fits": [_fit(question, frame)],
            "effects": [_effect(question, frame)],
            "means": [_mean(study, question, frame, arm, _own_mean(frame, arm)) for arm in question.arms],
            "contrasts": _contrasts(question, frame),
        }
    return rows | {"analyte_tests": tests}


def _pairs(question: Question) -> list[tuple[str, str]]:
    """Every pair of arms, the pair the question is about first."""
    order = [(question.treated, question.control)]
    return order + [(one, two) for two, one in combinations(question.arms, 2) if {one, two} != set(order[0])]


def _fit(question: Question, frame: pd.DataFrame) -> dict[str, Any]:
    """What went in."""
    return {
        Fits.question: question.key,
        Fits.engine: ENGINE,
        Fits.structure: "Welch",
        Fits.formula: f"log10 {question.outcome} ~ arm",
        Fits.n_animals: len(frame),
        Fits.n_observations: len(frame),
        Fits.n_substituted: 0,
        Fits.reml_loglik: math.nan,
        Fits.converged: True,
        Fits.boundary: False,
        Fits.chosen: True,
        Fits.note: None,
    }


def _linear_fit(question: Question, model: Model) -> dict[str, Any]:
    """The fit of a question with censored values or several plates."""
    frame, censored = model.frame, int(model.frame["censored"].sum())
    plates = frame["plate"].nunique()
    told = [f"{censored} of {len(frame)} values lie outside the limits of quantification and enter as bounds"]
    told = told if censored else []
    told += [f"{plates} plates, a fixed effect each"] if plates > 1 else []
    told += [f"the arm {cell} lies wholly outside the limits and has no mean" for cell in model.bound]
    effects = [
        f"plate {name}={value!r}"
        for name, value in zip(model.plates[1:], model.fitted.beta[len(model.cells) :], strict=True)
    ]
    return _fit(question, frame) | {
        Fits.engine: OWN,
        Fits.structure: "Tobit" if censored else "linear",
        Fits.formula: f"log10 {question.outcome} ~ arm{' + plate' if plates > 1 else ''}",
        Fits.parameters: "; ".join(
            [f"sigma={model.fitted.sigma!r}", *(effect.replace("np.float64", "") for effect in effects)]
        ),
        Fits.note: "; ".join(told) or None,
    }


def _effect(question: Question, frame: pd.DataFrame) -> dict[str, Any]:
    """Welch's F over the arms."""
    import pingouin

    row = pingouin.welch_anova(data=frame, dv="lower", between="arm").iloc[0]
    return {
        Effects.question: question.key,
        Effects.term: "arm",
        Effects.num_df: row["ddof1"],
        Effects.den_df: row["ddof2"],
        Effects.F: row["F"],
        Effects.p: row["p_unc"],
        Effects.method: "Welch F",
    }


def _wald(question: Question, model: Model) -> list[dict[str, Any]]:
    """The arms together: Wald F of the model, where every arm has a mean."""
    from scipy.special import fdtrc

    k = len(model.cells)
    if model.bound or k < 2:
        return []
    L = np.zeros((k - 1, len(model.fitted.beta)))
    L[:, 0], L[:, 1:k] = -1, np.eye(k - 1)
    values = L @ model.fitted.beta
    V = L @ model.fitted.covariance[:-1, :-1] @ L.T * model.fitted.n / model.fitted.df
    F = float(values @ np.linalg.solve(V, values)) / (k - 1)
    return [
        {
            Effects.question: question.key,
            Effects.term: "arm",
            Effects.num_df: k - 1,
            Effects.den_df: model.fitted.df,
            Effects.F: F,
            Effects.p: float(fdtrc(k - 1, model.fitted.df, F)),
            Effects.method: "Wald F, n − p degrees of freedom",
        }
    ]


def _own_mean(frame: pd.DataFrame, arm: str) -> Estimate:
    """The mean of an arm with its own t interval."""
    from scipy.special import stdtrit

    values = frame.loc[frame["arm"] == arm, "lower"]
    n, mean, se = len(values), float(values.mean()), float(values.std(ddof=1)) / math.sqrt(len(values))
    half = float(stdtrit(n - 1, 0.975)) * se
    return Estimate(mean, se, n - 1, mean - half, mean + half, math.nan)


def _mean(study: Study, question: Question, frame: pd.DataFrame, arm: str, found: Estimate) -> dict[str, Any]:
    """The mean of an arm as a row."""
    rows = frame[frame["arm"] == arm]
    day = float(rows[Concentrations.day].iloc[0])
    return {
        Means.question: question.key,
        Means.arm: arm,
        Means.day: day,
        Means.week: study.days.week(day),
        Means.n: len(rows),
        Means.estimate: found.estimate,
        Means.se: found.se,
        Means.df: found.df,
        Means.lower: found.lower,
        Means.upper: found.upper,
        Means.geometric_mean: 10**found.estimate,
    }


def _contrasts(question: Question, frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Every pair of arms, by Games–Howell."""
    import pingouin

    found = pingouin.pairwise_gameshowell(data=frame, dv="lower", between="arm")
    by_pair = {frozenset((row["A"], row["B"])): row for row in found.to_dict("records")}
    return [_games_howell(question, frame, one, two, by_pair[frozenset((one, two))]) for one, two in _pairs(question)]


def _games_howell(question: Question, frame: pd.DataFrame, one: str, two: str, found: dict[Any, Any]) -> dict[str, Any]:
    """One pair: Welch's t, Games–Howell's p and simultaneous interval, Hedges' g."""
    from scipy.special import stdtr
    from scipy.stats import studentized_range

    a, b = (frame.loc[frame["arm"] == arm, "lower"] for arm in (one, two))
    estimate, df, k = float(a.mean() - b.mean()), float(found["df"]), len(question.arms)
    se = math.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    half = float(studentized_range.ppf(0.95, k, df)) / math.sqrt(2) * se
    nu = len(a) + len(b) - 2
    sd = math.sqrt(((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / nu)
    estimated = Estimate(estimate, se, df, estimate - half, estimate + half, 2 * float(stdtr(df, -abs(estimate / se))))
    return contrast(question, f"{one} − {two}", frame, estimated) | {
        Contrasts.family: f"{question.key}, pairs of {k} arms",
        Contrasts.p_adjusted: float(found["pval"]),
        Contrasts.adjustment: "games-howell",
        Contrasts.hedges_g: hedges_correction(nu) * estimate / sd,
    }


def _linear_contrasts(
    question: Question, frame: pd.DataFrame, model: Model, found: dict[tuple[str, str], Pair]
) -> list[dict[str, Any]]:
    """Every pair by the linear model; p from the permutation, adjusted by Holm, intervals for each pair alone."""
    adjusted = holm(np.array([one.p for one in found.values()]))
    rows = []
    for (names, of_pair), p_adjusted in zip(found.items(), adjusted, strict=True):
        estimated = model.difference(*names)
        notes = [estimated.note] if estimated.note else []
        notes.append(f"p: {of_pair.method}; interval of this pair alone")
        notes += [f"{of_pair.censored} values outside the limits entered as bounds"] if of_pair.censored else []
        g = hedges_correction(max(model.fitted.df, 2)) * estimated.estimate / model.fitted.sigma
        rows.append(
            contrast(question, f"{names[0]} − {names[1]}", frame, estimated)
            | {
                Contrasts.family: f"{question.key}, pairs of {len(question.arms)} arms",
                Contrasts.p: of_pair.p,
                Contrasts.p_adjusted: p_adjusted,
                Contrasts.adjustment: "holm",
                Contrasts.hedges_g: g * math.sqrt(model.fitted.df / model.fitted.n),
                Contrasts.note: "; ".join(notes),
            }
        )
    return rows


def contrast(question: Question, comparison: str, frame: pd.DataFrame, found: Estimate) -> dict[str, Any]:
    """An estimate as a row of `contrasts`."""
    return {
        Contrasts.question: question.key,
        Contrasts.comparison: comparison,
        Contrasts.by: "day",
        Contrasts.time: float(frame[Concentrations.day].iloc[0]),
        Contrasts.estimate: found.estimate,
        Contrasts.se: found.se,
        Contrasts.df: found.df,
        Contrasts.t: found.estimate / found.se if found.se > 0 else math.nan,
        Contrasts.p: found.p,
        Contrasts.adjustment: "none",
        Contrasts.lower: found.lower,
        Contrasts.upper: found.upper,
        Contrasts.ratio: 10**found.estimate,
        Contrasts.ratio_lower: 10**found.lower,
        Contrasts.ratio_upper: 10**found.upper,
        Contrasts.note: found.note or None,
    }
