"""How far a mixed model is from each of its rows: residuals as they are, predicted intercepts, whitened residuals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hindpaw.model.covariance import Intercept
from hindpaw.model.design import Design
from hindpaw.model.solution import Solution
from hindpaw.study import Question, Study
from hindpaw.tables import Residuals, Thresholds

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Apart:
    """The residuals of a fit, in the order of its rows.

    Parameters
    ----------
    fitted, residual : (n,) Xβ and y − Xβ, in the outcome's unit
    standardized : (n,) L⁻¹(y − Xβ) with LL′ = V, within each block from the first day to the last: what the days
        before do not predict, in standard deviations
    intercept : (n,) each row's animal's τ²1′V⁻¹(y − Xβ); None where the structure has no random intercept of animals
    """

    fitted: Floats
    residual: Floats
    standardized: Floats
    intercept: Floats | None


def of(solved: Solution) -> Apart:
    """The residuals of a fit.

    References
    ----------
    Houseman EA, Ryan LM, Coull BA, J Am Stat Assoc 2004;99:383-394 (whitened residuals).
    """
    rows = solved.rows
    fitted = solved.basis.X @ (solved.basis.inverse @ solved.beta)
    residual = rows.y - fitted
    standardized, intercept = np.empty_like(residual), np.empty_like(residual)
    tau2 = _of_animals(solved)
    for at, V in solved.blocks():
        order = np.arange(len(at)) if rows.day is None else np.lexsort((rows.animal[at], rows.day[at]))
        here = at[order]
        lower = np.linalg.cholesky(V[np.ix_(order, order)])
        standardized[here] = np.linalg.solve(lower, residual[here])
        pull = np.linalg.solve(V, residual[at])
        same = rows.animal[at][:, None] == rows.animal[at][None, :]
        intercept[at] = (tau2 or 0.0) * (same @ pull)
    return Apart(fitted, residual, standardized, None if tau2 is None else intercept)


def _of_animals(solved: Solution) -> float | None:
    """The variance of the animals' random intercepts, None where the structure has none or adds a slope to it."""
    parts = solved.structure.parts
    intercepts = [part for part in parts if isinstance(part, Intercept) and part.names == ("tau2",)]
    return solved.reported["tau2"] if intercepts else None


def rows(study: Study, question: Question, built: Design, apart: Apart) -> list[dict[str, Any]]:
    """The table `residuals` of one question."""
    frame = built.frame
    made = []
    for place, row in enumerate(frame.to_dict("records")):
        made.append(
            {
                Residuals.question: question.key,
                Residuals.source: row[Thresholds.source],
                Residuals.animal: row[Thresholds.animal],
                Residuals.arm: row[Thresholds.arm],
                Residuals.day: row[Thresholds.day],
                Residuals.week: study.days.week(row[Thresholds.day]),
                Residuals.censored: row[Thresholds.censored],
                Residuals.log10_threshold: row["y"],
                Residuals.fitted: apart.fitted[place],
                Residuals.residual: apart.residual[place],
                Residuals.predicted_intercept: None if apart.intercept is None else apart.intercept[place],
                Residuals.standardized: apart.standardized[place],
            }
        )
    return made
