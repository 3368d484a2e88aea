"""Random sessions written in every layout and format come back equal."""

from __future__ import annotations

import numpy as np
import pytest
from hindpaw import study
from hindpaw.intake import take_in
from hindpaw.simulate import sheets
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

IDS = st.text("abcdefghijkmnpqrstuvwxyzMR0123456789_#.éµ", min_size=1, max_size=6).map(
    lambda text: f"M{text}".rstrip(".")
)
SOME = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@pytest.mark.parametrize("layout", sheets.LAYOUTS)
@SOME
@given(
    kind=st.sampled_from(list(sheets.FORMATS)),
    seed=st.integers(0, 2**32 - 1),
    animals=st.lists(IDS, min_size=1, max_size=3, unique_by=str.casefold),
    days=st.lists(st.integers(-7, 60), min_size=1, max_size=3, unique=True),
)
def test_sessions_come_back_as_they_were_written(layout, kind, seed, animals, days):
    assume(sheets.possible(layout, kind))
    told = sheets.sessions(np.random.default_rng(seed), animals, days)
    text, files = sheets.written(told, layout, kind)
    made = take_in(study.parse(text, "s", "s.yaml"), files)
    assert set(made["ledger"]["fate"]) == {"used"}, made["ledger"].query("fate != 'used'").to_string()
    assert not (made["findings"]["severity"] == "error").any()
    if layout in ("thresholds", "column an animal"):
        found = {(row.animal, row.day, row.paw): row.threshold_g for row in made["readings"].itertuples()}
        assert found == {(one.animal, one.day, one.paw): pytest.approx(one.threshold_g, rel=1e-9) for one in told}
        return
    trials = made["trials"].sort_values(["source", "order"], kind="stable")
    if layout == "counts":
        counts = trials.groupby(["animal", "day", "paw", "filament_g"])["response"].agg(
            lambda marks: (marks == "X").sum()
        )
        expected = {
            (one.animal, one.day, one.paw, grams): count
            for one in told
            for grams, count in zip(sheets.KNOWN.force_g, one.counts, strict=True)
        }
        assert counts.to_dict() == expected
        return
    found = {
        key: ("".join(rows["response"]), rows["filament_g"].iloc[-1])
        for key, rows in trials.groupby(["animal", "day", "paw"])
    }
    assert found == {(one.animal, one.day, one.paw): (one.series, sheets.KNOWN.force_g[one.last - 1]) for one in told}
