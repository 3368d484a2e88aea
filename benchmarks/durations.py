"""How often the intervals of durations and contrasts hold the truth, on simulated mice with a known end of relief.

python benchmarks/durations.py             400 simulations a row, n = 20, 5, 6, 4 (10 minutes)
python benchmarks/durations.py 1000 20     simulations, and the numbers of mice an arm to look at
"""

from __future__ import annotations

import sys

import numpy as np
from hindpaw.model import bootstrap, contrasts, duration, redrawn, reweighting
from hindpaw.model.smallsample import Inference
from hindpaw.model.solution import Rows, solve

DAYS = np.array([5.0, 7, 10, 14, 21, 28, 35, 42])
START, MARGIN = 4.0, 0.265
# Differences from vehicle on the test days: relief that lasts weeks, and one that lasts days; straight between the days.
CURVES = {"long": [0.63, 0.84, 0.82, 0.80, 0.79, 0.58, 0.21, 0.0], "short": [0.89, 0.60, 0.10, 0, 0, 0, 0, 0]}
SD_MOUSE, SD_DAY = 0.13, 0.16
RESAMPLES = 999


def truth(name: str) -> float:
    """Days of relief of a curve."""
    return float(duration.ends(DAYS, np.array([CURVES[name]]), MARGIN, START).day[0]) - START


def simulated(random: np.random.Generator, mice: int) -> Rows:
    """Complete rows of vehicle, long and short relief."""
    K = len(DAYS)
    means = np.array([np.zeros(K), *CURVES.values()])
    animal, arm = np.repeat(np.arange(3 * mice), K), np.repeat(np.arange(3), mice * K)
    day = np.tile(np.arange(K), 3 * mice)
    y = means[arm, day] + SD_MOUSE * random.normal(size=3 * mice)[animal] + SD_DAY * random.normal(size=len(animal))
    X = np.zeros((len(y), 3 * K))
    X[np.arange(len(y)), arm * K + day] = 1
    return Rows(y, X, animal, day=DAYS[day])


def rows_of(arm: int) -> np.ndarray:
    """(K, 3K) a treated arm less vehicle on each day."""
    K = len(DAYS)
    return np.hstack([-np.eye(K), *(np.eye(K) * (place == arm) for place in (1, 2))])


def intervals(rows: Rows, mice: int, random: np.random.Generator) -> dict[tuple[str, str], tuple[float, float]]:
    """Every interval of one simulated study, days from treatment."""
    solved = solve(rows)
    inference = Inference(solved)
    close, weights = duration.grid(DAYS, 6)
    L = np.vstack([rows_of(1), rows_of(2)])
    strata = np.repeat(np.arange(3), mice)
    found = bootstrap.resampled(solved, reweighting.contributions(solved), strata, L, random, RESAMPLES)
    places = (slice(0, len(DAYS)), slice(len(DAYS), 2 * len(DAYS)))
    made: dict[tuple[str, str], tuple[float, float]] = {}
    bootstrap_ = "BCa" if mice >= bootstrap.ENOUGH else "bootstrap-t"
    for name, place in zip(CURVES, places, strict=True):
        family = contrasts.family(inference, L[place], "holm")
        band = family["lower"].to_numpy(float), family["upper"].to_numpy(float)
        alone = redrawn.relief.pointwise(inference, weights @ L[place])
        for label, at, (under, over) in (("simultaneous band", DAYS, band), ("each day alone", close, alone)):
            low, high = duration.end_within(at, under, over, MARGIN, START)
            made[name, label] = low - START, high - START
        first = place.start
        own, drawn = float(found.own.estimate[0, first]), found.drawn.estimate[:, first]
        if mice >= bootstrap.ENOUGH:
            wider = bootstrap.Widening.of([mice, mice])
            end = redrawn.accelerated_end(found, place, DAYS, MARGIN, START, wider)
            effect = bootstrap.accelerated(own, drawn, found.left_out.estimate[:, first], wider)
        else:
            one = redrawn.timed(found, place, DAYS, MARGIN, START)
            end = redrawn.studentized_end(one, RESAMPLES, MARGIN, START)
            effect = bootstrap.studentized(own, float(found.own.se[0, first]), drawn, found.drawn.se[:, first])
        made[name, bootstrap_] = end.lower, end.upper
        made[f"contrast on day 5, {name}", bootstrap_] = effect.lower, effect.upper
    three = bootstrap.Widening.of([mice] * 3) if mice >= bootstrap.ENOUGH else None
    apart, _p, _method = redrawn.difference(found, places, (DAYS, DAYS), MARGIN, START, three)
    made["long − short", bootstrap_] = apart.lower, apart.upper
    return made


def main(simulations: int, sizes: list[int]) -> None:
    """The table."""
    true = {name: truth(name) for name in CURVES} | {"long − short": truth("long") - truth("short")}
    true |= {f"contrast on day 5, {name}": CURVES[name][0] for name in CURVES}
    print(f"True days of relief: {true}; {simulations} simulations a row, {RESAMPLES} resamples\n")
    print("| mice an arm | quantity | interval | covers, % | Monte-Carlo SE | median width | open above, % |")
    print("|---|---|---|---|---|---|---|")
    for mice in sizes:
        inside: dict[tuple[str, str], list[bool]] = {}
        widths: dict[tuple[str, str], list[float]] = {}
        for number in range(simulations):
            random = np.random.default_rng([7, mice, number])
            for key, (low, high) in intervals(simulated(random, mice), mice, random).items():
                inside.setdefault(key, []).append(low <= true[key[0]] <= high)
                widths.setdefault(key, []).append(high - low)
        for key in inside:
            share = float(np.mean(inside[key]))
            error = np.sqrt(share * (1 - share) / simulations)
            width = np.array(widths[key])
            print(
                f"| {mice} | {key[0]} | {key[1]} | {100 * share:.1f} | {100 * error:.1f} | {np.median(width):.2f} | "
                f"{100 * np.mean(~np.isfinite(width)):.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    asked = [int(word) for word in sys.argv[1:]]
    main(asked[0] if asked else 400, asked[1:] or [20, 5, 6, 4])
