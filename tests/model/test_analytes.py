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
    one = dataclasses.replace(demo, questions={key: demo.questions[key]}, reproduce={})
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
    # It enters as a bound: nothing is put in its place, and the question says that its method is another one.
    assert made["fits"]["n_substituted"].tolist() == [0]
    assert made["fits"]["structure"].tolist() == ["Tobit"]
    assert "1 of 12 values lie outside the limits" in made["fits"]["note"].iloc[0]
    notes = made["contrasts"].set_index("comparison")["note"]
    assert "1 values outside the limits entered as bounds" in notes["naive − vehicle"]
    assert "censored ranks" in notes["naive − vehicle"]
    assert "outside the limits" not in notes["bmsc − vehicle"]
    tests = made["analyte_tests"].query("comparison == 'naive − vehicle'").set_index("method")
    assert tests.loc["exact permutation of censored ranks", "primary"]
    assert "sensitivity only" in tests.loc["LLOQ/2 substitution (sensitivity)", "note"]
    assert tests["primary"].sum() == 1


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
    assert len(second) == 5
    assert (second["largest_difference"] < 1e-6).all()
    own = modelled["fits"].query("engine == 'hindpaw' ").set_index("question")["reml_loglik"]
    second = second.set_index("question")["reml_loglik"]
    np.testing.assert_allclose(second, own[second.index], rtol=1e-6)


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


def silent(arm):
    """A change that puts every value of an arm below its limit."""

    def change(frame):
        rows = (frame["analyte"] == "TGF-β1") & (frame["arm"] == arm)
        frame.loc[rows, ["pg_per_ml", "log10_pg_per_ml", "se_log10"]] = np.nan
        frame.loc[rows, ["lower_pg_per_ml", "upper_pg_per_ml"]] = [0.0, 312.5]
        frame.loc[rows, "censored"] = "left"
        return frame

    return change


def test_an_arm_below_its_limit_gets_a_one_sided_bound(demo, taken_in, measured, values):
    made = changed(demo, taken_in, measured, silent("vehicle"))
    row = made["contrasts"].set_index("comparison").loc["bmsc − vehicle"]
    assert np.isnan(row["estimate"])
    # The arm lies below log10 312.5 pg/ml, so the difference is at least the other arm's mean less that, less its error.
    distance = values["bmsc"].mean() - math.log10(312.5)
    assert 0 < row["lower"] < distance
    assert np.isnan(row["upper"])
    assert "one-sided" in row["note"]
    assert row["p"] == pytest.approx(2 / 70)
    mean = made["means"].set_index("arm").loc["vehicle"]
    assert np.isnan(mean["estimate"])
    assert mean["upper"] == pytest.approx(math.log10(312.5))


def test_most_values_censored_brings_the_test_of_detection(demo, taken_in, measured):
    """0 of 4 against 4 of 4 quantified: Fisher's p = 2/70; with every arm but one silent half is not yet 'most'."""
    made = changed(demo, taken_in, measured, lambda frame: silent("naive")(silent("vehicle")(frame)))
    rows = made["analyte_tests"].query("method == 'Fisher exact test of detection'").set_index("comparison")
    assert "bmsc − vehicle" not in rows.index
    assert rows.loc["naive − vehicle", "p"] == 1.0
    assert "0 of 4 quantified" in rows.loc["naive − vehicle", "note"]


def test_plates_enter_as_an_effect_and_labels_stay_within_them(demo, taken_in, measured, values):
    """A plate that reads twice as high shifts nothing when both arms are on both plates."""

    def shift(frame):
        rows = frame.index[frame["analyte"] == "TGF-β1"]
        for _, part in frame.loc[rows].groupby("arm"):
            high = part.index[::2]
            frame.loc[high, "plate"] = "second"
            frame.loc[high, "log10_pg_per_ml"] += math.log10(2)
        return frame

    made = changed(demo, taken_in, measured, shift)
    fit = made["fits"].iloc[0]
    assert fit["structure"] == "linear"
    assert fit["formula"].endswith("+ plate")
    row = made["contrasts"].set_index("comparison").loc["bmsc − vehicle"]
    assert row["estimate"] == pytest.approx(values["bmsc"].mean() - values["vehicle"].mean(), abs=1e-9)
    tests = made["analyte_tests"].query("comparison == 'bmsc − vehicle'").set_index("method")
    # Two of four on each plate: 6 × 6 deals.
    assert "all 36 deals" in tests.loc["exact permutation of Welch's t", "note"]


def test_plates_that_are_the_arms_are_refused(demo, taken_in, measured):
    made = changed(demo, taken_in, measured, lambda frame: frame.assign(plate=frame["arm"]))
    assert "confounded" in made["fits"]["note"].iloc[0]


def test_a_unit_on_two_plates_counts_once(demo, taken_in, measured):
    """Every sample read on a second plate too: still four units an arm, and the mean of both reads."""

    def twice(frame):
        rows = frame[frame["analyte"] == "TGF-β1"]
        again = rows.assign(plate="again", log10_pg_per_ml=rows["log10_pg_per_ml"] + 0.2)
        return pd.concat([frame, again], ignore_index=True)

    made = changed(demo, taken_in, measured, twice)
    assert made["fits"]["n_animals"].tolist() == [12]
    assert made["means"]["n"].tolist() == [4, 4, 4]


def test_pools_are_the_units(demo, taken_in, measured):
    def pooled(frame):
        rows = frame["analyte"] == "TGF-β1"
        frame.loc[rows, "pool"] = frame.loc[rows, "animal"] + "+x"
        frame.loc[rows, "animal"] = None
        return frame

    assert changed(demo, taken_in, measured, pooled)["fits"]["n_animals"].tolist() == [12]


def test_the_panel_is_one_family(modelled):
    """Benjamini and Hochberg by hand: p₍ᵢ₎·m/i, made monotone from above."""
    rows = modelled["contrasts"].query("question == 'csf_panel'")
    p = np.sort(rows["p"].to_numpy())
    by_hand = np.minimum.accumulate((p * len(p) / np.arange(1, len(p) + 1))[::-1])[::-1]
    np.testing.assert_allclose(np.sort(rows["p_adjusted"]), by_hand)
    assert rows["adjustment"].eq("bh").all()
    assert rows["analyte"].tolist() == ["IL-10", "IL-1β", "IL-6", "TNF", "CCL2", "CXCL12"]


def test_days_against_the_control_are_dunnetts(measured, modelled):
    from scipy.stats import dunnett

    frame = measured["concentrations"].query("matrix == 'DRG lysate'")
    control = frame.query("arm == 'naive'")["log10_pg_per_ml"]
    days = [part["log10_pg_per_ml"] for _, part in frame.query("arm == 'cci'").groupby("day")]
    other = dunnett(*days, control=control, rng=np.random.default_rng(1))
    rows = modelled["contrasts"].query("question == 'cxcl12_in_drg'")
    # Both integrate the multivariate t by quasi-random points.
    np.testing.assert_allclose(rows["p_adjusted"], other.pvalue, atol=2e-3)
    np.testing.assert_allclose(rows["t"], other.statistic, rtol=1e-6)


def test_hedges_interval_is_where_the_noncentral_t_says(values, modelled):
    from scipy.stats import nct

    row = modelled["analyte_tests"].query("method == \"Hedges' g\" and comparison == 'bmsc − vehicle'").iloc[0]
    a, b = values["bmsc"], values["vehicle"]
    pooled = math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    t, correction = (a.mean() - b.mean()) / pooled / math.sqrt(0.5), 1 - 3 / (4 * 6 - 1)
    for limit, share in ((row["lower"], 0.975), (row["upper"], 0.025)):
        assert nct.cdf(t, 6, limit / correction / math.sqrt(0.5)) == pytest.approx(share, abs=2e-3)
