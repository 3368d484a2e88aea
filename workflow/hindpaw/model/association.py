"""Does an analyte go with relief: within arms, in each arm, pooled, and an exploratory mediation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.model import summaries, units
from hindpaw.model.thresholds import refused
from hindpaw.study import Question, Study
from hindpaw.tables import Association, Concentrations, Contrasts, Fits, Mediation, Thresholds

Floats = NDArray[np.float64]
DRAWS = 2000
WITHIN, POOLED = "within arms", "pooled"
EXPLORATORY = (
    "exploratory: nobody allotted the concentrations, so a path through them is no proof of a cause; analyte and threshold "
    "may both follow the treatment"
)
SIMPSON = (
    "the pooled correlation mixes the difference between arms with what goes on within them: it is {pooled:.2f}, within "
    "arms {within:.2f} (Simpson's paradox is possible; only the slope within arms speaks of single animals)"
)


def answer(
    study: Study, question: Question, thresholds: pd.DataFrame, concentrations: pd.DataFrame, seed: int
) -> dict[str, list[dict[str, Any]]]:
    """The rows of `fits contrasts association mediation`.

    Each animal (or pool) gives its log10 concentration and its log10 threshold on the last test day not after the sample.
    Within arms: the common slope of threshold on concentration (analysis of covariance on arm), partial rank correlation,
    and the range of the slope without each animal in turn. Values outside the limits enter at them and are counted.

    References
    ----------
    Simpson EH, J R Stat Soc B 1951;13:238-241, doi 10.1111/j.2517-6161.1951.tb00088.x.
    """
    frame = paired(question, thresholds, concentrations)
    why = summaries.enough(frame, question.arms, 3) if len(frame) else "not estimated: no animal has both values"
    if why or frame.groupby("arm")["x"].transform(np.ptp).max() == 0:
        return refused(question, why or "not estimated: the concentrations do not vary within arms")
    rows = [
        _within(question, frame),
        *(_alone(question, arm, frame) for arm in question.arms),
        _pooled(question, frame),
    ]
    within, pooled = rows[0], rows[-1]
    if within[Association.correlation] * pooled[Association.correlation] <= 0 or (
        pooled[Association.p] < 0.05 <= within[Association.p]
    ):
        told = SIMPSON.format(pooled=pooled[Association.correlation], within=within[Association.correlation])
        within[Association.note] = pooled[Association.note] = told
    return {
        "fits": [_fit(question, frame, _unpaired(question, concentrations, frame))],
        "contrasts": [_contrast(question, frame, within)],
        "association": rows,
        "mediation": _mediation(question, frame, seed),
        "summaries": summaries.rows_of(question, frame),
    }


def paired(question: Question, thresholds: pd.DataFrame, concentrations: pd.DataFrame) -> pd.DataFrame:
    """One row an animal (or pool) with both values: animal, arm, day, tested, x (log10 pg/ml), y (log10 g), censored, source.

    A pool, named by its animals joined by +, is one unit: its threshold is the mean of its animals' last thresholds.
    """
    found = units.of(question, str(question.analyte), concentrations)
    found = found.assign(x=units.at_bound(found).astype(float), animal=found["unit"].map(members)).explode("animal")
    mine = thresholds[thresholds[Thresholds.paw] == question.paw]
    mine = mine.assign(y=summaries.at_bound(mine), held=mine[Thresholds.censored] != "none")
    joined = found.merge(mine[["animal", "day", "y", "held", "source"]], on="animal", suffixes=("", "_tested"))
    joined = joined[joined["day_tested"] <= joined[Concentrations.day]]
    last = joined.sort_values("day_tested").groupby(["unit", "animal"], sort=False).tail(1)
    last = last.assign(censored=last["censored"] | last["held"])
    units_ = last.groupby("unit", sort=True).agg(
        arm=("arm", "first"), day=("day", "first"), tested=("day_tested", "max"), x=("x", "first"), y=("y", "mean"),
        censored=("censored", "any"), wells=("source", "first"), tests=("source_tested", "; ".join),
    )  # fmt: skip
    units_["source"] = units_["wells"] + "; " + units_["tests"]
    return units_.reset_index().rename(columns={"unit": "animal"})


def members(unit: str) -> list[str]:
    """The animals of a unit.

    >>> members("m1"), members("m1 + m2")
    (['m1'], ['m1', 'm2'])
    """
    return [part.strip() for part in unit.split("+")]


def _unpaired(question: Question, concentrations: pd.DataFrame, frame: pd.DataFrame) -> str:
    """Which samples found no threshold, in words; empty where each did."""
    sampled = units.of(question, str(question.analyte), concentrations)["unit"]
    left_out = sorted(set(sampled) - set(frame["animal"]))
    if not left_out:
        return ""
    return f"left out, with no {question.paw} threshold on or before the sample's day: {', '.join(left_out)}"


def _slope(X: Floats, y: Floats) -> dict[str, float]:
    """The last coefficient of a least-squares fit."""
    import statsmodels.api as sm

    fitted = sm.OLS(y, X).fit()
    estimate, se, df = float(fitted.params[-1]), float(fitted.bse[-1]), float(fitted.df_resid)
    half = summaries.quantile(df) * se
    found = {Association.slope: estimate, Association.se: se, Association.df: df}
    return found | {
        Association.lower: estimate - half,
        Association.upper: estimate + half,
        Association.p: float(fitted.pvalues[-1]),
    }


def _design(frame: pd.DataFrame) -> Floats:
    """A mean for each arm, and the concentration last."""
    arms = [(frame["arm"] == arm).to_numpy(float) for arm in dict.fromkeys(frame["arm"])]
    return np.column_stack([*arms, frame["x"]])


def _base(question: Question, arm: str, frame: pd.DataFrame) -> dict[str, Any]:
    """What every row says."""
    return {
        Association.question: question.key,
        Association.analyte: question.analyte,
        Association.arm: arm,
        Association.n: len(frame),
        Association.n_censored: int(frame["censored"].sum()),
    }


def _within(question: Question, frame: pd.DataFrame) -> dict[str, Any]:
    """The common slope within arms."""
    import pingouin

    y = frame["y"].to_numpy(float)
    row = _base(question, WITHIN, frame) | _slope(_design(frame), y)
    arms = list(dict.fromkeys(frame["arm"]))[1:]
    dummies = frame.assign(**{f"arm {arm}": (frame["arm"] == arm).astype(float) for arm in arms})
    for name, method in ((Association.correlation, "pearson"), (Association.rank_correlation, "spearman")):
        found = pingouin.partial_corr(dummies, x="x", y="y", covar=[f"arm {arm}" for arm in arms], method=method).iloc[
            0
        ]
        row[name] = float(found["r"])
        if method == "spearman":
            row[Association.rank_p] = float(found["p_val"])
    kept = [frame.drop(index=index) for index in frame.index]
    slopes = [_slope(_design(part), part["y"].to_numpy(float))[Association.slope] for part in kept]
    return row | {Association.leave_one_out_lower: min(slopes), Association.leave_one_out_upper: max(slopes)}


def _alone(question: Question, arm: str, frame: pd.DataFrame) -> dict[str, Any]:
    """The slope in one arm."""
    mine = frame[frame["arm"] == arm]
    if len(mine) < 3 or np.ptp(mine["x"]) == 0:
        return _base(question, arm, mine) | {Association.note: "not estimated: fewer than three different values"}
    return _base(question, arm, mine) | _simple(mine)


def _pooled(question: Question, frame: pd.DataFrame) -> dict[str, Any]:
    """All animals without regard to arm: shown only to be compared."""
    return _base(question, POOLED, frame) | _simple(frame)


def _simple(frame: pd.DataFrame) -> dict[str, Any]:
    """Slope and both correlations of one cloud of points."""
    from scipy.stats import pearsonr, spearmanr

    x, y = frame["x"].to_numpy(float), frame["y"].to_numpy(float)
    row: dict[str, Any] = _slope(np.column_stack([np.ones(len(x)), x]), y)
    if np.ptp(y) == 0:
        return row | {Association.note: "the thresholds do not vary"}
    rank = spearmanr(x, y)
    return row | {
        Association.correlation: float(pearsonr(x, y).statistic),
        Association.rank_correlation: float(rank.statistic),
        Association.rank_p: float(rank.pvalue),
    }


def _fit(question: Question, frame: pd.DataFrame, left_out: str) -> dict[str, Any]:
    """What went in, and what could not."""
    return {
        Fits.question: question.key,
        Fits.engine: "hindpaw",
        Fits.structure: "analysis of covariance",
        Fits.formula: f"log10 threshold ~ arm + log10 {question.analyte}",
        Fits.n_animals: len(frame),
        Fits.n_observations: len(frame),
        Fits.n_substituted: int(frame["censored"].sum()),
        Fits.converged: True,
        Fits.boundary: False,
        Fits.note: "; ".join(filter(None, ["an association, not a cause", left_out])),
    }


def _contrast(question: Question, frame: pd.DataFrame, within: dict[str, Any]) -> dict[str, Any]:
    """The answer on top: the factor of the threshold for ten times the concentration, within arms."""
    slope, low, high = (float(within[name]) for name in (Association.slope, Association.lower, Association.upper))
    return {
        Contrasts.question: question.key,
        Contrasts.comparison: f"ten times the {question.analyte}, within arms",
        Contrasts.by: "day",
        Contrasts.time: float(frame["tested"].iloc[0]),
        Contrasts.estimate: slope,
        Contrasts.se: within[Association.se],
        Contrasts.df: within[Association.df],
        Contrasts.t: slope / within[Association.se] if within[Association.se] > 0 else math.nan,
        Contrasts.p: within[Association.p],
        Contrasts.adjustment: "none",
        Contrasts.lower: low,
        Contrasts.upper: high,
        Contrasts.ratio: 10**slope,
        Contrasts.ratio_lower: 10**low,
        Contrasts.ratio_upper: 10**high,
        Contrasts.note: within.get(Association.note),
    }


def _mediation(question: Question, frame: pd.DataFrame, seed: int) -> list[dict[str, Any]]:
    """Treated and control only: how much of the difference in threshold goes along with the analyte."""
    import pingouin

    both = frame[frame["arm"].isin([question.treated, question.control])]
    if len(both) < 6:
        return []
    both = both.assign(treated=(both["arm"] == question.treated).astype(float))
    stream = int(units.generator(seed, question, "mediation").integers(2**31))
    found = pingouin.mediation_analysis(both, x="treated", m="x", y="y", n_boot=DRAWS, seed=stream)
    names = {
        "x ~ X": "arm → analyte",
        "Y ~ x": "analyte → threshold",
        "Total": "total",
        "Direct": "direct",
        "Indirect": "indirect",
    }
    low, high = [column for column in found.columns if column.startswith("CI")][:2]
    return [
        {
            Mediation.question: question.key,
            Mediation.analyte: question.analyte,
            Mediation.path: names.get(str(row["path"]), str(row["path"])),
            Mediation.estimate: row["coef"],
            Mediation.se: row["se"],
            Mediation.lower: row[low],
            Mediation.upper: row[high],
            Mediation.p: row["pval"],
            Mediation.n: len(both),
            Mediation.note: EXPLORATORY,
        }
        for row in found.to_dict("records")
    ]
