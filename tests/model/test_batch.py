"""Batched refits against the engine, fit by fit; the outcomes are simulated."""

from __future__ import annotations

import numpy as np
import pytest
from hindpaw.model import batch
from hindpaw.model.errors import FitError
from hindpaw.model.solution import Rows, solve


def cells(animals: int, days: int, dropped: int = 0, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Cell means of two arms by days, some rows left out, and each row's animal."""
    animal = np.repeat(np.arange(animals), days)
    cell = np.tile(np.arange(days), animals) + days * (animal >= animals // 2)
    kept = np.sort(np.random.default_rng(seed).permutation(animals * days)[dropped:])
    return np.eye(2 * days)[cell][kept], animal[kept]


def agree(X, animal, Y, L, found, tolerance=1e-9):
    """Each outcome fitted on its own."""
    for place in range(Y.shape[1]):
        alone = solve(Rows(Y[:, place], X, animal))
        own = alone.coordinates(L)
        se = np.sqrt(np.diag(own @ alone.phi @ own.T))
        assert found.loglik[place] == pytest.approx(alone.loglik, rel=tolerance)
        assert found.sigma2[place] == pytest.approx(alone.theta[1], rel=tolerance)
        assert found.tau2[place] == pytest.approx(alone.theta[0], rel=tolerance, abs=tolerance * alone.theta.sum())
        assert (found.ratio[place] == 0) == bool(alone.edge)
        assert np.all(np.abs(found.estimate[:, place] - own @ alone.beta) <= tolerance * se)
        assert np.sqrt(found.variance[:, place]) == pytest.approx(se, rel=tolerance)


@pytest.mark.parametrize("dropped", [0, 9, 25])
@pytest.mark.parametrize("offset", [0.0, 1e8])
def test_refits_are_the_fits_one_by_one(dropped, offset):
    X, animal = cells(12, 7, dropped)
    L = np.vstack([np.hstack([-np.eye(7), np.eye(7)]), np.r_[-np.ones(7), np.ones(7)] / 7])
    Y = batch.draw(animal, np.full(len(animal), offset), 0.01, 0.09, 60, np.random.default_rng(dropped))
    found = batch.refit(batch.design(X, animal), Y, L)
    # With so little between animals some fits must end at the boundary.
    assert 0 < (found.ratio == 0).sum() < 60
    # At an offset of 1e8 a value is known to 1.5e-8, a few 1e-7 of these standard errors.
    agree(X, animal, Y, L, found, 1e-9 if offset == 0 else 1e-6)


def test_chunks_do_not_show():
    X, animal = cells(10, 5, 4)
    Y = batch.draw(animal, np.zeros(len(animal)), 0.04, 0.09, 50, np.random.default_rng(3))
    known, L = batch.design(X, animal), np.eye(10)
    whole = batch.refit(known, Y, L)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "AT_A_TIME", 7 * len(animal))
        parts = batch.refit(known, Y, L)
    for name in ("ratio", "sigma2", "loglik", "estimate", "variance"):
        assert getattr(parts, name) == pytest.approx(getattr(whole, name), rel=1e-10, abs=1e-12), name


def test_hardly_any_residual_variance_keeps_its_digits():
    X, animal = cells(8, 4)
    random = np.random.default_rng(4)
    Y = batch.draw(animal, np.zeros(32), 1.0, 1e-9, 5, random)
    agree(X, animal, Y, np.eye(8), batch.refit(batch.design(X, animal), Y, np.eye(8)), 1e-6)
    # A hundred thousand times less is a rounding error, and refused.
    with pytest.raises(FitError, match="vary over its days"):
        batch.refit(batch.design(X, animal), batch.draw(animal, np.zeros(32), 1.0, 1e-14, 5, random), np.eye(8))


def test_a_column_that_depends_on_others_is_left_out_and_cannot_be_asked_for():
    X, animal = cells(8, 4)
    wider = np.column_stack([X, X.sum(axis=1)])
    Y = batch.draw(animal, np.zeros(32), 0.1, 0.1, 3, np.random.default_rng(5))
    L = np.eye(9)[:2]
    same = batch.refit(batch.design(X, animal), Y, L[:, :8])
    assert batch.refit(batch.design(wider, animal), Y, L).estimate == pytest.approx(same.estimate, rel=1e-12)
    with pytest.raises(FitError, match="depends on others"):
        batch.refit(batch.design(wider, animal), Y, np.eye(9)[8:])


def test_outcomes_that_cannot_be_fitted_say_why():
    X, animal = cells(8, 4)
    known = batch.design(X, animal)
    Y = batch.draw(animal, np.zeros(32), 0.1, 0.1, 3, np.random.default_rng(6))
    flat = Y.copy()
    flat[:, 1] = 5.0
    with pytest.raises(FitError, match="number 2"):
        batch.refit(known, flat, np.eye(8))
    gap = Y.copy()
    gap[3, 2] = np.nan
    with pytest.raises(FitError, match="empty or infinite"):
        batch.refit(known, gap, np.eye(8))
    still = Y[::4][animal] + 0.0
    with pytest.raises(FitError, match=r"vary over its days"):
        batch.refit(known, still, np.eye(8))
    with pytest.raises(FitError, match="32 rows"):
        batch.refit(known, Y[:10], np.eye(8))
    with pytest.raises(FitError, match="8 columns"):
        batch.refit(known, Y, np.eye(7))


def test_no_outcomes_give_no_fits():
    X, animal = cells(8, 4)
    assert batch.refit(batch.design(X, animal), np.zeros((32, 0)), np.eye(8)).estimate.shape == (8, 0)
