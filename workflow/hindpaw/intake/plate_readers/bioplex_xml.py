"""Bio-Plex Manager XML: the wells of each blank, standard, control and unknown, an analyte each."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from typing import Any

from hindpaw.findings import Finding, StudyError
from hindpaw.intake.open import as_number
from hindpaw.intake.plate_readers.grids import LETTERS
from hindpaw.intake.plate_readers.reading import Reading, distinct, unit_in
from hindpaw.study import PlateFile

AGAIN = "In Bio-Plex Manager, export the results as XML, or as Excel with FI and Obs Conc."
LARGEST_BYTES = 256 * 1024**2
ROLES = {"Blank": "blank", "Standard": "standard", "Control": "control", "Unknown": "sample"}
# What the codes of a reading mean (Bio-Plex Manager 6, as its own error texts have it).
CODES = {
    "1": "low bead number",
    "2": "aggregated beads",
    "3": "classify efficiency",
    "4": "region selection",
    "5": "platform temperature",
}


def read(file: str, content: bytes, plate: PlateFile) -> list[Reading]:
    """The readings of one document; a reading's address is its well and analyte.

    Raises
    ------
    StudyError
        Where the document is damaged, declares entities (a known attack), or is no such export.
    """
    root = _parsed(file, content)
    if root.tag.rpartition("}")[2] != "BioPlexManager":
        raise refused(file, f"it is XML, but of the kind {root.tag.rpartition('}')[2]}", AGAIN)
    counts = _counts(root)
    units = {_text(one, "AnalyteName"): _text(one, "ConcentrationUnits") for one in _all(root, "Interpolator")}
    samples = [(sample, role) for kind, role in ROLES.items() for sample in _all(root, kind)]
    readings = distinct(reading for sample, role in samples for reading in _sample(file, sample, role, counts))
    times: Counter[str] = Counter()
    for reading in readings:
        reading.unit = unit_in(units.get(reading.analyte or "", ""))
        times[reading.source] += 1
        # A well that stands in the document twice has two addresses.
        reading.source += f" ({times[reading.source]})" if times[reading.source] > 1 else ""
    if not readings:
        raise refused(file, "no well of it holds a reading", AGAIN)
    return readings


def _parsed(file: str, content: bytes) -> Any:
    """The document's root; the raw events of single beads are dropped on the way."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    if len(content) > LARGEST_BYTES:
        raise refused(file, "it is larger than 256 MiB", "Export it without the events of single beads.")
    root = None
    try:
        for event, element in iterparse(io.BytesIO(content), events=("start", "end"), forbid_dtd=True):
            root = element if root is None else root
            if event == "end" and element.tag.rpartition("}")[2] == "BeadEventData":
                element.text = None
    except DefusedXmlException:
        raise refused(file, "it declares a document type or entities, which no plate export needs", AGAIN) from None
    except (ParseError, ValueError, LookupError, UnicodeError) as error:
        raise refused(file, f"it is damaged XML ({error})", AGAIN) from None
    if root is None:
        raise refused(file, "it is empty", AGAIN)
    return root


def _all(element: Any, name: str) -> list[Any]:
    """The elements of a name below one, whatever their namespace."""
    return [one for one in element.iter() if isinstance(one.tag, str) and one.tag.rpartition("}")[2] == name]


def _text(element: Any, name: str) -> str:
    """The text of the first child of a name, with what follows its children; empty where there is none."""
    child = next((one for one in element if isinstance(one.tag, str) and one.tag.rpartition("}")[2] == name), None)
    return "" if child is None else _own(child)


def _own(element: Any) -> str:
    """An element's own text, which may stand behind its children."""
    return "".join([element.text or "", *(one.tail or "" for one in element)]).strip()


def _well(element: Any) -> str | None:
    """The well an element's row and column name."""
    row, column = as_number(element.get("RowNo", "")), as_number(element.get("ColNo", ""))
    if row is None or column is None or not (1 <= row <= 16 and 1 <= column <= 24):
        return None
    return f"{LETTERS[int(row) - 1]}{int(column)}"


def _counts(root: Any) -> dict[tuple[str, str], float | None]:
    """The beads counted in each well and region."""
    return {
        (_well(well) or "", region.get("RegionNumber", "")): as_number(_text(region, "RegionCount"))
        for well in _all(root, "Well")
        for region in _all(well, "BeadRegion")
    }


def _sample(file: str, sample: Any, role: str, counts: dict[tuple[str, str], float | None]) -> Iterator[Reading]:
    """The readings of one sample, standard, control or blank."""
    label, words = _text(sample, "Label"), _text(sample, "Description")
    expected = {_text(one, "AnalyteName"): as_number(_text(one, "ExpectedConc")) for one in _all(sample, "Analyte")}
    dilution = as_number(_text(sample, "Dilution"))
    for member in _all(sample, "MemberWell"):
        well = _well(member)
        for one in _all(member, "MWAnalyte") if well else ():
            analyte = _text(one, "AnalyteName")
            found = next(iter(_all(one, "Reading")), None)
            signal, flag = _reading(found)
            reported, reported_flag = _observed(next(iter(_all(one, "MWObsConc")), None))
            yield Reading(
                f"{file}!{well}/{analyte}",
                well or "",
                signal,
                flag,
                analyte,
                bead_count=counts.get((well or "", one.get("RegionNumber", ""))),
                role=role,
                sample=words or label,
                nominal=expected.get(analyte) if role == "standard" else None,
                dilution=dilution,
                reported=reported,
                reported_flag=reported_flag,
            )


def _reading(element: Any) -> tuple[float | None, str]:
    """A reading's number and flag: its error code, and whether someone marked it as an outlier."""
    if element is None:
        return None, ""
    code, outlier = element.get("Code", "0"), element.get("OutlierType", "None")
    flags = [f"error code {code}: {CODES.get(code, 'unknown')}"] if code != "0" else []
    if element.get("Valid", "true").casefold() == "false":
        flags.append("not valid")
    if outlier not in ("", "None"):
        flags.append(f"outlier: {outlier}")
    return as_number(_own(element)), "; ".join(flags)


def _observed(element: Any) -> tuple[str, str]:
    """The concentration of a well as the export states it, and its flag."""
    if element is None:
        return "", ""
    if element.get("ReadingOK", "true").casefold() == "false":
        return "", element.get("ReadError", "")
    place = element.get("RecoveryRange", "")
    return _own(element), "" if place in ("", "InRange", "WithinRange") else place


def refused(file: str, reason: str, advice: str) -> StudyError:
    """A document that cannot be read as a plate."""
    why = "No well of it can be read."
    return StudyError(
        [Finding("plate", "error", "intake", f"{file} cannot be read: {reason}.", why, advice, source=file)]
    )
