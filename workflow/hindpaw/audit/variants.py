"""D3 and S1: the same thresholds under the tests that papers print, by statsmodels and pingouin, beside the mixed model.

These are refits for comparison, not recommendations; the recommended numbers are read from the tables.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

import pandas as pd

from hindpaw import phrases
from hindpaw.audit import anova
from hindpaw.audit.anova import Unmade
from hindpaw.audit.asked import VALUE, averages, of_thresholds, pairs, valued, welch
from hindpaw.audit.pairs import Pair, separate
from hindpaw.audit.taken import ANIMAL, ARM, TIME, Taken, Y
from hindpaw.findings import Finding, several
from hindpaw.study import Question, Study
from hindpaw.tables import Animals, Contrasts, Thresholds, Wells

ROOM = "audit"
LEVEL = 0.05


class Inflation(NamedTuple):
    """What counting rows as animals does: intraclass correlation, design effect, and the n that the rows are worth."""

    icc: float
    design_effect: float
    rows: int
    effective: float


def inflation(rows: pd.DataFrame, unit: str, cells: list[str]) -> Inflation:
    """The inflation by counting every row, from a one-way analysis of variance of the rows about their cells' means.

    ICC = (MSB − MSW)/(MSB + (m₀ − 1)·MSW), not below 0; design effect 1 + (m₀ − 1)·ICC with m₀ the rows of a unit
    (of its harmonic kind); effective n = rows / design effect. Donner, Int Stat Rev 1986;54:67-82.

    Examples
    --------
    Two animals that never change are worth two rows, however often they are tested:

    >>> frame = pd.DataFrame({"animal": list("aabb"), "cell": 0, "value": [1.0, 1.0, 2.0, 2.0]})
    >>> inflation(frame, "animal", ["cell"]).effective
    2.0
    """
    away = rows[VALUE] - rows.groupby(cells)[VALUE].transform("mean")
    groups = away.groupby(rows[unit])
    sizes, n, k = groups.size(), len(away), groups.ngroups
    m0 = (n - (sizes**2).sum() / n) / (k - 1) if k > 1 else float(n)
    between = float((sizes * groups.mean() ** 2).sum()) / max(k - 1, 1)
    within = float(((away - groups.transform("mean")) ** 2).sum()) / max(n - k, 1)
    whole = between + (m0 - 1) * within
    icc = max(0.0, (between - within) / whole) if whole > 0 else 0.0
    effect = 1 + (m0 - 1) * icc
    return Inflation(float(icc), float(effect), n, float(n / effect))


class Printed(NamedTuple):
    """p of the arms of one question by the tests that papers print, on log10 thresholds; not a number where not made.

    Parameters
    ----------
    ordinary : ordinary two-way ANOVA of arm and day, each row an animal
    repeated : repeated measures ANOVA, and `dropped`, the animals it leaves out for want of a day
    by_day : the smallest p of Student's t on each of `days` days, Bonferroni; of two arms only
    """

    ordinary: float
    repeated: float
    dropped: int
    by_day: float
    days: int


def as_printed(study: Study, thresholds: pd.DataFrame) -> dict[str, Printed]:
    """The tests that papers print, by question."""
    made = {}
    for question, rows in of_thresholds(study, thresholds):
        frame = pd.DataFrame(
            {ANIMAL: rows[Thresholds.animal], ARM: rows[Thresholds.arm], TIME: rows[Thresholds.day], Y: rows[VALUE]}
        )
        treated, control = pairs(question)[0]
        two = Taken(frame, treated, control, "log10", "log10 g", 0)
        by_day = [] if len(two.arms) > 2 else _if_made(partial(separate, "student_t", two, "bonferroni", None))
        made[question.key] = Printed(
            _of_arms(anova.ordinary, frame),
            _of_arms(partial(anova.repeated, corrected=False), frame),
            len(anova.complete(frame)[1]),
            min((one.p_adjusted for one in by_day), default=math.nan),
            len(by_day),
        )
    return made


def _if_made(test: Callable[[], list[Pair]]) -> list[Pair]:
    """The comparisons; none where the test cannot be made."""
    try:
        return test()
    except Unmade:
        return []


def _of_arms(test: Callable[[pd.DataFrame], anova.Table], frame: pd.DataFrame) -> float:
    """p of the arms; not a number where the test cannot be made."""
    try:
        return test(frame).terms["arm"][3]
    except Unmade:
        return math.nan


def pseudoreplication(
    study: Study,
    animals: pd.DataFrame,
    thresholds: pd.DataFrame,
    contrasts: pd.DataFrame,
    printed: Mapping[str, Printed],
) -> Iterator[Finding]:
    """D3: what counting days, paws and cage-mates as animals would do to n and p, on these data."""
    by_day, by_cage = [], []
    both_paws = valued(thresholds).dropna(subset=[VALUE])
    cage = animals.set_index(Animals.animal)[Animals.cage]
    for question, rows in of_thresholds(study, thresholds):
        if len(rows) > rows[Thresholds.animal].nunique():
            found = inflation(rows, Thresholds.animal, [Thresholds.arm, Thresholds.day])
            naive, right = printed[question.key].ordinary, _recommended(question, contrasts)
            by_day.append(
                f"{question.key}: {found.rows} rows of {rows[Thresholds.animal].nunique()} animals are worth "
                f"{phrases.number(found.effective, 2)} independent ones (ICC {phrases.number(found.icc, 2)}, design effect "
                f"{phrases.number(found.design_effect, 2)}), difference of the arms {phrases.p_value(naive)} with rows as "
                f"animals, {phrases.p_value(right)} with animals"
            )
        paws = both_paws[
            both_paws[Thresholds.arm].isin(question.arms) & both_paws[Thresholds.day].isin(rows[Thresholds.day])
        ]
        if paws[Thresholds.paw].nunique() > 1:
            found = inflation(paws, Thresholds.animal, [Thresholds.arm, Thresholds.day, Thresholds.paw])
            by_day.append(
                f"{question.key}, both paws: {found.rows} rows are worth {phrases.number(found.effective, 2)} independent ones"
            )
        told = _cages(study, question, rows, cage)
        by_cage += [told] if told else []
    if by_day:
        yield Finding(
            "D3", "note", ROOM,
            "Thresholds are not animals: each is tested on several days.",
            "An ordinary two-way ANOVA counts every row as an animal; n and degrees of freedom grow with the days, not with the evidence.",
            "Nothing: the model here knows the animals. Compare it with the test of the paper.",
            evidence=several(by_day, 20),
        )  # fmt: skip
    if by_cage:
        yield Finding(
            "D3", "note", ROOM,
            "Cages were randomized: cage-mates count as one unit.",
            "Counting animals where cages were treated makes n too large.",
            "Keep the cage in the model (cage: true), and report the number of cages.",
            evidence=several(by_cage, 20),
        )  # fmt: skip


def replicate_wells(study: Study, wells: pd.DataFrame, animals: pd.DataFrame) -> Iterator[Finding]:
    """D3: what counting replicate wells as animals would do to n and p, on the signals of each plate."""
    arm = animals.drop_duplicates(Animals.animal).set_index(Animals.animal)[Animals.arm]
    samples = wells[(wells[Wells.role] == "sample") & (wells[Wells.signal] > 0) & wells[Wells.animal].notna()]
    samples = samples.assign(arm=samples[Wells.animal].map(arm), **{VALUE: samples[Wells.signal].map(math.log10)})
    told = []
    for question in study.questions.values():
        if not question.about_concentrations:
            continue
        chosen = (samples[Wells.analyte] == question.outcome) & (samples[Wells.day] == question.day)
        rows = samples[chosen & samples["arm"].isin([question.treated, question.control])]
        # Signals at different dilutions are not of one scale.
        if (
            rows["arm"].nunique() < 2
            or rows[Wells.dilution].nunique(dropna=False) > 1
            or not rows[Wells.animal].duplicated().any()
        ):
            continue
        found = inflation(rows, Wells.animal, ["arm"])
        naive = welch(*(rows.loc[rows["arm"] == one, VALUE] for one in (question.treated, question.control)))[3]
        whole = rows.groupby(["arm", Wells.animal])[VALUE].mean()
        right = welch(whole[question.treated], whole[question.control])[3]
        told.append(
            f"{question.key}: {found.rows} wells of {rows[Wells.animal].nunique()} animals are worth {phrases.number(found.effective, 2)} "
            f"(ICC {phrases.number(found.icc, 2)}), difference of the signals {phrases.p_value(naive)} with wells as animals, {phrases.p_value(right)} with animals"
        )
    if told:
        yield Finding(
            "D3", "note", ROOM,
            "Wells are not animals: samples were measured in replicate.",
            "Replicate wells tell how well the assay repeats, not how animals differ.",
            "Nothing: the wells of a sample are averaged here. Look whether a paper's n counts wells.",
            evidence=several(told, 20),
        )  # fmt: skip


def _cages(study: Study, question: Question, rows: pd.DataFrame, cage: pd.Series) -> str:
    """What counting animals does where cages were randomized: empty where they were not."""
    if study.randomization["unit"] != "cage":
        return ""
    means = averages(rows).rename(VALUE).reset_index()
    means["cage"] = means[Thresholds.animal].map(cage)
    known = means[means["cage"].notna()]
    if known.empty or not known["cage"].duplicated().any():
        return ""
    found = inflation(known, "cage", [Thresholds.arm])
    whole = known.groupby([Thresholds.arm, "cage"])[VALUE].mean()
    told = []
    for treated, control in pairs(question):
        by_animal = [known.loc[known[Thresholds.arm] == arm, VALUE] for arm in (treated, control)]
        by_cage = [whole[whole.index.get_level_values(0) == arm] for arm in (treated, control)]
        told.append(
            f"animals as units {phrases.p_value(welch(*by_animal)[3])}, cages {phrases.p_value(welch(*by_cage)[3])}"
        )
    return (
        f"{question.key}: {found.rows} animals of {known['cage'].nunique()} cages are worth {phrases.number(found.effective, 2)} "
        f"(ICC {phrases.number(found.icc, 2)}), {', '.join(told)}"
    )


def _recommended(question: Question, contrasts: pd.DataFrame) -> float:
    """The smallest p of the question's time averages."""
    rows = contrasts[(contrasts[Contrasts.question] == question.key) & (contrasts[Contrasts.by] == "overall")]
    return float(rows[Contrasts.p].min()) if len(rows) else float("nan")


def side_by_side(study: Study, contrasts: pd.DataFrame, printed: Mapping[str, Printed]) -> Iterator[Finding]:
    """S1: questions whose answer at 5 % depends on whether the test knows that days belong to animals."""
    told = []
    for key, one in printed.items():
        mixed = _recommended(study.questions[key], contrasts)
        ps = {
            "ordinary two-way ANOVA": one.ordinary,
            f"repeated measures ANOVA{f' ({one.dropped} animals with a gap dropped)' if one.dropped else ''}": one.repeated,
            "mixed model": mixed,
        }
        decided = {p < LEVEL for p in ps.values() if p == p}
        if mixed == mixed and len(decided) > 1:
            ps[f"t tests of {one.days} days, Bonferroni"] = one.by_day
            told.append(f"{key}: " + ", ".join(f"{name} {phrases.p_value(p)}" for name, p in ps.items() if p == p))
    if told:
        yield Finding(
            "S1", "note", ROOM,
            "Whether arms differ depends on the test: those that papers print disagree with the mixed model at 5 %.",
            "A test that takes days for animals finds too much; one that drops animals with a gap finds too little.",
            "Report the mixed model, and say which test was planned.",
            evidence=several(told, 20),
        )  # fmt: skip
