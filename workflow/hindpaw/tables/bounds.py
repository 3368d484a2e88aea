"""The tables of what bounds can say: thresholds known only to lie beyond a limit, no effect within a margin, missing mice."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from hindpaw.tables.kinds import BOUNDS, EQUIVALENT, SHIFTED, TIMES, Table, quantity, words


class CensoredFits(Table):
    """The interval-censored random-intercept model of one question about thresholds with censored values."""

    question: Series[str] = words("key of the question")
    primary: Series[bool] = pa.Field(description="whether the question is answered by it rather than by `contrasts`")
    censored_share: Series[float] = quantity("censored share of the question's values", ge=0)
    limit_share: Series[float] = quantity("share above which it is primary, the study's `censored_share`", ge=0)
    largest_cell_share: Series[float] = quantity("largest censored share of an arm × day", ge=0)
    n_animals: Series[int] = pa.Field(ge=0, description="animals that entered")
    n_observations: Series[int] = pa.Field(ge=0, description="values that entered")
    n_left: Series[int] = pa.Field(ge=0, description="known to lie below a bound")
    n_right: Series[int] = pa.Field(ge=0, description="known to lie above a bound")
    n_interval: Series[int] = pa.Field(ge=0, description="known to lie between two bounds")
    structure: Series[str] = words("cs: intercept of the animal; cage/cs: of the cage too")
    formula: Series[str] = words("fixed part")
    parameters: Series[str] = words("variance parameters, name=value separated by '; '", empty=True)
    loglik: Series[float] = quantity("maximum of the log-likelihood", empty=True)
    n_nodes: Series[int] = pa.Field(ge=0, description="Gauss–Hermite nodes of an intercept")
    converged: Series[bool] = pa.Field(description="whether the optimum was found")
    boundary: Series[bool] = pa.Field(description="whether a variance lies at zero")
    note: Series[str] = words("what was dropped or approximated, and why", empty=True)


class CensoredMeans(Table):
    """The mean of one arm × day with the censored values as bounds, beside the one with them at their bound."""

    question: Series[str] = words("key of the question")
    arm: Series[str] = words("key of the arm")
    day: Series[float] = quantity("days since injury")
    week: Series[int] = pa.Field(description="week after treatment")
    n: Series[int] = pa.Field(ge=0, description="animals behind it")
    n_censored: Series[int] = pa.Field(ge=0, description="of them with a censored value")
    bound: Series[str] = words("which of the limits are known", isin=BOUNDS)
    estimate: Series[float] = quantity("log10 scale; empty where only a bound is known", empty=True)
    lower: Series[float] = quantity(
        "95 % limit, log10 scale: profile likelihood, or its curvature where no value of the cell is censored",
        empty=True,
    )
    upper: Series[float] = quantity("95 % limit, log10 scale, likewise", empty=True)
    geometric_mean: Series[float] = quantity("10^estimate, g", empty=True)
    substituted_estimate: Series[float] = quantity("with censored values at their bound, log10 scale", empty=True)
    substituted_lower: Series[float] = quantity("its 95 % limit", empty=True)
    substituted_upper: Series[float] = quantity("its 95 % limit", empty=True)


class CensoredContrasts(Table):
    """One comparison at one time by the interval-censored model, beside the one with values at their bound."""

    question: Series[str] = words("key of the question")
    primary: Series[bool] = pa.Field(description="whether the question is answered by it rather than by `contrasts`")
    family: Series[str] = words("which p-values were adjusted together; empty outside a family", empty=True)
    comparison: Series[str] = words("treated − control, keys of the arms")
    by: Series[str] = words("which kind of time", isin=TIMES)
    time: Series[float] = quantity("week or day; empty for overall", empty=True)
    n_censored: Series[int] = pa.Field(ge=0, description="censored values in the cells it compares")
    bound: Series[str] = words("which of the limits are known", isin=BOUNDS)
    estimate: Series[float] = quantity("difference, log10 scale; empty where only a bound is known", empty=True)
    se: Series[float] = quantity("standard error from the observed information", empty=True, ge=0)
    df: Series[float] = quantity("degrees of freedom of the cut-off", empty=True)
    likelihood_ratio: Series[float] = quantity(
        "2 × (maximum − maximum at no difference) of the log-likelihood", empty=True
    )
    t: Series[float] = quantity("signed root of the ratio on the scale of t", empty=True)
    p: Series[float] = quantity("unadjusted p", empty=True, ge=0)
    p_adjusted: Series[float] = quantity("adjusted p", empty=True, ge=0)
    adjustment: Series[str] = words("holm, bonferroni, mvt, mvt-step-down, bh, none")
    lower: Series[float] = quantity("95 % profile-likelihood limit", empty=True)
    upper: Series[float] = quantity("95 % profile-likelihood limit", empty=True)
    interval: Series[str] = words("what the limits hold for: simultaneous within the family, or unadjusted", empty=True)
    ratio: Series[float] = quantity("10^estimate", empty=True)
    ratio_lower: Series[float] = quantity("10^lower", empty=True)
    ratio_upper: Series[float] = quantity("10^upper", empty=True)
    substituted_estimate: Series[float] = quantity("of `contrasts`, censored values at their bound", empty=True)
    substituted_lower: Series[float] = quantity("its 95 % limit", empty=True)
    substituted_upper: Series[float] = quantity("its 95 % limit", empty=True)
    substituted_p: Series[float] = quantity("its unadjusted p", empty=True, ge=0)
    note: Series[str] = words("why it could not be estimated, or what to know", empty=True)


class Equivalence(Table):
    """One comparison of a question that expects no effect: two one-sided tests against a margin."""

    question: Series[str] = words("key of the question")
    comparison: Series[str] = words("treated − control, keys of the arms")
    by: Series[str] = words("which kind of time", isin=TIMES)
    time: Series[float] = quantity("week or day; empty for overall", empty=True)
    margin: Series[str] = words("the margin as named: one-step, or a ratio")
    margin_log10: Series[float] = quantity("the margin, log10 scale", empty=True, gt=0)
    margin_ratio: Series[float] = quantity("10^margin_log10", empty=True, gt=1)
    model: Series[str] = words("which model the estimate comes from")
    estimate: Series[float] = quantity("difference, log10 scale", empty=True)
    se: Series[float] = quantity("standard error", empty=True, ge=0)
    df: Series[float] = quantity("degrees of freedom", empty=True)
    lower: Series[float] = quantity("90 % confidence limit, log10 scale", empty=True)
    upper: Series[float] = quantity("90 % confidence limit, log10 scale", empty=True)
    ratio: Series[float] = quantity("10^estimate", empty=True)
    ratio_lower: Series[float] = quantity("10^lower", empty=True)
    ratio_upper: Series[float] = quantity("10^upper", empty=True)
    p_below: Series[float] = quantity(
        "one-sided p of the hypothesis that it lies at or below −margin", empty=True, ge=0
    )
    p_above: Series[float] = quantity("one-sided p of the hypothesis that it lies at or above margin", empty=True, ge=0)
    p: Series[float] = quantity("the larger of the two", empty=True, ge=0)
    p_adjusted: Series[float] = quantity("p adjusted within the family of times", empty=True, ge=0)
    adjustment: Series[str] = words("holm, bonferroni, bh, none")
    p_difference: Series[float] = quantity("two-sided p of no difference, unadjusted, for comparison", empty=True, ge=0)
    verdict: Series[str] = words("what was shown", isin=EQUIVALENT)
    note: Series[str] = words("why it could not be tested, or what to know", empty=True)


class Tipping(Table):
    """A comparison with the missing values of an arm shifted by δ from what the model expects of them."""

    question: Series[str] = words("key of the question")
    comparison: Series[str] = words("treated − control, keys of the arms")
    by: Series[str] = words("which kind of time", isin=TIMES)
    time: Series[float] = quantity("week or day; empty for overall", empty=True)
    missing: Series[str] = words("whose missing values are shifted: all, or those with one reason for leaving")
    shifted: Series[str] = words("in which arm", isin=SHIFTED)
    row: Series[str] = words("curve: δ of a grid; tipping point: δ that undoes the conclusion; none: no δ does")
    delta: Series[float] = quantity(
        "shift of a missing value, log10 g; of the control arm −δ where shifted is apart", empty=True
    )
    delta_steps: Series[float] = quantity("δ in mean filament steps", empty=True)
    estimate: Series[float] = quantity("difference, log10 scale", empty=True)
    se: Series[float] = quantity("standard error, the missing share's own included", empty=True, ge=0)
    df: Series[float] = quantity("degrees of freedom", empty=True)
    lower: Series[float] = quantity("limit of the interval that the conclusion is drawn from", empty=True)
    upper: Series[float] = quantity("limit of the interval that the conclusion is drawn from", empty=True)
    p: Series[float] = quantity("two-sided p, unadjusted", empty=True, ge=0)
    holds: Series[bool] = pa.Field(description="whether the conclusion is the one at δ = 0")
    conclusion: Series[str] = words("higher, lower, not shown; for no-effect questions equivalent, not shown")
    n_missing_treated: Series[int] = pa.Field(ge=0, description="missing values of the treated arm")
    n_missing_control: Series[int] = pa.Field(ge=0, description="missing values of the control arm")
    n_animals_missing: Series[int] = pa.Field(ge=0, description="animals that they belong to")
    note: Series[str] = words("who left, on which day and why; what was approximated", empty=True)
