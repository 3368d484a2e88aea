"""The exact randomization test: the labels of two arms dealt again, every statistic refitted in every deal.

At one time z is a unit's value (a day's, or the weighted mean of several days'), T the labels, Q an orthonormal basis of
1 and the covariates, M = 1 − QQ′. Least squares of z on labels and covariates gives β = T′Mz/S with S = T′MT, and
t = β√S/s, s² = (z′Mz − β²S)/df: with Mz and Q at hand, one matrix product of all deals gives every t.

Where units missed days, the days of a time are taken in groups of days on which the same units were tested, each fitted by
itself; β = Σ W_g β_g, and its variance Σ_i (Σ_g W_g e_gi/√(S_g df_g))² by the units' residuals e, which is the square of
the usual standard error where nothing is missing. Which units were tested moves with the units.

Adding δ to every treated value moves T′Mz by δT′MT₀, T₀ being the labels as they were. A deal is as extreme as the data
under the effect δ where |a − δb| ≥ |a₀ − δb₀| with a = T′Mz/√S, b = T′MT₀/√S; since |b| ≤ b₀ that is one stretch of δ
between (a₀ − a)/(b₀ − b) and (a₀ + a)/(b₀ + b), so that the interval of all δ with p > 5 % is read off the sorted ends.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hindpaw.model.deals import Deals

Floats = NDArray[np.float64]

TIE = 1e-9
LEVEL = 0.05
# A share of squares below this is rounding: nothing left to divide by.
NOTHING = 1e-12
LARGEST = 1e8
SPLITS = 40
# Deals worked on at a time: about 2 MB for a few dozen units.
AT_A_TIME = 8192


@dataclass(frozen=True)
class Time:
    """One statistic: the values of its days with their weights.

    Parameters
    ----------
    values : (units, days) NaN where a unit was not tested
    weights : (days,) sum 1
    """

    values: Floats
    weights: Floats


@dataclass(frozen=True)
class Dealt:
    """A statistic in every deal.

    Parameters
    ----------
    estimate, t : of the data
    statistics : (deals,) t
    lower, upper : 95 % limits by inversion, infinite where no effect can be ruled out
    df : residual degrees of freedom, the fewest where there are several
    """

    estimate: float
    t: float
    statistics: Floats
    lower: float
    upper: float
    df: int


@dataclass(frozen=True)
class _Group:
    """Days on which the same units were tested: their weighted mean, with covariates taken out, and the basis Q."""

    mask: Floats
    weight: float
    z: Floats
    Q: Floats
    df: int


def spare(times: list[Time], covariates: Floats) -> int:
    """The fewest residual degrees of freedom that any of the times leaves."""
    return min((group.df for one in times for group in _groups(one, covariates)), default=0)


def deal(times: list[Time], covariates: Floats, treated: NDArray[np.bool_], deals: Deals) -> list[Dealt]:
    """Every statistic in every deal, with its interval.

    Parameters
    ----------
    times : the values
    covariates : (units, c) known before the labels were dealt; (units, 0) for none
    treated : (units,) the deal that was made
    deals : the others

    Examples
    --------
    Three against three, without overlap: of 20 deals the one that was made and its mirror are as extreme.

    >>> from hindpaw.model import deals
    >>> arm = np.arange(6) < 3
    >>> every = deals.of(arm, np.zeros(6, int), np.random.default_rng(0))
    >>> one = Time(np.array([[5.0], [6], [7], [1], [2], [3]]), np.ones(1))
    >>> (found,) = deal([one], np.zeros((6, 0)), arm, every)
    >>> found.estimate, round(found.t, 3), p_value(found, every)
    (4.0, 4.899, 0.1)
    """
    made = treated.astype(np.float64)
    kinds = [_kind(_groups(time, covariates), made) for time in times]
    columns = np.column_stack([kind.columns for kind in kinds])
    ends = np.cumsum([0, *(kind.columns.shape[1] for kind in kinds)])

    def inside(T: Floats) -> list[Floats]:
        """What each statistic needs of some deals, by one matrix product."""
        product = T @ columns
        return [
            kind.in_deals(T, product[:, low:high]) for kind, low, high in zip(kinds, ends[:-1], ends[1:], strict=True)
        ]

    own = inside(made[None])
    starts = range(0, len(deals.treated), AT_A_TIME)
    parts = [inside(deals.indicators(len(treated), at, at + AT_A_TIME)) for at in starts]
    found = []
    for place, kind in enumerate(kinds):
        whole = np.hstack([part[place] for part in parts])
        lower, upper = kind.limits(own[place][:, 0], whole, deals)
        estimate, t = kind.estimate(own[place][:, 0]), float(kind.t(own[place])[0])
        found.append(Dealt(estimate, t, kind.t(whole), lower, upper, kind.df))
    return found


def p_value(dealt: Dealt, deals: Deals) -> float:
    """The share of deals with |t| as large as the data's, ties counted."""
    return deals.share(int((np.abs(dealt.statistics) >= reached(abs(dealt.t))).sum()))


def smallest_p(statistics: Floats, deals: Deals) -> float:
    """The smallest p that these deals can give: the share of those with the largest |t|."""
    if not deals.enumerated:
        return deals.share(0)
    size = np.abs(statistics)
    return deals.share(int((size >= reached(float(size.max()))).sum()))


def reached(size: float) -> float:
    """What |t| must reach to count as large as `size`."""
    return size - TIE * max(1.0, size)


def step_down(dealt: list[Dealt], deals: Deals) -> Floats:
    """Family-wise p-values: each |t| against the largest of those not yet rejected, in every deal.

    Exact for the family because each time's t uses its own values only (subset pivotality).

    References
    ----------
    Westfall PH, Young SS, Resampling-Based Multiple Testing, Wiley 1993, ISBN 978-0-471-55761-6, algorithm 2.8.
    """
    order = np.argsort([-abs(one.t) for one in dealt], kind="stable")
    found, largest = np.empty(len(dealt)), np.zeros(len(deals.treated))
    counts = np.empty(len(dealt))
    for place in order[::-1]:
        largest = np.maximum(largest, np.abs(dealt[place].statistics))
        counts[place] = deals.share(int((largest >= reached(abs(dealt[place].t))).sum()))
    so_far = 0.0
    for place in order:
        so_far = max(so_far, float(counts[place]))
        found[place] = so_far
    return found


def largest(dealt: list[Dealt]) -> Floats:
    """(deals,) the largest |t| of a family."""
    return np.asarray(np.max([np.abs(one.statistics) for one in dealt], axis=0))


def _groups(time: Time, covariates: Floats) -> list[_Group]:
    """The days of a time by who was tested on them."""
    tested = np.isfinite(time.values)
    masks, which = np.unique(tested, axis=1, return_inverse=True)
    found = []
    for number, mask in enumerate(masks.T):
        days = np.flatnonzero(which.ravel() == number)
        weight = float(time.weights[days].sum())
        z = np.where(tested[:, days], time.values[:, days], 0.0) @ (time.weights[days] / weight)
        Q = _basis(np.column_stack([np.ones(len(mask)), covariates]) * mask[:, None])
        df = int(mask.sum()) - Q.shape[1] - 1
        left = _without(Q, z)
        # Values that covariates explain but for rounding do not vary at all.
        left = left if np.linalg.norm(left) > NOTHING * np.linalg.norm(z) else np.zeros_like(left)
        found.append(_Group(mask.astype(float), weight, left, Q, df))
    return found


def _basis(X: Floats) -> Floats:
    """(units, r) an orthonormal basis of the columns."""
    u, s, _ = np.linalg.svd(X, full_matrices=False)
    return np.asarray(u[:, s > 1e-10 * s[0]])


def _kind(groups: list[_Group], made: Floats) -> _Alone | _Several:
    """How a time is computed."""
    labels = [_without(group.Q, made * group.mask) for group in groups]
    columns = [np.column_stack([g.z, one, g.mask, g.Q]) for g, one in zip(groups, labels, strict=True)]
    if len(groups) == 1:
        return _Alone(groups[0], columns[0])
    return _Several(groups, labels, np.hstack(columns))


@dataclass(frozen=True)
class _Alone:
    """A time whose days were tested in the same units: a and b of each deal say everything."""

    group: _Group
    columns: Floats

    @property
    def df(self) -> int:
        """Residual degrees of freedom."""
        return self.group.df

    def in_deals(self, T: Floats, product: Floats) -> Floats:
        """(2, deals) a = T′Mz/√S and b = T′MT₀/√S, 0 where all units of a deal are alike."""
        root = np.sqrt(_spread(product, self.group))
        over = np.where(root > 0, 1 / np.where(root > 0, root, 1.0), 0.0)
        return np.vstack([product[:, 0] * over, product[:, 1] * over])

    def estimate(self, own: Floats) -> float:
        """β of the data."""
        return float(own[0] / own[1]) if own[1] > 0 else math.nan

    def t(self, inside: Floats) -> Floats:
        """t = a√df/√(z′Mz − a²)."""
        whole = float(self.group.z @ self.group.z)
        rest = whole - inside[0] ** 2
        return _ratio(inside[0], np.where(rest > NOTHING * whole, rest, 0.0) / self.group.df, math.sqrt(whole))

    def limits(self, own: Floats, whole: Floats, deals: Deals) -> tuple[float, float]:
        """The interval from the sorted ends of each deal's stretch of δ."""
        (a0, b0), (a, b) = own, whole
        with np.errstate(divide="ignore", invalid="ignore"):
            ends = np.sort([(a0 - a) / (b0 - b), (a0 + a) / (b0 + b)], axis=0)
        # The deal that was made and its mirror are as extreme under every δ.
        same = np.abs(b) >= b0 * (1 - 1e-10)
        low, high = np.where(same, [[-math.inf], [math.inf]], ends)
        need = _needed(deals)
        if need > len(low) or need == 0:
            return -math.inf, math.inf
        return float(np.partition(low, need - 1)[need - 1]), float(-np.partition(-high, need - 1)[need - 1])


@dataclass(frozen=True)
class _Several:
    """A time on whose days different units were tested: β, b and v₀ − 2δv₁ + δ²v₂, its variance under δ."""

    groups: list[_Group]
    labels: list[Floats]
    columns: Floats

    @property
    def df(self) -> int:
        """The fewest residual degrees of freedom."""
        return min(group.df for group in self.groups)

    def in_deals(self, T: Floats, product: Floats) -> Floats:
        """(5, deals) β, b, v₀, v₁, v₂."""
        beta, b = np.zeros(len(T)), np.zeros(len(T))
        residual, moved = np.zeros_like(T), np.zeros_like(T)
        at = 0
        for group, labels in zip(self.groups, self.labels, strict=True):
            own = product[:, at : at + 3 + group.Q.shape[1]]
            at += own.shape[1]
            S = _spread(own, group)
            over = np.where(S > 0, 1 / np.where(S > 0, S, 1.0), 0.0)
            effect, shift = own[:, 0] * over, own[:, 1] * over
            beta += group.weight * effect
            b += group.weight * shift
            dealt = T * group.mask - own[:, 3:] @ group.Q.T
            scale = (group.weight * np.sqrt(over / group.df))[:, None]
            residual += scale * (group.z - effect[:, None] * dealt)
            moved += scale * (labels - shift[:, None] * dealt)
        pairs = ((residual, residual), (residual, moved), (moved, moved))
        return np.vstack([beta, b, *(np.einsum("ij,ij->i", one, two) for one, two in pairs)])

    def estimate(self, own: Floats) -> float:
        """β of the data."""
        return float(own[0])

    def t(self, inside: Floats) -> Floats:
        """t = β/√v₀."""
        scale = math.sqrt(sum(float(group.weight**2 * (group.z @ group.z)) for group in self.groups))
        return _ratio(inside[0], inside[2], scale)

    def limits(self, own: Floats, whole: Floats, deals: Deals) -> tuple[float, float]:
        """The interval by bisection of p(δ) outward from the estimate."""
        beta, b, v0, v1, v2 = whole
        need = _needed(deals)

        def inside(delta: float) -> bool:
            """Whether p exceeds 5 % under δ: t² of each deal against the data's, multiplied out."""
            variance = np.maximum(v0 - 2 * delta * v1 + delta**2 * v2, 0)
            as_large = (beta - delta * b) ** 2 * own[2] >= (own[0] - delta) ** 2 * variance * (1 - 2 * TIE)
            return int(as_large.sum()) >= need

        found = [_boundary(inside, float(own[0]), side * math.sqrt(max(own[2], 1e-300))) for side in (-1, 1)]
        return found[0], found[1]


def _boundary(inside: Callable[[float], bool], start: float, step: float) -> float:
    """Where `inside` ends in the direction of `step`; infinite where it does not within a million steps."""
    near, far = start, start + step
    while inside(far):
        near, far, step = far, far + 2 * step, 2 * step
        if abs(far - start) > 1e6 * abs(start + step - far) or abs(step) > 1e6:
            return math.copysign(math.inf, step)
    for _ in range(SPLITS):
        middle = (near + far) / 2
        near, far = (middle, far) if inside(middle) else (near, middle)
    return (near + far) / 2


def _without(Q: Floats, values: Floats) -> Floats:
    """What the basis does not explain of the values."""
    left = values - Q @ (Q.T @ values)
    return np.asarray(left - Q @ (Q.T @ left))


def _spread(product: Floats, group: _Group) -> Floats:
    """S = T′MT, 0 where that is rounding."""
    S = product[:, 2] - np.einsum("ij,ij->i", product[:, 3:], product[:, 3:])
    least = NOTHING * float(group.mask.sum())
    return np.where(least < S, S, 0.0)


def _ratio(effect: Floats, variance: Floats, scale: float) -> Floats:
    """effect/√variance; 0/0 is 0, and an effect that leaves no residual has a very large t of its sign."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(np.abs(effect) <= 1e-12 * scale, 0.0, effect / np.sqrt(variance))
    return np.clip(t, -LARGEST, LARGEST)


def _needed(deals: Deals) -> int:
    """How many deals must be as extreme for p to exceed 5 %."""
    n = len(deals.treated)
    short = LEVEL * n if deals.enumerated else LEVEL * (n + 1) - 1
    return max(math.floor(short + TIE) + 1, 0)
