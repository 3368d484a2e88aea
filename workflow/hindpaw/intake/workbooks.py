"""Workbooks: calamine reads the cells; what it passes over in silence is looked for in the file's own XML.

calamine gives an error cell (#N/A, #DIV/0!) and a formula that was never computed as blanks, and says nothing
of hidden rows and sheets. It also makes room for every cell up to the last one, wherever that is, so the size of
each sheet is looked up before it is asked.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from hindpaw.findings import Finding, StudyError, several
from hindpaw.intake import opendocument
from hindpaw.intake.cells import MOST_CELLS, Passed, Sheet, letters, place_of, remark, unreadable

ADVICE = "Open it in a spreadsheet program and save it again as xlsx."
ADDRESS = re.compile(rb'\br="(?:([A-Z]{1,3}))?(\d{1,9})"')
DIMENSION = re.compile(rb'number-(?:rows|columns)-repeated="(\d{1,9})"')
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
BLANK_REPEAT = 1024


def sheets(name: str, content: bytes, members: Mapping[str, bytes]) -> list[Sheet]:
    """The sheets of an xlsx, xlsm, xlsb, xls or ods file.

    Parameters
    ----------
    name, content : the file
    members : the XML parts of a zipped workbook, by name; empty for xls

    Raises
    ------
    StudyError
        Where it is no workbook, is protected by a password, or is too large.
    """
    _refuse_giants(name, members)
    passed = _passed(name, members)
    try:
        return list(_read(name, content, members, passed))
    except StudyError:
        raise
    # calamine's own errors have no common base, and a damaged file can make its Rust code panic.
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        raise _refusal(name, error) from None


def _refusal(name: str, error: BaseException) -> StudyError:
    """The words for what calamine could not read."""
    told = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    if "assword" in told or type(error).__name__ == "PasswordError":
        return unreadable(name, "it is protected by a password", "Save it without one.")
    return unreadable(name, f"it is not a readable workbook ({told})", ADVICE)


def _read(name: str, content: bytes, members: Mapping[str, bytes], passed: Mapping[str, Passed]) -> Iterator[Sheet]:
    """Each sheet as calamine reads it; its blanks are empty texts."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    cells = 0
    for about in book.sheets_metadata:
        if about.typ != SheetTypeEnum.WorkSheet:
            continue
        page = book.get_sheet_by_name(about.name)
        height, width = (page.end[0] + 1, page.end[1] + 1) if page.end else (0, 0)
        cells += height * width
        if cells > MOST_CELLS:
            raise _giant(name)
        rows = [[_plain(cell) for cell in row] for row in page.to_python(skip_empty_area=False)]
        place = f"{name}!{about.name}"
        remarks = list(_remarks(place, passed.get(about.name, Passed())))
        if about.visible != SheetVisibleEnum.Visible:
            remarks.append(_hidden(place, f"The sheet {place} is hidden."))
        for address, said in passed.get(about.name, Passed()).errors.items():
            _put(rows, address, said)
        if not members or "xl/workbook.bin" in members:
            remarks.append(_unseen(place))
        merged = tuple((first[0], first[1], last[0], last[1]) for first, last in page.merged_cell_ranges or ())
        yield Sheet(name, about.name, rows, merged=merged, remarks=tuple(remarks))


def _plain(cell: Any) -> Any:
    """A truth value as the word a spreadsheet shows; every other cell as it is."""
    return ("TRUE" if cell else "FALSE") if isinstance(cell, bool) else cell


def _put(rows: list[list[Any]], address: str, said: str) -> None:
    """An error's own text in its cell, where calamine left a blank."""
    found = re.fullmatch(r"([A-Z]{1,3})(\d+)", address)
    if found:
        row, column = int(found[2]) - 1, place_of(found[1])
        if row < len(rows) and column < len(rows[row]) and rows[row][column] in ("", None):
            rows[row][column] = said


def _giant(name: str) -> StudyError:
    """The refusal of a workbook with too many cells."""
    reason = f"its cells reach over more than {MOST_CELLS:,} places"
    advice = (
        "A stray entry far out is the usual cause: delete the rows and columns beyond the table; or save it as CSV."
    )
    return unreadable(name, reason, advice)


def _refuse_giants(name: str, members: Mapping[str, bytes]) -> None:
    """A workbook whose last cell lies so far out that there is no room for the cells before it."""
    for part, xml in members.items():
        if re.fullmatch(r"xl/worksheets/[^/]+\.xml", part):
            rows, columns = 0, 1
            for found in ADDRESS.finditer(xml):
                rows = max(rows, int(found[2]))
                columns = max(columns, place_of(found[1].decode()) + 1 if found[1] else 1)
            if rows * columns > MOST_CELLS:
                raise _giant(name)
        elif part == "content.xml":
            _refuse_repeats(name, xml)


def _refuse_repeats(name: str, xml: bytes) -> None:
    """An ods file may say "this cell a million times"; blank ones up to the sheet's edge are its habit."""
    for row in re.finditer(rb"<table:table-row\b([^>]*)>(.*?)</table:table-row>", xml, re.DOTALL):
        times = _most(DIMENSION.findall(row[1]))
        held = [cell for cell in re.findall(rb"<table:table-cell\b[^>]*", row[2]) if b"office:value" in cell]
        across = sum(_most(DIMENSION.findall(cell)) for cell in held)
        if times * max(across, 1) > MOST_CELLS or (times > BLANK_REPEAT**2 // 4 and held):
            raise _giant(name)


def _most(numbers: list[bytes]) -> int:
    """The largest of the numbers; 1 for none."""
    return max(map(int, numbers), default=1)


def _passed(name: str, members: Mapping[str, bytes]) -> dict[str, Passed]:
    """What calamine passes over, by sheet name, in xlsx and ods; of xls and xlsb `_unseen` says that it is not known."""
    ods = members.get("content.xml", b"")
    if any(mark in ods for mark in opendocument.TELLING):
        return opendocument.passed(_parsed(name, ods))
    if "xl/workbook.xml" not in members:
        return {}
    titles = _titles(name, members)
    telling = (b't="e"', b"<f", b":f", b"hidden=")
    found = {}
    for part, xml in members.items():
        if part in titles and any(mark in xml for mark in telling):
            found[titles[part]] = _passed_of(_parsed(name, xml))
    return found


def _parsed(name: str, xml: bytes) -> Element:
    """A part of a workbook as XML without entities."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(xml, forbid_dtd=True)
    except DefusedXmlException:
        reason = "its XML declares entities, which no spreadsheet does and which can be an attack"
        raise unreadable(name, reason, "Get the file from its maker again.") from None
    except (ParseError, ValueError, LookupError) as error:
        raise unreadable(name, f"a part of it is damaged ({error})", ADVICE) from None
    return root


def _titles(name: str, members: Mapping[str, bytes]) -> dict[str, str]:
    """The sheet's name by the part of the file it stands in."""
    relations = members.get("xl/_rels/workbook.xml.rels")
    targets = {}
    if relations:
        for one in _parsed(name, relations):
            targets[one.get("Id")] = "xl/" + one.get("Target", "").removeprefix("/xl/").removeprefix("./")
    book = _parsed(name, members["xl/workbook.xml"])
    pages = [one for one in book.iter() if one.tag.rpartition("}")[2] == "sheet"]
    return {targets[one.get(RELATION)]: one.get("name", "") for one in pages if one.get(RELATION) in targets}


def _passed_of(root: Element) -> Passed:
    """The errors, uncomputed formulas and hidden rows of one sheet."""
    found = Passed()
    row, column = 0, -1
    for element in root.iter():
        kind = element.tag.rpartition("}")[2]
        if kind == "row":
            row, column = _whole(element.get("r"), row + 1), -1
            if element.get("hidden") in ("1", "true"):
                found.hidden.append(str(row))
        elif kind == "c":
            column += 1
            address = element.get("r") or f"{letters(column)}{row}"
            parts = {one.tag.rpartition("}")[2]: one for one in element}
            value = parts["v"].text if "v" in parts else None
            if element.get("t") == "e":
                found.errors[address] = value or "#ERROR"
            elif "f" in parts and not value:
                found.uncomputed.append(address)
    return found


def _whole(text: str | None, otherwise: int) -> int:
    """A whole number, or another where the text is none."""
    return int(text) if text and text.isdigit() else otherwise


def _remarks(place: str, passed: Passed) -> Iterator[Finding]:
    """The findings about a sheet that calamine would not have made."""
    if passed.errors:
        yield remark(
            "formula",
            "warning",
            f"{len(passed.errors)} cell(s) hold an error of the spreadsheet: "
            + several(f"{address} {said}" for address, said in passed.errors.items())
            + ".",
            "An error is no value.",
            "Correct the formula, or write the value itself.",
            "; ".join(f"{place}!{address}" for address in passed.errors),
        )
    if passed.uncomputed:
        yield remark(
            "formula",
            "warning",
            f"{len(passed.uncomputed)} formula(s) were saved without their result: {several(passed.uncomputed)}.",
            "Their cells read as blank.",
            "Open the file in a spreadsheet program and save it again, or write the values themselves.",
            "; ".join(f"{place}!{address}" for address in passed.uncomputed),
        )
    if passed.hidden:
        yield _hidden(place, f"{place} has hidden rows: {several(passed.hidden, 20)}.")


def _unseen(place: str) -> Finding:
    """The note on formats in which errors, uncomputed formulas and hidden rows cannot be looked for."""
    return remark(
        "formula",
        "note",
        f"{place} comes from an xls or xlsb file, in which errors, formulas without a result and hidden rows are not seen.",
        "Such cells read as blank, and hidden rows like all others.",
        "Nothing if the sheet holds plain values; else save the file as xlsx.",
        place,
    )


def _hidden(place: str, what: str) -> Finding:
    """The note about something hidden."""
    why = "It is read like everything else; whoever hid it may have meant it to be left out."
    return remark("hidden", "note", what, why, "Exclude the animal with a reason, or unhide it.", place)


def is_workbook(archive: zipfile.ZipFile) -> bool:
    """Whether a zip is a workbook: xlsx and its kin, or ods.

    >>> import io
    >>> with zipfile.ZipFile(io.BytesIO(), "w") as made:
    ...     made.writestr("xl/workbook.xml", "")
    ...     is_workbook(made)
    True
    """
    names = set(archive.namelist())
    return bool({"xl/workbook.xml", "xl/workbook.bin", "content.xml"} & names)
