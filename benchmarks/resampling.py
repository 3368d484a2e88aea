"""Speed of the randomization test, the bootstrap and leaving out animals, beside loops over statsmodels and in R.

python benchmarks/resampling.py
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hindpaw.model import bootstrap, deals, randomization, reweighting
from hindpaw.model.downdate import Downdating
from hindpaw.model.randomization import Time
from hindpaw.model.smallsample import Inference
from hindpaw.model.solution import Rows, solve

HERE = Path(__file__).parent
# Of the loops only so many refits are timed; the rest would take as long each.
SOME_DEALS, SOME_FITS = 200, 10


def seconds(call: Callable[[], Any], repeats: int = 1) -> float:
    """Processor seconds of a call, the least of several."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times)


def study(mice: int, days: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Thresholds (units × days), labels and baseline of simulated mice."""
    random = np.random.default_rng(3)
    treated = np.arange(2 * mice) < mice
    base = random.normal(size=2 * mice)
    Y = 0.4 * base[:, None] + 0.5 * treated[:, None] + random.normal(size=(2 * mice, 1))
    return Y + random.normal(size=(2 * mice, days)), treated, base[:, None]


def every_deal(Y: np.ndarray, treated: np.ndarray, base: np.ndarray) -> None:
    """All deals: each day, the time average, step-down and intervals."""
    made = deals.of(treated, np.zeros(len(treated), dtype=np.int_), np.random.default_rng(0))
    days = Y.shape[1]
    times = [Time(Y[:, [k]], np.ones(1)) for k in range(days)] + [Time(Y, np.full(days, 1 / days))]
    found = randomization.deal(times, base, treated, made)
    randomization.step_down(found[:-1], made)


def loop_of_ols(Y: np.ndarray, treated: np.ndarray, base: np.ndarray, some: int) -> None:
    """statsmodels' OLS for each of some deals and each statistic."""
    import statsmodels.api as sm

    made = deals.of(treated, np.zeros(len(treated), dtype=np.int_), np.random.default_rng(0))
    for T in made.indicators(len(treated), 0, some):
        X = np.column_stack([np.ones(len(T)), T, base])
        for y in (*Y.T, Y.mean(axis=1)):
            _ = sm.OLS(y, X).fit().tvalues[1]


def long(Y: np.ndarray, treated: np.ndarray, base: np.ndarray) -> tuple[Rows, np.ndarray]:
    """The same as rows of the mixed model, and the time average."""
    n, days = Y.shape
    animal, day = np.repeat(np.arange(n), days), np.tile(np.arange(days), n)
    X = np.zeros((n * days, 2 * days + 1))
    X[np.arange(n * days), treated[animal] * days + day] = 1
    X[:, -1] = base[animal, 0]
    L = np.r_[np.full(days, -1 / days), np.full(days, 1 / days), 0.0]
    return Rows(Y.ravel(), X, animal, day=day.astype(float)), L


def resampled(rows: Rows, L: np.ndarray, treated: np.ndarray) -> None:
    """1 999 resamples with their standard errors, and each animal left out."""
    solved = solve(rows)
    strata = treated.astype(np.int64)
    bootstrap.resampled(solved, reweighting.contributions(solved), strata, L[None], np.random.default_rng(1))


def left_out(rows: Rows, L: np.ndarray) -> None:
    """The Kenward–Roger test without each animal."""
    shrunk = Downdating(solve(rows))
    for animal in range(int(rows.animal.max()) + 1):
        Inference(shrunk.without(rows.animal == animal)).estimate(L)


def loop_of_mixedlm(rows: Rows, some: int) -> None:
    """MixedLM refitted to rows without one animal or another."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for animal in range(some):
            kept = rows.animal != animal
            MixedLM(rows.y[kept], rows.X[kept], rows.animal[kept]).fit(reml=True)


def in_r(Y: np.ndarray, treated: np.ndarray, base: np.ndarray) -> tuple[float, float, float] | None:
    """Seconds of one lm, one lmer and one lmer with Kenward–Roger in R."""
    if shutil.which("Rscript") is None:
        return None
    n, days = Y.shape
    frame = pd.DataFrame(
        {
            "mouse": np.repeat(np.arange(n), days),
            "arm": np.repeat(treated.astype(int), days),
            "day": np.tile(np.arange(days), n),
            "base": np.repeat(base[:, 0], days),
            "y": Y.ravel(),
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mice.csv"
        frame.to_csv(path, index=False)
        made = subprocess.run(["Rscript", HERE / "resampling.R", path], capture_output=True, text=True)
    if made.returncode:
        print(f"R could not be timed: {made.stderr.strip().splitlines()[-1]}")
        return None
    one, two, three = map(float, made.stdout.split())
    return one, two, three


def main() -> None:
    """The table."""
    Y, treated, base = study(6, 10)
    rows, L = long(Y, treated, base)
    told = in_r(Y, treated, base)
    count = 924
    own = seconds(lambda: every_deal(Y, treated, base), 5)
    loop = seconds(lambda: loop_of_ols(Y, treated, base, SOME_DEALS)) * count / SOME_DEALS
    print("Processor seconds, 6 v 6 mice × 10 days, simulated; loops are timed in part and scaled up\n")
    print("| task | hindpaw | loop over statsmodels | ratio | loop in R | ratio |")
    print("|---|---|---|---|---|---|")

    def line(task: str, ours: float, theirs: float, r: float | None) -> None:
        """One row."""
        rest = f"{r:.1f} | {r / ours:.0f} ×" if r is not None else "not installed | –"
        print(f"| {task} | {ours:.3f} | {theirs:.1f} | {theirs / ours:.0f} × | {rest} |", flush=True)

    line("924 deals × 11 statistics, with intervals", own, loop, told and told[0] * count * 11)
    fit = seconds(lambda: loop_of_mixedlm(rows, SOME_FITS)) / SOME_FITS
    ours = seconds(lambda: resampled(rows, L, treated), 3)
    line("1 999 resamples of animals", ours, fit * 1999, told and told[1] * 1999)
    ours = seconds(lambda: left_out(rows, L), 3)
    line("12 animals left out, Kenward–Roger", ours, fit * 12, told and told[2] * 12)
    Y, treated, base = study(10, 10)
    large = seconds(lambda: every_deal(Y, treated, base))
    print(f"\n10 v 10 mice × 10 days, 184 756 deals × 11 statistics with intervals: {large:.2f} s")


if __name__ == "__main__":
    main()
