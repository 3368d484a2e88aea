"""The tests that papers name, made again on these data: one row a claim, test and comparison."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from hindpaw import tables
from hindpaw.audit import anova, pairs
from hindpaw.audit.anova import Unmade
from hindpaw.audit.paper import listed_tests
from hindpaw.audit.taken import ANIMAL, ARM, TIME, Taken, taken
from hindpaw.study import Study
from hindpaw.tables import Claims, Refits, Summaries

Row = dict[str, Any]
TWO_WAY: dict[str, Callable[[pd.DataFrame], anova.Table]] = {
    "two_way_anova": anova.ordinary,
    "two_way_rm_anova": partial(anova.repeated, corrected=False),
    "mixed_anova_gg": partial(anova.repeated, corrected=True),
}
ONE_WAY: dict[str, Callable[[pd.DataFrame], anova.Table]] = {
    "one_way_anova": anova.one_way,
    "welch_anova": anova.welch,
    "kruskal_wallis": anova.kruskal_wallis,
}
TWO_SAMPLES = ("student_t", "welch_t", "mann_whitney")
CORRELATIONS = ("pearson", "spearman")


def refits(study: Study, claims: pd.DataFrame, thresholds: pd.DataFrame, concentrations: pd.DataFrame, summaries: pd.DataFrame) -> pd.DataFrame:  # fmt: skip
    """The table `refits`.

    Parameters
    ----------
    claims : those with a question and a test are refitted
    thresholds, concentrations : the values the tests take, in grams or pg/ml unless the paper used log10
    summaries : one animal's analyte and threshold, for correlations
    """
    rows: list[Row] = []
    about = claims[claims[Claims.question].notna() & claims[Claims.test].notna()]
    for _, claim in about.iterrows():
        data = taken(study, claim, thresholds, concentrations)
        neutralized = study.questions[claim[Claims.question]].kind == "neutralization"
        for test in listed_tests(claim[Claims.test]):
            try:
                if neutralized and claim[Claims.term] == "interaction":
                    # The two-way analyses here are of arm and time; their interaction is another one.
                    raise Unmade("the interaction of treatment and antibody is not that of arm and time")
                rows += _made(test, claim, data, summaries)
            except Unmade as why:
                rows.append(_row(claim, test, data, "none", "not made") | {Refits.note: f"not made: {why}"})
    return tables.shaped(pd.DataFrame(rows, columns=tables.columns(Refits)), Refits)


def _made(test: str, claim: pd.Series, data: Taken, summaries: pd.DataFrame) -> list[Row]:
    """The rows of one test."""
    if test in CORRELATIONS:
        return [_correlation(test, claim, data, summaries)]
    for arm in (data.treated, data.control):
        if arm not in data.arms:
            raise Unmade(f"the arm {arm} has no value")
    if test in TWO_WAY:
        return _two_way(test, claim, data)
    return _one_way(test, claim, data) if test in ONE_WAY else _two_samples(test, claim, data)


def _two_way(test: str, claim: pd.Series, data: Taken) -> list[Row]:
    """Terms of a two-way analysis, and the comparisons at each time."""
    table = TWO_WAY[test](data.frame)
    gap = _gap(table.frame, data)
    rows = [_term(claim, test, data, table, term) | {Refits.difference: gap if term == "arm" else math.nan} for term in table.terms]  # fmt: skip
    found = pairs.after(table, data, _text(claim[Claims.post_hoc]), _many(claim))
    return rows + [_pair(claim, test, data, table.engine, one, table) for one in found]


def _one_way(test: str, claim: pd.Series, data: Taken) -> list[Row]:
    """F (or H) over the arms at the claim's time, and the pair after a one-way ANOVA."""
    at = _at_time(claim, data)
    for arm in (data.treated, data.control):
        if arm not in set(at[ARM]):
            raise Unmade(f"the arm {arm} has no value at that time")
    table = ONE_WAY[test](at)
    rows = [_term(claim, test, data, table, "arm") | {Refits.difference: _gap(table.frame, data)}]
    if test == "one_way_anova":
        one = pairs.after_one_way(table, data, _text(claim[Claims.post_hoc]), _many(claim))
        rows.append(_pair(claim, test, data, table.engine, one, table))
    return rows


def _two_samples(test: str, claim: pd.Series, data: Taken) -> list[Row]:
    """A test at each time; over all of them, one of the animals' means."""
    engine = "scipy" if test == "mann_whitney" else "pingouin"
    if _over_all(claim):
        means = anova.averaged(data.frame)
        treated, control = (means[means[ARM] == arm]["y"].to_numpy(float) for arm in (data.treated, data.control))
        name, value, df, p = pairs.two_samples(test, treated, control)
        gap = float(treated.mean() - control.mean())
        one = pairs.Pair(math.nan, name, value, df, p, p, "", gap, (len(treated), len(control)))
        note = "one value an animal: the mean of its days" if len(data.times) > 1 else None
        return [_pair(claim, test, data, engine, one) | {Refits.note: note}]
    found = pairs.separate(test, data, _text(claim[Claims.post_hoc]), _many(claim))
    return [_pair(claim, test, data, engine, one) for one in found]


def _correlation(test: str, claim: pd.Series, data: Taken, summaries: pd.DataFrame) -> Row:
    """r of analyte and threshold over all animals of the question."""
    mine = summaries[summaries[Summaries.question] == claim[Claims.question]].dropna(
        subset=[Summaries.log10_pg_per_ml, Summaries.log10_threshold]
    )
    one, two = mine[Summaries.log10_pg_per_ml], mine[Summaries.log10_threshold]
    if claim[Claims.scale] == "raw":
        one, two = np.power(10.0, one), np.power(10.0, two)
    name, value, df, p = pairs.correlation(test, one, two)
    note = "all arms pooled; a difference between arms alone can make it"
    return _row(claim, test, data, "pingouin", "correlation") | {
        Refits.statistic: name,
        Refits.value: value,
        Refits.df1: df,
        Refits.p: p,
        Refits.n_animals: len(mine),
        Refits.n_rows: len(mine),
        Refits.n_substituted: int(mine[Summaries.n_censored].sum()),
        Refits.note: note,
    }


def _over_all(claim: pd.Series) -> bool:
    """Whether a claim is about no single time; how long something lasts is about each of them."""
    if claim[Claims.kind] == "duration":
        return False
    return not isinstance(claim[Claims.by], str) or claim[Claims.by] == "overall"


def _at_time(claim: pd.Series, data: Taken) -> pd.DataFrame:
    """The values of the claim's time, or all of them."""
    if _over_all(claim) or math.isnan(claim[Claims.time]):
        return data.frame
    at = data.frame[data.frame[TIME] == claim[Claims.time]]
    if at.empty:
        raise Unmade(f"nothing was measured on {claim[Claims.by]} {claim[Claims.time]:g}")
    return at


def _gap(frame: pd.DataFrame, data: Taken) -> float:
    """Mean of treated less mean of control."""
    means = frame.groupby(ARM)["y"].mean()
    return float(means[data.treated] - means[data.control])


def _text(cell: Any) -> str | None:
    """A cell's text, or None."""
    return cell if isinstance(cell, str) else None


def _many(claim: pd.Series) -> int | None:
    """The printed number of comparisons."""
    many = claim[Claims.comparisons]
    return None if math.isnan(many) else int(many)


def _row(claim: pd.Series, test: str, data: Taken, engine: str, term: str) -> Row:
    """What every row of a test has."""
    return {
        Refits.claim: claim[Claims.claim],
        Refits.question: claim[Claims.question],
        Refits.test: test,
        Refits.engine: engine,
        Refits.scale: data.scale,
        Refits.term: term,
        Refits.time: math.nan,
        Refits.statistic: "none",
        Refits.n_animals: 0,
        Refits.n_rows: 0,
        Refits.n_dropped: 0,
        Refits.n_substituted: data.n_substituted,
    }


def _term(claim: pd.Series, test: str, data: Taken, table: anova.Table, term: str) -> Row:
    """One term of an analysis of variance."""
    F, df1, df2, p = table.terms[term]
    return _row(claim, test, data, table.engine, term) | {
        Refits.statistic: "H" if test == "kruskal_wallis" else "F",
        Refits.value: F,
        Refits.df1: df1,
        Refits.df2: df2,
        Refits.p: p,
        Refits.n_animals: table.frame[ANIMAL].nunique(),
        Refits.n_rows: len(table.frame),
        Refits.n_dropped: len(table.dropped),
        Refits.note: table.note or None,
    }


def _pair(claim: pd.Series, test: str, data: Taken, engine: str, one: pairs.Pair, table: anova.Table | None = None) -> Row:  # fmt: skip
    """One comparison of the two arms."""
    return _row(claim, test, data, engine, data.name) | {
        Refits.time: one.time,
        Refits.statistic: one.statistic,
        Refits.value: one.value,
        Refits.df1: one.df,
        Refits.p: one.p,
        Refits.p_adjusted: one.p_adjusted,
        Refits.adjustment: one.adjustment or None,
        Refits.difference: one.difference,
        Refits.n_animals: sum(one.n),
        Refits.n_rows: sum(one.n),
        Refits.n_dropped: len(table.dropped) if table else 0,
        Refits.note: (table.note if table else None) or None,
    }
