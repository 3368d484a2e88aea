"""Text exports: the encoding instruments and spreadsheets write, and the delimiter they cut cells with."""

from __future__ import annotations

import csv
import gc
import io
import re
from collections import Counter

from hindpaw.findings import Finding
from hindpaw.intake import foreign
from hindpaw.intake.cells import MOST_CELLS, Sheet, remark, unreadable

DELIMITERS = ("\t", ";", "|", ",")
# Looked at to find the delimiter; a table's habit shows in its first lines.
SAMPLE_LINES = 200
MOST_CHARACTERS_IN_A_CELL = 1_000_000
CODE_PAGES = ["cp1252", "mac_roman", "cp1250", "cp1251", "shift_jis", "gb18030", "big5", "euc_kr"]
# Letters and signs that Western labs type besides ASCII. Where nearly all of a few are these, the guess is good.
WESTERN = frozenset("äöüßÄÖÜéèêëàáâåæçñóòôøíìîïúùûÉÅÆØÑµ°±²³×÷·–—‘’“”„…€™®§«»¡¿ªº½¼\xa0")
FEW = 0.3


def text(name: str, content: bytes) -> str:
    """The text of a file, lines ended by a line feed, in whatever encoding it was written.

    Raises
    ------
    StudyError
        Where the content is no text.
    """
    return decoded(name, content)[0]


def decoded(name: str, content: bytes) -> tuple[str, str]:
    """The text of a file and the encoding it was read in."""
    foreign.refuse(name, content)
    for encoding in _unicode(content):
        try:
            found = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in found:
            return _lines(found), encoding
    guessed = _guessed(content)
    if guessed is None:
        raise unreadable(name, "it is not a text file", "Export it again as text, CSV or xlsx.")
    return _lines(content.decode(guessed)), guessed


def _unicode(content: bytes) -> list[str]:
    """The Unicode encoding to try: by the byte order mark, by zeros in every second byte, else UTF-8."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ["utf-16"]
    sample = content[:2000]
    if len(sample) > 3 and sample[1::2].count(0) > 0.4 * len(sample[1::2]) and sample[::2].count(0) == 0:
        return ["utf-16-le"]
    if len(sample) > 3 and sample[::2].count(0) > 0.4 * len(sample[::2]) and sample[1::2].count(0) == 0:
        return ["utf-16-be"]
    return ["utf-8-sig"]


def _guessed(content: bytes) -> str | None:
    """The encoding that makes most sense of bytes that are neither Unicode nor Western Windows; None for no text."""
    from charset_normalizer import from_bytes

    if b"\0" in content[:100_000]:
        return None
    western = max(("cp1252", "mac_roman"), key=lambda encoding: _western(content, encoding))
    if _western(content, western) > 0.9:
        return western
    best = from_bytes(content[:100_000], cp_isolation=CODE_PAGES).best()
    if best is None:
        return None
    try:
        content.decode(best.encoding)
    except UnicodeDecodeError:
        return None
    return str(best.encoding)


def _western(content: bytes, encoding: str) -> float:
    """How much of what is not ASCII is usual in Western Europe; 0 where most letters are not ASCII."""
    try:
        found = content[:100_000].decode(encoding)
    except UnicodeDecodeError:
        return 0.0
    letters = [letter for letter in found if letter.isalpha()]
    foreign = [letter for letter in found if not letter.isascii()]
    few = sum(not letter.isascii() for letter in letters) < FEW * len(letters) or len(foreign) == 1
    return sum(letter in WESTERN for letter in foreign) / len(foreign) if few and foreign else 0.0


def _lines(found: str) -> str:
    """The text with one kind of line end."""
    return found.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")


def sheet(name: str, content: bytes) -> Sheet:
    """A delimited text file as one sheet."""
    found, encoding = decoded(name, content)
    if found.lstrip()[:15].lower().startswith(("<!doctype html", "<html", "<table")):
        raise unreadable(name, "it is a web page saved under another name", "Open it in a spreadsheet, save as xlsx.")
    remarks = [] if encoding.startswith("utf") or found.isascii() else [_encoding_remark(name, encoding)]
    try:
        rows = cut(found)
    except (csv.Error, OverflowError) as error:
        raise unreadable(name, f"its cells cannot be told apart ({error})", "Export it again as CSV or xlsx.") from None
    return Sheet(name, "", rows, remarks=tuple(remarks))


def _encoding_remark(name: str, encoding: str) -> Finding:
    """The note that an encoding was inferred."""
    return remark(
        "encoding",
        "note",
        f"{name} does not say how its letters are written; it was read as {encoding}.",
        "Names with letters outside A–Z could be misread; numbers are not touched.",
        "Nothing where names look right; else save the file as CSV UTF-8.",
        name,
    )


def cut(content: str) -> list[list[str]]:
    """The cells of a delimited text; the delimiter is the one that cuts most lines into equally many cells.

    >>> cut("Mouse;g\\nA;0,07\\nB;0,4")
    [['Mouse', 'g'], ['A', '0,07'], ['B', '0,4']]
    >>> cut("Mouse Day g\\nA 3 0.07")
    [['Mouse', 'Day', 'g'], ['A', '3', '0.07']]
    """
    delimiter = delimiter_of(content)
    if delimiter == " ":
        # Two or more blanks part cells that hold single ones.
        wide = all(re.search(r"\S {2,}\S", line) for line in content.split("\n") if line.strip())
        return [
            re.split(r" {2,}" if wide else r" +", line.strip()) if line.strip() else [] for line in content.split("\n")
        ]
    if content.count(delimiter) + content.count("\n") > MOST_CELLS:
        raise csv.Error(f"more than {MOST_CELLS:,} cells")
    csv.field_size_limit(MOST_CHARACTERS_IN_A_CELL)
    rows = _rows(content, delimiter)
    # A first line "sep=;" is for Excel alone; it stays, empty, so that every address is the file's own.
    return [[], *rows[1:]] if rows and re.fullmatch(r"(?i)sep=.?", delimiter.join(rows[0]).strip()) else rows


def _rows(content: str, delimiter: str) -> list[list[str]]:
    """The rows as csv reads them. Python's search for cycles among a million lists would take longer than reading."""
    searching = gc.isenabled()
    gc.disable()
    try:
        return list(csv.reader(io.StringIO(content), delimiter=delimiter))
    finally:
        # Rows of texts hold no cycles: set them apart from every later search, too.
        gc.freeze()
        if searching:
            gc.enable()


def delimiter_of(content: str) -> str:
    """The delimiter of a text; a blank where there is no other and blanks cut all lines alike."""
    declared = re.match(r'"?sep=(.)', content, re.IGNORECASE)
    if declared and declared[1] in DELIMITERS:
        return declared[1]
    lines = [
        re.sub(r'"[^"]*"', "", line).strip("\n")
        for line in content[:200_000].split("\n")[:SAMPLE_LINES]
        if line.strip()
    ]
    shares = {mark: _agreement(lines, mark) for mark in DELIMITERS}
    best = max(DELIMITERS, key=lambda mark: shares[mark])
    if shares[best] > 0:
        return best
    for pattern in (r" {2,}", r" +"):
        counts = {len(re.split(pattern, line.strip())) for line in lines}
        if len(counts) == 1 and counts.pop() > 1 and len(lines) > 1:
            return " "
    return ","


def _agreement(lines: list[str], mark: str) -> float:
    """The share of lines that hold the mark, most weight to those that hold it equally often."""
    counts = [line.count(mark) for line in lines]
    holding = [count for count in counts if count]
    if not holding:
        return 0.0
    return (len(holding) + Counter(holding).most_common(1)[0][1]) / (2 * len(lines))
