"""Every figure about concentrations, by its kind."""

from __future__ import annotations

import pandas as pd

from hindpaw.drawings import Drawing
from hindpaw.figure import byday, curves, cytokine, panel
from hindpaw.study import Study


def draw(
    study: Study,
    concentrations: pd.DataFrame,
    controls: pd.DataFrame,
    **tables: pd.DataFrame,
) -> dict[str, dict[str, Drawing]]:
    """Drawings by kind and name: `concentrations`, `panel`, `by_day`, `standard_curves`.

    Parameters
    ----------
    study : its questions
    concentrations, controls : tables of measure
    tables : `curves`, `curve_points`, `means`, `contrasts`
    """
    of_curves, points = tables["curves"], tables["curve_points"]
    return {
        "concentrations": cytokine.draw(study, tables["means"], concentrations, of_curves, tables["contrasts"]),
        "panel": panel.draw(study, tables["contrasts"], concentrations),
        "by_day": byday.draw(study, tables["means"], tables["contrasts"], concentrations),
        "standard_curves": curves.draw(study, of_curves, points, concentrations, controls),
    }
