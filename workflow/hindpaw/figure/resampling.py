"""Every figure of what holds without the mixed model, by its kind."""

from __future__ import annotations

import pandas as pd

from hindpaw.drawings import Drawing
from hindpaw.study import Study


def draw(study: Study, **tables: pd.DataFrame) -> dict[str, dict[str, Drawing]]:
    """Drawings by kind and name: `randomization`, `influence`, `durations`."""
    return {"randomization": {}, "influence": {}, "durations": {}}
