"""Answers to questions about thresholds with censored values: the fit, and means beside the substituted ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from hindpaw.model import bounded_contrasts, comparisons, simultaneous
from hindpaw.model.bounded import Bounded, which
from hindpaw.model.comparisons import Asking
from hindpaw.model.design import Design
from hindpaw.study import Study
from hindpaw.tables import CensoredContrasts, CensoredFits, CensoredMeans, Means, Thresholds

Row = dict[str, Any]


def rows(model: Bounded, beside: dict[str, pd.DataFrame]) -> dict[str, list[Row]]:
    """The rows a question with censored values adds to `censored_fits censored_means censored_contrasts`.

    Parameters
    ----------
    model : its interval-censored model
    beside : `means` and `contrasts` of the question, censored values at their bound

    Raises
    ------
    FitError
        Where the likelihood cannot be followed.
    """
    return {
        "censored_fits": [_fit(model)],
        "censored_means": [_mean(model, cell, beside["means"]) for cell in model.asking.built.cells],
        "censored_contrasts": bounded_contrasts.rows(model, beside["contrasts"]),
    }


def _shares(built: Design, study: Study) -> Row:
    """How much is censored, and of what kind."""
    kinds = built.frame[Thresholds.censored].value_counts()
    cells = built.after.groupby([Thresholds.arm, Thresholds.day])[Thresholds.censored].agg(
        lambda k: (k != "none").mean()
    )
    return {
        CensoredFits.primary: built.censored_share > study.censored_share,
        CensoredFits.censored_share: built.censored_share,
        CensoredFits.limit_share: study.censored_share,
        CensoredFits.largest_cell_share: float(cells.max()),
        CensoredFits.n_animals: int(built.rows.animal.max()) + 1,
        CensoredFits.n_observations: len(built.rows.y),
        **{f"n_{kind}": int(kinds.get(kind, 0)) for kind in ("left", "right", "interval")},
        CensoredFits.structure: "cs" if built.rows.cage is None else "cage/cs",
        CensoredFits.formula: built.formula,
    }


def refused(asking: Asking, reason: str) -> dict[str, list[Row]]:
    """The rows of a model that could not be fitted."""
    question, built = asking.question, asking.built
    fit = {CensoredFits.question: question.key, **_shares(built, asking.study)}
    fit |= {CensoredFits.n_nodes: 0, CensoredFits.converged: False, CensoredFits.boundary: False}
    contrast = {
        CensoredContrasts.question: question.key,
        CensoredContrasts.primary: fit[CensoredFits.primary],
        CensoredContrasts.comparison: comparisons.named(question.treated, question.control),
        CensoredContrasts.by: "overall",
        CensoredContrasts.n_censored: built.n_substituted,
        CensoredContrasts.bound: "none",
        CensoredContrasts.adjustment: "none",
        CensoredContrasts.note: reason,
    }
    made = [fit | {CensoredFits.note: reason}], [contrast]
    return {"censored_fits": made[0], "censored_means": [], "censored_contrasts": made[1]}


def _fit(model: Bounded) -> Row:
    """The fit, and what it leaves out of the question's own."""
    asking, top = model.asking, model.likelihood.maximum
    stratum, kept = model.likelihood.given.stratum, ~model.likelihood.gone
    strata = asking.built.rows.strata
    if stratum is not None:
        strata = tuple(strata[code] for code in np.unique(stratum[kept]))
    theta = top.theta
    parameters = {"tau2": theta.tau**2}
    if top.known.caged:
        parameters["omega2"] = theta.omega**2
    names = ["sigma2" if len(strata) == 1 else f"sigma2[{name}]" for name in strata]
    parameters |= dict(zip(names, np.exp(2 * theta.log_sigma).tolist(), strict=True))
    sigma2 = math.exp(2 * float(theta.log_sigma.min()))
    edge = [name for name in ("tau2", "omega2") if parameters.get(name, 1.0) < 1e-6 * sigma2]
    notes = []
    if asking.question.structure != "cs":
        notes.append(f"a random intercept stands for the structure {asking.question.structure} of the question")
    if edge:
        notes.append(f"at the edge of what it may be: {', '.join(edge)}")
    gone = int(model.likelihood.gone.sum())
    if gone:
        notes.append(f"{gone} values are in cells that lie wholly beyond a bound and have no mean")
    notes += asking.built.notes
    return {
        CensoredFits.question: asking.question.key,
        **_shares(asking.built, asking.study),
        CensoredFits.parameters: "; ".join(f"{name}={value!r}" for name, value in parameters.items()),
        CensoredFits.loglik: top.loglik,
        CensoredFits.n_nodes: top.known.nodes,
        CensoredFits.converged: top.converged,
        CensoredFits.boundary: bool(edge),
        CensoredFits.note: "; ".join(notes) or None,
    }


def _mean(model: Bounded, cell: tuple[str, float], means: pd.DataFrame) -> Row:
    """The mean of a cell with its interval, each by itself."""
    from scipy.special import stdtrit

    asking, (arm, day) = model.asking, cell
    L = asking.built.cell(arm, day)
    rows = asking.built.after
    rows = rows[(rows[Thresholds.arm] == arm) & (rows[Thresholds.day] == day)]
    row: Row = {
        CensoredMeans.question: asking.question.key,
        CensoredMeans.arm: arm,
        CensoredMeans.day: day,
        CensoredMeans.week: asking.study.days.week(day),
        CensoredMeans.n: rows[Thresholds.animal].nunique(),
        CensoredMeans.n_censored: int((rows[Thresholds.censored] != "none").sum()),
        CensoredMeans.bound: "none",
    }
    own = means[(means[Means.arm] == arm) & (means[Means.day] == day)]
    for name in ("estimate", "lower", "upper"):
        row[f"substituted_{name}"] = float(own[name].iloc[0]) if len(own) else math.nan
    if not model.reml.estimable(L[None])[0]:
        return row
    along, scale = model.likelihood.contrast(L), model.scale(L)
    critical = float(stdtrit(scale.df, 0.5 + simultaneous.LEVEL / 2))
    estimate = along.estimate if along.known else math.nan
    if row[CensoredMeans.n_censored]:
        lower, upper = (along.limit(scale, critical, way) for way in (-1, 1))
    else:
        # With every value of the cell known the likelihood is a parabola, and its curvature tells the limits.
        half = critical * along.se / math.sqrt(scale.shrink)
        lower, upper = estimate - half, estimate + half
    limits = {CensoredMeans.lower: lower, CensoredMeans.upper: upper, CensoredMeans.bound: which(lower, upper)}
    return row | limits | {CensoredMeans.estimate: estimate, CensoredMeans.geometric_mean: 10**estimate}
