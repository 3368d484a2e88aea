"""The golden files that R made are what R makes today; `make golden` renews them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent
PACKAGES = ("lme4", "lmerTest", "pbkrtest", "emmeans", "nlme", "boot", "jsonlite", "survival")
NUMBER = re.compile(r"-?\d+\.?\d*(?:[eE][-+]?\d+)?")
# What another version of R or another linear algebra library may change: the last digits that 12 are written of.
RELATIVE, ABSOLUTE = 1e-6, 1e-8


def r_script(path: Path, *arguments: Path) -> str:
    """What a script prints, or a skip that says what is missing."""
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed")
    wanted = f"for (p in c({', '.join(map(repr, PACKAGES))})) if (!requireNamespace(p, quietly = TRUE)) cat(p, '')"
    missing = subprocess.run(["Rscript", "-e", wanted], capture_output=True, text=True, check=True).stdout.strip()
    if missing:
        pytest.skip(f"R lacks {missing}")
    made = subprocess.run(["Rscript", str(path), *map(str, arguments)], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return made.stdout


def without_versions(text: str) -> str:
    """A golden file without the line or member that names R's version."""
    return re.sub(r'"versions":\{[^}]*\}', "", re.sub(r"^# R .*", "", text, flags=re.M))


def alike(kept: str, fresh: str, name: str) -> None:
    """Same words, and the same numbers but for rounding."""
    kept, fresh = without_versions(kept), without_versions(fresh)
    assert NUMBER.sub("#", kept) == NUMBER.sub("#", fresh), f"{name} differs; run: make golden"
    old, new = (np.array(NUMBER.findall(text), dtype=float) for text in (kept, fresh))
    apart = np.abs(old - new) > RELATIVE * np.abs(old) + ABSOLUTE
    assert not apart.any(), (name, old[apart][:5], new[apart][:5], "run: make golden")


@pytest.mark.r
@pytest.mark.slow
def test_references_are_what_r_says_today(tmp_path):
    r_script(HERE / "r" / "references.R", tmp_path)
    made = sorted(path.name for path in tmp_path.iterdir())
    assert made == sorted(path.name for path in (HERE / "golden").iterdir())
    for name in made:
        alike((HERE / "golden" / name).read_text(), (tmp_path / name).read_text(), name)


@pytest.mark.r
def test_the_demo_question_is_what_r_says_today():
    fresh = r_script(HERE / "r" / "relief.R", HERE / "relief.csv")
    alike((HERE / "relief_r.csv").read_text(), fresh, "relief_r.csv")


@pytest.mark.r
@pytest.mark.slow
def test_likelihoods_of_bounds_are_what_r_says_today():
    fresh = r_script(HERE / "r" / "bounds.R", HERE / "bounds.csv")
    alike((HERE / "bounds_r.csv").read_text(), fresh, "bounds_r.csv")


def test_a_change_would_be_seen():
    alike('{"p":0.123456789}', '{"p":0.12345678900001}', "rounding")
    with pytest.raises(AssertionError, match="make golden"):
        alike('{"p":0.1234}', '{"p":0.1235}', "a number")
    with pytest.raises(AssertionError, match="make golden"):
        alike('{"p":0.1}', '{"q":0.1}', "a word")


@pytest.mark.parametrize("path", sorted((HERE / "golden").glob("*.csv")), ids=lambda path: path.stem)
def test_simulated_data_are_labelled(path):
    assert path.read_text().startswith("# simulated: ")
    assert path.with_suffix(".json").exists()


@pytest.mark.r
@pytest.mark.slow
def test_deals_resamples_and_left_out_animals_are_what_r_says_today(tmp_path):
    r_script(HERE / "r" / "resampling.R", tmp_path)
    for name in ("resampling_data.csv", "deals_r.csv", "boot_r.csv", "left_out_r.csv"):
        alike((HERE / name).read_text(), (tmp_path / name).read_text(), name)
