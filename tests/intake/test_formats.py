"""Every format a lab hands over is read to the same cells, or refused in words."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hindpaw.findings import StudyError
from hindpaw.intake import files
from hindpaw.intake.texts import cut, decoded

ROWS = [["Mouse", "Day", "g"], ["A", "3", "0.07"], ["B", "7", "0.4"]]

PZFX = """<?xml version="1.0" encoding="UTF-8"?>{dtd}
<GraphPadPrismFile xmlns="http://graphpad.com/prism/Prism.htm" PrismXMLVersion="5.00">
<Table ID="T0" XFormat="none" YFormat="replicates" Replicates="2" TableType="TwoWay"><Title>von Frey</Title>
<RowTitlesColumn><Subcolumn><d>Day 3</d><d>Day 7</d></Subcolumn></RowTitlesColumn>
<YColumn Subcolumns="2"><Title>Vehicle{entity}</Title>
<Subcolumn><d>0,07</d><d Excluded="1">0.4</d></Subcolumn><Subcolumn><d>0.16</d></Subcolumn></YColumn></Table>
<Table ID="T1" XFormat="none" TableType="OneWay"><Title>von Frey</Title>
<YColumn Subcolumns="1"><Title>A</Title><Subcolumn><d>1</d></Subcolumn></YColumn></Table>
</GraphPadPrismFile>"""


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip of files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return buffer.getvalue()


def book(fill) -> bytes:
    """An xlsx that `fill(workbook)` filled."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
        fill(made)
    return buffer.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_any_delimiter_line_end_and_encoding(delimiter, end, encoding):
    content = end.join(delimiter.join(row) for row in ROWS).encode(encoding)
    assert files.sheets("a.csv", content)[0].rows == ROWS


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("mac_roman", "Tiergewöhnung Größe"),
        ("cp1251", "мышь самец группа контроль"),
        ("shift_jis", "マウス 対照群 薬剤"),
    ],
)
def test_other_encodings_are_recognized_and_said(encoding, written):
    content = "\n".join(f"{written};{day};0,4" for day in range(40)).encode(encoding)
    found, used = decoded("a.csv", content)
    assert found.startswith(written), used
    assert "read as" in files.sheets("a.csv", content)[0].remarks[0].what


def test_decimal_commas_do_not_look_like_delimiters():
    assert cut("Maus;D0;D3;D7\nA;0,07;0,4;1,0\nB;0,16;0,6;1,4")[1] == ["A", "0,07", "0,4", "1,0"]
    assert cut("Maus\tD0\tD3\nA\t0,07\t0,4")[1] == ["A", "0,07", "0,4"]
    assert cut('Mouse,g\nA,"0,07"')[1] == ["A", "0,07"]


def test_a_first_line_that_names_the_delimiter_keeps_the_addresses():
    assert cut("sep=;\nMouse;g\nA;0,07") == [[], ["Mouse", "g"], ["A", "0,07"]]


def test_a_title_line_does_not_hide_the_delimiter():
    assert cut("von Frey, cohort 1, tested by KL\nMouse;Day;g\nA;3;0,07\nB;3;0,4")[2] == ["A", "3", "0,07"]


def test_columns_of_a_text_parted_by_blanks():
    assert cut("Mouse   Day  g\nM 1     3    0.07")[1] == ["M 1", "3", "0.07"]


def test_a_text_called_xls_is_read_as_the_text_it_is():
    assert files.sheets("export.xls", b"Mouse\tDay\tg\nA\t3\t0.07\n")[0].rows[1] == ["A", "3", "0.07"]


def test_a_workbook_called_csv_is_read_as_the_workbook_it_is():
    content = book(lambda made: made.add_worksheet("S").write_row(0, 0, ["Mouse", 3]))
    assert files.sheets("export.csv", content)[0].rows == [["Mouse", 3.0]]


def test_what_calamine_passes_over_is_found():
    def fill(made):
        page = made.add_worksheet("S")
        page.write_row(0, 0, ["Mouse", "g"])
        page.write_formula(1, 1, "=1/0", None, "#DIV/0!")
        page.write_formula(2, 1, "=A1", None, "")
        page.write_row(3, 0, ["C", 0.4])
        page.set_row(3, None, None, {"hidden": True})
        page.merge_range(4, 0, 5, 0, "D")
        page.write_boolean(6, 0, True)
        made.add_worksheet("old").hide()

    sheet, old = files.sheets("b.xlsx", book(fill))
    told = " ".join(one.what for one in sheet.remarks)
    assert "B2 #DIV/0!" in told
    assert "without their result: B3" in told
    assert "hidden rows: 4" in told
    assert sheet.rows[1][1] == "#DIV/0!"
    assert sheet.rows[6][0] == "TRUE"
    assert sheet.merged == ((4, 0, 5, 0),)
    assert "is hidden" in old.remarks[0].what


def test_a_workbook_with_a_cell_far_out_is_refused_before_it_fills_the_memory():
    def fill(made):
        page = made.add_worksheet("S")
        page.write(0, 0, "Mouse")
        page.write(1_048_575, 16_383, "x")

    with pytest.raises(StudyError, match="stray entry far out"):
        files.sheets("b.xlsx", book(fill))


def test_a_pzfx_brings_struck_out_values_as_excluded():
    first, second = files.sheets("p.pzfx", PZFX.format(dtd="", entity="").encode())
    assert first.rows == [["ROWTITLE", "Vehicle_1", "Vehicle_2"], ["Day 3", "0,07", "0.16"], ["Day 7", "0.4", ""]]
    assert first.struck == {(2, 1)}
    assert "struck out" in first.remarks[0].what
    assert second.name == "von Frey (2)"


@pytest.mark.parametrize(
    "dtd",
    [
        '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>',
        '<!DOCTYPE a [<!ENTITY c SYSTEM "file:///etc/hostname">]>',
        "<!DOCTYPE a>",
    ],
)
def test_a_pzfx_with_entities_is_refused(dtd):
    entity = "&c;" if "ENTITY" in dtd else ""
    with pytest.raises(StudyError, match="declares entities"):
        files.sheets("p.pzfx", PZFX.format(dtd=dtd, entity=entity).encode())


@pytest.mark.parametrize("name", ["a.prism", "a.pzf", "A.PRISM"])
def test_other_prism_files_are_refused_with_how_to_save_them(name):
    with pytest.raises(StudyError, match=r"Prism XML file \(\.pzfx\)"):
        files.sheets(name, zipped({"document.json": b"{}"}))


def test_a_zip_is_read_as_the_files_in_it():
    inner = book(lambda made: made.add_worksheet("Day 3").write_row(0, 0, ["Mouse"]))
    content = zipped({"day7.csv": b"Mouse;g\nA;0,07", "sub/book.xlsx": inner, "__MACOSX/x": b"\0", "sub/": b""})
    found = files.sheets("all.zip", content)
    assert [one.place for one in found] == ["all.zip!day7.csv", "all.zip!sub/book.xlsx!Day 3"]
    assert files.sheet("all.zip", content, "day7.csv").source(1, 1) == "all.zip!day7.csv!B2"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (zipped({"inner.zip": zipped({"a.csv": b"a"})}), "another zip"),
        (zipped({"inner.csv": zipped({"a.csv": b"a"})}), "another zip"),
        (zipped({"x/../../a.csv": b"a"}), "points out of the folder"),
        (zipped({"..\\a.csv": b"a"}), "points out of the folder"),
        (zipped({"/etc/passwd": b"a"}), "points out of the folder"),
        (zipped({"C:/a.csv": b"a"}), "points out of the folder"),
        (zipped({f"f{place}.csv": b"a" for place in range(1001)}), "more than 1000 files"),
        (zipped({}), "empty"),
        (b"PK\x03\x04 cut short", "not a readable workbook or zip"),
    ],
)
def test_zips_that_could_do_harm_are_refused_in_words(content, said):
    with pytest.raises(StudyError, match=said):
        files.sheets("all.zip", content)


def test_a_zip_that_lies_about_its_size_is_refused():
    content = bytearray(zipped({"a.csv": b"0" * 5000}))
    central = content.rindex(b"PK\x01\x02")
    for place in (central + 24, content.index(b"PK\x03\x04") + 22):
        content[place : place + 4] = (10).to_bytes(4, "little")
    with pytest.raises(StudyError, match="not a readable workbook or zip"):
        files.sheets("all.zip", bytes(content))


def test_a_web_page_called_xls_is_refused():
    with pytest.raises(StudyError, match="web page"):
        files.sheets("a.xls", b"<html><table><tr><td>1</td></tr></table></html>")


def test_a_giant_cell_is_refused():
    with pytest.raises(StudyError, match="cannot be told apart"):
        files.sheets("a.csv", b'a,"' + b"x" * 1_000_001 + b'"\n')


TWINS = [
    *["column", "column_cv", "column_cvn", "column_empty", "column_hugetable", "column_low-high", "column_sd"],
    *["column_sdn", "column_se", "column_sen", "column_unequal_lengths", "column_upper-lower-limits", "comma_decimal"],
    *["contingency", "parts_of_whole", "survival", "x_date", "x_date_both", "x_date_character", "x_date_numeric"],
    *["x_error_y_sdn", "x_y_no_rep", "x_y_rep", "x_y_with_strike_excluded", "x_y_with_strike_kept"],
    "x_y_with_strike_star",
]


def as_twin(sheet, twin: str) -> list[list[str]]:
    """The rows as the twin shows them: which of the two date columns, and what of struck-out values."""
    rows = [list(row) for row in sheet.rows]
    for row, column in sheet.struck:
        rows[row][column] = {"excluded": "", "star": rows[row][column] + "*"}.get(
            twin.rpartition("_")[2], rows[row][column]
        )
    if twin.startswith("x_date") and twin != "x_date_both":
        drop = 0 if twin in ("x_date", "x_date_character") else 1
        rows = [row[:drop] + row[drop + 1 :] for row in rows]
        rows[0][0] = "X" if twin == "x_date" else "Date X"
    return rows


def same(cell: str, expected: str) -> bool:
    """Whether two cells hold the same number or text; NA is an empty cell."""
    if expected == "NA":
        return cell == ""
    one, two = files.as_number(cell), files.as_number(expected)
    return cell == expected.strip() if two is None else one == two


@pytest.mark.external
@pytest.mark.parametrize("twin", TWINS)
def test_real_pzfx_files_equal_their_twins(beside, twin):
    folder = beside / "data" / "pzfx"
    source = next(
        name
        for name in sorted((path.stem for path in folder.glob("*.pzfx")), key=len, reverse=True)
        if twin.startswith(name)
    )
    (sheet,) = files.sheets(f"{source}.pzfx", (folder / f"{source}.pzfx").read_bytes())
    rows = as_twin(sheet, twin)
    expected = [line.split("\t") for line in (folder / f"{twin}.tab").read_text().splitlines()]
    assert [title.strip() for title in expected[0]] == rows[0]
    assert len(rows) == len(expected)
    for row, wanted in zip(rows[1:], expected[1:], strict=True):
        assert all(same(cell, one) for cell, one in zip(row, wanted, strict=True)), (row, wanted)


@pytest.mark.external
def test_every_twin_is_compared(beside):
    assert sorted(path.stem for path in (beside / "data" / "pzfx").glob("*.tab")) == sorted(TWINS)
    for name in ("empty", "exponential_decay"):
        assert files.sheets(f"{name}.pzfx", (beside / "data" / "pzfx" / f"{name}.pzfx").read_bytes())


def test_an_old_xls_is_read_with_dates_and_merged_cells():
    """A made-up file of the old binary format: text, numbers, a date, a merged range, a second sheet."""
    content = (Path(__file__).parent / "made_up.xls").read_bytes()
    first, second = files.sheets("made_up.xls", content)
    assert [[files.as_text(cell) for cell in row] for row in first.rows[:3]] == [
        ["Mouse", "XO", "last", "tested"],
        ["A", "OXOXX", "5", "2024-03-04"],
        ["B", "XXXXX", "1", ""],
    ]
    assert first.merged == ((4, 0, 4, 2),)
    assert second.place == "made_up.xls!Day 7"
    # The same bytes under another name are still what they are.
    assert files.sheets("made_up.csv", content)[0].rows[0][0] == "Mouse"


ODS = """<?xml version="1.0"?><office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">
<office:body><office:spreadsheet><table:table table:name="VF">{rows}</table:table></office:spreadsheet></office:body>
</office:document-content>"""
TEXT = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
NUMBER = '<table:table-cell office:value-type="float" office:value="{}"><text:p>{}</text:p></table:table-cell>'
ERROR = (
    '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" '
    'calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
)
EMPTY_FORMULA = '<table:table-cell table:formula="of:=[.A1]"/>'


def ods(*rows: str) -> bytes:
    """An OpenDocument spreadsheet of these rows."""
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    manifest = b'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    content = ODS.format(rows="".join(rows)).encode()
    return zipped({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest})


def ods_row(*cells: str, more: str = "") -> str:
    """One row."""
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


def test_errors_formulas_and_hidden_rows_of_ods():
    """Row 2 stands twice and row 5 is hidden; blank hidden rows at the end are the program's habit."""
    hidden = ' table:visibility="collapse"'
    content = ods(
        ods_row(TEXT.format("Mouse"), TEXT.format("g")),
        ods_row(TEXT.format("A"), ERROR, more=' table:number-rows-repeated="2"'),
        ods_row('<table:table-cell table:number-columns-repeated="2"/>', EMPTY_FORMULA),
        ods_row(TEXT.format("B"), NUMBER.format(0.4, 0.4), more=hidden),
        ods_row("<table:table-cell/>", more=f'{hidden} table:number-rows-repeated="1000000"'),
    )
    (sheet,) = files.sheets("a.ods", content)
    assert sheet.rows[1][1] == "#DIV/0!"
    assert sheet.rows[4][:2] == ["B", 0.4]
    told = [(one.check, one.source, one.what) for one in sheet.remarks]
    assert told == [
        ("formula", "a.ods!VF!B2; a.ods!VF!B3", "2 cell(s) hold an error of the spreadsheet: B2 #DIV/0!; B3 #DIV/0!."),
        ("formula", "a.ods!VF!C4", "1 formula(s) were saved without their result: C4."),
        ("hidden", "a.ods!VF", "a.ods!VF has hidden rows: 5."),
    ]


def test_an_ods_with_entities_is_refused():
    content = ods(ods_row(TEXT.format("A"), ERROR))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    page = members["content.xml"].replace(b"?>", b'?><!DOCTYPE a [<!ENTITY b "c">]>', 1)
    with pytest.raises(StudyError, match="declares entities"):
        files.sheets("a.ods", zipped(members | {"content.xml": page}))


def test_of_an_xls_it_is_said_what_is_not_seen():
    content = (Path(__file__).parent / "made_up.xls").read_bytes()
    assert "are not seen" in files.sheets("made_up.xls", content)[0].remarks[0].what
