"""Damaged plate files end in readings or in findings: no other error, no hang, no well lost. Seeds replay a case."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path

import pytest
from hindpaw import study
from hindpaw.findings import StudyError
from hindpaw.intake import plate_readers


def beside(name):
    """A script of the tests that is no test."""
    spec = importlib.util.spec_from_file_location(Path(name).stem, Path(__file__).parent / name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


damaged_plates, fuzz = beside("damaged_plates.py"), beside("../fuzz.py")
KINDS = damaged_plates.KINDS
# A file takes milliseconds; a hang is far beyond this.
LONGEST_S = 20.0


def survive(plates, kind, seed):
    """Read one damaged file; readings have addresses of their own, refusals say what and what to do."""
    name, content = damaged_plates.export(plates, kind, seed)
    layout = "bioplex" if name.endswith("xlsx") and kind.startswith("bioplex") and seed % 2 else None
    entry = study.PlateFile(name, "pg/ml", "CSF", "not applicable", {}, layout=layout)
    start = time.monotonic()
    refused, sources = [], []
    try:
        sources = [one.source for one in plate_readers.opened(entry, content).readings]
    except StudyError as error:
        refused = error.findings
    assert all(one.what and one.why and one.what_to_do for one in refused)
    assert bool(sources) != bool(refused)
    assert len(set(sources)) == len(sources)
    assert time.monotonic() - start < LONGEST_S


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("block", range(4))
def test_damaged_plates_end_in_readings_or_findings(plates, kind, block):
    for seed in range(20 * block, 20 * block + 20):
        survive(plates, kind, seed)


@pytest.mark.parametrize("kind", KINDS)
def test_no_well_of_a_damaged_plate_is_lost(plates, kind):
    """Through the whole of intake: what is used stands in `wells`, everything stands in the ledger once."""
    for seed in range(1000, 1008):
        assert fuzz.outcome(damaged_plates.case(plates, kind, seed)) in fuzz.ENDS
