"""The report page: what it says, and that nothing in it can run."""

from __future__ import annotations

import dataclasses
import itertools
import re
import shutil
from html.parser import HTMLParser

import pytest
from hindpaw import phrases, tables
from hindpaw.report import made_with, page

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="20" height="10"/></svg>'
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Reader(HTMLParser):
    """Tags with their attributes, and the text a reader sees."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.quiet = [], "", False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.quiet = tag == "style"

    def handle_endtag(self, tag):
        self.quiet = False
        self.text += " " if tag in ("td", "th", "p", "li", "h3") else ""

    def handle_data(self, data):
        self.text += "" if self.quiet else data


@pytest.fixture(scope="module")
def figures(demo):
    """A stand-in for each figure of the demo."""
    names = [f"{kind}_{key}" for key in demo.questions for kind in ("time_course", "effects", "concentrations")]
    return dict.fromkeys([*names, *(f"standard_curves_{plate.name}" for plate in demo.plates)], SVG)


@pytest.fixture(scope="module")
def html(demo, everything, figures):
    """The demo's page."""
    return page(demo, everything, figures, made_with(1, "digest"))


def seen(text):
    """The page's words with white space folded."""
    return " ".join(Reader(text).text.split())


def test_every_question_is_answered_with_its_interval_before_its_p(demo, html, modelled):
    text = seen(html)
    overall = modelled["contrasts"].query("by == 'overall'").set_index("question")
    for key, question in demo.questions.items():
        assert question.ask in text
        if question.about_thresholds:
            row = overall.loc[key]
            answer = phrases.ratio(row["ratio"], row["ratio_lower"], row["ratio_upper"])
            assert answer in text
            assert text.index(answer) < text.index(phrases.p_value(row["p"]), text.index(answer))


def test_simulated_data_carry_a_banner_and_real_ones_do_not(demo, html, everything, figures):
    assert "Simulated data. No animal was tested" in seen(html)
    real = page(dataclasses.replace(demo, simulated=False), everything, figures, made_with(1, "d"))
    assert "Simulated data. No animal" not in seen(real)


def test_every_finding_and_verdict_is_there(html, everything):
    text = seen(html)
    for what in everything["findings"]["what"]:
        assert " ".join(what.split()) in text
    for verdict in everything["verdicts"]["verdict"]:
        assert verdict.replace("_", " ") in text
    assert "reproduced" not in text.replace("not reproduced", "reproduced") or "is reproduced" not in text


def test_the_books_are_printed(html, everything):
    counts = everything["ledger"].query("table == 'trials'")["fate"].value_counts()
    text = seen(html)
    assert f"trials {counts['used']} {counts['excluded']} 0 0 {counts.sum()}" in text
    assert "all = used + excluded + quarantined + blank" in text


def test_the_page_asks_nothing_of_a_network(html):
    tags = Reader(html).tags
    policy = next(attrs["content"] for tag, attrs in tags if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")
    assert not [tag for tag, _ in tags if tag in ("script", "link", "iframe", "object")]
    for tag, attrs in tags:
        if tag == "img":
            assert attrs["src"].startswith("data:image/svg+xml;base64,")
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


HOSTILE = "<img src=x onerror=alert(1)>\"'</td></style><script>alert(1)</script>\u202e🐭" + "n" * 300


def test_words_from_outside_are_only_words(demo, everything, figures):
    arms = {key: dataclasses.replace(arm, label=HOSTILE) for key, arm in demo.arms.items()}
    questions = {key: dataclasses.replace(one, ask=HOSTILE) for key, one in demo.questions.items()}
    hostile = dataclasses.replace(demo, title=HOSTILE, arms=arms, questions=questions)
    told = everything["findings"].assign(what=HOSTILE, source=HOSTILE, evidence=HOSTILE)
    noted = everything["contrasts"].assign(note=HOSTILE)
    text = page(hostile, {**everything, "findings": told, "contrasts": noted}, figures, {"seed": HOSTILE})
    tags = Reader(text).tags
    assert not [tag for tag, attrs in tags if tag == "script" or "onerror" in attrs]
    assert all(attrs["src"].startswith("data:") for tag, attrs in tags if tag == "img")
    assert text.count("&lt;img src=x onerror") > 20


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
    assert page(demo, everything, figures, made_with(1, "digest")) == html


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_the_page_in_a_browser(html, tmp_path, width, scheme):
    """Real Chromium: no message in the console, no request, every picture loads, nothing sticks out sideways."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    (tmp_path / "report.html").write_text(html, encoding="utf-8")
    said, asked = [], []
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        view = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        view.on("console", lambda message: said.append(message.text))
        view.on("pageerror", lambda error: said.append(str(error)))
        view.on("request", lambda request: asked.append(request.url))
        view.goto((tmp_path / "report.html").as_uri())
        pictures = view.evaluate("[...document.images].map(i => i.complete && i.naturalWidth > 0)")
        overflow = view.evaluate("document.documentElement.scrollWidth")
        view.keyboard.press("Tab")
        focused = view.evaluate("document.activeElement.className")
        browser.close()
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert pictures
    assert all(pictures)
    assert overflow <= width
    assert focused == "skip"
