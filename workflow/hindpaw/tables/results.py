"""The tables that measure, model and audit make."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from hindpaw.tables.kinds import (
    CENSORED,
    CLAIM_KINDS,
    MEASURE_FATES,
    PAWS,
    SOURCE,
    TIMES,
    VERDICTS,
    Table,
    quantity,
    words,
)


class Fates(Table):
    """One used datum and what measuring made of it."""

    source: Series[str] = words("the datum's cell")
    fate: Series[str] = words("what became of it", isin=MEASURE_FATES)
    reason: Series[str] = words("why, unless estimated", empty=True)


class Thresholds(Table):
    """The 50 % withdrawal threshold of one animal × day × paw."""

    source: Series[str] = words(SOURCE)
    animal: Series[str] = words("the animal's id")
    arm: Series[str] = words("key of the arm")
    day: Series[float] = quantity("days since injury")
    week: Series[int] = pa.Field(description="ceil((day − treatment)/7); 0 and less is before treatment")
    session: Series[str] = words("session of that day; several joined by ' + '", empty=True)
    tester: Series[str] = words("who tested; several joined by ' + '", empty=True)
    paw: Series[str] = words("side relative to the injury", isin=PAWS)
    threshold_g: Series[float] = quantity("50 % threshold, g; empty where censored", empty=True, gt=0)
    log10_threshold: Series[float] = quantity("log10 of grams; empty where censored", empty=True)
    se_log10: Series[float] = quantity("standard error on the log10 scale", empty=True, ge=0)
    censored: Series[str] = words("how the value is known", isin=CENSORED)
    lower_g: Series[float] = quantity("censoring bound, g", empty=True, ge=0)
    upper_g: Series[float] = quantity("censoring bound, g", empty=True, gt=0)
    method: Series[str] = words("dixon, exact, reading")
    n_trials: Series[int] = pa.Field(ge=1, description="filament applications")


class Curves(Table):
    """The standard curve of one plate × analyte."""

    plate: Series[str] = words("plate name")
    analyte: Series[str] = words("what was measured")
    form: Series[str] = words("4PL, 5PL or none")
    a: Series[float] = quantity("signal at zero concentration", empty=True)
    b: Series[float] = quantity("slope", empty=True)
    c: Series[float] = quantity("inflection, pg/ml", empty=True)
    d: Series[float] = quantity("signal at infinite concentration", empty=True)
    g: Series[float] = quantity("asymmetry; 1 for 4PL", empty=True)
    weights: Series[str] = words("weights of the fit: 1/y2, 1/y, none", empty=True)
    covariance: Series[str] = words("of A, D, ln C, ln B (, ln G): the lower triangle by rows, as JSON", empty=True)
    residual_sd: Series[float] = quantity(
        "of one well, in units of the weights (a share of the signal with 1/y2)", empty=True
    )
    df: Series[float] = quantity("residual degrees of freedom", empty=True)
    r_squared: Series[float] = quantity("of the signals as they are", empty=True)
    lod_pg_per_ml: Series[float] = quantity("blank mean + 3 SD, read off the curve", empty=True)
    lloq_pg_per_ml: Series[float] = quantity("lowest standard within the limits", empty=True)
    uloq_pg_per_ml: Series[float] = quantity("highest standard within the limits", empty=True)
    accepted: Series[bool] = pa.Field(description="whether concentrations are read off it")
    reason: Series[str] = words("why it was rejected", empty=True)
    note: Series[str] = words("what to know: masked standards, hook effect, blanks below zero, dilutions", empty=True)


class CurvePoints(Table):
    """One standard level of a curve."""

    source: Series[str] = words(SOURCE)
    plate: Series[str] = words("plate name")
    analyte: Series[str] = words("what was measured")
    nominal_pg_per_ml: Series[float] = quantity("concentration, pg/ml", ge=0)
    n_wells: Series[int] = pa.Field(ge=1, description="replicate wells")
    signal: Series[float] = quantity("mean signal")
    cv_percent: Series[float] = quantity("replicate CV, %", empty=True)
    fitted_signal: Series[float] = quantity("curve at the nominal concentration", empty=True)
    weighted_residual: Series[float] = quantity("(signal − fitted) × √weight", empty=True)
    back_calculated_pg_per_ml: Series[float] = quantity("mean signal read off the curve, pg/ml", empty=True)
    recovery_percent: Series[float] = quantity("back-calculated / nominal, %", empty=True)
    within_limits: Series[bool] = pa.Field(description="recovery and CV inside the limits")


class Concentrations(Table):
    """The concentration of one animal (or pool) × day × analyte × matrix."""

    source: Series[str] = words(SOURCE)
    animal: Series[str] = words("the animal's id; empty for a pool", empty=True)
    pool: Series[str] = words("pool of several animals", empty=True)
    arm: Series[str] = words("key of the arm")
    day: Series[float] = quantity("days since injury")
    analyte: Series[str] = words("what was measured")
    matrix: Series[str] = words("CSF, DRG lysate, medium")
    pg_per_ml: Series[float] = quantity("in the undiluted sample, pg/ml; empty where censored", empty=True)
    log10_pg_per_ml: Series[float] = quantity("log10; empty where censored", empty=True)
    se_log10: Series[float] = quantity("standard error on the log10 scale", empty=True, ge=0)
    censored: Series[str] = words("how the value is known", isin=CENSORED)
    lower_pg_per_ml: Series[float] = quantity("censoring bound, pg/ml", empty=True)
    upper_pg_per_ml: Series[float] = quantity("censoring bound, pg/ml", empty=True)
    delta_lower_pg_per_ml: Series[float] = quantity("95 % limit by the delta method", empty=True)
    delta_upper_pg_per_ml: Series[float] = quantity("95 % limit by the delta method", empty=True)
    bootstrap_lower_pg_per_ml: Series[float] = quantity("95 % limit by the bootstrap of curve and wells", empty=True)
    bootstrap_upper_pg_per_ml: Series[float] = quantity("95 % limit by the bootstrap of curve and wells", empty=True)
    reported_pg_per_ml: Series[float] = quantity(
        "what the export itself states, mean of its wells at this dilution", empty=True
    )
    n_wells: Series[int] = pa.Field(ge=1, description="replicate wells")
    cv_percent: Series[float] = quantity("replicate CV of the signal, %", empty=True)
    dilution: Series[float] = quantity("factor applied once", gt=0)
    plate: Series[str] = words("plate name")
    note: Series[str] = words("how several dilutions became one value", empty=True)


class Controls(Table):
    """One quality control or bridging sample on one plate."""

    source: Series[str] = words(SOURCE)
    plate: Series[str] = words("plate name")
    analyte: Series[str] = words("what was measured")
    sample: Series[str] = words("the control's name")
    n_wells: Series[int] = pa.Field(ge=1, description="replicate wells")
    cv_percent: Series[float] = quantity("replicate CV of the signal, %", empty=True)
    nominal_pg_per_ml: Series[float] = quantity("stated concentration, pg/ml", empty=True)
    pg_per_ml: Series[float] = quantity("read off the plate's curve, dilution applied once, pg/ml", empty=True)
    recovery_percent: Series[float] = quantity("read / stated, %", empty=True)
    censored: Series[str] = words("how the value is known", isin=CENSORED)
    plates: Series[int] = pa.Field(ge=1, description="plates on which the control could be read")
    log10_plate_effect: Series[float] = quantity("log10 of this plate over the mean of all plates", empty=True)
    inter_plate_cv_percent: Series[float] = quantity("CV of the control between plates, %", empty=True)


class Fits(Table):
    """One question answered by one engine."""

    question: Series[str] = words("key of the question")
    engine: Series[str] = words("hindpaw, statsmodels, pingouin")
    structure: Series[str] = words("covariance structure, or the test's name")
    formula: Series[str] = words("fixed part")
    n_animals: Series[int] = pa.Field(ge=0, description="animals (or pools) that entered")
    n_observations: Series[int] = pa.Field(ge=0, description="rows that entered")
    n_substituted: Series[int] = pa.Field(ge=0, description="censored values entered at their bound")
    parameters: Series[str] = words("variance parameters, name=value separated by '; '", empty=True)
    reml_loglik: Series[float] = quantity("restricted log-likelihood", empty=True)
    aicc: Series[float] = quantity("AICc of the restricted likelihood; compares structures of one question", empty=True)
    serial_lrt: Series[float] = quantity("likelihood-ratio statistic of cs against cs+ar1", empty=True, ge=0)
    serial_p: Series[float] = quantity("its p, ½χ²₀ + ½χ²₁", empty=True, ge=0)
    serial_rho: Series[float] = quantity("residual correlation at the median gap between days under cs+ar1", empty=True)
    chosen: Series[bool] = pa.Field(description="whether the question's answers come from this fit")
    converged: Series[bool] = pa.Field(description="whether the optimum was found")
    boundary: Series[bool] = pa.Field(description="whether a variance lies at its limit")
    largest_difference: Series[float] = quantity("largest |difference| of an estimate from hindpaw's", empty=True)
    note: Series[str] = words("what fell back, was dropped or approximated, and why", empty=True)


class Effects(Table):
    """One Type III test."""

    question: Series[str] = words("key of the question")
    term: Series[str] = words("arm, day, arm:day, baseline, blocks, arm:sex")
    num_df: Series[float] = quantity("numerator degrees of freedom")
    den_df: Series[float] = quantity("denominator degrees of freedom", empty=True)
    F: Series[float] = quantity("F", empty=True)
    p: Series[float] = quantity("p", empty=True, ge=0)
    method: Series[str] = words("how the degrees of freedom were found")


class Means(Table):
    """The estimated mean of one arm × day."""

    question: Series[str] = words("key of the question")
    arm: Series[str] = words("key of the arm")
    day: Series[float] = quantity("days since injury")
    week: Series[int] = pa.Field(description="week after treatment")
    n: Series[int] = pa.Field(ge=0, description="animals (or pools) behind it")
    estimate: Series[float] = quantity("log10 scale", empty=True)
    se: Series[float] = quantity("standard error", empty=True, ge=0)
    df: Series[float] = quantity("degrees of freedom", empty=True)
    lower: Series[float] = quantity("95 % confidence limit, log10 scale", empty=True)
    upper: Series[float] = quantity("95 % confidence limit, log10 scale", empty=True)
    geometric_mean: Series[float] = quantity("10^estimate, g or pg/ml", empty=True)


class Contrasts(Table):
    """One comparison at one time."""

    question: Series[str] = words("key of the question")
    family: Series[str] = words("which p-values were adjusted together; empty outside a family", empty=True)
    comparison: Series[str] = words("treated − control, keys of the arms")
    analyte: Series[str] = words("which analyte, in a panel", empty=True)
    by: Series[str] = words("which kind of time", isin=TIMES)
    time: Series[float] = quantity("week or day; empty for overall", empty=True)
    estimate: Series[float] = quantity("difference, log10 scale", empty=True)
    se: Series[float] = quantity("standard error", empty=True, ge=0)
    df: Series[float] = quantity("degrees of freedom", empty=True)
    t: Series[float] = quantity("t", empty=True)
    p: Series[float] = quantity("unadjusted p", empty=True, ge=0)
    p_adjusted: Series[float] = quantity("adjusted p", empty=True, ge=0)
    adjustment: Series[str] = words("holm, bonferroni, mvt, mvt-step-down, bh, games-howell, dunnett, none")
    lower: Series[float] = quantity("95 % confidence limit", empty=True)
    upper: Series[float] = quantity("95 % confidence limit", empty=True)
    interval: Series[str] = words("what the limits hold for: simultaneous within the family, or unadjusted", empty=True)
    ratio: Series[float] = quantity("10^estimate", empty=True)
    ratio_lower: Series[float] = quantity("10^lower", empty=True)
    ratio_upper: Series[float] = quantity("10^upper", empty=True)
    hedges_g: Series[float] = quantity("standardized difference, J(ν) × estimate / SD", empty=True)
    hedges_g_lower: Series[float] = quantity("95 % limit by parametric bootstrap", empty=True)
    hedges_g_upper: Series[float] = quantity("95 % limit by parametric bootstrap", empty=True)
    note: Series[str] = words("why it could not be estimated, or what to know", empty=True)


class Verdicts(Table):
    """What the data say of one published statement."""

    claim: Series[str] = words("short id")
    kind: Series[str] = words("what kind of statement", isin=CLAIM_KINDS)
    verdict: Series[str] = words("one of the closed list", isin=VERDICTS)
    data: Series[str] = words("whether the data are real", isin=["real", "simulated"])
    published: Series[str] = words("what was printed")
    as_published: Series[str] = words("the same test on these data", empty=True)
    recommended: Series[str] = words("hindpaw's answer on these data", empty=True)
    p_as_published: Series[float] = quantity(
        "its p, corrected and of one tail where the paper says so", empty=True, ge=0
    )
    p_recommended: Series[float] = quantity("p of hindpaw's answer, adjusted within its family", empty=True, ge=0)
    n_dropped: Series[float] = quantity("animals that the printed test leaves out here", empty=True, ge=0)
    conclusion_changes: Series[str] = words("yes, no or empty", empty=True)
    reason: Series[str] = words("why this verdict")
