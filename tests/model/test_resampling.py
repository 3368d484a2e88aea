"""Bootstrap, influence and durations against R, against matrices written out, and against the simulated truth."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hindpaw import tables
from hindpaw.model import bootstrap, downdate, duration, redrawn, resample, reweighting
from hindpaw.model.downdate import Downdating
from hindpaw.model.smallsample import Inference
from hindpaw.model.solution import Rows, solve
from hindpaw.simulate import truth
from scipy.special import ndtri, stdtr

HERE = Path(__file__).parent
BOOT = pd.read_csv(HERE / "boot_r.csv", comment="#", skipinitialspace=True)
LEFT = pd.read_csv(HERE / "left_out_r.csv", comment="#", skipinitialspace=True)
DATA = pd.read_csv(HERE / "resampling_data.csv")


def test_bootstrap_t_and_bca_equal_package_boot():
    """With 999 resamples boot takes the 25th and 975th as they are; BCa's limits lie between two resamples, where boot goes
    along normal quantiles and we along a line, so that the gap of two neighbours is the tolerance."""
    of = {what: part[["a", "b"]].to_numpy(float) for what, part in BOOT.groupby("what")}
    (estimate, se), drawn = of["estimate"][0], of["resample"]
    found = bootstrap.studentized(estimate, se, drawn[:, 0], drawn[:, 1])
    assert (found.lower, found.upper) == pytest.approx(tuple(of["stud"][0]), rel=1e-9)
    middle = bootstrap.percentile(drawn[:, 0])
    assert (middle.lower, middle.upper) == pytest.approx(tuple(of["perc"][0]), rel=1e-9)
    bca = bootstrap.accelerated(estimate, drawn[:, 0], of["left out"][:, 0])
    for ours, theirs in zip((bca.lower, bca.upper), of["bca"][0], strict=True):
        gap = np.diff(np.sort(drawn[:, 0]))[np.searchsorted(np.sort(drawn[:, 0]), theirs) - 1]
        assert ours == pytest.approx(theirs, abs=gap)


def test_widened_limits_of_a_normal_are_those_of_t():
    """Resamples at the normal quantiles of mean 1 and SD 0.3 want neither bias correction nor acceleration: BCa's limits are
    1 ± √(20/19) t(0.975; 38) × 0.3 = 1 ± 0.623, and p is that of (1/0.3)/√(20/19) with 38 degrees of freedom."""
    drawn = 1 + 0.3 * ndtri((np.arange(99_999) + 0.5) / 99_999)
    left_out = 1 + np.array([-0.01, 0.01] * 20)
    wider = bootstrap.Widening.of([20, 20])
    made = bootstrap.accelerated(1.0, drawn, left_out, wider)
    assert (made.lower, made.upper) == pytest.approx((0.3769, 1.6231), abs=1e-3)
    expected = 2 * stdtr(38, -1 / 0.3 / np.sqrt(20 / 19))
    assert bootstrap.accelerated_p(1.0, drawn, left_out, wider) == pytest.approx(expected, rel=0.02)


def five():
    """R's case `five` in long form: rows, and the mean difference over days."""
    one = DATA[DATA["case"] == "five"].reset_index(drop=True)
    y = one[["day1", "day2", "day3", "day4"]].to_numpy(float).ravel()
    unit, day = np.repeat(np.arange(10), 4), np.tile(np.arange(4), 10)
    X = np.zeros((40, 9))
    X[np.arange(40), one["treated"].to_numpy(int)[unit] * 4 + day] = 1
    X[:, 8] = one["base"].to_numpy(float)[unit]
    return Rows(y, X, unit, day=day.astype(float)), np.array([-0.25] * 4 + [0.25] * 4 + [0])


def test_leaving_out_one_animal_equals_lmer_and_pbkrtest():
    rows, L = five()
    shrunk = Downdating(solve(rows))
    for row in LEFT.itertuples():
        fit = shrunk.solved if row.unit == 0 else shrunk.without(rows.animal == row.unit - 1)
        estimate, se, df, _, p = Inference(fit).estimate(L)
        assert (estimate, se, df, p) == pytest.approx((row.estimate, row.se, row.df, row.p), rel=1e-4)


@pytest.mark.parametrize("name", ["cs", "ar1", "cs+ar1", "slope"])
@pytest.mark.parametrize("caged", [False, True])
def test_downdated_sums_give_the_fit_of_the_other_rows(name, caged, monkeypatch):
    """The same likelihood reached from elsewhere: to 1e-6, as flat as the search leaves it."""
    monkeypatch.setattr(downdate, "FEW", 0)
    rng = np.random.default_rng(11)
    animal, day = np.repeat(np.arange(24), 5), np.tile([1.0, 2, 4, 7, 11], 24)
    cage, arm = animal // 3, animal // 12
    level, slope = rng.normal(size=24), 0.3 * rng.normal(size=24)
    serial = np.zeros((24, 5))
    for k in range(5):
        serial[:, k] = 0.6 * serial[:, k - 1] + rng.normal(size=24)
    y = level[animal] + slope[animal] * (day - 5) / 4 + serial.ravel() + rng.normal(size=8)[cage] + 0.4 * arm
    X = np.column_stack([arm == 0, arm == 1, day, arm * day]).astype(float)
    kept = rng.random(len(y)) > 0.1
    rows = Rows(y[kept], X[kept], animal[kept], cage[kept] if caged else None, day[kept])
    shrunk, L = Downdating(solve(rows, name)), np.array([[-1.0, 1, 0, 5]])
    for gone in (rows.animal == 4, cage[kept] == 6):
        quick, whole = shrunk.without(gone), solve(downdate.kept(rows, ~gone), name)
        assert quick.loglik == pytest.approx(whole.loglik, abs=1e-7)
        for ours, theirs in zip(Inference(quick).estimate(L[0]), Inference(whole).estimate(L[0]), strict=True):
            assert ours == pytest.approx(theirs, rel=2e-4)


def test_a_weighting_is_the_fit_of_animals_written_out():
    """Animals drawn twice stand twice among the rows; generalized least squares by n × n matrices, robust by its definition."""
    rows, L = five()
    solved = solve(rows)
    units = reweighting.contributions(solved)
    weights = np.array([2.0, 0, 1, 1, 1, 0, 3, 1, 1, 0])
    found = reweighting.reweighted(solved, units, weights[None], L[None])
    tau2, sigma2 = solved.theta
    order = np.repeat(np.arange(10), weights.astype(int))
    at = np.concatenate([np.flatnonzero(rows.animal == one) for one in order])
    copy = np.repeat(np.arange(len(order)), 4)
    V = tau2 * (copy[:, None] == copy[None]) + sigma2 * np.eye(len(at))
    X, y, inverse = rows.X[at], rows.y[at], np.linalg.inv(V)
    phi = np.linalg.inv(X.T @ inverse @ X)
    beta = phi @ X.T @ inverse @ y
    residual = y - X @ beta
    shares = [L @ phi @ X.T @ inverse @ (residual * (copy == one)) for one in range(len(order))]
    assert found.estimate[0, 0] == pytest.approx(L @ beta, rel=1e-10)
    assert found.se[0, 0] == pytest.approx(math.sqrt(sum(one**2 for one in shares)), rel=1e-9)


def test_the_bootstraps_of_variances_centre_on_the_fit(monkeypatch):
    """σ² of a balanced design is drawn as σ²χ²/df, with df its rows less what animals and days within arms take up."""
    monkeypatch.setattr(bootstrap, "SEARCHED", 9)
    rows, _ = five()
    solved = solve(rows)
    found = bootstrap.variances(solved, np.random.default_rng(2))["sigma2"]
    from scipy.stats import chi2

    # 40 rows less 10 animals less 6 interaction columns within animals (2 arms × 3 days) leave 24.
    expected = chi2.ppf([0.025, 0.975], 24) / 24 * solved.theta[1]
    assert (found.lower, found.upper) == pytest.approx(tuple(expected), rel=0.1)
    searched = bootstrap.variances(solve(rows, "cs+ar1"), np.random.default_rng(2))
    assert set(searched) == {"tau2", "sigma2", "rho"}


def test_ends_are_where_a_fine_grid_says():
    rng = np.random.default_rng(3)
    days = np.array([5.0, 7, 10, 14, 21])
    curves = rng.normal(0.2, 0.3, size=(300, 5))
    found = duration.ends(days, curves, 0.2, 4.0)
    fine = np.linspace(5, 21, 160_001)
    for place, curve in enumerate(curves):
        above = np.interp(fine, days, curve) >= 0.2
        tested = curve >= 0.2
        if not tested.any():
            assert found.day[place] == 4.0
            continue
        after = fine >= days[tested.argmax()]
        below = fine[after & ~above]
        assert found.day[place] == pytest.approx(below[0] if len(below) else 21.0, abs=2e-4)


def test_the_band_holds_the_end_of_every_curve_within_it():
    rng = np.random.default_rng(4)
    days = np.array([5.0, 7, 10, 14, 21])
    for _ in range(200):
        lower = rng.normal(0.1, 0.3, 5)
        upper = lower + rng.uniform(0.05, 0.6, 5)
        low, high = duration.end_within(days, lower, upper, 0.2, 4.0)
        curves = lower + rng.random((400, 5)) * (upper - lower)
        found = duration.ends(days, curves, 0.2, 4.0)
        still = np.array([found.outcome(k) == duration.STILL for k in range(400)])
        assert (found.day >= low - 1e-9).all()
        assert (found.day[~still] <= high + 1e-9).all()
        assert math.isinf(high) or not still.any()


def test_durations_of_the_demo_recover_the_simulated_truth(demo, resampled):
    """The truth on the days of test, straight between them: relief by cells ends on day 33.9, that by the protein on 7.5."""
    rows = resampled["durations"].query("question == 'how_long'").set_index("comparison")
    for arm in ("bmsc", "tgfb1_10"):
        row = rows.loc[f"{arm} − vehicle"]
        days = np.array([day for day in truth.DAYS if day > truth.TREATMENT_DAY], dtype=float)
        curve = [truth.log10_threshold(arm, day) - truth.log10_threshold("vehicle", day) for day in days]
        end = duration.ends(days, np.array([curve]), row["margin"], demo.days.treatment).day[0]
        assert row["margin"] == pytest.approx(0.265, abs=0.001)
        assert row["relief_ends_day"] == pytest.approx(end, abs=1.0)
        for lower, upper in (("relief_ends_lower", "relief_ends_upper"), ("band_lower", "band_upper")):
            assert row[lower] <= end <= (math.inf if math.isnan(row[upper]) else row[upper])
    apart = resampled["bootstrap"].query("estimand == 'difference of days of relief'").iloc[0]
    assert apart["comparison"] == "bmsc − tgfb1_10"
    assert apart["lower"] > 0
    assert apart["lower"] <= 33.95 - 7.48 <= (math.inf if math.isnan(apart["upper"]) else apart["upper"])


def test_the_area_between_curves_is_the_time_average_times_its_days(resampled, modelled):
    overall = modelled["contrasts"].query("by == 'overall'").set_index(["question", "comparison"])
    rows = resampled["areas"].query("method == 'mixed model'")
    assert len(rows) >= 5
    for row in rows.itertuples():
        contrast = overall.loc[row.question, row.comparison]
        # Days 5 to 42.
        assert row.estimate == pytest.approx(37 * contrast["estimate"])
        assert row.p == pytest.approx(contrast["p"])


def test_one_animals_area_and_possible_effect_by_hand(demo, taken_in, measured, resampled):
    row = (
        resampled["animal_relief"]
        .query("question == 'relief' and n_censored == 0 and mpe_percent == mpe_percent")
        .iloc[0]
    )
    own = measured["thresholds"].query(f"animal == '{row['animal']}' and paw == 'ipsilateral'").set_index("day")
    g, days = own["threshold_g"], [5, 7, 10, 14, 21, 28, 35, 42]
    area = sum((g[a] + g[b]) / 2 * (b - a) for a, b in pairwise(days))
    assert row["auc_g_days"] == pytest.approx(area)
    base, top = g[3], 10 ** math.log10(g[-1]) if g[-1] == g[-1] else own.loc[-1, "lower_g"]
    share = sum((g[a] + g[b] - 2 * base) / 2 * (b - a) for a, b in pairwise(days)) / 37 / (top - base)
    assert row["mpe_percent"] == pytest.approx(100 * share)


def test_influence_with_everything_is_the_contrasts(resampled, modelled):
    whole = resampled["influence"].query("kind == 'nothing'").set_index(["question", "comparison", "by", "time"])
    known = modelled["contrasts"].dropna(subset=["p"])
    known = known[known["question"].isin(whole.index.get_level_values(0))].set_index(
        ["question", "comparison", "by", "time"]
    )
    assert len(whole) > 30
    for name in ("estimate", "se", "df", "p", "p_adjusted"):
        np.testing.assert_allclose(whole[name].sort_index(), known.loc[whole.index, name].sort_index(), rtol=1e-9)
    assert not resampled["influence"].query("kind == 'nothing'")["crosses"].any()


def test_every_animal_cage_and_week_is_left_out_once(resampled, modelled):
    rows = resampled["influence"].query("question == 'relief' and by == 'overall'")
    n = modelled["fits"].query("question == 'relief' and engine == 'hindpaw'")["n_animals"].iloc[0]
    counts = rows["kind"].value_counts()
    assert (counts["nothing"], counts["animal"], counts["week"]) == (1, n, 6)
    assert rows["left_out"].dropna().is_unique
    before, after = rows.loc[rows["kind"] == "nothing", "p"].iloc[0] < 0.05, rows["p"] < 0.05
    assert (rows["crosses"] == (after != before)).all()


def test_a_question_without_data_has_rows_with_the_reason(demo, taken_in):
    empty = tables.empty(tables.Thresholds)
    made = resample(demo, empty, taken_in["animals"], taken_in["filaments"], seed=1)
    for name in ("randomization", "durations"):
        assert made[name]["note"].str.startswith("not estimated: ").all()
        assert len(made[name]) == 6


def test_combined_limits_are_those_of_variances_where_intervals_are_symmetric():
    """Zou and Donner's limits of independent symmetric intervals ±2 and ±1.5 are ±√(2² + 1.5²) = ±2.5."""
    days = np.array([0.0, 10.0, 20.0])
    close, _ = duration.grid(days, 200)
    rng = np.random.default_rng(9)

    def falling(end, half):
        own = 0.1 * (end - close) + 0.2
        return redrawn.Timed(
            close, own, np.full(len(close), 0.1 * half / 1.96), _normal_t(len(close)), end, rng.normal(size=4000)
        )

    low, high = redrawn.recovered(falling(12.0, 2.0), falling(6.0, 1.5), 0.2, -5.0)
    assert (low, high) == pytest.approx((3.5, 8.5), abs=0.1)


def _normal_t(columns):
    """(B, columns) normal quantiles, so that a 95 % interval is ±1.96 standard errors."""
    from scipy.special import ndtri

    return np.repeat(ndtri((np.arange(1999) + 1) / 2000)[:, None], columns, axis=1)
