"""The demo's report in every form, one on which every label is hostile, and real Chromium to open them in."""

from __future__ import annotations

import dataclasses
import io
import shutil

import pytest
from hindpaw.drawings import Drawing
from hindpaw.figure import assays, bounds, courses, diagnostics, effects, flow, named, relations, resampling, style
from hindpaw.report import document, made_with
from hindpaw.report import page as page_of
from matplotlib.backends import backend_svg

# A drawing with three named points, as hindpaw.figure writes them.
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="200pt" height="100pt" viewBox="0 0 200 100">'
    '<rect width="200" height="100" fill="#eee"/><g id="points" fill="none" stroke="none" pointer-events="all">'
    '<circle cx="20.00" cy="20.00" r="4"><title>M1, day 7: 0.41 g (von_frey.xlsx!day 7!C2)</title></circle>'
    '<circle cx="100.00" cy="50.00" r="4"><title>M2 &lt;img src=x onerror=alert(1)&gt;</title></circle>'
    '<circle cx="180.00" cy="80.00" r="4"><title>M3, day 7: at least 3.6 g</title></circle></g></svg>'
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ROOMS = (courses, assays, relations, resampling, bounds)
# Questions about thresholds that look like the first; with rows in these tables that a room draws by row.
ALIKE = ("tgfb1_relief", "how_long", "needs_tgfb1", "dose_day21")
OF_QUESTIONS = ("equivalence", "tipping", "censored_fits", "censored_means", "censored_contrasts")
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


def svg_only(drawn, numbers):
    """A figure without its PDF and PNG, which take two thirds of the time."""
    svg = io.BytesIO()
    drawn.draw_without_rendering()
    drawn.set_layout_engine("none")
    backend_svg.FigureCanvasSVG(drawn).print_svg(svg, metadata={"Date": None})
    return Drawing(named.in_svg(drawn, svg.getvalue()), b"", b"", b"")


def real_figures(study, tables, rooms=ROOMS):
    """Real drawings of a study: each kind once, the rasters and the other questions about thresholds left out."""
    kept = {key: question for key, question in study.questions.items() if key not in ALIKE}
    fewer = dataclasses.replace(study, questions=kept, reproduce={key: study.reproduce[key] for key in ("fig5b",)})
    tables = {
        name: frame[frame["question"].isin(kept)] if name in OF_QUESTIONS else frame for name, frame in tables.items()
    }
    # Names of rows count from the whole table, and what was taken out of it keeps its place.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(style, "finished", svg_only)
        made = {kind: found for room in rooms for kind, found in room.draw(fewer, **tables).items()}
        made["effects"] = effects.draw(fewer, tables["contrasts"])
        made["diagnostics"] = diagnostics.draw(fewer, tables["residuals"], tables["assumptions"])
        made["flow"] = flow.draw(fewer, tables["flow"])
    return {f"{kind}_{name}": one.svg.decode() for kind, found in made.items() for name, one in found.items()}


@pytest.fixture(scope="session")
def whole(demo, everything):
    """The demo's page with real figures."""
    figures = real_figures(demo, everything)
    return page_of(document(demo, everything, figures, PROVENANCE), figures)


@pytest.fixture(scope="session")
def hostile_whole(hostile_told, demo, everything):
    """The hostile page with figures whose labels, animals and cells are hostile too, and these figures."""
    study = dataclasses.replace(hostile_told.study, name="hostile")
    tables = dict(everything)
    for name in ("thresholds", "changes", "residuals", "summaries"):
        frame = everything[name]
        tables[name] = frame.assign(animal=HOSTILE + frame["animal"], source=HOSTILE)
    figures = real_figures(study, tables, (courses, relations))
    told = document(study, {**everything, **hostile_told.tables}, figures, PROVENANCE | {"seed": HOSTILE})
    return told, figures


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
