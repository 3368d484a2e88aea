"""Every rule finds the faults planted for it, stays silent on near misses, and is in the list."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from hindpaw.audit.rulebook import BY_ID, RULES, completed, markdown
from hindpaw.findings import Finding

from tests.audit.planted import NEAR_MISSES, PLANTED
from tests.audit.printed import FAULTS, NEAR

ROOT = Path(__file__).parents[2]
AUDIT = ROOT / "workflow" / "hindpaw" / "audit"


@pytest.mark.parametrize("rule", sorted(PLANTED))
def test_every_planted_fault_is_found(rule):
    found = [any(one.check == rule for one in plant()) for plant in PLANTED[rule]]
    assert len(found) >= 3
    assert sum(found) == len(found), f"{sum(found)} of {len(found)}: {found}"


@pytest.mark.parametrize("rule", sorted(NEAR_MISSES))
def test_a_near_miss_is_silent(rule):
    found = [[one for one in plant() if one.check == rule] for plant in NEAR_MISSES[rule]]
    assert found == [[]] * len(found)


def test_each_rule_has_planted_faults_and_a_near_miss():
    faults, near = PLANTED | FAULTS, NEAR_MISSES | NEAR
    assert {rule.id for rule in RULES} == set(faults) == set(near)
    assert {name: len(plants) for name, plants in faults.items() if len(plants) < 3} == {}
    assert {name: len(plants) for name, plants in near.items() if not plants} == {}


def test_a_finding_is_of_the_kind_and_as_grave_as_its_rule_says():
    for rule, plants in PLANTED.items():
        said = {(one.kind, one.severity) for plant in plants for one in completed(plant()) if one.check == rule}
        assert said <= BY_ID[rule].can_be, rule


def calls() -> list[tuple[str, str, str]]:
    """Every `Finding("id", "severity", …, kind="kind")` in the audit whose id and severity are written out."""
    found = []
    for path in sorted(AUDIT.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding" and len(node.args) > 1:
                check, severity = node.args[:2]
                (kind,) = [one.value for one in node.keywords if one.arg == "kind"] or [ast.Constant("")]
                if isinstance(check, ast.Constant) and isinstance(severity, ast.Constant):
                    (one,) = completed([Finding(check.value, severity.value, "audit", "w", "y", "d", kind=kind.value)])
                    found.append((one.check, one.kind, one.severity))
    return found


def test_the_list_holds_every_rule_of_the_code_with_its_kinds_and_severities():
    own = calls()
    assert len(own) > 40
    assert [one for one in own if one[1:] not in BY_ID[one[0]].can_be] == []


def test_only_a_test_or_what_the_data_are_like_can_come_by_chance():
    """A rule that reads a p says that it does: whatever calls `grave` is chance."""
    for path in AUDIT.glob("*.py"):
        for function in (one for one in ast.walk(ast.parse(path.read_text())) if isinstance(one, ast.FunctionDef)):
            text = ast.unparse(function)
            if "grave(" in text and "Finding(" in text:
                assert "kind='chance'" in text, f"{path.name}: {function.name}"


def test_every_rule_has_a_reference_and_findings_carry_it():
    for rule in RULES:
        assert rule.id == "ledger" or re.search(r"doi 10\.|\d{4};\d+:\d+", rule.reference), rule.id
    one = Finding("D2", "note", "audit", "w", "y", "d")
    assert next(completed([one])).reference == BY_ID["D2"].reference
    assert next(completed([Finding("arm", "error", "intake", "w", "y", "d")])).reference == ""


def test_the_docs_list_the_rules_as_the_code_has_them():
    page = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
    assert markdown() in page, "put what hindpaw.audit.rulebook.markdown() gives into docs/audit.md"


def test_audit_takes_nothing_from_the_model():
    for path in AUDIT.glob("*.py"):
        assert not re.search(
            r"hindpaw\.(model|measure|intake)|from hindpaw import .*\b(model|measure|intake)\b", path.read_text()
        ), path


def test_a_mean_of_thresholds_is_checked_where_that_can_tell_anything():
    """Two mice at 1 and 2 g have means of 1, 1.5 or 2 g; of nine thresholds of a real set, any mean is possible."""
    import numpy as np
    from hindpaw.audit import legal
    from hindpaw.audit.lattice import LEAST_POWER, means
    from hindpaw.filaments import shipped

    two = {"own": np.array([1.0, 2.0])}
    assert [means(two, 2, 2, value)[0] for value in (1.0, 1.5, 2.0, 1.51, 1.49)] == [["own"], ["own"], ["own"], [], []]
    real = {name: np.array(values) for name, values in legal.points(shipped("mouse-9").force_g, 5, 4).items()}
    powers = [means(real, n, 2, 1.0)[1] for n in (1, 2, 4)]
    assert powers[0] > 0.5 > LEAST_POWER > powers[2]
    # Every mean that two possible values have is found possible.
    rng, values = np.random.default_rng(1), real["exact"]
    for one, other in rng.choice(values, (30, 2)):
        assert "exact" in means(real, 2, 3, round((one + other) / 2, 3))[0]


def test_the_mean_of_many_animals_is_not_asked_about():
    """Of 22 mice nearly every number with two decimals is a mean: the answer is found with eight, and is not applicable."""
    import pandas as pd
    from hindpaw import tables
    from hindpaw.audit.lattice import lattice

    from tests.audit.planted import CLEAN, STUDY, table

    claim = dict(source="c", claim="X", kind="mean", locator="l", text="t", status="transcribed", unit="g")
    groups = [dict(source="c", claim="X", group=str(n), n=str(n), mean="0.53", spread_is="sem") for n in (1, 22)]
    found = lattice(STUDY, tables.empty(tables.Readings), CLEAN["filaments"], table("claims", [claim]), table("claim_groups", groups))  # fmt: skip
    assert found["possible"].tolist()[1] == "not applicable"
    assert found["power"].iloc[1] < 0.2 < found["power"].iloc[0]
    assert pd.isna(found["note"].iloc[0])


def test_legal_thresholds_are_those_that_measuring_gives():
    """Two programs, one estimator: every legal series of a set, by measure's Newton steps and by the audit's bisection."""
    from hindpaw.audit import legal
    from hindpaw.filaments import shipped
    from hindpaw.measure import threshold

    known = shipped("mouse-8")
    made = legal.points(known.force_g, 4, 4)
    compared = 0
    for signs, places in legal.series(8, 4, 4):
        walked = all(other == one - sign for one, other, sign in zip(places, places[1:], signs, strict=False))
        # Where the tester stayed at an end, measure takes no up-down series.
        if walked:
            responses = "".join("X" if sign > 0 else "O" for sign in signs)
            for method in ("dixon", "exact"):
                own = 10 ** threshold(responses, places[-1] + 1, known, method).log10_g
                assert min(abs(own / point - 1) for point in made[method]) < 1e-9
                compared += 1
    assert compared > 200
