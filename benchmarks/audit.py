"""How often the audit speaks on clean studies, and how well the lattice test finds typing errors.

Two arms of five to eight simulated mice (`hindpaw.simulate.small`), at the level of intake's tables.

- `rules`: thresholds by measure's own estimator; every rule that needs no model and no plate.
- `rooms`: the same and an ELISA plate through the whole rooms measure, model and audit (ten times slower).

Resampling is left out of both: its rules (S8, half of S9) can only give notes.

    python benchmarks/audit.py --rules 2000 --rooms 200 --values 2000 --seed 1
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import time
from collections import Counter
from collections.abc import Callable

import numpy as np
import pandas as pd
from hindpaw import tables
from hindpaw.audit import audit, legal, plan
from hindpaw.audit.lattice import decimals_of, impossible, lattice, near
from hindpaw.audit.roster import fired
from hindpaw.audit.rulebook import completed
from hindpaw.filaments import shipped
from hindpaw.findings import Finding, from_frame
from hindpaw.measure import outcomes, threshold
from hindpaw.measure.updown import dixon_k
from hindpaw.model import answers
from hindpaw.simulate.behaviour import START, series
from hindpaw.simulate.small import FILAMENTS, clean, described, frames
from hindpaw.study import Study

LEFT_OUT = ("equivalence", "influence", "randomization", "tipping")
EFFECTS = (0.0, 0.3)
# Findings of intake, measure and model have no kind; there should be none.
KINDS = ("deterministic", "chance", "state", "")


def locked() -> Study:
    """The study file with its plan locked."""
    study = described()
    return dataclasses.replace(study, lock=plan.written(study, datetime.datetime(2026, 1, 5, tzinfo=datetime.UTC), []))


def interval(k: int, n: int) -> str:
    """The share with its Clopper–Pearson interval."""
    from scipy import stats

    low = stats.beta.ppf(0.025, k, n - k + 1) if k else 0.0
    high = stats.beta.ppf(0.975, k + 1, n - k) if k < n else 1.0
    return f"{100 * k / n:.2f} % ({100 * low:.2f} to {100 * high:.2f})"


def computed(rng: np.random.Generator, thresholds: pd.DataFrame) -> pd.DataFrame:
    """The thresholds of the series as the lab would print them, for rules that compare the two."""
    exact = thresholds[(thresholds["censored"] == "none") & (thresholds["method"] == "dixon")]
    decimals = int(rng.integers(2, 5))
    frame = exact.reset_index(drop=True).assign(
        kind="threshold", threshold_g=lambda rows: rows["threshold_g"].round(decimals)
    )
    frame["source"] = [f"thresholds.csv!!C{place + 2}" for place in range(len(frame))]
    return tables.shaped(frame.reindex(columns=tables.columns(tables.Readings)), tables.Readings)


def of_rooms(seed: int) -> list[Finding]:
    """What the audit says of one clean study that went through the rooms."""
    rng = np.random.default_rng([seed, 7])
    study = locked()
    made = clean(rng, EFFECTS[seed % 2])
    made |= outcomes(study, **{name: made[name] for name in ("animals", "filaments", "trials", "readings", "wells")})
    made |= answers(study, made["thresholds"], made["concentrations"], made["animals"], made["counts"], seed=seed)
    made |= {name: tables.empty(tables.TABLES[name]) for name in LEFT_OUT}
    made["readings"] = pd.concat([made["readings"], computed(rng, made["thresholds"])], ignore_index=True)
    return from_frame(audit(study, **made)["findings"])


def of_rules(seed: int) -> list[Finding]:
    """What the rules say of one clean study that need neither plates nor models."""
    rng = np.random.default_rng([seed, 11])
    study = locked()
    made = {name: tables.empty(model) for name, model in tables.TABLES.items()} | frames(rng, EFFECTS[seed % 2])
    made["wells"] = tables.empty(tables.Wells)
    made["thresholds"] = estimated(study, made)
    made["ledger"] = made["ledger"][made["ledger"]["table"] == "trials"]
    made["fates"] = made["ledger"][["source"]].assign(fate="estimated", reason=None)
    made["readings"] = pd.concat([made["readings"], computed(rng, made["thresholds"])], ignore_index=True)
    printed = lattice(study, made["readings"], made["filaments"], made["claims"], made["claim_groups"])
    return list(completed([*fired(study, made), *impossible(printed)]))


def estimated(study: Study, made: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The table `thresholds` of the series, by the estimator of measure."""
    known = shipped(FILAMENTS)
    place = {force: position for position, force in enumerate(known.force_g, 1)}
    arm = made["animals"].set_index("animal")["arm"]
    rows = []
    keys = ["source", "animal", "day", "paw", "tester"]
    for key, mine in made["trials"].groupby(keys, sort=False):
        responses = "".join(mine["response"])
        found = threshold(responses, place[mine["filament_g"].iloc[-1]], known)
        value = float("nan") if found.log10_g is None else found.log10_g
        rows.append(
            dict(zip(keys, key, strict=True))
            | {"arm": arm[key[1]], "week": study.days.week(key[2]), "method": "dixon", "n_trials": len(responses)}
            | {
                "log10_threshold": value,
                "threshold_g": 10**value,
                "se_log10": found.se_log10,
                "censored": found.censored,
            }
            | {"lower_g": found.lower_g, "upper_g": found.upper_g}
        )
    frame = pd.DataFrame(rows).reindex(columns=tables.columns(tables.Thresholds))
    return frame.astype({"lower_g": float, "upper_g": float})


def clean_studies(name: str, one: Callable[[int], list[Finding]], n: int, seed: int) -> None:
    """The shares of studies in which each rule spoke, by kind and severity; told again every 500 studies."""
    began = time.process_time()
    said: Counter[tuple[str, str, str]] = Counter()
    examples: dict[str, str] = {}
    for number in range(1, n + 1):
        found = one(seed + number - 1)
        said.update({(finding.kind, finding.check, finding.severity) for finding in found})
        said.update(of_all(found))
        for finding in found:
            if finding.severity != "note":
                examples.setdefault(finding.check, f"study {seed + number - 1}: {finding.what} {finding.evidence}")
        if number % 500 == 0 or number == n:
            seconds = (time.process_time() - began) / number
            print(
                f"{name}: {number} clean studies (seeds {seed} to {seed + number - 1}), {seconds:.2f} s of processor each"
            )
            print(shares(said, number), flush=True)
    for check, text in sorted(examples.items()):
        print(f"# {check}: {text}")


def of_all(found: list[Finding]) -> set[tuple[str, str, str]]:
    """The sums to which a study counts: any warning or error of a kind, and of them all."""
    grave = {finding.kind for finding in found if finding.severity != "note"}
    return {(kind, "any", "warning or error") for kind in (grave | {"all"} if grave else set())}


def shares(said: Counter[tuple[str, str, str]], n: int) -> str:
    """The table of shares, kind after kind; the sums stand there even where they are none."""
    always = [(kind, "any", "warning or error") for kind in (*KINDS[:-1], "all")]
    ordered = sorted({*said, *always}, key=lambda key: ((*KINDS, "all").index(key[0]), key[1] == "any", key))
    lines = [f"| {' | '.join(key)} | {said[key]} | {interval(said[key], n)} |" for key in ordered]
    return "\n".join(["| kind | rule | severity | studies | share (95 % interval) |", "|---|---|---|---|---|", *lines])


def typing_errors(n: int, seed: int) -> None:
    """False alarms of the lattice test and typing errors found, by set, convention, decimals and kind of error."""
    rng = np.random.default_rng(seed)
    print(
        "| set | decimals | power | false alarms | digit changed | digits exchanged | decimal lost |\n|---|---|---|---|---|---|---|"
    )
    for name in ("mouse-9", "mouse-8", "rat-8"):
        start = {"mouse-9": START, "mouse-8": 4, "rat-8": 4}[name]
        ways = {
            (scale, way): np.array(values)
            for scale in ("handle", "nominal")
            for way, values in legal.points(shipped(name, scale).force_g, start, 4).items()
        }
        every = np.unique(np.concatenate(list(ways.values())))
        for decimals in (2, 3, 4):
            wrong: Counter[str] = Counter()
            tried: Counter[str] = Counter()
            for _ in range(n):
                value = printed_by_a_lab(rng, name, start)
                printed = round(value or 0.0, decimals)
                if printed == 0:
                    continue
                tried["false"] += 1
                wrong["false"] += not near(printed, decimals_of(printed), every)
                for kind, value in mistyped(rng, printed, decimals).items():
                    if value > 0 and value != printed:
                        tried[kind] += 1
                        wrong[kind] += not near(value, decimals_of(value), every)
            scale = 10**decimals
            power = 1 - len(np.unique(np.round(every * scale))) / (
                round(every[-1] * scale) - round(every[0] * scale) + 1
            )
            shares = [f"{wrong['false']} of {tried['false']}"] + [
                f"{100 * wrong[kind] / max(tried[kind], 1):.0f} %" for kind in ("changed", "exchanged", "lost")
            ]
            print(f"| {name} | {decimals} | {100 * power:.0f} % | {' | '.join(shares)} |")


def printed_by_a_lab(rng: np.random.Generator, name: str, start: int) -> float | None:
    """The threshold of a simulated series by measure's own code, under a convention drawn at random; None for a bound."""
    known = shipped(name, str(rng.choice(["handle", "nominal"])))
    log10_g = rng.uniform(known.log10_force[0], known.log10_force[-1])
    responses, last = series(rng, log10_g, known, start)
    way = rng.choice(["dixon", "exact", "table"])
    if way != "table":
        found = threshold(responses, last, known, str(way)).log10_g
        return None if found is None else 10**found
    if len(set(responses)) == 1:
        return None
    # As calculators do: k to three decimals, the step as printed, the last filament.
    k, step = round(dixon_k(responses)[0], 3), round(known.step, int(rng.choice([3, 4])))
    return float(10 ** (known.log10_force[last - 1] + k * step))


def mistyped(rng: np.random.Generator, printed: float, decimals: int) -> dict[str, float]:
    """The number with one digit changed, two neighbours exchanged, and the decimal point lost by one place."""
    text = f"{printed:.{decimals}f}"
    digits = [place for place, letter in enumerate(text) if letter.isdigit() and place >= len(text) - decimals - 1]
    place = digits[rng.integers(len(digits))]
    changed = text[:place] + str((int(text[place]) + int(rng.integers(1, 10))) % 10) + text[place + 1 :]
    one = digits[-2] if len(digits) > 2 else digits[0]
    pair = text[:one] + text[digits[-1]] + text[one] if one == len(text) - 2 else text
    return {"changed": float(changed), "exchanged": float(pair), "lost": round(printed * 10, decimals)}


def main() -> None:
    """All tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", type=int, default=200)
    parser.add_argument("--rooms", type=int, default=20)
    parser.add_argument("--values", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    typing_errors(given.values, given.seed)
    clean_studies("rules", of_rules, given.rules, given.seed)
    clean_studies("rooms", of_rooms, given.rooms, given.seed)


if __name__ == "__main__":
    main()
