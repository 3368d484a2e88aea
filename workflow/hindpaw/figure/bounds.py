"""Figures of what bounds can say, by their kind."""

from __future__ import annotations

import pandas as pd

from hindpaw.drawings import Drawing
from hindpaw.study import Study


def draw(study: Study, **tables: pd.DataFrame) -> dict[str, dict[str, Drawing]]:
    """Drawings by kind and question: `censored`, `equivalence`, `tipping`.

    Parameters
    ----------
    study : its questions
    tables : `filaments thresholds censored_fits censored_means censored_contrasts equivalence tipping`, by name
    """
    return {"censored": {}, "equivalence": {}, "tipping": {}}
