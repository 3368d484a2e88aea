"""The door for a notebook: `fit` a mixed model to a frame, then ask for tests, means and contrasts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from hindpaw.model import contrasts as families
from hindpaw.model import selection, solution
from hindpaw.model.errors import FamilyError, FitError
from hindpaw.model.formula import Fixed, columns_of
from hindpaw.model.selection import SerialTest
from hindpaw.model.smallsample import WORDS, Inference
from hindpaw.model.solution import Rows, Solution

Floats = NDArray[np.float64]
AUTO = ("cs", "ar1", "cs+ar1")


@dataclass(frozen=True)
class Fit:
    """A fitted mixed model.

    Parameters
    ----------
    solution : the fit itself
    fixed : its formula
    inference : kenward-roger or satterthwaite
    notes : what was left out or approximated, in words
    tried : for `structure="auto"`, each structure with its AICc, restricted log-likelihood and, where it was not
        fitted, the reason
    """

    solution: Solution = field(repr=False)
    fixed: Fixed = field(repr=False)
    inference: str
    notes: tuple[str, ...]
    tried: pd.DataFrame | None = field(default=None, repr=False)

    @cached_property
    def tests(self) -> Inference:
        """Small-sample inference by the chosen method."""
        return Inference(self.solution, self.inference)

    @property
    def beta(self) -> pd.Series:
        """Fixed effects by column of the model matrix; empty where a column depends on others."""
        return pd.Series(self.solution.coefficients, index=self.fixed.names, name="beta")

    @property
    def covariance(self) -> pd.DataFrame:
        """Their covariance (X′V⁻¹X)⁻¹."""
        return self._named(Inference(self.solution, "satterthwaite").covariance)

    @property
    def covariance_kr(self) -> pd.DataFrame:
        """Their covariance with the correction of Kenward and Roger."""
        return self._named(Inference(self.solution, "kenward-roger").covariance)

    def _named(self, matrix: Floats) -> pd.DataFrame:
        """A matrix with the columns' names on both sides."""
        return pd.DataFrame(matrix, index=self.fixed.names, columns=self.fixed.names)

    @property
    def theta(self) -> dict[str, float]:
        """Variances and correlations by name, in the outcome's unit squared; slopes per day; ρ of `ar1` per day, of
        `cs+ar1` per median gap between days."""
        return self.solution.reported

    @property
    def reml_loglik(self) -> float:
        """Restricted log-likelihood with its constants (full one for a fit by ML)."""
        return self.solution.loglik

    @property
    def boundary(self) -> bool:
        """Whether a variance or correlation lies at the edge of what it may be; `solution.edge` names it."""
        return bool(self.solution.edge)

    @property
    def aicc(self) -> float:
        """Corrected information criterion of the covariance structures of one fixed part."""
        return self.solution.aicc

    @cached_property
    def serial_correlation(self) -> SerialTest | None:
        """The likelihood-ratio test of `cs` against `cs+ar1` on the same rows; None without `day`."""
        return selection.serial_correlation(self.solution.rows) if self.solution.rows.day is not None else None

    def test(self, L: ArrayLike) -> pd.DataFrame:
        """The F test of Lβ = 0: one row with F, num_df, den_df, p and method.

        Parameters
        ----------
        L : (q, p) or (p,) rows of full rank over the columns of the model matrix
        """
        rows = np.atleast_2d(np.asarray(L, dtype=float))
        if rows.shape[1] != len(self.fixed.names):
            raise FitError(f"L has {rows.shape[1]} columns, the model matrix {len(self.fixed.names)}.")
        if not self.solution.estimable(rows).all():
            raise FitError(f"L asks for what the data cannot tell: {families.NOT_ESTIMABLE}.")
        return pd.DataFrame([_tested(self.tests, rows)])

    def anova(self, type: int = 3) -> pd.DataFrame:
        """Type III tests: one row a term with F, num_df, den_df, p and method.

        Where cells are empty, a term is tested in the part of its hypothesis that the data can tell, and `method`
        says so.
        """
        if type != 3:
            raise FitError(
                f"Tests of type {type} are not offered: only Type III does not depend on the numbers of mice."
            )
        rows = []
        for term, L in self.fixed.terms.items():
            told = families.estimable_part(self.solution, L)
            row: dict[str, Any] = {"term": term, "num_df": len(told), "den_df": math.nan, "F": math.nan, "p": math.nan}
            row["method"] = families.NOT_ESTIMABLE
            if len(told):
                row |= _tested(self.tests, told)
                row["method"] += (
                    "" if len(told) == len(L) else f"; {len(told)} of {len(L)} df, the others not estimable"
                )
            rows.append(row)
        return pd.DataFrame(rows)

    def means(self, by: str | Sequence[str]) -> pd.DataFrame:
        """Estimated marginal means: one row a combination of levels, with se, df and an unadjusted 95 % interval.

        Other factors are averaged with equal weights; covariates stand at their mean over the rows.
        """
        names = [by] if isinstance(by, str) else list(by)
        grid, L = self.fixed.grid(names)
        found = families.family(self.tests, L, "none")
        return pd.concat([grid, found[["estimate", "se", "df", "lower", "upper", "note"]]], axis=1)

    def contrasts(
        self,
        of: str,
        *,
        by: str | Sequence[str] = (),
        against: Any = None,
        change_from: Any = None,
        at: dict[str, Any] | None = None,
        adjust: str = "holm",
        family: str = "all",
        base: float | None = None,
    ) -> pd.DataFrame:
        """Differences of marginal means, with adjusted p-values and simultaneous intervals.

        Parameters
        ----------
        of : the factor whose levels are compared
        by : factors at each of whose levels they are compared; none for averages over them
        against : the one level all others are compared with (Dunnett's family); all pairs where left out
        change_from : a level of `by`; what is compared is the change from it
        at : asks for some levels of `by` only, which is refused where that picks from a family of many
        adjust : holm, bonferroni, bh, mvt (single-step: Dunnett's or Tukey's), mvt-step-down or none
        family : `all` rows adjusted together, or `within` each level of `by`
        base : 10 where the outcome is a log10; adds ratios

        Raises
        ------
        FamilyError
            Where one p-value is asked for out of a family of many.
        """
        within = [by] if isinstance(by, str) else list(by)
        self._whole_family(within, at or {})
        grid, L = self.fixed.grid([*within, of])
        levels = self.fixed.factors[of]
        cells = L.reshape(-1, len(levels), L.shape[1])
        times = grid[within].iloc[:: len(levels)].reset_index(drop=True)
        if change_from is not None:
            cells, times = families.changes(cells, times, within, change_from)
        pairs = families.pairs(levels, against)
        rows = [times.iloc[[place] * len(pairs)].reset_index(drop=True) for place in range(len(times))]
        made = []
        for place, frame in enumerate(rows):
            named = [f"{levels[a]} − {levels[b]}" for a, b in pairs]
            made.append((frame.assign(contrast=named), np.stack([cells[place, a] - cells[place, b] for a, b in pairs])))
        groups = made if family == "within" else [families.together(made)]
        told = [pd.concat([frame, families.family(self.tests, part, adjust)], axis=1) for frame, part in groups]
        whole = pd.concat(told, ignore_index=True).assign(adjustment=adjust)
        return whole if base is None else families.with_ratios(whole, base)

    def _whole_family(self, within: list[str], at: dict[str, Any]) -> None:
        """Refuse to pick."""
        for name in at:
            levels = self.fixed.factors.get(name, [])
            if name in within and len(levels) > 1:
                raise FamilyError(
                    f"{name} {at[name]} is one of {len(levels)} comparisons that these data allow. Its p alone would "
                    f"not count the others: ask for all of them (leave `at` out) and read its row, with the adjusted p."
                )
            raise FitError(f'"{name}" is not among the factors of `by`.')


def _tested(inference: Inference, L: Floats) -> dict[str, Any]:
    """An F test as a row."""
    found = inference.test(L)
    return {
        "F": found.F,
        "num_df": found.num_df,
        "den_df": found.den_df,
        "p": found.p,
        "method": WORDS[found.method],
    }


def fit(
    frame: pd.DataFrame,
    outcome: str,
    fixed: str,
    animal: str,
    structure: str = "cs",
    cage: str | None = None,
    day: str | None = None,
    method: str = "REML",
    *,
    variance: str | None = None,
    inference: str = "kenward-roger",
) -> Fit:
    """A linear mixed model of repeated measurements on animals, with small-sample tests.

    Parameters
    ----------
    frame : one row a measurement
    outcome : the measured column, such as log10_threshold
    fixed : right-hand side of a formula, such as `arm * C(week)`; text columns are factors
    animal : column of the animals
    structure : cs (random intercept), slope, independent-slope, ar1, cs+ar1, un, or auto: the lowest AICc of the
        restricted likelihood among cs, ar1 and cs+ar1, which `notes` and `tried` then say
    cage : column of the cages, where animals of a cage share a variance
    day : column of days as numbers; every structure but cs needs it
    method : REML, or ML for likelihood-ratio tests of fixed effects
    variance : column in whose levels the residual variance differs, such as week or arm
    inference : kenward-roger or satterthwaite

    Raises
    ------
    FitError
        Where a column is missing, or the data cannot carry the model; the message names the cause.

    References
    ----------
    Kenward MG, Roger JH, Biometrics 1997;53:983-997, doi 10.2307/2533558.

    Examples
    --------
    Three mice in two weeks; with every cell filled, the change is the mean of the paired differences 2, 2 and 3,
    and its t is that of the paired t test: 7/3 over sd √(1/3) / √3, on 2 degrees of freedom.

    >>> data = pd.DataFrame({"mouse": list("aabbcc"), "week": [1, 2] * 3, "y": [0, 2, 3, 5, 6, 9.0]})
    >>> found = fit(data, outcome="y", fixed="C(week)", animal="mouse")
    >>> found.contrasts("week", against=1)[["contrast", "estimate", "t", "df"]].round(4).to_dict("records")
    [{'contrast': '2 − 1', 'estimate': 2.3333, 't': 7.0, 'df': 2.0}]
    """
    wanted = {"outcome": outcome, "animal": animal, "cage": cage, "day": day, "variance": variance}
    for role, column in wanted.items():
        if column is not None and column not in frame.columns:
            raise FitError(
                f'There is no column "{column}", named as {role}. The frame has {", ".join(map(str, frame))}.'
            )
    used, notes = _complete(frame, fixed, [column for column in wanted.values() if column is not None])
    part = Fixed(fixed, used)
    strata, stratum = ([""], None) if variance is None else _codes(used[variance])
    rows = Rows(
        used[outcome].to_numpy(float),
        part.X,
        _codes(used[animal])[1],
        None if cage is None else _codes(used[cage])[1],
        None if day is None else used[day].to_numpy(float),
        stratum,
        tuple(map(str, strata)),
    )
    _one_cage_an_animal(rows)
    tried = None
    if structure == "auto":
        others = selection.candidates(rows, AUTO)
        if others[0].fit is None or method != "REML":
            raise FitError("No structure could be chosen: " + "; ".join(f"{one.name}: {one.reason}" for one in others))
        found, tried = others[0].fit, selection.table(others)
        notes.append(f"structure {others[0].name} chosen by the lowest AICc among {', '.join(AUTO)}")
    else:
        found = solution.solve(rows, structure, method=method)
    dropped = [name for place, name in enumerate(part.names) if place not in found.basis.kept]
    if dropped:
        notes.append(f"columns that depend on others, left out: {', '.join(dropped)}")
    if not found.converged:
        notes.append(
            "the search for the variances did not settle: do not rely on these numbers, choose a simpler structure"
        )
    if found.edge:
        notes.append(f"at the edge of what it may be: {', '.join(found.edge)}")
    return Fit(found, part, inference, tuple(notes), tried)


def _codes(column: pd.Series) -> tuple[list[Any], NDArray[np.int64]]:
    """The levels of a column and each row's place among them."""
    codes, levels = pd.factorize(column, sort=True)
    return list(levels), codes.astype(np.int64)


def _complete(frame: pd.DataFrame, fixed: str, columns: list[str]) -> tuple[pd.DataFrame, list[str]]:
    """The rows in which every column of the model holds a value, and how many were left out."""
    needed = list(dict.fromkeys([*columns, *columns_of(fixed, frame)]))
    whole = frame[needed].dropna()
    left = len(frame) - len(whole)
    if whole.empty:
        raise FitError("No row holds a value in every column of the model.")
    return whole.reset_index(drop=True), [f"{left} rows with an empty value left out"] if left else []


def _one_cage_an_animal(rows: Rows) -> None:
    """An animal that lives in two cages belongs to no block."""
    if rows.cage is None:
        return
    pairs = np.unique(np.stack([rows.animal, rows.cage]), axis=1)
    moved = np.flatnonzero(np.bincount(pairs[0]) > 1)
    if len(moved):
        raise FitError(f"{len(moved)} animal(s) stand in more than one cage; give each the cage it was randomized in.")
