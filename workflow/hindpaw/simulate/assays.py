"""The simulated plates, as a plate reader and a Luminex instrument export them."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np

from hindpaw.simulate import truth
from hindpaw.simulate.mice import Mouse

ROWS = "ABCDEFGH"
ELISA_DILUTION, PANEL_DILUTION = 20, 4
TGFB1_STANDARDS = tuple(1000 / 2**level for level in range(7))
CXCL12_STANDARDS = tuple(5000 / 2**level for level in range(7))
PANEL = ("IL-10", "IL-1β", "IL-6", "TNF", "CCL2", "CXCL12")
PANEL_STANDARDS = tuple(10000 / 4**level for level in range(7))
MAP_HEADER: list[object] = ["Well", "Type", "Sample", "Mouse", "Day", "Standard pg/ml", "Dilution", "CSF ul", "Remarks"]
Well = list[object]


def response(rng: np.random.Generator, x: float, a: float, d: float, c: float, b: float, cv: float) -> float:
    """The signal of a well that holds x pg/ml: a four-parameter curve with proportional and constant noise."""
    mean = d + (a - d) / (1 + (x / c) ** b)
    return float(mean * np.exp(rng.normal(0, cv)) + rng.normal(0, 0.05 * a))


def elisa_map(mice: list[Mouse], standards: tuple[float, ...], dilution: int, volumes: list[float]) -> list[Well]:
    """Standards in columns 1 and 2, blanks in row H of columns 1 to 4, samples in neighbouring pairs from column 5."""
    rows: list[Well] = []
    for level, value in enumerate(standards):
        rows += [
            [f"{ROWS[level]}{column}", "standard", f"S{level + 1}", "", "", value, "", "", "simulated"]
            for column in (1, 2)
        ]
    rows += [[f"H{column}", "blank", "B", "", "", "", "", "", "simulated"] for column in (1, 2, 3, 4)]
    for place, mouse in enumerate(mice):
        line, pair = ROWS[place % 8], 5 + 2 * (place // 8)
        volume = volumes[place] if volumes else ""
        day = truth.CSF_DAY if volumes else mouse.left_day
        told = [mouse.name, mouse.name, day, "", f"1:{dilution}", volume, "simulated"]
        rows += [[f"{line}{column}", "sample", *told] for column in (pair, pair + 1)]
    return rows


def elisa(
    rng: np.random.Generator, plate: str, layout: list[Well], true: dict[str, float], curve: tuple[float, ...]
) -> bytes:
    """A SoftMax Pro text export of one plate at 450 nm: UTF-16, the raw grid, then the groups."""
    grid = {f"{line}{column}": 0.045 + abs(rng.normal(0, 0.002)) for line in ROWS for column in range(1, 13)}
    for well, role, _, mouse, _, standard, dilution, *_ in layout:
        x = (
            float(str(standard))
            if role == "standard"
            else 0.0
            if role == "blank"
            else true[str(mouse)] / _factor(dilution)
        )
        grid[str(well)] = response(rng, max(x, 1e-9), *curve)
    lines = ["##BLOCKS= 3", "Note:", "SIMULATED DATA. No assay was run.", "~End"]
    head = [
        plate,
        "1.3",
        "PlateFormat",
        "Endpoint",
        "Absorbance",
        "Raw",
        "FALSE",
        "1",
        "",
        "",
        "",
        "",
        "",
        "1",
        "450 ",
        "1",
        "12",
        "96",
        "1",
        "8",
    ]
    lines.append("\t".join(["Plate:", *head, "", ""]))
    lines.append("\t".join(["", "Temperature(°C)", *map(str, range(1, 13)), "", ""]))
    for line in ROWS:
        lines.append(
            "\t".join(["", "24.9" if line == "A" else "", *(f"{grid[f'{line}{n}']:.4f}" for n in range(1, 13)), "", ""])
        )
    lines += ["", "~End", "Group: Standards", "Sample\tConc\tWells\tOD"]
    lines += [f"{row[2]}\t{row[5]}\t{row[0]}\t{grid[str(row[0])]:.4f}" for row in layout if row[1] == "standard"]
    lines += ["~End", "Original Filename: simulated"]
    return b"\xff\xfe" + "\r\n".join(lines).encode("utf-16-le")


def _factor(dilution: object) -> float:
    """20 for 1:20."""
    return float(str(dilution).partition(":")[2])


def panel_map(mice: list[Mouse], volumes: list[float]) -> list[Well]:
    """Standards S1 to S7 and a blank in columns 1 and 2, one well a mouse from column 3."""
    rows: list[Well] = []
    for level in range(7):
        rows += [
            [f"{ROWS[level]}{column}", "standard", f"S{level + 1}", "", "", "", "", "", "simulated"]
            for column in (1, 2)
        ]
    rows += [[f"H{column}", "blank", "B", "", "", "", "", "", "simulated"] for column in (1, 2, 3)]
    places = [f"{line}{column}" for column in (4, 5) for line in ROWS]
    for place, mouse, volume in zip(places, mice, volumes, strict=False):
        rows.append(
            [place, "sample", mouse.name, mouse.name, truth.CSF_DAY, "", f"1:{PANEL_DILUTION}", volume, "simulated"]
        )
    return rows


def panel(rng: np.random.Generator, layout: list[Well], true: dict[tuple[str, str], float]) -> bytes:
    """A Luminex xPONENT CSV: header, then blocks of medians, net medians, counts, units and standards."""
    wells = sorted(layout, key=lambda row: (int(str(row[0])[1:]), str(row[0])[0]))
    medians = []
    for row in wells:
        values = []
        for analyte in PANEL:
            level = PANEL_STANDARDS[int(str(row[2])[1:]) - 1] if row[1] == "standard" else 0.0
            x = true[str(row[3]), analyte] / PANEL_DILUTION if row[1] == "sample" else level
            values.append(round(response(rng, max(x, 1e-9), 22.0, 24000.0, 1800.0, 1.05, 0.05), 1))
        medians.append(values)
    blank = np.mean([values for row, values in zip(wells, medians, strict=True) if row[1] == "blank"], axis=0)
    out: list[list[object]] = [
        ["Program", "xPONENT", "", "MAGPIX"],
        ["Build", "4.2.1324.0"],
        ["Batch", "SIMULATED DATA, no assay was run"],
    ]
    out += [
        ["ProtocolName", "mouse CSF 6-plex"],
        ["SampleVolume", "50 uL"],
        [],
        ["Samples", len(wells), "Min Events", 50, "Per Bead"],
        [],
        ["Results"],
        [],
    ]
    blocks: dict[str, list[list[Any]]] = {
        "Median": medians,
        "Net MFI": [
            [round(float(value - low), 1) for value, low in zip(values, blank, strict=True)] for values in medians
        ],
        "Count": [[int(count) for count in rng.integers(55, 110, len(PANEL))] for _ in wells],
    }
    for name, block in blocks.items():
        out += [["DataType:", name], ["Location", "Sample", *PANEL, "Total Events"]]
        for number, (row, values) in enumerate(zip(wells, block, strict=True), 1):
            out.append([f"{number}(1,{row[0]})", row[2], *values, sum(blocks["Count"][number - 1])])
        out.append([])
    out += [
        ["DataType:", "Units"],
        ["Analyte:", *PANEL],
        ["BeadID:", *range(12, 12 + len(PANEL))],
        ["Units:", *["pg/ml"] * len(PANEL)],
        [],
    ]
    out += [["DataType:", "Standard Expected Concentration"], ["Reagent", *PANEL]]
    out += [[f"S{level}", *[value] * len(PANEL)] for level, value in enumerate(PANEL_STANDARDS, 1)]
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(out)
    return text.getvalue().encode("utf-8-sig")
