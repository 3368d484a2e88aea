"""Plate files damaged at random, each from its own seed: exports of every kind, plain lists and grids, maps, lists of samples."""

from __future__ import annotations

import importlib.util
import io
import zipfile
from pathlib import Path

import numpy as np
from hindpaw.simulate import damage, sheets

KINDS = (
    "softmax", "gen5", "bmg", "xponent", "bioplex xml", "bioplex workbook", "msd", "grid", "list", "bioplex sheets",
)  # fmt: skip
# What says nothing of what its wells hold needs a map.
SILENT = ("bmg", "grid", "list")
JUNK = [
    b"", b"OVRFLW", b"\x00", b"=1+1", b"1e400", b"-0", b"NaN", b"##BLOCKS= 1", b"Plate:\t", b"~End", b"DataType:,Median",
    b"\xff\xfe", "\u202e".encode(), b'"', b"\r", b"<!ENTITY a 'b'>", b"../../etc/passwd", b"A1", b"P24", b"1:20",
    b"1" * 400, b",,,,,", b"\t\t\t", b"Location,Sample", b"> 3", b"\xc3\x28", b"A" * 5000,
]  # fmt: skip
CELLS = [
    "",
    "OVRFLW",
    "MISSED",
    "---",
    "n.d.",
    "#N/A",
    "=1+1",
    "> 4.0",
    "0,7",
    "1e999",
    "x" * 300,
    "A1",
    "Blank",
    -1,
    1e300,
]
STUDY = """
title: Plates
animals: {file: a.csv, columns: {animal: Mouse, arm: Group, pool: Pool}}
arms: {vehicle: {label: Vehicle, role: control}, drug: {label: Drug}}
days: {treatment: 0}
plates: [{file: NAME, analyte: IL-6, day: 3, dilution: "1:4", samples: {file: s.csv, columns: {sample: S, animal: M}}MORE}]
"""
MAP = ", plate_map: {file: m.csv, columns: {well: Well, role: Role, sample: S, day: Day, dilution: Dil}}"


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


def export(plates, kind, seed, damage_it=True):
    """The name and content of one export, damaged or whole."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    name, write = plates["writers"][kind]
    analytes = ("IL-6", "TNF") if kind in plates["multiplex"] else ("IL-6",)
    content = write(plates["plan"](seed, *((8, 12) if seed % 2 else (4, 6)), analytes))
    if not damage_it:
        return name, content
    return name, remade(content, rng) if name.endswith("xlsx") and seed % 3 else damaged(content, rng)


def case(plates, kind, seed):
    """A study of one plate with a damaged file: mostly the export, else its map, the list of samples, or single cells."""
    rng = np.random.default_rng([seed, 5])
    where = str(rng.choice(["export", "export", "trick", "map", "samples", "cells"]))
    name, content = export(plates, kind, seed, where == "export")
    told = "Well,Role,S,Day,Dil\n" + "".join(
        f"{letter}{n},sample,X{n},{n},1:{n}\n" for letter in "ABCDEFGH" for n in range(1, 13)
    )
    layout = ", layout: bioplex" if kind in ("bioplex workbook", "bioplex sheets") and seed % 2 else ""
    files = {"a.csv": b"Mouse,Group,Pool\nM1,Vehicle,\nM2,Drug,P\nM3,Drug,P\n", "m.csv": told.encode(), name: content}
    files["s.csv"] = b"S,M\nX10,M1\nX11,P\nX12,M2+M3\nX13,M1+M2\n"
    data = ()
    if where == "map":
        files["m.csv"] = damaged(files["m.csv"], rng)
    elif where == "samples":
        files["s.csv"] = damaged(files["s.csv"], rng)
    elif where == "trick":
        trick = str(rng.choice(list(damage.DAMAGES)))
        where, files[name] = trick, damage.DAMAGES[trick](rng, content)
    elif where == "cells":
        kind, name = "list of cells", "l.csv"
        files[name], data = _listed(rng)
    more = layout + (MAP if kind in (*SILENT, "list of cells") or seed % 4 == 0 else "")
    text = STUDY.replace("NAME", name).replace("MORE", more)
    return damage.Case(seed, f"plate, {kind}, {where}", text, files, data)


def _listed(rng):
    """A list of wells with single cells damaged, and the addresses of those that still hold something as a signal."""
    rows = [["Well", "Signal", "Flag"]]
    rows += [[f"{letter}{n}", round(float(rng.uniform(0.05, 3)), 3), ""] for letter in "ABCD" for n in range(1, 7)]
    for _ in range(int(rng.integers(1, 8))):
        row = rows[int(rng.integers(1, len(rows)))]
        row[int(rng.integers(3))] = CELLS[int(rng.integers(len(CELLS)))]
    held = tuple(f"l.csv!B{place}" for place, row in enumerate(rows, 1) if place > 1 and any(map(str, row)))
    return sheets.delimited(rows, ";", "utf-8"), held


def made_up():
    """The plates of the tests' fixture, for a script outside of pytest."""
    spec = importlib.util.spec_from_file_location("made_up_plates", Path(__file__).parent / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {"plan": module.plan, "writers": module.WRITERS, "multiplex": module.MULTIPLEX}
