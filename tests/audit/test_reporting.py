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

from tests.audit.printed import FAULTS, NEAR, R1_FAULTS, R2_NEAR, TWO

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


@pytest.mark.parametrize(("rule", "claim"), [(rule, one) for rule, faults in FAULTS.items() for one in faults])
def test_a_contradiction_in_print_is_found(demo, rule, claim):
    """By its rule and by no other; more degrees of freedom than animals may make p wrong, too."""
    assert set(fired(found_in(demo, claim))) - ({"R1"} if rule == "R4" else set()) == {rule}


@pytest.mark.parametrize(("rule", "claim"), [(rule, one) for rule, near in NEAR.items() for one in near])
def test_what_rounding_tails_and_corrections_allow_is_not_found(demo, rule, claim):
    found = found_in(demo, claim)
    assert [one for one in found if one.check == rule and one.severity != "note"] == []
    if rule != "R3":
        assert fired(found) == []


def test_a_flipped_decision_is_an_error_and_an_unnamed_tail_a_warning(demo):
    assert [one.severity for one in found_in(demo, R1_FAULTS[0])] == ["error"]
    (one,) = found_in(demo, "kind: test, statistic: t, df: 8, value: 2.10, p: 0.034")
    assert one.severity == "warning"
    assert "one-tailed" in one.what
    # The p is wrong and the decision the same.
    (one,) = found_in(demo, "kind: test, statistic: t, df: 8, value: 2.10, p: 0.09")
    assert one.severity == "warning"


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


def test_a_spread_that_is_not_explained_is_a_note_with_both_readings(demo):
    (one,) = [one for one in found_in(demo, "kind: mean, " + TWO.format("0.45", "not_stated")) if one.check == "R3"]
    assert one.severity == "note"
    assert "CV 9 % if SD, 20 % if SEM" in one.evidence  # 0.45/5 and 0.45·√5/5


def test_a_spread_that_is_not_explained_is_named_without_n_too(demo):
    (one,) = [one for one in found_in(demo, "kind: mean, groups: {a: {mean: 1.2, spread: 0.4}, b: {mean: 0.8}}") if one.check == "R3"]  # fmt: skip
    assert (one.severity, one.evidence) == ("note", "")
    assert [one for one in found_in(demo, "kind: mean, groups: {a: {mean: 1.2}}") if one.check == "R3"] == []


def test_what_n_allows_by_hand(demo):
    """2 of C(8, 4) = 70 deals; t(6) at 2.5 % is 2.447, times √(2/4) is 1.73."""
    (one,) = [one for one in found_in(demo, "kind: n, n: 4") if one.check == "R5"]
    assert "exact p is .0286" in one.what
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
    """A clean paper: two groups, their means, spreads, t test and interval, each printed with its own number of digits."""
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
    if rng.integers(2):
        low, high = test.confidence_interval(0.95)
        claim |= dict(
            difference=f"{a.mean() - b.mean():.{digits}f}",
            interval=f"{low:.{digits}f} to {high:.{rng.integers(1, 4)}f}",
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
    """Papers with a p of half or twice its value, with SD called SEM beside the printed t, with ± one standard error for
    the interval.

    With three digits, p between 0.01 and 0.5 (of intervals from 0.001) and |t| above 0.5, every one is found.
    """
    rng = np.random.default_rng(5)
    wrong_p, swapped, narrow = [], [], []
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
            gap = float(a.mean() - b.mean())
            error = gap / test.statistic
            interval = f"{gap - error:.3f} to {gap + error:.3f}"
            # Below 0.001 both print as 0.000.
            if test.pvalue > 0.001:
                narrow.append((whole | dict(difference=f"{gap:.3f}", interval=interval, p=f"{test.pvalue:.3f}"), []))
    assert len(wrong_p) > 100
    assert min(len(swapped), len(narrow)) > 200
    assert [one.check for one in from_print(*tabled(wrong_p)) if one.severity != "note"] == ["R1"] * len(wrong_p)
    assert [one.check for one in from_print(*tabled(swapped)) if one.severity != "note"] == ["R3"] * len(swapped)
    found = [one.check for one in from_print(*tabled(narrow)) if one.severity != "note"]
    assert found == ["R5"] * len(narrow)


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
