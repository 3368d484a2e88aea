"""What a mixed model assumes, as pictures: residuals, their quantiles, their memory, and the tests in words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.drawings import Drawing
from hindpaw.figure import named, style
from hindpaw.study import Question, Study
from hindpaw.tables import Assumptions, Residuals

R, A = Residuals, Assumptions


def draw(study: Study, residuals: pd.DataFrame, assumptions: pd.DataFrame) -> dict[str, Drawing]:
    """One drawing for each question about thresholds, by the question's key."""
    asked = [question for question in study.questions.values() if question.about_thresholds]
    return {question.key: _drawing(study, question, residuals, assumptions) for question in asked}


def _drawing(study: Study, question: Question, residuals: pd.DataFrame, assumptions: pd.DataFrame) -> Drawing:
    """One question: six panels."""
    title = f"What the model assumes: {question.ask or study.compared(question)}"
    rows = residuals[residuals[R.question] == question.key]
    tests = assumptions[assumptions[A.question] == question.key]
    if rows.empty:
        return style.empty(study, title, "No model could be fitted, so it has no residuals.")
    with style.settings():
        drawn, axes = style.figure(style.FULL_MM, 118, 2, 3)
        ((fitted, quantiles, days), (lags, intercepts, words)) = axes
        _scatter(study, question, fitted, rows, R.fitted, R.residual)
        fitted.set_xlabel("fitted (log10 g)")
        fitted.set_ylabel("residual (log10 g)")
        whitened = _names(rows, R.standardized, "SD")
        censored = rows[R.censored].to_numpy() != "none"
        _quantiles(quantiles, rows[R.standardized].to_numpy(float), censored, whitened)
        quantiles.set_ylabel("whitened residual (SD)")
        _scatter(study, question, days, rows, R.day, R.standardized)
        days.set_xlabel("days after injury")
        days.set_ylabel("whitened residual (SD)")
        _lags(lags, tests[tests[A.lag].notna()])
        _intercepts(intercepts, rows)
        _told(words, tests[tests[A.lag].isna()])
        _key(study, question, drawn, fitted)
        style.heading(study, drawn, title)
        return style.finished(
            drawn, pd.concat([rows.assign(what="residual"), tests.assign(what="test")], ignore_index=True)
        )


def _names(rows: pd.DataFrame, value: str, unit: str) -> np.ndarray:
    """A name for each row; how its threshold is known says nothing of its residual."""
    return np.array(named.rows(rows.drop(columns=R.censored), value, unit), dtype=object)


def _scatter(study: Study, question: Question, axes: Any, rows: pd.DataFrame, x: str, y: str) -> None:
    """One symbol a row in the look of its arm, open where the threshold was censored."""
    for arm in question.arms:
        colour, marker = style.of_arm(study, arm)
        mine = rows[rows[R.arm] == arm]
        known = (mine[R.censored] == "none").to_numpy()
        look = {"s": 9, "marker": marker, "linewidths": 0.6, "edgecolors": colour, "alpha": 0.75}
        told = _names(mine, y, "log10 g" if y == R.residual else "SD")
        label = style.words(study.label(arm), 40, 1)
        named.points(axes.scatter(mine[x][known], mine[y][known], facecolors=colour, label=label, **look), told[known])
        named.points(axes.scatter(mine[x][~known], mine[y][~known], facecolors="none", **look), told[~known])
    axes.axhline(0, color=style.QUIET, linewidth=0.7)


def _key(study: Study, question: Question, drawn: Any, axes: Any) -> None:
    """The arms, below all panels."""
    handles, labels = axes.get_legend_handles_labels()
    columns = 3 if len(question.arms) > 2 else 2
    drawn.legend(handles, labels, loc="outside lower center", ncols=columns, frameon=False)


def band(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where n values in order are expected of a standard normal: the middle, and limits that hold 95 % of each.

    The i-th of n uniform values in order is Beta(i, n + 1 − i).

    >>> [round(float(one[0]), 3) for one in band(1)]
    [0.0, -1.96, 1.96]
    """
    from scipy.special import betaincinv, ndtri

    i = np.arange(1, n + 1)
    low, high = (ndtri(betaincinv(i, n + 1 - i, share)) for share in (0.025, 0.975))
    return ndtri((i - 0.5) / n), low, high


def _quantiles(axes: Any, values: np.ndarray, censored: np.ndarray, told: np.ndarray) -> None:
    """Values in order against what is expected of a normal of their mean and SD, with the band of each by itself."""
    order = np.argsort(values, kind="stable")
    expected, low, high = band(len(values))
    mean, sd = float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else 0.0
    axes.fill_between(expected, mean + sd * low, mean + sd * high, color=style.FAINT, alpha=0.5, linewidth=0)
    ends = np.array([expected[0], expected[-1]])
    axes.plot(ends, mean + sd * ends, color=style.QUIET, linewidth=0.8)
    at_limit = censored[order]
    open_ = {"s": 9, "facecolors": "white", "edgecolors": "black", "linewidths": 0.6}
    for some, look in ((~at_limit, {"s": 7, "color": "black", "linewidths": 0}), (at_limit, open_)):
        seen = axes.scatter(expected[some], values[order][some], zorder=3, **look)
        named.points(seen, told[order][some])
    axes.set_xlabel("quantile of a normal")


def _lags(axes: Any, rows: pd.DataFrame) -> None:
    """Correlation of whitened residuals by test days apart, with the limits expected by chance."""
    if rows.empty:
        _none(axes, "Too few pairs of test days for correlations.")
        return
    lag = rows[A.lag].to_numpy(float)
    axes.bar(lag, rows[A.upper] - rows[A.lower], 0.8, bottom=rows[A.lower], color=style.FAINT, alpha=0.5, linewidth=0)
    axes.vlines(lag, 0, rows[A.estimate], color="black", linewidth=1.2)
    (marks,) = axes.plot(lag, rows[A.estimate], "o", color="black", markersize=4)
    named.points(
        marks,
        [
            f"{row.lag:g} test days apart: correlation {phrases.number(row.estimate, 2)}, by chance within "
            f"{phrases.number(row.lower, 2)} to {phrases.number(row.upper, 2)} "
            f"({phrases.row_of('assumptions', int(row.Index))})"
            for row in rows.itertuples()
        ],
    )
    axes.axhline(0, color=style.QUIET, linewidth=0.7)
    axes.set_xticks(lag)
    reach = max(0.6, 1.15 * float(rows[[A.estimate, A.lower, A.upper]].abs().to_numpy().max()))
    axes.set_ylim(-reach, reach)
    axes.set_xlabel("test days apart")
    axes.set_ylabel("correlation of whitened residuals")


def _intercepts(axes: Any, rows: pd.DataFrame) -> None:
    """The predicted intercept of each animal."""
    mine = rows.drop_duplicates(R.animal).dropna(subset=[R.predicted_intercept])
    values = mine[R.predicted_intercept].to_numpy(float)
    if len(values) < 3 or np.ptp(values) < 1e-12:
        _none(axes, "No intercepts to show: the animals do not differ, or the structure has none.")
        return
    told = np.array(
        [
            f"{row.animal}: predicted intercept {phrases.number(row.predicted_intercept, 2)} log10 g "
            f"({phrases.row_of('residuals', int(row.Index))})"
            for row in mine.itertuples()
        ],
        dtype=object,
    )
    _quantiles(axes, values, np.zeros(len(values), bool), told)
    axes.set_ylabel("predicted intercept (log10 g)")


def _none(axes: Any, told: str) -> None:
    """Words in place of a panel."""
    axes.axis("off")
    axes.text(0.5, 0.5, style.words(told, 28, 4), ha="center", va="center", transform=axes.transAxes)


def _told(axes: Any, tests: pd.DataFrame) -> None:
    """The tests in words, one below the other."""
    axes.axis("off")
    lines = [line for row in tests.to_dict("records") for line in told(row)]
    axes.text(0, 1, "\n".join(lines), va="top", ha="left", transform=axes.transAxes, linespacing=1.25)


SHORT = {
    "Shapiro–Wilk": "W",
    "REML likelihood ratio, χ²": "χ²",
    "REML likelihood ratio of cs against cs+ar1, ½χ²₀ + ½χ²₁": "LR",
    "Mauchly": "W",
    "Greenhouse–Geisser ε": "ε (Greenhouse–Geisser)",
    "Huynh–Feldt ε": "ε (Huynh–Feldt)",
    "Box–Cox, logarithm (λ = 0)": "logarithm, χ²",
    "Box–Cox, raw grams (λ = 1)": "raw grams, χ²",
}


def told(row: dict[str, Any]) -> list[str]:
    """A test in one or two lines.

    >>> told({A.assumption: "sphericity", A.test: "Mauchly", A.statistic: 0.5, A.p: 0.2, A.estimate: float("nan")})
    ['sphericity: W = 0.5, p = .20']
    """
    name, short = row[A.assumption], SHORT.get(row[A.test], row[A.test])
    value = row[A.statistic] if not math.isnan(row[A.statistic]) else row[A.estimate]
    if math.isnan(value):
        return [f"{name}: not made"]
    p = "" if math.isnan(row[A.p]) else f", {phrases.p_value(row[A.p])}"
    return (
        [f"{name}: {short} = {phrases.number(value, 2)}{p}"]
        if len(name) < 24
        else [f"{name}:", f"    {short} = {phrases.number(value, 2)}{p}"]
    )
