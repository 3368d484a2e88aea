"""One finding: a thing worth knowing about the data, in words a technician can act on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from difflib import get_close_matches

import pandas as pd

from hindpaw import tables

SHOWN = 6


@dataclass(frozen=True, order=True)
class Finding:
    """What was found, where, why it matters and what to do.

    Parameters
    ----------
    check : id of the rule, such as `V1` or `unknown-animal`
    severity : `note`, `warning` or `error`
    room : the room that found it
    what : what was found, one sentence
    why : why it matters
    what_to_do : what the reader should do now
    source : where, as `file!sheet!cell`; several joined by `; `
    evidence : the values it rests on
    reference : where the rule comes from; the audit fills it in from its list of rules
    kind : of the audit's rules, what the severity rests on: `deterministic`, `chance` or `state`
    """

    check: str
    severity: str
    room: str
    what: str
    why: str
    what_to_do: str
    source: str = ""
    evidence: str = ""
    reference: str = ""
    kind: str = ""

    def sentence(self) -> str:
        """The finding as one line for a terminal or a log.

        >>> Finding("V1", "error", "intake", "Not legal.", "No threshold.", "Look it up.", "a!b!C1").sentence()
        'error V1 at a!b!C1: Not legal. No threshold. Look it up.'
        """
        place = f" at {self.source}" if self.source else ""
        return f"{self.severity} {self.check}{place}: {self.what} {self.why} {self.what_to_do}"


class StudyError(Exception):
    """The study file, the config or a whole export cannot be used; carries every finding at once."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = list(findings)
        super().__init__("\n".join(finding.sentence() for finding in self.findings))


def frame_of(findings: Iterable[Finding]) -> pd.DataFrame:
    """The findings as a table, gravest first and otherwise in the order they were found.

    >>> frame_of([]).empty
    True
    """
    rows = [{key: value or None for key, value in asdict(finding).items()} for finding in findings]
    frame = pd.DataFrame(rows, columns=tables.columns(tables.Findings))
    gravest_first = frame[tables.Findings.severity].map(tables.SEVERITIES[::-1].index)
    return tables.shaped(frame.iloc[gravest_first.argsort(kind="stable")], tables.Findings)


def from_frame(frame: pd.DataFrame) -> list[Finding]:
    """The findings a table holds."""
    rows = frame.fillna("").to_dict("records")
    return [Finding(**{str(key): value for key, value in row.items()}) for row in rows]


def several(items: Iterable[object], shown: int = SHOWN) -> str:
    """The first few of many, and how many more there are.

    >>> several(["a", "b", "c", "d"], shown=2)
    'a; b; and 2 more'
    """
    texts = [str(item) for item in items]
    more = [f"and {len(texts) - shown} more"] if len(texts) > shown else []
    return "; ".join(texts[:shown] + more)


def nearest(word: object, valid: Iterable[object]) -> str:
    """What to write instead: the nearest valid spelling, or the list of them.

    >>> nearest("contol", ["control", "treated"])
    'Did you mean "control"?'
    >>> nearest("zzz", ["b", "a"])
    'Valid here: a, b.'
    """
    choices = sorted(str(choice) for choice in valid)
    close = get_close_matches(str(word), choices, n=1)
    return f'Did you mean "{close[0]}"?' if close else f"Valid here: {', '.join(choices) or 'nothing'}."
