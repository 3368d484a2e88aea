"""Randomization distributions: the statistic observed among every deal of the labels, and estimates by week with the
intervals of the test and of resampled animals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.drawings import Drawing
from hindpaw.figure import named, scales, style
from hindpaw.study import Question, Study
from hindpaw.tables import Bootstrap, Deals, Randomization

TITLES = {"overall": "all days after treatment", "maximum": "largest |t| of the {}s"}


def draw(study: Study, randomization: pd.DataFrame, deals: pd.DataFrame, bootstrap: pd.DataFrame) -> dict[str, Drawing]:
    """One drawing for each question about thresholds, by the question's key."""
    asked = [question for question in study.questions.values() if question.about_thresholds]
    return {question.key: _drawing(study, question, randomization, deals, bootstrap) for question in asked}


def _drawing(
    study: Study, question: Question, randomization: pd.DataFrame, deals: pd.DataFrame, bootstrap: pd.DataFrame
) -> Drawing:
    """One question: a row of panels for each comparison."""
    title = question.ask or study.compared(question)
    rows = randomization[randomization[Randomization.question] == question.key]
    known = rows[rows[Randomization.statistic].notna()]
    if known.empty:
        notes = rows[Randomization.note].dropna()
        return style.empty(study, title, notes.iloc[0] if len(notes) else "Nothing could be dealt again.")
    mine = deals[deals[Deals.question] == question.key]
    resampled = bootstrap[
        (bootstrap[Bootstrap.question] == question.key) & (bootstrap[Bootstrap.estimand] == "contrast")
    ]
    compared = list(known[Randomization.comparison].unique())
    with style.settings():
        drawn, grid = style.figure(style.FULL_MM, 14 + 55 * len(compared), len(compared), 3, squeeze=False)
        for axes, comparison in zip(grid, compared, strict=True):
            tests = known[known[Randomization.comparison] == comparison]
            bins = mine[mine[Deals.comparison] == comparison]
            colour, _ = style.of_arm(study, comparison.split(" − ")[0])
            for panel, by in zip(axes[:2], ("overall", "maximum"), strict=True):
                _distribution(panel, question, tests[tests[Randomization.by] == by], bins[bins[Deals.by] == by], colour)
            again = resampled[resampled[Bootstrap.comparison] == comparison]
            _estimates(study, axes[2], tests[tests[Randomization.by] != "maximum"], again, comparison)
        _key(drawn)
        style.heading(study, drawn, title)
        return style.finished(drawn, pd.concat([known, mine, resampled], ignore_index=True))


def _key(drawn: Any) -> None:
    """Which interval is which."""
    from matplotlib.lines import Line2D

    looks: list[dict[str, Any]] = [{"markerfacecolor": "black"}, {"markerfacecolor": "white", "linestyle": "--"}]
    handles = [Line2D([], [], color="black", marker="o", linewidth=0.9, markersize=4, **look) for look in looks]
    labels = ["deals of the labels: estimate, and all effects not rejected", "mixed model, interval by resampled units"]
    drawn.legend(handles, labels, loc="outside lower right", ncols=2, frameon=False)


def _distribution(axes: Any, question: Question, test: pd.DataFrame, bins: pd.DataFrame, colour: str) -> None:
    """One distribution, the deals as extreme as the data in colour."""
    if test.empty or bins.empty:
        axes.axis("off")
        return
    row = test.iloc[0]
    left, right = (bins[name].to_numpy(float, copy=True) for name in (Deals.t_from, Deals.t_to))
    counts, large = bins[Deals.n_deals].to_numpy(float), bins[Deals.n_as_large].to_numpy(float)
    # The outermost bins reach to the most extreme deal; they are drawn as wide as the others.
    wide = float(np.median(right - left))
    left[0], right[-1] = right[0] - wide, left[-1] + wide
    edges = np.append(left, right[-1])
    axes.stairs(counts, edges, fill=True, color=style.FAINT)
    axes.stairs(large, edges, fill=True, color=colour)
    observed = row[Randomization.statistic]
    axes.axvline(np.clip(observed, left[0], right[-1]), color="black", linewidth=0.9)
    (mark,) = axes.plot(np.clip(observed, left[0], right[-1]), 0, "|", color="black", markersize=5)
    sign = "|t|" if row[Randomization.by] == "maximum" else "t"
    told = f"{sign} = {phrases.number(observed)}, {_p(row)}"
    named.points(mark, [f"observed: {told} ({phrases.row_of('randomization', int(test.index[0]))})"])
    axes.set_title(TITLES[row[Randomization.by]].format(question.by), fontsize=style.SMALL)
    axes.set_xlabel(f"{sign}, observed {phrases.number(observed, 3)}\n{_p(row)}")
    axes.set_ylabel(f"deals of {row[Randomization.n_deals]:,.0f}")
    axes.set_xlim(left[0], right[-1])


def _p(row: pd.Series) -> str:
    """p, and the smallest that could have been where that is what came out."""
    p, least = row[Randomization.p], row[Randomization.smallest_p]
    return phrases.p_value(p) + (", the smallest possible" if p <= least * (1 + 1e-9) else "")


def _estimates(study: Study, axes: Any, tests: pd.DataFrame, resampled: pd.DataFrame, comparison: str) -> None:
    """Estimates by time as ratios: with the interval that inverting the test gives, and with that of resamples below."""
    colour, marker = style.of_arm(study, comparison.split(" − ")[0])
    names = []
    ends = np.concatenate(
        [one[[Randomization.lower, Randomization.upper]].to_numpy(float) for one in (tests, resampled)]
    )
    for place, (_, row) in enumerate(tests.iterrows()):
        overall = row[Randomization.by] == "overall"
        own, symbol = ("black", "D") if overall else (colour, marker)
        name = "all days" if overall else f"{row[Randomization.by]} {row[Randomization.time]:g}"
        _interval(axes, "randomization", row, name, place - 0.13, color=own, marker=symbol)
        same = (resampled[Bootstrap.by] == row[Randomization.by]) & (
            overall | (resampled[Bootstrap.time] == row[Randomization.time])
        )
        for _, again in resampled[same].iterrows():
            look = {"color": own, "marker": symbol, "markerfacecolor": "white"}
            _interval(axes, "bootstrap", again, f"{name}, resampled", place + 0.17, linestyle="--", **look)
        adjusted = row[Randomization.p_adjusted]
        told = phrases.p_value(row[Randomization.p] if np.isnan(adjusted) else adjusted)
        axes.text(1.02, place, told, transform=axes.get_yaxis_transform(), va="center", fontsize=style.SMALL)
        names.append(name)
    axes.axvline(1, color=style.QUIET, linewidth=0.7, linestyle=":")
    axes.set_xscale("log")
    reach = 10 ** np.append(ends[~np.isnan(ends)], tests[Randomization.estimate].to_numpy(float))
    axes.set_xlim(min(0.5, np.nanmin(reach) / 1.2), max(2, np.nanmax(reach) * 1.2))
    scales.plain_log(axes.xaxis)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    arms = " / ".join(style.words(study.label(arm), 24, 1) for arm in comparison.split(" − "))
    axes.set_xlabel(f"ratio of thresholds\n{arms}")


def _interval(
    axes: Any, table: str, row: pd.Series, name: str, place: float, linestyle: str = "-", **look: Any
) -> None:
    """One estimate with its interval; `randomization` and `bootstrap` name their columns alike."""
    middle, low, high = (10 ** row[name] for name in (Randomization.estimate, Randomization.lower, Randomization.upper))
    if not np.isnan([low, high]).any():
        axes.plot([low, high], [place, place], color=look["color"], linewidth=1, linestyle=linestyle)
    (mark,) = axes.plot(middle, place, markersize=3.6, **look)
    named.points(mark, [named.estimate(table, row.name, name, middle, "times", (low, high))])
