"""A panel of analytes: each animal's log ratio to the control as a heat map, and the ratios with intervals beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.drawings import Drawing
from hindpaw.figure import named, scales, style
from hindpaw.study import Question, Study
from hindpaw.tables import Concentrations, Contrasts

MOST_COLUMNS = 14
PLACE = "row of contrasts"


def draw(study: Study, contrasts: pd.DataFrame, concentrations: pd.DataFrame) -> dict[str, Drawing]:
    """One drawing for each question of the kind `panel`, by its key."""
    asked = [question for question in study.questions.values() if question.kind == "panel"]
    return {question.key: _drawing(study, question, contrasts, concentrations) for question in asked}


def numbers(question: Question, concentrations: pd.DataFrame) -> pd.DataFrame:
    """Each animal's log2 ratio to the control arm's geometric mean; a censored value at its bound.

    Where the control arm is censored its values stand at their bound too, so a ratio is then at least what is shown.
    """
    mine = (
        concentrations[Concentrations.analyte].isin(question.analytes)
        & (concentrations[Concentrations.matrix] == question.matrix)
        & concentrations[Concentrations.arm].isin(question.arms)
    )
    if question.day is not None:
        mine &= concentrations[Concentrations.day] == question.day
    frame = concentrations[mine]
    left = frame[Concentrations.censored] == "left"
    bound = frame[Concentrations.upper_pg_per_ml].where(left, frame[Concentrations.lower_pg_per_ml])
    log2 = np.log2(frame[Concentrations.pg_per_ml].fillna(bound).astype(float))
    control = frame[Concentrations.arm] == question.control
    base = log2[control].groupby(frame.loc[control, Concentrations.analyte]).mean()
    return pd.DataFrame(
        {
            "what": "animal",
            "analyte": frame[Concentrations.analyte],
            "arm": frame[Concentrations.arm],
            "animal": frame[Concentrations.animal].fillna(frame[Concentrations.pool]),
            "pg_per_ml": 2**log2,
            "log2_ratio_to_control": log2 - frame[Concentrations.analyte].map(base),
            "censored": frame[Concentrations.censored],
            "source": frame[Concentrations.source],
        }
    )


def _drawing(study: Study, question: Question, contrasts: pd.DataFrame, concentrations: pd.DataFrame) -> Drawing:
    """One question."""
    title = question.ask or f"{study.label(question.treated)} against {study.label(question.control)}"
    rows = contrasts[contrasts[Contrasts.question] == question.key]
    animals = numbers(question, concentrations)
    if animals.empty or rows[Contrasts.analyte].isna().all():
        reason = rows[Contrasts.note].dropna()
        return style.empty(study, title, reason.iloc[0] if len(reason) else "Nothing could be compared.")
    names = [name for name in question.analytes if name in set(animals["analyte"])]
    with style.settings():
        drawn, (left, right) = style.figure(
            style.FULL_MM, 30 + 9 * len(names), 1, 2, width_ratios=(1.15, 1), sharey=True
        )
        _heat(study, question, drawn, left, animals, names)
        _forest(study, question, right, rows, names)
        style.heading(study, drawn, title)
        return style.finished(drawn, pd.concat([animals, rows.assign(what="ratio")], ignore_index=True))


def _heat(study: Study, question: Question, drawn: Any, axes: Any, animals: pd.DataFrame, names: list[str]) -> None:
    """The animals as columns, arm by arm; < and > mark values at a bound."""
    order = [question.control, question.treated]
    columns = [(arm, animal) for arm in order for animal in sorted(set(animals.loc[animals["arm"] == arm, "animal"]))]
    grid = animals.set_index(["analyte", "arm", "animal"])
    values = np.full((len(names), len(columns)), np.nan)
    signs, told = np.full((2, *values.shape), "", dtype=object)
    for row, name in enumerate(names):
        for column, (arm, animal) in enumerate(columns):
            if (name, arm, animal) in grid.index:
                found = grid.loc[(name, arm, animal)]
                values[row, column] = found["log2_ratio_to_control"]
                signs[row, column] = {"left": "<", "right": ">", "interval": "~"}.get(str(found["censored"]), "")
                whose = found.to_frame().T.assign(animal=f"{animal}, {name}")
                told[row, column] = named.rows(whose, "pg_per_ml", "pg/ml")[0]
    limit = max(1.0, float(np.nanmax(np.abs(values))))
    for (row, column), value in np.ndenumerate(values):
        if not np.isnan(value):
            # In grey both ends of the scale are dark, so the numbers stand in the cells where there is room.
            number = phrases.fixed(value) if len(columns) <= MOST_COLUMNS else ""
            colour = "white" if abs(value) > 0.6 * limit else "black"
            shown_as = f"{signs[row, column]}{number}"
            axes.text(column, row, shown_as, ha="center", va="center", fontsize=style.SMALL, color=colour)
    shown = axes.imshow(values, cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto")
    named.points(shown, told.ravel())
    axes.set_yticks(range(len(names)), [style.words(name, 16, 1) for name in names])
    axes.set_xticks(range(len(columns)), [style.words(str(animal), 8, 1) for _, animal in columns], rotation=90)
    edge = sum(arm == question.control for arm, _ in columns) - 0.5
    axes.axvline(edge, color="black", linewidth=1.2)
    for arm, centre in ((order[0], edge / 2 - 0.25), (order[1], (edge + len(columns) - 0.5) / 2)):
        axes.text(centre, -0.65, style.words(study.label(arm), 24, 1), ha="center", va="bottom", fontsize=style.SMALL)
    axes.spines[:].set_visible(False)
    bar = drawn.colorbar(shown, ax=axes, location="left", shrink=0.9, pad=0.02)
    bar.set_label("log2 of value / control mean", fontsize=style.SMALL)
    bar.ax.tick_params(labelsize=style.SMALL)


def _forest(study: Study, question: Question, axes: Any, rows: pd.DataFrame, names: list[str]) -> None:
    """The ratio of each analyte with its interval, an arrow where it has one limit only, and its p."""
    colour, marker = style.of_arm(study, question.treated)
    by_name = rows.assign(**{PLACE: rows.index}).set_index(Contrasts.analyte)
    beyond = {"transform": axes.get_yaxis_transform(), "va": "center", "fontsize": style.SMALL}
    known = rows[[Contrasts.ratio_lower, Contrasts.ratio_upper]].to_numpy(float)
    low, high = min(0.5, np.nanmin(known) / 1.3), max(2.0, np.nanmax(known) * 1.3)
    for place, name in enumerate(names):
        row = by_name.loc[name]
        ends = (row[Contrasts.ratio_lower], row[Contrasts.ratio_upper])
        drawn = [low if np.isnan(ends[0]) else ends[0], high if np.isnan(ends[1]) else ends[1]]
        if not np.isnan(ends).all():
            axes.plot(drawn, [place, place], color=colour, linestyle=":" if np.isnan(ends).any() else "-")
        whole = [named.estimate("contrasts", row[PLACE], name, row[Contrasts.ratio], "times", ends)]
        if np.isnan(row[Contrasts.ratio]):
            for end, sign in zip(ends, (">", "<"), strict=True):
                if not np.isnan(end):
                    named.points(axes.plot(end, place, marker=sign, color=colour, markersize=5)[0], whole)
            told = f"≥ {phrases.number(ends[0], 2)} ×" if not np.isnan(ends[0]) else f"≤ {phrases.number(ends[1], 2)} ×"
            told = "not estimated" if np.isnan(ends).all() else told
        else:
            named.points(axes.plot(row[Contrasts.ratio], place, marker=marker, color=colour, markersize=5)[0], whole)
            told = f"{phrases.number(row[Contrasts.ratio], 2)} ×"
        adjusted = row[Contrasts.p_adjusted]
        axes.text(1.03, place, told + ("" if np.isnan(adjusted) else f", {phrases.p_value(adjusted)}"), **beyond)
    axes.axvline(1, color=style.QUIET, linewidth=0.7, linestyle=":")
    axes.set_xscale("log")
    scales.plain_log(axes.xaxis)
    axes.set_xlim(low, high)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(
        f"ratio, {style.words(study.label(question.treated), 20, 1)} / {style.words(study.label(question.control), 20, 1)}"
    )
    axes.text(
        1.03,
        -0.65,
        "ratio, p (Benjamini–Hochberg)",
        transform=axes.get_yaxis_transform(),
        fontsize=style.SMALL,
        va="bottom",
    )
