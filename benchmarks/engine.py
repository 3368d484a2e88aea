"""Speed and memory of the mixed-model engine, side by side with statsmodels and R, on simulated mice.

python benchmarks/engine.py             everything
python benchmarks/engine.py small       only the parts that are named: small, evaluations, large, memory, batch
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hindpaw.model import basis, batch, intercept, patterns, search, structure
from hindpaw.model.smallsample import Inference
from hindpaw.model.solution import Rows, solve

HERE = Path(__file__).parent
MEMORY_SIZES = (5_000, 20_000, 80_000)


def mice(animals: int, days: int, *, cells: bool = True, seed: int = 1) -> Rows:
    """Simulated complete rows of two arms: cell means of arm × day, or straight lines of each arm."""
    random = np.random.default_rng(seed)
    animal, day = np.repeat(np.arange(animals), days), np.tile(np.arange(days), animals)
    arm = (animal >= animals // 2).astype(np.int64)
    y = 0.2 * random.normal(size=animals)[animal] + 0.3 * random.normal(size=animals * days)
    if cells:
        X = np.zeros((len(y), 2 * days))
        X[np.arange(len(y)), arm * days + day] = 1
    else:
        X = np.column_stack([np.ones(len(y)), arm, day, arm * day]).astype(float)
    return Rows(y, X, animal, day=day.astype(float))


def interaction(days: int) -> np.ndarray:
    """Rows of L: the arms' difference changes from day to day."""
    both = np.hstack([-np.eye(days), np.eye(days)])
    return both[1:] - both[:1]


def ours(rows: Rows, L: np.ndarray) -> float:
    """One fit by REML with the Kenward–Roger F test; its log-likelihood."""
    found = solve(rows)
    Inference(found).test(L)
    return found.loglik


def statsmodels(rows: Rows) -> float:
    """One fit of MixedLM from arrays, without small-sample tests; its log-likelihood."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(MixedLM(rows.y, rows.X, rows.animal).fit(reml=True).llf)


def in_turn(calls: list[Callable[[], Any]], rounds: list[int]) -> list[float]:
    """Median processor seconds of each call; the calls take turns, each as often in a turn as it is quick."""
    times: list[list[float]] = [[] for _ in calls]
    for call in calls:
        call()
    for _ in range(5):
        for call, repeats, kept in zip(calls, rounds, times, strict=True):
            for _ in range(repeats):
                start = time.process_time()
                call()
                kept.append(time.process_time() - start)
    return [float(np.median(kept)) for kept in times]


def r_seconds(rows: Rows, days: int, repeats: int) -> tuple[float, float] | None:
    """Processor seconds of lmer, and of lmer + pbkrtest, in one R process; None where R is not installed."""
    if shutil.which("Rscript") is None:
        return None
    frame = pd.DataFrame({"mouse": rows.animal, "arm": rows.X.argmax(axis=1) // days, "day": rows.day, "y": rows.y})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mice.csv"
        frame.to_csv(path, index=False)
        made = subprocess.run(["Rscript", HERE / "lmer.R", path, str(repeats)], capture_output=True, text=True)
    if made.returncode:
        print(f"R could not be timed: {made.stderr.strip().splitlines()[-1]}")
        return None
    fit, tested, _ = map(float, made.stdout.split())
    return fit, tested


def small() -> None:
    """One fit at the size of a study."""
    print("\nOne fit, design matrix at hand; ours with the Kenward–Roger F test of the interaction")
    print(
        f"{'mice × days':>12} {'ours ms':>9} {'MixedLM ms':>11} {'ratio':>7} {'lmer ms':>9} {'+ pbkrtest':>11} {'ratio':>7}"
    )
    for animals, days, repeats in ((12, 7, 20), (200, 10, 2)):
        rows, L = mice(animals, days), interaction(days)
        own, theirs = in_turn([partial(ours, rows, L), partial(statsmodels, rows)], [100, repeats])
        line = f"{animals:>5} × {days:<4} {own * 1e3:>9.2f} {theirs * 1e3:>11.1f} {theirs / own:>6.0f}×"
        told = r_seconds(rows, days, 30 if animals < 50 else 5)
        if told:
            line += f" {told[0] * 1e3:>9.1f} {told[1] * 1e3:>11.1f} {told[1] / own:>6.0f}×"
        print(line)


def evaluations() -> None:
    """What one likelihood costs once the rows have been gathered."""
    print("\nOne evaluation after the pass over the rows, complete mice × 10 days, 4 columns; ms")
    print(
        f"{'mice':>8} {'pass':>9} {'patterns':>9} {'cs+ar1: value':>14} {'with slopes':>12} {'cs, rotated: grid of 73':>24}"
    )
    for animals, gaps in ((50, False), (5_000, False), (500_000, False), (50, True), (5_000, True), (500_000, True)):
        rows, day = mice(animals, 10, cells=False), np.tile(np.arange(10.0), animals)
        if gaps:
            # Of ten kinds of mice each misses another day.
            kept = day != rows.animal % 10
            rows, day = Rows(rows.y[kept], rows.X[kept], rows.animal[kept]), day[kept]
        start = time.process_time()
        own = basis.of(rows.y, rows.X)
        Z = np.column_stack([own.orthonormal(), own.residual])
        found = patterns.gather(Z, rows.animal, rows.animal, day, np.zeros(len(rows.y), dtype=np.int64))
        passed = time.process_time() - start
        known = structure.build("cs+ar1", day)
        objective = search.Objective(found, known, Z.shape[1])
        theta = known.natural(known.starts(0.1)[0])
        rotation = intercept.rotate(own, rows.animal)
        totals = intercept.animal_totals(own.residual, rows.animal, animals)[:, None]
        along = intercept.profile(rotation, totals, np.array([own.residual @ own.residual]))
        ratios = np.exp(intercept.LOG_RATIOS)
        value, slopes, grid = in_turn(
            [
                partial(objective.value, theta),
                partial(objective.likelihood, theta),
                partial(along.grid, ratios),
            ],
            [40, 40, 40],
        )
        print(
            f"{animals:>8} {passed * 1e3:>9.1f} {len(found):>9} {value * 1e3:>14.3f} {slopes * 1e3:>12.3f} {grid * 1e3:>24.3f}"
        )


def large() -> None:
    """A million rows."""
    print("\n50 000 mice × 20 days = 1 000 000 rows; ours with Kenward–Roger, MixedLM without")
    print(f"{'columns':>8} {'ours s':>8} {'MixedLM s':>10} {'ratio':>7}")
    for cells in (False, True):
        rows = mice(50_000, 20, cells=cells)
        L = interaction(20) if cells else np.eye(4)[3:]
        start = time.process_time()
        theirs_loglik = statsmodels(rows)
        theirs = time.process_time() - start
        (own,) = in_turn([partial(ours, rows, L)], [1])
        print(f"{rows.X.shape[1]:>8} {own:>8.2f} {theirs:>10.1f} {theirs / own:>6.0f}×")
        print(f"         log-likelihoods: ours {ours(rows, L):.6f}, MixedLM {theirs_loglik:.6f}")


def memory() -> None:
    """Peak memory of a fit at three sizes, each in a process of its own."""
    print("\nPeak memory of one fit with Kenward–Roger, mice × 20 days, 40 columns")
    print(f"{'rows':>9} {'structure':>9} {'X, MB':>7} {'peak over the imports, MB':>26} {'bytes a row and column':>23}")
    for name in ("cs", "cs+ar1"):
        for animals in MEMORY_SIZES:
            made = subprocess.run(
                [sys.executable, __file__, "peak", name, str(animals)], capture_output=True, text=True, check=True
            )
            peak = float(made.stdout)
            rows = animals * 20
            print(f"{rows:>9} {name:>9} {rows * 40 * 8 / 1e6:>7.0f} {peak / 1e6:>26.0f} {peak / rows / 40:>23.1f}")


def peak(name: str, animals: str) -> None:
    """Bytes of memory one fit took at most, beside what the imports take; for `memory`."""
    solve(mice(10, 4), name)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows = mice(int(animals), 20)
    Inference(solve(rows, name)).test(interaction(20))
    unit = 1 if sys.platform == "darwin" else 1024
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit)


def refits() -> None:
    """Batched refits for resampling."""
    print(
        "\nBatched refits of a random intercept, 12 mice × 7 days, 14 columns, 8 contrasts with their standard errors"
    )
    print(f"{'rows':>6} {'fits a second':>14} {'one by one':>11} {'ratio':>7}")
    rows = mice(12, 7)
    both = np.hstack([-np.eye(7), np.eye(7)])
    L = np.vstack([both, both.mean(axis=0)])
    for missing in (0, 9):
        kept = np.sort(np.random.default_rng(2).permutation(84)[missing:])
        X, animal = rows.X[kept], rows.animal[kept]
        Y = batch.draw(animal, np.zeros(len(kept)), 0.04, 0.09, 50_000, np.random.default_rng(3))
        known = batch.design(X, animal)
        alone = Rows(Y[:, 0].copy(), X, animal)
        many, one = in_turn([partial(batch.refit, known, Y, L), partial(solve, alone)], [1, 100])
        a_second = Y.shape[1] / many
        print(f"{len(kept):>6} {a_second:>14,.0f} {1 / one:>11,.0f} {a_second * one:>6.0f}×")


PARTS: dict[str, Callable[[], None]] = {
    "small": small,
    "batch": refits,
    "evaluations": evaluations,
    "memory": memory,
    "large": large,
}

if __name__ == "__main__":
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        sys.exit("These are times of one thread each: say `make bench`, or set OPENBLAS_NUM_THREADS=1.")
    if sys.argv[1:2] == ["peak"]:
        peak(*sys.argv[2:])
    else:
        for part in sys.argv[1:] or PARTS:
            PARTS[part]()
