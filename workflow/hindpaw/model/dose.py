"""Dose response of thresholds on one day: trend, each dose against none, and ED50 with an interval that may be open."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.model import summaries, units
from hindpaw.model.simultaneous import holm
from hindpaw.model.thresholds import refused
from hindpaw.study import Question, Study
from hindpaw.tables import Contrasts, Dose, Effects, Fits, Means

Floats = NDArray[np.float64]
DRAWS = 2000
POINTS = 600
# How far beyond the doses given ED50 is looked for.
BEYOND = 100.0
LEVEL = 0.95


def answer(study: Study, question: Question, thresholds: pd.DataFrame, seed: int) -> dict[str, list[dict[str, Any]]]:
    """The rows of `fits effects means contrasts dose`.

    One value an animal (`summaries.of`), log10 g: y = e0 + emax·d/(ED50 + d) (+ baseline), the hyperbola with
    slope 1, since three or four doses cannot carry a Hill slope of their own. At each ED50 the rest is a straight-line
    fit, so the profile of the residual sum of squares is exact; the interval is all ED50 with
    RSS ≤ RSS_min·(1 + F(1, df)/df). Where it reaches a hundred times beyond the doses given it is open.

    References
    ----------
    Bates DM, Watts DG, Nonlinear Regression Analysis and Its Applications, 1988, doi 10.1002/9780470316757.
    """
    arms = question.arms
    frame, notes = summaries.of(study, question, thresholds)
    why = summaries.enough(frame, arms)
    if why:
        return refused(question, why)
    rows, X, told = summaries.design(frame, arms)
    note = "; ".join([*notes, *told, "intervals of each dose alone"])
    model = _Model(question, rows, X)
    return {
        "fits": [model.fit_row(note)],
        "effects": model.trend_effect(),
        "means": model.means(study),
        "contrasts": model.contrasts(),
        "dose": model.rows(units.generator(seed, question)),
        "summaries": summaries.rows_of(question, rows),
    }


class _Model:
    """Cell means by least squares for the comparisons, and the hyperbola over a grid of ED50."""

    def __init__(self, question: Question, rows: pd.DataFrame, X: Floats) -> None:
        import statsmodels.api as sm

        self.question, self.frame, self.X, self.arms = question, rows, X, question.arms
        self.y = rows["y"].to_numpy(float)
        self.doses = np.array([question.doses[arm] for arm in rows["arm"]], dtype=float)
        self.fitted = sm.OLS(self.y, X).fit()
        given = np.array(sorted({dose for dose in question.doses.values() if dose > 0}))
        self.grid = np.geomspace(given[0] / BEYOND, given[-1] * BEYOND, POINTS)
        self.extra = X[:, len(self.arms) :]
        self.bases = [np.linalg.qr(self._design(ed50))[0] for ed50 in self.grid]
        self.df = len(self.y) - 3 - self.extra.shape[1]

    def _design(self, ed50: float) -> Floats:
        """1, the saturation at each dose, the baseline."""
        return np.column_stack([np.ones(len(self.y)), self.doses / (ed50 + self.doses), self.extra])

    def rss(self, y: Floats) -> Floats:
        """Residual sums of squares over the grid; y (n,) or (draws, n)."""
        y = np.atleast_2d(y)
        total = (y**2).sum(axis=1)
        return np.stack([total - ((y @ Q) ** 2).sum(axis=1) for Q in self.bases], axis=1)

    def trend(self) -> tuple[float, float, float, float, float]:
        """The slope of y on the rank of the dose: estimate, se, df, p, and nothing assumed of its shape."""
        import statsmodels.api as sm

        ranks = {dose: place for place, dose in enumerate(sorted(set(self.question.doses.values())))}
        x = np.array([ranks[dose] for dose in self.doses], dtype=float)
        fitted = sm.OLS(self.y, np.column_stack([np.ones(len(x)), x, self.extra])).fit()
        return tuple(
            map(float, (fitted.params[1], fitted.bse[1], fitted.df_resid, fitted.pvalues[1], fitted.tvalues[1]))
        )  # type: ignore[return-value]

    def rows(self, rng: np.random.Generator) -> list[dict[str, Any]]:
        """The rows of `dose`."""
        q = self.question
        base = {Dose.question: q.key, Dose.day: q.day, Dose.n_animals: len(self.y)}
        slope, se, df, p, _ = self.trend()
        half = summaries.quantile(df) * se
        trend = {
            Dose.parameter: "trend",
            Dose.method: "least squares on the rank of the dose",
            Dose.estimate: slope,
            Dose.lower: slope - half,
            Dose.upper: slope + half,
            Dose.p: p,
            Dose.unit: "log10 g a dose step",
        }
        profile = self.rss(self.y)[0]
        best = int(np.argmin(profile))
        ed50 = self._refined(best)
        return [
            base | trend,
            *(base | row for row in self._linear(ed50)),
            base | self._profile(profile, ed50),
            base | self._bootstrap(ed50, rng),
        ]

    def _refined(self, best: int) -> float:
        """ED50 between the neighbours of the best grid point; the grid's end where the profile runs off."""
        from scipy.optimize import minimize_scalar

        if best in (0, POINTS - 1):
            return math.nan
        bounds = (math.log(self.grid[best - 1]), math.log(self.grid[best + 1]))

        def rss(log_ed50: float) -> float:
            X = self._design(math.exp(log_ed50))
            return float(((self.y - X @ np.linalg.lstsq(X, self.y)[0]) ** 2).sum())

        return math.exp(float(minimize_scalar(rss, bounds=bounds, method="bounded", options={"xatol": 1e-10}).x))

    def _linear(self, ed50: float) -> list[dict[str, Any]]:
        """e0 and emax with the intervals of the linearized fit."""
        names = (("e0", "log10 g at no dose"), ("emax", "log10 g, largest rise"))
        if math.isnan(ed50):
            what = {Dose.method: "least squares", Dose.note: "not identified: ED50 runs out of the doses given"}
            return [{Dose.parameter: name, Dose.unit: unit} | what for name, unit in names]
        X = self._design(ed50)
        beta = np.linalg.lstsq(X, self.y)[0]
        by_ed50 = -beta[1] * self.doses / (ed50 + self.doses) ** 2 * ed50  # ∂y/∂ln ED50
        J = np.column_stack([X, by_ed50])
        variance = float(((self.y - X @ beta) ** 2).sum()) / self.df
        se = np.sqrt(np.diag(variance * np.linalg.pinv(J.T @ J)))
        half = summaries.quantile(self.df) * se
        return [
            {
                Dose.parameter: name,
                Dose.method: "least squares, linearized",
                Dose.estimate: float(beta[place]),
                Dose.lower: float(beta[place] - half[place]),
                Dose.upper: float(beta[place] + half[place]),
                Dose.unit: unit,
            }
            for place, (name, unit) in enumerate(names)
        ]

    def _profile(self, profile: Floats, ed50: float) -> dict[str, Any]:
        """ED50 with its profile interval."""
        from scipy.special import fdtri

        limit = float(profile.min()) * (1 + float(fdtri(1, self.df, LEVEL)) / self.df)
        inside = np.flatnonzero(profile <= limit)
        low_open, high_open = inside[0] == 0, inside[-1] == POINTS - 1
        notes = ["no lower limit: the smallest dose already acts as the largest"] if low_open else []
        notes += ["no upper limit: the doses do not reach the plateau"] if high_open else []
        notes += ["no estimate: the fit runs out of the doses given"] if math.isnan(ed50) else []
        gaps = len(inside) < inside[-1] - inside[0] + 1
        notes += ["the set of ED50 that fit has a gap; its hull is given"] if gaps else []
        return {
            Dose.parameter: "ed50",
            Dose.method: "profile likelihood",
            Dose.estimate: ed50,
            Dose.lower: math.nan if low_open else self._crossing(profile, limit, int(inside[0]) - 1),
            Dose.upper: math.nan if high_open else self._crossing(profile, limit, int(inside[-1])),
            Dose.unit: self.question.dose_unit,
            Dose.note: "; ".join(notes) or None,
        }

    def _crossing(self, profile: Floats, limit: float, place: int) -> float:
        """Where the profile passes the limit between two grid points, on the log scale."""
        one, two = profile[place] - limit, profile[place + 1] - limit
        logs = np.log(self.grid[place : place + 2])
        return math.exp(float(logs[0] + (logs[1] - logs[0]) * one / (one - two)))

    def _bootstrap(self, ed50: float, rng: np.random.Generator) -> dict[str, Any]:
        """Percentiles of ED50 over residuals redrawn about the fit; draws that run off count at the grid's end."""
        row = {Dose.parameter: "ed50", Dose.method: "bootstrap of residuals", Dose.unit: self.question.dose_unit}
        if math.isnan(ed50):
            return row | {Dose.note: "not drawn: there is no estimate"}
        X = self._design(ed50)
        mean = X @ np.linalg.lstsq(X, self.y)[0]
        pool = (self.y - mean) * math.sqrt(len(self.y) / self.df)
        best = np.argmin(self.rss(mean + rng.choice(pool - pool.mean(), (DRAWS, len(self.y)))), axis=1)
        low, high = np.percentile(self.grid[best], [2.5, 97.5])
        off = int(((best == 0) | (best == POINTS - 1)).sum())
        at_low, at_high = low <= self.grid[0], high >= self.grid[-1]
        note = f"{DRAWS} draws; in {off} of them the fit ran out of the doses given" if off else f"{DRAWS} draws"
        limits = {Dose.lower: math.nan if at_low else float(low), Dose.upper: math.nan if at_high else float(high)}
        return row | {Dose.estimate: ed50, Dose.note: note} | limits

    def fit_row(self, note: str) -> dict[str, Any]:
        """The row of `fits`."""
        return {
            Fits.question: self.question.key,
            Fits.engine: "hindpaw",
            Fits.structure: "hyperbola, one value an animal",
            Fits.formula: f"log10 threshold ~ e0 + emax·d/(ED50 + d){' + baseline' if self.extra.size else ''}",
            Fits.n_animals: len(self.y),
            Fits.n_observations: int(self.frame["n_days"].sum()),
            Fits.n_substituted: int(self.frame["censored"].sum()),
            Fits.parameters: f"sigma2={float(self.fitted.mse_resid)!r}",
            Fits.converged: True,
            Fits.boundary: False,
            Fits.note: note or None,
        }

    def trend_effect(self) -> list[dict[str, Any]]:
        """The test of the trend."""
        _, _, df, p, t = self.trend()
        named = {Effects.question: self.question.key, Effects.term: "trend over doses", Effects.num_df: 1}
        return [
            named | {Effects.den_df: df, Effects.F: t**2, Effects.p: p, Effects.method: "F on the rank of the dose"}
        ]

    def means(self, study: Study) -> list[dict[str, Any]]:
        """The mean of each dose at the mean baseline."""
        day = self.question.day if self.question.day is not None else study.days.treatment
        half = summaries.quantile(float(self.fitted.df_resid))
        return [
            {
                Means.question: self.question.key,
                Means.arm: arm,
                Means.day: day,
                Means.week: study.days.week(day),
                Means.n: int((self.frame["arm"] == arm).sum()),
                Means.estimate: float(mean),
                Means.se: float(se),
                Means.df: float(self.fitted.df_resid),
                Means.lower: float(mean - half * se),
                Means.upper: float(mean + half * se),
                Means.geometric_mean: 10 ** float(mean),
            }
            for arm, mean, se in zip(self.arms, self.fitted.params, self.fitted.bse, strict=False)
        ]

    def contrasts(self) -> list[dict[str, Any]]:
        """Each dose against the smallest, p adjusted by Holm; the largest dose first."""
        rows = []
        for place in range(len(self.arms) - 1, 0, -1):
            weights = np.zeros(len(self.fitted.params))
            weights[place], weights[0] = 1, -1
            found = self.fitted.t_test(weights)
            estimate, se = float(found.effect[0]), float(np.ravel(found.sd)[0])
            low, high = map(float, found.conf_int()[0])
            rows.append(
                {
                    Contrasts.question: self.question.key,
                    Contrasts.family: f"{self.question.key}, doses against {self.arms[0]}",
                    Contrasts.comparison: f"{self.arms[place]} − {self.arms[0]}",
                    Contrasts.by: "overall" if self.question.day is None else "day",
                    Contrasts.time: self.question.day,
                    Contrasts.estimate: estimate,
                    Contrasts.se: se,
                    Contrasts.df: float(self.fitted.df_resid),
                    Contrasts.t: estimate / se,
                    Contrasts.p: float(np.ravel(found.pvalue)[0]),
                    Contrasts.adjustment: "holm",
                    Contrasts.lower: low,
                    Contrasts.upper: high,
                    Contrasts.ratio: 10**estimate,
                    Contrasts.ratio_lower: 10**low,
                    Contrasts.ratio_upper: 10**high,
                }
            )
        for row, p in zip(rows, holm(np.array([row[Contrasts.p] for row in rows])), strict=True):
            row[Contrasts.p_adjusted] = float(p)
        return rows
