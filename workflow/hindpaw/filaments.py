"""Filament sets, and which response strings an up-down series on them can give.

Two scales name a filament's force. The handle number h stands for 10^h/10⁴ g; the nominal gram value is
rounded by the maker and differs from it by up to 57 %. A set says which one its `force_g` is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

SCALES = ("handle", "nominal")


@dataclass(frozen=True)
class FilamentSet:
    """The filaments of one test, lightest first.

    Parameters
    ----------
    name : name of the set
    handles : evaluator numbers, log10(10 × force in mg)
    nominal_g : marked forces, g
    force_g : the forces the analysis uses, g
    """

    name: str
    handles: tuple[float, ...]
    nominal_g: tuple[float, ...]
    force_g: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.force_g)

    @property
    def log10_force(self) -> tuple[float, ...]:
        """log10 of the forces in g."""
        return tuple(math.log10(force) for force in self.force_g)

    @property
    def step(self) -> float:
        """δ, the mean log10 step between neighbours.

        >>> round(shipped("mouse-8").step, 4)
        0.4414
        """
        logs = self.log10_force
        return (logs[-1] - logs[0]) / (len(logs) - 1)

    def position(self, value: float, named_by: str) -> int | None:
        """The filament's place in the set (1 is the lightest), or None where no filament is so named.

        Parameters
        ----------
        value : what the sheet says
        named_by : `position`, `handle` or `grams` (the marked force)

        >>> shipped("mouse-8").position(3.61, "handle"), shipped("mouse-8").position(9, "position")
        (5, None)
        """
        names = {
            "position": range(1, len(self) + 1),
            "handle": self.handles,
            "grams": self.nominal_g,
        }[named_by]
        matches = [place for place, name in enumerate(names, 1) if math.isclose(name, value, rel_tol=1e-6)]
        return matches[0] if matches else None


def handle_force_g(handle: float) -> float:
    """The force a handle number stands for: 10^h / 10⁴ g.

    >>> round(handle_force_g(3.61), 4)
    0.4074
    """
    return float(10**handle / 1e4)


def _rows(csv: str) -> list[list[str]]:
    """The rows of a CSV of this package, below its source line and header."""
    lines = files("hindpaw").joinpath(csv).read_text(encoding="utf-8").splitlines()
    return [line.split(",") for line in lines[2:]]


@cache
def touch_test() -> dict[float, float]:
    """Nominal grams by handle number, from the maker's table."""
    return {float(handle): float(grams) for handle, grams in _rows("touch_test_filaments.csv")}


@cache
def series() -> dict[str, tuple[float, ...]]:
    """The handles of each set that ships with hindpaw, by the set's name.

    >>> sorted(series())
    ['mouse-10', 'mouse-8', 'mouse-9', 'rat-8', 'rat-9']
    """
    return {name: tuple(map(float, handles.split())) for name, handles in _rows("filament_sets.csv")}


def shipped(name: str, scale: str = "handle") -> FilamentSet:
    """A set that ships with hindpaw.

    Parameters
    ----------
    name : a key of `series()`
    scale : `handle` for 10^h/10⁴ g, `nominal` for the marked grams

    >>> shipped("mouse-9", "nominal").force_g[0]
    0.04
    """
    handles = series()[name]
    nominal = tuple(touch_test()[handle] for handle in handles)
    exact = tuple(handle_force_g(handle) for handle in handles)
    return FilamentSet(name, handles, nominal, nominal if scale == "nominal" else exact)


def replay(responses: str, last: int) -> list[int]:
    """The filament position of every application, from the responses and the last position.

    After X the next filament is one lighter, after O one heavier. Positions below 1 or above the set's
    size mean that the string and its last filament cannot both be right.

    >>> replay("OXOOXO", last=5)
    [4, 5, 4, 5, 6, 5]
    """
    positions = [last]
    for response in reversed(responses[:-1]):
        positions.append(positions[-1] + (1 if response == "X" else -1))
    return positions[::-1]


def held(responses: str, first: int, size: int) -> list[int]:
    """The filament position of every application where the tester stays at an end of the set once there.

    >>> held("XXXOO", first=3, size=8)
    [3, 2, 1, 1, 2]
    """
    positions = [first]
    for response in responses[:-1]:
        step = -1 if response == "X" else 1
        positions.append(min(max(positions[-1] + step, 1), size))
    return positions


def first_change(responses: str) -> int | None:
    """Index of the first response that differs from the one before, or None.

    >>> first_change("OOXO"), first_change("XXX")
    (2, None)
    """
    changes = [index for index, (one, two) in enumerate(pairwise(responses), 1) if one != two]
    return changes[0] if changes else None


def faults(responses: str, last: int, size: int, start: int | None) -> list[str]:
    """What is impossible about a series, in words; empty for a legal one.

    Parameters
    ----------
    responses : X and O in order
    last : position of the last filament
    size : filaments in the set
    start : position the protocol starts at, or None if it may vary

    >>> faults("OXOOXO", last=5, size=8, start=4)
    []
    >>> faults("OOOXOOXX", last=8, size=8, start=4)
    ['application 7 would have used filament 9 of 8', 'it would have begun at filament 5, not 4']
    """
    positions = replay(responses, last)
    found = []
    outside = [place for place, position in enumerate(positions, 1) if not 1 <= position <= size]
    if outside:
        found.append(f"application {outside[0]} would have used filament {positions[outside[0] - 1]} of {size}")
    if start is not None and positions[0] != start:
        found.append(f"it would have begun at filament {positions[0]}, not {start}")
    ran_out = positions[-1] == (1 if responses[-1] == "X" else size)
    if first_change(responses) is None and not ran_out:
        found.append("it has no change of response and stopped inside the set")
    return found


def deviation(responses: str, last: int, size: int, after_change: int) -> str:
    """How a legal series departs from the protocol's stop rule, in words; empty where it does not.

    The likelihood takes a series of any length, so this is worth knowing but spoils nothing.

    Parameters
    ----------
    responses, last, size : as in `faults`
    after_change : responses the protocol takes after the first change

    >>> deviation("OXOOXOX", last=4, size=8, after_change=4)
    '5 responses after the first change, not 4'
    >>> deviation("OXO", last=5, size=8, after_change=4)
    '1 response after the first change, not 4'
    """
    change = first_change(responses)
    taken = len(responses) - (change or 0) - 1
    at_end = last == (1 if responses[-1] == "X" else size)
    if change is None or taken == after_change or (taken < after_change and at_end):
        return ""
    return f"{taken} response{'s' * (taken != 1)} after the first change, not {after_change}"
