"""The command `hindpaw`: a door for people who do not know Snakemake.

`hindpaw new` drafts a study file from a lab's files, `hindpaw check` says in seconds what stands in the way,
`hindpaw run` calls Snakemake, `hindpaw lock` fixes the questions before unblinding, `hindpaw audit` judges a study,
`hindpaw threshold` computes one threshold.

Exit codes: 0 all is well; 1 something was found that needs a person; 2 the command, the study file or the
config cannot be used.
"""

from __future__ import annotations

import argparse
import datetime
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hindpaw import schema, study, tables
from hindpaw.findings import Finding, StudyError, from_frame
from hindpaw.terminal import listed, reached, summary

FINE, FOUND, UNUSABLE = 0, 1, 2


@dataclass(frozen=True)
class Command:
    """One command: what `--help` says, its arguments, and what it does."""

    help: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    parser = argparse.ArgumentParser(prog="hindpaw", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    under = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        command.arguments(under.add_parser(name, help=command.help, description=command.help))
    given = parser.parse_args(words)
    try:
        return COMMANDS[given.command].run(given)
    except StudyError as error:
        print(listed(error.findings))
        return UNUSABLE
    except BrokenPipeError:
        # The reader of the output has seen enough.
        sys.stderr.close()
        return FINE


def script() -> None:
    """The command as installed."""
    sys.exit(main())


def _settings() -> dict[str, object]:
    """The config of this folder, or the defaults where it has none."""
    path = Path("config/config.yaml")
    text = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    return schema.checked(schema.parse(text, str(path)) or {}, "config.schema.yaml", str(path))


def _study_path(named: str) -> Path:
    """The study file that a name or a path stands for."""
    if named.endswith((".yaml", ".yml")):
        return Path(named)
    return Path(str(_settings()["study_folder"])) / f"{named}.yaml"


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    """What `check` takes."""
    parser.add_argument("study", help="name of a study, or path of its file")
    parser.add_argument("--data", help="folder of the raw files; data/<study> where left out")
    parser.add_argument("--strict", action="store_true", help="warnings and any datum set aside count as errors")


def _check(given: argparse.Namespace) -> int:
    """Read every file of a study, and print what was found and what became of each datum."""
    from hindpaw.intake import files, take_in
    from hindpaw.intake.ledger import told

    path = _study_path(given.study)
    described = study.load(path)
    folder = Path(given.data or f"{_settings()['data_folder']}/{path.stem}")
    made = take_in(described, files.folder(folder, described.files))
    found = from_frame(made["findings"])
    print(listed(found))
    print(_animals(described, made["animals"]))
    print(told(made["ledger"]) or "No datum was read.")
    for number, line in _doubts(path):
        print(f"still marked as a guess, {path.name} line {number}: {line}")
    return _verdict(found, made["ledger"], given.strict)


def _verdict(found: list[Finding], ledger: pd.DataFrame, strict: bool) -> int:
    """The last line and the exit code."""
    errors = sum(one.severity == "error" for one in found)
    warnings = sum(one.severity == "warning" for one in found)
    if ledger.empty and not errors:
        print("\nThe study file names no von Frey sheet, plate or list of counts, so there is nothing to run.")
        return FOUND
    aside = int((ledger["fate"] == "quarantined").sum())
    if errors or (strict and (warnings or aside)):
        print(
            f"\n{errors} error(s), {warnings} warning(s), {aside} datum(s) set aside. "
            + ("Strict: a run would stop here." if strict else "A run would go on without what is set aside.")
        )
        return FOUND
    print(f"\nNothing stands in the way ({warnings} warning(s)). Next: hindpaw run")
    return FINE


def _animals(described: study.Study, animals: pd.DataFrame) -> str:
    """How many animals each arm has."""
    kept = animals[~animals["excluded"]]
    told = [f"{described.label(arm)} {(kept['arm'] == arm).sum()}" for arm in described.arms]
    rest = f", {kept['arm'].isna().sum()} in no arm" if kept["arm"].isna().any() else ""
    return f"animals: {', '.join(told)}{rest}, {animals['excluded'].sum()} excluded"


def _doubts(path: Path) -> list[tuple[int, str]]:
    """The lines of a study file that `new` marked as guesses."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    marked = [(number, line.strip()) for number, line in enumerate(lines, 1) if "# ?" in line]
    return [(number, line) for number, line in marked if not line.startswith("# A first draft")]


def _new_arguments(parser: argparse.ArgumentParser) -> None:
    """What `new` takes."""
    parser.add_argument("name", help="what to call the study: letters, digits, - and _")
    parser.add_argument("files", nargs="+", metavar="FILE", help="the lab's files, as they are")


def _new(given: argparse.Namespace) -> int:
    """Copy the files to the study's data folder, and write the draft of its study file."""
    from hindpaw.draft import draft
    from hindpaw.intake import files
    from hindpaw.intake.cells import Sheet

    settings = _settings()
    path = Path(str(settings["study_folder"])) / f"{given.name}.yaml"
    _refuse_name(given.name, path)
    folder = Path(str(settings["data_folder"])) / given.name
    names = [_copied(Path(file), folder) for file in given.files]
    sheets: dict[str, list[Sheet]] = {}
    refused: dict[str, str] = {}
    contents = files.folder(folder, names)
    for name, content in contents.items():
        try:
            sheets[name] = files.sheets(name, content)
        except StudyError as error:
            refused[name] = error.findings[0].what + " " + error.findings[0].what_to_do
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(draft(given.name, sheets, refused, contents), encoding="utf-8")
    print(f"{path} is a draft; {len(_doubts(path))} lines in it are guesses and end in '# ?'.")
    print(f"Look at each, then say: hindpaw check {given.name}")
    for name, why in refused.items():
        print(f"{name}: {why}")
    return FOUND if refused else FINE


def _refuse_name(name: str, path: Path) -> None:
    """Refuse a name that is no file name, or that is taken.

    Raises
    ------
    StudyError
        With what to do.
    """
    if not name or not all(letter.isalnum() or letter in "-_" for letter in name):
        raise _mistake(name, f'"{name}" cannot be the name of a study.', "Use letters, digits, - and _.")
    if path.exists():
        raise _mistake(str(path), "There is such a study already.", "Choose another name, or move that file away.")


def _copied(file: Path, folder: Path) -> str:
    """The file's name in the study's folder, where it is copied unless it lies there.

    Raises
    ------
    StudyError
        Where there is no such file, or another one of its name in the folder.
    """
    if not file.is_file():
        raise _mistake(str(file), "There is no such file.", "Check the path.")
    if file.resolve().is_relative_to(folder.resolve()):
        return file.resolve().relative_to(folder.resolve()).as_posix()
    target = folder / file.name
    if target.exists() and target.read_bytes() != file.read_bytes():
        raise _mistake(str(target), "Another file of this name lies there already.", "Rename one of them.")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)
    return file.name


def _mistake(place: str, what: str, what_to_do: str) -> StudyError:
    """The refusal of what was asked of a command."""
    why = "Nothing was changed."
    return StudyError([Finding("command", "error", "command", what, why, what_to_do, source=place)])


def _run_arguments(parser: argparse.ArgumentParser) -> None:
    """What `run` takes."""
    parser.add_argument(
        "studies", nargs="*", metavar="STUDY", help="names or paths; those of config.yaml where left out"
    )
    parser.add_argument("--cores", type=int, default=2, help="processor cores to use (2)")
    parser.add_argument("--strict", action="store_true", help="stop where a datum would be set aside")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")


def _run(given: argparse.Namespace) -> int:
    """Call Snakemake in this folder; its exit code as ours."""
    settings = [f"studies=[{','.join(repr(one) for one in given.studies)}]"] if given.studies else []
    settings += ["strict=True"] if given.strict else []
    return FINE if _snakemake(given.cores, settings, dry=given.dry_run) == 0 else FOUND


def _snakemake(cores: int, settings: list[str], targets: Sequence[str] = (), dry: bool = False) -> int:
    """Snakemake's exit code for some targets, or for everything."""
    if not Path("Snakefile").is_file():
        raise _mistake("Snakefile", "This folder has no Snakefile.", "Go to the folder hindpaw was cloned to.")
    program = Path(sys.executable).parent / "snakemake"
    words = [str(program if program.exists() else "snakemake"), *targets, "--cores", str(cores)]
    words += ["--dry-run"] if dry else []
    words += ["--config", *settings] if settings else []
    return subprocess.run(words, check=False).returncode


def _audit_arguments(parser: argparse.ArgumentParser) -> None:
    """What `audit` takes."""
    parser.add_argument("study", help="name of a study, or path of its file")
    parser.add_argument(
        "--fail-on", default="error", choices=["error", "warning"], help="exit with 1 from here on (error)"
    )
    parser.add_argument("--cores", type=int, default=2, help="processor cores to use (2)")


def _audit(given: argparse.Namespace) -> int:
    """Run what the audit needs, and say what it found."""
    name = study.load(_study_path(given.study)).name
    made = Path(str(_settings()["results_folder"])) / name / "audit"
    if _snakemake(given.cores, [f"studies=[{given.study!r}]"], [f"{made}/audit.json"]):
        print("The audit could not be made; the lines above say why.")
        return UNUSABLE
    found = from_frame(tables.read(tables.Findings, made / "findings.csv"))
    print(summary(found, tables.read(tables.Verdicts, made / "verdicts.csv")["verdict"]))
    print(f"everything, and R code to check it with: {made}")
    return FOUND if reached(found, given.fail_on) else FINE


def _lock_arguments(parser: argparse.ArgumentParser) -> None:
    """What `lock` takes."""
    parser.add_argument("study", help="name of a study, or path of its file")
    parser.add_argument("--data", help="folder of the raw files; data/<study> where left out")


def _lock(given: argparse.Namespace) -> int:
    """Write the questions of a study into a lock file beside its study file."""
    from hindpaw.audit import plan

    path = _study_path(given.study)
    described, target = study.load(path), study.lock_of(path)
    if target.exists():
        advice = (
            "The audit lists every change since. To lock anew, remove the file: your version control then shows it."
        )
        raise _mistake(str(target), f"The plan was locked on {plan.locked_on(described) or 'a day unknown'}.", advice)
    folder = Path(given.data or f"{_settings()['data_folder']}/{path.stem}")
    at_hand = [name for name in described.files if (folder / name).is_file()]
    target.write_text(plan.written(described, datetime.datetime.now(datetime.UTC), at_hand), encoding="utf-8")
    print(f"{target}: {len(described.questions)} question(s) locked. Commit it before the arms are revealed.")
    return FINE


def _threshold_arguments(parser: argparse.ArgumentParser) -> None:
    """What `threshold` takes."""
    parser.add_argument("responses", help="the series, such as OXOOXX")
    parser.add_argument("--last", type=float, required=True, help="the last filament applied")
    parser.add_argument("--filaments", default="mouse-9", help="a shipped set (mouse-9)")
    parser.add_argument(
        "--last-in", default="position", choices=["position", "handle", "grams"], help="how --last names it"
    )
    parser.add_argument(
        "--scale", default="handle", choices=["handle", "nominal"], help="which force a filament stands for"
    )
    parser.add_argument(
        "--method", default="dixon", choices=["dixon", "exact"], help="constant step, or real log forces"
    )


def _threshold(given: argparse.Namespace) -> int:
    """Print the 50 % threshold of one series."""
    from hindpaw import filaments, phrases
    from hindpaw.findings import nearest
    from hindpaw.intake.series import plain_series
    from hindpaw.measure import threshold

    if given.filaments not in filaments.series():
        raise _mistake(given.filaments, "There is no such set.", nearest(given.filaments, filaments.series()))
    known = filaments.shipped(given.filaments, given.scale)
    place, responses = known.position(given.last, given.last_in), plain_series(given.responses)[0]
    if not responses:
        raise _mistake(given.responses, "That is no series of X and O.", "Write it like OXOOXX.")
    if place is None:
        named = {"position": range(1, len(known) + 1), "handle": known.handles, "grams": known.nominal_g}[given.last_in]
        raise _mistake(f"{given.last:g}", "The set has no such filament.", nearest(f"{given.last:g}", named))
    try:
        found = threshold(responses, place, known, given.method)
    except ValueError as error:
        raise _mistake(
            given.responses, f"{error}.", "Compare the series and the last filament with the record."
        ) from None
    if found.log10_g is None or found.se_log10 is None:
        bound = found.upper_g if found.censored == "left" else found.lower_g
        print(
            f"{'at most' if found.censored == 'left' else 'at least'} {phrases.grams(bound or 0.0)}: the series has no reversal"
        )
        return FINE
    low, high = (10 ** (found.log10_g + sign * found.se_log10) for sign in (-1, 1))
    print(
        f"{phrases.grams(10**found.log10_g)} (one standard error: {phrases.grams(low)} to {phrases.grams(high)}), "
        f"method {given.method}, set {known.name}, {given.scale} force"
    )
    return FINE


COMMANDS: dict[str, Command] = {
    "new": Command("look at a lab's files and draft a study file", _new_arguments, _new),
    "check": Command("validate a study in seconds, without running it", _check_arguments, _check),
    "run": Command("run studies with Snakemake", _run_arguments, _run),
    "lock": Command("lock the questions of a study before unblinding", _lock_arguments, _lock),
    "audit": Command("audit a study; its exit code says whether it passes", _audit_arguments, _audit),
    "threshold": Command("compute the 50 %% threshold of one series", _threshold_arguments, _threshold),
}

if __name__ == "__main__":
    script()
