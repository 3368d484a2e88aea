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
