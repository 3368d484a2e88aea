"""The book intake keeps: what was found, and the one fate of every raw datum."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from hindpaw import tables
from hindpaw.findings import Finding, StudyError, several
from hindpaw.tables import Ledger

ROOM = "intake"
# Enough to act on; the ledger names every one.
EVIDENCE = 20


class Book:
    """Findings and fates, gathered while the files are read."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._fates: list[pd.DataFrame] = []

    def find(
        self,
        check: str,
        severity: str,
        what: str,
        why: str,
        what_to_do: str,
        sources: Iterable[str] = (),
        evidence: Iterable[object] = (),
    ) -> None:
        """One finding about one place, or about several where the same thing repeats."""
        where = "; ".join(dict.fromkeys(sources))
        values = several(evidence, shown=EVIDENCE)
        self.findings.append(Finding(check, severity, ROOM, what, why, what_to_do, where, values))

    def enter(self, table: str, sources: Sequence[str], fates: Sequence[str], reasons: Sequence[str]) -> None:
        """The fates of raw data, in the order of the file."""
        rows = pd.DataFrame({Ledger.source: sources, Ledger.fate: fates, Ledger.reason: reasons})
        self._fates.append(rows.assign(**{Ledger.table: table}))

    def set_aside(self, table: str, place: str, findings: Sequence[Finding]) -> None:
        """A whole sheet or file that cannot be read: its findings, and one line in the ledger."""
        self.findings.extend(findings)
        reason = "; ".join(finding.what for finding in findings)
        self.enter(table, [place], ["quarantined"], [reason])

    def ledger(self) -> pd.DataFrame:
        """Every raw datum with its fate.

        Raises
        ------
        StudyError
            Where a cell was entered twice: two entries of the study file read the same data.
        """
        frame = pd.concat(self._fates, ignore_index=True) if self._fates else tables.empty(Ledger)
        twice = frame.loc[frame[Ledger.source].duplicated(), Ledger.source]
        if len(twice):
            what = f"{len(twice)} cell(s) are read by two entries of the study: {several(twice)}."
            why = "Every datum would count twice."
            raise StudyError([Finding("read-twice", "error", ROOM, what, why, "Take one of the two entries out.")])
        reasons = frame[Ledger.reason].where(frame[Ledger.fate] != "used").replace("", None)
        return tables.shaped(frame.assign(**{Ledger.reason: reasons}), Ledger)
