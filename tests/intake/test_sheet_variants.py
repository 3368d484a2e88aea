"""What strangers' sheets have beside their values: notes behind ids, sides in columns, a session told twice."""

from __future__ import annotations

import pytest
from hindpaw import study
from hindpaw.intake import take_in

STUDY = """
title: Made-up sheets
animals: {file: a.csv, columns: {animal: Mouse, arm: Group}}
arms: {veh: {label: Veh, role: control}, drug: {label: Drug}}
days: {treatment: 0, baseline: -1}
von_frey:
"""
LIST = b"Mouse,Group\n3,Veh\nM3-L,Drug\n"
LONG = "  - {file: %s, layout: thresholds, columns: {animal: M, day: D, threshold: T}}\n"
WIDE = "  - {file: v.csv, layout: thresholds, columns: {animal: %s}, %swide: [%s]}\n"


def taken(entries, **sheets):
    """Intake of a made-up study."""
    files = {f"{name}.csv": text.encode() for name, text in sheets.items()}
    return take_in(study.parse(STUDY + entries, "s", "s.yaml"), {"a.csv": LIST, **files})


def read(made):
    """Threshold by animal, day and paw."""
    return {(row.animal, row.day, row.paw[0]): row.threshold_g for row in made["readings"].itertuples()}


def finding(made, check):
    """Severity and words of one finding."""
    rows = made["findings"][made["findings"]["check"] == check]
    return " ".join(rows[["severity", "what", "evidence", "what_to_do"]].fillna("").to_numpy().ravel())


def test_a_note_behind_an_id_leaves_the_animal_what_it_is():
    """The list knows 3 and no 4; nothing but the note is taken off."""
    made = taken(LONG % "v.csv", v="M,D,T\n3 (dead),7,0.4\nM3-L,7,0.6\n4 (ok),7,0.6\n")
    assert read(made) == {("3", 7, "i"): 0.4, ("M3-L", 7, "i"): 0.6}
    assert "note 1 row(s) have a note behind the animal's id." in finding(made, "note-in-cell")
    assert "4 (ok)" in finding(made, "unknown-animal")


def test_rows_without_an_id_are_told_how_to_be_filled():
    made = taken(LONG % "v.csv", v="M,D,T\n3,7,0.4\n,14,0.6\n")
    assert "fill_down: [animal]" in finding(made, "unknown-animal")


@pytest.mark.parametrize("second", ["3,7,0.4", "3,7,0.6"])
def test_a_session_that_two_entries_tell_counts_once(second):
    """Equal or not, one session has one result; what the first entry says of other days stands."""
    made = taken(LONG % "v.csv" + LONG % "w.csv", v="M,D,T\n3,7,0.4\n", w=f"M,D,T\n{second}\n3,14,1.0\n")
    assert read(made) == {("3", 7, "i"): 0.4, ("3", 14, "i"): 1.0}
    ledger = made["ledger"].set_index("source")["reason"].dropna()
    assert ledger.to_dict() == {"w.csv!C2": "measured twice, first in v.csv!C2"}
    assert "Take one of the two entries out" in finding(made, "twice")


def test_sessions_of_their_own_are_no_repetition():
    """Two hairs of one session, and the other paw of it, stand in entries of their own."""
    hairs = "".join(
        f"  - {{file: {name}.csv, layout: filament-responses, last_filament_in: grams, columns: {{animal: M, day: D}}, "
        f"wide: [{{filament: {grams}, columns: {{responses: N}}}}], applications: 5}}\n"
        for name, grams in (("v", 0.4), ("w", 0.6))
    )
    made = taken(hairs, v="M,D,N\n3,7,2\n", w="M,D,N\n3,7,4\n")
    assert set(made["ledger"]["fate"]) == {"used"}
    paws = LONG % "v.csv" + (LONG % "w.csv").replace("layout", "paw: contralateral, layout")
    assert len(read(taken(paws, v="M,D,T\n3,7,0.4\n", w="M,D,T\n3,7,1.0\n"))) == 2


@pytest.mark.parametrize(("side", "paws"), [("left", "ic"), ("right", "ci")])
def test_sides_in_columns_are_paws_by_the_side_of_the_injury(side, paws):
    columns = "{day: 7, paw: left, columns: {threshold: L}}, {day: 7, paw: right, columns: {threshold: R}}"
    made = taken(WIDE % ("M", f"injured_side: {side}, ", columns), v="M,L,R\n3,0.4,1.4\n")
    assert read(made) == {("3", 7, paws[0]): 0.4, ("3", 7, paws[1]): 1.4}
    made = taken(WIDE % ("M", "", columns), v="M,L,R\n3,0.4,1.4\n")
    assert made["readings"].empty
    assert "Add injured_side: left or right" in finding(made, "paw")


def test_tables_beside_each_other_are_read_by_the_letters_of_their_columns():
    """A title stands above the header, and does not become one."""
    sheet = "Vehicle,,,Drug,\nMouse,D7,,Mouse,D7\n3,0.07,,M3-L,0.6\n"
    both = "".join(WIDE % (f"column {one}", "", f"{{day: 7, columns: {{threshold: column {two}}}}}") for one, two in ("AB", "DE"))  # fmt: skip
    assert read(taken(both, v=sheet)) == {("3", 7, "i"): 0.07, ("M3-L", 7, "i"): 0.6}


def test_a_column_of_a_day_that_is_not_named_is_said():
    entry = WIDE % ("M", "", "{day: BL, columns: {threshold: BL}}, {day: 7, columns: {threshold: D7}}")
    made = taken(entry, v="M,BL,D7,D14,Weight\n3,1.2,0.07,0.04,21\n")
    assert "headed like days and not read: D14." in finding(made, "unread-column")
    assert finding(taken(entry, v="M,BL,D7,Weight\n3,1.2,0.07,21\n"), "unread-column") == ""


@pytest.mark.parametrize("title", ["PWT (% of baseline)", "log10 PWT (g)", "%MPE"])
def test_shares_and_logarithms_are_no_grams(title):
    made = taken((LONG % "v.csv").replace("T}", f'"{title}"}}'), v=f"M,D,{title}\n3,7,0.4\n")
    assert made["readings"].empty
    assert "Give the thresholds in g, mg or mN" in finding(made, "layout")


@pytest.mark.parametrize(("sex", "severity"), [("f", "note"), ("m", "warning")])
def test_rows_of_one_animal_may_say_the_same_and_not_differ(sex, severity):
    """A long test sheet that serves as the list names each animal as often as it was tested."""
    entry = STUDY.replace("arm: Group", "arm: Group, sex: Sex") + LONG % "v.csv"
    files = {"a.csv": f"Mouse,Group,Sex\n3,Veh,f\n3,Veh,{sex}\n".encode(), "v.csv": b"M,D,T\n3,7,1\n"}
    rows = take_in(study.parse(entry, "s", "s.yaml"), files)["findings"]
    assert rows[rows["check"] == "allocation"]["severity"].tolist() == [severity]
