"""The standard curve of one plate and analyte: fit, inverse, and their uncertainty.

y = D + (A − D)/(1 + (x/C)^B)^G, with x in pg/ml: A is the signal at zero, D at infinity, C > 0 a
concentration, B > 0 the slope, G > 0 the asymmetry (1 in the four-parameter form).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hindpaw.measure.logistic import both, inverse, scale, scales, signal, signal_log

Floats = NDArray[np.float64]
FORMS = ("4PL", "5PL", "best")
WEIGHTS = ("1/y2", "1/y", "none")
# Where a fifth parameter is earned the fit settles in a few steps; asked for by name it may take its time.
ROUNDS, PATIENT = 40, 200
# ln C, ln B and ln G of an assay lie within a few units of zero; beyond this the fit has run off.
RAN_OFF = 40.0
LOWEST_CURVATURE = 1e-14


@dataclass(frozen=True)
class Curve:
    """A fitted curve.

    Parameters
    ----------
    form : `4PL` or `5PL`
    theta : A, D, log C, log B (and log G), the parameters of the fit
    covariance : of theta, (4, 4) or (5, 5), from the weighted residual variance
    converged : whether the least squares and the weights settled
    aicc : small-sample Akaike criterion of the weighted likelihood
    weights : `1/y2`, `1/y` or `none`
    floor : smallest signal a weight is taken at, the blanks' standard deviation
    residuals : (n,) weighted residuals (y − ŷ)·√w
    r_squared : 1 − Σ(y − ŷ)²/Σ(y − ȳ)², on the signals as they are
    """

    form: str
    theta: Floats
    covariance: Floats
    converged: bool
    aicc: float
    weights: str
    floor: float
    residuals: Floats
    r_squared: float

    @property
    def parameters(self) -> dict[str, float]:
        """a, b, c, d and g on the natural scale."""
        a, d, log_c, log_b = self.theta[:4]
        g = math.exp(self.theta[4]) if len(self.theta) == 5 else 1.0
        return {"a": float(a), "b": math.exp(log_b), "c": math.exp(log_c), "d": float(d), "g": g}

    @property
    def df(self) -> int:
        """Residual degrees of freedom."""
        return len(self.residuals) - len(self.theta)

    @property
    def residual_sd(self) -> float:
        """Standard deviation of one well in units of the weights: a share of the signal with `1/y2`."""
        return math.sqrt(float(self.residuals @ self.residuals) / self.df) if self.df > 0 else math.nan

    def signal(self, x: Floats | float) -> Floats:
        """The signal at a concentration in pg/ml."""
        return signal(self.theta, np.atleast_1d(np.asarray(x, dtype=float)))

    def concentration(self, y: float) -> float:
        """The concentration in pg/ml that gives a signal; NaN outside the asymptotes.

        x = C·(((A − D)/(y − D))^(1/G) − 1)^(1/B)
        """
        return float(inverse(self.theta[None, :], np.array([y]))[0])

    def se_signal(self, y: float, n_wells: int) -> float:
        """Standard error of the mean signal of some wells, from the residual variance of the whole curve.

        Two or three replicates say little about their own spread; the standards' residuals say more.
        """
        return scale(y, self.weights, self.floor) * self.residual_sd / math.sqrt(n_wells)

    def se_log10(self, y: float, se_y: float) -> float:
        """Standard error of log10 concentration at a signal, by the delta method.

        Both sources count: the signal's own standard error and the parameters' covariance.
        """
        x = np.array([self.concentration(y)])
        return float(se_log10(self.theta[None, :], self.covariance[None, :, :], x, np.array([se_y]))[0])


@dataclass(frozen=True)
class Refits:
    """Refits of one curve to resampled standards.

    Parameters
    ----------
    theta : (m, k) parameters, NaN where a refit did not settle
    covariance : (m, k, k) of each refit's parameters
    residual_sd : (m,) standard deviation of one well about each refit, in units of the weights
    pool : (n,) the weighted residuals that were drawn from, to draw samples' signals with
    """

    theta: Floats
    covariance: Floats
    residual_sd: Floats
    pool: Floats


def se_log10(theta: Floats, covariance: Floats, x: Floats, se_y: Floats) -> Floats:
    """Standard error of log10 concentration on each of many curves, by the delta method.

    With f(θ, u) = y and u = ln x, du = (dy − f_θ·dθ)/f_u.

    Parameters
    ----------
    theta, covariance : (m, k) and (m, k, k)
    x : (m,) pg/ml read off each curve
    se_y : (m,) standard error of the signal it was read at
    """
    by_theta = both(theta, np.log(x)[:, None])[1][:, :, 0]
    variance = se_y**2 + np.einsum("mi,mij,mj->m", by_theta, covariance, by_theta)
    # f depends on ln x − ln C only, so ∂f/∂ln x = −∂f/∂ln C
    found: Floats = np.sqrt(variance) / np.abs(by_theta[:, 2]) / math.log(10)
    return found


def fit(x: Floats, y: Floats, floor: float = 0.0, form: str = "best", weights: str = "1/y2") -> Curve:
    """The 4PL curve, the 5PL, or (`best`) the 5PL where AICc earns it.

    The weights 1/ŷ² (or 1/ŷ) are found by iteration and floored at the blanks' standard deviation, because
    the standard deviation of a signal grows with it. Least squares by Levenberg–Marquardt (MINPACK). It
    starts at the best point of a grid over C and B, on which A and D are solved for.

    Parameters
    ----------
    x : (n,) concentrations, pg/ml, above 0
    y : (n,) signals
    floor : standard deviation of the blanks' signal
    form : `4PL`, `5PL` or `best`
    weights : `1/y2`, `1/y` or `none`

    Raises
    ------
    ValueError
        With fewer than five points, or a form or weights that are not known.

    References
    ----------
    Findlay JWA, Dillard RF, AAPS J 2007;9:E260-E267, doi 10.1208/aapsj0902029.

    Examples
    --------
    >>> x = np.array([4, 8, 16, 32, 64, 128, 256.0])
    >>> y = 2 + (0.05 - 2) / (1 + (x / 50) ** 1.2)
    >>> {name: round(value, 4) for name, value in fit(x, y).parameters.items()}
    {'a': 0.05, 'b': 1.2, 'c': 50.0, 'd': 2.0, 'g': 1.0}
    """
    if len(x) < 5:
        raise ValueError(f"{len(x)} standard wells cannot carry a curve of four parameters.")
    if form not in FORMS or weights not in WEIGHTS:
        raise ValueError(f"form is one of {FORMS} and weights one of {WEIGHTS}, not {form!r} and {weights!r}.")
    with np.errstate(all="ignore"):
        return _best(x, y, floor, form, weights)


def _best(x: Floats, y: Floats, floor: float, form: str, weights: str) -> Curve:
    """The form that is asked for, or the one that AICc prefers."""
    four = _fitted("4PL", x, y, _start(x, y, weights, floor), floor, weights, PATIENT)
    if form == "4PL" or len(x) < 8:
        return four
    if form == "best" and four.converged and not _promising(four, x):
        return four
    rounds = PATIENT if form == "5PL" else ROUNDS
    five = _fitted("5PL", x, y, np.append(four.theta, 0.0), floor, weights, rounds)
    if form == "5PL":
        return five
    return five if five.converged and (five.aicc < four.aicc or not four.converged) else four


def _promising(four: Curve, x: Floats) -> bool:
    """Whether asymmetry could earn its place: one Gauss–Newton step from the 4PL foretells the gain.

    AICc asks for a fall of the squares by a share of 1 − exp(−Δpenalty/n); half of it foretold is enough to try.
    """
    n = len(x)
    mean, jacobian = both(np.append(four.theta, 0.0), np.log(x))
    weighted = (jacobian / scales(mean, four.weights, four.floor)).T
    left = four.residuals - weighted @ (np.linalg.lstsq(weighted, four.residuals)[0])
    fall = 1 - float(left @ left) / max(float(four.residuals @ four.residuals), 1e-300)
    return fall > (1 - math.exp(-(_penalty(n, 6) - _penalty(n, 5)) / n)) / 2


def _penalty(n: int, p: int) -> float:
    """AICc's price of p parameters for n points."""
    return 2 * p + (2 * p * (p + 1) / (n - p - 1) if n > p + 1 else math.inf)


def bootstrap(fitted: Curve, x: Floats, rng: np.random.Generator, draws: int) -> Refits:
    """Refits to resampled residuals, all at once.

    Weighted residuals, centred and inflated by √(n/(n − k)), are drawn with replacement and added to the
    curve; each draw is refitted by Gauss–Newton from the curve's own parameters.
    """
    n, k = len(x), len(fitted.theta)
    pool = (fitted.residuals - fitted.residuals.mean()) * math.sqrt(n / max(n - k, 1))
    mean = signal(fitted.theta, x)
    drawn = mean + scales(mean, fitted.weights, fitted.floor) * rng.choice(pool, (draws, n))
    with np.errstate(all="ignore"):
        theta, moved = _settled(
            np.tile(fitted.theta, (draws, 1)), x, drawn, fitted.weights, fitted.floor, tolerance=1e-6
        )
    sound = (moved < 1e-3) & np.isfinite(theta).all(axis=1) & (np.abs(theta[:, 2:]) < RAN_OFF).all(axis=1)
    theta = np.where(sound[:, None], theta, math.nan)
    mean, rows = both(np.where(sound[:, None], theta, fitted.theta), np.log(x))
    scale = scales(mean, fitted.weights, fitted.floor)
    variance = (((drawn - mean) / scale) ** 2).sum(axis=1) / max(n - k, 1)
    covariance = variance[:, None, None] * _inverted((rows / scale[:, None, :]).transpose(0, 2, 1))
    return Refits(theta, covariance, np.sqrt(variance), pool)


def _settled(
    theta: Floats, x: Floats, y: Floats, weights: str, floor: float, tolerance: float, rounds: int = ROUNDS
) -> tuple[Floats, Floats]:
    """Gauss–Newton steps, the weights renewed at each, until the fitted signals move by less than the tolerance.

    Many curves at once: theta (m, k), y (m, n). A step is halved where it would raise the weighted squares.
    Returns the parameters and how far each curve's signals moved last, as a share of the largest.
    """
    logs, identity = np.log(x), LOWEST_CURVATURE * np.eye(theta.shape[1])
    moved = np.full(len(y), math.inf)
    mean, jacobian = both(theta, logs)
    for _ in range(rounds):
        scale = scales(mean, weights, floor)
        jacobian = jacobian / scale[:, None, :]
        residual = (y - mean) / scale
        size = np.sqrt((jacobian**2).sum(axis=2, keepdims=True)) + 1e-300
        jacobian = jacobian / size
        square = jacobian @ jacobian.transpose(0, 2, 1) + identity
        step = np.linalg.solve(square, jacobian @ residual[:, :, None])[:, :, 0] / size[:, :, 0]
        highest = (residual**2).sum(axis=1) * (1 + 1e-9)
        unit = scale * np.abs(y / scale).max(axis=1, keepdims=True)
        for _ in range(5):
            now, jacobian = both(theta + step, logs)
            worse = ~((((y - now) / scale) ** 2).sum(axis=1) <= highest)
            if not worse.any():
                break
            step[worse] /= 4
        theta, moved, mean = theta + step, np.abs((now - mean) / unit).max(axis=1), now
        if not (moved > tolerance).any():
            break
    return theta, moved


def _start(x: Floats, y: Floats, weights: str, floor: float) -> Floats:
    """The best point of a grid: at each C and B the asymptotes are a weighted straight-line fit."""
    scale = scales(y, weights, floor)
    logs = np.log(x)
    middles = np.linspace(logs.min(), logs.max() + 2, 12)
    slopes = np.log([0.5, 0.8, 1.2, 1.8, 3.0])
    log_c, log_b = (axis.ravel() for axis in np.meshgrid(middles, slopes))
    shape = 1 / (1 + np.exp(np.clip(np.exp(log_b)[:, None] * (logs - log_c[:, None]), -300, 300)))
    w = 1 / scale**2
    shape_mean, y_mean = (shape * w).sum(axis=1) / w.sum(), (y * w).sum() / w.sum()
    away = shape - shape_mean[:, None]
    spread = (away**2 * w).sum(axis=1)
    gain = (away * (y - y_mean) * w).sum(axis=1)
    rise = gain / np.where(spread > 0, spread, math.inf)
    best = int(np.argmax(gain * rise))
    d = y_mean - rise[best] * shape_mean[best]
    return np.array([d + rise[best], d, log_c[best], log_b[best]])


def _fitted(form: str, x: Floats, y: Floats, start: Floats, floor: float, weights: str, rounds: int = ROUNDS) -> Curve:
    """One form: Levenberg–Marquardt at the weights of the signals, then steps that renew the weights."""
    with np.errstate(all="ignore"):
        theta = _least_squares(start, np.log(x), y, scales(y, weights, floor))
    if not np.isfinite(theta).all() or np.abs(theta[2:]).max() > RAN_OFF:
        return _curve(form, start, x, y, floor, weights, settled=False)
    with np.errstate(all="ignore"):
        found, moved = _settled(theta[None, :], x, y[None, :], weights, floor, tolerance=1e-8, rounds=rounds)
    if not np.isfinite(found).all() or np.abs(found[0, 2:]).max() > RAN_OFF:
        return _curve(form, theta, x, y, floor, weights, settled=False)
    made = _curve(form, found[0], x, y, floor, weights, settled=True)
    # Standards far from a plateau leave D and C free to run along a ridge on which the signals hardly move: less
    # than a hundredth of the wells' own scatter is settled for every concentration between the standards.
    share = np.abs(y / scales(made.signal(x), weights, floor)).max()
    scatter = made.residual_sd / share if made.df > 0 else 0.0
    return made if moved[0] < max(1e-6, 1e-2 * scatter) else replace(made, converged=False)


def _least_squares(theta: Floats, logs: Floats, y: Floats, scale: Floats) -> Floats:
    """Levenberg–Marquardt for fixed weights."""
    from scipy.optimize import leastsq

    found, *_ = leastsq(
        lambda t: (signal_log(t, logs) - y) / scale,
        theta,
        Dfun=lambda t: both(t, logs)[1] / scale,
        col_deriv=True,
        full_output=True,
        ftol=1e-6,
        xtol=1e-6,
        maxfev=200,
    )
    return np.asarray(found, dtype=float)


def _curve(form: str, theta: Floats, x: Floats, y: Floats, floor: float, weights: str, settled: bool) -> Curve:
    """The curve with its covariance and AICc from the last weights."""
    n, k = len(x), len(theta)
    mean, jacobian = both(theta, np.log(x))
    scale = scales(mean, weights, floor)
    residuals = (y - mean) / scale
    rss = float(residuals @ residuals)
    covariance = (rss / (n - k) if n > k else math.nan) * _inverted((jacobian / scale).T)
    p = k + 1  # the residual variance is a parameter too
    likelihood = n * math.log(max(rss, 1e-300) / n) + 2 * float(np.log(scale).sum())
    aicc = likelihood + _penalty(n, p)
    total = float(((y - y.mean()) ** 2).sum())
    r_squared = 1 - float(((residuals * scale) ** 2).sum()) / total if total > 0 else math.nan
    return Curve(form, theta, covariance, settled, aicc, weights, floor, residuals, r_squared)


def _inverted(jacobian: Floats) -> Floats:
    """(J′J)⁻¹, with columns brought to one size first: D may be a thousand times C's share. (n, k) or (m, n, k)."""
    size = np.linalg.norm(jacobian, axis=-2, keepdims=True)
    size = np.where((size > 0) & np.isfinite(size), size, 1.0)
    one = jacobian / size
    across = size.swapaxes(-1, -2)
    found: Floats = np.linalg.pinv(one.swapaxes(-1, -2) @ one, hermitian=True) / (across * size)
    return found
