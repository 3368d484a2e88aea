"""What the first screen says of panels, days, associations, neutralization, dose responses and counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from hindpaw import phrases
from hindpaw.report import answers
from hindpaw.report.answers import Answer, of, p_cells, ratio_cell
from hindpaw.report.sections import Cell, Tables, Text, joined, text
from hindpaw.study import Question, Study
from hindpaw.tables import Association, Contrasts, Dose, Fits, Neutralization, Rates


@dataclass(frozen=True)
class Head:
    """The answer in large type, what stands below it, its p, and a ratio for the small picture."""

    head: Text
    told: Text
    p: Text = ""
    bar: tuple[float, float, float] | None = None


def answer(study: Study, question: Question, tables: Tables) -> Answer:
    """The first screen's entry of a question of these kinds."""
    found = HEADS[question.kind](study, question, tables)
    known = found is not None
    return Answer(
        key=question.key,
        asked=question.ask or f"{question.kind}: {question.key}",
        ratio=found.head if found else "",
        told=found.told if found else _why(question, tables),
        times="",
        animals=_animals(question, tables),
        cautions=_cautions(question, tables) if known else (),
        known=known,
        n=answers.counted(question, tables),
        p=found.p if found else "",
        bar=found.bar if found else None,
    )


def _why(question: Question, tables: Tables) -> str:
    """Why there is no answer, as the model says it."""
    notes = of(question, tables["fits"])[Fits.note].dropna()
    return str(notes.iloc[0]) if len(notes) else "not estimated"


def _in(table: str, row: pd.Series, *columns: str, words: str | None = None, digits: int = 3, scale: str = "") -> Cell:
    """A number of a row, by default of one column to so many digits."""
    told = phrases.number(row[columns[0]], digits) if words is None else words
    return Cell.of(row, table, told, *columns, scale=scale)


def _panel(study: Study, question: Question, tables: Tables) -> Head | None:
    """The span of the ratios, and each with its interval and p."""
    rows = of(question, tables["contrasts"])
    if rows[Contrasts.analyte].isna().all():
        return None
    told: list[Text] = [
        (f"{row[Contrasts.analyte]} ", ratio_cell(row), ", ", p_cells(row)[0])
        for _, row in rows[rows[Contrasts.p].notna()].iterrows()
    ]
    pair = f"{study.label(question.treated)} against {study.label(question.control)}"
    known = rows[rows[Contrasts.ratio].notna()]
    head: Text = "analytes compared"
    if len(known):
        ends = (known.loc[known[Contrasts.ratio].idxmin()], known.loc[known[Contrasts.ratio].idxmax()])
        low, high = (_in("contrasts", row, Contrasts.ratio) for row in ends)
        head = ("ratios from ", low, " to ", high)
    below = list(rows[Contrasts.analyte][rows[Contrasts.p_adjusted] < 0.05])
    verdict = f"The adjusted p-value (Benjamini–Hochberg) is below .05 for {phrases.listed(below) or 'none'}"
    doubt = (
        ""
        if len(below) == len(rows)
        else f"{'; for the others that is' if below else ', which is'} no proof of no effect"
    )
    return Head(head, joined([f"{pair}: ", joined(told), f". {verdict}{doubt}."], ""))


def _by_day(study: Study, question: Question, tables: Tables) -> Head | None:
    """The day with the largest ratio, and all of them."""
    rows = of(question, tables["contrasts"])
    known = rows[rows[Contrasts.p_adjusted].notna()]
    if known.empty:
        return None
    told: list[Text] = [(_day(row), ": ", ratio_cell(row), ", ", p_cells(row)[0]) for _, row in known.iterrows()]
    sized = known[known[Contrasts.estimate].notna()]
    first = sized.loc[sized[Contrasts.estimate].abs().idxmax()] if len(sized) else known.iloc[0]
    how = answers.ADJUSTED.get(first[Contrasts.adjustment], first[Contrasts.adjustment])
    pair = f"{question.outcome}, {study.label(question.treated)} against {study.label(question.control)}"
    said = joined([f"{pair} (p adjusted, {how}): ", joined(told), "."], "")
    head: Text = ("largest on ", _day(first), ": ", ratio_cell(first))
    return Head(head, said, p_cells(first)[:1], answers.bar(first))


def _day(row: pd.Series) -> Cell:
    """The day of a comparison."""
    return _in("contrasts", row, Contrasts.time, words=f"day {row[Contrasts.time]:g}")


def _association(study: Study, question: Question, tables: Tables) -> Head | None:
    """The slope within arms."""
    rows = of(question, tables["association"])
    rows = rows[rows[Association.arm] == "within arms"]
    if rows.empty:
        return None
    one = rows.iloc[0]
    limits = phrases.interval(one[Association.lower], one[Association.upper], 2)
    slope = f"{phrases.number(one[Association.slope], 2)} ({limits})"
    head: Text = (
        "slope within arms ",
        _in("association", one, Association.slope, Association.lower, Association.upper, words=slope),
    )
    p = _in("association", one, Association.p, words=phrases.p_value(one[Association.p]))
    told: Text = (
        f"log10 g for each tenfold {question.analyte}; ",
        p,
        "; partial rank correlation ",
        _in("association", one, Association.rank_correlation, digits=2),
        " (",
        _in("association", one, Association.rank_p, words=phrases.p_value(one[Association.rank_p])),
        "); without any one animal the slope lies between ",
        _in("association", one, Association.leave_one_out_lower, digits=2),
        " and ",
        _in("association", one, Association.leave_one_out_upper, digits=2),
        ". An association is no cause.",
    )
    return Head(head, told, (p,))


def _neutralization(study: Study, question: Question, tables: Tables) -> Head | None:
    """The reversed fraction and the interaction; without the full design antibody − IgG."""
    rows = of(question, tables["neutralization"])
    if rows.empty:
        return None
    fraction = rows[(rows[Neutralization.term] == "reversed fraction") & rows[Neutralization.estimate].notna()]
    if fraction.empty:
        return _antibody(rows.iloc[0])
    first = fraction.iloc[0]
    limits = [
        (f"{row[Neutralization.method]}: ", _in("neutralization", row, *LIMITS, words=_limits(row), scale="100 ×"))
        for _, row in fraction.iterrows()
    ]
    test = rows[rows[Neutralization.term] == "interaction"].iloc[0]
    share = _in(
        "neutralization",
        first,
        Neutralization.estimate,
        words=phrases.percent(first[Neutralization.estimate]),
        scale="100 ×",
    )
    p = _in("neutralization", test, Neutralization.p, words=phrases.p_value(test[Neutralization.p]))
    told = joined([*limits[1:], ("interaction treatment × antibody: ", p)])
    return Head(joined([(share, " of the effect reversed ("), limits[0], ")"], ""), joined([told, "."], ""), (p,))


LIMITS = (Neutralization.lower, Neutralization.upper)


def _antibody(row: pd.Series) -> Head:
    """What there is to say where nothing tells which share is reversed."""
    numbers = tuple(float(10 ** row[name]) for name in (Neutralization.estimate, *LIMITS))
    ratio = _in("neutralization", row, Neutralization.estimate, *LIMITS, words=phrases.ratio(*numbers), scale="10^")
    p = _in("neutralization", row, Neutralization.p, words=phrases.p_value(row[Neutralization.p]))
    return Head((ratio,), ("Antibody against IgG; ", p, "."), (p,), (numbers[0], numbers[1], numbers[2]))


def _limits(row: pd.Series) -> str:
    """An interval of a fraction, or why it is none."""
    low, high = row[Neutralization.lower], row[Neutralization.upper]
    if pd.isna(low) or pd.isna(high):
        return text(row[Neutralization.note]) or "unbounded"
    return f"95 % CI {phrases.percent(low)} to {phrases.percent(high)}"


def _dose(study: Study, question: Question, tables: Tables) -> Head | None:
    """ED50 and the trend."""
    rows = of(question, tables["dose"])
    if rows.empty:
        return None
    one = rows[(rows[Dose.parameter] == "ed50")].iloc[0]
    trend = rows[rows[Dose.parameter] == "trend"].iloc[0]
    found = "not found" if pd.isna(one[Dose.estimate]) else f"{phrases.number(one[Dose.estimate], 2)} {one[Dose.unit]}"
    low = "no lower limit" if pd.isna(one[Dose.lower]) else phrases.number(one[Dose.lower], 2)
    high = "no upper limit" if pd.isna(one[Dose.upper]) else phrases.number(one[Dose.upper], 2)
    ed50 = _in("dose", one, Dose.estimate, Dose.lower, Dose.upper, words=f"{found} (95 % CI {low} to {high})")
    p = _in("dose", trend, Dose.p, words=phrases.p_value(trend[Dose.p]))
    told = joined([("Trend over doses: ", p, "."), *answers.noted(dose=[one])], " ")
    return Head(("ED50 ", ed50), told, (p,))


def _counts(study: Study, question: Question, tables: Tables) -> Head | None:
    """The rate ratios."""
    rows = of(question, tables["rates"])
    known = rows[rows[Rates.p].notna()]
    if known.empty:
        return None
    columns = (Rates.rate_ratio, Rates.lower, Rates.upper)
    told: list[Text] = []
    for _, row in known.iterrows():
        ratio = _in("rates", row, *columns, words=phrases.ratio(*(row[name] for name in columns)))
        told.append(
            (f"{row[Rates.term]}: ", ratio, ", ", _in("rates", row, Rates.p, words=phrases.p_value(row[Rates.p])))
        )
    rest = (
        joined([f"{question.outcome}; ", joined(told[1:]), "."], "")
        if told[1:]
        else f"{question.outcome}; no other term."
    )
    return Head(told[0], rest)


HEADS: dict[str, Any] = {
    "panel": _panel,
    "by-day": _by_day,
    "association": _association,
    "neutralization": _neutralization,
    "dose-response": _dose,
    "counts": _counts,
}


def _animals(question: Question, tables: Tables) -> Text:
    """How many animals stand behind it."""
    fits = of(question, tables["fits"])
    if fits.empty or not fits[Fits.n_animals].iloc[0]:
        return "no animal entered a model"
    many = "animal or pool" if fits[Fits.n_animals].iloc[0] == 1 else "animals or pools"
    return joined([answers.counted(question, tables), f" {many}"], "")


def _cautions(question: Question, tables: Tables) -> tuple[Text, ...]:
    """The notes of the fit, and of the association."""
    rows = {name: [row for _, row in of(question, tables[name]).iterrows()] for name in ("fits", "association")}
    return tuple(answers.noted(**rows))
