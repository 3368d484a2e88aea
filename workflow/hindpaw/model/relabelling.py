"""The randomization test of each comparison of a question, as rows of `randomization` and `deals`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.findings import several
from hindpaw.model import assignment, comparisons, deals, randomization
from hindpaw.model.assignment import Units
from hindpaw.model.comparisons import Asked, Asking
from hindpaw.model.deals import Deals
from hindpaw.model.errors import FitError
from hindpaw.model.randomization import Dealt, Time
from hindpaw.study import Question, Study
from hindpaw.tables import Deals as Binned
from hindpaw.tables import Randomization

Floats = NDArray[np.float64]
Row = dict[str, Any]

BINS = 60
# From this many deals on a test takes long enough that its reader wants to hear of it.
MANY = 100_000


def answer(
    asking: Asking,
    thresholds: pd.DataFrame,
    animals: pd.DataFrame,
    rng: np.random.Generator,
    tell: Callable[[str], None],
) -> dict[str, list[Row]]:
    """The rows of every comparison; one that cannot be tested has a row with the reason."""
    found: dict[str, list[Row]] = {"randomization": [], "deals": []}
    for treated, control in comparisons.pairs(asking.question):
        named = comparisons.named(treated, control)
        common = _common(asking.study, asking.question, named)
        try:
            units = assignment.of(asking, thresholds, animals, treated, control)
            tests, bins = _tests(asking, units, named, treated, control, rng, tell)
        except FitError as error:
            found["randomization"].append(without_test(asking.study, asking.question, named, f"not tested: {error}"))
            continue
        found["randomization"] += [common | row for row in tests]
        found["deals"] += bins
    return found


def without_test(study: Study, question: Question, named: str, reason: str) -> Row:
    """The row of a comparison that cannot be tested."""
    empty = {Randomization.by: "overall", Randomization.n_treated: 0, Randomization.n_control: 0}
    return _common(study, question, named) | empty | {Randomization.note: reason}


def _common(study: Study, question: Question, named: str) -> Row:
    """What every row of a comparison says."""
    randomized = study.randomization
    documented = randomized["unit"] != assignment.UNDOCUMENTED
    return {
        Randomization.question: question.key,
        Randomization.comparison: named,
        Randomization.method: "randomization test" if documented else "permutation test",
        Randomization.unit: "cage" if randomized["unit"] == "cage" else "animal",
        Randomization.blocks: " and ".join(randomized["blocks"]) or None,
        Randomization.enumerated: False,
    }


def _tests(
    asking: Asking,
    units: Units,
    named: str,
    treated: str,
    control: str,
    rng: np.random.Generator,
    tell: Callable[[str], None],
) -> tuple[list[Row], list[Row]]:
    """The tests of one comparison: each week (or day) with the largest of them, and the time average apart."""
    weekly = comparisons.by_time(asking, named, treated, control)
    asked = [one for one in (*weekly, comparisons.over_time(asking, named, treated, control)) if one.days]
    if not asked:
        raise FitError("there is no day on which both arms were tested")
    times = [Time(units.outcomes[:, [units.days.index(day) for day in one.days]], one.weights) for one in asked]
    chosen, covariates = _adjustment(units, times)
    count = deals.number(units.treated, units.strata)
    if count > MANY:
        looked = f"{count:,}" if count <= deals.MOST else f"{deals.DRAWN:,} drawn of {count:,}"
        tell(f"{asking.question.key}: {named}, {looked} deals of the labels")
    made = deals.of(units.treated, units.strata, rng)
    dealt = randomization.deal(times, covariates, units.treated, made)
    family = [place for place, one in enumerate(asked) if one.by != "overall"]
    adjusted = dict(zip(family, randomization.step_down([dealt[place] for place in family], made), strict=True))
    shared = _shared(units, made, chosen)
    rows = [
        _row(one, found, made, adjusted.get(place, math.nan)) | shared
        for place, (one, found) in enumerate(zip(asked, dealt, strict=True))
    ]
    bins = [_bins(one.by, one.time, found.statistics, found.t) for one, found in zip(asked, dealt, strict=True)]
    if family:
        largest = randomization.largest([dealt[place] for place in family])
        top = max(abs(dealt[place].t) for place in family)
        rows.append(_maximum(top, min(adjusted.values()), largest, made) | shared)
        bins.append(_bins("maximum", math.nan, largest, top))
    for row, one in zip(rows, asked, strict=False):
        row[Randomization.note] = _note(units, one, row, chosen)
    rows[-1].setdefault(Randomization.note, _note(units, None, rows[-1], chosen))
    told = {Binned.question: asking.question.key, Binned.comparison: named}
    return rows, [told | row for part in bins for row in part]


def _adjustment(units: Units, times: list[Time]) -> tuple[list[str], Floats]:
    """The covariates that leave a residual: all, those without the baseline, or none."""
    names = list(units.covariates)
    for chosen in (names, [name for name in names if name != "baseline"], []):
        columns = [units.covariates[name] for name in chosen]
        covariates = np.column_stack(columns) if columns else np.zeros((len(units.treated), 0))
        if randomization.spare(times, covariates) > 0:
            return chosen, covariates
    raise FitError(f"{int(units.treated.sum())} and {int((~units.treated).sum())} {units.unit}s leave no residual")


def _shared(units: Units, made: Deals, chosen: list[str]) -> Row:
    """What all tests of a comparison share."""
    return {
        Randomization.covariates: " and ".join(chosen) or None,
        Randomization.n_treated: int(units.treated.sum()),
        Randomization.n_control: int((~units.treated).sum()),
        Randomization.n_deals: len(made.treated),
        Randomization.enumerated: made.enumerated,
    }


def _row(one: Asked, found: Dealt, made: Deals, adjusted: float) -> Row:
    """One time."""
    return {
        Randomization.by: one.by,
        Randomization.time: one.time,
        Randomization.estimate: found.estimate,
        Randomization.statistic: found.t,
        Randomization.p: randomization.p_value(found, made),
        Randomization.p_adjusted: adjusted,
        Randomization.smallest_p: randomization.smallest_p(found.statistics, made),
        Randomization.lower: found.lower if math.isfinite(found.lower) else math.nan,
        Randomization.upper: found.upper if math.isfinite(found.upper) else math.nan,
    }


def _maximum(top: float, p: float, largest: Floats, made: Deals) -> Row:
    """The largest |t| of the family: whether there is an effect at any time."""
    return {
        Randomization.by: "maximum",
        Randomization.statistic: top,
        Randomization.p: p,
        Randomization.smallest_p: randomization.smallest_p(largest, made),
    }


def _note(units: Units, one: Asked | None, row: Row, chosen: list[str]) -> str | None:
    """What to know of a test."""
    notes = [*units.notes, *([one.note] if one is not None and one.note else [])]
    dropped = [name for name in units.covariates if name not in chosen]
    if dropped:
        notes.append(f"too few {units.unit}s to adjust for {several(dropped)}")
    if not units.documented:
        notes.append(
            "how labels were dealt is not documented, so it holds if they could as well have been dealt otherwise"
        )
    if row[Randomization.smallest_p] >= randomization.LEVEL:
        notes.append(f"no data of this design could give a p below {row[Randomization.smallest_p]:.3g}")
    return "; ".join(notes) or None


def _bins(by: str, time: float, statistics: Floats, own: float) -> list[Row]:
    """A randomization distribution in bins; the outermost reach to the most extreme deal."""
    size = np.abs(statistics)
    reach = 1.05 * max(abs(own), float(np.quantile(size, 0.999)), 1e-6)
    edges = np.linspace(0.0 if by == "maximum" else -reach, reach, BINS + 1)
    edges[0], edges[-1] = min(edges[0], float(statistics.min())), max(edges[-1], float(statistics.max()))
    place = np.clip(np.searchsorted(edges, statistics, side="right") - 1, 0, BINS - 1)
    large = size >= randomization.reached(abs(own))
    counts, as_large = np.bincount(place, minlength=BINS), np.bincount(place[large], minlength=BINS)
    return [
        {
            Binned.by: by,
            Binned.time: time,
            Binned.t_from: float(edges[k]),
            Binned.t_to: float(edges[k + 1]),
            Binned.n_deals: int(counts[k]),
            Binned.n_as_large: int(as_large[k]),
        }
        for k in range(BINS)
    ]
