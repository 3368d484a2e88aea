"""Concentrations by arm: every animal, the means with intervals, the limits of quantification."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.drawings import Drawing
from hindpaw.figure import named, scales, style
from hindpaw.study import Question, Study
from hindpaw.tables import Concentrations, Contrasts, Curves, Means


def draw(
    study: Study,
    means: pd.DataFrame,
    concentrations: pd.DataFrame,
    curves: pd.DataFrame,
    contrasts: pd.DataFrame | None = None,
) -> dict[str, Drawing]:
    """One drawing for each question about an analyte, by the question's key.

    `contrasts` are needed where a question asks for brackets.
    """
    asked = [question for question in study.questions.values() if question.about_concentrations]
    return {question.key: _drawing(study, question, concentrations, curves, means, contrasts) for question in asked}


def numbers(question: Question, concentrations: pd.DataFrame) -> pd.DataFrame:
    """Every animal's concentration as it is drawn: a censored one at its bound."""
    mine = (
        (concentrations[Concentrations.analyte] == question.outcome)
        & (concentrations[Concentrations.matrix] == question.matrix)
        & concentrations[Concentrations.arm].isin(question.arms)
    )
    if question.day is not None and question.kind != "by-day":
        mine &= concentrations[Concentrations.day] == question.day
    frame = concentrations[mine]
    left = frame[Concentrations.censored] == "left"
    bound = frame[Concentrations.upper_pg_per_ml].where(left, frame[Concentrations.lower_pg_per_ml])
    return pd.DataFrame(
        {
            "what": "animal",
            "arm": frame[Concentrations.arm],
            "animal": frame[Concentrations.animal].fillna(frame[Concentrations.pool]),
            "day": frame[Concentrations.day],
            "pg_per_ml": frame[Concentrations.pg_per_ml].fillna(bound),
            "censored": frame[Concentrations.censored],
            "plate": frame[Concentrations.plate],
            "dilution": frame[Concentrations.dilution],
            "source": frame[Concentrations.source],
        }
    )


def _drawing(
    study: Study,
    question: Question,
    concentrations: pd.DataFrame,
    curves: pd.DataFrame,
    means: pd.DataFrame,
    contrasts: pd.DataFrame | None,
) -> Drawing:
    """One question."""
    title = question.ask or f"{question.outcome} in {question.matrix}"
    animals = numbers(question, concentrations)
    if animals.empty:
        return style.empty(study, title, f"No concentration of {question.outcome} could be read for these arms.")
    estimated = means[means[Means.question] == question.key]
    limits = _limits(animals, curves, question)
    with style.settings():
        drawn, axes = style.figure(style.WIDE_MM, 85)
        for place, arm in enumerate(question.arms):
            _arm(study, axes, place, arm, animals, estimated)
        for place, value in enumerate(sorted(set(limits))):
            axes.axhline(value, color=style.QUIET, linewidth=0.7, linestyle="--")
            told = "lower limit of quantification" if place == 0 else ""
            axes.annotate(
                told, (0.995, value), xycoords=axes.get_yaxis_transform(), ha="right", va="bottom", fontsize=style.SMALL
            )
        _axis(axes, animals, limits, question, study)
        if question.brackets and contrasts is not None:
            scales.brackets(axes, compared(question, contrasts), style.WIDE_MM - 20, foot=1.03)
        style.heading(study, drawn, title)
        return style.finished(drawn, pd.concat([animals, drawn_means(estimated)], ignore_index=True))


def compared(question: Question, contrasts: pd.DataFrame) -> list[tuple[float, float, str]]:
    """The adjusted p of each pair of arms, between their places on the axis."""
    rows = contrasts[(contrasts[Contrasts.question] == question.key) & contrasts[Contrasts.p_adjusted].notna()]
    spans = []
    for pair, p in zip(rows[Contrasts.comparison], rows[Contrasts.p_adjusted], strict=True):
        ends = sorted(float(question.arms.index(arm)) for arm in str(pair).split(" − ") if arm in question.arms)
        if len(ends) == 2:
            spans.append((ends[0], ends[1], phrases.p_value(p)))
    return spans


def _limits(animals: pd.DataFrame, curves: pd.DataFrame, question: Question) -> list[float]:
    """The lower limit of quantification in the undiluted sample, for each plate and dilution used."""
    lloq = curves[curves[Curves.analyte] == question.outcome].set_index(Curves.plate)[Curves.lloq_pg_per_ml]
    used = animals.drop_duplicates(["plate", "dilution"])
    return [float(lloq[plate] * dilution) for plate, dilution in zip(used["plate"], used["dilution"], strict=True)]


def drawn_means(estimated: pd.DataFrame) -> pd.DataFrame:
    """The means on the pg/ml scale."""
    return pd.DataFrame(
        {
            "what": "geometric mean",
            "arm": estimated[Means.arm],
            "pg_per_ml": estimated[Means.geometric_mean],
            "lower_pg_per_ml": 10 ** estimated[Means.lower],
            "upper_pg_per_ml": 10 ** estimated[Means.upper],
        }
    )


def _arm(study: Study, axes: Any, place: int, arm: str, animals: pd.DataFrame, estimated: pd.DataFrame) -> None:
    """One arm: its animals side by side, and its mean with the interval beside them."""
    colour, marker = style.of_arm(study, arm)
    mine = animals[animals["arm"] == arm].sort_values("pg_per_ml")
    x = place - 0.1 + scales.swarm(np.log10(mine["pg_per_ml"]), span(animals))
    drawn_units(axes, x, mine, colour, marker)
    drawn_mean(axes, place, estimated[estimated[Means.arm] == arm], colour, f"mean of {study.label(arm)}")


def span(animals: pd.DataFrame) -> float:
    """About how many decades the axis covers."""
    return float(np.ptp(np.log10(animals["pg_per_ml"]))) + 0.4


def drawn_units(axes: Any, x: Any, units: pd.DataFrame, colour: str, marker: str) -> None:
    """Animals or pools at their values; those beyond a limit open, pointing to where they lie."""
    for kind, sign in (("none", marker), ("left", "v"), ("right", "^"), ("interval", "d")):
        rows = (units["censored"] == kind).to_numpy()
        face = colour if kind == "none" else "none"
        looks = {"s": 16, "marker": sign, "facecolors": face, "edgecolors": colour, "alpha": 0.75}
        seen = axes.scatter(x[rows], units["pg_per_ml"][rows], **looks)
        named.points(seen, named.rows(units[rows], "pg_per_ml", "pg/ml"))


def drawn_mean(axes: Any, place: int, estimated: pd.DataFrame, colour: str, name: str) -> None:
    """The mean with its interval, beside the animals."""
    for _, row in estimated.iterrows():
        centre, ends = row[Means.geometric_mean], (10 ** row[Means.lower], 10 ** row[Means.upper])
        if not np.isnan(centre):
            told = named.estimate("means", row.name, name, centre, "pg/ml", ends)
            scales.interval(axes, place + 0.22, (ends[0], centre, ends[1]), colour, told)


def _axis(axes: Any, animals: pd.DataFrame, limits: list[float], question: Question, study: Study) -> None:
    """A log axis in plain numbers, the arms by name."""
    axes.set_yscale("log")
    scales.plain_log(axes.yaxis)
    values = [*animals["pg_per_ml"], *limits]
    axes.set_ylim(min(values) / 1.6, max(values) * 1.8)
    counts = animals.groupby("arm")["animal"].nunique()
    names = [f"{style.words(study.label(arm), 20, 2)}\nn = {counts.get(arm, 0)}" for arm in question.arms]
    axes.set_xticks(range(len(names)), names)
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.set_ylabel(f"{style.words(question.outcome)} in {style.words(question.matrix)} (pg/ml)")
