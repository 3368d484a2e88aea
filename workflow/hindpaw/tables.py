"""The nouns: a pandera model for each table on disk, and the only functions that read and write one.

A table's name is the snake_case of its model (`CurvePoints` stands in `curve_points.csv`). Columns are
named in the rest of the package as `Trials.animal`, so that a misspelt column is an AttributeError.
Empty cells are missing values; text "NA" stays text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

PAWS = ["ipsilateral", "contralateral"]
CENSORED = ["none", "left", "right", "interval"]
SEVERITIES = ["note", "warning", "error"]
ROLES = ["standard", "blank", "sample", "control", "empty"]
LEDGER_FATES = ["used", "excluded", "quarantined", "blank"]
MEASURE_FATES = ["estimated", "censored", "rejected_curve", "masked"]
VERDICTS = [
    "reproduced",
    "same_direction",
    "not_reproduced",
    "not_checkable",
    "not_yet_transcribed",
    "consistent_with_simulation",
    "inconsistent_with_simulation",
]
TIMES = ["week", "day", "overall"]


class Table(pa.DataFrameModel):
    """What every table keeps to: its own columns and no others, in their own order."""

    class Config:
        """Closed columns, numbers parsed."""

        strict = True
        coerce = True


def words(description: str, *, empty: bool = False, isin: list[str] | None = None) -> Any:
    """A text column; `empty` says whether a cell may be missing."""
    return pa.Field(nullable=empty, isin=isin, description=description)


def quantity(description: str, *, empty: bool = False, ge: float | None = None, gt: float | None = None) -> Any:
    """A number column with its unit in the description."""
    return pa.Field(nullable=empty, ge=ge, gt=gt, description=description)


SOURCE = "where the value was read: file!sheet!cell, several joined by '; '"


class Animals(Table):
    """One animal of the allocation list."""

    source: Series[str] = words(SOURCE)
    animal: Series[str] = words("the animal's id as the lab writes it")
    arm: Series[str] = words("key of the arm in the study file", empty=True)
    sex: Series[str] = words("female, male or as written", empty=True)
    cage: Series[str] = words("home cage", empty=True)
    cohort: Series[str] = words("batch, cohort or block", empty=True)
    excluded: Series[bool] = pa.Field(description="whether the lab excluded the animal")
    exclusion_reason: Series[str] = words("why, in the lab's words", empty=True)
    left_day: Series[float] = quantity("last day in the study, where it left early", empty=True)
    left_reason: Series[str] = words("why it left: died, CSF collected", empty=True)


class Exports(Table):
    """One raw file of the study."""

    file: Series[str] = words("name in the study's data folder")
    size_bytes: Series[int] = pa.Field(ge=0, description="size")
    sha256: Series[str] = words("digest of the content")


class Filaments(Table):
    """One filament of a set in use."""

    source: Series[str] = words("shipped set, or the cell of the lab's own table")
    filaments: Series[str] = words("the set's name")
    position: Series[int] = pa.Field(ge=1, description="1 is the lightest")
    handle: Series[float] = quantity("evaluator number on the handle, log10(10 × force in mg)")
    nominal_g: Series[float] = quantity("marked bending force, g", gt=0)
    force_g: Series[float] = quantity("force the analysis uses, g", gt=0)


class Trials(Table):
    """One application of one filament."""

    source: Series[str] = words(SOURCE)
    animal: Series[str] = words("the animal's id")
    day: Series[float] = quantity("days since injury")
    session: Series[str] = words("session within the day", empty=True)
    tester: Series[str] = words("who tested", empty=True)
    paw: Series[str] = words("side relative to the injury", isin=PAWS)
    order: Series[int] = pa.Field(ge=1, description="1 is the first application of the series")
    filaments: Series[str] = words("name of the filament set")
    filament_g: Series[float] = quantity("force applied, g", gt=0)
    response: Series[str] = words("X withdrew, O did not", isin=["X", "O"])


class Readings(Table):
    """One threshold that the lab computed or a device read."""

    source: Series[str] = words(SOURCE)
    animal: Series[str] = words("the animal's id")
    day: Series[float] = quantity("days since injury")
    session: Series[str] = words("session within the day", empty=True)
    tester: Series[str] = words("who tested", empty=True)
    paw: Series[str] = words("side relative to the injury", isin=PAWS)
    threshold_g: Series[float] = quantity("threshold as handed over, g", gt=0)


class Wells(Table):
    """One well and analyte of a plate."""

    source: Series[str] = words(SOURCE)
    plate: Series[str] = words("plate name")
    well: Series[str] = words("well, A1 to H12")
    analyte: Series[str] = words("what was measured")
    role: Series[str] = words("what the well holds", isin=ROLES)
    sample: Series[str] = words("sample id", empty=True)
    animal: Series[str] = words("the animal the sample came from", empty=True)
    pool: Series[str] = words("pool of several animals", empty=True)
    day: Series[float] = quantity("days since injury", empty=True)
    matrix: Series[str] = words("CSF, DRG lysate, medium", empty=True)
    activation: Series[str] = words("active or total (acid-activated)", empty=True)
    csf_volume_ul: Series[float] = quantity("volume collected, µl", empty=True, gt=0)
    nominal_pg_per_ml: Series[float] = quantity("a standard's concentration, pg/ml", empty=True, ge=0)
    dilution: Series[float] = quantity("factor by which the sample was diluted, 20 for 1:20", empty=True, gt=0)
    signal: Series[float] = quantity("optical density or median fluorescence", empty=True)
    flag: Series[str] = words("the export's own flag, kept as written", empty=True)


class Counts(Table):
    """One count of cells (or the like) at a place."""

    source: Series[str] = words(SOURCE)
    animal: Series[str] = words("the animal's id")
    day: Series[float] = quantity("days since injury")
    target: Series[str] = words("what was counted")
    place: Series[str] = words("where: ganglion, section", empty=True)
    distance_um: Series[float] = quantity("distance from the reference, µm", empty=True, ge=0)
    count: Series[int] = pa.Field(ge=0, description="how many")


class Claims(Table):
    """One published statement, as transcribed."""

    source: Series[str] = words(SOURCE)
    claim: Series[str] = words("short id")
    kind: Series[str] = words("direction, no_effect, or statement")
    locator: Series[str] = words("where it is printed: page, figure, panel")
    text: Series[str] = words("the statement, in the reader's words")
    status: Series[str] = words("transcribed, or not_yet_transcribed", isin=["transcribed", "not_yet_transcribed"])
    question: Series[str] = words("question of the study file that speaks to it", empty=True)
    by: Series[str] = words("week, day or overall", empty=True)
    time: Series[float] = quantity("the week or day meant", empty=True)
    direction: Series[str] = words("higher or lower than the control", empty=True)
    n: Series[str] = words("animals a group as printed", empty=True)
    p: Series[str] = words("p as printed", empty=True)
    method: Series[str] = words("test as named", empty=True)


class Findings(Table):
    """One thing worth knowing."""

    check: Series[str] = words("id of the rule")
    severity: Series[str] = words("how grave", isin=SEVERITIES)
    room: Series[str] = words("which room found it")
    source: Series[str] = words(SOURCE, empty=True)
    what: Series[str] = words("what was found")
    evidence: Series[str] = words("the values it rests on", empty=True)
    why: Series[str] = words("why it matters")
    what_to_do: Series[str] = words("what to do about it")


class Ledger(Table):
    """One raw datum (a string, a reading, a well, a count) and its one fate."""

    source: Series[str] = words("the datum's cell; each stands here once", empty=False)
    fate: Series[str] = words("what became of it", isin=LEDGER_FATES)
    reason: Series[str] = words("why, unless used", empty=True)
    table: Series[str] = words("the table it belongs to")


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
    lod_pg_per_ml: Series[float] = quantity("blank mean + 3 SD, read off the curve", empty=True)
    lloq_pg_per_ml: Series[float] = quantity("lowest standard within the limits", empty=True)
    uloq_pg_per_ml: Series[float] = quantity("highest standard within the limits", empty=True)
    accepted: Series[bool] = pa.Field(description="whether concentrations are read off it")
    reason: Series[str] = words("why it was rejected, or what to know", empty=True)


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
    n_wells: Series[int] = pa.Field(ge=1, description="replicate wells")
    cv_percent: Series[float] = quantity("replicate CV of the signal, %", empty=True)
    dilution: Series[float] = quantity("factor applied once", gt=0)
    plate: Series[str] = words("plate name")


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
    converged: Series[bool] = pa.Field(description="whether the optimum was found")
    boundary: Series[bool] = pa.Field(description="whether a variance lies at its limit")
    largest_difference: Series[float] = quantity("largest |difference| of an estimate from hindpaw's", empty=True)
    note: Series[str] = words("what fell back, was dropped or approximated, and why", empty=True)


class Effects(Table):
    """One Type III test."""

    question: Series[str] = words("key of the question")
    term: Series[str] = words("arm, day, arm:day, baseline")
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
    by: Series[str] = words("which kind of time", isin=TIMES)
    time: Series[float] = quantity("week or day; empty for overall", empty=True)
    estimate: Series[float] = quantity("difference, log10 scale", empty=True)
    se: Series[float] = quantity("standard error", empty=True, ge=0)
    df: Series[float] = quantity("degrees of freedom", empty=True)
    t: Series[float] = quantity("t", empty=True)
    p: Series[float] = quantity("unadjusted p", empty=True, ge=0)
    p_adjusted: Series[float] = quantity("adjusted p", empty=True, ge=0)
    adjustment: Series[str] = words("holm, bonferroni, mvt, bh, games-howell, none")
    lower: Series[float] = quantity("95 % confidence limit (simultaneous within a family)", empty=True)
    upper: Series[float] = quantity("95 % confidence limit", empty=True)
    ratio: Series[float] = quantity("10^estimate", empty=True)
    ratio_lower: Series[float] = quantity("10^lower", empty=True)
    ratio_upper: Series[float] = quantity("10^upper", empty=True)
    hedges_g: Series[float] = quantity("standardized difference", empty=True)
    note: Series[str] = words("why it could not be estimated, or what to know", empty=True)


class Verdicts(Table):
    """What the data say of one published statement."""

    claim: Series[str] = words("short id")
    verdict: Series[str] = words("one of the closed list", isin=VERDICTS)
    data: Series[str] = words("whether the data are real", isin=["real", "simulated"])
    published: Series[str] = words("what was printed")
    as_published: Series[str] = words("the same test on these data", empty=True)
    recommended: Series[str] = words("hindpaw's answer on these data", empty=True)
    conclusion_changes: Series[str] = words("yes, no or empty", empty=True)
    reason: Series[str] = words("why this verdict")


def name_of(model: type[Table]) -> str:
    """The table's name on disk.

    >>> name_of(CurvePoints)
    'curve_points'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", model.__name__).lower()


TABLES: dict[str, type[Table]] = {name_of(model): model for model in Table.__subclasses__()}

_RISKY = re.compile(r"^'*[=+\-@\t\r]")
_GUARDED = re.compile(r"^'+[=+\-@\t\r]")


def columns(model: type[Table]) -> list[str]:
    """The table's columns in order."""
    return list(model.to_schema().columns)


def empty(model: type[Table]) -> pd.DataFrame:
    """The table with no row."""
    return shaped(pd.DataFrame(columns=columns(model)), model)


def text_columns(model: type[Table]) -> list[str]:
    """The table's columns of text."""
    return [name for name, spec in model.to_schema().columns.items() if str(spec.dtype).startswith("str")]


def shaped(frame: pd.DataFrame, model: type[Table]) -> pd.DataFrame:
    """The frame checked against its model, columns in the model's order, rows renumbered.

    Raises
    ------
    pandera.errors.SchemaErrors
        All violations at once; a programming error, since rooms quarantine bad input before this.
    """
    ordered = frame.reindex(columns=columns(model)) if frame.empty else frame[columns(model)]
    ordered = ordered.astype(dict.fromkeys(text_columns(model), "str"))
    return model.validate(ordered.reset_index(drop=True), lazy=True)


def write(frame: pd.DataFrame, model: type[Table], path: str | Path) -> None:
    """The table as CSV: UTF-8, full precision, text cells that a spreadsheet would run made harmless.

    A text that begins with = + - @ gets an apostrophe in front, which `read` takes off again.
    """
    Path(path).write_bytes(as_csv(shaped(frame, model)))


def as_csv(frame: pd.DataFrame) -> bytes:
    """Any frame as CSV that a spreadsheet opens without running a cell.

    >>> as_csv(pd.DataFrame({"arm": ["=1+1"], "x": [-2.0]}))
    b"arm,x\\n'=1+1,-2.0\\n"
    """
    texts = [column for column in frame if pd.api.types.is_string_dtype(frame[column])]
    guarded = {name: frame[name].str.replace(_RISKY, lambda found: "'" + found[0], regex=True) for name in texts}
    text: str = frame.assign(**guarded).to_csv(index=False, lineterminator="\n")
    return text.encode()


def read(model: type[Table], path: str | Path) -> pd.DataFrame:
    """The table that `write` wrote."""
    texts = text_columns(model)
    frame = pd.read_csv(path, dtype=dict.fromkeys(texts, "str"), keep_default_na=False, na_values=[""])
    for column in texts:
        frame[column] = frame[column].str.replace(_GUARDED, lambda found: found[0][1:], regex=True)
    return shaped(frame, model)


def read_all(paths: Any) -> dict[str, pd.DataFrame]:
    """Every named path that is a table, by its name; `paths` is a mapping or a job's named inputs."""
    return {name: read(TABLES[name], path) for name, path in dict(paths.items()).items() if name in TABLES}


def write_all(made: Mapping[str, pd.DataFrame], paths: Any) -> None:
    """Each table of `made` to the path of its name; a table without a path, or the reverse, is a KeyError."""
    named = dict(paths.items())
    for name in sorted(set(made) | set(named)):
        write(made[name], TABLES[name], named[name])
