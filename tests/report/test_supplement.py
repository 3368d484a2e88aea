"""The PDF: the same bytes, fonts inside, tags, and words from outside only words."""

from __future__ import annotations

import re
import zlib

import pytest
from hindpaw.report.supplement import quoted, supplement


@pytest.fixture(scope="session")
def pdf(told, figures):
    """The demo's supplement."""
    return supplement(told, figures)


def objects(pdf):
    """The file with every stream that can be unpacked unpacked."""
    parts = [pdf]
    for found in re.finditer(rb"stream\r?\n(.*?)endstream", pdf, re.S):
        try:
            parts.append(zlib.decompress(found[1]))
        except zlib.error:
            continue
    return b"\n".join(parts)


def test_it_is_tagged_after_pdf_ua_with_title_and_language(pdf):
    whole = objects(pdf)
    assert pdf.startswith(b"%PDF-1.7")
    assert b"/StructTreeRoot" in whole
    assert re.search(rb"/Marked true", whole)
    assert b"pdfuaid" in whole
    assert re.search(rb"/Lang\s*\(en", whole)
    for kind in (rb"/S/H1", rb"/S/Table", rb"/S/TH", rb"/S/Figure", rb"/S/Link"):
        assert kind in re.sub(rb"\s*/", b"/", whole), kind
    assert whole.count(b"/Alt") >= 10


def test_every_font_is_embedded(pdf):
    whole = objects(pdf)
    assert whole.count(b"/FontDescriptor") > 0
    assert not re.search(rb"/Type\s*/FontDescriptor(?:(?!/FontFile)[^>])*>>", whole)


def test_it_has_no_date_and_the_same_bytes_each_time(pdf, told, figures):
    assert b"CreationDate" not in objects(pdf)
    assert supplement(told, figures) == pdf


def test_hostile_words_are_shown_and_mean_nothing(hostile_told, figures):
    """Were one sign of them read as markup, the compiler would stop at the unknown name or the open bracket."""
    whole = objects(supplement(hostile_told, figures))
    assert b"/JavaScript" not in whole
    assert b"/URI" not in whole


def test_signs_of_the_typesetter_are_quoted():
    assert quoted('a"#{b}\\') == '"a\\"#{b}\\\\"'
    assert "\n" not in quoted("a\nb")
    assert max(map(len, quoted("n" * 300).split("\u200b"))) < 25
