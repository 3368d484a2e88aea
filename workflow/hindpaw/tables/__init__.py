"""The nouns: a pandera model for each table on disk, and the only functions that read and write one.

A table's name is the snake_case of its model (`CurvePoints` stands in `curve_points.csv`). Columns are
named in the rest of the package as `Trials.animal`, so that a misspelt column is an AttributeError.
Empty cells are missing values; text "NA" stays text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from hindpaw.tables.bounds import CensoredContrasts, CensoredFits, CensoredMeans, Equivalence, Tipping
from hindpaw.tables.diagnostics import Assumptions, Changes, Reproductions, Residuals
from hindpaw.tables.judgements import Arrive, Flow, Lattice
from hindpaw.tables.kinds import CENSORED, LEDGER_FATES, PAWS, ROLES, SEVERITIES, TIMES, VERDICTS, Table
from hindpaw.tables.published import Analyses, ClaimGroups, Claims, Refits
from hindpaw.tables.raw import Animals, Counts, Exports, Filaments, Findings, Ledger, Readings, Trials, Wells
from hindpaw.tables.relations import AnalyteTests, Association, Dose, Mediation, Neutralization, Rates, Summaries
from hindpaw.tables.resampling import AnimalRelief, Areas, Bootstrap, Deals, Durations, Influence, Randomization
from hindpaw.tables.results import (
    Concentrations,
    Contrasts,
    Controls,
    CurvePoints,
    Curves,
    Effects,
    Fates,
    Fits,
    Means,
    Thresholds,
    Verdicts,
)

__all__ = [
    "CENSORED",
    "LEDGER_FATES",
    "PAWS",
    "ROLES",
    "SEVERITIES",
    "TABLES",
    "TIMES",
    "VERDICTS",
    "Analyses",
    "AnalyteTests",
    "AnimalRelief",
    "Animals",
    "Areas",
    "Arrive",
    "Association",
    "Assumptions",
    "Bootstrap",
    "CensoredContrasts",
    "CensoredFits",
    "CensoredMeans",
    "Changes",
    "ClaimGroups",
    "Claims",
    "Concentrations",
    "Contrasts",
    "Controls",
    "Counts",
    "CurvePoints",
    "Curves",
    "Deals",
    "Dose",
    "Durations",
    "Effects",
    "Equivalence",
    "Exports",
    "Fates",
    "Filaments",
    "Findings",
    "Fits",
    "Flow",
    "Influence",
    "Lattice",
    "Ledger",
    "Means",
    "Mediation",
    "Neutralization",
    "Randomization",
    "Rates",
    "Readings",
    "Refits",
    "Reproductions",
    "Residuals",
    "Summaries",
    "Table",
    "Thresholds",
    "Tipping",
    "Trials",
    "Verdicts",
    "Wells",
    "as_csv",
    "columns",
    "empty",
    "name_of",
    "read",
    "read_all",
    "shaped",
    "text_columns",
    "write",
    "write_all",
]


def name_of(model: type[Table]) -> str:
    """The table's name on disk.

    >>> name_of(CurvePoints)
    'curve_points'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", model.__name__).lower()


TABLES: dict[str, type[Table]] = {name_of(model): model for model in Table.__subclasses__()}

_RISKY = re.compile(r"^'*[=+\-@\t\r]")
_GUARDED = re.compile(r"^'+[=+\-@\t\r]")


def columns(model: type[Table]) -> list[str]:
    """The table's columns in order."""
    return list(model.to_schema().columns)


def empty(model: type[Table]) -> pd.DataFrame:
    """The table with no row."""
    return _nothing(model).copy()


@cache
def _nothing(model: type[Table]) -> pd.DataFrame:
    """The table with no row, checked once: pandera takes longest over nothing."""
    return shaped(pd.DataFrame(columns=columns(model)), model)


def text_columns(model: type[Table]) -> list[str]:
    """The table's columns of text."""
    return [name for name, spec in model.to_schema().columns.items() if str(spec.dtype).startswith("str")]


def shaped(frame: pd.DataFrame, model: type[Table]) -> pd.DataFrame:
    """The frame checked against its model, columns in the model's order, rows renumbered.

    Raises
    ------
    pandera.errors.SchemaErrors
        All violations at once; a programming error, since rooms quarantine bad input before this.
    """
    ordered = frame.reindex(columns=columns(model)) if frame.empty else frame[columns(model)]
    ordered = ordered.astype(dict.fromkeys(text_columns(model), "str"))
    return model.validate(ordered.reset_index(drop=True), lazy=True)


def write(frame: pd.DataFrame, model: type[Table], path: str | Path) -> None:
    """The table as CSV: UTF-8, full precision, text cells that a spreadsheet would run made harmless.

    A text that begins with = + - @ gets an apostrophe in front, which `read` takes off again.
    """
    Path(path).write_bytes(as_csv(shaped(frame, model)))


def as_csv(frame: pd.DataFrame) -> bytes:
    """Any frame as CSV that a spreadsheet opens without running a cell.

    >>> as_csv(pd.DataFrame({"arm": ["=1+1"], "x": [-2.0]}))
    b"arm,x\\n'=1+1,-2.0\\n"
    """
    texts = [column for column in frame if pd.api.types.is_string_dtype(frame[column])]
    guarded = {name: frame[name].str.replace(_RISKY, lambda found: "'" + found[0], regex=True) for name in texts}
    text: str = frame.assign(**guarded).to_csv(index=False, lineterminator="\n")
    return text.encode()


def read(model: type[Table], path: str | Path) -> pd.DataFrame:
    """The table that `write` wrote."""
    texts = text_columns(model)
    frame = pd.read_csv(path, dtype=dict.fromkeys(texts, "str"), keep_default_na=False, na_values=[""])
    for column in texts:
        frame[column] = frame[column].str.replace(_GUARDED, lambda found: found[0][1:], regex=True)
    return shaped(frame, model)


def read_all(paths: Any) -> dict[str, pd.DataFrame]:
    """Every named path that is a table, by its name; `paths` is a mapping or a job's named inputs."""
    return {name: read(TABLES[name], path) for name, path in dict(paths.items()).items() if name in TABLES}


def write_all(made: Mapping[str, pd.DataFrame], paths: Any) -> None:
    """Each table of `made` to the path of its name; a table without a path, or the reverse, is a KeyError."""
    named = dict(paths.items())
    for name in sorted(set(made) | set(named)):
        write(made[name], TABLES[name], named[name])
