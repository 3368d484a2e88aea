"""Speed and memory of intake on long tables of simulated mice: thresholds, and series of X and O.

python benchmarks/intake.py             100 000 and 1 000 000 rows of each
python benchmarks/intake.py series 5000 one table
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

import numpy as np
from hindpaw import filaments, study
from hindpaw.intake import take_in
from hindpaw.simulate import behaviour

ANIMALS = 2000
STUDY = """
title: Simulated long table
animals: {file: animals.csv, columns: {animal: Mouse, arm: Group}}
arms: {vehicle: {label: Vehicle, role: control}, drug: {label: Drug}}
days: {treatment: 0}
von_frey: [{file: long.csv, COLUMNS}]
"""
COLUMNS = {
    "thresholds": "layout: thresholds, columns: {animal: M, day: D, threshold: g}",
    "series": "layout: up-down-strings, start: 5, columns: {animal: M, day: D, responses: XO, last_filament: L}",
}
HEADERS = {"thresholds": "M;D;g", "series": "M;D;XO;L"}


def exports(kind: str, rows: int) -> dict[str, bytes]:
    """The allocation list and a long table of 300 different values, semicolons between cells."""
    rng = np.random.default_rng(1)
    if kind == "thresholds":
        cells = [f"{value:.4f}" for value in 10 ** rng.uniform(-1.5, 0.6, 300)]
    else:
        known = filaments.shipped("mouse-9")
        cells = ["{};{}".format(*behaviour.series(rng, -0.2, known)) for _ in range(300)]
    lines = [f"M{n % ANIMALS};{n // ANIMALS};{cells[one]}" for n, one in enumerate(rng.integers(0, 300, rows))]
    mice = [f"M{n};{'Vehicle' if n % 2 else 'Drug'}" for n in range(ANIMALS)]
    files = {"animals.csv": ["Mouse;Group", *mice], "long.csv": [HEADERS[kind], *lines]}
    return {name: "\n".join(content).encode() for name, content in files.items()}


def one(kind: str, rows: int) -> None:
    """Take one table in and print what it cost."""
    described = study.parse(STUDY.replace("COLUMNS", COLUMNS[kind]), "simulated", "simulated.yaml")
    files = exports(kind, rows)
    start = time.process_time()
    used = (take_in(described, files)["ledger"]["fate"] == "used").sum()
    spent = time.process_time() - start
    # Linux counts kibibytes, macOS bytes.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**3 if sys.platform == "darwin" else 1024**2)
    told = f"{kind:10} {rows:9,} rows, {used:9,} used: {spent:6.2f} s of processor, {rows / spent:9,.0f} rows/s"
    print(f"{told}, at most {peak:.2f} GiB", flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        one(sys.argv[1], int(sys.argv[2]))
    else:
        # A process each: peak memory is a process's own.
        for kind in COLUMNS:
            for rows in (100_000, 1_000_000):
                subprocess.run([sys.executable, __file__, kind, str(rows)], check=True)
