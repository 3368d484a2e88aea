"""Published figures drawn again from a study's own data: mean ± SEM as printed, beside our own drawing of the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.drawings import Drawing
from hindpaw.figure import named, scales, style
from hindpaw.reproduction import Reproduction
from hindpaw.study import Question, Study
from hindpaw.tables import Concentrations, Filaments, Reproductions, Thresholds

R = Reproductions


def draw(
    study: Study,
    filaments: pd.DataFrame,
    thresholds: pd.DataFrame,
    concentrations: pd.DataFrame,
    reproductions: pd.DataFrame,
) -> dict[str, Drawing]:
    """One drawing for each figure under `reproduce`, by its key."""
    found = {}
    for shown in study.reproduce.values():
        question = study.questions[shown.question]
        rows = reproductions[reproductions[R.reproduction] == shown.key]
        values = numbers(question, shown, thresholds, concentrations)
        found[shown.key] = _drawing(study, shown, question, rows, values, filaments[Filaments.force_g])
    return found


def numbers(
    question: Question, shown: Reproduction, thresholds: pd.DataFrame, concentrations: pd.DataFrame
) -> pd.DataFrame:
    """Every animal's value as it is drawn, a censored one at its bound."""
    if question.outcome == "threshold":
        frame, value = thresholds[thresholds[Thresholds.paw] == question.paw], Thresholds.threshold_g
        low, high, who = Thresholds.lower_g, Thresholds.upper_g, thresholds[Thresholds.animal]
    else:
        mine = concentrations[Concentrations.analyte] == question.outcome
        frame, value = (
            concentrations[mine & (concentrations[Concentrations.matrix] == question.matrix)],
            Concentrations.pg_per_ml,
        )
        low, high = Concentrations.lower_pg_per_ml, Concentrations.upper_pg_per_ml
        who = concentrations[Concentrations.animal].fillna(concentrations[Concentrations.pool])
    frame = frame[frame["arm"].isin(shown.groups)]
    frame = frame[frame["day"].isin(shown.days)] if shown.days else frame
    bound = frame[low].where((frame["censored"] != "left") & (frame[low] > 0), frame[high])
    kept = frame[["arm", "day", "censored", "source"]]
    return kept.assign(what="animal", animal=who.loc[frame.index], value=frame[value].fillna(bound))


def _drawing(
    study: Study,
    shown: Reproduction,
    question: Question,
    rows: pd.DataFrame,
    values: pd.DataFrame,
    forces: Sequence[float],
) -> Drawing:
    """One published figure: as printed at the left, ours at the right."""
    title = f"{shown.locator}, drawn again from the data of this study; the axes are ours"
    if rows.empty:
        return style.empty(study, title, "None of the groups has a value on the days that the legend names.")
    unit, days = rows[R.unit].iloc[0], sorted(set(rows[R.day]))
    with style.settings():
        drawn, (left, right) = style.figure(style.FULL_MM, 88, 1, 2)
        single = len(days) == 1
        moved = np.zeros(len(shown.groups)) if single else scales.shifts(days, len(shown.groups))
        for axes, panel in ((left, _printed), (right, _ours)):
            for place, arm in enumerate(shown.groups):
                mine, own = rows[rows[R.arm] == arm].sort_values(R.day), values[values["arm"] == arm]
                x = np.full(len(mine), float(place)) if single else mine[R.day].to_numpy(float) + moved[place]
                panel(study, axes, arm, x, mine, own, single)
            _across(study, axes, shown, rows, single)
        left.set_ylim(bottom=0)
        _scale(right, unit, forces, values)
        what = f"{question.paw} withdrawal threshold" if unit == "g" else f"{question.outcome} in {question.matrix}"
        left.set_ylabel(f"{style.words(what, 40, 1)} ({unit}), mean ± SEM")
        right.set_ylabel(f"the same ({unit}), geometric mean, 95 % CI")
        above = {"loc": "left", "fontsize": style.SMALL, "pad": 6 if single else 16}
        left.set_title(style.words(f"as the legend has it: {shown.legend or 'mean ± SEM'}", 44, 3), **above)
        right.set_title("ours: every animal, geometric mean with\n95 % confidence interval (t), log axis", **above)
        if not single:
            right.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
        style.heading(study, drawn, title)
        return style.finished(drawn, pd.concat([values, rows.assign(what="mean")], ignore_index=True))


def _printed(
    study: Study, axes: Any, arm: str, x: np.ndarray, mine: pd.DataFrame, own: pd.DataFrame, single: bool
) -> None:
    """Mean ± SEM only: bars for one day, lines for several."""
    colour, marker = style.of_arm(study, arm)
    shape = {"color": colour, "elinewidth": 0.9, "yerr": mine[R.sem].fillna(0).to_numpy(float)}
    if single:
        axes.bar(x, mine[R.mean], 0.6, color=colour, alpha=0.35, edgecolor=colour, linewidth=0.8)
        shape |= {"linestyle": "none", "capsize": 3}
    else:
        shape |= {"marker": marker, "markersize": 4, "capsize": 2, "label": style.words(study.label(arm), 18, 3)}
    means = axes.errorbar(x, mine[R.mean], **shape)[0]
    told = [
        f"{study.label(arm)}, day {row[R.day]:g}: mean {phrases.number(row[R.mean])} {row[R.unit]}, "
        f"SEM {phrases.number(row[R.sem])} ({phrases.row_of('reproductions', int(str(place)))})"
        for place, row in mine.iterrows()
    ]
    named.points(means, told)


def _ours(
    study: Study, axes: Any, arm: str, x: np.ndarray, mine: pd.DataFrame, own: pd.DataFrame, single: bool
) -> None:
    """Every animal, the geometric mean and its interval."""
    colour, marker = style.of_arm(study, arm)
    told = [
        named.estimate(
            "reproductions",
            place,
            f"{study.label(arm)}, day {row[R.day]:g}",
            row[R.geometric_mean],
            str(row[R.unit]),
            (row[R.lower], row[R.upper]),
        )
        for place, row in mine.iterrows()
    ]
    for at, row, name in zip(x, mine.to_dict("records"), told, strict=True):
        animals = own[own["day"] == row[R.day]].sort_values("value")
        beside = scales.swarm(np.log10(animals["value"]), 2.0) - 0.12 if single else np.zeros(len(animals))
        places = at + beside
        for kind, sign in (("none", marker), ("left", "v"), ("right", "^"), ("interval", "d")):
            some = (animals["censored"] == kind).to_numpy()
            face = colour if kind == "none" else "none"
            seen = axes.scatter(
                places[some],
                animals["value"][some],
                s=13 if single else 7,
                marker=sign,
                facecolors=face,
                edgecolors=colour,
                alpha=0.55,
                linewidths=0.6,
            )
            named.points(seen, named.rows(animals[some], "value", str(row[R.unit])))
        if single:
            scales.interval(axes, at + 0.26, (row[R.lower], row[R.geometric_mean], row[R.upper]), colour, name)
    if not single:
        ends = mine[[R.lower, R.upper]].to_numpy(float).T
        spread = np.nan_to_num(np.abs(ends - mine[R.geometric_mean].to_numpy(float)))
        shape = {"color": colour, "marker": marker, "markersize": 4, "capsize": 2, "elinewidth": 0.9}
        label = style.words(study.label(arm), 18, 3)
        means = axes.errorbar(x, mine[R.geometric_mean], yerr=spread, label=label, **shape)[0]
        named.points(means, told)


def _across(study: Study, axes: Any, shown: Reproduction, rows: pd.DataFrame, single: bool) -> None:
    """Groups by name for one day, else days with the calendar."""
    if single:
        n = rows.set_index(R.arm)[R.n]
        scales.arms(study, axes, shown.groups, n, max(6, 53 // len(shown.groups)))
        axes.set_xlabel(f"day {rows[R.day].iloc[0]:g} after injury")
    else:
        axes.set_xlabel("days after injury")
        scales.calendar(study, axes)


def _scale(axes: Any, unit: str, forces: Sequence[float], values: pd.DataFrame) -> None:
    """Our y axis."""
    if unit == "g":
        scales.grams(axes, forces, values["value"], 50)
    else:
        axes.set_yscale("log")
        scales.plain_log(axes.yaxis)
