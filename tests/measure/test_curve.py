"""Standard curves: exact on noise-free data, honest outside their limits."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hindpaw import study as studies
from hindpaw import tables
from hindpaw.measure import curve, logistic
from hindpaw.measure.controls import bridged
from hindpaw.measure.plates import concentrations
from hypothesis import given, settings
from hypothesis import strategies as st

GOLDEN_WEIGHTS = Path(__file__).with_name("weights_r.csv")
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


SAMPLE = [("m1", 60.0, 20.0, None), ("m1", 60.0, 20.0, None)]


def study_with(**assay):
    """The study with other assay rules."""
    return dataclasses.replace(STUDY, assay=dataclasses.replace(STUDY.assay, **assay))


def test_every_weighting_and_the_fifth_parameter_match_r():
    """R's nls on the same estimating equations (r/weights.R), to 1e-5 as in dnase_4pl."""
    golden = pd.read_csv(GOLDEN_WEIGHTS, comment="#")
    lines = [
        *GOLDEN_WEIGHTS.read_text().splitlines(),
        *GOLDEN_WEIGHTS.with_name("dnase_4pl.csv").read_text().splitlines(),
    ]
    data = {int(parts[1]): parts[2:4] for parts in (line.split(";") for line in lines if line.startswith("#;"))}
    assert len(golden) == 9
    for row in golden.itertuples():
        x, y = (np.array(text.split(), dtype=float) for text in data[row.run])
        fitted = curve.fit(x, y, form=row.form, weights=row.weights)
        expected = [row.a, row.d, row.log_c, row.log_b] + ([row.log_g] if row.form == "5PL" else [])
        assert fitted.converged
        np.testing.assert_allclose(fitted.theta, expected, rtol=1e-4 if row.form == "5PL" else 1e-5, atol=1e-6)


def test_a_published_fit_of_a_growth_curve():
    """Chick 1 of R's ChickWeight: coefficients and standard errors that R prints for SSfpl (nls, unweighted).

    SSfpl is the same curve of t = ln x, with scal = 1/B; se(scal) = scal × se(ln B).
    """
    days = np.array([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 21.0])
    grams = np.array([42, 51, 59, 64, 76, 93, 106, 125, 149, 171, 199, 205.0])
    fitted = curve.fit(np.exp(days), grams, form="4PL", weights="none")
    scal = math.exp(-fitted.theta[3])
    se = np.sqrt(np.diag(fitted.covariance)) * [1, 1, 1, scal]
    np.testing.assert_allclose([*fitted.theta[:3], scal], [27.453, 348.971, 19.391, 6.673], atol=5e-4)
    np.testing.assert_allclose(se, [6.601, 57.899, 2.194, 1.002], atol=5e-4)
    assert fitted.residual_sd == pytest.approx(2.351, abs=5e-4)
    assert fitted.df == 8


def test_the_covariance_in_the_table_is_the_curves():
    made = concentrations(STUDY, ANIMALS, wells(SAMPLE, noise=np.random.default_rng(0)))["curves"].iloc[0]
    lower = json.loads(made["covariance"])
    assert [len(row) for row in lower] == [1, 2, 3, 4]
    assert all(row[-1] > 0 for row in lower)
    assert made["df"] == 12
    assert made["residual_sd"] == pytest.approx(0.03, rel=0.6)


def test_a_hook_is_left_out_of_the_fit_and_said():
    plate = wells(SAMPLE)
    top = (plate["role"] == "standard") & (plate["nominal_pg_per_ml"] == LEVELS[-1])
    plate.loc[top, "signal"] *= 0.5
    made = concentrations(STUDY, ANIMALS, plate)
    row = made["curves"].iloc[0]
    assert row["accepted"]
    assert "hook effect" in row["note"]
    assert row["uloq_pg_per_ml"] == LEVELS[-2]
    assert made["concentrations"]["pg_per_ml"].iloc[0] == pytest.approx(1200, rel=1e-3)
    masked = made["fates"].query("fate == 'masked'")
    assert len(masked) == 2
    assert masked["reason"].str.contains("hook").all()


def test_a_lost_decimal_sign_is_found_and_the_standard_left_out():
    """125 written as 125000: the series of factor 2 has one gap, and a thousandth of the value closes it."""
    plate = wells(SAMPLE)
    plate["nominal_pg_per_ml"] = plate["nominal_pg_per_ml"].replace(125.0, 125000.0)
    made = concentrations(STUDY, ANIMALS, plate)
    assert "decimal sign" in made["curves"]["note"].iloc[0]
    assert made["concentrations"]["pg_per_ml"].iloc[0] == pytest.approx(1200, rel=1e-3)
    assert (made["fates"]["fate"] == "masked").sum() == 2


def test_wells_that_the_study_file_masks_have_its_reason():
    text = """
title: x
animals: {file: a.csv, columns: {animal: a, arm: b}}
arms: {one: {label: One}}
days: {treatment: 0}
plates:
  - {file: p.txt, plate: p, layout: softmax, analyte: TGF-β1, masked: {B2: air bubble},
     plate_map: {file: m.csv, columns: {well: w, role: r, concentration: c}}}
"""
    named = studies.parse(text, "x", "x.yaml")
    plate = wells(SAMPLE)
    plate.loc[plate["role"] == "sample", "well"] = ["A2", "B2"]
    plate.loc[plate["well"] == "B2", "signal"] = 2.4
    made = concentrations(named, ANIMALS, plate)
    assert made["concentrations"]["pg_per_ml"].iloc[0] == pytest.approx(1200, rel=1e-3)
    assert made["fates"].query("fate == 'masked'")["reason"].tolist() == ["left out by the lab: air bubble"]
    assert len(made["fates"]) == len(plate)


def test_limits_are_the_widest_run_of_sound_standards():
    """The second and third lowest fail by far: the lowest one alone below them is no limit of quantification."""
    plate = wells(SAMPLE)
    for value, factor in ((LEVELS[1], 1.5), (LEVELS[2], 0.75)):
        plate.loc[plate["nominal_pg_per_ml"] == value, "signal"] *= factor
    made = concentrations(study_with(weights="none"), ANIMALS, plate)
    assert made["curves"]["lloq_pg_per_ml"].iloc[0] >= LEVELS[3]


def test_a_standard_below_the_blanks_limit_is_no_limit_of_quantification():
    plate = wells(SAMPLE)
    plate.loc[plate["role"] == "blank", "signal"] = [0.01, 0.06, 0.11]
    row = concentrations(STUDY, ANIMALS, plate)["curves"].iloc[0]
    assert row["lod_pg_per_ml"] > LEVELS[0]
    assert row["lloq_pg_per_ml"] > row["lod_pg_per_ml"]


@pytest.mark.parametrize(
    ("shift", "words"), [(0.05, "is not subtracted again"), (0.10, "subtracted twice"), (0.0, None)]
)
def test_blanks_tell_whether_something_was_subtracted(shift, words):
    """Blanks at 0.05: less their mean they lie about zero, less it twice they lie clearly below."""
    plate = wells(SAMPLE)
    plate["signal"] -= shift
    made = concentrations(STUDY, ANIMALS, plate)
    note = made["curves"]["note"].iloc[0]
    assert pd.isna(note) if words is None else words in note
    assert made["concentrations"]["pg_per_ml"].iloc[0] == pytest.approx(1200, rel=1e-3)


def test_dilutions_of_one_sample_are_read_apart():
    """1:4 lies above the standards, 1:20 and 1:80 inside: the mean of the two, and what each said."""
    plate = wells([("m1", 6000.0, 4.0, None), ("m1", 200.0, 20.0, None), ("m1", 50.0, 80.0, None)])
    row = concentrations(STUDY, ANIMALS, plate)["concentrations"].iloc[0]
    assert row["pg_per_ml"] == pytest.approx(4000, rel=1e-3)
    assert row["n_wells"] == 3
    assert "1:4 above the limit" in row["note"]


def test_dilutions_on_either_side_of_the_range_leave_an_interval():
    plate = wells([("m1", 3000.0, 4.0, None), ("m1", 2.0, 4000.0, None)])
    row = concentrations(STUDY, ANIMALS, plate)["concentrations"].iloc[0]
    assert row["censored"] == "interval"
    assert row["lower_pg_per_ml"] == pytest.approx(4000)
    assert row["upper_pg_per_ml"] == pytest.approx(LEVELS[0] * 4000)


def with_controls(plate, dilution, read, nominal=400.0, n=2):
    """The plate with a control whose wells read `read` pg/ml in the well."""
    rows = [
        {"role": "control", "sample": "QC1", "nominal_pg_per_ml": nominal, "dilution": dilution, "well": f"C{place}"}
        for place in range(n)
    ]
    frame = pd.DataFrame(rows).assign(plate=plate["plate"].iloc[0], analyte="TGF-β1", signal=float(true_signal(read)))
    frame["source"] = plate["plate"].iloc[0] + "!" + frame["well"]
    both = pd.concat([plate, frame.reindex(columns=plate.columns)], ignore_index=True)
    return tables.shaped(both, tables.Wells)


@pytest.mark.parametrize(("read", "words"), [(20.0, None), (400.0, "applied twice"), (1.0 * 20 / 20 * 15.0, None)])
def test_controls_tell_a_dilution_applied_twice(read, words):
    """A control of 400 pg/ml, diluted 1:20, must read 20 in the well; 400 there means 8000 in the end."""
    made = concentrations(STUDY, ANIMALS, with_controls(wells(SAMPLE), 20.0, read))
    note = made["curves"]["note"].iloc[0]
    assert pd.isna(note) if words is None else words in note
    row = made["controls"].iloc[0]
    assert row["pg_per_ml"] == pytest.approx(read * 20, rel=1e-3)
    assert row["recovery_percent"] == pytest.approx(100 * read * 20 / 400, rel=1e-3)


def test_the_exports_own_concentrations_show_where_the_dilution_went():
    plate = wells(SAMPLE)
    ours = 60.0 * 20
    for reported, words in ((ours, None), (60.0, "leave the dilution out"), (ours * 20, "applied twice there")):
        plate["reported_pg_per_ml"] = np.where(plate["role"] == "sample", reported, math.nan)
        made = concentrations(STUDY, ANIMALS, plate)
        note = made["curves"]["note"].iloc[0]
        assert pd.isna(note) if words is None else words in note
        assert made["concentrations"]["reported_pg_per_ml"].iloc[0] == pytest.approx(reported)


def test_an_exports_concentrations_at_several_dilutions_are_not_averaged():
    """60 at 1:20 and 120 at 1:10 are one sample of 1200: the export that leaves the dilution out is told so."""
    plate = wells([("m1", 120.0, 10.0, None), ("m1", 60.0, 20.0, None)])
    plate["reported_pg_per_ml"] = plate["dilution"].map({10.0: 120.0, 20.0: 60.0}).where(plate["role"] == "sample")
    made = concentrations(STUDY, ANIMALS, plate)
    row = made["concentrations"].iloc[0]
    assert row["pg_per_ml"] == pytest.approx(1200, rel=1e-3)
    assert (row["dilution"], row["reported_pg_per_ml"]) == (10.0, pytest.approx(120))
    assert "leave the dilution out" in made["curves"]["note"].iloc[0]


def test_bridging_controls_give_the_cv_between_plates():
    """100 and 121 on two plates: ln ratio 0.1906, s² = 0.1906²/2, CV = √(exp(s²) − 1) = 13.5 %."""
    rows = [("p1", "QC", 100.0), ("p2", "QC", 121.0), ("p1", "once", 50.0)]
    frame = pd.DataFrame(rows, columns=["plate", "sample", "pg_per_ml"]).assign(analyte="TGF-β1")
    made = bridged(frame).set_index(["plate", "sample"])
    assert made.loc[("p1", "QC"), "inter_plate_cv_percent"] == pytest.approx(13.54, abs=0.01)
    assert made.loc[("p2", "QC"), "log10_plate_effect"] == pytest.approx(math.log10(1.1))
    assert math.isnan(made.loc[("p1", "once"), "inter_plate_cv_percent"])


def test_plates_can_share_one_curve():
    one, two = wells(SAMPLE), wells([("m2", 100.0, 20.0, None)])
    two = two.assign(plate="q", source="q" + two["source"])
    both = tables.shaped(pd.concat([one, two]), tables.Wells)
    made = concentrations(study_with(curve="shared", form="4PL"), ANIMALS, both)
    assert made["curves"]["c"].nunique() == 1
    assert made["curves"]["df"].tolist() == [28, 28]
    assert made["curve_points"].groupby("plate").size().to_dict() == {"p": 8, "q": 8}
    assert sorted(made["concentrations"]["pg_per_ml"]) == pytest.approx([1200, 2000], rel=1e-3)
    assert len(made["fates"]) == len(both)


def test_both_intervals_hold_the_value_and_are_of_one_size():
    row = concentrations(STUDY, ANIMALS, wells(SAMPLE, noise=np.random.default_rng(3)))["concentrations"].iloc[0]
    assert row["delta_lower_pg_per_ml"] < row["pg_per_ml"] < row["delta_upper_pg_per_ml"]
    widths = [row[f"{name}_upper_pg_per_ml"] / row[f"{name}_lower_pg_per_ml"] for name in ("delta", "bootstrap")]
    assert math.log(widths[1]) / math.log(widths[0]) == pytest.approx(0.85, abs=0.3)


def test_a_plate_more_changes_no_bootstrap_of_another():
    one = wells(SAMPLE, noise=np.random.default_rng(3))
    two = one.assign(plate="q", source="q" + one["source"])
    alone = concentrations(STUDY, ANIMALS, one, seed=5)["concentrations"]
    both = concentrations(STUDY, ANIMALS, tables.shaped(pd.concat([two, one]), tables.Wells), seed=5)["concentrations"]
    pd.testing.assert_frame_equal(alone, both[both["plate"] == "p"].reset_index(drop=True))
    assert not concentrations(STUDY, ANIMALS, one, seed=6)["concentrations"].equals(alone)


def test_a_curve_with_too_small_r_squared_is_rejected():
    rng = np.random.default_rng(8)
    plate = wells(SAMPLE)
    rows = plate["role"] == "standard"
    plate.loc[rows, "signal"] *= np.exp(rng.normal(0, 0.05, rows.sum()))
    strict = concentrations(study_with(least_r_squared=0.99999), ANIMALS, plate)["curves"].iloc[0]
    assert not strict["accepted"]
    assert "R²" in strict["reason"]
