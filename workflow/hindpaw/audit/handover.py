"""The audit for other programs, as one JSON document with a stable form; and for a statistician with R."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pandas as pd

from hindpaw import tables
from hindpaw.audit.verification import files_for_r
from hindpaw.study import Study
from hindpaw.tables import Findings

# Raised when a key changes its meaning or goes; a new key leaves it as it is.
FORM = "hindpaw-audit-1"
LISTED = ("findings", "verdicts", "arrive", "flow", "lattice")


def handed_over(study: Study, **made: pd.DataFrame) -> dict[str, bytes]:
    """The files for others, by the name of their output.

    Parameters
    ----------
    study : the study file
    made : every table the audit reads and makes, by name
    """
    return {"json": document(study, **made)} | files_for_r(study, made)


def document(study: Study, **made: pd.DataFrame) -> bytes:
    """The audit as JSON.

    `form`, `study`, `title`, `data` (real or simulated), `counts` (findings by severity), and the tables
    `findings verdicts arrive flow lattice` as lists of objects with the tables' columns; an empty cell is null.
    """
    counts = Counter(made["findings"][Findings.severity])
    whole: dict[str, Any] = {
        "form": FORM,
        "study": study.name,
        "title": study.title,
        "data": "simulated" if study.simulated else "real",
        "counts": {severity: counts[severity] for severity in tables.SEVERITIES},
    }
    whole |= {name: _records(made[name]) for name in LISTED}
    return (json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain values, a missing one as None."""
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]
