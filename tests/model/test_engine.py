"""The engine and the questions about thresholds against R, closed forms, and simulation with known truth."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hindpaw.model import comparisons, design, simultaneous, solution
from hindpaw.model.comparisons import Answered
from hindpaw.model.errors import FitError
from hindpaw.model.smallsample import Inference
from hindpaw.model.solution import Rows
from scipy.stats import f as f_distribution

HERE = Path(__file__).parent


def fitted(y, X, animal, structure="cs", **more):
    """The fit and its Kenward–Roger tests."""
    rows = Rows(np.asarray(y, float), np.asarray(X, float), pd.factorize(np.asarray(animal))[0], **more)
    found = solution.solve(rows, structure)
    return found, Inference(found)


@pytest.fixture(scope="module")
def relief(demo, taken_in, measured):
    """The demo's first question, fitted."""
    question = demo.questions["relief"]
    built = design.build(demo, question, measured["thresholds"], taken_in["animals"])
    found = solution.solve(built.rows)
    return Answered(demo, question, built, found, Inference(found), np.random.default_rng(1))


@pytest.fixture(scope="module")
def r_says():
    """R's numbers for the same rows (r/relief.R): lme4, pbkrtest, emmeans."""
    frame = pd.read_csv(HERE / "relief_r.csv", comment="#").set_index("what")
    return {name: row.to_numpy(float) for name, row in frame.iterrows()}


def test_the_committed_rows_are_the_demos(relief):
    """R read relief.csv; it must be what the demo gives today."""
    golden = pd.read_csv(HERE / "relief.csv", comment="#")
    own = relief.built.frame.sort_values(["animal", "day"])
    np.testing.assert_allclose(own["y"], golden["y"], rtol=1e-9)
    assert own["animal"].tolist() == golden["animal"].tolist()


def test_variances_and_likelihood_equal_r(relief, r_says):
    tau2, sigma2, loglik, _ = r_says["variance"]
    np.testing.assert_allclose(relief.solved.theta, [tau2, sigma2], rtol=1e-5)
    # R codes its factors by sums, ours are cell means; the likelihoods differ by log|det| of that change.
    codes = sum_coding(len(relief.built.cells) // 2)
    assert relief.solved.loglik - math.log(abs(np.linalg.det(codes))) == pytest.approx(loglik, abs=1e-5)


def sum_coding(days: int) -> np.ndarray:
    """Cell means of 2 arms × days from the coefficients of contr.sum: (intercept, arm, days, arm × days)."""
    arm = np.array([[1.0], [-1.0]])
    by_day = np.vstack([np.eye(days - 1), -np.ones(days - 1)])
    rows = [np.concatenate([[1.0], arm[a], by_day[d], arm[a] * by_day[d]]) for a in range(2) for d in range(days)]
    return np.array(rows)


def test_type_iii_tests_equal_pbkrtest(relief, r_says):
    for term, L in comparisons.hypotheses(relief.built).items():
        num, den, F, p = r_says[f"F:{term}"]
        own = relief.inference.test(L)
        assert own.num_df == num
        assert own.den_df == pytest.approx(den, rel=1e-5)
        assert pytest.approx(F, rel=1e-5) == own.F
        assert own.p == pytest.approx(p, abs=1e-6)


def test_means_and_contrasts_equal_emmeans(relief, r_says):
    for arm, day in relief.built.cells:
        estimate, se, df, _ = r_says[f"mean:{arm}:{day:g}"]
        own = relief.inference.estimate(relief.built.cell(arm, day))
        np.testing.assert_allclose(own[:3], [estimate, se, df], rtol=1e-5)
    for row in comparisons.contrasts(relief):
        name = "overall" if row["by"] == "overall" else f"week:{row['time']:g}"
        estimate, se, df, p = r_says[f"contrast:{name}"]
        np.testing.assert_allclose([row["estimate"], row["se"], row["df"]], [estimate, se, df], rtol=1e-5)
        assert row["p"] == pytest.approx(p, abs=1e-6)


def test_balanced_one_way_data_have_a_closed_form():
    """REML of balanced data is the ANOVA estimator: σ² = MSW, τ² = (MSB − MSW)/t where that is positive."""
    rng = np.random.default_rng(2)
    y = rng.normal(size=(8, 5)) + rng.normal(size=(8, 1))
    within = ((y - y.mean(axis=1, keepdims=True)) ** 2).sum() / (8 * 4)
    between = 5 * y.mean(axis=1).var(ddof=1)
    found, kr = fitted(y.ravel(), np.ones((40, 1)), np.repeat(np.arange(8), 5))
    assert found.theta[1] == pytest.approx(within, rel=1e-8)
    assert found.theta[0] == pytest.approx((between - within) / 5, rel=1e-7)
    # The mean's test is the one-sample t of the 8 animal means: 7 degrees of freedom.
    assert kr.test(np.ones((1, 1))).den_df == pytest.approx(7, rel=1e-8)


def test_two_balanced_arms_give_the_split_plot_tests():
    """5 + 5 animals × 4 days: arm F(1, 8), day and arm × day F(3, 24), as the exact ANOVA of a split plot."""
    rng = np.random.default_rng(4)
    arm, day = np.repeat([0, 1], 20), np.tile(np.arange(4), 10)
    animal = np.repeat(np.arange(10), 4)
    y = rng.normal(size=40) + rng.normal(size=10)[animal]
    X = np.stack([(arm == a) & (day == d) for a in range(2) for d in range(4)], axis=1)
    _found, kr = fitted(y, X, animal)
    cells = np.eye(8).reshape(2, 4, 8)
    tests = {
        "arm": (cells[1] - cells[0]).mean(axis=0)[None],
        "interaction": (cells[1] - cells[0])[1:] - (cells[1] - cells[0])[:1],
    }
    assert kr.test(tests["arm"]).den_df == pytest.approx(8, rel=1e-6)
    assert kr.test(tests["interaction"]).den_df == pytest.approx(24, rel=1e-6)
    means = y.reshape(10, 4).mean(axis=1)
    pooled = (means[:5].var(ddof=1) + means[5:].var(ddof=1)) / 2
    by_hand = (means[5:].mean() - means[:5].mean()) ** 2 / (pooled * 2 / 5)
    assert pytest.approx(by_hand, rel=1e-6) == kr.test(tests["arm"]).F


def test_an_offset_costs_no_digits():
    rng = np.random.default_rng(6)
    animal, X = np.repeat(np.arange(8), 4), np.column_stack([np.ones(32), np.tile([0, 1], 16)])
    y = rng.normal(size=32) + rng.normal(size=8)[animal]
    plain, far = fitted(y, X, animal)[0], fitted(y + 1e8, X, animal)[0]
    assert far.theta[0] == pytest.approx(plain.theta[0], rel=1e-5)
    assert far.coefficients[1] == pytest.approx(plain.coefficients[1], rel=1e-5)


def test_zero_variance_between_animals_is_a_legal_answer():
    """Animals whose means agree exactly: τ² = 0 and the boundary is said."""
    y = np.tile([-1.0, 1.0, 0.5, -0.5], 6)
    found, _ = fitted(y, np.ones((24, 1)), np.repeat(np.arange(6), 4))
    assert found.edge == ("tau2",)
    assert found.theta[0] == 0
    # With τ² = 0 the variance is the plain residual one.
    assert found.theta[1] == pytest.approx(y.var(ddof=1))


@pytest.mark.parametrize(
    ("y", "X", "animal", "words"),
    [
        (np.ones(12), np.ones((12, 1)), np.repeat(np.arange(4), 3), "does not vary"),
        (np.arange(3.0), np.eye(3), np.arange(3), "cannot carry"),
        (np.array([1, 4, 2, 8, 5.0, 7]), np.eye(2)[[0, 0, 0, 1, 1, 1]], [0, 0, 0, 1, 1, 1], "variance between animals"),
        (np.array([1, 1, 2, 2, 4, 4.0]), np.ones((6, 1)), [0, 0, 1, 1, 2, 2], "No animal's values vary"),
        (np.array([1, np.nan, 2, 2, 4, 4.0]), np.ones((6, 1)), [0, 0, 1, 1, 2, 2], "empty or infinite"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_words(y, X, animal, words):
    with pytest.raises(FitError, match=words):
        fitted(y, X, animal)


def test_the_level_holds_with_five_animals_an_arm():
    """600 null data sets of 5 + 5 animals × 7 weeks: the arm's test at 5 % rejects 5 % (Monte-Carlo SE 0.9 %).

    The same Wald statistic against a normal rejects clearly more, which is why degrees of freedom matter.
    """
    rng = np.random.default_rng(8)
    animal, day = np.repeat(np.arange(10), 7), np.tile(np.arange(7), 10)
    arm = animal // 5
    X = np.stack([(arm == a) & (day == d) for a in range(2) for d in range(7)], axis=1).astype(float)
    L = np.concatenate([-np.ones(7), np.ones(7)])[None] / 7
    kr_rejects = z_rejects = 0
    for _ in range(600):
        y = rng.normal(size=70) + rng.normal(size=10)[animal]
        _found, kr = fitted(y, X, animal)
        own = kr.test(L)
        kr_rejects += own.p < 0.05
        z_rejects += own.F > 1.96**2
    assert 0.05 - 3 * 0.009 < kr_rejects / 600 < 0.05 + 3 * 0.009
    assert z_rejects > kr_rejects + 6


def test_the_simultaneous_interval_covers_the_family():
    """For equal correlation ½ (three arms against one control) Dunnett's two-sided 5 % point at 20 df is 2.54."""
    correlation = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    # Dunnett 1964, table II: k = 3, 20 df, two-sided 5 %: 2.54.
    assert simultaneous.critical(correlation, np.full(3, 20.0))[0] == pytest.approx(2.54, abs=0.01)


def test_holm_is_at_most_bonferroni_and_keeps_the_order():
    p = np.array([0.3, 0.001, 0.02, np.nan, 0.02])
    holm, bonferroni = simultaneous.holm(p), simultaneous.bonferroni(p)
    # Four known: 0.001·4, 0.02·3, max(0.02·2, 0.06), max(0.3, 0.06)
    np.testing.assert_allclose(holm, [0.3, 0.004, 0.06, np.nan, 0.06])
    np.testing.assert_allclose(bonferroni, [1, 0.004, 0.08, np.nan, 0.08])


def test_p_comes_from_f(relief):
    own = relief.inference.test(relief.built.cell("bmsc", 7.0)[None])
    assert own.p == pytest.approx(f_distribution.sf(own.F, 1, own.den_df))
