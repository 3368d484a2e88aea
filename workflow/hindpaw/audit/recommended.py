"""The recommended answer to a claim, read from the tables that model made."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from hindpaw import phrases
from hindpaw.audit.printed import LEVEL, Span
from hindpaw.audit.taken import pair_of
from hindpaw.study import Study
from hindpaw.tables import (
    Association,
    Claims,
    Contrasts,
    Dose,
    Durations,
    Effects,
    Equivalence,
    Neutralization,
    Thresholds,
)

Tables = dict[str, pd.DataFrame]
# What the test of equivalence says where the arms differ by less than the margin.
WITHIN = ("equivalent", "different within the margin")
TERMS = {"arm": ("arm",), "time": ("day", "week"), "interaction": ("arm:day", "arm:week")}


@dataclass(frozen=True)
class Answer:
    """What the recommended analysis says.

    Parameters
    ----------
    words : with its numbers
    estimate, lower, upper : treated − control on the log10 scale (a slope or trend for relations); NaN where none
    p : adjusted within its family where it is of one; NaN where none
    days : of a duration, days after treatment at which the interval of the end lies
    of : what estimate and limits are of: the ratio of the arms, or a slope
    within : of a claim of no effect, whether the arms were shown to differ by less than the margin; None where not tested
    """

    words: str
    estimate: float = math.nan
    lower: float = math.nan
    upper: float = math.nan
    p: float = math.nan
    days: Span | None = None
    within: bool | None = None
    of: str = "ratio"

    @property
    def higher(self) -> bool:
        """Whether treated lies above control."""
        return self.estimate > 0

    @property
    def interval(self) -> str:
        """The limits in words: of a ratio, or of a slope."""
        limits = (self.lower, self.upper) if self.of == "slope" else (10**self.lower, 10**self.upper)
        return f"{self.of}'s {phrases.interval(*limits)}"

    @property
    def excludes(self) -> bool:
        """Whether no difference lies outside of the limits."""
        return self.lower > 0 or self.upper < 0

    @property
    def significant(self) -> bool:
        """Whether p lies below 0.05."""
        return self.p < LEVEL


def answer(study: Study, claim: pd.Series, tables: Tables) -> Answer | str:
    """The recommended answer to a claim, or why there is none; to a claim about one day that of the day's week."""
    week = _week_of(study, claim, tables)
    if week is None:
        return _answer(study, claim, tables)
    asked = claim.copy()
    asked[[Claims.by, Claims.time]] = ["week", week]
    found = _answer(study, asked, tables)
    told = f"of week {week:g}, which holds day {claim[Claims.time]:g}: "
    return replace(found, words=told + found.words) if isinstance(found, Answer) else found


def _week_of(study: Study, claim: pd.Series, tables: Tables) -> float | None:
    """The week whose contrast speaks to a claim about one day; None where the day has one, or was not tested."""
    question, tested = study.questions[claim[Claims.question]], tables["thresholds"][Thresholds.day]
    if claim[Claims.by] != "day" or not question.about_thresholds or not (tested == claim[Claims.time]).any():
        return None
    mine = tables["contrasts"][tables["contrasts"][Contrasts.question] == question.key]
    by_day = mine[(mine[Contrasts.by] == "day") & (mine[Contrasts.time] == claim[Claims.time])]
    week = float(study.days.week(float(claim[Claims.time])))
    by_week = mine[(mine[Contrasts.by] == "week") & (mine[Contrasts.time] == week)]
    return week if by_day.empty and len(by_week) else None


def _answer(study: Study, claim: pd.Series, tables: Tables) -> Answer | str:
    """The recommended answer to a claim as it stands."""
    kind = claim[Claims.kind]
    if kind == "duration":
        return _duration(study, claim, tables["durations"])
    if kind == "dose_response":
        return _dose(claim, tables["dose"])
    asked = study.questions[claim[Claims.question]].kind
    if asked == "association":
        return _association(claim, tables["association"])
    if claim[Claims.term] == "interaction" and asked == "neutralization":
        return _interaction(claim, tables["neutralization"])
    if kind == "test" and claim[Claims.statistic] == "F":
        return _effect(claim, tables["effects"])
    found = _contrast(study, claim, tables["contrasts"])
    if kind == "no_effect" and isinstance(found, Answer):
        return _equivalence(study, claim, tables["equivalence"], found)
    return found


def _equivalence(study: Study, claim: pd.Series, equivalence: pd.DataFrame, found: Answer) -> Answer:
    """The answer with the two one-sided tests against the study's margin, where it asks for them."""
    rows = _at(claim, equivalence)
    rows = rows[rows[Equivalence.comparison] == " − ".join(pair_of(study.questions[claim[Claims.question]], claim))]
    if rows.empty:
        return found
    row = rows.iloc[0]
    p = row[Equivalence.p] if math.isnan(row[Equivalence.p_adjusted]) else row[Equivalence.p_adjusted]
    margin = f"a factor of {phrases.number(row[Equivalence.margin_ratio])}"
    told = f"{found.words}; differing by less than {margin}: {phrases.p_value(p)} ({row[Equivalence.verdict]})"
    return replace(found, words=told, within=row[Equivalence.verdict] in WITHIN)


def _at(claim: pd.Series, table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a claim's question and time."""
    by = claim[Claims.by] if isinstance(claim[Claims.by], str) else "overall"
    rows = table[(table["question"] == claim[Claims.question]) & (table["by"] == by)]
    return rows if by == "overall" or math.isnan(claim[Claims.time]) else rows[rows["time"] == claim[Claims.time]]


def _contrast(study: Study, claim: pd.Series, contrasts: pd.DataFrame) -> Answer | str:
    """The contrast of the claim's arms at its time."""
    rows = _at(claim, contrasts)
    if isinstance(claim[Claims.analyte], str):
        rows = rows[rows[Contrasts.analyte] == claim[Claims.analyte]]
    treated, control = pair_of(study.questions[claim[Claims.question]], claim)
    mine = rows[rows[Contrasts.comparison] == f"{treated} − {control}"]
    if mine.empty:
        mine = _turned(rows[rows[Contrasts.comparison] == f"{control} − {treated}"])
    if mine.empty:
        return "the question has no contrast of these arms at that time"
    if mine[Contrasts.analyte].nunique() > 1:
        return "the question is about several analytes; the claim has to name one as `analyte`"
    found = mine.iloc[0]
    if math.isnan(found[Contrasts.estimate]):
        return _bounded(found)
    p = found[Contrasts.p] if math.isnan(found[Contrasts.p_adjusted]) else found[Contrasts.p_adjusted]
    ratio = phrases.ratio(found[Contrasts.ratio], found[Contrasts.ratio_lower], found[Contrasts.ratio_upper])
    # Limits that hold for all weeks at once may include 1 where the adjusted p is below 0.05.
    adjusted = [] if math.isnan(found[Contrasts.p_adjusted]) else [f"p adjusted ({found[Contrasts.adjustment]})"]
    limits = [f"limits {found[Contrasts.interval]}"] if adjusted and isinstance(found[Contrasts.interval], str) else []
    many = f" [{', '.join(limits + adjusted)}]" if adjusted else ""
    return Answer(f"{ratio}, {phrases.p_value(p)}{many}", *_limits(found), float(p))


def _turned(rows: pd.DataFrame) -> pd.DataFrame:
    """The same comparisons the other way round: control − treated as treated − control."""
    of, inverse = ("estimate", "lower", "upper"), ("ratio", "ratio_lower", "ratio_upper")
    log = dict(zip(of, (-rows["estimate"], -rows["upper"], -rows["lower"]), strict=True))
    ratio = dict(zip(inverse, (1 / rows["ratio"], 1 / rows["ratio_upper"], 1 / rows["ratio_lower"]), strict=True))
    return rows.assign(**log, **ratio)


def _bounded(row: pd.Series) -> Answer | str:
    """What a contrast without an estimate says: its p, and the side on which it lies where its one bound tells."""
    if math.isnan(row[Contrasts.p]):
        return str(row[Contrasts.note])
    p = row[Contrasts.p] if math.isnan(row[Contrasts.p_adjusted]) else row[Contrasts.p_adjusted]
    side = row[Contrasts.lower] if row[Contrasts.lower] > 0 else row[Contrasts.upper] if row[Contrasts.upper] < 0 else math.nan  # fmt: skip
    return Answer(f"{row[Contrasts.note]}; {phrases.p_value(p)}", side, *_limits(row)[1:], float(p))


def _limits(row: pd.Series) -> tuple[float, float, float]:
    """Estimate and 95 % limits."""
    estimate, lower, upper = (float(row[name]) for name in ("estimate", "lower", "upper"))
    return estimate, lower, upper


def _first(frame: pd.DataFrame, **wanted: Any) -> pd.Series | None:
    """The first row with these values."""
    for name, value in wanted.items():
        frame = frame[frame[name].isin(value if isinstance(value, tuple) else (value,))]
    return frame.iloc[0] if len(frame) else None


def _effect(claim: pd.Series, effects: pd.DataFrame) -> Answer | str:
    """The F of the recommended model for the claim's term."""
    term = claim[Claims.term] if isinstance(claim[Claims.term], str) else "arm"
    found = _first(effects, **{Effects.question: claim[Claims.question], Effects.term: TERMS[term]})
    if found is None or math.isnan(found[Effects.p]):
        return f"the recommended model tests no {term}"
    told = phrases.f_test(found[Effects.F], found[Effects.num_df], found[Effects.den_df], found[Effects.p])
    return Answer(f"{told} ({found[Effects.method]})", p=float(found[Effects.p]))


def _interaction(claim: pd.Series, neutralization: pd.DataFrame) -> Answer | str:
    """Treatment × antibody."""
    wanted = {Neutralization.question: claim[Claims.question], Neutralization.term: "interaction"}
    found = _first(neutralization, **wanted)
    if found is None or math.isnan(found[Neutralization.estimate]):
        return "the design has no arm that got the antibody alone"
    limits = _limits(found)
    told = phrases.ratio(*(10**limit for limit in limits))
    p = float(found[Neutralization.p])
    return Answer(f"interaction {told}, {phrases.p_value(p)}", *limits, p)


def _association(claim: pd.Series, association: pd.DataFrame) -> Answer | str:
    """The slope within arms."""
    wanted = {Association.question: claim[Claims.question], Association.arm: "within arms"}
    found = _first(association, **wanted)
    if found is None or math.isnan(found[Association.slope]):
        return "no association was estimated"
    slope, lower, upper = (float(found[name]) for name in ("slope", "lower", "upper"))
    p = float(found[Association.p])
    told = f"slope within arms {phrases.number(slope)} ({phrases.interval(lower, upper)}), {phrases.p_value(p)}"
    return Answer(told, slope, lower, upper, p, of="slope")


def _dose(claim: pd.Series, dose: pd.DataFrame) -> Answer | str:
    """The trend over doses, and ED50."""
    found = _first(dose, **{Dose.question: claim[Claims.question], Dose.parameter: "trend"})
    if found is None or math.isnan(found[Dose.estimate]):
        return "the question has no trend over doses"
    limits, p = _limits(found), float(found[Dose.p])
    told = f"{phrases.ratio(*(10**limit for limit in limits))} a dose step, {phrases.p_value(p)}"
    half = _first(dose, **{Dose.question: claim[Claims.question], Dose.parameter: "ed50"})
    if half is not None and not math.isnan(half[Dose.estimate]):
        upper = "no upper limit" if math.isnan(half[Dose.upper]) else phrases.number(half[Dose.upper])
        told += f"; ED50 {phrases.number(half[Dose.estimate])} {half[Dose.unit]} (from {phrases.number(half[Dose.lower])}, {upper})"
    return Answer(told, *limits, p)


def _duration(study: Study, claim: pd.Series, durations: pd.DataFrame) -> Answer | str:
    """The day on which relief ends, from the interpolated contrast and its interval."""
    treated, control = pair_of(study.questions[claim[Claims.question]], claim)
    wanted = {Durations.question: claim[Claims.question], Durations.comparison: f"{treated} − {control}"}
    found = _first(durations, **wanted)
    if found is None:
        found = _first(durations, **{Durations.comparison: f"{treated} − {control}"})
    if found is None or math.isnan(found[Durations.onset_day]):
        return "no duration was estimated" if found is None else f"no duration: {found[Durations.outcome]}"
    start = float(found[Durations.treatment_day])
    low, end, high = (
        float(found[name]) - start
        for name in (Durations.relief_ends_lower, Durations.relief_ends_day, Durations.relief_ends_upper)
    )
    last = float(found[Durations.last_day]) - start
    ends = f"ends {phrases.number(end)} days after treatment" if not math.isnan(end) else f"lasts beyond day {last:g} after treatment"  # fmt: skip
    until = "beyond the last test" if math.isnan(high) else phrases.number(high)
    shown = float(found[Durations.shown_through_day]) - start
    told = f"relief {ends} (95 % CI {phrases.number(low)} to {until})"
    told += "" if math.isnan(shown) else f"; shown through day {shown:g} after treatment"
    return Answer(told, days=Span(0.0 if math.isnan(low) else low, math.inf if math.isnan(high) else high))
