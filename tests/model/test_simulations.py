"""Small seeded versions of benchmarks/cytokines.py: known truth, Monte-Carlo error in the margins."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

SPEC = importlib.util.spec_from_file_location("cytokines", Path(__file__).parents[2] / "benchmarks" / "cytokines.py")
bench = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(bench)


def within(hits, low, high):
    """Whether a share lies in a range widened by three Monte-Carlo standard errors."""
    p, n = float(np.mean(hits)), len(hits)
    margin = 3 * np.sqrt(0.05 * 0.95 / n)
    return low - margin <= p <= high + margin


def test_tobit_contrasts_are_unbiased_and_covered_at_30_percent_censoring():
    found = bench.tobit_run(20, 400)
    assert abs(found["bias"]) < 3 * found["mc_se"]
    assert within(found["covered"], 0.93, 0.97)
    assert found["none"] == 0


def test_substituting_half_the_limit_is_biased_and_undercovered():
    """What the sensitivity arm is labelled for: at 30 % censoring it misses the truth far more often than 5 %."""
    found = bench.tobit_run(20, 400)
    assert found["half_bias"] > 0.03
    assert np.mean(found["half_covered"]) < 0.92


@pytest.mark.parametrize("n", [4, 6])
def test_the_exact_permutation_of_censored_ranks_keeps_its_level(n):
    hits = bench.permutation_run(n, 400)
    assert np.mean(hits) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)


def test_both_intervals_of_a_concentration_cover_it():
    """The delta method's and the bootstrap-t's, at 16 standard wells, 5PL where AICc took it among them."""
    hits = bench.curve_run(300)
    assert len(hits["bootstrap"]) > 290
    for found in hits.values():
        assert within(found, 0.93, 0.97)


def test_fiellers_set_covers_whether_or_not_it_is_bounded():
    covered, unbounded = bench.fieller_run(5, 0.4, 2000)
    assert within(covered, 0.94, 0.96)
    assert unbounded > 100
