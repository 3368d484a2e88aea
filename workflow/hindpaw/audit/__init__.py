"""What an expert would say before publication: verdicts on claims, and findings by rule."""

from __future__ import annotations

import pandas as pd

from hindpaw import findings as nouns
from hindpaw.audit import arrive, claims, flow, lattice
from hindpaw.audit.handover import handed_over
from hindpaw.audit.refits import refits
from hindpaw.audit.roster import fired
from hindpaw.audit.rulebook import completed
from hindpaw.audit.taken import at_its_time
from hindpaw.study import Study

__all__ = ["audit", "handed_over"]


def audit(study: Study, **tables: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables `verdicts`, `refits`, `findings` (intake's included), `arrive`, `flow` and `lattice`.

    Parameters
    ----------
    study : the study file
    tables : every table of intake, measure and model, by name
    """
    t = tables | {"claims": at_its_time(study, tables["claims"])}
    printed = lattice.lattice(study, t["readings"], t["filaments"], t["claims"], t["claim_groups"])
    found = [*nouns.from_frame(t["findings"]), *fired(study, t), *lattice.impossible(printed)]
    again = refits(study, t["claims"], t["thresholds"], t["concentrations"], t["summaries"])
    made = {
        "verdicts": claims.verdicts(study, {**t, "refits": again}),
        "refits": again,
        "findings": nouns.frame_of(completed(found)),
        "flow": flow.flow(study, t["animals"], t["ledger"], t["thresholds"], t["means"]),
        "lattice": printed,
    }
    return made | {"arrive": arrive.arrive(study, {**t, **made})}
