"""Shapes of the same programs' exports that are seldom met: parts of plates, other modes, computed lines, other units."""

from __future__ import annotations

import pytest
from hindpaw import study
from hindpaw.findings import StudyError
from hindpaw.intake import plate_readers, take_in
from hindpaw.study import PlateFile

NUMBERS = "\t".join(map(str, range(1, 13)))


def opened(content, name="p.txt", **more):
    """The export of a file."""
    entry = PlateFile(name, "pg/ml", "CSF", "not applicable", {}, analyte="x", **more)
    return plate_readers.opened(entry, content.encode())


def wells(content, **more):
    """Signal by well."""
    return {one.well: one.signal for one in opened(content, **more).readings}


def refused(content, name="p.txt"):
    """What a refusal says."""
    with pytest.raises(StudyError) as caught:
        opened(content, name)
    return caught.value.findings[0].what


def gen5(procedure, results, layout=""):
    """A Gen5 text of one plate."""
    head = "Software Version\t3.12.08\n\nPlate Number\tPlate 1\nTime\t5:27:40 AM\n\nProcedure Details\n\n"
    return f"{head}{procedure}\n\n{layout}Results\n{results}\n"


OD = "Read\tod\n\tAbsorbance Endpoint\n\tWavelengths:  450, 570"


@pytest.mark.parametrize(
    ("mode", "first", "lines", "expected"),
    [
        # Columns 4 to 6 of rows C and D. Fluorescence has one cell more than absorbance, and filters between.
        ("Fluorescence\tFALSE\tRaw\tFALSE\t1\t\t\t\t\t\t1\t535 \t4\t3\t96\t485 \tAutomatic\t515 \t\t\t6\tAutomatic\t\t\t3\t2", "4\t5\t6", ["1\t2\t3", "4\t5\t6"], {"C4": 1, "C5": 2, "C6": 3, "D4": 4, "D5": 5, "D6": 6}),
        ("Luminescence\tRaw\tFALSE\t1\t\t\t\t\t\t1\tAll \t1\t2\t96\t\t\t\t\t\t\t\t\t\t2\t1", "1\t2", ["7\t8"], {"B1": 7, "B2": 8}),
        # The head counts the whole plate, the lines only what was read.
        ("Absorbance\tRaw\tFALSE\t1\t\t\t\t\t\t1\t450 \t1\t2\t6\t1\t2", "1\t2\t3", ["1\t2", "3\t4"], {"A1": 1, "A2": 2, "B1": 3, "B2": 4}),
        # The whole plate with blanks around the part.
        ("Absorbance\tRaw\tFALSE\t1\t\t\t\t\t\t1\t450 \t1\t2\t12\t2\t1", "1\t2", ["\t", "5\t6", "\t"], {"A1": None, "A2": None, "B1": 5, "B2": 6, "C1": None, "C2": None}),
    ],
)  # fmt: skip
def test_a_part_of_a_plate_lies_where_the_block_says(mode, first, lines, expected):
    text = [f"Plate:\tP\t1.3\tPlateFormat\tEndpoint\t{mode}", f"\tTemperature(°C)\t{first}"]
    assert wells("\n".join(["##BLOCKS= 1", *text, *(f"\t\t{line}" for line in lines), "", "~End"])) == expected


def test_what_gen5_computes_is_no_signal():
    """Of the lines of a matrix only those that the procedure names as its reads are any."""
    labels = ["od:450", "IL-6 concentration pg/mL", "Log od", "Normalized", "My own formula"]
    rows = [f"{'' if place else 'A'}\t{place}.5\t{place}.6\t{label}" for place, label in enumerate(labels)]
    found = opened(gen5(OD.replace(", 570", ""), "\n".join(["\t1\t2", *rows]))).readings
    assert [(one.well, one.signal, one.channel, one.reported, one.unit) for one in found] == [
        ("A1", 0.5, "450", "1.5", "pg/ml"), ("A2", 0.6, "450", "1.6", "pg/ml"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("procedure", "label", "said"),
    [
        ("Start Kinetic\tRuntime 0:30:00\n    Read\tAbsorbance Endpoint\n\tWavelengths:  420", "t at Max V [420]", "kinetic"),
        ("Read\tS\n\tAbsorbance Spectrum", "Lambda at Max OD [S:Spectrum]", "a spectrum"),
        ("Read\tA\n\tAbsorbance Area Scan\n\tWavelengths:  450", "Mean OD [A:450]", "an area scan"),
        (OD, "Mean [od:450]", "no matrix of readings"),
    ],
)  # fmt: skip
def test_what_gen5_makes_of_kinetics_and_scans_is_refused_by_its_kind(procedure, label, said):
    assert said in refused(gen5(procedure, f"\t1\t2\nA\t0.1\t0.2\t{label}"))


def test_a_raw_read_that_the_study_file_names_counts_before_gen5s_difference():
    text = gen5(OD, "\t1\t2\nA\t1.0\t2.0\tod:450\n\t0.1\t0.2\tod:570\n\t0.9\t1.8\t450-570")
    assert wells(text) == {"A1": 0.9, "A2": 1.8}
    readings = opened(text, wavelengths={"signal": 450, "reference": 570}).readings
    assert [(one.channel, one.signal) for one in readings] == [("450", 1.0), ("450", 2.0), ("570", 0.1), ("570", 0.2)]


def test_a_plate_that_takes_the_layout_of_another_is_said():
    layout = "Layout\n\t1\t2\nA\tSTD1\tSPL1\tWell ID\n\t100\t\tConc/Dil\n\n"
    one, two = (gen5(OD.replace(", 570", ""), "\t1\t2\nA\t0.1\t0.2\tod:450\n", text) for text in (layout, ""))
    export = opened(one + two.replace("Plate 1", "Plate 2"))
    assert [(one.plate, one.sample) for one in export.readings if one.well == "A2"] == [("Plate 1", "SPL1"), ("Plate 2", "SPL1")]  # fmt: skip
    assert [one.what.partition(" ")[2] for one in export.remarks] == ["p.txt states no layout for Plate 2, so that of the plate before is taken."]  # fmt: skip
    assert not opened(one + one.replace("Plate 1", "Plate 2")).remarks


def test_doses_beside_samples_are_no_dilutions():
    """0.5 and 4 of one plate can be neither shares nor factors alone; a sample's 0.5 and 0.25 are 1:2 and 1:4."""
    layout = "Layout\n\t1\t2\nA\tSPL1:1\tSPL1:2\tWell ID\n\t{}\t{}\tConc/Dil\n\n"
    rows = "\t1\t2\nA\t1.0\t2.0\tod:450"
    doubted = opened(gen5(OD, rows, layout.format(4, 0.5)))
    assert [one.dilution for one in doubted.readings] == [None, None]
    assert "above and below 1" in doubted.remarks[0].what
    sure = opened(gen5(OD, rows, layout.format(0.5, 0.25)))
    assert [one.dilution for one in sure.readings] == [2, 4]
    assert not sure.remarks


@pytest.mark.parametrize("head", ["User: U,Path: x\nTest name: L,Date: x\n\nRaw Data (450)\n\n", ""])
def test_a_plate_of_1536_wells_is_refused(head):
    rows = [",".join(["", *map(str, range(1, 49))])]
    rows += [",".join([letter, *["1"] * 48]) for letter in "ABCDEFGHIJKLMNOPQR"]
    assert "more than 384 wells" in refused(head + "\n".join(rows), "p.csv") or not head


def test_grids_side_by_side_share_the_letters_of_the_first():
    text = "User: U;Path: x\nTest name: L;Date: x\n\nRaw Data (450);;;Raw Data (570)\n\n;1;2;;1;2\nA;1,1;1,2;;0,1;0,2\n"
    found = opened(text, "p.csv").readings
    assert [(one.well, one.channel, one.signal) for one in found] == [
        ("A1", "450", 1.1), ("A2", "450", 1.2), ("A1", "570", 0.1), ("A2", "570", 0.2),
    ]  # fmt: skip


BLOCK = "Plate:\tP\t1.3\tPlateFormat\tEndpoint\tAbsorbance\tRaw\tFALSE\t1\t\t\t\t\t\t1\t450 \t1\t3\t6\t1\t2"


def softmax(*groups):
    """A SoftMax text of six wells, some in groups."""
    rows = ["##BLOCKS= 9", BLOCK, "\tTemperature(°C)\t1\t2\t3", '\t22\t1\t2\t"NaN"', "\t\t4\t5\t6", "", "~End"]
    for title, head, line in groups:
        rows += [f"Group:{title}", f"Sample\tWells\t{head}", line, "", "~End"]
    return "\n".join(rows)


def test_groups_of_softmax_that_count_their_samples_anew():
    """Sample 01 of two groups are two samples; a title may stand behind a tab; quotes are the spreadsheet's."""
    groups = [("\tStandards\t1", "Conc Units/mL", "01\tA1\t100"), (" Liver", "Value", "01\tA2\t2"), (" CSF", "Value", "01\tB1\t4")]  # fmt: skip
    found = {one.well: one for one in opened(softmax(*groups)).readings}
    assert [(found[well].role, found[well].sample) for well in ("A1", "A2", "B1")] == [
        ("standard", "01"), ("sample", "Liver 01"), ("sample", "CSF 01"),
    ]  # fmt: skip
    assert (found["A1"].nominal, found["A1"].unit, found["A3"].flag) == (100, "Units/mL", "NaN")


def test_a_column_of_softmax_is_what_its_formula_says():
    """What is computed is neither the standards' concentration nor a dilution, whatever its name; units stand in heads."""
    formulas = ["", "Group Column\tFormula Name\tFormula", "1\tConc\tInterpX(Std@StandardCurve,OD)", "2\tExpected\t!SampleDescriptor",
                "3\tDil. adjusted\tConc*Dilution", "4\tDilution\t!Factor"]  # fmt: skip
    standard = ("Standards", "Conc ng/mL\tExpected", "\n".join(["01\tA1\t99\t100", *formulas]))
    sample = ("Samples", "Conc ng/mL\tDil. adjusted ng/mL\tDilution", "\n".join(["01\tA2\t5\t50\t10", *formulas]))
    found = {one.well: one for one in opened(softmax(standard, sample)).readings}
    assert (found["A1"].nominal, found["A1"].reported, found["A1"].unit) == (100, "99", "ng/ml")
    assert (found["A2"].dilution, found["A2"].reported) == (10, "5")


STUDY = """
title: Made-up plate
animals: {file: a.csv, columns: {animal: Mouse, arm: Group}}
arms: {vehicle: {label: Vehicle, role: control}, drug: {label: Drug}}
days: {treatment: 0}
von_frey: []
plates:
  - {file: p.csv, analyte: x, day: 3, dilution: 1, %splate_map: {file: m.csv, %s}}
"""
GRIDS = "Layout,1,2\nA,S1,M1\n\nStandards ng/ml,1,2\nA,2,\n"


@pytest.mark.parametrize(
    ("plan", "keys"),
    [
        ("Well,Sample,Animal,Std (ng/ml)\nA1,S1,,2\nA2,M1,M1,\n", "columns: {well: Well, sample: Sample, animal: Animal, concentration: Std (ng/ml)}"),
        (GRIDS, "layout: grid"),
    ],
)  # fmt: skip
def test_a_map_in_another_unit_than_the_study_file_is_refused(plan, keys):
    """ng taken for pg would be wrong a thousandfold."""
    files = {"p.csv": b"Well,OD 450\nA1,1.5\nA2,0.5\n", "m.csv": plan.encode(), "a.csv": b"Mouse,Group\nM1,Drug\n"}
    made = take_in(study.parse(STUDY % ("", keys), "s", "s.yaml"), files)
    errors = made["findings"].query("severity == 'error'")
    assert errors["what"].str.contains("but the study file has them in pg/ml").all()
    assert errors["what_to_do"].str.contains("Write unit: ng/ml").all()
    made = take_in(study.parse(STUDY % ("unit: ng/ml, ", keys), "s", "s.yaml"), files)
    assert made["wells"].set_index("well")["nominal_pg_per_ml"]["A1"] == 2000


def test_a_read_is_named_as_the_export_calls_it():
    text = gen5("Read\tfl\n\tFluorescence Endpoint\n\t    Excitation: 485/20,  Emission: 528/20\n\t    Excitation: 360/40,  Emission: 460/40", "\t1\t2\nA\t10\t20\tfl:485/20,528/20\n\t1\t2\tfl:360/40,460/40")  # fmt: skip
    files = {"p.txt": text.encode(), "m.csv": b"Well,Sample\nA1,M1\nA2,M1\n", "a.csv": b"Mouse,Group\nM1,Drug\n"}
    entry = STUDY.replace("p.csv", "p.txt") % ("%s", "columns: {well: Well, sample: Sample}")
    made = take_in(study.parse(entry % "", "s", "s.yaml"), files)
    assert 'signal: "fl:485/20,528/20"' in made["findings"]["what_to_do"].iloc[0]
    made = take_in(study.parse(entry % 'wavelengths: {signal: "fl:360/40,460/40"}, ', "s", "s.yaml"), files)
    assert made["wells"]["signal"].tolist() == [1, 2]
