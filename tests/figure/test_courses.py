"""Changes, brackets and published figures drawn again: what stands on the axes against the tables."""

from __future__ import annotations

import dataclasses
import io

import numpy as np
import pandas as pd
import pytest
from hindpaw import phrases
from hindpaw.figure import assays, change, reproductions, timecourse


def values(drawing) -> pd.DataFrame:
    """The source data of a figure."""
    return pd.read_csv(io.BytesIO(drawing.csv))


def dots(axes) -> np.ndarray:
    """Every point of every scatter."""
    found = [one.get_offsets() for one in axes.collections if hasattr(one, "named_points")]
    return np.concatenate([np.asarray(one, float) for one in found])


def test_every_change_of_every_mouse_is_drawn_and_each_estimate(sketched, one_question, modelled):
    drawn = change.draw(one_question, modelled["changes"])["relief"]
    rows = modelled["changes"].query("question == 'relief'")
    mice, means = rows.query("what == 'animal'"), rows.query("what == 'estimate'")
    axes = sketched[0].axes[0]
    np.testing.assert_allclose(sorted(dots(axes)[:, 1]), sorted(mice["ratio"]))
    bmsc = means.query("arm == 'bmsc'").sort_values("day")["ratio"]
    lines = [np.asarray(line.get_ydata(), float) for line in axes.lines]
    assert any(len(line) == len(bmsc) and np.allclose(line, bmsc) for line in lines)
    assert len(values(drawn)) == len(rows)


def test_a_change_is_the_ratio_of_two_thresholds(modelled, measured):
    own = measured["thresholds"].query("paw == 'ipsilateral' and animal == 'M002'").set_index("day")["threshold_g"]
    mine = modelled["changes"].query("question == 'relief' and animal == 'M002'").set_index("day")["ratio"]
    # Day 3 is the last test after injury (day 0) and before treatment (day 4).
    np.testing.assert_allclose(mine.loc[10.0], own.loc[10.0] / own.loc[3.0])


def test_brackets_stand_only_where_a_question_asks_for_them(sketched, one_question, taken_in, measured, modelled):
    question = one_question.questions["relief"]
    asked = dataclasses.replace(one_question, questions={"relief": dataclasses.replace(question, brackets=True)})
    parts = (taken_in["filaments"], measured["thresholds"], modelled["means"], modelled["contrasts"])
    timecourse.draw(one_question, *parts)
    timecourse.draw(asked, *parts)
    without, with_them = ([text.get_text() for text in drawn.axes[0].texts] for drawn in sketched)
    assert not [told for told in without if told.startswith("p ")]
    weeks = modelled["contrasts"].query("question == 'relief' and by == 'week'")
    expected = sorted(phrases.p_value(p) for p in weeks["p_adjusted"])
    assert sorted(told for told in with_them if told.startswith("p ")) == expected


def test_brackets_between_arms_of_an_analyte_hold_the_adjusted_p(sketched, demo, measured, modelled):
    question = dataclasses.replace(demo.questions["csf_tgfb1"], brackets=True)
    asked = dataclasses.replace(demo, questions={"csf_tgfb1": question})
    assays.draw(asked, **{**measured, **modelled})
    told = [text.get_text() for text in sketched[0].axes[0].texts if text.get_text().startswith("p ")]
    rows = modelled["contrasts"].query("question == 'csf_tgfb1' and p_adjusted == p_adjusted")
    assert sorted(told) == sorted(phrases.p_value(p) for p in rows["p_adjusted"])


@pytest.fixture
def redrawn(sketched, demo, taken_in, measured, modelled):
    """The published figures, and their drawings."""
    parts = (measured["thresholds"], measured["concentrations"], modelled["reproductions"])
    return reproductions.draw(demo, taken_in["filaments"], *parts)


def test_a_published_figure_shows_mean_and_sem_of_its_groups_in_its_order(redrawn, sketched, demo, measured):
    assert list(redrawn) == ["fig5b", "fig5c", "fig5f", "fig5g"]
    left = sketched[0].axes[0]
    mine = measured["concentrations"].query("analyte == 'TGF-β1' and matrix == 'CSF' and day == 8")
    groups = ["naive", "vehicle", "bmsc"]
    means = [mine.loc[mine["arm"] == arm, "pg_per_ml"].mean() for arm in groups]
    sems = [mine.loc[mine["arm"] == arm, "pg_per_ml"].std(ddof=1) / 2 for arm in groups]  # √4 = 2
    np.testing.assert_allclose([bar.get_height() for bar in left.patches], means)
    spans = [segment for bars in left.containers if hasattr(bars, "has_yerr") for segment in bars[2][0].get_segments()]
    np.testing.assert_allclose([(high - low) / 2 for (_, low), (_, high) in spans], sems)
    assert "SEM" in left.get_ylabel()
    assert "SEM" not in sketched[0].axes[1].get_ylabel()


def test_our_own_drawing_beside_it_shows_every_animal(redrawn, sketched, demo, measured):
    right = sketched[1].axes[1]
    groups = ["bmsc_igg", "bmsc_anti_tgfb1", "bmsc_anti_il10"]
    mine = measured["thresholds"][measured["thresholds"]["arm"].isin(groups)].query("paw == 'ipsilateral'")
    assert len(dots(right)) == len(mine)
    assert right.get_yscale() == "log"
    assert (values(redrawn["fig5c"])["what"] == "animal").sum() == len(mine)
    assert all("axes are ours" in drawn.get_suptitle() for drawn in sketched)


def test_sem_stands_in_no_time_course(sketched, one_question, taken_in, measured, modelled):
    timecourse.draw(one_question, taken_in["filaments"], measured["thresholds"], modelled["means"])
    words = [text.get_text() for drawn in sketched for axes in drawn.axes for text in (axes.yaxis.label, *axes.texts)]
    assert not [told for told in words if "SEM" in told]


def test_an_entry_that_names_no_question_or_arm_is_refused_with_its_key():
    from hindpaw import reproduction

    document = {
        "arms": {"bmsc": {}},
        "questions": {"relief": {"kind": "contrast"}, "cells": {"kind": "counts"}},
        "reproduce": {
            "a": {"locator": "1A", "question": "reliev", "groups": [], "days": []},
            "b": {"locator": "1B", "question": "relief", "groups": ["bmcs"], "days": []},
            "c": {"locator": "1C", "question": "cells", "groups": [], "days": []},
        },
    }
    found = list(reproduction.mistakes(document, "s.yaml"))
    assert [place for place, _, _ in found] == [
        "s.yaml: reproduce.a.question",
        "s.yaml: reproduce.b.groups",
        "s.yaml: reproduce.c.question",
    ]
    assert 'Did you mean "relief"?' in found[0][2]
    assert 'Did you mean "bmsc"?' in found[1][2]
