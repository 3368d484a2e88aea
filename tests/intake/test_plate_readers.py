"""Plate readers: what is written comes back, marks keep their meaning, other files are refused in words."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hindpaw.findings import StudyError
from hindpaw.intake import plate_readers
from hindpaw.intake.open import as_number
from hindpaw.study import PlateFile

KINDS = [
    "softmax", "gen5", "bmg", "xponent", "bioplex xml", "bioplex workbook", "bioplex sheets", "msd", "grid", "list",
]  # fmt: skip


def entry(file, **more):
    """A plate's entry of a study file."""
    return PlateFile(file, "pg/ml", "CSF", "not applicable", {}, **more)


def opened(file, content, **more):
    """The readings of a file."""
    return plate_readers.opened(entry(file, **more), content)


def refusal(file, content, **more):
    """What and what to do of a file that is refused."""
    with pytest.raises(StudyError) as caught:
        opened(file, content, **more)
    assert len(caught.value.findings) == 1
    return caught.value.findings[0].what, caught.value.findings[0].what_to_do


def named(kind):
    """The layout that a study file must name: workbooks of Bio-Plex are read on its word only."""
    return "bioplex" if kind in ("bioplex workbook", "bioplex sheets", "bioplex_one_table.csv") else None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("rows", "columns"), [(8, 12), (16, 24), (4, 6)])
def test_a_plate_comes_back_as_it_was_written(plates, kind, rows, columns):
    """Every well with its number, role, standard, dilution and stated concentration; seen from the content alone."""
    name, write = plates["writers"][kind]
    analytes = ("IL-6", "TNF") if kind in plates["multiplex"] else ("IL-6",)
    wells = plates["plan"](rows, rows, columns, analytes)
    export = opened(name, write(wells), layout=named(kind))
    assert export.layout == kind.split()[0]
    assert len(export.readings) == len(wells)
    key = (lambda one: (one.well, one.analyte)) if kind in plates["multiplex"] else (lambda one: (one.well,))
    found = {key(one): one for one in export.readings}
    for well in wells:
        one = found[(well["well"], well["analyte"])[: len(next(iter(found)))]]
        assert one.signal == well["signal"]
        assert one.flag == ""
        told = vars(one) | {"count": one.bead_count, "reported": as_number(one.reported)}
        for name in plates["states"][kind]:
            assert told[name] == well[name], (name, one)
    assert len({one.source for one in export.readings}) == len(wells)


def test_a_decimal_point_and_utf_8_read_the_same(plates):
    wells = plates["plan"](1)
    content = plates["writers"]["softmax"][1](wells, comma=False)
    plain = content.decode("utf-16").encode("utf-8")
    assert [one.signal for one in opened("p.txt", plain).readings] == [one["signal"] for one in wells]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("grid", "list") and not named(kind)])
def test_a_layout_that_the_content_contradicts_is_refused(plates, kind):
    name, write = plates["writers"][kind]
    other = "gen5" if kind != "gen5" else "xponent"
    what, advice = refusal(name, write(plates["plan"](2)), layout=other)
    assert "looks like a" in what
    assert f"not like the layout {other} of the study file" in what
    assert f"layout: {kind.split()[0]}" in advice


@pytest.mark.parametrize("kind", ["bioplex workbook", "bioplex sheets"])
def test_a_workbook_of_bioplex_is_read_on_the_study_files_word_only(plates, kind):
    """No real one was at hand; the XML export, of which one was, is named."""
    name, write = plates["writers"][kind]
    content = write(plates["plan"](1, 8, 12, ("IL-6",)))
    what, advice = refusal(name, content)
    assert "a workbook of Bio-Plex Manager" in what
    assert "XML" in advice
    assert "layout: bioplex" in advice
    assert "never compared with a real one" in opened(name, content, layout="bioplex").remarks[0].why


FOREIGN = {
    "magellan.csv": b"Application: Tecan i-control , 3.9.1.0\n\n,1,2\nA,0.1,0.2\n",
    "skanit.csv": b"SkanIt Software 6.1\n\nSession information\n",
    "envision.csv": b"Plate information,,,,\nPlate,Repeat,Barcode\n\n,1,2\nA,0.1,0.2\n",
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_program_without_a_reader_is_named_and_a_way_shown(name, monkeypatch):
    monkeypatch.delenv("HINDPAW_ALLOTROPY", raising=False)
    what, advice = refusal(name, FOREIGN[name])
    assert "which hindpaw does not read" in what
    assert "Copy the grid of raw values" in advice


def test_a_foreign_grid_is_read_where_the_study_file_says_grid():
    readings = opened("magellan.csv", FOREIGN["magellan.csv"], layout="grid").readings
    assert [(one.well, one.signal) for one in readings] == [("A1", 0.1), ("A2", 0.2)]


def test_a_grid_without_letters_is_read_when_it_is_a_whole_plate():
    """Eight lines of twelve numbers and nothing else."""
    rows = [[line * 12 + column for column in range(12)] for line in range(8)]
    content = "\n".join("\t".join(f"{value / 100}" for value in row) for row in rows).encode()
    readings = opened("od.txt", content).readings
    assert [(one.well, one.signal) for one in (readings[0], readings[95])] == [("A1", 0.0), ("H12", 0.95)]
    what, _ = refusal("od.txt", content.rpartition(b"\n")[0])
    assert "no grid or list of wells" in what


def test_several_grids_are_wavelengths_or_plates_by_their_titles():
    def two(first, second):
        body = ",1,2\nA,0.5,0.6\nB,0.7,0.8\n"
        return opened("p.csv", f"{first}\n{body}\n{second}\n{body}".encode())

    waves = two("450 nm", "570 nm")
    assert (waves.plates, {one.channel for one in waves.readings}) == ([""], {"450", "570"})
    named = two("Plate 1", "Plate 2")
    assert (named.plates, {one.channel for one in named.readings}) == (["Plate 1", "Plate 2"], {""})
    both = two("Plate 1 450", "Plate 2 450")
    assert (both.plates, {one.channel for one in both.readings}) == (["Plate 1", "Plate 2"], {"450"})


def test_two_plates_in_one_softmax_file(plates):
    wells = plates["plan"](3)
    one = plates["writers"]["softmax"][1](wells).decode("utf-16")
    two = one + "\r\n" + one.partition("~End\r\n")[2].replace("Plate:\tP1", "Plate:\tP2")
    export = opened("p.txt", two.encode("utf-16"))
    assert export.plates == ["P1", "P2"]
    assert len(export.readings) == 2 * 96
    assert {reading.role for reading in export.readings if reading.plate == "P2"} == {
        "standard", "blank", "control", "sample",
    }  # fmt: skip
    what, _ = refusal("p.txt", two.replace("P2", "P1").encode("utf-16"))
    assert "names of their own" in what


def test_reduced_data_are_read_where_there_are_no_raw_ones_and_say_so(plates):
    wells = plates["plan"](4)
    text = plates["writers"]["softmax"][1](wells).decode("utf-16")
    text = text.replace("\tRaw\t", "\tReduced\t").replace("Temperature(°C)", "").replace("1\t450 ", "2\t450 650 ")
    readings = opened("p.txt", text.encode("utf-16")).readings
    assert [one.signal for one in readings] == [one["signal"] for one in wells]
    assert {one.subtracted for one in readings} == {"reduced in SoftMax Pro from 450, 650 nm"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("\tEndpoint\t", "\tKinetic\t", "no endpoint read"),
        ("Plate:\t", "Cuvette:\t", "no Plate block"),
        ("\t1\t8\r\n", "\t1\t9\r\n", "announces 9 rows of 12 wells and holds 8"),
    ],
)
def test_softmax_files_that_lack_something_are_refused(plates, old, new, said):
    text = plates["writers"]["softmax"][1](plates["plan"](5)).decode("utf-16")
    assert old in text
    assert said in refusal("p.txt", text.replace(old, new).encode("utf-16"))[0]


def test_marks_in_a_gen5_matrix(plates):
    """Overflow and missed wells are flags, a value between asterisks is masked, a bound is reported as a bound."""
    text = plates["writers"]["gen5"][1](plates["plan"](6)).decode()
    lines = text.split("\r\n")
    place = next(index for index, line in enumerate(lines) if line.endswith("od:450") and line.startswith("A"))
    cells = lines[place].split("\t")
    cells[4:8] = ["OVRFLW", "MISSED", "*0.356*", "?????"]
    told = lines[place + 2].split("\t")
    told[4] = "<0.000"
    lines[place], lines[place + 2] = "\t".join(cells), "\t".join(told)
    found = {one.well: one for one in opened("p.txt", "\r\n".join(lines).encode()).readings}
    assert [(found[well].signal, found[well].flag) for well in ("A4", "A5", "A6", "A7")] == [
        (None, "OVRFLW"), (None, "MISSED"), (0.356, "Masked: *0.356*"), (None, "?????"),
    ]  # fmt: skip
    assert found["A4"].reported == "<0.000"


def test_two_gen5_plates_and_a_difference(plates):
    """Two plates; each with 450, 570 and Gen5's own difference, which is taken and not taken off again."""
    one = plates["writers"]["gen5"][1](plates["plan"](7, 2, 3)).decode()
    lines = []
    for line in one.split("\r\n"):
        lines.append(line)
        if line.endswith("\tod:450"):
            cells = line.split("\t")[1:-1]
            lines += ["\t".join(["", *["0.04"] * len(cells), "od:570"])]
            lines += ["\t".join(["", *(repr(float(cell) - 0.04) for cell in cells), "450-570"])]
    body = "\r\n".join(lines)
    two = body + "\r\n" + body[body.index("Plate Number") :].replace("Plate 1", "Plate 2")
    export = opened("p.txt", two.encode())
    assert export.plates == ["Plate 1", "Plate 2"]
    assert {reading.subtracted for reading in export.readings} == {"570 nm, by Gen5"}
    assert len(export.readings) == 2 * 6


BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;">]>
<BioPlexManager><Samples>&lol2;</Samples></BioPlexManager>"""
FILE = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY xxe SYSTEM "file:///etc/passwd">]><BioPlexManager>&xxe;</BioPlexManager>"""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (BOMB, "entities"),
        (FILE, "entities"),
        (b"<?xml version='1.0'?><BioPlexManager><Samples>", "damaged XML"),
        (b"<?xml version='1.0'?><Experiments/>", "of the kind Experiments"),
        (b"<?xml version='1.0' encoding='klingon'?><a/>", "damaged XML"),
        (b"<?xml version='1.0'?><BioPlexManager/>", "no well of it holds a reading"),
    ],
)
def test_xml_that_attacks_or_is_damaged_is_refused(content, said):
    assert said in refusal("p.xml", content)[0]


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"a\n" * 10, b"Well,OD,OD\nA1,1,2\n", b"\xff\xfe"])
def test_what_is_no_plate_is_refused(content):
    assert refusal("p.csv", content)[1]


def test_a_list_with_named_columns_and_a_reference():
    content = b"Pos\tRead\tRef\tKit\nA1\t1.5\t0.04\tIL-6\nB01\t>4.0\t0.05\tTNF\n"
    columns = {"well": "Pos", "signal": "Read", "reference": "Ref", "analyte": "Kit"}
    readings = opened("p.txt", content, layout="list", columns=columns).readings
    assert [(one.well, one.channel, one.signal, one.flag, one.analyte) for one in readings] == [
        ("A1", "Read", 1.5, "", "IL-6"),
        ("A1", "Ref", 0.04, "", "IL-6"),
        ("B1", "Read", None, ">4.0", "TNF"),
        ("B1", "Ref", 0.05, "", "TNF"),
    ]
    what, advice = refusal("p.txt", content, layout="list", columns=columns | {"signal": "Reed"})
    assert "no line of it heads" in what
    assert 'Did you mean "Read"?' in advice


EXPORTS = Path(__file__).parent / "exports"
MADE_UP = sorted(path.name for path in EXPORTS.iterdir() if not path.name.endswith((".expected.csv", ".md")))


@pytest.mark.parametrize("name", MADE_UP)
def test_a_made_up_export_says_what_its_twin_says(name):
    """Each line of the twin is a reading, and each reading a line."""
    with (EXPORTS / f"{name}.expected.csv").open(encoding="utf-8", newline="") as twin:
        expected = list(csv.DictReader(twin))
    readings = opened(name, (EXPORTS / name).read_bytes(), layout=named(name)).readings
    assert len(readings) == len(expected)
    for reading, line in zip(readings, expected, strict=True):
        told = vars(reading) | {"analyte": reading.analyte or ""}
        for key, value in line.items():
            if key in ("nominal", "dilution", "signal"):
                assert told[key] == (float(value) if value else None), (key, line)
            else:
                assert str(told[key]) == value, (key, line)


def test_an_extrapolated_result_says_so():
    """xPONENT says so in a table of its own; SoftMax in a column R."""
    found = opened("xponent_semicolons.csv", (EXPORTS / "xponent_semicolons.csv").read_bytes()).readings
    assert [(one.well, one.analyte) for one in found if one.reported_flag == "Extrapolated"] == [("C1", "IL-6")]
    found = opened("softmax_a_line_of_wells.txt", (EXPORTS / "softmax_a_line_of_wells.txt").read_bytes()).readings
    assert {one.well for one in found if one.reported_flag == "R"} == {"A3"}
    assert {one.unit for one in found if one.role} == {"ng/ml"}


def test_two_plates_in_one_xponent_batch(plates):
    """Locations name the plate; a well of the second is not taken for one of the first."""
    wells = plates["plan"](20, 2, 3)
    lines = plates["writers"]["xponent"][1](wells).decode("utf-8-sig").split("\r\n")
    both = []
    for line in lines:
        both.append(line)
        if "(1," in line:
            both.append(line.replace("(1,", "(2,"))
    export = opened("p.csv", "\n".join(both).encode())
    assert export.plates == ["plate 1", "plate 2"]
    assert len(export.readings) == 2 * 6


def test_a_well_that_stands_twice_stays_twice(plates):
    """Read again on the same plate: which reading counts is for the lab to say, so neither is dropped here."""
    wells = plates["plan"](21, 2, 3)
    text = plates["writers"]["xponent"][1](wells).decode("utf-8-sig")
    line = next(line for line in text.split("\r\n") if "(1,B3)" in line)
    readings = opened("p.csv", text.replace(line, f"{line}\r\n{line.replace('0.', '1.')}", 1).encode()).readings
    assert [one.well for one in readings].count("B3") == 2


def test_a_gen5_workbook_with_an_empty_first_column(plates):
    from hindpaw.simulate.files import workbook

    wells = plates["plan"](22, 4, 6)
    lines = plates["writers"]["gen5"][1](wells).decode().split("\r\n")

    def value(text):
        return float(text) if as_number(text) is not None else text

    rows = [["", *map(value, line.split("\t"))] for line in lines]
    export = opened("p.xlsx", workbook({"Plate 1 - Sheet1": rows}))
    assert export.layout == "gen5"
    assert [one.signal for one in export.readings] == [one["signal"] for one in wells]
    assert {one.role for one in export.readings} == {"standard", "blank", "control", "sample"}


def test_a_part_of_a_plate_in_softmax(plates):
    """Columns 4 to 6 of rows C and D; more rows than announced are refused."""
    head = "Plate:\tP1\t1.3\tPlateFormat\tEndpoint\tAbsorbance\tRaw\tFALSE\t1\t\t\t\t\t\t1\t450 \t4\t3\t96\t3\t2"
    lines = ["##BLOCKS= 1", head, "\tTemperature\t4\t5\t6", "\t24\t0.1\t0.2\t0.3", "\t\t0.4\t0.5\t0.6"]
    readings = opened("p.txt", "\n".join([*lines, "", "~End"]).encode()).readings
    assert [(one.well, one.signal) for one in readings] == [
        ("C4", 0.1), ("C5", 0.2), ("C6", 0.3), ("D4", 0.4), ("D5", 0.5), ("D6", 0.6),
    ]  # fmt: skip
    what, _ = refusal("p.txt", "\n".join([*lines, "\t\t0.7\t0.8\t0.9", "~End"]).encode())
    assert "announces 2 rows of 3 wells and holds more" in what


def test_softmax_and_gen5_saved_as_csv(plates):
    """A spreadsheet program saves the tabs as commas."""
    for kind, name in (("softmax", "p.csv"), ("gen5", "p.csv")):
        wells = plates["plan"](23)
        content = plates["writers"][kind][1](wells)
        text = content.decode("utf-16" if kind == "softmax" else "utf-8")
        saved = text.replace(",", ".").replace("\t", ",").encode()
        export = opened(name, saved)
        assert (export.layout, len(export.readings)) == (kind, 96)
        assert [one.signal for one in export.readings] == [one["signal"] for one in wells]
