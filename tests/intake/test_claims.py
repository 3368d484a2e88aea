"""Claims files: every printed digit kept, every mistake told at once with its place and what would be right."""

from __future__ import annotations

import pytest
from hindpaw.findings import StudyError
from hindpaw.intake import claims

GOOD = """
paper: {citation: c}
claims:
  A:
    kind: test
    locator: Table 1
    text: t
    question: relief
    statistic: t
    value: 2.30
    df: 8
    p: 0.050
  B:
    kind: mean
    locator: Figure 1
    text: t
    question: relief
    n: 5 a group
    unit: g
    groups:
      BMSC: {arm: bmsc, mean: 1.50, spread: 0.10, spread_is: sem}
      vehicle: {arm: vehicle, mean: .5, n: 4-5}
"""


def mistakes(demo, text: str) -> dict[str, tuple[str, str]]:
    """Each mistake by its place."""
    with pytest.raises(StudyError) as error:
        claims.read(demo, text, "claims.yaml")
    return {one.source.removeprefix("claims.yaml: "): (one.what, one.what_to_do) for one in error.value.findings}


def test_every_printed_digit_is_kept(demo):
    made = claims.read(demo, GOOD, "claims.yaml")
    one = made["claims"].set_index("claim").loc["A"]
    assert (one["value"], one["p"], one["df"]) == ("2.30", "0.050", "8")
    assert made["claim_groups"]["mean"].tolist() == ["1.50", ".5"]


def test_a_group_without_its_own_n_has_that_of_the_claim(demo):
    groups = claims.read(demo, GOOD, "claims.yaml")["claim_groups"]
    assert groups["n"].tolist() == ["5 a group", "4-5"]
    assert groups["spread_is"].tolist() == ["sem", "not_stated"]


def test_all_mistakes_come_at_once(demo):
    found = mistakes(
        demo,
        """
paper:
  citation: c
  analyses: {F1: {locator: l, testz: student_t, tests: [two_way_anva, student_t]}}
claims:
  A: {kind: tset, locator: l, text: t}
  B: {kind: direction, locator: l, text: t, question: releif, by: week, p: about 0.05, n: five}
  C: {kind: test, locator: l, text: t, statistic: F, value: 5.1, df: 8, test: student-t}
  D: {kind: mean, locator: l, text: t, groups: {g: {mean: 1.2, arm: bmcs}}}
  E: {kind: contrast, locator: l, text: t, treated: vehicel, lasts_days: weeks}
""",
    )
    assert found["paper.analyses.F1.testz"] == ('There is no key "testz" here.', 'Did you mean "tests"?')
    assert found["paper.analyses.F1.tests.1"][1] == 'Did you mean "two_way_anova"?'
    assert found["claims.A.kind"][1] == 'Did you mean "test"?'
    assert found["claims.B.question"][1] == 'Did you mean "relief"?'
    assert found["claims.B.p"][1] == "Write it like this: 0.031, or < 0.05, or ns."
    assert found["claims.B.n"][1].startswith("Write it like this: 5, or 4-5 a group")
    assert found["claims.B.time"][0] == "Which week is meant is not said."
    assert 'needs the key "direction"' in found["claims.B.direction"][0]
    assert found["claims.C.df"][0] == "The statistic F has 2 degrees of freedom, and 1 are given."
    assert found["claims.C.test"][1] == 'Did you mean "student_t"?'
    assert found["claims.D.groups.g.arm"][1] == 'Did you mean "bmsc"?'
    assert found["claims.E.treated"][1] == 'Did you mean "vehicle"?'
    assert "claims.E.lasts_days" in found
    assert 'needs the key "question"' in found["claims.E.question"][0]


def test_a_claim_that_waits_for_its_numbers_needs_none(demo):
    text = "paper: {citation: c}\nclaims:\n  A: {kind: test, locator: l, text: t, status: not_yet_transcribed}\n"
    assert claims.read(demo, text, "c")["claims"]["status"].tolist() == ["not_yet_transcribed"]


@pytest.mark.parametrize(
    "p", ["0.031", "< 0.05", "p = 0.2", "P<.001", "ns", "n.s.", "1.00", "0.000", "> 0.05", "3e-5", "≤ 0.05"]
)
def test_a_p_may_be_printed_so(demo, p):
    text = f"paper: {{citation: c}}\nclaims:\n  A: {{kind: statement, locator: l, text: t, p: '{p}'}}\n"
    assert claims.read(demo, text, "c")["claims"]["p"].tolist() == [p]


@pytest.mark.parametrize("p", ["5", "1.2", "-0.1", "*", "<< 0.05", "0.05 or so"])
def test_a_p_may_not_be_printed_so(demo, p):
    text = f"paper: {{citation: c}}\nclaims:\n  A: {{kind: statement, locator: l, text: t, p: '{p}'}}\n"
    assert list(mistakes(demo, text.replace("c}", "c}"))) == ["claims.A.p"]


@pytest.mark.parametrize(
    "text", ["", "claims: 3\npaper: {citation: c}", "[1, 2]", "paper: {citation: c}\nclaims: {A: 3}"]
)
def test_a_file_of_another_shape_is_refused_in_words(demo, text):
    assert mistakes(demo, text)


@pytest.mark.parametrize(
    ("key", "value"),
    [("df", "0"), ("n", "0"), ("value", "1e999"), ("comparisons", "0"), ("n", "5 - "), ("df", "8, "), ("items", "ten")],
)
def test_numbers_that_mean_nothing_are_refused(demo, key, value):
    text = f"paper: {{citation: c}}\nclaims: {{A: {{kind: statement, locator: l, text: t, {key}: '{value}'}}}}\n"
    assert list(mistakes(demo, text)) == [f"claims.A.{key}"]


def test_a_study_without_claims_has_the_empty_tables():
    made = claims.empty()
    assert set(made) == {"claims", "claim_groups", "analyses"}
    assert all(frame.empty for frame in made.values())


def test_a_value_that_begins_with_a_greater_sign_needs_quotes(demo):
    """YAML takes > for the beginning of a folded text."""
    text = "paper: {citation: c}\nclaims:\n  A:\n    kind: statement\n    locator: l\n    text: t\n    p: > 0.05\n"
    ((what, advice),) = mistakes(demo, text).values()
    assert "not valid YAML" in what
    assert "must stand in quotes" in advice
