"""The workflow as its users meet it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
ROOMS = ("intake", "measure", "model", "audit", "figure", "report")


def snakemake(*arguments: str, folder: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    """One call of Snakemake in a folder."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", **variables}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [str(BIN / "snakemake"), "--nocolor", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def copied(folder: Path) -> Path:
    """A copy of what a run needs, so that runs do not meet."""
    for name in ("Snakefile", "environment.yml"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("config", "workflow", "data"):
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy in which the demo was run on two cores, with the package of the copy itself."""
    folder = copied(tmp_path_factory.mktemp("checkout"))
    run = snakemake("--cores", "2", folder=folder, PYTHONPATH=str(folder / "workflow"))
    assert run.returncode == 0, run.stderr
    return folder


def audited(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """One call of `hindpaw audit`, as installed, in a folder."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(folder / "workflow")}
    command = [str(BIN / "hindpaw"), "audit", *arguments, "--cores", "1"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def jobs(text: str) -> set[str]:
    """The rules a dry run would run."""
    return {line.split()[-1].rstrip(":") for line in text.splitlines() if line.startswith(("rule ", "localrule "))} - {
        "all"
    }


def rules(room: str) -> set[str]:
    """The rules of a room, by its rule file."""
    texts = [path.read_text() for path in (ROOT / "workflow" / "rules").glob(f"{room}.smk")]
    return {name for text in texts for name in re.findall(r"^rule (\w+):", text, re.M)}


def test_one_run_makes_every_room_and_about_a_dozen_jobs(checkout):
    results = checkout / "results" / "bmsc-cci"
    assert 100_000 < (results / "report" / "report.html").stat().st_size < 5_000_000
    for name in ("report/report.pdf", "report/methods.md", "ro-crate-metadata.json"):
        assert (results / name).stat().st_size > 5_000, name
    for room in ROOMS:
        assert any((results / room).iterdir()), room
    for name in (
        "audit.json",
        "verify.R",
        "verify.csv",
        "verify_expected.csv",
        "flow.csv",
        "arrive.csv",
        "lattice.csv",
    ):
        assert (results / "audit" / name).stat().st_size > 50, name
    assert {path.stem for path in (results / "benchmarks").iterdir()} == rules("*")
    for kind in ("svg", "pdf", "png", "csv"):
        assert (results / "figure" / "time_course" / f"relief.{kind}").stat().st_size > 500


def test_a_second_run_has_nothing_to_do(checkout):
    again = snakemake("--cores", "2", folder=checkout, PYTHONPATH=str(checkout / "workflow"))
    assert "Nothing to be done" in again.stderr + again.stdout


def test_one_core_and_two_give_the_same_bytes(checkout):
    path = str(checkout / "workflow")
    alone = snakemake("--cores", "1", "--config", "results_folder=alone", folder=checkout, PYTHONPATH=path)
    assert alone.returncode == 0, alone.stderr
    both = sorted((checkout / "results" / "bmsc-cci").rglob("*"))
    compared = 0
    for file in both:
        inner = file.relative_to(checkout / "results")
        if file.suffix in (".csv", ".html", ".svg", ".pdf", ".png"):
            assert file.read_bytes() == (checkout / "alone" / inner).read_bytes(), inner
            compared += 1
    assert compared > 60


@pytest.mark.parametrize(("level", "code"), [("error", 0), ("warning", 1)])
def test_an_audit_is_printed_and_its_exit_code_says_whether_something_is_as_grave(checkout, level, code):
    """The demo's paper earns warnings (n as ranges, tests that are not told apart) and no error."""
    run = audited("bmsc-cci", "--fail-on", level, folder=checkout)
    assert run.returncode == code, run.stderr
    found = json.loads((checkout / "results" / "bmsc-cci" / "audit" / "audit.json").read_text(encoding="utf-8"))
    counts = found["counts"]
    assert counts["error"] == 0 < counts["warning"]
    told = run.stdout.splitlines()
    assert f"0 error(s), {counts['warning']} warning(s), {counts['note']} note(s)" in told
    assert sum(line.startswith("warning [") for line in told) == counts["warning"]
    assert sum(line.startswith("note [") for line in told) == counts["note"]
    for verdict in {one["verdict"] for one in found["verdicts"]}:
        count = sum(one["verdict"] == verdict for one in found["verdicts"])
        assert f"{count} {verdict.replace('_', ' ')}" in next(line for line in told if line.startswith("claims: "))
    assert told[-1].endswith("results/bmsc-cci/audit")


def test_the_audit_for_other_programs_has_the_form_its_schema_says(checkout):
    import jsonschema
    from hindpaw.schema import schema

    form = schema("audit.schema.yaml")
    whole = json.loads((checkout / "results" / "bmsc-cci" / "audit" / "audit.json").read_text(encoding="utf-8"))
    checker = jsonschema.Draft202012Validator(form)
    assert [error.message for error in checker.iter_errors(whole)] == []
    # And the schema says something: a severity that does not exist, and a key that went.
    assert [*checker.iter_errors(whole | {"findings": [whole["findings"][0] | {"severity": "grave"}]})]
    assert [*checker.iter_errors({key: value for key, value in whole.items() if key != "flow"})]


def test_an_audit_that_cannot_be_made_says_so_and_ends_with_two(checkout, tmp_path):
    """A key that does not exist, in the study file; a workbook that is none, among the exports."""
    text = (ROOT / "config" / "studies" / "bmsc-cci.yaml").read_text(encoding="utf-8")
    wrong, broken = tmp_path / "wrong.yaml", tmp_path / "broken.yaml"
    wrong.write_text(text.replace("role: control", "rol: control"), encoding="utf-8")
    broken.write_text(text, encoding="utf-8")
    refused = audited(str(wrong), folder=checkout)
    assert refused.returncode == 2
    assert 'Did you mean "role"?' in " ".join(refused.stdout.split())
    exports = checkout / "data" / "broken"
    shutil.copytree(checkout / "data" / "bmsc-cci", exports)
    (exports / "allocation.xlsx").write_bytes(b"no workbook")
    try:
        stopped = audited(str(broken), folder=checkout)
    finally:
        shutil.rmtree(exports)
    assert stopped.returncode == 2
    assert "allocation.xlsx cannot be read" in stopped.stderr
    assert "The audit could not be made" in stopped.stdout
    assert "Traceback" not in refused.stdout + refused.stderr + stopped.stdout + stopped.stderr


@pytest.mark.parametrize(
    ("edited", "rerun"),
    [
        # The flow of animals is drawn from a table of the audit.
        ("audit/claims.py", rules("audit") | {"draw_checks", "write_report"}),
        ("figure/effects.py", rules("figure") | {"write_report"}),
        ("report/page.html.jinja", {"write_report"}),
    ],
)
def test_an_edit_of_a_room_reruns_what_depends_on_it_and_nothing_else(checkout, edited, rerun):
    path = checkout / "workflow" / "hindpaw" / edited
    before = path.read_bytes()
    path.write_bytes(before + b"\n")
    try:
        dry = snakemake("--cores", "1", "-n", folder=checkout, PYTHONPATH=str(checkout / "workflow"))
    finally:
        path.write_bytes(before)
    assert jobs(dry.stdout + dry.stderr) == rerun, dry.stdout + dry.stderr


def test_a_touched_file_with_the_same_content_reruns_nothing(checkout):
    (checkout / "config" / "studies" / "bmsc-cci.yaml").touch()
    dry = snakemake("--cores", "1", "-n", folder=checkout, PYTHONPATH=str(checkout / "workflow"))
    assert jobs(dry.stdout + dry.stderr) == set()


@pytest.mark.parametrize(
    ("right", "wrong", "place", "advice"),
    [
        ("role: control", "rol: control", "bmsc-cci.yaml: arms.vehicle.rol", 'Did you mean "role"?'),
        (
            "treated: bmsc_anti_il10",
            "treated: bmsc_anti_il1O",
            "bmsc-cci.yaml: questions.needs_il10.treated",
            'Did you mean "bmsc_anti_il10"?',
        ),
        (
            "file: von_frey.xlsx",
            "file: ../von_frey.xlsx",
            "bmsc-cci.yaml: von_frey.1.file",
            "leaves the study's data folder",
        ),
    ],
)
def test_a_typo_in_the_study_file_is_answered_in_words(tmp_path, right, wrong, place, advice):
    text = (ROOT / "config" / "studies" / "bmsc-cci.yaml").read_text()
    assert right in text
    (tmp_path / "bmsc-cci.yaml").write_text(text.replace(right, wrong))
    run = snakemake("--cores", "1", "-n", "--config", f"studies=['{tmp_path / 'bmsc-cci.yaml'}']")
    assert run.returncode != 0
    assert place in run.stderr
    assert advice in run.stderr
    assert "Traceback" not in run.stderr
    assert "common.smk" not in run.stderr


def test_a_typo_in_the_config_is_answered_in_words():
    run = snakemake("--cores", "1", "-n", "--config", "sed=3")
    assert run.returncode != 0
    assert 'There is no key "sed" here.' in run.stderr
    assert 'Did you mean "seed"?' in run.stderr
    assert "Traceback" not in run.stderr


def test_a_study_that_is_not_there_names_the_nearest():
    run = snakemake("--cores", "1", "-n", "--config", "studies=[bmsc-ccl]")
    assert run.returncode != 0
    assert 'Did you mean "bmsc-cci"?' in run.stderr


def test_a_broken_export_ends_in_words_and_not_in_a_traceback(tmp_path):
    shutil.copytree(ROOT / "data" / "bmsc-cci", tmp_path / "data" / "bmsc-cci")
    (tmp_path / "data" / "bmsc-cci" / "allocation.xlsx").write_bytes(b"no workbook")
    run = snakemake("--cores", "1", "--config", f"data_folder={tmp_path}/data", f"results_folder={tmp_path}/results")
    assert run.returncode != 0
    assert "allocation.xlsx cannot be read" in run.stderr
    assert "Traceback" not in run.stderr
    assert "cannot be read" in (tmp_path / "results" / "bmsc-cci" / "logs" / "take_in_exports.log").read_text()


def test_two_studies_run_side_by_side(tmp_path):
    for name in ("one", "two"):
        shutil.copy(ROOT / "config" / "studies" / "bmsc-cci.yaml", tmp_path / f"{name}.yaml")
        shutil.copytree(ROOT / "data" / "bmsc-cci", tmp_path / "data" / name)
    settings = [
        "studies=[one,two]",
        f"study_folder={tmp_path}",
        f"data_folder={tmp_path}/data",
        f"results_folder={tmp_path}/r",
    ]
    dry = snakemake("--cores", "2", "-n", "--config", *settings)
    assert dry.returncode == 0, dry.stderr
    assert dry.stdout.count("wildcards: study=one") == dry.stdout.count("wildcards: study=two") == 15


def test_the_workflow_can_be_used_as_a_module_from_another_directory(tmp_path):
    (tmp_path / "Snakefile").write_text(
        f'configfile: "config.yaml"\n\n\nmodule hindpaw:\n    snakefile: "{ROOT}/Snakefile"\n    config: config\n\nuse rule * from hindpaw\n'
    )
    (tmp_path / "config").mkdir()
    (tmp_path / "config.yaml").write_text(
        "studies: [mine]\nstudy_folder: config\ndata_folder: raw\nresults_folder: made\n"
    )
    shutil.copy(ROOT / "config" / "studies" / "bmsc-cci.yaml", tmp_path / "config" / "mine.yaml")
    shutil.copytree(ROOT / "data" / "bmsc-cci", tmp_path / "raw" / "mine")
    run = snakemake("--cores", "2", "made/mine/audit/findings.csv", folder=tmp_path)
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "made" / "mine" / "audit" / "findings.csv").exists()


def test_snakemakes_own_report_lists_every_figure_and_table_with_a_caption(checkout):
    made = snakemake("--report", "report.zip", folder=checkout, PYTHONPATH=str(checkout / "workflow"))
    assert made.returncode == 0, made.stderr
    with ZipFile(checkout / "report.zip") as report:
        inside = {Path(name).name for name in report.namelist()}
        page = next(
            report.read(name).decode()
            for name in report.namelist()
            if name.endswith("/report.html") and "/data/" not in name
        )
    results = checkout / "results" / "bmsc-cci"
    made_here = [*results.glob("figure/*/*.svg"), *(path for room in ROOMS for path in results.glob(f"{room}/*.csv"))]
    handed_over = {"verify.csv", "verify_expected.csv"}
    assert len(made_here) > 100
    assert {path.name for path in made_here} - handed_over <= inside
    captions = re.findall(r'"caption": "((?:[^"\\]|\\.)*)"', page)
    assert len(captions) > 100
    assert all("bmsc-cci" in caption or "Bone marrow" in caption for caption in captions)
    for category in ("Tables of model", "Tables of intake", "Time courses", "Areas", "Series of responses", "Report"):
        assert category in page


def test_lint_and_format_are_clean():
    lint = snakemake("--lint")
    assert lint.returncode == 0, lint.stderr
    form = subprocess.run(
        [BIN / "snakefmt", "--check", "Snakefile", "workflow/rules"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert form.returncode == 0, form.stderr
