"""Dose response, neutralization, association and counts: against R, against arithmetic, against simulated truth."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hindpaw import tables
from hindpaw.model import answers, association, counts, neutralization, summaries
from hindpaw.simulate import truth

HERE = Path(__file__).parent
LINES = (HERE / "relations_r.csv").read_text().splitlines()
GOLDEN = pd.read_csv(HERE / "relations_r.csv", comment="#").set_index(["what", "name"])


def commented(what):
    """R's data out of the golden file's comments."""
    return [line.split(";")[1:] for line in LINES if line.startswith(f"#{what};")]


def thresholds(rows, paw="ipsilateral"):
    """A table of thresholds from (animal, arm, day, log10 g)."""
    frame = pd.DataFrame(rows, columns=["animal", "arm", "day", "log10_threshold"])
    frame = frame.assign(source="x", week=1, paw=paw, censored="none", method="reading", n_trials=1)
    frame["threshold_g"] = 10 ** frame["log10_threshold"]
    return tables.shaped(frame.reindex(columns=tables.columns(tables.Thresholds)), tables.Thresholds)


def answered(demo, question, thresholds_, **raw):
    """The model's tables for one question."""
    alone = dataclasses.replace(demo, questions={question.key: question}, reproduce={})
    concentrations = raw.pop("concentrations", tables.empty(tables.Concentrations))
    return answers(alone, thresholds_, concentrations, raw.pop("animals", tables.empty(tables.Animals)), **raw)


def test_ed50_and_its_profile_interval_equal_rs(demo):
    """Puromycin as if each rate were a log10 threshold: nls and confint of R, whose cut-off is the same F(1, df)."""
    rows, doses = [], {}
    for place, (conc, rate) in enumerate(commented("dose")):
        arm = f"d{conc.replace('.', '_')}"
        doses[arm] = float(conc)
        rows.append((f"m{place}", arm, 5.0, float(rate)))
    question = dataclasses.replace(
        demo.questions["dose_day5"], doses=doses, treated=max(doses, key=doses.get), control=min(doses, key=doses.get)
    )
    frame = thresholds([(animal, arm, day, y / 100) for animal, arm, day, y in rows])
    made = answered(demo, question, frame)["dose"].set_index(["parameter", "method"])
    found, golden = made.loc[("ed50", "profile likelihood")], GOLDEN.loc[("dose", "ed50")]
    assert found["estimate"] == pytest.approx(golden["estimate"], rel=1e-5)
    # R interpolates its profile by a spline, ours by straight lines over a fine grid: 0.5 % for both.
    assert found["lower"] == pytest.approx(golden["lower"], rel=5e-3)
    assert found["upper"] == pytest.approx(golden["upper"], rel=5e-3)
    for name in ("e0", "emax"):
        row = made.loc[(name, "least squares, linearized")]
        assert row["estimate"] == pytest.approx(GOLDEN.loc[("dose", name), "estimate"] / 100, rel=1e-5)


def test_doses_that_do_not_reach_the_plateau_leave_the_interval_open(demo):
    """A straight line in the dose has its ED50 beyond any dose given."""
    rng = np.random.default_rng(0)
    doses = demo.questions["dose_day5"].doses
    rows = [
        (f"{arm}{place}", arm, 5.0, -1 + 0.05 * amount + rng.normal(0, 0.02))
        for arm, amount in doses.items()
        for place in range(6)
    ]
    made = answered(demo, demo.questions["dose_day5"], thresholds(rows))["dose"]
    row = made[(made["parameter"] == "ed50") & (made["method"] == "profile likelihood")].iloc[0]
    assert math.isnan(row["upper"])
    assert row["lower"] > 10
    assert "do not reach the plateau" in row["note"]


def test_fiellers_limits_are_where_the_ratio_is_just_not_excluded():
    """At each limit ρ: |a − ρb| = t·se(a − ρb), the definition written out."""
    a, b, v_a, v_b, v_ab, t = 0.8, 1.1, 0.03, 0.02, 0.012, 2.1
    found = neutralization.fieller(a, b, v_a, v_b, v_ab, t)
    for rho in (found.lower, found.upper):
        assert abs(a - rho * b) == pytest.approx(t * math.sqrt(v_a - 2 * rho * v_ab + rho**2 * v_b))
    assert found.lower < a / b < found.upper


def test_an_effect_that_may_be_zero_gives_an_unbounded_set():
    found = neutralization.fieller(0.8, 0.1, 0.03, 0.02, 0.0, 2.1)
    assert math.isnan(found.lower)
    assert "everything but" in found.note
    assert "whole line" in neutralization.fieller(0.05, 0.1, 0.03, 0.02, 0.0, 2.1).note


def four_cells(demo, means, n=5, sd=0.05, seed=0):
    """Thresholds of a 2 × 2: means of control, antibody alone, IgG, antibody; day 3 is baseline, day 5 the outcome."""
    rng = np.random.default_rng(seed)
    q = demo.questions["tgfb1_share"]
    arms = (q.control, q.antibody_alone, q.isotype, q.antibody)
    rows = []
    for arm, mean in zip(arms, means, strict=True):
        # Deviations that sum to zero, so that the cell means are exact.
        off = rng.normal(0, sd, n)
        off -= off.mean()
        rows += [(f"{arm}{place}", arm, 5.0, mean + off[place]) for place in range(n)]
        rows += [(f"{arm}{place}", arm, 3.0, -1.0) for place in range(n)]
    return dataclasses.replace(q, day=5.0), thresholds(rows)


def test_the_interaction_and_the_fraction_are_arithmetic(demo):
    """Effects under IgG 0.8, under the antibody 0.2: interaction −0.6, reversed 75 %. The antibody alone does 0.1."""
    question, frame = four_cells(demo, (-1.0, -0.9, -0.2, -0.7))
    made = answered(demo, question, frame)
    rows = made["neutralization"].set_index(["term", "method"])
    assert rows.loc[("interaction", "least squares"), "estimate"] == pytest.approx(-0.6)
    assert rows.loc[("effect under IgG", "least squares"), "estimate"] == pytest.approx(0.8)
    assert rows.loc[("antibody − IgG", "least squares"), "estimate"] == pytest.approx(-0.5)
    for method in ("Fieller", "bootstrap of animals"):
        row = rows.loc[("reversed fraction", method)]
        assert row["estimate"] == pytest.approx(0.75)
        assert row["lower"] < 0.75 < row["upper"]
    top = made["contrasts"].iloc[0]
    assert top["ratio"] == pytest.approx(10**-0.6)
    assert made["summaries"]["animal"].nunique() == 20


def test_without_the_antibody_alone_only_antibody_against_igg_is_given(demo):
    question, frame = four_cells(demo, (-1.0, -0.9, -0.2, -0.7))
    partial = dataclasses.replace(question, antibody_alone=None)
    made = answered(demo, partial, frame)
    rows = made["neutralization"].set_index("term")
    assert "interaction" not in rows.index
    assert math.isnan(rows.loc["reversed fraction", "estimate"])
    assert "only antibody − IgG can be estimated" in rows.loc["reversed fraction", "note"]
    assert made["contrasts"]["estimate"].tolist() == [pytest.approx(-0.5)]


def test_the_demo_gives_back_its_simulated_interaction(demo, modelled):
    """True time-averaged interaction over days 5 to 42 within three standard errors; true ED50 inside its interval."""
    days = np.array([day for day in truth.DAYS if day > truth.TREATMENT_DAY], dtype=float)

    def average(arm):
        return np.trapezoid([truth.log10_threshold(arm, day) for day in days], days) / (days[-1] - days[0])

    true = average("bmsc_anti_tgfb1") - average("anti_tgfb1") - average("bmsc_igg") + average("vehicle")
    row = modelled["neutralization"].query("term == 'interaction'").iloc[0]
    assert abs(row["estimate"] - true) < 3 * row["se"]


def test_an_animal_that_missed_days_enters_by_its_deviation(demo):
    """Two animals of a falling arm; the one without the last day must not look better for it."""
    rows = []
    for day, level in ((5.0, 0.0), (15.0, -1.0), (25.0, -2.0)):
        rows += [("a", "vehicle", day, level + 0.1), ("b", "vehicle", day, level - 0.1)]
    rows += [("c", "vehicle", 5.0, 0.0), ("c", "vehicle", 15.0, -1.0)]
    q = dataclasses.replace(demo.questions["tgfb1_share"], control="vehicle")
    frame, notes = summaries.of(demo, q, thresholds(rows))
    y = frame.set_index("animal")["y"]
    assert y["c"] == pytest.approx((y["a"] + y["b"]) / 2)
    assert "c missed test days" in notes[0]


def paired_tables(slope, shift, n=6, seed=0):
    """Two arms: y = arm shift + slope·x within arms; concentrations on day 8, thresholds on day 7."""
    rng = np.random.default_rng(seed)
    x = {arm: base + rng.normal(0, 0.15, n) for arm, base in (("vehicle", 3.0), ("bmsc", 3.6))}
    rows, read = [], []
    for arm, values in x.items():
        y = shift[arm] + slope * (values - values.mean()) + rng.normal(0, 0.02, n)
        for place, (one, two) in enumerate(zip(values, y, strict=True)):
            rows.append((f"{arm}{place}", arm, 7.0, two))
            read.append({"animal": f"{arm}{place}", "arm": arm, "log10_pg_per_ml": one, "pg_per_ml": 10**one})
    frame = pd.DataFrame(read).assign(
        source="x", day=8.0, analyte="TGF-β1", matrix="CSF", censored="none", n_wells=2, dilution=20.0, plate="p"
    )
    return thresholds(rows), tables.shaped(
        frame.reindex(columns=tables.columns(tables.Concentrations)), tables.Concentrations
    )


def test_the_slope_within_arms_is_found_and_simpsons_paradox_is_said(demo):
    """Within arms −0.5, between arms upwards: pooled and within differ in sign."""
    tested, read = paired_tables(-0.5, {"vehicle": -1.0, "bmsc": -0.2})
    question = dataclasses.replace(demo.questions["tgfb1_and_relief"], also=())
    made = answered(demo, question, tested, concentrations=read)
    rows = made["association"].set_index("arm")
    assert rows.loc["within arms", "slope"] == pytest.approx(-0.5, abs=0.15)
    assert rows.loc["pooled", "slope"] > 0.5
    assert "Simpson" in rows.loc["within arms", "note"]
    assert rows.loc["within arms", "leave_one_out_lower"] <= rows.loc["within arms", "slope"]
    assert set(made["mediation"]["path"]) >= {"arm → analyte", "total", "direct", "indirect"}
    assert made["mediation"]["note"].str.startswith("exploratory").all()


def test_the_common_slope_is_the_textbooks(demo):
    """Σ Sxy / Σ Sxx over the arms, by hand."""
    tested, read = paired_tables(0.7, {"vehicle": -1.0, "bmsc": -0.2}, seed=4)
    question = dataclasses.replace(demo.questions["tgfb1_and_relief"], also=())
    frame = association.paired(question, tested, read)
    parts = [part for _, part in frame.groupby("arm")]
    sxy = sum(((part["x"] - part["x"].mean()) * (part["y"] - part["y"].mean())).sum() for part in parts)
    sxx = sum(((part["x"] - part["x"].mean()) ** 2).sum() for part in parts)
    made = answered(demo, question, tested, concentrations=read)["association"].set_index("arm")
    assert made.loc["within arms", "slope"] == pytest.approx(sxy / sxx)
    assert made.loc["within arms", "df"] == 12 - 3


def test_a_sample_is_paired_with_the_last_test_not_after_it(demo):
    tested, read = paired_tables(0.5, {"vehicle": -1.0, "bmsc": -0.2})
    late = thresholds([(row.animal, row.arm, 10.0, 9.0) for row in tested.itertuples()])
    question = dataclasses.replace(demo.questions["tgfb1_and_relief"], also=())
    frame = association.paired(question, pd.concat([tested, late]), read)
    assert (frame["tested"] == 7).all()


def test_a_pool_is_paired_with_the_mean_of_its_animals_and_who_is_not_paired_is_named(demo):
    """Two mice a pool: the threshold beside it is the mean of both last ones; a sample never tested is named."""
    tested, read = paired_tables(0.5, {"vehicle": -1.0, "bmsc": -0.2}, n=8)
    names = sorted(read.loc[read["arm"] == "bmsc", "animal"])
    pool, rest = " + ".join(names[:2]), ~read["animal"].isin(names[:2])
    row = read[read["animal"] == names[0]].assign(animal=None, pool=pool)
    never = read[read["animal"] == names[2]].assign(animal="never tested")
    read = pd.concat([read[rest], row, never], ignore_index=True)
    question = demo.questions["tgfb1_and_relief"]
    frame = association.paired(question, tested, read).set_index("animal")
    both = tested[tested["animal"].isin(names[:2])].sort_values("day").groupby("animal")["log10_threshold"].last()
    assert frame.loc[pool, "y"] == pytest.approx(both.mean())
    assert "never tested" not in frame.index
    arms = dataclasses.replace(question, also=())
    made = association.answer(demo, arms, tested, read, 0)
    assert "never tested" in made["fits"][0]["note"]


def test_the_negative_binomial_equals_rs():
    """MASS::glm.nb on quine; both maximize the same likelihood, R's alternation stops at about 1e-6."""
    frame = pd.DataFrame(commented("counts"), columns=["sex", "age", "count"]).astype({"count": int})
    terms = []
    for name in ("F1", "F2", "F3"):
        frame[name] = (frame["age"] == name).astype(float)
        terms.append(name)
    frame["M"] = (frame["sex"] == "M").astype(float)
    beta, alpha = counts._fit(frame, ["M", *terms])
    golden = GOLDEN.loc["counts", "estimate"]
    np.testing.assert_allclose(beta, golden[["(Intercept)", "SexM", "AgeF1", "AgeF2", "AgeF3"]], atol=2e-4)
    assert alpha == pytest.approx(golden["alpha"], rel=2e-3)


def test_the_jackknife_is_leaving_each_animal_out(demo, taken_in, modelled):
    """The demo's rates: truth 0.35 for 100 µm inside the interval, 12 animals as the evidence and not 216 counts."""
    rows = modelled["rates"].set_index("term")
    far = rows.loc["for each 100 µm"]
    assert far["lower"] < 0.35 < far["upper"]
    assert far["n_animals"] == 12
    assert far["n_counts"] == 216
    assert far["df"] == 10
    assert far["dispersion"] == pytest.approx(1 / truth.CELL_DISPERSION, abs=0.3)


@pytest.mark.parametrize(
    "key", ["tgfb1_share", "dose_day5", "tgfb1_and_relief", "cells_at_drg", "csf_panel", "cxcl12_in_drg"]
)
def test_a_question_without_animals_is_refused_in_words(demo, key):
    made = answered(demo, demo.questions[key], tables.empty(tables.Thresholds))
    assert made["fits"]["note"].str.startswith("not estimated").all()
    assert len(made["fits"]) == 1
    assert made["contrasts"]["estimate"].isna().all()


def test_the_same_seed_gives_the_same_numbers_whatever_else_is_asked(demo, measured, modelled):
    question = demo.questions["tgfb1_share"]
    alone = answered(demo, question, measured["thresholds"], concentrations=measured["concentrations"], seed=20150825)
    whole = modelled["neutralization"]
    pd.testing.assert_frame_equal(
        alone["neutralization"], whole[whole["question"] == question.key].reset_index(drop=True)
    )


def test_the_doses_order_the_effect_in_the_demo(modelled):
    """The simulated relief is 25, 60 and 100 % of the largest at the three doses."""
    trend = modelled["dose"].query("parameter == 'trend'")
    assert len(trend) == 2
    assert (trend["p"] < 0.001).all()
    assert (trend["estimate"] > 0).all()
