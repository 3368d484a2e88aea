"""Every figure that links analytes, antibodies, doses and cells with relief, by its kind."""

from __future__ import annotations

import pandas as pd

from hindpaw.drawings import Drawing
from hindpaw.figure import association, counts, dose, neutralization
from hindpaw.study import Study


def draw(study: Study, **tables: pd.DataFrame) -> dict[str, dict[str, Drawing]]:
    """Drawings by kind and name: `association`, `neutralization`, `dose_response`, `counts`.

    Parameters
    ----------
    study : its questions
    tables : `animals counts filaments means association neutralization dose rates summaries`, by name
    """
    means, summaries = tables["means"], tables["summaries"]
    return {
        "association": association.draw(study, tables["filaments"], tables["association"], summaries),
        "neutralization": neutralization.draw(study, tables["filaments"], means, summaries, tables["neutralization"]),
        "dose_response": dose.draw(study, tables["filaments"], means, summaries, tables["dose"]),
        "counts": counts.draw(study, tables["counts"], tables["animals"], tables["rates"]),
    }
