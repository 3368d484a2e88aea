"""Censored thresholds as bounds, no effect within a margin, and what missing mice could undo, in words."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from hindpaw import phrases
from hindpaw.report import answers
from hindpaw.report.answers import Answer
from hindpaw.report.sections import Cell, Figure, Grid, Section, Tables, Text, joined, text
from hindpaw.study import Question, Study
from hindpaw.tables import CensoredContrasts, CensoredFits, Equivalence, Tipping

RATIO = (CensoredContrasts.ratio, CensoredContrasts.ratio_lower, CensoredContrasts.ratio_upper)
CENSORED_METHOD = (
    "Where thresholds are known only to lie beyond a filament, an interval-censored linear model with a random intercept for "
    "each animal (and cage, where cages share a variance) was fitted by maximum likelihood, the intercepts integrated by "
    "adaptive Gauss–Hermite quadrature; intervals follow the profile likelihood, its ratio Λ read as t² = ν(exp(bΛ/ν) − 1) "
    "with ν the Kenward–Roger degrees of freedom of the comparison and b what full maximum likelihood takes off its "
    "variance (docs/bounds.md). It is the answer where more than the configured share of the values is censored."
)
EQUIVALENCE_METHOD = (
    "Questions that expect no effect were tested by two one-sided tests against the named margin (Schuirmann 1987, doi "
    "10.1007/BF01068419); that a difference is not significant is not read as its absence."
)
TIPPING_METHOD = (
    "Sensitivity to values that are missing: delta-adjusted pattern mixture (Carpenter, Roger and Kenward 2013, doi "
    "10.1080/10543406.2013.834911; Permutt 2016, doi 10.1002/sim.6753), each missing value shifted by δ from what the model "
    "expects of it, in closed form, the share that is missing counted as estimated."
)
VERDICTS = {
    "equivalent": "That the arms differ by less than the margin is shown",
    "different within the margin": "The arms differ, and by less than the margin",
    "different": "The arms differ, and that they do so by less than the margin is not shown",
    "not shown": "Neither a difference nor its absence within the margin is shown",
    "not tested": "No effect could not be tested",
}
SHIFTED = {"treated": "those of {treated}", "control": "those of {control}", "apart": "those of both arms apart"}


def sections(study: Study, tables: Tables) -> list[Section]:
    """What bounds say of each question."""
    found = []
    for question in study.questions.values():
        found += [*_censored(study, question, tables), *_equivalence(study, question, tables)]
        found += _tipping(study, question, tables)
    return found


def primary(question: Question, tables: Tables) -> bool:
    """Whether the interval-censored model answers the question."""
    fits = answers.of(question, tables["censored_fits"])
    return bool(fits[CensoredFits.primary].any())


def answer(study: Study, question: Question, tables: Tables) -> Answer:
    """The first screen's entry of a question that the interval-censored model answers."""
    usual = answers.answer(study, question, tables)
    rows = answers.of(question, tables["censored_contrasts"])
    mine = rows[rows[CensoredContrasts.comparison] == f"{question.treated} − {question.control}"]
    overall = mine[mine[CensoredContrasts.by] == "overall"]
    fit = answers.of(question, tables["censored_fits"]).iloc[0]
    caution: Text = ("The interval-censored model answers: ", *_share(fit), ", more than the study allows.")
    cautions = (caution, *usual.cautions)
    if overall.empty or overall[CensoredContrasts.bound].iloc[0] == "none":
        why = text(overall[CensoredContrasts.note].iloc[0]) if len(overall) else text(fit[CensoredFits.note])
        told = f"not estimated: {why.removeprefix('not estimated: ') or 'the interval-censored model gave nothing'}"
        return replace(usual, ratio="", told=told, times="", known=False, cautions=cautions, others=(), p="", bar=None)
    row = overall.iloc[0]
    arms = f"{study.label(question.treated)} against {study.label(question.control)}"
    p = Cell.of(row, "censored_contrasts", phrases.p_value(row[CensoredContrasts.p]), CensoredContrasts.p)
    return replace(
        usual,
        ratio=(_ratio(row),),
        told=(f"{arms}: threshold, time average over the days after treatment, censored values as bounds; ", p, "."),
        times=_times(question, mine),
        others=(),
        cautions=cautions,
        known=True,
        p=(p,),
        bar=answers.bar(row),
    )


def _ratio(row: pd.Series) -> Cell:
    """The ratio with its interval, or the one limit that is known, in words."""
    ratio, low, high = (row[name] for name in RATIO)
    if row[CensoredContrasts.bound] == "at least":
        return Cell.of(
            row, "censored_contrasts", f"at least {phrases.number(low)} times", CensoredContrasts.ratio_lower
        )
    if row[CensoredContrasts.bound] == "at most":
        return Cell.of(
            row, "censored_contrasts", f"at most {phrases.number(high)} times", CensoredContrasts.ratio_upper
        )
    return Cell.of(row, "censored_contrasts", phrases.ratio(ratio, low, high), *RATIO)


def _share(fit: pd.Series) -> tuple[str | Cell, ...]:
    """How many of the values are bounds."""
    n = int(fit[CensoredFits.n_left] + fit[CensoredFits.n_right] + fit[CensoredFits.n_interval])
    names = (CensoredFits.n_left, CensoredFits.n_right, CensoredFits.n_interval)
    share = phrases.percent(fit[CensoredFits.censored_share])
    return (
        Cell.of(fit, "censored_fits", str(n), *names),
        f" of {int(fit[CensoredFits.n_observations])} values (",
        Cell.of(fit, "censored_fits", share, CensoredFits.censored_share),
        f") {'is' if n == 1 else 'are'} known only to lie beyond a bound",
    )


def _times(question: Question, rows: pd.DataFrame) -> Text:
    """In which weeks or days the interval excludes a ratio of 1."""
    timed = rows[rows[CensoredContrasts.by] == question.by]
    clear = timed[(timed[CensoredContrasts.lower] > 0) | (timed[CensoredContrasts.upper] < 0)]
    if clear.empty:
        return f"No {question.by}'s interval excludes a ratio of 1{answers.NO_PROOF}."
    cells: list[Text] = [
        (Cell.of(row, "censored_contrasts", f"{row[CensoredContrasts.time]:g}", CensoredContrasts.time),)
        for _, row in clear.iterrows()
    ]
    return ("The interval excludes a ratio of 1 in ", f"{question.by} ", *answers.listed(cells), ".")


def _censored(study: Study, question: Question, tables: Tables) -> list[Section]:
    """The interval-censored model of a question, beside the substituted values."""
    fits = answers.of(question, tables["censored_fits"])
    if fits.empty:
        return []
    fit, rows = fits.iloc[0], answers.of(question, tables["censored_contrasts"])
    role = "is the question's answer" if fit[CensoredFits.primary] else "stands beside the question's answer"
    words: list[Text] = [(*_share(fit), f". The interval-censored model, which takes each for what it is, {role}.")]
    notes = answers.noted(censored_fits=[fit])
    blocks = [
        Figure(f"censored_{question.key}", _alt(study, question, rows), _caption(fit)),
        *words,
        *notes,
        _contrasts(study, rows),
    ]
    overall = rows[(rows[CensoredContrasts.by] == "overall") & (rows[CensoredContrasts.bound] != "none")]
    sure: list[Text] = []
    if len(overall) and not fit[CensoredFits.primary]:
        sure = [(*_share(fit), "; taken as bounds they give a ratio of ", _ratio(overall.iloc[0]), ".")]
    worry: list[Text] = [] if fit[CensoredFits.converged] else ["The interval-censored model could not be fitted."]
    title = "Censored thresholds as bounds"
    return [Section(title, question=question.key, blocks=blocks, how_sure=sure, worry=worry, methods=[CENSORED_METHOD])]


def _caption(fit: pd.Series) -> str:
    """What the figure shows."""
    return (
        "Left: single mice, open triangles where a threshold is known only to lie beyond a bound; full symbols are means of the "
        "interval-censored model, hollow ones of the mixed model with those values at their bound, each with its 95 % "
        "interval; an arrow is a one-sided bound; dotted lines are the lightest and the heaviest filament. Right: ratios by both. "
        f"{int(fit[CensoredFits.n_animals])} animals, {int(fit[CensoredFits.n_observations])} values."
    )


def _alt(study: Study, question: Question, rows: pd.DataFrame) -> str:
    """The numbers of the figure in a row."""
    data = "Simulated data. " if study.simulated else ""
    told = [f"{_when(row)}: {_ratio(row).words}" for _, row in rows.iterrows()]
    return f"{data}Censored thresholds as bounds, {question.key}. {'; '.join(told)}."


def _when(row: pd.Series) -> str:
    """The time of a comparison."""
    return "all days" if row["by"] == "overall" else f"{row['by']} {row['time']:g}"


def _contrasts(study: Study, rows: pd.DataFrame) -> Grid:
    """Both models side by side."""
    heads = ["when", "comparison", "censored values", "as bounds", "p", "adjusted p", "at their bound", "note"]
    cells = []
    for _, row in rows.iterrows():
        beside = (10 ** row[f"substituted_{name}"] for name in ("estimate", "lower", "upper"))
        adjusted = row[CensoredContrasts.p_adjusted]
        cells.append(
            [
                _when(row),
                answers.pair(study, row[CensoredContrasts.comparison]),
                str(row[CensoredContrasts.n_censored]),
                _ratio(row).words,
                phrases.p_value(row[CensoredContrasts.p]),
                "" if pd.isna(adjusted) else phrases.p_value(adjusted),
                phrases.ratio(*beside),
                text(row[CensoredContrasts.note]),
            ]
        )
    grid = Grid(
        "Ratios with censored values as bounds and at their bound", heads, cells, "censored_contrasts", list(rows.index)
    )
    return grid.without_empty()


def _equivalence(study: Study, question: Question, tables: Tables) -> list[Section]:
    """Whether no effect within the margin is shown."""
    rows = answers.of(question, tables["equivalence"])
    if rows.empty:
        return []
    overall = rows[rows[Equivalence.by] == "overall"]
    main = (overall if len(overall) else rows).iloc[0]
    told = _verdict(main)
    weekly = rows[rows[Equivalence.by] != "overall"]
    words: list[Text] = [told]
    if len(weekly) > 1 and weekly[Equivalence.p].notna().all():
        shown = bool((weekly[Equivalence.p] < 0.05).all())
        every = "is shown in each of them, which needs no adjustment" if shown else "is not shown in each of them"
        words.append(f"For the {main_by(weekly)}s together: no effect within the margin {every}.")
    caption = (
        "Ratios with their 90 % intervals, which two one-sided tests at 5 % correspond to; the band is the margin. Full: shown "
        "to lie within it; p of these tests, adjusted over the times."
    )
    data = "Simulated data. " if study.simulated else ""
    alt = f"{data}No effect within a margin, {question.key}: " + "; ".join(
        f"{_when(row)} {row[Equivalence.verdict]}" for _, row in rows.iterrows()
    )
    blocks = [Figure(f"equivalence_{question.key}", f"{alt}.", caption), *words, _grid(study, rows)]
    sure, worry = (
        ([told], []) if main[Equivalence.verdict] in ("equivalent", "different within the margin") else ([], [told])
    )
    title = "No effect within a margin"
    return [
        Section(title, question=question.key, blocks=blocks, how_sure=sure, worry=worry, methods=[EQUIVALENCE_METHOD])
    ]


def main_by(rows: pd.DataFrame) -> str:
    """week or day."""
    return str(rows[Equivalence.by].iloc[0])


def _verdict(row: pd.Series) -> Text:
    """One verdict with its numbers."""
    head = VERDICTS[row[Equivalence.verdict]]
    if row[Equivalence.verdict] == "not tested":
        return (
            Cell.of(row, "equivalence", f"{head}: {text(row[Equivalence.note]) or 'nothing was estimated'}.", "note"),
        )
    low, high, margin = (
        row[name] for name in (Equivalence.ratio_lower, Equivalence.ratio_upper, Equivalence.margin_ratio)
    )
    limits = f"{_limit(low)} to {_limit(high)}"
    name = "one mean filament step, " if row[Equivalence.margin] == "one-step" else ""
    return (
        f"{head} ({_when(row)}): the 90 % interval of the ratio is ",
        Cell.of(row, "equivalence", limits, Equivalence.ratio_lower, Equivalence.ratio_upper),
        f", the margin {name}",
        Cell.of(
            row, "equivalence", f"{phrases.number(1 / margin)} to {phrases.number(margin)}", Equivalence.margin_ratio
        ),
        "; two one-sided tests, ",
        Cell.of(row, "equivalence", phrases.p_value(row[Equivalence.p]), Equivalence.p),
        ".",
    )


def _limit(value: float) -> str:
    """A limit, or that there is none."""
    return "open" if pd.isna(value) else phrases.number(value)


def _grid(study: Study, rows: pd.DataFrame) -> Grid:
    """Every time of a question."""
    heads = [
        "when",
        "comparison",
        "ratio (90 % interval)",
        "margin",
        "p (TOST)",
        "adjusted p",
        "p of a difference",
        "verdict",
        "note",
    ]
    cells = []
    for _, row in rows.iterrows():
        adjusted = row[Equivalence.p_adjusted]
        limits = f"({_limit(row[Equivalence.ratio_lower])} to {_limit(row[Equivalence.ratio_upper])})"
        cells.append(
            [
                _when(row),
                answers.pair(study, row[Equivalence.comparison]),
                f"{phrases.number(row[Equivalence.ratio])} {limits}",
                f"{phrases.number(row[Equivalence.margin_ratio])} times",
                phrases.p_value(row[Equivalence.p]),
                "" if pd.isna(adjusted) else phrases.p_value(adjusted),
                phrases.p_value(row[Equivalence.p_difference]),
                row[Equivalence.verdict],
                text(row[Equivalence.note]),
            ]
        )
    return Grid("Two one-sided tests against the margin", heads, cells, "equivalence", list(rows.index)).without_empty()


def _tipping(study: Study, question: Question, tables: Tables) -> list[Section]:
    """What the missing mice could undo."""
    rows = answers.of(question, tables["tipping"])
    points = rows[rows[Tipping.row] != "curve"]
    main = points[points[Tipping.by] == "overall"]
    main = main[
        (main[Tipping.comparison] == f"{question.treated} − {question.control}") & (main[Tipping.missing] == "all")
    ]
    if points.empty:
        return []
    said: list[Text] = [_tips(study, question, part) for _, part in main.groupby(Tipping.shifted, sort=False)]
    who: list[Text] = []
    if len(main):
        row = main.iloc[0]
        values = int(row[Tipping.n_missing_treated] + row[Tipping.n_missing_control])
        told = f"{phrases.count(values, 'value')} of {phrases.count(int(row[Tipping.n_animals_missing]), 'animal')} missing"
        columns = (Tipping.n_missing_treated, Tipping.n_missing_control, Tipping.n_animals_missing)
        who = [
            (
                Cell.of(row, "tipping", told, *columns),
                ": ",
                Cell.of(row, "tipping", text(row[Tipping.note]), "note"),
                ".",
            )
        ]
        who.append("Where leaving was planned and had nothing to do with the threshold, no shift need be feared.")
    caption = (
        "The ratio over all days if each missing value lay δ above (right) or below (left) what the model expects of it; the band "
        "is the interval that the conclusion is drawn from, dashed lines are where the conclusion falls."
    )
    data = "Simulated data. " if study.simulated else ""
    alt = f"{data}Missing values shifted, {question.key}. " + " ".join(map(_plain, said))
    blocks = [Figure(f"tipping_{question.key}", alt.strip(), caption), *who, *said, _points(study, points)]
    card: list[Text] = [joined(said, " ")] if said else []
    title = "What the missing values could undo"
    return [Section(title, question=question.key, blocks=blocks, how_sure=card, methods=[TIPPING_METHOD])]


def _plain(told: Text) -> str:
    """A sentence without its addresses."""
    return told if isinstance(told, str) else "".join(part if isinstance(part, str) else part.words for part in told)


def _tips(study: Study, question: Question, rows: pd.DataFrame) -> Text:
    """Both tipping points of one way of shifting, in a sentence."""
    labels = {"treated": study.label(question.treated), "control": study.label(question.control)}
    whose = SHIFTED[rows[Tipping.shifted].iloc[0]].format(**labels)
    parts: list[Text] = []
    for _, row in rows[rows[Tipping.row] == "tipping point"].iterrows():
        way = "higher" if row[Tipping.delta] > 0 else "lower"
        size = abs(row[Tipping.delta_steps])
        unit = "filament steps" if not pd.isna(size) else "log10 g"
        size = abs(row[Tipping.delta]) if pd.isna(size) else size
        by = Cell.of(row, "tipping", f"{phrases.number(size, 2)} {unit}", Tipping.delta, Tipping.delta_steps)
        parts.append((by, f" {way} than the model expects"))
    if not parts:
        return f"No shift of the missing values, {whose}, within the reach of the filaments changes the conclusion over all days."
    return (
        "The conclusion over all days changes if the missing values, ",
        whose,
        ", lay ",
        *answers.listed(parts),
        ".",
    )


def _points(study: Study, rows: pd.DataFrame) -> Grid:
    """Every tipping point."""
    heads = ["when", "comparison", "missing", "shifted", "δ (log10 g)", "in steps", "ratio there", "conclusion there"]
    cells = []
    for _, row in rows.iterrows():
        none = row[Tipping.row] == "none"
        steps = row[Tipping.delta_steps]
        beyond = f"none up to {phrases.number(row[Tipping.delta], 2)}"
        cells.append(
            [
                _when(row),
                answers.pair(study, row[Tipping.comparison]),
                row[Tipping.missing],
                row[Tipping.shifted],
                beyond if none else phrases.number(row[Tipping.delta], 2),
                "" if none or pd.isna(steps) else phrases.number(steps, 2),
                ""
                if none
                else phrases.ratio(*(10 ** row[[Tipping.estimate, Tipping.lower, Tipping.upper]].astype(float))),
                f"still {row[Tipping.conclusion]}" if none else row[Tipping.conclusion],
            ]
        )
    return Grid("Where conclusions change", heads, cells, "tipping", list(rows.index))
