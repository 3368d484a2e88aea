"""The laws of the house, kept by reading the code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from hindpaw import tables

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "workflow" / "hindpaw"
ROOMS = ("intake", "measure", "model", "audit", "figure", "report")
NOUNS = {
    *("tables", "study", "questions", "plate_files", "von_frey", "schema", "findings", "filaments", "phrases", "logs"),
    *("drawings", "reproduction", "deposit"),
}
MODULES = sorted(PACKAGE.rglob("*.py"))
SCRIPTS = sorted((ROOT / "workflow" / "scripts").glob("*.py"))
RULES = sorted((ROOT / "workflow" / "rules").glob("*.smk"))


def imported(path: Path) -> set[str]:
    """The parts of hindpaw a module imports, by their first name below the package."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "hindpaw":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hindpaw."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("hindpaw.")}
    return found


@pytest.mark.parametrize("room", [*ROOMS, "simulate"])
def test_a_room_imports_only_itself_and_the_shared_nouns(room):
    for path in sorted((PACKAGE / room).rglob("*.py")):
        assert imported(path) <= NOUNS | {room}, path


def test_a_shared_noun_imports_no_room():
    for noun in NOUNS:
        for path in [PACKAGE / f"{noun}.py"] if (PACKAGE / f"{noun}.py").exists() else (PACKAGE / noun).glob("*.py"):
            assert imported(path) <= NOUNS, path


def test_snakemake_stands_only_in_scripts_and_rules():
    for path in MODULES:
        names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
        assert "snakemake" not in names, path


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_reads_calls_and_writes_in_fifteen_lines(path):
    tree = ast.parse(path.read_text())
    body = ast.Module(tree.body[1:], [])
    kinds = (ast.FunctionDef, ast.If, ast.IfExp, ast.Constant, ast.Lambda)
    assert [node for node in ast.walk(body) if isinstance(node, kinds)] == []
    assert ast.get_docstring(tree)
    code = [line for line in path.read_text().splitlines() if line.strip()]
    assert len(code) <= 15


def test_rule_script_and_caption_share_a_name():
    rules = {name for path in RULES for name in re.findall(r"^rule (\w+):", path.read_text(), re.M)}
    assert {path.stem for path in SCRIPTS} == rules
    captions = {path.stem for path in (ROOT / "workflow" / "report").glob("*.rst")} - {"workflow", "tables"}
    named = {name for path in RULES for name in re.findall(r'"(draw_\w+|\w*write_\w+)(?:\.rst)?"', path.read_text())}
    assert captions <= rules
    assert captions <= named | rules


def test_tables_are_named_as_their_files():
    for path in RULES:
        for call in re.findall(r"\*\*made\(([^)]*)\)", path.read_text()):
            names = re.findall(r'"(\w+)"', call)
            assert names[0] in ROOMS, call
            assert set(names[1:]) <= set(tables.TABLES), call


def test_only_the_named_modules_touch_files():
    allowed = {"tables/__init__.py", "study.py", "drawings.py", "deposit.py", "intake/open.py", "cli.py"}
    touching = {"open", "read_text", "write_text", "read_bytes", "write_bytes", "read_csv", "mkdir", "glob", "rglob"}
    for path in MODULES:
        here = path.relative_to(PACKAGE).as_posix()
        if here in allowed or here.startswith("simulate/"):
            continue
        calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        names = {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}
        # Text that ships in the package is read through importlib.resources.
        forbidden = touching - {"read_text"} if "importlib.resources" in path.read_text() else touching
        assert not names & forbidden, (here, names & forbidden)


def test_no_drawer_of_odds_and_ends():
    bad = {"utils", "helpers", "misc", "common", "manager"}
    assert not [path for path in MODULES if path.stem in bad]


def test_modules_stay_readable():
    for path in MODULES:
        assert len(path.read_text().splitlines()) <= 350, path


def test_every_public_thing_has_a_docstring():
    for path in MODULES:
        tree = ast.parse(path.read_text())
        if path.name != "__init__.py" or path.read_text().strip():
            assert ast.get_docstring(tree), path
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("__"):
                inner = any(
                    node in ast.walk(other)
                    for other in ast.walk(tree)
                    if isinstance(other, ast.FunctionDef) and other is not node
                )
                assert inner or ast.get_docstring(node), (path, node.name)


def test_a_job_imports_the_heavy_libraries_only_where_it_needs_them():
    heavy = {
        "scipy",
        "statsmodels",
        "pingouin",
        "seaborn",
        "matplotlib",
        "jinja2",
        "jsonschema",
        "ruamel",
        "charset_normalizer",
    }
    for path in MODULES:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = (
                    {alias.name.split(".")[0] for alias in node.names}
                    if isinstance(node, ast.Import)
                    else {(node.module or "").split(".")[0]}
                )
                assert not names & heavy, (path, names & heavy)
