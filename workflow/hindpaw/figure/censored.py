"""Thresholds with the censored ones as bounds: means and ratios by the interval-censored model beside the substituted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hindpaw.drawings import Drawing
from hindpaw.figure import named, scales, style, timecourse
from hindpaw.study import Question, Study
from hindpaw.tables import CensoredContrasts, CensoredFits, CensoredMeans, Filaments

APART_DAYS = 0.45


def draw(
    study: Study,
    filaments: pd.DataFrame,
    thresholds: pd.DataFrame,
    fits: pd.DataFrame,
    means: pd.DataFrame,
    contrasts: pd.DataFrame,
) -> dict[str, Drawing]:
    """One drawing for each question with a row in `censored_fits`, by the question's key."""
    found = {}
    for fit in fits.to_dict("records"):
        question = study.questions[fit[CensoredFits.question]]
        own = [frame[frame[CensoredFits.question] == question.key] for frame in (means, contrasts)]
        if own[0].empty:
            title = question.ask or study.compared(question)
            found[question.key] = style.empty(study, title, f"No interval-censored model: {fit[CensoredFits.note]}.")
        else:
            found[question.key] = _drawing(study, question, filaments, thresholds, *own)
    return found


def _drawing(
    study: Study,
    question: Question,
    filaments: pd.DataFrame,
    thresholds: pd.DataFrame,
    means: pd.DataFrame,
    contrasts: pd.DataFrame,
) -> Drawing:
    """Means by day at the left, ratios at the right."""
    mice = timecourse.numbers(question, thresholds)
    mice = mice[mice["day"] > study.days.treatment]
    with style.settings():
        options = {"width_ratios": (1.5, 1.0)}
        drawn, (left, right) = style.figure(style.FULL_MM, max(80, 30 + 7 * len(contrasts)), 1, 2, **options)
        for place, arm in enumerate(question.arms):
            shift = (place - (len(question.arms) - 1) / 2) * 2 * APART_DAYS
            _arm(study, left, arm, shift, mice[mice["arm"] == arm], means[means[CensoredMeans.arm] == arm])
        scales.calendar(study, left)
        scales.grams(left, filaments[Filaments.force_g], mice["threshold_g"], 55)
        left.set_xlabel("days after injury")
        left.set_ylabel(f"50 % withdrawal threshold, {question.paw} paw (g)")
        drawn.legend(loc="outside lower center", frameon=False, ncols=3)
        _ratios(study, right, contrasts)
        style.heading(study, drawn, question.ask or study.compared(question))
        return style.finished(drawn, pd.concat([mice, means, contrasts], ignore_index=True))


def _arm(study: Study, axes: Any, arm: str, shift: float, mice: pd.DataFrame, means: pd.DataFrame) -> None:
    """An arm's mice, bounds as open triangles; full symbols with censored values as bounds, hollow ones at their bound."""
    colour, marker = style.of_arm(study, arm)
    for kind, sign, size in (("none", "o", 5), ("left", "v", 22), ("right", "^", 22), ("interval", "_", 22)):
        rows = mice[mice["censored"] == kind]
        fill = {"color": colour, "alpha": 0.35} if kind == "none" else {"facecolors": "none", "edgecolors": colour}
        if kind == "interval":
            fill = {"color": colour}
        seen = axes.scatter(rows["day"] + shift, rows["threshold_g"], marker=sign, s=size, linewidths=0.8, **fill)
        named.points(seen, named.rows(rows, "threshold_g", "g"))
    day = means[CensoredMeans.day].to_numpy(float) + shift
    label = style.words(study.label(arm), 24, 2)
    names = [CensoredMeans.estimate, CensoredMeans.lower, CensoredMeans.upper]
    for columns, how, side, shown in (
        (names, "as bounds", -1, label),
        ([f"substituted_{name}" for name in names], "at their bound", 1, None),
    ):
        numbers = means[columns].to_numpy(float)
        told = [
            named.estimate(
                "censored_means", row, f"{study.label(arm)}, day {on:g}, {how}", 10 ** one[0], "g", 10 ** one[1:]
            )
            for row, on, one in zip(means.index, means[CensoredMeans.day], numbers, strict=True)
        ]
        _strokes(axes, day + side * APART_DAYS / 2, numbers, (colour, marker), shown, np.array(told, dtype=object))


def _strokes(
    axes: Any, x: np.ndarray, numbers: np.ndarray, look: tuple[str, str], label: str | None, told: np.ndarray
) -> None:
    """Means with intervals; full with a label, hollow and dashed without; an arrow where only a bound is known.

    Parameters
    ----------
    numbers : (n, 3) mean and limits, log10 g
    look : colour and marker
    told : (n,) a name for each mean
    """
    colour, marker = look
    dashes, face = ("-", colour) if label else ((0, (2, 1)), "white")
    middle, low, high = numbers.T
    at = {"color": colour, "marker": marker, "markersize": 4.5, "markerfacecolor": face, "linestyle": "none"}
    named.points(axes.plot(x, 10**middle, **at, label=label, zorder=5)[0], told)
    both = ~np.isnan(low) & ~np.isnan(high)
    axes.vlines(x[both], 10 ** low[both], 10 ** high[both], colors=colour, linewidths=0.9, linestyles=dashes, zorder=4)
    for one, sign, away in ((low, "^", 1.25), (high, "v", 0.8)):
        alone = ~np.isnan(one) & ~both
        shape = {"color": colour, "linestyle": "none", "zorder": 5}
        (foot,) = axes.plot(x[alone], 10 ** one[alone], marker="_", markersize=8, **shape)
        (tip,) = axes.plot(x[alone], away * 10 ** one[alone], marker=sign, markersize=5, **shape)
        for mark in (foot, tip):
            named.points(mark, told[alone])


def _ratios(study: Study, axes: Any, contrasts: pd.DataFrame) -> None:
    """Each comparison with censored values as bounds (full) and at their bound (hollow)."""
    axes.set_xscale("log")
    scales.plain_log(axes.xaxis)
    axes.axvline(1, color=style.QUIET, linewidth=0.7, linestyle=":")
    several = contrasts[CensoredContrasts.comparison].nunique() > 1
    names = []
    for y, (place, row) in enumerate(contrasts.iterrows()):
        arm = str(row[CensoredContrasts.comparison]).split(" − ")[0]
        colour, marker = style.of_arm(study, arm)
        overall = row[CensoredContrasts.by] == "overall"
        time = "all days" if overall else f"{row[CensoredContrasts.by]} {row[CensoredContrasts.time]:g}"
        names.append(
            f"{style.words(study.label(arm) if arm in study.arms else arm, 18, 1)}, {time}" if several else time
        )
        colour, marker = ("black", "D") if overall else (colour, marker)
        as_bounds = [row[f"ratio{end}"] for end in ("", "_lower", "_upper")]
        put = [10 ** row[f"substituted_{end}"] for end in ("estimate", "lower", "upper")]
        for numbers, how, side in ((as_bounds, "as bounds", -0.15), (put, "at their bound", 0.15)):
            who = f"{study.label(arm)}, {time}, {how}"
            told = named.estimate("censored_contrasts", place, who, numbers[0], "times", numbers[1:])
            _ratio(axes, y + side, numbers, (colour, marker), told, full=how == "as bounds")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlabel("ratio of thresholds\ncensored values as bounds (full),\nat their bound (hollow)")


def _ratio(axes: Any, y: float, numbers: list[float], look: tuple[str, str], told: str, *, full: bool) -> None:
    """One ratio with its interval, or an arrow from the one limit that is known."""
    (middle, low, high), (colour, marker) = numbers, look
    marks: list[Any] = []
    dashes, face = ("-", colour) if full else ((0, (2, 1)), "white")
    if not np.isnan(low) and not np.isnan(high):
        axes.plot([low, high], [y, y], color=colour, linewidth=0.9, linestyle=dashes)
        marks += axes.plot(middle, y, marker=marker, markersize=4.5, color=colour, markerfacecolor=face)
    elif not np.isnan(low) or not np.isnan(high):
        one, sign, way = (low, ">", 1.3) if np.isnan(high) else (high, "<", 1 / 1.3)
        marks += axes.plot(one, y, marker="|", markersize=8, color=colour)
        marks += axes.plot(one * way, y, marker=sign, markersize=5, color=colour)
    for mark in marks:
        named.points(mark, [told])
