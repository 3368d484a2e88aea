"""Tables and figures to the report that people read."""

from hindpaw.report.document import document
from hindpaw.report.page import page
from hindpaw.report.papers import papers
from hindpaw.report.provenance import made_with

__all__ = ["document", "made_with", "page", "papers"]
