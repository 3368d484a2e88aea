"""Thresholds from shares of responses, against statsmodels' binomial regression, arithmetic and the up-down estimator."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hindpaw import filaments, tables
from hindpaw.measure import outcomes, shares, updown

KNOWN = filaments.shipped("mouse-9")
LOGS = KNOWN.log10_force


def regression(x, r, n, link):
    """Middle and its standard error by statsmodels' GLM, the delta method by hand."""
    import statsmodels.api as sm

    links = {"probit": sm.families.links.Probit(), "logit": sm.families.links.Logit()}
    exog = sm.add_constant(np.asarray(x))
    endog = np.column_stack([r, np.asarray(n) - np.asarray(r)])
    fit = sm.GLM(endog, exog, family=sm.families.Binomial(link=links[link])).fit(tol=1e-14, maxiter=200)
    a, b = fit.params
    gradient = np.array([-1 / b, a / b**2])
    return -a / b, math.sqrt(gradient @ fit.cov_params() @ gradient)


@pytest.mark.parametrize("model", ["probit", "logit"])
@pytest.mark.parametrize("seed", range(12))
def test_the_middle_and_its_error_are_those_of_a_binomial_regression(model, seed):
    rng = np.random.default_rng(seed)
    n = rng.integers(5, 11, len(LOGS))
    p = 1 / (1 + np.exp(-(np.array(LOGS) + 0.2) / 0.35))
    r = rng.binomial(n, p)
    found = shares.percent_response(LOGS, r, n, KNOWN.step, model)
    x = np.array(LOGS)
    if found.method != model:
        # Held at one step only where no lighter filament lacks a response that a heavier one got.
        assert x[r < n].max() <= x[r > 0].min() or found.reason
        return
    middle, se = regression(LOGS, r, n, model)
    # statsmodels iterates to a relative change of 1e-14 in the deviance; the middle is flat in it.
    assert found.value.log10_g == pytest.approx(middle, abs=1e-6)
    assert found.value.se_log10 == pytest.approx(se, rel=1e-5)


def test_a_table_without_overlap_is_held_at_one_step_and_says_so():
    found = shares.percent_response([-1, 0, 1], [0, 5, 5], [5, 5, 5], step=1.0)
    assert found.method == "probit of one step"
    assert "slope" in found.reason
    # By symmetry about −0.5 but for the third filament, which draws it down a little.
    assert -0.7 < found.value.log10_g < -0.5


def test_falling_shares_are_held_at_one_step():
    assert shares.percent_response([-1, 0, 1], [4, 3, 1], [5, 5, 5], step=1.0).method == "probit of one step"


@pytest.mark.parametrize(
    ("responses", "censored", "lower", "upper"),
    [([0, 0, 0], "right", 10.0, None), ([5, 5, 5], "left", 0.0, 0.1), ([0, 0, 1], "right", 10.0, None)],
)
def test_what_lies_beyond_the_filaments_used_is_a_bound(responses, censored, lower, upper):
    found = shares.percent_response([-1, 0, 1], responses, [5, 5, 5], step=0.3).value
    assert (found.censored, found.log10_g) == (censored, None)
    assert found.lower_g == pytest.approx(lower)
    assert found.upper_g == (None if upper is None else pytest.approx(upper))


@pytest.mark.parametrize(("series", "last"), [("OXOOXO", 6), ("XXOXOX", 4), ("OOXXOX", 6), ("XOXXXO", 2)])
def test_the_order_of_an_up_down_series_does_not_matter_to_its_exact_threshold(series, last):
    known = updown.threshold(series, last, KNOWN, "exact")
    places = filaments.replay(series, last)
    order = np.random.default_rng(1).permutation(len(series))
    found = shares.unordered(
        [LOGS[places[one] - 1] for one in order], "".join(series[one] for one in order), KNOWN.step
    )
    assert found.log10_g == pytest.approx(known.log10_g, abs=1e-9)
    # Expected and observed information differ; both say the same to a few percent.
    assert found.se_log10 == pytest.approx(known.se_log10, rel=0.25)


def test_percent_response_finds_a_known_threshold():
    """Simulated: 2 000 sessions of 10 applications; mean error near 0, and 95 % intervals hold the truth."""
    rng = np.random.default_rng(7)
    truth, sigma = -0.3, 0.3
    p = np.array([0.5 * math.erfc(-(x - truth) / sigma / math.sqrt(2)) for x in LOGS])
    found = [
        shares.percent_response(LOGS, rng.binomial(10, p), [10] * len(LOGS), KNOWN.step).value for _ in range(2000)
    ]
    error = np.array([(one.log10_g - truth) / one.se_log10 for one in found if one.censored == "none"])
    assert len(error) > 1990
    # Monte-Carlo error of the mean is 1/√2000 = 0.022 standard errors; of a coverage of 95 %, 0.5 %.
    assert abs(error.mean()) < 0.1
    assert 0.93 < (np.abs(error) < 1.96).mean() < 0.97


@pytest.mark.parametrize(
    ("positions", "responses", "log10_g"),
    [
        # Half the mean step of mouse-9, (log10 F9 − log10 F1)/8, off the fifth filament's log.
        ([5, 6, 5, 6, 7], "OXOOX", LOGS[6] - KNOWN.step / 2),
        ([5, 4, 5, 4, 5], "XOXOO", LOGS[4] + KNOWN.step / 2),
    ],
)
def test_sudo_lies_half_a_step_from_the_fifth_filament(positions, responses, log10_g):
    assert shares.sudo(positions, responses, KNOWN).log10_g == pytest.approx(log10_g)
    exact = shares.sudo(positions, responses, KNOWN, "exact").log10_g
    sixth = positions[-1] + (-1 if responses[-1] == "X" else 1)
    assert exact == pytest.approx((LOGS[positions[-1] - 1] + LOGS[sixth - 1]) / 2)


def frame(model, rows):
    """Rows as a table, what they leave out empty."""
    return tables.shaped(pd.DataFrame(rows).reindex(columns=tables.columns(model)), model)


def measured(demo, **given):
    """Measuring of the given tables for one mouse of the demo study."""
    animals = frame(tables.Animals, [{"source": "x", "animal": "M001", "arm": "bmsc", "excluded": False}])
    nothing = {name: tables.empty(tables.TABLES[name]) for name in ("filaments", "trials", "readings", "wells")}
    return outcomes(demo, animals=animals, **nothing | given)


def test_a_devices_readings_are_averaged_in_grams_with_their_sd(demo):
    told = dict(animal="M001", day=5.0, paw="ipsilateral", kind="device", censored="none")
    readings = frame(
        tables.Readings,
        [told | {"source": f"r!A{row}", "threshold_g": grams} for row, grams in enumerate((3.0, 4.0, 5.0))]
        + [told | {"source": "r!A9", "threshold_g": 8.0, "censored": "right"}],
    )
    made = measured(demo, readings=readings)
    row = made["thresholds"].iloc[0]
    # Mean 4 g, SD 1 g: se(log10) = 1/(√3 · 4 · ln 10).
    assert row["threshold_g"] == pytest.approx(4.0)
    assert row["se_log10"] == pytest.approx(1 / (math.sqrt(3) * 4 * math.log(10)))
    assert (row["method"], row["n_trials"]) == ("device", 3)
    assert len(made["fates"]) == 4


def test_a_labs_bound_stays_a_bound(demo):
    told = dict(animal="M001", day=5.0, paw="ipsilateral", kind="threshold")
    readings = frame(tables.Readings, [told | {"source": "r!A2", "threshold_g": 4.0, "censored": "right"}])
    made = measured(demo, readings=readings)
    row = made["thresholds"].iloc[0]
    assert (row["censored"], row["lower_g"]) == ("right", 4.0)
    assert math.isnan(row["threshold_g"])
    assert made["fates"]["fate"].tolist() == ["censored"]


def test_shares_of_a_session_give_one_threshold_and_every_cell_a_fate(demo):
    known = filaments.shipped("mouse-9")
    told = dict(animal="M001", day=5.0, paw="ipsilateral", protocol="percent-response", filaments="mouse-9")
    counts = [0, 0, 1, 2, 3, 4, 5, 5, 5]
    rows = [
        told
        | {"source": f"r!A{place}", "order": order, "filament_g": force, "response": "X" if order <= count else "O"}
        for place, (force, count) in enumerate(zip(known.force_g, counts, strict=True))
        for order in range(1, 6)
    ]
    listed = pd.DataFrame(
        {
            "source": "x",
            "filaments": "mouse-9",
            "position": range(1, 10),
            "handle": known.handles,
            "nominal_g": known.nominal_g,
            "force_g": known.force_g,
        }
    )
    made = measured(demo, trials=frame(tables.Trials, rows), filaments=tables.shaped(listed, tables.Filaments))
    row = made["thresholds"].iloc[0]
    middle, se = regression(LOGS, counts, [5] * 9, "probit")
    assert row["log10_threshold"] == pytest.approx(middle, abs=1e-6)
    assert row["se_log10"] == pytest.approx(se, rel=1e-5)
    assert (row["method"], row["n_trials"]) == ("probit", 45)
    assert made["fates"]["source"].tolist() == [f"r!A{place}" for place in range(9)]
