"""The simulated mice and what happens to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hindpaw.simulate import truth
from hindpaw.simulate.truth import SimulatedArm

CAGE_SIZE = 5


@dataclass
class Mouse:
    """One mouse: its identity, its arm, its lasting deviation (log10 g), and how its study ended."""

    name: str
    arm: str
    sex: str
    cage: str
    cohort: str
    deviation: float
    excluded: str = ""
    left_day: int | None = None
    left_reason: str = ""

    @property
    def label(self) -> str:
        """What the lab calls the arm."""
        return truth.ARM[self.arm].name

    def tested(self, day: int) -> bool:
        """Whether the mouse is on the von Frey sheet of a day."""
        days = {"main": truth.DAYS, "satellite": truth.SATELLITE_DAYS, "late": truth.LATE_DAYS}.get(self.cohort, ())
        return day in days and (self.left_day is None or day <= self.left_day)


def colony(rng: np.random.Generator) -> list[Mouse]:
    """Every mouse of the study, in the order of the allocation list."""
    main = _housed(rng, [arm for arm in truth.ARMS for _ in range(arm.mice)], "main", 1)
    four = [truth.NAIVE, truth.ARM["vehicle"], truth.ARM["bmsc"]]
    satellite = _housed(rng, [arm for arm in four for _ in range(4)], "satellite", 101)
    for mouse in satellite:
        mouse.left_day, mouse.left_reason = truth.CSF_DAY, "CSF collected (terminal)"
    mice = main + satellite + _ganglia(rng)
    _events(main)
    return mice


def late_colony(rng: np.random.Generator) -> list[Mouse]:
    """The mice that got TGF-β1 late, from a stream of their own."""
    mice = _housed(rng, [arm for arm in truth.LATE_ARMS for _ in range(arm.mice)], "late", 301)
    for mouse in mice:
        mouse.left_day, mouse.left_reason = truth.LATE_DAYS[-1], "end of the late dose response"
    return mice


def _housed(rng: np.random.Generator, arms: list[SimulatedArm], cohort: str, first: int) -> list[Mouse]:
    """Mice dealt to arms at random, five to a cage of one sex."""
    mice = []
    for place, index in enumerate(rng.permutation(len(arms))):
        cage = place // CAGE_SIZE
        if place % CAGE_SIZE == 0:
            in_cage = rng.normal(0, truth.SD_CAGE)
        deviation = in_cage + rng.normal(0, truth.SD_MOUSE)
        sex = ("male", "female")[cage % 2]
        mice.append(
            Mouse(f"M{first + place:03d}", arms[index].key, sex, f"{cohort[0].upper()}{cage + 1}", cohort, deviation)
        )
    return mice


def _ganglia(rng: np.random.Generator) -> list[Mouse]:
    """Mice whose ganglia were taken on a day: for CXCL12, and for counting surviving cells."""
    plan = [("cci" if day else "naive", day, 4) for day in truth.DRG_CXCL12_PG_PER_ML]
    plan += [("bmsc", day, 3) for day in truth.DRG_CELLS]
    mice: list[Mouse] = []
    for arm, day, n in plan:
        for _ in range(n):
            place = len(mice)
            sex, cage = ("male", "female")[place // CAGE_SIZE % 2], f"D{place // CAGE_SIZE + 1}"
            mouse = Mouse(f"M{201 + place}", arm, sex, cage, "DRG", rng.normal(0, truth.SD_MOUSE))
            mouse.left_day, mouse.left_reason = day, "DRG collected"
            mice.append(mouse)
    return mice


def _events(mice: list[Mouse]) -> None:
    """What happens in every study: one mouse dies, one has to be left out."""
    dead = next(mouse for mouse in mice if mouse.arm == "anti_tgfb1")
    dead.left_day, dead.left_reason = 17, "found dead on day 18"
    loose = next(mouse for mouse in mice if mouse.arm == "bmsc_anti_il10")
    loose.excluded = "ligature found loose at dissection"
