"""Dose response: every animal, the mean of each dose, the fitted hyperbola, and ED50 with its interval."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.drawings import Drawing
from hindpaw.figure import named, scales, style
from hindpaw.study import Question, Study
from hindpaw.tables import Dose, Filaments, Means, Summaries

PROFILE = "profile likelihood"


def draw(
    study: Study, filaments: pd.DataFrame, means: pd.DataFrame, summaries: pd.DataFrame, dose: pd.DataFrame
) -> dict[str, Drawing]:
    """One drawing for each question of the kind `dose-response`, by its key."""
    asked = [question for question in study.questions.values() if question.kind == "dose-response"]
    forces = filaments[Filaments.force_g]
    return {question.key: _drawing(study, question, forces, means, summaries, dose) for question in asked}


def _drawing(
    study: Study,
    question: Question,
    forces: pd.Series,
    means: pd.DataFrame,
    summaries: pd.DataFrame,
    dose: pd.DataFrame,
) -> Drawing:
    """One question."""
    title = question.ask or "Dose response"
    animals = summaries[summaries[Summaries.question] == question.key]
    rows = dose[dose[Dose.question] == question.key]
    estimated = means[means[Means.question] == question.key]
    if animals.empty or rows.empty:
        return style.empty(study, title, "Too few animals at one of the doses.")
    given = sorted({value for value in question.doses.values() if value > 0})
    # No dose has no place on a log axis: it stands a step to the left of the smallest, beyond a gap.
    none = given[0] ** 2 / given[1] / 1.5 if len(given) > 1 else given[0] / 5
    with style.settings():
        drawn, axes = style.figure(style.WIDE_MM, 85)
        span = scales.decades_of(forces, 10 ** animals[Summaries.log10_threshold])
        for arm in question.arms:
            place = question.doses[arm] or none
            mean = estimated[estimated[Means.arm] == arm]
            _dose(study, axes, place, arm, animals[animals[Summaries.arm] == arm], mean, span)
        _curve(axes, rows, given, none)
        _ed50(axes, rows, given, question)
        axes.set_xscale("log")
        scales.grams(axes, forces, 10 ** animals[Summaries.log10_threshold], 52)
        n = animals.groupby(Summaries.dose)[Summaries.animal].nunique()
        axes.set_xticks([none, *given], [f"{value:g}\nn = {n.get(value, 0)}" for value in (0.0, *given)])
        axes.set_xticks([], minor=True)
        axes.set_xlim(none / 1.8, given[-1] * 1.8)
        axes.set_xlabel(f"dose ({style.words(question.dose_unit, 12, 1)})")
        axes.set_ylabel("withdrawal threshold (g)" + ("" if question.day is None else f", day {question.day:g}"))
        style.heading(study, drawn, title)
        return style.finished(drawn, pd.concat([animals, rows], ignore_index=True))


def _dose(
    study: Study, axes: Any, place: float, arm: str, mine: pd.DataFrame, estimated: pd.DataFrame, span: float
) -> None:
    """The animals of one dose, and their mean."""
    colour, marker = style.of_arm(study, arm)
    mine = mine.sort_values(Summaries.log10_threshold)
    x = place * 10 ** (scales.swarm(mine[Summaries.log10_threshold], span, 0.035) - 0.03)
    y, known = 10 ** mine[Summaries.log10_threshold].to_numpy(float), (mine[Summaries.n_censored] == 0).to_numpy()
    names = np.array(named.rows(mine.assign(threshold_g=y), "threshold_g", "g"))
    full = axes.scatter(x[known], y[known], s=15, marker=marker, color=colour, alpha=0.8)
    hollow = axes.scatter(x[~known], y[~known], s=15, marker=marker, facecolors="none", edgecolors=colour)
    named.points(full, names[known])
    named.points(hollow, names[~known])
    for _, row in estimated.iterrows():
        at = place * 10**0.1
        limits = (10 ** row[Means.lower], 10 ** row[Means.upper])
        told = named.estimate("means", row.name, f"mean of {study.label(arm)}", row[Means.geometric_mean], "g", limits)
        scales.interval(axes, at, (limits[0], row[Means.geometric_mean], limits[1]), colour, told)


def _curve(axes: Any, rows: pd.DataFrame, given: list[float], none: float) -> None:
    """The hyperbola, where there is one; a short level stroke at no dose."""
    by_name = rows[rows[Dose.method] != "bootstrap of residuals"].set_index(Dose.parameter)[Dose.estimate]
    e0, emax, ed50 = (float(by_name[name]) for name in ("e0", "emax", "ed50"))
    if np.isnan([e0, emax, ed50]).any():
        return
    d = np.geomspace(given[0] / 2, given[-1] * 1.6, 200)
    axes.plot(d, 10 ** (e0 + emax * d / (ed50 + d)), color="black", linewidth=1, zorder=1)
    axes.plot([none / 1.3, none * 1.3], [10**e0] * 2, color="black", linewidth=1, zorder=1)


def _ed50(axes: Any, rows: pd.DataFrame, given: list[float], question: Question) -> None:
    """ED50 and its profile interval as a bar at the top; an open end runs to the edge as an arrow."""
    row = rows[(rows[Dose.parameter] == "ed50") & (rows[Dose.method] == PROFILE)].iloc[0]
    unit = style.words(question.dose_unit, 12, 1)
    trend = rows.loc[rows[Dose.parameter] == "trend", Dose.p].iloc[0]
    low, high = row[Dose.lower], row[Dose.upper]
    ends = [given[0] / 1.6 if np.isnan(low) else max(low, given[0] / 1.6)]
    ends.append(given[-1] * 1.6 if np.isnan(high) else min(high, given[-1] * 1.6))
    over = axes.get_xaxis_transform()
    axes.plot(ends, [0.97, 0.97], color="black", linewidth=1, transform=over)
    name = [named.estimate("dose", row.name, "ED50", row[Dose.estimate], unit, (low, high))]
    marks = [(end, sign) for end, sign, known in ((ends[0], "<", low), (ends[1], ">", high)) if np.isnan(known)]
    marks += [(row[Dose.estimate], "o")] if not np.isnan(row[Dose.estimate]) else []
    for at, sign in marks:
        (mark,) = axes.plot(at, 0.97, sign, color="black", markersize=4, transform=over)
        named.points(mark, name)
    told = [phrases.number(value, 2) if not np.isnan(value) else "open" for value in (low, high)]
    middle = phrases.number(row[Dose.estimate], 2) if not np.isnan(row[Dose.estimate]) else "not found"
    limits = f"{told[0]} to {told[1]}"
    limits = f"from {told[0]}, open above" if np.isnan(high) and not np.isnan(low) else limits
    limits = f"up to {told[1]}, open below" if np.isnan(low) and not np.isnan(high) else limits
    text = f"ED50 {middle} {unit}, 95 % interval {limits}; trend {phrases.p_value(trend)}"
    axes.set_title(text, fontsize=style.SMALL, loc="left")
