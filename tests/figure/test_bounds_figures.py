"""Figures of bounds: one for each question that has something to show, the same bytes each time, arrows for bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hindpaw.figure import bounds


@pytest.fixture(scope="module")
def tables(taken_in, measured, bounded):
    """What the rule reads."""
    return {"filaments": taken_in["filaments"], "thresholds": measured["thresholds"], **bounded}


def test_each_question_with_rows_is_drawn_and_no_other(demo, tables):
    one = {
        name: frame[frame["question"].isin(["relief", "needs_il10"])] if "question" in frame else frame
        for name, frame in tables.items()
    }
    drawn = bounds.draw(demo, **one)
    assert set(drawn["censored"]) == {"relief", "needs_il10"}
    assert set(drawn["equivalence"]) == {"needs_il10"}
    assert set(drawn["tipping"]) == {"relief"}
    again = bounds.draw(demo, **one)
    for kind, drawings in drawn.items():
        for key, drawing in drawings.items():
            assert drawing == again[kind][key]
            assert len(drawing.svg) > 5000
            assert len(drawing.csv) > 100


def test_a_bound_and_a_refused_model_are_drawn(demo, tables):
    mine = {
        name: frame[frame["question"] == "relief"] if "question" in frame else frame for name, frame in tables.items()
    }
    for name, ends in (("censored_means", ("estimate", "upper")), ("censored_contrasts", ("ratio", "ratio_upper"))):
        frame = mine[name]
        mine[name] = frame.assign(**{end: frame[end].where(frame.index != frame.index[0], np.nan) for end in ends})
    assert bounds.draw(demo, **mine)["censored"]["relief"].svg != bounds.draw(demo, **tables)["censored"]["relief"].svg
    nothing = {**mine, "censored_means": mine["censored_means"].iloc[:0]}
    nothing["censored_fits"] = nothing["censored_fits"].assign(note="the likelihood has no finite maximum")
    assert b"no finite maximum" in bounds.draw(demo, **nothing)["censored"]["relief"].csv
