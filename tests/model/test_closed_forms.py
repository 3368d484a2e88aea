"""Where the answer is known in closed form: Hotelling's T², the mixed analysis of variance, the unit of time.

The data are simulated.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hindpaw.model import fit
from hindpaw.model.smallsample import Inference
from hindpaw.model.solution import Rows, solve
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.stats import f as f_distribution


def table(seed: int, n: tuple[int, ...], days: int, spread: float = 1.0) -> np.ndarray:
    """(animals, days) values with a covariance of its own, animals of each arm one after another."""
    random = np.random.default_rng(seed)
    mix = random.normal(size=(days, days)) / days + np.eye(days) + 0.5 / days
    return random.normal(size=(sum(n), days)) @ mix * spread + random.normal(size=days)


def long(Y: np.ndarray, n: tuple[int, ...]) -> tuple[Rows, np.ndarray]:
    """Rows of cell means, arm by day, and each row's arm."""
    animals, days = Y.shape
    animal, day = np.repeat(np.arange(animals), days), np.tile(np.arange(days), animals)
    arm = np.repeat(np.repeat(np.arange(len(n)), n), days)
    X = np.eye(len(n) * days)[arm * days + day]
    return Rows(Y.ravel(), X, animal, day=day.astype(float)), arm


def hotelling(difference: np.ndarray, S: np.ndarray, factor: float, free: int) -> tuple[float, int, float]:
    """F, its degrees of freedom and p of T² = factor · d′S⁻¹d with S on `free` degrees of freedom."""
    q = len(difference)
    T2 = factor * difference @ np.linalg.solve(S, difference)
    F = (free - q + 1) / (free * q) * T2
    return F, free - q + 1, float(f_distribution.sf(F, q, free - q + 1))


@pytest.mark.parametrize(("n", "days"), [(5, 2), (6, 3), (8, 4), (9, 7), (30, 5)])
def test_unstructured_with_one_group_is_hotelling(n, days):
    """All means 0, and all days alike."""
    Y = table(n, (n,), days)
    rows, _ = long(Y, (n,))
    found = solve(rows, "un")
    assert found.converged
    S = np.cov(Y.T).reshape(days, days)
    for L in (np.eye(days), np.eye(days)[1:] - np.eye(days)[:1]):
        own = Inference(found).test(L)
        F, df, p = hotelling(L @ Y.mean(axis=0), L @ S @ L.T, n, n - 1)
        assert own.method == "kenward-roger"
        assert [own.F, own.den_df, own.p] == pytest.approx([F, df, p], rel=1e-6)


@pytest.mark.parametrize(("n", "days"), [((4, 4), 2), ((6, 5), 3), ((5, 9), 4), ((6, 6), 7)])
def test_unstructured_with_two_groups_is_hotelling(n, days):
    """The difference of two arms over all days, and the interaction."""
    Y = table(sum(n), n, days)
    rows, _ = long(Y, n)
    found = solve(rows, "un")
    one, two = Y[: n[0]], Y[n[0] :]
    free = sum(n) - 2
    S = ((n[0] - 1) * np.cov(one.T) + (n[1] - 1) * np.cov(two.T)) / free
    factor = n[0] * n[1] / sum(n)
    both = np.hstack([-np.eye(days), np.eye(days)])
    for C in (np.eye(days), np.eye(days)[1:] - np.eye(days)[:1]):
        own = Inference(found).test(C @ both)
        F, df, p = hotelling(C @ (two.mean(axis=0) - one.mean(axis=0)), C @ S @ C.T, factor, free)
        assert [own.F, own.den_df, own.p] == pytest.approx([F, df, p], rel=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    seed=some.integers(0, 10**6),
    n=some.integers(2, 7),
    arms=some.integers(2, 4),
    days=some.integers(2, 7),
    spread=some.sampled_from([1e-6, 1.0, 1e5]),
)
def test_balanced_random_intercept_is_the_mixed_analysis_of_variance(seed, n, arms, days, spread):
    """Between arms F = MS(arm)/MS(animal in arm), within MS(day or interaction)/MS(residual), exactly, with their own
    degrees of freedom, unless the variance between animals would be negative."""
    random = np.random.default_rng(seed)
    Y = (random.normal(size=(arms * n, days)) + 1.5 * random.normal(size=(arms * n, 1))) * spread
    rows, _ = long(Y, (n,) * arms)
    cube = Y.reshape(arms, n, days)
    means, grand = cube.mean(axis=1), Y.mean()
    arm, day = means.mean(axis=1), means.mean(axis=0)
    per_animal = cube.mean(axis=2)
    animals = days * ((per_animal - arm[:, None]) ** 2).sum() / (arms * (n - 1))
    rest = cube - means[:, None] - per_animal[:, :, None] + arm[:, None, None]
    residual = (rest**2).sum() / (arms * (n - 1) * (days - 1))
    both = means - arm[:, None] - day + grand
    expected = {
        "arm": (n * days * ((arm - grand) ** 2).sum() / (arms - 1) / animals, arms - 1, arms * (n - 1)),
        "day": (arms * n * ((day - grand) ** 2).sum() / (days - 1) / residual, days - 1, None),
        "both": (n * (both**2).sum() / ((arms - 1) * (days - 1)) / residual, (arms - 1) * (days - 1), None),
    }
    A, D = (np.eye(k)[1:] - np.eye(k)[:1] for k in (arms, days))
    L = {
        "arm": np.kron(A, np.full((1, days), 1 / days)),
        "day": np.kron(np.full((1, arms), 1 / arms), D),
        "both": np.kron(A, D),
    }
    found = solve(rows, "cs")
    if animals <= residual:
        assert found.edge == ("tau2",)
        assert found.theta[0] == 0
        return
    assert found.theta == pytest.approx([(animals - residual) / days, residual], rel=1e-5)
    for term, (F, num_df, den_df) in expected.items():
        own = Inference(found).test(L[term])
        df = den_df or arms * (n - 1) * (days - 1)
        assert own.num_df == num_df
        assert pytest.approx(F, rel=1e-5) == own.F
        assert own.den_df == pytest.approx(df, rel=1e-4), (term, own)
        assert own.p == pytest.approx(f_distribution.sf(F, num_df, df), abs=1e-6)


@pytest.fixture(scope="module")
def uneven() -> pd.DataFrame:
    """Two arms of six mice on days 1, 3, 7, 14, 28 with serial correlation, five rows missing."""
    random, rows = np.random.default_rng(5), []
    day = np.array([1, 3, 7, 14, 28.0])
    L = np.linalg.cholesky(0.3 * 0.85 ** np.abs(day[:, None] - day) + 0.05)
    for animal in range(12):
        y = L @ random.normal(size=5) + 0.4 * (animal > 5)
        rows += [{"mouse": animal, "arm": "ab"[animal > 5], "d": d, "y": v} for d, v in zip(day, y, strict=True)]
    return pd.DataFrame(rows).drop(index=[3, 17, 31, 44, 58])


@pytest.mark.parametrize("structure", ["ar1", "cs+ar1", "slope", "independent-slope", "un"])
@pytest.mark.parametrize("unit", [1 / 7, 24.0, 86400.0], ids=["weeks", "hours", "seconds"])
def test_the_unit_of_time_does_not_matter(uneven, structure, unit):
    here = fit(uneven.assign(t=uneven["d"]), "y", "arm * C(d)", "mouse", structure, day="t")
    there = fit(uneven.assign(t=uneven["d"] * unit), "y", "arm * C(d)", "mouse", structure, day="t")
    assert here.solution.converged
    assert there.solution.converged
    assert there.reml_loglik == pytest.approx(here.reml_loglik, rel=1e-10)
    for column in ("F", "den_df", "p"):
        assert there.anova()[column].to_numpy() == pytest.approx(here.anova()[column].to_numpy(), rel=1e-6)
    if structure == "ar1":
        assert there.theta["rho"] ** unit == pytest.approx(here.theta["rho"], rel=1e-5)
    if structure == "cs+ar1":
        assert there.theta["rho"] == pytest.approx(here.theta["rho"], rel=1e-5)
    if "slope" in structure:
        assert there.theta["tau2_slope"] * unit**2 == pytest.approx(here.theta["tau2_slope"], rel=1e-4, abs=1e-9)


def test_one_row_a_group_of_animals_is_students_t():
    """With the time average as the contrast, complete mice are one number each: the t test of their means."""
    from scipy.stats import ttest_ind

    Y = table(3, (6, 6), 5) + 2 * np.random.default_rng(4).normal(size=(12, 1)) + np.repeat([[0.0], [1.0]], 6, axis=0)
    rows, _ = long(Y, (6, 6))
    row = np.r_[-np.ones(5), np.ones(5)] / 5
    told = ttest_ind(Y[6:].mean(axis=1), Y[:6].mean(axis=1))
    for structure in ("cs", "un"):
        _, _, df, t, p = Inference(solve(rows, structure)).estimate(row)
        assert [df, t, p] == pytest.approx([told.df, told.statistic, told.pvalue], rel=1e-5)
