"""Analyses of variance as papers name them: ordinary two-way, repeated measures, Greenhouse–Geisser, one-way.

By statsmodels and pingouin; nothing here is shared with the recommended models.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.audit.taken import ANIMAL, ARM, TIME, Y
from hindpaw.findings import several


class Unmade(Exception):
    """Why a test cannot be made on these data."""


@dataclass(frozen=True)
class Table:
    """An analysis of variance.

    Parameters
    ----------
    terms : term → (F, df1, df2, p)
    error_ms, error_df : mean square and degrees of freedom that a comparison of arms at one time uses
    engine : whose code made it
    frame : the rows that entered
    dropped : animals left out
    note : what it does here
    """

    terms: dict[str, tuple[float, float, float, float]]
    error_ms: float
    error_df: float
    engine: str
    frame: pd.DataFrame
    dropped: tuple[str, ...] = ()
    note: str = ""


def ordinary(frame: pd.DataFrame) -> Table:
    """Ordinary two-way ANOVA of arm × time: every value counts as an animal of its own; type III sums of squares."""
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    cells = frame.groupby([ARM, TIME]).size()
    if len(cells) < frame[ARM].nunique() * frame[TIME].nunique():
        raise Unmade("an arm was not tested at every time")
    if frame[TIME].nunique() < 2 or frame[ARM].nunique() < 2:
        raise Unmade("it needs two arms and two times")
    if len(frame) <= len(cells):
        raise Unmade("one value a cell leaves no error to compare with")
    found = anova_lm(ols(f"{Y} ~ C({ARM}, Sum) * C({TIME}, Sum)", frame).fit(), typ=3)
    df = float(found.loc["Residual", "df"])
    rows = {"arm": f"C({ARM}, Sum)", "time": f"C({TIME}, Sum)", "interaction": f"C({ARM}, Sum):C({TIME}, Sum)"}
    terms = {
        term: (float(found.loc[name, "F"]), float(found.loc[name, "df"]), df, float(found.loc[name, "PR(>F)"]))
        for term, name in rows.items()
    }
    n = frame[ANIMAL].nunique()
    note = f"counts {len(frame)} values of {n} animals as if each came from an animal of its own"
    return Table(
        terms, float(found.loc["Residual", "sum_sq"]) / df, df, "statsmodels", frame, (), note if len(frame) > n else ""
    )


def complete(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The animals that have every time, and the names of the others: repeated measures cannot keep them."""
    n_times = frame[TIME].nunique()
    tested = frame.groupby(ANIMAL)[TIME].nunique()
    dropped = sorted(tested.index[tested < n_times])
    return frame[~frame[ANIMAL].isin(dropped)], tuple(map(str, dropped))


def repeated(frame: pd.DataFrame, corrected: bool) -> Table:
    """Two-way ANOVA with animals matched over time, within arms; `corrected` by Greenhouse–Geisser.

    Animals that miss a time are left out here, and named, before pingouin would leave them out silently. The
    covariance behind ε is the pooled one within arms (pingouin's own ignores the arms). Comparisons at one time use the
    pooled mean square of animals and residual, (SSₐ + SSᵣ)/(dfₐ + dfᵣ).

    References
    ----------
    Greenhouse SW, Geisser S, Psychometrika 1959;24:95-112, doi 10.1007/BF02289823.
    """
    import pingouin

    kept, dropped = complete(frame)
    _enough(frame, kept)
    with warnings.catch_warnings():
        # pingouin calls pandas in a way that pandas 4 will not have.
        warnings.simplefilter("ignore")
        found = pingouin.mixed_anova(data=kept, dv=Y, within=TIME, subject=ANIMAL, between=ARM, correction=False)
    found = found.set_index("Source")
    names = {"arm": ARM, "time": TIME, "interaction": "Interaction"}
    epsilon = greenhouse_geisser(kept) if corrected else 1.0
    terms = {}
    for term, name in names.items():
        F, df1, df2 = (float(found.loc[name, column]) for column in ("F", "DF1", "DF2"))
        shrink = 1.0 if term == "arm" else epsilon
        terms[term] = (F, df1 * shrink, df2 * shrink, _upper(F, df1 * shrink, df2 * shrink))
    between, within = (float(found.loc[name, "MS"] / found.loc[name, "F"]) for name in (ARM, TIME))
    df_between, df_within = float(found.loc[ARM, "DF2"]), float(found.loc[TIME, "DF2"])
    df = df_between + df_within
    pooled = (between * df_between + within * df_within) / df
    return Table(terms, pooled, df, "pingouin", kept, dropped, _told(kept, dropped, epsilon if corrected else None))


def _enough(frame: pd.DataFrame, kept: pd.DataFrame) -> None:
    """Two arms, two times, and two animals in each arm that has any."""
    n = kept.groupby(ARM)[ANIMAL].nunique().reindex(frame[ARM].unique(), fill_value=0)
    if frame[TIME].nunique() < 2 or len(n) < 2:
        raise Unmade("it needs two arms and two times")
    if n.min() < 2:
        raise Unmade(
            f"only {phrases.count(n.min(), 'animal')} of {n.idxmin()} tested every time, and it drops the others"
        )


def _told(kept: pd.DataFrame, dropped: tuple[str, ...], epsilon: float | None) -> str:
    """What the test does here: dropped animals, unequal arms, ε."""
    n = kept.groupby(ARM)[ANIMAL].nunique()
    told = (
        [f"drops {phrases.count(len(dropped), 'animal')} not tested every time ({several(dropped, 12)})"]
        if dropped
        else []
    )
    told += ["arms of unequal size: type II sums of squares"] if n.nunique() > 1 else []
    told += [f"ε = {epsilon:.3f}"] if epsilon is not None else ["assumes sphericity"]
    return "; ".join(told)


def greenhouse_geisser(frame: pd.DataFrame) -> float:
    """ε = tr(M)²/((k − 1)·tr(M²)), M the pooled within-arm covariance of k − 1 orthonormal contrasts of the times.

    Two times cannot break sphericity, three can:

    >>> from itertools import product  # centred rows ±(−1.5, −.5, 2), ±(1, 0, −1): ε = 8.5²/(2 × 70.75)
    >>> values = zip(product("ab", "12", range(3)), [1, 2, 6, 3, 2, 1, 5, 5, 5, 1, 3, 5], strict=True)
    >>> frame = pd.DataFrame([(arm + i, arm, t, y) for (arm, i, t), y in values], columns=["animal", "arm", "time", "y"])
    >>> round(greenhouse_geisser(frame[frame.time < 2]), 3), round(greenhouse_geisser(frame), 3)
    (1.0, 0.511)
    """
    wide = frame.pivot_table(index=[ARM, ANIMAL], columns=TIME, values=Y)
    centred = wide - wide.groupby(level=ARM).transform("mean")
    k = wide.shape[1]
    contrasts = np.linalg.svd(np.eye(k) - 1 / k)[0][:, : k - 1]
    M = contrasts.T @ (centred.T.to_numpy() @ centred.to_numpy()) @ contrasts
    return float(np.trace(M) ** 2 / ((k - 1) * np.trace(M @ M)))


def _upper(F: float, df1: float, df2: float) -> float:
    """The upper tail of F."""
    from scipy import stats

    return float(stats.f.sf(F, df1, df2))


def one_way(frame: pd.DataFrame) -> Table:
    """One-way ANOVA over the arms, one value an animal."""
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    frame = averaged(frame)
    _two_each(frame)
    found = anova_lm(ols(f"{Y} ~ C({ARM})", frame).fit())
    term, df = found.loc[f"C({ARM})"], float(found.loc["Residual", "df"])
    terms = {"arm": (float(term["F"]), float(term["df"]), df, float(term["PR(>F)"]))}
    return Table(terms, float(found.loc["Residual", "mean_sq"]), df, "statsmodels", frame)


def welch(frame: pd.DataFrame) -> Table:
    """Welch's ANOVA over the arms, one value an animal."""
    import pingouin

    frame = averaged(frame)
    _two_each(frame)
    if (frame.groupby(ARM)[Y].nunique() < 2).any():
        raise Unmade("it weighs each arm by its variance, and an arm has none")
    row = pingouin.welch_anova(data=frame, dv=Y, between=ARM).iloc[0]
    terms = {"arm": (float(row["F"]), float(row["ddof1"]), float(row["ddof2"]), float(row["p_unc"]))}
    return Table(terms, np.nan, np.nan, "pingouin", frame)


def kruskal_wallis(frame: pd.DataFrame) -> Table:
    """Kruskal–Wallis test over the arms, one value an animal; H stands where others have F."""
    import pingouin

    frame = averaged(frame)
    _two_each(frame)
    row = pingouin.kruskal(data=frame, dv=Y, between=ARM).iloc[0]
    return Table(
        {"arm": (float(row["H"]), float(row["ddof1"]), np.nan, float(row["p_unc"]))}, np.nan, np.nan, "pingouin", frame
    )


def averaged(frame: pd.DataFrame) -> pd.DataFrame:
    """One value an animal: the mean over its times."""
    return frame.groupby([ANIMAL, ARM], as_index=False)[Y].mean()


def _two_each(frame: pd.DataFrame) -> None:
    """Two arms or more, each with two values."""
    n = frame.groupby(ARM).size()
    if len(n) < 2 or n.min() < 2:
        raise Unmade("it needs two arms with two animals each")
    if frame.groupby(ARM)[Y].nunique().max() < 2:
        raise Unmade("no arm has values that differ")
