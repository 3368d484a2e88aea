"""Tables behind the drawings that judge a model: residuals, tests of assumptions, changes, published figures redrawn."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from hindpaw.tables.kinds import CENSORED, SOURCE, Table, quantity, words


class Residuals(Table):
    """One row of a mixed model of thresholds, and how far the model is from it; all on the log10 scale."""

    question: Series[str] = words("key of the question")
    source: Series[str] = words(SOURCE)
    animal: Series[str] = words("the animal's id")
    arm: Series[str] = words("key of the arm")
    day: Series[float] = quantity("days since injury")
    week: Series[int] = pa.Field(description="week after treatment")
    censored: Series[str] = words("how the threshold is known; a censored one entered at its bound", isin=CENSORED)
    log10_threshold: Series[float] = quantity("outcome as it entered, log10 g")
    fitted: Series[float] = quantity("mean by the fixed effects, log10 g")
    residual: Series[float] = quantity("outcome − fitted, log10 g")
    predicted_intercept: Series[float] = quantity(
        "the animal's own predicted deviation (BLUP, shrunken), log10 g; empty where the structure has no intercept",
        empty=True,
    )
    standardized: Series[float] = quantity(
        "whitened: the part of the residual that the animal's earlier days do not predict, in its standard deviations"
    )


class Assumptions(Table):
    """One test of what a mixed model of thresholds assumes."""

    question: Series[str] = words("key of the question")
    assumption: Series[str] = words(
        "normal residuals, normal intercepts, equal variance over weeks, equal variance over arms, no serial correlation, "
        "sphericity, scale"
    )
    test: Series[str] = words("name of the test or of the coefficient")
    lag: Series[float] = quantity("test days apart, for correlations by lag", empty=True, ge=1)
    statistic: Series[float] = quantity("value of the test statistic", empty=True)
    num_df: Series[float] = quantity("degrees of freedom", empty=True, ge=0)
    den_df: Series[float] = quantity("denominator degrees of freedom of an F", empty=True, ge=0)
    p: Series[float] = quantity("p", empty=True, ge=0)
    estimate: Series[float] = quantity("correlation, ε, or the power λ of Box and Cox", empty=True)
    lower: Series[float] = quantity("95 % limit of the estimate, or of what is expected of it by chance", empty=True)
    upper: Series[float] = quantity("95 % limit of the estimate, or of what is expected of it by chance", empty=True)
    n: Series[int] = pa.Field(ge=0, description="values, animals or pairs behind it")
    note: Series[str] = words("what to know, or why it could not be made", empty=True)


class Changes(Table):
    """The change of one animal from its own baseline, or the model's estimate for its arm; log10 scale."""

    question: Series[str] = words("key of the question")
    what: Series[str] = words("animal, or estimate", isin=["animal", "estimate"])
    source: Series[str] = words(SOURCE, empty=True)
    animal: Series[str] = words("the animal's id; empty for an estimate", empty=True)
    arm: Series[str] = words("key of the arm")
    day: Series[float] = quantity("days since injury")
    baseline_day: Series[float] = quantity("the test day it is a change from")
    n: Series[int] = pa.Field(ge=1, description="animals behind it")
    change_log10: Series[float] = quantity("log10 threshold − log10 baseline", empty=True)
    lower: Series[float] = quantity("95 % confidence limit, log10 scale; empty for an animal", empty=True)
    upper: Series[float] = quantity("95 % confidence limit, log10 scale; empty for an animal", empty=True)
    ratio: Series[float] = quantity("10^change: threshold over baseline", empty=True)
    censored: Series[str] = words(
        "how an animal's change is known; interval where both of its values lie at a limit", isin=CENSORED
    )
    method: Series[str] = words("how it was found")


class Reproductions(Table):
    """One group × day of a published figure, by these data: mean ± SEM as papers print it, and beside it our own."""

    reproduction: Series[str] = words("key under `reproduce` in the study file")
    locator: Series[str] = words("the published figure")
    question: Series[str] = words("key of the question whose outcome is drawn")
    unit: Series[str] = words("of the means: g or pg/ml")
    arm: Series[str] = words("key of the arm")
    day: Series[float] = quantity("days since injury")
    n: Series[int] = pa.Field(ge=1, description="animals (or pools)")
    n_censored: Series[int] = pa.Field(ge=0, description="of these, values at a limit, which enter at it")
    mean: Series[float] = quantity("arithmetic mean, in the unit")
    sd: Series[float] = quantity("standard deviation, in the unit", empty=True, ge=0)
    sem: Series[float] = quantity("standard error of the mean, in the unit; SD/√n", empty=True, ge=0)
    geometric_mean: Series[float] = quantity("geometric mean, in the unit", gt=0)
    lower: Series[float] = quantity("95 % limit of the geometric mean by t, in the unit", empty=True)
    upper: Series[float] = quantity("95 % limit of the geometric mean by t, in the unit", empty=True)
