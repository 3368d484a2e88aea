"""The tables that intake makes, one row a thing that stands in a raw file."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from hindpaw.tables.kinds import (
    CENSORED,
    GROUNDS,
    LEDGER_FATES,
    PAWS,
    PROTOCOLS,
    READINGS,
    ROLES,
    SEVERITIES,
    SOURCE,
    Table,
    quantity,
    words,
)


class Animals(Table):
    """One animal of the allocation list."""

    source: Series[str] = words(SOURCE)
    animal: Series[str] = words("the animal's id as the lab writes it")
    arm: Series[str] = words("key of the arm in the study file", empty=True)
    sex: Series[str] = words("female, male or as written", empty=True)
    cage: Series[str] = words("home cage", empty=True)
    cohort: Series[str] = words("batch, cohort or block", empty=True)
    pool: Series[str] = words("pool that the animal's sample went into", empty=True)
    excluded: Series[bool] = pa.Field(description="whether the lab excluded the animal")
    exclusion_reason: Series[str] = words("why, in the lab's words", empty=True)
    left_day: Series[float] = quantity("last day in the study, where it left early", empty=True)
    left_reason: Series[str] = words("why it left: died, CSF collected", empty=True)


class Exports(Table):
    """One raw file of the study."""

    file: Series[str] = words("name in the study's data folder")
    size_bytes: Series[int] = pa.Field(ge=0, description="size")
    sha256: Series[str] = words("digest of the content")


class Filaments(Table):
    """One filament of a set in use."""

    source: Series[str] = words("shipped set, or the cell of the lab's own table")
    filaments: Series[str] = words("the set's name")
    position: Series[int] = pa.Field(ge=1, description="1 is the lightest")
    handle: Series[float] = quantity("evaluator number on the handle, log10(10 × force in mg)")
    nominal_g: Series[float] = quantity("marked bending force, g", gt=0)
    force_g: Series[float] = quantity("force the analysis uses, g", gt=0)


class Trials(Table):
    """One application of one filament."""

    source: Series[str] = words(SOURCE)
    animal: Series[str] = words("the animal's id")
    day: Series[float] = quantity("days since injury")
    session: Series[str] = words("session within the day", empty=True)
    tester: Series[str] = words("who tested", empty=True)
    paw: Series[str] = words("side relative to the injury", isin=PAWS)
    protocol: Series[str] = words("how the filament was chosen", isin=PROTOCOLS)
    order: Series[int] = pa.Field(ge=1, description="1 is the first application; says nothing where it is not known")
    filaments: Series[str] = words("name of the filament set")
    filament_g: Series[float] = quantity("force applied, g", gt=0)
    response: Series[str] = words("X withdrew, O did not", isin=["X", "O"])


class Readings(Table):
    """One threshold that the lab computed or a device read."""

    source: Series[str] = words(SOURCE)
    animal: Series[str] = words("the animal's id")
    day: Series[float] = quantity("days since injury")
    session: Series[str] = words("session within the day", empty=True)
    tester: Series[str] = words("who tested", empty=True)
    paw: Series[str] = words("side relative to the injury", isin=PAWS)
    kind: Series[str] = words("a threshold the lab computed, or one reading of a device", isin=READINGS)
    threshold_g: Series[float] = quantity("threshold as handed over, or its bound, g", gt=0)
    censored: Series[str] = words("left for < x, right for > x", isin=CENSORED)


class Wells(Table):
    """One well and analyte of a plate."""

    source: Series[str] = words(SOURCE)
    plate: Series[str] = words("plate name")
    well: Series[str] = words("well, A1 to P24")
    analyte: Series[str] = words("what was measured")
    role: Series[str] = words("what the well holds", isin=ROLES)
    sample: Series[str] = words("sample id", empty=True)
    animal: Series[str] = words("the animal the sample came from", empty=True)
    pool: Series[str] = words("pool of several animals", empty=True)
    day: Series[float] = quantity("days since injury", empty=True)
    matrix: Series[str] = words("CSF, DRG lysate, medium", empty=True)
    activation: Series[str] = words("active or total (acid-activated)", empty=True)
    csf_volume_ul: Series[float] = quantity("volume collected, µl", empty=True, gt=0)
    nominal_pg_per_ml: Series[float] = quantity("a standard's concentration, pg/ml", empty=True, ge=0)
    dilution: Series[float] = quantity("factor by which the sample was diluted, 20 for 1:20", empty=True, gt=0)
    signal: Series[float] = quantity("optical density or median fluorescence", empty=True)
    signal_censored: Series[str] = words(
        "right where the reader's range was exceeded, left where it was not reached; empty for a signal",
        empty=True,
        isin=["left", "right"],
    )
    subtracted: Series[str] = words("what the signal is less of: 570 nm, blank; empty for nothing", empty=True)
    bead_count: Series[float] = quantity("beads counted in the well", empty=True, ge=0)
    flag: Series[str] = words("the export's own flag, kept as written", empty=True)
    reported_pg_per_ml: Series[float] = quantity(
        "concentration the export itself states, pg/ml (some programs include the dilution)", empty=True
    )
    reported_censored: Series[str] = words(
        "whether the export calls it in range (none), below (left), above (right) or outside (interval); "
        "empty where it states none",
        empty=True,
        isin=CENSORED,
    )
    reported_limit_pg_per_ml: Series[float] = quantity("the x of the export's < x or > x, pg/ml", empty=True)
    reported_flag: Series[str] = words("the export's words on its concentration: < 6.4, OOR <, *12.3, ---", empty=True)


class Counts(Table):
    """One count of cells (or the like) at a place."""

    source: Series[str] = words(SOURCE)
    animal: Series[str] = words("the animal's id")
    day: Series[float] = quantity("days since injury")
    target: Series[str] = words("what was counted")
    place: Series[str] = words("where: ganglion, section", empty=True)
    distance_um: Series[float] = quantity("distance from the reference, µm", empty=True, ge=0)
    count: Series[int] = pa.Field(ge=0, description="how many")


class Findings(Table):
    """One thing worth knowing."""

    check: Series[str] = words("id of the rule")
    severity: Series[str] = words("how grave", isin=SEVERITIES)
    room: Series[str] = words("which room found it")
    source: Series[str] = words(SOURCE, empty=True)
    what: Series[str] = words("what was found")
    evidence: Series[str] = words("the values it rests on", empty=True)
    why: Series[str] = words("why it matters")
    what_to_do: Series[str] = words("what to do about it")
    reference: Series[str] = words("where the rule comes from, with DOI", empty=True)
    kind: Series[str] = words("of the audit's rules, what the severity rests on", empty=True, isin=GROUNDS)


class Ledger(Table):
    """One raw datum (a string, a reading, a well, a count) and its one fate."""

    source: Series[str] = words("the datum's cell; each stands here once", empty=False)
    fate: Series[str] = words("what became of it", isin=LEDGER_FATES)
    reason: Series[str] = words("why, unless used", empty=True)
    table: Series[str] = words("the table it belongs to")
    animal: Series[str] = words("the animal it is of, as far as it is known", empty=True)
    day: Series[float] = quantity("days since injury, as far as it is known", empty=True)
    paw: Series[str] = words("side relative to the injury, of von Frey data", empty=True)
