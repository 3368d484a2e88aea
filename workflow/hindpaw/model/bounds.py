"""What bounds can say: censored thresholds as such, no effect within a margin, conclusions that missing mice could undo."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hindpaw import tables
from hindpaw.model import bounded, bounded_answers, design, equivalence, margin, missing, tipping
from hindpaw.model.bounded import Bounded
from hindpaw.model.comparisons import Asking
from hindpaw.model.errors import FitError
from hindpaw.study import Question, Study
from hindpaw.tables import Contrasts, Equivalence, Thresholds

Rows = dict[str, list[dict[str, Any]]]
MADE = ("censored_fits", "censored_means", "censored_contrasts", "equivalence", "tipping")


def answers(
    study: Study,
    thresholds: pd.DataFrame,
    animals: pd.DataFrame,
    filaments: pd.DataFrame,
    means: pd.DataFrame,
    contrasts: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """The tables of bounds, question after question.

    Parameters
    ----------
    study : its questions and calendar
    thresholds : measure's
    animals, filaments : intake's, for who left and for the mean step of a filament set
    means, contrasts : the room's own, whose comparisons stand beside, are tested for equivalence and tipped
    """
    step, reach = margin.step_log10(filaments), margin.reach_log10(filaments, thresholds[Thresholds.log10_threshold])
    known = _Known(study, thresholds, animals, step, reach)
    rows: Rows = {name: [] for name in MADE}
    for question in study.questions.values():
        own = {"means": _of(question, means), "contrasts": _of(question, contrasts)}
        if question.about_thresholds:
            found = _thresholds(known, question, own)
        else:
            found = {"equivalence": equivalence.answer(question, own["contrasts"], step)}
        for name, made in found.items():
            rows[name] += made
    return {name: _frame(rows, name) for name in MADE}


def _of(question: Question, frame: pd.DataFrame) -> pd.DataFrame:
    """The question's rows."""
    return frame[frame[Contrasts.question] == question.key]


@dataclass(frozen=True)
class _Known:
    """What every question shares."""

    study: Study
    thresholds: pd.DataFrame
    animals: pd.DataFrame
    step_log10: float
    reach_log10: float


def _thresholds(known: _Known, question: Question, own: dict[str, pd.DataFrame]) -> Rows:
    """What a question about thresholds adds."""
    try:
        built = design.build(known.study, question, known.thresholds, known.animals)
    except FitError:
        # The question's rows of `fits` and `contrasts` say why it has no model at all.
        return {}
    asking = Asking(known.study, question, built)
    made, model = _censored(asking, own) if built.n_substituted else ({}, None)
    best = own["contrasts"]
    if built.censored_share > known.study.censored_share:
        best = _frame(made, "censored_contrasts")
    else:
        model = None
    equal = equivalence.answer(question, best, known.step_log10, model)
    if question.kind == "duration":
        return made
    gaps = missing.of(question, built, known.thresholds, known.animals)
    within = equal[0][Equivalence.margin_log10] if equal else math.nan
    tipped = tipping.answer(asking, best, gaps, known.step_log10, known.reach_log10, within)
    return made | {"equivalence": equal, "tipping": tipped}


def _censored(asking: Asking, own: dict[str, pd.DataFrame]) -> tuple[Rows, Bounded | None]:
    """The rows of the interval-censored model, and the model itself where it has a maximum."""
    logging.getLogger(__name__).info(
        f"{asking.question.key}: interval-censored model, {asking.built.n_substituted} of {len(asking.built.rows.y)} "
        "values are bounds; profile likelihood of each comparison"
    )
    try:
        model = bounded.fitted(asking)
        return bounded_answers.rows(model, own), model
    except FitError as error:
        return bounded_answers.refused(asking, f"not estimated: {error}"), None


def _frame(rows: Rows, name: str) -> pd.DataFrame:
    """Rows as the table of that name."""
    model = tables.TABLES[name]
    return tables.shaped(pd.DataFrame(rows.get(name, []), columns=tables.columns(model)), model)
