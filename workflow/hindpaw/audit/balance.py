"""D5 and D6: how alike the arms were before treatment, and who was lost on the way."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from hindpaw import phrases
from hindpaw.audit.asked import VALUE, before, grave, of_thresholds, pairs, welch
from hindpaw.findings import Finding, several
from hindpaw.study import Study
from hindpaw.tables import Animals, Thresholds, Tipping

ROOM = "audit"
# In units of the SD within arms; half an SD is what Cohen calls a medium difference.
APART = 0.5


def baselines(study: Study, thresholds: pd.DataFrame) -> Iterator[Finding]:
    """D5: arms whose baselines lie half an SD apart, with the difference and its interval; a test is no remedy."""
    found, smallest, tests = [], 1.0, 0
    for question, _ in of_thresholds(study, thresholds):
        for when, rows in before(study, question, thresholds):
            by_arm = {arm: mine[VALUE] for arm, mine in rows.groupby(Thresholds.arm)}
            for treated, control in pairs(question):
                if not {treated, control} <= set(by_arm):
                    continue
                one, other = by_arm[treated], by_arm[control]
                difference, low, high, p = welch(one, other)
                spread = np.sqrt((one.var() + other.var()) / 2)
                tests += 1
                smallest = min(smallest, p) if p == p else smallest
                if spread > 0 and abs(difference) > APART * spread:
                    told = phrases.ratio(10**difference, 10**low, 10**high)
                    found.append(
                        f"{question.key}, {when}, {study.label(treated)} against {study.label(control)}: {told}"
                    )
    if found:
        sure = grave(smallest, tests) == "warning"
        yield Finding(
            "D5", "warning" if sure else "note", ROOM,
            "Arms that are compared differ at baseline by more than half a standard deviation.",
            "In a randomized study that is chance, and an adjusted comparison takes care of it; a test of baselines proves nothing.",
            "Keep the baseline in the model (baseline: covariate or clda), and do not compare changes unadjusted.",
            evidence=several(found, 20), kind="chance" if sure else "state",
        )  # fmt: skip


def attrition(
    study: Study, animals: pd.DataFrame, thresholds: pd.DataFrame, tipping: pd.DataFrame
) -> Iterator[Finding]:
    """D6: animals lost before the last day: more from one arm, or those with higher or lower thresholds."""
    left = dict(zip(animals[Animals.animal], animals[Animals.left_day], strict=True))
    by_arm, by_value = [], []
    for question, rows in of_thresholds(study, thresholds):
        last = rows.groupby(Thresholds.animal)[Thresholds.day].max()
        end = rows[Thresholds.day].max()
        whole = {animal for animal, day in last.items() if day >= end}
        lost = {animal for animal in last.index if animal not in whole and left.get(animal, np.nan) < end}
        arm_of = rows.drop_duplicates(Thresholds.animal).set_index(Thresholds.animal)[Thresholds.arm]
        for treated, control in pairs(question):
            counts = np.array(
                [[sum(arm_of[one] == arm for one in group) for group in (lost, whole)] for arm in (treated, control)]
            )
            if counts.sum(axis=0).all() and counts.sum(axis=1).all():
                by_arm.append((_fisher(counts), _of_arms(study, question.key, treated, control, counts)))
        compared = _last_values(rows, lost)
        if compared:
            by_value.append((compared[0], f"{question.key}: {compared[1]}"))
    undone = [told for question in study.questions for told in _undone(question, tipping)]
    yield from _lost(by_arm, "Animals were lost from one arm more than from the other.", undone)
    other = "Animals that were lost had other thresholds at their last test than those that stayed."
    yield from _lost(by_value, other, undone)


def _undone(question: str, tipping: pd.DataFrame) -> Iterator[str]:
    """How far the missing values of a question would have to lie off to undo its conclusion over all days."""
    over_all = (tipping[Tipping.question] == question) & (tipping[Tipping.by] == "overall")
    rows = tipping[over_all & (tipping[Tipping.missing] == "all") & (tipping[Tipping.row] != "curve")]
    for comparison, mine in rows.groupby(Tipping.comparison, sort=False):
        points = mine[mine[Tipping.row] == "tipping point"]
        if points.empty:
            yield f"{question}, {comparison}: no shift of the missing within the filaments undoes the conclusion"
            continue
        least = points.loc[points[Tipping.delta].abs().idxmin()]
        way = "lower" if least[Tipping.delta] < 0 else "higher"
        whose = {"apart": "in the treated arm, and as much the other way in the control"}.get(
            least[Tipping.shifted], f"in the {least[Tipping.shifted]} arm"
        )
        factor = phrases.number(10 ** abs(least[Tipping.delta]))
        yield f"{question}, {comparison}: the missing a factor of {factor} {way} {whose} undo the conclusion"


def _fisher(counts: np.ndarray) -> float:
    """Fisher's exact p."""
    from scipy import stats

    return float(stats.fisher_exact(counts).pvalue)


def _of_arms(study: Study, question: str, treated: str, control: str, counts: np.ndarray) -> str:
    """How many of each arm were lost."""
    told = [
        f"{study.label(arm)} {lost} of {lost + kept}"
        for arm, (lost, kept) in zip((treated, control), counts, strict=True)
    ]
    return f"{question}: lost {' and '.join(told)}"


def _last_values(rows: pd.DataFrame, lost: set[str]) -> tuple[float, str] | None:
    """p and difference of the lost at their last test from those that stayed, each about its arm's day; by ranks.

    A t test of two or three values is too sure of itself where they happen to be alike.
    """
    from scipy import stats

    cells = rows.groupby([Thresholds.arm, Thresholds.day])[VALUE]
    away = rows.assign(away=rows[VALUE] - cells.transform("mean"))
    last = away.sort_values(Thresholds.day).drop_duplicates(Thresholds.animal, keep="last").set_index(Thresholds.animal)
    gone = last[last.index.isin(lost)]["away"]
    stayed = away[~away[Thresholds.animal].isin(lost)].groupby(Thresholds.animal)["away"].mean()
    if len(gone) < 2 or len(stayed) < 2:
        return None
    difference, low, high, _ = welch(gone, stayed)
    return float(
        stats.mannwhitneyu(gone, stayed).pvalue
    ), f"{phrases.ratio(10**difference, 10**low, 10**high)} the others' threshold"


def _lost(found: list[tuple[float, str]], what: str, undone: list[str]) -> Iterator[Finding]:
    """One finding, if the smallest p of the tests is small, with what the missing could undo."""
    severity = grave(min((p for p, _ in found), default=1.0), len(found))
    if severity:
        told = [f"{text}, {phrases.p_value(p)}" for p, text in sorted(found) if grave(p, len(found))]
        yield Finding(
            "D6", severity, ROOM, what,
            "If animals leave because of their pain or their treatment, those that stay no longer stand for the arm.",
            "Give each loss its reason; report from the table `tipping` how far the missing would have to lie off to undo the conclusion.",
            evidence=several([*told, *undone], 20), kind="chance",
        )  # fmt: skip
