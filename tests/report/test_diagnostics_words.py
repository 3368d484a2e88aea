"""What the report says of assumptions."""

from __future__ import annotations

import pandas as pd
from hindpaw import tables
from hindpaw.report import diagnostics
from hindpaw.report.sections import plain


def told(*rows):
    """The sentence about tests, each given as (assumption, test, p)."""
    frame = pd.DataFrame(rows, columns=["assumption", "test", "p"]).assign(question="relief", n=20)
    shaped = tables.shaped(frame.reindex(columns=tables.columns(tables.Assumptions)), tables.Assumptions)
    return [plain(text) for text in diagnostics._verdict(shaped)]


def test_that_grams_do_not_suit_the_data_speaks_for_the_model_not_against_it():
    log, raw = ("scale", "Box–Cox, logarithm (λ = 0)", 0.14), ("scale", "Box–Cox, raw grams (λ = 1)", 1e-30)
    (text,) = told(("normal residuals", "Shapiro–Wilk", 0.3), log, raw)
    assert text.startswith("No test speaks against")
    assert "p = .14" in text
    (text,) = told(("normal residuals", "Shapiro–Wilk", 0.008), log, raw)
    assert "normal residuals (p = .008)" in text
    assert "scale" not in text
