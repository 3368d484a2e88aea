"""hindpaw: from von Frey sheets and CSF cytokine plates to thresholds, models, figures and a report."""

__version__ = "0.1.0"
