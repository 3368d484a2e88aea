"""Damaged files by the thousand: `make fuzz`; `python tests/fuzz.py --only plates --start 4711 --files 1` replays one.

Sheets of every von Frey layout and format, and plates of every kind with their maps and lists of samples. Each case must end in tables or in findings: no other error, no hang, no memory beyond a gibibyte, no raw
datum without a fate.
"""

from __future__ import annotations

import argparse
import collections
import importlib.util
import resource
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pandas as pd
from hindpaw import study
from hindpaw.findings import Finding, StudyError
from hindpaw.intake import take_in
from hindpaw.simulate import damage

SECONDS = 60
ENDS = ("findings", "refused", "nothing found")
GIBIBYTE_KIB = 1024**2


def outcome(case: damage.Case) -> str:
    """What became of a case, in a word: `findings`, or `refused` as a whole.

    Raises
    ------
    AssertionError
        Where a datum was lost or counted twice.
    """
    refused: list[Finding] = []
    made: dict[str, pd.DataFrame] = {}
    try:
        made = take_in(study.parse(case.study, "s", "s.yaml"), case.files)
    except StudyError as error:
        refused = error.findings
    if not made:
        assert refused, "refused without a word"
        assert all(one.what and one.what_to_do for one in refused), "a finding without advice"
        return "refused"
    ledger = made["ledger"]
    assert ledger["source"].is_unique, "a datum stands twice"
    assert ledger.loc[ledger["fate"] != "used", "reason"].notna().all(), "a fate without a reason"
    used = set(ledger.loc[(ledger["fate"] == "used") & ledger["table"].isin(["trials", "readings"]), "source"])
    assert used == set(made["trials"]["source"]) | set(made["readings"]["source"]), "the books do not balance"
    wells = ledger[ledger["table"] == "wells"]
    assert set(wells.loc[wells["fate"] == "used", "source"]) == set(made["wells"]["source"]), "wells do not balance"
    sources = set(ledger["source"])
    # A sheet or a plate that was set aside as a whole stands in one line.
    aside = any("(" in source for source in sources) or bool(sources & set(case.files))
    lost = [cell for cell in case.data if cell not in sources]
    assert aside or not lost, f"lost: {lost}"
    return "findings" if len(made["findings"]) else "nothing found"


def cases(only: str, seeds: range) -> Iterator[tuple[str, int, damage.Case]]:
    """The cases of each seed, with what they are of."""
    plates = _beside("damaged_plates.py")
    made_up = plates.made_up()
    for seed in seeds:
        if only != "plates":
            yield "sheets", seed, damage.case(seed)
        if only != "sheets":
            yield "plates", seed, plates.case(made_up, plates.KINDS[seed % len(plates.KINDS)], seed)


def _beside(name: str) -> ModuleType:
    """A script of the tests of intake."""
    spec = importlib.util.spec_from_file_location(Path(name).stem, Path(__file__).parent / "intake" / name)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> int:
    """Run the cases; 0 where all end as they must."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=3000, help="damaged files of each kind to make (3000)")
    parser.add_argument("--start", type=int, default=0, help="first seed (0)")
    parser.add_argument("--only", choices=["both", "sheets", "plates"], default="both", help="kind of file (both)")
    given = parser.parse_args()
    ends: collections.Counter[tuple[str, str]] = collections.Counter()
    slowest: tuple[float, str, int] = (0.0, "", 0)
    failed: list[tuple[str, int]] = []

    def hangs(*_: object) -> None:
        raise TimeoutError(f"no end after {SECONDS} s of processor")

    # Processor time: on a busy machine a file may wait longer than it works.
    signal.signal(signal.SIGPROF, hangs)
    for kind, seed, case in cases(given.only, range(given.start, given.start + given.files)):
        begun = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            ends[kind, outcome(case)] += 1
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            failed.append((kind, seed))
            print(f"{kind}, seed {seed} ({case.told}): {type(error).__name__}: {str(error)[:300]}")
            print("".join(traceback.format_tb(error.__traceback__)[-3:]), flush=True)
        signal.setitimer(signal.ITIMER_PROF, 0)
        if sum(ends.values()) % 200 == 0:
            print(f"… {sum(ends.values())} files, seed {seed}", flush=True)
        slowest = max(slowest, (time.process_time() - begun, kind, seed))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for (kind, end), count in sorted(ends.items()):
        print(f"{kind}: {count} ended in {end}")
    print(f"{sum(ends.values()) + len(failed)} files from seed {given.start}, failed: {failed or 'none'}")
    print(
        f"slowest {slowest[0]:.1f} s of processor ({slowest[1]}, seed {slowest[2]}), at most {memory / GIBIBYTE_KIB:.2f} GiB"
    )
    return 1 if failed or memory > GIBIBYTE_KIB else 0


if __name__ == "__main__":
    sys.exit(main())
