"""Concentrations as the comparisons see them: one row an animal or pool, as a log10 value or its bounds."""

from __future__ import annotations

import math
import zlib

import numpy as np
import pandas as pd

from hindpaw.study import Question
from hindpaw.tables import Concentrations

KEY = ["unit", "arm", Concentrations.day]


def generator(seed: int, question: Question, what: str = "") -> np.random.Generator:
    """The question's own stream of random numbers, whatever other questions are asked."""
    return np.random.default_rng([seed, zlib.crc32(f"{question.key}|{what}".encode())])


def of(question: Question, analyte: str, concentrations: pd.DataFrame) -> pd.DataFrame:
    """The question's values of one analyte.

    A pool of animals is one unit. A unit read on several plates is one row: the mean of its logs, or where it
    was in range on none, the tightest bounds; its plate is then all of them together.

    Returns
    -------
    One row an animal or pool × day: unit, arm, day, plate, lower and upper (log10 pg/ml, equal where known,
    −inf and inf where there is no bound), censored (bool), source.
    """
    mine = (
        (concentrations[Concentrations.analyte] == analyte)
        & (concentrations[Concentrations.matrix] == question.matrix)
        & concentrations[Concentrations.arm].isin(question.arms)
    )
    if question.day is not None and question.kind != "by-day":
        mine &= concentrations[Concentrations.day] == question.day
    frame = bounded(concentrations[mine])
    rows = [_merged(part) for _, part in frame.groupby(KEY, sort=False)]
    columns = [*KEY, "plate", "lower", "upper", "censored", "source"]
    return pd.DataFrame(rows, columns=columns).astype({"lower": float, "upper": float, "censored": bool})


def bounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Concentrations with `lower` and `upper` on the log10 scale, `unit` and `censored`."""
    known = frame[Concentrations.censored] == "none"
    log = frame[Concentrations.log10_pg_per_ml].astype(float)
    with np.errstate(divide="ignore"):
        low = np.log10(frame[Concentrations.lower_pg_per_ml].astype(float)).fillna(-math.inf)
        high = np.log10(frame[Concentrations.upper_pg_per_ml].astype(float)).fillna(math.inf)
    return frame.assign(
        unit=frame[Concentrations.animal].fillna(frame[Concentrations.pool]),
        lower=log.where(known, low),
        upper=log.where(known, high),
        censored=~known,
    )


def _merged(rows: pd.DataFrame) -> dict[str, object]:
    """The plates of one unit as one row."""
    first = {name: rows[name].iloc[0] for name in KEY}
    first |= {"plate": "+".join(sorted(set(rows[Concentrations.plate]))), "source": "; ".join(rows["source"])}
    known = rows[~rows["censored"]]
    if len(known):
        value = float(known["lower"].mean())
        return first | {"lower": value, "upper": value, "censored": False}
    low, high = float(rows["lower"].max()), float(rows["upper"].min())
    if low >= high:
        low, high = float(rows["lower"].iloc[0]), float(rows["upper"].iloc[0])
    return first | {"lower": low, "upper": high, "censored": True}


def at_bound(frame: pd.DataFrame) -> pd.Series:
    """Each value, or the bound it is censored at: for pictures and for what is labelled a substitution."""
    high = frame["upper"].where(np.isfinite(frame["upper"]), frame["lower"])
    return high.where(frame["censored"], frame["lower"])


def short(frame: pd.DataFrame, arms: tuple[str, ...], analyte: str) -> str:
    """Why these arms cannot be compared, or an empty text."""
    if frame[Concentrations.day].nunique() > 1:
        return "not estimated: the analyte was measured on several days; name one with `day`"
    n = frame.groupby("arm").size().reindex(list(arms), fill_value=0)
    few = [arm for arm in arms if n[arm] < 2]
    if few:
        return f"not estimated: the arm {few[0]} has {n[few[0]]} values of {analyte}; two are needed"
    if not frame["censored"].any():
        flat = [arm for arm in arms if frame.loc[frame["arm"] == arm, "lower"].nunique() < 2]
        if flat:
            return f"not estimated: the values of the arm {flat[0]} are all equal"
    return ""
