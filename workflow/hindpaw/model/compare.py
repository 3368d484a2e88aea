"""Two arms by one analyte: every method's row, and which of them is the answer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.model import linear, permutation, units
from hindpaw.model.linear import Estimate
from hindpaw.model.tobit import TobitError
from hindpaw.study import Question
from hindpaw.tables import AnalyteTests, Concentrations

HALF = math.log10(2)
MOSTLY = 0.5
SENSITIVITY = "LLOQ/2 substitution (sensitivity)"


@dataclass(frozen=True)
class Pair:
    """What two arms came to: rows of `analyte_tests`, the estimate, and the exact p."""

    rows: list[dict[str, Any]]
    estimate: Estimate
    p: float
    method: str
    censored: int


def pair(question: Question, analyte: str, frame: pd.DataFrame, one: str, two: str, seed: int) -> Pair:
    """Arm one − arm two.

    Without censoring the estimate is Welch's and the exact permutation is of Welch's t. With censoring the estimate is
    the Tobit's and the primary p that of an exact permutation of censored ranks; half the limit substituted is
    shown as a labelled sensitivity arm only. Where more than half is censored, Fisher's exact test of detection
    stands beside it. Several plates enter as a fixed effect, and labels are permuted within them.

    Parameters
    ----------
    frame : rows of `units.of` of these two arms, on one day

    References
    ----------
    Uh HW et al., BMC Immunol 2008;9:59, doi 10.1186/1471-2172-9-59.
    """
    frame = frame[frame["arm"].isin([one, two])].reset_index(drop=True)
    frame["cell"] = frame["arm"]
    treated, strata = (frame["arm"] == one).to_numpy(), pd.factorize(frame["plate"])[0]
    base = _base(question, analyte, frame, one, two)
    rng = units.generator(seed, question, f"{analyte}|{one}|{two}")
    censored, plates = int(frame["censored"].sum()), frame["plate"].nunique()
    ranked = censored > 0
    test = (
        permutation.of_scores(_scores(frame, strata), treated, strata, rng)
        if ranked
        else permutation.of_welch(_centred(frame, strata), treated, strata, rng)
    )
    modelled, tobit = _modelled(frame, one, two)
    name = "Tobit" if ranked else "least squares with plates"
    linearly = ranked or plates > 1
    rows = [] if linearly else _welch(frame, one, two, base)
    if linearly:
        told = f"σ = {phrases.number(tobit)} (log10)" if tobit else ""
        rows.append(
            base
            | _columns(modelled, name)
            | {AnalyteTests.note: "; ".join(filter(None, [modelled.note, told])) or None}
        )
    what = "exact permutation of " + ("censored ranks" if ranked else "Welch's t")
    rows.append(base | _permuted(test, what.removeprefix("" if test.enumerated else "exact "), ranked))
    rows += _sensitivity(frame, one, two, base) if ranked else []
    if censored > MOSTLY * len(frame):
        rows.append(base | _detection(frame, one, two))
    return Pair(rows, modelled, test.p, what, censored)


def _base(question: Question, analyte: str, frame: pd.DataFrame, one: str, two: str) -> dict[str, Any]:
    """What every row of a comparison says."""
    n, censored = frame.groupby("arm").size(), frame.groupby("arm")["censored"].sum()
    return {
        AnalyteTests.question: question.key,
        AnalyteTests.analyte: analyte,
        AnalyteTests.matrix: question.matrix,
        AnalyteTests.day: float(frame[Concentrations.day].iloc[0]) if len(frame) else math.nan,
        AnalyteTests.comparison: f"{one} − {two}",
        AnalyteTests.primary: False,
        AnalyteTests.n_treated: int(n.get(one, 0)),
        AnalyteTests.n_control: int(n.get(two, 0)),
        AnalyteTests.censored_treated: int(censored.get(one, 0)),
        AnalyteTests.censored_control: int(censored.get(two, 0)),
    }


def _scores(frame: pd.DataFrame, strata: np.ndarray) -> np.ndarray:
    """Censored ranks, within each plate."""
    found = np.zeros(len(frame))
    for stratum in np.unique(strata):
        rows = strata == stratum
        found[rows] = permutation.scores(frame["lower"].to_numpy()[rows], frame["upper"].to_numpy()[rows])
    return found


def _centred(frame: pd.DataFrame, strata: np.ndarray) -> np.ndarray:
    """The values less their plate's mean, where there are several plates."""
    y = frame["lower"].to_numpy(float)
    return y - pd.Series(y).groupby(strata).transform("mean").to_numpy() if len(np.unique(strata)) > 1 else y


def _modelled(frame: pd.DataFrame, one: str, two: str) -> tuple[Estimate, float]:
    """The linear model's difference and σ, or why there is none."""
    try:
        model = linear.fit(frame, (two, one))
    except TobitError as error:
        return linear.nothing(f"not estimated: {error}"), 0.0
    return model.difference(one, two), model.fitted.sigma


def _columns(found: Estimate, method: str) -> dict[str, Any]:
    """An estimate as columns."""
    return {
        AnalyteTests.method: method,
        AnalyteTests.estimate: found.estimate,
        AnalyteTests.se: found.se,
        AnalyteTests.df: found.df,
        AnalyteTests.lower: found.lower,
        AnalyteTests.upper: found.upper,
        AnalyteTests.ratio: 10**found.estimate,
        AnalyteTests.p: found.p,
        AnalyteTests.note: found.note or None,
    }


def _permuted(test: permutation.Permutation, method: str, primary: bool) -> dict[str, Any]:
    """A permutation test as columns."""
    how = "all" if test.enumerated else "a sample of"
    least = phrases.p_value(test.smallest_p)
    note = f"{how} {test.n_deals} deals of the labels; the smallest they can give is {least}"
    return {
        AnalyteTests.method: method,
        AnalyteTests.primary: primary,
        AnalyteTests.p: test.p,
        AnalyteTests.note: note,
    }


def welch(a: np.ndarray, b: np.ndarray) -> Estimate:
    """Welch's t by scipy; nothing where a group does not vary."""
    from scipy.stats import ttest_ind

    if min(len(a), len(b)) < 2 or min(np.ptp(a), np.ptp(b)) == 0:
        return linear.nothing("the values of an arm do not vary")
    found = ttest_ind(a, b, equal_var=False)
    limits = found.confidence_interval(0.95)
    estimate = float(a.mean() - b.mean())
    se = math.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    return Estimate(estimate, se, float(found.df), float(limits.low), float(limits.high), float(found.pvalue))


def _welch(frame: pd.DataFrame, one: str, two: str, base: dict[str, Any]) -> list[dict[str, Any]]:
    """Welch's t, and Hedges' g with its interval."""
    import pingouin

    a, b = (frame.loc[frame["arm"] == arm, "lower"].to_numpy(float) for arm in (one, two))
    found = welch(a, b)
    rows = [base | _columns(found, "Welch t") | {AnalyteTests.primary: True}]
    if math.isfinite(found.estimate):
        g = float(pingouin.compute_effsize(a, b, eftype="hedges"))
        low, high = _hedges_limits(a, b, g)
        told = "standardized difference, no log10 unit"
        effect = Estimate(g, math.nan, math.nan, low, high, math.nan, told)
        rows.append(base | _columns(effect, "Hedges' g") | {AnalyteTests.ratio: math.nan})
    return rows


def _hedges_limits(a: np.ndarray, b: np.ndarray, g: float) -> tuple[float, float]:
    """The 95 % interval of Hedges' g from the noncentral t of the pooled-variance statistic.

    Steiger JH, Fouladi RT, in: What If There Were No Significance Tests?, 1997, 221-257.
    """
    from scipy.optimize import brentq
    from scipy.stats import nct

    nu, scale = len(a) + len(b) - 2, math.sqrt(1 / len(a) + 1 / len(b))
    pooled = math.sqrt(((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / nu)
    d = float(a.mean() - b.mean()) / pooled
    t = d / scale

    def end(share: float, step: float) -> float:
        """The noncentrality at which t would be that quantile; the bracket grows step by step from t."""
        reach = t
        while (nct.cdf(t, nu, reach) - share) * step > 0:
            reach += step
        return float(brentq(lambda ncp: nct.cdf(t, nu, ncp) - share, reach, reach - step))

    ends = (end(0.975, -1.0), end(0.025, 1.0))
    correction = g / d if d else 1.0
    return correction * scale * ends[0], correction * scale * ends[1]


def _sensitivity(frame: pd.DataFrame, one: str, two: str, base: dict[str, Any]) -> list[dict[str, Any]]:
    """Half the limit in place of what lies below it: what many papers do, for comparison only."""
    y = units.at_bound(frame) - HALF * (frame["censored"] & ~np.isfinite(frame["lower"]))
    a, b = (y[frame["arm"] == arm].to_numpy(float) for arm in (one, two))
    found = welch(a, b)
    note = "sensitivity only: a constant makes the spread too small and the mean arbitrary"
    return [base | _columns(found, SENSITIVITY) | {AnalyteTests.note: "; ".join(filter(None, [note, found.note]))}]


def _detection(frame: pd.DataFrame, one: str, two: str) -> dict[str, Any]:
    """Fisher's exact test of how many were inside the limits."""
    from scipy.stats import fisher_exact

    inside = frame.assign(seen=~frame["censored"]).groupby("arm")["seen"].agg(["sum", "size"])
    table = [[inside.loc[arm, "sum"], inside.loc[arm, "size"] - inside.loc[arm, "sum"]] for arm in (one, two)]
    told = "; ".join(f"{arm}: {inside.loc[arm, 'sum']} of {inside.loc[arm, 'size']} quantified" for arm in (one, two))
    p = float(fisher_exact(table).pvalue)
    return {AnalyteTests.method: "Fisher exact test of detection", AnalyteTests.p: p, AnalyteTests.note: told}
