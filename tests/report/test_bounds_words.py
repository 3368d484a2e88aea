"""What the report says of bounds, of no effect and of missing mice."""

from __future__ import annotations

import pytest
from hindpaw.report import bounds, equivalence, tipping
from hindpaw.report.sections import plain


def sentences(sections, key):
    """Every sentence of a question's sections, and of its card."""
    mine = [section for section in sections if section.question == key]
    told = [block for section in mine for block in section.blocks if isinstance(block, str | tuple)]
    return [plain(one) for one in told], [plain(one) for section in mine for one in [*section.how_sure, *section.worry]]


def test_a_question_with_few_censored_values_says_what_bounds_would_give(demo, everything):
    words, card = sentences(bounds.sections(demo, everything), "relief")
    n = everything["censored_fits"].set_index("question").loc["relief"]
    assert words[0].startswith(f"2 of {n['n_observations']} values ({100 * n['censored_share']:.1f} %)")
    assert "stands beside the question's answer" in words[0]
    assert "taken as bounds they give a ratio of" in card[0]


@pytest.fixture
def primary(everything):
    """The same tables where the interval-censored model answers."""
    changed = {name: everything[name].assign(primary=True) for name in ("censored_fits", "censored_contrasts")}
    return {**everything, **changed}


def test_where_the_censored_model_answers_the_first_screen_is_its(demo, primary):
    question = demo.questions["relief"]
    assert bounds.primary(question, primary)
    answer = bounds.answer(demo, question, primary)
    row = primary["censored_contrasts"].query("question == 'relief' and by == 'overall'").iloc[0]
    assert answer.bar == pytest.approx((row["ratio"], row["ratio_lower"], row["ratio_upper"]))
    assert plain(answer.cautions[0]).startswith("The interval-censored model answers")
    assert "as bounds" in plain(answer.told)


def test_a_one_sided_bound_is_said_in_words(demo, primary):
    rows = primary["censored_contrasts"]
    chosen = (rows["question"] == "relief") & (rows["by"] == "overall")
    nothing = {"estimate": float("nan"), "ratio": float("nan"), "ratio_upper": float("nan"), "bound": "at least"}
    primary["censored_contrasts"] = rows.assign(
        **{name: rows[name].mask(chosen, value) for name, value in nothing.items()}
    )
    answer = bounds.answer(demo, demo.questions["relief"], primary)
    assert plain(answer.ratio).startswith("at least ")
    assert answer.bar is None
    unknown = primary["censored_contrasts"].assign(bound="none")
    answer = bounds.answer(demo, demo.questions["relief"], {**primary, "censored_contrasts": unknown})
    assert not answer.known
    assert plain(answer.told).startswith("not estimated")


@pytest.mark.parametrize("verdict", list(equivalence.VERDICTS))
def test_a_large_p_is_never_called_no_effect(demo, everything, verdict):
    rows = everything["equivalence"].assign(verdict=verdict)
    words, card = sentences(equivalence.sections(demo, {**everything, "equivalence": rows}), "needs_il10")
    assert words[0].startswith(equivalence.VERDICTS[verdict])
    assert card == [words[0]]
    if verdict == "not shown":
        assert "Neither a difference nor its absence" in words[0]
        assert "no effect" not in words[0].lower()


def test_missing_mice_are_named_with_what_it_would_take(demo, everything):
    words, card = sentences(tipping.sections(demo, everything), "relief")
    assert "left on day 8 (CSF collected (terminal))" in words[0]
    assert "filament steps" in card[0]
    without = everything["tipping"].query("row != 'tipping point'").assign(row="none")
    words, card = sentences(tipping.sections(demo, {**everything, "tipping": without}), "relief")
    assert "changes the conclusion" in card[0]
    assert card[0].startswith("No shift")
