"""What an expert would say before publication: verdicts on claims, and findings by rule."""

from __future__ import annotations

import pandas as pd

from hindpaw import findings as nouns
from hindpaw import tables as tables_of
from hindpaw.audit import accounts, assay, behaviour, claims, design, statistics
from hindpaw.study import Study
from hindpaw.tables import Refits


def audit(study: Study, **tables: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables `verdicts`, `refits` and `findings`, intake's findings included.

    Parameters
    ----------
    study : the study file
    tables : `animals trials readings wells counts claims findings ledger thresholds curves concentrations
        fates fits contrasts`, by name
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
    judged = claims.verdicts(study, t["claims"], t["contrasts"])
    return {"verdicts": judged, "refits": tables_of.empty(Refits), "findings": nouns.frame_of(found)}
