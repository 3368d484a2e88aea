"""How a draft writes values and doubts."""

from __future__ import annotations

import json
import re

DOUBT = "  # ? "


def quoted(text: object) -> str:
    """A value as YAML: plain where it can stand so, else in quotes.

    >>> quoted("SNI"), quoted("yes: no"), quoted("1")
    ('SNI', '"yes: no"', '"1"')
    """
    plain = str(text)
    safe = re.fullmatch(r"[A-Za-z][\w ()+./%-]*[\w)%]|[A-Za-z]", plain) and plain.casefold() not in (
        "true",
        "false",
        "null",
        "yes",
        "no",
    )
    return plain if safe else json.dumps(plain, ensure_ascii=False)
