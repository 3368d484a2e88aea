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
WHOSE = (Ledger.animal, Ledger.day, Ledger.paw)


class Book:
    """Findings and fates, gathered while the files are read."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._fates: list[pd.DataFrame] = []
        self._expected: dict[str, list[pd.Series]] = {}

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

    def expect(self, table: str, sources: pd.Series) -> None:
        """Raw data as they were counted when the sheet was read, before anything was judged."""
        self._expected.setdefault(table, []).append(sources)

    def enter(
        self,
        table: str,
        sources: Sequence[str],
        fates: Sequence[str],
        reasons: Sequence[str],
        of: pd.DataFrame | None = None,
    ) -> None:
        """The fates of raw data, in the order of the file; `of` says whose they are, as far as that is known."""
        rows = pd.DataFrame({Ledger.source: sources, Ledger.fate: fates, Ledger.reason: reasons})
        for name in WHOSE:
            rows[name] = of[name].where(of[name] != "").to_numpy() if of is not None else None
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
        self._nothing_lost(frame)
        reasons = frame[Ledger.reason].where(frame[Ledger.fate] != "used").replace("", None)
        return tables.shaped(frame.assign(**{Ledger.reason: reasons}), Ledger)

    def _nothing_lost(self, frame: pd.DataFrame) -> None:
        """Check that each raw datum that was counted at reading has a fate.

        Raises
        ------
        StudyError
            Where one has none: a fault of hindpaw, not of the study.
        """
        for table, parts in self._expected.items():
            counted = pd.concat(parts)
            fated = frame.loc[frame[Ledger.table] == table, Ledger.source]
            if len(counted) == len(fated) and (counted.to_numpy(dtype=object) == fated.to_numpy(dtype=object)).all():
                continue
            lost = counted[~counted.isin(fated)]
            if len(lost):
                what = f"{len(lost)} of {len(counted)} data of the table {table} have no fate: {several(lost)}."
                why = "A datum may be missing from every number in the report."
                advice = "This is a fault of hindpaw; please report it."
                raise StudyError([Finding("ledger", "error", ROOM, what, why, advice)])


def sums(ledger: pd.DataFrame) -> pd.DataFrame:
    """For each table, how many raw data there are and what became of them; raw is the sum of the fates.

    Returns
    -------
    One row a table: table, raw, used, excluded, quarantined, blank.
    """
    counts = pd.crosstab(ledger[Ledger.table], ledger[Ledger.fate]) if len(ledger) else pd.DataFrame()
    counts = counts.reindex(columns=tables.LEDGER_FATES, fill_value=0)
    counts.insert(0, "raw", counts.sum(axis=1))
    return counts.rename_axis("table").reset_index()


def told(ledger: pd.DataFrame, **_: pd.DataFrame) -> str:
    """The sums as lines for a log, `raw = used + excluded + quarantined + blank`, one a table.

    Takes all of intake's tables by name, and needs the ledger.
    """
    return "\n".join(
        f"{row.table}: {row.raw} raw = {row.used} used + {row.excluded} excluded + "
        f"{row.quarantined} quarantined + {row.blank} blank"
        for row in sums(ledger).itertuples()
    )
