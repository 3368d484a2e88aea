"""Tables and figures to the report that people read."""

from hindpaw.report.page import page
from hindpaw.report.provenance import made_with

__all__ = ["made_with", "page"]
