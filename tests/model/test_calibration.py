"""The level of the tests by simulation with nothing there, small and seeded; `benchmarks/calibration.py` is the large one.

A share of N simulations may lie 3.3 standard errors √(0.05·0.95/N) from 5 %, which chance exceeds once in a thousand.
"""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hindpaw.model import batch
from hindpaw.model.smallsample import Inference
from hindpaw.model.solution import Rows, solve

WEEKS = 7
BOTH = np.hstack([-np.eye(WEEKS), np.eye(WEEKS)])


def design(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cell means of two arms of n mice by weeks, each row's mouse and day."""
    mouse, week = np.repeat(np.arange(2 * n), WEEKS), np.tile(np.arange(WEEKS), 2 * n)
    return np.eye(2 * WEEKS)[week + WEEKS * (mouse >= n)], mouse, 7.0 * week


def band(simulations: int, share: float = 0.05) -> float:
    """3.3 Monte-Carlo standard errors of a share."""
    return 3.3 * math.sqrt(share * (1 - share) / simulations)


def serial(n: int, simulations: int, seed: int) -> np.ndarray:
    """(simulations, rows) outcomes with residuals of correlation 0.6 from week to week."""
    place = np.arange(WEEKS)
    L = np.linalg.cholesky(0.6 ** np.abs(place[:, None] - place).astype(float))
    return (np.random.default_rng(seed).normal(size=(simulations, 2 * n, WEEKS)) @ L.T).reshape(simulations, -1)


@pytest.mark.slow
@pytest.mark.parametrize("n", [5, 6])
def test_kenward_roger_holds_its_level_with_a_handful_of_mice(n):
    X, mouse, _ = design(n)
    simulations = 1000
    Y = batch.draw(mouse, np.zeros(len(mouse)), 0.5, 1.0, simulations, np.random.default_rng(n))
    hits = np.zeros((simulations, 2 + WEEKS))
    for place, y in enumerate(Y.T):
        inference = Inference(solve(Rows(y.copy(), X, mouse)))
        tests = [inference.test(BOTH[1:] - BOTH[:1]), inference.test(BOTH.mean(axis=0)[None])]
        tests += [inference.test(row[None]) for row in BOTH]
        hits[place] = [one.p < 0.05 for one in tests]
    assert np.abs(hits[:, :2].mean(axis=0) - 0.05).max() < band(simulations)
    assert np.abs(hits[:, 2:].mean(axis=0) - 0.05).max() < band(simulations)


def test_statsmodels_z_tests_reject_too_often():
    """statsmodels' z of the arm's time average is our estimate over its model standard error; against the normal
    distribution 20 000 null studies of 5 + 5 mice reject it far more than 5 %."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    X, mouse, _ = design(5)
    L = np.vstack([BOTH.mean(axis=0), BOTH])
    Y = batch.draw(mouse, np.zeros(len(mouse)), 0.5, 1.0, 20_000, np.random.default_rng(1))
    found = batch.refit(batch.design(X, mouse), Y, L)
    for place in np.flatnonzero(found.ratio > 0.2)[:5]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = MixedLM(Y[:, place], X, mouse).fit(reml=True)
        covariance = np.asarray(theirs.cov_params())[: X.shape[1], : X.shape[1]]
        z = L @ theirs.fe_params / np.sqrt(np.diag(L @ covariance @ L.T))
        assert found.t[:, place] == pytest.approx(z, rel=1e-3)
    rejected = (np.abs(found.t) > 1.959964).mean(axis=1)
    assert rejected[0] > 0.075
    assert rejected[1:].mean() > 0.055


@pytest.mark.slow
def test_a_slope_over_weeks_under_a_random_intercept_rejects_four_times_too_often():
    """Where residuals remember the week before (AR 0.6), arm × linear week needs `cs+ar1`."""
    _, mouse, day = design(5)
    arm = (mouse >= 5).astype(float)
    lines = np.column_stack([np.ones(len(day)), arm, day, arm * day])
    row = np.array([[0, 0, 0, 1.0]])
    Y = serial(5, 300, 3)
    hits = {}
    for structure in ("cs", "cs+ar1"):
        found = [Inference(solve(Rows(y.copy(), lines, mouse, day=day), structure)).test(row).p for y in Y]
        hits[structure] = float(np.mean(np.array(found) < 0.05))
    assert abs(hits["cs"] - 0.20) < band(300, 0.20)
    assert hits["cs+ar1"] < 0.065 + band(300, 0.065)


@pytest.mark.slow
@pytest.mark.parametrize("structure", ["ar1", "cs+ar1"])
def test_serial_data_fitted_with_their_structure_stay_near_the_level(structure):
    X, mouse, day = design(6)
    simulations = 150
    hits = []
    for y in serial(6, simulations, 5):
        inference = Inference(solve(Rows(y.copy(), X, mouse, day=day), structure))
        hits.append([inference.test(BOTH[1:] - BOTH[:1]).p < 0.05, inference.test(BOTH.mean(axis=0)[None]).p < 0.05])
    assert np.mean(hits, axis=0).max() < 0.08 + band(simulations, 0.08)


@pytest.mark.slow
def test_cages_need_their_term():
    """Arms given to cages of three alike mice: with the cage the level holds, without it the arms seem to differ."""
    random = np.random.default_rng(8)
    mouse, week = np.repeat(np.arange(24), 4), np.tile(np.arange(4), 24)
    X = np.eye(8)[week + 4 * (mouse >= 12)]
    row = np.r_[-np.ones(4), np.ones(4)][None] / 4
    hits = []
    for _ in range(300):
        cage = np.repeat(random.normal(size=8), 3)[mouse]
        y = 0.7 * cage + 0.5 * random.normal(size=24)[mouse] + random.normal(size=len(mouse))
        without, with_cage = Rows(y, X, mouse), Rows(y, X, mouse, mouse // 3)
        hits.append([Inference(solve(rows)).test(row).p < 0.05 for rows in (without, with_cage)])
    without, with_cage = np.mean(hits, axis=0)
    assert without > 0.05 + band(300)
    assert abs(with_cage - 0.05) < band(300)
