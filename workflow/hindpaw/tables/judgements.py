"""The tables that audit makes beside verdicts and findings: the lattice test, the flow of animals, ARRIVE."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from hindpaw.tables.kinds import ARRIVE_STATES, FLOW_STAGES, LATTICE_ANSWERS, PAWS, SOURCE, Table, quantity, words


class Lattice(Table):
    """One printed threshold, or printed mean, against the thresholds a filament set can give."""

    source: Series[str] = words(SOURCE)
    what: Series[str] = words("animal × day, or the claim, it was printed for")
    filaments: Series[str] = words("name of the filament set, or of several joined by ' + '")
    printed_g: Series[float] = quantity("as printed, g", gt=0)
    decimals: Series[int] = pa.Field(ge=0, description="decimals it is judged at: those printed, at most 12")
    n: Series[int] = pa.Field(ge=1, description="animals behind it; 1 for a single threshold")
    possible: Series[str] = words("whether some legal series (or mean of n) gives it", isin=LATTICE_ANSWERS)
    conventions: Series[str] = words("conventions that give it: handle or nominal force, dixon or exact", empty=True)
    nearest_g: Series[float] = quantity("nearest possible value, g", empty=True, gt=0)
    power: Series[float] = quantity("share of the values printable at these decimals that are impossible", ge=0)
    note: Series[str] = words("what to know", empty=True)


class Flow(Table):
    """How many animals of one arm stand at one stage, in the manner of a CONSORT diagram."""

    arm: Series[str] = words("key of the arm; empty for animals in no arm", empty=True)
    stage: Series[str] = words("what became of them", isin=FLOW_STAGES)
    paw: Series[str] = words("which paw; empty where the stage is of whole animals", empty=True, isin=PAWS)
    day: Series[float] = quantity("test day, days since injury; for `left` the last day; empty before", empty=True)
    question: Series[str] = words("for `analysed`, key of the question", empty=True)
    n: Series[int] = pa.Field(ge=0, description="animals")
    reason: Series[str] = words("why excluded, left or set aside, in the lab's or the ledger's words", empty=True)
    animals: Series[str] = words("their ids, joined by '; '; empty for `allocated` and `tested`", empty=True)


class Arrive(Table):
    """One item of the ARRIVE 2.0 Essential 10 (doi 10.1371/journal.pbio.3000410)."""

    item: Series[str] = words("number of the item, such as 2a")
    topic: Series[str] = words("what it is about")
    asks: Series[str] = words("what it asks, in our words")
    state: Series[str] = words("how far data and study file answer it", isin=ARRIVE_STATES)
    found: Series[str] = words("what they say", empty=True)
    to_write: Series[str] = words("what a person must still write", empty=True)
