"""Coverage of intervals where thresholds are censored at a ceiling, and the speed of what stands behind them.

    python benchmarks/bounds.py                  every part, 2000 simulations a row (half an hour of one idle core)
    python benchmarks/bounds.py coverage 500     one part, 500 simulations: coverage, bootstrap, tipping, speed

Two arms × 6 weeks of simulated log10 thresholds: intercept sd 0.2, residual sd 0.25, the treated 0.4 higher in every week;
all values above a ceiling are known only to lie above it, at a ceiling that censors the share named. Seeds are fixed; a fit
that was refused is counted and told.
"""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from hindpaw.model import batch
from hindpaw.model.errors import FitError
from hindpaw.model.profile import Likelihood, Scale, Values
from hindpaw.model.smallsample import Inference
from hindpaw.model.solution import Rows, solve
from hindpaw.model.tipping import Shifted
from scipy.special import ndtr, stdtrit

SEED, WEEKS, TAU, SIGMA, EFFECT = 20261125, 6, 0.2, 0.25, 0.4
CONTRASTS = {
    "all weeks": np.repeat([-1.0, 1.0], WEEKS) / WEEKS,
    "week 3": np.eye(2 * WEEKS)[WEEKS + 2] - np.eye(2 * WEEKS)[2],
}


def ceiling(share: float) -> float:
    """Where a share of all values, both arms together, is expected to lie above it."""
    from scipy.optimize import brentq

    if not share:
        return math.inf
    sd = math.hypot(TAU, SIGMA)
    return float(brentq(lambda at: 1 - (ndtr(at / sd) + ndtr((at - EFFECT) / sd)) / 2 - share, -5, 5))


def study(rng: np.random.Generator, n: int, limit: float) -> tuple[Values, np.ndarray]:
    """One simulated study, and its values with the censored ones at the ceiling."""
    animal = np.repeat(np.arange(2 * n), WEEKS)
    treated = animal >= n
    X = np.eye(2 * WEEKS)[np.tile(np.arange(WEEKS), 2 * n) + WEEKS * treated]
    y = EFFECT * treated + TAU * rng.normal(size=2 * n)[animal] + SIGMA * rng.normal(size=len(animal))
    above = y > limit
    at_limit = np.where(above, limit, y)
    return Values(at_limit, np.where(above, math.inf, y), X, animal), at_limit


def scale_of(rows: Rows, L: np.ndarray) -> tuple[Scale, float, float]:
    """The calibrated scale of a contrast, and its estimate and standard error with values at the ceiling."""
    reml, ml = solve(rows, "cs"), solve(rows, "cs", method="ML")
    estimate, se, df, *_ = Inference(reml).estimate(L)
    own = reml.coordinates(L[None])
    shrink = (own @ ml.phi @ own.T).item() / (own @ reml.phi @ own.T).item()
    return Scale(float(df), shrink), float(estimate), float(se)


def coverage_run(n: int, share: float, runs: int) -> dict[str, Any]:
    """Whether each interval covers the true difference, by contrast and method."""
    rng, limit = np.random.default_rng([SEED, n, int(100 * share)]), ceiling(share)
    methods = ("at the ceiling, REML and Kenward–Roger", "censored, χ²", "censored, F(1, ν)", "censored, calibrated")
    hits: dict[str, dict[str, list[bool]]] = {name: {how: [] for how in methods} for name in CONTRASTS}
    bias: dict[str, list[tuple[float, float]]] = {name: [] for name in CONTRASTS}
    told = {"refused": 0, "one-sided": 0}
    for _ in range(runs):
        mine, y = study(rng, n, limit)
        try:
            likelihood = Likelihood(mine)
            for name, L in CONTRASTS.items():
                scale, estimate, se = scale_of(Rows(y, mine.X, mine.animal), L)
                along = likelihood.contrast(L)
                ratio, critical = along.ratio(EFFECT), float(stdtrit(scale.df, 0.975))
                covered = (abs(estimate - EFFECT) < critical * se, ratio < 3.841458820694124,
                           ratio < critical**2, scale.t(ratio) < critical)  # fmt: skip
                for how, hit in zip(methods, covered, strict=True):
                    hits[name][how].append(bool(hit))
                told["one-sided"] += not along.known
                bias[name].append((estimate - EFFECT, along.estimate - EFFECT if along.known else math.nan))
        except FitError:
            told["refused"] += 1
    return {"hits": hits, "bias": {name: np.nanmean(one, axis=0) for name, one in bias.items()}} | told


def percent(hits: list[bool]) -> str:
    """A share in percent, and its Monte-Carlo standard error."""
    p = float(np.mean(hits))
    return f"{100 * p:.1f} | {100 * math.sqrt(p * (1 - p) / len(hits)):.1f}"


def part_coverage(runs: int) -> None:
    """Intervals with censored values at the ceiling, and as bounds."""
    for n, share in ((5, 0.0), (5, 0.2), (6, 0.2), (10, 0.2), (20, 0.2), (6, 0.4), (20, 0.4)):
        start = time.process_time()
        found = coverage_run(n, share, runs)
        print(f"\n## {n} + {n} mice × {WEEKS} weeks, {100 * share:.0f} % above the ceiling\n")
        print("| contrast | method | bias | covered, % | Monte-Carlo SE |\n|---|---|---|---|---|")
        for name, methods in found["hits"].items():
            for place, (how, hits) in enumerate(methods.items()):
                print(f"| {name} | {how} | {found['bias'][name][min(place, 1)]:+.3f} | {percent(hits)} |")
        told = f"refused {found['refused']}, a bound instead of an estimate {found['one-sided']} of {2 * runs}"
        print(f"\n{told}; {time.process_time() - start:.0f} s of processor time", flush=True)


def part_bootstrap(runs: int) -> None:
    """The calibrated cut-off beside a parametric bootstrap of the same likelihood ratio (99 draws), 5 + 5 mice, 20 %."""
    rng, limit, draws = np.random.default_rng([SEED, 99]), ceiling(0.2), 99
    L = CONTRASTS["all weeks"]
    hits: dict[str, list[bool]] = {"calibrated": [], "bootstrap": []}
    seconds = {"calibrated": 0.0, "bootstrap": 0.0}
    for _ in range(max(runs // 20, 10)):
        mine, y = study(rng, 5, limit)
        start = time.process_time()
        along = Likelihood(mine).contrast(L)
        scale, *_ = scale_of(Rows(y, mine.X, mine.animal), L)
        ratio = along.ratio(EFFECT)
        hits["calibrated"].append(scale.t(ratio) < float(stdtrit(scale.df, 0.975)))
        seconds["calibrated"] += time.process_time() - start
        start = time.process_time()
        null = along._seen[-1][1].theta
        mean = along.X @ null.beta + EFFECT * along.lift
        others = []
        for _ in range(draws):
            drawn = mean + abs(null.tau) * rng.normal(size=10)[mine.animal[along.rows]]
            drawn = drawn + math.exp(null.log_sigma[0]) * rng.normal(size=len(mean))
            above = drawn > limit
            low, high = np.where(above, limit, drawn), np.where(above, math.inf, drawn)
            try:
                others.append(
                    Likelihood(Values(low, high, mine.X[along.rows], mine.animal[along.rows])).contrast(L).ratio(EFFECT)
                )
            except FitError:
                continue
        hits["bootstrap"].append(float(np.mean(np.array(others) >= ratio)) > 0.05)
        seconds["bootstrap"] += time.process_time() - start
    for name, one in hits.items():
        print(
            f"{name}: covers {percent(one)} % ({len(one)} simulations), {1000 * seconds[name] / len(one):.0f} ms each"
        )


def imputed(rng: np.random.Generator, runs: int, delta: float) -> tuple[float, float]:
    """Estimate and standard error of the average over weeks by Rubin's rules: a quarter of the treated leave after week 3.

    Parameters of each imputation come from a parametric bootstrap of the fit; the missing values are drawn given the
    animal's own, shifted by δ, and the complete data refitted in one batch.
    """
    n, y, mine, seen = 12, *_leaving(np.random.default_rng(SEED))
    known = batch.design(mine.X[seen], mine.animal[seen])
    L = CONTRASTS["all weeks"]
    every = np.eye(2 * WEEKS)
    first = batch.refit(known, y[seen][:, None], every)
    mean = mine.X[seen] @ first.estimate[:, 0]
    drawn = batch.refit(
        known, batch.draw(mine.animal[seen], mean, float(first.tau2[0]), float(first.sigma2[0]), runs, rng), every
    )
    beta, tau2, s2 = drawn.estimate, drawn.tau2, drawn.sigma2
    whole = np.tile(y[:, None], runs)
    eta = mine.X @ beta
    for animal in range(2 * n):
        rows = np.flatnonzero(mine.animal == animal)
        gone, here = rows[~seen[rows]], rows[seen[rows]]
        if len(gone):
            weight = tau2 / (tau2 + s2 / len(here))
            own = weight * (whole[here] - eta[here]).mean(axis=0)
            own = own + np.sqrt(tau2 * (1 - weight)) * rng.normal(size=runs)
            whole[gone] = eta[gone] + own + np.sqrt(s2) * rng.normal(size=(len(gone), runs)) + delta
    refits = batch.refit(batch.design(mine.X, mine.animal), whole, L[None])
    between = float(refits.estimate[0].var(ddof=1)) * (1 + 1 / runs)
    return float(refits.estimate[0].mean()), math.sqrt(float(refits.variance[0].mean()) + between)


def _leaving(rng: np.random.Generator) -> tuple[np.ndarray, Values, np.ndarray]:
    """12 + 12 mice, the last three treated seen for three weeks only: outcome, rows, which were seen."""
    mine, y = study(rng, 12, math.inf)
    seen = ~((mine.animal >= 21) & (np.tile(np.arange(WEEKS), 24) >= 3))
    return y, mine, seen


def closed_form() -> Shifted:
    """The same comparison by `tipping`."""
    y, mine, seen = _leaving(np.random.default_rng(SEED))
    estimate, se, df, *_ = Inference(solve(Rows(y[seen], mine.X[seen], mine.animal[seen]), "cs")).estimate(
        CONTRASTS["all weeks"]
    )
    share = np.where(np.arange(12) >= 9, 0.5, 0.0)
    return Shifted(float(estimate), float(se), float(df), float(stdtrit(df, 0.975)), float(share.mean()),
                   (float(share.var(ddof=1)) / 12, 0.0), (11.0, 11.0), math.nan)  # fmt: skip


def part_tipping(runs: int) -> None:
    """The shifted estimate in closed form beside multiple imputation (batched refits) and a loop over statsmodels."""
    rng, mine = np.random.default_rng([SEED, 5]), closed_form()
    for delta in (-1.0, -0.5, 0.0, 0.5):
        estimate, se = imputed(rng, runs, delta)
        print(f"δ = {delta:+.1f}: closed form {mine.at(delta)[0]:.4f} (SE {mine.at(delta)[1]:.4f}), "
              f"{runs} imputations {estimate:.4f} (SE {se:.4f})")  # fmt: skip
    start = time.process_time()
    for _ in range(20):
        mine.tips(-1, 2.0)
    own = (time.process_time() - start) / 20
    start = time.process_time()
    imputed(rng, 200, -0.5)
    batched = (time.process_time() - start) * 41
    loop = 41 * 200 * _statsmodels_once()
    print(f"a tipping point: closed form {1000 * own:.1f} ms; 41 δ × 200 imputations: batched {batched:.1f} s, "
          f"a loop over statsmodels {loop:.0f} s (one fit timed)")  # fmt: skip


def _statsmodels_once() -> float:
    """Seconds of one fit of statsmodels' MixedLM to the complete rows."""
    import warnings

    from statsmodels.regression.mixed_linear_model import MixedLM

    y, mine, _ = _leaving(np.random.default_rng(SEED))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = time.process_time()
        for _ in range(5):
            MixedLM(y, mine.X, mine.animal).fit(reml=True)
    return (time.process_time() - start) / 5


def by_loop(mine: Values) -> float:
    """The maximum of the same likelihood as one writes it in Python: animals in a loop, quad, and L-BFGS-B."""
    from scipy.integrate import quad
    from scipy.optimize import minimize
    from scipy.stats import norm

    p, animals = mine.X.shape[1], np.unique(mine.animal)

    def minus(theta: np.ndarray) -> float:
        eta, tau, sigma = mine.X @ theta[:p], math.exp(theta[p]), math.exp(theta[p + 1])
        total = 0.0
        for animal in animals:
            rows = np.flatnonzero(mine.animal == animal)
            low, high, m = mine.lower[rows], mine.upper[rows], eta[rows]
            same = low == high

            def density(u: float, low: Any = low, high: Any = high, m: Any = m, same: Any = same) -> float:
                z = (low - m - tau * u) / sigma
                parts = np.where(same, np.exp(-0.5 * z**2) / (sigma * math.sqrt(2 * math.pi)),
                                 ndtr((high - m - tau * u) / sigma) - ndtr(z))  # fmt: skip
                return float(norm.pdf(u) * parts.prod())

            total += math.log(quad(density, -8, 8, epsabs=1e-12, epsrel=1e-8, limit=100)[0])
        return -total

    first = np.append(np.linalg.lstsq(mine.X, mine.lower)[0], np.log([0.2, 0.2]))
    return -float(minimize(minus, first, method="L-BFGS-B").fun)


def in_r(mine: Values) -> tuple[float, float]:
    """Log-likelihood and seconds of the same in R; NaN without R."""
    if shutil.which("Rscript") is None:
        return math.nan, math.nan
    with tempfile.TemporaryDirectory() as folder:
        table = np.column_stack([mine.lower, mine.upper, mine.animal, mine.X.argmax(axis=1)])
        path = Path(folder, "rows.csv")
        np.savetxt(path, table, delimiter=",", header="lower,upper,animal,cell", comments="")
        script = Path(__file__).with_name("bounds.R")
        made = subprocess.run(["Rscript", str(script), str(path)], capture_output=True, text=True, check=True).stdout
    loglik, seconds = map(float, made.split())
    return loglik, seconds


def timed(work: Callable[[], Any], times: int) -> float:
    """Seconds of processor time of one run."""
    start = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - start) / times


def part_speed(runs: int) -> None:
    """One fit of the censored model beside the same likelihood in a Python loop and in R, 5 + 5 mice."""
    mine, _ = study(np.random.default_rng([SEED, 5]), 5, ceiling(0.2))

    def fit() -> float:
        """Our maximum."""
        return Likelihood(mine).maximum.loglik

    def limit() -> float:
        """A fit and one limit of an interval."""
        return Likelihood(mine).contrast(CONTRASTS["week 3"]).limit(Scale(10, 0.8), 2.2281, 1)

    own, many, loglik = timed(fit, 10), timed(limit, 10), fit()
    print(f"fit {1000 * own:.0f} ms, fit and one limit {1000 * many:.0f} ms", flush=True)
    other, took = in_r(mine)
    told = f"R (integrate, nlminb) {took:.1f} s: {took / own:.0f} ×; log-likelihood lower by {loglik - other:.1e}"
    print(told, flush=True)
    start = time.process_time()
    other = by_loop(mine)
    took = time.process_time() - start
    print(f"Python loop (quad, L-BFGS-B) {took:.1f} s: {took / own:.0f} ×; lower by {loglik - other:.1e}")


PARTS = {"coverage": part_coverage, "bootstrap": part_bootstrap, "tipping": part_tipping, "speed": part_speed}

if __name__ == "__main__":
    chosen = sys.argv[1] if len(sys.argv) > 1 else "all"
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    for name, part in PARTS.items():
        if chosen in ("all", name):
            print(f"\n{name}: {part.__doc__}")
            part(runs)
