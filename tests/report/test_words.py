"""Plain words, over everything the demo's report says and over that of a study in which nothing happens."""

from __future__ import annotations

import dataclasses
import html as entities
import re

import numpy as np
import pytest
from hindpaw.audit import audit
from hindpaw.model import answers, bounds
from hindpaw.model.resampling import resample
from hindpaw.report import document
from hindpaw.report import page as page_of
from hindpaw.report.manuscript import methods_text

from tests.conftest import nothing
from tests.report.conftest import PROVENANCE

# What a number may stand in with more digits than three: tests in APA style, addresses, logarithms of likelihoods.
ELSEWHERE = re.compile(r"doi \S+|[tF]\([^)]*\) = −?[\d.]+|10\.\d{4,}/\S+|REML log-likelihood( −?[\d.]+)*")
ABSENCE = re.compile(
    r"[^.]*\b(?:no effect|no difference|not differ|without effect|ineffective|unaffected|no change)\b[^.]*", re.I
)


def spoken(page: str) -> list[str]:
    """The paragraphs, cells, captions and headings of a page before its provenance, findings apart, as words."""
    body = page[page.index("<main") : page.index('<h2 id="provenance"')]
    body = re.sub(r'<h2 id="findings".*?(?=<h2 id="methods")', "", body, flags=re.S)
    body = re.sub(r"<img [^>]*>|<svg.*?</svg>|<ul class=\"cautions\">", "", body, flags=re.S)
    parts = re.findall(r"<(td|th|p|li|figcaption|dd|h\d)\b[^>]*>(.*?)</\1>", body, re.S)
    return [" ".join(entities.unescape(re.sub(r"<[^>]+>", "", words)).split()) for _, words in parts]


@pytest.fixture(scope="module")
def null(demo, taken_in, measured):
    """The demo's first question on mice of which the treated ones are given what untreated ones had, with noise."""
    thresholds, rng = measured["thresholds"].copy(), np.random.default_rng(20150825)
    untreated = thresholds[(thresholds["arm"] == "vehicle") & (thresholds["censored"] == "none")]
    middle = untreated.groupby(["paw", "day"])["log10_threshold"].mean()
    treated = (thresholds["arm"] == "bmsc") & (thresholds["censored"] == "none")
    level = [middle.get((row.paw, row.day), np.nan) for row in thresholds[treated].itertuples()]
    thresholds.loc[treated, "log10_threshold"] = np.array(level) + rng.normal(0, 0.2, len(level))
    thresholds["threshold_g"] = 10 ** thresholds["log10_threshold"]
    study = dataclasses.replace(demo, questions={"relief": demo.questions["relief"]}, reproduce={}, plates=())
    raw = {name: taken_in[name] for name in ("animals", "filaments")}
    some = {
        **nothing(),
        **{name: taken_in[name] for name in ("animals", "filaments", "ledger")},
        "thresholds": thresholds,
    }
    some |= answers(study, thresholds, nothing()["concentrations"], taken_in["animals"], seed=1)
    some |= bounds.answers(study, thresholds, **raw, means=some["means"], contrasts=some["contrasts"])
    some |= resample(study, thresholds, **raw, seed=1)
    some |= audit(study, **some)
    return document(study, some, [], PROVENANCE)


@pytest.fixture(scope="module", params=["demo", "null"])
def said(request):
    """What a report says, and its methods text."""
    told = request.getfixturevalue("told" if request.param == "demo" else "null")
    figures = request.getfixturevalue("figures") if request.param == "demo" else {}
    return told, spoken(page_of(told, figures)), methods_text(told)


def test_nothing_happened_in_the_null_study(null):
    """Else the laws below would say nothing of it."""
    row = null.tables["contrasts"].query("by == 'overall'").iloc[0]
    assert row["ratio_lower"] < 1 < row["ratio_upper"]


def test_nothing_is_significant(said):
    _, words, text = said
    assert len(words) > 60
    assert not [
        one for one in [*words, text] if re.search(r"significan|trend(s|ed)? to(wards)?\b|marginal(ly)? ", one, re.I)
    ]


def test_a_large_p_is_never_called_no_effect(said):
    _, words, text = said
    found = [one for part in (*words, *text.split("\n\n")) for one in ABSENCE.findall(part)]
    assert found
    # A question, a hypothesis or a claim may say so; a result says that its doubt is no proof.
    allowed = r"no proof of no effect|expect(s|ed)? no effect|no effect is shown only|where none was claimed|no_effect"
    allowed += r"|^No effect within a margin$|does not show that there is no effect"
    assert not [one for one in found if not re.search(allowed, one)]


def test_p_f_and_t_are_in_apa_style(said):
    _, words, text = said
    # What a paper printed is shown as it is printed.
    for one in [*(one for one in words if "[Figure" not in one), text.replace("\\", "")]:
        assert not re.search(r"\bp ?[=<>] ?0?\.0{3,}(?!\d*[1-9])|\bp [=<>] 0\.|\bp[=<>]\S|\bP [=<>]", one), one
        for p in re.findall(r"\bp ([=<>] \S+)", one):
            assert re.match(r"< \.(?:001|05)\b|= \.\d{2,3}\b|= 1\.00\b|= \.\d{2,3}\[", p), (p, one)
        for test in re.findall(r"\b[tF]\([^)]*\) = \S+", one):
            assert re.match(r"F\(\d+(\.\d+)?, \d+(\.\d)?\) = \d+\.\d\d|t\(\d+(\.\d)?\) = −?\d+\.\d\d", test), test


def test_a_ratio_comes_with_its_interval_and_before_p(said):
    told, words, _ = said
    for one in words:
        for found in re.finditer(
            r"(?<!at least )(?<!at most )(?<![\d.])[\d.]+ times\b(?!( \(one mean filament step| either way| its baseline| or more| as))(?P<after>[^;.]{0,20})",
            one,
        ):
            assert (
                re.match(r" \((95|90) % (CI|interval)|, ?\d", found["after"])
                or "stays between" in one
                or one == found[0]
            ), one
    for answer in told.answers:
        assert answer.known
        assert (
            "p " not in "".join(part if isinstance(part, str) else part.words for part in answer.ratio).split("CI")[0]
        )


def test_no_number_has_more_digits_than_the_module_that_rounds_makes(said):
    _, words, _ = said
    found = []
    for one in words:
        plain = ELSEWHERE.sub("", one)
        for number in re.findall(r"(?<![\w.,/])\d+\.\d+(?![\w.]|\d*×)", plain):
            found += [(number, one)] if len(number.replace(".", "").lstrip("0")) > 3 else []
    # A log-likelihood has two decimals, since differences count.
    assert [one for one in found if not re.fullmatch(r"−?\d+\.\d\d", one[1])] == []
