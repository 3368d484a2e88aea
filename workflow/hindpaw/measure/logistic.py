"""The logistic curve itself: signal, derivatives, inverse, and what a residual is weighed by.

y = D + (A − D)/(1 + (x/C)^B)^G. A set of parameters is (A, D, ln C, ln B) or (A, D, ln C, ln B, ln G); with a leading
axis it is many curves at once.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def signal(theta: Floats, x: Floats) -> Floats:
    """The curve at concentrations."""
    return signal_log(theta, np.log(x))


def signal_log(theta: Floats, logs: Floats) -> Floats:
    """The curve at log concentrations; for one curve or, with a leading axis, many."""
    a, d, log_c, log_b = (theta[..., place : place + 1] for place in range(4))
    # (x/C)^B by exp(B ln(x/C)), held where exp stays finite.
    one = 1 + np.exp(_held(np.exp(np.minimum(log_b, 5.0)) * (logs - log_c)))
    if theta.shape[-1] == 5:
        one = one ** np.exp(np.minimum(theta[..., 4:5], 5.0))
    found: Floats = d + (a - d) / one
    return found


def jacobian(theta: Floats, x: Floats) -> Floats:
    """∂y/∂(A, D, ln C, ln B, ln G), one row a point."""
    return np.swapaxes(both(theta, np.log(x))[1], -1, -2)


def both(theta: Floats, logs: Floats) -> tuple[Floats, Floats]:
    """The curve at log concentrations, and its derivatives by A, D, ln C, ln B (and ln G), one row a parameter."""
    a, d, log_c, log_b = (theta[..., place : place + 1] for place in range(4))
    five = theta.shape[-1] == 5
    b, g = np.exp(np.minimum(log_b, 5.0)), np.exp(np.minimum(theta[..., 4:5], 5.0)) if five else 1.0
    away = b * (logs - log_c)
    power = np.exp(_held(away))
    one = 1 + power
    shape = 1 / one if not five else one**-g
    fall = (a - d) * g * shape * (power / one)  # −∂y/∂ln power
    rows = np.empty((*theta.shape[:-1], theta.shape[-1], logs.shape[-1]))
    rows[..., 0, :], rows[..., 1, :], rows[..., 2, :], rows[..., 3, :] = shape, 1 - shape, b * fall, -away * fall
    if five:
        rows[..., 4, :] = (d - a) * g * np.log(one) * shape
    return d + (a - d) * shape, rows


def _held(exponent: Floats) -> Floats:
    """The exponent where its power stays finite."""
    return np.minimum(np.maximum(exponent, -300.0), 300.0)


def inverse(theta: Floats, y: Floats) -> Floats:
    """The concentration in pg/ml of each signal on each curve; NaN outside the asymptotes.

    Parameters
    ----------
    theta : (m, 4) or (m, 5) parameters
    y : (m,) or (1,) signals
    """
    a, d, log_c, log_b = theta[:, 0], theta[:, 1], theta[:, 2], theta[:, 3]
    g = np.exp(theta[:, 4]) if theta.shape[1] == 5 else 1.0
    with np.errstate(all="ignore"):
        inner = ((a - d) / (y - d)) ** (1 / g) - 1
        x: Floats = np.exp(log_c + np.log(inner) / np.exp(log_b))
    return np.where(np.isfinite(x) & (x > 0), x, math.nan)


def scale(y: float, weights: str, floor: float) -> float:
    """What a residual at one signal is divided by: 1/√weight."""
    return float(scales(np.array([y]), weights, floor)[0])


def scales(y: Floats, weights: str, floor: float) -> Floats:
    """What the residual of a signal is divided by: 1/√weight."""
    if weights == "none":
        return np.ones_like(y)
    size = np.maximum(np.abs(y), max(floor, 1e-9 * float(np.abs(y).max(initial=0.0)), 1e-300))
    return size if weights == "1/y2" else np.sqrt(size)
