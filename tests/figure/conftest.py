"""Figures as they are before any byte of them is written."""

from __future__ import annotations

import dataclasses

import pytest
from hindpaw import tables
from hindpaw.drawings import Drawing
from hindpaw.figure import style


@pytest.fixture
def sketched(monkeypatch):
    """The figures that are drawn, arranged but not printed, which takes a fifth of the time."""
    made = []

    def sketch(drawn, numbers):
        drawn.draw_without_rendering()
        made.append(drawn)
        return Drawing(b"", b"", b"", tables.as_csv(numbers))

    monkeypatch.setattr(style, "finished", sketch)
    return made


@pytest.fixture(scope="session")
def one_question(demo):
    """The demo with its first question only, which keeps the drawing short."""
    return dataclasses.replace(demo, questions={"relief": demo.questions["relief"]}, reproduce={})


def texts(drawn):
    """Every text of a figure that is drawn, with the box it takes in pixels."""
    found = [text for text in drawn.texts if text.get_text()]
    found += [drawn._suptitle] if drawn._suptitle else []
    legends = list(drawn.legends)
    for axes in drawn.axes:
        if axes.axison:
            for axis in (axes.xaxis, axes.yaxis):
                low, high = sorted(axis.get_view_interval())
                slack = 1e-9 * (abs(low) + abs(high))
                pairs = zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=True)
                found += [text for place, text in pairs if low - slack <= place <= high + slack]
                found.append(axis.label)
        found += [axes.title, axes._left_title, *axes.texts]
        legends += [axes.get_legend()] if axes.get_legend() else []
    found += [text for legend in legends for text in [*legend.get_texts(), legend.get_title()]]
    shown = [text for text in found if text.get_visible() and text.get_text().strip()]
    return [(text, text.get_window_extent(drawn.canvas.get_renderer())) for text in shown]
