"""What a statistician runs in R to get the same tables: the data as the models saw them, hindpaw's numbers, a script.

The rows are put together here from the tables of measure and intake, not taken from the model.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import pandas as pd

from hindpaw.audit.asked import VALUE, valued
from hindpaw.study import Question, Study
from hindpaw.tables import Animals, Contrasts, Effects, Fits, Thresholds, as_csv

DATA = ["question", "animal", "arm", "day", "y", "base", "cage", "sex", "cohort", "tester", "session"]
EXPECTED = [
    *("question", "kind", "comparison", "treated", "control", "by", "time"),
    *("estimate", "se", "df", "p", "p_adjusted"),
]
# What R can do again: by lme4, or by nlme without Kenward–Roger.
WITH_LME4, WITH_NLME = ("cs", "cage/cs"), ("ar1", "cs+ar1")
MARK = "# @questions@\n"


def files_for_r(study: Study, made: dict[str, pd.DataFrame]) -> dict[str, bytes]:
    """The script, the data and what to expect, by the name of their output.

    Parameters
    ----------
    study : its questions and calendar
    made : `animals thresholds fits effects contrasts`, by name
    """
    fits = made["fits"][made["fits"][Fits.chosen] & (made["fits"][Fits.engine] == "hindpaw")].set_index(Fits.question)
    told, data, expected = [], [], []
    for question in _asked(study):
        if question.key not in fits.index or not bool(fits.loc[question.key, Fits.converged]):
            continue
        structure = str(fits.loc[question.key, Fits.structure])
        reason = _beyond_r(question, structure)
        if reason:
            told.append((question, structure, reason))
            continue
        told.append((question, structure, ""))
        data.append(rows(study, question, made["thresholds"], made["animals"]))
        expected += list(_expected(question, made["effects"], made["contrasts"]))
    whole = pd.concat(data, ignore_index=True) if data else pd.DataFrame(columns=DATA)
    return {
        "script": _script(study, told).encode(),
        "data": as_csv(whole[DATA]),
        "expected": as_csv(pd.DataFrame(expected, columns=EXPECTED)),
    }


def _asked(study: Study) -> list[Question]:
    """The questions that compare arms by a mixed model of thresholds."""
    return [one for one in study.questions.values() if one.about_thresholds and one.kind != "duration"]


def _beyond_r(question: Question, structure: str) -> str:
    """Why a question is not in the script; empty where it is."""
    if structure not in (*WITH_LME4, *WITH_NLME):
        return f"the structure {structure} is none that lme4 and nlme share with hindpaw"
    if question.variance != "constant":
        return "its residual variances differ, which lme4 cannot"
    if question.baseline not in ("covariate", "none"):
        return f"its baseline enters as {question.baseline}"
    return "it asks for arm × sex" if question.by_sex else ""


def rows(study: Study, question: Question, thresholds: pd.DataFrame, animals: pd.DataFrame) -> pd.DataFrame:
    """One row an animal × day after treatment, with its centred baseline and blocks, as the question's model takes them."""
    mine = valued(thresholds)
    mine = mine[(mine[Thresholds.paw] == question.paw) & mine[Thresholds.arm].isin(question.arms) & mine[VALUE].notna()]
    day = mine[Thresholds.day]
    after = mine[day > study.days.treatment].rename(columns={VALUE: "y"})
    known = animals.drop_duplicates(Animals.animal).set_index(Animals.animal)
    for name in (Animals.cage, Animals.sex, Animals.cohort):
        after[name] = after[Thresholds.animal].map(known[name])
    needed = [*question.blocks, *([Animals.cage] if question.cage else [])]
    base = _baseline(study, mine) if question.baseline == "covariate" else None
    if base is not None and base.nunique() > 1:
        after["base"] = after[Thresholds.animal].map(base)
        after = after[after["base"].notna()]
    after = after.dropna(subset=needed)
    if "base" in after:
        after["base"] -= after.drop_duplicates(Thresholds.animal)["base"].mean()
    return after.assign(question=question.key).reindex(columns=DATA)


def _baseline(study: Study, mine: pd.DataFrame) -> pd.Series | None:
    """Each animal's last value after injury and before treatment, else the last before injury."""
    days = sorted(day for day in mine[Thresholds.day].unique() if day <= study.days.treatment)
    if not days:
        return None
    injured = [day for day in days if day > study.days.injury]
    at = mine[mine[Thresholds.day] == (injured or days)[-1]]
    return at.set_index(Thresholds.animal)[VALUE]


def _expected(question: Question, effects: pd.DataFrame, contrasts: pd.DataFrame) -> Iterator[dict[str, object]]:
    """hindpaw's F tests and contrasts of arms."""
    for row in effects[effects[Effects.question] == question.key].to_dict("records"):
        # pingouin's tests of balanced data stand in the same table.
        if row[Effects.term] in ("arm", "day", "arm:day") and "Kenward" in str(row[Effects.method]):
            yield {
                "question": question.key,
                "kind": "F",
                "comparison": row[Effects.term],
                "estimate": row[Effects.F],
            } | {
                "df": row[Effects.den_df],
                "p": row[Effects.p],
            }
    for row in contrasts[
        (contrasts[Contrasts.question] == question.key) & contrasts[Contrasts.estimate].notna()
    ].to_dict("records"):
        treated, _, control = str(row[Contrasts.comparison]).partition(" − ")
        if {treated, control} <= set(question.arms):
            numbers = (
                Contrasts.by,
                Contrasts.time,
                Contrasts.estimate,
                Contrasts.se,
                Contrasts.df,
                Contrasts.p,
                Contrasts.p_adjusted,
            )
            yield {
                "question": question.key,
                "kind": "contrast",
                "comparison": f"{treated} - {control}",
                "treated": treated,
            } | {
                "control": control,
                **{name: row[name] for name in numbers},
            }


def _script(study: Study, told: list[tuple[Question, str, str]]) -> str:
    """The script with the settings of each question; those it leaves out are named in it, with the reason."""
    text = files("hindpaw").joinpath("audit", "verify.R").read_text(encoding="utf-8")
    lines = ["question,structure,cage,blocks,adjust,treatment,kenward_roger"]
    notes = []
    for question, structure, reason in told:
        if reason:
            notes.append(f"# The question {question.key} is left out: {reason}.\n")
            continue
        caged = structure == "cage/cs" or (
            study.randomization["unit"] == "cage" if question.cage is None else question.cage
        )
        lines.append(
            f"{question.key},{structure},{str(caged).upper()},{' '.join(question.blocks)},{question.adjust},"
            f"{study.days.treatment:g},{str(question.df == 'kenward-roger').upper()}"
        )
    listed = "\n".join(lines)
    settings = f'questions <- read.csv(text = "{listed}", colClasses = c(blocks = "character"))\n'
    return text.replace(MARK, "".join(notes) + settings)
