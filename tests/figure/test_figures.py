"""Figures by the data on their axes."""

from __future__ import annotations

import dataclasses
import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from hindpaw.figure import curves, cytokine, effects, named, style, timecourse

HOSTILE = [
    "$x^{2",
    "<img src=x onerror=alert(1)>",
    "--><script>alert(1)</script>",
    "n" * 300,
    "mouse 🐭",
    "line\nbreak",
    "=1+1",
    "\u202eright to left",
]


@pytest.fixture
def kept(monkeypatch):
    """The figures that are drawn, kept open to be looked at."""
    made = []
    finish = style.finished
    monkeypatch.setattr(style, "finished", lambda drawn, numbers: made.append(drawn) or finish(drawn, numbers))
    return made


def test_every_mouse_and_mean_is_on_the_time_course(kept, one_question, taken_in, measured, modelled):
    drawn = timecourse.draw(one_question, taken_in["filaments"], measured["thresholds"], modelled["means"])["relief"]
    axes = kept[0].axes[0]
    mine = measured["thresholds"].query("paw == 'ipsilateral' and arm in ['bmsc', 'vehicle']")
    points = sum(
        len(collection.get_offsets())
        for collection in axes.collections
        if len(collection.get_offsets()) and hasattr(collection, "get_offsets")
    )
    bars = 2  # seaborn and error bars add collections without a point of a mouse
    assert points >= len(mine)
    means = (
        modelled["means"]
        .query("question == 'relief' and arm == 'bmsc'")
        .sort_values("day")["geometric_mean"]
        .to_numpy()
    )
    heights = [line.get_ydata() for line in axes.lines if len(line.get_ydata()) == len(means)]
    assert any(np.allclose(np.asarray(line, float), means) for line in heights)
    assert len(axes.containers) == bars
    table = pd.read_csv(io.BytesIO(drawn.csv))
    assert (table["what"] == "mouse").sum() == len(mine)
    assert set(table["what"]) == {"mouse", "estimated mean", "geometric mean before treatment"}


def test_the_axis_is_in_grams_at_the_filaments(kept, one_question, taken_in, measured, modelled):
    timecourse.draw(one_question, taken_in["filaments"], measured["thresholds"], modelled["means"])
    axes = kept[0].axes[0]
    assert axes.get_yscale() == "log"
    np.testing.assert_allclose(axes.get_yticks(), sorted(taken_in["filaments"]["force_g"]))
    labels = [label.get_text() for label in axes.get_yticklabels()]
    told = {tick: float(label) for tick, label in zip(axes.get_yticks(), labels, strict=True) if label}
    np.testing.assert_allclose(list(told.values()), list(told), rtol=0.05)
    # Two filaments whose labels would touch keep their ticks, and one of them its label.
    assert labels[0]
    assert labels[-1]
    assert labels.count("") <= 2


def test_censored_mice_are_open_triangles_at_their_bound(kept, one_question, taken_in, measured, modelled):
    timecourse.draw(one_question, taken_in["filaments"], measured["thresholds"], modelled["means"])
    mine = measured["thresholds"].query("paw == 'ipsilateral' and arm in ['bmsc', 'vehicle'] and censored == 'left'")
    hollow = [
        one
        for one in kept[0].axes[0].collections
        if hasattr(one, "get_offsets") and len(one.get_facecolors()) == 0 and len(one.get_offsets())
    ]
    lowest = [y for one in hollow for _, y in np.asarray(one.get_offsets())]
    assert len(mine)
    assert sum(np.isclose(lowest, mine["upper_g"].iloc[0])) == len(mine)


def test_simulated_data_say_so_in_the_figure(kept, one_question, taken_in, measured, modelled):
    timecourse.draw(one_question, taken_in["filaments"], measured["thresholds"], modelled["means"])
    real = dataclasses.replace(one_question, simulated=False)
    timecourse.draw(real, taken_in["filaments"], measured["thresholds"], modelled["means"])
    titles = [drawn.get_suptitle() for drawn in kept]
    assert ["SIMULATED DATA" in title for title in titles] == [True, False]


def test_the_forest_shows_ratios_with_their_intervals(kept, one_question, modelled):
    effects.draw(one_question, modelled["contrasts"])
    rows = modelled["contrasts"].query("question == 'relief'")
    axes = kept[0].axes[0]
    shown = [float(line.get_xdata()[0]) for line in axes.lines if len(line.get_xdata()) == 1]
    np.testing.assert_allclose(shown, rows["ratio"])
    spans = [
        line.get_xdata()
        for line in axes.lines
        if len(line.get_xdata()) == 2 and line.get_ydata()[0] == line.get_ydata()[1]
    ]
    np.testing.assert_allclose(spans, rows[["ratio_lower", "ratio_upper"]])
    assert [label.get_text() for label in axes.get_yticklabels()][-1] == "all days"


def test_concentrations_show_every_animal_and_the_limit(kept, demo, measured, modelled):
    drawn = cytokine.draw(demo, modelled["means"], measured["concentrations"], measured["curves"])["csf_tgfb1"]
    table = pd.read_csv(io.BytesIO(drawn.csv))
    mine = measured["concentrations"].query("analyte == 'TGF-β1' and matrix == 'CSF'")
    np.testing.assert_allclose(sorted(table["pg_per_ml"][table["what"] == "animal"]), sorted(mine["pg_per_ml"]))
    lloq = measured["curves"].set_index("analyte").loc["TGF-β1", "lloq_pg_per_ml"] * 20
    lines = [float(line.get_ydata()[0]) for line in kept[0].axes[0].lines if line.get_linestyle() == "--"]
    assert lines == [pytest.approx(lloq)]


def test_a_curve_is_drawn_as_it_was_fitted(kept, demo, measured):
    curves.draw(demo, measured["curves"], measured["curve_points"], measured["concentrations"], measured["controls"])
    row = measured["curves"].iloc[0]
    points = measured["curve_points"].query("plate == 'csf_tgfb1_plate1'")
    np.testing.assert_allclose(
        curves.signal(row, points["nominal_pg_per_ml"].to_numpy()), points["fitted_signal"], rtol=1e-9
    )
    assert [len(drawn.axes) for drawn in kept] == [1, 6, 1]


def test_the_same_numbers_give_the_same_bytes(one_question, modelled):
    first, second = (effects.draw(one_question, modelled["contrasts"])["relief"] for _ in range(2))
    assert first == second
    ET.fromstring(first.svg)
    assert first.pdf.startswith(b"%PDF")
    assert first.png.startswith(b"\x89PNG")


def test_an_arm_looks_the_same_everywhere_and_no_two_look_alike(demo):
    looks = [style.of_arm(demo, arm) for arm in demo.arms]
    assert len(set(looks)) == len(looks) == 16
    assert style.of_arm(demo, "bmsc") == looks[1]


def test_a_question_without_data_says_so(demo, modelled, measured, taken_in):
    empty = measured["thresholds"].iloc[:0]
    drawn = timecourse.draw(demo, taken_in["filaments"], empty, modelled["means"])
    assert b"No threshold" in drawn["relief"].csv
    assert effects.draw(demo, modelled["contrasts"].iloc[:0])["relief"].svg


@pytest.mark.parametrize("label", HOSTILE)
def test_a_hostile_label_is_only_a_label(label, one_question, modelled, taken_in, measured, recwarn):
    arms = {key: dataclasses.replace(arm, label=label) for key, arm in one_question.arms.items()}
    question = dataclasses.replace(one_question.questions["relief"], ask=label)
    hostile = dataclasses.replace(one_question, arms=arms, questions={"relief": question})
    recwarn.clear()
    drawn = effects.draw(hostile, modelled["contrasts"])["relief"]
    found = {element.tag for element in ET.fromstring(drawn.svg).iter()}
    assert all(
        tag.startswith(
            ("{http://www.w3.org/2000/svg}", "{http://creativecommons", "{http://purl", "{http://www.w3.org/1999/02")
        )
        for tag in found
    )
    assert not [tag for tag in found if tag.endswith(("script", "img", "foreignObject"))]


def test_the_name_of_each_point_lies_where_the_point_is_drawn(kept, one_question, taken_in, measured, modelled):
    svg = timecourse.draw(one_question, taken_in["filaments"], measured["thresholds"], modelled["means"])["relief"].svg
    tree = ET.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    circles = list(tree.iter(f"{space}circle"))
    mine = measured["thresholds"].query("paw == 'ipsilateral' and arm in ['bmsc', 'vehicle']")
    told = [one.find(f"{space}title").text for one in circles]
    assert sorted(name.split(",")[0] for name in told if "!" in name) == sorted(mine["animal"])
    for row in mine.itertuples():
        assert any(name.startswith(f"{row.animal}, day {row.day:g}: ") and f"({row.source})" in name for name in told)
    # What matplotlib itself wrote down: markers used again and again, or a path for each where they are few.
    used = [[float(use.get("x")), float(use.get("y"))] for use in tree.iter(f"{space}use") if use.get("x")]
    paths = [
        np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", path.get("d") or ""), float) for path in tree.iter(f"{space}path")
    ]
    markers = np.array([*used, *((path.min(axis=0) + path.max(axis=0)) / 2 for path in paths if len(path))])
    for one in circles:
        place = np.array([float(one.get("cx")), float(one.get("cy"))])
        assert np.abs(markers - place).sum(axis=1).min() < 0.02


def test_names_that_are_not_as_many_as_the_points_are_refused():
    _, axes = style.figure(50, 50)
    with pytest.raises(ValueError, match="1 names for 2 points"):
        named.points(axes.scatter([1, 2], [1, 2]), ["a"])
