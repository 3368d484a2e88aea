"""Random sessions and plates written in every layout and format come back equal."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hindpaw import filaments, study
from hindpaw.intake import plate_readers, take_in
from hindpaw.simulate import sheets
from hindpaw.study import PlateFile
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

SPEC = importlib.util.spec_from_file_location("writers", Path(__file__).with_name("writers.py"))
writers = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(writers)

IDS = st.text("abcdefghijkmnpqrstuvwxyzMR0123456789_#.éµ", min_size=1, max_size=6).map(
    lambda text: f"M{text}".rstrip(".")
)
SOME = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
KNOWN = sheets.KNOWN


def text_format(mark, encoding, end="\n"):
    """A delimited text of the first sheet."""
    return lambda book: sheets.delimited(next(iter(book.values())), mark, encoding, end)


FORMATS = sheets.FORMATS | {
    "xls": ("v.xls", writers.xls),
    "xlsx with merged cells": ("v.xlsx", writers.merged),
    "pzfx": ("v.pzfx", writers.pzfx),
    "pipes, Windows letters, CR": ("v.csv", text_format("|", "cp1252", "\r")),
    "commas in quotes": ("v.csv", text_format(",", "utf-8")),
    "tabs, UTF-16 with mark": ("v.tsv", text_format("\t", "utf-16", "\r\n")),
    "semicolons, UTF-16 without mark": ("v.csv", text_format(";", "utf-16-le")),
    "csv called xls": ("v.xls", text_format("\t", "utf-8-sig")),
    "zip of pzfx": ("v.zip", lambda book: sheets.zipped({"v.pzfx": writers.pzfx(book)})),
}
ONE_SHEET = {name for name, (_, write) in FORMATS.items() if write.__qualname__.startswith("text_format")}
SEVERAL_SHEETS = ("sheet a day", "sheet an animal", "column an animal")


def of_five(one):
    """Five presentations that stay at the ends of the set, and their filaments."""
    responses = (one.series + "XOXOX")[:5]
    return responses, filaments.held(responses, 5, len(KNOWN))


def sudo(told):
    rows = [["Mouse", "Day", "Paw", "XO", "Last"]]
    rows += [[one.animal, one.day, one.paw, of_five(one)[0], of_five(one)[1][-1]] for one in told]
    columns = "{animal: Mouse, day: Day, paw: Paw, responses: XO, last_filament: Last}"
    return [f"{{layout: up-down-strings, protocol: sudo, scale: nominal, start: 5, columns: {columns}}}"], {"S": rows}


def first_filament(told):
    """The first filament by its handle, in words of another keyboard."""
    rows = [["Mouse", "Day", "Paw", "XO", "First"]]
    for one in told:
        first = filaments.replay(one.series, one.last)[0]
        words = one.series.replace("X", "Х").replace("O", "О")
        rows.append([one.animal, one.day, one.paw, words, KNOWN.handles[first - 1]])
    columns = "{animal: Mouse, day: Day, paw: Paw, responses: XO, first_filament: First}"
    return [f"{{layout: up-down-strings, scale: nominal, last_filament_in: handle, columns: {columns}}}"], {"S": rows}


def readings(one):
    """Three readings of a device."""
    return [round(one.threshold_g * factor, 4) for factor in (1, 1.1, 0.9)]


def device(told):
    rows = [["Mouse", "Day", "Paw", "r1", "r2", "r3"]]
    rows += [[one.animal, one.day, one.paw, *readings(one)] for one in told]
    wide = ", ".join(f"{{columns: {{threshold: r{place}}}}}" for place in (1, 2, 3))
    return [f"{{layout: device, columns: {{animal: Mouse, day: Day, paw: Paw}}, wide: [{wide}]}}"], {"S": rows}


def by_filament(write, more):
    """A row a filament, the responses to it written in one way or another."""

    def layout(told):
        rows = [["Mouse", "Day", "Paw", "Hair", "Answer"]]
        for one in told:
            pairs = zip(KNOWN.nominal_g, one.counts, strict=True)
            rows += [[one.animal, one.day, one.paw, f"{grams} g", write(count)] for grams, count in pairs]
        columns = "{animal: Mouse, day: Day, paw: Paw, filament: Hair, responses: Answer}"
        return [
            f"{{layout: filament-responses, scale: nominal, last_filament_in: grams, {more}, columns: {columns}}}"
        ], {"S": rows}

    return layout


BY_FILAMENT = {
    "percent": by_filament(lambda count: f"{20 * count} %", "applications: 5"),
    "shares": by_filament(lambda count: count / 5, "applications: 5, responses_in: share"),
    "x of n": by_filament(lambda count: f"{count} of 5", "applications: 5"),
    "marks": by_filament(lambda count: "X" * count + "O" * (5 - count), "applications: 5"),
}
LAYOUTS = sheets.LAYOUTS | {"sudo": sudo, "first filament": first_filament, "device": device} | BY_FILAMENT


def counts_of(made):
    """Responses to each filament."""
    trials = made["trials"].assign(hit=made["trials"]["response"] == "X")
    return trials.groupby(["animal", "day", "paw", "filament_g"])["hit"].sum().to_dict()


def expected_counts(told):
    """The same as drawn."""
    pairs = ((one, zip(KNOWN.force_g, one.counts, strict=True)) for one in told)
    return {(one.animal, one.day, one.paw, grams): count for one, each in pairs for grams, count in each}


def possible(layout, kind):
    """Whether a format can hold a layout: a text holds one sheet, and Windows' letters are no Cyrillic ones."""
    windows = kind in ("zip of csv", "pipes, Windows letters, CR")
    single = kind in ONE_SHEET | {"csv", "tab"}
    return not (single and layout in SEVERAL_SHEETS) and not (windows and layout == "first filament")


@pytest.mark.parametrize("layout", LAYOUTS)
@SOME
@given(
    kind=st.sampled_from(list(FORMATS)),
    seed=st.integers(0, 2**32 - 1),
    animals=st.lists(IDS, min_size=1, max_size=3, unique_by=str.casefold),
    days=st.lists(st.integers(-7, 60), min_size=1, max_size=3, unique=True),
)
def test_sessions_come_back_as_they_were_written(layout, kind, seed, animals, days):
    assume(possible(layout, kind))
    compare(layout, kind, seed, animals, days)


@pytest.mark.parametrize("kind", FORMATS)
@settings(max_examples=1, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(layout=st.sampled_from(list(LAYOUTS)), seed=st.integers(0, 2**32 - 1))
def test_each_format_is_written_at_least_once(layout, kind, seed):
    compare(layout if possible(layout, kind) else "long", kind, seed, ["M1", "Mé"], [-1, 7])


@pytest.mark.parametrize("kind", ["pzfx", "xlsx with merged cells"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_in_a_prism_file_and_in_merged_cells(layout, kind):
    """Prism's titles are the first row, whatever stands there; a merged id holds for all of its rows."""
    compare(layout, kind, 20260, ["M1", "Mé2", "#7"], [-1, 7, 14])


def compare(layout, kind, seed, animals, days):
    """Write, read and compare."""
    told = sheets.sessions(np.random.default_rng(seed), animals, days)
    with patch.dict(sheets.FORMATS, FORMATS), patch.dict(sheets.LAYOUTS, LAYOUTS):
        text, files = sheets.written(told, layout, kind)
    made = take_in(study.parse(text, "s", "s.yaml"), files)
    assert set(made["ledger"]["fate"]) == {"used"}, made["ledger"].query("fate != 'used'").to_string()
    assert not (made["findings"]["severity"] == "error").any()
    if layout == "device":
        each = {key: sorted(rows) for key, rows in made["readings"].groupby(["animal", "day", "paw"])["threshold_g"]}
        assert each == {(one.animal, one.day, one.paw): pytest.approx(sorted(readings(one))) for one in told}
    elif layout in ("thresholds", "column an animal"):
        found = {(row.animal, row.day, row.paw): row.threshold_g for row in made["readings"].itertuples()}
        assert found == {(one.animal, one.day, one.paw): pytest.approx(one.threshold_g, rel=1e-9) for one in told}
    elif layout == "counts" or layout in BY_FILAMENT:
        assert counts_of(made) == expected_counts(told)
    else:
        trials = made["trials"].sort_values(["source", "order"], kind="stable")
        grouped = trials.groupby(["animal", "day", "paw"])
        found = {key: ("".join(rows["response"]), rows["filament_g"].iloc[-1]) for key, rows in grouped}
        assert found == {(one.animal, one.day, one.paw): drawn(layout, one) for one in told}


def drawn(layout, one):
    """Responses and last force as they were drawn."""
    if layout == "sudo":
        responses, path = of_five(one)
        return responses, KNOWN.force_g[path[-1] - 1]
    return one.series, KNOWN.force_g[one.last - 1]


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if "zip" not in kind and "pzfx" not in kind])
@pytest.mark.parametrize("layout", ["grid", "list"])
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    signals=st.lists(
        st.one_of(
            st.none(), st.floats(0, 4).map(lambda value: round(value, 4)), st.sampled_from(["OVRFLW", "Masked", "n/a"])
        ),
        min_size=96,
        max_size=96,
    )
)
def test_plates_come_back_as_they_were_written(kind, layout, signals):
    """Numbers, marks and blank wells, as a grid of 8 × 12 and as a list; 0 is a number and no blank."""
    wells = {f"{letter}{n}": signals[12 * row + n - 1] for row, letter in enumerate("ABCDEFGH") for n in range(1, 13)}
    rows = [["OD 450", *range(1, 13)]]
    rows += [[letter, *[cell(wells[f"{letter}{n}"]) for n in range(1, 13)]] for letter in "ABCDEFGH"]
    if layout == "list":
        rows = [["Well", "Signal"], *([well, cell(value)] for well, value in wells.items())]
    name, write = FORMATS[kind]
    entry = PlateFile(name, "pg/ml", "CSF", "not applicable", {}, analyte="x", layout=layout)
    found = {
        one.well: one.signal if one.signal is not None else one.flag
        for one in plate_readers.opened(entry, write({"S": rows})).readings
    }
    assert found == {well: cell(value) for well, value in wells.items()}


def cell(value):
    """A cell; blank for none."""
    return "" if value is None else value
