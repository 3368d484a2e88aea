"""Every figure of values over days, by its kind."""

from __future__ import annotations

import pandas as pd

from hindpaw.drawings import Drawing
from hindpaw.figure import change, reproductions, timecourse
from hindpaw.study import Study


def draw(study: Study, **tables: pd.DataFrame) -> dict[str, dict[str, Drawing]]:
    """Drawings by kind and name: `time_course`, `change`, `reproduction`.

    Parameters
    ----------
    study : its questions, and the published figures to be drawn again
    tables : `filaments thresholds concentrations means contrasts changes reproductions`, by name
    """
    filaments, thresholds = tables["filaments"], tables["thresholds"]
    return {
        "time_course": timecourse.draw(study, filaments, thresholds, tables["means"], tables["contrasts"]),
        "change": change.draw(study, tables["changes"]),
        "reproduction": reproductions.draw(
            study, filaments, thresholds, tables["concentrations"], tables["reproductions"]
        ),
    }
