"""Figures of what holds without the model: which are drawn, and that the numbers in them are the tables'."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from hindpaw import tables
from hindpaw.figure import resampling

NEEDED = ("means", "randomization", "deals", "influence", "durations", "bootstrap", "animal_relief")


@pytest.fixture(scope="module")
def drawn(demo, modelled, resampled):
    """Every drawing of the demo study."""
    every = {**modelled, **resampled}
    return resampling.draw(demo, **{name: every[name] for name in NEEDED})


def numbers(drawing):
    """The numbers in a drawing."""
    return pd.read_csv(io.BytesIO(drawing.csv))


def test_a_drawing_for_each_question_about_thresholds(demo, drawn):
    asked = {key for key, question in demo.questions.items() if question.about_thresholds}
    assert set(drawn["randomization"]) == set(drawn["influence"]) == asked
    # Without a relief that the band shows there is nothing to time.
    assert set(drawn["durations"]) == {"relief", "tgfb1_relief", "how_long"}


def test_every_deal_is_in_the_distribution_once(drawn, resampled):
    shown = numbers(drawn["randomization"]["needs_tgfb1"])
    bins = shown[shown["t_from"].notna()]
    tests = resampled["randomization"].query("question == 'needs_tgfb1'")
    counted = bins.fillna({"time": 0}).groupby(["by", "time"])[["n_deals", "n_as_large"]].sum()
    for row in tests.fillna({"time": 0}).itertuples():
        total, large = counted.loc[(row.by, row.time)]
        assert total == row.n_deals == 924
        assert large / total == pytest.approx(row.p)


def test_the_influence_drawn_is_the_tables(drawn, resampled):
    shown = numbers(drawn["influence"]["relief"])
    known = resampled["influence"].query("question == 'relief' and by == 'overall'")
    assert shown["estimate"].tolist() == pytest.approx(known["estimate"].tolist())


def test_without_rows_a_drawing_says_so(demo):
    nothing = {name: tables.empty(tables.TABLES[name]) for name in NEEDED}
    made = resampling.draw(demo, **nothing)
    assert "reason" in numbers(made["influence"]["relief"])
    assert "reason" in numbers(made["randomization"]["relief"])
