"""Verdicts and findings: what fires, what must not, and what is never said of simulated data."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest
from hindpaw import tables
from hindpaw.audit import audit
from hindpaw.audit.accounts import books_balance
from hindpaw.audit.behaviour import limits, recomputed
from hindpaw.audit.claims import verdicts
from hindpaw.audit.design import animals_accounted, exact_numbers, unit_of_analysis
from hindpaw.audit.variants import as_printed, pseudoreplication

ON_REAL = {"reproduced", "same_direction", "not_reproduced"}


def table(name, rows):
    """Rows as a table, columns that are left out empty."""
    model = tables.TABLES[name]
    return tables.shaped(pd.DataFrame(rows).reindex(columns=tables.columns(model)), model)


def nothing():
    """Every table without a row."""
    return {name: tables.empty(model) for name, model in tables.TABLES.items()}


def contrast(ratio_log10, half, p):
    """An overall contrast with its interval."""
    estimate, lower, upper = ratio_log10, ratio_log10 - half, ratio_log10 + half
    return table(
        "contrasts",
        [
            dict(
                question="relief", comparison="bmsc − vehicle", by="overall", estimate=estimate, p=p, adjustment="none",
                lower=lower, upper=upper, ratio=10**estimate, ratio_lower=10**lower, ratio_upper=10**upper,
            )
        ],
    )  # fmt: skip


def claim(**of):
    """One claim about relief."""
    return table(
        "claims",
        [dict(source="c", claim="X", locator="Fig. 1", text="t", status="transcribed", question="relief") | of],
    )


def judged(study, claims, contrasts):
    """The verdict on one claim for which no test is named."""
    return verdicts(study, nothing() | {"claims": claims, "contrasts": contrasts}).iloc[0]


@pytest.mark.parametrize(
    ("of", "estimate", "p", "verdict", "changes"),
    [
        (dict(kind="direction", direction="higher"), 0.5, 0.001, "reproduced", "no"),
        (dict(kind="direction", direction="higher"), 0.1, 0.4, "same_direction", "yes"),
        (dict(kind="direction", direction="lower"), 0.5, 0.001, "not_reproduced", "yes"),
        (dict(kind="no_effect"), 0.5, 0.001, "not_reproduced", "yes"),
        (dict(kind="no_effect"), 0.05, 0.7, "not_checkable", None),
    ],
)
def test_a_claim_gets_the_verdict_its_numbers_earn(demo, of, estimate, p, verdict, changes):
    real = dataclasses.replace(demo, simulated=False)
    row = judged(real, claim(**of), contrast(estimate, 0.2, p))
    assert row["verdict"] == verdict
    assert row["data"] == "real"
    assert (row["conclusion_changes"] if changes else None) == changes
    assert "95 % CI" in row["recommended"]


def test_nothing_is_ever_reproduced_on_simulated_data(audited):
    found = audited["verdicts"]
    assert set(found["data"]) == {"simulated"}
    assert not set(found["verdict"]) & ON_REAL
    assert {"consistent_with_simulation", "not_yet_transcribed", "not_checkable"} <= set(found["verdict"])


def test_a_claim_without_printed_numbers_waits(demo):
    row = judged(demo, claim(kind="direction", status="not_yet_transcribed"), contrast(0.5, 0.2, 0.001))
    assert row["verdict"] == "not_yet_transcribed"
    assert pd.isna(row["recommended"])


def test_the_clean_demo_has_neither_errors_nor_warnings(audited):
    """But for those on how the paper describes its tests, which are real."""
    found = audited["findings"]
    of_the_paper = found["source"].fillna("").str.startswith("claims.yaml")
    assert set(found[~of_the_paper]["severity"]) == {"note"}
    assert set(found[of_the_paper]["check"]) == {"D2", "D3", "R1", "R3", "R4", "S6"}


@pytest.fixture
def parts(taken_in):
    """What D1 reads."""
    return {name: taken_in[name] for name in ("animals", "trials", "readings", "wells", "counts")}


def test_a_mouse_that_was_never_measured_is_missed(demo, parts):
    gone = parts["trials"]["animal"].iloc[0]
    parts["trials"] = parts["trials"][parts["trials"]["animal"] != gone]
    found = list(animals_accounted(demo, **parts))
    assert [(one.check, one.severity, one.evidence) for one in found if one.severity == "error"] == [
        ("D1", "error", gone)
    ]


def test_a_gap_without_a_reason_is_a_warning_and_leaving_is_not(demo, parts, taken_in):
    assert list(animals_accounted(demo, **parts)) == []
    dead = taken_in["animals"].query("left_reason == 'found dead on day 18'")["animal"].iloc[0]
    other = taken_in["animals"].query("cohort == 'main' and not excluded and left_day.isna()")["animal"].iloc[0]
    trials = parts["trials"]
    parts["trials"] = trials[~((trials["animal"] == other) & (trials["day"] == 21))]
    (found,) = animals_accounted(demo, **parts)
    assert found.severity == "warning"
    assert found.evidence == f"{other} day 21"
    assert dead not in found.evidence


def test_an_exclusion_without_a_reason_is_a_warning(demo, parts):
    parts["animals"] = parts["animals"].assign(exclusion_reason=None)
    found = [one for one in animals_accounted(demo, **parts) if "without a reason" in one.what]
    assert len(found) == 1


def test_numbers_that_change_are_named_by_arm(demo, measured):
    (found,) = exact_numbers(demo, measured["thresholds"])
    assert "relief, CCI + vehicle: 6 to 10" in found.evidence
    assert "needs_tgfb1" not in found.evidence


def test_thresholds_are_not_animals(demo, measured, modelled, taken_in):
    printed = as_printed(demo, measured["thresholds"])
    (found,) = pseudoreplication(demo, taken_in["animals"], measured["thresholds"], modelled["contrasts"], printed)
    assert found.check == "D3"
    assert "relief: 112 rows of 20 animals are worth" in found.evidence


def test_cages_of_one_arm_and_pools_are_warned_of(demo, taken_in):
    animals = taken_in["animals"].assign(cage=taken_in["animals"]["arm"])
    wells = taken_in["wells"].assign(pool="M101+M102")
    found = list(unit_of_analysis(demo, wells, animals))
    assert {"Every cage holds a single arm.", "1 pooled sample: the pool is the unit, not the animal."} <= {
        one.what for one in found
    }


def test_a_threshold_that_its_series_does_not_give_is_an_error(measured):
    own = measured["thresholds"].query("censored == 'none'").head(3)
    given = table(
        "readings",
        [dict(source=f"r!{place}", animal=row.animal, day=row.day, paw=row.paw, kind="threshold",
              threshold_g=row.threshold_g * factor, censored="none")
         for place, (row, factor) in enumerate(zip(own.itertuples(), (1.0, 1.004, 2.29), strict=True))],
    )  # fmt: skip
    (found,) = recomputed(own, given)
    assert found.source == "r!2"
    assert "1 of 3" in found.what


def test_a_floor_is_a_warning_one_mouse_at_it_is_not(demo):
    def at(n_censored):
        rows = [dict(source=f"s{place}", animal=f"m{place}", arm="bmsc", day=5.0, week=1, paw="ipsilateral", method="dixon", n_trials=4,
                     censored="left" if place < n_censored else "none", lower_g=0.0, upper_g=0.03) for place in range(4)]  # fmt: skip
        return [one.severity for one in limits(demo, table("thresholds", rows))]

    assert at(0) == []
    assert at(1) == ["note"]
    assert at(2) == ["note", "warning"]


def test_books_that_do_not_balance_are_an_error(taken_in, measured):
    assert list(books_balance(taken_in["ledger"], measured["fates"])) == []
    assert [one.severity for one in books_balance(taken_in["ledger"], measured["fates"].iloc[1:])] == ["error"]
    doubled = pd.concat([measured["fates"], measured["fates"].head(1)])
    assert [one.severity for one in books_balance(taken_in["ledger"], doubled)] == ["error"]


def test_every_finding_says_why_and_what_to_do(audited):
    for column in ("what", "why", "what_to_do"):
        assert audited["findings"][column].str.len().min() > 5


def test_intakes_findings_are_carried_on(demo, taken_in, measured, modelled):
    extra = table("findings", [dict(check="V1", severity="error", room="intake", what="w", why="y", what_to_do="d")])
    made = audit(demo, **{**nothing(), **taken_in, "findings": extra, **measured, **modelled})
    assert made["findings"]["check"].iloc[0] == "V1"


def test_the_schema_of_the_audits_document_lists_its_tables_as_they_are():
    from hindpaw.audit.handover import LISTED
    from hindpaw.schema import schema

    properties = schema("audit.schema.yaml")["properties"]
    for name in LISTED:
        model, items = tables.TABLES[name], properties[name]["items"]
        assert set(items["required"]) == set(items["properties"]) == set(tables.columns(model)), name
        for column, rules in model.to_schema().columns.items():
            (known,) = [check.statistics["allowed_values"] for check in rules.checks if check.name == "isin"] or [None]
            said = items["properties"][column].get("enum")
            if known is not None and said is not None:
                assert set(said) - {None} == set(known), f"{name}.{column}"


def test_attrition_says_what_the_missing_could_undo():
    """Six of eight treated mice leave: p = 0.007 by Fisher; beside it stands the tipping point of least shift, 10^0.5 = 3.16."""
    from hindpaw.audit.balance import attrition

    from tests.audit.planted import STUDY, mice, thresholds

    def lost(arm, number):
        return arm == "drug" and number < 6

    common = dict(question="relief", comparison="drug − vehicle", by="overall", missing="all", holds=False, conclusion="not shown",
                  n_missing_treated=6, n_missing_control=0, n_animals_missing=6)  # fmt: skip
    points = [dict(shifted="treated", row="tipping point", delta=-0.9), dict(shifted="apart", row="tipping point", delta=-0.5), dict(shifted="control", row="none", delta=2.1)]  # fmt: skip
    measured = thresholds(lambda arm, n, day: float("nan") if lost(arm, n) and day > 8 else 0.02 * n, 8)
    animals = mice(8, left_day=lambda arm, n: 8.0 if lost(arm, n) else None)
    (one,) = attrition(STUDY, animals, measured, table("tipping", [common | point for point in points]))
    assert (
        "the missing a factor of 3.16 lower in the treated arm, and as much the other way in the control"
        in one.evidence
    )
    (one,) = attrition(STUDY, animals, measured, table("tipping", [common | points[2]]))
    assert "no shift of the missing within the filaments undoes the conclusion" in one.evidence
