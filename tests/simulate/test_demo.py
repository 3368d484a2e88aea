"""The demo study: its files are what the generator makes, legal throughout, and true to their truth."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hindpaw import filaments, simulate
from hindpaw.simulate import truth

FOLDER = Path(__file__).parents[2] / "data" / "bmsc-cci"


def members(content: bytes) -> dict[str, bytes]:
    """The parts of a workbook; compression may differ between machines, the parts may not."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return {name: book.read(name) for name in book.namelist()}


@pytest.mark.parametrize("name", sorted(simulate.lab()))
def test_the_committed_file_is_what_the_generator_makes(name):
    made, kept = simulate.contents(simulate.lab())[name], (FOLDER / name).read_bytes()
    told = "run: python -m hindpaw.simulate data/bmsc-cci"
    if name.endswith(".xlsx"):
        assert members(made) == members(kept), told
    else:
        assert made == kept, told


@pytest.mark.parametrize("name", sorted(simulate.lab()))
def test_every_file_says_that_it_is_simulated(name):
    content = (FOLDER / name).read_bytes()
    text = b"".join(members(content).values()) if name.endswith(".xlsx") else content.replace(b"\0", b"")
    assert b"simulated" in text.lower()


def test_another_seed_makes_other_data():
    assert simulate.lab(1)["drg_cells.csv"] != simulate.lab(2)["drg_cells.csv"]


def test_every_series_is_legal():
    known = filaments.shipped("mouse-9")
    book = simulate.lab()["von_frey.xlsx"]
    seen = 0
    for rows in (rows for name, rows in book.items() if name.startswith("Day")):
        for row in rows[1:]:
            for series, handle in ((row[3], row[4]), (row[5], row[6])):
                last = known.position(handle, "handle")
                assert filaments.faults(series, last, len(known), 5) == []
                assert filaments.deviation(series, last, len(known), 4) == ""
                seen += 1
    assert seen > 1000


def test_the_model_recovers_the_simulated_truth(modelled):
    """Each overall contrast lies within its 99 % interval of the true time average (trapezoid over the days)."""
    contrasts = modelled["contrasts"].set_index(["question", "by"])
    days = np.array([day for day in truth.DAYS if day > truth.TREATMENT_DAY], dtype=float)
    for question, (treated, control) in {
        "relief": ("bmsc", "vehicle"),
        "tgfb1_relief": ("tgfb1_10", "vehicle"),
        "needs_tgfb1": ("bmsc_anti_tgfb1", "bmsc_igg"),
        "needs_il10": ("bmsc_anti_il10", "bmsc_igg"),
    }.items():
        difference = [truth.log10_threshold(treated, day) - truth.log10_threshold(control, day) for day in days]
        true = np.trapezoid(difference, days) / (days[-1] - days[0])
        row = contrasts.loc[(question, "overall")]
        assert abs(row["estimate"] - true) < 2.9 * row["se"], question


def test_concentrations_recover_the_simulated_truth(measured):
    """Twelve mice a curve: the mean log ratio to the true medians is within three standard errors of zero."""
    frame = measured["concentrations"]
    for analyte in ("TGF-β1", "CCL2"):
        mine = frame[(frame["analyte"] == analyte) & (frame["matrix"] == "CSF")]
        true = np.log10([truth.CSF_PG_PER_ML[analyte][arm] for arm in mine["arm"]])
        off = mine["log10_pg_per_ml"] - true
        assert abs(off.mean()) < 3 * truth.SD_CONCENTRATION / np.sqrt(len(off)) + 0.03
