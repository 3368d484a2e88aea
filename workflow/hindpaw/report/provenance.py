"""What a run was made with."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

NAMED = ("hindpaw", "numpy", "scipy", "pandas", "statsmodels", "pingouin", "matplotlib", "seaborn", "snakemake")


def made_with(seed: int, study_digest: str) -> dict[str, str]:
    """Versions, seed and the digest of the study file, in words.

    >>> made_with(1, "ab")["seed"]
    '1'
    """
    versions = {name: _version(name) for name in NAMED}
    return {"seed": str(seed), "study file (SHA-256)": study_digest, "Python": platform.python_version(), **versions}


def _version(package: str) -> str:
    """The installed version of a package."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
