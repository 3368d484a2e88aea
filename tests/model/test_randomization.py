"""The randomization test against R's enumeration of lm, and against deals counted by hand."""

from __future__ import annotations

import dataclasses
import math
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hindpaw import tables
from hindpaw.model import deals, design, randomization, relabelling, resample
from hindpaw.model.comparisons import Asking
from hindpaw.model.randomization import Time

HERE = Path(__file__).parent
DATA = pd.read_csv(HERE / "resampling_data.csv")
GOLDEN = pd.read_csv(HERE / "deals_r.csv", comment="#", skipinitialspace=True)
DAYS = ["day1", "day2", "day3", "day4"]


def case(name):
    """Units, covariates, deals and statistics of a case of R's script."""
    one = DATA[DATA["case"] == name]
    treated = one["treated"].to_numpy(bool)
    base = one[["base"]].to_numpy(float)
    male = (one["sex"] == "m").to_numpy(float)[:, None]
    covariates = {"uneven": np.zeros((len(one), 0)), "blocks": np.hstack([base, male])}.get(name, base)
    strata = male[:, 0].astype(int) if name == "blocks" else np.zeros(len(one), dtype=int)
    Y = one[DAYS].to_numpy(float)
    times = [Time(Y[:, [k]], np.ones(1)) for k in range(4)] + ([] if name == "gap" else [Time(Y, np.full(4, 0.25))])
    every = deals.of(treated, strata, np.random.default_rng(0))
    return randomization.deal(times, covariates, treated, every), every


@pytest.mark.parametrize("name", GOLDEN["case"].unique())
def test_every_deal_equals_rs_enumeration(name):
    """p are counts of deals, so they are equal; t to rounding; limits to R's 30 bisections of at most 1.6."""
    dealt, every = case(name)
    known = GOLDEN[GOLDEN["case"] == name].reset_index(drop=True)
    assert len(every.treated) == known["n_deals"].iloc[0]
    for one, row in zip(dealt, known.itertuples(), strict=True):
        assert one.t == pytest.approx(row.t, rel=1e-9)
        assert randomization.p_value(one, every) == pytest.approx(row.p, abs=1e-12)
        if not math.isnan(row.lower):
            assert (one.lower, one.upper) == pytest.approx((row.lower, row.upper), abs=1e-7)
    adjusted = randomization.step_down(dealt[:4], every)
    np.testing.assert_allclose(adjusted, known["p_adjusted"][:4], atol=1e-12)


def by_hand(y, treated):
    """(β, t) of two groups with a pooled variance, in plain arithmetic."""
    a, b = y[treated], y[~treated]
    s2 = (((a - a.mean()) ** 2).sum() + ((b - b.mean()) ** 2).sum()) / (len(y) - 2)
    beta = a.mean() - b.mean()
    return beta, beta / math.sqrt(s2 * (1 / len(a) + 1 / len(b)))


def test_small_cases_by_brute_force():
    rng = np.random.default_rng(5)
    for n1, n0 in ((3, 3), (3, 4), (2, 5)):
        y, treated = rng.normal(size=n1 + n0), np.arange(n1 + n0) < n1
        every = deals.of(treated, np.zeros(len(y), int), rng)
        (found,) = randomization.deal([Time(y[:, None], np.ones(1))], np.zeros((len(y), 0)), treated, every)
        ts = []
        for chosen in combinations(range(len(y)), n1):
            mask = np.isin(np.arange(len(y)), chosen)
            ts.append(by_hand(y, mask)[1])
        np.testing.assert_allclose(found.statistics, ts, rtol=1e-9)
        assert randomization.p_value(found, every) == np.mean(np.abs(ts) >= abs(by_hand(y, treated)[1]) - 1e-9)


def test_the_interval_ends_where_p_passes_five_percent():
    rng = np.random.default_rng(6)
    treated = np.arange(9) < 4
    y, covariates = rng.normal(size=9) + treated, rng.normal(size=(9, 1))
    every = deals.of(treated, np.zeros(9, int), rng)

    def p(delta):
        (found,) = randomization.deal([Time((y - delta * treated)[:, None], np.ones(1))], covariates, treated, every)
        return randomization.p_value(found, every)

    (found,) = randomization.deal([Time(y[:, None], np.ones(1))], covariates, treated, every)
    for end, outward in ((found.lower, -1), (found.upper, 1)):
        assert p(end - outward * 1e-6) > 0.05
        assert p(end + outward * 1e-6) <= 0.05


def test_missing_days_give_the_plain_test_where_nothing_is_missing_and_keep_its_level_where_it_is():
    """Under no effect on values or missingness the test is exact: p ≤ α in at most α of all deals, whatever is missing."""
    rng = np.random.default_rng(7)
    treated = np.arange(8) < 4
    Y = rng.normal(size=(8, 3)) + rng.normal(size=(8, 1))
    Y[0, 1] = Y[5, 2] = Y[6, 2] = np.nan
    every = deals.of(treated, np.zeros(8, int), rng)
    weights = np.array([0.2, 0.5, 0.3])
    ps = []
    for row in every.treated:
        arm = np.isin(np.arange(8), row)
        (found,) = randomization.deal([Time(Y, weights)], np.zeros((8, 0)), arm, every)
        ps.append(randomization.p_value(found, every))
    for alpha in (0.05, 0.1, 0.3, 0.5):
        assert np.mean(np.array(ps) <= alpha + 1e-12) <= alpha + 1e-12
    assert min(ps) == pytest.approx(2 / 70)


def test_the_estimate_with_missing_days_is_the_weighted_mean_of_the_days_differences():
    rng = np.random.default_rng(8)
    treated = np.arange(8) < 4
    Y = rng.normal(size=(8, 3))
    Y[0, 1] = Y[5, 2] = np.nan
    weights = np.array([0.2, 0.5, 0.3])
    every = deals.of(treated, np.zeros(8, int), rng)
    (found,) = randomization.deal([Time(Y, weights)], np.zeros((8, 0)), treated, every)
    daily = [np.nanmean(Y[treated, k]) - np.nanmean(Y[~treated, k]) for k in range(3)]
    assert found.estimate == pytest.approx(weights @ daily)

    def p(delta):
        (moved,) = randomization.deal([Time(Y - delta * treated[:, None], weights)], np.zeros((8, 0)), treated, every)
        return randomization.p_value(moved, every)

    for end, outward in ((found.lower, -1), (found.upper, 1)):
        assert p(end - outward * 1e-6) > 0.05 >= p(end + outward * 1e-6)


def test_no_difference_and_no_spread_is_no_evidence():
    treated = np.arange(6) < 3
    every = deals.of(treated, np.zeros(6, int), np.random.default_rng(0))
    flat, apart = np.full((6, 1), 0.3), np.where(treated, 1.0, 0.0)[:, None]
    still, parted = randomization.deal(
        [Time(flat, np.ones(1)), Time(apart, np.ones(1))], np.zeros((6, 0)), treated, every
    )
    assert still.t == 0
    assert randomization.p_value(still, every) == 1
    assert randomization.p_value(parted, every) == pytest.approx(0.1)


@pytest.mark.parametrize(("n", "least"), [(4, 2 / 70), (5, 2 / 252)])
def test_the_smallest_p_is_the_designs(n, least):
    rng = np.random.default_rng(n)
    treated = np.arange(2 * n) < n
    every = deals.of(treated, np.zeros(2 * n, int), rng)
    (found,) = randomization.deal([Time(rng.normal(size=(2 * n, 1)), np.ones(1))], np.zeros((2 * n, 0)), treated, every)
    assert randomization.smallest_p(found.statistics, every) == pytest.approx(least)


def test_too_many_deals_are_sampled_by_the_seed():
    treated = np.arange(30) < 15
    y = np.random.default_rng(1).normal(size=(30, 1)) + 3 * treated[:, None]
    ps = []
    for seed in (1, 1, 2):
        some = deals.of(treated, np.zeros(30, int), np.random.default_rng(seed))
        (found,) = randomization.deal([Time(y, np.ones(1))], np.zeros((30, 0)), treated, some)
        ps.append((randomization.p_value(found, some), found.lower))
    assert ps[0] == ps[1] != ps[2]
    assert ps[0][0] == pytest.approx(1e-5)


def relabelled(demo, **changes):
    """The demo study with one question, and another randomization."""
    questions = {"needs_tgfb1": demo.questions["needs_tgfb1"]}
    return dataclasses.replace(demo, questions=questions, randomization={"unit": "animal", "blocks": []} | changes)


def dealt_again(demo, taken_in, measured, animals=None, **changes):
    """The overall row of its randomization test."""
    animals = taken_in["animals"] if animals is None else animals
    study = relabelled(demo, **changes)
    question = study.questions["needs_tgfb1"]
    asking = Asking(study, question, design.build(study, question, measured["thresholds"], animals))
    made = relabelling.answer(asking, measured["thresholds"], animals, np.random.default_rng(1), lambda words: None)
    rows = pd.DataFrame(made["randomization"], columns=tables.columns(tables.Randomization))
    return rows.set_index("by").loc["overall"]


def test_without_documentation_it_is_a_permutation_test(demo, taken_in, measured):
    row = dealt_again(demo, taken_in, measured, unit="undocumented")
    assert row["method"] == "permutation test"
    assert "not documented" in row["note"]
    assert row["n_deals"] == 924


def test_cages_are_dealt_as_wholes(demo, taken_in, measured):
    animals = taken_in["animals"].copy()
    arms = animals["arm"].isin(["bmsc_anti_tgfb1", "bmsc_igg"])
    number = animals[arms].groupby("arm").cumcount() // 2
    animals.loc[arms, "cage"] = animals.loc[arms, "arm"] + number.astype(str)
    row = dealt_again(demo, taken_in, measured, animals, unit="cage")
    # Three cages of two in each arm: 20 deals.
    assert (row["unit"], row["n_deals"], row["n_treated"], row["n_control"]) == ("cage", 20, 3, 3)
    assert row["smallest_p"] == pytest.approx(0.1)
    assert math.isnan(row["lower"])
    within = dealt_again(demo, taken_in, measured, animals, unit="cage", blocks=["cage"])
    assert within["n_deals"] == 1
    assert within["p"] == 1


def test_a_cage_of_both_arms_contradicts_randomized_cages(demo, taken_in, measured):
    row = dealt_again(demo, taken_in, measured, unit="cage")
    assert "animals of both arms share" in row["note"]
    assert math.isnan(row["p"])


def test_labels_are_dealt_within_blocks(demo, taken_in, measured):
    row = dealt_again(demo, taken_in, measured, blocks=["sex"])
    listed = taken_in["animals"].query("arm in ['bmsc_anti_tgfb1', 'bmsc_igg']")
    by_sex = [part["arm"].eq("bmsc_igg") for _, part in listed.groupby("sex")]
    assert row["n_deals"] == math.prod(math.comb(len(part), int(part.sum())) for part in by_sex)
    assert row["covariates"] == "blocks and baseline"


def test_the_same_seed_gives_the_same_tables(demo, taken_in, measured):
    one, other = (
        resample(relabelled(demo), measured["thresholds"], taken_in["animals"], taken_in["filaments"], seed=3)
        for _ in range(2)
    )
    for name, frame in one.items():
        pd.testing.assert_frame_equal(frame, other[name])
