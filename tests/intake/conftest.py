"""Made-up plates, written as each program exports them. No assay was run; every number is drawn."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hindpaw.simulate.files import workbook

LETTERS = "ABCDEFGHIJKLMNOP"
WORDS = "MADE UP, no assay was run"


def plan(seed, rows=8, columns=12, analytes=("IL-6",)):
    """A plate as a list of wells: standards in columns 1 and 2, blanks below, controls, then samples."""
    rng = np.random.default_rng(seed)
    wells = []
    for line in range(rows):
        for column in range(1, columns + 1):
            role = "sample" if column > 2 else "blank" if line == rows - 1 else "standard"
            role = "control" if (line, column) == (0, 3) else role
            name = {
                "standard": f"S{line + 1}",
                "blank": "B",
                "control": "C1",
                "sample": f"X{rows * (column // 2) + line + 1}",
            }[role]
            wells += [
                {
                    "well": f"{LETTERS[line]}{column}",
                    "analyte": analyte,
                    "role": role,
                    "sample": name,
                    "nominal": 2000.0 / 2**line if role == "standard" else None,
                    "dilution": 4.0 if role == "sample" else None,
                    "signal": float(np.round(rng.uniform(0.03, 3.5), 4)),
                    "reported": float(np.round(rng.uniform(0.5, 2000), 3)) if role == "sample" else None,
                    "count": int(rng.integers(20, 120)),
                }
                for analyte in analytes
            ]
    return wells


def number(value, comma=False):
    """A number as an export prints it."""
    text = "" if value is None else repr(float(value))
    return text.replace(".", ",") if comma else text


def grid(wells, key):
    """The values of a plate, line by line."""
    lines = sorted({one["well"][0] for one in wells})
    width = max(int(one["well"][1:]) for one in wells)
    by_well = {one["well"]: one[key] for one in wells}
    return [(line, [by_well.get(f"{line}{column}") for column in range(1, width + 1)]) for line in lines]


def softmax(wells, comma=True):
    """SoftMax Pro text, UTF-16, decimal commas, one plate with its groups."""
    cells = grid(wells, "signal")
    wide, high = len(cells[0][1]), len(cells)
    head = ["Plate:", "P1", "1.3", "PlateFormat", "Endpoint", "Absorbance", "Raw", "FALSE", "1", "", "", "", "", ""]
    lines = ["##BLOCKS= 5", "Note:", WORDS, "~End"]
    lines.append("\t".join([*head, "1", "450 ", "1", str(wide), str(wide * high), "1", str(high)]))
    lines.append("\t".join(["", "Temperature(°C)", *map(str, range(1, wide + 1))]))
    for place, (_, values) in enumerate(cells):
        told = [number(value, comma) for value in values]
        lines.append("\t".join(["", "" if place else number(24.1, comma), *told]))
    lines += ["", "~End"]
    for title, role in (("Standards", "standard"), ("Blanks", "blank"), ("Control", "control"), ("Unknowns", "sample")):
        lines += [f"Group: {title}", "\t".join(["Sample", "Conc pg/ml", "Dilution", "Wells", "OD", "Result"])]
        for one in wells:
            if one["role"] == role:
                told = [number(one[key], comma) for key in ("nominal", "dilution")]
                rest = [number(one["signal"], comma), number(one["reported"], comma)]
                lines.append("\t".join([one["sample"], *told, one["well"], *rest]))
        lines += ["", "Group Column\tFormula Name\tFormula", "5\tOD\t!WellValues", "6\tResult\tInterpX(Std@Curve,OD)"]
        lines += ["", "~End "]
    return b"\xff\xfe" + "\r\n".join([*lines, "Original Filename: made up"]).encode("utf-16-le")


def gen5(wells):
    """Gen5 text: layout with ids and Conc/Dil, results with raw, blanked and concentration lines."""
    ids = {"standard": "STD", "blank": "BLK", "control": "CTL", "sample": "SPL"}
    names = [one | {"id": ids[one["role"]] + one["sample"].strip("SBCX")} for one in wells]
    shares = [
        one
        | {"conc": one["nominal"] if one["role"] == "standard" else 1 / one["dilution"] if one["dilution"] else None}
        for one in wells
    ]
    wide = len(grid(wells, "signal")[0][1])
    head = "\t".join(["", *map(str, range(1, wide + 1))])
    lines = ["", "Software Version\t3.12.08", "", f"Experiment File Path:\t{WORDS}", "", "Plate Number\tPlate 1"]
    lines += [
        "Reader Type:\tmade up",
        "",
        "Procedure Details",
        "",
        "Read\tod",
        "\tWavelengths:  450",
        "",
        "Layout",
        head,
    ]
    for (line, told), (_, conc) in zip(grid(names, "id"), grid(shares, "conc"), strict=True):
        lines += ["\t".join([line, *told, "Well ID"]), "\t".join(["", *map(number, conc), "Conc/Dil"])]
    lines += ["", "Results", head]
    for (line, signals), (_, reported) in zip(grid(wells, "signal"), grid(wells, "reported"), strict=True):
        lines.append("\t".join([line, *map(number, signals), "od:450"]))
        lines.append("\t".join(["", *(number(value - 0.05) for value in signals), "Blank od:450"]))
        lines.append("\t".join(["", *map(number, reported), "[Concentration]"]))
    return "\r\n".join([*lines, ""]).encode()


def bmg(wells):
    """A MARS table: lines about the run, then the grid; empty wells at the end of a line are cut."""
    wide = len(grid(wells, "signal")[0][1])
    lines = [f"User: USER,Path: {WORDS},Test run no.: 1", "Test name: made up,Date: 5/14/2021,Time: 3:29:50 PM", ""]
    lines += ["ID1: P1,ID2: ", "Absorbance", "", "Raw Data (450)", "", "," + ",".join(map(str, range(1, wide + 1)))]
    lines += [line + "," + ",".join(map(number, values)) for line, values in grid(wells, "signal")]
    return "\n".join([*lines, ""]).encode()


def table(rows):
    """Rows as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def xponent(wells):
    """An xPONENT batch: medians, net medians, counts, results, units, standards and dilutions."""
    analytes = list(dict.fromkeys(one["analyte"] for one in wells))
    names = list(dict.fromkeys(one["well"] for one in wells))
    by_key = {(one["well"], one["analyte"]): one for one in wells}
    told = {"standard": "Standard", "blank": "Background", "control": "Control", "sample": "Unknown"}
    first = {name: by_key[name, analytes[0]] for name in names}
    called = {name: told[one["role"]] + (one["sample"].strip("SBCX") or "0") for name, one in first.items()}
    rows = [["Program", "xPONENT", "", "made up"], ["Batch", WORDS], ["Samples", len(names), "Min Events", 50], []]
    for kind, key in (("Median", "signal"), ("Net MFI", "signal"), ("Count", "count"), ("Result", "reported")):
        rows += [["DataType:", kind], ["Location", "Sample", *analytes, "Total Events"]]
        for place, name in enumerate(names, 1):
            values = [by_key[name, analyte][key] for analyte in analytes]
            values = ["NaN" if value is None else value for value in values]
            rows.append([f"{place}(1,{name})", called[name], *values, 500])
        rows.append([])
    rows += [["DataType:", "Units"], ["Analyte:", *analytes], ["Units:", *["pg/mL"] * len(analytes)], []]
    rows += [["DataType:", "Standard Expected Concentration"], ["Reagent", *analytes]]
    levels = {called[name]: name for name in names if first[name]["role"] == "standard"}
    rows += [[level, *(by_key[name, one]["nominal"] for one in analytes)] for level, name in levels.items()]
    rows += [[], ["DataType:", "Dilution Factor"], ["Location", "Sample", "Dilution Factor"]]
    rows += [[f"{n}(1,{name})", called[name], first[name]["dilution"] or ""] for n, name in enumerate(names, 1)]
    return table(rows)


def bioplex_xml(wells):
    """Bio-Plex Manager XML: each sample with its member wells."""
    kinds = {"blank": "Blank", "standard": "Standard", "control": "Control", "sample": "Unknown"}
    parts = []
    for role, kind in kinds.items():
        samples = list(dict.fromkeys(one["sample"] for one in wells if one["role"] == role))
        inner = []
        for sample in samples:
            mine = [one for one in wells if one["role"] == role and one["sample"] == sample]
            members = list(dict.fromkeys(one["well"] for one in mine))
            expected = {one["analyte"]: one["nominal"] for one in mine}
            stated = "".join(
                f"<Analyte><AnalyteName>{name}</AnalyteName><ExpectedConc>{value}</ExpectedConc></Analyte>"
                for name, value in expected.items()
                if value is not None
            )
            held = ""
            for member in members:
                read = "".join(
                    f'<MWAnalyte RegionNumber="12"><AnalyteName>{one["analyte"]}</AnalyteName>'
                    f'<Reading Valid="true" Code="0" OutlierType="None">{one["signal"]}</Reading>'
                    + (
                        f'<MWObsConc ReadingOK="true" RecoveryRange="InRange">{one["reported"]}</MWObsConc>'
                        if one["reported"] is not None
                        else ""
                    )
                    + "</MWAnalyte>"
                    for one in mine
                    if one["well"] == member
                )
                place = f'RowNo="{LETTERS.index(member[0]) + 1}" ColNo="{member[1:]}"'
                held += f"<MemberWell {place}><MWAnalytes>{read}</MWAnalytes></MemberWell>"
            factor = f"<Dilution>{mine[0]['dilution']}</Dilution>" if mine[0]["dilution"] else ""
            told = f"<Description></Description><Label>{sample}</Label>{factor}<Analytes>{stated}</Analytes>"
            inner.append(f"<{kind}>{told}<MemberWells>{held}</MemberWells></{kind}>")
        parts.append(f"<{kind}s>{''.join(inner)}</{kind}s>")
    space = 'xmlns:bpm="http://www.Bio-Rad.com/XMLschema/2010/Bio-Plex_5"'
    body = f"<Description>{WORDS}</Description><Samples>{''.join(parts)}</Samples>"
    return f'<?xml version="1.0" encoding="UTF-8"?><bpm:BioPlexManager {space}>{body}</bpm:BioPlexManager>'.encode()


BIOPLEX = ["Analyte", "Type", "Well", "Outlier", "Description", "FI", "FI - Bkgd", "Obs Conc", "Exp Conc", "Dilution"]


def bioplex_workbook(wells):
    """A Bio-Plex Manager workbook, a sheet each analyte: means of replicates first, then single wells."""
    sheets = {}
    for name in dict.fromkeys(one["analyte"] for one in wells):
        rows = [[f"File Name: {WORDS}"], ["Reading Serial Number: 0"], [], BIOPLEX]
        rows += [[f"{name} (12)", "X1", "A4,A5", 0, "", 99.0, 98.0, 1.0, None, 4.0], [], BIOPLEX]
        for one in [one for one in wells if one["analyte"] == name]:
            told = [f"{name} (12)", one["sample"], one["well"], 0, "", one["signal"], one["signal"] - 0.01]
            rows.append([*told, one["reported"], one["nominal"], one["dilution"]])
        sheets[f"{name} (12)"] = rows
    return workbook(sheets)


def bioplex_quantities(wells):
    """A Bio-Plex Manager workbook, a sheet each quantity and a column each analyte; means first."""
    analytes = list(dict.fromkeys(one["analyte"] for one in wells))
    by_key = {(one["well"], one["analyte"]): one for one in wells}
    sheets = {}
    for name, key in (("FI", "signal"), ("Obs Conc", "reported"), ("Exp Conc", "nominal"), ("Dilution", "dilution")):
        head = ["Type", "Well", "Description", *(f"{one} (12)" for one in analytes)]
        rows = [[f"File Name: {WORDS}"], [], head, ["X1", "A4,A5", "", *[1.0] * len(analytes)], [], head]
        for well in dict.fromkeys(one["well"] for one in wells):
            kind = by_key[well, analytes[0]]["sample"]
            rows.append([kind, well, "", *(by_key[well, one][key] for one in analytes)])
        sheets[name] = rows
    return workbook(sheets)


def msd(wells):
    """A Discovery Workbench table."""
    names = {"standard": "S{:03d}", "blank": "B{:03d}", "control": "C{:03d}", "sample": "U{:03d}"}
    rows = [[f"Plate {WORDS}"]]
    rows.append(["Sample", "Assay", "Well", "Spot", "Detection Range", "Dilution", "Concentration", "Signal"])
    rows[-1].append("Calc. Concentration")
    for one in wells:
        name = names[one["role"]].format(int(one["sample"].strip("SBCX") or 1))
        well = f"{one['well'][0]}{int(one['well'][1:]):02d}"
        told = [name, one["analyte"], well, 1, "In Detection Range", one["dilution"], one["nominal"], one["signal"]]
        rows.append([*told, "NaN" if one["reported"] is None else one["reported"]])
    return table(rows)


def plain_grid(wells):
    """A grid in the middle of a sheet, with words around it."""
    wide = len(grid(wells, "signal")[0][1])
    rows = [[WORDS], [], [], ["", "", "OD 450"], ["", "", "", *range(1, wide + 1), "", "read twice"]]
    rows += [["", "", line, *values] for line, values in grid(wells, "signal")]
    return workbook({"Read me": [["nothing here"]], "Reader": [*rows, [], ["", "the end"]]})


def plain_list(wells):
    """A long list with semicolons."""
    lines = ["Well;OD 450;Sample"]
    lines += [f"{one['well']};{number(one['signal'], True)};{one['sample']}" for one in wells]
    return "\r".join([*lines, ""]).encode("cp1252")


WRITERS = {
    "softmax": ("p.txt", softmax),
    "gen5": ("p.txt", gen5),
    "bmg": ("p.csv", bmg),
    "xponent": ("p.csv", xponent),
    "bioplex xml": ("p.xml", bioplex_xml),
    "bioplex workbook": ("p.xlsx", bioplex_workbook),
    "bioplex sheets": ("p.xlsx", bioplex_quantities),
    "msd": ("p.csv", msd),
    "grid": ("p.xlsx", plain_grid),
    "list": ("p.csv", plain_list),
}
# What an export of each kind states beside well and signal.
STATES = {
    "softmax": ("role", "sample", "nominal", "dilution", "reported"),
    "gen5": ("role", "nominal", "dilution", "reported"),
    "bmg": (),
    "xponent": ("analyte", "role", "nominal", "dilution", "count", "reported"),
    "bioplex xml": ("analyte", "role", "sample", "nominal", "dilution", "reported"),
    "bioplex workbook": ("analyte", "role", "sample", "nominal", "dilution", "reported"),
    "bioplex sheets": ("analyte", "role", "sample", "nominal", "dilution", "reported"),
    "msd": ("analyte", "role", "nominal", "dilution", "reported"),
    "grid": (),
    "list": ("sample",),
}
MULTIPLEX = ("xponent", "bioplex xml", "bioplex workbook", "bioplex sheets", "msd")


@pytest.fixture(scope="session")
def plates():
    """The made-up plates: `plan`, the writers by kind of export, and what each kind states."""
    return {"plan": plan, "writers": WRITERS, "states": STATES, "multiplex": MULTIPLEX}
