"""Colours, markers, sizes and fonts: the only place that chooses them."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pandas as pd

from hindpaw import tables
from hindpaw.drawings import Drawing
from hindpaw.figure import named
from hindpaw.study import Study

# Six steps of lightness, 9 or more apart on CIE L*, so that a grey print tells them apart; found by a search for the
# hues that stay furthest from each other as people with and without red, green and blue cones see them. Neighbours
# in the list, which are most often compared, differ most. Markers repeat the distinction.
COLOURS = ("#000000", "#C04818", "#00309C", "#00B4FC", "#783C84", "#609C78")
# No triangles: open ones are censored values.
MARKERS = ("o", "s", "D", "P", "X", "p")
MM = 1 / 25.4
# The widths of a column, of one and a half and of two in most journals.
SINGLE_MM, WIDE_MM, FULL_MM = 85, 120, 180
LARGE, SMALL = 8, 7
QUIET = "#595959"
FAINT = "#BBBBBB"
PNG_DPI = 300
SIMULATED = "SIMULATED DATA"

SETTINGS: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": SMALL,
    "axes.titlesize": LARGE,
    "axes.labelsize": 7.5,
    "legend.fontsize": SMALL,
    "legend.handlelength": 1.6,
    "legend.borderaxespad": 0.2,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    # A label is text: a dollar sign in it starts no formula.
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.2,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "hindpaw",
    "figure.dpi": 100,
}


@contextmanager
def settings() -> Iterator[None]:
    """Our settings while a figure is drawn, on a backend that needs no screen."""
    import matplotlib as mpl

    mpl.use("Agg")
    with mpl.rc_context(SETTINGS):
        yield


def figure(width_mm: float, height_mm: float, rows: int = 1, columns: int = 1, **options: Any) -> tuple[Any, Any]:
    """A figure and its axes, outside pyplot so that nothing keeps it alive."""
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(width_mm * MM, height_mm * MM), layout="constrained")
    return drawn, drawn.subplots(rows, columns, **options)


def of_arm(study: Study, arm: str) -> tuple[str, str]:
    """The arm's colour and marker, the same in every figure."""
    return looks(study).get(arm, (COLOURS[0], MARKERS[0]))


def looks(study: Study) -> dict[str, tuple[str, str]]:
    """Colour and marker of each arm, in the order of the study file.

    Arms that meet in a question or a published figure get colours of their own as far as there are so many; beyond, and
    where they never meet, the same colour comes with another marker.
    """
    together = [set(question.arms) for question in study.questions.values()]
    together += [set(shown.groups) for shown in study.reproduce.values()]
    found: dict[str, tuple[str, str]] = {}
    for place, arm in enumerate(study.arms):
        met = set().union(*(arms for arms in together if arm in arms))
        taken = {found[other][0] for other in met if other in found}
        used = {colour: [look[1] for look in found.values() if look[0] == colour] for colour in COLOURS}
        # The least used of the colours that are free; all of them where none is.
        free = [colour for colour in COLOURS if colour not in taken and len(used[colour]) < len(MARKERS)]
        colour = min(free or COLOURS, key=lambda one: (len(used[one]), COLOURS.index(one)))
        in_turn = [MARKERS[(place + step) % len(MARKERS)] for step in range(len(MARKERS))]
        found[arm] = colour, next((marker for marker in in_turn if marker not in used[colour]), in_turn[0])
    return found


def words(text: str, width: int = 28, lines: int = 2) -> str:
    """A label as it can be drawn: wrapped, cut where it is endless, signs that the font lacks as \ufffd.

    Parameters
    ----------
    text : the label
    width : its room, in letters as wide as n
    lines : the most lines it may take

    >>> words("CCI + BMSC", width=28)
    'CCI + BMSC'
    >>> words("a" * 99, width=10, lines=1), words("W" * 99, width=10, lines=1)
    ('aaaaaaaa…', 'WWWWW…')
    """
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    plain = "".join(sign if ord(sign) in _font()[1] else "\ufffd" for sign in plain)

    def letters(line: str) -> float:
        """Its width in n."""
        return sum(map(_advance, line)) / _advance("n")

    for fewer in range(width, 1, -1):
        wrapped = textwrap.wrap(plain, fewer, max_lines=lines, placeholder="…", break_on_hyphens=False)
        if not wrapped or wrapped[0] == "…":
            wrapped = [plain[: fewer - 1] + "…"]
        if max(map(letters, wrapped)) <= width:
            break
    return "\n".join(wrapped)


@cache
def _font() -> tuple[Any, Any]:
    """The font and the place of each sign in it."""
    from matplotlib import font_manager

    font = font_manager.get_font(font_manager.findfont(SETTINGS["font.family"], fallback_to_default=False))
    return font, font.get_charmap()


@cache
def _advance(sign: str) -> float:
    """How far a sign of the font moves the pen."""
    font, places = _font()
    # Large, because at small sizes a hinted pen moves by whole dots.
    font.set_size(100, 72)
    return float(font.load_glyph(places[ord(sign)]).horiAdvance)


def heading(study: Study, figure_: Any, title: str) -> None:
    """The title, and where the data are simulated, that they are."""
    told = words(title, int(figure_.get_figwidth() / MM * 0.5), 3)
    if study.simulated:
        told += f"\n{SIMULATED}"
    # Not in bold: a second font costs a PDF more time than all the rest of the figure.
    figure_.suptitle(told, fontsize=LARGE)


def finished(drawn: Any, numbers: pd.DataFrame) -> Drawing:
    """The figure in all formats, without dates, so that the same numbers give the same bytes."""
    # Arranged once and printed by the canvases themselves: `savefig` would go over everything twice for each format.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_pdf import FigureCanvasPdf
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    drawn.draw_without_rendering()
    drawn.set_layout_engine("none")
    svg, pdf, png = io.BytesIO(), io.BytesIO(), io.BytesIO()
    FigureCanvasSVG(drawn).print_svg(svg, metadata={"Date": None, "Creator": "hindpaw"})
    about = {"CreationDate": None, "Creator": "hindpaw", "Producer": "hindpaw"}
    FigureCanvasPdf(drawn).print_pdf(pdf, metadata=about)
    drawn.set_dpi(PNG_DPI)
    # The last tenth of a PNG's size costs as much time as all the rest of it.
    FigureCanvasAgg(drawn).print_png(png, metadata={"Software": "hindpaw"}, pil_kwargs={"compress_level": 3})
    drawn.set_dpi(SETTINGS["figure.dpi"])
    return Drawing(named.in_svg(drawn, svg.getvalue()), pdf.getvalue(), png.getvalue(), tables.as_csv(numbers))


def empty(study: Study, title: str, reason: str) -> Drawing:
    """A figure that says in words why there is nothing to draw."""
    with settings():
        drawn, axes = figure(WIDE_MM, 40)
        axes.axis("off")
        axes.text(0.5, 0.5, words(reason, 70, 4), ha="center", va="center", transform=axes.transAxes)
        heading(study, drawn, title)
        return finished(drawn, pd.DataFrame({"reason": [reason]}))
