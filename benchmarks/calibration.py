"""How often each test rejects at 5 % where nothing is there, on simulated mice.

    python benchmarks/calibration.py                every table, 1 000 simulations a row
    python benchmarks/calibration.py 200 slope      200 simulations, and the tables that are named:
                                                    null, serial, cages, slope

Two arms, measured every week; residual standard deviation 1. Seeds are fixed, so a run can be repeated. A fit that was
refused is counted and told, never dropped in silence.
"""

from __future__ import annotations

import math
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
from hindpaw.model import simultaneous
from hindpaw.model.errors import FitError
from hindpaw.model.smallsample import Inference
from hindpaw.model.solution import Rows, solve
from scipy.special import chdtrc

Tests = dict[str, np.ndarray]
WEEKS = 7
SEED = 20261125


def cell_rows(animals: int, weeks: int) -> Rows:
    """Complete rows of two arms with a mean for each arm and week; the outcome is still to come."""
    animal, week = np.repeat(np.arange(animals), weeks), np.tile(np.arange(weeks), animals)
    X = np.eye(2 * weeks)[week + weeks * (animal >= animals // 2)]
    return Rows(np.zeros(len(animal)), X, animal, day=7 * week.astype(float))


def line_rows(animals: int, weeks: int) -> Rows:
    """The same with a straight line for each arm: intercept, arm, week, arm × week."""
    rows = cell_rows(animals, weeks)
    arm, week = (rows.animal >= animals // 2).astype(float), np.tile(np.arange(float(weeks)), animals)
    return Rows(rows.y, np.column_stack([np.ones(len(arm)), arm, week, arm * week]), rows.animal, day=rows.day)


def cell_tests(weeks: int) -> Tests:
    """L of the interaction, of the difference averaged over weeks, and of each week."""
    both = np.hstack([-np.eye(weeks), np.eye(weeks)])
    return {"arm × week": both[1:] - both[:1], "arm": both.mean(axis=0)[None], "each week": both}


def serial(rho: float, weeks: int) -> np.ndarray:
    """Factor of the correlation ρ^|i − j|."""
    place = np.arange(weeks)
    return np.linalg.cholesky(rho ** np.abs(place[:, None] - place).astype(float))


def outcomes(
    rows: Rows, simulations: int, seed: int, *, tau: float = 0.0, rho: float = 0.0, omega: float = 0.0, mates: int = 1
) -> Iterator[np.ndarray]:
    """Outcomes without any effect: sd tau between animals, omega between cages of `mates`, residuals of correlation rho."""
    random = np.random.default_rng([SEED, seed])
    animals = int(rows.animal[-1]) + 1
    weeks = len(rows.animal) // animals
    L = serial(rho, weeks) if rho else np.eye(weeks)
    for _ in range(simulations):
        y = random.normal(size=(animals, weeks)) @ L.T + tau * random.normal(size=(animals, 1))
        y += omega * np.repeat(random.normal(size=(animals // mates, 1)), mates, axis=0)
        yield y.ravel()


def kenward_roger(rows: Rows, tests: Tests, structure: str, told: Counter[str]) -> dict[str, np.ndarray]:
    """p of each test; `each week` gives one a week."""
    found = solve(rows, structure)
    inference = Inference(found)
    told["at an edge"] += bool(found.edge)
    told["not settled"] += not found.converged
    p = {}
    for name, L in tests.items():
        parts = [inference.test(row[None]) for row in L] if name == "each week" else [inference.test(L)]
        told["containment df"] += any(one.method == "containment" for one in parts)
        p[name] = np.array([one.p for one in parts])
    return p


def wald(rows: Rows, tests: Tests, structure: str, told: Counter[str]) -> dict[str, np.ndarray]:
    """p of the χ² tests of statsmodels' MixedLM."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = MixedLM(rows.y, rows.X, rows.animal).fit(reml=True)
    told["not settled"] += not found.converged
    beta, covariance = found.fe_params, np.asarray(found.cov_params())[: rows.X.shape[1], : rows.X.shape[1]]

    def chi2(L: np.ndarray) -> float:
        """p of Lβ = 0."""
        value = L @ beta
        return float(chdtrc(len(L), value @ np.linalg.solve(L @ covariance @ L.T, value)))

    return {
        name: np.array([chi2(row[None]) for row in L] if name == "each week" else [chi2(L)])
        for name, L in tests.items()
    }


Analysis = Callable[[Rows, Tests, str, Counter], dict[str, np.ndarray]]


def rejections(
    what: str, rows: Rows, tests: Tests, values: Iterator[np.ndarray], analysis: Analysis, structure: str
) -> None:
    """A table's rows: share of simulations with p < 0.05 and its Monte-Carlo standard error."""
    told: Counter[str] = Counter()
    found: dict[str, list[np.ndarray]] = {name: [] for name in tests}
    start = time.process_time()
    for y in values:
        try:
            p = analysis(Rows(y, rows.X, rows.animal, rows.cage, rows.day), tests, structure, told)
        except FitError as refusal:
            told[f"refused: {refusal}"] += 1
            continue
        for name, one in p.items():
            found[name].append(one)
    shares = {name: np.array(kept) < 0.05 for name, kept in found.items()}
    if "each week" in found:
        each = np.array(found["each week"])
        shares["any week, unadjusted"] = each.min(axis=1) < 0.05
        shares["any week, Holm"] = np.array([simultaneous.holm(one).min() for one in each]) < 0.05
    for name, hits in shares.items():
        each_simulation = hits.reshape(len(hits), -1).mean(axis=1)
        error = each_simulation.std(ddof=1) / math.sqrt(len(each_simulation))
        print(f"| {what} | {name} | {100 * each_simulation.mean():.1f} | {100 * error:.1f} |")
    spent = (time.process_time() - start) / len(next(iter(shares.values())))
    notes = ", ".join(f"{name} {count}" for name, count in told.items() if count)
    print(
        f"<!-- {what}: {len(next(iter(shares.values())))} simulations, {spent * 1e3:.1f} ms each; {notes} -->",
        flush=True,
    )


def heading(title: str) -> None:
    """Title and head of a table."""
    print(f"\n### {title}\n\n| analysis | test | rejected, % | Monte-Carlo SE |\n|---|---|---|---|")


def null(simulations: int) -> None:
    """Independent residuals and an intercept per mouse."""
    for n in (5, 6):
        heading(f"{n} + {n} mice × {WEEKS} weeks, intercept sd 0.7, independent residuals")
        rows, tests = cell_rows(2 * n, WEEKS), cell_tests(WEEKS)
        both: tuple[tuple[str, Analysis], ...] = (
            ("cs, Kenward–Roger", kenward_roger),
            ("statsmodels MixedLM, Wald", wald),
        )
        for what, analysis in both:
            values = outcomes(rows, simulations, n, tau=0.7)
            rejections(what, rows, tests, values, analysis, "cs")


def correlated(simulations: int) -> None:
    """Residuals that remember the week before."""
    for n in (5, 6):
        heading(f"{n} + {n} mice × {WEEKS} weeks, residuals AR(0.6)")
        rows, tests = cell_rows(2 * n, WEEKS), cell_tests(WEEKS)
        for structure in ("ar1", "cs+ar1", "cs"):
            values = outcomes(rows, simulations, 10 + n, rho=0.6)
            rejections(f"{structure}, Kenward–Roger", rows, tests, values, kenward_roger, structure)


def cages(simulations: int) -> None:
    """Arms given to cages, whose mice are alike."""
    heading("2 arms × 4 cages × 3 mice × 5 weeks, arms by cage; cage sd 0.7, intercept sd 0.5")
    rows, tests = cell_rows(24, 5), cell_tests(5)
    with_cage = Rows(rows.y, rows.X, rows.animal, rows.animal // 3, rows.day)
    for what, used in (("cage/cs, Kenward–Roger", with_cage), ("cs without the cage", rows)):
        values = outcomes(rows, simulations, 20, tau=0.5, omega=0.7, mates=3)
        rejections(what, used, tests, values, kenward_roger, "cs")


def slope(simulations: int) -> None:
    """The fact an audit needs: a random intercept does not carry a slope over weeks."""
    heading(f"Arm × linear week, 5 + 5 mice × {WEEKS} weeks, residuals AR(0.6)")
    rows, tests = line_rows(10, WEEKS), {"arm × week (slope)": np.array([[0, 0, 0, 1.0]])}
    for structure in ("cs", "cs+ar1", "ar1", "slope"):
        values = outcomes(rows, simulations, 30, rho=0.6)
        rejections(f"{structure}, Kenward–Roger", rows, tests, values, kenward_roger, structure)
    heading(f"Arm × linear week, 5 + 5 mice × {WEEKS} weeks, intercept sd 0.7 and residuals AR(0.6)")
    for structure in ("cs", "cs+ar1"):
        values = outcomes(rows, simulations, 31, tau=0.7, rho=0.6)
        rejections(f"{structure}, Kenward–Roger", rows, tests, values, kenward_roger, structure)


TABLES: dict[str, Callable[[int], None]] = {"null": null, "serial": correlated, "cages": cages, "slope": slope}

if __name__ == "__main__":
    asked = sys.argv[1:]
    number = int(asked.pop(0)) if asked and asked[0].isdigit() else 1000
    for table in asked or TABLES:
        TABLES[table](number)
