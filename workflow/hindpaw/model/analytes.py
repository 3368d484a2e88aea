"""Answers to the questions about analytes: log10 concentration by arm on one day."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from hindpaw.model.effectsize import hedges_correction
from hindpaw.model.thresholds import refused
from hindpaw.study import Question, Study
from hindpaw.tables import Concentrations, Contrasts, Effects, Fits, Means

ENGINE = "pingouin"


def answer(study: Study, question: Question, concentrations: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """The rows a question adds to `fits effects means contrasts`: Welch ANOVA and Games–Howell.

    A concentration outside the limits of quantification enters at its limit, is counted, and the note says
    that the difference is then a bound and no estimate.

    References
    ----------
    Welch BL, Biometrika 1951;38:330-336, doi 10.1093/biomet/38.3-4.330.
    Games PA, Howell JF, J Educ Stat 1976;1:113-125, doi 10.3102/10769986001002113.
    """
    frame = _rows(question, concentrations)
    n = frame.groupby("arm")["y"].size().reindex(list(question.arms), fill_value=0)
    if question.day is None and frame[Concentrations.day].nunique() > 1:
        return refused(question, "not estimated: the analyte was measured on several days; name one with `day`")
    short = [arm for arm in question.arms if n[arm] < 2]
    if short:
        return refused(
            question,
            f"not estimated: the arm {short[0]} has {n[short[0]]} values of {question.outcome}; two are needed",
        )
    flat = [arm for arm in question.arms if frame.loc[frame["arm"] == arm, "y"].nunique() < 2]
    if flat:
        return refused(question, f"not estimated: the values of the arm {flat[0]} are all equal")
    return {
        "fits": [_fit(question, frame)],
        "effects": [_effect(question, frame)],
        "means": _means(study, question, frame),
        "contrasts": _contrasts(question, frame),
    }


def _rows(question: Question, concentrations: pd.DataFrame) -> pd.DataFrame:
    """The question's values with the censored ones at their bound."""
    mine = (
        (concentrations[Concentrations.analyte] == question.outcome)
        & (concentrations[Concentrations.matrix] == question.matrix)
        & concentrations[Concentrations.arm].isin(question.arms)
    )
    if question.day is not None:
        mine &= concentrations[Concentrations.day] == question.day
    frame = concentrations[mine]
    left = frame[Concentrations.censored] == "left"
    bound = frame[Concentrations.upper_pg_per_ml].where(left, frame[Concentrations.lower_pg_per_ml])
    y = frame[Concentrations.log10_pg_per_ml].fillna(pd.Series(np.log10(bound.astype(float)), index=frame.index))
    return frame.assign(y=y)


def _fit(question: Question, frame: pd.DataFrame) -> dict[str, Any]:
    """What went in."""
    censored = int((frame[Concentrations.censored] != "none").sum())
    note = f"{censored} of {len(frame)} values entered at their limit of quantification; differences are bounds"
    return {
        Fits.question: question.key,
        Fits.engine: ENGINE,
        Fits.structure: "Welch",
        Fits.formula: f"log10 {question.outcome} ~ arm",
        Fits.n_animals: len(frame),
        Fits.n_observations: len(frame),
        Fits.n_substituted: censored,
        Fits.reml_loglik: math.nan,
        Fits.converged: True,
        Fits.boundary: False,
        Fits.chosen: True,
        Fits.note: note if censored else None,
    }


def _effect(question: Question, frame: pd.DataFrame) -> dict[str, Any]:
    """Welch's F over the arms."""
    import pingouin

    row = pingouin.welch_anova(data=frame, dv="y", between="arm").iloc[0]
    return {
        Effects.question: question.key,
        Effects.term: "arm",
        Effects.num_df: row["ddof1"],
        Effects.den_df: row["ddof2"],
        Effects.F: row["F"],
        Effects.p: row["p_unc"],
        Effects.method: "Welch F",
    }


def _means(study: Study, question: Question, frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The mean of each arm with its own t interval."""
    from scipy.special import stdtrit

    rows = []
    for arm in question.arms:
        values = frame.loc[frame["arm"] == arm, "y"]
        day, n = float(frame[Concentrations.day].iloc[0]), len(values)
        mean, se = float(values.mean()), float(values.std(ddof=1)) / math.sqrt(n)
        half = float(stdtrit(n - 1, 0.975)) * se
        rows.append(
            {
                Means.question: question.key,
                Means.arm: arm,
                Means.day: day,
                Means.week: study.days.week(day),
                Means.n: n,
                Means.estimate: mean,
                Means.se: se,
                Means.df: n - 1,
                Means.lower: mean - half,
                Means.upper: mean + half,
                Means.geometric_mean: 10**mean,
            }
        )
    return rows


def _contrasts(question: Question, frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Every pair of arms, by Games–Howell; the pair the question is about comes first."""
    import pingouin

    found = pingouin.pairwise_gameshowell(data=frame, dv="y", between="arm")
    pairs = {frozenset((row["A"], row["B"])): row for row in found.to_dict("records")}
    order = [(question.treated, question.control)]
    order += [(one, two) for two, one in combinations(question.arms, 2) if {one, two} != set(order[0])]
    return [_contrast(question, frame, one, two, pairs[frozenset((one, two))]) for one, two in order]


def _contrast(question: Question, frame: pd.DataFrame, one: str, two: str, found: dict[Any, Any]) -> dict[str, Any]:
    """One pair: Welch's t, Games–Howell's p and simultaneous interval, Hedges' g."""
    from scipy.special import stdtr
    from scipy.stats import studentized_range

    a, b = (frame.loc[frame["arm"] == arm, "y"] for arm in (one, two))
    estimate, df, k = float(a.mean() - b.mean()), float(found["df"]), len(question.arms)
    se = math.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    half = float(studentized_range.ppf(0.95, k, df)) / math.sqrt(2) * se
    nu = len(a) + len(b) - 2
    sd = math.sqrt(((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / nu)
    censored = int((frame.loc[frame["arm"].isin([one, two]), Concentrations.censored] != "none").sum())
    note = f"{censored} values at their limit of quantification: a bound, not an estimate"
    return {
        Contrasts.question: question.key,
        Contrasts.family: f"{question.key}, pairs of {k} arms",
        Contrasts.comparison: f"{one} − {two}",
        Contrasts.by: "day",
        Contrasts.time: float(frame[Concentrations.day].iloc[0]),
        Contrasts.estimate: estimate,
        Contrasts.se: se,
        Contrasts.df: df,
        Contrasts.t: estimate / se,
        Contrasts.p: 2 * float(stdtr(df, -abs(estimate / se))),
        Contrasts.p_adjusted: float(found["pval"]),
        Contrasts.adjustment: "games-howell",
        Contrasts.lower: estimate - half,
        Contrasts.upper: estimate + half,
        Contrasts.ratio: 10**estimate,
        Contrasts.ratio_lower: 10 ** (estimate - half),
        Contrasts.ratio_upper: 10 ** (estimate + half),
        Contrasts.hedges_g: hedges_correction(nu) * estimate / sd,
        Contrasts.note: note if censored else None,
    }
