"""Allocation lists: groups by name, code, sheet or merged cell, exclusions, pools."""

from __future__ import annotations

import io

import pytest
import xlsxwriter
from hindpaw import study
from hindpaw.findings import StudyError
from hindpaw.intake import take_in

STUDY = """
title: Made-up lists
animals: {file: a.FORMAT, columns: {animal: Mouse, COLUMNS}MORE}
arms: {vehicle: {label: Vehicle, role: control, codes: [1]}, drug: {label: Drug, names: [BMSC], codes: [2]}}
days: {treatment: 0}
"""


def animals(content: bytes, columns: str, more: str = "", ending: str = "csv"):
    """The animals, by id, and the findings of a made-up list."""
    text = STUDY.replace("FORMAT", ending).replace("COLUMNS", columns).replace("MORE", more)
    made = take_in(study.parse(text, "s", "s.yaml"), {f"a.{ending}": content})
    return made["animals"].set_index("animal"), made["findings"]


def arms(frame) -> list[str | None]:
    """The arm of each animal, None where it is open."""
    return [arm if isinstance(arm, str) else None for arm in frame["arm"]]


def test_groups_by_code_alone():
    frame, found = animals(b"Mouse;G\nA;1\nB;2.0\nC;3\nD;\n", "arm_code: G")
    assert arms(frame) == ["vehicle", "drug", None, None]
    assert found["source"].tolist() == ["a.csv!B4", "a.csv!B5"]
    assert "known are 1, 2" in found["what_to_do"].iloc[0]


def test_groups_by_both_that_contradict_each_other():
    frame, found = animals(b"Mouse;N;G\nA;vehicle;1\nB;bmsc;1\nC;;2\nD;Saline;2\nE;Saline;1\n", "arm: N, arm_code: G")
    assert arms(frame) == ["vehicle", None, "drug", None, None]
    # D and E share one finding: their group has no arm.
    assert found["what"].tolist() == [
        'Animal B is "bmsc" by name but 1 (Vehicle) by code.',
        '2 animals are in "Saline", no arm of the study file.',
    ]


def test_a_list_that_says_no_arm_is_a_mistake_of_the_study_file():
    with pytest.raises(StudyError, match="says no animal's arm"):
        animals(b"", "sex: S")
    with pytest.raises(StudyError, match="has no code"):
        study.parse(
            STUDY.replace("COLUMNS", "arm_code: G").replace("MORE", "").replace(", codes: [2]", ""), "s", "s.yaml"
        )


def test_a_sheet_an_arm_and_merged_cages():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
        for name in ("Vehicle", "BMSC"):
            page = made.add_worksheet(name)
            page.write_row(0, 0, ["Cage", "Mouse"])
            page.merge_range(1, 0, 3, 0, f"cage of {name}")
            page.write_column(1, 1, [f"{name[0]}{place}" for place in range(3)])
        made.add_worksheet("read me").write(0, 0, "blinded")
    frame, found = animals(buffer.getvalue(), "cage: Cage", ", every_sheet: true, sheet_is: arm", "xlsx")
    assert arms(frame) == ["vehicle"] * 3 + ["drug"] * 3
    assert frame.loc["B2", "cage"] == "cage of BMSC"
    assert 'There is no column "Mouse"' in found["what"].iloc[0]


def test_blanks_below_a_group_are_filled_only_where_the_study_says_so():
    content = b"G;Mouse\nVehicle;A\n;B\nDrug;C\n;Total\n"
    assert arms(animals(content, "arm: G")[0]) == ["vehicle", None, "drug"]
    frame, found = animals(content, "arm: G", ", fill_down: [arm]")
    assert arms(frame) == ["vehicle", "vehicle", "drug"]
    assert "called Total" in found["what"].iloc[0]


def test_exclusions_need_a_mark_not_only_a_reason():
    content = b"Mouse;G;Out;Why\nA;Vehicle;yes;nerve cut\nB;Drug;;\nC;Drug;maybe;sick\n"
    frame, found = animals(content, "arm: G, excluded: Out, exclusion_reason: Why")
    assert frame["excluded"].tolist() == [True, False, False]
    assert '"maybe" is neither yes nor no' in found["what"].iloc[0]
    frame, found = animals(content, "arm: G, exclusion_reason: Why")
    assert not frame["excluded"].any()
    assert "no column says whether" in found["what"].iloc[0]


def test_pools_join_animals_of_one_arm():
    content = b"Mouse;G;P;Out\nA;Vehicle;p1;\nB;Vehicle;p1;1\nC;Drug;p2;\nD;Vehicle;p2;\nE;Drug;;\n"
    frame, found = animals(content, "arm: G, pool: P, excluded: Out")
    assert frame["pool"].fillna("").tolist() == ["p1", "p1", "p2", "p2", ""]
    assert found["what"].tolist() == [
        "The pool p2 joins animals of different arms: C, D.",
        "The pool p1 (A, B) holds the excluded animal B.",
    ]
