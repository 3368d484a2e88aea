"""The last gate (every table's own model), counts, pools, and dates of injury that differ between animals."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from hindpaw import study, tables
from hindpaw.intake import take_in
from hindpaw.intake.ledger import Book
from hindpaw.intake.validation import passed

HEAD = """
title: Made-up lists
animals: {file: a.csv, columns: {animal: Mouse, arm: Group, COLUMNS}}
arms: {vehicle: {label: Vehicle, role: control}, drug: {label: Drug}}
days: {treatment: 0, baseline: -1DAYS}
"""


def taken(text, columns="sex: Sex", days="", **files):
    """Intake's tables of a study; the double underscore of a file's name is its point."""
    described = study.parse(HEAD.replace("COLUMNS", columns).replace("DAYS", days) + text, "s", "s.yaml")
    return take_in(described, {name.replace("__", "."): content.encode() for name, content in files.items()})


def readings(*thresholds):
    """Candidate rows of the table `readings` and the frame they came from."""
    row = dict(animal="A", day=3.0, session=None, tester=None, paw="ipsilateral", kind="threshold", censored="none")
    made = pd.DataFrame([row | {"threshold_g": value} for value in thresholds])
    made["source"] = [f"v.csv!C{place}" for place in range(2, len(made) + 2)]
    frame = made[["source"]].assign(fate="used", reason="")
    return made[tables.columns(tables.Readings)], frame


def test_every_failure_at_once_each_with_its_cell_repeats_grouped():
    made, frame = readings(0.4, -1.0, np.nan, 0.0)
    made.loc[0, "paw"] = "tail"
    book = Book()
    kept = passed(made, tables.Readings, frame, book)
    assert len(kept) == 0
    assert frame["fate"].tolist() == ["quarantined"] * 4
    told = {one.source: one.what for one in book.findings}
    # Two values that break one rule are one finding.
    assert set(told) == {"v.csv!C2", "v.csv!C3; v.csv!C5", "v.csv!C4"}
    assert "threshold_g breaks the rule greater_than(0)" in told["v.csv!C3; v.csv!C5"]
    assert "paw breaks the rule isin" in told["v.csv!C2"]


def test_telling_rows_stand_for_all_and_where_one_fails_each_row_is_looked_at():
    """Rows 2 and 4 repeat the cells of 1 and 3, which are the telling ones."""
    made, frame = readings(0.4, 0.4, -1.0, -1.0)
    book = Book()
    kept = passed(made, tables.Readings, frame, book, np.array([True, False, True, False]))
    assert kept["threshold_g"].tolist() == [0.4, 0.4]
    assert frame["fate"].tolist() == ["used", "used", "quarantined", "quarantined"]
    assert [one.source for one in book.findings] == ["v.csv!C4; v.csv!C5"]


def test_telling_rows_that_pass_pass_for_all():
    made, frame = readings(0.4, 0.4, 1.0)
    kept = passed(made, tables.Readings, frame, Book(), np.array([True, False, True]))
    pd.testing.assert_frame_equal(kept, tables.shaped(made, tables.Readings))


@pytest.mark.parametrize("name", ["wells", "counts", "animals"])
def test_the_gate_stands_before_each_table_from_cells(name, monkeypatch):
    """What no reader caught: a model grown stricter than its reader ends in findings, not in a traceback."""
    import pandera.pandas as pa
    from hindpaw.intake import animals, counts, plates

    model = tables.TABLES[name]
    column = {"wells": "signal", "counts": "count", "animals": "sex"}[name]
    check = pa.Check(lambda value: value != "m") if name == "animals" else pa.Check.less_than(5)
    strict = model.to_schema().update_column(column, checks=[check])

    class Strict(model):
        """The table, with one more rule."""

        @classmethod
        def to_schema(cls):
            return strict

    Strict.__name__ = model.__name__
    module = {"wells": plates, "counts": counts, "animals": animals}[name]
    monkeypatch.setattr(module, model.__name__, Strict)
    text = "counts: [{file: c.csv, target: cells, columns: {animal: Mouse, day: Day, count: N}}]\n"
    text += "plates: [{file: p.csv, analyte: IL-6, day: 3, dilution: 2, plate_map: {file: m.csv, columns: {well: W, sample: S}}}]"
    made = taken(
        text,
        a__csv="Mouse,Group,Sex\nA,Vehicle,f\nB,Drug,m\n",
        c__csv="Mouse,Day,N\nA,3,4\nA,4,9\n",
        p__csv="Well,Signal\nA1,0.4\nA2,7\n",
        m__csv="W,S\nA1,A\nA2,A\n",
    )
    (one,) = made["findings"].query("check == 'table'").itertuples()
    assert f"1 value(s) do not fit the table {name}: {column} breaks the rule" in one.what
    assert one.source == {"wells": "p.csv!B3", "counts": "c.csv!C3", "animals": "a.csv!A3"}[name]
    assert len(made[name]) == 1
    if name != "animals":
        assert made["ledger"].query("fate == 'quarantined'")["source"].tolist() == [one.source]


def test_counts_with_notes_words_for_days_and_troubles():
    cells = ["A,BL,4,", "A,d3,n.d.,", "A,3,-2,", "A,3,2.5,", "Mean,3,7,", "A,sometime,3,", "X,3,1,", "A,3,1,near", "A,3,1,-5", "A,3,1e300,", "B,3,12,50"]  # fmt: skip
    text = "counts: [{file: c.csv, target: cells, columns: {animal: Mouse, day: Day, count: N, distance_um: D}}]"
    made = taken(
        text, a__csv="Mouse,Group,Sex\nA,Vehicle,f\nB,Drug,m\n", c__csv="Mouse,Day,N,D\n" + "\n".join(cells) + "\n"
    )
    told = made["counts"]
    assert told[["animal", "day", "count"]].to_numpy().tolist() == [["A", -1.0, 4], ["B", 3.0, 12]]
    fates = made["ledger"].query("table == 'counts'")["fate"].tolist()
    aside = "quarantined"
    assert fates == ["used", "blank", aside, aside, "excluded", aside, aside, aside, aside, aside, "used"]
    errors = made["findings"].query("severity == 'error'")
    assert errors["source"].tolist() == [
        "c.csv!C4; c.csv!C5; c.csv!C11", "c.csv!C9; c.csv!C10", "c.csv!C8", "c.csv!C7",
    ]  # fmt: skip


MICE = "Mouse,Group,Sex,P,Cut\nA,Vehicle,f,P1,2024-03-01\nB,Vehicle,f,P1,2024-03-04\nC,Drug,m,P2,04.03.2024\nD,Drug,m,P2,\n"


def test_dates_count_from_each_animals_own_injury():
    """A on day 3, B on day 0, C on 0 of its own; D has no date, and the study's is 2 March: day 2."""
    text = "von_frey: [{file: v.csv, layout: thresholds, columns: {animal: M, day: Date, threshold: g}}]"
    sheet = "M,Date,g\n" + "".join(f"{one},2024-03-04,0.4\n" for one in "ABCD")
    made = taken(text, "injury_date: Cut", ", injury_date: 2024-03-02", a__csv=MICE, v__csv=sheet)
    assert dict(zip(made["readings"]["animal"], made["readings"]["day"], strict=True)) == {
        "A": 3,
        "B": 0,
        "C": 0,
        "D": 2,
    }
    made = taken(text, "injury_date: Cut", a__csv=MICE, v__csv=sheet)
    (one,) = made["findings"].query("check == 'day'").itertuples()
    assert (one.source, one.what_to_do) == ("v.csv!C5", "Give the animal its date of injury in the allocation list.")


def test_a_date_of_injury_that_is_none_and_the_day_an_animal_left():
    mice = "Mouse,Group,Cut,Left\nA,Vehicle,2024-03-01,2024-03-09\nB,Drug,soon,12\n"
    made = taken("", "injury_date: Cut, left_day: Left", a__csv=mice)
    assert made["animals"]["left_day"].tolist() == [8.0, 12.0]
    (one,) = made["findings"].itertuples()
    assert (one.source, one.evidence) == ("a.csv!C3", "soon")
    assert datetime.date(2024, 3, 9) - datetime.date(2024, 3, 1) == datetime.timedelta(days=8)


@pytest.mark.parametrize(
    ("said", "pool", "reason"),
    [
        ("P1", "A+B", ""),
        ("A + B", "A+B", ""),
        ("A, B", "A+B", ""),
        ("A", "", ""),
        ("A+C", "A+C", "the pool joins animals of different arms"),
        ("P9", "", "the sample's animal is not in the allocation list"),
    ],
)
@pytest.mark.parametrize("column", ["sample", "animal", "pool"])
def test_a_pool_is_known_by_its_name_or_its_animals(column, said, pool, reason):
    if column == "pool" and said in ("A", "P9"):
        reason = {"A": "", "P9": "the pool is not in the allocation list, by its name or by its animals"}[said]
    text = f"plates: [{{file: p.csv, analyte: IL-6, day: 8, dilution: 4, plate_map: {{file: m.csv, columns: {{well: W, role: R, {column}: X}}}}}}]"
    made = taken(text, "pool: P", a__csv=MICE, p__csv="Well;Signal\nA1;0.4\n", m__csv=f'W,R,X\nA1,sample,"{said}"\n')
    ledger = made["ledger"].query("table == 'wells'")
    if reason:
        assert ledger[["fate", "reason"]].to_numpy().tolist() == [["quarantined", reason]]
        return
    assert ledger["fate"].tolist() == ["used"]
    assert made["wells"]["pool"].fillna("").tolist() == [pool or ("A" if column == "pool" else "")]
    assert made["wells"]["animal"].fillna("").tolist() == ["" if pool or column == "pool" else "A"]
