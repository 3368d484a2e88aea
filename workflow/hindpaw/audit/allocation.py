"""D4: whether arms can be told from who tested them, their cohort or their sex; and what is not said of allocation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.audit.asked import grave, pairs
from hindpaw.findings import Finding, several
from hindpaw.study import Study
from hindpaw.tables import Animals, Thresholds

ROOM = "audit"
ASKED = {"4a": "how animals were randomized", "5": "who was blinded"}


def documented(study: Study) -> Iterator[Finding]:
    """D4: randomization and blinding are said somewhere."""
    silent = [words for item, words in ASKED.items() if item not in study.arrive]
    if study.randomization["unit"] != "undocumented":
        silent = [words for words in silent if words != ASKED["4a"]]
    if silent:
        yield Finding(
            "D4", "note", ROOM,
            f"The study file does not say {phrases.listed(silent)}.",
            "Without either, differences between arms may come from how animals were chosen or looked at.",
            'Write randomization: {unit: …}, and under arrive the items "4a" and "5".',
        )  # fmt: skip


def confounded(study: Study, animals: pd.DataFrame, thresholds: pd.DataFrame) -> Iterator[Finding]:
    """D4: arms that are compared but share no tester, cohort or sex; or are unevenly spread over them."""
    traits = _traits(animals, thresholds)
    apart, uneven = [], []
    for question in study.questions.values():
        for treated, control in pairs(question):
            for name in (*TRAITS,):
                known = traits[traits[Animals.arm].isin([treated, control]) & traits[name].notna()]
                table = pd.crosstab(known[Animals.arm], known[name])
                if len(table) < 2 or table.shape[1] < 2:
                    continue
                told = f"{question.key}: {study.label(treated)} and {study.label(control)} by {name}"
                if not ((table > 0).all()).any():
                    apart.append(told)
                else:
                    v, p = cramers_v(table.to_numpy())
                    uneven.append((p, f"{told}: Cramér's V {phrases.number(v, 2)}, {phrases.p_value(p)}"))
    if apart:
        yield Finding(
            "D4", "warning", ROOM,
            f"{phrases.count(len(apart), 'comparison')} of arms that have nobody in common by tester, cohort or sex.",
            "The difference between the arms cannot be told from the difference between testers, cohorts or sexes.",
            "Report it as a limit of the study; no model can separate the two.",
            evidence=several(apart, 20),
        )  # fmt: skip
    severity = grave(min((p for p, _ in uneven), default=1.0), len(uneven))
    if severity:
        worst = [text for p, text in sorted(uneven) if grave(p, len(uneven))]
        yield Finding(
            "D4", severity, ROOM,
            "Arms that are compared are unevenly spread over testers, cohorts or sexes.",
            "Part of their difference may be the difference between these.",
            "Name the trait under `blocks` of the question, and report both answers.",
            evidence=several(worst, 20), kind="chance",
        )  # fmt: skip


TRAITS = ("tester", Animals.cohort, Animals.sex)


def _traits(animals: pd.DataFrame, thresholds: pd.DataFrame) -> pd.DataFrame:
    """Each animal in the analysis with its arm, cohort, sex and the tester who tested it most."""
    kept = animals[~animals[Animals.excluded] & animals[Animals.arm].notna()]
    known = thresholds[thresholds[Thresholds.tester].notna()]
    tester = known.groupby(Thresholds.animal)[Thresholds.tester].agg(lambda names: names.mode().iloc[0])
    # Testers who took turns for all animals are shared by all: only who tests apart is a trait.
    sets = known.groupby(Thresholds.animal)[Thresholds.tester].nunique()
    alone = tester.where(sets.reindex(tester.index) == 1, "several testers")
    return kept.assign(tester=kept[Animals.animal].map(alone))


def cramers_v(counts: np.ndarray) -> tuple[float, float]:
    """Cramér's V = √(χ²/(n·(min(r, c) − 1))) of a table, and p: Fisher's for 2 × 2, else χ² without correction.

    >>> [round(one, 3) for one in cramers_v(np.array([[5, 0], [0, 5]]))]
    [1.0, 0.008]
    """
    from scipy import stats

    chi2, p, _, _ = stats.chi2_contingency(counts, correction=False)
    if counts.shape == (2, 2):
        p = stats.fisher_exact(counts).pvalue
    return float(np.sqrt(chi2 / (counts.sum() * (min(counts.shape) - 1)))), float(p)
