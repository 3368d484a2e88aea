"""Real plate exports: read to the numbers that the files themselves state, or refused in words.

The files are read again here, line by line and by hand, so that a reader is compared with the file and not with itself.
"""

from __future__ import annotations

import csv
import os
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from hindpaw.findings import StudyError
from hindpaw.intake import flags, plate_readers
from hindpaw.study import PlateFile

pytestmark = pytest.mark.external
READERS = ("softmax", "gen5", "xponent", "bioplex", "msd")
ORACLE = Path(__file__).parents[1] / "intake" / "oracle.py"
LETTERS = "ABCDEFGH"


@pytest.fixture(scope="module")
def opened(beside):
    """The export of a real file, by its place below the data."""

    def read(place):
        path = beside / "data" / place
        entry = PlateFile(path.name, "pg/ml", "CSF", "not applicable", {}, analyte="x")
        return plate_readers.opened(entry, path.read_bytes())

    return read


def lines(beside, place, encoding):
    """The lines of a real file."""
    return (beside / "data" / place).read_bytes().decode(encoding).replace("\r\n", "\n").split("\n")


def test_the_thirty_plex(opened, beside):
    """96 wells × 30: medians, counts and results as they stand; 2,580 numbers, 208 `< x`, 32 `> x`, 60 without."""
    place = "luminex_30plex/pone.0187901.s001.csv"
    export = opened(place)
    assert export.layout == "xponent"
    assert len(export.readings) == 96 * 30
    told = [flags.reported_of(one.reported, one.reported_flag) for one in export.readings]
    assert sum(value is not None for value, *_ in told) == 2580
    assert Counter(side for _, side, limit, _ in told if limit is not None) == {"left": 208, "right": 32}
    assert sum(words.startswith("NaN") for *_, words in told) == 60
    rows = list(csv.reader(lines(beside, place, "utf-8")))
    tables = {row[1]: index for index, row in enumerate(rows) if row and row[0] == "DataType:"}
    analytes = rows[tables["Median"] + 1][2:32]
    by_key = {(one.well, one.analyte): one for one in export.readings}
    for offset in range(96):
        medians, counts, results = (rows[tables[name] + 2 + offset] for name in ("Median", "Count", "Result"))
        well = re.search(r",(\w+)\)", medians[0])[1]
        for column, analyte in enumerate(analytes, 2):
            one = by_key[well, analyte]
            assert (one.signal, one.bead_count) == (float(medians[column]), float(counts[column]))
            assert one.reported == results[column]
            assert one.sample == medians[1]
    # Fifteen standards with concentrations, of which Standard1 and Standard5 stand twice in the file's own list.
    expected = {row[0]: row[1:31] for row in rows[tables["Standard Expected Concentration"] + 2 :][:16]}
    for one in export.readings:
        assert (one.role == "standard") == (one.sample in expected)
        if one.role == "standard":
            assert one.nominal == float(expected[one.sample][analytes.index(one.analyte)])
        assert one.unit == "pg/ml"
    assert Counter(one.role for one in export.readings) == {
        "blank": 2 * 30, "control": 6 * 30, "standard": 17 * 30, "sample": 71 * 30,
    }  # fmt: skip
    assert {one.dilution for one in export.readings if one.role == "sample"} == {2.0}


def test_wells_without_a_result_are_not_numbers(opened):
    """96 wells × 3 without a bead: 287 NaN and one blank cell; nothing of it is a signal."""
    export = opened("plate_readers/xponent/luminex_xPONENT_NaN_and_not_reported_values.csv")
    assert len(export.readings) == 96 * 3
    assert all(one.signal is None and one.bead_count == 0 for one in export.readings)
    fates = Counter(flags.fate_of(one.signal, one.flag)[0] for one in export.readings)
    assert fates == {"excluded": 287, "blank": 1}


def test_a_small_xponent_batch(opened):
    readings = opened("plate_readers/xponent/luminex_xPONENT_example02.csv").readings
    assert [(one.well, one.analyte, one.signal, one.bead_count) for one in readings] == [
        ("A1", "alpha", 10921.5, 30), ("A1", "bravo", 37214, 42), ("B1", "alpha", 8244, 26), ("B1", "bravo", 35052, 33),
        ("C1", "alpha", 5603, 25), ("C1", "bravo", 33948, 37), ("D1", "alpha", 3071, 25), ("D1", "bravo", 28980, 42),
    ]  # fmt: skip


def softmax_grid(rows, start, columns=range(2, 14)):
    """The numbers of a Plate block's raw grid, line by line."""
    return [[float(rows[start + 2 + line].split("\t")[column]) for column in columns] for line in range(8)]


def test_two_softmax_plates_with_standards_in_ng(opened, beside):
    """Standards in groups over both plates, 320 to 1.4… ng/ml; the groups state each well's concentration."""
    place = "plate_readers/softmax/MD_SMP_absorbance_endpoint_example01.txt"
    export, rows = opened(place), lines(beside, place, "utf-16")
    assert export.plates == ["Plate01", "Plate02"]
    starts = [index for index, row in enumerate(rows) if row.startswith("Plate:")]
    for plate, start in zip(export.plates, starts, strict=True):
        mine = {one.well: one for one in export.readings if one.plate == plate}
        for line, values in enumerate(softmax_grid(rows, start)):
            assert [mine[f"{LETTERS[line]}{column}"].signal for column in range(1, 13)] == values
    standards = [one for one in export.readings if one.role == "standard"]
    assert len(standards) == 2 * 7 * 3
    assert {one.unit for one in standards} == {"ng/ml"}
    assert Counter(one.nominal for one in standards)[320.0] == 6
    stated = {(one.plate, one.well): one.reported for one in export.readings}
    seen = 0
    for row in rows[43:263]:
        cells = [cell.strip() for cell in row.split("\t")]
        wells = [cell for cell in cells if re.fullmatch(r"[A-H]\d+", cell)]
        if wells and cells[-2].startswith("Plate0"):
            assert stated[cells[-2], wells[0]] in cells
            seen += 1
    assert seen == 186
    # Samples are interpolated on the same curve, so what is stated for them is in ng/ml too.
    assert {one.unit for one in export.readings if one.role == "sample"} == {"ng/ml"}


def test_three_softmax_plates_at_three_wavelengths(opened, beside):
    place = "plate_readers/softmax/MD_SMP_absorbance_endpoint_example04.txt"
    export, rows = opened(place), lines(beside, place, "utf-16")
    assert Counter(one.channel for one in export.readings) == {"280": 288, "450": 288, "562": 288}
    starts = [index for index, row in enumerate(rows) if row.startswith("Plate:")]
    for plate, start in zip(export.plates, starts, strict=True):
        for number, channel in enumerate(("280", "450", "562")):
            mine = [one.signal for one in export.readings if (one.plate, one.channel) == (plate, channel)]
            grid = softmax_grid(rows, start, range(2 + 13 * number, 14 + 13 * number))
            assert mine == [value for line in grid for value in line]


def test_softmax_marks(opened):
    """A2 is masked, F2 has Range? in its group; both keep the number of the grid and the mark."""
    export = opened("plate_readers/softmax/group_cols_with_int_sample_names.txt")
    assert len(export.readings) == 96
    marked = {one.well: (one.signal, one.flag) for one in export.readings if one.flag}
    assert marked == {"A2": (1.672, "Masked"), "F2": (0.135, "Range?")}
    nominal = sorted({one.nominal for one in export.readings if one.role == "standard"}, reverse=True)
    assert nominal == [320, 160, 80, 40, 20, 10, 5, 0]
    assert Counter(one.role for one in export.readings) == {"standard": 16, "control": 8, "sample": 72}


def test_reduced_softmax_data(opened, beside):
    """A line with a column for each well; reduced from two wavelengths, which is said."""
    place = "plate_readers/softmax/softmaxpro_example_reduced.txt"
    export, rows = opened(place), lines(beside, place, "ascii")
    start = next(index for index, row in enumerate(rows) if row.startswith("Plate:"))
    names, values = rows[start + 1].split("\t")[2:98], rows[start + 2].split("\t")[2:98]
    assert {one.well: one.signal for one in export.readings} == dict(zip(names, map(float, values), strict=True))
    assert {one.subtracted for one in export.readings} == {"reduced in SoftMax Pro from 450, 650 nm"}
    standards = {one.well: one.nominal for one in export.readings if one.role == "standard"}
    assert (standards["A1"], standards["B1"], len(standards)) == (100.0, 40.0, 12)


def test_gen5_with_a_layout_and_a_curve(opened, beside):
    """Raw readings, not the blanked ones; Conc/Dil is a concentration in standards and a share in samples."""
    place = "plate_readers/gen5/endpoint_stdcurve_singleplate.txt"
    export, rows = opened(place), lines(beside, place, "ascii")
    start = rows.index("Results") + 2
    by_well = {one.well: one for one in export.readings}
    for line in range(8):
        raw, _, stated = (rows[start + 3 * line + step].split("\t")[1:13] for step in range(3))
        for column in range(12):
            one = by_well[f"{LETTERS[line]}{column + 1}"]
            assert (one.signal, one.reported) == (float(raw[column]), stated[column])
    assert [by_well[f"{letter}1"].nominal for letter in "ABCDEFG"] == [
        2000,
        666.67,
        222.22,
        74.074,
        24.691,
        8.2305,
        2.7435,
    ]
    assert [by_well[f"{letter}4"].dilution for letter in "ABCD"] == [1, 2, 4, 8]
    assert Counter(one.role for one in export.readings) == {"standard": 21, "blank": 3, "sample": 72}


def test_gen5_overflow_and_missed(opened):
    export = opened("plate_readers/gen5/240411_172731_BNCH2345883_abs450_96well_non_numeric_values.txt")
    assert Counter(one.flag for one in export.readings) == {"": 83, "OVRFLW": 8, "MISSED": 5}
    assert sorted(one.well for one in export.readings if one.flag == "MISSED") == ["D12", "E11", "F10", "G9", "H8"]
    sides = Counter(flags.fate_of(one.signal, one.flag) for one in export.readings if one.flag)
    assert sides == {("used", "", "right"): 8, ("excluded", "MISSED: the reader did not read the well", None): 5}


def test_bioplex_xml(opened, beside):
    """96 wells × 15; five readings with error codes; expected concentrations that nobody entered."""
    place = "plate_readers/bioplex/bio-rad_bio-plex_manager_example_01.xml"
    export = opened(place)
    assert len(export.readings) == 96 * 15
    assert Counter(one.role for one in export.readings) == {
        "blank": 2 * 15, "standard": 22 * 15, "control": 8 * 15, "sample": 64 * 15,
    }  # fmt: skip
    assert sorted(one.flag for one in export.readings if one.flag) == [
        "error code 1: low bead number", "error code 2: aggregated beads", "error code 3: classify efficiency",
        "error code 4: region selection", "error code 5: platform temperature",
    ]  # fmt: skip
    assert {one.nominal for one in export.readings if one.role == "standard"} == {0.0}
    text = "\n".join(lines(beside, place, "utf-8"))
    stated = [float(value) for value in re.findall(r"<Reading [^>]*>([^<]*)</Reading>", text)]
    assert sorted(one.signal for one in export.readings) == sorted(stated)
    # The medians of the wells whose beads are listed are the readings, with their counts.
    counted = {(one.well, one.signal, one.bead_count) for one in export.readings if one.bead_count is not None}
    first = re.search(r'<BeadRegion RegionNumber="21">\s*<RegionCount>60</RegionCount>\s*<Median>3245.00', text)
    assert first
    assert ("A1", 3245.0, 60.0) in counted


def test_msd_table(opened):
    readings = opened("plate_readers/msd/msd_workbench_test_1.csv").readings
    assert [(one.well, one.analyte, one.signal, one.nominal) for one in readings] == [
        ("A2", "Spike (FL.1.5.1)", 3513, 54.2), ("A1", "Spike (FL.1.5.1)", 3328, 54.2),
        ("A2", "Spike (Wuhan)", 341, 331), ("A1", "Spike (Wuhan)", 315, 331),
    ]  # fmt: skip
    told = [flags.reported_of(one.reported, one.reported_flag) for one in readings]
    assert [(value, side) for value, side, *_ in told] == [
        (53.20256476, "right"), (55.0941022, "right"), (498.3224409, "right"), (None, None),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["garbage_error.txt", "header_size_mismatch.txt", "missing_measurement_table_row.txt"])
@pytest.mark.parametrize("layout", [None, "softmax", "gen5", "xponent", "bmg", "msd", "bioplex", "grid", "list"])
def test_broken_files_are_refused_in_words(beside, name, layout):
    content = (beside / "data" / "plate_readers" / "broken" / name).read_bytes()
    entry = PlateFile(name, "pg/ml", "CSF", "not applicable", {}, analyte="x", layout=layout)
    with pytest.raises(StudyError) as caught:
        plate_readers.opened(entry, content)
    assert name in caught.value.findings[0].what
    assert caught.value.findings[0].what_to_do


@pytest.mark.oracle
@pytest.mark.parametrize("vendor", READERS)
def test_allotropy_reads_the_same_numbers(beside, opened, vendor):
    """Well by well against the library, which lives in an environment of its own (HINDPAW_ALLOTROPY is its Python)."""
    python = os.environ.get("HINDPAW_ALLOTROPY")
    if not python:
        pytest.skip("HINDPAW_ALLOTROPY names no Python with allotropy")
    for path in sorted((beside / "data" / "plate_readers" / vendor).iterdir()):
        run = subprocess.run([python, str(ORACLE), vendor, str(path)], capture_output=True, text=True, check=True)
        golden = Counter(tuple(row) for row in csv.reader(run.stdout.splitlines()))
        readings = opened(f"plate_readers/{vendor}/{path.name}").readings
        own = Counter((one.well, one.analyte or one.channel, shown(one.signal)) for one in readings)
        if readings[0].channel == "reduced":
            # allotropy has a place for raw reads only and leaves reduced data without a number.
            assert {(well, "") for well, _, _ in own} == {(well, value) for well, _, value in golden}
        elif vendor == "bioplex":
            # allotropy reads the eight wells whose beads are listed, we every well with a reading.
            assert (len(golden), golden - own) == (8 * 15, Counter())
        else:
            assert own == golden, path.name


def shown(signal):
    """A number in full, empty where there is none."""
    return "" if signal is None else repr(float(signal))
