"""The tables that model makes without trusting the model: deals of the labels, resampled and left-out animals, durations."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from hindpaw.tables.kinds import TIMES, Table, quantity, words

# The largest statistic over a comparison's weeks (or days) stands beside the times.
DEALT = [*TIMES, "maximum"]
LEFT_OUT = ["nothing", "animal", "cage", "week"]


class Randomization(Table):
    """One comparison at one time, or the largest over the weeks, against every deal of the labels."""

    question: Series[str] = words("key of the question")
    comparison: Series[str] = words("treated − control, keys of the arms")
    by: Series[str] = words("which kind of time; maximum: the largest |t| over the weeks (or days)", isin=DEALT)
    time: Series[float] = quantity("week or day; empty for overall and maximum", empty=True)
    method: Series[str] = words("randomization test, or permutation test where randomization is not documented")
    unit: Series[str] = words("what is dealt: animal, cage")
    blocks: Series[str] = words("within which blocks", empty=True)
    covariates: Series[str] = words("what the statistic is adjusted for, refitted in every deal", empty=True)
    n_treated: Series[int] = pa.Field(ge=0, description="units dealt to the treated arm")
    n_control: Series[int] = pa.Field(ge=0, description="units dealt to the control arm")
    estimate: Series[float] = quantity("difference of unit values, adjusted, log10 scale", empty=True)
    statistic: Series[float] = quantity("t of these times' values alone; for maximum the largest |t|", empty=True)
    p: Series[float] = quantity("share of deals with |t| as large", empty=True, ge=0)
    p_adjusted: Series[float] = quantity(
        "step-down over the comparison's weeks (or days), family-wise", empty=True, ge=0
    )
    n_deals: Series[float] = quantity("deals looked at", empty=True, ge=0)
    enumerated: Series[bool] = pa.Field(description="whether these are all; else a seeded sample with the +1 rule")
    smallest_p: Series[float] = quantity("smallest p that the design can give", empty=True, ge=0)
    lower: Series[float] = quantity("95 % limit by inversion of the test; empty where unbounded", empty=True)
    upper: Series[float] = quantity("95 % limit by inversion of the test; empty where unbounded", empty=True)
    note: Series[str] = words("why there is no test, or what to know", empty=True)


class Deals(Table):
    """One bin of a randomization distribution."""

    question: Series[str] = words("key of the question")
    comparison: Series[str] = words("treated − control, keys of the arms")
    by: Series[str] = words("which kind of time, or maximum", isin=DEALT)
    time: Series[float] = quantity("week or day; empty for overall and maximum", empty=True)
    t_from: Series[float] = quantity("lower edge of the bin, in t")
    t_to: Series[float] = quantity("upper edge of the bin, in t")
    n_deals: Series[int] = pa.Field(ge=0, description="deals whose t lies in it")
    n_as_large: Series[int] = pa.Field(ge=0, description="of them with |t| as large as the one observed")


class Bootstrap(Table):
    """One quantity with its interval from resampled animals, or of a variance from resampled outcomes."""

    question: Series[str] = words("key of the question")
    comparison: Series[str] = words("treated − control, keys of the arms; empty for variances", empty=True)
    estimand: Series[str] = words("contrast, days of relief, difference of days of relief, tau2, sigma2 …")
    by: Series[str] = words("which kind of time, for a contrast", empty=True, isin=TIMES)
    time: Series[float] = quantity("week or day; empty for overall", empty=True)
    unit: Series[str] = words("of the estimate: log10, days, log10²")
    method: Series[str] = words(
        "bootstrap-t or BCa (limits widened for few units) of animals or cages, parametric bootstrap"
    )
    estimate: Series[float] = quantity("of the data", empty=True)
    se: Series[float] = quantity("standard deviation over resamples", empty=True, ge=0)
    lower: Series[float] = quantity("95 % limit; empty where unbounded", empty=True)
    upper: Series[float] = quantity("95 % limit; empty where unbounded", empty=True)
    p: Series[float] = quantity("two-sided, for a difference of days", empty=True, ge=0)
    n_resamples: Series[int] = pa.Field(ge=0, description="resamples the interval rests on")
    n_failed: Series[int] = pa.Field(ge=0, description="resamples that could not carry the estimate")
    note: Series[str] = words("what to know", empty=True)


class Influence(Table):
    """One comparison at one time without an animal, a cage or a week; and with everything."""

    question: Series[str] = words("key of the question")
    comparison: Series[str] = words("treated − control, keys of the arms")
    by: Series[str] = words("which kind of time", isin=TIMES)
    time: Series[float] = quantity("week or day; empty for overall", empty=True)
    kind: Series[str] = words("what was left out", isin=LEFT_OUT)
    left_out: Series[str] = words("which one; empty for nothing", empty=True)
    arm: Series[str] = words("arm of a left-out animal", empty=True)
    estimate: Series[float] = quantity("difference, log10 scale", empty=True)
    se: Series[float] = quantity("standard error", empty=True, ge=0)
    df: Series[float] = quantity("degrees of freedom", empty=True)
    p: Series[float] = quantity("unadjusted p", empty=True, ge=0)
    p_adjusted: Series[float] = quantity("p within its family, adjusted as the question says", empty=True, ge=0)
    crosses: Series[bool] = pa.Field(
        description="whether p (adjusted, where there is a family) falls on the other side of 5 %"
    )
    note: Series[str] = words("why there is no estimate", empty=True)


class Durations(Table):
    """How long one comparison's relief lasts."""

    question: Series[str] = words("key of the question")
    comparison: Series[str] = words("treated − control, keys of the arms")
    margin: Series[float] = quantity("what counts as relief, log10 scale", empty=True, gt=0)
    margin_is: Series[str] = words("where the margin comes from")
    onset_day: Series[float] = quantity("first day tested on which the estimate reaches the margin", empty=True)
    relief_ends_day: Series[float] = quantity(
        "day on which the interpolated estimate falls below it; empty where it never does", empty=True
    )
    relief_ends_lower: Series[float] = quantity(
        "lower 95 % limit of the end: earliest end within the intervals of each day by itself", empty=True
    )
    relief_ends_upper: Series[float] = quantity(
        "upper 95 % limit of the end; empty where it lies beyond the last day tested", empty=True
    )
    band_lower: Series[float] = quantity(
        "earliest end within the simultaneous 95 % band of the whole curve", empty=True
    )
    band_upper: Series[float] = quantity("latest end within that band; empty where beyond", empty=True)
    shown_through_day: Series[float] = quantity(
        "last day of the unbroken run whose simultaneous lower limit exceeds 0; depends on n", empty=True
    )
    treatment_day: Series[float] = quantity("day of treatment", empty=True)
    last_day: Series[float] = quantity("last day on which both arms were tested", empty=True)
    outcome: Series[str] = words("ended, still there on the last day, never reached, not estimated")
    note: Series[str] = words("what to know", empty=True)


class Areas(Table):
    """One area under thresholds over days, or share of the possible relief, by one method."""

    question: Series[str] = words("key of the question")
    comparison: Series[str] = words("treated − control, keys of the arms")
    estimand: Series[str] = words("area between curves, area under one animal's curve, % of the possible effect")
    method: Series[str] = words("mixed model, Welch t, rank sum")
    unit: Series[str] = words("log10 g × days, g × days, %")
    estimate: Series[float] = quantity("treated − control", empty=True)
    se: Series[float] = quantity("standard error", empty=True, ge=0)
    df: Series[float] = quantity("degrees of freedom", empty=True)
    lower: Series[float] = quantity("95 % limit", empty=True)
    upper: Series[float] = quantity("95 % limit", empty=True)
    p: Series[float] = quantity("two-sided p", empty=True, ge=0)
    n_treated: Series[int] = pa.Field(ge=0, description="animals")
    n_control: Series[int] = pa.Field(ge=0, description="animals")
    note: Series[str] = words("what to know", empty=True)


class AnimalRelief(Table):
    """One animal's area under its thresholds over days, and its share of the possible relief."""

    question: Series[str] = words("key of the question")
    animal: Series[str] = words("the animal's id")
    arm: Series[str] = words("key of the arm")
    n_days: Series[int] = pa.Field(ge=1, description="test days after treatment")
    n_censored: Series[int] = pa.Field(ge=0, description="thresholds that entered at their bound")
    auc_log10_g_days: Series[float] = quantity("area above the baseline after injury, log10 g × days", empty=True)
    auc_g_days: Series[float] = quantity("area under the thresholds, g × days", empty=True)
    mpe_percent: Series[float] = quantity(
        "time average of % of the maximum possible effect, from thresholds in g", empty=True
    )
    note: Series[str] = words("why there is no value", empty=True)
