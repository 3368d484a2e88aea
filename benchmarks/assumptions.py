"""How often the tests of assumptions reject when the assumptions hold: simulated mice, the model that made them.

Two arms of 6 mice on 8 days, a random intercept; the truth is normal on the log scale, with one residual variance and no
serial correlation. A test at 5 % should reject 5 %. Prints a table.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from hindpaw.model import residuals, scale, selection, solution, sphericity
from hindpaw.model.solution import Rows
from scipy.stats import chi2, shapiro

DAYS = np.array([1.0, 3.0, 6.0, 10.0, 17.0, 24.0, 31.0, 38.0])
WEEK = np.array([0, 0, 0, 1, 2, 3, 4, 5])


def one(rng: np.random.Generator, mice: int, with_scale: bool) -> dict[str, float]:
    """The p-values of one simulated study."""
    n, t = 2 * mice, len(DAYS)
    animal, day, arm = np.repeat(np.arange(n), t), np.tile(DAYS, n), np.repeat(np.arange(n) % 2, t)
    y = rng.normal(0, 0.15, n)[animal] + rng.normal(0, 0.2, n * t) - 0.8
    cell = arm * t + np.tile(np.arange(t), n)
    rows = Rows(y, (cell[:, None] == np.arange(2 * t)).astype(float), animal, day=day)
    solved = solution.solve(rows)
    apart = residuals.of(solved)
    found = {"normal residuals": float(shapiro(apart.standardized).pvalue)}
    if apart.intercept is not None and "tau2" not in solved.edge:
        found["normal intercepts"] = float(shapiro(apart.intercept[::t]).pvalue)
    for name, codes in (("equal variance over weeks", np.tile(WEEK, n)), ("equal variance over arms", arm)):
        strata = tuple(map(str, range(int(codes.max()) + 1)))
        other = solution.solve(Rows(y, rows.X, animal, day=day, stratum=codes.astype(np.int64), strata=strata))
        found[name] = float(chi2.sf(max(0.0, 2 * (other.loglik - solved.loglik)), len(strata) - 1))
    serial = selection.serial_correlation(rows)
    found["no serial correlation"] = serial.p if serial else np.nan
    round_ = sphericity.of(y.reshape(n, t), arm[::t].astype(np.int64))
    found["sphericity (Mauchly)"] = round_.p if round_ else np.nan
    if with_scale:
        found["scale: logarithm (Box–Cox)"] = float(chi2.sf(scale.power(solved).drop_log, 1))
    return found


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--mice", type=int, default=6, help="mice in each arm")
    parser.add_argument("--seed", type=int, default=20150825)
    asked = parser.parse_args()
    rng, start = np.random.default_rng(asked.seed), time.process_time()
    found = [one(rng, asked.mice, True) for _ in range(asked.studies)]
    print(
        f"{asked.studies} studies, 2 × {asked.mice} mice × {len(DAYS)} days, {time.process_time() - start:.0f} s of processor"
    )
    for name in found[0] | found[-1]:
        p = np.array([study.get(name, np.nan) for study in found])
        p = p[~np.isnan(p)]
        share = (p < 0.05).mean()
        error = np.sqrt(share * (1 - share) / len(p))
        print(f"{name:30s} rejects {100 * share:4.1f} % ± {100 * error:.1f} at 5 % ({len(p)} studies)")


if __name__ == "__main__":
    main()
