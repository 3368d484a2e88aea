"""A small clean study as intake's tables, made without files: what the audit's rules must be silent on.

Two arms of five to eight mice, dealt within cohort and sex, mixed cages, a tester who tests every mouse of a day; up-down
series of the injured paw, thresholds that the lab computed (or a device read) of the other, and one ELISA plate. Some
mice leave early, for reasons that have nothing to do with pain. All of it is simulated.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from hindpaw import filaments, study, tables
from hindpaw.simulate.behaviour import series
from hindpaw.study import Study

DAYS = (-1.0, 3.0, 5.0, 8.0, 12.0, 19.0, 26.0)
TREATMENT = 4
START = 5
FILAMENTS = "mouse-9"
STANDARDS = (2000.0, 1000.0, 500.0, 250.0, 125.0, 62.5, 31.25)
CURVE = (0.06, 1.1, 420.0, 2.7)
DOCUMENT: dict[str, Any] = {
    "title": "A small clean study (simulated)",
    "simulated": True,
    "animals": {"file": "animals.csv", "columns": {"animal": "id", "arm": "arm"}},
    "randomization": {"unit": "animal", "blocks": ["cohort", "sex"]},
    "arms": {"vehicle": {"label": "vehicle", "role": "control"}, "drug": {"label": "drug"}},
    "days": {"baseline": -1, "injury": 0, "treatment": TREATMENT},
    "von_frey": [
        {
            "file": "series.csv",
            "layout": "up-down-strings",
            "filaments": FILAMENTS,
            "start": START,
            "columns": {"animal": "id", "day": "day", "responses": "xo", "last_filament": "last"},
        },
        {
            "file": "thresholds.csv",
            "layout": "thresholds",
            "filaments": FILAMENTS,
            "start": START,
            "columns": {"animal": "id", "day": "day", "threshold": "g"},
        },
    ],
    "plates": [{"file": "plate.csv", "layout": "softmax", "analyte": "TGF-β1"}],
    "assay": {"bootstrap": 0},
    "questions": {
        "relief": {"outcome": "threshold", "treated": "drug", "control": "vehicle"},
        "tgfb1": {"outcome": "TGF-β1", "treated": "drug", "control": "vehicle", "day": DAYS[-1]},
    },
    "arrive": {"5": "The tester did not know the arms."},
}


def described(**changes: Any) -> Study:
    """The study file, with some of its keys changed."""
    return study.parse(json.dumps(DOCUMENT | changes), "small", "small.yaml")


def clean(rng: np.random.Generator, effect: float = 0.0) -> dict[str, pd.DataFrame]:
    """Intake's tables of one study.

    Parameters
    ----------
    rng : makes everything
    effect : what the drug adds to the log10 threshold of an injured mouse
    """
    return {name: tables.shaped(frame, tables.TABLES[name]) for name, frame in frames(rng, effect).items()}


def frames(rng: np.random.Generator, effect: float = 0.0) -> dict[str, pd.DataFrame]:
    """The same as `clean`, not checked against the tables' models: that takes longer than making them."""
    animals = _animals(rng)
    sd_mouse, sd_day = rng.uniform(0.05, 0.2), rng.uniform(0.05, 0.15)
    true = _true(rng, animals, effect, sd_mouse, sd_day)
    made = {
        "animals": animals,
        "filaments": _filaments(),
        "trials": _series(rng, true[true["paw"] == "ipsilateral"]),
        "readings": _given(rng, true[true["paw"] == "contralateral"]),
        "wells": _wells(rng, animals),
    }
    whole = {name: _whole(name, frame) for name, frame in made.items()}
    empty = ("counts", "claims", "claim_groups", "analyses", "findings", "exports")
    return whole | {name: tables.empty(tables.TABLES[name]) for name in empty} | {"ledger": _ledger(whole)}


def _whole(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every column of its table, those that are left out empty."""
    return frame.reindex(columns=tables.columns(tables.TABLES[name]))


def _animals(rng: np.random.Generator) -> pd.DataFrame:
    """The allocation: arms dealt within cohort and sex, so that every cage (of one cohort and sex) holds both arms."""
    rows: list[dict[str, Any]] = []
    for cohort, n in (("one", int(rng.integers(3, 5))), ("two", int(rng.integers(2, 5)))):
        arms = ["vehicle", "drug"] * n
        for sex, dealt in (("female", rng.permutation(arms[:n])), ("male", rng.permutation(arms[n:]))):
            for arm in dealt:
                left = float(rng.choice(DAYS[3:-1])) if rng.random() < 0.04 else None
                rows.append(
                    {
                        "source": f"animals.csv!!A{len(rows) + 2}",
                        "animal": f"M{len(rows) + 1:02d}",
                        "arm": str(arm),
                        "sex": sex,
                        "cage": f"{cohort} {sex}",
                        "cohort": cohort,
                        "excluded": False,
                        "left_day": left,
                        "left_reason": None if left is None else "wounds from fighting",
                    }
                )
    return pd.DataFrame(rows)


def _true(
    rng: np.random.Generator, animals: pd.DataFrame, effect: float, sd_mouse: float, sd_day: float
) -> pd.DataFrame:
    """The true log10 threshold of each mouse, day and paw."""
    rows = []
    for mouse in animals.itertuples():
        own = rng.normal(0, sd_mouse)
        for number, day in enumerate(DAYS):
            if mouse.left_day == mouse.left_day and mouse.left_day is not None and day > mouse.left_day:
                continue
            for paw in ("ipsilateral", "contralateral"):
                hurt = -0.6 if paw == "ipsilateral" and day > 0 else 0.0
                relief = effect if hurt and mouse.arm == "drug" and day > TREATMENT else 0.0
                value = hurt + relief + own + rng.normal(0, sd_day)
                rows.append(
                    {"animal": mouse.animal, "day": day, "paw": paw, "tester": ("KL", "RS")[number % 2], "value": value}
                )
    return pd.DataFrame(rows)


def _series(rng: np.random.Generator, true: pd.DataFrame) -> pd.DataFrame:
    """Up-down series, one row an application."""
    known = filaments.shipped(FILAMENTS)
    rows = []
    for place, mouse in enumerate(true.itertuples()):
        responses, last = series(rng, mouse.value, known)
        walked = filaments.replay(responses, last)
        for order, (response, position) in enumerate(zip(responses, walked, strict=True), 1):
            rows.append(
                {
                    "source": f"series.csv!!C{place + 2}",
                    **{name: getattr(mouse, name) for name in ("animal", "day", "paw", "tester")},
                    "protocol": "up-down",
                    "order": order,
                    "filaments": FILAMENTS,
                    "filament_g": known.force_g[position - 1],
                    "response": response,
                }
            )
    return pd.DataFrame(rows)


def _given(rng: np.random.Generator, true: pd.DataFrame) -> pd.DataFrame:
    """The other paw: by a device in half of the studies, else nothing here (`thresholds` are added by who measures)."""
    device = rng.random() < 0.5
    rows = [
        {
            "source": f"{'device' if device else 'thresholds'}.csv!!C{2 + 3 * place + trial}",
            **{name: getattr(mouse, name) for name in ("animal", "day", "paw", "tester")},
            "kind": "device",
            "threshold_g": round(float(10 ** (mouse.value + 0.6 + rng.normal(0, 0.1))), 2),
            "censored": "none",
        }
        for place, mouse in enumerate(true.itertuples())
        for trial in range(3)
        if device
    ]
    return pd.DataFrame(rows)


def _wells(rng: np.random.Generator, animals: pd.DataFrame) -> pd.DataFrame:
    """One ELISA plate: standards and blanks in the first columns, samples in duplicate, dealt over the rest."""
    a, b, c, d = CURVE

    def signal(pg_per_ml: float) -> float:
        ideal = d + (a - d) / (1 + (pg_per_ml / c) ** b)
        return round(float(ideal * (1 + rng.normal(0, 0.03))), 4)

    common = {"plate": "plate", "analyte": "TGF-β1", "matrix": "CSF", "activation": "total"}
    rows: list[dict[str, Any]] = []
    for column in (1, 2):
        for place, nominal in enumerate((*STANDARDS, 0.0)):
            role = "standard" if nominal else "blank"
            rows.append(
                common
                | {
                    "well": f"{'ABCDEFGH'[place]}{column}",
                    "role": role,
                    "nominal_pg_per_ml": nominal,
                    "signal": signal(nominal),
                }
            )
    places = rng.permutation([f"{row}{column}" for row in "ABCDEFGH" for column in range(3, 13)]).tolist()
    for mouse in animals[animals["left_day"].isna()].itertuples():
        inside = 10 ** rng.normal(2.3, 0.1)
        for _ in range(2):
            sample = {
                "role": "sample",
                "sample": mouse.animal,
                "animal": mouse.animal,
                "day": DAYS[-1],
                "dilution": 10.0,
            }
            rows.append(common | sample | {"well": places.pop(), "csf_volume_ul": 8.0, "signal": signal(inside)})
    frame = pd.DataFrame(rows)
    return frame.assign(source=[f"plate.csv!!{well}" for well in frame["well"]])


def _filaments() -> pd.DataFrame:
    """The filament set."""
    known = filaments.shipped(FILAMENTS)
    columns = {"handle": known.handles, "nominal_g": known.nominal_g, "force_g": known.force_g}
    return pd.DataFrame(columns).assign(source="shipped", filaments=FILAMENTS, position=range(1, len(known) + 1))


def _ledger(made: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Every datum, used."""
    parts = [
        made[name]
        .drop_duplicates("source")
        .reindex(columns=["source", "animal", "day", "paw"])
        .assign(table=name, fate="used")
        for name in ("trials", "readings", "wells")
    ]
    return _whole("ledger", pd.concat([part for part in parts if len(part)], ignore_index=True))
