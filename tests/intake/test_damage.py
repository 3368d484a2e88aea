"""Damaged files end in findings: never in another error, and never with a datum lost."""

from __future__ import annotations

import copy
import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hindpaw import simulate
from hindpaw.findings import StudyError
from hindpaw.intake import take_in

JUNK = [
    "",
    None,
    "n.d.",
    -1,
    1e300,
    "=1+1",
    "XOXOXO" * 50,
    "0/1",
    True,
    "M001",
    "1:20",
    "ø\u202e",
    3.22,
    "Day -1",
    "<script>",
]
BOOKS = ("allocation.xlsx", "von_frey.xlsx")


@pytest.fixture(scope="module")
def clean():
    """The demo's files as rows."""
    return simulate.lab()


def cells(files, rng):
    """A few cells of the workbooks overwritten, swapped, or their rows cut short."""
    damaged = copy.deepcopy({name: files[name] for name in BOOKS})
    for _ in range(rng.integers(1, 6)):
        sheets = list(damaged[BOOKS[rng.integers(2)]].values())
        rows = sheets[rng.integers(len(sheets))]
        row = rows[rng.integers(len(rows))]
        place = rng.integers(len(row)) if row else 0
        kind = rng.integers(4)
        if kind == 0 and row:
            row[place] = JUNK[rng.integers(len(JUNK))]
        elif kind == 1:
            del row[place:]
        elif kind == 2:
            rows.insert(int(rng.integers(len(rows))), list(rows[rng.integers(len(rows))]))
        elif row:
            other = rows[rng.integers(len(rows))]
            row[place], other[:1] = (other[:1] or [""])[0], [row[place]]
    return damaged


def damaged_bytes(exports, rng):
    """A text export or workbook cut short, with bytes flipped, or replaced by another file."""
    name = sorted(exports)[rng.integers(len(exports))]
    content = bytearray(exports[name])
    kind = rng.integers(4)
    if kind == 0:
        del content[rng.integers(len(content)) :]
    elif kind == 1:
        for place in rng.integers(0, len(content), 20):
            content[place] = rng.integers(256)
    elif kind == 2:
        content = bytearray(exports[sorted(exports)[rng.integers(len(exports))]])
    else:
        lines = bytes(content).split(b"\n")
        rng.shuffle(lines)
        content = bytearray(b"\n".join(lines))
    return {name: bytes(content)}


def outcome(demo, files):
    """The tables, or the findings with which the whole was refused."""
    try:
        return take_in(demo, files)
    except StudyError as error:
        return error.findings


@pytest.mark.parametrize("seed", range(40))
def test_damaged_cells_end_in_findings(demo, exports, clean, seed):
    rng = np.random.default_rng([seed, 1])
    made = outcome(demo, dict(exports) | simulate.contents(cells(clean, rng)))
    assert made
    if isinstance(made, dict):
        assert made["ledger"]["source"].is_unique
        assert set(made["trials"]["source"]) <= set(made["ledger"].query("fate == 'used'")["source"])


# 108 once left a plate without a single well.
@pytest.mark.parametrize("seed", [*range(60), 108])
def test_damaged_bytes_end_in_findings(demo, exports, seed):
    rng = np.random.default_rng([seed, 2])
    made = outcome(demo, dict(exports) | damaged_bytes(exports, rng))
    assert made
    if isinstance(made, dict):
        assert made["ledger"]["source"].is_unique


@pytest.fixture(scope="module")
def fuzz():
    """The script of `make fuzz`, of which a few cases run here."""
    spec = importlib.util.spec_from_file_location("fuzz", Path(__file__).parents[1] / "fuzz.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# 2095 has its header overwritten and a second one below.
@pytest.mark.parametrize("seed", [*range(1000, 1040), 2095, 20844, 21117])
def test_sheets_of_every_layout_damaged_in_every_way_end_in_findings(fuzz, seed):
    assert fuzz.outcome(fuzz.damage.case(seed)) in ("findings", "refused", "nothing found")


@pytest.mark.parametrize("seed", [3, 15, 23, 27, 50])
def test_a_draft_of_damaged_files_is_still_a_study_file_or_says_what_is_missing(seed):
    from hindpaw import schema, study
    from hindpaw.draft import draft
    from hindpaw.intake import files
    from hindpaw.simulate import damage

    sheets, refused = {}, {}
    for name, content in damage.case(seed).files.items():
        try:
            sheets[name] = files.sheets(name, content)
        except StudyError as error:
            refused[name] = error.findings[0].what
    text = draft("made-up", sheets, refused)
    assert schema.parse(text, "s.yaml")["arms"]
    missing = []
    try:
        study.parse(text, "s", "s.yaml")
    except StudyError as error:
        missing = [one.what for one in error.findings]
    assert all("needs the column" in what or "no force" in what for what in missing)
