"""The pictures of the demo's report that README.md shows: `make pictures` after `make demo`."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "results" / "bmsc-cci" / "report" / "report.html"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# Name, width, height, colours, medium, and what is scrolled to; a sheet of A4 has 794 × 1123 pixels.
SHOTS = (
    ("desktop", 1180, 820, "light", "screen", "h1"),
    ("question", 1180, 1000, "light", "screen", "#q-relief"),
    ("phone", 360, 820, "light", "screen", "h1"),
    ("dark", 1180, 820, "dark", "screen", "h1"),
    ("print", 794, 1123, "light", "print", "h1"),
)


def shot(browser: Browser, width: int, height: int, scheme: str, medium: str, to: str) -> Image.Image:
    """One picture of the page; where a figure is in it, with the name of one of its points."""
    view = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    view.emulate_media(media=medium, color_scheme=scheme)
    view.goto(REPORT.as_uri())
    if to != "h1":
        view.evaluate("to => document.querySelector(to).scrollIntoView()", to)
        # The figure says that it is operated by keys; here by one.
        plot = view.locator(f"section[aria-labelledby='{to[1:]}'] [data-points]").first
        plot.evaluate("plot => plot.focus({ preventScroll: true })")
        for _ in range(30):
            plot.press("ArrowRight")
    taken = view.screenshot()
    view.close()
    return Image.open(io.BytesIO(taken))


def main() -> None:
    """Every picture, in 64 colours so that the repository stays light."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for name, *how in SHOTS:
            picture = shot(browser, *how).convert("RGB").quantize(64, dither=Image.Dither.NONE)
            picture.save(ROOT / "docs" / f"report_{name}.png", optimize=True)
        browser.close()


if __name__ == "__main__":
    main()
