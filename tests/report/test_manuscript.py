"""methods.md: every number leads back to the cell it was rounded from, and the words keep to what was promised."""

from __future__ import annotations

import math
import re

import pandas as pd
import pytest
from hindpaw.report.manuscript import methods_text, plain_text
from hindpaw.report.sections import plain

NOTE = re.compile(r"^\[\^(\d+)\]: (.*): (?:(10\^|100 ×|size of) )?(\w+)\.csv row (\d+) columns? ([\w, ]+)$")
NUMBER = re.compile(r"[−-]?(?:\d+\.?\d*|\.\d+)(?:×10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?")
POWERS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
SCALES = {None: lambda x: x, "10^": lambda x: 10**x, "100 ×": lambda x: 100 * x, "size of": abs}


@pytest.fixture(scope="session")
def text(told):
    """The demo's methods.md."""
    return methods_text(told)


def unescaped(line):
    """Markdown's backslashes taken away."""
    return re.sub(r"\\([\\`*_{}\[\]<>#|~$^])", r"\1", line)


def notes(text):
    """The footnotes, each as its parts."""
    found = [NOTE.match(unescaped(line)) for line in text.splitlines() if line.startswith("[^")]
    assert all(found)
    return [match.groups() for match in found]


def printed(number):
    """What a printed number is, and half a unit of its last digit."""
    mantissa, _, power = number.replace("−", "-").partition("×10")
    factor = 10.0 ** int(power.translate(POWERS) or 0)
    decimals = len(mantissa.partition(".")[2])
    return float(mantissa) * factor, 0.5000001 * 10.0**-decimals * factor


def tolerance(number, value):
    """Half a unit of the last digit printed; zeros at the end are not printed, two digits always stand."""
    half = printed(number)[1]
    return half if "×" in number or not value else min(half, 0.05 * 10.0 ** math.floor(math.log10(abs(value))))


def test_every_note_leads_to_its_cells(text, everything):
    """A number printed equals its cell to the digits printed; a text is the cell's own."""
    checked = 0
    for _, words, scale, table, line, columns in notes(text):
        cells = everything[table].iloc[int(line) - 2][columns.split(", ")]
        if isinstance(cells.iloc[0], str):
            assert words.rstrip(".").casefold() == cells.iloc[0].rstrip(".").casefold()
            continue
        values = [SCALES[scale](float(cell)) for cell in cells if not pd.isna(cell)]
        if words.startswith("p < "):
            assert values[0] < 0.001
            continue
        numbers = NUMBER.findall(re.sub(r"95 % CI|ED50|(?<=\d),(?=\d{3})", "", words))
        if len(numbers) == 1 and len(values) > 1:
            # One number from several cells is their sum, or how many days lie between two.
            values = [values[0] - values[1] if "days" in words else sum(values)]
        assert len(numbers) == len(values), (words, values)
        for number, value in zip(numbers, values, strict=True):
            # A p has three decimals, or two; a difference of engines one digit.
            rough = words.startswith("p ") or columns == "largest_difference"
            allowed = printed(number)[1] if rough else tolerance(number, value)
            assert abs(printed(number)[0] - value) <= allowed, (words, table, line)
            checked += 1
    assert checked > 150


def test_no_number_of_the_results_is_without_its_note(text, demo):
    results = text.split("## Results")[1].split("## Software and data")[0]
    # The longest first, since "5" is also the end of "0.41 g on day 5".
    for words in sorted((words for _, words, *_ in notes(text)), key=len, reverse=True):
        results = re.sub(re.escape(plain_text(words)) + r"\[\^\d+\]", "", results)
    for known in [*(arm.label for arm in demo.arms.values()), *(one.ask for one in demo.questions.values())]:
        results = results.replace(plain_text(known), "")
    for name in [
        "TGF-β1",
        "IL-10",
        "IL-1β",
        "IL-6",
        "CCL2",
        "CXCL12",
        "log10",
        "95 %",
        "ED50",
        "ratio of 1",
        "below .05",
        "90 % interval",
        "side of 5 %",
        *demo.questions,
    ]:
        results = results.replace(plain_text(name), "")
    # The margin is a setting of the study, an animal's name no number.
    results = re.sub(r"[\d.]+ times \(one mean filament step of mouse-9\)|\bM\d{3}\b", "", results)
    stray = [
        line
        for line in results.splitlines()
        if re.search(r"\d", re.sub(r"\[\^\d+\]|µm|for each [\d.]+|1 −|1 h", "", line))
    ]
    allowed = re.compile(r"allocated, \d+ excluded|^Figure ")
    assert [line[:300] for line in stray if not allowed.search(line)] == []


def test_the_order_is_interval_then_p_and_the_words_promise_nothing(told, text):
    """APA: no zero before the point of a p, which never is .000; nothing "significant" without an interval; no "no effect"."""
    assert not re.search(r"\bp (=|\\?<|>) 0\.", text)
    assert ".000" not in text.replace("p = .000", "WRONG") or "WRONG" not in text
    for sentence in re.split(r"(?<=[.!?])\s", text):
        assert "significan" not in sentence or "CI" in sentence, sentence
    absences = re.findall(r"[^.]*\b(?:no effect|no difference|not differ|without effect|ineffective)\b[^.]*", text)
    # That none was expected is a hypothesis, and tested against a margin.
    absences = [one for one in absences if not re.search(r"expect(s|ed)? no effect", one)]
    assert absences
    assert all("no proof of no effect" in one for one in absences), absences
    for one in told.answers:
        assert not re.search(r"\bp [=<]", plain(one.ratio).split("CI")[0]), one.key
        if one.known and "times" in plain(one.ratio):
            assert re.search(r"times \(95 % CI .+ to .+\)|at (least|most)", plain(one.ratio)), one.key


def test_f_and_t_are_in_apa_style(told):
    grids = [
        block
        for chapter in told.chapters
        for group in chapter.groups.values()
        for part in group
        for block in part.blocks
    ]
    cells = [cell for grid in grids if hasattr(grid, "rows") for row in grid.rows for cell in row]
    tests = [cell for cell in cells if re.match(r"[Ft]\(", cell)]
    assert len(tests) > 30
    for cell in tests:
        assert re.fullmatch(
            r"F\(\d+(\.\d+)?, \d+\.\d\) = \d+\.\d\d, p (= \.\d{2,3}|< \.001|= 1\.00)|t\(\d+\.\d\) = −?\d+\.\d\d", cell
        ), cell


def test_words_from_outside_are_no_markdown(hostile_told):
    text = methods_text(hostile_told)
    assert not re.search(r"(?<!\\)<(img|script|/)", text)
    assert not re.search(r"(?<!\\)[*_`\[](?!\^)(?=[^\n]*onerror)", text.replace("**Simulated data.**", ""))
    assert "\u202e" not in text
    assert all(NOTE.match(unescaped(line)) for line in text.splitlines() if line.startswith("[^"))
