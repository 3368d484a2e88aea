"""`hindpaw new` drafts every layout that intake reads; `check` then finds nothing lost, with at most the edits it asks for."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from hindpaw import cli, filaments, schema, study
from hindpaw.simulate import behaviour, sheets
from hindpaw.simulate.files import workbook

KNOWN = filaments.shipped("mouse-9", "nominal")
# M01 is a well of a 384-well plate, too.
MICE = [f"M{place:02d}" for place in range(1, 7)]
GROUPS = ["Vehicle" if place < 3 else "TGF-b1 10 ng" for place in range(6)]
LIST = [["Animal ID", "Treatment", "Sex"], *([mouse, group, "f"] for mouse, group in zip(MICE, GROUPS, strict=True))]
DAYS = [-1, 3, 7]


def csv(rows, mark=";"):
    """Rows as delimited text."""
    return sheets.delimited(rows, mark, "utf-8")


def blocks(series):
    rows = [["tested by AB"]]
    for mouse in MICE:
        rows += [[f"Mouse: {mouse}"], ["Day", "XO", "last hair"], *([day, *series()] for day in DAYS), []]
    return {"vf.xlsx": workbook({"VF": rows})}, ("trials", 18), "up-down-strings"


def grids(series):
    rows = []
    for mouse in MICE:
        for day in DAYS:
            marks, last = series()
            path = filaments.replay(marks, last)
            rows += [["Mouse", mouse, "", "Day", day], ["Hair (g)", *range(1, len(path) + 1)]]
            for place, grams in enumerate(KNOWN.nominal_g, 1):
                rows.append([grams, *[mark if at == place else "" for at, mark in zip(path, marks, strict=True)]])
            rows.append([])
    return {"vf.xlsx": workbook({"VF": rows})}, ("trials", 18), "trial-grid"


def counts_across(series):
    rows = [["Mouse", "Day", *[f"{grams} g" for grams in KNOWN.nominal_g]]]
    rows += [[mouse, day, *[f"{min(place // 2, 5)}/5" for place in range(9)]] for mouse in MICE for day in DAYS]
    return {"f.csv": csv(rows)}, ("trials", 18 * 9), "filament-responses"


def percent_down(series):
    rows = [["Mouse", "dpi", "Filament (g)", "% response"]]
    rows += [[mouse, day, grams, share] for mouse in MICE for day in DAYS for grams, share in ((0.07, 20), (1.0, 80))]
    return {"f.csv": csv(rows)}, ("trials", 36), "filament-responses"


def prism(series):
    column = "<YColumn Subcolumns='1'><Title>{}</Title><Subcolumn><d>0.4</d><d Excluded='1'>0.6</d><d>1.0</d></Subcolumn></YColumn>"
    days = "<RowTitlesColumn><Subcolumn><d>BL</d><d>Day 3</d><d>Day 7</d></Subcolumn></RowTitlesColumn>"
    table = f"<Table XFormat='none' TableType='OneWay'><Title>vF ipsi</Title>{days}{''.join(map(column.format, MICE))}</Table>"
    return {"vf.pzfx": f"<GraphPadPrismFile>{table}</GraphPadPrismFile>".encode()}, ("readings", 18), "thresholds"


def sheet_an_animal(series):
    book = {mouse: [["Day", "Pattern", "Last"], *([day, *series()] for day in DAYS)] for mouse in MICE}
    return {"vf.xlsx": workbook(book)}, ("trials", 18), "up-down-strings"


def sheet_a_day(series):
    book = {
        name: [["Mouse", "Pattern", "Last"], *([mouse, *series()] for mouse in MICE)] for name in ("Baseline", "Day 3")
    }
    return {"vf.xlsx": workbook(book)}, ("trials", 12), "up-down-strings"


def device(series):
    rows = [["Rat", "Day", "Paw", "Trial 1", "Trial 2"]]
    rows += [[mouse, day, paw, "12,5", "14,0"] for mouse in MICE for day in DAYS for paw in ("ipsi", "contra")]
    return {"evf.csv": csv(rows)}, ("readings", 72), "device"


def paws_in_columns(series):
    rows = [["Mouse", "Day", "Ipsi XO", "Ipsi last", "Contra XO", "Contra last"]]
    rows += [[mouse, day, *series(), *series()] for mouse in MICE for day in DAYS]
    return {"vf.xlsx": workbook({"Tabelle1": rows})}, ("trials", 36), "up-down-strings"


def paws_in_files(series):
    rows = [["Mouse", "BL", "D3"], *([mouse, 1.4, 0.4] for mouse in MICE)]
    return {"ipsi.csv": csv(rows), "contra.csv": csv(rows)}, ("readings", 24), "thresholds"


def trials_across(series):
    rows = [["Mouse", "Day", *range(1, 10), "Last"]]
    for mouse in MICE:
        for day in DAYS:
            marks, last = series()
            rows.append([mouse, day, *marks, *[""] * (9 - len(marks)), last])
    return {"vf.csv": csv(rows)}, ("trials", 18), "up-down-strings"


def dates_across(series):
    start = datetime.date(2024, 3, 1)
    rows = [["Mouse", *[(start + datetime.timedelta(days=day)).isoformat() for day in DAYS]]]
    return {"vf.csv": csv([*rows, *([mouse, 1.4, 0.4, 0.6] for mouse in MICE)], "\t")}, ("readings", 18), "thresholds"


def two_header_rows(series):
    rows = [["PWT (g)", "", "Baseline", "", "Day 3", ""], ["Group", "Mouse", "ipsi", "contra", "ipsi", "contra"]]
    rows += [[group, mouse, 1.4, "1,0", 0.4, 0.9] for mouse, group in zip(MICE, GROUPS, strict=True)]
    rows[-1][-1] = "n.d."
    return {"vf.xlsx": workbook({"S": rows})}, ("readings", 24), "thresholds"


def ids_that_groups_use_again(series):
    rows = [["Group", "Mouse", "Day", "PWT (g)"]]
    rows += [[group, place % 3, day, 0.4] for place, group in enumerate(GROUPS) for day in DAYS]
    listed = [["Group", "Mouse"], *([group, place % 3] for place, group in enumerate(GROUPS))]
    return {"alloc.csv": csv(listed), "vf.csv": csv(rows)}, ("readings", 18), "thresholds"


def cells_counted(series):
    rows = [["Mouse", "Day", "DRG", "Distance (um)", "CM-Dil+ cells"]]
    rows += [[mouse, day, "L5", at, 3] for mouse in MICE for day in (3, 7) for at in (0, 100)]
    return {"cells.csv": csv(rows)}, ("counts", 24), None


SHAPES = (
    blocks, grids, counts_across, percent_down, prism, sheet_an_animal, sheet_a_day, device, paws_in_columns,
    paws_in_files, trials_across, dates_across, two_header_rows, ids_that_groups_use_again, cells_counted,
)  # fmt: skip


def drafted(folder, monkeypatch, files):
    """The study that `new` drafts from files, and the exit code of `check`."""
    monkeypatch.chdir(folder)
    (folder / "lab").mkdir()
    for name, content in files.items():
        (folder / "lab" / name).write_bytes(content)
    assert cli.main(["new", "mine", *(str(folder / "lab" / name) for name in files)]) == cli.FINE
    text = (folder / "config" / "studies" / "mine.yaml").read_text()
    assert schema.parse(text, "mine.yaml")["simulated"] is False
    return study.parse(text, "mine", "mine.yaml"), text


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_each_layout_is_drafted_and_checks_clean(tmp_path, monkeypatch, capsys, shape):
    rng = np.random.default_rng(5)
    files, (table, count), layout = shape(lambda: behaviour.series(rng, float(rng.uniform(-1, 0.4)), KNOWN))
    described, text = drafted(tmp_path, monkeypatch, {"alloc.csv": csv(LIST)} | files)
    assert layout is None or {one.layout for one in described.von_frey} == {layout}
    assert "was not recognized" not in text.replace("no von Frey sheet was recognized", "")
    capsys.readouterr()
    cli.main(["check", "mine"])
    said = capsys.readouterr().out
    assert "ERROR" not in said
    sums = next(line for line in said.splitlines() if line.startswith(f"{table}: "))
    assert sums.startswith(f"{table}: {count} raw = ")
    assert "0 quarantined" in sums
    # What is a guess says so.
    assert "still marked as a guess" in said


STANDARDS = [2000 / 2**place for place in range(7)]


def plate(noisy=0.0):
    """A grid of 8 × 12 with standards in the first two columns, samples in columns 3 and 8."""
    rows = [["OD 450"], ["", *range(1, 13)]]
    for line, letter in enumerate("ABCDEFGH"):
        level = STANDARDS[line] if line < 7 else 0
        rows.append([letter, *[round(0.05 + 2.5 * level / (level + 400), 4)] * 2, *[round(0.3 + 0.1 * line, 3)] * 10])
    return rows


def layout_of(line, column):
    """What a well holds, in a grid."""
    if column < 3:
        return f"Std{line + 1}" if line < 7 else "Blank"
    return MICE[line] if column in (3, 8) and line < 6 else ""


def test_a_plate_and_its_grid_of_names_are_drafted(tmp_path, monkeypatch, capsys):
    """Concentrations of the standards are what the message asks for, and the only edit."""
    names = [["", *range(1, 13)]]
    names += [["ABCDEFGH"[line], *[layout_of(line, column) for column in range(1, 13)]] for line in range(8)]
    files = {"alloc.csv": csv(LIST), "TGFb1_day8.xlsx": workbook({"Results": plate()}), "layout.csv": csv(names)}
    described, text = drafted(tmp_path, monkeypatch, files)
    (entry,) = described.plates
    assert (entry.file, entry.layout, entry.analyte, entry.day) == ("TGFb1_day8.xlsx", "grid", "TGFb1", 8)
    assert (entry.plate_map.file, entry.plate_map.layout) == ("layout.csv", "grid")
    cli.main(["check", "mine"])
    assert "give the plate standards: {analyte: {name of the standard: concentration}}" in " ".join(
        capsys.readouterr().out.split()
    )
    levels = ", ".join(f"Std{place + 1}: {level:g}" for place, level in enumerate(STANDARDS))
    path = tmp_path / "config" / "studies" / "mine.yaml"
    path.write_text(text.replace("    day: 8", f"    standards: {{TGFb1: {{{levels}}}}}\n    day: 8"))
    assert cli.main(["check", "mine"]) == cli.FINE
    # 14 standards, 2 blanks, 6 mice twice; the rest is empty.
    assert "wells: 96 raw = 28 used + 0 excluded + 0 quarantined + 68 blank" in capsys.readouterr().out


def test_a_list_of_wells_with_its_map_and_samples_is_drafted(tmp_path, monkeypatch, capsys):
    wells = [["Well", "Absorbance 450", "Absorbance 570"]]
    told = [["Well", "Type", "Sample", "Conc (pg/ml)"]]
    for line, letter in enumerate("ABCDEFGH"):
        for column in range(1, 5):
            wells.append([f"{letter}{column}", 0.2 + 0.1 * line, 0.04])
            standard = ["standard", f"S{line}", 1000 / 2**line]
            told.append([f"{letter}{column}", *(standard if column < 3 else ["unknown", f"T{line % 6}", ""])])
    tubes = [
        ["Tube", "Mouse", "Day", "Dilution"],
        *([f"T{place}", mouse, 8, "1:10"] for place, mouse in enumerate(MICE)),
    ]
    files = {"alloc.csv": csv(LIST), "IL-6.csv": csv(wells), "map.csv": csv(told), "tubes.csv": csv(tubes)}
    described, _ = drafted(tmp_path, monkeypatch, files)
    (entry,) = described.plates
    assert (entry.layout, entry.analyte, entry.plate_map.file, entry.samples.file) == (
        "list",
        "IL-6",
        "map.csv",
        "tubes.csv",
    )
    capsys.readouterr()
    assert cli.main(["check", "mine"]) == cli.FINE
    assert "wells: 32 raw = 32 used" in capsys.readouterr().out


def test_claims_and_what_is_not_understood(tmp_path, monkeypatch, capsys):
    claims = (
        b"paper: {citation: T}\nclaims: {c1: {kind: statement, locator: p. 1, text: It helps., status: transcribed}}"
    )
    files = {
        "alloc.csv": csv(LIST),
        "claims.yaml": claims,
        "notes.csv": b"a;b\n1;2\n",
        "k.csv": b"SkanIt Software 6.1\n",
    }
    monkeypatch.delenv("HINDPAW_ALLOTROPY", raising=False)
    described, text = drafted(tmp_path, monkeypatch, files)
    assert described.claims == "claims.yaml"
    assert "# notes.csv was not recognized" in text
    assert "# k.csv looks like an export of Thermo SkanIt" in text
    assert cli.main(["check", "mine"]) == cli.FOUND
    assert "nothing to run" in capsys.readouterr().out


@pytest.mark.external
def test_every_real_plate_is_drafted_or_its_refusal_is_quoted(beside, tmp_path, monkeypatch):
    for number, path in enumerate(sorted((beside / "data" / "plate_readers").glob("*/*"))):
        folder = tmp_path / str(number)
        folder.mkdir()
        described, text = drafted(folder, monkeypatch, {"alloc.csv": csv(LIST), path.name: path.read_bytes()})
        if path.parent.name == "broken":
            assert described.plates == ()
            assert f"# {path.name}" in text
        else:
            assert [one.file for one in described.plates] == [path.name]
