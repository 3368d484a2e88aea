"""What every table keeps to, and the closed lists its cells are out of."""

from __future__ import annotations

from typing import Any

import pandera.pandas as pa

PAWS = ["ipsilateral", "contralateral"]
PROTOCOLS = ["up-down", "up-down-unordered", "sudo", "percent-response"]
READINGS = ["threshold", "device"]
CENSORED = ["none", "left", "right", "interval"]
SEVERITIES = ["note", "warning", "error"]
GROUNDS = ["deterministic", "chance", "state"]
ROLES = ["standard", "blank", "sample", "control", "empty"]
LEDGER_FATES = ["used", "excluded", "quarantined", "blank"]
MEASURE_FATES = ["estimated", "censored", "rejected_curve", "masked"]
VERDICTS = [
    "reproduced",
    "same_direction",
    "not_reproduced",
    "not_checkable",
    "not_yet_transcribed",
    "consistent_with_simulation",
    "inconsistent_with_simulation",
]
CLAIM_KINDS = [
    *("test", "mean", "direction", "contrast", "ratio", "duration", "dose_response", "no_effect", "n", "statement")
]
CLAIM_STATUSES = ["transcribed", "not_yet_transcribed"]
TIMES = ["week", "day", "overall"]
BOUNDS = ["both", "at least", "at most", "none"]
EQUIVALENT = ["equivalent", "different", "different within the margin", "not shown", "not tested"]
SHIFTED = ["treated", "control", "apart"]
# In the order in which an animal may pass them; the last six are of a test day.
FLOW_STAGES = [
    "allocated",
    "excluded",
    "left",
    "tested",
    "censored",
    "set_aside",
    "missing",
    "analysed",
]
LATTICE_ANSWERS = ["yes", "no", "not applicable"]
ARRIVE_STATES = ["answered", "partly", "open"]


class Table(pa.DataFrameModel):
    """What every table keeps to: its own columns and no others, in their own order."""

    class Config:
        """Closed columns, numbers parsed."""

        strict = True
        coerce = True


def words(description: str, *, empty: bool = False, isin: list[str] | None = None) -> Any:
    """A text column; `empty` says whether a cell may be missing."""
    return pa.Field(nullable=empty, isin=isin, description=description)


def quantity(description: str, *, empty: bool = False, ge: float | None = None, gt: float | None = None) -> Any:
    """A number column with its unit in the description."""
    return pa.Field(nullable=empty, ge=ge, gt=gt, description=description)


SOURCE = "where the value was read: file!sheet!cell, several joined by '; '"
