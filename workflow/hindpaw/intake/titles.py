"""What the title of a column says: what it holds, of which paw, on which day."""

from __future__ import annotations

import re

from hindpaw.intake.days import BASELINE, date_of, day_of
from hindpaw.intake.words import PAWS

# Words in a title, by what the column holds; the first that fits decides.
ROLES = {
    "animal": r"mouse|mice|animal|\brats?(?:\b|id|no)|\brata|rat[oó]n|subject|ear ?tag|specimen|maus|\btier|souris|\btopo\b|\bratto\b|camundongo|\brato\b",
    "excluded": r"exclud|removed|dropped|ausgeschl|excluid",
    "included": r"includ|accept|keep|analy[sz]ed|valid|incluid",
    "exclusion_reason": r"reason|comment|remark|note|why|grund|bemerk|motivo|observac|coment",
    "left_day": r"left on|died|death|endpoint",
    "last_filament": r"last|final|end(?:ed)? on|x_?f\b|letzt|[úu]ltimo|dernier",
    "first_filament": r"first|start",
    "responses": r"xo|x/o|series|pattern|sequence|responses?|muster|patr[oó]n|respuesta|r[ée]ponse",
    "applications": r"\bn\b|applications|of$|trials",
    "filament": r"filament|hair|force|fiber|fibre|\bhaar",
    "threshold": r"threshold|pwt|mwt|withdraw|50 ?%|schwelle|von ?frey|umbral|seuil|limiar|soglia",
    "day": r"day|time|dpi|date|week|tag\b|datum|zeit|d[ií]as?\b|fecha|data\b|giorno|semana|\bjour|session ?day",
    "arm_code": r"(?:group|arm|treatment|condition)[ _]?(?:id|code|no|nr|number)",
    "arm": r"group|arm\b|treatment|condition|genotype|grupp?[eo]|groupe|tratamiento|tratamento|trattamento|traitement|behandlung|\btx\b|\btrt\b|\bdose\b|\bdosis\b|cohort name",
    "sex": r"\bsexo?\b|gender|geschlecht|\bsexe\b",
    "cage": r"cage|käfig|housing|jaula",
    "cohort": r"cohort|batch|block",
    "paw": r"paw|side|hind|seite|pfote|\bpata|\blado|patte|zampa",
    "tester": r"tester|experimenter|operator|investigator|blinded by|untersucher|experimentador",
    "session": r"session|run|replicate|sesi[oó]n",
    "pool": r"pool",
}
# A title that says no more than that there is a value below.
VALUE = re.compile(
    r"values?|measure(?:ment)?s?|results?|readings?|data|valor(?:es)?|wert|(?:mean |max |peak )?(?:force|grams?|g|gf|mn)\W*(?:\(?(?:g|gf|mn)\)?)?",
    re.IGNORECASE,
)
SIDES = {
    "left": {"left", "l", "lh", "lhp", "links", "gauche", "izq", "izquierda"},
    "right": {"right", "r", "rh", "rhp", "rechts", "droite", "der", "derecha"},
}
OVER_DAYS = re.compile(
    r"\b(?:mean|means|avg|average|auc|sem|sd|std|max|min|sum|total|delta|diff|change|slope)\b|Δ|\bd(?:ay)? ?\d+ ?[-–to]+ ?d?(?:ay)? ?\d",
    re.IGNORECASE,
)
MOMENT = re.compile(
    r"(?:pre|post|before|after)?[- ]?(?:\d+(?:[.,]\d+)? ?(?:h|hrs?|hours?|min|mins|minutes?)|h\d+)\b.*"
    r"|(?:pre|post|before|after|vor|nach|antes|despu[eé]s)(?:[- ]\w+){0,2}",
    re.IGNORECASE,
)


def role_of(title: str) -> str | None:
    """What a column with this title most likely holds.

    >>> [role_of(title) for title in ("Mouse ID", "Operator", "Treat-\\nment", "Umbral (g)", "Body weight")]
    ['animal', 'tester', 'arm', 'threshold', None]
    """
    # A word that a narrow cell breaks in two has a hyphen at the break.
    plain = " ".join(re.sub(r"-\s*\n\s*", "", title).replace("_", " ").split()).casefold()
    return next((role for role, words in ROLES.items() if re.search(words.replace("_", " "), plain)), None)


def side_of(title: str) -> str | None:
    """The side that a title names by a word or letter of its own.

    >>> side_of("Left BL"), side_of("D7_R"), side_of("LHP day 3"), side_of("BL"), side_of("L/R ratio")
    ('left', 'right', 'left', None, None)
    """
    words = _words(title)
    found = [side for side, names in SIDES.items() if names & words]
    return found[0] if len(found) == 1 else None


def _words(title: str) -> set[str]:
    """The words of a title, without case."""
    return {word for word in re.split(r"[\s_()\[\],./:-]+", title.casefold()) if word}


def without_paw(title: str) -> str:
    """A title without the words that say the paw.

    >>> without_paw("Left BL"), without_paw("D7_R"), without_paw("ipsi paw d7"), without_paw("Day -1")
    ('BL', 'D7', 'd7', 'Day -1')
    """
    names = {*SIDES["left"], *SIDES["right"], *PAWS["ipsilateral"], *PAWS["contralateral"], "paw", "hindpaw", "hind"}
    kept = [word for word in re.split(r"[\s_]+", title) if word.strip("()[],.:-").casefold() not in names]
    return " ".join(kept)


def is_baseline(title: str) -> bool:
    """Whether a title begins with a word for baseline, apart from a paw.

    >>> is_baseline("BL (g)"), is_baseline("Left BL"), is_baseline("Blue")
    (True, True, False)
    """
    plain = without_paw(title).casefold()
    return any(re.match(rf"{re.escape(word)}\b", plain) for word in BASELINE)


def is_date(title: str) -> bool:
    """Whether a title is a date, whatever the order of its parts."""
    return date_of(title, "day-first") is not None or date_of(title, "month-first") is not None


def beyond_day(title: str) -> str:
    """What a title says besides paw and day.

    >>> beyond_day("D7 1h"), beyond_day("Left D7 AM"), beyond_day("D7 / T1"), beyond_day("Day 3")
    ('1h', 'AM', 'T1', '')
    """
    plain = re.sub(
        r"\b(?:day|d|tag|d[ií]a|jour|dpi|pod|week|wk|woche|semana)[ .]*[-−]?\d+\b", " ", without_paw(title), flags=re.I
    )
    return " ".join(plain.replace("/", " ").strip(" -–_,;:()").split())


def hours_in(title: str) -> float | None:
    """The hours that a title says, 0 for before.

    >>> hours_in("1h"), hours_in("post 30 min"), hours_in("pre"), hours_in("AM")
    (1.0, 0.5, 0.0, None)
    """
    found = re.search(r"(\d+(?:[.,]\d+)?) ?(h|m)", title, re.IGNORECASE)
    if not found:
        return 0.0 if re.match(r"(?:pre|before|vor|antes)\b", title, re.IGNORECASE) else None
    return float(found[1].replace(",", ".")) / (1.0 if found[2].casefold() == "h" else 60.0)


def is_moment(title: str) -> bool:
    """Whether a title says a time within a day, or one before or after something.

    >>> [is_moment(title) for title in ("2 h", "Post 30 min", "pre-drug", "h24", "Weight", "3")]
    [True, True, True, True, False, False]
    """
    return bool(MOMENT.fullmatch(without_paw(title).strip()))


def day_in(title: str) -> float | None:
    """The day that a title says, if it says one; what is computed over days is of none.

    >>> [day_in(title) for title in ("Mean D3-D7", "AUC d7", "D3 - D14", "Day -1")]
    [None, None, None, -1.0]
    >>> [day_in(title) for title in ("Day 3", "PWT d7 (g)", "Left D7", "POD 14", "wk 2", "BL", "0.07")]
    [3.0, 7.0, 7.0, 14.0, 14.0, None, 0.07]
    """
    plain = without_paw(title)
    said = day_of(plain)
    if OVER_DAYS.search(title):
        return None
    if said is not None or is_moment(title):
        return said
    found = re.search(r"(?:\bday|\bd|\btag|\bd[ií]a|\bjour|\bdpi|\bpod)[ .]*([-−]?\d+)", plain, re.IGNORECASE)
    weeks = re.search(r"(?:\bweek|\bwk|\bwoche|\bsemana|\bwpi)[ .]*(\d+)", plain, re.IGNORECASE)
    if weeks:
        return 7.0 * float(weeks[1])
    return float(found[1].replace("−", "-")) if found else None
