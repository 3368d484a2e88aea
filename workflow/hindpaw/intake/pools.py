"""Pooled samples: which animals a well of a plate joins, by their ids or by the name of their pool in the allocation list."""

from __future__ import annotations

import re

import pandas as pd

from hindpaw.tables import Animals

# Tables write a pool as its animals joined by this.
JOIN = "+"
JOINED = re.compile(r"\s*[+&,;]\s*")
UNKNOWN = "the pool is not in the allocation list, by its name or by its animals"
MIXED = "the pool joins animals of different arms"


def named(frame: pd.DataFrame, animals: pd.DataFrame) -> None:
    """Fill in `pool` for samples that are pools, as the ids of their animals joined by +.

    A pool may stand in the column of pools, of animals or of samples, as `M1+M2`, `M1, M2`, or by the name that the
    allocation list gives it. What is no pool is left as it is.
    """
    known = set(animals[Animals.animal])
    listed = animals[animals[Animals.pool].notna()].groupby(Animals.pool)[Animals.animal]
    members = {str(pool): list(ids) for pool, ids in listed}

    def joined(text: str) -> str:
        """The animals that a text names; empty for none, or for one alone."""
        ids = members.get(text) or JOINED.split(text)
        return JOIN.join(ids) if text not in known and set(ids) <= known and text else ""

    sample = frame["role"] == "sample"
    silent = (frame["animal"] == "") & (frame["pool"] == "")
    for name, rows in (("pool", frame["pool"] != ""), ("animal", frame["pool"] == ""), ("sample", silent)):
        found = frame[name].map({text: joined(text) for text in frame[name].unique()})
        rows = sample & rows & (found != "")
        frame.loc[rows, "pool"] = found[rows]
        frame.loc[rows, "animal"] = ""


def troubles(frame: pd.DataFrame, animals: pd.DataFrame) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Which samples are pools whose animals are not known, are of several arms, and are all excluded by the lab."""
    arms = dict(zip(animals[Animals.animal], animals[Animals.arm].fillna("?"), strict=True))
    out = set(animals.loc[animals[Animals.excluded], Animals.animal])
    pooled = (frame["role"] == "sample") & (frame["pool"] != "")
    members = frame["pool"].str.split(JOIN, regex=False)
    unknown = pooled & ~members.map(lambda ids: set(ids) <= set(arms))
    mixed = pooled & ~unknown & members.map(lambda ids: len({arms.get(one) for one in ids}) > 1)
    excluded = pooled & members.map(lambda ids: set(ids) <= out)
    return unknown, mixed, excluded
