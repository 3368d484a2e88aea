"""The tables that model makes of analytes, antibodies, doses and counts."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from hindpaw.tables.kinds import SOURCE, Table, quantity, words


class AnalyteTests(Table):
    """One analyte × comparison by one method; the method marked primary is the question's answer."""

    question: Series[str] = words("key of the question")
    analyte: Series[str] = words("what was measured")
    matrix: Series[str] = words("CSF, DRG lysate, medium")
    day: Series[float] = quantity("days since injury", empty=True)
    comparison: Series[str] = words("treated − control, keys of the arms")
    method: Series[str] = words("Welch t, exact permutation, Tobit, LLOQ/2 substitution (sensitivity) …")
    primary: Series[bool] = pa.Field(description="whether its p (or, without one, its estimate) is the answer")
    n_treated: Series[int] = pa.Field(ge=0, description="animals or pools")
    n_control: Series[int] = pa.Field(ge=0, description="animals or pools")
    censored_treated: Series[int] = pa.Field(ge=0, description="of them outside the limits of quantification")
    censored_control: Series[int] = pa.Field(ge=0, description="of them outside the limits of quantification")
    estimate: Series[float] = quantity("difference, log10 scale (of Hedges' g: g)", empty=True)
    se: Series[float] = quantity("standard error", empty=True, ge=0)
    df: Series[float] = quantity("degrees of freedom", empty=True)
    lower: Series[float] = quantity("95 % limit", empty=True)
    upper: Series[float] = quantity("95 % limit", empty=True)
    ratio: Series[float] = quantity("10^estimate", empty=True)
    p: Series[float] = quantity("two-sided p, unadjusted", empty=True, ge=0)
    note: Series[str] = words("what to know", empty=True)


class Summaries(Table):
    """The numbers of one animal behind an association, a neutralization or a dose response."""

    question: Series[str] = words("key of the question")
    source: Series[str] = words(SOURCE)
    animal: Series[str] = words("the animal's id")
    arm: Series[str] = words("key of the arm")
    dose: Series[float] = quantity("dose, in the question's unit", empty=True, ge=0)
    log10_pg_per_ml: Series[float] = quantity("log10 concentration; a censored one at its bound", empty=True)
    log10_threshold: Series[float] = quantity("log10 g: of the day, or averaged over days", empty=True)
    baseline_log10_threshold: Series[float] = quantity("log10 g, last test on or before the injection", empty=True)
    n_days: Series[int] = pa.Field(ge=1, description="test days behind it")
    n_censored: Series[int] = pa.Field(ge=0, description="values of it at a limit")


class Association(Table):
    """How an analyte goes with the threshold: within arms, in one arm, and pooled."""

    question: Series[str] = words("key of the question")
    analyte: Series[str] = words("what was measured")
    arm: Series[str] = words("key of the arm; `within arms` for the common slope, `pooled` for all arms mixed")
    n: Series[int] = pa.Field(ge=0, description="animals with both")
    n_censored: Series[int] = pa.Field(ge=0, description="of them with a value at its limit")
    slope: Series[float] = quantity("log10 g for each unit of log10 pg/ml", empty=True)
    se: Series[float] = quantity("standard error", empty=True, ge=0)
    df: Series[float] = quantity("degrees of freedom", empty=True)
    lower: Series[float] = quantity("95 % limit", empty=True)
    upper: Series[float] = quantity("95 % limit", empty=True)
    p: Series[float] = quantity("two-sided p of the slope", empty=True, ge=0)
    correlation: Series[float] = quantity("Pearson's r; within arms it is partial", empty=True)
    rank_correlation: Series[float] = quantity("Spearman's; within arms it is partial", empty=True)
    rank_p: Series[float] = quantity("its p", empty=True, ge=0)
    leave_one_out_lower: Series[float] = quantity("smallest slope without one animal", empty=True)
    leave_one_out_upper: Series[float] = quantity("largest slope without one animal", empty=True)
    note: Series[str] = words("what to know", empty=True)


class Mediation(Table):
    """One path of an exploratory mediation analysis: arm → analyte → threshold."""

    question: Series[str] = words("key of the question")
    analyte: Series[str] = words("the mediator")
    path: Series[str] = words("arm → analyte, analyte → threshold given arm, total, direct, indirect")
    estimate: Series[float] = quantity("log10 scale", empty=True)
    se: Series[float] = quantity("standard error", empty=True, ge=0)
    lower: Series[float] = quantity("95 % limit", empty=True)
    upper: Series[float] = quantity("95 % limit", empty=True)
    p: Series[float] = quantity("two-sided p", empty=True, ge=0)
    n: Series[int] = pa.Field(ge=0, description="animals")
    note: Series[str] = words("what to know", empty=True)


class Neutralization(Table):
    """One quantity of a treatment × antibody design by one method."""

    question: Series[str] = words("key of the question")
    term: Series[str] = words("antibody − IgG, effect under IgG, effect under antibody, interaction, reversed fraction")
    method: Series[str] = words("least squares, Fieller, bootstrap of animals")
    estimate: Series[float] = quantity("log10 g, or the fraction", empty=True)
    se: Series[float] = quantity("standard error", empty=True, ge=0)
    df: Series[float] = quantity("degrees of freedom", empty=True)
    lower: Series[float] = quantity("95 % limit; empty where unbounded", empty=True)
    upper: Series[float] = quantity("95 % limit; empty where unbounded", empty=True)
    p: Series[float] = quantity("two-sided p", empty=True, ge=0)
    n_animals: Series[int] = pa.Field(ge=0, description="animals behind it")
    note: Series[str] = words("what to know: why unbounded, what the design lacks", empty=True)


class Dose(Table):
    """One parameter of a dose response by one method, or the trend."""

    question: Series[str] = words("key of the question")
    day: Series[float] = quantity("days since injury", empty=True)
    parameter: Series[str] = words("trend, e0, emax, ed50")
    method: Series[str] = words("least squares, profile likelihood, bootstrap of residuals")
    estimate: Series[float] = quantity("log10 g, or a dose in `unit`", empty=True)
    lower: Series[float] = quantity("95 % limit; empty where unbounded", empty=True)
    upper: Series[float] = quantity("95 % limit; empty where unbounded", empty=True)
    p: Series[float] = quantity("two-sided p", empty=True, ge=0)
    unit: Series[str] = words("of the estimate")
    n_animals: Series[int] = pa.Field(ge=0, description="animals behind it")
    note: Series[str] = words("what to know: why unbounded", empty=True)


class Rates(Table):
    """One term of a model of counts: a ratio of rates."""

    question: Series[str] = words("key of the question")
    target: Series[str] = words("what was counted")
    term: Series[str] = words("distance, day, arm, or the count at the reference")
    rate_ratio: Series[float] = quantity(
        "factor for one unit of the term; for the reference the mean count", empty=True
    )
    lower: Series[float] = quantity("95 % limit", empty=True)
    upper: Series[float] = quantity("95 % limit", empty=True)
    se_log: Series[float] = quantity("standard error of its natural logarithm", empty=True, ge=0)
    df: Series[float] = quantity("degrees of freedom, from animals", empty=True)
    p: Series[float] = quantity("two-sided p", empty=True, ge=0)
    n_animals: Series[int] = pa.Field(ge=0, description="clusters")
    n_counts: Series[int] = pa.Field(ge=0, description="counts")
    dispersion: Series[float] = quantity("α of the negative binomial: variance = mean + α·mean²", empty=True)
    method: Series[str] = words("how its error was found")
    note: Series[str] = words("what to know", empty=True)
