"""R4 and R3: printed means, spreads and numbers of animals against these data."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from hindpaw import phrases
from hindpaw.audit.anova import averaged
from hindpaw.audit.printed import number, numbers_of
from hindpaw.audit.taken import ARM, TIME, Taken, Y
from hindpaw.findings import Finding, several
from hindpaw.tables import ClaimGroups, Claims

ROOM = "audit"
# What one printed unit is in the unit of the tables; the force of 1 g is 9.80665 mN.
UNITS = {"g": {"g": 1.0, "mg": 1e-3, "mN": 1 / 9.80665}, "pg/ml": {"pg/ml": 1.0, "ng/ml": 1e3}}
ARRIVE = "ARRIVE 2.0 (doi 10.1371/journal.pbio.3000410)"


@dataclass(frozen=True)
class Compared:
    """One printed group beside the same animals here.

    Parameters
    ----------
    group, arm : as the paper and the study call it
    n, mean, sd : of these data, in the printed unit
    mean_fits, n_fits, spread_fits : whether the print can be a rounding of them; None where it is not printed
    spread_is : what the printed spread is by these data: sem, sd, or neither (empty)
    printed : the mean as printed, in numbers
    n_printed : the number of animals as printed; empty where it is not
    source : where it stands
    """

    group: str
    arm: str
    n: int
    mean: float
    sd: float
    printed: float
    n_printed: str
    mean_fits: bool
    n_fits: bool | None
    spread_fits: bool | None
    spread_is: str
    source: str

    @property
    def fits(self) -> bool:
        """Whether everything printed agrees."""
        return self.mean_fits and self.n_fits is not False and self.spread_fits is not False

    def words(self) -> str:
        """Mean ± SEM, and SD, of these data."""
        return f"{self.arm} {phrases.number(self.mean)} ± {phrases.number(self.sem)} SEM, SD {phrases.number(self.sd)} (n = {self.n})"

    @property
    def sem(self) -> float:
        """Standard error of the mean."""
        return self.sd / math.sqrt(self.n)


def values_at(claim: pd.Series, data: Taken) -> pd.DataFrame:
    """One value an animal: at the claim's time, or the mean over its times."""
    if isinstance(claim[Claims.by], str) and not math.isnan(claim[Claims.time]):
        return data.frame[data.frame[TIME] == claim[Claims.time]]
    return averaged(data.frame)


def groups_here(claim: pd.Series, groups: pd.DataFrame, data: Taken) -> list[Compared] | str:
    """Each printed group that is an arm here; or why they cannot be compared."""
    unit = claim[Claims.unit] if isinstance(claim[Claims.unit], str) else data.unit
    factor = UNITS.get(data.unit, {data.unit: 1.0}).get(unit)
    if factor is None:
        return f"the printed unit is {unit}, these data are in {data.unit}"
    if not _tested(claim, data):
        return f"nothing was measured on {claim[Claims.by]} {claim[Claims.time]:g}"
    at = values_at(claim, data)
    mine = groups[(groups[ClaimGroups.claim] == claim[Claims.claim]) & groups[ClaimGroups.arm].notna()]
    empty = [arm for arm in mine[ClaimGroups.arm] if not (at[ARM] == arm).any()]
    if empty:
        return f"no animal of {phrases.listed(empty)} has a value"
    made = [_one(row, at[at[ARM] == row[ClaimGroups.arm]][Y] / factor) for _, row in mine.iterrows()]
    return made or "no printed group is named as an arm of the study"


def _one(row: pd.Series, values: pd.Series) -> Compared:
    """One group."""
    n, mean, sd = len(values), float(values.mean()), float(values.std(ddof=1))
    spreads = {"sd": sd, "sem": sd / math.sqrt(n)}
    printed_spread, kind = row[ClaimGroups.spread], row[ClaimGroups.spread_is]
    fitting = [name for name, value in spreads.items() if _rounds_to(printed_spread, value)]
    sizes = numbers_of(row[ClaimGroups.n])
    span = number(row[ClaimGroups.mean])
    return Compared(
        row[ClaimGroups.group],
        row[ClaimGroups.arm],
        n,
        mean,
        sd,
        (span.low + span.high) / 2,
        row[ClaimGroups.n] if sizes else "",
        bool(span.holds(mean)),
        n in sizes if sizes else None,
        kind in fitting if kind in spreads and isinstance(printed_spread, str) else None,
        fitting[0] if len(fitting) == 1 else "",
        row[ClaimGroups.source],
    )


def _rounds_to(printed: str | float, value: float) -> bool:
    """Whether a value can have been printed so."""
    return isinstance(printed, str) and not math.isnan(value) and number(printed).holds(value)


def numbers_here(claim: pd.Series, data: Taken) -> dict[str, int]:
    """Animals of the two arms with a value at the claim's time (with any, where it names none)."""
    at = values_at(claim, data)
    return {arm: int((at[ARM] == arm).sum()) for arm in (data.treated, data.control)}


def ratio_here(claim: pd.Series, data: Taken) -> float:
    """Ratio of the means of the two arms at the claim's time; not a number where an arm has none, or on a log scale."""
    means = values_at(claim, data).groupby(ARM)[Y].mean()
    known = data.scale == "raw" and {data.treated, data.control} <= set(means.index) and means[data.control] > 0
    return float(means[data.treated] / means[data.control]) if known else math.nan


def means_agree(claim: pd.Series, found: list[Compared]) -> Iterator[Finding]:
    """R4, R3: printed means, spreads and n that are not those of the data; a constant factor points to the unit."""
    off = [one for one in found if not one.mean_fits]
    ratios = [one.mean / one.printed for one in off if one.printed]
    named = _factor(ratios)
    if off:
        yield Finding(
            "R4", "error", ROOM,
            f"Means printed in the claim {claim[Claims.claim]} are not those of the data: "
            f"{several(f'{one.group} {phrases.number(one.printed)} printed, {phrases.number(one.mean)} here' for one in off)}.",
            "What is printed does not come from these data, or not in this way." if not named else f"Every mean is off by the same factor {named}: the unit is probably not the one that is printed.",
            "Compare the days, the animals, the scale (mean of grams or of logarithms) and the unit.",
            "; ".join(one.source for one in off), "; ".join(one.words() for one in off),
        )  # fmt: skip
    swapped = [one for one in found if one.spread_fits is False and one.spread_is]
    if swapped:
        yield Finding(
            "R3", "error", ROOM,
            f"In the claim {claim[Claims.claim]} what stands after ± is the {swapped[0].spread_is.upper()}, not what it is called: "
            f"{several(f'{one.group} has SD {phrases.number(one.sd)}, SEM {phrases.number(one.sem)}' for one in swapped)}.",
            "SD and SEM differ by √n (doi 10.1136/bmj.331.7521.903).",
            "Correct the legend.",
            "; ".join(one.source for one in swapped), claim[Claims.locator],
        )  # fmt: skip
    other = [one for one in found if one.spread_fits is False and not one.spread_is and one.mean_fits]
    if other:
        yield Finding(
            "R4", "warning", ROOM,
            f"Spreads printed in the claim {claim[Claims.claim]} are neither SD nor SEM of the data: {several(one.words() for one in other)}.",
            "Animals were left out or added, or the spread is of something else.",
            "Ask what the bars are.",
            "; ".join(one.source for one in other), claim[Claims.locator],
        )  # fmt: skip
    counted = [one for one in found if one.n_fits is False]
    if counted:
        printed = phrases.listed([f"{one.n_printed} of {one.group}" for one in counted])
        yield _counts(claim, printed, {one.arm: one.n for one in counted}, "; ".join(one.source for one in counted))


def _factor(ratios: list[float]) -> str:
    """A constant factor of all means that a unit explains, in words; empty for none."""
    known = {"1000": 1000.0, "1/1000": 1e-3, "9.81": 9.80665, "1/9.81": 1 / 9.80665, "100": 100.0, "1/100": 0.01}
    for name, factor in known.items():
        if len(ratios) > 1 and all(abs(ratio / factor - 1) < 0.05 for ratio in ratios):
            return name
    return ""


def numbers_agree(claim: pd.Series, here: dict[str, int]) -> Iterator[Finding]:
    """R4: the printed n against the animals that were measured."""
    sizes = numbers_of(claim[Claims.n])
    if sizes and not set(here.values()) <= set(sizes):
        yield _counts(claim, f"n = {claim[Claims.n]}", here, claim[Claims.source])


def _counts(claim: pd.Series, printed: str, here: dict[str, int], source: str) -> Finding:
    """Other numbers of animals than printed."""
    return Finding(
        "R4", "warning", ROOM,
        f"The claim {claim[Claims.claim]} prints {printed}; "
        f"the data have {phrases.listed([f'{n} of {arm}' for arm, n in here.items()])}.",
        f"Animals were left out or added without a word ({ARRIVE}, items 2a and 3).",
        "Ask which animals entered, and why others did not.",
        source, claim[Claims.locator],
    )  # fmt: skip


def times_exist(claim: pd.Series, data: Taken) -> Iterator[Finding]:
    """R4: a statement about a time at which nothing was measured."""
    if not _tested(claim, data):
        measured = ", ".join(f"{time:g}" for time in data.times)
        yield Finding(
            "R4", "warning", ROOM,
            f"The claim {claim[Claims.claim]} is about {claim[Claims.by]} {claim[Claims.time]:g}; the data have {claim[Claims.by]} {measured}.",
            "The statement rests on something else than these data.",
            "Ask what was measured then; look whether days count from injury or from treatment.",
            claim[Claims.source], claim[Claims.locator],
        )  # fmt: skip


def _tested(claim: pd.Series, data: Taken) -> bool:
    """Whether anything was measured at a claim's time; True where it names none."""
    timed = isinstance(claim[Claims.by], str) and claim[Claims.by] != "overall"
    return not timed or claim[Claims.time] in data.times
