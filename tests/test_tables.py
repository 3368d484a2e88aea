"""Tables on disk: what is written is read back, and a spreadsheet runs none of it."""

from __future__ import annotations

import pandas as pd
import pytest
from hindpaw import tables
from hindpaw.tables import Animals
from hypothesis import given, settings
from hypothesis import strategies as st

CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


@pytest.mark.parametrize("name", sorted(tables.TABLES))
def test_an_empty_table_is_its_header(name, tmp_path):
    model = tables.TABLES[name]
    tables.write(tables.empty(model), model, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == ",".join(tables.columns(model)) + "\n"
    assert tables.read(model, tmp_path / "t.csv").empty


@given(st.lists(st.tuples(CELLS, st.one_of(st.none(), CELLS), st.booleans()), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_any_text_comes_back_as_it_was(tmp_path_factory, rows):
    frame = pd.DataFrame(
        {
            "source": "f!s!A1",
            "animal": [row[0] for row in rows],
            "arm": [row[1] for row in rows],
            "excluded": [row[2] for row in rows],
        }
    )
    shaped = tables.shaped(frame.reindex(columns=tables.columns(Animals)).assign(excluded=frame["excluded"]), Animals)
    path = tmp_path_factory.mktemp("t") / "animals.csv"
    tables.write(shaped, Animals, path)
    pd.testing.assert_frame_equal(tables.read(Animals, path), shaped)


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "'=already"])
def test_no_cell_begins_as_a_formula(cell):
    line = tables.as_csv(pd.DataFrame({"a": [cell]})).decode().splitlines()[1]
    assert line.startswith("'")


def test_text_that_means_missing_elsewhere_stays_text(tmp_path):
    frame = tables.empty(Animals).reindex(range(1)).assign(source="x", animal="NA", sex="nan", excluded=False)
    tables.write(frame, Animals, tmp_path / "a.csv")
    read = tables.read(Animals, tmp_path / "a.csv")
    assert read[Animals.animal].tolist() == ["NA"]
    assert read[Animals.sex].tolist() == ["nan"]


def test_numbers_keep_every_digit(tmp_path):
    frame = tables.empty(Animals).reindex(range(1)).assign(source="x", animal="a", excluded=False, left_day=0.1 + 0.2)
    tables.write(frame, Animals, tmp_path / "a.csv")
    assert tables.read(Animals, tmp_path / "a.csv")[Animals.left_day].iloc[0] == 0.1 + 0.2
