"""What the marks in plate exports mean: for a well's fate, and for the concentration that the export states.

The marks are those of SoftMax Pro, Gen5, MARS, xPONENT, Bio-Plex Manager (`OOR`, `*`, `---`, `***` as LabKey's
"Luminex import flags" describes them) and Discovery Workbench.
"""

from __future__ import annotations

import re
from typing import Any

from hindpaw.intake.open import as_number, as_text

ABOVE = re.compile(r"ovrflw|overflow|ovfl|over|#?sat(?:urated)?|#high|\+{3,}|>\s*[\d.,]+", re.IGNORECASE)
BELOW = re.compile(r"undrflw|underflow|#low|<\s*-?[\d.,]+", re.IGNORECASE)
# A mark → why a well with it is left out.
LEFT_OUT = (
    (re.compile(r"missed", re.IGNORECASE), "the reader did not read the well"),
    (re.compile(r"-{3,}"), "marked as an outlier in the export"),
    (re.compile(r"outlier.*|not valid.*", re.IGNORECASE), "set aside in the export"),
    (re.compile(r"\*{3,}"), "the instrument failed in the well"),
    (re.compile(r"range\?", re.IGNORECASE), "the program calls its value out of range"),
    (re.compile(r"\?{3,}|#?n/a!?|nan|n\.?d\.?|na|null|none|err(?:or)?", re.IGNORECASE), "no result in the export"),
)
OUT_OF_RANGE = re.compile(r"(?:OOR|out of range)\s*([<>])|([<>])\s*OOR", re.IGNORECASE)
LIMIT = re.compile(r"([<>])\s*=?\s*(.+)")
BEYOND = re.compile(r"(above|below)\b.*", re.IGNORECASE)
SIDES = {"<": "left", ">": "right", "below": "left", "above": "right"}


def fate_of(signal: float | None, flag: str) -> tuple[str, str, str | None]:
    """A well's fate at intake, the reason, and on which side a missing signal is known to lie.

    >>> fate_of(0.31, ""), fate_of(None, "")
    (('used', '', None), ('blank', 'no signal in the well', None))
    >>> fate_of(None, "OVRFLW"), fate_of(None, "MISSED")
    (('used', '', 'right'), ('excluded', 'MISSED: the reader did not read the well', None))
    >>> fate_of(0.3, "Masked"), fate_of(0.3, "Range?")[0], fate_of(None, "seven")[0]
    (('used', '', None), 'excluded', 'quarantined')
    """
    for part in filter(None, (part.strip() for part in flag.split(";"))):
        for pattern, why in LEFT_OUT:
            if pattern.fullmatch(part):
                return "excluded", f"{part}: {why}", None
        if signal is None and (ABOVE.fullmatch(part) or BELOW.fullmatch(part)):
            return "used", "", "right" if ABOVE.fullmatch(part) else "left"
    if signal is not None:
        return "used", "", None
    if "mask" in flag.casefold():
        return "excluded", f"{flag}: masked in the export, which shows no value", None
    return ("quarantined", f"no number in the well: {flag}", None) if flag else ("blank", "no signal in the well", None)


def reported_of(cell: Any, flag: str) -> tuple[float | None, str | None, float | None, str]:
    """The concentration an export states: value, how it is censored, the limit it names, and its own words.

    `interval` says that the value lies out of range on a side that the export does not name.

    >>> reported_of("12.5", "")
    (12.5, 'none', None, '')
    >>> reported_of("< 6.4", ""), reported_of("OOR >", "")
    ((None, 'left', 6.4, '< 6.4'), (None, 'right', None, 'OOR >'))
    >>> reported_of("*12.3", ""), reported_of("NaN", ""), reported_of("", "")
    ((12.3, 'interval', None, '*12.3'), (None, None, None, 'NaN'), (None, None, None, ''))
    """
    text, value = as_text(cell), as_number(cell)
    words = "; ".join(filter(None, [text if value is None else "", flag]))
    if value is not None:
        beyond = BEYOND.fullmatch(flag)
        return value, SIDES[beyond[1].casefold()] if beyond else "interval" if flag else "none", None, words
    out = OUT_OF_RANGE.fullmatch(text)
    if out:
        return None, SIDES[out[1] or out[2]], None, words
    limit = LIMIT.fullmatch(text)
    if limit and as_number(limit[2]) is not None:
        return None, SIDES[limit[1]], as_number(limit[2]), words
    if text.startswith("*") and as_number(text.strip("* ")) is not None:
        return as_number(text.strip("* ")), "interval", None, words
    return None, "interval" if text.casefold() == "range?" else None, None, words
