"""What holds for every figure of the demo, of every kind: names of marks, a journal's rules, numbers equal to its CSV."""

from __future__ import annotations

import io
import math
import re

import numpy as np
import pandas as pd
import pytest
from hindpaw import tables
from hindpaw.drawings import Drawing
from hindpaw.figure import assays, bounds, checks, courses, effects, relations, resampling, style
from matplotlib.collections import PathCollection
from matplotlib.container import ErrorbarContainer

from tests.figure.journal import at_fault, texts

KINDS = {
    *("time_course", "change", "reproduction", "effects", "concentrations", "panel", "by_day", "standard_curves"),
    *(
        "association",
        "neutralization",
        "dose_response",
        "counts",
        "randomization",
        "influence",
        "durations",
        "areas",
        "censored",
    ),
    *("equivalence", "tipping", "diagnostics", "flow", "strings", "areas"),
}
# What a name ends with: a source cell, a row of a table, or a row of the figure's own numbers.
CELL = re.compile(r"\((?:[\w.-]+!.*|.*\w+\.csv row \d+.*|row \d+ of the figure's own CSV)\)$", re.S)
WORDS = r": (?:geometric mean |mean |correlation |predicted intercept )?(?P<value>[−\d.]+) "
TABLE_ROW = re.compile(WORDS + r"[^!]*?(?<! over )(?<!less )\b(?P<table>\w+)\.csv row (?P<row>\d+)\)$")
FIGURE_ROW = re.compile(WORDS + r".*\(row (?P<row>\d+) of the figure's own CSV\)$")


@pytest.fixture(scope="module")
def drawn(demo, everything):
    """Every figure of the demo by kind and name: as it is before it is printed, and its numbers."""
    patch, made = pytest.MonkeyPatch(), []

    def sketch(figure, numbers):
        figure.draw_without_rendering()
        made.append(figure)
        return Drawing(b"", b"", str(len(made) - 1).encode(), tables.as_csv(numbers))

    patch.setattr(style, "finished", sketch)
    rooms = (courses, assays, relations, resampling, bounds, checks)
    kinds = {kind: found for room in rooms for kind, found in room.draw(demo, **everything).items()}
    kinds["effects"] = effects.draw(demo, everything["contrasts"])
    patch.undo()
    return {
        (kind, name): (made[int(one.png)], pd.read_csv(io.BytesIO(one.csv)))
        for kind, found in kinds.items()
        for name, one in found.items()
    }


def marks(figure):
    """Every artist that draws symbols at data: scatters, lines with markers, images; not the caps of error bars."""
    for axes in figure.axes:
        caps = {cap for bars in axes.containers if isinstance(bars, ErrorbarContainer) for cap in bars.lines[1]}
        if axes.get_label() == "<colorbar>":
            continue
        yield from (one for one in axes.collections if isinstance(one, PathCollection) and len(one.get_offsets()))
        yield from axes.images
        for line in axes.lines:
            if line.get_marker() not in ("", "None", "none", None) and line not in caps and len(line.get_xdata()):
                yield line


def names(figure):
    """The names of all points."""
    return [told for one in marks(figure) for told in getattr(one, "named_points", []) if told]


def test_every_kind_of_the_set_is_drawn(drawn):
    assert {kind for kind, _ in drawn} == KINDS
    assert len(drawn) > 60


def test_every_mark_that_is_a_datum_has_a_name_with_its_cell_or_its_row(drawn):
    faults = []
    for key, (figure, _) in drawn.items():
        for mark in marks(figure):
            told = getattr(mark, "named_points", None)
            if told is None:
                faults.append((key, "no names", str(mark)))
            else:
                faults += [(key, one) for one in told if one and not CELL.search(one)]
    assert not faults


def test_rows_that_names_speak_of_hold_the_value_they_tell(drawn, everything):
    """The number told (to three digits, in the diagnostics two) stands in the row, as it is or as its log."""
    checked = 0
    for key, (figure, numbers) in drawn.items():
        for told in names(figure):
            found = TABLE_ROW.search(told) or FIGURE_ROW.search(told)
            if not found:
                continue
            frame = everything[found["table"]] if "table" in found.groupdict() else numbers
            row = frame.loc[int(found["row"]) - 2]
            value = float(found["value"].replace("−", "-"))
            held = [
                one
                for one in row
                if isinstance(one, int | float | np.number) and not isinstance(one, bool) and not math.isnan(one)
            ]
            held += [10**one for one in held if abs(one) < 12]
            # Half a unit of the last of three digits, or of two.
            rounded = 0.051 if key[0] == "diagnostics" else 0.0051
            assert any(math.isclose(value, one, rel_tol=rounded) for one in held), (key, told)
            checked += 1
    assert checked > 600


def test_source_cells_that_names_speak_of_are_those_of_the_animal(drawn, everything):
    """The animal's id stands in the table that was read from the cell."""
    owner = {}
    for name in ("thresholds", "concentrations", "counts", "trials"):
        frame = everything[name]
        who = frame["animal"].fillna(frame["pool"]) if "pool" in frame else frame["animal"]
        for source, animal in zip(frame["source"], who, strict=True):
            for cell in source.split("; "):
                owner[cell] = animal
    checked = 0
    for key, (figure, _) in drawn.items():
        for told in names(figure):
            found = re.search(r"^([^,:]+)[,:].*\(([\w.-]+![^;()]*?)(?: and \d+ more cells|;.*)?\)$", told)
            if found and found[2] in owner:
                assert owner[found[2]] == found[1], (key, told)
                checked += 1
    assert checked > 2500


def test_every_figure_keeps_a_journals_rules(drawn):
    faults = {key: at_fault(figure) for key, (figure, _) in drawn.items()}
    assert not {key: found for key, found in faults.items() if found}


def test_every_figure_of_simulated_data_says_so(drawn):
    assert all(style.SIMULATED in figure.get_suptitle() for figure, _ in drawn.values())


def test_sem_stands_only_in_published_figures_drawn_again(drawn):
    for (kind, _), (figure, _) in drawn.items():
        said = any("SEM" in text.get_text() for text, _ in texts(figure))
        assert said == (kind == "reproduction"), kind


def test_arms_that_meet_in_a_figure_differ_in_colour_and_every_arm_keeps_its_look(demo):
    looks = style.looks(demo)
    for question in demo.questions.values():
        colours = [looks[arm][0] for arm in question.arms]
        assert len(set(colours)) == len(colours), question.key
    for shown in demo.reproduce.values():
        assert len({looks[arm][0] for arm in shown.groups}) == len(shown.groups)


def test_symbols_of_an_arm_have_its_colour_and_its_marker(demo, drawn):
    """What the legends say: a label that names one arm stands by its colour and, where there is a symbol, its marker."""
    looks = {style.words(demo.label(arm), 40, 1): style.of_arm(demo, arm) for arm in demo.arms}
    checked = 0
    for key, (figure, _) in drawn.items():
        for axes in figure.axes:
            handles, labels = axes.get_legend_handles_labels()
            for handle, label in zip(handles, labels, strict=True):
                name = label.partition("\nn = ")[0].partition(" / ")[0].replace("\n", " ")
                if name not in looks:
                    continue
                line = handle[0] if isinstance(handle, ErrorbarContainer) else handle
                colour = line.get_color() if hasattr(line, "get_color") else matplotlib_hex(line)
                assert colour == looks[name][0], (key, label)
                if hasattr(line, "get_marker"):
                    assert line.get_marker() == looks[name][1], (key, label)
                checked += 1
    assert checked > 40


def matplotlib_hex(scatter) -> str:
    """The colour of a scatter's edge."""
    from matplotlib.colors import to_hex

    return to_hex(scatter.get_edgecolors()[0][:3]).upper()


# Where each kind keeps the numbers that its marks stand at: column of its CSV, and how the axis shows them.
HEIGHTS = {
    "time_course": ("threshold_g", "y"),
    "change": ("ratio", "y"),
    "effects": ("ratio", "x"),
    "concentrations": ("pg_per_ml", "y"),
    "by_day": ("pg_per_ml", "y"),
    "standard_curves": ("signal", "y"),
    "counts": ("mean_count", "y"),
    "equivalence": ("ratio", "x"),
    "panel": ("log2_ratio_to_control", "array"),
}


@pytest.mark.parametrize("kind", HEIGHTS)
def test_what_stands_on_the_axes_is_what_stands_in_the_csv(drawn, kind):
    column, axis = HEIGHTS[kind]
    for (found, name), (figure, numbers) in drawn.items():
        if found != kind or column not in numbers:
            continue
        shown = []
        for mark in marks(figure):
            if axis == "array" and hasattr(mark, "get_array") and mark in figure.axes[0].images:
                shown += [one for one in np.ma.filled(mark.get_array(), np.nan).ravel() if not math.isnan(one)]
            elif (axis != "array" and mark.axes is figure.axes[0]) or (axis != "array" and kind == "standard_curves"):
                if kind == "standard_curves" and not isinstance(mark, PathCollection):
                    continue
                points = mark.get_offsets() if isinstance(mark, PathCollection) else mark.get_xydata()
                shown += np.asarray(points, float)[:, 0 if axis == "x" else 1].tolist()
        expected = numbers[column].dropna()
        np.testing.assert_allclose(np.sort(shown), np.sort(expected), err_msg=name)


def logs(values):
    """Powers of ten of a column."""
    return 10 ** values.dropna().astype(float)


def test_relations_show_each_animal_at_its_summary(drawn, everything):
    summaries = everything["summaries"]
    for kind in ("association", "neutralization", "dose_response"):
        for (found, name), (figure, numbers) in drawn.items():
            if found == kind:
                seen = [one for one in marks(figure) if isinstance(one, PathCollection)]
                heights = np.concatenate([np.asarray(one.get_offsets(), float)[:, 1] for one in seen])
                own = summaries[summaries["question"] == name]
                np.testing.assert_allclose(np.sort(heights), np.sort(logs(own["log10_threshold"])))
                np.testing.assert_allclose(np.sort(logs(numbers["log10_threshold"])), np.sort(heights))


def test_resampling_shows_the_rows_of_its_csv(drawn):
    for (kind, _), (figure, numbers) in drawn.items():
        if kind == "influence":
            seen = list(marks(figure))
            ratios = np.concatenate([np.asarray(one.get_offsets(), float)[:, 0] for one in seen])
            expected = logs(numbers["estimate"]).to_numpy()
            assert np.isin(ratios.round(9), expected.round(9)).all()
            assert len(ratios) >= min(len(expected), 48)
        if kind == "randomization":
            panels = [axes for place, axes in enumerate(figure.axes) if place % 3 == 2]
            ratios = [
                float(line.get_xdata()[0]) for axes in panels for line in axes.lines if hasattr(line, "named_points")
            ]
            rows = numbers[numbers["estimate"].notna() & (numbers["by"] != "maximum")]
            np.testing.assert_allclose(np.sort(ratios), np.sort(logs(rows["estimate"])))
            assert rows["estimand"].eq("contrast").sum() == rows["estimand"].isna().sum() > 0
            bins = [sum(patch.get_data()[0]) for axes in figure.axes for patch in axes.patches]
            dealt = numbers[numbers["by"].isin(["overall", "maximum"])]
            assert sum(bins) == dealt["n_deals"][dealt["t_from"].notna()].sum() + dealt["n_as_large"].sum()
        if kind == "durations":
            curves = [line for line in figure.axes[0].lines if line.get_marker() in style.MARKERS]
            shown = np.concatenate([np.asarray(line.get_ydata(), float) for line in curves])
            np.testing.assert_allclose(np.sort(shown), np.sort(numbers["ratio"].dropna()))
        if kind == "areas":
            for axes, column in zip(figure.axes, ("auc_log10_g_days", "mpe_percent"), strict=True):
                mice = np.concatenate([np.asarray(one.get_offsets(), float)[:, 1] for one in axes.collections])
                np.testing.assert_allclose(np.sort(mice), np.sort(numbers[column].dropna()))
                means = [float(line.get_ydata()[0]) for line in axes.lines if hasattr(line, "named_points")]
                np.testing.assert_allclose(np.sort(means), np.sort(numbers.loc[numbers["of"] == column, "mean"]))


def test_bounds_show_the_rows_of_their_csv(drawn):
    for (kind, _), (figure, numbers) in drawn.items():
        if kind == "censored":
            left, right = figure.axes[:2]
            mice = np.concatenate(
                [np.asarray(one.get_offsets(), float)[:, 1] for one in left.collections if hasattr(one, "named_points")]
            )
            np.testing.assert_allclose(np.sort(mice), np.sort(numbers["threshold_g"].dropna()))
            ratios = [float(line.get_xdata()[0]) for line in right.lines if hasattr(line, "named_points")]
            rows = numbers[numbers["ratio"].notna()]
            expected = [*rows["ratio"], *logs(rows["substituted_estimate"])]
            np.testing.assert_allclose(np.sort(ratios), np.sort(expected))
        if kind == "tipping":
            curve = [
                line
                for axes in figure.axes
                for line in axes.lines
                if hasattr(line, "named_points") and len(line.get_xdata()) > 1
            ]
            shown = np.concatenate([np.asarray(line.get_ydata(), float) for line in curve])
            np.testing.assert_allclose(
                np.sort(shown), np.sort(logs(numbers.loc[numbers["row"] == "curve", "estimate"]))
            )


def test_diagnostics_show_the_rows_of_their_csv(drawn):
    for (kind, _), (figure, numbers) in drawn.items():
        if kind == "diagnostics" and "standardized" in numbers:
            columns = {0: "residual", 1: "standardized", 2: "standardized"}
            for place, column in columns.items():
                seen = [one for one in figure.axes[place].collections if hasattr(one, "named_points")]
                heights = np.concatenate([np.asarray(one.get_offsets(), float)[:, 1] for one in seen])
                np.testing.assert_allclose(np.sort(heights), np.sort(numbers[column].dropna()))


def test_thresholds_are_drawn_on_a_log_axis_in_grams_at_the_filaments(drawn, taken_in):
    forces = np.sort(taken_in["filaments"]["force_g"])
    checked = 0
    for (kind, _), (figure, _) in drawn.items():
        if kind in ("time_course", "censored", "association", "neutralization", "dose_response"):
            axes = figure.axes[0]
            assert axes.get_yscale() == "log"
            np.testing.assert_allclose(axes.get_yticks(), forces)
            assert "(g)" in axes.get_ylabel()
            checked += 1
    assert checked == 14


def test_injury_and_treatment_are_marked_wherever_days_run_past_them(drawn):
    for (kind, _), (figure, _) in drawn.items():
        if kind in ("time_course", "change", "censored", "durations"):
            said = {text.get_text() for text in figure.axes[0].texts}
            assert {"injury", "treatment"} <= said, kind
