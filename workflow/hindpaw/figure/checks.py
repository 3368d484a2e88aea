"""Every figure by which data and models are checked, by its kind."""

from __future__ import annotations

import pandas as pd

from hindpaw.drawings import Drawing
from hindpaw.figure import diagnostics, flow, strings
from hindpaw.study import Study


def draw(study: Study, **tables: pd.DataFrame) -> dict[str, dict[str, Drawing]]:
    """Drawings by kind and name: `diagnostics`, `flow`, `strings`.

    Parameters
    ----------
    study : its arms and questions
    tables : `animals filaments trials ledger residuals assumptions flow`, by name
    """
    of_series = [tables[name] for name in ("trials", "animals", "ledger", "filaments")]
    return {
        "diagnostics": diagnostics.draw(study, tables["residuals"], tables["assumptions"]),
        "flow": flow.draw(study, tables["flow"]),
        "strings": strings.draw(study, *of_series),
    }
