"""What is true in the simulated study: its mice, thresholds, concentrations and cells.

The design follows Chen G, Park CK, Xie RG, Ji RR, J Clin Invest 2015;125:3226-3240, doi 10.1172/JCI80883. Every
number below is an assumption of the simulation; the paper prints none of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DAYS = (-1, 3, 5, 7, 10, 14, 21, 28, 35, 42)
# A second cohort gets TGF-β1 on day 20, long after the injury, and is tested the day after.
LATE_DAYS = (-1, 12, 19, 21)
SATELLITE_DAYS = (-1, 3, 5, 7)
CSF_DAY = 8
TREATMENT_DAY = 4


@dataclass(frozen=True)
class SimulatedArm:
    """An arm: the lab's name for it, mice, share of the injury's drop, and which relief it gets."""

    key: str
    name: str
    mice: int
    injured: bool
    relief: str = "none"
    strength: float = 0.0


ARMS = (
    SimulatedArm("sham", "Sham", 6, injured=False),
    SimulatedArm("vehicle", "CCI + vehicle", 6, injured=True),
    SimulatedArm("bmsc", "CCI + BMSC 2.5x10^5", 6, injured=True, relief="cells", strength=1.0),
    SimulatedArm("tgfb1_1", "CCI + TGF-b1 1 ng", 4, injured=True, relief="protein", strength=0.25),
    SimulatedArm("tgfb1_3", "CCI + TGF-b1 3 ng", 4, injured=True, relief="protein", strength=0.6),
    SimulatedArm("tgfb1_10", "CCI + TGF-b1 10 ng", 6, injured=True, relief="protein", strength=1.0),
    SimulatedArm("bmsc_anti_tgfb1", "CCI + BMSC + anti-TGF-b1", 6, injured=True, relief="cells", strength=0.1),
    SimulatedArm("bmsc_igg", "CCI + BMSC + control IgG", 6, injured=True, relief="cells", strength=1.0),
    SimulatedArm("bmsc_anti_il10", "CCI + BMSC + anti-IL-10", 6, injured=True, relief="cells", strength=1.0),
    SimulatedArm("anti_tgfb1", "CCI + anti-TGF-b1", 6, injured=True),
)
NAIVE = SimulatedArm("naive", "Naive", 4, injured=False)
UNTREATED = SimulatedArm("cci", "CCI, untreated", 4, injured=True)
LATE_ARMS = (
    SimulatedArm("late_vehicle", "CCI + vehicle, day 20", 6, injured=True),
    SimulatedArm("late_tgfb1_1", "CCI + TGF-b1 1 ng, day 20", 6, injured=True, relief="late protein", strength=0.2),
    SimulatedArm("late_tgfb1_3", "CCI + TGF-b1 3 ng, day 20", 6, injured=True, relief="late protein", strength=0.5),
    SimulatedArm("late_tgfb1_10", "CCI + TGF-b1 10 ng, day 20", 6, injured=True, relief="late protein", strength=0.9),
)
ARM = {arm.key: arm for arm in (*ARMS, NAIVE, UNTREATED, *LATE_ARMS)}

# log10 g. An uninjured mouse answers at about 1 g, an injured one at about 0.09 g.
HEALTHY, DROP = 0.0, -1.05
# Share of the drop that treatment undoes, by day: cells for about five weeks, the protein for days.
RELIEF = {
    "none": ((4, 0.0), (42, 0.0)),
    "cells": ((4, 0.0), (5, 0.6), (7, 0.8), (21, 0.75), (28, 0.55), (35, 0.2), (39, 0.0), (42, 0.0)),
    "protein": ((4, 0.0), (5, 0.85), (7, 0.3), (9, 0.0), (42, 0.0)),
    "late protein": ((20, 0.0), (21, 0.85), (25, 0.0), (42, 0.0)),
}
SD_MOUSE, SD_CAGE, SD_DAY = 0.12, 0.05, 0.08


def log10_threshold(arm: str, day: float, paw: str = "ipsilateral") -> float:
    """The arm's true mean log10 threshold in g.

    >>> log10_threshold("vehicle", 10), log10_threshold("bmsc", 3), round(log10_threshold("bmsc", 7), 3)
    (-1.05, -1.05, -0.21)
    >>> log10_threshold("vehicle", 10, "contralateral")
    0.0
    """
    kind = ARM[arm]
    if paw == "contralateral" or not kind.injured or day <= 0:
        return HEALTHY
    days, shares = zip(*RELIEF[kind.relief], strict=True)
    undone = kind.strength * float(np.interp(day, days, shares))
    return HEALTHY + DROP * (1 - undone)


# CSF on day 8, pg/ml in undiluted CSF; SD of log10 between mice.
CSF_PG_PER_ML = {
    "TGF-β1": {"naive": 1200.0, "vehicle": 1500.0, "bmsc": 3600.0},
    "IL-10": {"naive": 6.0, "vehicle": 9.0, "bmsc": 22.0},
    "IL-1β": {"naive": 14.0, "vehicle": 40.0, "bmsc": 25.0},
    "IL-6": {"naive": 30.0, "vehicle": 90.0, "bmsc": 55.0},
    "TNF": {"naive": 16.0, "vehicle": 48.0, "bmsc": 28.0},
    "CCL2": {"naive": 160.0, "vehicle": 520.0, "bmsc": 360.0},
    "CXCL12": {"naive": 300.0, "vehicle": 420.0, "bmsc": 400.0},
}
SD_CONCENTRATION = 0.10
# CXCL12 in the lysate of L4–L6 ganglia, pg/ml, by day after injury; day 0 is naive.
DRG_CXCL12_PG_PER_ML = {0: 400.0, 3: 900.0, 7: 1300.0, 14: 1100.0, 28: 800.0}
# Surviving cells a section at the ganglion's border, by day after injury.
DRG_CELLS = {7: 14.0, 14: 12.0, 28: 8.0, 56: 4.0}
CELL_DISPERSION = 3.0
