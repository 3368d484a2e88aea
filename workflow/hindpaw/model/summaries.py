"""One number an animal: its log10 threshold on a day, or averaged over the days after treatment, and its baseline.

For designs whose answer is a combination of arms (an antibody's interaction, a dose response), a linear model of such
summaries is exact and needs no covariance structure. The mixed model of single days stands in `thresholds`.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from hindpaw.study import Question, Study
from hindpaw.tables import Summaries, Thresholds

# An animal tested over less of the window than this says next to nothing of its average.
LEAST_SHARE = 0.25
COLUMNS = ["animal", "arm", "y", "baseline", "censored", "n_days", "source"]


def of(study: Study, question: Question, thresholds: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """One row an animal of the question's arms: y and baseline (log10 g), censored, n_days, source; and what to know.

    With a `day`, y is that day's value. Without, it is the time average over the test days after the injection
    (trapezoid, over equal sessions where there is one day only). An animal that missed days enters by the average of
    its arm plus its own mean deviation from its arm on the days it was tested; one tested over less than a quarter of
    the window is left out, and named. The baseline is the last test
    on or before the injection. A censored threshold enters at its bound, and is counted.
    """
    given = study.days.treatment if question.given is None else question.given
    mine = thresholds[(thresholds[Thresholds.paw] == question.paw) & thresholds[Thresholds.arm].isin(question.arms)]
    mine = mine.assign(y=at_bound(mine))
    before, after = mine[mine["day"] <= given], mine[mine["day"] > given]
    after = after[after["day"] == question.day] if question.day is not None else after
    if after.empty:
        return pd.DataFrame(columns=COLUMNS), []
    frame = _averaged(after)
    last = before.sort_values("day").groupby("animal")["y"].last()
    frame["baseline"] = frame["animal"].map(last).astype(float)
    brief = frame["share"] < LEAST_SHARE
    left_out = [f"not averaged, tested over less than a quarter of the window: {', '.join(frame.loc[brief, 'animal'])}"]
    frame = frame[~brief].reset_index(drop=True)
    return frame[COLUMNS], [*(left_out if brief.any() else []), *_notes(frame, after)]


def at_bound(rows: pd.DataFrame) -> pd.Series:
    """log10 g, a censored value at its bound."""
    bound = rows[Thresholds.upper_g].where(rows[Thresholds.censored] == "left", rows[Thresholds.lower_g])
    return rows[Thresholds.log10_threshold].fillna(np.log10(bound.astype(float))).astype(float)


def _averaged(after: pd.DataFrame) -> pd.DataFrame:
    """The time average of each animal."""
    weights = _weights(np.sort(after["day"].unique()))
    own = after["y"] - after.groupby(["arm", "day"])["y"].transform("mean")
    after = after.assign(own=own, weight=after["day"].map(weights))
    cells = after.groupby(["arm", "day"])["y"].mean().reset_index()
    cells["weight"] = cells["day"].map(weights)
    whole = (cells["y"] * cells["weight"]).groupby(cells["arm"]).sum() / cells.groupby("arm")["weight"].sum()
    animals = after.groupby(["animal", "arm"], sort=False)
    mean = animals.apply(lambda part: float((part["own"] * part["weight"]).sum() / part["weight"].sum()))
    frame = mean.rename("own").reset_index()
    frame["y"] = frame["own"] + frame["arm"].map(whole)
    frame["censored"] = animals["censored"].apply(lambda part: int((part != "none").sum())).to_numpy()
    frame["n_days"] = animals.size().to_numpy()
    frame["source"] = animals["source"].agg("; ".join).to_numpy()
    frame["share"] = animals["weight"].sum().to_numpy()
    return frame


def _weights(days: np.ndarray) -> dict[float, float]:
    """The trapezoid's weight of each day.

    >>> _weights(np.array([5.0, 7.0, 10.0]))
    {5.0: 0.2, 7.0: 0.5, 10.0: 0.3}
    """
    if len(days) == 1:
        return {float(days[0]): 1.0}
    gaps = np.diff(days)
    total = (np.append(gaps, 0) + np.append(0, gaps)) / 2 / gaps.sum()
    return {float(day): float(weight) for day, weight in zip(days, total, strict=True)}


def _notes(frame: pd.DataFrame, after: pd.DataFrame) -> list[str]:
    """What to know of the summaries."""
    notes, days = [], int(after["day"].nunique())
    missed = frame.loc[frame["n_days"] < days, "animal"]
    if len(missed):
        named = ", ".join(map(str, missed))
        notes.append(f"{named} missed test days and entered by the deviation from the arm on the days there were")
    censored = int(frame["censored"].sum())
    if censored:
        notes.append(
            f"{censored} of {int(frame['n_days'].sum())} thresholds entered at the lightest or heaviest filament"
        )
    return notes


def design(frame: pd.DataFrame, cells: tuple[str, ...]) -> tuple[pd.DataFrame, np.ndarray, list[str]]:
    """The rows that can be used, a mean for each cell, and the centred baseline where every animal has one.

    Returns
    -------
    rows, X (n, cells or cells + 1), notes
    """
    rows = frame[frame["arm"].isin(cells) & frame["y"].notna()].reset_index(drop=True)
    columns = [(rows["arm"] == cell).to_numpy(float) for cell in cells]
    base = rows["baseline"].to_numpy(float)
    if np.isfinite(base).all() and len(base) > len(cells) + 2 and np.ptp(base) > 0:
        return rows, np.column_stack([*columns, base - base.mean()]), ["baseline as covariate"]
    why = (
        "an animal has no baseline" if len(base) and not np.isfinite(base).all() else "too few animals for a covariate"
    )
    return rows, np.column_stack(columns), [f"without baseline: {why}"]


def rows_of(question: Question, frame: pd.DataFrame) -> list[dict[str, object]]:
    """The animals as rows of the table `summaries`."""
    return [
        {
            Summaries.question: question.key,
            Summaries.source: row["source"],
            Summaries.animal: row["animal"],
            Summaries.arm: row["arm"],
            Summaries.dose: question.doses.get(row["arm"], math.nan),
            Summaries.log10_pg_per_ml: row.get("x", math.nan),
            Summaries.log10_threshold: row["y"],
            Summaries.baseline_log10_threshold: row.get("baseline", math.nan),
            Summaries.n_days: row.get("n_days", 1),
            Summaries.n_censored: int(row["censored"]),
        }
        for row in frame.to_dict("records")
    ]


def enough(rows: pd.DataFrame, cells: tuple[str, ...], least: int = 2) -> str:
    """Why a model of these cells cannot be fitted, or an empty text."""
    n = rows.groupby("arm").size().reindex(list(cells), fill_value=0)
    few = [cell for cell in cells if n[cell] < least]
    return f"not estimated: the arm {few[0]} has {n[few[0]]} animals; {least} are needed" if few else ""


def quantile(df: float) -> float:
    """Student's t at 97.5 %."""
    from scipy.special import stdtrit

    return float(stdtrit(df, 0.975)) if df > 0 else math.nan
