"""Plates with their maps: every well has one fate, what export, map and study file say is joined as promised."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hindpaw import study
from hindpaw.findings import StudyError
from hindpaw.intake import take_in
from hindpaw.measure import outcomes
from hindpaw.simulate.files import workbook

STUDY = """
title: Plates
animals: {file: a.csv, columns: {animal: Mouse, arm: Group}}
arms: {vehicle: {label: Vehicle, role: control}, drug: {label: Drug}}
days: {treatment: 0}
plates:
  - PLATE
"""
ANIMALS = b"Mouse,Group\nM1,Vehicle\nM2,Drug\nM3,Drug\n"
# Eight levels, 1:2 from 1000 pg/ml, on the curve 3 − 2.95/(1 + x/500).
LEVELS = [1000.0 / 2**level for level in range(8)]
SIGNALS = [3 - 2.95 / (1 + level / 500) for level in LEVELS]


def elisa(cells):
    """A grid of 8 × 12: standards in columns 1 and 12 (not side by side), blanks nowhere, the named cells changed."""
    rows = [[f"{signal:.6f}", *[""] * 10, f"{signal:.6f}"] for signal in SIGNALS]
    for well, value in cells.items():
        rows["ABCDEFGH".index(well[0])][int(well[1:]) - 1] = value
    head = "," + ",".join(map(str, range(1, 13)))
    return "\n".join(
        ["OD 450", head, *(f"{letter}," + ",".join(row) for letter, row in zip("ABCDEFGH", rows, strict=True))]
    )


MAP = "Well,Role,Sample,Mouse,Day,pg,Dil\n" + "".join(
    f"{letter}{column},standard,S{place},,,{LEVELS[place]},\n"
    for place, letter in enumerate("ABCDEFGH")
    for column in (1, 12)
)
COLUMNS = "{well: Well, role: Role, sample: Sample, animal: Mouse, day: Day, concentration: pg, dilution: Dil}"
PLATE = f"{{file: p.csv, analyte: IL-6, plate_map: {{file: m.csv, columns: {COLUMNS}}}}}"


def taken(plate, **files):
    """Intake's tables of a study with one plate."""
    described = study.parse(STUDY.replace("PLATE", plate), "s", "s.yaml")
    contents = {
        name.replace("_", "."): file.encode() if isinstance(file, str) else file for name, file in files.items()
    }
    return take_in(described, {"a.csv": ANIMALS, **contents}), described


def fates(made):
    """Fate and reason of each well, by its address."""
    ledger = made["ledger"].query("table == 'wells'").fillna({"reason": ""})
    assert ledger["source"].is_unique
    assert set(made["wells"]["source"]) == set(ledger.query("fate == 'used'")["source"])
    return {
        source.rpartition("!")[2]: (fate, reason) for source, fate, reason in ledger.iloc[:, :3].itertuples(index=False)
    }


def errors(made):
    """What was found wrong."""
    return made["findings"].query("severity == 'error'")["what"].tolist()


def test_marks_become_fates_and_none_is_lost():
    """One sample a mark, in row A, columns 2 to 9; addresses are two lines and one column on."""
    marks = ["0.5", "OVRFLW", "MISSED", "---", "***", "Range?", "NaN", "seven", "<0.001"]
    cells = {f"A{column}": mark for column, mark in enumerate(marks, 2)}
    told = "".join(f"A{column},sample,U{column},M1,3,,1:2\n" for column in range(2, 12))
    made, _ = taken(PLATE, p_csv=elisa(cells), m_csv=MAP + told)
    found = fates(made)
    assert [found[f"{letter}3"] for letter in "CDEFGHIJKL"] == [
        ("used", ""),
        ("used", ""),
        ("excluded", "MISSED: the reader did not read the well"),
        ("excluded", "---: marked as an outlier in the export"),
        ("excluded", "***: the instrument failed in the well"),
        ("excluded", "Range?: the program calls its value out of range"),
        ("excluded", "NaN: no result in the export"),
        ("quarantined", "no number in the well: seven"),
        ("used", ""),
        ("blank", "no signal in the well"),
    ]
    wells = made["wells"].set_index("well")
    assert wells.loc[["A3", "A10"], "flag"].tolist() == ["OVRFLW", "<0.001"]
    assert wells.loc[["A3", "A10"], "signal_censored"].tolist() == ["right", "left"]
    assert wells["signal"].isna().sum() == 2
    assert len(found) == 96


def test_a_well_beyond_the_readers_range_is_a_bound():
    """M2's second well overflows: more than the highest standard times the dilution, not the mean of one well."""
    cells = {"A3": "0.5", "C3": "0.5", "A4": "1.9", "H4": "OVRFLW"}
    told = "".join(
        f"{well},sample,U{mouse},{mouse},3,,1:2\n"
        for well, mouse in (("A3", "M1"), ("C3", "M1"), ("A4", "M2"), ("H4", "M2"))
    )
    made, described = taken(PLATE, p_csv=elisa(cells), m_csv=MAP + told)
    names = ("animals", "filaments", "trials", "readings", "wells")
    found = outcomes(described, **{name: made[name] for name in names})
    rows = found["concentrations"].set_index("animal")
    assert rows.loc["M2", "censored"] == "right"
    assert rows.loc["M2", "lower_pg_per_ml"] == pytest.approx(2 * LEVELS[0])
    # 0.5 = 3 − 2.95/(1 + x/500) at x = 500 · (2.95/2.5 − 1) = 90 pg/ml, times two; the file has six decimals.
    assert rows.loc["M1", "pg_per_ml"] == pytest.approx(180, rel=1e-4)
    assert len(found["fates"]) == len(made["wells"])


def test_duplicates_on_wells_that_are_not_neighbours_are_one_sample():
    cells = {"B3": "0.5", "G9": "0.5"}
    told = "B3,sample,U1,M1,3,,1:2\nG9,sample,U1,M1,3,,1:2\n"
    made, described = taken(PLATE, p_csv=elisa(cells), m_csv=MAP + told)
    names = ("animals", "filaments", "trials", "readings", "wells")
    found = outcomes(described, **{name: made[name] for name in names})["concentrations"]
    assert found["n_wells"].tolist() == [2]


def test_a_map_as_grids_and_a_list_of_samples():
    """The map is two grids on a sheet; animals and days stand in a list of samples; M3 is named by its own id."""
    layout = {f"{letter}{column}": f"S{place}" for place, letter in enumerate("ABCDEFGH", 1) for column in (1, 12)}
    layout |= {"B3": "U1", "G9": "U1", "C3": "M3", "D4": "Blank", "E4": "QC1", "F4": "-"}
    amounts = {f"{letter}{column}": LEVELS[place] for place, letter in enumerate("ABCDEFGH") for column in (1, 12)}

    def rows(title, cells):
        head = [[title], ["", *range(1, 13)]]
        return head + [[letter, *(cells.get(f"{letter}{n}", "") for n in range(1, 13))] for letter in "ABCDEFGH"]

    book = workbook({"Layout": [*rows("Plate layout", layout), [], *rows("Standards pg/ml", amounts)]})
    plate = "{file: p.csv, analyte: IL-6, day: 5, plate_map: {file: m.xlsx, layout: grid}, samples: {file: s.csv, columns: {sample: Sample, animal: Mouse, day: Day, dilution: Dil}}}"
    cells = dict.fromkeys(("B3", "G9", "C3", "D4", "E4", "F4"), "0.5")
    made, _ = taken(plate, p_csv=elisa(cells), m_xlsx=book, s_csv="Sample,Mouse,Day,Dil\nU1,M1,3,1:4\nM3,M3,,1:2\n")
    wells = made["wells"].set_index("well")
    assert wells.loc["A12", ["role", "nominal_pg_per_ml"]].tolist() == ["standard", 1000.0]
    assert wells.loc[["B3", "G9"], ["animal", "day", "dilution"]].to_numpy().tolist() == [["M1", 3.0, 4.0]] * 2
    assert wells.loc["C3", ["animal", "day", "dilution"]].tolist() == ["M3", 5.0, 2.0]
    assert wells.loc[["D4", "E4"], "role"].tolist() == ["blank", "control"]
    assert "F4" not in wells.index
    assert errors(made) == []


def test_a_plate_map_is_not_needed_where_the_export_says_it_all(plates):
    """SoftMax groups name standards, samples and dilutions; the samples are called like animals."""
    wells = plates["plan"](8)
    for one in wells:
        if one["role"] == "sample":
            one["sample"] = {"X18": "M1", "X26": "M2"}.get(one["sample"], one["sample"])
    content = plates["writers"]["softmax"][1](wells)
    made, _ = taken("{file: p.txt, analyte: IL-6, day: 3}", p_txt=content)
    mine = made["wells"].set_index("well")
    samples = [one for one in wells if one["sample"] in ("M1", "M2")]
    assert len(samples) == 4
    for one in samples:
        row = mine.loc[one["well"]]
        assert (row["animal"], row["dilution"], row["signal"]) == (one["sample"], 4.0, one["signal"])
        assert (row["reported_pg_per_ml"], row["reported_censored"]) == (one["reported"], "none")
    unknown = made["ledger"].query('reason == "the sample\'s animal is not in the allocation list"')
    assert len(unknown) == sum(one["role"] == "sample" for one in wells) - 4
    assert (mine["role"] == "standard").sum() == 14


def two_waves(first, second, *, a3=("0.9", "0.1")):
    """A plate read twice."""
    low = elisa({}).replace("OD 450", second)
    low = "\n".join(low.split("\n")[:2] + [f"{letter}," + ",".join(["0.04"] * 12) for letter in "ABCDEFGH"])
    low = low.replace("A,0.04,0.04,0.04", f"A,0.04,0.04,{a3[1]}")
    return elisa({"A3": a3[0]}).replace("OD 450", first) + "\n\n" + low


TOLD = "A3,sample,U1,M1,3,,1:2\n"


def test_450_less_570_is_taken_once_and_said():
    made, _ = taken(PLATE, p_csv=two_waves("OD 450", "OD 570"), m_csv=MAP + TOLD)
    wells = made["wells"].set_index("well")
    assert wells.loc["A3", "signal"] == pytest.approx(0.8)
    assert wells.loc["A1", "signal"] == pytest.approx(SIGNALS[0] - 0.04, abs=1e-6)
    assert set(wells["subtracted"]) == {"570 nm"}
    assert any("at 450 nm less the one at 570 nm" in what for what in made["findings"]["what"])
    assert len(made["ledger"].query("table == 'wells'")) == 96


def test_a_mark_at_the_reference_wavelength_stays():
    made, _ = taken(PLATE, p_csv=two_waves("OD 450", "OD 570", a3=("0.9", "MISSED")), m_csv=MAP + TOLD)
    assert fates(made)["D3"] == ("excluded", "MISSED: the reader did not read the well")


def test_which_wavelength_is_meant_must_be_said_where_it_is_not_plain():
    made, _ = taken(PLATE, p_csv=two_waves("OD 405", "OD 562"), m_csv=MAP + TOLD)
    assert "read more than once: 405; 562" in errors(made)[0]
    named = PLATE.replace("analyte:", "wavelengths: {signal: 405}, analyte:")
    made, _ = taken(named, p_csv=two_waves("OD 405", "OD 562"), m_csv=MAP + TOLD)
    assert made["wells"].set_index("well").loc["A3", "signal"] == 0.9
    assert made["wells"]["subtracted"].isna().all()
    made, _ = taken(named.replace("405", "406"), p_csv=two_waves("OD 405", "OD 562"), m_csv=MAP + TOLD)
    assert "names 406 nm" in errors(made)[0]


def test_a_reference_is_never_taken_off_twice(plates):
    """Reduced data hold no second read, so a reference in the study file contradicts them."""
    text = plates["writers"]["softmax"][1](plates["plan"](9)).decode("utf-16")
    text = text.replace("\tRaw\t", "\tReduced\t").replace("Temperature(°C)", "").replace("1\t450 ", "2\t450 570 ")
    plate = "{file: p.txt, analyte: IL-6, day: 3, wavelengths: {signal: 450, reference: 570}}"
    made, _ = taken(plate, p_txt=text.encode("utf-16"))
    assert any("did so already" in what or "names 450 nm" in what for what in errors(made))
    assert made["wells"].empty


def test_standards_in_ng_per_ml_are_converted(plates):
    """The group says ng/ml, so do the concentrations it states; 1 ng/ml is 1000 pg/ml."""
    wells = plates["plan"](10)
    text = plates["writers"]["softmax"][1](wells).decode("utf-16").replace("Conc pg/ml", "Conc ng/ml")
    made, _ = taken("{file: p.txt, analyte: IL-6, day: 3}", p_txt=text.encode("utf-16"))
    standard = next(one for one in wells if one["role"] == "standard")
    assert made["wells"].set_index("well").loc[standard["well"], "nominal_pg_per_ml"] == 1000 * standard["nominal"]
    assert any("states concentrations in ng/ml" in what for what in made["findings"]["what"])


def test_two_plates_need_a_map_that_says_which(plates):
    one = plates["writers"]["softmax"][1](plates["plan"](11)).decode("utf-16")
    both = (one + "\r\n" + one.partition("~End\r\n")[2].replace("Plate:\tP1", "Plate:\tP2")).encode("utf-16")
    made, _ = taken(PLATE.replace("p.csv", "p.txt"), p_txt=both, m_csv=MAP)
    assert "holds 2 plates (P1; P2)" in errors(made)[0]
    named = MAP.replace("Well,", "Plate,Well,").replace("\nA", "\nP2,A")
    lines = named.split("\n")
    named = "\n".join([lines[0], *(line if line.startswith("P2") or not line else f"P1,{line}" for line in lines[1:])])
    plate = PLATE.replace("p.csv", "p.txt").replace("{well:", "{plate: Plate, well:")
    made, _ = taken(plate, p_txt=both, m_csv=named)
    assert set(made["wells"]["plate"]) == {"p, P1", "p, P2"}
    assert len(made["ledger"].query("table == 'wells'")) == 192
    blocked = PLATE.replace("p.csv", "p.txt").replace("analyte:", "block: P2, plate: second, analyte:")
    made, _ = taken(blocked, p_txt=both, m_csv=MAP)
    assert set(made["wells"]["plate"]) == {"second"}
    assert any("holds more plates: P1" in what for what in made["findings"]["what"])
    made, _ = taken(blocked.replace("P2", "P3"), p_txt=both, m_csv=MAP)
    assert 'no plate called "P3"' in errors(made)[0]


def test_concentrations_that_contradict_each_other_are_said(plates):
    wells = plates["plan"](12)
    levels = {f"{letter}{column}": 2000.0 / 2**place for place, letter in enumerate("ABCDEFG") for column in (1, 2)}
    told = "Well,Role,Sample,pg\n" + "".join(f"{well},standard,S,{value}\n" for well, value in levels.items())
    told = told.replace("A1,standard,S,2000.0", "A1,standard,S,2500.0")
    plate = "{file: p.txt, analyte: IL-6, plate_map: {file: m.csv, columns: {well: Well, role: Role, sample: Sample, concentration: pg}}}"
    made, _ = taken(plate, p_txt=plates["writers"]["softmax"][1](wells), m_csv=told)
    found = made["findings"].query("check == 'standards'").iloc[0]
    assert "of 1 standard well(s)" in found["what"]
    assert found["evidence"] == "A1 IL-6: 2500 against 2000"
    assert made["wells"].set_index("well").loc["A1", "nominal_pg_per_ml"] == 2500


def test_standards_that_are_all_zero_are_no_standards(plates):
    content = plates["writers"]["bioplex xml"][1](plates["plan"](13))
    import re

    content = re.sub(rb"<ExpectedConc>[^<]*", b"<ExpectedConc>0.0", content)
    made, _ = taken("{file: p.xml, day: 3}", p_xml=content)
    assert made["wells"].query("role == 'standard'").empty
    assert any("14 well(s) set aside: a standard without a concentration" in what for what in errors(made))


def test_what_the_export_says_of_its_own_concentrations(plates):
    """Bio-Plex writes OOR <, OOR >, *12.3 and ---; xPONENT < x and > x."""
    wells = plates["plan"](14, 2, 8)
    marks = ["OOR <", "OOR >", "*12.3", "---", "< 6.4", "> 980"]
    chosen = [one for one in wells if one["role"] == "sample"][: len(marks)]
    for one, mark in zip(chosen, marks, strict=True):
        one["reported"], one["sample"] = mark, "X1"
    made, _ = taken(
        "{file: p.xlsx, layout: bioplex, day: 3, samples: {file: s.csv, columns: {sample: S, animal: M}}}",
        p_xlsx=plates["writers"]["bioplex workbook"][1](wells),
        s_csv="S,M\nX1,M1\n",
    )
    rows = made["wells"].set_index("well").loc[[one["well"] for one in chosen]]
    assert rows["reported_flag"].tolist() == marks
    assert rows["reported_censored"].fillna("").tolist() == ["left", "right", "interval", "", "left", "right"]
    assert rows["reported_pg_per_ml"].dropna().tolist() == [12.3]
    assert rows["reported_limit_pg_per_ml"].dropna().tolist() == [6.4, 980.0]
    assert rows["signal"].tolist() == [one["signal"] for one in chosen]


@pytest.mark.parametrize(
    ("plate", "said"),
    [
        ("{file: p.csv, layout: grid, analyte: IL-6}", "A grid does not say what its wells hold"),
        ("{file: p.csv, layout: softmax}", "does not say what it measured"),
        ("{file: p.csv, analyte: I, plate_map: {file: m.csv, columns: {role: Role}}}", 'needs the column "well"'),
        ("{file: p.csv, analyte: I, layout: gen5, columns: {well: Well}}", "no columns to name"),
    ],
)
def test_a_plates_entry_is_checked(plate, said):
    with pytest.raises(StudyError, match=said):
        study.parse(STUDY.replace("PLATE", plate), "s", "s.yaml")


def test_a_grid_without_a_map_is_refused_at_intake_too():
    made, _ = taken("{file: p.csv, analyte: IL-6}", p_csv=elisa({}))
    assert "Neither a plate map nor the export says" in errors(made)[0]
    assert made["ledger"].query("table == 'wells'")["fate"].tolist() == ["quarantined"]


def test_tables_of_a_plate_survive_the_disk(tmp_path):
    from hindpaw import tables

    made, _ = taken(PLATE, p_csv=elisa({"A3": "OVRFLW"}), m_csv=MAP + TOLD)
    tables.write(made["wells"], tables.Wells, tmp_path / "wells.csv")
    pd.testing.assert_frame_equal(tables.read(tables.Wells, tmp_path / "wells.csv"), made["wells"])


def test_the_examples_of_the_guide_are_study_files():
    """What docs/plates.md shows can be pasted into a study file."""
    guide = (Path(__file__).parents[2] / "docs" / "plates.md").read_text(encoding="utf-8")
    example = guide.partition("```yaml\n")[2].partition("```")[0]
    read = study.parse(STUDY.partition("plates:")[0] + example, "s", "s.yaml")
    assert [plate.name for plate in read.plates] == ["il6", "tgfb1"]


@pytest.mark.parametrize(
    ("old", "new"), [(",1000.0,", ",-1000.0,"), (",1:2", ",1:0"), (",1:2", ",-4"), (",1:2", ",0.5")]
)
def test_numbers_that_make_no_sense_are_set_aside(old, new):
    """A negative standard, a dilution of nothing, one below 1: the wells stand in the ledger, the rest goes on."""
    made, _ = taken(PLATE, p_csv=elisa({"A3": "0.5"}), m_csv=(MAP + TOLD).replace(old, new))
    found = fates(made)
    lost = ["B3", "M3"] if "1000" in old else ["D3"]
    assert [found[cell][0] for cell in lost] == ["quarantined"] * len(lost)
    assert len(made["wells"]) == 17 - len(lost)


def test_numbers_in_an_export_that_make_no_sense(plates):
    """Negative counts and dilutions, and an analyte without a name: findings, not errors of another kind."""
    wells = plates["plan"](30, 2, 4)
    for one in wells:
        one["count"], one["dilution"] = -3, -2.0 if one["role"] == "sample" else None
    made, _ = taken("{file: p.csv, day: 3}", p_csv=plates["writers"]["xponent"][1](wells))
    assert made["wells"]["bead_count"].isna().all()
    assert not (made["wells"]["role"] == "sample").any()
    nameless = plates["writers"]["msd"][1](wells).replace(b"IL-6", b"")
    made, _ = taken("{file: p.csv, day: 3}", p_csv=nameless)
    assert "does not say what was measured" in errors(made)[0]


def test_a_dilution_or_day_that_cannot_be_read_is_not_filled_in_from_elsewhere(plates):
    """The export says 1:4 and the entry day 3; an unreadable cell of the map stays unreadable, an empty one is filled."""
    wells = plates["plan"](31, 2, 6)
    told = "Well,Role,Sample,Mouse,Day,Dil\nA4,sample,X,M1,Day-1,\nA5,sample,X,M1,,four\nA6,sample,X,M1,,\n"
    columns = "{well: Well, role: Role, sample: Sample, animal: Mouse, day: Day, dilution: Dil}"
    plate = f"{{file: p.csv, day: 3, plate_map: {{file: m.csv, columns: {columns}}}}}"
    made, _ = taken(plate, p_csv=plates["writers"]["xponent"][1](wells), m_csv=told)
    rows = made["wells"].set_index("well")
    assert not {"A4", "A5"} & set(rows.index)
    assert rows.loc["A6", ["day", "dilution"]].tolist() == [3.0, 4.0]
