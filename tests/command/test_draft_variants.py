"""Sheets as strangers lay them out, from `new` to the readings: each drafted to the numbers that were written."""

from __future__ import annotations

import datetime

import pytest
from hindpaw import study
from hindpaw.draft import draft
from hindpaw.intake import files, take_in
from hindpaw.simulate.files import workbook

ANIMALS = {"list.csv": b"Mouse,Group\nM1,Veh\nM2,Veh\nM3,Drug\nM4,Drug\n"}
HEAD = ["Mouse", "Group"]
GROUPS = {"M1": "Veh", "M2": "Veh", "M3": "Drug", "M4": "Drug"}
VALUES = {("M1", -1.0): 1.2, ("M1", 7.0): 0.07, ("M2", -1.0): 1.0, ("M2", 7.0): 0.16} | {
    ("M3", -1.0): 1.4, ("M3", 7.0): 0.6, ("M4", -1.0): 1.1, ("M4", 7.0): 0.4
}  # fmt: skip


def drafted(contents):
    """The text of a draft, and what intake makes of it."""
    sheets = {name: files.sheets(name, content) for name, content in contents.items()}
    text = draft("s", sheets, {}, contents)
    return text, take_in(study.parse(text, "s", "s.yaml"), contents)


def read(made, paw="ipsilateral"):
    """Threshold of each animal and day."""
    rows = made["readings"][made["readings"]["paw"] == paw]
    return {(row.animal, row.day): row.threshold_g for row in rows.itertuples()}


def wide(*titles):
    """A row an animal, a column a day."""
    return [[*HEAD, *titles], *([mouse, group, *of(mouse)] for mouse, group in GROUPS.items())]


def of(mouse):
    """The two values of a mouse."""
    return [VALUES[mouse, -1.0], VALUES[mouse, 7.0]]


def csv(rows, mark=";"):
    """Rows as text."""
    return "\n".join(mark.join(map(str, row)) for row in rows).encode()


def spanish():
    rows = [["Ratón", "Grupo", "Basal", "Día 7"], *([mouse, group, *of(mouse)] for mouse, group in GROUPS.items())]
    return {"v.csv": csv(rows).replace(b".", b",")}


def german():
    rows = [["Tier-Nr.", "Gruppe", "Tag", "Pfote", "Schwelle (g)"]]
    rows += [[mouse, GROUPS[mouse], f"{day:g}", "links", value] for (mouse, day), value in VALUES.items()]
    return {"v.csv": csv(rows)}


def a_column_a_mouse():
    rows = [["", "Veh", "", "Drug", ""], ["Day", *GROUPS]]
    rows += [[label, *(VALUES[mouse, day] for mouse in GROUPS)] for label, day in (("BL", -1.0), (7, 7.0))]
    return ANIMALS | {"v.xlsx": workbook({"vf": rows})}


def arms_beside_each_other():
    rows = [["Vehicle", "", "", "", "Drug"], ["Mouse", "BL", "D7", "", "Mouse", "BL", "D7"]]
    rows += [["M1", *of("M1"), "", "M3", *of("M3")], ["M2", *of("M2"), "", "M4", *of("M4")]]
    return ANIMALS | {"v.xlsx": workbook({"vf": rows})}


def a_sheet_an_arm():
    sheets = {"Sham+Veh": ["M1", "M2"], "SNI+Drug": ["M3", "M4"]}
    return {"v.xlsx": workbook({name: [["Mouse", "BL", "D7"], *([one, *of(one)] for one in mice)] for name, mice in sheets.items()})}  # fmt: skip


def two_experiments():
    rows = wide("BL", "Day 7")
    return {"v.xlsx": workbook({"Exp 1": rows[:3], "Exp 2": [rows[0], *rows[3:]]})}


def filled_by_eye():
    rows = [["Mouse", "Group", "Day", "PWT (g)"]]
    for mouse, group in GROUPS.items():
        rows += [[mouse, group, -1, VALUES[mouse, -1.0]], ["", "", 7, VALUES[mouse, 7.0]]]
    return {"v.xlsx": workbook({"vf": rows})}


def from_r():
    rows = [['""', '"id"', '"time"', '"group"', '"value"']]
    rows += [[f'"{n}"', f'"{mouse}"', f"{day:g}", GROUPS[mouse], value] for n, ((mouse, day), value) in enumerate(VALUES.items())]  # fmt: skip
    return {"v.csv": csv(rows, ",")}


def words_behind_days():
    return {"v.xlsx": workbook({"vf": wide("Baseline", "wk 1 post-SNI")})}


def broken_titles():
    rows = wide("BL\n(g)", "Day 7\n(post CCI)")
    return {"v.xlsx": workbook({"vf": [["Mouse\nID", "Treat-\nment", *rows[0][2:]], *rows[1:]]})}


@pytest.mark.parametrize(
    "lab",
    [
        spanish, german, a_column_a_mouse, arms_beside_each_other, a_sheet_an_arm, two_experiments, filled_by_eye, from_r,
        words_behind_days, broken_titles,
    ],
)  # fmt: skip
def test_every_value_comes_to_its_mouse_and_day(lab):
    text, made = drafted(lab())
    assert read(made) == VALUES
    assert not (made["findings"]["severity"] == "error").any()
    assert set(made["ledger"]["fate"]) == {"used"}
    assert "# ?" in text


def test_left_and_right_in_columns_wait_for_the_side_of_the_injury():
    rows = [[*HEAD, "Left BL", "Right BL", "D7_L", "D7_R"]]
    rows += [[mouse, group, *(value for one in of(mouse) for value in (one, 1.5))] for mouse, group in GROUPS.items()]
    text, made = drafted({"v.xlsx": workbook({"vf": rows})})
    assert "injured_side: left  # ?" in text
    assert read(made) == VALUES
    assert set(read(made, "contralateral").values()) == {1.5}


def test_readings_of_a_session_are_averaged_and_counted_once():
    rows = [["", "", "BL", "", "Day 7", ""], [*HEAD, "T1", "T2", "T1", "T2"]]
    rows += [[mouse, group, of(mouse)[0], 1, of(mouse)[1], 0.1] for mouse, group in GROUPS.items()]
    text, made = drafted({"v.xlsx": workbook({"vf": rows})})
    assert "layout: device  # ?" in text
    assert len(made["readings"]) == 16


def test_a_device_with_its_groups_dates_and_sides_in_one_file():
    rows = [["Date", "Animal", "Group", "Paw", "Trial 1", "Trial 2", "Trial 3"]]
    rows += [[date, mouse, group, "L", "1,2", "1,4", "-1"] for date in ("04/05/2023", "11/05/2023") for mouse, group in GROUPS.items()]  # fmt: skip
    text, made = drafted({"v.csv": csv(rows)})
    assert "taken from the test sheet itself" in text
    assert made["ledger"]["fate"].value_counts().to_dict() == {"used": 16, "blank": 8}
    assert set(made["readings"]["day"]) == {0.0, 7.0}
    assert set(made["animals"]["arm"]) == {"veh", "drug"}


@pytest.mark.parametrize("titles", [["8E-3", "2E-2", "4E-2", "0.07"], ["0.008 g", "0.02 g", "0.04 g", "0.07 g"]])
def test_filaments_across_however_a_spreadsheet_writes_them(titles):
    rows = [[*HEAD, "Day", *titles], *([mouse, group, 7, 0, 2, 5, 10] for mouse, group in GROUPS.items())]
    made = drafted({"v.csv": csv(rows, ",")})[1]
    hits = made["trials"].assign(hit=made["trials"]["response"] == "X").groupby(["animal", "filament_g"])["hit"].sum()
    assert hits["M1"].to_dict() == {0.008: 0, 0.02: 2, 0.04: 5, 0.07: 10}


def test_filaments_under_days():
    rows = [["", "", "Baseline", "", "", "Day 7", "", ""], [*HEAD, 0.07, 0.4, 1, 0.07, 0.4, 1]]
    rows += [[mouse, group, 0, 20, 60, 40, 80, 100] for mouse, group in GROUPS.items()]
    made = drafted({"v.xlsx": workbook({"vf": rows})})[1]
    hits = (
        made["trials"]
        .assign(hit=made["trials"]["response"] == "X")
        .groupby(["animal", "day", "filament_g"])["hit"]
        .sum()
    )
    assert hits["M1", -1.0].tolist() == [0, 1, 3]
    assert hits["M1", 7.0].tolist() == [2, 4, 5]


def test_hours_are_words_whose_day_is_asked():
    text, made = drafted({"v.xlsx": workbook({"vf": wide("Pre", "2 h")})})
    assert '"2 h": 1  # ?' in text
    assert set(read(made).values()) == set(VALUES.values())


def test_five_marks_in_every_row_may_be_the_simplified_rule():
    rows = [[*HEAD, "Day", *"12345"], *([mouse, group, 7, *"OOXOX"] for mouse, group in GROUPS.items())]
    assert "protocol: sudo  # ?" in drafted({"v.xlsx": workbook({"vf": rows})})[0]
    rows = [[*HEAD, "Day", "XO", "Last"], *([mouse, group, 7, "OOXOX", 6] for mouse, group in GROUPS.items())]
    assert "protocol: sudo  # ?" in drafted({"v.xlsx": workbook({"vf": rows})})[0]


def test_a_sheet_without_a_day_or_a_filament_still_makes_a_study_file():
    text, made = drafted(ANIMALS | {"v.csv": b"No.,Response\nM1,oxoxx\nM3,ooxox\nM4,Could not match sequence\n"})
    assert "on which day was all of it measured?" in text
    assert "with which one does each series begin?" in text
    assert made["ledger"]["fate"].tolist() == ["used", "used", "quarantined"]


def test_what_is_hidden_or_not_read_is_said():
    rows = wide("BL", "Day 7")
    rows = [[*rows[0], "Weight"], *([*row, 20] for row in rows[1:])]
    import io

    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
        for name in ("vf", "old"):
            page = made.add_worksheet(name)
            for place, row in enumerate(rows):
                page.write_row(place, 0, row)
            if name == "old":
                page.hide()
    text, read_in = drafted({"v.xlsx": buffer.getvalue()})
    assert "v.xlsx!old is hidden and was left out" in text
    assert "Columns of numbers that are not read: Weight" in text
    assert read(read_in) == VALUES


@pytest.mark.parametrize(("title", "said"), [("Day 7 (%BL)", "is in %"), ("log10 PWT d7 (g)", "is in log")])
def test_what_is_no_force_is_not_taken_for_one(title, said):
    """100 % is no series of X, O and O either."""
    rows = [[*HEAD, "BL (%BL)" if "%" in title else "log10 PWT BL (g)", title]]
    rows += [[mouse, group, 100, 10] for mouse, group in GROUPS.items()]
    made = drafted({"v.csv": csv(rows, ",")})[1]
    assert made["readings"].empty
    assert made["trials"].empty
    assert said in made["findings"]["what"].iloc[0]


def test_a_table_of_animals_is_known_by_whole_words_only():
    """Operator, duration and temperature hold the letters of a rat."""
    rows = [["Operator", "Temperature", "Mouse", "Group", "BL", "D7"]]
    rows += [["AB", 21, mouse, group, *of(mouse)] for mouse, group in GROUPS.items()]
    assert read(drafted({"v.csv": csv(rows, ",")})[1]) == VALUES


def test_dates_across_stay_dates():
    day = datetime.date(2024, 3, 1)
    rows = wide(day.isoformat(), (day + datetime.timedelta(days=8)).isoformat())
    made = drafted({"v.csv": csv(rows, ",")})[1]
    assert read(made) == {(mouse, when + 1): value for (mouse, when), value in VALUES.items()}


def stacked(*titles):
    """A table under each title, half of the mice or one of the days in it."""
    rows = []
    for place, title in enumerate(titles):
        rows += [[title], ["Mouse", "Group", *(["PWT (g)"] if "Day" in title else ["BL", "D7"])]]
        for mouse, group in GROUPS.items():
            if "Day" in title:
                rows.append([mouse, group, of(mouse)[place]])
            elif (group == "Veh") == (place == 0):
                rows.append([mouse, group, *of(mouse)])
        rows.append([])
    return {"v.xlsx": workbook({"vf": rows})}


@pytest.mark.parametrize("titles", [("Day -1", "Day 7"), ("Males", "Females")])
def test_tables_below_each_other_are_one(titles):
    """A title over a repeated header is no animal; a title that says a day is that of its block."""
    _, made = drafted(stacked(*titles))
    assert read(made) == VALUES
    assert set(made["animals"]["animal"]) == set(GROUPS)
    assert not (made["findings"]["severity"] == "error").any()


def test_what_is_computed_over_days_is_of_no_day():
    rows = wide("BL", "D7", "Mean BL-D7", "AUC d7")
    text, made = drafted({"v.xlsx": workbook({"vf": [rows[0], *([*row, 3.0, 9.0] for row in rows[1:])]})})
    assert read(made) == VALUES
    assert "not read: Mean BL-D7, AUC d7" in text


def test_moments_of_a_day_are_days_of_their_own_and_halves_are_sessions():
    rows = [[*HEAD, "BL", "D7 pre", "D7 12h"], *([mouse, group, 1.0, 0.1, 0.6] for mouse, group in GROUPS.items())]
    text, made = drafted({"v.xlsx": workbook({"vf": rows})})
    assert set(made["readings"]["day"]) == {-1.0, 7.0, 7.5}
    assert "D7 12h: 7.5  # ?" in text
    rows[0] = [*HEAD, "BL", "D7 AM", "D7 PM"]
    made = drafted({"v.xlsx": workbook({"vf": [[*rows[0][:2], *rows[0][3:]], *([*row[:2], *row[3:]] for row in rows[1:])]})})[1]  # fmt: skip
    assert set(made["readings"]["session"]) == {"AM", "PM"}


def test_sides_on_sheets_of_days_and_behind_values():
    days = {"BL": 0, "D7": 1}
    sheets = {name: [[*HEAD, "Left", "Right"], *([mouse, group, of(mouse)[place], 1.5] for mouse, group in GROUPS.items())] for name, place in days.items()}  # fmt: skip
    text, made = drafted({"v.xlsx": workbook(sheets)})
    assert "sheet_per_day: true" in text
    assert read(made) == VALUES
    rows = [[*HEAD, "Day", "PWT L (g)", "PWT R (g)"]]
    rows += [[mouse, GROUPS[mouse], day, value, 1.5] for (mouse, day), value in VALUES.items()]
    text, made = drafted({"v.csv": csv(rows, ",")})
    assert "injured_side: left  # ?" in text
    assert read(made) == VALUES


def test_dates_of_which_one_can_only_have_its_month_first():
    rows = [["Date", "Mouse", "Group", "PWT (g)"]]
    rows += [[date, mouse, group, 1] for date in ("3/1/2023", "3/15/2023") for mouse, group in GROUPS.items()]
    text, made = drafted({"v.csv": csv(rows, ",")})
    assert "injury_date: 2023-03-01" in text
    assert "date_order: month-first  # ?" in text
    assert set(made["readings"]["day"]) == {0.0, 14.0}


@pytest.mark.parametrize(
    ("rows", "doubt"),
    [
        ([["Mouse", "Genotype", "Treatment", "BL", "D7"], ["1", "WT", "Veh", 1, 1], ["2", "WT", "Drug", 1, 1], ["3", "KO", "Veh", 1, 1], ["4", "KO", "Drug", 1, 1]], "Treatment names groups, too"),
        ([["Mouse", "Group", "BL", "D7"], ["1L", "Veh", 1, 1], ["1R", "Veh", 1, 1], ["2L", "Drug", 1, 1], ["2R", "Drug", 1, 1]], "do L and R behind the ids mean the paw?"),
    ],
)  # fmt: skip
def test_what_a_list_may_mean_otherwise_is_asked(rows, doubt):
    assert doubt in drafted({"v.csv": csv(rows, ",")})[0]
    rows = [[*row[:1], *row[-3:]] for row in rows]
    assert doubt not in drafted({"v.csv": csv([[str(row[0]).strip("LR") + f"{n}", *row[1:]] for n, row in enumerate(rows)], ",")})[0]  # fmt: skip


def test_one_mark_under_some_hairs_is_up_down_without_its_order():
    hairs = ["0.07", "0.16", "0.4", "0.6", "1", "1.4"]
    rows = [[*HEAD, "Day", *hairs], *([mouse, group, 7, "", "O", "X", "O", "X", ""] for mouse, group in GROUPS.items())]
    text, made = drafted({"v.xlsx": workbook({"vf": rows})})
    assert "protocol: up-down  # ?" in text
    assert set(made["trials"]["protocol"]) == {"up-down-unordered"}
    full = [[*HEAD, "Day", *hairs], *([mouse, group, 7, *"OOXOXX"] for mouse, group in GROUPS.items())]
    assert set(drafted({"v.xlsx": workbook({"vf": full})})[1]["trials"]["protocol"]) == {"percent-response"}


def test_a_row_of_means_without_an_id_is_no_reason_to_fill_ids_down():
    rows = wide("BL", "D7")
    means = [["", "Mean", 1.1, 0.1], ["", "SEM", 0.1, 0.01]]
    text, made = drafted({"v.xlsx": workbook({"vf": [*rows[:3], *means, *rows[3:]]})})
    assert "fill_down" not in text
    assert read(made) == VALUES


def test_what_a_test_sheet_says_of_its_animals_is_taken_over():
    """The lab left M2 out; a sheet that serves as the list must not bring it back."""
    rows = [[*HEAD, "Sex", "BL", "D7", "Exclude?", "Notes"]]
    rows += [[mouse, group, "F", *of(mouse), *(["yes", "nerve cut"] if mouse == "M2" else ["", ""])] for mouse, group in GROUPS.items()]  # fmt: skip
    text, made = drafted({"v.xlsx": workbook({"vf": rows})})
    assert 'excluded: "Exclude?"  # ?' in text
    assert read(made) == {key: value for key, value in VALUES.items() if key[0] != "M2"}
    assert set(made["ledger"]["reason"].dropna()) == {"animal excluded by the lab: nerve cut"}
    assert made["animals"]["sex"].notna().all()


def test_means_named_in_the_column_of_groups_are_no_arm():
    rows = [["Group", "ID", "Baseline", "Day 7"]]
    for arm in ("Veh", "Drug"):
        rows += [[arm, mouse, *of(mouse)] for mouse, group in GROUPS.items() if group == arm]
        rows.append(["Average", "", 9.0, 9.0])
    text, made = drafted({"v.xlsx": workbook({"vf": rows})})
    assert "Average" not in text
    assert read(made) == VALUES
    assert made["ledger"]["fate"].value_counts().to_dict() == {"used": 8, "excluded": 4}
    assert not (made["findings"]["severity"] == "error").any()


def test_marks_in_columns_and_a_hair_in_each_row():
    rows = [[*HEAD, "Filament", "T1", "T2", "T3", "T4", "T5"]]
    rows += [[mouse, group, hair, *marks] for mouse, group in GROUPS.items() for hair, marks in ((0.07, "OOXOO"), (0.4, "XOXOX"), (1, "XXXXX"))]  # fmt: skip
    text, made = drafted({"v.xlsx": workbook({"d7": rows, "Read me": [["by AB"]]})})
    assert "day: 7, " in text
    hits = made["trials"].assign(hit=made["trials"]["response"] == "X").groupby(["animal", "day"])["hit"].sum()
    assert hits.to_dict() == {(mouse, 7.0): 9 for mouse in GROUPS}


def test_sheets_named_by_day_and_paw():
    sheets = {}
    for name, place in (("BL", 0), ("D7", 1)):
        head = [*HEAD, "PWT (g)"]
        sheets[f"{name} ipsi"] = [head, *([mouse, group, of(mouse)[place]] for mouse, group in GROUPS.items())]
        sheets[f"{name} contra"] = [head, *([mouse, group, 1.5] for mouse, group in GROUPS.items())]
    made = drafted({"v.xlsx": workbook(sheets)})[1]
    assert read(made) == VALUES
    assert len(read(made, "contralateral")) == 8


def test_doses_are_groups_and_remarks_behind_a_hair_are_none_of_it():
    rows = [["Mouse", "Dose (mg/kg)", "Day", "0.16g (x/5)", "0.4g (x/5)", "1g (x/5)"]]
    rows += [[mouse, dose, 7, 0, 2, 5] for mouse, dose in zip(GROUPS, (0, 0, 10, 10), strict=True)]
    made = drafted({"v.csv": csv(rows, ",")})[1]
    assert set(made["animals"]["arm"]) == {"arm_0", "arm_10"}
    hits = made["trials"].assign(hit=made["trials"]["response"] == "X").groupby("filament_g")["hit"].sum()
    assert hits.to_dict() == {0.16: 0, 0.4: 8, 1.0: 20}


def test_trials_numbered_under_days_are_readings_of_the_day():
    """1, 2 below "Baseline" are neither days, nor hairs, nor the animals 1 and 2."""
    values = {"1": (1.2, 1.1, 0.07, 0.08), "2": (1.0, 1.2, 0.6, 0.5)}
    rows = [["", "", "BL", "", "D7", ""], [*HEAD, "1", "2", "1", "2"], ["1", "Veh", *values["1"]], ["2", "Drug", *values["2"]]]  # fmt: skip
    text, made = drafted({"v.csv": csv(rows)})
    assert "layout: device  # ?" in text
    found = made["readings"].groupby(["animal", "day"])["threshold_g"].apply(list).to_dict()
    assert found == {
        (one, day): list(values[one][place : place + 2]) for one in values for day, place in ((-1, 0), (7, 2))
    }


def test_rows_of_single_applications_are_added_up():
    """A row an application gives the thresholds of the same counts as x of 5."""
    counts = {"M1": (0, 2, 5), "M2": (0, 0, 3), "M3": (1, 3, 5), "M4": (0, 1, 4)}
    told = [
        (one, force, x) for one, mine in counts.items() for force, x in zip(("0.07", "0.4", "1.4"), mine, strict=True)
    ]
    head = ["Mouse", "Day", "Filament (g)"]
    singles = [[one, 7, force, trial + 1, int(trial < x)] for one, force, x in told for trial in range(5)]
    text, single = drafted(ANIMALS | {"v.csv": csv([[*head, "Trial", "Response"], *singles])})
    assert "applications: 1  # ? a row an application" in text
    whole = [[one, 7, force, f"{x}/5"] for one, force, x in told]
    _, counted = drafted(ANIMALS | {"v.csv": csv([[*head, "Responses"], *whole])})
    one, other = (made["trials"].groupby(["animal", "filament_g", "response"]).size() for made in (single, counted))
    assert (len(single["trials"]), one.to_dict()) == (60, other.to_dict())
