"""Counts of cells by distance, day and arm: negative binomial, with the animal as the unit of evidence."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.model import summaries
from hindpaw.model.thresholds import refused
from hindpaw.study import Question
from hindpaw.tables import Animals, Contrasts, Counts, Fits, Rates

Floats = NDArray[np.float64]
METHOD = "negative binomial; standard error by leaving out each animal (CR3)"


def answer(question: Question, counts: pd.DataFrame, animals: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """The rows of `fits contrasts rates`.

    log E(count) = reference + distance/100 µm + weeks (+ arm), variance = mean + α·mean² (statsmodels). Sections and
    distances of one animal are no independent evidence: the covariance of the coefficients comes from leaving out each
    animal in turn, (G − 1)/G·Σ(b₍g₎ − b)(b₍g₎ − b)′, and t has G − (terms that differ between animals) degrees of
    freedom.

    References
    ----------
    Bell RM, McCaffrey DF, Surv Methodol 2002;28:169-181. MacKinnon JG, White H, J Econom 1985;29:305-325,
    doi 10.1016/0304-4076(85)90158-7.
    """
    frame = _rows(question, counts, animals)
    animals = frame["animal"].nunique()
    terms = _terms(question, frame)
    between = 1 + sum(frame.groupby("animal")[name].nunique().max() == 1 for name in terms)
    if animals - between < 2:
        return refused(question, f"not estimated: {animals} animals with counts of {question.outcome} are too few")
    try:
        beta, alpha = _fit(frame, terms)
        covariance = _jackknife(frame, terms, beta)
    except (ValueError, np.linalg.LinAlgError) as error:
        return refused(question, f"not estimated: {error}")
    df = float(animals - between)
    rows = [
        _row(question, name, beta[place], covariance[place, place], df, frame, alpha)
        for place, name in enumerate(["reference", *terms])
    ]
    return {
        "fits": [_fit_row(question, frame, terms, alpha)],
        "contrasts": [_contrast(question, row) for row in rows[1:]],
        "rates": rows,
    }


def _rows(question: Question, counts: pd.DataFrame, animals: pd.DataFrame) -> pd.DataFrame:
    """The question's counts with distance in 100 µm, weeks from the first day counted, and 1 for the treated arm."""
    arms = animals.set_index(Animals.animal)[Animals.arm]
    frame = counts[counts[Counts.target] == question.outcome]
    frame = frame.assign(arm=frame["animal"].map(arms))
    frame = frame[frame["arm"].isin(question.arms)]
    if question.day is not None:
        frame = frame[frame[Counts.day] == question.day]
    weeks = (frame[Counts.day] - frame[Counts.day].min()) / 7
    treated = (frame["arm"] == question.treated).astype(float)
    found = frame.assign(**{"100 µm": frame[Counts.distance_um] / 100, "week": weeks, "treated": treated})
    return found.reset_index(drop=True)


def _terms(question: Question, frame: pd.DataFrame) -> list[str]:
    """What varies: distance, weeks, arm."""
    names = ("100 µm", "week", "treated")
    return [name for name in names if frame[name].notna().all() and frame[name].nunique() > 1]


def _fit(frame: pd.DataFrame, terms: list[str]) -> tuple[Floats, float]:
    """Coefficients and α by maximum likelihood; α at 0 is Poisson.

    Raises
    ------
    ValueError
        Where it does not converge.
    """
    import statsmodels.api as sm

    y = frame[Counts.count].to_numpy(float)
    X = np.column_stack([np.ones(len(frame)), *(frame[name].to_numpy(float) for name in terms)])
    if y.sum() == 0:
        raise ValueError("every count is 0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        poisson = sm.GLM(y, X, family=sm.families.Poisson()).fit()
        start = np.append(poisson.params, 0.1)
        found = sm.NegativeBinomial(y, X).fit(start_params=start, disp=0, maxiter=200, method="bfgs", gtol=1e-7)
    if not np.isfinite(found.params).all():
        raise ValueError("the negative binomial model did not converge")
    if found.params[-1] <= 1e-8:
        return np.asarray(poisson.params), 0.0
    return np.asarray(found.params[:-1]), float(found.params[-1])


def _jackknife(frame: pd.DataFrame, terms: list[str], beta: Floats) -> Floats:
    """The covariance from leaving out each animal."""
    names = list(dict.fromkeys(frame["animal"]))
    left = np.array([_fit(frame[frame["animal"] != name], terms)[0] for name in names]) - beta
    return np.asarray((len(names) - 1) / len(names) * left.T @ left)


def _row(
    question: Question, name: str, estimate: float, variance: float, df: float, frame: pd.DataFrame, alpha: float
) -> dict[str, Any]:
    """One term."""
    from scipy.special import stdtr

    se = math.sqrt(variance)
    half = summaries.quantile(df) * se
    first = frame[Counts.day].min()
    told = {
        "reference": f"mean count at distance 0 on day {first:g}",
        "100 µm": "for each 100 µm",
        "week": "for each week",
    }
    return {
        Rates.question: question.key,
        Rates.target: question.outcome,
        Rates.term: told[name],
        Rates.rate_ratio: math.exp(estimate),
        Rates.lower: math.exp(estimate - half),
        Rates.upper: math.exp(estimate + half),
        Rates.se_log: se,
        Rates.df: df,
        Rates.p: math.nan if name == "reference" else 2 * float(stdtr(df, -abs(estimate / se))),
        Rates.n_animals: int(frame["animal"].nunique()),
        Rates.n_counts: len(frame),
        Rates.dispersion: alpha,
        Rates.method: METHOD,
        Rates.note: "no overdispersion: Poisson" if alpha == 0 else None,
    }


def _fit_row(question: Question, frame: pd.DataFrame, terms: list[str], alpha: float) -> dict[str, Any]:
    """What went in."""
    return {
        Fits.question: question.key,
        Fits.engine: "hindpaw",
        Fits.structure: "negative binomial, animals as clusters",
        Fits.formula: f"log E(count) ~ 1 + {' + '.join(terms)}",
        Fits.n_animals: int(frame["animal"].nunique()),
        Fits.n_observations: len(frame),
        Fits.n_substituted: 0,
        Fits.parameters: f"alpha={alpha!r}",
        Fits.converged: True,
        Fits.boundary: alpha == 0,
        Fits.note: "counts of one animal are not independent; the animal is the unit",
    }


def _contrast(question: Question, row: dict[str, Any]) -> dict[str, Any]:
    """A term as a ratio of rates, on the log10 scale of the table."""
    scale = math.log(10)
    estimate, se = math.log(row[Rates.rate_ratio]) / scale, row[Rates.se_log] / scale
    return {
        Contrasts.question: question.key,
        Contrasts.comparison: f"{row[Rates.target]}, {row[Rates.term]}",
        Contrasts.by: "overall",
        Contrasts.estimate: estimate,
        Contrasts.se: se,
        Contrasts.df: row[Rates.df],
        Contrasts.t: estimate / se,
        Contrasts.p: row[Rates.p],
        Contrasts.adjustment: "none",
        Contrasts.lower: math.log10(row[Rates.lower]),
        Contrasts.upper: math.log10(row[Rates.upper]),
        Contrasts.ratio: row[Rates.rate_ratio],
        Contrasts.ratio_lower: row[Rates.lower],
        Contrasts.ratio_upper: row[Rates.upper],
        Contrasts.note: row[Rates.note],
    }
