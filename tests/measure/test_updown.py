"""Thresholds against Dixon's table, brute force, and what is known of the ends."""

from __future__ import annotations

import math
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hindpaw import filaments
from hindpaw.measure import threshold
from hindpaw.measure.updown import dixon_k
from scipy.stats import norm

TABLE = pd.read_csv(Path(__file__).with_name("dixon_k.csv"), comment="#")
SWAP = str.maketrans("XO", "OX")
MOUSE = filaments.shipped("mouse-8")


def legal(known, longest=7):
    """Every (responses, last) that walks inside the set from some start."""
    for start in range(1, len(known) + 1):
        for length in range(2, longest + 1):
            for signs in product("XO", repeat=length):
                places = [start]
                for sign in signs[:-1]:
                    places.append(places[-1] + (-1 if sign == "X" else 1))
                if min(places) >= 1 and max(places) <= len(known) and len(set(signs)) == 2:
                    yield "".join(signs), places[-1]


@pytest.mark.parametrize("mirror", [False, True], ids=["O first", "X first"])
def test_the_likelihood_gives_dixons_248_values(mirror):
    """The table prints three decimals, so 0.0005 is exact agreement; swapping X and O changes the sign."""
    assert len(TABLE) == 124
    for responses, k in zip(TABLE["responses"], TABLE["k"], strict=True):
        own = -dixon_k(responses.translate(SWAP))[0] if mirror else dixon_k(responses)[0]
        assert own == pytest.approx(k, abs=0.000501), responses


@pytest.mark.parametrize(
    ("responses", "right", "misprinted"),
    [("XOOOOO", -0.893, -0.983), ("XXXXOXOX", -0.741, 0.741), ("XXXOXOOX", -1.247, math.nan)],
)
def test_misprints_of_circulating_tables_are_not_ours(responses, right, misprinted):
    assert dixon_k(responses)[0] == pytest.approx(right, abs=0.0005)
    assert dixon_k(responses)[0] != pytest.approx(misprinted, abs=0.01)


@pytest.mark.parametrize("responses", ["OX", "XOXOXOXO", "OOOOXXXXX", "OXOOXOXXOXO"])
def test_the_maximum_is_where_a_grid_finds_it(responses):
    places = np.array(filaments.replay(responses, 0), dtype=float)
    signs = np.where(np.array(list(responses)) == "X", 1, -1)
    grid = np.linspace(places.min() - 3, places.max() + 3, 60_001)
    loglik = norm.logcdf(signs * (places - grid[:, None])).sum(axis=1)
    assert dixon_k(responses)[0] == pytest.approx(grid[loglik.argmax()], abs=2e-4)
    # The information is the curvature of the log likelihood at its maximum, here by second differences.
    peak, step = loglik.argmax(), grid[1] - grid[0]
    curvature = (loglik[peak + 200] - 2 * loglik[peak] + loglik[peak - 200]) / (200 * step) ** 2
    assert dixon_k(responses)[1] == pytest.approx(1 / math.sqrt(-curvature), rel=1e-3)


def test_exact_and_dixon_agree_on_a_set_of_equal_steps():
    even = filaments.FilamentSet("even", (1, 2, 3, 4, 5), (1.0,) * 5, tuple(10 ** (0.3 * place) for place in range(5)))
    for responses, last in legal(even, 5):
        dixon, exact = (threshold(responses, last, even, method).log10_g for method in ("dixon", "exact"))
        assert dixon == pytest.approx(exact, abs=1e-9)


def test_exact_stays_near_dixon_on_the_mouse_set():
    """On the unequal steps of 0.008 to 6 g (nominal) the two differ by a median factor of 1.06, at most 1.30.

    The factors were computed for this set over all complete series from its middle filament by other code.
    """
    known = filaments.shipped("mouse-8", "nominal")
    complete = [
        (one, last)
        for one, last in legal(known, 9)
        if filaments.replay(one, last)[0] == 4 and len(one) - filaments.first_change(one) - 1 == 4
    ]
    folds = [
        abs(threshold(one, last, known, "dixon").log10_g - threshold(one, last, known, "exact").log10_g)
        for one, last in complete
    ]
    assert 10 ** float(np.median(folds)) == pytest.approx(1.06, abs=0.015)
    assert 10 ** max(folds) == pytest.approx(1.30, abs=0.015)


@pytest.mark.parametrize("method", ["dixon", "exact"])
def test_a_series_without_reversal_is_a_bound(method):
    left = threshold("XXXX", 1, MOUSE, method)
    assert (left.censored, left.lower_g, left.log10_g) == ("left", 0.0, None)
    assert left.upper_g == pytest.approx(10**1.65 / 1e4)
    right = threshold("OOOOO", 8, MOUSE, method)
    assert (right.censored, right.upper_g, right.log10_g) == ("right", None, None)
    assert right.lower_g == pytest.approx(10**4.74 / 1e4)


@pytest.mark.parametrize(("responses", "last"), [("OX", 9), ("OOO", 5), ("OXX", 8)])
def test_an_impossible_series_is_refused(responses, last):
    with pytest.raises(ValueError, match="ending on filament"):
        threshold(responses, last, MOUSE)


def test_the_worked_cell_of_a_calculator_in_use():
    """OXOOXX ending on handle 3.61 with δ = 0.4414: k = −0.169, 10^(3.61 − 0.169 × 0.4414)/10⁴ = 0.343 g."""
    by_hand = 10 ** (3.61 - 0.169 * 0.4414) / 1e4
    assert 10 ** threshold("OXOOXX", 5, MOUSE).log10_g == pytest.approx(by_hand, rel=5e-4)


def test_the_estimator_recovers_the_threshold_it_was_simulated_from():
    """400 mice at 0.4 g: the mean log10 estimate lies within three standard errors and 0.03 of the truth."""
    from hindpaw.simulate.behaviour import series

    known = filaments.shipped("mouse-9")
    rng = np.random.default_rng(1)
    found = [threshold(*series(rng, math.log10(0.4), known), known) for _ in range(400)]
    values = np.array([one.log10_g for one in found if one.censored == "none"])
    assert len(values) > 390
    bias = values.mean() - math.log10(0.4)
    assert abs(bias) < 3 * values.std(ddof=1) / math.sqrt(len(values)) + 0.03
    # The information's standard error matches the spread of the estimates.
    assert np.mean([one.se_log10 for one in found if one.se_log10]) == pytest.approx(values.std(ddof=1), rel=0.25)
