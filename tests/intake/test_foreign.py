"""Files that are no tables are called by what they are, with the way to a table; a zip goes on without them."""

from __future__ import annotations

import gzip

import pytest
from hindpaw.findings import StudyError
from hindpaw.intake import open as files
from hindpaw.intake import plate_readers
from hindpaw.simulate.files import workbook
from hindpaw.simulate.sheets import zipped
from hindpaw.study import PlateFile

FOREIGN = {
    "scan.pdf": (b"%PDF-1.4\n1 0 obj", "it is a PDF", "Type its values"),
    "photo.jpg": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a picture", "Type its values"),
    "notes.docx": (zipped({"word/document.xml": b"<w/>"}), "a Word document", "into a spreadsheet"),
    "vf.numbers": (zipped({"Index/Document.iwa": b"x"}), "Apple Numbers", "Export To"),
    "notes.rtf": (b"{\\rtf1 Mouse", "RTF", "into a spreadsheet"),
    "data.sav": (b"$FL2@(#) SPSS" + b"\0" * 40, "SPSS", "Save As"),
    "data.RData": (gzip.compress(b"RDX3\nX\n", mtime=0), "a data file of R", "write.csv"),
    "data.mat": (b"MATLAB 5.0 MAT-file" + b"\0" * 40, "MATLAB", "writetable"),
    "data.json": (b'[{"mouse": "M1"}]', "JSON", "CSV or xlsx"),
    "plate.sda": (b"\0\1SoftMax\0\0", "a document of SoftMax Pro", "Export"),
    "plate.xpt": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "an experiment of Gen5", "export the endpoint reads"),
    "run.lxb": (b"FCS3.0    \0\0", "single events", "as CSV"),
}  # fmt: skip


@pytest.mark.parametrize("name", FOREIGN)
def test_what_it_is_and_the_way_to_a_table(name):
    """As a sheet, and as a plate."""
    content, what, advice = FOREIGN[name]
    plate = PlateFile(name, "pg/ml", "CSF", "not applicable", {})
    for read in (lambda: files.sheets(name, content), lambda: plate_readers.opened(plate, content)):
        with pytest.raises(StudyError) as caught:
            read()
        assert what in caught.value.findings[0].what
        assert advice in caught.value.findings[0].what_to_do


def test_a_table_may_bear_any_name():
    """R writes a CSV wherever it is told to."""
    for name in ("vf.rda", "plate.xpt", "vf.txt.bak"):
        assert files.sheets(name, b"Mouse,Day\nM1,3\n")[0].rows == [["Mouse", "Day"], ["M1", "3"]]


def test_a_zip_goes_on_without_what_is_no_table_and_says_so():
    content = zipped({"README.pdf": b"%PDF-1.4", "day 3.csv": b"Mouse\nM1\n", "vf.xlsx": workbook({"S": [["Mouse"]]})})
    found = files.sheets("deposit.zip", content)
    assert [one.name for one in found] == ["day 3.csv", "vf.xlsx!S"]
    for one in found:
        assert [(told.severity, told.what) for told in one.remarks] == [
            (
                "warning",
                "deposit.zip: README.pdf cannot be read: it is a PDF, which holds no table that hindpaw can read.",
            )
        ]
    with pytest.raises(StudyError) as caught:
        files.sheets("deposit.zip", zipped({"README.pdf": b"%PDF-1.4"}))
    assert "it is a PDF" in caught.value.findings[0].what
