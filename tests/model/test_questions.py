"""Questions about thresholds: the study file's words against the same model asked for by formula.

`fit` meets R on the reference data; here the room must ask it for the right thing.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hindpaw import study as studies
from hindpaw import tables
from hindpaw.model import FamilyError, FitError, answers, fit

DAYS = [0, 2, 4, 9, 16, 23]
SIZES = {"vehicle": 6, "low": 5, "high": 6}


@pytest.fixture(scope="module")
def thresholds():
    """Simulated thresholds: three arms, two animals a cage, a baseline on day 0, one mouse without it."""
    rng = np.random.default_rng(3)
    rows = []
    for arm, n in SIZES.items():
        for mouse in range(n):
            own = rng.normal(0, 0.2)
            for day in DAYS:
                effect = {"vehicle": 0.0, "low": 0.2, "high": 0.6}[arm] * (day > 0)
                rows.append((f"{arm}{mouse}", arm, day, -1 + effect + own + rng.normal(0, 0.2)))
    frame = pd.DataFrame(rows, columns=["animal", "arm", "day", "y"])
    frame = frame[~((frame["animal"] == "low1") & (frame["day"] == 0))]
    frame = frame[~((frame["animal"] == "high2") & (frame["day"] == 16))]
    made = pd.DataFrame(
        {
            **dict.fromkeys(tables.columns(tables.Thresholds)),
            "source": "simulated",
            "animal": frame["animal"],
            "arm": frame["arm"],
            "day": frame["day"].astype(float),
            "week": np.ceil(frame["day"] / 7).astype(int),
            "paw": "ipsilateral",
            "threshold_g": 10 ** frame["y"],
            "log10_threshold": frame["y"],
            "censored": "none",
            "method": "exact",
            "n_trials": 6,
            "tester": np.where(frame["day"] % 2 == 0, "A", "B"),
        }
    )
    return tables.shaped(made.reset_index(drop=True), tables.Thresholds)


@pytest.fixture(scope="module")
def animals(thresholds):
    """Their allocation list."""
    names = thresholds["animal"].unique()
    return pd.DataFrame(
        {
            "animal": names,
            "sex": ["female" if place % 3 else "male" for place in range(len(names))],
            "cage": [f"cage {place // 2}" for place in range(len(names))],
            "cohort": [str(place % 2) for place in range(len(names))],
        }
    )


def asked(thresholds, animals, question: str) -> dict[str, pd.DataFrame]:
    """The answers to a question as a study file words it."""
    text = f"""
title: Simulated
animals: {{file: a.csv, columns: {{animal: A, arm: G}}}}
arms: {{vehicle: {{label: Vehicle}}, low: {{label: Low}}, high: {{label: High}}}}
days: {{treatment: 0, injury: -7, baseline: 0}}
questions:
  q: {{outcome: threshold, {question}}}
"""
    study = studies.parse(text, "s", "s.yaml")
    return answers(study, thresholds, tables.empty(tables.Concentrations), animals, seed=5)


def after(thresholds, animals) -> pd.DataFrame:
    """The rows after treatment with what the allocation list says."""
    frame = thresholds[thresholds["day"] > 0].merge(animals, on="animal")
    frame["arm"] = pd.Categorical(frame["arm"], categories=list(SIZES))
    return frame


def agree(own: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Estimates, errors, degrees of freedom, p and limits, row by row.

    A multivariate t is integrated over fixed points, whose error of 1e-4 depends on the order of the comparisons.
    """
    for name in ("estimate", "se", "df", "p"):
        np.testing.assert_allclose(own[name].to_numpy(float), theirs[name].to_numpy(float), rtol=1e-6, atol=1e-9)
    for name in ("p_adjusted", "lower", "upper"):
        np.testing.assert_allclose(own[name].to_numpy(float), theirs[name].to_numpy(float), atol=5e-4)


@pytest.mark.parametrize("adjust", ["holm", "bonferroni", "bh", "mvt", "mvt-step-down"])
def test_arms_against_one_control_by_day(thresholds, animals, adjust):
    made = asked(
        thresholds,
        animals,
        f"kind: many-to-one, treated: [low, high], control: vehicle, by: day, baseline: none, adjust: {adjust}",
    )
    model = fit(after(thresholds, animals), "log10_threshold", "arm * C(day)", "animal")
    theirs = model.contrasts("arm", by="day", against="vehicle", adjust=adjust).sort_values(
        ["contrast", "day"], ascending=[False, True]
    )
    own = made["contrasts"].query("by == 'day'")
    agree(own, theirs)
    assert set(own["family"]) == {"q by day (10)"}
    assert set(own["interval"]) == {"unadjusted" if adjust == "bh" else "simultaneous, multivariate t"}
    overall = made["contrasts"].query("by == 'overall'")
    assert set(overall["family"]) == {"q overall (2)"}


def test_all_pairs_of_arms_are_one_family(thresholds, animals):
    made = asked(thresholds, animals, "kind: pairwise, treated: [low, high], control: vehicle, by: day, baseline: none")
    assert made["contrasts"]["comparison"].unique().tolist() == ["low − vehicle", "high − vehicle", "high − low"]
    assert made["contrasts"].query("by == 'day'")["family"].unique().tolist() == ["q by day (15)"]


@pytest.mark.parametrize(
    ("words", "formula", "more"),
    [
        ("blocks: [sex, cohort]", "arm * C(day) + C(sex, contr.sum) + C(cohort, contr.sum)", {}),
        ("cage: true", "arm * C(day)", {"cage": "cage"}),
        ("structure: cs+ar1", "arm * C(day)", {"structure": "cs+ar1", "day": "day"}),
        ("structure: slope", "arm * C(day)", {"structure": "slope", "day": "day"}),
        ("variance: by-arm", "arm * C(day)", {"variance": "arm"}),
        ("variance: by-week", "arm * C(day)", {"variance": "week"}),
        (
            "structure: ar1, df: satterthwaite",
            "arm * C(day)",
            {"structure": "ar1", "day": "day", "inference": "satterthwaite"},
        ),
    ],
)
def test_what_a_question_adds_is_what_the_formula_says(thresholds, animals, words, formula, more):
    made = asked(thresholds, animals, f"treated: high, control: vehicle, by: day, baseline: none, {words}")
    frame = after(thresholds, animals).query("arm != 'low'")
    frame["arm"] = frame["arm"].cat.remove_unused_categories()
    model = fit(frame, "log10_threshold", formula, "animal", **more)
    agree(made["contrasts"].query("by == 'day'"), model.contrasts("arm", by="day", against="vehicle"))
    anova, own = model.anova().set_index("term"), made["effects"].set_index("term")
    terms = ["arm:day", *[one for one in ("sex", "cohort") if one in anova.index]]
    # Satterthwaite's df of several rows depend on which rows span the hypothesis; Kenward–Roger's do not.
    for term in [] if "satterthwaite" in words else terms:
        assert own.loc[term, "F"] == pytest.approx(anova.loc[term, "F"], rel=1e-6)
        assert own.loc[term, "den_df"] == pytest.approx(anova.loc[term, "den_df"], rel=1e-6)


def test_a_baseline_slope_for_each_day(thresholds, animals):
    made = asked(thresholds, animals, "treated: high, control: vehicle, by: day, baseline: by-day")
    frame = after(thresholds, animals).query("arm != 'low'")
    frame["arm"] = frame["arm"].cat.remove_unused_categories()
    base = thresholds.query("day == 0").set_index("animal")["log10_threshold"]
    frame["base"] = frame["animal"].map(base)
    frame["base"] -= frame.drop_duplicates("animal")["base"].mean()
    model = fit(frame, "log10_threshold", "arm * C(day) + base:C(day)", "animal")
    rows = made["contrasts"].query("by == 'day'")
    _grid, L = model.fixed.grid(["day", "arm"])
    at_mean = [model.tests.estimate(L[place + 1] - L[place]) for place in range(0, len(L), 2)]
    # The grid stands at the mean of base over rows, which differs from 0 by the one missing row.
    shift = model.fixed.covariates["base"]
    assert abs(shift) < 0.02
    np.testing.assert_allclose(rows["estimate"], [one[0] for one in at_mean], rtol=1e-6)


def test_the_constrained_model_keeps_mice_without_a_baseline(thresholds, animals):
    question = "treated: low, control: vehicle, by: day, baseline: "
    covariate, clda = (asked(thresholds, animals, question + kind) for kind in ("covariate", "clda"))
    assert "left out for want of a baseline (baseline: clda would keep them): low1" in covariate["fits"]["note"].iloc[0]
    assert covariate["fits"]["n_animals"].iloc[0] == 10
    assert clda["fits"]["n_animals"].iloc[0] == 11
    frame = thresholds[thresholds["arm"] != "high"].copy()
    frame["cell"] = np.where(frame["day"] == 0, "baseline", frame["arm"] + frame["day"].astype(int).astype(str))
    frame["before"] = np.where(frame["day"] == 0, "yes", "no")
    model = fit(frame, "log10_threshold", "cell", "animal", variance="before")
    pairs = model.contrasts("cell", adjust="none").set_index("contrast")
    for _, row in clda["contrasts"].query("by == 'day'").iterrows():
        arm, other = row["comparison"].split(" − ")
        day = f"{row['time']:g}"
        names = (f"{arm}{day}", "baseline" if other == "baseline" else f"{other}{day}")
        sign, label = (1, " − ".join(names)) if " − ".join(names) in pairs.index else (-1, " − ".join(names[::-1]))
        theirs = pairs.loc[label]
        np.testing.assert_allclose(
            [sign * row["estimate"], row["se"], row["df"]], theirs[["estimate", "se", "df"]].astype(float), rtol=1e-6
        )
    assert clda["contrasts"]["family"].dropna().tolist().count("q change from baseline by day (10)") == 10


def test_the_effect_in_each_sex(thresholds, animals):
    made = asked(thresholds, animals, "treated: high, control: vehicle, by: day, baseline: none, by_sex: true")
    frame = after(thresholds, animals).query("arm != 'low'")
    frame["arm"] = frame["arm"].cat.remove_unused_categories()
    model = fit(frame, "log10_threshold", "arm * C(day) + sex + arm:sex", "animal")
    # The time average weights the days 2, 4, 9, 16, 23 by the trapezoid: half the gaps at each side, over 21 days.
    weights = np.array([1, 3.5, 6, 7, 3.5]) / 21
    _grid, L = model.fixed.grid(["sex", "arm", "day"])
    cells = L.reshape(2, 2, 5, -1)
    for place, sex in enumerate(["female", "male"]):
        estimate, se, df, _, p = model.tests.estimate(weights @ (cells[place, 1] - cells[place, 0]))
        row = made["contrasts"].set_index("comparison").loc[f"high − vehicle (sex {sex})"]
        np.testing.assert_allclose(row[["estimate", "se", "df", "p"]].astype(float), [estimate, se, df, p], rtol=1e-6)
    own = made["effects"].set_index("term").loc["arm:sex"]
    assert own["F"] == pytest.approx(model.anova().set_index("term").loc["arm:sex", "F"], rel=1e-6)


def test_auto_takes_the_lowest_aicc_and_shows_the_others(thresholds, animals):
    made = asked(thresholds, animals, "treated: high, control: vehicle, baseline: none, structure: auto")
    fits = made["fits"].query("engine == 'hindpaw'")
    assert set(fits["structure"]) == {"cs", "ar1", "cs+ar1"}
    assert fits["chosen"].tolist() == [True, False, False]
    assert fits["aicc"].idxmin() == fits.index[0]
    assert "chosen by the lowest AICc among cs, ar1, cs+ar1" in fits["note"].iloc[0]
    assert fits["note"].iloc[1:].str.startswith("not chosen: AICc is higher by").all()


def test_every_fit_carries_the_test_of_serial_correlation(thresholds, animals):
    made = asked(thresholds, animals, "treated: high, control: vehicle, baseline: none")["fits"].iloc[0]
    frame = after(thresholds, animals).query("arm != 'low'")
    frame["arm"] = frame["arm"].cat.remove_unused_categories()
    likelihoods = [
        fit(frame, "log10_threshold", "arm * C(day)", "animal", structure, day="day").reml_loglik
        for structure in ("cs", "cs+ar1")
    ]
    assert made["serial_lrt"] == pytest.approx(2 * max(0, likelihoods[1] - likelihoods[0]), abs=1e-6)


def test_complete_data_are_repeated_by_pingouin(thresholds, animals):
    whole = thresholds[thresholds["animal"] != "high2"]
    made = asked(whole, animals, "treated: high, control: vehicle, baseline: none, by: day")
    row = made["fits"].set_index("engine").loc["pingouin"]
    # Balanced within animals, the F of arm and arm × day are those of the classical split plot.
    assert row["largest_difference"] < 1e-5
    corrected = made["effects"].query("method == 'mixed ANOVA, Greenhouse–Geisser (pingouin)'").iloc[0]
    assert 1 < corrected["num_df"] < 4


def test_a_block_that_changes_with_the_days_is_named(thresholds, animals):
    made = asked(thresholds, animals, "treated: high, control: vehicle, baseline: none, blocks: [tester]")
    assert (
        "changes together with other terms, so that its share is not told apart: tester" in made["fits"]["note"].iloc[0]
    )
    effects = made["effects"].set_index("term")
    assert effects.loc["tester", "method"] == "not estimable: it changes together with others"
    assert made["contrasts"]["p"].notna().all()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("blocks: [session]", "no animal has one"),
        ("structure: un", "The animals are too few for un"),
    ],
)
def test_what_the_tables_cannot_carry_is_said(thresholds, animals, words, told):
    few = thresholds[~thresholds["animal"].str.contains("[345]")]
    made = asked(few, animals, f"treated: high, control: vehicle, baseline: none, {words}")
    assert told in made["fits"]["note"].iloc[0]
    assert made["contrasts"]["note"].iloc[0].startswith("not estimated")


def test_hedges_g_and_its_interval(thresholds, animals):
    """g of one day is J(ν) × difference / pooled SD; the bootstrap interval has the width of the noncentral t's."""
    whole = thresholds[thresholds["animal"] != "high2"]
    made = asked(whole, animals, "treated: high, control: vehicle, baseline: none, by: day")
    row = made["contrasts"].query("by == 'day' and time == 9").iloc[0]
    values = whole.query("day == 9").groupby("arm")["log10_threshold"]
    n, sd = values.size(), values.std()
    nu = n["high"] + n["vehicle"] - 2
    pooled = np.sqrt(((n["high"] - 1) * sd["high"] ** 2 + (n["vehicle"] - 1) * sd["vehicle"] ** 2) / nu)
    d = (values.mean()["high"] - values.mean()["vehicle"]) / pooled
    # J(9) = 0.9139 (Hedges 1981, table 1: 0.9139 for 9 degrees of freedom).
    assert row["hedges_g"] == pytest.approx(0.9139 * d, rel=1e-3)
    assert row["hedges_g_lower"] < row["hedges_g_upper"]


def test_the_same_seed_gives_the_same_bytes(thresholds, animals):
    one, two = (asked(thresholds, animals, "treated: high, control: vehicle") for _ in range(2))
    for name in one:
        assert one[name].to_csv() == two[name].to_csv()


def test_one_p_out_of_a_family_is_refused(thresholds, animals):
    model = fit(after(thresholds, animals), "log10_threshold", "arm * C(day)", "animal")
    with pytest.raises(FamilyError, match="one of 5 comparisons"):
        model.contrasts("arm", by="day", against="vehicle", at={"day": 9.0})
    with pytest.raises(FitError, match='"weight" is no factor'):
        model.means("weight")


def test_a_question_may_not_pick_one_day(thresholds, animals):
    with pytest.raises(Exception, match="its p alone would not count the others"):
        asked(thresholds, animals, "treated: high, control: vehicle, day: 9")


def test_the_second_engine_knows_cages_and_slopes(thresholds, animals):
    for words in ("cage: true", "structure: slope", "structure: independent-slope"):
        made = asked(thresholds, animals, f"treated: high, control: vehicle, baseline: none, {words}")
        row = made["fits"].set_index("engine").loc["statsmodels"]
        ahead = made["fits"]["reml_loglik"].iloc[0] - row["reml_loglik"]
        # Where statsmodels stops short its likelihood is lower, and only then may it differ.
        assert ahead > -1e-6
        assert row["largest_difference"] < 1e-3 or ahead > 0


def test_questions_do_not_change_each_other(thresholds, animals):
    """The bootstrap of one question draws from its own stream."""
    text = "treated: high, control: vehicle"
    alone = asked(thresholds, animals, text)["contrasts"]
    study = studies.parse(
        """
title: Simulated
animals: {file: a.csv, columns: {animal: A, arm: G}}
arms: {vehicle: {label: Vehicle}, low: {label: Low}, high: {label: High}}
days: {treatment: 0, injury: -7, baseline: 0}
questions:
  other: {outcome: threshold, treated: low, control: vehicle}
  q: {outcome: threshold, treated: high, control: vehicle}
""",
        "s",
        "s.yaml",
    )
    both = answers(study, thresholds, tables.empty(tables.Concentrations), animals, seed=5)["contrasts"]
    mine = both[both["question"] == "q"].reset_index(drop=True)
    pd.testing.assert_frame_equal(mine, alone)
    assert dataclasses.is_dataclass(study)


def test_a_notebook_may_leave_the_structure_to_the_data(thresholds, animals):
    frame = after(thresholds, animals)
    found = fit(frame, "log10_threshold", "arm * C(day)", "animal", "auto", day="day")
    assert set(found.tried["structure"]) == {"cs", "ar1", "cs+ar1"}
    assert found.aicc == found.tried["aicc"].min()
    assert any("chosen by the lowest AICc" in note for note in found.notes)
    # k = 2 of cs, n less 15 means: −2ℓ + 2k·n/(n − k − 1).
    plain = fit(frame, "log10_threshold", "arm * C(day)", "animal", day="day")
    n = len(frame) - 15
    assert plain.aicc == pytest.approx(-2 * plain.reml_loglik + 4 * n / (n - 3))
    assert plain.serial_correlation is not None
    assert fit(frame, "log10_threshold", "arm * C(day)", "animal").serial_correlation is None
