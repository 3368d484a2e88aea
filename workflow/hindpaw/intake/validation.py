"""The last gate: each table's own model, all failures at once, each one a finding with its cell.

Readers put what they understand into plain values and say in their own words what they do not. What slips
past them still meets the table's pandera model here; a row that fails it is set aside, never the run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hindpaw import tables
from hindpaw.findings import several
from hindpaw.intake.ledger import Book
from hindpaw.tables import Table


def passed(
    made: pd.DataFrame, model: type[Table], frame: pd.DataFrame, book: Book, telling: np.ndarray | None = None
) -> pd.DataFrame:
    """The rows that keep to the model, as the table; the others are quarantined in `frame` and found.

    Parameters
    ----------
    made : candidate rows with the model's columns
    model : the table's model
    frame : the data they came from, with `source`, `fate` and `reason`; changed where a datum fails
    telling : which rows stand for all, whose cells repeat theirs; where these pass, all do
    """
    from pandera.errors import SchemaErrors

    try:
        if telling is None:
            return tables.shaped(made, model)
        return made.astype(tables.shaped(made[telling], model).dtypes)
    except SchemaErrors:
        pass
    try:
        return tables.shaped(made, model)
    except SchemaErrors as errors:
        failures = errors.failure_cases
    made = made.reset_index(drop=True)
    wrong: dict[str, list[str]] = {}
    for (column, rule), cases in failures.groupby(["column", "check"], dropna=False, sort=True):
        sources = _sources(made, cases)
        reason = f"{column} breaks the rule {rule}"
        for source in sources:
            wrong.setdefault(source, []).append(reason)
        book.find(
            "table",
            "error",
            f"{len(sources)} value(s) do not fit the table {tables.name_of(model)}: {reason}.",
            _described(model, str(column)),
            "Correct the cell.",
            sources,
            sorted({str(value)[:40] for value in cases["failure_case"]}),
        )
    bad = frame["source"].isin(wrong) & (frame["fate"] == "used")
    frame.loc[bad, "reason"] = frame.loc[bad, "source"].map(lambda source: several(wrong[source]))
    frame.loc[bad, "fate"] = "quarantined"
    return tables.shaped(made[~made["source"].isin(wrong)], model)


def _sources(made: pd.DataFrame, cases: pd.DataFrame) -> list[str]:
    """The addresses of the failing rows; where a failure names no row, every row fails."""
    rows = pd.to_numeric(cases["index"], errors="coerce").dropna().astype(int)
    chosen: Any = made["source"] if rows.empty else made.loc[rows, "source"]
    return list(dict.fromkeys(chosen))


def _described(model: type[Table], column: str) -> str:
    """What the column holds, in the words of the model."""
    spec = model.to_schema().columns.get(column)
    return f"{column}: {spec.description}." if spec is not None else "A table has its own columns and no others."
