"""The same model by other engines: statsmodels, and for complete data pingouin's mixed ANOVA."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.model.design import Design
from hindpaw.model.solution import Solution
from hindpaw.tables import Thresholds

Floats = NDArray[np.float64]

AGREES = 1e-4
STATSMODELS_HAS = ("cs", "slope", "independent-slope")


@dataclass(frozen=True)
class Second:
    """Another engine's answer: variances in words, REML log-likelihood, its largest difference from ours, remarks."""

    engine: str
    parameters: str
    loglik: float
    converged: bool
    boundary: bool
    largest_difference: float
    note: str


def statsmodels(solved: Solution, name: str) -> Second | None:
    """statsmodels `MixedLM` on the same rows, None for a structure it does not have.

    It misses the optimum in some fits near a variance of 0, and can then return group effects of exactly 0. Its
    restricted likelihood stands beside ours, and the note says whose is higher where the two disagree.
    """
    if name not in STATSMODELS_HAS or len(solved.rows.strata) > 1:
        return None
    from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec

    rows, X = solved.rows, solved.basis.X
    how: dict[str, Any] = {}
    groups = rows.animal if rows.cage is None else rows.cage
    if name != "cs" and rows.cage is None and rows.day is not None:
        # Raw days make its search fail; a scaled day gives the same fixed effects.
        day = (rows.day - (rows.day.mean() if name == "slope" else 0.0)) / rows.day.std()
        how["exog_re"] = np.column_stack([np.ones(len(day)), day])
    elif rows.cage is not None and name == "cs":
        how["exog_vc"] = VCSpec(["animal"], *_animals_of_cages(rows.animal, rows.cage))
    elif rows.cage is not None:
        return None
    model = MixedLM(rows.y, X, groups=groups, **how)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            free = _diagonal(X.shape[1]) if name == "independent-slope" else None
            result = model.fit(reml=True, method=["powell", "bfgs"], free=free)
        except (np.linalg.LinAlgError, ValueError) as error:
            return Second("statsmodels", "", math.nan, False, False, math.nan, f"statsmodels stopped: {error}")
    # statsmodels calls any variance below 0.01 a boundary, whatever the unit, so that warning says nothing.
    told = sorted({str(one.message).splitlines()[0] for one in caught if "boundary" not in str(one.message)})
    random = [*np.asarray(result.cov_re).ravel().tolist(), *np.asarray(result.vcomp).tolist()]
    beta = np.asarray(result.fe_params, dtype=float)
    difference = float(np.abs(beta - solved.basis.inverse @ solved.beta).max())
    told = [*_judged(difference, float(result.llf), solved.loglik), *told]
    return Second(
        "statsmodels",
        "; ".join([f"random={value!r}" for value in random] + [f"sigma2={float(result.scale)!r}"]),
        float(result.llf),
        bool(result.converged) and not math.isnan(difference),
        bool(min(np.abs(random)) < 1e-8 * result.scale) if name == "cs" else False,
        difference,
        "; ".join(told),
    )


def _animals_of_cages(animal: NDArray[np.int64], cage: NDArray[np.int64]) -> tuple[Any, Any]:
    """statsmodels' description of a variance component: for each cage the columns of its animals."""
    names, matrices = [], []
    for one in np.unique(cage):
        members = animal[cage == one]
        levels = np.unique(members)
        matrices.append((members[:, None] == levels[None, :]).astype(float))
        names.append([str(level) for level in levels])
    return [names], [matrices]


def _diagonal(p: int) -> Any:
    """statsmodels' way to keep intercepts and slopes uncorrelated."""
    from statsmodels.regression.mixed_linear_model import MixedLMParams

    return MixedLMParams.from_components(fe_params=np.ones(p), cov_re=np.eye(2))


def _judged(difference: float, theirs: float, ours: float) -> list[str]:
    """Which of two answers that disagree the likelihood prefers."""
    if math.isnan(difference) or difference <= AGREES:
        return []
    ahead = ours - theirs
    return [f"hindpaw's REML log-likelihood is {'higher' if ahead > 0 else 'lower'} by {abs(ahead):.3g}"]


@dataclass(frozen=True)
class MixedAnova:
    """pingouin's mixed ANOVA of complete data: for each term F, df, p, and p after Greenhouse and Geisser."""

    F: float
    num_df: float
    den_df: float
    p: float
    p_gg: float
    epsilon: float


def mixed_anova(built: Design) -> dict[str, MixedAnova]:
    """Arm and arm × day by pingouin, for complete data without covariate or block; empty otherwise.

    With unequal arms pingouin's sums of squares for the days are of type II, so that term is not compared.

    References
    ----------
    Greenhouse SW, Geisser S, Psychometrika 1959;24:95-112, doi 10.1007/BF02289823.
    """
    frame = built.frame
    cells = frame.groupby(Thresholds.animal)[Thresholds.day].nunique()
    complete = bool((cells == frame[Thresholds.day].nunique()).all()) and len(frame) == int(cells.sum())
    if built.terms or built.rows.cage is not None or not complete or frame[Thresholds.day].nunique() < 2:
        return {}
    if frame[Thresholds.arm].nunique() < 2:
        return {}
    import pingouin

    plain = pd.DataFrame(
        {
            "y": frame["y"].to_numpy(float),
            "day": frame[Thresholds.day].to_numpy(float),
            "animal": built.rows.animal,
            "arm": frame[Thresholds.arm].to_numpy(str),
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = pingouin.mixed_anova(plain, dv="y", within="day", subject="animal", between="arm", correction=True)
    found = {}
    epsilon = float(table["eps"].dropna().iloc[0])
    for term, source in {"arm": "arm", "arm:day": "Interaction"}.items():
        row = table[table["Source"] == source].iloc[0]
        df = (float(row["DF1"]), float(row["DF2"]))
        corrected = (df[0] * epsilon, df[1] * epsilon) if term == "arm:day" else df
        found[term] = MixedAnova(
            float(row["F"]), *df, float(row["p_unc"]), _upper(float(row["F"]), *corrected), epsilon
        )
    return found


def _upper(F: float, num_df: float, den_df: float) -> float:
    """P(F > this)."""
    from scipy.special import fdtrc

    return float(fdtrc(num_df, den_df, F))
