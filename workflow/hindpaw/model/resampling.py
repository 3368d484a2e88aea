"""What holds without the mixed model, question after question: deals, resampled and left-out animals, durations."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from hindpaw import tables
from hindpaw.model import areas, bootstrap, comparisons, design, influence, redrawn, relabelling, relief
from hindpaw.model import thresholds as of_thresholds
from hindpaw.model.comparisons import Answered, Asking
from hindpaw.model.errors import FitError
from hindpaw.model.redrawn import Redrawn
from hindpaw.model.relief import Margin
from hindpaw.model.smallsample import Inference
from hindpaw.study import Question, Study

Row = dict[str, Any]
MADE = ("randomization", "deals", "bootstrap", "influence", "durations", "areas", "animal_relief")


def resample(
    study: Study, thresholds: pd.DataFrame, animals: pd.DataFrame, filaments: pd.DataFrame, seed: int = 0
) -> dict[str, pd.DataFrame]:
    """Every table of `MADE`, of the questions that a mixed model of thresholds answers.

    Parameters
    ----------
    study : its questions, calendar and randomization
    thresholds : measure's table
    animals, filaments : intake's tables
    seed : of sampled deals and bootstraps; each question draws from streams of its own
    """
    rows: dict[str, list[Row]] = {name: [] for name in MADE}
    tell = logging.getLogger(__name__).info
    for question in study.questions.values():
        if question.about_thresholds:
            found = _question(study, question, thresholds, animals, filaments, seed, tell)
            for name in MADE:
                rows[name] += found.get(name, [])
    frames = {name: pd.DataFrame(rows[name], columns=tables.columns(tables.TABLES[name])) for name in MADE}
    return {name: tables.shaped(frame, tables.TABLES[name]) for name, frame in frames.items()}


def _stream(seed: int, question: Question, what: str) -> np.random.Generator:
    """A stream of random numbers for one purpose of one question, whatever else is asked."""
    return np.random.default_rng([seed, zlib.crc32(f"{question.key}|{what}".encode())])


def _question(
    study: Study,
    question: Question,
    thresholds: pd.DataFrame,
    animals: pd.DataFrame,
    filaments: pd.DataFrame,
    seed: int,
    tell: Callable[[str], None],
) -> dict[str, list[Row]]:
    """The rows of one question; where its model cannot be had, the reason."""
    tell(f"{question.key}: dealing labels again, leaving out and resampling animals")
    known = relief.margin(question, filaments)
    try:
        built = design.build(study, question, thresholds, animals)
    except FitError as error:
        return _refused(study, question, known, f"not estimated: {error}")
    found = relabelling.answer(
        Asking(study, question, built), thresholds, animals, _stream(seed, question, "deals"), tell
    )
    asking = Asking(study, question, built)
    found["animal_relief"] = areas.animals(asking, thresholds, filaments)
    found["areas"] = areas.tests(asking, found["animal_relief"])
    try:
        solved, _ = of_thresholds.fitted(question, built)
        inference = Inference(solved, question.df)
        answered = Answered(study, question, built, solved, inference, _stream(seed, question, "bootstrap"))
        found["areas"] = areas.between(answered) + found["areas"]
        found["influence"] = influence.answer(answered, tell)
        found["durations"] = relief.answer(answered, known)
        label = solved.structure.label
        alone = "" if label == "cs" else f", and {bootstrap.SEARCHED} outcomes of {label} fitted one by one"
        tell(f"{question.key}: {bootstrap.RESAMPLES} resamples{alone}")
        found["bootstrap"] = redrawn.answer(Redrawn(answered, known))
    except FitError as error:
        found |= _without_fit(question, known, f"not estimated: {error}")
    return found


def _refused(study: Study, question: Question, known: Margin, reason: str) -> dict[str, list[Row]]:
    """The rows of a question whose design cannot be had."""
    pairs = [comparisons.named(*pair) for pair in comparisons.pairs(question)]
    rows = [relabelling.without_test(study, question, named, reason) for named in pairs]
    return {"randomization": rows} | _without_fit(question, known, reason)


def _without_fit(question: Question, known: Margin, reason: str) -> dict[str, list[Row]]:
    """The rows of a question whose model cannot be fitted."""
    pairs = [comparisons.named(*pair) for pair in comparisons.pairs(question)]
    return {"durations": [relief.without_answer(question, named, known, reason) for named in pairs]}
