"""What the models assume and whether the data agree; changes from baseline; flow, series and published figures."""

from __future__ import annotations

import re

import pandas as pd

from hindpaw import phrases
from hindpaw.report.sections import Cell, Figure, Grid, Section, Tables, Text, joined, text
from hindpaw.study import Question, Study
from hindpaw.tables import Assumptions, Changes, Claims, Reproductions

METHODS = (
    "Assumptions of each mixed model were tested: residuals (whitened by the Cholesky factor of their covariance; "
    "Houseman, Ryan and Coull 2004) and predicted intercepts by Shapiro–Wilk; equal residual variances over weeks and over arms "
    "and no serial correlation by restricted likelihood ratios; sphericity by Mauchly’s test with ε of Greenhouse–Geisser "
    "and Huynh–Feldt; the scale by the profile of the power λ of Box and Cox in the mixed model "
    "(Gurka et al., J R Stat Soc A 2006;169:273-288)."
)


def sections(study: Study, tables: Tables) -> list[Section]:
    """A folded section for each question about thresholds; the flow, the series and the published figures."""
    asked = [question for question in study.questions.values() if question.about_thresholds]
    found = [section for question in asked for section in _of_question(study, question, tables)]
    return [*found, _data(study), *_reproduced(study, tables)]


def _of_question(study: Study, question: Question, tables: Tables) -> list[Section]:
    """Change from baseline, and what the model assumes."""
    tests = tables["assumptions"]
    tests = tests[tests[Assumptions.question] == question.key]
    changes = tables["changes"]
    estimates = changes[(changes[Changes.question] == question.key) & (changes[Changes.what] == "estimate")]
    made = []
    if len(estimates):
        made.append(
            Section(
                "Change from baseline", question=question.key, blocks=[_change(study, question, estimates)], folded=True
            )
        )
    if len(tests):
        assumed = Section(
            "What the model assumes",
            question=question.key,
            blocks=[_diagnostics(study, question), _grid(tests)],
            how_sure=_verdict(tests),
            methods=[METHODS],
            folded=True,
        )
        made.append(assumed)
    return made


def _simulated(study: Study) -> str:
    """What an alternative text begins with where nothing was measured."""
    return "Simulated data. " if study.simulated else ""


def _change(study: Study, question: Question, estimates: pd.DataFrame) -> Figure:
    """The figure of changes."""
    last = estimates.sort_values(Changes.day).drop_duplicates(Changes.arm, keep="last")
    told = "; ".join(
        f"{study.label(str(row.arm))}, day {row.day:g}: {phrases.number(row.ratio)} times its baseline"
        for row in last.itertuples()
    )
    methods = phrases.listed(list(dict.fromkeys(estimates[Changes.method])))
    caption = (
        f"Thresholds as ratios to those of day {estimates[Changes.baseline_day].iloc[0]:g}. Faint lines are single mice, "
        f"triangles what is known only to lie beyond; full symbols are estimates with 95 % confidence intervals ({methods})."
    )
    return Figure(f"change_{question.key}", f"{_simulated(study)}Change from baseline. {told}.", caption)


def _diagnostics(study: Study, question: Question) -> Figure:
    """The figure of residuals."""
    alt = f"{_simulated(study)}Residuals of the model, as the table below tests them."
    caption = (
        "Residuals against fitted means; whitened residuals and predicted intercepts in order against quantiles of a normal "
        "(bands hold 95 % of each point by itself); whitened residuals over days; their correlation by test days apart "
        "(grey: 95 % by chance). Open symbols are thresholds that entered at a limit. A whitened residual is what an animal’s "
        "earlier days do not predict, in standard deviations."
    )
    return Figure(f"diagnostics_{question.key}", alt, caption)


def _verdict(tests: pd.DataFrame) -> list[Text]:
    """What the tests say, in one sentence; a p above .05 proves no assumption."""
    # The model takes logarithms; that grams do not suit the data speaks for it.
    tested = tests[tests[Assumptions.p].notna() & ~tests[Assumptions.test].str.contains("raw grams")]
    if tested.empty:
        return []
    against = tested[tested[Assumptions.p] < 0.05]
    if against.empty:
        least = tested.loc[tested[Assumptions.p].idxmin()]
        cell = Cell.of(least, "assumptions", phrases.p_value(least[Assumptions.p]), Assumptions.p)
        return [("No test speaks against what the model assumes (the smallest, ", cell, "), which does not prove it.")]
    said = [
        (
            f"{row[Assumptions.assumption]} (",
            Cell.of(row, "assumptions", phrases.p_value(row[Assumptions.p]), Assumptions.p),
            ")",
        )
        for _, row in against.iterrows()
    ]
    return [joined(["Tests speak against what the model assumes: ", joined(said, ", "), "."], "")]


def _grid(tests: pd.DataFrame) -> Grid:
    """Every test in a table."""
    heads = ["assumption", "test", "statistic", "df", "p", "estimate (95 % limits)", "n", "note"]
    rows = []
    for row in tests.itertuples():
        numbers = [row.statistic, row.num_df]
        rows.append(
            [
                row.assumption if pd.isna(row.lag) else f"{row.assumption}, lag {row.lag:g}",
                row.test,
                *("" if pd.isna(value) else phrases.number(value) for value in numbers),
                "" if pd.isna(row.p) else phrases.p_value(row.p),
                _estimate(row.estimate, (row.lower, row.upper)),
                str(row.n),
                text(row.note),
            ]
        )
    grid = Grid("Tests of what the model assumes", heads, rows, "assumptions", list(tests.index))
    return grid.without_empty()


def _estimate(value: float, limits: tuple[float, float]) -> str:
    """A number and its limits in one cell, so that the table fits on paper."""
    told = "" if pd.isna(value) else phrases.number(value, 2)
    ends = "" if all(map(pd.isna, limits)) else f"({' to '.join(phrases.number(end, 2) for end in limits)})"
    return f"{told} {ends}".strip()


def _data(study: Study) -> Section:
    """The flow of animals and the series of responses; figures that were not drawn are passed over."""
    flow = (
        "A lane for each arm: animals allocated, kept, and tested on each day; below a number, how many of them stood at a "
        "limit of the filaments (○), were set aside (!) or not tested (?)."
    )
    series = (
        "A box for each mouse and session: its responses from left to right at the height of the filament, X dark, O pale. "
        "After an X the next filament is lighter, after an O heavier; what departs from that was mistyped. Hatched boxes were "
        "set aside; the ledger says why."
    )
    figures = []
    for paw in ("ipsilateral", "contralateral", "animals"):
        alt = f"{_simulated(study)}How many animals of each arm were tested on each day."
        figures.append(Figure(f"flow_{paw}", alt, flow))
    for paw in ("ipsilateral", "contralateral"):
        for page in ("", *(f"_{number}" for number in range(2, 40))):
            alt = f"{_simulated(study)}Every series of responses, {paw} paw; the table trials holds them."
            figures.append(Figure(f"strings_{paw}{page}", alt, series))
    return Section("Flow of animals and series of responses", "data", blocks=figures, folded=True)


def _reproduced(study: Study, tables: Tables) -> list[Section]:
    """Published figures drawn again from these data."""
    rows, figures = tables["reproductions"], []
    for shown in study.reproduce.values():
        mine = rows[rows[Reproductions.reproduction] == shown.key]
        told = "; ".join(
            f"{study.label(str(row.arm))}, day {row.day:g}: {phrases.number(row.mean)} ± {phrases.number(row.sem)} {row.unit}"
            for row in mine.itertuples()
        )
        legend = f" The legend says: {shown.legend}." if shown.legend else ""
        caption = (
            f"{shown.locator}, drawn again from {'simulated' if study.simulated else 'these'} data; the axes are ours.{legend} "
            "Left: mean ± SEM, censored values at their limit, as papers print it. Right: every animal, geometric mean and 95 % "
            "confidence interval (t, each group and day by itself)."
        )
        figures.append(Figure(f"reproduction_{shown.key}", f"{_simulated(study)}Mean ± SEM. {told}.", caption))
    if not figures:
        return []
    return [Section("Published figures drawn again", "claims", blocks=[*figures, *_not_drawn(study, tables)])]


def panels(locator: str) -> list[str]:
    """The panels that a place in a paper names.

    >>> panels("Figure 5C, legend"), panels("Chen et al. 2015, Fig. 5B"), panels("Abstract")
    (['5C'], ['5B'], [])
    """
    return re.findall(r"\bFig(?:ure|\.)? (\d+[A-Z])\b", locator)


def _not_drawn(study: Study, tables: Tables) -> list[str]:
    """The panels of which claims are made and that are not drawn again, by name."""
    drawn = {panel for shown in study.reproduce.values() for panel in panels(shown.locator)}
    told = {panel for locator in tables["claims"][Claims.locator].dropna() for panel in panels(str(locator))}
    missing = [f"Figure {panel}" for panel in sorted(told - drawn)]
    if not missing:
        return []
    return [
        f"Not drawn again: {phrases.listed(missing)}. The study file names no question of this study whose groups and days "
        "they show, so there are no values to draw; what the paper says of them stands among the claims."
    ]
