"""Standard curves: exact on noise-free data, honest outside their limits."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hindpaw import study as studies
from hindpaw import tables
from hindpaw.measure import curve, logistic
from hindpaw.measure.plates import concentrations
from hypothesis import given, settings
from hypothesis import strategies as st

LEVELS = np.array([1000 / 2**power for power in range(8)][::-1])
STUDY = studies.parse(
    """
title: x
animals: {file: a.csv, columns: {animal: a, arm: b}}
arms: {one: {label: One}}
days: {treatment: 0}
""",
    "x",
    "x.yaml",
)
ANIMALS = tables.shaped(
    pd.DataFrame({"source": "x", "animal": ["m1", "m2"], "arm": "one", "excluded": False}).reindex(
        columns=tables.columns(tables.Animals)
    ),
    tables.Animals,
)


def true_signal(x, a=0.05, d=2.5, c=120.0, b=1.1, g=1.0):
    """The five-parameter curve, written out once more."""
    return d + (a - d) / (1 + (np.asarray(x) / c) ** b) ** g


def wells(samples, levels=LEVELS, noise=None, **curve_of):
    """A plate: standards in duplicate, three blanks, samples as (animal, pg/ml in the well, dilution, signal or None)."""
    rows = []
    for value in levels:
        for copy in (1, 2):
            signal = float(true_signal(value, **curve_of)) * (1 if noise is None else math.exp(noise.normal(0, 0.03)))
            rows.append(dict(role="standard", nominal_pg_per_ml=value, signal=signal, well=f"S{value:g}-{copy}"))
    rows += [dict(role="blank", signal=0.05 + 0.001 * place, well=f"B{place}") for place in (-1, 0, 1)]
    for place, (animal, x, dilution, signal) in enumerate(samples):
        read = float(true_signal(x, **curve_of)) if signal is None else signal
        rows.append(
            dict(role="sample", animal=animal, day=8.0, dilution=dilution, matrix="CSF", signal=read, well=f"W{place}")
        )
    frame = pd.DataFrame(rows).assign(plate="p", analyte="TGF-β1")
    frame["source"] = "f!" + frame["well"]
    return tables.shaped(frame.reindex(columns=tables.columns(tables.Wells)), tables.Wells)


@given(b=st.floats(0.6, 2.5), c=st.floats(30, 400), a=st.floats(0.01, 0.2), span=st.floats(1, 4))
@settings(max_examples=60, deadline=None)
def test_a_noise_free_curve_is_found_again(a, b, c, span):
    fitted = curve.fit(LEVELS, true_signal(LEVELS, a, a + span, c, b))
    for x in (10.0, 100.0, 700.0):
        y = float(true_signal(x, a, a + span, c, b))
        assert fitted.concentration(y) == pytest.approx(x, rel=1e-4)


def test_asymmetry_is_taken_only_where_the_data_ask_for_it():
    lean = np.repeat(np.array([1000 / 2**power for power in range(12)]), 2)
    rng = np.random.default_rng(3)
    noise = np.exp(rng.normal(0, 0.005, len(lean)))
    assert curve.fit(lean, true_signal(lean, g=1.0) * noise).form == "4PL"
    assert curve.fit(lean, true_signal(lean, g=0.3, b=2.5) * noise).form == "5PL"


def test_the_jacobian_is_the_derivative():
    theta = np.array([0.05, 2.5, math.log(120), math.log(1.3), math.log(0.7)])
    x = np.array([3.0, 50.0, 900.0])
    numeric = np.empty((3, 5))
    for place in range(5):
        up, down = theta.copy(), theta.copy()
        up[place] += 1e-6
        down[place] -= 1e-6
        numeric[:, place] = (logistic.signal(up, x) - logistic.signal(down, x)) / 2e-6
    np.testing.assert_allclose(logistic.jacobian(theta, x), numeric, rtol=1e-6, atol=1e-9)


def test_dnase_matches_r():
    """R's nls with the same iterated weights on the DNase assays that ship with R (r/dnase_4pl.R).

    Both solve the same equations to about 1e-8; 1e-5 leaves room for when each stops. R's data are in the
    golden file's comments.
    """
    lines = Path(__file__).with_name("dnase_4pl.csv").read_text().splitlines()
    data = {int(parts[1]): parts[2:4] for parts in (line.split(";") for line in lines if line.startswith("#;"))}
    golden = pd.read_csv(Path(__file__).with_name("dnase_4pl.csv"), comment="#")
    assert len(golden) == 4
    for row in golden.itertuples():
        conc, density = (np.array(text.split(), dtype=float) for text in data[row.run])
        fitted = curve.fit(conc, density, form="4PL")
        np.testing.assert_allclose(fitted.theta, [row.a, row.d, row.log_c, row.log_b], rtol=1e-5, atol=1e-7)


def test_dilution_is_applied_once_and_animals_are_read_back():
    made = concentrations(
        STUDY, ANIMALS, wells([("m1", 60.0, 20.0, None), ("m1", 60.0, 20.0, None), ("m2", 200.0, 4.0, None)])
    )
    found = made["concentrations"].set_index("animal")
    assert found.loc["m1", "pg_per_ml"] == pytest.approx(60 * 20, rel=1e-3)
    assert found.loc["m2", "pg_per_ml"] == pytest.approx(200 * 4, rel=1e-3)
    assert found.loc["m1", "n_wells"] == 2
    assert made["curves"]["accepted"].tolist() == [True]
    assert set(made["fates"]["fate"]) == {"estimated"}
    assert len(made["fates"]) == 16 + 3 + 3


def test_outside_the_standards_a_value_is_a_bound_never_an_extrapolation():
    made = concentrations(STUDY, ANIMALS, wells([("m1", 1.0, 20.0, None), ("m2", 5000.0, 20.0, None)]))
    found = made["concentrations"].set_index("animal")
    assert found["censored"].to_dict() == {"m1": "left", "m2": "right"}
    assert found["pg_per_ml"].isna().all()
    assert found.loc["m1", "upper_pg_per_ml"] == pytest.approx(LEVELS[0] * 20)
    assert found.loc["m2", "lower_pg_per_ml"] == pytest.approx(1000 * 20)


def test_a_curve_out_of_its_limits_is_rejected_with_its_reason():
    plate = wells([("m1", 60.0, 20.0, None)])
    standards = plate["role"] == "standard"
    plate.loc[standards, "signal"] = np.random.default_rng(0).uniform(0.1, 2, standards.sum())
    made = concentrations(STUDY, ANIMALS, plate)
    assert made["curves"]["accepted"].tolist() == [False]
    assert isinstance(made["curves"]["reason"].iloc[0], str)
    assert made["concentrations"].empty
    assert set(made["fates"]["fate"]) == {"rejected_curve"}
    assert len(made["fates"]) == len(plate)


@pytest.mark.parametrize("seed", range(40))
def test_standards_that_make_no_sense_end_in_a_reason(seed):
    """Flat, falling, hooked, huge, tiny and random signals: an answer or a reason, never another error."""
    rng = np.random.default_rng(seed)
    plate = wells([("m1", 60.0, 20.0, None)])
    standards = plate["role"] == "standard"
    n = int(standards.sum())
    signals = [
        rng.uniform(0.1, 2, n),
        np.ones(n),
        np.sort(rng.uniform(0, 3, n))[::-1],
        rng.normal(0, 1, n),
        10.0 ** rng.uniform(-100, 100, n),
        np.where(rng.random(n) < 0.5, 0.0, 1e-12),
    ][seed % 6]
    plate.loc[standards, "signal"] = signals
    made = concentrations(STUDY, ANIMALS, plate)
    row = made["curves"].iloc[0]
    assert row["accepted"] or row["reason"]
    assert len(made["fates"]) == len(plate)


def test_a_masked_well_is_left_out_and_says_so():
    plate = wells([("m1", 60.0, 20.0, None), ("m1", 0.0, 20.0, 9.9)])
    plate.loc[plate["signal"] == 9.9, "flag"] = "Masked"
    made = concentrations(STUDY, ANIMALS, plate)
    assert made["concentrations"]["pg_per_ml"].iloc[0] == pytest.approx(1200, rel=1e-3)
    assert (made["fates"]["fate"] == "masked").sum() == 1


def test_four_standards_are_too_few():
    made = concentrations(STUDY, ANIMALS, wells([("m1", 60.0, 20.0, None)], levels=LEVELS[:4]))
    assert "5 are needed" in made["curves"]["reason"].iloc[0]


def test_the_delta_interval_covers_the_truth():
    """300 plates with 3 % noise: log10 estimate ± 1.96 se covers log10 1200 in 90 to 99 % (Monte-Carlo SE 1.3 %).

    Duplicate samples carry their own spread on one degree of freedom, so nominal 95 % is not exact here.
    """
    rng = np.random.default_rng(5)
    inside, errors = [], []
    for _ in range(300):
        copies = [("m1", 60.0, 20.0, float(true_signal(60.0)) * math.exp(rng.normal(0, 0.03))) for _ in range(8)]
        row = concentrations(STUDY, ANIMALS, wells(copies, noise=rng))["concentrations"].iloc[0]
        errors.append(row["log10_pg_per_ml"] - math.log10(1200))
        inside.append(abs(errors[-1]) < 1.96 * row["se_log10"])
    assert abs(np.mean(errors)) < 3 * np.std(errors) / math.sqrt(300) + 0.002
    assert 0.90 <= np.mean(inside) <= 0.99
