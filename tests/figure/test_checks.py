"""Diagnostics, flow and series: what stands on the axes against the tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hindpaw import tables
from hindpaw.audit.flow import flow as flow_of
from hindpaw.figure import diagnostics, flow, strings
from hindpaw.tables import Filaments, Flow, Ledger, Trials


def test_every_residual_is_drawn_and_the_quantiles_are_in_order(sketched, one_question, modelled):
    diagnostics.draw(one_question, modelled["residuals"], modelled["assumptions"])
    rows = modelled["residuals"].query("question == 'relief'")
    fitted, quantiles, _, lags, intercepts, _ = sketched[0].axes
    seen = np.concatenate([np.asarray(one.get_offsets(), float) for one in fitted.collections])
    np.testing.assert_allclose(np.sort(seen[:, 1]), np.sort(rows["residual"]))
    known = [np.asarray(one.get_offsets(), float) for one in quantiles.collections if len(one.get_offsets()) > 1]
    both = np.concatenate(known)
    both = both[np.argsort(both[:, 0])]
    np.testing.assert_allclose(both[:, 1], np.sort(rows["standardized"]))
    tested = modelled["assumptions"].query("question == 'relief' and lag == lag")
    np.testing.assert_allclose(lags.lines[0].get_ydata(), tested["estimate"])
    animals = rows.drop_duplicates("animal")
    assert sum(len(one.get_offsets()) for one in intercepts.collections if len(one.get_offsets()) > 1) == len(animals)


def test_every_test_of_an_assumption_is_told(sketched, one_question, modelled):
    diagnostics.draw(one_question, modelled["residuals"], modelled["assumptions"])
    told = sketched[0].axes[5].texts[0].get_text()
    for name in ("normal residuals", "normal intercepts", "weeks", "arms", "serial", "Greenhouse", "logarithm", "raw"):
        assert name in told


def test_the_band_of_a_quantile_is_that_of_simulated_samples():
    rng = np.random.default_rng(20150825)
    samples = np.sort(rng.standard_normal((4000, 12)), axis=1)
    _, low, high = diagnostics.band(12)
    outside = ((samples < low) | (samples > high)).mean(axis=0)
    # 4 standard errors of a share of 5 % in 4 000 samples.
    np.testing.assert_allclose(outside, 0.05, atol=4 * np.sqrt(0.05 * 0.95 / 4000))


@pytest.fixture(scope="module")
def flown(demo, taken_in, measured, modelled):
    """The flow of the demo's animals."""
    return flow_of(demo, taken_in["animals"], taken_in["ledger"], measured["thresholds"], modelled["means"])


def test_the_numbers_along_a_lane_are_those_of_the_table(sketched, demo, flown):
    flow.draw(demo, flown)
    axes = sketched[0].axes[0]
    place = [label.get_text() for label in axes.get_yticklabels()].index("CCI + vehicle")
    told = [text.get_text() for text in axes.texts if text.get_position()[1] == place and text.get_text().isdigit()]
    mine = flown.query("arm == 'vehicle'")
    tested = mine.query("stage == 'tested' and paw == 'ipsilateral'").sort_values("day")["n"]
    allocated = mine.query("stage == 'allocated'")["n"].iloc[0]
    assert told == [str(allocated), str(allocated), *map(str, tested)]


def test_losses_and_what_a_day_lacks_are_told():
    rows = [
        {Flow.arm: "a", Flow.stage: "excluded", Flow.n: 2, Flow.reason: "ligature loose"},
        {Flow.arm: "a", Flow.stage: "left", Flow.n: 1, Flow.reason: "died", Flow.day: 9.0},
        {Flow.arm: "a", Flow.stage: "censored", Flow.n: 3, Flow.day: 7.0},
        {Flow.arm: "a", Flow.stage: "set_aside", Flow.n: 1, Flow.day: 7.0},
        {Flow.arm: "a", Flow.stage: "missing", Flow.n: 2, Flow.day: 7.0},
    ]
    frame = tables.shaped(pd.DataFrame(rows, columns=tables.columns(Flow)), Flow)
    assert flow.losses(frame) == "2 excluded: ligature loose; 1 left after day 9: died"
    assert flow.signs(frame, 7.0) == "○3 !1 ?2"
    assert flow.signs(frame, 8.0) == ""


def test_every_application_stands_at_its_filament(sketched, demo, taken_in):
    trials = taken_in["trials"].query("animal == 'M002' and paw == 'ipsilateral'")
    strings.draw(demo, trials, taken_in["animals"], taken_in["ledger"].iloc[:0], taken_in["filaments"])
    axes = sketched[0].axes[0]
    lines = {line.get_label(): line for line in axes.lines if line.get_label() in ("X", "O")}
    place = taken_in["filaments"].set_index(Filaments.force_g)[Filaments.position]
    for response, line in lines.items():
        mine = trials[trials[Trials.response] == response]
        x, y = (np.asarray(one, float)[::3] for one in (line.get_xdata(), line.get_ydata()))
        days = sorted(set(trials[Trials.day]))
        # A box is 1 high, its middle 84 % hold nine filaments, the lightest at the foot; y counts downwards.
        expected = 0.5 - 0.84 * ((mine[Trials.filament_g].map(place) - 1) / 8 - 0.5)
        order = mine.assign(y=expected).sort_values([Trials.day, Trials.order])
        np.testing.assert_allclose(y, order["y"])
        assert [days[int(at)] for at in x] == order[Trials.day].tolist()
    assert sum(len(line.get_xdata()) for line in lines.values()) == 3 * len(trials)


def test_a_series_that_was_set_aside_is_a_hatched_box(sketched, demo, taken_in):
    trials = taken_in["trials"].query("animal == 'M002' and paw == 'ipsilateral' and day != 7")
    aside = pd.DataFrame(
        [
            {
                Ledger.source: "von_frey.xlsx!Day 7!D3",
                Ledger.fate: "quarantined",
                Ledger.reason: "impossible series",
                Ledger.table: "trials",
                Ledger.animal: "M002",
                Ledger.day: 7.0,
                Ledger.paw: "ipsilateral",
            }
        ]
    )
    drawn = strings.draw(demo, trials, taken_in["animals"], aside, taken_in["filaments"])["ipsilateral"]
    boxes = [patch for patch in sketched[0].axes[0].patches if patch.get_hatch()]
    days = sorted({*trials[Trials.day], 7.0})
    assert [int(box.get_x()) for box in boxes] == [days.index(7.0)]
    assert b"impossible series" in drawn.csv
    legend = [text.get_text() for text in sketched[0].axes[0].get_legend().get_texts()]
    assert "set aside, see the ledger" in legend


def test_the_mice_are_shown_each_once_over_the_pages(sketched, demo, taken_in):
    parts = (taken_in["animals"], taken_in["ledger"], taken_in["filaments"])
    made = strings.draw(demo, taken_in["trials"].query("paw == 'ipsilateral'"), *parts)
    shown = [label.get_text() for drawn in sketched for label in drawn.axes[0].get_yticklabels()]
    tested = set(taken_in["trials"].query("paw == 'ipsilateral'")[Trials.animal])
    assert len(shown) == len(set(shown))
    assert tested <= set(shown)
    assert set(shown) <= set(taken_in["animals"]["animal"])
    assert len(made) == -(-len(shown) // strings.PER_PAGE)
