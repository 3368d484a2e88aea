"""Exports of programs that hindpaw does not read itself, through allotropy where that is installed apart.

allotropy (MIT, https://github.com/Benchling-Open-Source/allotropy) turns them into the Allotrope Simple Model; of it,
well, plate, sample, role, dilution, wavelength or analyte, signal, bead count and error become readings. It states no
cell, so the address of a reading is its well.
"""

from __future__ import annotations

import importlib.resources
import json
import math
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hindpaw.findings import Finding, StudyError
from hindpaw.intake.cells import remark
from hindpaw.intake.plate_readers.reading import Reading, distinct, well_of
from hindpaw.study import PlateFile

PYTHON = "HINDPAW_ALLOTROPY"
# Layout in a study file → what people call the program, and allotropy's name for it.
PROGRAMS = {
    "magellan": ("Tecan Magellan or i-control", "TECAN_MAGELLAN"),
    "skanit": ("Thermo SkanIt", "THERMO_SKANIT"),
    "intelliflex": ("Luminex INTELLIFLEX", "LUMINEX_INTELLIFLEX"),
    "kaleido": ("Revvity Kaleido", "REVVITY_KALEIDO"),
    "envision": ("PerkinElmer EnVision", "PERKIN_ELMER_ENVISION"),
    "methodical-mind": ("MSD Methodical Mind", "METHODICAL_MIND"),
}
SIGNALS = ("absorbance", "fluorescence", "luminescence")
ROLES = {"standard": "standard", "calibrat": "standard", "blank": "blank", "control": "control", "unknown": "sample"}
# Starting Python, importing allotropy and converting takes a few seconds.
LONGEST_S = 180
INSTALL = (
    "Install allotropy in an environment of its own (python3 -m venv allotropy && allotropy/bin/pip install allotropy), "
    f"name its Python in the environment variable {PYTHON}=…/allotropy/bin/python, and run again."
)


def read(plate: PlateFile, content: bytes, layout: str) -> tuple[list[Reading], Finding]:
    """The readings that allotropy makes of an export, and the note that says so.

    Raises
    ------
    StudyError
        Where allotropy is not there, does not take the file, or finds no endpoint reading in it.
    """
    program, vendor = PROGRAMS[layout]
    python = os.environ.get(PYTHON, "")
    if not python:
        what = f"{plate.file} looks like an export of {program}, which hindpaw does not read itself."
        raise _refusal(plate, what, f"{INSTALL} Or: ")
    told = _converted(plate, content, python, program, vendor)
    try:
        readings = distinct(_named(plate, list(_readings(told["document"]))))
        version = str(told["version"])[:40]
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        what = f"What allotropy made of {plate.file} is not understood ({type(error).__name__}: {str(error)[:100]})."
        raise _refusal(plate, what) from None
    if not readings:
        raise _refusal(plate, f"allotropy {version} found no endpoint reading of a well in {plate.file}.")
    return readings, remark(
        "converted",
        "warning",
        f"{plate.name}: {plate.file}, an export of {program}, was converted by allotropy {version}; hindpaw did not read it.",
        "Its numbers are as right as that conversion, and have a well instead of a cell for their address. "
        "Concentrations and calculations of the export are left behind.",
        "Compare a few wells with the export.",
        plate.file,
    )


def _converted(plate: PlateFile, content: bytes, python: str, program: str, vendor: str) -> dict[str, Any]:
    """What the other Python printed."""
    script = (
        importlib.resources.files("hindpaw.intake.plate_readers")
        .joinpath("by_allotropy.py")
        .read_text(encoding="utf-8")
    )
    name = plate.file.rpartition("/")[2]
    try:
        run = subprocess.run(
            [python, "-c", script, vendor, name], input=content, capture_output=True, timeout=LONGEST_S, check=False
        )
        if run.returncode == 0:
            told: dict[str, Any] = json.loads(run.stdout)
            return told
        said = (run.stderr.decode(errors="replace").strip().splitlines() or ["it ended without a word"])[-1]
    except subprocess.TimeoutExpired:
        said = f"it did not end within {LONGEST_S} s"
    except (OSError, ValueError) as error:
        said = str(error)
    if "No module named 'allotropy'" in said:
        what = f"{plate.file} looks like an export of {program}, and the Python that {PYTHON} names has no allotropy."
        raise _refusal(plate, what, f"{INSTALL} Or: ")
    raise _refusal(plate, f"allotropy did not convert {plate.file} as an export of {program}: {said[:300]}.")


def _refusal(plate: PlateFile, what: str, first: str = "") -> StudyError:
    """A file that could not be converted."""
    why = "No well of it can be read; a guess could take wells for others."
    return StudyError([Finding("plate", "error", "intake", what, why, first + BY_HAND, plate.file)])


BY_HAND = (
    "Copy the grid of raw values, with its numbers 1 to 12 above and its letters A to H at the left, into a sheet of its "
    "own (or a list with the columns Well and Signal), and name that file."
)


def _measurements(node: Any) -> Iterator[dict[str, Any]]:
    """Every measurement below a node of the model."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "measurement document":
                yield from value
            else:
                yield from _measurements(value)
    elif isinstance(node, list):
        for value in node:
            yield from _measurements(value)


def _readings(document: Any) -> Iterator[Reading]:
    """The readings of a model, their plate and well in place of an address."""
    for one in _measurements(document):
        sample = one["sample document"]
        well = well_of(sample.get("well location identifier") or sample.get("location identifier"))
        if well is None:
            raise ValueError(f"a measurement without a well: {sample}")
        plate = str(sample.get("well plate identifier") or "")
        named = str(sample.get("sample identifier") or "")
        controls = (one.get("device control aggregate document") or {}).get("device control document") or [{}]
        wave = (controls[0].get("detector wavelength setting") or {}).get("value")
        custom = one.get("custom information document") or {}
        errors = (one.get("error aggregate document") or {}).get("error document") or []
        own = Reading(
            "",
            well,
            None,
            analyte=custom.get("assay identifier") or None,
            plate=plate,
            channel=f"{wave:g}" if wave else "",
            role=_role(str(sample.get("sample role type") or "")),
            # A well without a name is called by its plate and place.
            sample="" if named in (f"{plate}_{well}", f"{plate} {well}", well) else named,
            dilution=_number(controls[0].get("dilution factor setting") or sample.get("dilution factor setting")),
        )
        for name in SIGNALS:
            if name in one:
                yield _signalled(own, _number(one[name]), [str(error.get("error", "")) for error in errors])
        for analyte in (one.get("analyte aggregate document") or {}).get("analyte document") or []:
            yield _analyte(own, analyte)


def _role(said: str) -> str:
    """The role that a word of the model means."""
    return next((role for word, role in ROLES.items() if word in said.casefold()), "")


def _number(quantity: Any) -> float | None:
    """A quantity's number; None for the negative zero by which allotropy says that there is none."""
    value = quantity.get("value") if isinstance(quantity, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return None if value == 0 and math.copysign(1, value) < 0 else float(value)


def _signalled(own: Reading, signal: float | None, errors: list[str]) -> Reading:
    """A reading with its signal; where there is none, allotropy's error is what stood in the cell."""
    flag = "; ".join(filter(None, errors))
    if signal is None and flag.strip() in ("0", "0.0"):
        # SkanIt's reader takes a true zero for an error.
        return replace(own, signal=0.0)
    return replace(own, signal=signal, flag=flag[:80])


def _analyte(own: Reading, analyte: dict[str, Any]) -> Reading:
    """One analyte of a bead assay: its median and count."""
    medians = [
        _number(step["statistical value"])
        for one in (analyte.get("statistics aggregate document") or {}).get("statistics document") or []
        for step in one["statistic dimension aggregate document"]["statistic dimension document"]
        if step["statistical value"].get("has statistic datum role") == "median role"
    ]
    signal = medians[0] if medians else _number(analyte.get("fluorescence"))
    return replace(
        own,
        signal=signal,
        analyte=str(analyte.get("analyte name") or ""),
        bead_count=_number(analyte.get("assay bead count")),
    )


def _named(plate: PlateFile, readings: list[Reading]) -> list[Reading]:
    """The readings with an address, and a plate's name only where there are several."""
    several = len({one.plate for one in readings}) > 1
    found = []
    for one in readings:
        place = " ".join(filter(None, [one.plate, "well", one.well, one.analyte, one.channel and f"{one.channel} nm"]))
        found.append(replace(one, source=f"{plate.file}!{place}", plate=one.plate if several else ""))
    return found
