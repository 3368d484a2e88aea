"""The report page: what it says, and that nothing in it can run."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
from html.parser import HTMLParser

import pandas as pd
from defusedxml.ElementTree import fromstring
from hindpaw import phrases, tables
from hindpaw.figure import style
from hindpaw.report import document, made_with
from hindpaw.report import page as page_of
from hindpaw.report.slim import slim

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="20" height="10"/></svg>'


def page(study, frames, figures, provenance):
    """The page from the tables."""
    return page_of(document(study, frames, figures, provenance), figures)


class Reader(HTMLParser):
    """Tags with their attributes, and the text a reader sees."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.quiet = [], "", False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.quiet = tag in ("style", "script")

    def handle_endtag(self, tag):
        self.quiet = False
        self.text += " " if tag in ("td", "th", "p", "li", "h3") else ""

    def handle_data(self, data):
        self.text += "" if self.quiet else data


def seen(text):
    """The page's words with white space folded."""
    return " ".join(Reader(text).text.split())


def test_every_question_is_answered_with_its_interval_before_its_p(demo, html, modelled):
    text = seen(html)
    overall = modelled["contrasts"].query("by == 'overall'").set_index(["question", "comparison"])
    for key, question in demo.questions.items():
        assert question.ask in text
        if question.about_thresholds:
            row = overall.loc[(key, f"{question.treated} − {question.control}")]
            answer = phrases.ratio(row["ratio"], row["ratio_lower"], row["ratio_upper"])
            p = row["p"] if math.isnan(row["p_adjusted"]) else row["p_adjusted"]
            assert answer in text
            assert text.index(answer) < text.index(phrases.p_value(p), text.index(answer))


def test_simulated_data_carry_a_banner_and_real_ones_do_not(demo, html, everything, figures):
    assert "Simulated data. No animal was tested" in seen(html)
    real = page(dataclasses.replace(demo, simulated=False), everything, figures, made_with("bmsc-cci", 1, "d"))
    assert "Simulated data. No animal" not in seen(real)


def test_every_finding_and_verdict_is_there(html, everything):
    text = seen(html)
    for what in everything["findings"]["what"]:
        assert " ".join(what.split()) in text
    for verdict in everything["verdicts"]["verdict"]:
        assert verdict.replace("_", " ") in text
    assert "reproduced" not in text.replace("not reproduced", "reproduced") or "is reproduced" not in text


def test_the_first_screen_worries_about_different_things(told):
    grave = [(one["severity"], one["check"]) for one in told.findings]
    shown = told.worries
    assert [(one["severity"], one["check"]) for one in shown] == list(dict.fromkeys(grave))[:3]
    for one in shown:
        more = grave.count((one["severity"], one["check"])) - 1
        assert str(one["what"]).endswith(f"({more} more of this kind)") == (more > 0)


def test_the_books_are_printed(html, everything):
    counts = everything["ledger"].query("table == 'trials'")["fate"].value_counts()
    text = seen(html)
    assert f"trials {counts['used']} {counts['excluded']} 0 0 {counts.sum()}" in text
    assert "all = used + excluded + quarantined + blank" in text


def test_the_page_asks_nothing_of_a_network(html):
    tags = Reader(html).tags
    policy = next(attrs["content"] for tag, attrs in tags if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not [tag for tag, _ in tags if tag in ("link", "iframe", "object")]
    assert not [attrs for _, attrs in tags if "style" in attrs or any(name.startswith("on") for name in attrs)]
    # One script of ours, whose digest the policy names, and two blocks of data.
    scripts = [attrs for tag, attrs in tags if tag == "script"]
    assert [attrs.get("type") for attrs in scripts] == ["application/json", "application/json", None]
    for tag, attrs in tags:
        if tag == "img":
            assert attrs["src"].startswith("data:image/svg+xml,")
            assert attrs["alt"]
        if tag == "a":
            assert attrs["href"].startswith("#")
    targets = {attrs["id"] for _, attrs in tags if "id" in attrs}
    assert {attrs["href"][1:] for tag, attrs in tags if tag == "a"} <= targets


def test_headings_are_in_order(html):
    levels = [int(tag[1]) for tag, _ in Reader(html).tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_words_from_outside_are_only_words(hostile):
    tags = Reader(hostile).tags
    assert len([tag for tag, attrs in tags if tag == "script"]) == 3
    assert not [attrs for tag, attrs in tags if "onerror" in attrs]
    assert all(attrs["src"].startswith("data:") for tag, attrs in tags if tag == "img")
    assert hostile.count("&lt;img src=x onerror") > 20
    assert "\u202e" not in hostile


def test_no_two_elements_share_an_id(html):
    ids = [attrs["id"] for _, attrs in Reader(html).tags if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_every_figure_is_shown_once_even_one_no_question_names(demo, everything, figures):
    shown = page(demo, everything, {**figures, "animal_flow_all": SVG}, {})
    names = [attrs["id"] for tag, attrs in Reader(shown).tags if tag == "figure"]
    assert "figure-animal_flow_all" in names
    assert len(names) == len(set(names))


def test_cells_that_are_missing_are_never_shown_as_nan(demo, everything, figures):
    texts = everything["ledger"].assign(fate="excluded", reason=None)
    shown = seen(page(demo, {**everything, "ledger": texts}, figures, {}))
    assert not re.search(r"\b(nan|NaN|None|<NA>)\b", shown)


def test_significant_is_no_word_of_ours(html, everything):
    ours = seen(html)
    for what in everything["findings"][["what", "evidence", "why", "what_to_do"]].fillna("").to_numpy().ravel():
        ours = ours.replace(" ".join(what.split()), "") if what else ours
    assert "significan" not in ours


def test_a_study_without_anything_still_has_a_page(demo, figures):
    nothing = {name: tables.empty(model) for name, model in tables.TABLES.items()}
    text = seen(page(dataclasses.replace(demo, plates=(), questions={}), nothing, {}, {}))
    assert "The study file asks no question." in text
    assert "No rule found anything." in text


def test_a_question_that_could_not_be_answered_says_why(demo, everything, figures):
    empty = everything["contrasts"].assign(
        estimate=float("nan"), ratio=float("nan"), note="not estimated: too few mice"
    )
    assert "No answer. not estimated: too few mice" in seen(page(demo, {**everything, "contrasts": empty}, figures, {}))


def test_the_same_tables_give_the_same_page(demo, html, everything, figures):
    assert page(demo, everything, figures, made_with("bmsc-cci", 1, "digest")) == html


def test_a_slim_picture_refers_only_to_what_it_holds(demo):
    with style.settings():
        figure, axes = style.figure(85, 60)
        axes.plot([1, 2, 3], [1, 3, 2], marker="o", label="one")
        axes.scatter([1, 2, 3], [3, 1, 2])
        axes.legend()
        drawn = style.finished(figure, pd.DataFrame({"x": [1]}))
    text = slim(drawn.svg.decode())
    assert len(text) < 0.6 * len(drawn.svg)
    root = fromstring(text)
    every = list(root.iter())
    ids = [one.get("id") for one in every if one.get("id")]
    assert len(ids) == len(set(ids)) > 10
    referred = {one.get("href", "#").removeprefix("#") for one in every} | set(re.findall(r"url\(#([^)]*)\)", text))
    assert referred - {""} == set(ids)
    sheet = "".join(one.text or "" for one in every if one.tag.endswith("style"))
    assert {one.get("class") for one in every} - {None} == set(re.findall(r"\.([a-z]+)\{", sheet))
