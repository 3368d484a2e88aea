"""What the report says of each question, in words made from the tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from hindpaw import phrases
from hindpaw.study import Question, Study
from hindpaw.tables import Contrasts, Fits

ADJUSTED = {"holm": "Holm", "bonferroni": "Bonferroni"}


def asked(study: Study, question: Question) -> str:
    """The question in words."""
    outcome = (
        f"withdrawal threshold, {question.paw} paw"
        if question.about_thresholds
        else f"{question.outcome} in {question.matrix}"
    )
    return question.ask or f"{study.label(question.treated)} against {study.label(question.control)}: {outcome}"


def pair(study: Study, comparison: str) -> str:
    """A comparison by the arms' labels."""
    return " − ".join(study.label(arm) if arm in study.arms else arm for arm in comparison.split(" − "))


def _main(question: Question, tables: Mapping[str, pd.DataFrame]) -> pd.Series | None:
    """The contrast that answers: the overall one, or for an analyte the first."""
    rows = tables["contrasts"][tables["contrasts"][Contrasts.question] == question.key]
    overall = rows[rows[Contrasts.by] == "overall"]
    chosen = overall if len(overall) else rows
    return chosen.iloc[0] if len(chosen) else None


def answer(study: Study, question: Question, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """The first screen's entry: asked, answered, how sure, how many animals."""
    found = _main(question, tables)
    fits = tables["fits"][tables["fits"][Fits.question] == question.key]
    n = int(fits[Fits.n_animals].iloc[0]) if len(fits) else 0
    if found is None or pd.isna(found[Contrasts.estimate]):
        why = found[Contrasts.note] if found is not None else "not estimated"
        return {
            "key": question.key,
            "asked": asked(study, question),
            "answer": str(why),
            "weeks": "",
            "n": n,
            "unknown": True,
        }
    outcome = "threshold" if question.about_thresholds else f"{question.outcome} concentration"
    ratio = phrases.ratio(found[Contrasts.ratio], found[Contrasts.ratio_lower], found[Contrasts.ratio_upper])
    over = ", averaged over all days after treatment" if question.about_thresholds else ""
    adjusted = found[Contrasts.p_adjusted]
    p = phrases.p_value(found[Contrasts.p] if pd.isna(adjusted) else adjusted)
    told = f"{study.label(question.treated)} has {ratio} the {outcome} of {study.label(question.control)}{over}; {p}."
    return {
        "key": question.key,
        "asked": asked(study, question),
        "answer": told,
        "weeks": weeks(study, question, tables),
        "n": n,
        "unknown": False,
    }


def weeks(study: Study, question: Question, tables: Mapping[str, pd.DataFrame]) -> str:
    """In which weeks (or days) the simultaneous interval leaves no doubt about the sign, and in which it does."""
    rows = tables["contrasts"][tables["contrasts"][Contrasts.question] == question.key]
    family = rows[(rows[Contrasts.by] == question.by) & rows[Contrasts.estimate].notna()]
    if not question.about_thresholds or family.empty:
        return ""
    clear = (family[Contrasts.lower] > 0) | (family[Contrasts.upper] < 0)

    def named(part: pd.DataFrame) -> str:
        return ", ".join(f"{time:g}" for time in part[Contrasts.time])

    if not clear.any():
        return (
            f"The simultaneous interval includes a ratio of 1 in every {question.by}, which is no proof of no effect."
        )
    first = f"The simultaneous interval excludes a ratio of 1 in {question.by} {named(family[clear])}"
    rest = f" and includes it in {question.by} {named(family[~clear])}, which is no proof of no effect"
    return first + (rest if (~clear).any() else "") + "."


def caption(study: Study, question: Question, kind: str, tables: Mapping[str, pd.DataFrame]) -> str:
    """A figure's caption with the settings really used."""
    fits = tables["fits"][tables["fits"][Fits.question] == question.key]
    n = int(fits[Fits.n_animals].iloc[0]) if len(fits) else 0
    if kind == "time_course":
        return (
            f"Faint lines are single mice; open triangles are series without a reversal, drawn at the limit they are known to lie "
            f"beyond. Full symbols are means estimated by the mixed model with a random intercept for each animal, for a mouse of "
            f"average baseline, with 95 % confidence intervals (Kenward–Roger, each day by itself); hollow symbols before "
            f"treatment are plain geometric means. Thresholds by maximum likelihood ({study.threshold_method}); {n} animals in the model."
        )
    if kind == "effects":
        return (
            f"Ratio of thresholds by {question.by} with simultaneous 95 % confidence intervals (single-step multivariate t); "
            f"p adjusted by {ADJUSTED[question.adjust]} over the {question.by}s. The average over all days after treatment stands "
            f"apart, with its own interval and unadjusted p. Kenward–Roger degrees of freedom; {n} animals."
        )
    return (
        f"Each symbol is one animal; triangles lie beyond a limit of quantification. Bars are geometric means with 95 % confidence "
        f"intervals from each arm by itself. Comparisons by Games–Howell; {n} values."
    )


def alternative(study: Study, question: Question, kind: str, tables: Mapping[str, pd.DataFrame]) -> str:
    """What a figure shows, for those who cannot see it."""
    shown = {
        "time_course": "Thresholds over days",
        "effects": "Ratios by time",
        "concentrations": "Concentrations by arm",
    }[kind]
    found = answer(study, question, tables)
    data = "Simulated data. " if study.simulated else ""
    return f"{data}{shown}. {found['answer']} {found['weeks']}".strip()


def methods(study: Study) -> list[str]:
    """How the numbers were made, in plain words."""
    step = "one constant step, the mean of the set" if study.threshold_method == "dixon" else "the real log forces"
    low, high = study.assay.recovery_percent
    return [
        f"Withdrawal thresholds are maximum-likelihood estimates from the series of responses, probit with a standard deviation of "
        f"one filament step, on {step} (Dixon 1980, doi 10.1146/annurev.pa.20.040180.002301). A series without a reversal is "
        f"censored at the filament it ran out at and kept.",
        "Log10 thresholds of the days after treatment were fitted by a linear mixed model with a mean for each arm and day, the log10 "
        "baseline as covariate and a random intercept for each animal, by restricted maximum likelihood. Tests and intervals use the "
        "Kenward–Roger adjustment (doi 10.2307/2533558). Every fit is repeated with statsmodels; the largest difference is shown.",
        "Weekly comparisons are one family; days of a week count equally. Differences of log10 thresholds are reported as ratios.",
        f"Standard curves have four parameters, or five where AICc prefers it, weighted by 1/fitted². A standard counts where its "
        f"recovery is within {low:g} to {high:g} % and its replicates' CV within {study.assay.replicate_cv_percent:g} %; the lowest "
        f"and highest such standards are the limits of quantification, beyond which a value is a bound.",
        "Concentrations of one day are compared on the log10 scale by Welch's ANOVA and Games–Howell.",
    ]
