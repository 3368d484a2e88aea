"""Rules on what is printed: planted faults that must be found, near misses and clean papers that must not fire."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hindpaw import tables
from hindpaw.audit import granular, smallest, summaries
from hindpaw.audit.printed import Span, number, p_span
from hindpaw.audit.recompute import p_from
from hindpaw.audit.reporting import from_print
from hindpaw.intake import claims as claims_file
from scipy import stats

PLACE = "locator: Table 1, text: t"


def found_in(demo, claims: str, analyses: str = "") -> list:
    """The findings that print alone gives; each claim or analysis is the inside of a YAML mapping."""
    text = "paper:\n  citation: c\n"
    text += f"  analyses: {{A: {{locator: legend, {analyses}}}}}\n" if analyses else ""
    text += f"claims:\n  X: {{{PLACE}, {claims}}}\n"
    read = claims_file.read(demo, text, "claims.yaml")
    return list(from_print(read["claims"], read["claim_groups"], read["analyses"]))


def fired(found: list, least: str = "warning") -> list[str]:
    """The rules that warn, or worse."""
    grave = {"note": 0, "warning": 1, "error": 2}
    return [one.check for one in found if grave[one.severity] >= grave[least]]


# R1. p by R: 2*pt(-2.10, 8) = 0.0689; pf(4.20, 1, 18, lower = FALSE) = 0.0553; r = 0.40, n = 20: p = 0.0806;
# pchisq(3.00, 1, lower = FALSE) = 0.0833; 2*pnorm(-1.80) = 0.0719.
R1_FAULTS = [
    "kind: test, statistic: t, df: 8, value: 2.10, p: 0.039",
    'kind: test, statistic: F, df: "1, 18", value: 4.20, p: 0.045',
    "kind: test, statistic: r, df: 18, value: 0.40, p: < 0.05",
    "kind: test, statistic: chi2, df: 1, value: 3.00, p: 0.03",
    "kind: test, statistic: z, value: 1.80, p: < 0.05, tails: two",
    "kind: test, statistic: t, df: 8, value: 3.50, p: ns",
]
R1_NEAR = [
    # 2*pt(-2.305, 8) = 0.0501 and 2*pt(-2.315, 8) = 0.0493: both 0.049 and 0.050 are honest prints of t = 2.31.
    "kind: test, statistic: t, df: 8, value: 2.31, p: 0.050",
    "kind: test, statistic: t, df: 8, value: 2.31, p: 0.049",
    "kind: test, statistic: t, df: 8, value: -2.31, p: < 0.05",
    # One tail, said: half of 0.0689.
    "kind: test, statistic: t, df: 8, value: 2.10, p: 0.034, tails: one",
    # Bonferroni over 3, said: 3 × 0.0689 = 0.207.
    "kind: test, statistic: t, df: 8, value: 2.10, p: 0.21, post_hoc: bonferroni, comparisons: 3",
    'kind: test, statistic: F, df: "1, 18", value: 4.20, p: 0.055',
    'kind: test, statistic: F, df: "1.62, 14.6", value: 4.20, p: 0.043',
    'kind: test, statistic: F, df: "1, 18", value: < 1, p: ns',
    "kind: test, statistic: z, value: 1.80, p: 0.072",
    "kind: test, statistic: t, df: 30, value: 9.80, p: 0.000",
]


@pytest.mark.parametrize("claim", R1_FAULTS)
def test_a_p_that_does_not_follow_is_found(demo, claim):
    assert fired(found_in(demo, claim)) == ["R1"]


@pytest.mark.parametrize("claim", R1_NEAR)
def test_a_p_that_rounding_allows_is_not(demo, claim):
    assert fired(found_in(demo, claim)) == []


def test_a_flipped_decision_is_an_error_and_an_unnamed_tail_a_warning(demo):
    assert [one.severity for one in found_in(demo, R1_FAULTS[0])] == ["error"]
    (one,) = found_in(demo, "kind: test, statistic: t, df: 8, value: 2.10, p: 0.034")
    assert one.severity == "warning"
    assert "one-tailed" in one.what
    # The p is wrong and the decision the same.
    (one,) = found_in(demo, "kind: test, statistic: t, df: 8, value: 2.10, p: 0.09")
    assert one.severity == "warning"


# Degrees of freedom of 5 mice a group: 8 for two groups, never 78.
R4_FAULTS = [
    'kind: test, statistic: F, term: arm, df: "1, 78", value: 9.00, n: 5, test: two_way_anova',
    "kind: test, statistic: t, df: 38, value: 2.50, n: 5, test: student_t",
    'kind: test, statistic: F, term: arm, df: "2, 57", value: 9.00, n: 4-5, test: one_way_anova',
]
R4_NEAR = [
    'kind: test, statistic: F, term: arm, df: "1, 8", value: 9.00, n: 5, test: two_way_rm_anova',
    'kind: test, statistic: F, term: time, df: "4, 32", value: 9.00, n: 5, test: two_way_rm_anova',
    "kind: test, statistic: t, df: 7.4, value: 2.50, n: 4-5, test: welch_t",
    'kind: test, statistic: F, term: arm, df: "2, 11", value: 9.00, n: 4-5, test: one_way_anova',
]


@pytest.mark.parametrize("claim", R4_FAULTS)
def test_more_degrees_of_freedom_than_animals_are_found(demo, claim):
    assert "R4" in fired(found_in(demo, claim), "error")


@pytest.mark.parametrize("claim", R4_NEAR)
def test_degrees_of_freedom_that_animals_allow_are_not(demo, claim):
    assert fired(found_in(demo, claim)) == []


# GRIM (Brown and Heathers 2017): 145/28 = 5.179 and 146/28 = 5.214, so no 28 whole numbers have the mean 5.19.
# GRIMMER (Allard 2018): mean 3.44, SD 2.47, n = 18. The sum is 62 (even); the sum of squares lies between
# 2.465²·17 + 62²/18 = 316.9 and 2.475²·17 + 62²/18 = 317.7, so it is 317, odd: impossible.
# Shares of 10 responses, n = 5: multiples of 2 %. DEBIT: 1 of 1 trial, 3 of 5 animals: SD √(0.6·0.4·5/4) = 0.548.
R2_FAULTS = [
    "kind: mean, unit: score, groups: {g: {mean: 5.19, n: 28}}",
    "kind: mean, unit: count, groups: {g: {mean: 3.44, spread: 2.47, spread_is: sd, n: 18}}",
    'kind: mean, unit: "%", items: 10, groups: {g: {mean: 43.0, n: 5}}',
    'kind: mean, unit: "%", items: 1, groups: {g: {mean: 60.0, spread: 48.0, spread_is: sd, n: 5}}',
    # 5 animals, 0 to 10 of 10, mean 4 %: two responses in all; SDs 5.477 and 8.944 are possible, nothing else.
    'kind: mean, unit: "%", items: 10, groups: {g: {mean: 4.0, spread: 7.0, spread_is: sd, n: 5}}',
]
R2_NEAR = [
    "kind: mean, unit: score, groups: {g: {mean: 5.18, n: 28}}",
    "kind: mean, unit: score, groups: {g: {mean: 5.19, n: 26-28}}",  # 135/26 = 5.192
    "kind: mean, unit: count, groups: {g: {mean: 3.44, spread: 2.48, spread_is: sd, n: 18}}",
    'kind: mean, unit: "%", items: 10, groups: {g: {mean: 44.0, n: 5}}',
    'kind: mean, unit: "%", items: 1, groups: {g: {mean: 60.0, spread: 54.8, spread_is: sd, n: 5}}',
    'kind: mean, unit: "%", items: 1, groups: {g: {mean: 60.0, spread: 24.5, spread_is: sem, n: 5}}',
    "kind: mean, unit: g, groups: {g: {mean: 5.19, n: 28}}",
    "kind: mean, unit: score, groups: {g: {mean: 5.19, n: 150}}",
]


@pytest.mark.parametrize("claim", R2_FAULTS)
def test_means_that_no_whole_numbers_give_are_found(demo, claim):
    assert fired(found_in(demo, claim)) == ["R2"]


@pytest.mark.parametrize("claim", R2_NEAR)
def test_means_that_some_whole_numbers_give_are_not(demo, claim):
    assert fired(found_in(demo, claim)) == []


@pytest.mark.parametrize("mean", ["1000000.25", "999999999999.123", "12e9", "1e-9"])
def test_a_mean_of_any_size_is_answered_at_once(demo, mean):
    """The sums of squares of large counts are counted, not listed."""
    claim = f"kind: mean, unit: count, groups: {{g: {{mean: {mean}, spread: 17.31, spread_is: sd, n: 9}}}}"
    assert set(fired(found_in(demo, claim))) <= {"R2"}


def test_grams_are_not_granular(demo):
    (one,) = [one for one in found_in(demo, R2_NEAR[6]) if one.check == "R2"]
    assert one.severity == "note"
    assert "not applicable" in one.what


def test_reachable_squares_are_those_of_all_samples():
    """Every sample of 3 animals with 0 to 4 of 4 responses, by counting them."""
    from itertools import product

    samples = list(product(range(5), repeat=3))
    for total in range(13):
        mine = {sum(x * x for x in one) for one in samples if sum(one) == total}
        assert granular.squares(total, 3, 4) == mine
        assert mine <= set(granular.squares(total, 3, None))


# Means 5.0 and 3.0 with SEM 0.45 at n = 5 (SD 1.0): t = 2/√(0.45² + 0.45²) = 3.14, p = 0.014.
TWO = "groups: {{a: {{mean: 5.0, spread: {0}, spread_is: {1}, n: 5}}, b: {{mean: 3.0, spread: {0}, spread_is: {1}, n: 5}}}}"
R5_FAULTS = [
    "kind: test, statistic: t, df: 8, value: 5.90, test: student_t, " + TWO.format("0.45", "sem"),
    "kind: mean, p: < 0.00001, test: student_t, " + TWO.format("0.45", "sem"),
    "kind: mean, p: ns, test: welch_t, " + TWO.format("0.45", "sem"),
    # Three groups of 5, means 1.0, 1.1, 1.2, SD 0.50: F = 0.05/0.25 = 0.2.
    "kind: mean, p: < 0.05, test: one_way_anova, n: 5, groups: {a: {mean: 1.0, spread: 0.50, spread_is: sd}, "
    "b: {mean: 1.1, spread: 0.50, spread_is: sd}, c: {mean: 1.2, spread: 0.50, spread_is: sd}}",
    # 3 against 3: 2 of 20 deals.
    "kind: contrast, question: relief, direction: higher, p: < 0.05, n: 3, test: mann_whitney",
]
R5_NEAR = [
    "kind: test, statistic: t, df: 8, value: 3.14, test: student_t, " + TWO.format("0.45", "sem"),
    "kind: mean, p: 0.014, test: student_t, " + TWO.format("0.45", "sem"),
    "kind: mean, p: < 0.05, test: welch_t, " + TWO.format("1.0", "sd"),
    "kind: mean, p: ns, test: one_way_anova, n: 5, groups: {a: {mean: 1.0, spread: 0.50, spread_is: sd}, "
    "b: {mean: 1.1, spread: 0.50, spread_is: sd}, c: {mean: 1.2, spread: 0.50, spread_is: sd}}",
    "kind: contrast, question: relief, direction: higher, p: < 0.05, n: 4, test: mann_whitney",
    "kind: contrast, question: relief, direction: higher, p: 0.1, n: 3, test: mann_whitney",
    # After a two-way ANOVA the mean square is not that of the two groups: nothing follows.
    "kind: mean, p: < 0.001, test: two_way_anova, " + TWO.format("0.45", "sem"),
]
# The same means with SD and SEM exchanged: t of 3.14 needs SEM 0.45, so "SD 0.45" (t = 7.0) is a SEM.
R3_FAULTS = [
    "kind: test, statistic: t, df: 8, value: 3.14, test: student_t, " + TWO.format("0.45", "sd"),
    "kind: test, statistic: t, df: 8, value: 3.16, test: student_t, " + TWO.format("1.00", "sem"),
    "kind: mean, p: 0.013, test: welch_t, " + TWO.format("0.45", "sd"),
]


@pytest.mark.parametrize("claim", R5_FAULTS)
def test_numbers_of_one_claim_that_contradict_each_other_are_found(demo, claim):
    assert fired(found_in(demo, claim)) == ["R5"]


@pytest.mark.parametrize("claim", R5_NEAR)
def test_numbers_of_one_claim_that_agree_are_not(demo, claim):
    assert fired(found_in(demo, claim)) == []


@pytest.mark.parametrize("claim", R3_FAULTS)
def test_sd_and_sem_exchanged_are_found(demo, claim):
    assert fired(found_in(demo, claim)) == ["R3"]


def test_a_spread_that_is_not_explained_is_a_note_with_both_readings(demo):
    (one,) = [one for one in found_in(demo, "kind: mean, " + TWO.format("0.45", "not_stated")) if one.check == "R3"]
    assert one.severity == "note"
    assert "CV 9 % if SD, 20 % if SEM" in one.evidence  # 0.45/5 and 0.45·√5/5


def test_what_n_allows_by_hand(demo):
    """2 of C(8, 4) = 70 deals; t(6) at 2.5 % is 2.447, times √(2/4) is 1.73."""
    (one,) = [one for one in found_in(demo, "kind: n, n: 4") if one.check == "R5"]
    assert "0.0286" in one.what
    assert "1.73 SD" in one.what
    assert [round(smallest.smallest_d(n, 5), 2) for n in (4, 5, 8)] == [2.62, 2.12, 1.49]


def printed(x: np.ndarray, digits: int, kind: str, name: str = "g") -> dict:
    """A group as a paper prints it."""
    spread = x.std(ddof=1) / (math.sqrt(len(x)) if kind == "sem" else 1)
    return dict(group=name, n=str(len(x)), mean=f"{x.mean():.{digits}f}", spread=f"{spread:.{digits}f}", spread_is=kind)


def tabled(papers: list[tuple[dict, list[dict]]]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Claims and their groups as tables."""
    always = dict(source="s", kind="test", locator="l", text="t", status="transcribed")
    claims = [always | dict(claim=f"P{i}") | claim for i, (claim, _) in enumerate(papers)]
    groups = [dict(source="s", claim=f"P{i}") | group for i, (_, named) in enumerate(papers) for group in named]
    made = []
    for model, rows in ((tables.Claims, claims), (tables.ClaimGroups, groups), (tables.Analyses, [])):
        made.append(tables.shaped(pd.DataFrame(rows, columns=tables.columns(model)), model))
    return tuple(made)


def drawn(rng: np.random.Generator) -> list[tuple[dict, list[dict]]]:
    """A clean paper: two groups, their means, spreads and t test, each printed with its own number of digits."""
    n, m, digits = int(rng.integers(3, 11)), int(rng.integers(3, 11)), int(rng.integers(1, 4))
    a, b = rng.normal(3, 1, n), rng.normal(3 + rng.exponential(1), 1, m)
    welch, kind = bool(rng.integers(2)), str(rng.choice(["sd", "sem"]))
    test = stats.ttest_ind(a, b, equal_var=not welch)
    rounded = f"{test.pvalue:.{rng.integers(2, 5)}f}"
    claim = dict(
        statistic="t",
        df=f"{test.df:.2f}" if welch else str(n + m - 2),
        value=f"{test.statistic:.{rng.integers(1, 4)}f}",
        p=rounded if rng.integers(2) else "< 0.05" if test.pvalue < 0.05 else "ns",
        n=f"{min(n, m)}-{max(n, m)}",
        test="welch_t" if welch else "student_t",
    )
    items = int(rng.integers(1, 11))
    x = rng.binomial(items, rng.uniform(0.1, 0.9), n) * 100 / items
    share = dict(kind="mean", unit="%", items=items)
    return [
        (claim, [printed(a, digits, kind, "a"), printed(b, digits, kind, "b")]),
        (share, [printed(x, digits, "sd")]),
    ]


def test_two_thousand_clean_papers_fire_nothing():
    """Rounding, digits, tails and sizes at random: no rule warns even once."""
    rng = np.random.default_rng(20260725)
    made = tabled([claim for _ in range(2000) for claim in drawn(rng)])
    assert len(made[0]) == 4000
    assert [one.what for one in from_print(*made) if one.severity != "note"] == []


def test_how_many_planted_faults_are_found():
    """Papers with a p of half or twice its value, and papers with SD called SEM beside the printed t.

    With three digits, p between 0.01 and 0.5 and |t| above 0.5, every one is found.
    """
    rng = np.random.default_rng(5)
    wrong_p, swapped = [], []
    for _ in range(300):
        n = int(rng.integers(4, 11))
        a, b = rng.normal(3, 1, n), rng.normal(4, 1, n)
        test = stats.ttest_ind(a, b)
        whole = dict(statistic="t", df=str(2 * n - 2), value=f"{test.statistic:.3f}")
        if 0.01 < test.pvalue < 0.5:
            wrong_p.append((whole | dict(p=f"{test.pvalue * rng.choice([0.5, 2.0]):.3f}", tails="two"), []))
        if abs(test.statistic) > 0.5:
            called = [printed(x, 3, "sd", name) | dict(spread_is="sem") for name, x in (("a", a), ("b", b))]
            swapped.append((whole | dict(test="student_t"), called))
    assert len(wrong_p) > 100
    assert len(swapped) > 200
    assert [one.check for one in from_print(*tabled(wrong_p)) if one.severity != "note"] == ["R1"] * len(wrong_p)
    assert [one.check for one in from_print(*tabled(swapped)) if one.severity != "note"] == ["R3"] * len(swapped)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2.31", 2.305, 2.315),
        ("2.310", 2.3095, 2.3105),
        ("−0.5", -0.55, -0.45),
        ("1.2e-3", 0.00115, 0.00125),
        ("7", 6.5, 7.5),
    ],
)
def test_a_printed_number_is_a_span(text, low, high):
    span = number(text)
    assert (span.low, span.high) == pytest.approx((low, high), rel=1e-9)


def test_p_spans():
    assert p_span("< 0.05") == Span(0.0, 0.05)
    assert p_span("P > 0.05") == Span(0.05, 1.0)
    assert p_span("n.s.") == Span(0.05, 1.0)
    assert p_span("0.000").high == pytest.approx(0.0005)


def test_a_span_of_t_across_zero_reaches_one():
    assert p_from("t", number("0.0"), [Span(8, 8)]).high == 1.0


def test_bounds_from_summaries_hold_the_t_of_any_data_behind_them():
    """500 data sets: the t computed from the values lies between the bounds from their rounded summaries."""
    rng = np.random.default_rng(3)
    for _ in range(500):
        a, b = rng.normal(0, 1, rng.integers(3, 9)), rng.normal(1, 2, rng.integers(3, 9))
        groups = [
            summaries.Group(name, number(f"{x.mean():.1f}"), number(f"{x.std(ddof=1):.1f}", least=0.0), "sd", (len(x),))
            for name, x in (("a", a), ("b", b))
        ]
        for welch in (False, True):
            test = stats.ttest_ind(a, b, equal_var=not welch)
            span, (df,) = summaries.t_span(*groups, welch)
            assert span.low - 1e-9 <= abs(test.statistic) <= span.high + 1e-9
            assert df.low - 1e-9 <= test.df <= df.high + 1e-9


def test_bounds_of_f_hold_the_f_of_any_data_behind_them():
    rng = np.random.default_rng(4)
    for _ in range(300):
        values = [rng.normal(rng.normal(), 1, n) for n in rng.integers(3, 8, rng.integers(2, 5))]
        groups = [
            summaries.Group(
                str(i), number(f"{x.mean():.1f}"), number(f"{x.std(ddof=1):.1f}", least=0.0), "sd", (len(x),)
            )
            for i, x in enumerate(values)
        ]
        span, _ = summaries.f_span(groups)
        assert span.low - 1e-9 <= stats.f_oneway(*values).statistic <= span.high + 1e-9
