"""Study files: every mistake at once, in words."""

from __future__ import annotations

import pytest
from hindpaw import schema, study
from hindpaw.findings import StudyError

GOOD = """
title: A study
animals: {file: a.xlsx, columns: {animal: Mouse, arm: Group}}
arms: {vehicle: {label: Vehicle, role: control}, drug: {label: Drug}}
days: {treatment: 4}
von_frey:
  - {file: vf.xlsx, layout: up-down-strings, columns: {animal: Mouse, day: Day, responses: XO, last_filament: Last}}
questions:
  relief: {outcome: threshold, treated: drug, control: vehicle}
"""


def mistakes(text: str) -> list[str]:
    """Each finding as place and words."""
    with pytest.raises(StudyError) as caught:
        study.parse(text, "s", "s.yaml")
    return [f"{one.source} | {one.what} | {one.what_to_do}" for one in caught.value.findings]


def test_defaults_are_filled_in_at_every_depth():
    read = study.parse(GOOD, "s", "s.yaml")
    assert read.simulated is False
    assert read.von_frey[0].filaments == "mouse-9"
    assert read.assay.replicate_cv_percent == 20
    assert read.questions["relief"].structure == "cs"
    assert read.randomization["unit"] == "undocumented"


@pytest.mark.parametrize(
    ("right", "wrong", "place", "advice"),
    [
        ("title:", "titel:", "s.yaml: titel", 'Did you mean "title"?'),
        ("role: control", "role: contrl", "s.yaml: arms.vehicle.role", 'Did you mean "control"?'),
        ("treated: drug", "treated: drugs", "s.yaml: questions.relief.treated", 'Did you mean "drug"?'),
        ("treatment: 4", "treatment: four", "s.yaml: days.treatment", "Give a number."),
        ("responses: XO, ", "", "s.yaml: von_frey.1.columns", 'Add "responses: …"'),
        ("file: a.xlsx", "file: ../a.xlsx", "s.yaml: animals.file", "Copy the file into the folder"),
        ("file: a.xlsx", "file: 'C:/a.xlsx'", "s.yaml: animals.file", "Copy the file into the folder"),
        ("outcome: threshold", "outcome: treshold", "s.yaml: questions.relief.outcome", 'Did you mean "threshold"?'),
        ("control: vehicle}", "control: vehicle, also: [drug]}", "s.yaml: questions.relief.kind", "many-to-one"),
        ("control: vehicle}", "control: vehicle, day: 8}", "s.yaml: questions.relief.day", "by: day"),
        ("control: vehicle}", "control: drug}", "s.yaml: questions.relief", "Compare different arms."),
    ],
)
def test_a_mistake_names_the_key_and_the_nearest_right_one(right, wrong, place, advice):
    found = mistakes(GOOD.replace(right, wrong))
    assert any(line.startswith(place) and advice in line for line in found), found


def test_all_mistakes_come_at_once():
    text = (
        GOOD.replace("title:", "titel:")
        .replace("role: control", "role: contrl")
        .replace("treatment: 4", "treatment: x")
    )
    assert len(mistakes(text)) == 4  # titel is stray, title is missing, role, treatment


def test_yaml_that_is_none_names_the_line():
    assert mistakes("title: [a\nb: c")[0].startswith("s.yaml, line 2")


def test_a_key_given_twice_is_a_mistake():
    assert "duplicate key" in mistakes(GOOD + "\ntitle: again\n")[0]


def test_a_tag_cannot_make_python_objects():
    with pytest.raises(StudyError):
        schema.parse("!!python/object/apply:os.system ['true']", "s.yaml")


def test_no_and_on_are_words():
    assert schema.parse("{no: off}", "x") == {"no": "off"}


def test_every_key_of_every_schema_is_described_and_closed():
    def walk(node, path):
        if isinstance(node, dict):
            if node.get("type") == "object":
                assert "additionalProperties" in node, path
            for key, value in node.get("properties", {}).items():
                known = schema._resolved(value, root)
                assert "description" in known, f"{path}.{key}"
            for key, value in node.items():
                walk(value, f"{path}.{key}")
        elif isinstance(node, list):
            for place, value in enumerate(node):
                walk(value, f"{path}.{place}")

    for name in ("config.schema.yaml", "study.schema.yaml", "claims.schema.yaml"):
        root = schema.schema(name)
        walk(root, name)


def test_weeks_count_from_the_treatment():
    days = study.Days(treatment=4, injury=0)
    # ceil((day − 4)/7): 5 → 1, 11 → 1, 12 → 2, 4 → 0, −1 → ceil(−5/7) = 0
    assert [days.week(day) for day in (5, 11, 12, 4, -1)] == [1, 1, 2, 0, 0]
