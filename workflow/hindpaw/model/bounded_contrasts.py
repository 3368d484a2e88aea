"""Comparisons by the interval-censored model: p adjusted and limits within families, one-sided where no more is known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.model import comparisons, contrasts, simultaneous
from hindpaw.model.bounded import Bounded, Tested, tested, which
from hindpaw.model.comparisons import Asked, Family
from hindpaw.tables import CensoredContrasts, Contrasts, Thresholds

Floats = NDArray[np.float64]
Row = dict[str, Any]
NOTHING = "nothing is known of it: an arm × day lies wholly beyond its bound on either side of the comparison"


def rows(model: Bounded, substituted: pd.DataFrame) -> list[Row]:
    """The rows of every family of the question.

    Parameters
    ----------
    substituted : the question's rows of `contrasts`, in which censored values stand at their bound
    """
    return [row for family in comparisons.families_of(model.asking) for row in _family(model, family, substituted)]


def _family(model: Bounded, family: Family, substituted: pd.DataFrame) -> list[Row]:
    """The rows of one family: p adjusted, limits that hold together."""
    found = [tested(model, asked) for asked in family.asked]
    usable = [one for one in found if one is not None and one.usable]
    adjusted, critical, words, method = _together(model, family.adjust, usable)
    p_adjusted = dict(zip(map(id, usable), adjusted.tolist(), strict=True))
    criticals = dict(zip(map(id, usable), critical.tolist(), strict=True))
    made = []
    for asked, one in zip(family.asked, found, strict=True):
        row = _row(model, asked, substituted) | {CensoredContrasts.adjustment: method}
        if method != "none":
            row[CensoredContrasts.family] = f"{family.name} ({len(usable)})"
        notes = [asked.note]
        if one is None:
            notes.append(None if asked.note else contrasts.NOT_ESTIMABLE)
        elif not one.usable:
            notes.append(NOTHING)
        else:
            row |= _numbers(one, criticals[id(one)]) | {CensoredContrasts.interval: words}
            row[CensoredContrasts.p_adjusted] = math.nan if method == "none" else p_adjusted[id(one)]
            notes.append(_one_sided(one))
        made.append(row | {CensoredContrasts.note: "; ".join(filter(None, notes)) or None})
    return made


def _together(model: Bounded, adjust: str, usable: list[Tested]) -> tuple[Floats, Floats, str, str]:
    """Adjusted p, critical values, what the intervals are called, and the adjustment really used.

    A multivariate t needs the joint covariance of the estimates. Where a comparison has only a bound there is none:
    limits are then Bonferroni's, and a multivariate t of p gives way to Holm.
    """
    from scipy.special import stdtrit

    if not usable:
        return np.zeros(0), np.zeros(0), "unadjusted", adjust
    p, t, df = np.array([[one.p, one.t, one.scale.df] for one in usable]).T
    if all(one.along.known for one in usable):
        own = np.stack([one.along.L for one in usable]) @ model.likelihood.basis
        covariance = own @ model.likelihood.maximum.covariance @ own.T
        sd = np.sqrt(np.diag(covariance))
        correlation = covariance / np.outer(sd, sd)
        critical, words = contrasts.critical_values(correlation, df, adjust)
        return simultaneous.adjusted(p, t, df, correlation, adjust), critical, words, adjust
    method = "holm" if adjust.startswith("mvt") else adjust
    alone = adjust in ("bh", "none") or len(usable) == 1
    critical = stdtrit(df, 1 - (1 - simultaneous.LEVEL) / (2 * (1 if alone else len(usable))))
    words = "unadjusted" if alone else "simultaneous, Bonferroni"
    return simultaneous.adjusted(p, t, df, np.eye(len(p)), method), np.asarray(critical), words, method


def _row(model: Bounded, asked: Asked, substituted: pd.DataFrame) -> Row:
    """A comparison before its numbers, with those of the substituted values beside it."""
    after = model.asking.built.after
    mine = after[after[Thresholds.arm].isin([asked.treated, asked.control]) & after[Thresholds.day].isin(asked.days)]
    same = (substituted[Contrasts.comparison] == asked.comparison) & (substituted[Contrasts.by] == asked.by)
    same &= substituted[Contrasts.time].isna() if math.isnan(asked.time) else substituted[Contrasts.time] == asked.time
    own = substituted[same]
    beside = {
        f"substituted_{name}": float(own[name].iloc[0]) if len(own) else math.nan
        for name in (Contrasts.estimate, Contrasts.lower, Contrasts.upper, Contrasts.p)
    }
    return beside | {
        CensoredContrasts.question: model.asking.question.key,
        CensoredContrasts.primary: model.primary,
        CensoredContrasts.comparison: asked.comparison,
        CensoredContrasts.by: asked.by,
        CensoredContrasts.time: asked.time,
        CensoredContrasts.n_censored: int((mine[Thresholds.censored] != "none").sum()),
        CensoredContrasts.bound: "none",
    }


def _numbers(one: Tested, critical: float) -> Row:
    """Estimate, test and limits."""
    lower, upper = one.limits(critical)
    estimate, se = (one.along.estimate, one.along.se) if one.along.known else (math.nan, math.nan)
    return {
        CensoredContrasts.bound: which(lower, upper),
        CensoredContrasts.estimate: estimate,
        CensoredContrasts.se: se,
        CensoredContrasts.df: one.scale.df,
        CensoredContrasts.likelihood_ratio: one.ratio,
        CensoredContrasts.t: one.t,
        CensoredContrasts.p: one.p,
        CensoredContrasts.lower: lower,
        CensoredContrasts.upper: upper,
        CensoredContrasts.ratio: 10**estimate,
        CensoredContrasts.ratio_lower: 10**lower,
        CensoredContrasts.ratio_upper: 10**upper,
    }


def _one_sided(one: Tested) -> str | None:
    """Why there is only a bound."""
    if one.along.known:
        return None
    first, second = (one.asked.treated, one.asked.control)[:: 1 if one.along.rises else -1]
    return (
        "a one-sided bound, no estimate: on a day of it every value lies beyond the highest known one in "
        f"{first}, or beyond the lowest in {second}"
    )
