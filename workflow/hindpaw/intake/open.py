"""Any file of a study as sheets of cells that know their address."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pandas as pd

from hindpaw import tables
from hindpaw.findings import Finding, StudyError, nearest
from hindpaw.intake import foreign, prism, texts, workbooks
from hindpaw.intake.cells import Sheet, as_number, as_text, letters, place_of, remark, unreadable
from hindpaw.intake.texts import cut, text

__all__ = ["Sheet", "as_number", "as_text", "cut", "folder", "letters", "listed", "place_of", "sheet", "sheets", "text"]

# A real workbook of a study unpacks to a few megabytes; a zip bomb does not stop there.
LARGEST_BYTES = 512 * 1024**2
LARGEST_UNPACKED = 256 * 1024**2
LARGEST_TEXT = 128 * 1024**2
MOST_MEMBERS = 1000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MEBIBYTE = 1024**2


def folder(path: str | Path, names: Iterable[str]) -> dict[str, bytes]:
    """The bytes of each named file of a study folder.

    Raises
    ------
    StudyError
        With one finding for each file that is missing, unreadable, or outside the folder by a link.
    """
    root = Path(path).resolve()
    present = sorted(str(file.relative_to(root)) for file in root.rglob("*") if file.is_file()) if root.is_dir() else []
    contents, found = {}, []
    for name in names:
        try:
            contents[name] = _content(root, path, name, present)
        except StudyError as error:
            found += error.findings
    if found:
        raise StudyError(found)
    return contents


def _content(root: Path, path: str | Path, name: str, present: list[str]) -> bytes:
    """The bytes of one file inside the folder."""
    try:
        file = (root / name).resolve()
        if not file.is_relative_to(root):
            advice = "Copy the file itself into the folder."
            raise unreadable(name, "it lies outside the study's data folder", advice)
        if not file.is_file():
            raise unreadable(name, f"there is no such file in {path}", nearest(name, present))
        if file.stat().st_size > LARGEST_BYTES:
            raise unreadable(name, "it is larger than 512 MiB", "Split the export.")
        return file.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise unreadable(name, f"the system says: {reason}", "Check its name and who may read it.") from None


def listed(contents: Mapping[str, bytes]) -> pd.DataFrame:
    """The table `exports`: each raw file with its size and digest."""
    rows = [(name, len(content), hashlib.sha256(content).hexdigest()) for name, content in contents.items()]
    return tables.shaped(pd.DataFrame(rows, columns=tables.columns(tables.Exports)), tables.Exports)


def sheets(name: str, content: bytes) -> list[Sheet]:
    """The sheets of a file: a workbook's, a Prism file's tables, a delimited text, or all those inside a zip.

    What a file is, is seen from its content; a csv that is called xls is read as the csv it is.

    Raises
    ------
    StudyError
        Where the content is none of these.
    """
    ending = PurePosixPath(name.lower()).suffix
    if ending in (".prism", ".pzf"):
        prism.refuse(name)
    foreign.refuse(name, content)
    if content.startswith(OLE):
        return workbooks.sheets(name, content, {})
    if content.startswith(b"PK"):
        return _zipped(name, content)
    if ending in (".xlsx", ".xlsm", ".xlsb", ".ods", ".zip"):
        kind = "zip file" if ending == ".zip" else "workbook"
        reason = f"it is not a readable {kind}: it does not begin like one"
        raise unreadable(name, reason, "Get it again, or save it as xlsx or CSV.")
    if ending == ".pzfx" or b"<GraphPadPrismFile" in content[:2000]:
        return prism.sheets(name, content)
    if len(content) > LARGEST_TEXT:
        raise unreadable(name, "it is a text larger than 128 MiB", "Split the export.")
    return [texts.sheet(name, content)]


def sheet(name: str, content: bytes, wanted: str | None) -> Sheet:
    """The wanted sheet of a file, or its first."""
    return chosen(name, sheets(name, content), wanted)


def chosen(name: str, found: list[Sheet], wanted: str | None) -> Sheet:
    """The wanted one of a file's sheets, or the first."""
    fitting = [one for one in found if wanted is None or one.name.strip() == wanted.strip()]
    if not fitting:
        advice = nearest(wanted, [one.name for one in found])
        raise unreadable(name, f'it has no sheet "{wanted}"' if found else "it has no sheet", advice)
    return fitting[0]


def _zipped(name: str, content: bytes) -> list[Sheet]:
    """The sheets of a zipped workbook, or of every file in a zip."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            foreign.refuse_zip(name, archive.namelist())
            members = _members(name, archive)
            if workbooks.is_workbook(archive):
                return workbooks.sheets(name, content, members)
    # What zipfile says of a damaged file has no common base below these.
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, RuntimeError, NotImplementedError) as error:
        told = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        advice = "Open it in a spreadsheet program and save it again as xlsx."
        raise unreadable(name, f"it is not a readable workbook or zip ({told})", advice) from None
    return _inside(name, members)


def _members(name: str, archive: zipfile.ZipFile) -> dict[str, bytes]:
    """The files of a zip, unpacked in memory with a limit that holds whatever the zip says of itself."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > MOST_MEMBERS:
        raise unreadable(name, f"it holds more than {MOST_MEMBERS} files", "Zip only the files of this study.")
    if sum(info.file_size for info in infos) > LARGEST_UNPACKED:
        raise unreadable(name, "it unpacks to more than 256 MiB", "Save only the sheets of this study.")
    if any(info.flag_bits & 1 for info in infos):
        raise unreadable(name, "it is protected by a password", "Save it without one.")
    unpacked, total = {}, 0
    for info in infos:
        parts = []
        with archive.open(info) as member:
            while part := member.read(MEBIBYTE):
                total += len(part)
                if total > LARGEST_UNPACKED:
                    raise unreadable(name, "it unpacks to more than 256 MiB", "Save only the sheets of this study.")
                parts.append(part)
        unpacked[info.filename] = b"".join(parts)
    return unpacked


def _inside(name: str, members: Mapping[str, bytes]) -> list[Sheet]:
    """The sheets of every file in a zip, each named by its file: `day3.csv`, `book.xlsx!Day 3`.

    A file among them that cannot be read (a photograph, a read-me as PDF) is said with every sheet of the others.
    """
    found: list[Sheet] = []
    refused: list[Finding] = []
    for member, content in members.items():
        parts = PurePosixPath(member.replace("\\", "/")).parts
        if ".." in parts or member.startswith(("/", "\\")) or ":" in member.split("/")[0]:
            reason = f'it holds "{member[:80]}", a name that points out of the folder'
            raise unreadable(name, reason, "Zip the files again without their folders.")
        if "__MACOSX" in parts or parts[-1].startswith("."):
            continue
        if _is_zip_of_files(content) or member.lower().endswith(".zip"):
            raise unreadable(name, f'it holds another zip, "{member[:80]}"', "Unpack it, and zip the files alone.")
        try:
            inner = sheets(member, content)
        except StudyError as error:
            refused += error.findings
            continue
        for one in inner:
            called = f"{member}!{one.name}" if one.name else member
            found.append(Sheet(name, called, one.rows, one.merged, one.struck, one.remarks))
    if refused and not found:
        raise StudyError(refused[:1])
    if not found:
        raise unreadable(name, "the zip is empty", "Zip the files of the study.")
    said = tuple(_passed_over(name, one) for one in refused)
    return [replace(one, remarks=(*one.remarks, *said)) for one in found]


def _passed_over(name: str, refusal: Finding) -> Finding:
    """The warning on a file in a zip that could not be read."""
    why = "Nothing in it is analysed; the other files of the zip are."
    advice = f"Nothing, if it holds no data of the study. Else: {refusal.what_to_do}"
    return remark("unreadable", "warning", f"{name}: {refusal.what}", why, advice, name)


def _is_zip_of_files(content: bytes) -> bool:
    """Whether a member is itself a zip and no workbook."""
    if not content.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as inner:
            return not workbooks.is_workbook(inner)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
