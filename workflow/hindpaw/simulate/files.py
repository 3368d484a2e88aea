"""The simulated study as files: what a lab would hand over."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from hindpaw.simulate import assays, behaviour, truth
from hindpaw.simulate.mice import Mouse, colony, late_colony

Rows = list[list[object]]
Book = dict[str, Rows]
SEED = 20150825


def lab(seed: int = SEED) -> dict[str, Book | bytes]:
    """Every generated file of the demo study: workbooks as sheets of rows, the others as bytes.

    One generator makes each file, so that a change to one leaves the others as they are.
    """
    spawned = np.random.default_rng(seed).spawn(10)
    streams = iter(spawned)
    mice, late = colony(next(streams)), late_colony(spawned[8])
    csf = [mouse for mouse in mice if mouse.cohort == "satellite"]
    lysed = [mouse for mouse in mice if mouse.cohort == "DRG" and mouse.arm != "bmsc"]
    rng = next(streams)
    volumes = [round(float(value), 1) for value in rng.uniform(6.5, 12.5, len(csf))]
    tgfb1_map = assays.elisa_map(csf, assays.TGFB1_STANDARDS, assays.ELISA_DILUTION, volumes)
    cxcl12_map = assays.elisa_map(lysed, assays.CXCL12_STANDARDS, 1, [])
    panel_map = assays.panel_map(csf, volumes)
    in_csf = {
        (mouse.name, analyte): _spread(rng, by_arm[mouse.arm])
        for mouse in csf
        for analyte, by_arm in truth.CSF_PG_PER_ML.items()
    }
    tgfb1 = {name: value for (name, analyte), value in in_csf.items() if analyte == "TGF-β1"}
    lysate = {mouse.name: _spread(rng, truth.DRG_CXCL12_PG_PER_ML[mouse.left_day or 0]) for mouse in lysed}
    return {
        "allocation.xlsx": {
            "Allocation": _allocation([*mice, *late]),
            "Read me": [["SIMULATED DATA. No animal was used."]],
        },
        "von_frey.xlsx": behaviour.sheets(next(streams), mice),
        "csf_tgfb1_plate1.txt": assays.elisa(
            next(streams), "TGFb1 total", tgfb1_map, tgfb1, (0.06, 2.7, 420.0, 1.1, 0.04)
        ),
        "csf_tgfb1_layout.csv": _csv([assays.MAP_HEADER, *tgfb1_map]),
        "csf_multiplex.csv": assays.panel(next(streams), panel_map, in_csf),
        "csf_multiplex_layout.csv": _csv([assays.MAP_HEADER, *panel_map]),
        "drg_cxcl12_plate1.txt": assays.elisa(
            next(streams), "CXCL12 lysate", cxcl12_map, lysate, (0.05, 2.4, 2000.0, 1.15, 0.04)
        ),
        "drg_cxcl12_layout.csv": _csv([assays.MAP_HEADER, *cxcl12_map]),
        "drg_cells.csv": _csv(_cells(next(streams), mice)),
        "von_frey_late.xlsx": behaviour.sheets(spawned[9], late, truth.LATE_DAYS),
    }


def write_demo(folder: Path, seed: int = SEED) -> None:
    """The files of `lab` in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents(lab(seed)).items():
        (folder / name).write_bytes(content)


def contents(files: Mapping[str, Book | bytes]) -> dict[str, bytes]:
    """Every file as bytes."""
    return {name: file if isinstance(file, bytes) else workbook(file) for name, file in files.items()}


def workbook(book: Book) -> bytes:
    """The sheets as xlsx, the same bytes each time."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
        made.set_properties({"created": datetime.datetime(2025, 1, 1), "comments": "simulated data"})
        for name, rows in book.items():
            sheet = made.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    return buffer.getvalue()


def _spread(rng: np.random.Generator, median: float) -> float:
    """A mouse's own concentration about its arm's."""
    return float(median * 10 ** rng.normal(0, truth.SD_CONCENTRATION))


def _csv(rows: Rows) -> bytes:
    """Rows as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _allocation(mice: list[Mouse]) -> Rows:
    """The allocation list."""
    rows: Rows = [
        ["Mouse ID", "Group", "Sex", "Cage", "Cohort", "Excluded", "Reason", "Left on day", "Why it left", "Remarks"]
    ]
    for mouse in mice:
        left = "" if mouse.left_day is None else mouse.left_day
        told = [mouse.cohort, int(bool(mouse.excluded)), mouse.excluded, left, mouse.left_reason, "simulated"]
        rows.append([mouse.name, mouse.label, mouse.sex, mouse.cage, *told])
    return rows


def _cells(rng: np.random.Generator, mice: list[Mouse]) -> Rows:
    """Surviving cells: three sections of each ganglion, at two distances from its border."""
    rows: Rows = [["Mouse", "Day", "DRG", "Section", "Distance um", "Cells", "Remarks"]]
    for mouse in [mouse for mouse in mice if mouse.cohort == "DRG" and mouse.arm == "bmsc"]:
        own = float(np.exp(rng.normal(0, 0.2)))
        for ganglion in ("L4", "L5", "L6"):
            for section in (1, 2, 3):
                for distance, share in ((0, 1.0), (100, 0.35)):
                    mean = truth.DRG_CELLS[mouse.left_day or 0] * own * share
                    size = truth.CELL_DISPERSION
                    count = int(rng.negative_binomial(size, size / (size + mean)))
                    rows.append([mouse.name, mouse.left_day, ganglion, section, distance, count, "simulated"])
    return rows
