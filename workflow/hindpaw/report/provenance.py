"""What a run was made with."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

NAMED = (
    "hindpaw",
    "numpy",
    "scipy",
    "pandas",
    "statsmodels",
    "pingouin",
    "matplotlib",
    "seaborn",
    "typst",
    "snakemake",
)


def made_with(study: str, seed: int, study_digest: str) -> dict[str, str]:
    """Command, seed, the digest of the study file and versions, in words.

    >>> made_with("mine", 1, "ab")["command"]
    "snakemake --cores 2 --config 'studies=[mine]' seed=1"
    """
    command = f"snakemake --cores 2 --config 'studies=[{study}]' seed={seed}"
    versions = {name: _version(name) for name in NAMED}
    told = {"command": command, "seed": str(seed), "study file (SHA-256)": study_digest}
    return {**told, "Python": platform.python_version(), **versions}


def _version(package: str) -> str:
    """The installed version of a package."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
