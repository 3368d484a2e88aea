"""Residuals and tests of assumptions against R, dense matrices, a second engine, arithmetic and simulation."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hindpaw.model import assumptions, changes, fit, residuals, scale, solution, sphericity
from scipy.stats import chi2

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def mice():
    """Eight animals on five days, two of them with gaps, fitted with a random intercept and serial correlation."""
    rng = np.random.default_rng(20150825)
    frame = pd.DataFrame(
        [(f"m{a}", "ab"[a % 2], day) for a in range(8) for day in (1, 2, 4, 7, 11)], columns=["animal", "arm", "day"]
    )
    frame["y"] = rng.normal(size=8).repeat(5) + rng.normal(size=40) + frame["day"] / 10
    return frame.drop(index=[3, 17]).reset_index(drop=True)


def dense(solved):
    """V of all rows as one matrix."""
    V = np.zeros((len(solved.rows.y),) * 2)
    for at, block in solved.blocks():
        V[np.ix_(at, at)] = block
    return V


@pytest.mark.parametrize("structure", ["cs", "cs+ar1", "ar1", "slope"])
def test_residuals_are_those_of_generalized_least_squares(mice, structure):
    solved = fit(mice, "y", "arm * C(day)", "animal", structure, day="day").solution
    found, V, X = residuals.of(solved), dense(solved), solved.basis.X
    inverse = np.linalg.inv(V)
    beta = np.linalg.solve(X.T @ inverse @ X, X.T @ inverse @ solved.rows.y)
    np.testing.assert_allclose(found.fitted, X @ beta, atol=1e-9)
    np.testing.assert_allclose(found.residual, solved.rows.y - X @ beta, atol=1e-9)
    # Whitening loses nothing: z′z = r′V⁻¹r.
    np.testing.assert_allclose(found.standardized @ found.standardized, found.residual @ inverse @ found.residual)


def test_a_whitened_residual_is_what_earlier_days_do_not_predict(mice):
    solved = fit(mice, "y", "arm * C(day)", "animal", "cs", day="day").solution
    found, theta = residuals.of(solved), solved.reported
    tau2, s2 = theta["tau2"], theta["sigma2"]
    first, second = mice.index[mice["animal"] == "m1"][:2]
    r = found.residual
    assert found.standardized[first] == pytest.approx(r[first] / np.sqrt(tau2 + s2))
    # The second day given the first: mean τ²/(τ² + σ²) of it, variance τ² + σ² − τ⁴/(τ² + σ²).
    share = tau2 / (tau2 + s2)
    assert found.standardized[second] == pytest.approx(
        (r[second] - share * r[first]) / np.sqrt(tau2 + s2 - share * tau2)
    )


def test_predicted_intercepts_are_shrunken_means(mice):
    solved = fit(mice, "y", "arm * C(day)", "animal", "cs", day="day").solution
    found, tau2, s2 = residuals.of(solved), solved.reported["tau2"], solved.reported["sigma2"]
    for _, own in mice.groupby("animal"):
        n, mean = len(own), found.residual[own.index].mean()
        np.testing.assert_allclose(found.intercept[own.index], n * tau2 / (n * tau2 + s2) * mean, rtol=1e-9)


def test_a_structure_without_intercepts_predicts_none(mice):
    assert residuals.of(fit(mice, "y", "arm", "animal", "ar1", day="day").solution).intercept is None


def test_sphericity_is_what_r_says():
    golden = pd.read_csv(HERE / "sphericity_r.csv", comment="#")
    y = golden.loc[golden["what"] == "y", "value"].to_numpy().reshape(15, 5)
    arm = pd.factorize(golden[golden["what"] == "y"].drop_duplicates("animal")["arm"])[0]
    told = golden[golden["what"] != "y"].set_index("what")["value"]
    found = sphericity.of(y, arm)
    assert pytest.approx(told["W"], rel=1e-9) == found.W
    # In Box's second term R takes the number of days (5) once where p is the number of contrasts (4): with 3 × 5 in place
    # of 3 × 4 in 2p³ + 6p² + 3p + 2 ours is R's.
    rho, f = 1 - (2 * 16 + 4 + 2) / (6 * 4 * 12), 4 * 5 / 2 - 1
    first = chi2.sf(-12 * rho * np.log(found.W), f)
    theirs = first + (found.p - first) * (2 * 64 + 6 * 16 + 3 * 5 + 2) / (2 * 64 + 6 * 16 + 3 * 4 + 2)
    assert theirs == pytest.approx(told["p"], rel=1e-9)
    assert found.p == pytest.approx(told["p"], rel=1e-3)
    # R prints the epsilons to four decimals.
    assert found.greenhouse_geisser == pytest.approx(told["gg"], abs=5e-5)
    assert found.huynh_feldt == pytest.approx(told["hf"], abs=5e-5)


def test_sphericity_needs_more_animals_than_days_and_three_days():
    y = np.random.default_rng(1).normal(size=(5, 5))
    assert sphericity.of(y, np.array([0, 0, 0, 1, 1])) is None
    assert sphericity.of(y[:, :2], np.array([0, 0, 0, 1, 1])) is None


def test_the_scale_agrees_with_a_second_engine(mice):
    from statsmodels.regression.mixed_linear_model import MixedLM

    solved = fit(mice, "y", "arm * C(day)", "animal", "cs", day="day").solution
    found, logs = scale.power(solved), solved.rows.y * np.log(10)

    def loglik(at):
        """statsmodels' restricted log-likelihood on a scale."""
        model = MixedLM(scale.transformed(logs, at), solved.basis.X, groups=solved.rows.animal)
        return model.fit(reml=True, method=["powell", "bfgs"]).llf

    drops = 2 * (loglik(found.best) - loglik(0.0)), 2 * (loglik(found.best) - loglik(1.0))
    np.testing.assert_allclose((found.drop_log, found.drop_raw), drops, atol=1e-4)
    assert loglik(found.best) >= max(loglik(found.best - 0.05), loglik(found.best + 0.05))
    # The interval ends where the log-likelihood has dropped by half of χ²₁'s 95 % point, 3.8415 / 2.
    assert 2 * (loglik(found.best) - loglik(found.lower)) == pytest.approx(3.8415, abs=0.01)


def test_a_power_is_found_again():
    rng = np.random.default_rng(7)
    animal = np.repeat(np.arange(60), 8)
    y = (5 + rng.normal(0, 0.5, 60)[animal] + rng.normal(0, 0.8, 480)) ** 2  # λ = ½ makes it normal
    rows = solution.Rows(np.log10(y), np.ones((480, 1)), animal)
    found = scale.power(solution.solve(rows))
    assert found.lower < 0.5 < found.upper
    assert found.drop_log > 6.6
    assert found.drop_raw > 6.6


def test_correlation_by_lag_is_the_mean_product_over_the_mean_square():
    z = np.array([1.0, 2.0, -1.0, 0.0, 3.0, 1.0, -2.0, 2.0])
    animals = np.repeat([0, 1], 4)
    frame = pd.DataFrame({"day": [1.0, 2.0, 4.0, 8.0] * 2})
    built = dataclasses.make_dataclass("Built", ["frame"])(frame)
    found = assumptions._by_lag(z, animals, built)
    # Lag 1: (1·2, 2·−1, −1·0; 3·1, 1·−2, −2·2) = (2, −2, 0, 3, −2, −4), mean −0.5; mean square 24/8 = 3.
    assert found[0]["estimate"] == pytest.approx(-0.5 / 3)
    assert found[0]["upper"] == pytest.approx(1.96 / np.sqrt(6))
    # Lag 2: (1·−1, 2·0; 3·−2, 1·2) = (−1, 0, −6, 2), mean −1.25.
    assert found[1]["estimate"] == pytest.approx(-1.25 / 3)
    assert [row["n"] for row in found] == [6, 4]


def test_the_demo_has_every_test_of_every_question(modelled, demo):
    rows = modelled["assumptions"]
    for question in (one for one in demo.questions.values() if one.about_thresholds):
        mine = rows[rows["question"] == question.key]
        assert len(set(mine["assumption"])) == 7
    serial = rows[rows["test"].str.contains("cs against")].set_index("question")["p"]
    fits = modelled["fits"].query("engine == 'hindpaw' and chosen").set_index("question")["serial_p"].dropna()
    pd.testing.assert_series_equal(serial, fits.loc[serial.index], check_names=False)
    # Thresholds are simulated on the log scale: raw grams must fail.
    raw = rows[rows["test"].str.contains("raw grams")]
    assert (raw["p"] < 1e-6).all()


def test_residuals_have_a_row_for_each_row_of_the_model(modelled):
    fits = modelled["fits"].query("engine == 'hindpaw' and chosen").set_index("question")["n_observations"]
    n = modelled["residuals"].groupby("question").size()
    assert (n == fits.loc[n.index]).all()
    np.testing.assert_allclose(
        modelled["residuals"]["fitted"] + modelled["residuals"]["residual"], modelled["residuals"]["log10_threshold"]
    )


def test_estimated_changes_are_means_less_the_baseline(modelled, measured):
    means = modelled["means"].query("question == 'relief'").set_index(["arm", "day"])["estimate"]
    rows = modelled["changes"].query("question == 'relief' and what == 'estimate'").set_index(["arm", "day"])
    shift = means - rows["change_log10"]
    own = measured["thresholds"].query("paw == 'ipsilateral' and day == 3").set_index("animal")["log10_threshold"]
    animals = modelled["residuals"].query("question == 'relief'")["animal"].unique()
    np.testing.assert_allclose(shift, own.loc[animals].mean())


def test_how_a_difference_of_censored_values_is_known():
    assert changes.known("none", "none") == "none"
    assert changes.known("right", "right") == "interval"


def test_reproduced_means_are_arithmetic(modelled, measured):
    mine = measured["thresholds"].query("arm == 'bmsc_igg' and paw == 'ipsilateral' and day == 10")["threshold_g"]
    row = modelled["reproductions"].query("reproduction == 'fig5c' and arm == 'bmsc_igg' and day == 10").iloc[0]
    assert row["mean"] == pytest.approx(mine.mean())
    assert row["sem"] == pytest.approx(mine.std(ddof=1) / np.sqrt(6))
    assert row["geometric_mean"] == pytest.approx(np.exp(np.log(mine).mean()))
    # t(0.975, 5) = 2.570582.
    half = 2.570582 * np.log10(mine).std(ddof=1) / np.sqrt(6)
    assert row["upper"] == pytest.approx(10 ** (np.log10(mine).mean() + half), rel=1e-6)
