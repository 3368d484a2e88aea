"""Exports of programs that hindpaw does not read: refused with the way, or converted by allotropy where it is installed apart."""

from __future__ import annotations

import json
import os
import sys

import pytest
from hindpaw import simulate, study
from hindpaw.findings import StudyError
from hindpaw.intake import plate_readers, take_in
from hindpaw.study import PlateFile

LETTERS = "ABCDEFGH"
ABSORBANCE = [[round(0.05 + 0.01 * row + 0.1 * column, 4) for column in range(1, 13)] for row in range(8)]
WELLS = {f"{LETTERS[row]}{column + 1}": ABSORBANCE[row][column] for row in range(8) for column in range(12)}
GRID = [["", *range(1, 13)], *([LETTERS[row], *ABSORBANCE[row]] for row in range(8))]


def text(rows):
    """Rows as CSV."""
    return "\n".join(",".join(map(str, row)) for row in rows).encode()


def kaleido():
    """A read at 450 nm in Kaleido's words."""
    about = [
        ["Analysis Result"], [], ["Measurement Basic Information"], ["Software version:", "", "Kaleido 2.0.3058.126"], [],
        ["Measurement Signature:", "", "a"], ["Measurement Started:", "", "2020-10-26T16:16:18.2284559-04:00"],
        ["Measurement Finished:", "", "2020-10-26T16:17:14.6440969-04:00"], ["Barcode:", "", "V-1"],
        ["Instrument Serial Number:", "", "1"], ["Protocol Signature:", "", "b"], [], ["Protocol Name:", "", "c"], [],
        ["Plate Type"], ["Number of rows:", "", 8], ["Number of columns:", "", 12], [], ["Platemap"], ["Plate"],
        ["", *range(1, 13)], *([letter, *["-"] * 12] for letter in LETTERS), *[[]] * 5,
        ["Measurements:"], [], ["Meas", "", "", "", ""], ["Tech", "", "", "", "ABS mono 1"],
        ["Excitation wavelength [nm]", "", "", "", 450], ["Number of flashes", "", "", "", 100], [], ["Analysis:"], [],
        ["Comments:"], [], ["Exported with Kaleido 2.0.3058.126 and xslt version 2.0.0"],
    ]  # fmt: skip
    return text([[], [], ["Results for ABS mono 1"], [], ["Barcode: V-1", " PlateRepeat: 1"], *GRID, [], *about])


def magellan():
    """A list of wells in Magellan's words; one well ran over."""
    rows = [["Well positions", "450", "a", "b"]]
    rows += [[well, "OVER" if well == "H12" else value, "", ""] for well, value in WELLS.items()]
    about = [
        "Date of measurement: 2021-07-06/Time of measurement: 09:43:07", "C:\\m.mth", "C:\\w.wsp", "450 nm", "Unknown user",
        "ULTRA", "Instrument serial number: 1", "Measurement mode: Absorbance", "Measurement wavelength: 450 nm",
        "Number of flashes: 1", "Plate definition file: P1.pdf", "Unit: OD", "Meas. temperature: 450: 23.4 °C", "end",
    ]  # fmt: skip
    return simulate.contents({"m.xlsx": {"S": [*rows, *([one] for one in about)]}})["m.xlsx"]


def skanit():
    """A workbook in SkanIt's words, with its layout; one well reads zero."""
    values = [[letter, *ABSORBANCE[row]] for row, letter in enumerate(LETTERS)]
    values[7][12] = 0
    samples = [[letter, *[f"Std{row:04d}" if row < 4 else f"Un{row:04d}"] * 12] for row, letter in enumerate(LETTERS)]
    page = [
        ["Report"], ["x.skax"], ["2023-06-05 18:09:56"], ["Absorbance 1"], ["Wavelength: 450 nm"], ["Plate 1"],
        ["Abs", *range(1, 13)], *values, [], ["Sample", *range(1, 13)], *samples, [],
    ]  # fmt: skip
    about = [["General information"], ["Report generated with SW version", "SkanIt Software 7.0, 7.0.0.50"]]
    return simulate.contents({"s.xlsx": {"Absorbance 1_01": page, "General information": about}})["s.xlsx"]


FILES = {"kaleido": ("p.csv", kaleido), "magellan": ("p.xlsx", magellan), "skanit": ("p.xlsx", skanit)}


def opened(program, **more):
    """The export of a made-up file."""
    name, write = FILES[program]
    return plate_readers.opened(PlateFile(name, "pg/ml", "CSF", "not applicable", {}, **more), write())


@pytest.mark.parametrize("layout", FILES)
def test_without_allotropy_it_is_refused_with_how_to_get_it(layout, monkeypatch):
    monkeypatch.delenv("HINDPAW_ALLOTROPY", raising=False)
    with pytest.raises(StudyError) as caught:
        opened(layout)
    (one,) = caught.value.findings
    assert "which hindpaw does not read itself" in one.what
    assert "pip install allotropy" in one.what_to_do
    assert "HINDPAW_ALLOTROPY" in one.what_to_do
    assert "Copy the grid of raw values" in one.what_to_do


@pytest.fixture
def python(tmp_path, monkeypatch):
    """A stand-in for the other Python, which prints what it is told, or fails."""

    def stand_in(output, code=0):
        said = tmp_path / "said"
        said.write_text(output)
        script = tmp_path / "python"
        stream = ">&2" if code else ""
        script.write_text(f"#!/bin/sh\ncat > /dev/null\ncat {said} {stream}\nexit {code}\n")
        script.chmod(0o700)
        monkeypatch.setenv("HINDPAW_ALLOTROPY", str(script))

    return stand_in


def model(*measurements):
    """A document of the Allotrope Simple Model around measurements."""
    return json.dumps({"version": "9.9", "document": {"a": [{"measurement document": list(measurements)}]}})


def measured(well, plate="P1", **more):
    """One measurement of the model."""
    sample = {"location identifier": well, "well plate identifier": plate, "sample identifier": f"{plate}_{well}"}
    return {"sample document": sample} | more


def test_what_the_model_says_becomes_readings(python):
    missing = {"value": -0.0, "unit": "mAU"}
    errors = {"error aggregate document": {"error document": [{"error": "OVER"}]}}
    step = {"statistical value": {"value": 14.5, "has statistic datum role": "median role"}}
    medians = {"statistic dimension aggregate document": {"statistic dimension document": [step]}}
    analyte = {"analyte name": "IL-6", "assay bead count": {"value": 69}}
    analyte["statistics aggregate document"] = {"statistics document": [medians]}
    python(
        model(
            measured("A1", absorbance={"value": 0.5}),
            measured("B1", absorbance=missing, **errors),
            measured("A1", "P2", **{"analyte aggregate document": {"analyte document": [analyte]}}),
        )
    )
    export = opened("magellan")
    told = [(one.plate, one.well, one.signal, one.flag, one.analyte, one.bead_count) for one in export.readings]
    assert told == [
        ("P1", "A1", 0.5, "", None, None),
        ("P1", "B1", None, "OVER", None, None),
        ("P2", "A1", 14.5, "", "IL-6", 69.0),
    ]
    assert export.readings[0].sample == ""
    assert "allotropy 9.9" in export.remarks[0].what


@pytest.mark.parametrize(
    ("output", "code", "word"),
    [
        ("not JSON", 0, "did not convert"),
        ("[]", 0, "not understood"),
        (model(), 0, "no endpoint reading"),
        (model({"sample document": {}}), 0, "without a well"),
        ("AllotropeConversionError: no such table", 1, "no such table"),
        ("ModuleNotFoundError: No module named 'allotropy'", 1, "has no allotropy"),
    ],
)
def test_whatever_the_other_python_says_ends_in_a_finding(python, output, code, word):
    python(output, code)
    with pytest.raises(StudyError) as caught:
        opened("magellan")
    assert word in caught.value.findings[0].what
    assert "Copy the grid" in caught.value.findings[0].what_to_do


def test_a_python_that_is_not_there(monkeypatch):
    monkeypatch.setenv("HINDPAW_ALLOTROPY", "/nowhere/python")
    with pytest.raises(StudyError, match="did not convert"):
        opened("kaleido")
    # hindpaw's own Python has none: pandas 3 rules it out.
    monkeypatch.setenv("HINDPAW_ALLOTROPY", sys.executable)
    with pytest.raises(StudyError, match="has no allotropy"):
        opened("kaleido")


def test_the_study_file_may_still_say_grid(monkeypatch):
    monkeypatch.delenv("HINDPAW_ALLOTROPY", raising=False)
    values = {one.well: one.signal for one in opened("kaleido", layout="grid").readings if one.plate.startswith("Bar")}
    assert values == WELLS


@pytest.mark.oracle
@pytest.mark.parametrize("layout", FILES)
def test_allotropy_converts(layout):
    """For real, by the allotropy of another Python."""
    if not os.environ.get("HINDPAW_ALLOTROPY"):
        pytest.skip("HINDPAW_ALLOTROPY names no Python with allotropy")
    export = opened(layout)
    assert export.layout == layout
    found = {one.well: one.signal for one in export.readings}
    last = {"kaleido": WELLS["H12"], "magellan": None, "skanit": 0.0}[layout]
    assert found == WELLS | {"H12": last}
    assert {one.channel for one in export.readings} == {"450"}
    assert [one.flag for one in export.readings if one.flag] == (["OVER"] if layout == "magellan" else [])
    roles = {one.role for one in export.readings}
    assert roles == ({"standard", "sample"} if layout == "skanit" else {""})


STUDY = """
title: Plates
animals: {file: a.csv, columns: {animal: Mouse, arm: Group}}
arms: {vehicle: {label: Vehicle, role: control}, drug: {label: Drug}}
days: {treatment: 0}
plates: [{file: p.csv, analyte: IL-6, day: 3, dilution: 2, plate_map: {file: m.csv, columns: {well: Well, sample: S}}}]
"""


@pytest.mark.oracle
def test_a_converted_plate_stands_in_the_ledger():
    if not os.environ.get("HINDPAW_ALLOTROPY"):
        pytest.skip("HINDPAW_ALLOTROPY names no Python with allotropy")
    told = "Well,S\n" + "".join(f"{well},M1\n" for well in WELLS)
    files = {"a.csv": b"Mouse,Group\nM1,Vehicle\n", "m.csv": told.encode(), "p.csv": kaleido()}
    made = take_in(study.parse(STUDY, "s", "s.yaml"), files)
    assert len(made["wells"]) == 96
    assert made["ledger"]["source"].is_unique
    assert made["wells"]["source"][0] == "p.csv!V-1 well A1 450 nm"
    assert (made["findings"]["check"] == "converted").sum() == 1
