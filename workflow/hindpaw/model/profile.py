"""Likelihood intervals of contrasts where values are censored, one-sided where the data give no more.

The likelihood of Lβ = c, all else free, is followed along c. Where every value of a cell lies beyond its bound the
likelihood rises to a ceiling as the cell's mean runs away; such directions are found by a linear programme, their rows
counted with probability 1, and a contrast that can run away to one side only has a bound on the other.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hindpaw.model import ascent, censored, quadrature
from hindpaw.model.ascent import Maximum
from hindpaw.model.censored import Data, Theta
from hindpaw.model.errors import FitError
from hindpaw.model.quadrature import Mode

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]
FLAT = 1e-7
# |t| at a limit is known to this.
CLOSE = 1e-5
# What is left of the gain of a Newton step is added to the likelihood; its error is of higher order.
SETTLED = 1e-6
# Fewer values inside bounds hold no variance.
LEAST = 3
STILL, MOST_NODES = 1e-6, 120


@dataclass(frozen=True)
class Values:
    """What is known of each row, in the order of `censored.ordered`.

    Parameters
    ----------
    lower, upper : (n,) bounds, equal where the value is known
    X : (n, p) model matrix; dependent columns are allowed
    animal, cage, stratum : (n,) codes; no cage where cages have no variance
    """

    lower: Floats
    upper: Floats
    X: Floats
    animal: Whole
    cage: Whole | None = None
    stratum: Whole | None = None

    @property
    def one_sided(self) -> Floats:
        """(n,) 1 where there is only a lower bound, −1 where there is only an upper one, else 0."""
        return np.isinf(self.upper).astype(float) - np.isinf(self.lower)

    def rows(self, kept: Mask) -> Values:
        """Some of the rows."""
        codes = (None if one is None else one[kept] for one in (self.cage, self.stratum))
        return Values(self.lower[kept], self.upper[kept], self.X[kept], self.animal[kept], *codes)

    def only(self, rows: Mask, X: Floats, shift: Floats | float = 0.0, nodes: int = censored.NODES) -> Data:
        """Some rows with other columns, their bounds less a shift."""
        some = self.rows(rows)
        stratum = None if some.stratum is None else np.unique(some.stratum, return_inverse=True)[1]
        known = censored.data(some.lower - shift, some.upper - shift, X, some.animal, some.cage, stratum)
        return replace(known, nodes=nodes)


def runaway(values: Values, held: Floats) -> Mask:
    """(n,) the rows whose probability tends to 1 along some direction of β with `held` β = 0.

    Parameters
    ----------
    held : (k, p) combinations of β that stay as they are

    Notes
    -----
    max Σ z_j with s_j x_j′d ≥ z_j, 0 ≤ z_j ≤ 1 for one-sided rows of sign s_j, and x_j′d = 0 for all others.
    """
    sign = values.one_sided
    rows = np.flatnonzero(sign)
    found = np.zeros(len(sign), dtype=bool)
    if not len(rows):
        return found
    from scipy.optimize import linprog

    p, k = values.X.shape[1], len(rows)
    fixed = np.vstack([values.X[sign == 0], held])
    above = np.hstack([-sign[rows, None] * values.X[rows], np.eye(k)])
    equal = np.hstack([fixed, np.zeros((len(fixed), k))])
    cost = np.append(np.zeros(p), -np.ones(k))
    limits = [(None, None)] * p + [(0.0, 1.0)] * k
    parts = {"A_eq": equal, "b_eq": np.zeros(len(equal))} if len(equal) else {}
    solved = linprog(cost, above, np.zeros(k), bounds=limits, method="highs", **parts)
    if solved.status != 0:
        raise FitError(f"whether cells run away could not be told: {solved.message}")
    found[rows] = solved.x[p:] > 0.5
    return found


def reach(values: Values, L: Floats) -> tuple[bool, bool]:
    """Whether Lβ can fall, and rise, without end while no probability falls."""
    from scipy.optimize import linprog

    sign = values.one_sided
    fixed, rows = values.X[sign == 0], np.flatnonzero(sign)
    if not len(rows):
        return False, False
    parts = {"A_ub": -sign[rows, None] * values.X[rows], "b_ub": np.zeros(len(rows)), "bounds": (-1, 1)}
    parts |= {"A_eq": fixed, "b_eq": np.zeros(len(fixed))} if len(fixed) else {}
    ends = [-linprog(way * L, method="highs", **parts).fun for way in (1.0, -1.0)]
    return ends[0] > FLAT, ends[1] > FLAT


@dataclass(frozen=True)
class Scale:
    """The scale on which a likelihood ratio is read: t² = ν (exp(b Λ/ν) − 1), which is Student's of ν degrees of freedom.

    In a linear model without censoring Λ = (ν/b) log(1 + t²/ν) exactly, with b the residual degrees of freedom over
    the number of units. b = 0 stands for χ²: t² = Λ.
    """

    df: float = math.inf
    shrink: float = 1.0

    def t(self, ratio: float) -> float:
        """|t| of a likelihood ratio Λ ≥ 0.

        >>> round(Scale(8, 0.8).t(10 * math.log(1 + 2.306**2 / 8)), 6)
        2.306
        """
        ratio = max(ratio, 0.0)
        if math.isinf(self.df):
            return math.sqrt(ratio * self.shrink)
        return math.sqrt(self.df * math.expm1(min(ratio * self.shrink / self.df, 500.0)))


class Likelihood:
    """The likelihood of one set of values, and of each contrast along it."""

    def __init__(self, values: Values, nodes: int = censored.NODES) -> None:
        """Nothing is fitted until it is asked for; a row without any bound says nothing and is left aside."""
        self.given, self.nodes = values.rows(np.isfinite(values.lower) | np.isfinite(values.upper)), nodes

    @cached_property
    def gone(self) -> Mask:
        """(n,) rows of cells that run away."""
        return runaway(self.given, np.zeros((0, self.given.X.shape[1])))

    @cached_property
    def basis(self) -> Floats:
        """(p, q) columns that take coefficients of the fit to β."""
        return _directions(self.given.X[~self.gone])

    @cached_property
    def maximum(self) -> Maximum:
        """The highest point, rows of runaway cells counted with probability 1."""
        values, kept = self.given, ~self.gone
        if int((kept & np.isfinite(values.lower) & np.isfinite(values.upper)).sum()) < LEAST:
            raise FitError(f"fewer than {LEAST} values are known, or known within bounds on both sides")
        known = values.only(kept, values.X[kept] @ self.basis, nodes=self.nodes)
        return ascent.maximise(known, start(known))

    def settled(self) -> Likelihood:
        """The same with as many nodes as it takes: twice as many move the log-likelihood by no more than `STILL`.

        Raises
        ------
        FitError
            Where even `MOST_NODES` do not do.
        """
        top, nodes = self.maximum, 2 * self.nodes
        finer = quadrature.evaluate(replace(top.known, nodes=nodes), top.point.theta, top.point.mode)
        if abs(finer.loglik - top.point.loglik) <= STILL:
            return self
        if nodes > MOST_NODES:
            raise FitError(f"the intercepts could not be integrated with {MOST_NODES} nodes")
        return Likelihood(self.given, nodes).settled()

    def contrast(self, L: Floats) -> Along:
        """The likelihood along Lβ."""
        return Along(self, L)


def _directions(X: Floats) -> Floats:
    """(p, q) a basis of the directions of β that X sees, scaled so that X times it is orthonormal."""
    _, s, vt = np.linalg.svd(X, full_matrices=False)
    kept = s > 1e-9 * s.max(initial=1e-300)
    return np.asarray(vt[kept].T / s[kept])


def start(known: Data) -> Theta:
    """Moments of the values with the censored ones at the middle of their bounds, or at the one they have."""
    inside = np.isfinite(known.lower) & np.isfinite(known.upper)
    one = np.where(np.isfinite(known.lower), known.lower, known.upper)
    y = np.where(inside, (np.where(inside, known.lower, 0) + np.where(inside, known.upper, 0)) / 2, one)
    beta = np.asarray(np.linalg.lstsq(known.X, y)[0], dtype=float)
    residual = y - known.X @ beta
    rows = np.diff(np.append(known.first, len(y)))
    own = np.add.reduceat(residual, known.first) / rows
    free = max(len(y) - len(rows), 1)
    sigma = math.sqrt(max(float(((residual - own[known.of_row]) ** 2).sum()) / free, 1e-12))
    tau = math.sqrt(max(float((own**2).mean()) - sigma**2 / float(rows.mean()), 0.1 * sigma**2))
    return Theta(beta, tau, 0.5 * tau * known.caged, np.full(known.n_strata, math.log(sigma)))


class Along:
    """The likelihood of Lβ = c for any c.

    `falls` and `rises` say to which side the contrast can run away. Where to neither, `estimate` and `se` hold.
    """

    def __init__(self, whole: Likelihood, L: Floats) -> None:
        """What does not depend on c."""
        values = whole.given
        self.whole, self.L = whole, L
        self.falls, self.rises = reach(values, L) if whole.gone.any() else (False, False)
        self.rows = ~runaway(values, L[None]) if whole.gone.any() else ~whole.gone
        self.lift = values.X[self.rows] @ (L / (L @ L))
        free = np.linalg.svd(L[None])[2][1:].T
        self.columns = free @ _directions(values.X[self.rows] @ free)
        self.X = values.X[self.rows] @ self.columns
        self._seen: list[tuple[float, Maximum]] = []

    @property
    def known(self) -> bool:
        """Whether there is an estimate."""
        return not (self.falls or self.rises)

    @cached_property
    def estimate(self) -> float:
        """Lβ at the maximum."""
        top = self.whole.maximum
        return float(self.L @ self.whole.basis @ top.theta.beta)

    @cached_property
    def se(self) -> float:
        """Its standard error from the observed information."""
        own = self.L @ self.whole.basis
        return math.sqrt(max(float(own @ self.whole.maximum.covariance @ own), 0.0))

    def ratio(self, c: float) -> float:
        """Λ(c), twice what the log-likelihood loses where Lβ = c."""
        known = self.whole.given.only(self.rows, self.X, c * self.lift, self.whole.nodes)
        found = ascent.maximise(known, *self._start(known, c), settled=SETTLED)
        if not found.converged:
            raise FitError("the likelihood along a contrast could not be followed to its maximum")
        self._seen = [*self._seen[-1:], (c, found)]
        return max(2 * (self.whole.maximum.loglik - found.loglik), 0.0)

    def _start(self, known: Data, c: float) -> tuple[Theta, Mode | None]:
        """The line through the last two points, the last one, or the maximum carried over."""
        p, caged = known.X.shape[1], known.caged
        if self._seen:
            (c1, one), (c2, two) = self._seen[0], self._seen[-1]
            here, there = one.point.theta.vector(caged), two.point.theta.vector(caged)
            far = (c - c2) / (c2 - c1) if abs(c2 - c1) > 1e-12 else 0.0
            guess = Theta.of(there + float(np.clip(far, -2, 2)) * (there - here), p, caged)
            return guess, two.point.mode
        top = self.whole.maximum
        if not self.known or len(top.theta.log_sigma) != known.n_strata:
            return start(known), None
        beta = self.whole.basis @ top.theta.beta
        beta = beta + (c - self.L @ beta) * self.L / (self.L @ self.L)
        eta = self.whole.given.X[self.rows] @ beta - c * self.lift
        tau = max(top.theta.tau, 0.05 * float(np.exp(top.theta.log_sigma.min())))
        omega = max(top.theta.omega, 0.5 * tau) if caged else 0.0
        return replace(top.theta, beta=self.X.T @ eta, tau=tau, omega=omega), None

    def limit(self, scale: Scale, critical: float, way: int) -> float:
        """Where |t| of the ratio reaches a critical value: below the estimate for way −1, above it for 1; NaN where it
        never does."""
        if (self.falls and way < 0) or (self.rises and way > 0):
            return math.nan
        if not self.known:
            return self._bound(scale, critical, way)
        step = critical * self.se / math.sqrt(scale.shrink)

        def excess(c: float) -> float:
            return scale.t(self.ratio(c)) - critical

        near, f_near = self.estimate, -critical
        far, f_far = self.estimate + way * step, 0.0
        for _ in range(60):
            f_far = excess(far)
            if f_far >= -CLOSE:
                break
            near, f_near, far = far, f_far, far + way * max(step * -f_far / critical, 0.02 * step)
        return _crossing(excess, near, f_near, far, f_far)

    def _bound(self, scale: Scale, critical: float, way: int) -> float:
        """The one limit of a contrast that runs away to the other side."""

        def excess(c: float) -> float:
            return scale.t(self.ratio(c)) - critical

        unit = float(np.exp(self.whole.maximum.theta.log_sigma).mean())
        middle = self._substituted()
        here, f_here = middle, excess(middle)
        for _ in range(80):
            outward = way if f_here < 0 else -way
            there = here + outward * unit
            f_there = excess(there)
            if (f_here < 0) != (f_there < 0):
                return _crossing(excess, here, f_here, there, f_there)
            here, f_here, unit = there, f_there, 1.5 * unit
        return math.nan

    def _substituted(self) -> float:
        """Lβ by least squares with censored values at their bound: where to begin looking."""
        values = self.whole.given
        one = np.where(np.isfinite(values.lower), values.lower, values.upper)
        y = np.where(np.isfinite(values.upper) & np.isfinite(values.lower), (values.lower + values.upper) / 2, one)
        return float(self.L @ np.linalg.lstsq(values.X, y)[0])


def _crossing(excess: Callable[[float], float], a: float, f_a: float, b: float, f_b: float) -> float:
    """The root between two points of opposite sign, along a curve that is nearly a line."""
    for _ in range(60):
        if abs(f_b) <= CLOSE:
            return b
        new = b - f_b * (b - a) / (f_b - f_a)
        f_new = excess(new)
        if (f_new < 0) != (f_b < 0):
            a, f_a = b, f_b
        elif abs(f_new) > 0.5 * abs(f_b):
            # The other end would stay for ever; half its value draws the next point to its side.
            f_a /= 2
        b, f_b = new, f_new
    raise FitError("the limit of a likelihood interval could not be found")
