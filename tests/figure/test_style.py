"""What a journal asks of a figure: widths, sizes of type, fonts, colours, and labels that can be read."""

from __future__ import annotations

import dataclasses
import io
import itertools
import re
import zlib

import numpy as np
import pytest
from hindpaw.audit.flow import flow as flow_of
from hindpaw.figure import change, diagnostics, effects, flow, strings, style, timecourse

from tests.figure.journal import at_fault

# Machado GM, Oliveira MM, Fernandes LA, IEEE Trans Vis Comput Graph 2009;15:1291-1298, doi 10.1109/TVCG.2009.113, for
# people who lack one of the three cones, on linear RGB.
SEEN = {
    "all cones": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
# IEC 61966-2-1 (sRGB), white D65.
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
HOSTILE = [
    "W" * 300,
    "treated with a long name of several words " * 8,
    "$x^{2 $\\frac{1}{2}$ a_b mouse 🐭 \u202eright to left\u202c line\nbreak\ttab",
    "\u05de\u05d8\u05d5\u05e4\u05dc \u05d1\u05ea\u05d0\u05d9\u05dd",
]


def lab(colours: tuple[str, ...], view: str = "all cones") -> np.ndarray:
    """CIE L*a*b* of colours as someone sees them."""
    rgb = np.array([[int(one[place : place + 2], 16) / 255 for place in (1, 3, 5)] for one in colours])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = np.clip(linear @ np.array(SEEN[view]).T, 0, 1) @ TO_XYZ.T / TO_XYZ.sum(axis=1)
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1)


def test_lab_of_white_and_of_red():
    # White is (100, 0, 0) by definition; sRGB red is (53.24, 80.09, 67.20).
    np.testing.assert_allclose(lab(("#FFFFFF", "#FF0000")), [[100, 0, 0], [53.24, 80.09, 67.20]], atol=0.02)


@pytest.mark.parametrize("view", SEEN)
def test_colours_stay_apart_for_everyone(view):
    # 2.3 is a difference that is just seen; ten times as much is none that symbols of 1 mm hide.
    found = lab(style.COLOURS, view)
    least = min(np.linalg.norm(a - b) for a, b in itertools.combinations(found, 2))
    assert least > 22


def test_colours_stay_apart_in_a_grey_print_and_on_white():
    lightness = np.sort(lab(style.COLOURS)[:, 0])
    assert np.diff(lightness).min() > 9
    assert lightness.max() < 72
    order = lab(style.COLOURS)[:, 0]
    assert np.abs(np.diff(order)).min() > 20, "neighbours in the study file are most often compared"


def test_markers_are_no_signs_of_censoring():
    assert not set(style.MARKERS) & {sign for sign, _ in timecourse.CENSORED.values()}


def test_thirty_six_arms_have_looks_of_their_own(demo):
    arm = next(iter(demo.arms.values()))
    many = dataclasses.replace(demo, arms={f"arm{place}": arm for place in range(36)})
    assert len({style.of_arm(many, one) for one in many.arms}) == 36


@pytest.fixture(scope="module")
def all_tables(demo, taken_in, measured, modelled):
    """Tables of every room by name."""
    names = ("animals", "ledger")
    found = flow_of(demo, *(taken_in[name] for name in names), measured["thresholds"], modelled["means"])
    return {**taken_in, **measured, **modelled, "flow": found}


@pytest.mark.parametrize("label", HOSTILE)
def test_labels_of_any_kind_neither_overlap_nor_run(label, sketched, one_question, all_tables):
    arms = {key: dataclasses.replace(arm, label=label) for key, arm in one_question.arms.items()}
    question = dataclasses.replace(one_question.questions["relief"], ask=label, brackets=True)
    hostile = dataclasses.replace(one_question, arms=arms, questions={"relief": question})
    t = all_tables
    timecourse.draw(hostile, t["filaments"], t["thresholds"], t["means"], t["contrasts"])
    change.draw(hostile, t["changes"])
    effects.draw(hostile, t["contrasts"])
    diagnostics.draw(hostile, t["residuals"], t["assumptions"])
    flow.draw(hostile, t["flow"])
    faults = [at_fault(drawn) for drawn in sketched]
    assert faults == [[]] * 5


def test_twelve_arms_one_animal_and_no_animal(sketched, one_question, all_tables):
    arms = list(one_question.arms)[:12]
    question = dataclasses.replace(one_question.questions["relief"], kind="many-to-one", also=tuple(arms[2:]))
    twelve = dataclasses.replace(one_question, questions={"relief": question})
    t, one = all_tables, all_tables["thresholds"].query("animal == 'M002'")
    for thresholds in (t["thresholds"], one, one.iloc[:1], one.iloc[:0]):
        timecourse.draw(twelve, t["filaments"], thresholds, t["means"].iloc[:0], t["contrasts"].iloc[:0])
    diagnostics.draw(twelve, t["residuals"].iloc[:1], t["assumptions"].iloc[:0])
    for rows in (t["flow"], t["flow"].iloc[:0]):
        flow.draw(twelve, rows)
    for trials in (t["trials"].query("animal == 'M002'"), t["trials"].iloc[:0]):
        strings.draw(twelve, trials, t["animals"], t["ledger"].iloc[:0], t["filaments"])
    # Four time courses, a diagnostic, a flow of one paw and one of none, a raster for each paw and one of none.
    assert [at_fault(drawn) for drawn in sketched] == [[]] * 10
    looks = {
        (line.get_color(), line.get_marker())
        for line in sketched[0].axes[0].lines
        if line.get_marker() in style.MARKERS
    }
    assert len(looks) == 12


@pytest.fixture(scope="module")
def printed(one_question, all_tables):
    """One figure in all formats."""
    t = all_tables
    return timecourse.draw(one_question, t["filaments"], t["thresholds"], t["means"])["relief"]


def streams(pdf: bytes) -> bytes:
    """A PDF with its compressed streams laid open."""
    opened = [
        zlib.decompress(found) for found in re.findall(rb"/FlateDecode.*?stream\r?\n(.*?)\r?\nendstream", pdf, re.S)
    ]
    return pdf + b"\n".join(opened)


def test_a_pdf_holds_its_fonts_as_truetype_and_is_as_wide_as_said(printed):
    found = streams(printed.pdf)
    assert re.findall(rb"/BaseFont /[A-Z]{6}\+DejaVuSans\b", found)
    assert b"/FontFile2" in found
    assert b"/Type3" not in found
    kinds = set(re.findall(rb"/Subtype /(Type0|CIDFontType2|TrueType|Type1|Type3)\b", found))
    assert kinds
    assert kinds <= {b"Type0", b"CIDFontType2", b"TrueType"}
    width, _ = map(float, re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+)", found).groups())
    assert width / 72 * 25.4 == pytest.approx(180, abs=0.01)


def test_an_svg_is_as_wide_as_said(printed):
    width = re.search(r'<svg [^>]*width="([\d.]+)pt"', printed.svg.decode())[1]
    assert float(width) / 72 * 25.4 == pytest.approx(180, abs=0.01)


def test_a_png_has_three_hundred_dots_an_inch(printed):
    from PIL import Image

    image = Image.open(io.BytesIO(printed.png))
    assert image.width == pytest.approx(180 / 25.4 * 300, abs=1)
    assert image.info["dpi"][0] == pytest.approx(300, abs=0.5)


def test_no_format_tells_the_time_it_was_made(printed):
    assert b"CreationDate" not in printed.pdf
    assert b"<dc:date>" not in printed.svg
