"""S4, S5, S6, S9, S11 and S12: what may be concluded from the tests, and what may not."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator
from typing import Any

import pandas as pd

from hindpaw import phrases
from hindpaw.audit.asked import VALUE, averages, before, of_thresholds, pairs, welch
from hindpaw.findings import Finding, several
from hindpaw.study import Study
from hindpaw.tables import Claims, Contrasts, Equivalence, Filaments, Thresholds

ROOM = "audit"
LEVEL = 0.05
POWER = 0.8
# In SD of an animal's average: Cohen calls 0.8 large; few treatments move animals by more than this.
TOO_LARGE = 1.5
SHOWN = 20


def families(study: Study) -> Iterator[Finding]:
    """S4: several analytes asked one by one, several questions about one pair of arms, and rates where an error was meant."""
    questions = list(study.questions.values())
    single: dict[tuple[object, ...], list[str]] = {}
    same: dict[tuple[object, ...], list[str]] = {}
    for question in questions:
        if question.about_concentrations:
            key = (question.treated, question.control, question.day, question.matrix)
            single.setdefault(key, []).append(question.key)
        if question.about_thresholds and question.kind != "duration":
            for treated, control in pairs(question):
                same.setdefault((treated, control, question.paw, question.by), []).append(question.key)
    told = [
        f"{phrases.listed(keys)}: single analytes of the same arms and day" for keys in single.values() if len(keys) > 1
    ]
    told += [f"{phrases.listed(keys)}: the same arms, paw and times" for keys in same.values() if len(keys) > 1]
    told += [
        f"{one.key}: weeks adjusted by the false discovery rate"
        for one in questions
        if one.about_thresholds and one.adjust == "bh"
    ]
    if told:
        yield Finding(
            "S4", "note", ROOM,
            "Some p-values that belong together were not adjusted together.",
            "Among twenty tests one falls below 5 % by chance; a false discovery rate allows some of those found to be false.",
            "Ask for analytes as one `kind: panel`, for arms as `kind: many-to-one`, for weeks `adjust: holm`; or name one primary question.",
            evidence=several(told, SHOWN),
        )  # fmt: skip


def within_arms(study: Study, thresholds: pd.DataFrame, contrasts: pd.DataFrame) -> Iterator[Finding]:
    """S5: one arm changed from baseline and the other did not, and yet the arms do not differ."""
    told = []
    for question, rows in of_thresholds(study, thresholds):
        starts = dict(before(study, question, thresholds))
        if not starts:
            continue
        start = list(starts.values())[-1].set_index(Thresholds.animal)[VALUE]
        mean = averages(rows)
        for treated, control in pairs(question):
            ps = [_changed(mean[arm], start) for arm in (treated, control) if arm in mean.index.get_level_values(0)]
            direct = _direct(question.key, treated, control, contrasts)
            if len(ps) == 2 and direct >= LEVEL and (ps[0] < LEVEL) != (ps[1] < LEVEL):
                told.append(
                    f"{question.key}: change from baseline in {study.label(treated)} {phrases.p_value(ps[0])}, in "
                    f"{study.label(control)} {phrases.p_value(ps[1])}; treated against control {phrases.p_value(direct)}"
                )
    if told:
        yield Finding(
            "S5", "note", ROOM,
            "One arm changed from its baseline and the other did not, but the arms do not differ.",
            "The difference between significant and not significant is itself not a significant difference.",
            "Claim only what the direct comparison of the arms shows.",
            evidence=several(told, SHOWN),
        )  # fmt: skip


def _changed(mean: pd.Series, start: pd.Series) -> float:
    """p of the paired change of one arm."""
    from scipy import stats

    both = pd.concat([mean, start.rename("start")], axis=1, join="inner").dropna()
    change = both.iloc[:, 0] - both["start"]
    return float(stats.ttest_1samp(change, 0).pvalue) if len(change) > 1 and change.std() > 0 else float("nan")


def _direct(question: str, treated: str, control: str, contrasts: pd.DataFrame) -> float:
    """p of the time average of two arms; not a number where there is none."""
    chosen = (contrasts[Contrasts.question] == question) & (contrasts[Contrasts.by] == "overall")
    rows = contrasts[chosen & (contrasts[Contrasts.comparison] == f"{treated} − {control}")]
    return float(rows[Contrasts.p].iloc[0]) if len(rows) else float("nan")


def absences(
    claims: pd.DataFrame, contrasts: pd.DataFrame, equivalence: pd.DataFrame, filaments: pd.DataFrame
) -> Iterator[Finding]:
    """S6: claims of no effect that rest on a p that was not small; the test of equivalence is read where there is one."""
    margin = step(filaments)
    told, sources = [], []
    for claim in claims[claims[Claims.kind] == "no_effect"].to_dict("records"):
        tested, compared = (_at(claim, table) for table in (equivalence, contrasts))
        shown = tested[Equivalence.verdict].isin(["equivalent", "different within the margin"]).any()
        for row in compared.head(0 if shown else 1).itertuples():
            inside = -margin < row.lower and row.upper < margin and tested.empty
            # Limits for all weeks at once may include none where the adjusted p is small; then there is a difference.
            small = (row.p if math.isnan(row.p_adjusted) else row.p_adjusted) < LEVEL
            if row.lower <= 0 <= row.upper and not inside and not small:
                told.append(
                    f"{claim[Claims.claim]}: {phrases.ratio(row.ratio, row.ratio_lower, row.ratio_upper)}{_against(tested, margin)}"
                )
                sources.append(claim[Claims.source])
    if told:
        yield Finding(
            "S6", "note", ROOM,
            f"{phrases.count(len(told), 'claim')} of no effect {'rests' if len(told) == 1 else 'rest'} on a p that was not small.",
            "Absence of evidence is not evidence of absence: the interval holds effects larger than the margin.",
            "Say that an effect was not shown, with its interval; to claim absence, test for equivalence against a margin.",
            "; ".join(sources), several(told, SHOWN),
        )  # fmt: skip


def _at(claim: dict[Hashable, Any], table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a claim's question and time."""
    by = claim[Claims.by] if isinstance(claim[Claims.by], str) else "overall"
    rows = table[(table[Contrasts.question] == claim[Claims.question]) & (table[Contrasts.by] == by)]
    return (
        rows if by == "overall" or math.isnan(claim[Claims.time]) else rows[rows[Contrasts.time] == claim[Claims.time]]
    )


def _against(tested: pd.DataFrame, margin: float) -> str:
    """The margin, and the test against it where there was one."""
    for row in tested.head(1).itertuples():
        return f"; within ×{phrases.number(row.margin_ratio)}: {phrases.p_value(row.p if math.isnan(row.p_adjusted) else row.p_adjusted)}"
    return f"; one filament step is ×{phrases.number(10**margin)}" if math.isfinite(margin) else ""


def step(filaments: pd.DataFrame) -> float:
    """The mean step of the finest filament set, log10 g; infinite where there is none."""
    logs = filaments.assign(log=filaments[Filaments.force_g].map(math.log10)).groupby(Filaments.filaments)["log"]
    steps = (logs.max() - logs.min()) / (logs.size() - 1)
    return float(steps.min()) if len(steps) else math.inf


def attainable(study: Study, thresholds: pd.DataFrame) -> Iterator[Finding]:
    """S9: comparisons of so few animals that no test by re-dealing labels can fall below 5 %."""
    told = []
    for question, rows in of_thresholds(study, thresholds):
        n = rows.groupby(Thresholds.arm)[Thresholds.animal].nunique()
        for treated, control in pairs(question):
            if {treated, control} <= set(n.index) and smallest_p(n[treated], n[control]) >= LEVEL:
                told.append(
                    f"{question.key}: {n[treated]} against {n[control]}, smallest p {phrases.number(smallest_p(n[treated], n[control]), 2)}"
                )
    if told:
        yield Finding(
            "S9", "warning", ROOM,
            "Too few animals for any test that makes no assumption on distributions to reach 5 %.",
            "A p below 5 % then rests on the assumption of normal errors alone, which so few animals cannot support.",
            "Report estimates with intervals; call the comparison exploratory.",
            evidence=several(told, SHOWN),
        )  # fmt: skip


def smallest_p(one: int, other: int) -> float:
    """Smallest two-sided p of an exact permutation test of two groups: 2 / C(n₁+n₂, n₁).

    >>> [round(smallest_p(n, n), 4) for n in (3, 4, 5)]
    [0.1, 0.0286, 0.0079]
    """
    return 2 / math.comb(int(one + other), int(one))


def detectable(study: Study, thresholds: pd.DataFrame) -> Iterator[Finding]:
    """S11: the difference that so many animals find in four of five studies, where it is more than 1.5 SD."""
    told = []
    for question, rows in of_thresholds(study, thresholds):
        n = rows.groupby(Thresholds.arm)[Thresholds.animal].nunique()
        for treated, control in pairs(question):
            if {treated, control} <= set(n.index):
                effect = detectable_d(n[treated], n[control])
                if effect > TOO_LARGE:
                    told.append(
                        f"{question.key}: {n[treated]} against {n[control]} animals, {phrases.number(effect)} SD"
                    )
    if told:
        yield Finding(
            "S11", "note", ROOM,
            "With these numbers only very large effects are found reliably (80 % power, two-sided t at 5 %).",
            "What is found is then overestimated, and what is not found may be there. Power computed from the effect that "
            "was observed says nothing beyond p, and is not given.",
            "Read the intervals; plan the next study for the smallest effect that matters.",
            evidence=several(told, SHOWN),
        )  # fmt: skip


def detectable_d(one: int, other: int) -> float:
    """Difference in SD that a two-sided t test at 5 % finds with 80 % power.

    >>> [round(detectable_d(n, n), 2) for n in (4, 5, 8, 10)]
    [2.38, 2.02, 1.51, 1.32]
    """
    from statsmodels.stats.power import TTestIndPower

    if min(one, other) < 2:
        return math.inf
    return float(TTestIndPower().solve_power(nobs1=one, ratio=other / one, alpha=LEVEL, power=POWER))


def areas(study: Study, thresholds: pd.DataFrame, contrasts: pd.DataFrame) -> Iterator[Finding]:
    """S12: the area under each animal's curve, by Welch's t and by ranks, where either disagrees with the model at 5 %."""
    from scipy import stats

    told = []
    for question, rows in of_thresholds(study, thresholds):
        mean = averages(_complete(rows))
        for treated, control in pairs(question):
            if not {treated, control} <= set(mean.index.get_level_values(0)):
                continue
            one, other = mean[treated], mean[control]
            model, (difference, low, high, p) = _direct(question.key, treated, control, contrasts), welch(one, other)
            rank = float(stats.mannwhitneyu(one, other).pvalue)
            if model == model and p == p and len({model < LEVEL, p < LEVEL, rank < LEVEL}) > 1:
                told.append(
                    f"{question.key}, {study.label(treated)}: {phrases.ratio(10**difference, 10**low, 10**high)}, Welch "
                    f"{phrases.p_value(p)}, ranks {phrases.p_value(rank)}, model {phrases.p_value(model)} ({len(one)} and {len(other)} animals)"
                )
    if told:
        yield Finding(
            "S12", "note", ROOM,
            "The area under each animal's curve does not lead to the model's conclusion at 5 %.",
            "One number an animal and a simple test make few assumptions; where they disagree with the model, the evidence is near the line.",
            "Report both, with their intervals; do not choose between them by p.",
            evidence=several(told, SHOWN),
        )  # fmt: skip


def _complete(rows: pd.DataFrame) -> pd.DataFrame:
    """The animals that were tested on the first and the last day; a curve that ends early has another area."""
    days = rows.groupby(Thresholds.animal)[Thresholds.day].agg(["min", "max"])
    whole = days[(days["min"] == days["min"].min()) & (days["max"] == days["max"].max())].index
    return rows[rows[Thresholds.animal].isin(whole)]
