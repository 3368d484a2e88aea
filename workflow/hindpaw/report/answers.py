"""What the report says first of each question: what was asked, the answer, how sure, of how many animals."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from hindpaw import phrases
from hindpaw.report.sections import Cell, Tables, Text, joined, plain
from hindpaw.study import Question, Study
from hindpaw.tables import Contrasts, Fits, Means

# Below this p of the likelihood-ratio test neighbouring days count as alike beyond what the animal explains.
REMEMBERED = 0.05
NO_PROOF = ", which is no proof of no effect"
RATIO = (Contrasts.ratio, Contrasts.ratio_lower, Contrasts.ratio_upper)
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
    """One question on the first screen, each field a sentence or a part of one; `bar` is a ratio with its limits."""

    key: str
    asked: str
    ratio: Text
    told: Text
    times: Text
    animals: Text
    cautions: tuple[Text, ...]
    known: bool
    others: tuple[Text, ...] = ()
    levels: Text = ""
    how_sure: tuple[Text, ...] = ()
    n: Text = ""
    p: Text = ""
    bar: tuple[float, float, float] | None = None


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
        ratio=(ratio_cell(found),) if known else "",
        told=_told(study, question, found) if known else why,
        others=others(study, question, found, tables) if known else (),
        times=times(question, tables) if known else "",
        levels=levels(study, question, tables) if known else "",
        animals=animals(study, question, tables),
        how_sure=second_engines(question, tables) if known else (),
        cautions=_cautions(question, found, tables) if known else (),
        known=known,
        n=counted(question, tables),
        p=p_cells(found)[:1] if known else "",
        bar=bar(found) if known else None,
    )


def brief(study: Study, question: Question, tables: Tables) -> str:
    """The answer of a comparison in one line, for those who cannot see its figure."""
    found = main(question, tables)
    if found is None or pd.isna(found[Contrasts.estimate]):
        return "not estimated"
    return f"{ratio_cell(found).words} {plain(_told(study, question, found))}"


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


def ratio_cell(row: pd.Series) -> Cell:
    """The ratio of a contrast with its interval, or the one limit that is known."""
    ratio, low, high = (row[name] for name in RATIO)
    if pd.isna(ratio) and not pd.isna(low):
        return Cell.of(row, "contrasts", f"at least {phrases.number(low)} times", Contrasts.ratio_lower)
    if pd.isna(ratio) and not pd.isna(high):
        return Cell.of(row, "contrasts", f"at most {phrases.number(high)} times", Contrasts.ratio_upper)
    return Cell.of(row, "contrasts", phrases.ratio(ratio, low, high), *RATIO)


def bar(row: pd.Series) -> tuple[float, float, float] | None:
    """The ratio and its limits, for a small picture; nothing where one is open."""
    numbers = tuple(float(row[name]) for name in RATIO)
    return None if any(map(math.isnan, numbers)) else (numbers[0], numbers[1], numbers[2])


def _told(study: Study, question: Question, found: pd.Series) -> Text:
    """Of what the ratio is, and p."""
    outcome = "threshold" if question.about_thresholds else f"{question.outcome} concentration"
    over = ", time average over the days after treatment" if found[Contrasts.by] == "overall" else ""
    arms = f"{study.label(question.treated)} against {study.label(question.control)}"
    return (f"{arms}: {outcome}{over}; ", *p_cells(found), ".")


def p_cells(found: pd.Series) -> tuple[str | Cell, ...]:
    """The p-value to be read: the adjusted one where there is a family."""
    adjusted = found[Contrasts.p_adjusted]
    if pd.isna(adjusted):
        return (Cell.of(found, "contrasts", phrases.p_value(found[Contrasts.p]), Contrasts.p),)
    named = ADJUSTED.get(found[Contrasts.adjustment], found[Contrasts.adjustment])
    return Cell.of(found, "contrasts", phrases.p_value(adjusted), Contrasts.p_adjusted), f" (adjusted, {named})"


def others(study: Study, question: Question, found: pd.Series, tables: Tables) -> tuple[Text, ...]:
    """The time averages that the question asks for beside the main one: other arms, and each sex."""
    rows = of(question, tables["contrasts"])
    rows = rows[(rows[Contrasts.by] == "overall") & (rows[Contrasts.comparison] != found[Contrasts.comparison])]
    rows = rows[rows[Contrasts.estimate].notna()]
    return tuple(
        (f"{pair(study, row[Contrasts.comparison])}: ", ratio_cell(row), "; ", *p_cells(row), ".")
        for _, row in rows.iterrows()
    )


def times(question: Question, tables: Tables) -> Text:
    """In which weeks (or days) the interval leaves no doubt about the sign, and in which it does."""
    rows = asked_pair(question, tables)
    family = rows[(rows[Contrasts.by] == question.by) & rows[Contrasts.by].isin(["week", "day"])]
    if not question.about_thresholds or family[Contrasts.lower].isna().all():
        return ""
    unknown = family[Contrasts.lower].isna()
    clear = (family[Contrasts.lower] > 0) | (family[Contrasts.upper] < 0)
    doubtful = ~clear & ~unknown
    said = [
        (f"{verb} in ", *_when(question, family[chosen]), tail)
        for verb, chosen, tail in (
            ("excludes a ratio of 1", clear, ""),
            ("includes it" if clear.any() else "includes a ratio of 1", doubtful, NO_PROOF),
            ("could not be had", unknown, ""),
        )
        if chosen.any()
    ]
    return joined(["The simultaneous interval ", listed(said), "."], "")


def _when(question: Question, rows: pd.DataFrame) -> tuple[str | Cell, ...]:
    """Weeks or days in words."""
    named: list[Text] = [
        (Cell.of(row, "contrasts", f"{row[Contrasts.time]:g}", Contrasts.time),) for _, row in rows.iterrows()
    ]
    return f"{question.by}{'' if len(named) == 1 else 's'} ", *listed(named)


def listed(parts: Sequence[Text]) -> tuple[str | Cell, ...]:
    """Several in a row as a sentence has them."""
    told = joined([joined(parts[:-1], ", "), parts[-1]], " and ") if len(parts) > 1 else joined(parts)
    return (told,) if isinstance(told, str) else told


def levels(study: Study, question: Question, tables: Tables) -> Text:
    """What the ratio means in g or pg/ml: each arm's mean on its first and its last day."""
    unit = "g" if question.about_thresholds else "pg/ml"
    rows = of(question, tables["means"])
    said = [_level(study, str(arm), mine, unit) for arm, mine in rows.groupby(Means.arm, sort=False)]
    return joined(["Geometric means: ", joined([told for told in said if told]), "."], "") if any(said) else ""


def _level(study: Study, arm: str, rows: pd.DataFrame, unit: str) -> Text:
    """One arm's means."""
    known = rows[rows[Means.geometric_mean].notna()].sort_values(Means.day, kind="stable")
    ends = known.iloc[[0, -1] if len(known) > 1 else [0]] if len(known) else known
    told: list[Text] = []
    for _, row in ends.iterrows():
        mean = f"{phrases.number(row[Means.geometric_mean])} {unit} on day {row[Means.day]:g}"
        told.append((Cell.of(row, "means", mean, Means.geometric_mean, Means.day),))
    return joined([f"{study.label(arm)} ", joined(told, ", ")], "") if told else ""


def counted(question: Question, tables: Tables) -> Text:
    """How many animals (or pools) entered the model."""
    fits = of(question, tables["fits"])
    return (
        (Cell.of(fits.iloc[0], "fits", str(int(fits[Fits.n_animals].iloc[0])), Fits.n_animals),) if len(fits) else "0"
    )


def animals(study: Study, question: Question, tables: Tables) -> Text:
    """How many animals (or pools) stand behind the answer, and how many a day in each arm."""
    fits, means = of(question, tables["fits"]), of(question, tables["means"])
    if fits.empty or fits[Fits.n_animals].iloc[0] == 0:
        return "no animal entered a model"
    one, many = ("animal", "animals") if question.about_thresholds else ("animal or pool", "animals or pools")
    total = joined([counted(question, tables), f" {one if fits[Fits.n_animals].iloc[0] == 1 else many}"], "")
    arms = [_of_arm(study, str(arm), mine) for arm, mine in means.groupby(Means.arm, sort=False)]
    return joined([total, joined(arms)], ": ") if arms else total


def _of_arm(study: Study, arm: str, rows: pd.DataFrame) -> Text:
    """How many of one arm there were, on the day with the fewest and on the day with the most."""
    least, most = rows.loc[rows[Means.n].idxmin()], rows.loc[rows[Means.n].idxmax()]
    few, many = (Cell.of(row, "means", str(row[Means.n]), Means.n) for row in (least, most))
    spread: tuple[str | Cell, ...] = (" to ", many, " a day") if many.words != few.words else ()
    return ("n = ", few, *spread, f" in {study.label(arm)}")


def second_engines(question: Question, tables: Tables) -> tuple[Text, ...]:
    """How far the fits of other software differ."""
    rows = of(question, tables["fits"])
    rows = rows[rows[Fits.largest_difference].notna()]
    return tuple(
        (
            f"Fitted again with {row[Fits.engine]}: estimates differ by at most ",
            Cell.of(row, "fits", phrases.order_of(row[Fits.largest_difference]), Fits.largest_difference),
            " (log10).",
        )
        for _, row in rows.iterrows()
    )


def _cautions(question: Question, found: pd.Series, tables: Tables) -> tuple[Text, ...]:
    """What to know before believing it: a fit that failed or fell to a limit, and the notes of contrast and fit."""
    fits = of(question, tables["fits"])
    # Structures that were tried and not chosen are no caution.
    fits = fits[fits[Fits.chosen] | (fits[Fits.engine] != "hindpaw")]
    said: list[Text] = [] if fits[Fits.converged].all() else ["A fit did not converge."]
    said += ["A variance was estimated at its limit, zero."] if fits[Fits.boundary].any() else []
    said += [_serial(fit) for _, fit in fits[fits[Fits.serial_p] < REMEMBERED].iterrows()]
    return (*said, *noted(contrasts=[found], fits=[row for _, row in fits.iterrows()]))


def noted(**rows: list[pd.Series]) -> list[Text]:
    """The notes of rows of tables as sentences, each once."""
    said: dict[str, Text] = {}
    for table, each in rows.items():
        for row in each:
            note = row["note"]
            if isinstance(note, str):
                told = f"{note[:1].upper()}{note[1:].rstrip('.')}."
                said.setdefault(told, (Cell.of(row, table, told, "note"),))
    return list(said.values())


def _serial(fit: pd.Series) -> Text:
    """What the test of serial correlation found."""
    allowed = "" if "ar1" in fit[Fits.structure] else "; the structure cs+ar1 would allow for it"
    return (
        "Residuals of neighbouring days are alike (correlation ",
        Cell.of(fit, "fits", phrases.number(fit[Fits.serial_rho], 2), Fits.serial_rho),
        " at the median gap, likelihood-ratio ",
        Cell.of(fit, "fits", phrases.p_value(fit[Fits.serial_p]), Fits.serial_p),
        f"){allowed}.",
    )
