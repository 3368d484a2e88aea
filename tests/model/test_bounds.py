"""Questions with censored values, without an effect, and with missing mice: from tables to tables."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hindpaw import study as studies
from hindpaw import tables
from hindpaw.model import answers, bounds, margin
from hindpaw.model.equivalence import by_t
from hindpaw.model.tipping import Shifted
from scipy.stats import t as student

DAYS = [0, 3, 5, 10, 17]
CEILING_G = 1.0
FILAMENTS = pd.DataFrame(
    {
        "source": "simulated",
        "filaments": "set",
        "position": range(1, 6),
        "handle": [2.44, 2.83, 3.22, 3.61, 4.08],
        "nominal_g": [0.01, 0.0316, 0.1, 0.316, 1.0],
        "force_g": 10.0 ** np.array([-2, -1.5, -1, -0.5, 0]),
    }
)


def simulated(effect: float = 0.5, ceiling: float = math.inf, gone: tuple[str, ...] = (), n: int = 6) -> pd.DataFrame:
    """Thresholds of two arms, a baseline on day 0, values above a ceiling as bounds, some mice without days after 5."""
    rng = np.random.default_rng(11)
    rows = []
    for arm in ("vehicle", "drug"):
        for mouse in range(n):
            own = rng.normal(0, 0.15)
            for day in DAYS:
                y = -0.8 + effect * (arm == "drug") * (day > 0) + own + rng.normal(0, 0.15)
                if f"{arm}{mouse}" not in gone or day <= 5:
                    rows.append((f"{arm}{mouse}", arm, day, y))
    frame = pd.DataFrame(rows, columns=["animal", "arm", "day", "y"])
    above = frame["y"] > math.log10(ceiling) if math.isfinite(ceiling) else frame["y"] > math.inf
    made = pd.DataFrame(
        {
            **dict.fromkeys(tables.columns(tables.Thresholds)),
            "source": "simulated",
            "animal": frame["animal"],
            "arm": frame["arm"],
            "day": frame["day"].astype(float),
            "week": np.ceil(frame["day"] / 7).astype(int),
            "paw": "ipsilateral",
            "threshold_g": (10 ** frame["y"]).where(~above),
            "log10_threshold": frame["y"].where(~above),
            "censored": np.where(above, "right", "none"),
            "lower_g": np.where(above, ceiling, np.nan),
            "method": "exact",
            "n_trials": 6,
        }
    )
    return tables.shaped(made, tables.Thresholds)


def animals(thresholds: pd.DataFrame, gone: tuple[str, ...] = ()) -> pd.DataFrame:
    """Their allocation list; who is gone left on day 6 and was found dead."""
    names = pd.Series(thresholds["animal"].unique())
    left = names.isin(gone)
    made = pd.DataFrame(
        {
            **dict.fromkeys(tables.columns(tables.Animals)),
            "source": "simulated",
            "animal": names,
            "arm": names.str.rstrip("0123456789"),
            "excluded": False,
            "left_day": np.where(left, 6.0, np.nan),
            "left_reason": np.where(left, "found dead", None),
        }
    )
    return tables.shaped(made, tables.Animals)


def asked(thresholds: pd.DataFrame, listed: pd.DataFrame, more: str = "", study_more: str = "", filaments=FILAMENTS):
    """The tables of fit_models and of bounds."""
    text = f"""
title: Simulated
animals: {{file: a.csv, columns: {{animal: A, arm: G}}}}
arms: {{vehicle: {{label: Vehicle}}, drug: {{label: Drug}}}}
days: {{treatment: 0, injury: -7, baseline: 0}}
{study_more}
questions:
  q: {{outcome: threshold, treated: drug, control: vehicle{more}}}
"""
    study = studies.parse(text, "s", "s.yaml")
    made = answers(study, thresholds, tables.empty(tables.Concentrations), listed, seed=5)
    found = bounds.answers(study, thresholds, listed, filaments, made["means"], made["contrasts"])
    return made, found


def test_without_censored_or_missing_values_or_an_expected_null_there_is_no_row():
    thresholds = simulated()
    _, found = asked(thresholds, animals(thresholds))
    assert {name: len(frame) for name, frame in found.items()} == dict.fromkeys(bounds.MADE, 0)


def test_a_few_censored_values_stand_beside_the_answer_and_many_are_the_answer():
    few, many = simulated(ceiling=0.8), simulated(ceiling=0.45)
    said = {}
    for name, thresholds in (("few", few), ("many", many)):
        made, found = asked(thresholds, animals(thresholds))
        after = thresholds[thresholds["day"] > 0]
        fit = found["censored_fits"].iloc[0]
        assert fit["censored_share"] == pytest.approx((after["censored"] != "none").mean())
        assert fit["n_right"] == (after["censored"] == "right").sum()
        assert fit["converged"]
        said[name] = bool(fit["primary"])
        assert (found["censored_contrasts"]["primary"] == said[name]).all()
        # Never quietly: the substituted comparisons say that they are not the answer, and so does their fit.
        for table in ("contrasts", "fits"):
            notes = made[table]["note"].fillna("").str
            assert notes.contains("answered by the interval-censored model").any() == said[name]
        beside = found["censored_contrasts"]["substituted_estimate"].to_numpy()
        np.testing.assert_allclose(beside, made["contrasts"]["estimate"].to_numpy())
    assert said == {"few": False, "many": True}


def test_the_limit_is_the_studys():
    thresholds = simulated(ceiling=0.45)
    _, found = asked(thresholds, animals(thresholds), study_more="censored_share: 0.9")
    assert not found["censored_fits"]["primary"].any()
    assert found["censored_fits"]["limit_share"].tolist() == [0.9]


def test_values_at_a_ceiling_are_pulled_down_and_as_bounds_are_not():
    """The drug raises the threshold by 0.5; a ceiling at 0.45 g hides part of it from values put at the ceiling."""
    thresholds = simulated(ceiling=0.45, n=20)
    _, found = asked(thresholds, animals(thresholds))
    row = found["censored_contrasts"].query("by == 'overall'").iloc[0]
    assert row["substituted_upper"] < 0.5
    assert row["lower"] < 0.5 < row["upper"]
    assert row["estimate"] > row["substituted_estimate"] + 0.05


def test_a_cell_wholly_at_the_ceiling_gives_a_bound_in_words():
    thresholds = simulated(ceiling=CEILING_G)
    cell = (thresholds["arm"] == "drug") & (thresholds["day"] == 10)
    changed = {"censored": "right", "lower_g": CEILING_G, "threshold_g": np.nan, "log10_threshold": np.nan}
    thresholds.loc[cell, list(changed)] = list(changed.values())
    _, found = asked(thresholds, animals(thresholds), more=", by: day")
    rows = found["censored_contrasts"].set_index("time")
    assert rows.loc[10, "bound"] == "at least"
    assert math.isnan(rows.loc[10, "estimate"])
    assert rows.loc[10, "lower"] > 0.3
    assert "one-sided bound" in rows.loc[10, "note"]
    assert rows.loc[10, "p"] < 0.001
    assert rows.loc[3, "bound"] == "both"
    # The average over all days holds the cell, so that it too is only bounded; Bonferroni holds for the days.
    assert rows[rows["by"] == "overall"]["bound"].tolist() == ["at least"]
    assert rows.loc[10, "interval"] == "simultaneous, Bonferroni"
    mean = found["censored_means"].query("arm == 'drug' and day == 10").iloc[0]
    assert (mean["bound"], mean["n_censored"]) == ("at least", 6)
    assert mean["lower"] >= math.log10(CEILING_G)


def test_tost_is_two_t_tests():
    """Against scipy's t, and the 90 % interval lies inside the margin exactly where both reject at 5 %."""
    for estimate, se, df in ((0.05, 0.1, 10), (-0.2, 0.05, 7.3), (0.0, 0.2, 30)):
        one = by_t(estimate, se, df, 0.3)
        assert one.p_below == pytest.approx(student.sf((estimate + 0.3) / se, df))
        assert one.p_above == pytest.approx(student.cdf((estimate - 0.3) / se, df))
        assert (one.p < 0.05) == (one.lower > -0.3 and one.upper < 0.3)


def test_no_effect_is_tested_against_the_mean_step_of_the_filaments():
    thresholds = simulated(effect=0.0)
    made, found = asked(thresholds, animals(thresholds), more=", expects: no-effect")
    rows = found["equivalence"]
    assert rows["margin_log10"].tolist() == pytest.approx([0.5] * len(rows))
    overall = rows.query("by == 'overall'").iloc[0]
    contrast = made["contrasts"].query("by == 'overall'").iloc[0]
    half = student.ppf(0.95, contrast["df"]) * contrast["se"]
    assert (overall["lower"], overall["upper"]) == pytest.approx(
        (contrast["estimate"] - half, contrast["estimate"] + half)
    )
    assert overall["verdict"] == "equivalent"
    weeks = rows.query("by == 'week'")
    order = weeks["p"].sort_values()
    assert weeks.loc[order.index[0], "p_adjusted"] == pytest.approx(len(weeks) * order.iloc[0])


@pytest.mark.parametrize(
    ("effect", "margin_", "verdict"),
    [(0.5, "1.2", "different"), (0.5, "20", "different within the margin"), (0.0, "1.05", "not shown")],
)
def test_verdicts(effect, margin_, verdict):
    thresholds = simulated(effect=effect)
    _, found = asked(thresholds, animals(thresholds), more=f", expects: no-effect, margin: {margin_}")
    row = found["equivalence"].query("by == 'overall'").iloc[0]
    assert row["verdict"] == verdict
    assert row["margin_ratio"] == pytest.approx(float(margin_))


def test_without_a_filament_set_a_step_is_no_margin():
    thresholds = simulated(effect=0.0)
    nothing = tables.empty(tables.Filaments)
    _, found = asked(thresholds, animals(thresholds), more=", expects: no-effect", filaments=nothing)
    assert set(found["equivalence"]["verdict"]) == {"not tested"}
    assert found["equivalence"]["note"].str.contains("name one").all()
    assert math.isnan(margin.step_log10(nothing))


def test_where_the_censored_model_answers_it_also_tests_no_effect():
    """Its signed roots at ±margin; the 90 % limits lie inside the margin where both reject."""
    thresholds = simulated(effect=0.0, ceiling=0.2)
    _, found = asked(thresholds, animals(thresholds), more=", expects: no-effect, margin: 2")
    assert found["censored_fits"]["primary"].all()
    rows = found["equivalence"]
    assert set(rows["model"]) == {"interval-censored model, profile likelihood"}
    inside = (rows["lower"] > -rows["margin_log10"]) & (rows["upper"] < rows["margin_log10"])
    assert (inside == (rows["p"] < 0.05)).all()


@pytest.mark.parametrize(
    ("question", "place", "what"),
    [
        ("expects: no-effect, margin: two-steps", "margin", "no margin"),
        ("expects: no-effect, margin: 0.8", "margin", "no margin"),
        ("kind: counts, outcome: cells, treated: drug, expects: no-effect", "expects", "no test of equivalence"),
        ("outcome: IL-10, treated: drug, control: vehicle, expects: no-effect", "margin", "no margin is named"),
    ],
)
def test_a_margin_that_is_none_is_a_mistake(question, place, what):
    text = f"""
title: Simulated
animals: {{file: a.csv, columns: {{animal: A, arm: G}}}}
arms: {{vehicle: {{label: Vehicle}}, drug: {{label: Drug}}}}
days: {{treatment: 0, injury: -7, baseline: 0}}
questions:
  q: {{{question}}}
"""
    with pytest.raises(studies.StudyError) as error:
        studies.parse(text, "s", "s.yaml")
    said = [one for one in error.value.findings if one.source.endswith(f"questions.q.{place}")]
    assert what in said[0].what


def gaps_of(gone: tuple[str, ...], **more):
    """Tables of a study in which some mice were found dead after day 5."""
    thresholds = simulated(gone=gone, **more)
    return asked(thresholds, animals(thresholds, gone))


def test_the_shifted_estimate_gains_the_missing_share():
    """Two of six treated miss days 10 and 17: of the average by the trapezoid over days 3, 5, 10 and 17 (weights 1, 3.5, 6
    and 3.5 of 14) they lack 9.5/14, so that δ moves the difference by (2/6)(9.5/14)δ."""
    made, found = gaps_of(("drug0", "drug3"))
    rows = found["tipping"].query("by == 'overall' and shifted == 'treated' and row == 'curve'")
    at_zero = rows.loc[rows["delta"].abs().idxmin()]
    own = made["contrasts"].query("by == 'overall'").iloc[0]
    for name in ("estimate", "se", "df", "lower", "upper", "p"):
        assert at_zero[name] == pytest.approx(own[name])
    slope = (rows["estimate"].iloc[-1] - rows["estimate"].iloc[0]) / (rows["delta"].iloc[-1] - rows["delta"].iloc[0])
    assert slope == pytest.approx(2 / 6 * 9.5 / 14)
    # The share's own variance: s² of (w, w, 0, 0, 0, 0) over six animals.
    w = 9.5 / 14
    spread = np.var([w, w, 0, 0, 0, 0], ddof=1) / 6
    last = rows.iloc[-1]
    assert last["se"] == pytest.approx(math.sqrt(own["se"] ** 2 + last["delta"] ** 2 * spread))
    assert (last["n_missing_treated"], last["n_missing_control"], last["n_animals_missing"]) == (4, 0, 2)
    assert "drug0 left on day 6 (found dead)" in last["note"]
    assert set(found["tipping"]["shifted"]) == {"treated"}


def test_a_tipping_point_is_where_the_limit_meets_zero():
    _, found = gaps_of(("drug0", "drug3", "vehicle1"))
    points = found["tipping"].query("by == 'overall' and row == 'tipping point'")
    assert set(points["shifted"]) == {"treated", "control", "apart"}
    for _, row in points.iterrows():
        assert min(abs(row["lower"]), abs(row["upper"])) < 1e-9
        assert row["conclusion"] == "not shown"
        assert not row["holds"]
    apart = points.query("shifted == 'apart'")["delta"].abs().min()
    assert apart < points.query("shifted != 'apart'")["delta"].abs().min()


def test_where_no_shift_within_the_filaments_does_it_says_so():
    """One mouse of twenty lacks two days: no shift by the whole reach of the set (2 decades) undoes an effect of 0.5."""
    _, found = gaps_of(("drug0",), n=20)
    rows = found["tipping"].query("by == 'overall' and row != 'curve'")
    assert set(rows["row"]) == {"none"}
    assert rows["delta"].abs().tolist() == pytest.approx([2.0, 2.0])
    assert rows["holds"].all()


def test_of_a_question_that_expects_no_effect_equivalence_tips():
    thresholds = simulated(effect=0.0, gone=("drug0", "drug3"))
    listed = animals(thresholds, ("drug0", "drug3"))
    _, found = asked(thresholds, listed, more=", expects: no-effect")
    rows = found["tipping"].query("by == 'overall'")
    assert rows.loc[rows["delta"].abs().idxmin(), "conclusion"] == "equivalent"
    for _, row in rows.query("row == 'tipping point'").iterrows():
        assert min(abs(row["lower"] + 0.5), abs(row["upper"] - 0.5)) < 1e-9
        assert row["p"] == pytest.approx(0.05, abs=1e-6)


def test_an_excluded_animal_and_one_never_tested_are_not_missing():
    thresholds = simulated(gone=("drug0",))
    listed = animals(thresholds, ("drug0",))
    listed.loc[listed["animal"] == "drug0", "excluded"] = True
    more = listed.iloc[[0]].assign(animal="vehicle99", arm="vehicle", source="simulated 2")
    listed = tables.shaped(pd.concat([listed, more]), tables.Animals)
    kept = thresholds[thresholds["animal"] != "drug0"].reset_index(drop=True)
    _, found = asked(kept, listed)
    assert found["tipping"].empty


def test_at_a_negative_shift_the_conclusion_can_turn():
    one = Shifted(0.1, 0.02, 20, 2.086, 0.5, (0.0, 0.0), (5.0, 5.0), math.nan)
    assert [one.conclusion(delta) for delta in (0.0, -0.2, -0.5)] == ["higher", "not shown", "lower"]
    # 0.1 + 0.5 δ − 2.086 × 0.02 = 0 at δ = −0.11656.
    assert one.tips(-1, 2.0) == pytest.approx(-0.11656, abs=1e-4)
    assert math.isnan(one.tips(1, 2.0))


def test_the_same_input_gives_the_same_tables():
    thresholds = simulated(ceiling=0.45, gone=("drug0",))
    first, second = (asked(thresholds, animals(thresholds, ("drug0",)))[1] for _ in range(2))
    for name, frame in first.items():
        pd.testing.assert_frame_equal(frame, second[name], check_exact=True)
