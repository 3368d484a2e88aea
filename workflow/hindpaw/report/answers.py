"""What the report says first of each question: what was asked, the answer, how sure, of how many animals."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from hindpaw import phrases
from hindpaw.report.sections import Tables, Text
from hindpaw.study import Question, Study
from hindpaw.tables import Contrasts, Fits, Means

# Below this p of the likelihood-ratio test neighbouring days count as alike beyond what the animal explains.
REMEMBERED = 0.05
ADJUSTED = {
    "holm": "Holm",
    "bonferroni": "Bonferroni",
    "mvt": "multivariate t",
    "mvt-step-down": "step-down multivariate t",
    "bh": "BH",
    "games-howell": "Games–Howell",
    "dunnett": "Dunnett",
}


@dataclass(frozen=True)
class Answer:
    """One question on the first screen, each field a sentence or a part of one."""

    key: str
    asked: str
    ratio: str
    told: str
    times: str
    animals: str
    cautions: tuple[Text, ...]
    known: bool
    others: tuple[Text, ...] = ()
    how_sure: tuple[Text, ...] = ()


def answer(study: Study, question: Question, tables: Tables) -> Answer:
    """The first screen's entry.

    Parameters
    ----------
    study, question : what was asked
    tables : contrasts, means and fits by name

    Returns
    -------
    The ratio with its interval first and p last; where nothing could be estimated, why not.
    """
    found = main(question, tables)
    known = found is not None and not pd.isna(found[Contrasts.estimate])
    why = "not estimated" if found is None or pd.isna(found[Contrasts.note]) else str(found[Contrasts.note])
    return Answer(
        key=question.key,
        asked=asked(study, question),
        ratio=_ratio(found) if known else "",
        told=_told(study, question, found) if known else why,
        others=others(study, question, found, tables) if known else (),
        times=times(question, tables) if known else "",
        animals=animals(study, question, tables),
        cautions=_cautions(question, found, tables) if known else (),
        known=known,
    )


def asked(study: Study, question: Question) -> str:
    """The question in words."""
    if question.ask:
        return question.ask
    on = f" on day {question.day:g}" if question.day is not None else ""
    outcome = (
        f"withdrawal threshold, {question.paw} paw"
        if question.about_thresholds
        else f"{question.outcome} in {question.matrix}{on}"
    )
    return f"{study.compared(question)}: {outcome}"


def pair(study: Study, comparison: str) -> str:
    """A comparison by the arms' labels; what stands behind them in parentheses stays."""
    arms, bracket, behind = comparison.partition(" (sex ")
    told = re.sub(r"\w+", lambda word: study.label(word[0]) if word[0] in study.arms else word[0], arms)
    return told.replace(" − ", " against ") + bracket + behind


def of(question: Question, frame: pd.DataFrame) -> pd.DataFrame:
    """A model table's rows of one question."""
    return frame[frame[Contrasts.question] == question.key]


def asked_pair(question: Question, tables: Tables) -> pd.DataFrame:
    """The contrasts of the two arms the question names, wherever they stand among others."""
    rows = of(question, tables["contrasts"])
    return rows[rows[Contrasts.comparison] == f"{question.treated} − {question.control}"]


def main(question: Question, tables: Tables) -> pd.Series | None:
    """The contrast that answers: the overall one, or where there is none the first."""
    rows = asked_pair(question, tables)
    overall = rows[rows[Contrasts.by] == "overall"]
    chosen = overall if len(overall) else rows
    return chosen.iloc[0] if len(chosen) else None


def _ratio(found: pd.Series) -> str:
    """The ratio with its interval."""
    return phrases.ratio(found[Contrasts.ratio], found[Contrasts.ratio_lower], found[Contrasts.ratio_upper])


def _told(study: Study, question: Question, found: pd.Series) -> str:
    """Of what the ratio is, and p."""
    outcome = "threshold" if question.about_thresholds else f"{question.outcome} concentration"
    over = ", time average over the days after treatment" if found[Contrasts.by] == "overall" else ""
    return f"{study.label(question.treated)} against {study.label(question.control)}: {outcome}{over}; {_p(found)}."


def _p(found: pd.Series) -> str:
    """The p-value to be read: the adjusted one where there is a family."""
    adjusted = found[Contrasts.p_adjusted]
    if pd.isna(adjusted):
        return phrases.p_value(found[Contrasts.p])
    named = ADJUSTED.get(found[Contrasts.adjustment], found[Contrasts.adjustment])
    return f"{phrases.p_value(adjusted)} (adjusted, {named})"


def others(study: Study, question: Question, found: pd.Series, tables: Tables) -> tuple[str, ...]:
    """The time averages that the question asks for beside the main one: other arms, and each sex."""
    rows = of(question, tables["contrasts"])
    rows = rows[(rows[Contrasts.by] == "overall") & (rows[Contrasts.comparison] != found[Contrasts.comparison])]
    rows = rows[rows[Contrasts.estimate].notna()]
    return tuple(f"{_ratio(row)} {_p(row)}, {pair(study, row[Contrasts.comparison])}." for _, row in rows.iterrows())


def times(question: Question, tables: Tables) -> str:
    """In which weeks (or days) the interval leaves no doubt about the sign, and in which it does."""
    rows = asked_pair(question, tables)
    family = rows[(rows[Contrasts.by] == question.by) & rows[Contrasts.by].isin(["week", "day"])]
    if not question.about_thresholds or family[Contrasts.lower].isna().all():
        return ""
    unknown = family[Contrasts.lower].isna()
    clear = (family[Contrasts.lower] > 0) | (family[Contrasts.upper] < 0)
    doubtful = ~clear & ~unknown
    said = [
        f"{verb} in {_when(question, family[rows])}{tail}"
        for verb, rows, tail in (
            ("excludes a ratio of 1", clear, ""),
            ("includes it" if clear.any() else "includes a ratio of 1", doubtful, ", which is no proof of no effect"),
            ("could not be had", unknown, ""),
        )
        if rows.any()
    ]
    return f"The simultaneous interval {phrases.listed(said)}."


def _when(question: Question, rows: pd.DataFrame) -> str:
    """Weeks or days in words."""
    named = [f"{time:g}" for time in rows[Contrasts.time]]
    return f"{question.by}{'' if len(named) == 1 else 's'} {phrases.listed(named)}"


def animals(study: Study, question: Question, tables: Tables) -> str:
    """How many animals (or pools) stand behind the answer, and how many a day in each arm."""
    fits, means = of(question, tables["fits"]), of(question, tables["means"])
    if fits.empty or fits[Fits.n_animals].iloc[0] == 0:
        return "no animal entered a model"
    one, many = ("animal", "animals") if question.about_thresholds else ("animal or pool", "animals or pools")
    total = phrases.count(int(fits[Fits.n_animals].iloc[0]), one, many)
    by_arm = means.groupby(Means.arm, sort=False)[Means.n].agg(["min", "max"])
    arms = [
        f"n = {low}{f' to {high} a day' if high > low else ''} in {study.label(str(arm))}"
        for arm, (low, high) in zip(by_arm.index, by_arm.to_numpy().tolist(), strict=True)
    ]
    return f"{total}: {'; '.join(arms)}" if arms else total


def _cautions(question: Question, found: pd.Series, tables: Tables) -> tuple[str, ...]:
    """What to know before believing it: a fit that failed or fell to a limit, and the notes of contrast and fit."""
    fits = of(question, tables["fits"])
    # Structures that were tried and not chosen are no caution.
    fits = fits[fits[Fits.chosen] | (fits[Fits.engine] != "hindpaw")]
    said = [] if fits[Fits.converged].all() else ["A fit did not converge."]
    said += ["A variance was estimated at its limit, zero."] if fits[Fits.boundary].any() else []
    said += [_serial(fit) for _, fit in fits[fits[Fits.serial_p] < REMEMBERED].iterrows()]
    notes = [found[Contrasts.note], *fits[Fits.note]]
    return (*said, *dict.fromkeys(f"{note[:1].upper()}{note[1:]}." for note in notes if isinstance(note, str)))


def _serial(fit: pd.Series) -> str:
    """What the test of serial correlation found."""
    allowed = "" if "ar1" in fit[Fits.structure] else "; the structure cs+ar1 would allow for it"
    return (
        f"Residuals of neighbouring days are alike (correlation {phrases.number(fit[Fits.serial_rho], 2)} at the median gap, "
        f"likelihood-ratio {phrases.p_value(fit[Fits.serial_p])}){allowed}."
    )
