"""Files that must agree with each other."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# conda-forge splits these packages; the lighter part is the one that is needed. There typst is the compiler alone.
CONDA_NAMES = {
    "matplotlib": "matplotlib-base",
    "seaborn": "seaborn-base",
    "snakemake": "snakemake-minimal",
    "pandera[pandas]": "pandera-pandas",
    "typst": "typst-py",
}


def split(spec: str) -> tuple[str, str]:
    """Name and range of a requirement."""
    name, ranges = re.fullmatch(r"([\w.\-\[\]]+?)\s*([<>=!~].*)?", spec).groups()
    return name, ranges or ""


def test_conda_users_get_the_same_names_and_ranges():
    from ruamel.yaml import YAML

    listed = YAML(typ="safe").load((ROOT / "environment.yml").read_text())["dependencies"]
    conda = dict(split(spec) for spec in listed)
    own = {CONDA_NAMES.get(name, name): ranges for name, ranges in map(split, PROJECT["dependencies"])}
    assert conda.pop("python") == PROJECT["requires-python"]
    conda.pop("pip")
    assert conda == own


def test_every_conda_spec_can_be_parsed():
    from rattler import MatchSpec
    from ruamel.yaml import YAML

    for spec in YAML(typ="safe").load((ROOT / "environment.yml").read_text())["dependencies"]:
        assert MatchSpec(spec).name is not None


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_is_hashed_and_names_no_host(lock):
    text = (ROOT / lock).read_text()
    assert "://" not in text
    pinned = re.findall(r"^([\w.\-]+)(?:\[.*\])?==", text, re.M)
    assert len(pinned) > 50
    assert text.count("--hash=sha256:") >= len(pinned)
    wanted = {re.split(r"[\[<>=]", spec)[0].replace(".", "-") for spec in PROJECT["dependencies"]}
    assert wanted <= set(pinned)


def test_the_readme_of_the_config_lists_the_keys_of_the_schemas():
    made = subprocess.run([sys.executable, "-m", "hindpaw.schema"], capture_output=True, text=True, check=True).stdout
    kept = (ROOT / "config" / "README.md").read_text().partition("-->\n")[2]
    assert kept == made, "run: make keys"


def test_what_the_code_imports_is_declared():
    declared = {re.split(r"[\[<>=]", spec)[0].lower() for spec in PROJECT["dependencies"]}
    names = {"ruamel": "ruamel.yaml", "python_calamine": "python-calamine", "charset_normalizer": "charset-normalizer"}
    found = set()
    for path in (ROOT / "workflow").rglob("*.py"):
        found |= set(re.findall(r"^\s*(?:from|import) (\w+)", path.read_text(), re.M))
    third = {names.get(name, name) for name in found - set(sys.stdlib_module_names) - {"hindpaw"}}
    assert third <= declared, third - declared
    # statsmodels, pingouin, seaborn and pandera are used; nothing is declared that is not.
    assert declared - third <= {"snakemake"}


def test_the_readme_names_the_two_commands_and_shows_a_figure():
    text = (ROOT / "README.md").read_text()
    assert "make demo" in text
    assert "make test" in text
    for target in re.findall(r"\]\((?!http)([^)#]+)", text):
        assert (ROOT / target).exists(), target
