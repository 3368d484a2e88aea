"""Simulations of the cytokine statistics with known truth, and the speed of the curve fits.

    python benchmarks/cytokines.py            every part, 2000 simulations each (about ten minutes)
    python benchmarks/cytokines.py tobit 500  one part, 500 simulations

Each line has the Monte-Carlo standard error beside the number. A smaller seeded version of the same functions runs
in tests/model/test_simulations.py.
"""

from __future__ import annotations

import contextlib
import math
import sys
import time
from typing import Any

import numpy as np
import pandas as pd
from hindpaw.measure import curve, logistic
from hindpaw.measure.samples import Reader
from hindpaw.measure.standards import Standards
from hindpaw.model import counts, linear, permutation, tobit
from hindpaw.model.neutralization import fieller
from hindpaw.model.summaries import quantile

SEED = 20261125
DIFFERENCE, SIGMA = 0.3, 0.2


def share(hits: list[bool]) -> str:
    """A share in percent with its Monte-Carlo standard error."""
    p, n = float(np.mean(hits)), len(hits)
    return f"{100 * p:5.1f} % (±{100 * math.sqrt(max(p * (1 - p), 1e-9) / n):.1f})"


def censored_arms(rng: np.random.Generator, n: int, difference: float, censored: float) -> pd.DataFrame:
    """Two arms of n log10 concentrations, the overall share `censored` of them expected below a common limit."""
    from scipy.optimize import brentq
    from scipy.special import ndtr

    limit = brentq(lambda u: (ndtr(u / SIGMA) + ndtr((u - difference) / SIGMA)) / 2 - censored, -5, 5)
    y = np.concatenate([rng.normal(0, SIGMA, n), rng.normal(difference, SIGMA, n)])
    below = y < limit
    frame = pd.DataFrame({"cell": ["control"] * n + ["treated"] * n, "plate": "p"})
    return frame.assign(lower=np.where(below, -math.inf, y), upper=np.where(below, limit, y), censored=below)


def tobit_run(n: int, runs: int, censored: float = 0.3, seed: int = SEED) -> dict[str, Any]:
    """Bias and coverage of the Tobit contrast; of half the limit substituted, for comparison."""
    from scipy.stats import ttest_ind

    rng = np.random.default_rng([seed, n, int(100 * censored)])
    errors, covered, halves, half_covered, one_sided, none = [], [], [], [], [], 0
    for _ in range(runs):
        frame = censored_arms(rng, n, DIFFERENCE, censored)
        y = np.where(frame["censored"], frame["upper"] - math.log10(2), frame["upper"]).astype(float)
        a, b = y[n:], y[:n]
        if np.ptp(a) > 0 and np.ptp(b) > 0:
            limits = ttest_ind(a, b, equal_var=False).confidence_interval()
            halves.append(a.mean() - b.mean() - DIFFERENCE)
            half_covered.append(limits.low <= DIFFERENCE <= limits.high)
        try:
            found = linear.fit(frame, ("control", "treated")).difference("treated", "control")
        except tobit.TobitError:
            none += 1
            continue
        if math.isnan(found.estimate):
            low, high = np.nan_to_num([found.lower, found.upper], nan=math.nan)
            one_sided.append(not (low > DIFFERENCE) and not (high < DIFFERENCE))
            continue
        errors.append(found.estimate - DIFFERENCE)
        covered.append(found.lower <= DIFFERENCE <= found.upper)
    return {
        "n": n, "bias": float(np.mean(errors)), "mc_se": float(np.std(errors) / math.sqrt(len(errors))),
        "covered": covered, "one_sided": one_sided, "none": none,
        "half_bias": float(np.mean(halves)), "half_covered": half_covered,
    }  # fmt: skip


def permutation_run(n: int, runs: int, censored: float = 0.3, seed: int = SEED) -> list[bool]:
    """Whether the exact permutation of censored ranks rejects at 5 % where nothing differs."""
    rng = np.random.default_rng([seed, n, 7])
    treated, strata = np.arange(2 * n) >= n, np.zeros(2 * n, dtype=int)
    found = []
    for _ in range(runs):
        frame = censored_arms(rng, n, 0.0, censored)
        scores = permutation.scores(frame["lower"].to_numpy(), frame["upper"].to_numpy())
        found.append(permutation.of_scores(scores, treated, strata, rng).p <= 0.05)
    return found


def curve_run(runs: int, seed: int = SEED, draws: int = 400) -> dict[str, list[bool]]:
    """Whether both intervals of a concentration cover it: duplicates on a 4PL plate of eight standards, 4 % noise."""
    rng = np.random.default_rng([seed, 3])
    x = np.repeat(1000 / 2.0 ** np.arange(8), 2)
    theta = np.array([0.05, 2.5, math.log(150), math.log(1.1)])
    mean, true = logistic.signal(theta, x), 60.0
    at = float(logistic.signal(theta, np.array([true]))[0])
    hits: dict[str, list[bool]] = {"delta": [], "bootstrap": []}
    for _ in range(runs):
        y = mean * np.exp(rng.normal(0, 0.04, len(x)))
        fitted = curve.fit(x, y)
        standards = Standards(fitted, [], x.min(), x.max(), math.nan, "", x, y)
        row = Reader(standards, rng, draws).read(at * np.exp(rng.normal(0, 0.04, 2)), 1.0)
        hits["delta"].append(row["delta_lower_pg_per_ml"] <= true <= row["delta_upper_pg_per_ml"])
        if math.isnan(row["bootstrap_lower_pg_per_ml"]):
            continue  # one refit in ten did not settle, and the table has no such interval
        hits["bootstrap"].append(row["bootstrap_lower_pg_per_ml"] <= true <= row["bootstrap_upper_pg_per_ml"])
    return hits


def fieller_run(n: int, effect: float, runs: int, seed: int = SEED) -> tuple[list[bool], int]:
    """Whether Fieller's set covers a reversed fraction of 80 %, and how often it is unbounded; SD 0.2 an animal."""
    rng = np.random.default_rng([seed, n, int(100 * effect)])
    df, covered, unbounded = 4 * (n - 1), [], 0
    t = quantile(df)
    for _ in range(runs):
        cells = rng.normal(np.array([[0.0], [0.0], [effect], [0.2 * effect]]), SIGMA, (4, n))
        v = float(cells.var(axis=1, ddof=1).mean()) / n
        control, alone, igg, antibody = cells.mean(axis=1)
        a, b = antibody - alone, igg - control
        found = fieller(a, b, 2 * v, 2 * v, 0.0, t)
        unbounded += bool(found.note)
        # Inside the set exactly where a − ρb is no more than t standard errors from 0.
        covered.append((a - 0.2 * b) ** 2 <= t**2 * 2 * v * (1 + 0.04))
        if not found.note and covered[-1] != (found.lower <= 0.2 <= found.upper):
            raise ArithmeticError("Fieller's limits contradict their own definition.")
    return covered, unbounded


def counts_run(runs: int, seed: int = SEED) -> dict[str, list[bool]]:
    """Whether the leave-one-animal-out intervals cover both rate ratios of the demo's design: 12 animals, 18 counts."""
    rng = np.random.default_rng([seed, 12])
    hits: dict[str, list[bool]] = {"100 µm": [], "week": []}
    days = np.repeat([7, 14, 28, 56], 3)
    truth = {"100 µm": math.log(0.35), "week": math.log(0.85)}
    for _ in range(runs):
        own = np.repeat(rng.normal(0, 0.2, 12), 18)
        frame = pd.DataFrame({"animal": np.repeat(np.arange(12), 18), "100 µm": np.tile([0.0, 1.0], 108)})
        frame["week"] = (np.repeat(days, 18) - 7) / 7
        mean = np.exp(math.log(12) + truth["100 µm"] * frame["100 µm"] + truth["week"] * frame["week"] + own)
        frame["count"] = rng.negative_binomial(3, 3 / (3 + mean))
        terms = ["100 µm", "week"]
        beta, _ = counts._fit(frame, terms)
        se = np.sqrt(np.diag(counts._jackknife(frame, terms, beta)))
        for place, name in enumerate(terms, 1):
            hits[name].append(abs(beta[place] - truth[name]) <= quantile(10) * se[place])
    return hits


def part_speed(runs: int) -> None:
    """384 curves of 16 wells, against scipy's curve_fit of a 4PL alone with fixed weights."""
    from scipy.optimize import curve_fit

    def four(x: np.ndarray, a: float, d: float, c: float, b: float) -> np.ndarray:
        return d + (a - d) / (1 + np.exp(np.exp(b) * (np.log(x) - c)))

    rng = np.random.default_rng(SEED)
    x = np.repeat(1000 / 2.0 ** np.arange(8), 2)
    signals = []
    for _ in range(384):
        b, c = rng.uniform(0.8, 1.6), rng.uniform(50, 500)
        signals.append((2.5 - 2.45 / (1 + (x / c) ** b)) * np.exp(rng.normal(0, 0.04, len(x))))
    curve.fit(x, signals[0])
    start, busy = time.perf_counter(), time.process_time()
    fitted = [curve.fit(x, y) for y in signals]
    ours, of_processor = time.perf_counter() - start, time.process_time() - busy
    start = time.perf_counter()
    for y in signals:
        with contextlib.suppress(RuntimeError):
            curve_fit(four, x, y, p0=[y.min(), 1.2 * y.max(), math.log(150), 0.0], sigma=y, maxfev=5000)
    theirs = time.perf_counter() - start
    print(
        f"384 curves (4PL, 5PL where AICc earns it, iterated weights): {ours:.2f} s ({of_processor:.2f} s of processor), {sum(f.converged for f in fitted)} settled"
    )
    print(f"scipy curve_fit, 4PL only, fixed weights: {theirs:.2f} s; ratio {ours / theirs:.2f}")


def part_tobit(runs: int) -> None:
    """Contrasts at 30 % censoring, and the level of the permutation test."""
    print(f"true difference {DIFFERENCE}, SD {SIGMA} (log10), 30 % below the limit, {runs} simulations")
    for n in (4, 5, 6, 8, 20, 40):
        found = tobit_run(n, runs)
        print(
            f"n = {n:2}: Tobit bias {found['bias']:+.4f} (±{found['mc_se']:.4f}), coverage {share(found['covered'])}"
            f"; one-sided bounds hold {share(found['one_sided']) if found['one_sided'] else '-'}, n = {len(found['one_sided'])}"
            f", no answer {found['none']}; LLOQ/2: bias {found['half_bias']:+.4f}, coverage {share(found['half_covered'])}"
        )
    for n in (4, 5, 6, 10):
        print(
            f"n = {n:2}: exact permutation of censored ranks rejects {share(permutation_run(n, runs))} where nothing differs"
        )


def part_curves(runs: int) -> None:
    """Intervals of concentrations."""
    for name, hits in curve_run(runs).items():
        print(f"{name} interval of a concentration covers it in {share(hits)}, of {len(hits)} intervals")


def part_relations(runs: int) -> None:
    """Fieller's set, and rate ratios."""
    for n, effect in ((5, 0.8), (5, 0.4), (8, 0.4), (20, 0.4)):
        covered, unbounded = fieller_run(n, effect, runs)
        print(f"Fieller, n = {n}, effect {effect}: covers {share(covered)}, unbounded in {unbounded} of {runs}")
    for name, hits in counts_run(max(runs // 10, 50)).items():
        print(f"rate ratio, {name}: covers {share(hits)} ({len(hits)} simulations)")


PARTS = {"speed": part_speed, "tobit": part_tobit, "curves": part_curves, "relations": part_relations}

if __name__ == "__main__":
    chosen = sys.argv[1] if len(sys.argv) > 1 else "all"
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    for name, part in PARTS.items():
        if chosen in ("all", name):
            print(f"\n{name}: {part.__doc__}")
            part(runs)
