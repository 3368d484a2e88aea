"""What an expert would say before publication: verdicts on claims, and findings by rule."""

from __future__ import annotations

import pandas as pd

from hindpaw import findings as nouns
from hindpaw.audit import accounts, assay, behaviour, claims, design, plan, statistics
from hindpaw.audit.arrive import arrive
from hindpaw.audit.flow import flow
from hindpaw.audit.handover import handed_over
from hindpaw.study import Study
from hindpaw.tables import TABLES, empty

__all__ = ["audit", "handed_over"]


def audit(study: Study, **tables: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables `verdicts`, `findings` (intake's included), `arrive`, `flow` and `lattice`.

    Parameters
    ----------
    study : the study file
    tables : every table of intake, measure and model, by name
    """
    t = tables
    raw = (t["trials"], t["readings"], t["wells"], t["counts"])
    found = [
        *nouns.from_frame(t["findings"]),
        *accounts.books_balance(t["ledger"], t["fates"]),
        *design.animals_accounted(study, t["animals"], *raw),
        *design.exact_numbers(study, t["thresholds"]),
        *design.unit_of_analysis(study, t["thresholds"], t["wells"], t["animals"]),
        *behaviour.recomputed(t["thresholds"], t["readings"]),
        *behaviour.limits(study, t["thresholds"]),
        *assay.curves_read(t["curves"]),
        *assay.curve_notes(t["curves"]),
        *assay.replicates(study, t["concentrations"]),
        *assay.not_detected(study, t["concentrations"]),
        *statistics.fits_stand(t["fits"]),
        *statistics.days_are_independent(t["fits"]),
        *statistics.engines_agree(t["fits"]),
    ]
    found += plan.kept(study)
    made = {
        "verdicts": claims.verdicts(study, t["claims"], t["contrasts"]),
        "findings": nouns.frame_of(found),
        "flow": flow(study, t["animals"], t["ledger"], t["thresholds"], t["means"]),
        "lattice": empty(TABLES["lattice"]),
    }
    return made | {"arrive": arrive(study, {**t, **made})}
