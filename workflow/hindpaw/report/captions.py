"""What stands under a figure and instead of it, and the methods: each setting as the tables say it was."""

from __future__ import annotations

import pandas as pd

from hindpaw import phrases
from hindpaw.report import answers
from hindpaw.report.answers import ADJUSTED
from hindpaw.report.sections import Cell, Tables, Text, joined
from hindpaw.study import Question, Study
from hindpaw.tables import Contrasts, Effects, Fits, Means, Thresholds

LIKELY = "maximum likelihood "
STRUCTURES = {
    "cs": "a random intercept for each animal (structure cs)",
    "slope": "a random intercept and slope for each animal (structure slope)",
    "independent-slope": "an uncorrelated random intercept and slope for each animal (structure independent-slope)",
    "ar1": "a correlation within animals that fades with the days between (structure ar1)",
    "cs+ar1": "a random intercept for each animal and a correlation that fades with the days between (structure cs+ar1)",
    "un": "any covariance between the days of an animal (structure un)",
}
THRESHOLDS = {
    "dixon": f"{LIKELY}on one constant step (dixon)",
    "exact": f"{LIKELY}on the real log forces (exact)",
    "reading": "values as the lab computed them (reading)",
    "device": "means of a device's readings (device)",
    "sudo": "half a step from the fifth filament (sudo)",
    "probit": "the middle of a probit curve of the share of responses (probit)",
    "logit": "the middle of a logistic curve of the share of responses (logit)",
    "probit of one step": "the same with its slope held at one filament step (probit of one step)",
    "logit of one step": "the same with its slope held at one filament step (logit of one step)",
}
METHODS = {
    "device": "A device's readings of one session are averaged in g; the error comes from their standard deviation.",
    "sudo": "Simplified up-down thresholds lie half a step from the fifth filament towards the sixth (Bonin 2014, "
    "doi 10.1186/1744-8069-10-26).",
    "probit": "Shares of responses were fitted by a probit curve of log10 force for each animal and session; its middle is "
    "the threshold, censored where it lies beyond the filaments used.",
    "logit": "Shares of responses were fitted by a logistic curve of log10 force for each animal and session; its middle is "
    "the threshold, censored where it lies beyond the filaments used.",
    "probit of one step": "Where the shares hold no finite slope, it was held at one filament step.",
    "logit of one step": "Where the shares hold no finite slope, it was held at one filament step.",
}
SHOWN = {"time_course": "Thresholds over days", "effects": "Ratios by time", "concentrations": "Concentrations by arm"}


def caption(study: Study, question: Question, kind: str, tables: Tables) -> Text:
    """A figure's caption with the settings really used."""
    fits = answers.of(question, tables["fits"])
    if fits.empty or fits[Fits.n_observations].iloc[0] == 0:
        why = fits[Fits.note].iloc[0] if len(fits) and isinstance(fits[Fits.note].iloc[0], str) else "no data"
        return f"No model stands behind this figure: {why}."
    told = {"time_course": _time_course, "effects": _effects}.get(kind, _concentrations)
    return joined([told(question, tables, fits.iloc[0]), _entered(fits.iloc[0])], " ")


def _time_course(question: Question, tables: Tables, fit: pd.Series) -> str:
    """Single animals, model means, and how the thresholds came about."""
    average = ", for a mouse of average baseline" if "baseline" in fit[Fits.formula] else ""
    return (
        f"Faint lines are single mice; open triangles are series without a reversal, drawn at the limit they are known to "
        f"lie beyond. Full symbols are means of the linear mixed model with {_structure(fit)}{average}, with 95 % "
        f"confidence intervals, each day by itself (degrees of freedom: {_df(question, tables)}); hollow symbols before treatment are plain "
        f"geometric means. Thresholds: {_threshold_methods(question, tables)}."
    )


def _effects(question: Question, tables: Tables, fit: pd.Series) -> str:
    """Ratios, their intervals, and the adjustment."""
    rows = answers.asked_pair(question, tables)
    family = rows[rows[Contrasts.family].notna()]
    said = [ADJUSTED.get(name, name) for name in family[Contrasts.adjustment].dropna().unique()]
    adjusted = f"p adjusted by {phrases.listed(said)} over the {question.by}s" if said else "p unadjusted"
    return (
        f"Ratio of thresholds by {question.by} with 95 % confidence intervals ({_intervals(family)}); "
        f"{adjusted}. The time average over all days after treatment stands apart, with its own interval and unadjusted "
        f"p. Linear mixed model with {_structure(fit)}; degrees of freedom: {_df(question, tables)}."
    )


def _intervals(family: pd.DataFrame) -> str:
    """What the limits of a family hold for."""
    return phrases.listed(list(family[Contrasts.interval].dropna().unique())) or "none could be had"


def _concentrations(question: Question, tables: Tables, fit: pd.Series) -> str:
    """Single animals, means and the test."""
    rows = answers.of(question, tables["contrasts"])
    said = [ADJUSTED.get(name, name) for name in rows[Contrasts.adjustment].dropna().unique()]
    return (
        f"Each symbol is one animal or pool; triangles lie beyond a limit of quantification. Bars are geometric means with "
        f"95 % confidence intervals from each arm by itself. Comparisons: {phrases.listed(said)}; test of the arms: "
        f"{_df(question, tables)}."
    )


def _structure(fit: pd.Series) -> str:
    """The covariance in words."""
    plain = str(fit[Fits.structure]).removeprefix("cage/")
    told = STRUCTURES.get(plain, f"structure {plain}")
    return told if plain == fit[Fits.structure] else f"a variance shared by the animals of a cage and {told}"


def _df(question: Question, tables: Tables) -> str:
    """How the degrees of freedom were found, as the tests that could be made say it."""
    methods = answers.of(question, tables["effects"])[Effects.method].unique()
    own = [name for name in methods if not name.startswith(("not estimable", "mixed ANOVA"))]
    made = [name.removeprefix("Type III F, ").split(";")[0] for name in own]
    return phrases.listed(list(dict.fromkeys(made))) or "no term could be tested"


def _threshold_methods(question: Question, tables: Tables) -> str:
    """How the thresholds of this question came about."""
    frame = tables["thresholds"]
    mine = frame[(frame[Thresholds.paw] == question.paw) & frame[Thresholds.arm].isin(question.arms)]
    return phrases.listed([THRESHOLDS.get(name, name) for name in mine[Thresholds.method].unique()]) or "none"


def _entered(fit: pd.Series) -> Text:
    """What entered the model."""
    n, values, limit = (int(fit[name]) for name in (Fits.n_animals, Fits.n_observations, Fits.n_substituted))
    parts: list[Text] = [
        (Cell.of(fit, "fits", phrases.count(n, "animal"), Fits.n_animals),),
        (Cell.of(fit, "fits", phrases.count(values, "value"), Fits.n_observations),),
    ]
    parts += [(Cell.of(fit, "fits", f"{limit} of them at a limit", Fits.n_substituted),)] if limit else []
    return joined([joined(parts, ", "), "."], "")


def alternative(study: Study, question: Question, kind: str, tables: Tables) -> str:
    """What a figure shows, for those who cannot see it: its numbers in a row."""
    numbers = _ratios(study, question, tables) if kind == "effects" else _arms(study, question, tables)
    data = "Simulated data. " if study.simulated else ""
    return f"{data}{SHOWN[kind]}. {numbers} Answer: {answers.brief(study, question, tables)}"


def _ratios(study: Study, question: Question, tables: Tables) -> str:
    """Each time with its ratio and interval."""
    rows = answers.asked_pair(question, tables)
    told = [
        f"{row.by} {row.time:g}: {phrases.ratio(row.ratio, row.ratio_lower, row.ratio_upper)}"
        for row in rows[rows[Contrasts.by] != "overall"].itertuples()
    ]
    return f"{'; '.join(told)}." if told else "No ratio by time."


def _arms(study: Study, question: Question, tables: Tables) -> str:
    """Each arm with its estimated means by day."""
    unit = "g" if question.about_thresholds else "pg/ml"
    told = [
        f"{study.label(str(arm))}: "
        + ", ".join(f"day {row.day:g} {phrases.number(row.geometric_mean)} {unit}" for row in rows.itertuples())
        for arm, rows in answers.of(question, tables["means"]).groupby(Means.arm, sort=False)
    ]
    return f"Geometric means. {'; '.join(told)}." if told else "No mean was estimated."


def methods(study: Study, tables: Tables) -> list[str]:
    """How the numbers were made, in plain words; only what this study used."""
    used = set(tables["thresholds"][Thresholds.method])
    fits = tables["fits"]
    told = []
    likely = [THRESHOLDS[name].removeprefix(LIKELY) for name in sorted(used & {"dixon", "exact"})]
    if likely:
        how = phrases.listed(likely).removesuffix(")")
        told.append(
            "Withdrawal thresholds are maximum-likelihood estimates from the series of responses, probit with a standard "
            f"deviation of one filament step, {how}; "
            "Dixon 1980, doi 10.1146/annurev.pa.20.040180.002301). A series without a reversal is censored at the "
            "filament it ran out at and kept."
        )
    if "reading" in used:
        told.append("Thresholds that the lab computed are taken as they are.")
    told += [METHODS[name] for name in METHODS if name in used]
    if "hindpaw" in set(fits[Fits.engine]):
        told.append(
            "Log10 thresholds of the days after treatment were fitted by a linear mixed model with a mean for each arm and "
            "day, the log10 baseline as covariate where the fit's formula names it, and the covariance named with each "
            "fit, by restricted maximum likelihood. Tests and intervals use the Kenward–Roger adjustment (doi "
            "10.2307/2533558) unless a test names another method. Each fit also carries the likelihood-ratio test of "
            "serial correlation (cs against cs+ar1, ½χ²₀ + ½χ²₁). Hedges’ g has an interval by parametric bootstrap. Every fit is repeated with a second engine that has its structure; the largest difference of an estimate, on the "
            "log10 scale, stands with the fits."
        )
        told.append(
            "Comparisons by week are one family; the days of a week count equally. Differences of log10 thresholds are "
            "reported as ratios. The overall comparison is the time average and stands outside the family."
        )
    return told
