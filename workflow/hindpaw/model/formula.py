"""A model formula as columns, terms and a grid of the factors' levels."""

from __future__ import annotations

import itertools
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hindpaw.model.errors import FitError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fixed:
    """The fixed part of a model.

    Parameters
    ----------
    formula : right-hand side, such as `arm * C(week) + baseline`; text columns are factors, C() makes one of numbers
    frame : the rows
    """

    formula: str
    frame: pd.DataFrame

    @cached_property
    def _matrix(self) -> Any:
        """formulaic's model matrix."""
        from formulaic import model_matrix

        return _read(self.formula, lambda: model_matrix(self.formula, self.frame, na_action="raise"))

    @property
    def X(self) -> Floats:
        """(n, p) the model matrix."""
        return np.asarray(self._matrix, dtype=float)

    @property
    def names(self) -> list[str]:
        """Names of its columns."""
        return list(self._matrix.columns)

    @cached_property
    def factors(self) -> dict[str, list[Any]]:
        """Levels of each column that enters as a factor."""
        spec, found = self._matrix.model_spec, {}
        for factor, state in spec.factor_contrasts.items():
            for name in sorted(map(str, spec.factor_variables[factor])):
                if name in self.frame.columns:
                    found[name] = list(state.levels)
        return found

    @cached_property
    def covariates(self) -> dict[str, float]:
        """Means over the rows of the columns that enter as numbers."""
        used = sorted(str(name) for name in self._matrix.model_spec.variables if name in self.frame.columns)
        return {name: float(self.frame[name].mean()) for name in used if name not in self.factors}

    def grid(self, by: list[str]) -> tuple[pd.DataFrame, Floats]:
        """Marginal means: each combination of the levels of `by`, and its row of L.

        The other factors are averaged with equal weights, covariates stand at their mean over the rows.

        Raises
        ------
        FitError
            Where a name is no factor of the model.
        """
        for name in by:
            if name not in self.factors:
                raise FitError(f'"{name}" is no factor of this model. Valid here: {", ".join(self.factors) or "none"}.')
        rest = [name for name in self.factors if name not in by]
        order = [*by, *rest]
        cells = list(itertools.product(*(self.factors[name] for name in order)))
        frame = pd.DataFrame(cells, columns=order).assign(**self.covariates)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            rows = np.asarray(self._matrix.model_spec.get_model_matrix(frame), dtype=float)
        each = len(cells) // int(np.prod([len(self.factors[name]) for name in by], initial=1))
        L = rows.reshape(-1, each, rows.shape[1]).mean(axis=1)
        return frame[by].iloc[::each].reset_index(drop=True), L

    @cached_property
    def terms(self) -> dict[str, Floats]:
        """Type III hypotheses: for each term, rows of L in the coefficients of X.

        With every factor coded by sums the columns of a term are what it adds to all others; X = S T turns the rows
        that pick them into rows for X. Equal to Type III of R's car and lmerTest under contr.sum.
        """
        from formulaic import Formula, model_matrix

        spec = self._matrix.model_spec
        coded = {str(factor): self._sum(str(factor)) for factor in spec.factor_contrasts}
        parts: dict[str, str] = {}
        for term in Formula(self.formula):
            words = [coded.get(str(one), _quoted(one)) for one in term.factors]
            parts[":".join(_plain(str(one)) for one in term.factors)] = ":".join(words)
        intercept = "1" if parts.pop("1", None) else "0"
        coded_matrix = model_matrix(" + ".join([intercept, *parts.values()]), self.frame)
        everywhere = self._everywhere()
        S, X = (np.asarray(one.get_model_matrix(everywhere), dtype=float) for one in (coded_matrix.model_spec, spec))
        T = np.linalg.lstsq(S, X, rcond=None)[0]
        if not np.allclose(S @ T, X, atol=1e-8 * np.abs(X).max()):
            raise FitError("Type III tests need the columns of each term; this formula has none of its own for some.")
        indices = coded_matrix.model_spec.term_indices
        places = [list(places) for term, places in indices.items() if str(term) != "1"]
        return {name: T[at] for name, at in zip(parts, places, strict=True)}

    def _everywhere(self) -> pd.DataFrame:
        """Every cell, observed or not, several times with covariates as they occur: what coding is about."""
        cells = list(itertools.product(*self.factors.values()))
        frame = pd.DataFrame(cells * (len(self.covariates) + 2), columns=list(self.factors))
        draw = np.random.default_rng(0)
        return frame.assign(**{name: draw.choice(self.frame[name].unique(), len(frame)) for name in self.covariates})

    def _sum(self, factor: str) -> str:
        """A factor of the formula, coded by sums."""
        inner = re.fullmatch(r"C\(\s*([^,]+?)\s*(?:,.*)?\)", factor)
        return f"C({inner.group(1) if inner else '`' + factor + '`'}, contr.sum)"


def columns_of(formula: str, frame: pd.DataFrame) -> list[str]:
    """The columns of a frame that a formula uses."""
    from formulaic import Formula

    wanted = {str(name) for name in _read(formula, lambda: Formula(formula).required_variables)}
    found = [name for name in map(str, frame.columns) if name in wanted]
    if "C" in frame.columns and re.search(r"(?<![\w.])C(?!\w|\s*\()", formula):
        raise FitError("A column called C hides the function C() of formulas; give the column another name.")
    return [name for name in found if name != "C"]


def _read(formula: str, reading: Callable[[], Any]) -> Any:
    """What formulaic gives, its complaints in one line."""
    from formulaic.errors import FormulaicError

    try:
        return reading()
    except (FormulaicError, ValueError, KeyError, TypeError, SyntaxError, NameError) as error:
        # formulaic marks the place in colour, for a terminal.
        cause = " ".join(re.sub(r"\x1b\[[0-9;]*m|[⧛⧚]", "", str(error)).split())
        raise FitError(f'The formula "{formula}" cannot be read with these columns: {cause}') from None


def _quoted(factor: Any) -> str:
    """A factor that is no category, as it stands in a formula."""
    text = str(factor)
    return f"`{text}`" if factor.eval_method.value == "lookup" else text


def _plain(factor: str) -> str:
    """What a term is called: `C(week)` is week."""
    inner = re.fullmatch(r"C\(\s*([^,]+?)\s*(?:,.*)?\)", factor)
    return inner.group(1).strip("`") if inner else factor
