"""The demo's report in every form, one on which every label is hostile, and real Chromium to open them in."""

from __future__ import annotations

import dataclasses
import shutil

import pytest
from hindpaw.report import document, made_with
from hindpaw.report import page as page_of

# A drawing with three named points, as hindpaw.figure writes them.
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="200pt" height="100pt" viewBox="0 0 200 100">'
    '<rect width="200" height="100" fill="#eee"/><g id="points" fill="none" stroke="none" pointer-events="all">'
    '<circle cx="20.00" cy="20.00" r="4"><title>M1, day 7: 0.41 g (von_frey.xlsx!day 7!C2)</title></circle>'
    '<circle cx="100.00" cy="50.00" r="4"><title>M2 &lt;img src=x onerror=alert(1)&gt;</title></circle>'
    '<circle cx="180.00" cy="80.00" r="4"><title>M3, day 7: at least 3.6 g</title></circle></g></svg>'
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PROVENANCE = made_with("bmsc-cci", 1, "digest")


@pytest.fixture(scope="session")
def figures(demo):
    """A stand-in for each figure of the demo."""
    names = [f"{kind}_{key}" for key in demo.questions for kind in ("time_course", "effects", "concentrations")]
    return dict.fromkeys([*names, *(f"standard_curves_{plate.name}" for plate in demo.plates)], SVG)


@pytest.fixture(scope="session")
def told(demo, everything, figures):
    """What the demo's report says."""
    return document(demo, everything, figures, PROVENANCE)


@pytest.fixture(scope="session")
def html(told, figures):
    """The demo's page."""
    return page_of(told, figures)


HOSTILE = (
    "=1+1<img src=x onerror=alert(1)>\"'</td></style></script><script>alert(1)</script>]]>#let x = \\u{0} $*_`"
    "\u202e\u200fעברית🐭"
) + "n" * 300


@pytest.fixture(scope="session")
def hostile_told(demo, everything, figures):
    """A report in which every label, cell and file name tries to be more than words."""
    arms = {key: dataclasses.replace(arm, label=HOSTILE) for key, arm in demo.arms.items()}
    questions = {key: dataclasses.replace(one, ask=HOSTILE) for key, one in demo.questions.items()}
    study = dataclasses.replace(demo, title=HOSTILE, name=HOSTILE, arms=arms, questions=questions)
    told = everything["findings"].assign(what=HOSTILE, source=HOSTILE, evidence=HOSTILE, check=HOSTILE)
    changed = {
        "findings": told,
        "contrasts": everything["contrasts"].assign(note=HOSTILE),
        "exports": everything["exports"].assign(file=HOSTILE),
        "verdicts": everything["verdicts"].assign(published=HOSTILE, reason=HOSTILE),
        "ledger": everything["ledger"].assign(reason=HOSTILE),
    }
    return document(study, {**everything, **changed}, figures, PROVENANCE | {"seed": HOSTILE})


@pytest.fixture(scope="session")
def hostile(hostile_told, figures):
    """Its page."""
    return page_of(hostile_told, figures)


@pytest.fixture(scope="session")
def browser():
    """Real Chromium."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield started
        started.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a page; what it says to the console, asks of a network and pops up is collected."""
    views = []

    def opened(text, width=1280, scheme="light"):
        path = tmp_path / "report.html"
        path.write_text(text, encoding="utf-8")
        view = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        views.append(view)
        said, asked = [], []
        view.on("console", lambda message: said.append(message.text))
        view.on("pageerror", lambda error: said.append(str(error)))
        view.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        view.on("request", lambda request: asked.append(request.url))
        view.goto(path.as_uri())
        return view, said, [url for url in asked if not url.startswith("data:")], path.as_uri()

    yield opened
    for view in views:
        view.close()
