"""Config, study files and digests: what every rule file uses."""

import hashlib
import os
import re
import sys
from pathlib import Path

import hindpaw
from hindpaw import schema
from hindpaw import study as study_files
from hindpaw.findings import StudyError

PACKAGE = Path(hindpaw.__file__).parent


def settled(read, *arguments):
    """What `read` gives, or the words of every mistake and no traceback."""
    try:
        return read(*arguments)
    except StudyError as error:
        # WorkflowError would show lines of this file to someone whose mistake is in theirs.
        sys.exit(f"hindpaw cannot start:\n{error}")


SETTINGS = settled(schema.checked, dict(config), "config.schema.yaml", "config")
RESULTS = SETTINGS["results_folder"]


def study_path(named):
    """The study file that a name or a path stands for."""
    written_as_path = named.endswith((".yaml", ".yml"))
    return named if written_as_path else f"{SETTINGS['study_folder']}/{named}.yaml"


STUDY_FILES = {
    Path(study_path(named)).stem: study_path(named) for named in SETTINGS["studies"]
}
STUDIES = {name: settled(study_files.load, path) for name, path in STUDY_FILES.items()}


wildcard_constraints:
    study="|".join(map(re.escape, STUDIES)),


def study_file(wildcards):
    """The study file of a job."""
    return STUDY_FILES[wildcards.study]


def lock_file(wildcards):
    """The locked plan beside the study file of a job, where there is one."""
    path = study_files.lock_of(STUDY_FILES[wildcards.study])
    return [str(path)] if path.exists() else []


def data_folder(wildcards):
    """The folder of a study's raw exports."""
    return f"{SETTINGS['data_folder']}/{wildcards.study}"


def run_folder(wildcards):
    """The folder of a study's results."""
    return f"{RESULTS}/{wildcards.study}"


def raw_exports(wildcards):
    """Every raw file that a study file names."""
    return [
        f"{data_folder(wildcards)}/{name}" for name in STUDIES[wildcards.study].files
    ]


def made(room, *tables):
    """Paths of tables of a room, each under the table's name."""
    return {table: f"{RESULTS}/{{study}}/{room}/{table}.csv" for table in tables}


def listed(room, *tables):
    """The same as outputs, each listed in the report of Snakemake."""
    return {
        table: report(
            path,
            caption="../report/tables.rst",
            category="{study}",
            subcategory=f"Tables of {room}",
            labels={"table": table},
        )
        for table, path in made(room, *tables).items()
    }


def code_of(room):
    """A digest of a room's code and of the nouns it shares, so that an edit reruns what depends on it."""
    shared = [path for path in PACKAGE.iterdir() if path.suffix in (".py", ".csv")]
    folders = [PACKAGE / name for name in ("tables", "schemas", room)]
    files = [*shared, *(path for folder in folders for path in folder.rglob("*"))]
    digest = hashlib.sha256()
    for path in sorted(
        path for path in files if path.is_file() and path.suffix != ".pyc"
    ):
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def caption_settings(wildcards):
    """What captions print of a study."""
    described = STUDIES[wildcards.study]
    return {
        "title": described.title,
        "data": "simulated" if described.simulated else "real",
        "threshold_method": described.threshold_method,
        "questions": {
            key: f"{one.structure}, {one.adjust}"
            for key, one in described.questions.items()
        },
        "reproduce": {
            key: f"{one.locator}, {', '.join(one.groups)}"
            for key, one in described.reproduce.items()
        },
    }


def digest_of(path):
    """The SHA-256 of a file."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def study_digest(wildcards):
    """The SHA-256 of the study file of a job."""
    return digest_of(study_file(wildcards))


def drawn(kind, caption, category):
    """The folder of one kind of figure, listed in the report of Snakemake picture by picture."""
    return report(
        directory(f"{RESULTS}/{{study}}/figure/{kind}"),
        patterns=["{name}.svg"],
        caption=f"../report/{caption}.rst",
        category="{study}",
        subcategory=category,
        labels={"figure": category, "of": "{name}"},
    )


def paper(ending, told):
    """The whole report in one form, listed in the report of Snakemake."""
    return report(
        f"{RESULTS}/{{study}}/report/report.{ending}",
        caption="../report/write_report.rst",
        category="{study}",
        subcategory="Report",
        labels={"figure": told, "of": "{study}"},
    )
