"""Damaged plate files end in readings or in findings: no other error, no hang, no well lost. Seeds replay a case."""

from __future__ import annotations

import io
import time
import zipfile

import numpy as np
import pytest
from hindpaw import study
from hindpaw.findings import StudyError
from hindpaw.intake import plate_readers, take_in

KINDS = (
    "softmax", "gen5", "bmg", "xponent", "bioplex xml", "bioplex workbook", "msd", "grid", "list", "bioplex sheets",
)  # fmt: skip
JUNK = [
    b"", b"OVRFLW", b"\x00", b"=1+1", b"1e400", b"-0", b"NaN", b"##BLOCKS= 1", b"Plate:\t", b"~End", b"DataType:,Median",
    b"\xff\xfe", "\u202e".encode(), b'"', b"\r", b"<!ENTITY a 'b'>", b"../../etc/passwd", b"A1", b"P24", b"1:20",
    b"1" * 400, b",,,,,", b"\t\t\t", b"Location,Sample", b"> 3", b"\xc3\x28", b"A" * 5000,
]  # fmt: skip
# A file takes milliseconds; a hang is far beyond this.
LONGEST_S = 20.0


def damaged(content, rng):
    """A file cut short, with junk put in, bytes changed, lines dropped, doubled or shuffled, or encoded otherwise."""
    kind = rng.integers(8)
    data = bytearray(content)
    if kind == 0:
        del data[int(rng.integers(len(data))) :]
    elif kind == 1:
        for place in rng.integers(0, len(data), int(rng.integers(1, 30))):
            data[place] = rng.integers(256)
    elif kind == 2:
        for _ in range(int(rng.integers(1, 6))):
            place = int(rng.integers(len(data)))
            data[place : place + int(rng.integers(0, 40))] = JUNK[int(rng.integers(len(JUNK)))]
    elif kind == 3:
        lines = bytes(data).split(b"\n")
        rng.shuffle(lines)
        data = bytearray(b"\n".join(lines))
    elif kind == 4:
        lines = bytes(data).split(b"\n")
        keep = rng.random(len(lines)) > 0.1
        data = bytearray(b"\n".join(line for line, kept in zip(lines, keep, strict=True) if kept))
    elif kind == 5:
        lines = bytes(data).split(b"\n")
        data = bytearray(b"\n".join([*lines, *lines[int(rng.integers(len(lines))) :]]))
    elif kind == 6:
        marks = [b",", b";", b"\t", b".", b" ", b"\n"]
        one, other = rng.choice(len(marks), 2, replace=False)
        data = bytearray(bytes(data).replace(marks[one], marks[other]))
    else:
        data = bytearray(bytes(data).decode("latin-1").encode(["utf-16", "utf-8", "utf-32"][int(rng.integers(3))]))
    return bytes(data)


def remade(content, rng):
    """A workbook with one of its parts damaged, so that the zip around it still opens."""
    source = zipfile.ZipFile(io.BytesIO(content))
    names = source.namelist()
    chosen = names[int(rng.integers(len(names)))]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in names:
            part = source.read(name)
            target.writestr(name, damaged(part, rng) if name == chosen and part else part)
    return out.getvalue()


def case(plates, kind, seed):
    """The name and content of one damaged file."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    name, write = plates["writers"][kind]
    analytes = ("IL-6", "TNF") if kind in plates["multiplex"] else ("IL-6",)
    content = write(plates["plan"](seed, *((8, 12) if seed % 2 else (4, 6)), analytes))
    return name, remade(content, rng) if name.endswith("xlsx") and seed % 3 else damaged(content, rng)


def survive(plates, kind, seed):
    """Read one damaged file; readings have addresses of their own, refusals say what and what to do."""
    name, content = case(plates, kind, seed)
    layout = "bioplex" if name.endswith("xlsx") and kind.startswith("bioplex") and seed % 2 else None
    entry = study.PlateFile(name, "pg/ml", "CSF", "not applicable", {}, layout=layout)
    start = time.monotonic()
    refused, sources = [], []
    try:
        sources = [one.source for one in plate_readers.opened(entry, content).readings]
    except StudyError as error:
        refused = error.findings
    assert all(one.what and one.why and one.what_to_do for one in refused)
    assert bool(sources) != bool(refused)
    assert len(set(sources)) == len(sources)
    assert time.monotonic() - start < LONGEST_S


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("block", range(4))
def test_damaged_plates_end_in_readings_or_findings(plates, kind, block):
    for seed in range(20 * block, 20 * block + 20):
        survive(plates, kind, seed)


STUDY = """
title: Plates
animals: {file: a.csv, columns: {animal: Mouse, arm: Group}}
arms: {vehicle: {label: Vehicle, role: control}, drug: {label: Drug}}
days: {treatment: 0}
plates: [{file: NAME, analyte: IL-6, day: 3, samples: {file: s.csv, columns: {sample: S, animal: M}}MAP}]
"""
MAP = ", plate_map: {file: m.csv, columns: {well: Well, role: Role, sample: S}}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(1000, 1005))
def test_no_well_of_a_damaged_plate_is_lost(plates, kind, seed):
    """Through the whole of intake: what is used stands in `wells`, everything stands in the ledger once."""
    name, content = case(plates, kind, seed)
    silent = kind in ("bmg", "grid", "list")
    described = study.parse(STUDY.replace("NAME", name).replace("MAP", MAP if silent else ""), "s", "s.yaml")
    told = "Well,Role,S\n" + "".join(f"{letter}{n},sample,X{n}\n" for letter in "ABCDEFGH" for n in range(1, 13))
    files = {"a.csv": b"Mouse,Group\nM1,Vehicle\n", "s.csv": b"S,M\nX10,M1\n", "m.csv": told.encode(), name: content}
    made = take_in(described, {one: files[one] for one in described.files})
    ledger = made["ledger"].query("table == 'wells'")
    assert len(ledger) >= 1
    assert ledger["source"].is_unique
    assert set(made["wells"]["source"]) == set(ledger.query("fate == 'used'")["source"])
    assert ledger.query("fate != 'used'")["reason"].notna().all()
