"""Rules on the fits: what could not be estimated, what was approximated, where two programs disagree."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from hindpaw import phrases
from hindpaw.findings import Finding
from hindpaw.tables import Fits

ROOM = "audit"
# Both engines maximize the same likelihood; apart by more than this, one of them stopped early.
ENGINES_AGREE = 1e-4
# A statistical rule is a note below the first and a warning below the second.
REMEMBERED, SURE = 0.05, 0.0005


def fits_stand(fits: pd.DataFrame) -> Iterator[Finding]:
    """S3: questions without an answer, variances at zero, fits that leave animals out or substitute values."""
    for row in fits[fits[Fits.chosen]].itertuples():
        note = row.note if isinstance(row.note, str) else ""
        if not row.converged:
            yield Finding(
                "S3", "error", ROOM,
                f"The question {row.question} has no answer: {note.removeprefix('not estimated: ')}",
                "A question of the study file stays open.",
                "Look at the findings of intake for data that were set aside, or change the question.",
            )  # fmt: skip
        if "left out" in note:
            yield Finding(
                "S3", "warning", ROOM,
                f"In the question {row.question} animals were left out of the model: {note}.",
                "The baseline is a covariate, so an animal without one cannot enter.",
                "Mend the baseline series that were set aside, or say `baseline: clda`, which keeps these animals.",
            )  # fmt: skip
        if row.n_substituted:
            yield Finding(
                "S3", "note", ROOM,
                f"In the question {row.question} {phrases.count(row.n_substituted, 'value')} of {row.n_observations} "
                "entered at a limit.",
                "They count as exact values there, which draws the estimate towards the limit.",
                "Read the estimate as conservative where many values of one arm are concerned.",
            )  # fmt: skip
        if row.boundary:
            yield Finding(
                "S3", "note", ROOM,
                f"In the question {row.question} a variance or correlation lies at the edge of what it may be.",
                "A variance of zero says that animals differ no more than their own days do; the fit is legal, its "
                "degrees of freedom are large.",
                "Nothing, unless the number of animals is very small.",
            )  # fmt: skip


def days_are_independent(fits: pd.DataFrame) -> Iterator[Finding]:
    """S3: residuals of neighbouring days that are alike, under a structure that does not allow for it."""
    chosen = fits[fits[Fits.chosen] & (fits[Fits.serial_p] < REMEMBERED)]
    for row in chosen[~chosen[Fits.structure].str.contains("ar1|un|slope")].itertuples():
        yield Finding(
            "S3",
            "warning" if row.serial_p < SURE else "note",
            ROOM,
            f"In the question {row.question} neighbouring days are more alike than {row.structure} allows for.",
            "Tests of slopes and of changes over time then reject too often; tests of single weeks hold.",
            "Fit the question again with `structure: cs+ar1`, and report both.",
            evidence=f"likelihood ratio {phrases.number(row.serial_lrt)}, {phrases.p_value(row.serial_p)}, "
            f"correlation {phrases.number(row.serial_rho, 2)} at the median gap",
        )


def engines_agree(fits: pd.DataFrame) -> Iterator[Finding]:
    """S2: statsmodels fits the same model; a difference is named with the likelihoods of both."""
    second = fits[fits[Fits.engine] == "statsmodels"]
    for row in second[~(second[Fits.largest_difference] <= ENGINES_AGREE)].itertuples():
        yield Finding(
            "S2", "warning", ROOM,
            f"hindpaw and statsmodels disagree in the question {row.question}.",
            "One of the two stopped short of the highest likelihood.",
            "The answer with the higher likelihood is right; the evidence says which.",
            evidence=f"largest difference {phrases.number(row.largest_difference)}; {row.note}",
        )  # fmt: skip
