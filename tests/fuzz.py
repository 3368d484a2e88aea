"""Damaged files by the thousand: `make fuzz`, or `python tests/fuzz.py --start 4711 --files 1` to replay one.

Each case must end in tables or in findings: no other error, no hang, no memory beyond a gibibyte, no raw
datum without a fate.
"""

from __future__ import annotations

import argparse
import collections
import resource
import signal
import sys
import time
import traceback

import pandas as pd
from hindpaw import study
from hindpaw.findings import Finding, StudyError
from hindpaw.intake import take_in
from hindpaw.simulate import damage

SECONDS = 60
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
    sources = set(ledger["source"])
    aside = any("(" in source for source in sources)
    lost = [cell for cell in case.data if cell not in sources]
    assert aside or not lost, f"lost: {lost}"
    return "findings" if len(made["findings"]) else "nothing found"


def main() -> int:
    """Run the cases; 0 where all end as they must."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=5000, help="damaged files to make (5000)")
    parser.add_argument("--start", type=int, default=0, help="first seed (0)")
    given = parser.parse_args()
    ends: collections.Counter[str] = collections.Counter()
    slowest: tuple[float, int] = (0.0, 0)
    failed: list[int] = []

    def hangs(*_: object) -> None:
        raise TimeoutError(f"no end after {SECONDS} s")

    signal.signal(signal.SIGALRM, hangs)
    for seed in range(given.start, given.start + given.files):
        begun = time.monotonic()
        case = damage.case(seed)
        signal.alarm(SECONDS)
        try:
            ends[outcome(case)] += 1
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            failed.append(seed)
            print(f"seed {seed} ({case.told}): {type(error).__name__}: {str(error)[:300]}")
            print("".join(traceback.format_tb(error.__traceback__)[-3:]))
        signal.alarm(0)
        slowest = max(slowest, (time.monotonic() - begun, seed))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{given.files} files from seed {given.start}: {dict(ends)}, failed: {failed or 'none'}")
    print(f"slowest {slowest[0]:.1f} s (seed {slowest[1]}), at most {memory / GIBIBYTE_KIB:.2f} GiB")
    return 1 if failed or memory > GIBIBYTE_KIB else 0


if __name__ == "__main__":
    sys.exit(main())
