"""What the tests share: the demo study taken through every room once, and the rule about skips."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hindpaw import study as studies
from hindpaw import tables
from hindpaw.audit import audit
from hindpaw.intake import files, take_in
from hindpaw.measure import outcomes
from hindpaw.model import answers, bounds, resample

ROOT = Path(__file__).parents[1]
# Real files of other people may stand beside the checkout; they are never part of it.
BESIDE = ROOT.parent / "shared"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Where everything must run, a skip of a marked test is a failure; external ones only beside their files."""
    outcome = yield
    report = outcome.get_result()
    if not (report.skipped and os.environ.get("HINDPAW_NO_SKIP")):
        return
    marks = {mark.name for mark in item.iter_markers()}
    beside = "external" in marks and "oracle" not in marks and BESIDE.is_dir()
    if marks & {"browser", "r"} or beside:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} skipped where it must run: {report.longrepr}"


@pytest.fixture(scope="session")
def beside():
    """The folder of real files, or a skip."""
    if not BESIDE.is_dir():
        pytest.skip("the real files do not stand beside this checkout")
    return BESIDE


@pytest.fixture(scope="session")
def demo():
    """The demo study."""
    return studies.load(ROOT / "config" / "studies" / "bmsc-cci.yaml")


@pytest.fixture(scope="session")
def exports(demo):
    """Its raw files."""
    return files.folder(ROOT / "data" / "bmsc-cci", demo.files)


@pytest.fixture(scope="session")
def taken_in(demo, exports):
    """Intake's tables of the demo study."""
    return take_in(demo, exports)


@pytest.fixture(scope="session")
def measured(demo, taken_in):
    """Measure's tables of the demo study."""
    return outcomes(demo, **{name: taken_in[name] for name in ("animals", "filaments", "trials", "readings", "wells")})


@pytest.fixture(scope="session")
def modelled(demo, taken_in, measured):
    """Model's tables of the demo study."""
    raw = {name: taken_in[name] for name in ("counts", "animals")}
    return answers(demo, measured["thresholds"], measured["concentrations"], **raw, seed=20150825)


def nothing():
    """Every table without a row: what a run writes where a study has none of it."""
    return {name: tables.empty(model) for name, model in tables.TABLES.items()}


@pytest.fixture(scope="session")
def bounded(demo, taken_in, measured, modelled):
    """Model's tables of bounds."""
    raw = {name: taken_in[name] for name in ("animals", "filaments")}
    return bounds.answers(demo, measured["thresholds"], **raw, means=modelled["means"], contrasts=modelled["contrasts"])


@pytest.fixture(scope="session")
def resampled(demo, taken_in, measured):
    """What holds without the model, of the demo study."""
    raw = {name: taken_in[name] for name in ("animals", "filaments")}
    return resample(demo, measured["thresholds"], **raw, seed=20150825)


@pytest.fixture(scope="session")
def audited(demo, taken_in, measured, modelled):
    """Audit's tables of the demo study."""
    return audit(demo, **{**nothing(), **taken_in, **measured, **modelled})


@pytest.fixture(scope="session")
def everything(taken_in, measured, modelled, bounded, resampled, audited):
    """Every table, as the report reads them."""
    return {**nothing(), **taken_in, **measured, **modelled, **bounded, **resampled, **audited}
