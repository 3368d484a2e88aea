"""Treated against untreated: mixed models of thresholds, comparisons of concentrations."""

from hindpaw.model.mixed import Fit, fit

__all__ = ["Fit", "fit"]
