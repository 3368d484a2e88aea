"""Verdicts on claims of every kind, on data made by hand: as published, as recommended, and what they say together."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hindpaw import tables
from hindpaw.audit.claims import verdicts
from hindpaw.audit.refits import refits
from hindpaw.audit.reporting import against_data
from hindpaw.audit.taken import at_its_time
from hindpaw.intake import claims as claims_file

DAYS = (5.0, 7.0, 14.0)
# Grams of four mice an arm on three days: within an arm the mice differ by 0.2, the arms by 0.5 on day 5.
GRAMS = {
    "vehicle": [(0.2, 0.2, 0.2), (0.4, 0.4, 0.4), (0.3, 0.3, 0.3), (0.5, 0.5, 0.5)],
    "bmsc": [(0.8, 0.5, 0.4), (0.9, 0.6, 0.5), (0.7, 0.7, 0.3), (1.0, 0.4, 0.2)],
}


def table(name, rows):
    """Rows as a table, columns that are left out empty."""
    model = tables.TABLES[name]
    return tables.shaped(pd.DataFrame(rows).reindex(columns=tables.columns(model)), model)


def thresholds(grams=GRAMS, censored=()):
    """The thresholds of the mice."""
    rows = [
        dict(source="s", animal=f"{arm}{i}", arm=arm, day=day, week=int(np.ceil((day - 4) / 7)), paw="ipsilateral",
             threshold_g=None if (arm, i, day) in censored else g, censored="left" if (arm, i, day) in censored else "none",
             lower_g=0.0 if (arm, i, day) in censored else None, upper_g=g if (arm, i, day) in censored else None,
             method="dixon", n_trials=6)
        for arm, mice in grams.items() for i, mouse in enumerate(mice) for day, g in zip(DAYS, mouse, strict=False)
    ]  # fmt: skip
    return table("thresholds", rows)


def contrast(estimate, p, by="overall", time=None, half=0.2):
    """A recommended answer."""
    lower, upper = estimate - half, estimate + half
    one = dict(question="relief", comparison="bmsc − vehicle", by=by, time=time, estimate=estimate, p=p, adjustment="none",
               lower=lower, upper=upper, ratio=10**estimate, ratio_lower=10**lower, ratio_upper=10**upper)  # fmt: skip
    return table("contrasts", [one])


@pytest.fixture
def judge(demo):
    """Verdict, refits and findings of one claim about the mice."""

    def judge(claim, measured=None, simulated=False, question="relief", **answers):
        study = dataclasses.replace(demo, simulated=simulated)
        text = f"paper: {{citation: c}}\nclaims: {{X: {{locator: l, text: t, question: {question}, {claim}}}}}\n"
        read = claims_file.read(study, text, "claims.yaml")
        read["claims"] = at_its_time(study, read["claims"])
        made = {name: tables.empty(model) for name, model in tables.TABLES.items()}
        made |= read | {"thresholds": thresholds() if measured is None else measured} | answers
        made["refits"] = refits(
            study, *(made[name] for name in ("claims", "thresholds", "concentrations", "summaries"))
        )
        found = list(against_data(study, made))
        return verdicts(study, made).iloc[0], made["refits"], found

    return judge


T_ON_DAY_5 = "by: day, time: 5, test: student_t, scale: raw"


def test_a_t_test_by_hand(judge):
    """Day 5: means 0.85 and 0.35, both SDs √(0.05/3) = 0.129: t = 0.5/(0.129·√(2/4)) = 5.477, 6 df, p = 0.0015."""
    row, made, _ = judge(
        f"kind: test, statistic: t, value: 5.48, df: 6, p: 0.002, {T_ON_DAY_5}",
        contrasts=contrast(0.4, 0.01, "day", 5.0),
    )
    one = made[made["time"] == 5].iloc[0]
    assert (round(one["value"], 3), one["df1"], round(one["p"], 4)) == (5.477, 6, 0.0015)
    assert row["verdict"] == "reproduced"
    assert row["p_as_published"] == pytest.approx(one["p"])
    assert row["p_recommended"] == 0.01
    assert row["conclusion_changes"] == "no"
    assert "t(6) = 5.48" in row["as_published"]


@pytest.mark.parametrize(
    ("printed", "verdict", "changes"),
    [
        ("value: 5.48, df: 6, p: 0.002", "reproduced", "yes"),
        ("value: 4.10, df: 6, p: 0.006", "same_direction", "yes"),
        ("value: 5.48, df: 22, p: < 0.001", "same_direction", "yes"),
        ("value: 1.10, df: 6, p: 0.31", "not_reproduced", "no"),
    ],
)
def test_a_printed_statistic_and_its_decision(judge, printed, verdict, changes):
    """The recommended p here is 0.20."""
    row, _, _ = judge(f"kind: test, statistic: t, {printed}, {T_ON_DAY_5}", contrasts=contrast(0.4, 0.20, "day", 5.0))
    assert (row["verdict"], row["conclusion_changes"]) == (verdict, changes)


@pytest.mark.parametrize(
    ("printed", "said"), [("0.50", "is that of the data"), ("0.45", "is not that of the data (0.5)")]
)
def test_a_printed_difference(judge, printed, said):
    claim = f"kind: contrast, direction: higher, difference: {printed}, unit: g, {T_ON_DAY_5}"
    row, _, _ = judge(claim, contrasts=contrast(0.4, 0.01, "day", 5.0))
    assert said in row["reason"]


def test_a_claim_about_a_day_is_set_against_its_week(judge):
    """Contrasts are by week; day 7 lies in week 1, three days after treatment. A day that was not tested has no answer."""
    week = contrast(0.4, 0.01, "week", 1.0)
    row, _, _ = judge("kind: direction, direction: higher, by: day, time: 7", contrasts=week)
    assert (row["verdict"], row["conclusion_changes"]) == ("reproduced", "no")
    assert row["recommended"].startswith("of week 1, which holds day 7: 2.51 times")
    row, _, _ = judge("kind: direction, direction: higher, by: day, time: 8", contrasts=week)
    assert row["verdict"] == "not_checkable"
    own = contrast(-0.4, 0.01, "day", 7.0)
    row, _, _ = judge("kind: direction, direction: higher, by: day, time: 7", contrasts=pd.concat([week, own]))
    assert row["recommended"].startswith("0.398 times")


def test_the_printed_statistic_with_another_decision_is_not_reproduced(judge):
    """Day 14: vehicle 0.35, SD 0.129; bmsc 0.4, 0.5, 0.3, 0.2: equal means, t = 0, p = 1."""
    row, _, _ = judge("kind: test, statistic: t, value: 0.00, df: 6, p: 0.03, by: day, time: 14, test: student_t")
    assert row["verdict"] == "not_reproduced"
    assert "gives the printed statistic, but decides the other way at 0.05 (p = 1.00)" in row["reason"]
    row, _, _ = judge(f"kind: test, statistic: t, value: 5.48, df: 6, p: 0.01, {T_ON_DAY_5}")
    assert row["verdict"] == "same_direction"
    assert "the printed statistic, but p = .002, not 0.01," in row["reason"]


@pytest.mark.parametrize(
    ("p", "verdict"),
    # Student's p on day 5 is 0.0015.
    [("< 0.05", "reproduced"), ("0.002", "reproduced"), ("0.01", "same_direction"), ("< 0.001", "same_direction"), ("ns", "same_direction")],
)  # fmt: skip
def test_a_contrast_comes_out_as_printed_only_with_its_p(judge, p, verdict):
    row, _, _ = judge(f"kind: contrast, direction: higher, p: {p}, {T_ON_DAY_5}")
    assert row["verdict"] == verdict


def test_a_test_that_cannot_be_made_again_still_says_whether_the_conclusion_changes(judge):
    """z = 3.2 decides by itself: p = 0.0014."""
    row, _, _ = judge("kind: test, statistic: z, value: 3.2", contrasts=contrast(0.1, 0.4))
    assert (row["verdict"], row["conclusion_changes"]) == ("not_checkable", "yes")
    assert "does not say under `test` which one it is" in row["reason"]


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        ("kind: n, n: 4", "A number of animals carries no conclusion."),
        ("kind: no_effect", "neither a difference nor its absence is shown"),
        ("kind: test, statistic: t, value: 2.45, df: 6, p: 0.05", "what is printed does not decide at 0.05"),
        ("kind: direction, direction: higher, by: week, time: 9", "the question has no contrast of these arms at that time"),
        ("kind: mean, groups: {V: {arm: vehicle, mean: 0.35}}", "what is printed says nothing on treated against control"),
    ],
)  # fmt: skip
def test_where_nobody_can_say_whether_the_conclusion_changes_the_reason_is_given(judge, claim, why):
    row, _, _ = judge(claim, contrasts=contrast(0.05, 0.4))
    assert pd.isna(row["conclusion_changes"])
    assert why in row["reason"]


def test_only_the_arms_of_the_claim_are_answered_whichever_way_round(judge):
    whole = dict(contrasts=contrast(0.4, 0.01))
    row, _, _ = judge("kind: direction, direction: higher, treated: naive", **whole)
    assert row["verdict"] == "not_checkable"
    row, _, _ = judge("kind: direction, direction: lower, treated: vehicle, control: bmsc", **whole)
    assert row["verdict"] == "reproduced"
    assert row["recommended"].startswith("0.398 times (95 % CI 0.251 to 0.631)")


def test_what_the_printed_test_finds_and_the_recommended_does_not_changes_the_conclusion(judge):
    row, made, _ = judge(
        "kind: direction, direction: higher, by: overall, test: two_way_anova", contrasts=contrast(0.2, 0.09)
    )
    assert row["verdict"] == "reproduced"
    assert row["conclusion_changes"] == "yes"
    assert "does not show a difference (p = .090)" in row["reason"]
    assert "24 values of 8 animals" in row["as_published"]
    assert made[made["term"] == "arm"]["df2"].iloc[0] == 24 - 6


def test_dropped_animals_are_counted_and_said(judge):
    """A mouse without day 14 leaves the repeated-measures ANOVA altogether."""
    grams = GRAMS | {"bmsc": [(0.8, 0.5), *GRAMS["bmsc"][1:]]}
    row, made, _ = judge(
        "kind: direction, direction: higher, by: overall, test: mixed_anova_gg",
        thresholds(grams),
        contrasts=contrast(0.2, 0.01),
    )
    assert row["n_dropped"] == 1
    assert "leaves out 1 animal not tested every time" in row["reason"]
    assert "bmsc0" in row["as_published"]
    assert made["n_animals"].max() == 7


def test_a_censored_value_enters_the_printed_test_at_its_limit_and_is_counted(judge):
    _, made, _ = judge(f"kind: direction, direction: higher, {T_ON_DAY_5}", thresholds(censored={("vehicle", 0, 5.0)}))
    assert made["n_substituted"].tolist() == [1, 1, 1]
    assert made[made["time"] == 5]["difference"].iloc[0] == pytest.approx(0.5)


def test_every_kind_by_every_test_at_every_time_gets_a_verdict(demo):
    """With an arm that was never tested, one that was tested on one day only, and mice with gaps: no traceback."""
    from itertools import product

    from hindpaw.audit.paper import NAMES

    grams = GRAMS | {"vehicle": [(0.2,), (0.4, 0.4), (0.3, 0.3, 0.3), (0.5,)], "naive": [(1.0,), (1.0,), (1.0,)]}
    times = [(None, None), ("overall", None), ("day", 5.0), ("day", 14.0), ("day", 99.0), ("week", 1.0)]
    arms = [(None, None), ("bmsc", "naive"), ("sham", "vehicle")]
    kinds = [dict(kind="direction", direction="higher"), dict(kind="no_effect"), dict(kind="duration", lasts_days="5"), dict(kind="n", n="4"),
             dict(kind="ratio", ratio="2"), dict(kind="test", statistic="t", value="1.0", df="6", p="0.36")]  # fmt: skip
    every = product(kinds, NAMES, times, arms)
    rows = [
        dict(source="s", claim=f"C{i}", locator="l", text="t", status="transcribed", question="relief", scale="raw", days="all",
             test=test, by=by, time=time, treated=treated, control=control, post_hoc=("bonferroni", "tukey", None)[i % 3]) | kind
        for i, (kind, test, (by, time), (treated, control)) in enumerate(every) if i % 7 == 0
    ]  # fmt: skip
    claims = table("claims", rows)
    made = {name: tables.empty(model) for name, model in tables.TABLES.items()} | {
        "claims": claims,
        "thresholds": thresholds(grams),
    }
    made["refits"] = refits(demo, *(made[name] for name in ("claims", "thresholds", "concentrations", "summaries")))
    found = verdicts(demo, made)
    assert len(found) == len(claims) > 150
    assert found["reason"].str.len().min() > 10
    list(against_data(dataclasses.replace(demo, simulated=False), made))
    unmade = made["refits"][made["refits"]["engine"] == "none"]
    assert unmade["note"].str.startswith("not made: ").all()


def test_tests_that_disagree_are_said(judge):
    row, _, _ = judge("kind: direction, direction: higher, by: day, time: 7, test: [student_t, mann_whitney], post_hoc: holm", contrasts=contrast(0.1, 0.2, "day", 7.0))  # fmt: skip
    one, two = row["as_published"].split("; ")[:2]
    assert one.startswith("Student's t test")
    assert two.startswith("Mann–Whitney test")


def test_on_simulated_data_a_printed_test_that_comes_out_is_consistent(judge):
    row, _, found = judge(f"kind: test, statistic: t, value: 5.48, df: 6, p: 0.002, n: 9, {T_ON_DAY_5}", simulated=True)
    assert row["verdict"] == "consistent_with_simulation"
    assert found == []


def test_one_tail_where_the_paper_says_so(judge):
    row, made, _ = judge(f"kind: direction, direction: higher, tails: one, {T_ON_DAY_5}")
    assert row["p_as_published"] == pytest.approx(made[made["time"] == 5]["p"].iloc[0] / 2)
    assert "one tail" in row["as_published"]


def test_print_alone_reckons_with_one_tail(demo):
    """R: pt(-1.85, 10) = 0.0470 and pt(-1.95, 10) = 0.0399."""
    text = "paper: {citation: c}\nclaims: {X: {locator: l, text: t, kind: test, statistic: t, df: 10, value: 1.9, tails: one}}\n"
    made = {name: tables.empty(model) for name, model in tables.TABLES.items()} | claims_file.read(demo, text, "c")
    assert "t(10) = 1.9 gives p = .040 to .047 for one tail" in verdicts(demo, made)["reason"].iloc[0]


def test_a_direction_the_other_way(judge):
    row, _, _ = judge(
        f"kind: contrast, direction: lower, p: < 0.05, {T_ON_DAY_5}", contrasts=contrast(0.4, 0.01, "day", 5.0)
    )
    assert (row["verdict"], row["conclusion_changes"]) == ("not_reproduced", "yes")


@pytest.mark.parametrize(
    ("ratio", "verdict", "changes"),
    # The recommended ratio is 2.5 with 95 % CI 1.58 to 3.98.
    [("2.0", "reproduced", "no"), ("5.0", "same_direction", "no"), ("0.8", "not_reproduced", "yes")],
)
def test_a_printed_ratio(judge, ratio, verdict, changes):
    row, _, _ = judge(f"kind: ratio, ratio: {ratio}, by: overall", contrasts=contrast(np.log10(2.5), 0.001))
    assert (row["verdict"], row["conclusion_changes"]) == (verdict, changes)


def test_a_ratio_of_means_is_that_of_the_data_where_it_rounds_to_it(judge):
    """Day 5: 0.85/0.35 = 2.43; the recommended ratio is 5 with 95 % CI 3.15 to 7.92."""
    claim = "kind: ratio, ratio: {}, by: day, time: 5"
    row, _, _ = judge(claim.format("2.4"), contrasts=contrast(np.log10(5), 0.001, "day", 5.0))
    assert (row["verdict"], row["conclusion_changes"]) == ("reproduced", "no")
    assert "The ratio of the means of these data is 2.43. The printed ratio 2.4 lies outside" in row["reason"]
    row, _, _ = judge(claim.format("2.6"), contrasts=contrast(np.log10(5), 0.001, "day", 5.0))
    assert row["verdict"] == "same_direction"
    row, _, _ = judge(claim.format("2.4"))
    assert (row["verdict"], pd.isna(row["conclusion_changes"])) == ("reproduced", True)
    row, _, _ = judge(claim.format("0.5"))
    assert row["verdict"] == "not_reproduced"


# Day 5: vehicle 0.35 ± 0.0645 SEM (SD 0.129), bmsc 0.85 ± 0.0645.
MEANS = "groups: {{V: {{arm: vehicle, mean: {0}, spread: {1}, spread_is: {2}, n: {3}}}, B: {{arm: bmsc, mean: {4}, spread: {1}, spread_is: {2}, n: {3}}}}}"


@pytest.mark.parametrize(
    ("printed", "verdict", "fires"),
    [
        (("0.35", "0.065", "sem", "4", "0.85"), "reproduced", []),
        (("0.35", "0.13", "sd", "4", "0.85"), "reproduced", []),
        (("0.4", "0.06", "sem", "4-5", "0.9"), "reproduced", []),  # 0.35 and 0.85 round both ways
        (("0.35", "0.065", "sd", "4", "0.85"), "same_direction", ["R3"]),
        (("0.35", "0.13", "sem", "4", "0.85"), "same_direction", ["R3"]),
        (("0.35", "0.09", "sem", "4", "0.85"), "same_direction", ["R4"]),
        (("0.35", "0.065", "sem", "5", "0.85"), "same_direction", ["R4"]),
        (("0.55", "0.065", "sem", "4", "0.95"), "same_direction", ["R4"]),
        (("0.95", "0.065", "sem", "4", "0.55"), "not_reproduced", ["R4"]),
    ],
)
def test_printed_means(judge, printed, verdict, fires):
    row, _, found = judge(f"kind: mean, by: day, time: 5, unit: g, {MEANS.format(*printed)}")
    assert row["verdict"] == verdict
    assert [one.check for one in found] == fires
    assert "vehicle 0.35 ± 0.0645 SEM, SD 0.129 (n = 4)" in row["as_published"]


@pytest.mark.parametrize(
    ("estimate", "p", "printed", "changes"),
    [
        (0.4, 0.01, "", "no"),
        (-0.4, 0.01, "", "yes"),
        (0.4, 0.01, "p: < 0.05,", "no"),
        (0.4, 0.20, "p: < 0.05,", "yes"),
        (0.4, 0.20, "p: ns,", "no"),
    ],
)
def test_the_order_of_printed_means_is_a_conclusion(judge, estimate, p, printed, changes):
    claim = f"kind: mean, by: day, time: 5, {printed} unit: g, {MEANS.format('0.35', '0.065', 'sem', '4', '0.85')}"
    row, _, _ = judge(claim, contrasts=contrast(estimate, p, "day", 5.0))
    assert row["conclusion_changes"] == changes


def test_means_of_a_day_that_was_not_measured_are_not_compared(judge):
    row, _, found = judge(f"kind: mean, by: day, time: 6, unit: g, {MEANS.format('0.35', '0.065', 'sem', '4', '0.85')}")
    assert row["verdict"] == "not_checkable"
    assert "nothing was measured on day 6" in row["reason"]
    assert [one.severity for one in found] == ["warning"]


def test_printed_numbers_of_a_group_are_named_as_they_are_printed(judge):
    _, _, (one,) = judge(f"kind: mean, by: day, time: 5, unit: g, {MEANS.format('0.35', '0.065', 'sem', '5', '0.85')}")
    assert "prints 5 of V and 5 of B; the data have 4 of vehicle and 4 of bmsc" in one.what


@pytest.mark.parametrize(
    ("unit", "vehicle", "bmsc", "named"),
    # 0.35 g are 3.43 mN, 0.85 g 8.34 mN; 350 mg, 850 mg.
    [
        ("mN", "3.43", "8.34", None),
        ("mg", "350", "850", None),
        ("g", "3.43", "8.34", "1/9.81"),
        ("g", "350", "850", "1/1000"),
    ],
)
def test_units_of_printed_means(judge, unit, vehicle, bmsc, named):
    groups = f"groups: {{V: {{arm: vehicle, mean: {vehicle}, n: 4}}, B: {{arm: bmsc, mean: {bmsc}, n: 4}}}}"
    row, _, found = judge(f"kind: mean, by: day, time: 5, unit: {unit}, {groups}")
    assert row["verdict"] == ("reproduced" if named is None else "same_direction")
    assert [one.check for one in found] == ([] if named is None else ["R4"])
    assert named is None or f"same factor {named}" in found[0].why


def test_means_in_another_kind_of_unit_are_not_compared(judge):
    row, _, _ = judge(f'kind: mean, by: day, time: 5, unit: "%", {MEANS.format("35", "6", "sem", "4", "85")}')
    assert row["verdict"] == "not_checkable"
    assert "these data are in g" in row["reason"]


@pytest.mark.parametrize(("n", "verdict", "fires"), [("4", "reproduced", []), ("4-5", "reproduced", []), ("5", "not_reproduced", ["R4"]), ("6 mice", "not_reproduced", ["R4"]), ("3", "not_reproduced", ["R4"])])  # fmt: skip
def test_printed_numbers_of_animals(judge, n, verdict, fires):
    row, _, found = judge(f"kind: n, n: {n}")
    assert row["verdict"] == verdict
    assert [one.check for one in found] == fires


@pytest.mark.parametrize(("day", "fires"), [(5, []), (6, ["R4"]), (21, ["R4"]), (4, ["R4"])])
def test_a_day_that_was_not_measured(judge, day, fires):
    _, _, found = judge(f"kind: direction, direction: higher, by: day, time: {day}")
    assert [one.check for one in found] == fires


def duration(lower, end, upper):
    """A recommended answer in days after injury; treatment was on day 4."""
    one = dict(question="how_long", comparison="bmsc − vehicle", margin=0.15, margin_is="one step", onset_day=5.0,
               relief_ends_lower=lower, relief_ends_day=end, relief_ends_upper=upper, treatment_day=4.0, last_day=42.0,
               outcome="ended")  # fmt: skip
    return table("durations", [one])


@pytest.mark.parametrize(
    ("printed", "verdict", "changes"),
    # Relief ends 31 days after treatment, from 24 to 40.
    [
        ("28-35", "reproduced", "no"),
        (">= 21", "reproduced", "no"),
        ("7", "same_direction", "yes"),
        ("> 60", "same_direction", "yes"),
    ],
)
def test_a_printed_duration(judge, printed, verdict, changes):
    row, _, _ = judge(f"kind: duration, lasts_days: '{printed}'", durations=duration(28.0, 35.0, 44.0))
    assert (row["verdict"], row["conclusion_changes"]) == (verdict, changes)
    assert "ends 31 days after treatment" in row["recommended"]


def test_a_duration_by_the_printed_test_is_its_run_of_significant_days(judge):
    """By t tests uncorrected: days 5 (p 0.0015) and 7 (means 0.55 and 0.35, p 0.07) – so day 5 alone: 1 to 3 days after."""
    row, _, _ = judge("kind: duration, lasts_days: 2, test: student_t", durations=duration(5.0, 6.0, 9.0))
    assert row["verdict"] == "reproduced"
    assert "through day 1 after treatment" in row["reason"]
    assert row["as_published"].startswith("Student's t test: day 5 p = .002, day 7 p = ")


def test_a_duration_by_a_one_tailed_test_counts_one_tail(judge):
    """Day 7: means 0.55 and 0.35, SDs 0.129: t = 2.19, 6 df, p = 0.071 two-sided and 0.035 for one tail."""
    row, _, _ = judge("kind: duration, lasts_days: 3-9, test: student_t, tails: one", durations=duration(5.0, 6.0, 9.0))
    assert "day 7 p = .035" in row["as_published"]
    assert "through day 3 after treatment" in row["reason"]


def dose(estimate, p):
    """A recommended trend."""
    whole = dict(question="dose_day5", unit="u", method="m", n_animals=12)
    rows = [dict(parameter="trend", estimate=estimate, lower=estimate - 0.1, upper=estimate + 0.1, p=p), dict(parameter="ed50", estimate=3.0, lower=1.0, unit="ng")]  # fmt: skip
    return table("dose", [whole | one for one in rows])


@pytest.mark.parametrize(("p", "verdict", "changes"), [(0.001, "reproduced", "no"), (0.2, "reproduced", "yes")])
def test_a_printed_dose_response(judge, p, verdict, changes):
    """One-way ANOVA over four doses on day 5, the largest well above none."""
    grams = {arm: [(base + i / 10,) for i in range(3)] for arm, base in (("vehicle", 0.1), ("tgfb1_1", 0.3), ("tgfb1_3", 0.8), ("tgfb1_10", 1.2))}  # fmt: skip
    claim = "kind: dose_response, direction: higher, p: < 0.05, test: one_way_anova"
    row, made, _ = judge(claim, thresholds(grams), question="dose_day5", dose=dose(0.2, p))
    assert (row["verdict"], row["conclusion_changes"]) == (verdict, changes)
    assert "ED50 3 ng (from 1, no upper limit)" in row["recommended"]
    assert made[made["term"] == "arm"]["df1"].iloc[0] == 3


@pytest.mark.parametrize(
    ("shown", "verdict", "changes"),
    [
        ("equivalent", "reproduced", "no"),
        ("not shown", "not_checkable", None),
        ("different within the margin", "reproduced", "no"),
    ],
)
def test_a_claim_of_no_effect_is_shown_by_equivalence_alone(judge, shown, verdict, changes):
    whole = dict(question="relief", comparison="bmsc − vehicle", by="overall", margin="one-step", model="m", adjustment="none", margin_ratio=1.84, p=0.01)  # fmt: skip
    row, _, _ = judge(
        "kind: no_effect",
        contrasts=contrast(0.02, 0.7),
        equivalence=table("equivalence", [whole | dict(verdict=shown)]),
    )
    assert row["verdict"] == verdict
    assert (row["conclusion_changes"] if changes else None) == changes
    assert f"less than a factor of 1.84: p = .010 ({shown})" in row["recommended"]


def test_no_effect_is_contradicted_by_an_adjusted_p_and_by_the_printed_test(judge):
    """Limits for all weeks at once can include 1 where Holm's p is below 0.05; the test that is printed counts too."""
    adjusted = contrast(0.1, 0.03).assign(p_adjusted=0.03, adjustment="holm", interval="simultaneous, multivariate t")
    row, _, _ = judge("kind: no_effect, p: ns", contrasts=adjusted)
    assert (row["verdict"], row["conclusion_changes"]) == ("not_reproduced", "yes")
    assert "[limits simultaneous, multivariate t, p adjusted (holm)]" in row["recommended"]
    row, _, _ = judge(f"kind: no_effect, p: ns, {T_ON_DAY_5}", contrasts=contrast(0.1, 0.4, "day", 5.0))
    assert row["verdict"] == "not_reproduced"
    assert "The printed test finds a difference here (p = .002)" in row["reason"]
    wide = contrast(0.3, 0.01).assign(p_adjusted=0.07, adjustment="bh")
    row, _, _ = judge("kind: no_effect, p: ns", contrasts=wide)
    assert row["verdict"] == "not_checkable"
    assert "neither is shown" in row["reason"]


def test_a_relation_has_its_own_words_and_no_day_of_thresholds(judge):
    """CSF was taken on day 8, on which no threshold was measured: that is no fault of the claim."""
    slope = dict(question="tgfb1_and_relief", analyte="TGF-β1", arm="within arms", n=12, n_censored=0, correlation=0.7)
    made = table("association", [slope | dict(slope=1.0, lower=0.4, upper=1.6, p=0.006)])
    row, _, found = judge("kind: direction, direction: higher", question="tgfb1_and_relief", association=made)
    assert (row["verdict"], found) == ("reproduced", [])
    assert "animals with more of the analyte lies higher" in row["reason"]
    row, _, _ = judge("kind: no_effect", question="tgfb1_and_relief", association=made)
    assert "the slope's 95 % CI 0.4 to 1.6 excludes 0" in row["reason"]


def test_the_interaction_of_treatment_and_antibody_is_not_that_of_arm_and_time(judge):
    claim = 'kind: test, statistic: F, df: "1, 20", value: 6.0, p: 0.02, term: interaction, test: two_way_anova'
    one = dict(question="tgfb1_share", term="interaction", estimate=-0.5, lower=-0.8, upper=-0.2, p=0.002)
    table_ = pd.DataFrame([one]).reindex(columns=tables.columns(tables.Neutralization))
    row, _, _ = judge(claim, question="tgfb1_share", neutralization=table_)
    assert (row["verdict"], row["conclusion_changes"]) == ("not_checkable", "no")
    assert "is not that of arm and time" in row["reason"]
    assert row["recommended"].startswith("interaction 0.316 times")


def test_a_contrast_that_is_only_bounded_still_has_its_p(judge):
    """The control lies wholly below the limit: the ratio is at least 1.73, p = 0.029 by ranks, 0.069 adjusted."""
    one = contrast(float("nan"), 0.029, "day", 8.0).assign(
        question="csf_panel", analyte="IL-10", lower=0.24, upper=float("nan"), ratio=float("nan"), p_adjusted=0.069, adjustment="bh", note="wholly below the limit")  # fmt: skip
    row, _, _ = judge(
        "kind: contrast, analyte: IL-10, direction: higher, p: < 0.05", question="csf_panel", contrasts=one
    )
    assert (row["verdict"], row["conclusion_changes"]) == ("same_direction", "yes")
    assert row["recommended"] == "wholly below the limit; p = .069"
    row, _, _ = judge("kind: contrast, analyte: IL-10, direction: higher", question="csf_panel", contrasts=one.assign(lower=-0.1))  # fmt: skip
    assert row["verdict"] == "not_checkable"
