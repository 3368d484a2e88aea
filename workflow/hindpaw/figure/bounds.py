"""Figures of what bounds can say, by their kind."""

from __future__ import annotations

import pandas as pd

from hindpaw.drawings import Drawing
from hindpaw.figure import censored, equivalence, tipping
from hindpaw.study import Study


def draw(study: Study, **tables: pd.DataFrame) -> dict[str, dict[str, Drawing]]:
    """Drawings by kind and question: `censored`, `equivalence`, `tipping`; of each kind only where there is something.

    Parameters
    ----------
    study : its questions
    tables : `filaments thresholds censored_fits censored_means censored_contrasts equivalence tipping`, by name
    """
    models = (tables["censored_fits"], tables["censored_means"], tables["censored_contrasts"])
    return {
        "censored": censored.draw(study, tables["filaments"], tables["thresholds"], *models),
        "equivalence": equivalence.draw(study, tables["equivalence"]),
        "tipping": tipping.draw(study, tables["tipping"]),
    }
