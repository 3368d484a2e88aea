"""Thresholds over days: every mouse, the estimated means, the treatment, the limits of the filaments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.drawings import Drawing
from hindpaw.figure import named, scales, style
from hindpaw.study import Question, Study
from hindpaw.tables import Contrasts, Filaments, Means, Thresholds

HEIGHT_MM = 95
CENSORED = {
    "left": ("v", "known to lie\nat or below"),
    "right": ("^", "known to lie\nat or above"),
    "interval": ("d", "not known which way"),
}


@dataclass(frozen=True)
class Look:
    """How an arm is drawn and named."""

    colour: str
    marker: str
    label: str


def height_mm(question: Question) -> float:
    """Tall enough for a legend of all arms."""
    return max(HEIGHT_MM, 52 + 7.4 * len(question.arms))


def lines(question: Question) -> int:
    """How many lines the name of an arm may take in the legend."""
    return 3 if len(question.arms) < 5 else 1


def look_of(study: Study, arm: str, mice: int, lines: int) -> Look:
    """The arm's look, and its name with its number of mice."""
    label = style.words(study.label(arm), 24, lines) + f"\nn = {phrases.count(mice, 'mouse', 'mice')}"
    return Look(*style.of_arm(study, arm), label)


def draw(
    study: Study,
    filaments: pd.DataFrame,
    thresholds: pd.DataFrame,
    means: pd.DataFrame,
    contrasts: pd.DataFrame | None = None,
) -> dict[str, Drawing]:
    """One drawing for each question about thresholds, by the question's key.

    `contrasts` are needed where a question asks for brackets.
    """
    asked = [question for question in study.questions.values() if question.about_thresholds]
    return {question.key: _drawing(study, question, filaments, thresholds, means, contrasts) for question in asked}


def _drawing(
    study: Study,
    question: Question,
    filaments: pd.DataFrame,
    thresholds: pd.DataFrame,
    means: pd.DataFrame,
    contrasts: pd.DataFrame | None,
) -> Drawing:
    """One question."""
    title = question.ask or study.compared(question)
    mice = numbers(question, thresholds)
    if mice.empty:
        return style.empty(study, title, "No threshold of these arms could be measured.")
    estimated, before = _means(question, means), _before(study, mice)
    with style.settings():
        tall = height_mm(question)
        drawn, axes = style.figure(style.FULL_MM, tall)
        for arm, shift in zip(question.arms, scales.shifts(mice["day"], len(question.arms)), strict=True):
            _arm(study, axes, arm, float(shift), mice, estimated, before, lines(question))
        scales.calendar(study, axes)
        scales.grams(axes, filaments[Filaments.force_g], mice["threshold_g"], tall - 28)
        if question.brackets and contrasts is not None:
            scales.brackets(axes, adjusted(question, means, contrasts), style.FULL_MM - 60)
        axes.set_xlabel("days after injury")
        axes.set_ylabel(f"50 % withdrawal threshold, {question.paw} paw (g)")
        key(axes, mice, len(before) > 0)
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
    """The estimated means on the gram scale, each row by its place in `means`."""
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
    study: Study,
    axes: Any,
    arm: str,
    shift: float,
    mice: pd.DataFrame,
    estimated: pd.DataFrame,
    before: pd.DataFrame,
    lines: int,
) -> None:
    """One arm: faint lines for its mice, open triangles where censored, its means with intervals."""
    mine = mice[mice["arm"] == arm].sort_values(["animal", "day"])
    look = look_of(study, arm, mine["animal"].nunique(), lines)
    single(axes, mine, "threshold_g", look, shift, "g")
    early = before[before["arm"] == arm]
    last = len(mice) + len(estimated)
    hollow = {"marker": look.marker, "markersize": 4.5, "markerfacecolor": "white", "linestyle": "--", "linewidth": 0.8}
    (line,) = axes.plot(early["day"] + shift, early["threshold_g"], color=look.colour, zorder=4, **hollow)
    label = study.label(arm)
    # No table holds these; the figure's own numbers do, behind its mice and estimates.
    named.points(
        line,
        [
            f"{label}, day {row.day:g}: geometric mean {phrases.grams(row.threshold_g, 3)} "
            f"({phrases.own_row(last + int(row.Index))})"
            for row in early.itertuples()
        ],
    )
    means = estimated[estimated["arm"] == arm].sort_values("day")
    told = [
        named.estimate(
            "means", row.Index, f"{label}, day {row.day:g}", row.threshold_g, "g", (row.lower_g, row.upper_g)
        )
        for row in means.itertuples()
    ]
    middle(axes, means["day"] + shift, means["threshold_g"], (means["lower_g"], means["upper_g"]), look, told)


def single(axes: Any, mine: pd.DataFrame, value: str, look: Look, shift: float, unit: str) -> None:
    """The mice of one arm (columns animal, day, the value, censored, source): a faint line and a dot each, open
    triangles where a value is known only to lie beyond."""
    import seaborn

    if mine.empty:
        return
    moved = mine.assign(day=mine["day"] + shift)
    lines = {"units": "animal", "estimator": None, "color": look.colour, "alpha": 0.3, "linewidth": 0.6}
    seaborn.lineplot(moved, x="day", y=value, ax=axes, legend=False, **lines)
    for kind, sign in (("none", "."), *((kind, sign) for kind, (sign, _) in CENSORED.items())):
        at = (mine["censored"] == kind).to_numpy()
        filled = {"s": 20, "color": look.colour, "alpha": 0.4, "linewidths": 0}
        hollow = {"s": 16, "facecolors": "none", "edgecolors": look.colour, "linewidths": 0.7, "zorder": 3}
        shape = filled if kind == "none" else hollow
        seen = axes.scatter(moved["day"][at], moved[value][at], marker=sign, **shape)
        named.points(seen, named.rows(mine[at], value, unit))


def middle(
    axes: Any,
    days: pd.Series,
    centre: pd.Series,
    limits: tuple[pd.Series, pd.Series],
    look: Look,
    told: Sequence[str],
) -> None:
    """The means of one arm with their intervals and names."""
    spread = np.abs(np.stack([centre - limits[0], limits[1] - centre])) if len(centre) else np.zeros((2, 0))
    strokes = {"capsize": 2, "elinewidth": 0.9, "markeredgecolor": "white", "markeredgewidth": 0.4}
    shape = {"color": look.colour, "marker": look.marker, "markersize": 4.5, "label": look.label, "zorder": 5}
    named.points(axes.errorbar(days, centre, yerr=spread, **strokes, **shape)[0], told)


def key(axes: Any, mice: pd.DataFrame, before: bool) -> None:
    """The legend at the right: arms, then the signs that are the same for all of them."""
    from matplotlib.lines import Line2D

    handles, labels = axes.get_legend_handles_labels()
    handles.append(Line2D([], [], color=style.QUIET, linewidth=0.6, marker=".", markersize=3))
    labels.append("one mouse")
    if before:
        hollow = Line2D([], [], color=style.QUIET, marker="o", markersize=4.5, linestyle="--", linewidth=0.8)
        hollow.set_markerfacecolor("white")
        handles.append(hollow)
        labels.append("geometric mean\nbefore treatment")
    for kind, (sign, told) in CENSORED.items():
        if (mice["censored"] == kind).any():
            handles.append(Line2D([], [], color=style.QUIET, marker=sign, markersize=4, linestyle="none"))
            handles[-1].set_markerfacecolor("none")
            labels.append(told)
    axes.legend(handles, labels, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)


def adjusted(question: Question, means: pd.DataFrame, contrasts: pd.DataFrame) -> list[tuple[float, float, str]]:
    """The adjusted p of each week or day, from its first test day to its last."""
    mine = contrasts[
        (contrasts[Contrasts.question] == question.key)
        & (contrasts[Contrasts.by] != "overall")
        & contrasts[Contrasts.p_adjusted].notna()
        & contrasts[Contrasts.comparison].str.endswith(f" − {question.control}")
    ]
    own = means[means[Means.question] == question.key]
    spans = []
    for row in mine.to_dict("records"):
        at = own[own[str(row[Contrasts.by])] == row[Contrasts.time]][Means.day]
        several = f"{str(row[Contrasts.comparison]).partition(' − ')[0]}: " if len(question.arms) > 2 else ""
        told = f"{several}{phrases.p_value(row[Contrasts.p_adjusted])}"
        spans.append((float(at.min()) - 0.4, float(at.max()) + 0.4, told))
    return spans
