"""The demo study and planted faults, seeded: simulated data, said to be so wherever it stands."""

from hindpaw.simulate.faults import FAULTS, Planted
from hindpaw.simulate.files import SEED, contents, lab, write_demo

__all__ = ["FAULTS", "SEED", "Planted", "contents", "lab", "write_demo"]
