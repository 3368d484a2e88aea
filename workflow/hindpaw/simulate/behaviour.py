"""The simulated von Frey sessions, application by application."""

from __future__ import annotations

import math

import numpy as np

from hindpaw import filaments
from hindpaw.filaments import FilamentSet
from hindpaw.simulate import truth
from hindpaw.simulate.mice import Mouse

FILAMENTS = "mouse-9"
START = 5
AFTER_CHANGE = 4
TESTERS = ("KL", "RS")


def series(rng: np.random.Generator, log10_g: float, known: FilamentSet, start: int = START) -> tuple[str, int]:
    """One up-down series of a mouse whose 50 % threshold is `log10_g`: responses and last position.

    A response is probit in log10 force with a standard deviation of one step, as the estimator assumes.
    """
    responses, position = "", start
    while True:
        z = (known.log10_force[position - 1] - log10_g) / known.step
        responses += "X" if rng.random() < 0.5 * math.erfc(-z / math.sqrt(2)) else "O"
        change = filaments.first_change(responses)
        following = position + (-1 if responses[-1] == "X" else 1)
        if change is not None and len(responses) - change - 1 == AFTER_CHANGE:
            return responses, position
        if not 1 <= following <= len(known):
            return responses, position
        position = following


def sheets(
    rng: np.random.Generator, mice: list[Mouse], days: tuple[int, ...] = truth.DAYS
) -> dict[str, list[list[object]]]:
    """The von Frey workbook: a sheet a test day, a row a mouse, both paws side by side."""
    header: list[object] = ["Mouse", "Cage", "Tester", "ipsi XO", "ipsi last", "contra XO", "contra last", "Remarks"]
    known = filaments.shipped(FILAMENTS)
    book: dict[str, list[list[object]]] = {
        "Read me": [
            ["SIMULATED DATA. No animal was tested."],
            [
                "Up-down method, filaments 0.04 to 4 g, first filament 0.6 g, four more responses after the first change."
            ],
            ["X withdrew, O did not. The last filament is named by its handle number."],
        ]
    }
    for number, day in enumerate(days):
        rows: list[list[object]] = [header]
        for mouse in [mouse for mouse in mice if mouse.tested(day)]:
            row: list[object] = [mouse.name, mouse.cage, TESTERS[number % 2]]
            for paw in ("ipsilateral", "contralateral"):
                true = truth.log10_threshold(mouse.arm, day, paw) + mouse.deviation + rng.normal(0, truth.SD_DAY)
                responses, last = series(rng, true, known)
                row += [responses, known.handles[last - 1]]
            rows.append([*row, "simulated"])
        book[f"Day {day}"] = rows
    return book
