"""Every figure of what holds without the mixed model, by its kind."""

from __future__ import annotations

import pandas as pd

from hindpaw.drawings import Drawing
from hindpaw.figure import areas, durations, influence, randomization
from hindpaw.study import Study


def draw(study: Study, **tables: pd.DataFrame) -> dict[str, dict[str, Drawing]]:
    """Drawings by kind and name: `randomization`, `influence`, `durations`, `areas`.

    Parameters
    ----------
    study : its questions
    tables : `means randomization deals influence durations bootstrap animal_relief`, by name
    """
    return {
        "randomization": randomization.draw(study, tables["randomization"], tables["deals"], tables["bootstrap"]),
        "influence": influence.draw(study, tables["influence"]),
        "durations": durations.draw(study, tables["means"], tables["durations"], tables["bootstrap"]),
        "areas": areas.draw(study, tables["animal_relief"]),
    }
