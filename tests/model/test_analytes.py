"""Comparisons of concentrations against scipy's own Games–Howell and Welch's t."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from hindpaw import tables
from hindpaw.model import answers
from scipy.stats import t as student
from scipy.stats import ttest_ind, tukey_hsd


@pytest.fixture(scope="module")
def values(demo, measured):
    """log10 concentrations of the demo's question by arm."""
    frame = measured["concentrations"].query("analyte == 'TGF-β1' and matrix == 'CSF'")
    return {arm: rows["log10_pg_per_ml"].to_numpy() for arm, rows in frame.groupby("arm")}


@pytest.fixture(scope="module")
def contrasts(modelled):
    """Its comparisons."""
    return modelled["contrasts"].query("question == 'csf_tgfb1'").set_index("comparison")


def test_games_howell_equals_scipys(values, contrasts):
    arms = ["vehicle", "bmsc", "naive"]
    other = tukey_hsd(*(values[arm] for arm in arms), equal_var=False)
    limits = other.confidence_interval(0.95)
    for comparison, row in contrasts.iterrows():
        i, j = (arms.index(arm) for arm in comparison.split(" − "))
        assert row["estimate"] == pytest.approx(other.statistic[i, j], rel=1e-9)
        assert row["p_adjusted"] == pytest.approx(other.pvalue[i, j], abs=1e-6)
        assert row["lower"] == pytest.approx(limits.low[i, j], rel=1e-5)
        assert row["upper"] == pytest.approx(limits.high[i, j], rel=1e-5)


def test_the_unadjusted_p_is_welchs(values, contrasts):
    welch = ttest_ind(values["bmsc"], values["vehicle"], equal_var=False)
    row = contrasts.loc["bmsc − vehicle"]
    assert row["t"] == pytest.approx(welch.statistic)
    assert row["df"] == pytest.approx(welch.df, rel=1e-4)
    assert row["p"] == pytest.approx(welch.pvalue, abs=1e-5)


def test_hedges_g_is_j_times_cohens_d(values, contrasts):
    """4 and 4 values: ν = 6, J = 1 − 3/(4·6 − 1) to about 0.3 %; d by the pooled SD."""
    a, b = values["bmsc"], values["vehicle"]
    d = (a.mean() - b.mean()) / math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    assert contrasts.loc["bmsc − vehicle", "hedges_g"] == pytest.approx(d * (1 - 3 / 23), rel=0.004)


def test_means_have_their_own_t_interval(values, modelled):
    row = modelled["means"].query("question == 'csf_tgfb1' and arm == 'naive'").iloc[0]
    half = student.ppf(0.975, 3) * values["naive"].std(ddof=1) / 2
    assert row["upper"] - row["estimate"] == pytest.approx(half)
    assert row["geometric_mean"] == pytest.approx(10 ** values["naive"].mean())


def asked(demo, key, thresholds, concentrations, animals):
    """The answers to one question."""
    one = dataclasses.replace(demo, questions={key: demo.questions[key]})
    return answers(one, thresholds, concentrations, animals, seed=1)


def changed(demo, taken_in, measured, change):
    """The answers after a change of the concentrations."""
    frame = change(measured["concentrations"].copy())
    return asked(demo, "csf_tgfb1", measured["thresholds"], frame, taken_in["animals"])


def test_a_value_at_its_limit_is_counted_and_said(demo, taken_in, measured):
    def censor(frame):
        one = frame.index[(frame["analyte"] == "TGF-β1") & (frame["arm"] == "naive")][0]
        frame.loc[one, ["pg_per_ml", "log10_pg_per_ml", "se_log10"]] = np.nan
        frame.loc[one, ["censored", "lower_pg_per_ml", "upper_pg_per_ml"]] = ["left", 0.0, 312.5]
        return frame

    made = changed(demo, taken_in, measured, censor)
    assert made["fits"]["n_substituted"].tolist() == [1]
    notes = made["contrasts"].set_index("comparison")["note"]
    assert "a bound, not an estimate" in notes["naive − vehicle"]
    assert pd.isna(notes["bmsc − vehicle"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda frame: frame[(frame["arm"] != "naive") | (frame["analyte"] != "TGF-β1")], "the arm naive has 0 values"),
        (lambda frame: frame.assign(log10_pg_per_ml=2.0), "are all equal"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(demo, taken_in, measured, change, words):
    made = changed(demo, taken_in, measured, change)
    assert made["effects"].empty
    assert words in made["fits"]["note"].iloc[0]
    assert words in made["contrasts"]["note"].iloc[0]
    assert not made["fits"]["converged"].iloc[0]


def test_a_question_about_thresholds_without_mice_is_refused_in_words(demo, taken_in, measured):
    few = measured["thresholds"].query("arm != 'bmsc'")
    made = asked(demo, "relief", few, tables.empty(tables.Concentrations), taken_in["animals"])
    assert "The arm bmsc has no animal" in made["fits"]["note"].iloc[0]
    assert made["contrasts"]["estimate"].isna().all()


def test_the_second_engine_agrees(modelled):
    second = modelled["fits"].query("engine == 'statsmodels'")
    assert len(second) == 4
    assert (second["largest_difference"] < 1e-6).all()
    own = modelled["fits"].query("engine == 'hindpaw' ").set_index("question")["reml_loglik"]
    np.testing.assert_allclose(second.set_index("question")["reml_loglik"], own, rtol=1e-6)


def test_a_day_on_which_an_arm_was_not_tested_is_named(demo, taken_in, measured):
    gap = measured["thresholds"].query("not (arm == 'bmsc' and day in [7, 21])")
    made = asked(demo, "relief", gap, tables.empty(tables.Concentrations), taken_in["animals"])
    rows = made["contrasts"].set_index("time")
    assert "not estimable" in rows.loc[3.0, "note"]
    assert np.isnan(rows.loc[3.0, "estimate"])
    assert "without day 7" in rows.loc[1.0, "note"]
    assert not np.isnan(rows.loc[1.0, "estimate"])
    terms = made["effects"].set_index("term")
    assert "not estimable" in terms.loc["arm", "method"]
    assert not np.isnan(terms.loc["baseline", "F"])
