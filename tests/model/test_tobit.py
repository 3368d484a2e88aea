"""The Tobit model against R's survreg, and exact permutations against scipy's."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hindpaw.model import permutation, tobit
from scipy.stats import mannwhitneyu, permutation_test

HERE = Path(__file__).parent
DATA = pd.read_csv(HERE / "tobit_data.csv", skipinitialspace=True)
GOLDEN = pd.read_csv(HERE / "tobit_r.csv", comment="#", skipinitialspace=True)
ARMS = ("control", "treated", "naive")


def design(case, plates):
    """The case's bounds and R's design matrix."""
    one = DATA[DATA["case"] == case]
    columns = [(one["arm"].str.strip() == arm).to_numpy(float) for arm in ARMS]
    columns += [(one["plate"].str.strip() == "p2").to_numpy(float)] if plates else []
    return one["lower"].to_numpy(float), one["upper"].to_numpy(float), np.column_stack(columns)


@pytest.mark.parametrize("row", GOLDEN.to_dict("records"), ids=lambda row: f"{row['case']}-{row['plates']}")
def test_tobit_equals_survreg(row):
    """Both maximize the same likelihood; survreg's steps stop at about 1e-9, so 1e-6 is loose."""
    lower, upper, X = design(row["case"], row["plates"])
    found = tobit.fit(lower, upper, X)
    np.testing.assert_allclose(found.beta[:3], [row[arm] for arm in ARMS], rtol=1e-6)
    assert found.sigma == pytest.approx(row["sigma"], rel=1e-6)
    assert found.loglik == pytest.approx(row["loglik"], abs=1e-8)
    weights = np.zeros(X.shape[1])
    weights[:2] = -1, 1
    estimate, se = found.contrast(weights)
    assert estimate == pytest.approx(row["difference"], rel=1e-6)
    # Ours is the likelihood's standard error times √(n/(n − p)).
    assert se * math.sqrt(found.df / found.n) == pytest.approx(row["se"], rel=1e-5)
    assert math.sqrt(found.covariance[-1, -1]) == pytest.approx(row["se_log_sigma"], rel=1e-5)


def test_the_golden_cases_cover_every_kind_of_censoring():
    kinds = {"left": ~np.isfinite(DATA["lower"]), "right": ~np.isfinite(DATA["upper"])}
    inside = np.isfinite(DATA["lower"]) & np.isfinite(DATA["upper"]) & (DATA["lower"] != DATA["upper"])
    assert {name: int(rows.sum()) > 10 for name, rows in kinds.items()} == {"left": True, "right": True}
    assert inside.sum() > 10
    assert len(GOLDEN) == 12


def test_without_censoring_it_is_least_squares_with_its_t():
    rng = np.random.default_rng(1)
    y, X = rng.normal(size=9), np.column_stack([np.ones(9), np.arange(9)])
    found = tobit.fit(y, y, X)
    beta, rss, *_ = np.linalg.lstsq(X, y)
    np.testing.assert_allclose(found.beta, beta, rtol=1e-9)
    _, se = found.contrast(np.array([0.0, 1.0]))
    assert se == pytest.approx(math.sqrt(rss[0] / 7 / ((np.arange(9) - 4) ** 2).sum()), rel=1e-9)


@pytest.mark.parametrize(
    ("lower", "upper"),
    [
        ([-math.inf] * 4 + [2.0, 2.1, 2.2, 2.3], [1.0] * 4 + [2.0, 2.1, 2.2, 2.3]),
        ([1.0] * 8, [1.0] * 8),
        ([-math.inf] * 8, [1.0] * 8),
    ],
)
def test_where_there_is_no_finite_maximum_it_says_so(lower, upper):
    X = np.column_stack([np.arange(8) < 4, np.arange(8) >= 4]).astype(float)
    with pytest.raises(tobit.TobitError):
        tobit.fit(np.array(lower), np.array(upper), X)


def test_the_bound_against_a_silent_arm_is_where_the_likelihood_falls():
    """At the bound twice the log likelihood lies `drop` below its ceiling, found here by a grid instead of bisection."""
    lower = np.array([-math.inf] * 4 + [1.3, 1.5, 1.4, 1.7])
    upper = np.array([1.0] * 4 + [1.3, 1.5, 1.4, 1.7])
    group, rest = (np.arange(8) >= 4).astype(float), np.ones((8, 1))
    bound = tobit.profile_lower(lower, upper, rest, group, 3.84)

    def fall(delta):
        near, far = (tobit.fit(lower - d * group, upper - d * group, rest).loglik for d in (delta, 30.0))
        return 2 * (far - near)

    grid = np.linspace(-0.5, 1.5, 401)
    crossed = grid[np.flatnonzero([fall(delta) <= 3.84 for delta in grid])[0]]
    assert bound == pytest.approx(crossed, abs=0.0051)
    assert fall(bound) == pytest.approx(3.84, abs=1e-6)


def test_the_permutation_of_ranks_is_wilcoxons_where_nothing_is_censored():
    rng = np.random.default_rng(2)
    for _ in range(20):
        y = rng.normal(size=9)
        treated = np.arange(9) >= 4
        found = permutation.of_scores(permutation.scores(y, y), treated, np.zeros(9, int), rng)
        assert found.p == pytest.approx(mannwhitneyu(y[treated], y[~treated], method="exact").pvalue)
        assert found.n_deals == 126
        assert found.enumerated


def test_the_permutation_of_welchs_t_is_scipys():
    rng = np.random.default_rng(3)
    y, treated = rng.normal(size=10) + 0.8 * (np.arange(10) >= 5), np.arange(10) >= 5

    def absolute_t(a, b, axis):
        ma, mb = a.mean(axis=axis), b.mean(axis=axis)
        return np.abs(ma - mb) / np.sqrt(a.var(axis=axis, ddof=1) / 5 + b.var(axis=axis, ddof=1) / 5)

    other = permutation_test(
        (y[treated], y[~treated]), absolute_t, vectorized=True, n_resamples=np.inf, alternative="greater"
    )
    found = permutation.of_welch(y, treated, np.zeros(10, int), rng)
    assert found.p == pytest.approx(other.pvalue)
    assert found.smallest_p == pytest.approx(2 / 252)


def test_labels_are_dealt_within_plates():
    """Two plates of 2 + 2: 6 × 6 deals, so the smallest p is 2/36 where 4 v 4 at will would give 2/70."""
    y = np.array([0.0, 0.1, 1.0, 1.1, 5.0, 5.1, 6.0, 6.1])
    treated, plates = np.array([0, 0, 1, 1, 0, 0, 1, 1], bool), np.array([0] * 4 + [1] * 4)
    scores = np.concatenate([permutation.scores(part, part) for part in (y[:4], y[4:])])
    found = permutation.of_scores(scores, treated, plates, np.random.default_rng(0))
    assert found.n_deals == 36
    assert found.p == pytest.approx(2 / 36)


def test_many_animals_are_sampled_with_the_plus_one_rule():
    rng = np.random.default_rng(4)
    treated = np.arange(30) >= 15
    found = permutation.of_welch(rng.normal(size=30) + 3 * treated, treated, np.zeros(30, int), rng)
    assert not found.enumerated
    assert found.p == pytest.approx(1 / (found.n_deals + 1))


def test_two_values_below_the_same_limit_tie():
    lower, upper = np.array([-math.inf, -math.inf, 0.4, 1.5]), np.array([1.0, 2.0, 0.4, 1.5])
    # Below 1 and below 2 cannot be ordered; 0.4 could lie on either side of both; 1.5 is above the first only.
    assert permutation.scores(lower, upper).tolist() == [-1.0, 0.0, -1.0, 2.0]
