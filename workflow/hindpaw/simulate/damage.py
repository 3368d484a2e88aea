"""Files damaged at random, each from its own seed: what intake must answer with findings, never with an error."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hindpaw.simulate import sheets
from hindpaw.simulate.files import Book, workbook

JUNK: list[object] = [
    *["", " ", "n.d.", "dead", "-", "#N/A", "=1+1", "@SUM(A1)", "+1", "x" * 40_000, "0/1", "TRUE", "1:20", "3/5", "60%", "1e309"],
    *["nan", "inf", "-inf", "1_000", "0x10", "٣", "½", "\u202eOXO", "😀", "\x07", "a;b,c\td", '"', "'", "<script>", "../..", "NULL"],
    *["2024-02-30", "31/12/1999", "Day -1", "week 1e9", "d" * 300, "OXOXOX" * 400, "1" * 400, "0" * 30, -1, 0, 1e300, -1e-300, 10**15, 3.22],
]  # fmt: skip
ENTITIES = {
    "laughs": b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>',
    "outside": b'<!DOCTYPE a [<!ENTITY c SYSTEM "file:///dev/zero">]>',
}
PZFX = b"<GraphPadPrismFile>%s</GraphPadPrismFile>"
TABLE = b'<Table XFormat="none" TableType="OneWay"><Title>&c;</Title><YColumn><Title>A</Title><Subcolumn><d>1</d></Subcolumn></YColumn></Table>'


@dataclass(frozen=True)
class Case:
    """A study and its damaged files.

    Parameters
    ----------
    seed : replays the case
    told : layout, format and damage, for a report
    study : the study file's text
    files : raw files by name
    data : addresses of cells that still hold something in the column of values, where that can be said
    """

    seed: int
    told: str
    study: str
    files: dict[str, bytes]
    data: tuple[str, ...] = ()


def case(seed: int) -> Case:
    """The damaged files of a seed."""
    rng = np.random.default_rng([seed, 3])
    layout = str(rng.choice(list(sheets.LAYOUTS)))
    kind = str(rng.choice([one for one in sheets.FORMATS if sheets.possible(layout, one)]))
    animals = [f"M{place}" for place in range(int(rng.integers(1, 4)))]
    told = sheets.sessions(rng, animals, [-1, 3, 14][: int(rng.integers(1, 4))])
    text, files = sheets.written(told, layout, kind)
    name = next(one for one in files if one != "allocation.csv")
    # Half of the cases are sheets with wrong cells, the most common damage.
    damage = "cells" if rng.random() < 0.5 else list(DAMAGES)[int(rng.integers(len(DAMAGES)))]
    if damage == "cells":
        book = _cells(rng, sheets.LAYOUTS[layout](told)[1])
        files[name] = sheets.FORMATS[kind][1](book)
        return Case(seed, f"{layout}, {kind}, cells", text, files, _data(layout, kind, name, book))
    elif rng.random() < 0.2:
        name = "allocation.csv"
        files[name] = DAMAGES[damage](rng, files[name])
    else:
        files[name] = DAMAGES[damage](rng, files[name])
    return Case(seed, f"{layout}, {kind}, {damage} in {name}", text, files)


def _data(layout: str, kind: str, name: str, book: Book) -> tuple[str, ...]:
    """The cells of the fourth column that hold something, below a first row that heads it."""
    headers = {"long": "XO", "digits": "01", "thresholds": "PWT (mN)"}
    rows = book.get("S", [])
    if kind not in ("xlsx", "csv") or layout not in headers or not rows or rows[0][3:4] != [headers[layout]]:
        return ()
    place = f"{name}!S" if kind == "xlsx" else name
    # The title itself, where a header stands again below, is no datum.
    held = [
        number
        for number, row in enumerate(rows, 1)
        if len(row) > 3 and str(row[3]).strip() and row[3] != headers[layout]
    ]
    return tuple(f"{place}!D{number}" for number in held if number > 1)


def _cells(rng: np.random.Generator, book: Book) -> Book:
    """Some cells overwritten, swapped, shifted or cut, rows doubled, in a copy of the book."""
    damaged = {name: [list(row) for row in rows] for name, rows in book.items()}
    for _ in range(int(rng.integers(1, 8))):
        rows = damaged[str(rng.choice(list(damaged)))]
        if not rows:
            continue
        row, other = rows[int(rng.integers(len(rows)))], rows[int(rng.integers(len(rows)))]
        place = int(rng.integers(len(row))) if row else 0
        kind = int(rng.integers(6))
        if kind <= 1 and row:
            row[place] = JUNK[int(rng.integers(len(JUNK)))]
        elif kind == 2:
            del row[place:]
        elif kind == 3:
            rows.insert(int(rng.integers(len(rows))), list(other))
        elif kind == 4:
            row.insert(place, "")
        elif row and other:
            far = int(rng.integers(len(other)))
            row[place], other[far] = other[far], row[place]
    return damaged


def _cut(rng: np.random.Generator, content: bytes) -> bytes:
    """The file cut short."""
    return content[: int(rng.integers(len(content) + 1))]


def _flipped(rng: np.random.Generator, content: bytes) -> bytes:
    """Some bytes overwritten."""
    damaged = bytearray(content)
    for place in rng.integers(0, max(len(damaged), 1), int(rng.integers(1, 40))):
        if damaged:
            damaged[int(place)] = int(rng.integers(256))
    return bytes(damaged)


def _shuffled(rng: np.random.Generator, content: bytes) -> bytes:
    """Lines in another order."""
    lines = content.split(b"\n")
    rng.shuffle(lines)  # type: ignore[arg-type]
    return b"\n".join(lines)


def _recoded(rng: np.random.Generator, content: bytes) -> bytes:
    """The bytes read in one encoding and written in another, as mail programs do."""
    one, two = rng.choice(["latin-1", "utf-8", "utf-16", "cp437", "utf-32"], 2)
    return content.decode(str(one), errors="replace").encode(str(two), errors="replace")


def _inside(rng: np.random.Generator, content: bytes) -> bytes:
    """A part of a zipped file damaged, the zip itself whole."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return _flipped(rng, content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = str(rng.choice(list(members)))
    change = [_cut, _flipped, _shuffled][int(rng.integers(3))]
    return sheets.zipped({**members, name: change(rng, members[name])})


def _bomb(rng: np.random.Generator, content: bytes) -> bytes:
    """A zip of half a gigabyte of zeros, or one that says it is small."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bomb,
        bomb.open("xl/worksheets/sheet1.xml", "w") as member,
    ):
        for _ in range(int(rng.choice([20, 300]))):
            member.write(b"\0" * 1024**2)
    made = bytearray(buffer.getvalue())
    if rng.random() < 0.5:
        place = made.rindex(b"PK\x01\x02") + 24
        made[place : place + 4] = (100).to_bytes(4, "little")
    return bytes(made)


def _entity(rng: np.random.Generator, content: bytes) -> bytes:
    """A Prism file whose XML declares entities, or a workbook one part of which does."""
    declared = ENTITIES[str(rng.choice(list(ENTITIES)))]
    if rng.random() < 0.5:
        return declared + PZFX % TABLE
    with zipfile.ZipFile(io.BytesIO(workbook({"S": [["Mouse", "Day"], ["=A", 1]]}))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    page = members["xl/worksheets/sheet1.xml"].replace(b"?>", b"?>" + declared, 1).replace(b"<c ", b"<c x='&c;' ", 1)
    return sheets.zipped({**members, "xl/worksheets/sheet1.xml": page})


def _far(rng: np.random.Generator, content: bytes) -> bytes:
    """A workbook with one cell at the end of the sheet."""
    with zipfile.ZipFile(io.BytesIO(workbook({"S": [["Mouse", "Day"], ["A", 1]]}))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    page = members["xl/worksheets/sheet1.xml"]
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return sheets.zipped({**members, "xl/worksheets/sheet1.xml": page.replace(b"</sheetData>", far)})


def _formula(rng: np.random.Generator, content: bytes) -> bytes:
    """A workbook of formulas: errors, results that were never computed, references into other files."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
        page = made.add_worksheet("S")
        page.write_row(0, 0, ["Mouse", "Day", "Paw", "XO", "Last", "PWT (mN)"])
        for row in range(1, 6):
            page.write_row(row, 0, ["M0", row, "ipsilateral"])
            for column in (3, 4, 5):
                value = ["#REF!", "", "OXOXX", 5, "#DIV/0!"][int(rng.integers(5))]
                page.write_formula(row, column, "='[other.xlsx]S'!A1", None, value)
    return buffer.getvalue()


def _path(rng: np.random.Generator, content: bytes) -> bytes:
    """A zip with names that point out of the folder, links, or a zip inside."""
    names = [
        "../../etc/passwd",
        "/etc/passwd",
        "C:\\a.csv",
        "a/../../b.csv",
        "a\0b.csv",
        "con",
        "x" * 5000 + ".csv",
        "inner.zip",
        "",
    ]
    name = str(rng.choice(names))
    info = zipfile.ZipInfo(name or "a")
    info.external_attr = 0o120777 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr(info, content if name != "inner.zip" else sheets.zipped({"a.csv": content}))
    return buffer.getvalue()


def _huge(rng: np.random.Generator, content: bytes) -> bytes:
    """A text of one giant line, of very many short ones, or with one giant cell."""
    kind = int(rng.integers(3))
    if kind == 0:
        return b"Mouse;Day;" + b"x;" * 500_000
    if kind == 1:
        return b"Mouse;Day\n" + b"A;1\n" * 100_000
    return b'Mouse;Day\n"' + b"x" * 2_000_000


def _other(rng: np.random.Generator, content: bytes) -> bytes:
    """Something that is no table at all."""
    kinds = [b"", b"\0" * 1000, rng.bytes(2000), b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + rng.bytes(3000), b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18, b"<html><table>", b"\xff\xfe", b"<?xml version='1.0'?><a/>"]  # fmt: skip
    return kinds[int(rng.integers(len(kinds)))]


Damage = Callable[[np.random.Generator, bytes], bytes]
DAMAGES: dict[str, Damage] = {
    "cut": _cut,
    "flipped bytes": _flipped,
    "shuffled lines": _shuffled,
    "wrong encoding": _recoded,
    "damaged part": _inside,
    "zip bomb": _bomb,
    "XML entities": _entity,
    "far cell": _far,
    "formulas": _formula,
    "path tricks": _path,
    "huge": _huge,
    "no table": _other,
}
