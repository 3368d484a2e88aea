"""What the report says of a question, from tables of a few rows written by hand."""

from __future__ import annotations

import dataclasses
import math

import pandas as pd
import pytest
from hindpaw import tables
from hindpaw.report import answers, books, captions, grids
from hindpaw.report.page import harmless
from hindpaw.report.sections import plain
from hindpaw.tables import Animals, Contrasts, Effects, Fates, Findings, Fits, Ledger, Means, Thresholds

NAN = math.nan


def made(model, *rows):
    """A table from rows that name only what matters; other numbers are empty, other texts a dash."""
    texts = set(tables.text_columns(model))
    frame = pd.DataFrame([{name: row.get(name) for name in tables.columns(model)} for row in rows])
    for name, spec in model.to_schema().columns.items():
        if not spec.nullable:
            frame[name] = frame[name].fillna("-" if name in texts else 0)
    return tables.shaped(frame, model)


def contrast(by, time, low, high, comparison="bmsc − vehicle", **more):
    """A contrast by the limits of its ratio."""
    lower, upper = math.log10(low), math.log10(high)
    estimate = (lower + upper) / 2
    row = dict(question="relief", comparison=comparison, by=by, time=time, estimate=estimate, lower=lower, upper=upper)
    row |= dict(ratio=10**estimate, ratio_lower=low, ratio_upper=high, p=0.01, t=3.0, df=10.0, adjustment="none")
    return row | more


FIT = dict(
    question="relief", engine="hindpaw", structure="cs", formula="log10 threshold ~ arm × day + baseline",
    n_animals=12, n_observations=60, n_substituted=2, converged=True, boundary=False, chosen=True,
)  # fmt: skip
WEEKS = [
    contrast("week", 1, 2, 8, p_adjusted=0.004, adjustment="holm", family="relief by week (3)"),
    contrast("week", 2, 0.5, 2, p_adjusted=0.9, adjustment="holm", family="relief by week (3)"),
    contrast("week", 3, 1.5, 6, p_adjusted=0.02, adjustment="holm", family="relief by week (3)"),
]


@pytest.fixture
def question(demo):
    """The demo's first question."""
    return demo.questions["relief"]


@pytest.fixture
def study(demo, question):
    """A study that asks only it."""
    return dataclasses.replace(demo, questions={"relief": question}, plates=())


@pytest.fixture
def written():
    """Its tables."""
    empty = {name: tables.empty(model) for name, model in tables.TABLES.items()}
    return empty | {
        "contrasts": made(Contrasts, *WEEKS, contrast("overall", NAN, 1.25, 5)),
        "fits": made(Fits, FIT, FIT | dict(engine="statsmodels", largest_difference=3.6e-9)),
        "effects": made(Effects, dict(question="relief", term="arm", num_df=1, method="Type III F, Kenward–Roger")),
        "means": made(
            Means,
            dict(question="relief", arm="vehicle", day=7, n=6, geometric_mean=0.1, lower=-1.2, upper=-0.8),
            dict(question="relief", arm="bmsc", day=7, n=6, geometric_mean=0.4, lower=-0.6, upper=-0.2),
            dict(question="relief", arm="bmsc", day=14, n=5),
        ),
        "thresholds": made(
            Thresholds,
            dict(animal="1", arm="bmsc", paw="ipsilateral", method="exact", n_trials=6, censored="none"),
            dict(animal="2", arm="sham", paw="ipsilateral", method="reading", n_trials=1, censored="none"),
        ),
    }


def test_the_answer_is_ratio_and_interval_then_p(study, question, written):
    found = answers.answer(study, question, written)
    assert plain(found.ratio) == "2.5 times (95 % CI 1.25 to 5)"
    assert plain(found.told) == (
        "CCI + BMSC 2.5×10⁵ against CCI + vehicle: threshold, time average over the days after treatment; p = .010."
    )
    assert plain(found.animals) == "12 animals: n = 6 in CCI + vehicle; n = 5 to 6 a day in CCI + BMSC 2.5×10⁵"


def test_the_answer_is_of_the_pair_that_was_asked_wherever_it_stands(study, question, written):
    other = contrast("overall", NAN, 100, 400, comparison="sham − vehicle")
    mixed = made(Contrasts, other, contrast("week", 9, 7, 9, comparison="sham − vehicle"), *WEEKS,
                 contrast("overall", NAN, 1.25, 5))  # fmt: skip
    found = answers.answer(study, question, written | {"contrasts": mixed})
    assert plain(found.ratio).startswith("2.5 times")
    assert "9" not in plain(found.times)


def test_weeks_are_told_by_their_interval_and_doubt_is_no_absence(study, question, written):
    told = plain(answers.answer(study, question, written).times)
    assert told == (
        "The simultaneous interval excludes a ratio of 1 in weeks 1 and 3 and includes it in week 2, which is no proof of no effect."
    )
    doubtful = written["contrasts"].assign(lower=-1.0, upper=1.0)
    told = plain(answers.answer(study, question, written | {"contrasts": doubtful}).times)
    assert told.endswith("includes a ratio of 1 in weeks 1, 2 and 3, which is no proof of no effect.")


def test_a_week_that_could_not_be_estimated_is_named(study, question, written):
    lost = dict(question="relief", comparison="bmsc − vehicle", by="week", time=4.0, adjustment="holm")
    frame = made(Contrasts, *WEEKS, lost | dict(note="not estimable: an arm was not tested on day 28"))
    found = answers.answer(study, question, written | {"contrasts": frame})
    assert "could not be had in week 4" in plain(found.times)
    row = grids.contrasts(study, question, written | {"contrasts": frame}).rows[-1]
    assert row[:2] == ["week 4", "not estimated"]
    assert row[-1] == "not estimable: an arm was not tested on day 28"
    assert "nan" not in " ".join(row)


def test_a_fit_that_failed_or_fell_to_a_limit_is_said_with_the_answer(study, question, written):
    bad = written | {"fits": made(Fits, FIT | dict(converged=False, boundary=True, note="baseline: day 3"))}
    cautions = tuple(map(plain, answers.answer(study, question, bad).cautions))
    assert cautions == ("A fit did not converge.", "A variance was estimated at its limit, zero.", "Baseline: day 3.")
    assert ["state", "did not converge"] in grids.fits(study, question, bad).rows


def test_a_question_without_a_contrast_has_an_answer_that_says_so(study, question, written):
    found = answers.answer(
        study, question, written | {"contrasts": tables.empty(Contrasts), "fits": tables.empty(Fits)}
    )
    assert (found.known, found.told, found.animals) == (False, "not estimated", "no animal entered a model")


def test_captions_print_what_the_tables_say_and_not_what_is_usual(study, question, written):
    told = plain(captions.caption(study, question, "time_course", written))
    assert "a random intercept for each animal (structure cs), for a mouse of average baseline" in told
    assert "maximum likelihood on the real log forces (exact)" in told
    assert "reading" not in told  # that arm is not in the question
    assert told.endswith("12 animals, 60 values, 2 of them at a limit.")
    assert "adjusted by Holm over the weeks" in plain(captions.caption(study, question, "effects", written))
    bare = FIT | dict(structure="ar1", formula="log10 threshold ~ arm × day", n_substituted=0)
    otherwise = written | {
        "fits": made(Fits, bare),
        "effects": made(Effects, dict(question="relief", term="arm", num_df=1, method="Type III F, Satterthwaite")),
        "contrasts": written["contrasts"].assign(adjustment="bonferroni"),
    }
    told = plain(captions.caption(study, question, "time_course", otherwise))
    assert "structure ar1" in told
    assert "average baseline" not in told
    assert "Satterthwaite" in told
    assert "limit" not in told.split("Thresholds:")[1]
    assert "adjusted by Bonferroni" in plain(captions.caption(study, question, "effects", otherwise))


def test_a_figure_without_a_model_says_why(study, question, written):
    refused = made(Fits, FIT | dict(n_animals=0, n_observations=0, note="not estimated: one arm is empty"))
    told = plain(captions.caption(study, question, "effects", written | {"fits": refused}))
    assert told == "No model stands behind this figure: not estimated: one arm is empty."


def test_who_cannot_see_a_figure_is_told_its_numbers(study, question, written):
    told = captions.alternative(study, question, "effects", written)
    assert told.startswith("Simulated data. Ratios by time. week 1: 4 times (95 % CI 2 to 8); week 2:")
    assert "CCI + vehicle: day 7 0.1 g" in captions.alternative(study, question, "time_course", written)


def test_methods_tell_only_what_was_done(study, written):
    told = " ".join(captions.methods(study, written))
    assert "(exact; Dixon 1980" in told
    assert "(dixon" not in told
    assert "Welch" not in told
    assert "lab computed" in told
    assert "device" not in told
    assert captions.methods(study, {name: tables.empty(model) for name, model in tables.TABLES.items()}) == []


def test_means_without_a_value_say_so_once(study, question, written):
    assert [row[-1] for row in grids.means(study, question, written).rows] == [
        "0.1 g (95 % CI 0.0631 to 0.158)", "0.4 g (95 % CI 0.251 to 0.631)", "not estimated",
    ]  # fmt: skip


LEDGER = [
    dict(source="a!1", fate="used", table="trials"),
    dict(source="a!2", fate="used", table="wells"),
    dict(source="a!3", fate="excluded", table="trials"),
    dict(source="a!4", fate="quarantined", reason="no such filament", table="trials"),
    dict(source="a!5", fate="used", table="counts"),
]


def test_both_sums_of_the_books_are_printed_in_numbers():
    fates = made(Fates, dict(source="a!1", fate="estimated"), dict(source="a!2", fate="rejected_curve"))
    kept = books.books({"ledger": made(Ledger, *LEDGER), "fates": fates})
    assert kept.sums[0] == "5 raw data = 3 used + 1 excluded + 1 quarantined + 0 blank: adds up."
    assert kept.sums[1] == (
        "2 used for thresholds and concentrations = 1 estimated + 1 rejected curve: adds up. "
        "A further 1 used datum is listed and not measured."
    )
    assert ["trials", "excluded", "1", "no reason given", "a!3"] in kept.aside.rows
    assert kept.grid.rows[-1] == ["all tables", "3", "1", "1", "0", "5"]


def test_books_that_do_not_balance_are_never_said_to():
    fates = made(Fates, dict(source="a!1", fate="estimated"), dict(source="elsewhere", fate="censored"))
    assert "does NOT add up" in books.books({"ledger": made(Ledger, *LEDGER), "fates": fates}).sums[1]


def test_no_animal_is_missing_from_the_flow(study, written):
    animals = made(
        Animals,
        dict(animal="1", arm="bmsc", excluded=False),
        dict(animal="2", arm="bmsc", excluded=True),
        dict(animal="3", excluded=False, left_day=7),
        dict(animal="4", arm="unheard of", excluded=False),
    )
    frame = written | {"animals": animals}
    rows = {row[0]: row[1:] for row in books.flow(study, frame).rows}
    assert rows["all arms"] == ["4", "1", "1", "2", "0"]
    assert rows["arm not settled"][0] == rows["arm not in the study file"][0] == "1"
    assert [row[:3] for row in books.gone(frame).rows] == [
        ["2", "excluded", "no reason given"], ["3", "left, last day 7", "no reason given"],
    ]  # fmt: skip


def test_findings_are_shown_gravest_first_whatever_their_order():
    frame = made(Findings, *(dict(severity=grave, what=grave) for grave in ("note", "error", "warning", "error")))
    found = books.findings({"findings": frame})
    assert [one["severity"] for one in found] == ["error", "error", "warning", "note"]
    assert [one["number"] for one in found] == [1, 2, 3, 4]


@pytest.mark.parametrize("turning", ["\u202e", "\u202d", "\u2066", "\u2067", "\u2068", "\x00", "\x1b"])
def test_a_label_cannot_turn_the_numbers_after_it(turning):
    assert harmless(f"BMSC{turning} 4.71") == "BMSC\ufffd 4.71"
