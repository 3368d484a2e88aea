"""Thresholds over days: every mouse, the estimated means, the treatment, the limits of the filaments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.drawings import Drawing
from hindpaw.figure import named, style
from hindpaw.study import Question, Study
from hindpaw.tables import Filaments, Means, Thresholds

OFFSET_DAYS = 0.35


def draw(study: Study, filaments: pd.DataFrame, thresholds: pd.DataFrame, means: pd.DataFrame) -> dict[str, Drawing]:
    """One drawing for each question about thresholds, by the question's key."""
    asked = [question for question in study.questions.values() if question.about_thresholds]
    return {question.key: _drawing(study, question, filaments, thresholds, means) for question in asked}


def _drawing(
    study: Study, question: Question, filaments: pd.DataFrame, thresholds: pd.DataFrame, means: pd.DataFrame
) -> Drawing:
    """One question."""
    title = question.ask or study.compared(question)
    mice = numbers(question, thresholds)
    if mice.empty:
        return style.empty(study, title, "No threshold of these arms could be measured.")
    estimated, before = _means(question, means), _before(study, mice)
    with style.settings():
        drawn, axes = style.figure(style.FULL_MM, 95)
        for place, arm in enumerate(question.arms):
            _arm(study, axes, arm, (place - 0.5) * OFFSET_DAYS, mice, estimated, before)
        _calendar(study, axes)
        _grams(axes, filaments, mice)
        axes.set_xlabel("days after injury")
        axes.set_ylabel(f"50 % withdrawal threshold, {question.paw} paw (g)")
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
        style.heading(study, drawn, title)
        return style.finished(drawn, pd.concat([mice, estimated, before], ignore_index=True))


def numbers(question: Question, thresholds: pd.DataFrame) -> pd.DataFrame:
    """Every mouse's threshold as it is drawn: a censored one at its bound."""
    mine = (thresholds[Thresholds.paw] == question.paw) & thresholds[Thresholds.arm].isin(question.arms)
    frame = thresholds[mine]
    left = frame[Thresholds.censored] == "left"
    bound = frame[Thresholds.upper_g].where(left, frame[Thresholds.lower_g])
    return pd.DataFrame(
        {
            "what": "mouse",
            "arm": frame[Thresholds.arm],
            "day": frame[Thresholds.day],
            "animal": frame[Thresholds.animal],
            "threshold_g": frame[Thresholds.threshold_g].fillna(bound),
            "censored": frame[Thresholds.censored],
            "source": frame[Thresholds.source],
        }
    )


def _means(question: Question, means: pd.DataFrame) -> pd.DataFrame:
    """The estimated means on the gram scale."""
    frame = means[means[Means.question] == question.key]
    return pd.DataFrame(
        {
            "what": "estimated mean",
            "arm": frame[Means.arm],
            "day": frame[Means.day],
            "threshold_g": frame[Means.geometric_mean],
            "lower_g": 10 ** frame[Means.lower],
            "upper_g": 10 ** frame[Means.upper],
        }
    )


def _before(study: Study, mice: pd.DataFrame) -> pd.DataFrame:
    """Geometric means of the days before treatment, which no model estimates."""
    early = mice[mice["day"] <= study.days.treatment]
    logs = early.assign(log10=np.log10(early["threshold_g"])).groupby(["arm", "day"], as_index=False)["log10"].mean()
    return logs.assign(what="geometric mean before treatment", threshold_g=10 ** logs["log10"]).drop(columns="log10")


def _arm(
    study: Study, axes: Any, arm: str, shift: float, mice: pd.DataFrame, estimated: pd.DataFrame, before: pd.DataFrame
) -> None:
    """One arm: faint lines for its mice, open triangles where censored, its means with intervals."""
    import seaborn

    colour, marker = style.of_arm(study, arm)
    mine = mice[mice["arm"] == arm].sort_values(["animal", "day"])
    mine = mine.assign(day=mine["day"] + shift)
    lines = {"units": "animal", "estimator": None, "color": colour, "alpha": 0.25, "linewidth": 0.6, "legend": False}
    seaborn.lineplot(mine, x="day", y="threshold_g", ax=axes, **lines)
    exact = mine[mine["censored"] == "none"]
    seen = axes.scatter(exact["day"], exact["threshold_g"], s=5, color=colour, alpha=0.35, linewidths=0)
    named.points(seen, named.rows(exact.assign(day=exact["day"] - shift), "threshold_g", "g"))
    open_sign = {"s": 16, "facecolors": "none", "linewidths": 0.7}
    for kind, sign in (("left", "v"), ("right", "^")):
        rows = mine[mine["censored"] == kind]
        bounds = axes.scatter(rows["day"], rows["threshold_g"], marker=sign, edgecolors=colour, **open_sign)
        named.points(bounds, named.rows(rows.assign(day=rows["day"] - shift), "threshold_g", "g"))
    early = before[before["arm"] == arm]
    hollow = {"marker": marker, "markersize": 4.5, "markerfacecolor": "white", "linestyle": "--", "linewidth": 0.8}
    axes.plot(early["day"] + shift, early["threshold_g"], color=colour, zorder=4, **hollow)
    means = estimated[estimated["arm"] == arm].sort_values("day")
    spread = np.abs(means[["lower_g", "upper_g"]].to_numpy().T - means["threshold_g"].to_numpy())
    label = style.words(study.label(arm), 24, 3) + f"\nn = {mine['animal'].nunique()} mice"
    axes.errorbar(
        means["day"] + shift,
        means["threshold_g"],
        yerr=spread,
        color=colour,
        marker=marker,
        markersize=4.5,
        capsize=2,
        elinewidth=0.9,
        markeredgecolor="white",
        markeredgewidth=0.4,
        label=label,
        zorder=5,
    )


def _calendar(study: Study, axes: Any) -> None:
    """Marks of injury and treatment above the axes."""
    across = axes.get_xaxis_transform()
    same = study.days.treatment == 0
    marks = [(0.0, "injury and treatment")] if same else [(0.0, "injury"), (study.days.treatment, "treatment")]
    for day, told in marks:
        axes.axvline(day, color=style.QUIET, linewidth=0.6, linestyle=":", zorder=0)
        arrow = {"arrowstyle": "-|>", "color": style.QUIET, "linewidth": 0.7}
        at = {"xycoords": across, "textcoords": across, "ha": "right" if told == "injury" else "left", "va": "bottom"}
        axes.annotate(
            told, xy=(day, 1.0), xytext=(day, 1.06), arrowprops=arrow, color=style.QUIET, fontsize=style.SMALL, **at
        )


def _grams(axes: Any, filaments: pd.DataFrame, mice: pd.DataFrame) -> None:
    """A log axis with the filaments as ticks, and shading beyond the lightest and the heaviest."""
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

    axes.set_yscale("log")
    forces = np.unique(filaments[Filaments.force_g].to_numpy(float))
    low, high = mice["threshold_g"].min(), mice["threshold_g"].max()
    if len(forces):
        low, high = min(low, forces[0]), max(high, forces[-1])
        axes.yaxis.set_major_locator(FixedLocator(forces.tolist()))
        axes.yaxis.set_major_formatter(FixedFormatter([phrases.number(force, 2) for force in forces]))
        axes.yaxis.set_minor_locator(NullLocator())
        for bottom, top in ((low / 2, forces[0]), (forces[-1], high * 2)):
            axes.axhspan(bottom, top, color=style.FAINT, alpha=0.25, linewidth=0, zorder=0)
    axes.set_ylim(low / 1.5, high * 1.5)
