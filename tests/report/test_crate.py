"""The metadata of a run: what RO-Crate demands, every file with its digest, and a library that reads it back."""

from __future__ import annotations

import hashlib
import json

import pytest
from hindpaw import deposit
from hindpaw.report.crate import crate

CONTENTS = {
    "model/contrasts.csv": b"a,b\n1,2\n",
    "report/report.html": b"<!DOCTYPE html>",
    "figure/effects/relief.svg": b"<svg/>",
}


@pytest.fixture(scope="module")
def metadata(told):
    """The metadata of a run of three files."""
    return json.loads(crate(told, CONTENTS, "2026-01-31"))


def entities(metadata):
    """Every entity by its id."""
    return {one["@id"]: one for one in metadata["@graph"]}


def test_the_root_says_what_ro_crate_demands(metadata, demo):
    """RO-Crate 1.2, root data entity: name, description, datePublished, license; descriptor about it."""
    known = entities(metadata)
    root, descriptor = known["./"], known["ro-crate-metadata.json"]
    assert root["name"] == demo.title
    assert root["description"].startswith("Simulated data")
    assert root["datePublished"] == "2026-01-31"
    assert root["license"]["@id"] in known
    assert descriptor["about"] == {"@id": "./"}
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.2"}
    assert metadata["@context"][0] == "https://w3id.org/ro/crate/1.2/context"


def test_every_file_is_a_part_with_its_digest(metadata):
    known = entities(metadata)
    assert {one["@id"] for one in known["./"]["hasPart"]} == set(CONTENTS)
    for name, content in CONTENTS.items():
        assert known[name]["@type"] == "File"
        assert known[name]["sha256"] == hashlib.sha256(content).hexdigest()
        assert known[name]["contentSize"] == str(len(content))


def test_every_reference_leads_somewhere(metadata):
    known = entities(metadata)

    def references(node):
        if isinstance(node, dict):
            yield from [node["@id"]] if set(node) == {"@id"} else []
            for value in node.values():
                yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    assert {name for name in references(metadata["@graph"]) if not name.startswith("https://")} <= set(known)


def test_the_run_names_its_raw_files(metadata, everything):
    known = entities(metadata)
    raw = [known[one["@id"]] for one in known["#run"]["object"]]
    assert sorted(one["sha256"] for one in raw) == sorted(everything["exports"]["sha256"])


def test_the_library_reads_it_back(told, tmp_path):
    from rocrate.rocrate import ROCrate

    for name, content in CONTENTS.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "ro-crate-metadata.json").write_bytes(crate(told, CONTENTS, "2026-01-31"))
    back = ROCrate(tmp_path)
    assert back.name == told.study.title
    assert {one.id for one in back.data_entities} == set(CONTENTS)


def test_what_lies_in_the_folder_is_listed_and_nothing_else(tmp_path):
    inside, outside = tmp_path / "study", tmp_path / "other"
    for path in (
        inside / "figure" / "a.svg",
        inside / "figure" / ".hidden",
        inside / "model" / "b.csv",
        outside / "c.csv",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    run = deposit.read([inside / "figure", inside / "model" / "b.csv", outside / "c.csv"], inside)
    assert dict(run.contents) == {"figure/a.svg": b"x", "model/b.csv": b"x"}
