"""One simulated set of sessions, written in each layout and file format that labs use: to read back, and to damage."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np

from hindpaw import filaments
from hindpaw.simulate import behaviour
from hindpaw.simulate.files import Book, Rows, workbook

KNOWN = filaments.shipped("mouse-9", "nominal")
APPLICATIONS = 5
PAWS = ("ipsilateral", "contralateral")
SHORT = {"ipsilateral": "ipsi", "contralateral": "contra"}
HEAD = """
title: Simulated sheets
simulated: true
animals: {file: allocation.csv, columns: {animal: Mouse, arm: Group}}
arms: {vehicle: {label: Vehicle, role: control}, drug: {label: Drug}}
days: {treatment: 0, baseline: -1}
von_frey:
"""


@dataclass(frozen=True)
class Session:
    """One paw of one mouse on one day, by every method at once.

    Parameters
    ----------
    series, last : up-down responses and the position of the last filament
    threshold_g : a threshold as a lab would print it, g
    counts : responses out of APPLICATIONS to each filament of the set
    """

    animal: str
    day: int
    paw: str
    series: str
    last: int
    threshold_g: float
    counts: tuple[int, ...]


def sessions(rng: np.random.Generator, animals: list[str], days: list[int]) -> list[Session]:
    """Sessions of every animal, day and paw."""
    found = []
    for animal in animals:
        for day in days:
            for paw in PAWS:
                middle = float(rng.uniform(-1.6, 0.7))
                series, last = behaviour.series(rng, middle, KNOWN)
                p = 1 / (1 + np.exp(-(np.array(KNOWN.log10_force) - middle) / 0.15))
                counts = tuple(int(count) for count in rng.binomial(APPLICATIONS, p))
                found.append(Session(animal, day, paw, series, last, round(10**middle, 4), counts))
    return found


def allocation(animals: list[str]) -> bytes:
    """An allocation list that puts every other animal into the other arm."""
    rows: Rows = [["Mouse", "Group"]]
    rows += [[animal, ("Vehicle", "Drug")[place % 2]] for place, animal in enumerate(animals)]
    return delimited(rows, ";", "utf-8")


Layout = Callable[[list[Session]], tuple[list[str], Book]]
SERIES = "layout: up-down-strings, scale: nominal, start: 5"


def _long(told: list[Session]) -> tuple[list[str], Book]:
    """A row a session."""
    rows: Rows = [["Mouse", "Day", "Paw", "XO", "Last"]]
    rows += [[one.animal, one.day, SHORT[one.paw], one.series.lower(), one.last] for one in told]
    return [f"{{{SERIES}, columns: {{animal: Mouse, day: Day, paw: Paw, responses: XO, last_filament: Last}}}}"], {
        "S": rows
    }


def _digits(told: list[Session]) -> tuple[list[str], Book]:
    """0 and 1 as the numbers a spreadsheet makes of them, the last filament in grams."""
    rows: Rows = [["Mouse", "Day", "Paw", "01", "Last g"]]
    rows += [
        [
            one.animal,
            one.day,
            one.paw,
            int(one.series.replace("X", "1").replace("O", "0")),
            KNOWN.nominal_g[one.last - 1],
        ]
        for one in told
    ]
    columns = "{animal: Mouse, day: Day, paw: Paw, responses: '01', last_filament: Last g}"
    return [f"{{{SERIES}, last_filament_in: grams, columns: {columns}}}"], {"S": rows}


def _trial_columns(told: list[Session]) -> tuple[list[str], Book]:
    """A column a trial, no last filament."""
    width = max(len(one.series) for one in told)
    trials = [f"T{place}" for place in range(1, width + 1)]
    rows: Rows = [["Mouse", "Day", "Paw", *trials]]
    rows += [[one.animal, one.day, one.paw, *one.series, *[""] * (width - len(one.series))] for one in told]
    return [f"{{{SERIES}, columns: {{animal: Mouse, day: Day, paw: Paw, responses: [{', '.join(trials)}]}}}}"], {
        "S": rows
    }


def _wide(told: list[Session]) -> tuple[list[str], Book]:
    """A row an animal, two columns a day and paw, under a header of two rows."""
    keys = list(dict.fromkeys((one.day, one.paw) for one in told))
    by_animal: dict[str, dict[tuple[int, str], Session]] = {}
    for one in told:
        by_animal.setdefault(one.animal, {})[one.day, one.paw] = one
    rows: Rows = [
        ["", *[cell for day, paw in keys for cell in (f"D{day} {paw}", "")]],
        ["Mouse", *["XO", "last"] * len(keys)],
    ]
    for animal, cells in by_animal.items():
        rows.append([animal, *[cell for key in keys for cell in (cells[key].series, cells[key].last)]])
    wide = ", ".join(
        f"{{day: {day}, paw: {paw}, columns: {{responses: D{day} {paw} / XO, last_filament: D{day} {paw} / last}}}}"
        for day, paw in keys
    )
    return [f"{{{SERIES}, header_rows: 2, columns: {{animal: Mouse}}, wide: [{wide}]}}"], {"S": [["simulated"], *rows]}


def _sheet_a_day(told: list[Session]) -> tuple[list[str], Book]:
    """A sheet a day, both paws side by side."""
    book: Book = {}
    for one in told:
        rows = book.setdefault(f"Day {one.day}", [["Mouse", "ipsi", "ipsi last", "contra", "contra last"]])
        if one.paw == "ipsilateral":
            rows.append([one.animal, one.series, one.last])
        else:
            rows[-1] += [one.series, one.last]
    return [
        f"{{{SERIES}, sheet_per_day: true, paw: {paw}, columns: {{animal: Mouse, responses: {short}, last_filament: {short} last}}}}"
        for paw, short in (("ipsilateral", "ipsi"), ("contralateral", "contra"))
    ], book


def _sheet_an_animal(told: list[Session]) -> tuple[list[str], Book]:
    """A sheet an animal."""
    book: Book = {}
    for one in told:
        rows = book.setdefault(one.animal, [["Day", "Paw", "XO", "Last"]])
        rows.append([one.day, one.paw, one.series, one.last])
    return [
        f"{{{SERIES}, sheet_per_animal: true, columns: {{day: Day, paw: Paw, responses: XO, last_filament: Last}}}}"
    ], book


def _blocks(told: list[Session]) -> tuple[list[str], Book]:
    """A block an animal."""
    rows: Rows = []
    for animal in dict.fromkeys(one.animal for one in told):
        rows += [["Mouse:", animal], ["Time", "Paw", "XO", "Last"]]
        rows += [[one.day, one.paw, one.series, one.last] for one in told if one.animal == animal] + [[]]
    columns = "{day: Time, paw: Paw, responses: XO, last_filament: Last}"
    return [f"{{{SERIES}, blocks: {{animal: Mouse}}, columns: {columns}}}"], {"S": rows}


def _grids(told: list[Session]) -> tuple[list[str], Book]:
    """A hair × trial grid a session."""
    rows: Rows = []
    for one in told:
        path = filaments.replay(one.series, one.last)
        rows += [["Mouse", one.animal, "Day", one.day, "Paw", one.paw], ["Hair", *range(1, len(path) + 1)]]
        for place, grams in enumerate(KNOWN.nominal_g, 1):
            rows.append([grams, *[mark if at == place else "" for at, mark in zip(path, one.series, strict=True)]])
        rows.append([])
    keys = "blocks: {animal: Mouse, day: Day, paw: Paw}, columns: {filament: Hair}"
    return [f"{{layout: trial-grid, scale: nominal, last_filament_in: grams, {keys}}}"], {"S": rows}


def _thresholds(told: list[Session]) -> tuple[list[str], Book]:
    """Thresholds in mN with decimal commas, a row a session, ids only in the first row of each animal."""
    rows: Rows = [["Mouse", "Day", "Paw", "PWT (mN)"]]
    seen = ""
    for one in told:
        newton = repr(one.threshold_g * 9.80665).replace(".", ",")
        rows.append(
            ["" if one.animal == seen else one.animal, f"d{one.day}" if one.day >= 0 else one.day, one.paw, newton]
        )
        seen = one.animal
    columns = "{animal: Mouse, day: Day, paw: Paw, threshold: PWT (mN)}"
    return [f"{{layout: thresholds, unit: mN, fill_down: [animal], columns: {columns}}}"], {"S": rows}


def _column_an_animal(told: list[Session]) -> tuple[list[str], Book]:
    """Thresholds with a column an animal, a row a day; each paw in a sheet of its own."""
    animals = list(dict.fromkeys(one.animal for one in told))
    wide = ", ".join(f"{{animal: '{animal}', columns: {{threshold: '{animal}'}}}}" for animal in animals)
    book: Book = {}
    for paw in PAWS:
        book[paw] = [["Day", *animals]]
        for day in dict.fromkeys(one.day for one in told):
            book[paw].append([day, *[one.threshold_g for one in told if (one.day, one.paw) == (day, paw)]])
    return [
        f"{{layout: thresholds, sheet: {paw}, paw: {paw}, columns: {{day: Day}}, wide: [{wide}]}}" for paw in PAWS
    ], book


def _counts(told: list[Session]) -> tuple[list[str], Book]:
    """x of n, a column a filament."""
    rows: Rows = [["Mouse", "Day", "Paw", *[f"{grams} g" for grams in KNOWN.nominal_g]]]
    rows += [[one.animal, one.day, one.paw, *[f"{count}/{APPLICATIONS}" for count in one.counts]] for one in told]
    wide = ", ".join(f"{{filament: {grams}, columns: {{responses: {grams} g}}}}" for grams in KNOWN.nominal_g)
    keys = f"scale: nominal, last_filament_in: grams, columns: {{animal: Mouse, day: Day, paw: Paw}}, wide: [{wide}]"
    return [f"{{layout: filament-responses, {keys}}}"], {"S": rows}


LAYOUTS: dict[str, Layout] = {
    "long": _long,
    "digits": _digits,
    "trial columns": _trial_columns,
    "wide": _wide,
    "sheet a day": _sheet_a_day,
    "sheet an animal": _sheet_an_animal,
    "blocks": _blocks,
    "grids": _grids,
    "thresholds": _thresholds,
    "column an animal": _column_an_animal,
    "counts": _counts,
}


def delimited(rows: Rows, delimiter: str, encoding: str, end: str = "\n") -> bytes:
    """Rows as delimited text."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    return text.getvalue().encode(encoding, errors="replace")


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip of files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def ods(book: Book) -> bytes:
    """The sheets as an OpenDocument spreadsheet."""
    spaces = {"office": "office", "table": "table", "text": "text"}
    names = " ".join(
        f'xmlns:{key}="urn:oasis:names:tc:opendocument:xmlns:{value}:1.0"' for key, value in spaces.items()
    )
    pages = "".join(
        f'<table:table table:name="{escape(name)}">{"".join(map(_ods_row, rows))}</table:table>'
        for name, rows in book.items()
    )
    content = f"<?xml version='1.0'?><office:document-content {names}><office:body><office:spreadsheet>{pages}</office:spreadsheet></office:body></office:document-content>"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    return zipped(
        {"mimetype": kind.encode(), "content.xml": content.encode(), "META-INF/manifest.xml": manifest.encode()}
    )


def _ods_row(row: list[object]) -> str:
    """One row; numbers as numbers, the rest as text."""
    cells = ""
    for cell in row:
        if isinstance(cell, int | float):
            cells += f'<table:table-cell office:value-type="float" office:value="{cell!r}"/>'
        elif cell == "":
            cells += "<table:table-cell/>"
        else:
            cells += (
                f'<table:table-cell office:value-type="string"><text:p>{escape(str(cell))}</text:p></table:table-cell>'
            )
    return f"<table:table-row>{cells}</table:table-row>"


Format = tuple[str, Callable[[Book], bytes]]
# Texts hold one sheet; several go into a zip of one file each, named by the sheet.
FORMATS: dict[str, Format] = {
    "xlsx": ("v.xlsx", workbook),
    "ods": ("v.ods", ods),
    "csv": ("v.csv", lambda book: delimited(next(iter(book.values())), ";", "utf-8-sig", "\r\n")),
    "tab": ("v.txt", lambda book: delimited(next(iter(book.values())), "\t", "utf-16", "\r")),
    "zip of csv": (
        "v.zip",
        lambda book: zipped({f"{name}.csv": delimited(rows, ";", "cp1252") for name, rows in book.items()}),
    ),
    "zipped xlsx": ("v.zip", lambda book: zipped({"v.xlsx": workbook(book)})),
}


def written(told: list[Session], layout: str, kind: str) -> tuple[str, dict[str, bytes]]:
    """A study file and its raw files: the sessions in one layout and format."""
    entries, book = LAYOUTS[layout](told)
    file, write = FORMATS[kind]
    # A sheet of a zip is called by its file.
    inside = {"zip of csv": "{}.csv", "zipped xlsx": "v.xlsx!{}", "zip of pzfx": "v.pzfx!{}"}.get(kind, "{}")
    for paw in PAWS:
        entries = [entry.replace(f"sheet: {paw},", f"sheet: '{inside.format(paw)}',") for entry in entries]
    lines = ["  - {" + f"file: {file}, " + entry.removeprefix("{") for entry in entries]
    animals = list(dict.fromkeys(one.animal for one in told))
    return HEAD + "\n".join(lines) + "\n", {"allocation.csv": allocation(animals), file: write(book)}


def possible(layout: str, kind: str) -> bool:
    """Whether a format can hold a layout: a text holds one sheet."""
    return kind not in ("csv", "tab") or layout not in ("sheet a day", "sheet an animal", "column an animal")
