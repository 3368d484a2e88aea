"""What a paper says, as a reader transcribed it, and what the tests it names give on these data.

Whatever is printed stays text with every digit: 2.30 says more than 2.3.
"""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from hindpaw.tables.kinds import CLAIM_KINDS, CLAIM_STATUSES, SOURCE, Table, quantity, words


class Claims(Table):
    """One published statement, as transcribed."""

    source: Series[str] = words(SOURCE)
    claim: Series[str] = words("short id")
    kind: Series[str] = words("what kind of statement", isin=CLAIM_KINDS)
    locator: Series[str] = words("where it is printed: page, figure, panel")
    text: Series[str] = words("the statement, in the reader's words")
    status: Series[str] = words("transcribed, or not_yet_transcribed", isin=CLAIM_STATUSES)
    question: Series[str] = words("question of the study file that speaks to it", empty=True)
    analyte: Series[str] = words("which analyte, where the question has several", empty=True)
    treated: Series[str] = words("key of the treated arm, where the question has several", empty=True)
    control: Series[str] = words("key of the arm it is compared with", empty=True)
    by: Series[str] = words("week, day or overall", empty=True)
    time: Series[float] = quantity("the week or day meant", empty=True)
    direction: Series[str] = words("higher or lower than the control, or with rising dose", empty=True)
    n: Series[str] = words("animals a group as printed: 5, 4-5, 8 cultures", empty=True)
    p: Series[str] = words("p as printed: 0.031, < 0.05, ns", empty=True)
    tails: Series[str] = words("one or two, where the paper says so", empty=True)
    method: Series[str] = words("test as named", empty=True)
    test: Series[str] = words("the test by its key; several joined by '; ' where the paper names several", empty=True)
    post_hoc: Series[str] = words("how pairs were compared after it", empty=True)
    comparisons: Series[float] = quantity("how many comparisons were corrected for, where printed", empty=True, ge=1)
    scale: Series[str] = words("raw (g, pg/ml) or log10", empty=True)
    days: Series[str] = words("which days entered the test: after_treatment or all", empty=True)
    term: Series[str] = words("which effect of an analysis of variance: arm, time, interaction", empty=True)
    statistic: Series[str] = words("F, t, r, chi2, z", empty=True)
    value: Series[str] = words("its value as printed", empty=True)
    df: Series[str] = words("its degrees of freedom as printed: 8, or 1, 8", empty=True)
    difference: Series[str] = words("treated − control as printed", empty=True)
    ratio: Series[str] = words("treated / control as printed", empty=True)
    interval: Series[str] = words("its interval as printed: 1.2 to 3.4", empty=True)
    lasts_days: Series[str] = words("how long an effect lasts after treatment as printed, days", empty=True)
    unit: Series[str] = words("of the means and differences as printed: g, mN, pg/ml, %", empty=True)
    items: Series[float] = quantity("trials or items behind one animal's value, where it is a share or a score", empty=True)  # fmt: skip


class ClaimGroups(Table):
    """One group whose mean is printed."""

    source: Series[str] = words(SOURCE)
    claim: Series[str] = words("the claim it belongs to")
    group: Series[str] = words("the group as the paper calls it")
    arm: Series[str] = words("key of the study's arm, if it is one", empty=True)
    n: Series[str] = words("how many, as printed", empty=True)
    mean: Series[str] = words("mean as printed", empty=True)
    spread: Series[str] = words("what stands after ±, as printed", empty=True)
    spread_is: Series[str] = words("sem, sd, ci95 or not_stated: what the paper says it is", empty=True)


class Analyses(Table):
    """One analysis as the paper describes it: facts with their place, of which findings are made."""

    source: Series[str] = words(SOURCE)
    analysis: Series[str] = words("short id, such as the panel")
    locator: Series[str] = words("where it is described")
    outcome: Series[str] = words("what was measured", empty=True)
    tests: Series[str] = words("tests the paper lists for it, by key, joined by '; '", empty=True)
    post_hoc: Series[str] = words("how pairs were compared", empty=True)
    same_animals_over_time: Series[str] = words("yes where each animal was measured on several occasions", empty=True)
    repeated_measures_named: Series[str] = words("whether the paper calls its test a repeated-measures one", empty=True)
    time_points: Series[float] = quantity("how many occasions", empty=True, ge=1)
    unit: Series[str] = words("what n counts: mice, cultures", empty=True)
    n: Series[str] = words("how many a group, as printed", empty=True)
    groups: Series[str] = words("the groups compared, joined by '; '", empty=True)
    error_bars: Series[str] = words("sem, sd, ci95 or not_stated", empty=True)
    statistics_printed: Series[str] = words("yes where F, t or the like stand with degrees of freedom", empty=True)
    control: Series[str] = words("the control group, as the paper calls it", empty=True)
    control_shared: Series[str] = words(
        "whether it is the control of other panels too: yes, no, not_stated", empty=True
    )
    given: Series[str] = words("what the panel is about giving", empty=True)
    arrow_marks: Series[str] = words("what the legend says an arrow marks the giving of", empty=True)


class Refits(Table):
    """One test that a paper names, made on these data, for one claim."""

    claim: Series[str] = words("short id of the claim")
    question: Series[str] = words("key of the question whose arms and outcome it takes")
    test: Series[str] = words("the test's key")
    engine: Series[str] = words("statsmodels, pingouin, scipy")
    scale: Series[str] = words("raw (g, pg/ml) or log10")
    term: Series[str] = words("arm, time, interaction, or the pair that is compared")
    time: Series[float] = quantity("the week or day of a comparison; empty where it is over all", empty=True)
    statistic: Series[str] = words("F, t, U, H, r, chi2")
    value: Series[float] = quantity("the statistic", empty=True)
    df1: Series[float] = quantity("degrees of freedom", empty=True)
    df2: Series[float] = quantity("denominator degrees of freedom of an F", empty=True)
    p: Series[float] = quantity("two-sided p, unadjusted", empty=True, ge=0)
    p_adjusted: Series[float] = quantity("p after the correction that the paper names", empty=True, ge=0)
    adjustment: Series[str] = words("the correction, and for how many comparisons", empty=True)
    difference: Series[float] = quantity("mean of treated − mean of control, on the scale", empty=True)
    n_animals: Series[int] = pa.Field(ge=0, description="animals (or pools) that entered")
    n_rows: Series[int] = pa.Field(ge=0, description="values that entered")
    n_dropped: Series[int] = pa.Field(ge=0, description="animals the test left out for a missing value")
    n_substituted: Series[int] = pa.Field(ge=0, description="censored values that entered at their limit")
    note: Series[str] = words("what the test does here: dropped animals, limits, why it could not be made", empty=True)
