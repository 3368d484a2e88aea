"""Sheets as labs lay them out, each a small made-up fixture, read to the numbers that were written."""

from __future__ import annotations

import io

import pytest
import xlsxwriter
from hindpaw import study
from hindpaw.findings import StudyError
from hindpaw.intake import layouts, take_in
from hindpaw.intake import open as open_files

HEAD = """
title: Made-up sheets
animals: {file: a.csv, columns: {animal: Mouse, arm: Group}ANIMALS}
arms: {vehicle: {label: Vehicle, role: control}, drug: {label: Drug}}
days: {treatment: 0, baseline: -1DAYS}
von_frey:
"""
ALLOCATION = b"Mouse;Group\nA;Vehicle\nB;Drug\nC;Drug\n"


def taken(entries: str, files: dict[str, bytes], days: str = "", animals: str = "", allocation: bytes = ALLOCATION):
    """Intake of a made-up study with these von Frey entries."""
    text = HEAD.replace("DAYS", days).replace("ANIMALS", animals) + entries
    return take_in(study.parse(text, "s", "s.yaml"), {"a.csv": allocation, **files})


def book(**sheets) -> bytes:
    """Rows of each sheet as xlsx; a row ("merge", …) merges a range."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
        for name, rows in sheets.items():
            page = made.add_worksheet(name.replace("_", " "))
            for place, row in enumerate(rows):
                page.write_row(place, 0, row)
    return buffer.getvalue()


def series(made) -> dict[tuple[str, float, str], tuple[str, float]]:
    """Responses and last force of each animal, day and paw."""
    grouped = made["trials"].sort_values(["source", "order"]).groupby(["animal", "day", "paw"], sort=False)
    return {key: ("".join(rows["response"]), rows["filament_g"].iloc[-1]) for key, rows in grouped}


def read(made) -> dict[tuple[str, float, str], float]:
    """Threshold of each animal, day and paw."""
    return {(row.animal, row.day, row.paw): row.threshold_g for row in made["readings"].itertuples()}


def fates(made) -> dict[str, int]:
    """How many data had which fate."""
    return made["ledger"]["fate"].value_counts().to_dict()


def told(made, check: str) -> str:
    """What the findings of a check say."""
    rows = made["findings"][made["findings"]["check"] == check]
    return " ".join(rows[["what", "evidence", "what_to_do"]].fillna("").to_numpy().ravel())


# mouse-9 in nominal grams: 0.04 0.07 0.16 0.4 0.6 1.0 1.4 2.0 4.0; the fifth is 0.6 g.
UP_DOWN = "  - {file: v.csv, layout: up-down-strings, scale: nominal, columns: {animal: M, day: D, responses: XO%s}%s}"
OXO = ("OXOXX", 0.6)  # begins at 0.6 g: 0.6 O, 1.0 X, 0.6 O, 1.0 X, 0.6 X


@pytest.mark.parametrize(
    ("columns", "more", "cell"),
    [
        (", last_filament: L", "", "OXOXX;5"),
        (", last_filament: L", ", last_filament_in: grams", "oxoxx;0,6 g"),
        (", last_filament: L", ", last_filament_in: handle", "O X O X X;3.84"),
        (", first_filament: L", "", "o-x-o-x-x;5"),
        ("", ", start: 5", "0X0XX;"),
        (", last_filament: L", ", start: 5", "01011;5"),
        (", last_filament: L", ", start: 5", "1011;5"),
        (", last_filament: L", ", start: 5", "-+-++;5"),
        (", last_filament: L", "", "nynyy;5"),
    ],
)
def test_a_series_is_read_however_it_is_written(columns, more, cell):
    made = taken(UP_DOWN % (columns, more), {"v.csv": f"M;D;XO;L\nA;3;{cell}\n".encode()})
    assert series(made) == {("A", 3.0, "ipsilateral"): OXO}, made["findings"].to_string()


def test_lost_zeros_are_put_back_with_a_note_or_the_series_is_set_aside():
    made = taken(UP_DOWN % (", last_filament: L", ", start: 5"), {"v.csv": b"M;D;XO;L\nA;3;11;5\n"})
    # 11 ending on filament 5 began at 6: one leading zero from 5 is missing.
    assert series(made)[("A", 3.0, "ipsilateral")][0] == "OXX"
    assert "put back" in told(made, "lost-zeros")
    made = taken(UP_DOWN % (", last_filament: L", ""), {"v.csv": b"M;D;XO;L\nA;3;11011;5\n"})
    assert fates(made) == {"quarantined": 1}
    assert "leading zeros" in told(made, "V1")


def test_a_series_in_a_column_a_trial():
    entry = "  - {file: v.csv, layout: up-down-strings, scale: nominal, start: 5, columns: {animal: M, day: D, responses: [T1, T2, T3, T4, T5, T6]}}"
    made = taken(entry, {"v.csv": b"M,D,T1,T2,T3,T4,T5,T6\nA,3,O,X,O,X,X,\nB,3,O,,X,X,X,X\nC,3,,,,,,\n"})
    assert series(made) == {("A", 3.0, "ipsilateral"): OXO}
    assert fates(made) == {"used": 1, "quarantined": 1, "blank": 1}
    assert made["ledger"]["source"].tolist()[0] == "v.csv!C2:H2"


SUDO = "  - {file: v.csv, layout: up-down-strings, protocol: sudo, scale: nominal, columns: {animal: M, day: D, responses: XO, last_filament: L}, start: 5}"


def test_sudo_stays_at_the_end_of_the_set_and_takes_five():
    made = taken(SUDO, {"v.csv": b"M;D;XO;L\nA;3;XXXXX;1\nB;3;OXOOX;7\nC;3;OXO;5\n"})
    assert series(made)[("A", 3.0, "ipsilateral")] == ("XXXXX", 0.04)
    # 5 O, 6 X, 5 O, 6 O, 7 X.
    assert series(made)[("B", 3.0, "ipsilateral")] == ("OXOOX", 1.4)
    assert set(made["trials"]["protocol"]) == {"sudo"}
    assert fates(made) == {"used": 2, "quarantined": 1}


WIDE = """
  - file: v.csv
    layout: thresholds
    columns: {animal: Mouse}
    wide:
      - {day: BL, columns: {threshold: BL}}
      - {day: 3, columns: {threshold: D3}}
      - {day: 3, paw: contralateral, columns: {threshold: D3 contra}}
"""


def test_a_column_a_day_with_notes_means_and_both_paws():
    rows = "von Frey;;;\n;;;\nMouse;BL;D3;D3 contra\nA;1,4;0,07;1\nB;>4;dead;-\nC;0.6 g;400 mg;n.d. (ill)\nMean;1,2;0,3;\n;;;\nX = withdrew;;;"
    made = taken(WIDE, {"v.csv": rows.encode()})
    assert read(made) == {
        ("A", -1.0, "ipsilateral"): 1.4,
        ("A", 3.0, "ipsilateral"): 0.07,
        ("A", 3.0, "contralateral"): 1.0,
        ("B", -1.0, "ipsilateral"): 4.0,
        ("C", -1.0, "ipsilateral"): 0.6,
    }
    assert made["readings"].set_index("animal").loc["B", "censored"] == "right"
    # 4 × 3 cells of mice and means, and 3 blanks beside the legend: dead, -, n.d. and a mean are no values.
    assert fates(made) == {"used": 5, "blank": 3 + 1 + 3, "excluded": 2, "quarantined": 1}
    assert '"dead" 1' in told(made, "note-in-cell")
    assert "it is in mg" in made["ledger"]["reason"].str.cat(sep=" ")
    assert "Mean" in told(made, "summary-row")


def test_dates_as_column_names():
    entry = WIDE.replace("day: BL", "day: 2024-03-01").replace("day: 3", 'day: "04/03/2024"')
    made = taken(
        entry, {"v.csv": b"Mouse;BL;D3;D3 contra\nA;1;2;3\n"}, days=", injury_date: 2024-03-02, date_order: day-first"
    )
    assert sorted(made["readings"]["day"]) == [-1.0, 2.0, 2.0]
    made = taken(entry, {"v.csv": b"Mouse;BL;D3;D3 contra\nA;1;2;3\n"})
    assert "injury_date" in told(made, "day")
    made = taken(entry, {"v.csv": b"Mouse;BL;D3;D3 contra\nA;1;2;3\n"}, days=", injury_date: 2024-03-02")
    assert fates(made) == {"used": 1, "quarantined": 2}
    assert "date_order" in told(made, "day")


TWO_ROWS = """
  - file: v.xlsx
    layout: up-down-strings
    scale: nominal
    header_rows: 2
    columns: {animal: Mouse}
    wide:
      - {day: 0, columns: {responses: Day 0 / XO, last_filament: Day 0 / last}}
      - {day: 7, columns: {responses: Day 7 / XO, last_filament: Day 7 / last}}
"""


def test_a_header_of_two_rows_with_merged_titles():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
        page = made.add_worksheet("S")
        page.write(0, 0, "Cohort 3")
        page.merge_range(1, 1, 1, 2, "Day 0")
        page.merge_range(1, 3, 1, 4, "Day 7")
        page.write_row(2, 0, ["Mouse", "XO", "last", "XO", "last", "", "X = paw withdrawal"])
        page.write_row(3, 0, ["A", "oxoxx", 5, "XXXX", "2"])
        page.write_row(4, 0, ["B", "", "", "xxxxx", 1])
    made = taken(TWO_ROWS, {"v.xlsx": buffer.getvalue()})
    assert series(made) == {("A", 0.0, "ipsilateral"): OXO, ("B", 7.0, "ipsilateral"): ("XXXXX", 0.04)}
    # XXXX ending on filament 2 stopped inside the set.
    assert fates(made) == {"used": 2, "blank": 1, "quarantined": 1}


BLOCKS = """
  - file: v.xlsx
    layout: LAYOUT
    scale: nominal
    last_filament_in: grams
    blocks: {animal: Mouse, day: Day}
    columns: {COLUMNS}
"""


def test_a_block_an_animal_below_and_beside_each_other():
    rows = [
        ["Mouse: A", "", "", "", "Mouse", "B"],
        ["Test", "XO", "last", "", "Test", "XO", "last"],
        [3, "OXOXX", 0.6, "", 3, "XOXOX", 0.4],
        [7, "", "", "", 7, "OOOOO", 4],
        [],
        ["Mouse C"],
        ["Test", "XO", "last"],
        [3, "oxoxx", 0.6],
    ]
    entry = (
        BLOCKS.replace("LAYOUT", "up-down-strings")
        .replace(", day: Day", "")
        .replace("COLUMNS", "day: Test, responses: XO, last_filament: last")
    )
    made = taken(entry, {"v.xlsx": book(S=rows)})
    assert series(made) == {
        ("A", 3.0, "ipsilateral"): OXO,
        ("B", 3.0, "ipsilateral"): ("XOXOX", 0.4),
        ("B", 7.0, "ipsilateral"): ("OOOOO", 4.0),
        ("C", 3.0, "ipsilateral"): OXO,
    }
    assert fates(made) == {"used": 4, "blank": 1}


def grid_of(mouse: str, day: int, places: list[str], series: str) -> list[list[object]]:
    """A hair × trial grid of one series."""
    hairs = ["0.16", "0.4", "0.6", "1", "1.4"]
    rows: list[list[object]] = [["Mouse", mouse, "Day", day], ["Hair (g)", *range(1, 8), "note"]]
    for hair in hairs:
        marks = [mark if place == hair else "" for place, mark in zip(places, series, strict=True)]
        rows.append([float(hair), *marks, *[""] * (7 - len(marks)), "calm"])
    return [*rows, []]


def test_hair_by_trial_grids():
    rows = [
        *grid_of("A", 3, ["0.6", "1", "0.6", "1", "0.6"], "OXOXX"),
        *grid_of("B", 3, ["0.6", "1.4", "0.6", "1", "0.6"], "OXOXX"),
    ]
    entry = BLOCKS.replace("LAYOUT", "trial-grid").replace("COLUMNS", "filament: Hair (g)")
    made = taken(entry, {"v.xlsx": book(S=rows)})
    assert series(made) == {("A", 3.0, "ipsilateral"): OXO}
    assert fates(made) == {"used": 1, "quarantined": 1}
    assert "lighter after X" in told(made, "V1")


def test_a_grid_where_each_hair_is_applied_equally_often():
    rows = [
        ["Mouse", "A", "Day", 3],
        ["Hair", "1", "2", "3", "4", "5"],
        [0.16, *"OOOOO"],
        [0.4, *"OXOXO"],
        [1, 1, 1, 0, 1, 1],
    ]
    entry = (
        BLOCKS.replace("LAYOUT", "trial-grid")
        .replace("COLUMNS", "filament: Hair")
        .replace("    scale", "    protocol: percent-response\n    scale")
    )
    made = taken(entry, {"v.xlsx": book(S=rows)})
    shares = made["trials"].groupby("filament_g")["response"].agg(lambda r: (r == "X").sum()).to_dict()
    assert shares == {0.16: 0, 0.4: 2, 1.0: 4}
    assert made["ledger"]["source"].tolist()[1] == "v.xlsx!S!B4:F4"


BY_FILAMENT = """
  - file: v.csv
    layout: filament-responses
    scale: nominal
    last_filament_in: grams
    applications: 5
    columns: {animal: M, day: D}
    wide:
      - {filament: 0.07, columns: {responses: "0.07"}}
      - {filament: 0.4, columns: {responses: "0.4"}}
      - {filament: 1.0, columns: {responses: "1"}}
"""


@pytest.mark.parametrize(
    ("entry", "cells"),
    [
        (BY_FILAMENT, "0;3;5"),
        (BY_FILAMENT, "0/5;3 of 5;5/5"),
        (BY_FILAMENT, "OOOOO;XOXOX;XXXXX"),
        (BY_FILAMENT, "0 %;60%;100%"),
        (BY_FILAMENT.replace("applications", "responses_in: percent\n    applications"), "0;60;100"),
        (BY_FILAMENT.replace("applications", "responses_in: share\n    applications"), "0;0,6;1"),
    ],
)
def test_counts_percentages_and_marks_by_filament(entry, cells):
    made = taken(entry, {"v.csv": f"M;D;0.07;0.4;1\nA;3;{cells}\n".encode()})
    counts = made["trials"].groupby("filament_g")["response"].agg(lambda r: (r == "X").sum()).to_dict()
    assert counts == {0.07: 0, 0.4: 3, 1.0: 5}
    assert made["ledger"]["source"].tolist() == ["v.csv!C2", "v.csv!D2", "v.csv!E2"]


def test_more_responses_than_applications_are_set_aside():
    made = taken(BY_FILAMENT, {"v.csv": b"M;D;0.07;0.4;1\nA;3;0;2.5;6\n"})
    assert fates(made) == {"used": 1, "quarantined": 2}
    made = taken(BY_FILAMENT.replace("    applications: 5\n", ""), {"v.csv": b"M;D;0.07;0.4;1\nA;3;0;3;X\n"})
    assert "unknown number" in told(made, "V1")


def test_a_row_a_filament():
    entry = "  - {file: v.csv, layout: filament-responses, scale: nominal, last_filament_in: grams, columns: {animal: M, day: D, filament: g, responses: x, applications: n}, fill_down: [animal, day]}"
    made = taken(entry, {"v.csv": b"M;D;g;x;n\nA;3;0,07;0;5\n;;0,4;2;5\n;;1;4;5\nB;3;1;1;4\n"})
    assert made["trials"].groupby(["animal", "filament_g"]).size().to_dict() == {
        ("A", 0.07): 5,
        ("A", 0.4): 5,
        ("A", 1.0): 5,
        ("B", 1.0): 4,
    }
    assert (made["trials"]["response"] == "X").sum() == 7


def test_a_device_with_several_trials_a_session():
    entry = "  - {file: v.csv, layout: device, columns: {animal: M, day: D}, wide: [{columns: {threshold: t1}}, {columns: {threshold: t2}}, {columns: {threshold: t3}}]}"
    made = taken(entry, {"v.csv": b"M;D;t1;t2;t3\nA;3;4,1;4.1;-1\nB;3;n.d.;x;5\n"})
    assert made["readings"]["threshold_g"].tolist() == [4.1, 4.1, 5.0]
    assert fates(made) == {"used": 3, "blank": 2, "quarantined": 1}


def test_paws_in_rows_by_side_and_merged_cells():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
        page = made.add_worksheet("S")
        page.write_row(0, 0, ["Mouse", "Day", "Paw", "PWT (g)"])
        page.merge_range(1, 0, 2, 0, "A")
        page.merge_range(1, 1, 2, 1, 3)
        page.write_row(1, 2, ["L", 0.07])
        page.write_row(2, 2, ["R", "1,0"])
        page.write_row(3, 0, ["B", "Day 3", "tail", 0.4])
    entry = "  - {file: v.xlsx, layout: thresholds, injured_side: left, columns: {animal: Mouse, day: Day, paw: Paw, threshold: PWT (g)}}"
    made = taken(entry, {"v.xlsx": buffer.getvalue()})
    assert read(made) == {("A", 3.0, "ipsilateral"): 0.07, ("A", 3.0, "contralateral"): 1.0}
    assert "tail" in told(made, "paw")
    made = taken(entry.replace("injured_side: left, ", ""), {"v.xlsx": buffer.getvalue()})
    assert "injured_side" in told(made, "paw")


def test_ids_that_each_group_numbers_anew():
    entry = (
        "  - {file: v.csv, layout: thresholds, columns: {animal: M, arm: G, day: D, threshold: g}, fill_down: [arm]}"
    )
    made = taken(
        entry,
        {"v.csv": b"G;M;D;g\nVehicle;1;3;0,4\n;2;3;0,6\nDrug;1;3;1\n;3;3;1\n"},
        animals=", ids_within_arm: true",
        allocation=b"Mouse;Group\n1;Vehicle\n2;Vehicle\n1;Drug\n2;Drug\n",
    )
    assert made["animals"]["animal"].tolist() == ["vehicle 1", "vehicle 2", "drug 1", "drug 2"]
    assert read(made)[("drug 1", 3.0, "ipsilateral")] == 1.0
    assert fates(made) == {"used": 3, "quarantined": 1}


def test_a_sheet_an_animal_and_a_sheet_a_day():
    entry = "  - {file: v.xlsx, layout: thresholds, KEY: true, columns: {OTHER: O, threshold: g}}"
    made = taken(
        entry.replace("KEY", "sheet_per_animal").replace("OTHER", "day"),
        {"v.xlsx": book(A=[["O", "g"], [3, 0.4]], B=[["O", "g"], ["week 1", 1]])},
    )
    assert read(made) == {("A", 3.0, "ipsilateral"): 0.4, ("B", 7.0, "ipsilateral"): 1.0}
    made = taken(
        entry.replace("KEY", "sheet_per_day").replace("OTHER", "animal"),
        {"v.xlsx": book(BL=[["O", "g"], ["A", 1.4]], Day_3=[["O", "g"], ["A", 0.4]], notes=[["x"]])},
    )
    assert read(made) == {("A", -1.0, "ipsilateral"): 1.4, ("A", 3.0, "ipsilateral"): 0.4}
    assert '"notes"' in told(made, "unread-sheet")


LONG = "  - {file: v.csv, layout: thresholds, columns: {animal: M, day: DAY, threshold: 'VALUE'}}"


@pytest.mark.parametrize(
    ("header", "value", "days", "check", "said"),
    [
        ("Week", "PWT", "", "layout", "unit: week"),
        ("Day", "PWT (mN)", "", "layout", "unit: mN"),
        ("Day", "PWT [mg]", "", "layout", "unit: mg"),
        ("Day", "log PWT, log10", "", "layout", "Give the thresholds in g"),
    ],
)
def test_a_header_in_another_unit_is_not_read(header, value, days, check, said):
    entry = LONG.replace("DAY", header).replace("VALUE", value)
    made = taken(entry, {"v.csv": f"M;{header};{value}\nA;1;0,4\n".encode()}, days=days)
    assert made["readings"].empty
    assert said in told(made, check)


def test_weeks_are_read_where_the_study_says_so():
    made = taken(
        LONG.replace("DAY", "Week").replace("VALUE", "g"), {"v.csv": b"M;Week;g\nA;2;0,4\n"}, days=", unit: week"
    )
    assert made["readings"]["day"].tolist() == [14.0]


def test_words_for_days():
    made = taken(
        LONG.replace("DAY", "[drug, time]").replace("VALUE", "g"),
        {"v.csv": b"M;drug;time;g\nA;sal;pre;0,4\nA;sal;post;0,6\nA;sal;later;0,6\n"},
        days=", names: {sal pre: -1, Sal  Post: 2}",
    )
    assert made["readings"]["day"].tolist() == [-1.0, 2.0]
    assert '"sal later": …' in told(made, "day")


def test_a_decimal_comma_that_cuts_a_cell_in_two_is_no_value():
    made = taken(
        LONG.replace("DAY", "D").replace("VALUE", "g"), {"v.csv": b"M,D,g\nA,3,1,4\nB,3,2\nC,3,1\nA,7,1\nB,7,1\n"}
    )
    assert fates(made) == {"used": 4, "quarantined": 1}
    assert "decimal comma" in made["findings"]["why"].str.cat()


def test_a_unit_that_moves_every_threshold_is_asked_about():
    made = taken(LONG.replace("DAY", "D").replace("VALUE", "PWT"), {"v.csv": b"M;D;PWT\nA;3;60\nB;3;40\nC;3;100\n"})
    assert "Is the unit" in told(made, "unit")


def test_an_id_that_lost_its_zeros_is_asked_about():
    made = taken(
        LONG.replace("DAY", "D").replace("VALUE", "g"),
        {"v.csv": b"M;D;g\n7;3;1\n"},
        allocation=b"Mouse;Group\n007;Vehicle\n",
    )
    assert 'did you mean "007"' in told(made, "unknown-animal")


def test_struck_out_prism_values_come_in_as_excluded():
    cells = '<d>0,07</d><d Excluded="1">0.4</d>'
    prism = (
        '<GraphPadPrismFile><Table XFormat="none" YFormat="replicates" TableType="TwoWay"><Title>vF</Title>'
        "<RowTitlesColumn><Subcolumn><d>3</d><d>7</d></Subcolumn></RowTitlesColumn>"
        f'<YColumn Subcolumns="1"><Title>A</Title><Subcolumn>{cells}</Subcolumn></YColumn></Table></GraphPadPrismFile>'
    )
    entry = (
        "  - {file: v.pzfx, layout: thresholds, columns: {day: ROWTITLE}, wide: [{animal: A, columns: {threshold: A}}]}"
    )
    made = taken(entry, {"v.pzfx": prism.encode()})
    assert read(made) == {("A", 3.0, "ipsilateral"): 0.07}
    assert made["ledger"]["reason"].tolist()[1] == "struck out in the file by its maker"
    assert fates(made) == {"used": 1, "excluded": 1}


def test_strict_refuses_what_would_be_set_aside():
    text = HEAD.replace("DAYS", "").replace("ANIMALS", "") + LONG.replace("DAY", "D").replace("VALUE", "g")
    described = study.parse(text, "s", "s.yaml")
    fine = {"a.csv": ALLOCATION, "v.csv": b"M;D;g\nA;3;0,4\nB;3;n.d.\n"}
    assert len(take_in(described, fine, strict=True)["readings"]) == 1
    with pytest.raises(StudyError, match="no possible threshold"):
        take_in(described, fine | {"v.csv": b"M;D;g\nA;3;0,4\nB;3;lots\n"}, strict=True)


def test_what_a_model_refuses_is_set_aside_with_its_cell(monkeypatch):
    """The last gate: a row that a reader would let through and the table's model does not."""
    from hindpaw.intake import readings

    monkeypatch.setattr(readings, "PLAUSIBLE_G", (-5.0, 300.0))
    made = taken(LONG.replace("DAY", "D").replace("VALUE", "g"), {"v.csv": b"M;D;g\nA;3;0,4\nB;3;-1\n"})
    assert read(made) == {("A", 3.0, "ipsilateral"): 0.4}
    assert fates(made) == {"used": 1, "quarantined": 1}
    found = made["findings"].query("check == 'table'").iloc[0]
    assert found["source"] == "v.csv!C3"
    assert "threshold_g" in found["what"]


def test_every_raw_datum_is_counted_before_it_is_judged():
    import pandas as pd
    from hindpaw.intake.ledger import Book

    book = Book()
    book.expect("trials", pd.Series(["a!A1", "a!A2"]))
    book.enter("trials", ["a!A1"], ["used"], [""])
    with pytest.raises(StudyError, match="1 of 2 data of the table trials have no fate: a!A2"):
        book.ledger()


def test_rows_under_a_first_damaged_header_are_not_passed_over():
    """The second header is whole; the mouse between the two must not vanish without a word."""
    text = b"Mous,Day,XO\n7,1,OXOOXX\nMouse,Day,XO\n8,1,OXOOXX\n"
    columns = {"animal": "Mouse", "day": "Day", "responses": "XO"}
    with pytest.raises(StudyError, match=r"Row 1 is a header .* row 2 between them holds data"):
        layouts.rows_of(open_files.sheet("a.csv", text, None), columns)
    # A title and a note above the header are no data.
    plain = b"Mouse list,,\nDay 1 to 21,,\n\nMouse,Day,XO\n8,1,OXOOXX\n"
    assert layouts.rows_of(open_files.sheet("a.csv", plain, None), columns)["animal"].tolist() == ["8"]


def test_a_header_that_stands_again_between_groups_is_no_datum():
    sheet = b"Vehicle;;\nMouse;Day;PWT (g)\nA;3;0.4\nDrug;;\nMouse;Day;pwt  (g)\nB;3;1.0\n"
    made = taken(
        "  - {file: v.csv, layout: thresholds, columns: {animal: Mouse, day: Day, threshold: PWT (g)}}",
        {"v.csv": sheet},
    )
    assert read(made) == {("A", 3, "ipsilateral"): 0.4, ("B", 3, "ipsilateral"): 1.0}
    assert fates(made) == {"used": 2, "excluded": 1, "blank": 1}
    assert made["findings"]["check"].tolist() == ["header-again"]


def test_signs_without_a_width_make_no_other_animal():
    sheet = "Mouse;Day;XO;Last\nA\u200b;3;\ufeffOXOXX;5\n".encode()
    columns = "{animal: Mouse, day: Day, responses: XO, last_filament: Last}"
    made = taken(f"  - {{file: v.csv, layout: up-down-strings, columns: {columns}}}", {"v.csv": sheet})
    assert list(series(made)) == [("A", 3, "ipsilateral")]
    assert fates(made) == {"used": 1}
