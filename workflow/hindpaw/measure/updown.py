"""The 50 % withdrawal threshold of an up-down series, by maximum likelihood.

Responses are probit in log10 force with mean μ and standard deviation σ = one step of the filament set.
This is the model behind Dixon's table of k; solving it takes any legal series and copies no misprint.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from hindpaw import filaments
from hindpaw.filaments import FilamentSet


@dataclass(frozen=True)
class Threshold:
    """A threshold on the log10-gram scale, or the bounds it is censored to.

    Parameters
    ----------
    log10_g : log10 of the 50 % threshold in g; None where censored
    se_log10 : its standard error from the observed information
    censored : `none`, `left` (at or below the lightest filament) or `right` (at or above the heaviest)
    lower_g, upper_g : censoring bounds in g; None is no bound
    """

    log10_g: float | None
    se_log10: float | None
    censored: str
    lower_g: float | None = None
    upper_g: float | None = None


def threshold(responses: str, last: int, known: FilamentSet, method: str = "dixon") -> Threshold:
    """The threshold of one series.

    With `dixon` every step counts as δ, the mean step of the set, and the threshold is
    10^(x_last + kδ), where k = (μ̂ − x_last)/δ depends on the responses only. With `exact` the likelihood
    stands on the real log forces and σ = δ. A series without a change of response has no finite
    maximum: it is censored at the end it ran out at.

    Parameters
    ----------
    responses : X (withdrew) and O (did not) in order
    last : position of the last filament in the set, 1 the lightest
    known : the filament set
    method : `dixon` or `exact`

    Raises
    ------
    ValueError
        Where the series walks outside the set, or has no change and stopped inside it.

    References
    ----------
    Dixon WJ, Annu Rev Pharmacol Toxicol 1980;20:441-462, doi 10.1146/annurev.pa.20.040180.002301.
    Chaplan SR et al., J Neurosci Methods 1994;53:55-63, doi 10.1016/0165-0270(94)90144-9.

    Examples
    --------
    The worked cell of a calculator in use gives 0.343 g for OXOOXX ending on handle 3.61:

    >>> found = threshold("OXOOXX", 5, filaments.shipped("mouse-8"))
    >>> round(10**found.log10_g, 3)
    0.343
    >>> threshold("XXXX", 1, filaments.shipped("mouse-8")).censored
    'left'
    """
    impossible = filaments.faults(responses, last, len(known), None)
    if impossible:
        raise ValueError(f"{responses} ending on filament {last}: {'; '.join(impossible)}")
    if filaments.first_change(responses) is None:
        force = known.force_g[last - 1]
        return (
            Threshold(None, None, "left", 0.0, force) if responses[0] == "X" else Threshold(None, None, "right", force)
        )
    step = known.step
    if method == "dixon":
        k, se_k = dixon_k(responses)
        return Threshold(known.log10_force[last - 1] + k * step, se_k * step, "none")
    logs = tuple(known.log10_force[place - 1] / step for place in filaments.replay(responses, last))
    mean, se = _maximum(responses, logs)
    return Threshold(mean * step, se * step, "none")


@lru_cache(maxsize=100_000)
def dixon_k(responses: str) -> tuple[float, float]:
    """Dixon's k of a series with a change, and its standard error, both in steps.

    >>> round(dixon_k("OXOOXO")[0], 3), round(dixon_k("XOOOOO")[0], 3)
    (0.372, -0.893)
    """
    return _maximum(responses, tuple(float(place) for place in filaments.replay(responses, 0)))


def _maximum(responses: str, x: tuple[float, ...]) -> tuple[float, float]:
    """The maximizing mean and its standard error for σ = 1.

    The log likelihood Σ log Φ(±(x − μ)) is strictly concave, so Newton steps held inside the bracket in
    which its slope changes sign find its one maximum.
    """
    signs = [1.0 if response == "X" else -1.0 for response in responses]
    low, high = min(x) - 10.0, max(x) + 10.0
    mean = sum(x) / len(x)
    for _ in range(200):
        slope, curvature = _slopes(signs, x, mean)
        low, high = (mean, high) if slope > 0 else (low, mean)
        newton = mean - slope / curvature
        new = newton if low < newton < high else (low + high) / 2
        if abs(new - mean) < 1e-13:
            break
        mean = new
    return mean, math.sqrt(-1.0 / _slopes(signs, x, mean)[1])


def _slopes(signs: list[float], x: tuple[float, ...], mean: float) -> tuple[float, float]:
    """First and second derivative of the log likelihood in μ, by the inverse Mills ratio."""
    slope = curvature = 0.0
    for sign, place in zip(signs, x, strict=True):
        z = sign * (place - mean)
        tail = 0.5 * math.erfc(-z / math.sqrt(2))
        # Far in the tail φ/Φ → −z − 1/z, where both underflow.
        mills = math.exp(-z * z / 2) / math.sqrt(2 * math.pi) / tail if z > -35 else -z - 1 / z
        slope -= sign * mills
        curvature -= mills * (mills + z)
    return slope, curvature
