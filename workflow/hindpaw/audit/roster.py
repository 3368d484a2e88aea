"""Every rule in its turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from hindpaw.audit import (
    accounts,
    allocation,
    assay,
    balance,
    behaviour,
    copies,
    design,
    inference,
    outliers,
    plan,
    plates,
    reporting,
    series,
    statistics,
    variants,
)
from hindpaw.findings import Finding
from hindpaw.study import Study

Tables = Mapping[str, pd.DataFrame]
Printed = Mapping[str, variants.Printed]


def fired(study: Study, t: Tables) -> Iterator[Finding]:
    """The findings of all rules, group after group."""
    printed = variants.as_printed(study, t["thresholds"])
    yield from accounts.books_balance(t["ledger"], t["fates"])
    yield from plan.kept(study)
    yield from _design(study, t, printed)
    yield from _behaviour(study, t)
    yield from _assay(study, t)
    yield from _statistics(study, t, printed)
    yield from reporting.from_print(t["claims"], t["claim_groups"], t["analyses"])
    yield from reporting.against_data(study, t)
    yield from _forensics(t)


def _design(study: Study, t: Tables, printed: Printed) -> Iterator[Finding]:
    """D1 to D6."""
    raw = (t["trials"], t["readings"], t["wells"], t["counts"])
    yield from design.animals_accounted(study, t["animals"], *raw)
    yield from design.exact_numbers(study, t["thresholds"])
    yield from design.unit_of_analysis(study, t["wells"], t["animals"])
    yield from variants.pseudoreplication(study, t["animals"], t["thresholds"], t["contrasts"], printed)
    yield from variants.replicate_wells(study, t["wells"], t["animals"])
    yield from allocation.documented(study)
    yield from allocation.confounded(study, t["animals"], t["thresholds"])
    yield from balance.baselines(study, t["thresholds"])
    yield from balance.attrition(study, t["animals"], t["thresholds"], t["tipping"])


def _behaviour(study: Study, t: Tables) -> Iterator[Finding]:
    """V1 to V5."""
    yield from series.walks(t["trials"], t["filaments"])
    yield from behaviour.recomputed(t["thresholds"], t["readings"])
    yield from behaviour.limits(study, t["thresholds"])
    yield from series.scale(study, t["thresholds"])
    yield from copies.series(t["trials"])


def _assay(study: Study, t: Tables) -> Iterator[Finding]:
    """E1 and E2."""
    yield from assay.curves_read(t["curves"])
    yield from assay.curve_notes(t["curves"])
    yield from assay.replicates(study, t["concentrations"])
    yield from plates.apart(study, t["concentrations"])
    yield from plates.edges(study, t["wells"], t["animals"])
    yield from assay.not_detected(study, t["concentrations"])
    yield from plates.substituted(t["analyte_tests"])


def _statistics(study: Study, t: Tables, printed: Printed) -> Iterator[Finding]:
    """S1 to S13; S10, the multiverse, is not among them."""
    yield from variants.side_by_side(study, t["contrasts"], printed)
    yield from statistics.engines_agree(t["fits"])
    yield from statistics.by_t(t["contrasts"])
    yield from statistics.fits_stand(t["fits"])
    yield from statistics.days_are_independent(t["fits"])
    yield from statistics.sphericity(study, t["thresholds"])
    yield from inference.families(study)
    yield from inference.within_arms(study, t["thresholds"], t["contrasts"])
    yield from inference.absences(t["claims"], t["contrasts"], t["equivalence"], t["filaments"])
    yield from outliers.outlying(study, t["animals"], t["thresholds"])
    yield from outliers.influential(t["influence"])
    yield from inference.attainable(study, t["thresholds"])
    yield from statistics.randomized(t["contrasts"], t["randomization"])
    yield from inference.detectable(study, t["thresholds"])
    yield from inference.areas(study, t["thresholds"], t["contrasts"])
    yield from statistics.pooled_apart(t["association"])


def _forensics(t: Tables) -> Iterator[Finding]:
    """F1."""
    yield from copies.readings(t["readings"])
    yield from copies.wells(t["wells"])
    yield from copies.constant_ratio(t["concentrations"])
    yield from copies.digits_do_not_apply(t["trials"], t["readings"])
