"""What the report says of deals, influence and durations is what the tables hold."""

from __future__ import annotations

import pandas as pd
import pytest
from hindpaw import phrases, tables
from hindpaw.report import resampling
from hindpaw.report.sections import Grid, plain


@pytest.fixture(scope="module")
def parts(demo, everything):
    """Its sections by question and title."""
    return {(one.question, one.title): one for one in resampling.sections(demo, everything)}


def said(section):
    """The sentences of a section as one text."""
    kinds = (Grid, resampling.Figure)
    return " ".join(plain(block) for block in section.blocks if not isinstance(block, kinds))


def test_a_duration_is_told_in_days_from_treatment(parts, everything):
    row = everything["durations"].query("question == 'how_long' and comparison == 'tgfb1_10 − vehicle'").iloc[0]
    told = said(parts["how_long", "How long relief lasts"])
    assert f"lasts {phrases.number(row['relief_ends_day'] - 4, 2)} days from treatment" in told
    assert "beyond the last day tested" in told
    apart = everything["bootstrap"].query("estimand == 'difference of days of relief'").iloc[0]
    assert f"relief lasts {phrases.number(apart['estimate'], 2)} days longer" in told


def test_the_first_screen_of_a_duration_is_days_with_limits(demo, everything):
    found = resampling.answer(demo, demo.questions["how_long"], everything)
    row = everything["durations"].query("question == 'how_long' and comparison == 'tgfb1_10 − vehicle'").iloc[0]
    low, end, high = (
        phrases.number(row[name] - 4, 2) for name in ("relief_ends_lower", "relief_ends_day", "relief_ends_upper")
    )
    assert f"{end} days (95 % CI {low} days to {high} days)" in plain(found.ratio)
    assert plain(found.ratio).count("95 % CI") == 2
    assert found.known


def test_what_is_left_out_is_a_table_that_the_sentences_lead_to(parts, everything):
    section = parts["relief", "What holds without the model"]
    grid = next(block for block in section.blocks if isinstance(block, Grid) and block.table == "influence")
    rows = everything["influence"].query("question == 'relief' and by == 'overall'")
    assert list(grid.places) == list(rows.index)
    told = [piece for one in section.how_sure for piece in one if not isinstance(piece, str)]
    assert {piece.row for piece in told if piece.table == "influence"} <= set(rows.index)


def test_an_animal_that_decides_a_conclusion_is_named_on_the_first_screen(parts, everything):
    rows = everything["influence"].query("question == 'tgfb1_relief' and by == 'overall' and crosses")
    worries = [plain(told) for told in parts["tgfb1_relief", "What holds without the model"].worry]
    assert len(worries) == len(rows) > 0
    for row, told in zip(rows.itertuples(), worries, strict=True):
        assert row.left_out in told


def test_the_test_says_how_many_deals_there_were(parts):
    told = [plain(one) for one in parts["needs_tgfb1", "What holds without the model"].how_sure]
    assert "The randomization test over 924 deals of the labels gives p = .002." in told[0]


def test_every_cell_names_the_row_it_was_rounded_from(parts, everything):
    cells = [
        piece
        for section in parts.values()
        for told in [*section.blocks, *section.how_sure, *section.worry]
        if isinstance(told, tuple)
        for piece in told
        if not isinstance(piece, str)
    ]
    assert len(cells) > 20
    for cell in cells:
        row = everything[cell.table].loc[cell.row]
        if cell.columns == ("p",):
            assert cell.words == phrases.p_value(row["p"])
        assert not pd.isna(row[list(cell.columns)]).all()


def test_without_rows_nothing_fails(demo):
    nothing = {name: tables.empty(model) for name, model in tables.TABLES.items()}
    assert all(said(section) == "" for section in resampling.sections(demo, nothing))
