"""Why a model was not fitted, or an answer not given."""


class FitError(Exception):
    """The model cannot be fitted to these data; the message says why and what to do."""


class FamilyError(Exception):
    """One p-value was asked for out of a family of many."""
