"""The books: every raw datum has one fate, and every used one has one fate again."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from hindpaw.findings import Finding, several
from hindpaw.tables import Fates, Ledger

ROOM = "audit"
MEASURED = ("trials", "readings", "wells")


def books_balance(ledger: pd.DataFrame, fates: pd.DataFrame) -> Iterator[Finding]:
    """Ledger: each datum once; what intake called used is exactly what measure accounts for."""
    used = ledger[(ledger[Ledger.fate] == "used") & ledger[Ledger.table].isin(MEASURED)][Ledger.source]
    twice = ledger[Ledger.source].duplicated().sum() + fates[Fates.source].duplicated().sum()
    lost, stray = set(used) - set(fates[Fates.source]), set(fates[Fates.source]) - set(used)
    if twice or lost or stray:
        yield Finding(
            "ledger", "error", ROOM,
            f"The books do not balance: {twice} entered twice, {len(lost)} lost, {len(stray)} from nowhere.",
            "Some number in this report may rest on data that are missing or counted twice.",
            "This is a fault of hindpaw; please report it.",
            several(sorted(lost | stray), 20),
        )  # fmt: skip
