"""Words that stand in a sheet where a value, a paw or an animal should: notes, sides, rows of means."""

from __future__ import annotations

import re

from hindpaw.intake.cells import as_text

# What labs write where nothing was measured. A note says so; it is no value and no typing error.
NOTES = {
    *["-", "–", "—", "--", "---", ".", "..", "...", "/", "?", "*", "n.d.", "nd", "n.d", "n.a.", "na", "n/a", "n.a", "nan", "null"],
    *["none", "missing", "not tested", "not done", "not determined", "nt", "n.t.", "n.m.", "nm", "no data", "blank", "empty", "s.d.", "sin datos"],
    *["dead", "died", "deceased", "death", "found dead", "tot", "gestorben", "mort", "muerto", "muerta", "verstorben", "†", "+", "euthanized", "euthanised"],
    *["sacrificed", "sac", "killed", "culled", "perfused", "csf collected", "excluded", "ausgeschlossen", "removed", "lost"],
    *["#n/a", "#na", "#div/0!", "#value!", "#ref!", "#num!", "#name?", "#null!", "#error"],
}  # fmt: skip
SUMMARIES = {
    *["mean", "means", "media", "promedio", "moyenne", "average", "avg", "mw", "mittelwert", "median", "sd", "s.d.", "std", "stdev", "std dev", "sem", "s.e.m."],
    *["se", "s.e.", "n", "count", "sum", "total", "min", "max", "cv", "cv%", "cv %", "variance", "var", "geomean", "ttest", "p"],
}  # fmt: skip
PAWS = {
    "ipsilateral": ("ipsi", "ipsilateral", "i", "ip", "injured", "operated", "ipsilat", "ipsilateral paw", "ipsi paw"),
    "contralateral": ("contra", "contralateral", "c", "co", "uninjured", "unoperated", "contralat", "contra paw"),
    "left": ("left", "l", "links", "lh", "lhp", "left hind", "left hindpaw", "left hind paw", "left paw", "gauche", "izquierda", "izq"),
    "right": ("right", "r", "rechts", "rh", "rhp", "right hind", "right hindpaw", "right hind paw", "right paw", "droite", "derecha", "der"),
}  # fmt: skip


def is_note(cell: object) -> bool:
    """Whether a cell says that nothing was measured.

    >>> is_note("n.d."), is_note("Dead (d 12)"), is_note("XOXO"), is_note("")
    (True, True, False, False)
    """
    plain = " ".join(as_text(cell).split()).casefold()
    # A remark in brackets or a date behind the word changes nothing of it.
    shorter = re.sub(r"\s*(?:\(.*\)|,.*|(?:on |at )?(?:day|d) ?\d+.*)$", "", plain)
    return bool(plain) and (plain in NOTES or shorter in NOTES)


def is_summary(cell: object) -> bool:
    """Whether the name of a row is that of a summary, not of an animal.

    >>> is_summary("Mean"), is_summary("SEM:"), is_summary("M12")
    (True, True, False)
    """
    return as_text(cell).casefold().rstrip(" :.") in {word.rstrip(".") for word in SUMMARIES}


def paw_of(cell: object, injured_side: str | None) -> str | None:
    """The paw a word means, relative to the injury; None where it says none.

    >>> paw_of("Ipsi", None), paw_of("L", "left"), paw_of("right", "left"), paw_of("L", None)
    ('ipsilateral', 'ipsilateral', 'contralateral', None)
    """
    plain = " ".join(as_text(cell).split()).casefold()
    found = next((paw for paw, words in PAWS.items() if plain in words), None)
    if found in ("left", "right"):
        if injured_side is None:
            return None
        return "ipsilateral" if found == injured_side else "contralateral"
    return found


def paw_in(title: str) -> str | None:
    """The paw that a word of a title, or of the name of a sheet or file, means; None where none does.

    >>> paw_in("D7 contra (g)"), paw_in("ipsi"), paw_in("Day 3")
    ('contralateral', 'ipsilateral', None)
    >>> paw_in("ipsi and contra")
    """
    words = set(re.findall(r"[a-z]{4,}", title.casefold()))
    found = [paw for paw in ("contralateral", "ipsilateral") if words & set(PAWS[paw])]
    return found[0] if len(found) == 1 else None
