"""Intake: planted faults are named by their cell, nothing is lost, the clean study is clean."""

from __future__ import annotations

import dataclasses
import io
import zipfile

import numpy as np
import pandas as pd
import pytest
from hindpaw import simulate
from hindpaw.findings import StudyError
from hindpaw.intake import files, take_in
from hindpaw.intake.open import as_number, cut, text
from hindpaw.simulate.files import workbook


@pytest.fixture(scope="module")
def clean():
    """The demo's files as rows, before they become bytes."""
    return simulate.lab()


def taken(demo, exports, damaged):
    """Intake of the demo with some files replaced."""
    return take_in(demo, dict(exports) | simulate.contents(damaged))


def data_cells(book, columns):
    """How many data cells the von Frey workbook has in the columns (from 0), sheet by sheet."""
    return sum(len(rows) - 1 for name, rows in book.items() if name.startswith("Day")) * len(columns)


def test_the_clean_study_has_no_warning(taken_in):
    findings = taken_in["findings"]
    assert set(findings["severity"]) <= {"note"}
    assert set(findings["check"]) == {"unread-sheet"}


def test_every_raw_datum_stands_in_the_ledger_once(taken_in, clean):
    ledger = taken_in["ledger"]
    assert ledger["source"].is_unique
    series = sum(data_cells(clean[name], (3, 5)) for name in ("von_frey.xlsx", "von_frey_late.xlsx"))
    assert (ledger["table"] == "trials").sum() == series
    # Two 96-well ELISA plates, and the multiplex: 33 wells with six analytes each (29 mapped sample and standard rows).
    mapped = len(clean["csf_multiplex_layout.csv"].decode("utf-8-sig").splitlines()) - 1
    assert (ledger["table"] == "wells").sum() == 96 + 96 + 6 * mapped
    assert (ledger["table"] == "counts").sum() == len(clean["drg_cells.csv"].decode("utf-8-sig").splitlines()) - 1
    assert ledger["reason"][ledger["fate"] != "used"].notna().all()


@pytest.mark.parametrize("plant", simulate.FAULTS, ids=lambda plant: plant.__name__)
def test_a_planted_fault_is_found_at_its_cell_and_nothing_is_lost(plant, demo, exports, clean, taken_in):
    damaged, planted = plant(clean)
    made = taken(demo, exports, damaged)
    hits = made["findings"][made["findings"]["check"] == planted.check]
    assert any(planted.source in source for source in hits["source"].dropna()), made["findings"].to_string()
    assert set(hits["severity"]) & {"error", "warning"}
    extra = 2 if plant.__name__ == "measured_twice" else 0
    assert len(made["ledger"]) == len(taken_in["ledger"]) + extra
    assert made["ledger"]["source"].is_unique
    assert (made["ledger"]["fate"] == "quarantined").any()
    assert len(made["trials"]) < len(taken_in["trials"])


def test_an_excluded_mouse_is_excluded_with_its_reason(taken_in, clean):
    header, *rows = clean["allocation.xlsx"]["Allocation"]
    excluded = [row for row in rows if row[header.index("Excluded")]]
    assert len(excluded) == 1
    ledger = taken_in["ledger"]
    reasons = ledger.loc[ledger["fate"] == "excluded", "reason"]
    assert len(reasons) == 2 * len([rows for name, rows in clean["von_frey.xlsx"].items() if name.startswith("Day")])
    assert reasons.str.contains(excluded[0][header.index("Reason")]).all()


def test_the_same_entry_twice_counts_once(demo, exports, clean, taken_in):
    book = {name: [list(row) for row in rows] for name, rows in clean["von_frey.xlsx"].items()}
    book["Day 21"].append(list(book["Day 21"][1]))
    made = taken(demo, exports, {**clean, "von_frey.xlsx": book})
    assert len(made["trials"]) == len(taken_in["trials"])
    assert (made["ledger"]["reason"] == "the same entry again").sum() == 2


def test_a_missing_column_sets_the_sheet_aside_and_the_rest_goes_on(demo, exports, clean, taken_in):
    book = {name: [list(row) for row in rows] for name, rows in clean["von_frey.xlsx"].items()}
    book["Day 14"][0][3] = "ipsi X/O"
    made = taken(demo, exports, {**clean, "von_frey.xlsx": book})
    finding = made["findings"][made["findings"]["check"] == "layout"].iloc[0]
    assert finding["source"] == "von_frey.xlsx!Day 14"
    assert 'no column "ipsi XO"' in finding["what"]
    assert 'Did you mean "ipsi X/O"?' in finding["what_to_do"]
    days = made["trials"][made["trials"]["paw"] == "ipsilateral"]["day"]
    assert 14 not in set(days)
    assert {10, 21} <= set(days)


def test_a_name_and_a_code_that_contradict_each_other(demo, exports, clean):
    book = {name: [list(row) for row in rows] for name, rows in clean["allocation.xlsx"].items()}
    for place, row in enumerate(book["Allocation"]):
        row.append("Code" if place == 0 else 1 if row[1] == "Sham" else 0)
    book["Allocation"][5][-1] = 1 - book["Allocation"][5][-1]
    arms = {key: dataclasses.replace(arm, codes=("1",) if key == "sham" else ("0",)) for key, arm in demo.arms.items()}
    columns = {**demo.animals.columns, "arm_code": "Code"}
    coded = dataclasses.replace(demo, arms=arms, animals=dataclasses.replace(demo.animals, columns=columns))
    made = taken(coded, exports, {**clean, "allocation.xlsx": book})
    finding = made["findings"][made["findings"]["check"] == "arm"].iloc[0]
    assert finding["source"] == "allocation.xlsx!Allocation!B6"
    animal = book["Allocation"][5][0]
    assert made["animals"].set_index("animal").loc[animal, "arm"] is np.nan or pd.isna(
        made["animals"].set_index("animal").loc[animal, "arm"]
    )
    assert animal not in set(made["trials"]["animal"])


@pytest.mark.parametrize("name", ["allocation.xlsx", "von_frey.xlsx", "csf_tgfb1_plate1.txt", "csf_multiplex.csv"])
def test_a_file_that_is_not_what_it_says_is_refused_in_words(name, demo, exports):
    broken = dict(exports) | {name: b"\x00\x01 not a file of this kind"}
    if name == "allocation.xlsx":
        with pytest.raises(StudyError, match="cannot be read"):
            take_in(demo, broken)
        return
    made = take_in(demo, broken)
    assert name in " ".join(made["findings"].loc[made["findings"]["severity"] == "error", "what"])
    assert (made["ledger"]["fate"] == "quarantined").sum() >= 1
    assert len(made["animals"]) == 124


def test_a_zip_bomb_is_not_opened():
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bomb,
        bomb.open("xl/worksheets/sheet1.xml", "w") as member,
    ):
        for _ in range(600):
            member.write(b"\0" * 1024**2)
    with pytest.raises(StudyError, match="256 MiB"):
        files.sheets("bomb.xlsx", buffer.getvalue())


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    (tmp_path / "secret.csv").write_text("a")
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "a.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(StudyError, match="outside"):
        files.folder(tmp_path / "study", ["a.csv"])


def test_a_missing_file_names_the_nearest(tmp_path):
    (tmp_path / "allocation.xlsx").write_bytes(b"")
    with pytest.raises(StudyError, match=r'Did you mean "allocation\.xlsx"'):
        files.folder(tmp_path, ["alocation.xlsx"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_is_read_in_the_encodings_instruments_write(encoding):
    assert text("a.csv", "Maus;Größe µl\r\n1;2".encode(encoding)) == "Maus;Größe µl\n1;2"


def test_the_delimiter_is_seen_from_the_first_line_that_has_one():
    assert cut("##BLOCKS= 1\nPlate:\tP1\t1.3") == [["##BLOCKS= 1"], ["Plate:", "P1", "1.3"]]
    assert cut("Mouse;Day;g\nA;3;0,07")[1] == ["A", "3", "0,07"]


def test_decimal_commas_are_numbers_and_words_are_not():
    assert [as_number(cell) for cell in ("0,07", " 1.5 ", "1e3", "n.d.", "", "1,000,5", "inf")] == [
        0.07,
        1.5,
        1000.0,
        None,
        None,
        None,
        None,
    ]


def test_a_workbook_of_numbers_and_dates_keeps_its_addresses():
    content = workbook({"First": [["a"]], "Second": [["x", "y"], [1, 2.5]]})
    second = files.sheet("b.xlsx", content, "Second")
    assert second.rows[1] == [1.0, 2.5]
    assert second.source(1, 1) == "b.xlsx!Second!B2"
    with pytest.raises(StudyError, match='no sheet "Secnd"'):
        files.sheet("b.xlsx", content, "Secnd")


THRESHOLDS = """
title: A lab's own thresholds
animals: {file: a.csv, columns: {animal: Mouse, arm: Group}}
arms: {vehicle: {label: Vehicle, role: control}, drug: {label: Drug}}
days: {treatment: 0}
von_frey:
  - {file: t.csv, layout: thresholds, unit: UNIT, columns: {animal: Mouse, day: Day, threshold: Value}}
"""


@pytest.mark.parametrize(("unit", "value", "grams"), [("g", "0,4", 0.4), ("mg", "400", 0.4), ("mN", "3,922660", 0.4)])
def test_thresholds_come_in_grams_from_any_unit(unit, value, grams):
    from hindpaw import study

    described = study.parse(THRESHOLDS.replace("UNIT", unit), "s", "s.yaml")
    exports = {
        "a.csv": b"Mouse;Group\nA;Vehicle\nB;Drug\n",
        "t.csv": f"Mouse;Day;Value\nA;D3;{value}\nB;day 7;-\n".encode(),
    }
    made = take_in(described, exports)
    # 1 g weighs 9.80665 mN.
    assert made["readings"]["threshold_g"].tolist() == pytest.approx([grams], rel=1e-6)
    assert made["readings"]["day"].tolist() == [3.0]
    assert made["ledger"]["fate"].tolist() == ["used", "blank"]
    assert made["ledger"]["reason"].tolist()[1] == 'the cell says "-"'


def test_milligrams_called_grams_are_caught():
    from hindpaw import study

    described = study.parse(THRESHOLDS.replace("UNIT", "g"), "s", "s.yaml")
    made = take_in(described, {"a.csv": b"Mouse,Group\nA,Vehicle\n", "t.csv": b"Mouse,Day,Value\nA,3,400\n"})
    assert made["readings"].empty
    assert "the unit" in made["findings"]["what_to_do"].iloc[0]
