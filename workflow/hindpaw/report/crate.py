"""ro-crate-metadata.json: what a run read and made, so that its folder can be deposited as it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from hindpaw.report.document import Document
from hindpaw.report.page import harmless
from hindpaw.tables import Exports

VERSION = "1.2"
KINDS = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
MAIN = {
    "report/report.html": "The report: answers, figures, tables, findings, methods",
    "report/report.pdf": "The same as a supplement on paper",
    "report/methods.md": "Methods and results text, each number with its cell",
}
LICENCE = "Nobody has said under which licence these results may be used: name one before you deposit them."
SIMULATED = "Simulated data: no animal was tested and no assay was run. "
WHAT = "Tables, figures and report that hindpaw made from a lab's exports."


def crate(document: Document, contents: Mapping[str, bytes], made_on: str) -> bytes:
    """The metadata of a run as RO-Crate.

    Parameters
    ----------
    document : what the report says
    contents : each file of the run by its name inside the study's folder
    made_on : the day the run was made, as 2026-01-31

    Returns
    -------
    JSON-LD after RO-Crate 1.2 (https://w3id.org/ro/crate/1.2). Raw exports, which lie outside the folder, are
    described with their digests; every file inside is listed with size, type and digest.
    """
    from rocrate.rocrate import ROCrate

    whole = ROCrate(version=VERSION)
    # Not every version of the context knows schema.org's newer terms.
    whole.metadata.extra_terms["sha256"] = "https://schema.org/sha256"
    whole.name = str(harmless(document.study.title))
    whole.description = f"{SIMULATED if document.study.simulated else ''}{WHAT} {document.counted}."
    whole.root_dataset["datePublished"] = made_on
    whole.root_dataset["license"] = _entity(whole, "#licence", "CreativeWork", name="Not stated", description=LICENCE)
    results = [_file(whole, name, content) for name, content in sorted(contents.items())]
    raw = [_raw(whole, place, row) for place, row in enumerate(document.tables["exports"].to_dict("records"), 1)]
    settings = [_entity(whole, f"#made-with-{place}", "PropertyValue", name=name, value=str(harmless(value)))
                for place, (name, value) in enumerate(document.provenance.items(), 1)]  # fmt: skip
    tool = _entity(whole, "#hindpaw", "CreativeWork", name="hindpaw", version=document.provenance["hindpaw"])
    told = {"name": "One run of hindpaw", "endTime": made_on, "instrument": tool, "object": raw, "result": results}
    run = _entity(whole, "#run", "CreateAction", **told, additionalProperty=settings)
    whole.root_dataset["mentions"] = [run]
    return (json.dumps(whole.metadata.generate(), indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _entity(whole: Any, id_: str, kind: str, **properties: Any) -> Any:
    """One thing that is no file of the crate."""
    from rocrate.model import ContextEntity

    return whole.add(ContextEntity(whole, id_, properties={"@type": kind, **properties}))


def _file(whole: Any, name: str, content: bytes) -> Any:
    """One file inside the folder."""
    path = PurePosixPath(name)
    return whole.add_file(
        dest_path=name,
        properties={
            "name": MAIN.get(name, f"{path.parent.as_posix()}: {path.stem.replace('_', ' ')}"),
            "encodingFormat": KINDS.get(path.suffix, "application/octet-stream"),
            "contentSize": str(len(content)),
            "sha256": hashlib.sha256(content).hexdigest(),
        },
    )


def _raw(whole: Any, place: int, row: Mapping[Any, Any]) -> Any:
    """One raw export."""
    properties = {"contentSize": str(row[Exports.size_bytes]), "sha256": str(row[Exports.sha256])}
    return _entity(whole, f"#raw-{place}", "CreativeWork", name=str(harmless(row[Exports.file])), **properties)
