"""The command: drafts, checks and single thresholds, with exit codes that a script can act on."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from hindpaw import cli, study

ROOT = Path(__file__).parents[2]

ALLOCATION = b"Mouse ID;Group;Sex;Remarks\nM1;Vehicle;f;\nM2;Vehicle;m;\nM3;BMSC;f;\nM4;BMSC;m;\nM5;Sham;f;\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lab(folder: Path, **files: bytes) -> list[str]:
    """A lab's files in a folder of their own; `__` in a name stands for a dot."""
    (folder / "lab").mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / "lab" / name.replace("__", ".")).write_bytes(content)
    return [str(folder / "lab" / name.replace("__", ".")) for name in files]


def drafted(here: Path, *files: str) -> study.Study:
    """The study that `new` drafts from the files."""
    assert cli.main(["new", "mine", *files]) == cli.FINE
    return study.load(here / "config" / "studies" / "mine.yaml")


def test_a_wide_list_of_thresholds_is_drafted_and_checked(here, capsys):
    sheet = b"von Frey, PWT in g\n\nMouse;BL;Day 3 (g);Day 7 (g);D7 contra (g)\n" + b"\n".join(
        f"M{number};1,4;0,4;0,6;{'dead' if number == 4 else '1,0'}".encode() for number in range(1, 6)
    )
    described = drafted(here, *lab(here, alloc__csv=ALLOCATION, vf__csv=sheet))
    entry = described.von_frey[0]
    assert [one.told for one in entry.wide] == [
        {"day": "BL"},
        {"day": 3},
        {"day": 7},
        {"day": 7, "paw": "contralateral"},
    ]
    assert {key: arm.role for key, arm in described.arms.items()} == {
        "vehicle": "control",
        "bmsc": "treated",
        "sham": "reference",
    }
    # BL needs a day, which is a guess.
    assert described.days.baseline == -1
    assert cli.main(["check", "mine"]) == cli.FINE
    said = capsys.readouterr().out
    assert "readings: 20 raw = 19 used + 0 excluded + 0 quarantined + 1 blank" in said
    assert "hold a note instead of a threshold" in said
    assert "still marked as a guess" in said


def test_series_in_a_workbook_with_a_sheet_a_day_are_drafted(here, exports):
    named = [name for name in exports if name.endswith(".xlsx")]
    files = lab(here, **{name.replace(".", "__"): exports[name] for name in named})
    described = drafted(here, *files)
    entry = described.von_frey[0]
    assert (entry.sheet_per_day, entry.layout, entry.filaments, entry.last_filament_in, entry.start) == (
        True,
        "up-down-strings",
        "mouse-9",
        "handle",
        5,
    )
    assert described.animals.columns["animal"] == "Mouse ID"
    assert described.days.baseline == -1


def test_a_draft_marks_what_could_not_be_read(here, capsys):
    files = lab(here, alloc__csv=ALLOCATION, old__pzf=b"\0\1\2")
    assert cli.main(["new", "mine", *files]) == cli.FOUND
    text = (here / "config" / "studies" / "mine.yaml").read_text()
    assert "# old.pzf cannot be read" in text
    assert ".pzfx" in capsys.readouterr().out
    assert study.load(here / "config" / "studies" / "mine.yaml").von_frey == ()


def test_nothing_is_overwritten(here, capsys):
    files = lab(here, alloc__csv=ALLOCATION)
    assert cli.main(["new", "mine", *files]) == cli.FINE
    assert cli.main(["new", "mine", *files]) == cli.UNUSABLE
    assert "already" in capsys.readouterr().out
    (here / "lab" / "alloc.csv").write_bytes(b"other")
    (here / "config" / "studies" / "mine.yaml").unlink()
    assert cli.main(["new", "mine", *files]) == cli.UNUSABLE
    assert (here / "data" / "mine" / "alloc.csv").read_bytes() == ALLOCATION
    assert cli.main(["new", "../mine", *files]) == cli.UNUSABLE
    assert cli.main(["new", "other", "absent.csv"]) == cli.UNUSABLE


def test_the_demo_study_checks_clean(here, capsys):
    path, data = str(ROOT / "config" / "studies" / "bmsc-cci.yaml"), str(ROOT / "data" / "bmsc-cci")
    assert cli.main(["check", path, "--data", data, "--strict"]) == cli.FINE
    said = capsys.readouterr().out
    sums = re.search(r"trials: (\d+) raw = (\d+) used \+ (\d+) excluded \+ (\d+) quarantined \+ (\d+) blank", said)
    raw, *parts = map(int, sums.groups())
    assert raw == sum(parts) > 1000


def test_strict_stops_where_a_warning_stands(here, capsys):
    files = lab(here, alloc__csv=ALLOCATION + b"M1;Vehicle;m;\n", vf__csv=b"Mouse;Day;PWT (g)\nM1;3;0,4\n")
    drafted(here, *files)
    assert cli.main(["check", "mine"]) == cli.FINE
    assert cli.main(["check", "mine", "--strict"]) == cli.FOUND


@pytest.mark.parametrize(
    ("text", "said"),
    [("title: [", "not valid YAML"), ("titel: x", 'Did you mean "title"'), (None, "cannot be read")],
)
def test_a_study_file_that_cannot_be_used_ends_in_words(here, capsys, text, said):
    if text:
        (here / "s.yaml").write_text(text)
    assert cli.main(["check", "s.yaml"]) == cli.UNUSABLE
    assert said in " ".join(capsys.readouterr().out.split())


def test_control_characters_of_a_cell_do_not_reach_the_terminal(here, capsys):
    files = lab(here, alloc__csv=ALLOCATION, vf__csv=b"Mouse;Day;PWT (g)\nM1\x1b[2J;3;0,4\nM2;3;0,4\nM3;3;1\n")
    drafted(here, *files)
    cli.main(["check", "mine"])
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        # The worked cell of a published calculator: OXOOXX ending on handle 3.61 gives 0.343 g.
        (["OXOOXX", "--last", "5", "--filaments", "mouse-8"], cli.FINE, "0.34 g"),
        (["oxooxx", "--last", "3.61", "--last-in", "handle", "--filaments", "mouse-8"], cli.FINE, "0.34 g"),
        (["XXXX", "--last", "1", "--filaments", "mouse-8"], cli.FINE, "at most"),
        (["OXOOXX", "--last", "9", "--filaments", "mouse-8"], cli.UNUSABLE, "no such filament"),
        (["OXOOXX", "--last", "5", "--filaments", "mouse-88"], cli.UNUSABLE, "no such set"),
        (["hello", "--last", "5"], cli.UNUSABLE, "no series"),
        (["OOOXOOXX", "--last", "8", "--filaments", "mouse-8"], cli.UNUSABLE, "filament 9 of 8"),
    ],
)
def test_one_threshold(words, code, said, capsys):
    assert cli.main(["threshold", *words]) == code
    assert said in " ".join(capsys.readouterr().out.split())


def test_run_needs_a_snakefile(here, capsys):
    assert cli.main(["run"]) == cli.UNUSABLE
    assert "no Snakefile" in capsys.readouterr().out


@pytest.mark.external
@pytest.mark.parametrize(
    ("name", "sums"),
    [
        # 3 excluded mice × 5 days; mouse 4688 × 5 and 15 impossible series set aside.
        ("timeline", "295 raw = 260 used + 15 excluded + 20 quarantined + 0 blank"),
        # 24 empty cells, as the source says; one series contradicts its last filament.
        ("pre-post", "144 raw = 119 used + 0 excluded + 1 quarantined + 24 blank"),
    ],
)
def test_a_real_study_is_drafted_and_checked_without_an_edit(beside, here, capsys, name, sums):
    folder = beside / "data" / "vf_updown_analysis"
    files = [f"data_{name}_experiment.xlsx", f"metadata_{name}_experiment.xlsx", "VF_Calculator_Up-down.xlsx"]
    assert cli.main(["new", "real", *(str(folder / file) for file in files)]) == cli.FINE
    assert cli.main(["check", "real"]) == cli.FOUND
    assert sums in capsys.readouterr().out


@pytest.mark.external
@pytest.mark.slow
def test_a_real_drafted_study_runs_to_its_report(beside, here):
    folder = beside / "data" / "vf_updown_analysis"
    files = ["data_pre-post_experiment.xlsx", "metadata_pre-post_experiment.xlsx", "VF_Calculator_Up-down.xlsx"]
    for name in ("Snakefile", "environment.yml"):
        shutil.copy(ROOT / name, here / name)
    (here / "workflow").symlink_to(ROOT / "workflow")
    (here / "config").mkdir()
    shutil.copy(ROOT / "config" / "config.yaml", here / "config")
    assert cli.main(["new", "real", *(str(folder / file) for file in files)]) == cli.FINE
    assert cli.main(["run", "real", "--cores", "1"]) == cli.FINE
    report = here / "results" / "real" / "report" / "report.html"
    assert "experimental" in report.read_text(encoding="utf-8")


def test_a_plan_is_locked_once_and_its_changes_are_listed(here, capsys):
    from hindpaw.audit import plan

    files = lab(here, allocation__csv=ALLOCATION, pwt__csv=b"Mouse;BL;Day 3 (g);Day 7 (g)\n" + b"".join(
        f"M{number};1,4;0,4;0,6\n".encode() for number in range(1, 6)))  # fmt: skip
    drafted(here, *files)
    path = here / "config" / "studies" / "mine.yaml"
    text = path.read_text()
    asked = "questions:\n  relief: {outcome: threshold, treated: bmsc, control: vehicle}\n"
    text = re.sub(r"(?ms)^questions:.*?(?=^\S|\Z)", "", text) + "\n" + asked
    path.write_text(text)
    assert cli.main(["lock", "mine"]) == cli.FINE
    lock = path.with_suffix(".lock")
    assert "  questions:\n    relief:\n" in lock.read_text()
    assert "- allocation.csv" in lock.read_text()
    (kept,) = plan.kept(study.load(path))
    assert "was run as it stands" in kept.what
    assert cli.main(["lock", "mine"]) == cli.UNUSABLE
    assert "The plan was locked on" in capsys.readouterr().out
    path.write_text(
        text.replace("control: vehicle}", "control: vehicle, adjust: bonferroni}")
        + "  more: {outcome: threshold, treated: sham, control: vehicle}\n"
    )
    changed = {one.severity: one.evidence for one in plan.kept(study.load(path))}
    assert changed == {"warning": "questions.relief.adjust: holm → bonferroni", "note": "questions.more"}


@pytest.mark.parametrize(
    ("worst", "level", "code"),
    [
        ("error", "error", cli.FOUND),
        ("warning", "error", cli.FINE),
        ("warning", "warning", cli.FOUND),
        ("note", "warning", cli.FINE),
    ],
)
def test_an_audit_fails_on_what_it_was_told_to(here, capsys, monkeypatch, worst, level, code):
    """The run itself is the workflow's (tests/workflow); this is what is read from it and said."""
    from hindpaw import tables

    files = lab(here, allocation__csv=ALLOCATION, pwt__csv=b"Mouse;BL;Day 3 (g)\nM1;1,4;0,4\n")
    drafted(here, *files)
    made = here / "results" / "mine" / "audit"
    made.mkdir(parents=True)
    rows = [
        dict(
            check="V5",
            severity=worst,
            room="audit",
            what="One printed threshold.",
            why="w",
            what_to_do="Look.",
            source="f!s!C3",
        )
    ]
    found = tables.shaped(pd.DataFrame(rows).reindex(columns=tables.columns(tables.Findings)), tables.Findings)
    tables.write(found, tables.Findings, made / "findings.csv")
    tables.write(tables.empty(tables.Verdicts), tables.Verdicts, made / "verdicts.csv")
    asked = []
    monkeypatch.setattr(cli, "_snakemake", lambda cores, settings, targets: asked.append((settings, targets)) or 0)
    capsys.readouterr()
    assert cli.main(["audit", "mine", "--fail-on", level]) == code
    assert asked == [(["studies=['mine']"], ["results/mine/audit/audit.json"])]
    told = capsys.readouterr().out
    assert "[V5] One printed threshold." in told
    assert f"1 {worst}(s)" in told
    assert ("where: f!s!C3" in told) == (worst != "note")
