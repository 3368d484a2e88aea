"""The engine against the formulas written out with n × n matrices, on simulated mice with uneven and missing days.

Nothing here is shared with the engine: V and its derivatives are built row by row from the definition of each
structure, and Kenward–Roger is computed as Kenward and Roger print it (Biometrics 1997;53:983-997), with R_rs left out
for `ar1` and `cs+ar1` as statistics software does in its first-order version.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hindpaw.model import basis as bases
from hindpaw.model import patterns, search, solution, structure
from hindpaw.model.smallsample import Inference
from hindpaw.model.solution import Rows, solve
from scipy.stats import f as f_distribution


def mice(seed: int, animals: int = 12, each: int = 6, days=(1, 2, 4, 7, 8, 11, 15, 21, 28, 30)) -> dict:
    """Rows of mice that were seen on days of their own, two in a cage; intercept, cage, slope and serial noise."""
    random = np.random.default_rng(seed)
    rows = {name: [] for name in ("animal", "cage", "arm", "day", "y")}
    for animal in range(animals):
        if animal % 2 == 0:
            shared = random.normal(0, 0.3)
        seen = np.sort(random.choice(days, size=min(each, len(days)) - animal % 3, replace=False)).astype(float)
        apart = np.abs(seen[:, None] - seen)
        noise = np.linalg.cholesky(0.25 * 0.9**apart + 0.02 * np.eye(len(seen))) @ random.normal(size=len(seen))
        noise *= 1 + 0.8 * (seen > 10)
        rows["animal"] += [animal] * len(seen)
        rows["cage"] += [animal // 2] * len(seen)
        rows["arm"] += [int(animal >= animals // 2)] * len(seen)
        rows["day"] += seen.tolist()
        rows["y"] += (1 + shared + random.normal(0, 0.4) + random.normal(0, 0.02) * seen + noise).tolist()
    return {name: np.array(values) for name, values in rows.items()}


def dense_v(kind: str, theta: dict, data: dict, late: np.ndarray | None, gap: float) -> tuple[np.ndarray, list]:
    """V of all rows and its derivative by each parameter, in the order of `theta`."""
    day, same = data["day"], (data["animal"][:, None] == data["animal"][None, :]).astype(float)
    mates = (data["cage"][:, None] == data["cage"][None, :]).astype(float)
    apart, parts = np.abs(day[:, None] - day[None, :]), {}
    serial = "ar1" in kind
    unit = 1.0 if kind in ("ar1", "cage/ar1") and not kind.startswith("cage") else gap
    rho = theta.get("rho")
    fade = rho ** (apart / unit) * same if serial else np.eye(len(day))
    strata = np.zeros(len(day), dtype=int) if late is None else late
    names = [name for name in theta if name.startswith("sigma2") and "un" not in kind]
    sd = np.sqrt([theta[name] for name in names])[strata] if names else None
    V = np.zeros((len(day), len(day)))
    for name, value in theta.items():
        if name == "omega2":
            parts[name] = mates
        elif name == "tau2":
            parts[name] = same
        elif name == "covariance_slope":
            parts[name] = (day[:, None] + day[None, :]) * same
        elif name == "tau2_slope":
            parts[name] = np.outer(day, day) * same
        elif name == "rho":
            parts[name] = np.outer(sd, sd) * (apart / unit) * rho ** (apart / unit - 1) * same
            continue
        elif "un" in kind:
            here = [float(one) for one in name.split("[")[1][:-1].split(",")]
            a, b = np.outer(day == here[0], day == here[-1]), np.outer(day == here[-1], day == here[0])
            parts[name] = (a | b) * same
        else:
            member = (strata == names.index(name)) / value
            parts[name] = np.outer(sd, sd) * fade * (member[:, None] + member[None, :]) / 2
        # Every part but ρ enters V in proportion to its parameter; two strata share their products half and half.
        V += value * parts[name]
    return V, [parts[name] for name in theta]


def dense_kr(y, X, V, D, L) -> dict:
    """REML log-likelihood, its slope, Φ_A, F, m and p with n × n matrices."""
    n, p = X.shape
    inverse = np.linalg.inv(V)
    phi = np.linalg.inv(X.T @ inverse @ X)
    beta = phi @ X.T @ inverse @ y
    project = inverse - inverse @ X @ phi @ X.T @ inverse
    fits = float(y @ project @ y)
    logs = sum(np.linalg.slogdet(one)[1] for one in (V, X.T @ inverse @ X))
    slope = np.array([np.trace(project @ one) - y @ project @ one @ project @ y for one in D])
    P = [-X.T @ inverse @ one @ inverse @ X for one in D]
    Q = [[X.T @ inverse @ a @ inverse @ b @ inverse @ X for b in D] for a in D]
    k = range(len(D))
    information = np.array(
        [
            [
                0.5
                * (np.trace(inverse @ D[r] @ inverse @ D[s]) - np.trace(2 * phi @ Q[r][s] - phi @ P[r] @ phi @ P[s]))
                for s in k
            ]
            for r in k
        ]
    )
    W = np.linalg.inv(information)
    adjusted = phi + 2 * phi @ sum(W[r, s] * (Q[r][s] - P[r] @ phi @ P[s]) for r in k for s in k) @ phi
    q = len(L)
    theta = L.T @ np.linalg.inv(L @ phi @ L.T) @ L
    A1 = sum(W[r, s] * np.trace(theta @ phi @ P[r] @ phi) * np.trace(theta @ phi @ P[s] @ phi) for r in k for s in k)
    A2 = sum(W[r, s] * np.trace(theta @ phi @ P[r] @ phi @ theta @ phi @ P[s] @ phi) for r in k for s in k)
    B = (A1 + 6 * A2) / (2 * q)
    g = ((q + 1) * A1 - (q + 4) * A2) / ((q + 2) * A2)
    c1, c2, c3 = (top / (3 * q + 2 * (1 - g)) for top in (g, q - g, q + 2 - g))
    E = 1 / (1 - A2 / q)
    Vstar = (2 / q) * (1 + c1 * B) / ((1 - c2 * B) ** 2 * (1 - c3 * B))
    m = 4 + (q + 2) / (q * (Vstar / (2 * E**2)) - 1)
    scale = m / (E * (m - 2))
    value = L @ beta
    F = scale * float(value @ np.linalg.solve(L @ adjusted @ L.T, value)) / q
    return {
        "loglik": -(logs + fits + (n - p) * math.log(2 * math.pi)) / 2,
        "slope": slope,
        "information": information,
        "beta": beta,
        "phi": phi,
        "adjusted": adjusted,
        "F": F,
        "m": m,
        "p": float(f_distribution.sf(F, q, m)),
    }


CASES = {
    "cs": {},
    "slope": {},
    "independent-slope": {},
    "ar1": {},
    "cs+ar1": {},
    "cage/cs": {},
    "cage/slope": {},
    "cage/cs+ar1": {},
    "un": {"animals": 24, "each": 4, "days": (3, 7, 10, 21)},
}
PARAMETERS = [(kind, strata) for kind in CASES for strata in (None, "late", "arm")]
PARAMETERS = [one for one in PARAMETERS if one[0] in ("cs", "ar1", "cs+ar1", "cage/cs+ar1") or one[1] is None]


@pytest.mark.parametrize(("kind", "strata"), PARAMETERS, ids=lambda one: str(one))
@pytest.mark.parametrize("seed", [1, 2])
def test_the_engine_is_the_formulas_written_out(kind, strata, seed):
    data = mice(seed, **CASES[kind])
    day, arm = data["day"], data["arm"]
    stratum = {None: None, "late": (day > 10).astype(np.int64), "arm": arm.astype(np.int64)}[strata]
    X = np.column_stack([np.ones_like(day), arm, day, arm * day, day > 12])
    cage = data["cage"] if kind.startswith("cage/") else None
    names = ("",) if strata is None else ("early", "late")
    rows = Rows(data["y"], X, data["animal"], cage, day, stratum, names)
    found = solve(rows, kind.removeprefix("cage/"))
    assert found.converged
    assert found.structure.label == kind
    theta = found.reported
    gap = found.structure.median_gap
    V, D = dense_v(kind, theta, data, stratum, gap)
    L = np.array([[0, 1, 0, 0, 0], [0, 0, 0, 1, 0]], dtype=float)
    told = dense_kr(data["y"], X, V, D, L)
    assert found.loglik == pytest.approx(told["loglik"], rel=1e-9)
    # Inside, the slope is 0 next to its standard deviation; at an edge it points outwards.
    size = np.sqrt(np.diag(told["information"]))
    for name, slope, one in zip(theta, told["slope"], size, strict=True):
        assert slope / one > -1e-4 if name in found.edge and name != "rho" else abs(slope / one) < 1e-4 or found.edge
    se = np.sqrt(np.diag(told["phi"]))
    assert np.abs(found.coefficients - told["beta"]).max() < 1e-8 * np.abs(told["beta"]).max()
    assert np.all(np.abs(Inference(found, "satterthwaite").covariance - told["phi"]) < 1e-8 * np.outer(se, se))
    if found.edge:
        return
    tests = Inference(found)
    assert np.all(np.abs(tests.covariance - told["adjusted"]) < 1e-7 * np.outer(se, se))
    own = tests.test(L)
    assert own.method == "kenward-roger"
    assert [own.F, own.den_df] == pytest.approx([told["F"], told["m"]], rel=1e-7)
    assert own.p == pytest.approx(told["p"], rel=1e-6)


@pytest.mark.parametrize("kind", [kind for kind in CASES if kind not in ("un", "cage/slope")])
def test_no_parameters_near_or_far_do_better(kind):
    """The likelihood, computed with n × n matrices, at a hundred other parameters."""
    data = mice(3, **CASES[kind])
    day, arm = data["day"], data["arm"]
    X = np.column_stack([np.ones_like(day), arm, day, arm * day])
    cage = data["cage"] if kind.startswith("cage/") else None
    found = solve(Rows(data["y"], X, data["animal"], cage, day), kind.removeprefix("cage/"))
    random, gap = np.random.default_rng(7), found.structure.median_gap
    for place in range(100):
        width = (0.01, 0.3, 2.0)[place % 3]
        other = {name: value * math.exp(random.normal(0, width)) for name, value in found.reported.items()}
        if "rho" in other:
            odds = theta_odds(found.reported["rho"]) * math.exp(random.normal(0, width))
            other["rho"] = odds / (1 + odds)
        if "covariance_slope" in other and other["covariance_slope"] ** 2 > other["tau2"] * other["tau2_slope"]:
            continue  # no covariance of intercepts and slopes
        V, D = dense_v(kind, other, data, None, gap)
        assert dense_kr(data["y"], X, V, D, np.eye(4)[1:2])["loglik"] <= found.loglik + 1e-9


def theta_odds(rho: float) -> float:
    """ρ/(1 − ρ)."""
    return rho / (1 - rho)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("tau2", [0.0, 0.05, 1.0])
@pytest.mark.parametrize("method", ["REML", "ML"])
def test_the_search_over_patterns_is_the_rotation(seed, tau2, method):
    """Two ways to one answer: the line search after a rotation, and Newton steps over patterns."""
    random = np.random.default_rng(seed)
    animal = np.repeat(np.arange(9), 5)[random.permutation(45)[:38]]
    animal = np.unique(animal, return_inverse=True)[1]
    X = np.column_stack([np.ones(38), animal % 2, random.normal(size=(38, 2))])
    y = random.normal(0, math.sqrt(tau2), 9)[animal] + random.normal(0, 0.3, 38)
    rows = Rows(y, X, animal)
    one = solve(rows, method=method)
    other = solution._by_search(rows, bases.of(y, X), structure.build("cs", None), method)
    assert one.edge == other.edge
    assert one.loglik == pytest.approx(other.loglik, rel=1e-9)
    assert one.theta == pytest.approx(other.theta, rel=1e-6, abs=1e-8)
    assert one.coefficients == pytest.approx(other.coefficients, rel=1e-7, abs=1e-8)
    if method == "ML":
        return
    L = np.eye(4)[1:]
    for how in ("kenward-roger", "satterthwaite"):
        a, b = Inference(one, how), Inference(other, how)
        assert pytest.approx(b.test(L).F, rel=1e-6) == a.test(L).F
        # At the boundary Satterthwaite's curvature has no intercept left to move, in either way of counting.
        assert a.test(L).den_df == pytest.approx(b.test(L).den_df, rel=1e-4)
        assert a.covariance == pytest.approx(b.covariance, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("kind", ["ar1", "cs+ar1", "slope"])
def test_the_curvature_that_steers_the_search_is_the_slope_of_the_slope(kind):
    """Without the second derivatives of V the search for ρ went back and forth over the optimum and never settled."""
    data = mice(2)
    day, arm = data["day"], data["arm"]
    X = np.column_stack([np.ones_like(day), arm, day, arm * day, day > 12])
    strata = (day > 10).astype(np.int64)
    basis = bases.of(data["y"], X)
    Z = np.column_stack([basis.orthonormal(), basis.residual])
    known = structure.build(kind, day, strata=("early", "late"))
    for restricted in (True, False):
        found = patterns.gather(Z, data["animal"], data["animal"], day, strata)
        objective = search.Objective(found, known, Z.shape[1], restricted)
        theta = known.natural(known.starts(0.5)[0] + 0.1)
        step = 1e-6 * np.eye(len(theta))
        slopes = [
            (objective.likelihood(theta + one).gradient - objective.likelihood(theta - one).gradient) / 2e-6
            for one in step
        ]
        observed = objective.likelihood(theta).observed
        assert observed == pytest.approx(np.array(slopes), rel=1e-6, abs=1e-6 * np.abs(observed).max())
        value = [(objective.value(theta + one) - objective.value(theta - one)) / 2e-6 for one in step]
        assert objective.likelihood(theta).gradient == pytest.approx(value, rel=1e-6, abs=1e-6)
