"""The interval-censored model against R (lme4 by ML, survreg, a likelihood integrated animal by animal) and quadrature by force."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hindpaw.model import censored, quadrature
from hindpaw.model.ascent import maximise
from hindpaw.model.censored import Theta
from hindpaw.model.errors import FitError
from hindpaw.model.profile import Likelihood, Scale, Values, start
from hindpaw.model.smallsample import Inference
from hindpaw.model.solution import Rows, solve
from scipy.special import ndtr, stdtrit
from scipy.stats import norm

HERE = Path(__file__).parent
DATA = pd.read_csv(HERE / "bounds.csv", comment="#")
GOLDEN = pd.read_csv(HERE / "bounds_r.csv", comment="#").set_index(["case", "what"])["value"]
CONTRASTS = {"overall": np.repeat([-0.25, 0.25], 4), "third": np.array([0, 0, -1.0, 0, 0, 0, 1, 0])}
CHI2 = Scale()
LIMIT = math.sqrt(3.841458820694124)


def values(case: str, *, caged: bool = False) -> Values:
    """A case of the golden file."""
    one = DATA[DATA["case"] == case]
    cell = (one["day"] - 1 + 4 * (one["arm"] == "treated")).to_numpy()
    animal, cage = (pd.factorize(one[name], sort=True)[0] for name in ("animal", "cage"))
    order = censored.ordered(animal, cage if caged else None)
    lower, upper = one["lower"].to_numpy(float)[order], one["upper"].to_numpy(float)[order]
    return Values(lower, upper, np.eye(8)[cell][order], animal[order], cage[order] if caged else None)


@pytest.mark.parametrize("case", ["none", "nested"])
def test_without_censoring_it_is_lme4_by_full_maximum_likelihood(case):
    """Both to the optimum; lme4's own steps end at about 1e-6 of a variance."""
    found = Likelihood(values(case, caged=case == "nested"))
    top, golden = found.maximum, GOLDEN[case]
    assert top.loglik == pytest.approx(golden["loglik"], abs=1e-8)
    assert top.theta.tau**2 == pytest.approx(golden["animal"], rel=1e-5)
    assert top.theta.omega**2 == pytest.approx(golden.get("cage", 0.0), rel=1e-4)
    assert math.exp(2 * top.theta.log_sigma[0]) == pytest.approx(golden["Residual"], rel=1e-5)
    for name, L in CONTRASTS.items():
        along = found.contrast(L)
        assert along.estimate == pytest.approx(golden[name], abs=1e-9)
        assert along.ratio(0.0) == pytest.approx(golden[f"ratio:{name}"], abs=1e-6)


@pytest.mark.parametrize("case", ["none", "nested"])
def test_without_censoring_it_is_the_engines_fit(case):
    mine = values(case, caged=case == "nested")
    own = solve(Rows(mine.lower, mine.X, mine.animal, mine.cage), "cs", method="ML")
    top = Likelihood(mine).maximum
    assert top.loglik == pytest.approx(own.loglik, abs=1e-9)
    np.testing.assert_allclose(Likelihood(mine).basis @ top.theta.beta, own.coefficients, atol=1e-9)
    assert top.theta.tau**2 == pytest.approx(own.reported["tau2"], rel=1e-6)


def test_where_animals_do_not_differ_it_is_survreg():
    """τ is estimated as 0 there, and everything else is survreg's: to the 1e-9 at which its steps end."""
    found, golden = Likelihood(values("independent")), GOLDEN["independent"]
    top = found.maximum
    assert top.theta.tau == pytest.approx(0, abs=1e-5)
    assert top.loglik == pytest.approx(golden["loglik"], abs=1e-8)
    assert math.exp(top.theta.log_sigma[0]) == pytest.approx(golden["sigma"], rel=1e-6)
    np.testing.assert_allclose(found.basis @ top.theta.beta, [golden[f"beta{i}"] for i in range(1, 9)], atol=1e-7)
    for name, L in CONTRASTS.items():
        along = found.contrast(L)
        assert along.estimate == pytest.approx(golden[name], abs=1e-7)
        assert along.se == pytest.approx(golden[f"se:{name}"], rel=1e-5)
    # With no difference over all days the animals would differ, which survreg cannot see; on day 3 they still do not.
    along = found.contrast(CONTRASTS["third"])
    assert along.ratio(0.0) == pytest.approx(golden["ratio:third"], abs=1e-6)
    for way, side in ((-1, "lower"), (1, "upper")):
        assert along.limit(CHI2, LIMIT, way) == pytest.approx(golden[f"{side}:third"], abs=2e-6)


def test_with_both_it_is_the_likelihood_that_r_integrates():
    """R's integrate() is asked for 1e-11; nlminb without derivatives ends at about 1e-7 of the likelihood."""
    found, golden = Likelihood(values("mixed")).settled(), GOLDEN["mixed"]
    top = found.maximum
    assert top.loglik == pytest.approx(golden["loglik"], abs=2e-7)
    assert top.theta.tau == pytest.approx(golden["tau"], rel=1e-4)
    assert math.exp(top.theta.log_sigma[0]) == pytest.approx(golden["sigma"], rel=1e-4)
    for name, L in CONTRASTS.items():
        along = found.contrast(L)
        assert along.estimate == pytest.approx(golden[name], abs=2e-5)
        assert along.ratio(0.0) == pytest.approx(golden[f"ratio:{name}"], abs=2e-6)


def test_the_golden_cases_hold_every_kind_of_censoring():
    mixed = DATA[DATA["case"].isin(["independent", "mixed"])]
    inside = np.isfinite(mixed["lower"]) & np.isfinite(mixed["upper"]) & (mixed["lower"] != mixed["upper"])
    assert min((mixed["lower"] == -math.inf).sum(), (mixed["upper"] == math.inf).sum(), inside.sum()) >= 4
    assert len(GOLDEN) > 40


def by_force(mine: Values, theta: Theta) -> float:
    """The log-likelihood by the trapezoid over a grid of intercepts, cage by cage, without anything adaptive."""
    u = np.linspace(-8, 8, 641)
    weight = norm.pdf(u) * (u[1] - u[0])
    sigma = np.exp(theta.log_sigma)[np.zeros(len(mine.lower), int) if mine.stratum is None else mine.stratum]
    cage = mine.animal if mine.cage is None else mine.cage
    w = u if mine.cage is not None else np.zeros(1)
    total = 0.0
    for one in np.unique(cage):
        product = np.ones(len(w))
        for animal in np.unique(mine.animal[cage == one]):
            density = np.ones((len(w), len(u)))
            for j in np.flatnonzero(mine.animal == animal):
                mean = mine.X[j] @ theta.beta + theta.tau * u[None] + theta.omega * w[:, None]
                if mine.lower[j] == mine.upper[j]:
                    density = density * norm.pdf(mine.lower[j], mean, sigma[j])
                else:
                    low, high = ((bound - mean) / sigma[j] for bound in (mine.lower[j], mine.upper[j]))
                    density = density * (ndtr(high) - ndtr(low))
            product = product * (density @ weight)
        total += math.log(float(product @ weight) if mine.cage is not None else float(product[0]))
    return total


def small(seed: int, *, caged: bool, strata: bool = False) -> tuple[Values, Theta]:
    """Four animals of three days, two thirds of the values censored in some way, and a θ."""
    rng = np.random.default_rng(seed)
    animal, day = np.repeat(np.arange(4), 3), np.tile(np.arange(3), 4)
    y = rng.normal(0, 0.5, 12) + rng.normal(0, 0.6, 4)[animal]
    lower, upper = y.copy(), y.copy()
    kind = rng.integers(0, 4, 12)
    lower[kind == 1], upper[kind == 1] = -math.inf, y[kind == 1] + 0.2
    lower[kind == 2], upper[kind == 2] = y[kind == 2] - 0.2, math.inf
    lower[kind == 3], upper[kind == 3] = y[kind == 3] - 0.3, y[kind == 3] + 0.1
    stratum = (day == 2).astype(int) if strata else None
    mine = Values(lower, upper, np.eye(3)[day], animal, animal // 2 if caged else None, stratum)
    sigma = np.log([0.45, 0.7][: 2 if strata else 1])
    return mine, Theta(rng.normal(0, 0.2, 3), 0.5, 0.4 if caged else 0.0, sigma)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("caged", [False, True])
def test_the_quadrature_is_the_integral(seed, caged):
    mine, theta = small(seed, caged=caged, strata=seed % 2 == 1)
    known = mine.only(np.ones(12, bool), mine.X, nodes=25)
    assert quadrature.evaluate(known, theta).loglik == pytest.approx(by_force(mine, theta), abs=2e-8)


@pytest.mark.parametrize("caged", [False, True])
def test_gradient_and_hessian_are_the_slopes_of_the_likelihood(caged):
    """Central differences of a step of 1e-5 leave an error of about 1e-9 times the third derivative."""
    mine, theta = small(7, caged=caged, strata=True)
    known = mine.only(np.ones(12, bool), mine.X, nodes=31)
    at, vector = quadrature.evaluate(known, theta), theta.vector(caged)

    def point(shift):
        return quadrature.evaluate(known, Theta.of(vector + shift, 3, caged))

    steps = 1e-5 * np.eye(len(vector))
    gradient = [(point(h).loglik - point(-h).loglik) / 2e-5 for h in steps]
    hessian = [(point(h).gradient - point(-h).gradient) / 2e-5 for h in steps]
    np.testing.assert_allclose(at.gradient, gradient, atol=1e-6)
    np.testing.assert_allclose(at.hessian, hessian, atol=1e-6)


def test_the_scale_gives_students_interval_where_nothing_is_censored():
    """Balanced, for a comparison between animals: Λ = m log(1 + t²/ν), so the likelihood's limits are Kenward–Roger's."""
    mine = values("none")
    rows = Rows(mine.lower, mine.X, mine.animal)
    reml, ml = solve(rows, "cs"), solve(rows, "cs", method="ML")
    L = CONTRASTS["overall"]
    estimate, se, df, t, _ = Inference(reml).estimate(L)
    own = reml.coordinates(L[None])
    shrink = (own @ ml.phi @ own.T).item() / (own @ reml.phi @ own.T).item()
    assert shrink == pytest.approx(8 / 10)
    along, scale = Likelihood(mine).contrast(L), Scale(df, shrink)
    assert scale.t(along.ratio(0.0)) == pytest.approx(t, rel=1e-6)
    critical = float(stdtrit(df, 0.975))
    for way in (-1, 1):
        assert along.limit(scale, critical, way) == pytest.approx(estimate + way * critical * se, abs=1e-5)


def beyond(*cells: int, side: str = "right") -> Values:
    """The golden case with all values of some cells known only to lie beyond 0 (above, or below)."""
    mine = values("mixed")
    rows = mine.X[:, list(cells)].any(axis=1)
    lower, upper = mine.lower.copy(), mine.upper.copy()
    lower[rows], upper[rows] = (0.0, math.inf) if side == "right" else (-math.inf, 0.0)
    return replace(mine, lower=lower, upper=upper)


def test_a_cell_wholly_beyond_its_bound_leaves_a_bound():
    """Treated on day 3 wholly above: the difference has a lower bound. There Λ is the cut-off, against a ceiling found
    by moving the mean so far that no probability is left to gain."""
    found = Likelihood(beyond(6))
    assert found.gone.sum() == 6
    along = found.contrast(CONTRASTS["third"])
    assert (along.falls, along.rises, along.known) == (False, True, False)
    assert math.isnan(along.limit(CHI2, LIMIT, 1))
    bound = along.limit(CHI2, LIMIT, -1)
    assert along.ratio(bound) == pytest.approx(LIMIT**2, abs=1e-4)
    assert along.ratio(30.0) == pytest.approx(0, abs=1e-6)
    grid = np.linspace(bound - 0.5, bound + 1.5, 9)
    assert (np.diff([along.ratio(c) for c in grid]) < 0).all()
    # The other days are as they would be without that cell.
    other = CONTRASTS["third"][[2, 0, 1, 3, 6, 4, 5, 7]]
    assert found.contrast(other).known


@pytest.mark.parametrize(
    ("cells", "side", "third"),
    [
        ((2,), "right", (True, False)),
        ((2,), "left", (False, True)),
        ((6,), "left", (True, False)),
        ((2, 6), "right", (True, True)),
    ],
)
def test_which_way_a_difference_can_run(cells, side, third):
    """Treated − control: a control wholly above can only make it fall; with both above nothing is known."""
    along = Likelihood(beyond(*cells, side=side)).contrast(CONTRASTS["third"])
    assert (along.falls, along.rises) == third
    overall = Likelihood(beyond(*cells, side=side)).contrast(CONTRASTS["overall"])
    assert (overall.falls, overall.rises) == third


def test_another_cell_that_runs_away_changes_no_limit_of_this_one():
    """Its rows count with probability 1 at every c, as they do where its mean is held far out."""
    with_it, limits = Likelihood(beyond(7)), []
    far = beyond(7)
    far = replace(far, lower=np.where(far.X[:, 7] > 0, -math.inf, far.lower))
    for found in (with_it, Likelihood(far)):
        along = found.contrast(CONTRASTS["third"])
        limits.append([along.limit(CHI2, LIMIT, way) for way in (-1, 1)])
    assert limits[0] == pytest.approx(limits[1], abs=1e-4)


def test_what_has_no_maximum_is_refused():
    mine = beyond(*range(8))
    with pytest.raises(FitError, match="fewer than 3 values"):
        _ = Likelihood(mine).maximum
    with pytest.raises(FitError, match="lower bound"):
        censored.data(np.array([1.0]), np.array([0.0]), np.ones((1, 1)), np.zeros(1, int))
    with pytest.raises(FitError, match="stand together"):
        censored.data(np.zeros(3), np.zeros(3), np.ones((3, 1)), np.array([0, 1, 0]))


def test_any_start_ends_at_the_same_maximum():
    mine = values("mixed")
    known = mine.only(np.ones(len(mine.lower), bool), mine.X)
    first = start(known)
    found = [
        maximise(known, replace(first, tau=tau, log_sigma=np.array([math.log(sigma)])))
        for tau, sigma in ((0.01, 0.1), (0.3, 0.3), (2.0, 1.0), (0.05, 3.0))
    ]
    assert all(one.converged for one in found)
    assert [one.loglik for one in found] == pytest.approx([found[0].loglik] * 4, abs=1e-8)
