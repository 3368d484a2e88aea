"""The 50 % threshold from responses at each filament, in whatever order they were given.

Two models. Percent response: the share of responses is a probit (or logit) curve of log10 force, its middle and its
slope both fitted by maximum likelihood. One step: the same with the slope held at one step of the filament set, which
is the up-down model and asks nothing of the order. The second stands in, under its own name, where the data hold no
finite slope.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hindpaw.filaments import FilamentSet
from hindpaw.measure.updown import Threshold

# A logistic curve and a normal one of standard deviation 1 have equal variance at this scale.
LOGIT_SCALE = math.sqrt(3) / math.pi
STEPS = 200
CLOSE = 1e-12


@dataclass(frozen=True)
class Share:
    """A threshold from shares, and which model gave it.

    Parameters
    ----------
    value : the threshold, or its bounds
    method : `probit`, `logit`, or one of them with ` of one step`
    reason : why the slope was held; empty where it was fitted or the value is censored without it
    """

    value: Threshold
    method: str
    reason: str = ""


def percent_response(
    log10_force: Sequence[float],
    responses: Sequence[int],
    applications: Sequence[int],
    step: float,
    model: str = "probit",
) -> Share:
    """The force at which half the applications get a response.

    The share is p(x) = Φ((x − μ)/σ), or the logistic curve; μ is the threshold on the log10-gram scale and its
    standard error comes from the expected information. Without any response it is censored at the heaviest
    filament used, with nothing but responses at the lightest, and where the fitted middle lies beyond the
    filaments used, at the nearer end: an extrapolated force was never applied. Where no filament lighter
    than one with a response lacks one, no finite slope is best, and σ is one step of the set.

    Parameters
    ----------
    log10_force : log10 of the filaments' forces in g
    responses, applications : x of n at each
    step : the set's mean log10 step, for the model of one step
    model : `probit` or `logit`

    References
    ----------
    Finney DJ, Probit Analysis, 3rd ed., Cambridge University Press 1971, chapters 3 and 4.

    Examples
    --------
    Symmetric shares have their middle between the middle filaments, here at 10^0.5 g:

    >>> found = percent_response([-1, 0, 1, 2], [0, 2, 3, 5], [5, 5, 5, 5], step=1)
    >>> round(found.value.log10_g, 6), found.method
    (0.5, 'probit')
    >>> percent_response([-1, 0], [0, 0], [5, 5], step=1).value.censored
    'right'
    """
    x, r, n = (np.asarray(values, dtype=float) for values in (log10_force, responses, applications))
    bound = _without_both(x, r, n)
    if bound is not None:
        return Share(bound, model)
    method, reason = model, ""
    fitted = _curve(x, r, n, model) if x[r < n].max() > x[r > 0].min() else None
    if fitted is None:
        fitted = one_step(x, r, n, step, model)
        method, reason = f"{model} of one step", "the shares hold no finite rising slope; it was held at one step"
    middle, se = fitted
    outside = _outside(middle, x)
    return Share(outside or Threshold(middle, se, "none"), method, reason)


def unordered(log10_force: Sequence[float], responses: str, step: float) -> Threshold:
    """The threshold of an up-down series whose order is not known, on the real log forces, σ = one step.

    The likelihood does not ask for the order; only Dixon's constant step, counted from the last filament,
    does, so that this always equals the method `exact`.

    Parameters
    ----------
    log10_force, responses : log10 force in g, and X or O, of each application
    step : the set's mean log10 step
    """
    x = np.asarray(log10_force, dtype=float)
    r = np.array([response == "X" for response in responses], dtype=float)
    bound = _without_both(x, r, np.ones_like(r))
    return bound or Threshold(*one_step(x, r, np.ones_like(r), step, "probit"), "none")


def _without_both(x: np.ndarray, r: np.ndarray, n: np.ndarray) -> Threshold | None:
    """The bound where every application got a response, or none did."""
    if r.sum() == n.sum():
        return Threshold(None, None, "left", 0.0, float(10 ** x.min()))
    if r.sum() == 0:
        return Threshold(None, None, "right", float(10 ** x.max()))
    return None


def _outside(middle: float, x: np.ndarray) -> Threshold | None:
    """The bound where the middle lies beyond the filaments used."""
    if middle < x.min():
        return Threshold(None, None, "left", 0.0, float(10 ** x.min()))
    if middle > x.max():
        return Threshold(None, None, "right", float(10 ** x.max()))
    return None


def _link(z: np.ndarray, model: str) -> tuple[np.ndarray, np.ndarray]:
    """Share and its derivative at a standardized force."""
    from scipy.special import expit, ndtr

    if model == "logit":
        p = expit(z)
        return p, p * (1 - p)
    return ndtr(z), np.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def _curve(x: np.ndarray, r: np.ndarray, n: np.ndarray, model: str) -> tuple[float, float] | None:
    """Middle and standard error of the fitted curve z = a + bx by Fisher scoring; None where b is not above 0."""
    design = np.column_stack([np.ones_like(x), x - x.mean()])
    beta = np.array([0.0, 1.0 / max(float(np.ptp(x)), CLOSE)])
    information = np.eye(2)
    for _ in range(STEPS):
        p, slope = _link(design @ beta, model)
        p = np.clip(p, CLOSE, 1 - CLOSE)
        weight = n * slope**2 / (p * (1 - p))
        information = design.T @ (design * weight[:, None])
        if not np.isfinite(information).all() or np.linalg.cond(information) > 1 / CLOSE:
            return None
        move = np.linalg.solve(information, design.T @ ((r - n * p) * slope / (p * (1 - p))))
        # A full step can overshoot where few filaments carry the slope.
        beta = beta + move * min(1.0, 2.0 / max(float(np.abs(design @ move).max()), CLOSE))
        if np.abs(move).max() < CLOSE:
            break
    a, b = beta
    if b <= 0:
        return None
    gradient = np.array([-1 / b, a / b**2])
    variance = float(gradient @ np.linalg.solve(information, gradient))
    return float(x.mean() - a / b), math.sqrt(variance)


def one_step(x: np.ndarray, r: np.ndarray, n: np.ndarray, step: float, model: str) -> tuple[float, float]:
    """Middle and standard error where the slope is held at one step: a strictly concave likelihood, by bisection.

    >>> middle, _ = one_step(np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.ones(2), 1.0, "probit")
    >>> round(middle, 9)
    0.5
    """
    from scipy.optimize import brentq

    scale = step * (LOGIT_SCALE if model == "logit" else 1.0)

    def score(middle: float) -> float:
        p, slope = _link((x - middle) / scale, model)
        p = np.clip(p, 1e-300, 1 - 1e-16)
        return float(((r - n * p) * slope / (p * (1 - p))).sum())

    middle = brentq(score, x.min() - 8 * scale, x.max() + 8 * scale, xtol=1e-13)
    p, slope = _link((x - middle) / scale, model)
    p = np.clip(p, 1e-300, 1 - 1e-16)
    return float(middle), float(scale / math.sqrt((n * slope**2 / (p * (1 - p))).sum()))


def sudo(positions: Sequence[int], responses: str, known: FilamentSet, method: str = "dixon") -> Threshold:
    """The threshold by the simplified up-down method: half a step from the fifth filament towards the sixth.

    It is censored where the sixth would lie outside the set. Its standard error is that of the up-down model
    at this value; the rule itself gives none.

    Parameters
    ----------
    positions, responses : filament and X or O of each of the five presentations
    known : the set
    method : `dixon` (half the mean step) or `exact` (the middle between the two filaments' logs)

    References
    ----------
    Bonin RP, Bories C, De Koninck Y, Mol Pain 2014;10:26, doi 10.1186/1744-8069-10-26.

    Examples
    --------
    >>> from hindpaw import filaments
    >>> known = filaments.shipped("mouse-8")
    >>> round(sudo([4, 5, 4, 5, 6], "OXOOX", known).log10_g, 4)  # log10 of handle 4.08 in g, less half of 0.4414
    -0.1407
    >>> sudo([3, 2, 1, 1, 1], "XXXXX", known).censored
    'left'
    """
    last, lighter = positions[-1], responses[-1] == "X"
    sixth = last - 1 if lighter else last + 1
    logs = known.log10_force
    if sixth < 1:
        return Threshold(None, None, "left", 0.0, known.force_g[0])
    if sixth > len(known):
        return Threshold(None, None, "right", known.force_g[-1])
    half = known.step / 2 * (-1 if lighter else 1) if method == "dixon" else (logs[sixth - 1] - logs[last - 1]) / 2
    value = logs[last - 1] + half
    x = np.array([logs[place - 1] for place in positions])
    p, slope = _link((x - value) / known.step, "probit")
    information = (slope**2 / np.clip(p * (1 - p), CLOSE, None)).sum() / known.step**2
    return Threshold(value, 1 / math.sqrt(information), "none")
