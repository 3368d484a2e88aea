"""The same model in statsmodels, so that no number rests on one program."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from hindpaw.model.design import Design
from hindpaw.model.reml import Fit
from hindpaw.study import Question
from hindpaw.tables import Fits


def compared(question: Question, built: Design, fitted: Fit) -> dict[str, Any]:
    """The row of `fits` for statsmodels `MixedLM`, with its largest difference from our fixed effects.

    statsmodels misses the optimum in some fits near τ² = 0. Its REML likelihood stands beside ours, and the
    note says whose is higher where the two disagree.
    """
    row: dict[str, Any] = {
        Fits.question: question.key,
        Fits.engine: "statsmodels",
        Fits.structure: question.structure,
        Fits.formula: built.formula,
        Fits.n_animals: int(built.animal.max()) + 1,
        Fits.n_observations: len(built.y),
        Fits.n_substituted: built.n_substituted,
    }
    beta, tau2, sigma2, loglik, converged, words = _statsmodels(built)
    difference = float(np.abs(beta - fitted.beta).max())
    return row | {
        Fits.parameters: f"tau2={tau2!r}; sigma2={sigma2!r}",
        Fits.reml_loglik: loglik,
        Fits.converged: converged and not math.isnan(difference),
        Fits.boundary: tau2 < 1e-8 * sigma2,
        Fits.largest_difference: difference,
        Fits.note: "; ".join(filter(None, [_judged(difference, loglik, fitted), *words])) or None,
    }


def _statsmodels(built: Design) -> tuple[np.ndarray, float, float, float, bool, list[str]]:
    """Fixed effects, variances, REML log-likelihood, convergence and warnings of statsmodels."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = MixedLM(built.y, built.X, groups=built.animal).fit(reml=True, method=["powell", "bfgs"])
        except (np.linalg.LinAlgError, ValueError) as error:
            nothing = np.full(built.X.shape[1], math.nan)
            return nothing, math.nan, math.nan, math.nan, False, [f"statsmodels stopped: {error}"]
    # statsmodels calls any variance below 0.01 a boundary, whatever the unit, so that warning says nothing.
    told = sorted({str(one.message).splitlines()[0] for one in caught if "boundary" not in str(one.message)})
    tau2, sigma2 = float(np.asarray(result.cov_re)[0, 0]), float(result.scale)
    return np.asarray(result.fe_params), tau2, sigma2, float(result.llf), bool(result.converged), told


def _judged(difference: float, loglik: float, fitted: Fit) -> str:
    """Which of two answers that disagree the likelihood prefers."""
    if math.isnan(difference) or difference <= 1e-4:
        return ""
    ahead = fitted.reml_loglik - loglik
    return f"hindpaw's REML log-likelihood is {'higher' if ahead > 0 else 'lower'} by {abs(ahead):.3g}"
