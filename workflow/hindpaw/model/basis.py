"""The columns of a model matrix that say something of their own, in coordinates that do not lose digits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hindpaw.model.errors import FitError

Floats = NDArray[np.float64]

# A column whose part outside the columns before it is smaller than this share of it says nothing new.
NOTHING_NEW = 1e-8
# From this many products on, the cross-products are formed instead of an orthogonal factorization…
LARGE = 2e8
# …unless the columns are so nearly dependent that forming them would cost too many digits.
WELL_APART = 1e-3


@dataclass(frozen=True)
class Span:
    """X[:, kept] = Q R with Q′Q = 1.

    Parameters
    ----------
    kept : (p,) columns of the model matrix in use
    R : (p, p) upper triangle
    inverse : (p, p) R⁻¹
    X : (n, p) the kept columns
    """

    kept: NDArray[np.int64]
    R: Floats
    inverse: Floats
    X: Floats

    @property
    def log_scale(self) -> float:
        """log|X′X|, which is 2 log|R|."""
        return 2 * float(np.log(np.abs(np.diag(self.R))).sum())

    def orthonormal(self) -> Floats:
        """(n, p) Q."""
        return self.X @ self.inverse

    def split(self, y: Floats) -> tuple[Floats, Floats]:
        """Ordinary least squares in the coordinates of Q, and residuals, of one outcome (n,) or of many (n, o)."""
        first = self.inverse.T @ (self.X.T @ y)
        residual = y - self.X @ (self.inverse @ first)
        # A second pass takes out what rounding left of the first.
        again = self.inverse.T @ (self.X.T @ residual)
        return first + again, residual - self.X @ (self.inverse @ again)


@dataclass(frozen=True)
class Basis(Span):
    """The same with the ordinary least squares of one outcome.

    Parameters
    ----------
    ols : (p,) ordinary least squares, in the coordinates of Q
    residual : (n,) y − X ols
    """

    ols: Floats
    residual: Floats


def span(X: Floats) -> Span:
    """The columns of a model matrix that count, the first of dependent columns kept as in R.

    Parameters
    ----------
    X : (n, p) model matrix

    Raises
    ------
    FitError
        Where nothing is left to estimate a variance from.

    Examples
    --------
    The third column is the sum of the first two:

    >>> span(np.array([[1, 0, 1], [1, 0, 1], [0, 1, 1], [0, 1, 1.0]])).kept.tolist()
    [0, 1]
    """
    length = np.sqrt(np.einsum("ij,ij->j", X, X))
    kept = np.flatnonzero(length > 0)
    R = _triangle(X, kept, length)
    while len(kept):
        new = np.abs(np.diag(R)) < NOTHING_NEW * length[kept]
        if not new.any():
            break
        kept = np.delete(kept, int(np.argmax(new)))
        R = _triangle(X, kept, length)
    n, p = len(X), len(kept)
    if n <= p + 1:
        raise FitError(
            f"{n} observations cannot carry {p} means and a variance. One animal in a group leaves nothing to compare "
            "with; take fewer terms, or join groups or days."
        )
    used = X if p == X.shape[1] else np.ascontiguousarray(X[:, kept])
    return Span(kept, R, np.asarray(np.linalg.inv(R)) if p else np.zeros((0, 0)), used)


def of(y: Floats, X: Floats) -> Basis:
    """The basis of a model matrix, and an outcome in it.

    Residuals and an orthonormal basis keep their digits under an offset of 1e8 in y or a badly scaled covariate.

    Parameters
    ----------
    y : (n,) outcome
    X : (n, p) model matrix

    Raises
    ------
    FitError
        Where nothing is left to estimate a variance from, or the outcome does not vary within the cells.
    """
    columns = span(X)
    ols, residual = columns.split(y)
    spread = float(residual @ residual)
    offset = y - y.mean()
    if spread <= 1e-24 * max(float(y @ y), 1e-300) or spread <= 1e-18 * float(offset @ offset):
        raise FitError("The outcome does not vary within the cells, so there is no variance to compare with.")
    return Basis(columns.kept, columns.R, columns.inverse, columns.X, ols, residual)


def _triangle(X: Floats, kept: NDArray[np.int64], length: Floats) -> Floats:
    """R of the kept columns, with a positive diagonal."""
    used = X if len(kept) == X.shape[1] else X[:, kept]
    if used.size * len(kept) > LARGE:
        scale = length[kept]
        gram = (used.T @ used) / np.outer(scale, scale)
        if np.linalg.eigvalsh(gram)[0] > WELL_APART**2:
            return np.asarray(np.linalg.cholesky(gram).T * scale)
    R = np.asarray(np.linalg.qr(used / length[kept], mode="r")) * length[kept]
    # Fewer rows than columns leave R short; what is missing of it is zero.
    R = np.vstack([R, np.zeros((len(kept) - len(R), len(kept)))])
    signs = np.where(np.diag(R) < 0, -1.0, 1.0)
    return np.asarray(R * signs[:, None])
