"""What the description of a paper's analyses shows: the nine findings on the demo's paper, planted faults, near misses."""

from __future__ import annotations

from pathlib import Path

import pytest
from hindpaw.audit.reporting import from_print
from hindpaw.intake import claims as claims_file

CLAIMS = Path(__file__).parents[2] / "data" / "bmsc-cci" / "claims.yaml"


@pytest.fixture(scope="module")
def of_the_paper(demo):
    """What print alone shows of the demo's paper."""
    read = claims_file.read(demo, CLAIMS.read_text(), "claims.yaml")
    return list(from_print(read["claims"], read["claim_groups"], read["analyses"]))


def of(found, check, part):
    """The findings of a rule with these words in them."""
    return [one for one in found if one.check == check and part in one.what]


def test_the_audit_of_the_demo_paper_comes_out_of_its_claims_file(of_the_paper):
    """The nine findings an expert has on Figure 5 from its legend alone, each from facts with their place."""
    nine = {
        "1 repeated measures not named": of(of_the_paper, "D3", "repeated measures are not mentioned"),
        "2 two tests listed": of(of_the_paper, "R4", "which test a star comes from"),
        "3 n as a range": of(of_the_paper, "D2", "n is given as 4-5"),
        "4 arrows": of(of_the_paper, "R4", "arrows are said to mark BMSC"),
        "5 absence from silence": of(of_the_paper, "S6", "no interval is printed"),
        "6 what n allows": of(of_the_paper, "R5", "smallest exact p"),
        "7 SEM bars": of(of_the_paper, "R3", "2.24 at n = 5"),
        "8 shared controls": of(of_the_paper, "D3", "whether these are the same animals"),
        "9 no statistic printed": of(of_the_paper, "R1", "No test statistic is printed"),
    }
    panels = {name: [one.what.split(":")[0].split(" is ")[0] for one in found] for name, found in nine.items()}
    assert all(nine.values())
    assert panels["1 repeated measures not named"] == ["F5C", "F5E", "F5F", "F5G", "F5H"]
    assert panels["2 two tests listed"] == ["F5E", "F5H"]
    assert panels["3 n as a range"] == ["F5H"]
    assert panels["4 arrows"] == ["F5F", "F5G"]
    assert len(nine["5 absence from silence"]) == 2
    # By scipy's noncentral t, before this was written: smallest p, |d| for p < 0.05, with Bonferroni over 5, at 80 % power.
    known = {
        4: ("p is .0286", "1.73", "2.62", "2.38"),
        5: ("p is .0079", "1.46", "2.12", "2.02"),
        8: ("below .001", "1.07", "1.49", "1.51"),
    }
    for one, (n, numbers) in zip(nine["6 what n allows"], known.items(), strict=True):
        assert f"n = {n} " in one.what
        assert all(number in one.what for number in numbers)
    assert all(one.source for found in nine.values() for one in found if one.check != "R5")


def test_nothing_else_is_said_of_it(of_the_paper):
    assert len(of_the_paper) == 5 + 2 + 1 + 2 + 2 + 3 + 1 + 1 + 1


def fired(demo, **analyses: str) -> list[str]:
    """Rules that fire on described analyses."""
    lines = "".join(f"    {key}: {{locator: l, {facts}}}\n" for key, facts in analyses.items())
    read = claims_file.read(demo, f"paper:\n  citation: c\n  analyses:\n{lines}claims: {{}}\n", "c")
    found = from_print(read["claims"], read["claim_groups"], read["analyses"])
    return [f"{one.check} {one.severity}" for one in found if one.check != "R5"]


TIMES = "same_animals_over_time: yes"
FAULTS = [
    ("D3 warning", dict(A=f"{TIMES}, tests: two_way_anova")),
    ("D3 warning", dict(A=f"{TIMES}, tests: two_way_anova, repeated_measures_named: no")),
    ("D3 warning", dict(A=f"{TIMES}, tests: two_way_anova, repeated_measures_named: not_stated")),
    ("R4 warning", dict(A="tests: [two_way_anova, student_t]")),
    ("R4 warning", dict(A="tests: [one_way_anova, kruskal_wallis]")),
    ("R4 warning", dict(A="tests: [student_t, mann_whitney]")),
    ("D2 warning", dict(A="n: 4-5")),
    ("D2 warning", dict(A="n: 6 to 8 mice")),
    ("D2 warning", dict(A="n: 3–12")),
    ("R4 note", dict(A="given: TGF-β1, arrow_marks: BMSC")),
    ("R4 note", dict(A="given: antibody, arrow_marks: injury")),
    ("R4 note", dict(A="given: vehicle, arrow_marks: saline")),
    ("R3 warning", dict(A="error_bars: not_stated")),
    ("R3 note", dict(A="error_bars: sem, n: 5")),
    ("R3 note", dict(A="error_bars: sem, n: 4")),
    ("D3 note", dict(A="control: IgG, unit: mice", B="control: IgG, unit: mice, control_shared: not_stated")),
    ("D3 note", dict(A="control: IgG", B="control: IgG, control_shared: yes")),
    ("R1 note", dict(A="statistics_printed: no")),
]
NEAR = [
    dict(A=f"{TIMES}, tests: two_way_rm_anova"),
    dict(A=f"{TIMES}, tests: two_way_anova, repeated_measures_named: yes"),
    dict(A="same_animals_over_time: no, tests: two_way_anova"),
    dict(A=f"{TIMES}, tests: student_t"),
    dict(A="tests: two_way_anova, post_hoc: bonferroni"),
    dict(A="n: 5 a group"),
    dict(A="given: BMSC, arrow_marks: bmsc"),
    dict(A="given: BMSC"),
    dict(A="error_bars: sd, n: 5"),
    dict(A="control: IgG, unit: mice", B="control: IgG, unit: cultures"),
    dict(A="control: IgG", B="control: vehicle"),
    dict(A="control: IgG, control_shared: no", B="control: IgG, control_shared: no"),
    dict(A="statistics_printed: yes"),
]


@pytest.mark.parametrize(("rule", "analyses"), FAULTS)
def test_a_fault_in_a_description_is_found(demo, rule, analyses):
    assert fired(demo, **analyses) == [rule]


@pytest.mark.parametrize("analyses", NEAR)
def test_a_near_miss_is_not(demo, analyses):
    assert fired(demo, **analyses) == []


@pytest.mark.parametrize(
    ("claim", "warned"),
    [
        ("kind: no_effect, n: 5", True),
        ("kind: no_effect, n: 4-5, p: ns", True),
        ("kind: no_effect, p: 0.40", True),
        ("kind: no_effect, n: 5, interval: 0.9 to 1.1", False),
        ("kind: statement, p: ns", False),
    ],
)
def test_absence_from_silence(demo, claim, warned):
    read = claims_file.read(demo, f"paper: {{citation: c}}\nclaims: {{A: {{locator: l, text: t, {claim}}}}}\n", "c")
    found = from_print(read["claims"], read["claim_groups"], read["analyses"])
    assert [one.check for one in found if one.severity == "warning"] == (["S6"] if warned else [])
