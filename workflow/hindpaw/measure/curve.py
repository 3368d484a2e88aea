"""The standard curve of one plate and analyte: fit, inverse, and their uncertainty.

y = D + (A − D)/(1 + (x/C)^B)^G, with x in pg/ml: A is the signal at zero, D at infinity, C > 0 a
concentration, B > 0 the slope, G > 0 the asymmetry (1 in the four-parameter form).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ROUNDS = 20
# ln C, ln B and ln G of an assay lie within a few units of zero; beyond this the fit has run off.
RAN_OFF = 40.0


@dataclass(frozen=True)
class Curve:
    """A fitted curve.

    Parameters
    ----------
    form : `4PL` or `5PL`
    theta : A, D, log C, log B (and log G), the parameters of the fit
    covariance : of theta, (4, 4) or (5, 5), from the weighted residual variance
    converged : whether the least squares and the weights settled
    aicc : small-sample Akaike criterion
    """

    form: str
    theta: Floats
    covariance: Floats
    converged: bool
    aicc: float

    @property
    def parameters(self) -> dict[str, float]:
        """a, b, c, d and g on the natural scale."""
        a, d, log_c, log_b = self.theta[:4]
        g = math.exp(self.theta[4]) if len(self.theta) == 5 else 1.0
        return {"a": float(a), "b": math.exp(log_b), "c": math.exp(log_c), "d": float(d), "g": g}

    def signal(self, x: Floats | float) -> Floats:
        """The signal at a concentration in pg/ml."""
        return _signal(self.theta, np.atleast_1d(np.asarray(x, dtype=float)))

    def concentration(self, y: float) -> float:
        """The concentration in pg/ml that gives a signal; NaN outside the asymptotes.

        x = C·(((A − D)/(y − D))^(1/G) − 1)^(1/B)
        """
        p = self.parameters
        share = (p["a"] - p["d"]) / (y - p["d"]) if y != p["d"] else math.inf
        if not (share > 1 and math.isfinite(share)):
            return math.nan
        return float(p["c"] * (share ** (1 / p["g"]) - 1) ** (1 / p["b"]))

    def se_log10(self, y: float, se_y: float) -> float:
        """Standard error of log10 concentration at a signal, by the delta method.

        Both sources count: the signal's own standard error and the parameters' covariance. With
        f(θ, u) = y and u = ln x, du = (dy − f_θ·dθ)/f_u.
        """
        x = self.concentration(y)
        jacobian = _jacobian(self.theta, np.array([x]))[0]
        slope = -jacobian[2]  # f depends on ln x − ln C only, so ∂f/∂ln x = −∂f/∂ln C
        variance = se_y**2 + jacobian @ self.covariance @ jacobian
        return float(math.sqrt(variance) / abs(slope) / math.log(10))


def fit(x: Floats, y: Floats, floor: float = 0.0) -> Curve:
    """The 4PL curve, or the 5PL where AICc earns it.

    Weights are 1/ŷ², found by iteration and floored at the blanks' variance, because the standard
    deviation of a signal grows with it. Least squares by Levenberg–Marquardt.

    Parameters
    ----------
    x : (n,) concentrations, pg/ml, above 0
    y : (n,) signals
    floor : standard deviation of the blanks' signal

    Raises
    ------
    ValueError
        With fewer than five points.

    Examples
    --------
    >>> x = np.array([4, 8, 16, 32, 64, 128, 256.0])
    >>> y = 2 + (0.05 - 2) / (1 + (x / 50) ** 1.2)
    >>> {name: round(value, 4) for name, value in fit(x, y).parameters.items()}
    {'a': 0.05, 'b': 1.2, 'c': 50.0, 'd': 2.0, 'g': 1.0}
    """
    if len(x) < 5:
        raise ValueError(f"{len(x)} standard wells cannot carry a curve of four parameters.")
    four = _fitted("4PL", x, y, _start(x, y), floor)
    if len(x) < 8:
        return four
    five = _fitted("5PL", x, y, np.append(four.theta, 0.0), floor)
    return five if five.converged and five.aicc < four.aicc else four


def _start(x: Floats, y: Floats) -> Floats:
    """Asymptotes just beyond the signals, C where the signal is half way, slope 1."""
    low, high = float(y[np.argmin(x)]), float(y[np.argmax(x)])
    span = high - low
    half = x[np.argmin(np.abs(y - (low + high) / 2))]
    return np.array([low - 0.05 * span, high + 0.2 * span, math.log(half), 0.0])


def _fitted(form: str, x: Floats, y: Floats, start: Floats, floor: float) -> Curve:
    """One form, its weights iterated until the parameters settle."""
    from scipy.optimize import least_squares

    theta, settled, result = start, False, None
    scale = np.maximum(np.abs(y), floor)
    for _ in range(ROUNDS):
        scale = np.maximum(scale, 1e-9 * np.abs(y).max())
        result = least_squares(
            lambda t, s=scale: (y - _signal(t, x)) / s,
            theta,
            jac=lambda t, s=scale: -_jacobian(t, x) / s[:, None],
            method="lm",
            x_scale=np.maximum(np.abs(theta), 0.1),
            xtol=1e-12,
            ftol=1e-12,
            gtol=1e-12,
            max_nfev=2000,
        )
        if not np.isfinite(result.x).all() or np.abs(result.x[2:]).max() > RAN_OFF:
            return _curve(form, theta, result, settled=False)
        settled = bool(np.allclose(result.x, theta, rtol=1e-7, atol=1e-9))
        theta = result.x
        if settled:
            break
        scale = np.maximum(np.abs(_signal(theta, x)), floor)
    return _curve(form, theta, result, settled)


def _curve(form: str, theta: Floats, result: Any, settled: bool) -> Curve:
    """The curve with its covariance and AICc from the last weighted fit."""
    n, k = result.jac.shape
    rss = 2 * float(result.cost)
    information = result.jac.T @ result.jac
    variance = rss / (n - k) if n > k else math.nan
    covariance = variance * np.linalg.pinv(information, hermitian=True)
    p = k + 1  # the residual variance is a parameter too
    aicc = n * math.log(max(rss, 1e-300) / n) + 2 * p + (2 * p * (p + 1) / (n - p - 1) if n > p + 1 else math.inf)
    return Curve(form, theta, covariance, settled and result.status > 0, aicc)


def _parts(theta: Floats, x: Floats) -> tuple[Floats, float, float, Floats]:
    """(x/C)^B by exp(B ln(x/C)), held where exp stays finite."""
    b, g = math.exp(min(theta[3], 5.0)), math.exp(min(theta[4], 5.0)) if len(theta) == 5 else 1.0
    logs = np.log(x) - theta[2]
    return np.exp(np.clip(b * logs, -300, 300)), b, g, logs


def _signal(theta: Floats, x: Floats) -> Floats:
    """The curve."""
    power, _, g, _ = _parts(theta, x)
    signal: Floats = theta[1] + (theta[0] - theta[1]) * (1 + power) ** -g
    return signal


def _jacobian(theta: Floats, x: Floats) -> Floats:
    """∂y/∂(A, D, ln C, ln B, ln G), one row a point."""
    power, b, g, logs = _parts(theta, x)
    shape = (1 + power) ** -g
    inner = -(theta[0] - theta[1]) * g * shape * power / (1 + power)  # ∂y/∂ln power
    columns = [shape, 1 - shape, -b * inner, b * logs * inner]
    if len(theta) == 5:
        columns.append(-(theta[0] - theta[1]) * g * np.log1p(power) * shape)
    return np.stack(columns, axis=1)
