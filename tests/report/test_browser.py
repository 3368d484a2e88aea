"""The page in real Chromium."""

from __future__ import annotations

import csv
import io
import math
import re
import xml.etree.ElementTree as ET

import pytest
from hindpaw.report import page as page_of
from hindpaw.report.supplement import supplement


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_the_page_in_a_browser(html, opened, width, scheme):
    """No message in the console, no request, every picture loads, nothing sticks out sideways."""
    view, said, asked, here = opened(html, width, scheme)
    pictures = view.evaluate("[...document.images].map(i => i.complete && i.naturalWidth > 0 && i.alt.length > 20)")
    view.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    overflow = view.evaluate("document.documentElement.scrollWidth")
    view.keyboard.press("Tab")
    focused = view.evaluate("document.activeElement.className")
    assert said == []
    assert asked == [here]
    assert pictures
    assert all(pictures)
    assert overflow <= width
    assert focused == "skip"


@pytest.mark.browser
def test_hostile_words_in_a_browser(hostile, opened):
    """Nothing runs or loads, and a word of 300 letters does not push the page out of a phone."""
    view, said, asked, here = opened(hostile, 360)
    view.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert said == []
    assert asked == [here]
    assert view.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.browser
def test_paper_shows_what_a_screen_folds_away(html, opened):
    """A closed part cannot be opened on paper, and no table is cut off at the edge of it."""
    view, *_ = opened(html, 680)
    view.emulate_media(media="print")
    heights = view.evaluate(
        "[...document.querySelectorAll('details table')].map(one => one.getBoundingClientRect().height)"
    )
    assert heights
    assert min(heights) > 0
    assert view.evaluate("document.documentElement.scrollWidth") <= 680


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")])
def test_no_rule_of_accessibility_is_broken(whole, opened, width, scheme):
    """axe-core, all its rules (WCAG 2 A and AA and best practices), with everything folded away opened."""
    from axe_playwright_python.sync_playwright import Axe

    view, *_ = opened(whole, width, scheme)
    view.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = Axe().run(view).response
    assert len(found["passes"]) > 20
    assert [
        (one["id"], one["impact"], [node["html"][:90] for node in one["nodes"][:3]]) for one in found["violations"]
    ] == []


def column(table, place):
    """The texts of a column."""
    return [row.locator("th, td").nth(place).inner_text() for row in table.locator("tbody tr").all()]


@pytest.mark.browser
def test_a_table_sorts_by_its_numbers_and_back(html, opened, modelled):
    view, said, *_ = opened(html)
    table = view.locator(
        "table.sorts", has=view.get_by_text("Comparisons: CCI + BMSC 2.5×10⁵ against CCI + vehicle")
    ).first
    heads = [head.inner_text() for head in table.locator("thead th").all()]
    lines = [int(line) for line in column(table, heads.index("row"))]
    ratios = {place + 2: ratio for place, ratio in modelled["contrasts"]["ratio"].items()}
    button = table.get_by_role("button", name="ratio", exact=True)
    for key, signed in (("Enter", 1), ("Space", -1)):
        button.focus()
        button.press(key)
        shown = [int(line) for line in column(table, heads.index("row"))]
        assert shown == sorted(lines, key=lambda line, signed=signed: signed * ratios[line])
        wanted = "ascending" if signed == 1 else "descending"
        assert table.locator("thead th").nth(heads.index("ratio")).get_attribute("aria-sort") == wanted
    assert said == []


@pytest.mark.browser
def test_what_could_not_be_estimated_sorts_last_and_powers_of_ten_are_numbers(html, opened):
    view, *_ = opened(html)
    sorted_by = """(texts) => { const v = numbers(texts); return v }"""
    assert view.evaluate(sorted_by, ["p = .031", "p < .001", "p = .43", "p not estimated"]) == [
        0.031,
        0.001,
        0.43,
        None,
    ]
    assert view.evaluate(sorted_by, ["4×10⁻⁹", "0.3", "2"]) == pytest.approx([4e-9, 0.3, 2])
    assert view.evaluate(sorted_by, ["week 10", "week 2", "−0.4 mm"]) is None
    assert view.evaluate(sorted_by, ["t(20.4) = −8.32", "t(3.0) = 1.00", ""]) == [-8.32, 1.0, None]
    assert view.evaluate(sorted_by, ["CCI + vehicle", "sham"]) is None


@pytest.mark.browser
def test_a_key_and_a_pointer_tell_animal_and_cell_of_a_point(html, opened):
    view, said, *_ = opened(html)
    plot = view.locator("[data-points]").first
    tip = plot.locator(".tip")
    assert tip.is_hidden()
    plot.focus()
    plot.press("ArrowRight")
    assert tip.inner_text() == "M1, day 7: 0.41 g (von_frey.xlsx!day 7!C2)"
    plot.press("End")
    assert tip.inner_text() == "M3, day 7: at least 3.6 g"
    plot.press("ArrowLeft")
    assert tip.inner_text() == "M2 <img src=x onerror=alert(1)>"
    plot.press("Escape")
    assert tip.is_hidden()
    box = plot.bounding_box()
    view.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + box["height"] * 0.2)
    assert tip.inner_text().startswith("M1, day 7")
    ring = plot.locator(".ring").bounding_box()
    assert ring["x"] + ring["width"] / 2 == pytest.approx(box["x"] + box["width"] * 0.1, abs=1.5)
    assert said == []


@pytest.mark.browser
def test_a_number_leads_to_its_row_even_where_that_is_folded_away(html, opened):
    view, *_ = opened(html)
    link = view.locator(".card a.cell[href^='#means-']").first
    row = view.locator(link.get_attribute("href"))
    assert not row.is_visible()
    link.click()
    assert row.is_visible()
    assert re.fullmatch(r"means\.csv row \d+ columns geometric_mean, day", link.get_attribute("title"))
    assert f"row {row.locator('td.line').inner_text()} " in link.get_attribute("title")


def rows_of(download):
    """A downloaded file as rows of cells; it begins with the mark by which Excel knows UTF-8."""
    raw = download.path().read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))


@pytest.mark.browser
def test_a_table_downloads_at_full_precision(html, opened, modelled):
    view, said, *_ = opened(html)
    with view.expect_download() as wait:
        view.get_by_role(
            "button", name="Download as CSV: Comparisons: CCI + BMSC 2.5×10⁵ against CCI + vehicle"
        ).first.click()
    heads, *rows = rows_of(wait.value)
    assert wait.value.suggested_filename.startswith("bmsc-cci_contrasts")
    for row in rows:
        cells = dict(zip(heads, row, strict=True))
        stored = modelled["contrasts"].loc[int(cells["row of contrasts.csv"]) - 2]
        assert cells["comparison"] == stored["comparison"]
        assert math.isclose(float(cells["ratio"]), stored["ratio"], rel_tol=1e-15)
    assert said == []


@pytest.mark.browser
def test_no_cell_of_a_download_runs_in_a_spreadsheet(hostile, opened):
    """What a spreadsheet takes for a formula begins with one of four signs; a number may begin with a minus."""
    view, said, *_ = opened(hostile)
    texts = view.evaluate("sheets.map(sheet => sheet.text)")
    cells = [cell for text in texts for row in csv.reader(io.StringIO(text)) for cell in row]
    risky = [
        cell for cell in cells if re.match(r"[=+\-@\t\r]", cell) and not re.fullmatch(r"-[\d.]+(e[+-]?\d+)?", cell)
    ]
    assert risky == []
    assert sum(cell.startswith("'=1+1") for cell in cells) > 5
    assert view.evaluate("sheets.every(sheet => /^[\\w-]+\\.csv$/u.test(sheet.name))")
    assert said == []


@pytest.mark.browser
def test_without_its_script_the_page_says_the_same(html, browser, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(html, encoding="utf-8")
    context = browser.new_context(java_script_enabled=False)
    view = context.new_page()
    view.goto(path.as_uri())
    assert view.locator("table.sorts thead th").first.inner_text() == "when"
    assert view.locator("figure img").first.is_visible()
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_the_page_with_real_figures(whole, opened, width, scheme):
    """Every drawing loads, fits, and has its points told one by one by key, each with what it is and where it stands."""
    view, said, asked, here = opened(whole, width, scheme)
    sizes = view.evaluate("[...document.images].map(i => [i.complete, i.naturalWidth, i.alt.length])")
    assert len(sizes) > 20
    assert all(complete and wide > 0 and alt > 20 for complete, wide, alt in sizes)
    assert view.evaluate("document.documentElement.scrollWidth") <= width
    view.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    # On a phone a question has the whole line.
    asked_in = view.locator("table.overview tbody th").first.bounding_box()["width"]
    assert asked_in > (300 if width == 360 else 240)
    plots = view.locator("[data-points]")
    assert plots.count() == len(sizes)
    for plot in plots.all():
        plot.focus()
        for key in ("ArrowRight", "ArrowRight", "End"):
            plot.press(key)
            assert re.search(
                r"\((.*![^)]*|.*\.csv row \d+.*|row \d+ of the figure's own CSV)\)$", plot.locator(".tip").inner_text()
            )
        box, tip = plot.bounding_box(), plot.locator(".tip").bounding_box()
        assert tip["x"] >= box["x"] - 1
        assert tip["x"] + tip["width"] <= box["x"] + box["width"] + 1
        plot.press("Escape")
    assert said == []
    assert asked == [here]


@pytest.mark.browser
def test_hostile_labels_in_real_figures(hostile_whole, opened):
    """Labels, animals and source cells that try to be more: nothing runs, loads or pushes; the words are shown as they are."""
    told, figures = hostile_whole
    view, said, asked, here = opened(page_of(told, figures), 360)
    view.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert view.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
    assert view.evaluate("document.documentElement.scrollWidth") <= 360
    assert view.evaluate("document.scripts.length") == 3
    assert view.evaluate("document.querySelectorAll('figure svg, figure script, figure iframe').length") == 0
    plot = view.locator("[data-points='time_course_relief']")
    plot.focus()
    plot.press("ArrowRight")
    assert "<img src=x onerror=alert(1)>" in plot.locator(".tip").inner_text()
    box, tip = plot.bounding_box(), plot.locator(".tip").bounding_box()
    assert tip["width"] <= box["width"] + 1
    assert said == []
    assert asked == [here]


def test_hostile_labels_in_the_drawings_themselves(hostile_whole):
    """An SVG that is opened by itself holds no element and no attribute that runs or loads anything."""
    _, figures = hostile_whole
    assert len(figures) > 10
    for name, svg in figures.items():
        for element in ET.fromstring(svg).iter():
            kind = element.tag.rpartition("}")[2]
            assert kind not in ("script", "img", "foreignObject", "iframe"), name
            for attribute, value in element.attrib.items():
                assert not attribute.lower().startswith("on"), name
                if attribute.endswith("href"):
                    assert value.startswith(("#", "data:image/png;base64,")), name


def test_hostile_labels_in_the_supplement(hostile_whole):
    """The PDF is made, with the same figures, and holds no script and no address but the ids of its own rows."""
    made = supplement(*hostile_whole)
    assert made.startswith(b"%PDF-1.7")
    assert not re.search(rb"/JavaScript|/JS\b|/Launch|/EmbeddedFile|/URI\b", made)
