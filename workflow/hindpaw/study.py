"""The study file as typed objects.

What it says is checked here against the schema and against itself; the rooms check it against the tables.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from hindpaw import plate_files, questions, reproduction, schema, von_frey
from hindpaw.findings import Finding, StudyError, nearest
from hindpaw.plate_files import PlateFile, PlateMap, SampleFile
from hindpaw.questions import THRESHOLD
from hindpaw.reproduction import Reproduction
from hindpaw.von_frey import FilamentFile, VonFreyFile

__all__ = [
    "AllocationFile",
    "Arm",
    "Assay",
    "CountFile",
    "Days",
    "FilamentFile",
    "PlateFile",
    "PlateMap",
    "Question",
    "Reproduction",
    "SampleFile",
    "Study",
    "VonFreyFile",
    "load",
    "lock_of",
    "parse",
]


@dataclass(frozen=True)
class Arm:
    """A group: `key` in questions and tables, `label` for people, other `names` and `codes` in the files."""

    key: str
    label: str
    role: str
    names: tuple[str, ...]
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Days:
    """The calendar, in days since injury."""

    treatment: float
    injury: float
    baseline: float | None = None
    injury_date: datetime.date | None = None
    date_order: str | None = None
    unit: str = "day"
    names: Mapping[str, float] = field(default_factory=dict)
    # The date of injury of each animal that the allocation list gives one.
    injured: Mapping[str, datetime.date] = field(default_factory=dict)

    @property
    def named(self) -> dict[str, float]:
        """The words that stand for days, without case."""
        return {" ".join(str(name).split()).casefold(): day for name, day in self.names.items()}

    def week(self, day: float) -> int:
        """Week after treatment: ceil((day − treatment)/7); 0 and less is before treatment.

        >>> Days(treatment=4, injury=0).week(5), Days(treatment=4, injury=0).week(4)
        (1, 0)
        """
        return math.ceil((day - self.treatment) / 7)


@dataclass(frozen=True)
class AllocationFile:
    """Where the allocation list stands."""

    file: str
    columns: Mapping[str, str]
    sheet: str | None = None
    every_sheet: bool = False
    sheet_is: str | None = None
    fill_down: tuple[str, ...] = ()
    ids_within_arm: bool = False


@dataclass(frozen=True)
class CountFile:
    """One list of counts."""

    file: str
    target: str
    columns: Mapping[str, str]
    sheet: str | None = None


@dataclass(frozen=True)
class Assay:
    """When a curve and a well are good enough; shares in percent."""

    recovery_percent: tuple[float, float]
    end_recovery_percent: tuple[float, float]
    replicate_cv_percent: float
    least_standards: int
    failing_standards: int
    least_r_squared: float
    form: str
    weights: str
    curve: str
    bootstrap: int


@dataclass(frozen=True)
class Question:
    """One thing the study asks."""

    key: str
    kind: str
    outcome: str
    treated: str
    control: str
    paw: str
    by: str
    structure: str
    structures: tuple[str, ...]
    variance: str
    baseline: str
    blocks: tuple[str, ...]
    by_sex: bool
    df: str
    adjust: str
    matrix: str
    also: tuple[str, ...]
    expects: str = "difference"
    cage: bool | None = None
    ask: str | None = None
    day: float | None = None
    analyte: str | None = None
    analytes: tuple[str, ...] = ()
    isotype: str | None = None
    antibody: str | None = None
    antibody_alone: str | None = None
    doses: Mapping[str, float] = field(default_factory=dict)
    dose_unit: str = "ng"
    given: float | None = None
    margin: str | float = questions.ONE_STEP
    brackets: bool = False

    @property
    def about_thresholds(self) -> bool:
        """Whether a mixed model of the withdrawal threshold answers it."""
        return self.kind in questions.MIXED and self.outcome == THRESHOLD

    @property
    def about_concentrations(self) -> bool:
        """Whether it compares arms by one analyte on one day."""
        return self.kind == "contrast" and self.outcome != THRESHOLD

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms it compares, control first."""
        if self.kind == "dose-response":
            return tuple(sorted(self.doses, key=lambda arm: self.doses[arm]))
        named: tuple[str | None, ...] = (self.control, self.treated, *self.also)
        if self.kind == "neutralization":
            named = (self.control, self.antibody_alone, self.treated, self.isotype, self.antibody)
        return tuple(arm for arm in dict.fromkeys(named) if arm)


@dataclass(frozen=True)
class Study:
    """One study, as its file describes it."""

    name: str
    title: str
    simulated: bool
    animals: AllocationFile
    randomization: Mapping[str, Any]
    arms: Mapping[str, Arm]
    days: Days
    von_frey: tuple[VonFreyFile, ...]
    threshold_method: str
    percent_response_model: str
    plates: tuple[PlateFile, ...]
    assay: Assay
    counts: tuple[CountFile, ...]
    questions: Mapping[str, Question]
    censored_share: float
    claims: str | None = None
    arrive: Mapping[str, str] = field(default_factory=dict)
    reproduce: Mapping[str, Reproduction] = field(default_factory=dict)
    document: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    lock: str = field(default="", repr=False, compare=False)

    @property
    def files(self) -> list[str]:
        """Every raw file the study names, each once, in order."""
        named = [self.animals.file]
        for sheet in self.von_frey:
            named += [sheet.file] + ([sheet.filaments.file] if isinstance(sheet.filaments, FilamentFile) else [])
        for plate in self.plates:
            named += [entry.file for entry in (plate, plate.plate_map, plate.samples) if entry is not None]
        named += [counts.file for counts in self.counts] + ([self.claims] if self.claims else [])
        return list(dict.fromkeys(named))

    def label(self, arm: str) -> str:
        """What people call the arm."""
        return self.arms[arm].label

    def compared(self, question: Question) -> str:
        """Which arms a question compares, by their labels."""
        pair = question.kind == "contrast"
        treated = (question.treated,) if pair else tuple(arm for arm in question.arms if arm != question.control)
        return f"{' and '.join(map(self.label, treated))} against {self.label(question.control)}"


def load(path: str | Path) -> Study:
    """The study a file describes.

    Raises
    ------
    StudyError
        With every mistake in the file.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        others = nearest(path.stem, [other.stem for other in path.parent.glob("*.yaml")])
        raise StudyError([_mistake(str(path), f"The study file cannot be read: {reason}.", others)]) from None
    # The plan as it was locked; the audit judges it, so that a damaged one is a finding and not the end.
    lock = lock_of(path)
    locked = lock.read_text(encoding="utf-8-sig", errors="replace") if lock.is_file() else ""
    return replace(parse(text, path.stem, path.name), lock=locked)


def lock_of(path: str | Path) -> Path:
    """Where the locked plan of a study file stands: beside it.

    >>> lock_of("config/studies/one.yaml").as_posix()
    'config/studies/one.lock'
    """
    return Path(path).with_suffix(".lock")


def parse(text: str, name: str, file_name: str) -> Study:
    """The study a YAML text describes; `name` is the study's, `file_name` is for messages."""
    document = schema.checked(schema.parse(text, file_name), "study.schema.yaml", file_name)
    found = list(_contradictions(document, file_name))
    if found:
        raise StudyError(found)
    return _built(document, name)


def _texts(values: list[Any]) -> tuple[str, ...]:
    """The values as the text a cell would show."""
    return tuple(f"{value:g}" if isinstance(value, float) else str(value) for value in values)


def _built(document: dict[str, Any], name: str) -> Study:
    """The checked document as objects."""
    parts = dict(document)
    listed = document["animals"]
    parts["animals"] = AllocationFile(**listed | {"fill_down": tuple(listed["fill_down"])})
    date = document["days"].get("injury_date")
    parts["days"] = Days(**document["days"] | {"injury_date": date and datetime.date.fromisoformat(date)})
    parts["assay"] = Assay(**document["assay"])
    parts["arms"] = {
        key: Arm(key, arm["label"], arm["role"], _texts(arm["names"]), _texts(arm["codes"]))
        for key, arm in document["arms"].items()
    }
    parts["von_frey"] = tuple(von_frey.described(entry) for entry in document["von_frey"])
    parts["plates"] = tuple(plate_files.built(entry) for entry in document["plates"])
    parts["counts"] = tuple(CountFile(**entry) for entry in document["counts"])
    parts["questions"] = {key: Question(key, **questions.whole(entry)) for key, entry in document["questions"].items()}
    parts["reproduce"] = reproduction.described(document, parts["questions"])
    known = {part.name for part in fields(Study)}
    return Study(name=name, document=document, **{key: part for key, part in parts.items() if key in known})


def _mistake(place: str, what: str, what_to_do: str) -> Finding:
    """A finding about the study file."""
    why = "Nothing can be computed from a setting that is not understood."
    return Finding(schema.CHECK, "error", "study", what, why, what_to_do, source=place)


def _contradictions(document: dict[str, Any], name: str) -> Iterator[Finding]:
    """What the schema cannot see: stray files, missing arms, columns a layout needs."""
    for path, file in _files(document, ""):
        windows, posix = PureWindowsPath(file), PurePosixPath(file)
        if windows.is_absolute() or windows.drive or posix.is_absolute() or ".." in windows.parts:
            yield _mistake(
                f"{name}: {path}",
                f'"{file}" leaves the study\'s data folder.',
                "Copy the file into the folder and give its name.",
            )
    yield from _animal_mistakes(document, name)
    for number, entry in enumerate(document["von_frey"], 1):
        for key, what, advice in von_frey.mistakes(entry, document["animals"]["ids_within_arm"]):
            yield _mistake(f"{name}: von_frey.{number}{key}", what, advice)
    for number, entry in enumerate(document["plates"], 1):
        for key, what, advice in plate_files.mistakes(entry):
            yield _mistake(f"{name}: plates.{number}{key}", what, advice)
    yield from (_mistake(*found) for found in questions.mistakes(document, name))
    yield from (_mistake(*found) for found in reproduction.mistakes(document, name))


def _files(node: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every file name in the document with the path of its key."""
    items = node.items() if isinstance(node, dict) else enumerate(node, 1) if isinstance(node, list) else ()
    for key, value in items:
        here = f"{path}.{key}".removeprefix(".")
        if key in ("file", "claims") and isinstance(value, str) and not here.startswith(("arms.", "questions.")):
            yield here, value
        yield from _files(value, here)


def _animal_mistakes(document: dict[str, Any], name: str) -> Iterator[Finding]:
    """An allocation list that says no arm, codes that mean none, and a date that is none."""
    listed, columns = document["animals"], document["animals"]["columns"]
    if not {"arm", "arm_code"} & set(columns) and listed["sheet_is"] != "arm":
        advice = 'Add "arm: …" or "arm_code: …" with the column\'s header.'
        yield _mistake(f"{name}: animals.columns", "The allocation list says no animal's arm.", advice)
    if listed["sheet_is"] and not listed["every_sheet"]:
        yield _mistake(f"{name}: animals.sheet_is", "Only one sheet is read.", "Add every_sheet: true.")
    codeless = [key for key, arm in document["arms"].items() if not arm["codes"]]
    if "arm" not in columns and "arm_code" in columns and codeless:
        advice = f'Add "codes: [1]" (whatever the list writes) to the arm {codeless[0]}.'
        yield _mistake(
            f"{name}: arms.{codeless[0]}", "The arm has no code, and the list names arms by code only.", advice
        )
    try:
        datetime.date.fromisoformat(document["days"].get("injury_date", "2024-01-01"))
    except ValueError:
        yield _mistake(f"{name}: days.injury_date", "There is no such date.", "Write year-month-day, as 2024-03-01.")
