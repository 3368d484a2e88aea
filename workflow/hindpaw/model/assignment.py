"""The units that were randomized to two arms, with what each was on each day and before: what a deal moves as a whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.findings import several
from hindpaw.model.comparisons import Asking
from hindpaw.model.design import BEFORE
from hindpaw.model.errors import FitError
from hindpaw.tables import Animals, Thresholds

Floats = NDArray[np.float64]
UNDOCUMENTED = "undocumented"
# Of the blocks of a model, those that were settled before the labels were dealt.
SETTLED = (Animals.sex, Animals.cohort)


@dataclass(frozen=True)
class Units:
    """The units of a comparison.

    Parameters
    ----------
    treated : (units,) the deal that was made
    strata : (units,) codes of the blocks within which labels were dealt
    days : post-treatment days
    outcomes : (units, days) log10 g, NaN where a unit was not tested; of a cage the mean of its animals
    covariates : what was known of each unit before, as columns (units, c) by name; the first choice of adjustment
    unit : animal or cage
    blocks : names of the blocks
    documented : whether the study file says how labels were dealt
    notes : what to know
    """

    treated: NDArray[np.bool_]
    strata: NDArray[np.int_]
    days: list[float]
    outcomes: Floats
    covariates: dict[str, Floats]
    unit: str
    blocks: tuple[str, ...]
    documented: bool
    notes: tuple[str, ...]


def of(asking: Asking, thresholds: pd.DataFrame, animals: pd.DataFrame, treated: str, control: str) -> Units:
    """The units of two arms: every one that was ever tested, so that one without a value after treatment is dealt too.

    Raises
    ------
    FitError
        Where the study file's randomization contradicts the allocation list.
    """
    study, question = asking.study, asking.question
    unit = "cage" if study.randomization["unit"] == "cage" else "animal"
    blocks = tuple(study.randomization["blocks"])
    mine = (thresholds[Thresholds.paw] == question.paw) & thresholds[Thresholds.arm].isin([treated, control])
    listed = thresholds[mine].drop_duplicates(Thresholds.animal).set_index(Thresholds.animal)[[Thresholds.arm]]
    known = animals.drop_duplicates(Animals.animal).set_index(Animals.animal)
    listed = listed.join(known[[Animals.sex, Animals.cohort, Animals.cage]]).sort_index()
    listed["unit"] = _units(listed, unit)
    notes: list[str] = []
    strata = _strata(listed, unit, blocks, notes)
    values = _values(asking, listed)
    arm = listed.groupby("unit")[Thresholds.arm].first()
    return Units(
        (arm == treated).to_numpy(),
        strata.to_numpy(int),
        [float(day) for day in values.columns],
        values.to_numpy(float),
        _covariates(asking, listed, strata, len(blocks) > 0, notes),
        unit,
        blocks,
        study.randomization["unit"] != UNDOCUMENTED,
        tuple(notes),
    )


def _units(listed: pd.DataFrame, unit: str) -> pd.Series:
    """The unit of each animal."""
    if unit == "animal":
        return pd.Series(listed.index, index=listed.index)
    without = listed.index[listed[Animals.cage].isna()]
    if len(without):
        raise FitError(f"cages were randomized, and these animals have none: {several(sorted(without))}")
    mixed = listed.groupby(Animals.cage)[Thresholds.arm].nunique()
    if (mixed > 1).any():
        named = several(sorted(mixed.index[mixed > 1].astype(str)))
        raise FitError(f"cages are said to have been randomized, but animals of both arms share {named}")
    return listed[Animals.cage]


def _strata(listed: pd.DataFrame, unit: str, blocks: tuple[str, ...], notes: list[str]) -> pd.Series:
    """The block of each unit, as a code; a unit of which the list does not say its block is dealt with its like."""
    words = pd.Series("", index=listed.index)
    for block in blocks:
        empty = listed.index[listed[block].isna()]
        if len(empty):
            notes.append(f"no {block} is known of {several(sorted(empty))}; they were dealt among themselves")
        words = words + "|" + listed[block].astype("object").fillna("?").astype(str)
    by_unit = words.groupby(listed["unit"])
    if (by_unit.nunique() > 1).any():
        named = several(sorted(by_unit.nunique().index[by_unit.nunique() > 1].astype(str)))
        raise FitError(
            f"labels are said to have been dealt within {several(list(blocks))}, but {unit} {named} lies in several"
        )
    first = by_unit.first()
    return pd.Series(pd.factorize(first, sort=True)[0], index=first.index)


def _values(asking: Asking, listed: pd.DataFrame) -> pd.DataFrame:
    """Units × days."""
    after = asking.built.after
    after = after[after[Thresholds.animal].isin(listed.index)]
    unit = after[Thresholds.animal].map(listed["unit"])
    rows = after.assign(unit=unit.astype("object"))
    wide = rows.pivot_table(index="unit", columns=Thresholds.day, values="y", aggfunc="mean")
    return wide.reindex(index=sorted(set(listed["unit"])), columns=asking.built.days)


def _covariates(
    asking: Asking, listed: pd.DataFrame, strata: pd.Series, blocked: bool, notes: list[str]
) -> dict[str, Floats]:
    """Blocks of the deal and of the model, and the baseline."""
    found: dict[str, Floats] = {}
    if blocked and strata.nunique() > 1:
        found["blocks"] = _dummies(strata)
    for name in [name for name in asking.question.blocks if name in SETTLED]:
        words = (
            listed[name]
            .astype("object")
            .fillna("?")
            .groupby(listed["unit"])
            .agg(lambda one: "+".join(sorted(set(one))))
        )
        found[name] = _dummies(words)
    base = _baseline(asking, listed)
    if base is not None:
        # What is put in place of a missing baseline must not depend on the labels, and this does not.
        if base.isna().any() and asking.question.baseline == "clda":
            notes.append("a missing baseline entered at the mean of both arms together")
        found["baseline"] = base.fillna(base.mean()).to_numpy(float)[:, None]
    return found


def _baseline(asking: Asking, listed: pd.DataFrame) -> pd.Series | None:
    """The mean baseline of each unit, None where the model has none."""
    frame = asking.built.frame
    column = "base" if "base" in frame else "y"
    rows = frame if "base" in frame else frame[frame[BEFORE]]
    rows = rows[rows[Thresholds.animal].isin(listed.index)].drop_duplicates(Thresholds.animal)
    if rows.empty:
        return None
    by_unit = rows[column].groupby(rows[Thresholds.animal].map(listed["unit"])).mean()
    return by_unit.reindex(sorted(set(listed["unit"])))


def _dummies(words: pd.Series) -> Floats:
    """A column for each level but the first."""
    return np.asarray(pd.get_dummies(words, drop_first=True), dtype=float)
