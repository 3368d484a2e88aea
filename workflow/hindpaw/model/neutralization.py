"""Does an antibody undo a treatment: the treatment × antibody interaction, and the fraction of the effect reversed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.model import summaries, units
from hindpaw.model.thresholds import refused
from hindpaw.study import Question, Study
from hindpaw.tables import Contrasts, Effects, Fits, Means, Neutralization

Floats = NDArray[np.float64]
DRAWS = 4000
PARTIAL = (
    "without an arm that got the antibody alone only antibody − IgG can be estimated; what the antibody does by itself "
    "is not known, and neither is the reversed fraction"
)


@dataclass(frozen=True)
class Fieller:
    """The interval of a ratio of two estimates.

    Parameters
    ----------
    lower, upper : its limits; NaN where it is unbounded on that side
    note : where it is no simple interval, what it is; else empty
    """

    lower: float
    upper: float
    note: str


def fieller(a: float, b: float, v_a: float, v_b: float, v_ab: float, t: float) -> Fieller:
    """The set of ρ = a/b that the data do not exclude: all ρ with (a − ρb)² ≤ t²·(v_a − 2ρ·v_ab + ρ²·v_b).

    It is an interval only where b differs from zero at the level of t; else it is the outside of an interval or
    the whole line, and that is the honest answer.

    References
    ----------
    Fieller EC, J R Stat Soc B 1954;16:175-185, doi 10.1111/j.2517-6161.1954.tb00159.x.

    Examples
    --------
    With b known exactly the interval is a's over b:

    >>> found = fieller(1.0, 2.0, 0.04, 0.0, 0.0, 2.0)
    >>> round(found.lower, 6), round(found.upper, 6)
    (0.3, 0.7)
    >>> fieller(1.0, 0.1, 0.04, 0.04, 0.0, 2.0).note[:9]
    'unbounded'
    """
    A, B, C = b**2 - t**2 * v_b, a * b - t**2 * v_ab, a**2 - t**2 * v_a
    inside = B**2 - A * C
    if A > 0 and inside >= 0:
        root = math.sqrt(inside)
        return Fieller((B - root) / A, (B + root) / A, "")
    if A < 0 <= inside:
        root = math.sqrt(inside)
        low, high = sorted(((B - root) / A, (B + root) / A))
        return Fieller(math.nan, math.nan, f"unbounded: everything but {low:.3g} to {high:.3g}")
    return Fieller(math.nan, math.nan, "unbounded: the whole line, since the effect under IgG may be zero")


def answer(study: Study, question: Question, thresholds: pd.DataFrame, seed: int) -> dict[str, list[dict[str, Any]]]:
    """The rows of `fits effects means contrasts neutralization`.

    A linear model of one summary an animal (`summaries.of`): a mean for each of the four cells and the baseline,
    one residual variance. Interaction = (antibody − antibody alone) − (IgG − control): the whole 2 × 2 is needed,
    since an antibody may act on its own. Reversed fraction = 1 − (antibody − antibody alone)/(IgG − control), with
    Fieller's interval, which takes the covariance of the two effects from the model, and a bootstrap of animals
    within arms. The contrast on top is the interaction, or without the full design antibody − IgG.
    """
    cells = tuple(
        arm for arm in (question.control, question.antibody_alone, question.isotype, question.antibody) if arm
    )
    frame, notes = summaries.of(study, question, thresholds)
    why = summaries.enough(frame, cells)
    if why:
        return refused(question, why)
    rows, X, told = summaries.design(frame, cells)
    model = _Model(question, cells, rows, X)
    made = model.rows(units.generator(seed, question))
    note = "; ".join([*notes, *told, *([] if model.full else [PARTIAL])])
    return {
        "fits": [model.fit_row(note)],
        "effects": model.effects(),
        "means": model.means(study),
        "contrasts": model.contrasts(note),
        "neutralization": made,
        "summaries": summaries.rows_of(question, rows),
    }


class _Model:
    """The least-squares fit and its combinations of cells."""

    def __init__(self, question: Question, cells: tuple[str, ...], rows: pd.DataFrame, X: Floats) -> None:
        import statsmodels.api as sm

        self.question, self.cells, self.frame, self.X = question, cells, rows, X
        self.y = rows["y"].to_numpy(float)
        fitted = sm.OLS(self.y, X).fit()
        self.beta, self.covariance = np.asarray(fitted.params), np.asarray(fitted.cov_params())
        self.df, self.sigma = float(fitted.df_resid), math.sqrt(float(fitted.mse_resid))
        self.full = question.antibody_alone is not None

    def weights(self, **of: float) -> Floats:
        """A combination of cells, by their place in the design."""
        arms = {"control": self.question.control, "alone": self.question.antibody_alone}
        arms |= {"igg": self.question.isotype, "antibody": self.question.antibody}
        found = np.zeros(len(self.beta))
        for name, weight in of.items():
            found[self.cells.index(str(arms[name]))] += weight
        return found

    def combinations(self) -> dict[str, Floats]:
        """Every combination that the design can estimate, by its name in the table."""
        found = {"antibody − IgG": self.weights(antibody=1, igg=-1)}
        found["effect under IgG"] = self.weights(igg=1, control=-1)
        if self.full:
            found["antibody alone − control"] = self.weights(alone=1, control=-1)
            found["effect under antibody"] = self.weights(antibody=1, alone=-1)
            found["interaction"] = self.weights(antibody=1, alone=-1, igg=-1, control=1)
        return found

    def estimate(self, weights: Floats) -> dict[str, float]:
        """A combination with its t interval and p."""
        from scipy.special import stdtr

        value, se = float(weights @ self.beta), math.sqrt(float(weights @ self.covariance @ weights))
        half = summaries.quantile(self.df) * se
        p = 2 * float(stdtr(self.df, -abs(value / se))) if se > 0 else math.nan
        return {"estimate": value, "se": se, "df": self.df, "lower": value - half, "upper": value + half, "p": p}

    def rows(self, rng: np.random.Generator) -> list[dict[str, Any]]:
        """The rows of `neutralization`."""
        base = {Neutralization.question: self.question.key, Neutralization.n_animals: len(self.y)}
        found = [
            base | {Neutralization.term: name, Neutralization.method: "least squares"} | self.estimate(weights)
            for name, weights in self.combinations().items()
        ]
        if not self.full:
            nothing = {
                Neutralization.term: "reversed fraction",
                Neutralization.method: "none",
                Neutralization.note: PARTIAL,
            }
            return [*found, base | nothing]
        one, two = self.weights(antibody=1, alone=-1), self.weights(igg=1, control=-1)
        a, b = float(one @ self.beta), float(two @ self.beta)
        v_a, v_b = float(one @ self.covariance @ one), float(two @ self.covariance @ two)
        interval = fieller(a, b, v_a, v_b, float(one @ self.covariance @ two), summaries.quantile(self.df))
        ratio = base | {Neutralization.term: "reversed fraction", Neutralization.estimate: 1 - a / b}
        low, high, note = self._bootstrap(one, two, rng)
        turned = interval.note.replace("everything but", "for the ratio of effects, 1 − fraction, everything but")
        return [
            *found,
            ratio
            | {
                Neutralization.method: "Fieller",
                Neutralization.df: self.df,
                Neutralization.lower: 1 - interval.upper,
                Neutralization.upper: 1 - interval.lower,
                Neutralization.note: turned or None,
            },
            ratio
            | {
                Neutralization.method: "bootstrap of animals",
                Neutralization.lower: low,
                Neutralization.upper: high,
                Neutralization.note: note,
            },
        ]

    def _bootstrap(self, one: Floats, two: Floats, rng: np.random.Generator) -> tuple[float, float, str]:
        """Percentiles of the fraction over animals redrawn within their arms."""
        groups = [np.flatnonzero(self.frame["arm"] == cell) for cell in self.cells]
        fractions, crossed = [], 0
        for _ in range(DRAWS):
            drawn = np.concatenate([rng.choice(group, len(group)) for group in groups])
            beta, *_ = np.linalg.lstsq(self.X[drawn], self.y[drawn])
            below = float(two @ beta)
            crossed += below * float(two @ self.beta) <= 0
            fractions.append(1 - float(one @ beta) / below if below else math.nan)
        low, high = np.nanpercentile(fractions, [2.5, 97.5])
        note = f"{DRAWS} draws within arms; at {min(len(group) for group in groups)} animals an arm it is too narrow"
        if crossed:
            note += f"; in {crossed} of them the effect under IgG changed its sign, so the limits mean little"
        return float(low), float(high), note

    def fit_row(self, note: str) -> dict[str, Any]:
        """The row of `fits`."""
        days = "one day" if self.question.day is not None else "the time average"
        return {
            Fits.question: self.question.key,
            Fits.engine: "hindpaw",
            Fits.structure: "linear, one value an animal",
            Fits.formula: f"log10 threshold ({days}) ~ cell{' + baseline' if self.X.shape[1] > len(self.cells) else ''}",
            Fits.n_animals: len(self.y),
            Fits.n_observations: int(self.frame["n_days"].sum()),
            Fits.n_substituted: int(self.frame["censored"].sum()),
            Fits.parameters: f"sigma2={self.sigma**2!r}",
            Fits.converged: True,
            Fits.boundary: False,
            Fits.note: note or None,
        }

    def effects(self) -> list[dict[str, Any]]:
        """The F of the interaction."""
        if not self.full:
            return []
        found = self.estimate(self.combinations()["interaction"])
        return [
            {
                Effects.question: self.question.key,
                Effects.term: "treatment × antibody",
                Effects.num_df: 1,
                Effects.den_df: self.df,
                Effects.F: (found["estimate"] / found["se"]) ** 2,
                Effects.p: found["p"],
                Effects.method: "F of least squares",
            }
        ]

    def means(self, study: Study) -> list[dict[str, Any]]:
        """The mean of each cell at the mean baseline; `day` is the question's, or that of treatment where days are averaged."""
        day = self.question.day if self.question.day is not None else study.days.treatment
        rows = []
        for place, cell in enumerate(self.cells):
            found = self.estimate(np.eye(len(self.beta))[place])
            rows.append(
                {
                    Means.question: self.question.key,
                    Means.arm: cell,
                    Means.day: day,
                    Means.week: study.days.week(day),
                    Means.n: int((self.frame["arm"] == cell).sum()),
                    Means.geometric_mean: 10 ** found["estimate"],
                    **{name: found[name] for name in (Means.estimate, Means.se, Means.df, Means.lower, Means.upper)},
                }
            )
        return rows

    def contrasts(self, note: str) -> list[dict[str, Any]]:
        """The interaction (where the design has it) and antibody − IgG, which is no test of neutralization by itself."""
        q = self.question
        named = {"antibody − IgG": f"{q.antibody} − {q.isotype}"}
        if self.full:
            named = {"interaction": f"({q.antibody} − {q.antibody_alone}) − ({q.isotype} − {q.control})"} | named
        rows = []
        for term, comparison in named.items():
            found = self.estimate(self.combinations()[term])
            rows.append(
                {
                    Contrasts.question: q.key,
                    Contrasts.comparison: comparison,
                    Contrasts.by: "overall" if q.day is None else "day",
                    Contrasts.time: q.day,
                    Contrasts.t: found["estimate"] / found["se"],
                    Contrasts.adjustment: "none",
                    Contrasts.ratio: 10 ** found["estimate"],
                    Contrasts.ratio_lower: 10 ** found["lower"],
                    Contrasts.ratio_upper: 10 ** found["upper"],
                    Contrasts.note: note or None,
                    **found,
                }
            )
        return rows
