"""Published claims with their verdicts."""

from __future__ import annotations

from hindpaw.report.sections import Grid, Section, Tables, Terms, text
from hindpaw.study import Study
from hindpaw.tables import Verdicts

SIMULATED = (
    "The data are simulated, so no claim is confirmed or refuted here: a verdict only says whether the simulation agrees "
    "with it."
)
EXPLAINED = {
    "reproduced": "the printed statement comes out: by the test that the paper names, made again on these data; where it names none, by the recommended analysis (the claimed way, with the claimed decision at 5 %). Whether the recommended analysis carries the conclusion stands in its own column",
    "same_direction": "the claimed way, but not the printed numbers or decision",
    "not_reproduced": "the other way; of a printed statistic, another decision at 5 %; or a difference where none was claimed",
    "not_checkable": "nothing that was estimated here can decide it",
    "not_yet_transcribed": "the printed numbers are still to be added to the claims file",
    "consistent_with_simulation": "the simulated data point the claimed way; that confirms nothing",
    "inconsistent_with_simulation": "the simulated data point the other way; that refutes nothing",
}


def sections(study: Study, tables: Tables) -> list[Section]:
    """Each claim with the numbers side by side, and what the verdicts mean."""
    if tables["verdicts"].empty:
        return []
    said = [SIMULATED] if study.simulated else []
    return [Section("", "claims", blocks=[*said, explained(tables), grid(tables)])]


def grid(tables: Tables) -> Grid:
    """Claims with their verdicts."""
    heads = [
        "claim",
        "as printed",
        "verdict",
        "conclusion changes",
        "by the printed test",
        "by the recommended analysis",
        "why",
    ]
    rows = [
        [row.claim, row.published, row.verdict.replace("_", " ")]
        + [text(cell) for cell in (row.conclusion_changes, row.as_published, row.recommended, row.reason)]
        for row in tables["verdicts"].itertuples()
    ]
    return Grid("Claims and verdicts", heads, rows, "verdicts", list(tables["verdicts"].index)).without_empty()


def explained(tables: Tables) -> Terms:
    """What each verdict that occurs means."""
    occurring = set(tables["verdicts"][Verdicts.verdict])
    return Terms({name.replace("_", " "): meaning for name, meaning in EXPLAINED.items() if name in occurring})
