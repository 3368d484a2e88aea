"""The probability of a normal variable to lie between two bounds, and its slopes, without lost digits."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def log_between(low: Floats, high: Floats) -> Floats:
    """log(Φ(high) − Φ(low)), computed in the tail in which both are small.

    Parameters
    ----------
    low, high : standardized bounds of one shape, low < high; −inf and inf where there is none

    >>> log_between(np.array([-np.inf, 30.0]), np.array([0.0, np.inf])).round(4).tolist()
    [-0.6931, -454.3212]
    """
    from scipy.special import log_ndtr

    swap = low > 0
    one, two = log_ndtr(np.where(swap, -high, low)), log_ndtr(np.where(swap, -low, high))
    return np.asarray(two + np.log1p(-np.exp(np.minimum(one - two, -1e-300))))


def density_over(z: Floats, log_probability: Floats) -> Floats:
    """φ(z) over a probability; 0 at an infinite bound.

    >>> density_over(np.array([0.0, np.inf]), np.zeros(2)).round(4).tolist()
    [0.3989, 0.0]
    """
    inside = np.isfinite(z)
    safe = np.where(inside, z, 0.0)
    # Beyond this a trial step has gone where no value is possible, and its likelihood will turn it back.
    logs = np.minimum(-0.5 * safe**2 - 0.5 * math.log(2 * math.pi) - log_probability, 500.0)
    return np.where(inside, np.exp(logs), 0.0)
