"""Rules on the fits: what could not be estimated, what was approximated, where two programs disagree."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.audit.asked import REMEMBERED, SURE, VALUE, grave, of_thresholds
from hindpaw.findings import Finding, several
from hindpaw.study import Study
from hindpaw.tables import Association, Contrasts, Fits, Thresholds

ROOM = "audit"
# Both engines maximize the same likelihood; apart by more than this, one of them stopped early.
ENGINES_AGREE = 1e-4


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
        if "left out for want of a baseline" in note:
            yield Finding(
                "S3", "warning", ROOM,
                f"In the question {row.question} animals without a baseline were left out of the model.",
                "The baseline is a covariate, so an animal without one cannot enter.",
                "Mend the baseline series that were set aside, or say `baseline: clda`, which keeps these animals.",
                evidence=note,
            )  # fmt: skip
        without = re.search(r"\d+ rows without (\w+) left out", note)
        if without:
            yield Finding(
                "S3", "warning", ROOM,
                f"In the question {row.question} {without[0]}: the model asks for {without[1]}.",
                "Animals that lack a trait of the model cannot enter it.",
                f"Fill in {without[1]} in the allocation list, or take it out of the question.",
                evidence=note,
            )  # fmt: skip
    yield from _at_limits(fits[fits[Fits.chosen]])


def _at_limits(fits: pd.DataFrame) -> Iterator[Finding]:
    """S3: censored values that entered as exact ones, and variances at zero."""
    bound = fits[fits[Fits.n_substituted] > 0]
    if len(bound):
        told = [f"{row.question}: {row.n_substituted} of {row.n_observations}" for row in bound.itertuples()]
        yield Finding(
            "S3", "note", ROOM,
            "Some censored values entered a model at their limit.",
            "They count as exact values there, which draws the estimate towards the limit.",
            "Read the estimate as conservative where many values of one arm are concerned; the censored model beside it keeps bounds.",
            evidence=several(told, 20),
        )  # fmt: skip
    edge = fits[fits[Fits.boundary].astype(bool)]
    if len(edge):
        yield Finding(
            "S3", "note", ROOM,
            "A variance or correlation lies at the edge of what it may be.",
            "A variance of zero says that animals differ no more than their own days do; the fit is legal, its degrees "
            "of freedom are large.",
            "Nothing, unless the number of animals is very small.",
            evidence=several(edge[Fits.question], 20),
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
            kind="chance",
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


def by_t(contrasts: pd.DataFrame) -> Iterator[Finding]:
    """S2: comparisons that fall below 5 % only where z stands in for t, as programs without degrees of freedom print."""
    from scipy import stats

    rows = contrasts[contrasts[Contrasts.t].notna() & contrasts[Contrasts.df].notna() & contrasts[Contrasts.p].notna()]
    from_t = 2 * stats.t.sf(rows[Contrasts.t].abs(), rows[Contrasts.df])
    # Where the p is not that of t (a permutation's, a Tobit's), z is no rival of it.
    rows = rows[(rows[Contrasts.p] - from_t).abs() < 1e-6]
    z = pd.Series(2 * stats.norm.sf(rows[Contrasts.t].abs()), index=rows.index)
    near = rows[(z < REMEMBERED) & (rows[Contrasts.p] >= REMEMBERED)]
    if len(near):
        told = [
            f"{row.question}, {_when(row)}: {phrases.t_test(row.t, row.df)}, {phrases.p_value(row.p)}, by z {phrases.p_value(z[row.Index])}"
            for row in near.itertuples()
        ]
        yield Finding(
            "S2", "note", ROOM,
            f"{phrases.count(len(near), 'comparison')} would be called significant by z, and {'is' if len(near) == 1 else 'are'} not by t.",
            "With few animals z is too sure of itself; programs that print z for a mixed model (statsmodels does) reject too often.",
            "Nothing here: the tables hold t with its degrees of freedom. Look which of the two a paper used.",
            evidence=several(told, 20),
        )  # fmt: skip


def _when(row: object) -> str:
    """The time of a contrast in words."""
    by, time = getattr(row, Contrasts.by), getattr(row, Contrasts.time)
    return "overall" if by == "overall" or pd.isna(time) else f"{by} {time:g}"


def sphericity(study: Study, thresholds: pd.DataFrame) -> Iterator[Finding]:
    """S3: days that do not share one variance of their differences, by Mauchly's test on the covariance within arms."""
    found = []
    for question, rows in of_thresholds(study, thresholds):
        wide = rows.pivot_table(
            index=[Thresholds.arm, Thresholds.animal], columns=Thresholds.day, values=VALUE
        ).dropna()
        tested = mauchly(wide)
        if tested:
            epsilon, p = tested
            found.append(
                (p, f"{question.key}: Mauchly {phrases.p_value(p)}, Greenhouse–Geisser ε {phrases.number(epsilon, 2)}")
            )
    severity = grave(min((p for p, _ in found), default=1.0), len(found))
    if severity:
        yield Finding(
            "S3", severity, ROOM,
            "The days of an animal are not equally alike: sphericity does not hold.",
            "A repeated measures ANOVA without correction, and a model with one random intercept, then misjudge changes over time.",
            "Fit the question with `structure: auto` or `un`; where a paper used an ANOVA, ask for the Greenhouse–Geisser p.",
            evidence=several((text for p, text in sorted(found) if grave(p, len(found))), 20), kind="chance",
        )  # fmt: skip


def mauchly(wide: pd.DataFrame) -> tuple[float, float] | None:
    """Greenhouse–Geisser ε and p of Mauchly's test, from the covariance within arms; None without enough animals.

    With S the covariance of k − 1 orthonormal contrasts of days (d = k − 1, f its degrees of freedom),
    W = |S|/(tr S/d)ᵈ, and −(f − (2d² + d + 2)/6d)·ln W is χ² on d(d + 1)/2 − 1. Mauchly, Ann Math Stat
    1940;11:204-209, doi 10.1214/aoms/1177731915. The correction is poor below f = 2d, where none is made.

    Parameters
    ----------
    wide : a row an animal (index arm, animal), a column a day
    """
    from scipy import linalg, stats

    k, f = wide.shape[1], len(wide) - wide.index.get_level_values(0).nunique()
    d = k - 1
    if d < 2 or f < 2 * d:
        return None
    within = (wide - wide.groupby(level=0).transform("mean")).to_numpy()
    # The rows of a Helmert matrix below the first are orthonormal contrasts.
    contrasts = linalg.helmert(k)
    s = contrasts @ (within.T @ within / f) @ contrasts.T
    roots = np.linalg.eigvalsh(s)
    if roots.min() <= 0:
        return None
    w = float(np.log(roots).sum() - d * np.log(roots.mean()))
    epsilon = float(roots.sum() ** 2 / (d * (roots**2).sum()))
    chi2 = -(f - (2 * d * d + d + 2) / (6 * d)) * w
    return epsilon, float(stats.chi2.sf(chi2, d * (d + 1) // 2 - 1))


def randomized(contrasts: pd.DataFrame, randomization: pd.DataFrame) -> Iterator[Finding]:
    """S9: comparisons on which the mixed model and the re-dealt labels disagree at 5 %."""
    key = [Contrasts.question, Contrasts.comparison, Contrasts.by, Contrasts.time]
    both = randomization.merge(contrasts, on=key, suffixes=("_dealt", ""))
    both = both[both["p_dealt"].notna() & both["p"].notna()]
    apart = both[(both["p_dealt"] < REMEMBERED) != (both["p"] < REMEMBERED)]
    if len(apart):
        told = [
            f"{row.question}, {_when(row)}: model {phrases.p_value(row.p)}, {row.method} {phrases.p_value(row.p_dealt)}"
            for row in apart.itertuples()
        ]
        yield Finding(
            "S9", "note", ROOM,
            f"On {phrases.count(len(apart), 'comparison')} the model and a test by re-dealing the labels disagree at 5 % (unadjusted).",
            "The second needs no assumption on distributions or covariance; near the line the two may differ by chance.",
            "Report both; where they are far apart, look for an outlier or unequal spread.",
            evidence=several(told, 20),
        )  # fmt: skip


def pooled_apart(association: pd.DataFrame) -> Iterator[Finding]:
    """S13: an analyte that goes with relief over all arms, but not within them."""
    told = []
    for question, rows in association.groupby(Association.question, sort=False):
        parts = rows.set_index(Association.arm)
        if not {"pooled", "within arms"} <= set(parts.index):
            continue
        pooled, within = parts.loc["pooled"], parts.loc["within arms"]
        opposite = pooled[Association.correlation] * within[Association.correlation] < 0
        if pooled[Association.p] < REMEMBERED and (opposite or not within[Association.p] < REMEMBERED):
            told.append(
                f"{question}: pooled r = {phrases.number(pooled[Association.correlation], 2)} ({phrases.p_value(pooled[Association.p])}), within arms "
                f"r = {phrases.number(within[Association.correlation], 2)} ({phrases.p_value(within[Association.p])}), {within[Association.n]} animals"
            )
    if told:
        yield Finding(
            "S13", "note", ROOM,
            "An analyte goes with the threshold over all arms together, but not within arms.",
            "Two things that a treatment changes go together over arms, whether or not one causes the other (Simpson's paradox).",
            "Report the relation within arms, with n as animals; do not say that one mediates the other.",
            evidence=several(told, 20),
        )  # fmt: skip
