"""Trials and readings to thresholds, and the fate of each."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hindpaw import tables
from hindpaw.measure import outcomes


def test_every_used_datum_has_one_fate(taken_in, measured):
    ledger, fates = taken_in["ledger"], measured["fates"]
    used = ledger[(ledger["fate"] == "used") & ledger["table"].isin(["trials", "readings", "wells"])]
    assert sorted(used["source"]) == sorted(fates["source"])


def test_a_lab_made_threshold_stands_as_it_was_given(demo):
    readings = pd.DataFrame(
        {
            "source": ["r!A2", "r!A3"],
            "animal": ["M001", "M001"],
            "day": [5.0, 5.0],
            "session": ["am", "pm"],
            "paw": "ipsilateral",
            "kind": "threshold",
            "threshold_g": [0.1, 0.4],
            "censored": "none",
        }
    )
    animals = tables.shaped(
        pd.DataFrame({"source": ["x"], "animal": ["M001"], "arm": ["bmsc"], "excluded": [False]}).reindex(
            columns=tables.columns(tables.Animals)
        ),
        tables.Animals,
    )
    nothing = {name: tables.empty(tables.TABLES[name]) for name in ("filaments", "trials", "wells")}
    readings = tables.shaped(readings.reindex(columns=tables.columns(tables.Readings)), tables.Readings)
    made = outcomes(demo, animals=animals, readings=readings, **nothing)
    # Two sessions of one day: the mean of the logs, √(0.1 × 0.4) = 0.2 g.
    row = made["thresholds"].iloc[0]
    assert row["threshold_g"] == pytest.approx(0.2)
    assert (row["method"], row["week"], row["n_trials"]) == ("reading", 1, 2)
    assert math.isnan(row["se_log10"])
    assert made["fates"]["fate"].tolist() == ["estimated", "estimated"]


def test_censored_mice_are_kept(measured):
    censored = measured["thresholds"][measured["thresholds"]["censored"] != "none"]
    assert len(censored) > 0
    assert censored["threshold_g"].isna().all()
    assert (censored["lower_g"].notna()).all()
