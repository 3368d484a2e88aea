"""Faults to plant in small clean tables, rule by rule, and near misses that must stay silent.

Each fault and near miss is a function without arguments that gives the findings of the rule it is for.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterable
from itertools import product

import numpy as np
import pandas as pd
from hindpaw import tables
from hindpaw.audit import (
    accounts,
    allocation,
    assay,
    balance,
    behaviour,
    copies,
    design,
    inference,
    lattice,
    legal,
    outliers,
    plan,
    plates,
    series,
    statistics,
    variants,
)
from hindpaw.filaments import shipped
from hindpaw.findings import Finding
from hindpaw.simulate.small import FILAMENTS, described, frames
from hindpaw.study import Study

Plant = Callable[[], Iterable[Finding]]
STUDY = described()
DAYS = (-1.0, 3.0, 5.0, 8.0, 12.0, 19.0, 26.0)
CLEAN = frames(np.random.default_rng([1, 2]))


def table(name: str, rows: object) -> pd.DataFrame:
    """Rows as a table, columns that are left out empty."""
    model = tables.TABLES[name]
    return tables.shaped(pd.DataFrame(rows).reindex(columns=tables.columns(model)), model)


def mice(n: int = 6, **columns: object) -> pd.DataFrame:
    """An allocation list of two arms of n; extra columns are functions of arm and number, or constants."""
    rows = [
        {"source": f"a!!A{place}", "animal": f"{arm[0]}{number}", "arm": arm, "excluded": False}
        | {name: made(arm, number) if callable(made) else made for name, made in columns.items()}
        for place, (arm, number) in enumerate(product(("vehicle", "drug"), range(n)))
    ]
    return table("animals", rows)


def thresholds(value: Callable[[str, int, float], float], n: int = 6, days: Iterable[float] = DAYS, seed: int = 0, sd: float = 0.05, **columns: object) -> pd.DataFrame:  # fmt: skip
    """Thresholds of two arms of n: what `value` says of arm, number and day, and noise; a NaN is no row."""
    rng = np.random.default_rng(seed)
    rows = []
    for arm, number, day in product(("vehicle", "drug"), range(n), days):
        log10 = value(arm, number, day) + rng.normal(0, sd)
        if not np.isnan(log10):
            said = {name: made(arm, number, day) if callable(made) else made for name, made in columns.items()}
            rows.append(
                dict(source=f"s!{arm}!{number}-{day}", animal=f"{arm[0]}{number}", arm=arm, day=day, week=STUDY.days.week(day),
                     paw="ipsilateral", log10_threshold=log10, threshold_g=10**log10, censored="none", method="dixon", n_trials=6)
                | said
            )  # fmt: skip
    return table("thresholds", rows)


def flat(arm: str, number: int, day: float) -> float:
    """No difference of anything."""
    return -0.5


def overall(p: float, **of: object) -> pd.DataFrame:
    """The time average of the question relief."""
    row = dict(question="relief", comparison="drug − vehicle", by="overall", estimate=0.1, se=0.05, df=9.0, p=p, adjustment="none",
               lower=-0.2, upper=0.3, ratio=1.26, ratio_lower=0.63, ratio_upper=2.0)  # fmt: skip
    return table("contrasts", [row | of])


# Design ---------------------------------------------------------------------------------------------------------


def _books(lost: int = 0, twice: int = 0, stray: int = 0) -> Iterable[Finding]:
    """The books with data lost, entered twice, or from nowhere."""
    ledger = table("ledger", [dict(source=f"x!{n}", fate="used", table="trials") for n in range(5)])
    fates = [dict(source=f"x!{n}", fate="estimated") for n in range(5 - lost)]
    fates += fates[:twice] + [dict(source=f"y!{n}", fate="estimated") for n in range(stray)]
    return accounts.books_balance(ledger, table("fates", fates))


def _plan(edit: Callable[[str], str] = str, **changes: object) -> Iterable[Finding]:
    """The plan locked, its file edited or the study changed."""
    text = plan.written(STUDY, datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC), [])
    return plan.kept(dataclasses.replace(described(**changes), lock=edit(text)))


RELIEF = {"outcome": "threshold", "treated": "drug", "control": "vehicle"}
TGFB1 = {"outcome": "TGF-β1", "treated": "drug", "control": "vehicle", "day": 26.0}
EMPTY = {name: tables.empty(tables.TABLES[name]) for name in ("trials", "readings", "wells", "counts")}


def _accounts(animals: pd.DataFrame, gone: Callable[[pd.DataFrame], pd.Series]) -> Iterable[Finding]:
    """D1 with some thresholds gone."""
    found = thresholds(flat).assign(kind="threshold")
    readings = found[~gone(found)].reindex(columns=tables.columns(tables.Readings))
    return design.animals_accounted(STUDY, animals, EMPTY["trials"], readings, EMPTY["wells"], EMPTY["counts"])


def _nobody(rows: pd.DataFrame) -> pd.Series:
    """No row."""
    return pd.Series(False, index=rows.index)


def _numbers(value: Callable[[str, int, float], float]) -> Iterable[Finding]:
    """D2."""
    return design.exact_numbers(STUDY, thresholds(value))


def _rows(found: pd.DataFrame, study: Study = STUDY, animals: pd.DataFrame | None = None) -> Iterable[Finding]:
    """D3 on thresholds."""
    printed = variants.as_printed(study, found)
    return variants.pseudoreplication(study, mice() if animals is None else animals, found, overall(0.2), printed)


def _confounded(tester: object = None, **columns: object) -> Iterable[Finding]:
    """D4 with traits."""
    return allocation.confounded(STUDY, mice(8, **columns), thresholds(flat, 8, tester=tester))


def _baseline(before: float, injured: float, sd: float = 0.1) -> Iterable[Finding]:
    """D5 with the drug's baselines shifted."""
    shift = {-1.0: before, 3.0: injured}
    return balance.baselines(
        STUDY, thresholds(lambda arm, n, day: (arm == "drug") * shift.get(day, 0.0) + 0.1 * (n % 3), sd=sd / 10)
    )


def _attrition(lost: Callable[[str, int], bool], lower: float = 0.0, n: int = 8) -> Iterable[Finding]:
    """D6 with animals that leave after day 8, lower at that."""

    def value(arm: str, number: int, day: float) -> float:
        return np.nan if lost(arm, number) and day > 8 else -lower * lost(arm, number) + 0.02 * number

    animals = mice(n, left_day=lambda arm, number: 8.0 if lost(arm, number) else None)
    return balance.attrition(STUDY, animals, thresholds(value, n), tables.empty(tables.Tipping))


# Behaviour ------------------------------------------------------------------------------------------------------


def _walks(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Iterable[Finding]:
    """V1 on trials with a change."""
    return (one for one in series.walks(change(CLEAN["trials"].copy()), CLEAN["filaments"]) if one.severity == "error")


def _set(column: str, row: int, value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """A change of one cell."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame.iloc[row, frame.columns.get_loc(column)] = value
        return frame

    return change


def _recomputed(factor: float, decimals: int = 6) -> Iterable[Finding]:
    """V2 with readings off by a factor and rounded."""
    own = thresholds(flat)
    given = own.assign(kind="threshold", threshold_g=(own["threshold_g"] * factor).round(decimals)).reindex(
        columns=tables.columns(tables.Readings)
    )
    return behaviour.recomputed(own, given)


def _limits(side: str, many: int, paw: str = "ipsilateral") -> Iterable[Finding]:
    """V3 with animals at a limit on one day."""
    found = thresholds(flat).assign(paw=paw)
    at = found.index[(found["arm"] == "drug") & (found["day"] == 8)][:many]
    found.loc[at, ["threshold_g", "log10_threshold"]] = np.nan
    found.loc[at, "censored"] = side
    found.loc[at, ["lower_g", "upper_g"]] = [0.0, 0.03] if side == "left" else [4.0, np.nan]
    return (one for one in behaviour.limits(STUDY, found) if one.severity == "warning")


def _scale(power: float, seed: int) -> Iterable[Finding]:
    """V4 with noise that goes with a power of the mean in g: 1 is the log scale's own."""
    rng = np.random.default_rng(seed)
    level = {day: -1.2 + 0.25 * place for place, day in enumerate(DAYS)}

    def value(arm: str, number: int, day: float) -> float:
        mean = 10 ** (level[day] + 0.1 * (arm == "drug"))
        return float(np.log10(max(mean + 0.12 * mean**power * rng.normal(), 1e-3)))

    return series.scale(STUDY, thresholds(value, 8, sd=0.0))


POINTS = np.array(sorted(legal.points(shipped(FILAMENTS).force_g, 5, 4)["dixon"]))


def _lattice(change: Callable[[np.ndarray], np.ndarray], decimals: int = 3) -> Iterable[Finding]:
    """V5 on sixty thresholds of the lattice, printed, with a change."""
    values = change(np.round(np.random.default_rng(3).choice(POINTS[POINTS > 0.1], 60), decimals))
    rows = [dict(source=f"thresholds.csv!!C{n}", animal="m", day=5.0, paw="contralateral", kind="threshold", threshold_g=value, censored="none")
            for n, value in enumerate(values)]  # fmt: skip
    found = lattice.lattice(
        STUDY,
        table("readings", rows),
        CLEAN["filaments"],
        tables.empty(tables.Claims),
        tables.empty(tables.ClaimGroups),
    )
    return lattice.impossible(found)


def _typed(*wrong: float) -> Callable[[np.ndarray], np.ndarray]:
    """Values in place of the first ones."""
    return lambda values: np.concatenate([wrong, values[len(wrong) :]])


def _copied(from_day: float, to_day: float, n: int, animals: int = 16) -> Iterable[Finding]:
    """V5 with the series of n animals copied from one day to another."""
    trials = pd.concat([frames(np.random.default_rng(seed))["trials"].assign(animal=lambda rows, s=seed: f"{s}-" + rows["animal"], source=lambda rows, s=seed: f"{s}" + rows["source"]) for seed in (4, 5)])  # fmt: skip
    names = [
        name
        for name in trials["animal"].unique()
        if {from_day, to_day} <= set(trials.loc[trials["animal"] == name, "day"])
    ][:n]
    copy = trials[(trials["day"] == from_day) & trials["animal"].isin(names)].assign(
        day=to_day, source=lambda rows: "copy" + rows["source"]
    )
    kept = trials[~((trials["day"] == to_day) & trials["animal"].isin(names))]
    # A copied block stands where its rows stood: in the order of the animals of its day.
    whole = pd.concat([kept, copy])
    order = {name: place for place, name in enumerate(trials["animal"].unique())}
    whole = whole.assign(source=[f"s!{order[row.animal]:03d}-{row.day:05.1f}" for row in whole.itertuples()])
    return copies.series(whole)


# Assay ----------------------------------------------------------------------------------------------------------


def _curve(accepted: bool = True, note: str | None = None) -> Iterable[Finding]:
    """E1 on one curve."""
    curve = table(
        "curves",
        [
            dict(
                plate="p",
                analyte="TGF-β1",
                form="4PL",
                accepted=accepted,
                reason=None if accepted else "bad",
                note=note,
            )
        ],
    )
    return [*assay.curves_read(curve), *assay.curve_notes(curve)]


def _plates(plate: Callable[[str, int], str], cv: float = 3.0) -> Iterable[Finding]:
    """E1 on concentrations by plate."""
    rows = [dict(source="w", animal=f"{arm}{n}", arm=arm, day=26.0, analyte="TGF-β1", matrix="CSF", pg_per_ml=9.0, log10_pg_per_ml=0.95,
                 censored="none", n_wells=2, cv_percent=cv, dilution=1.0, plate=plate(arm, n)) for arm in ("vehicle", "drug") for n in range(6)]  # fmt: skip
    found = table("concentrations", rows)
    return [*plates.apart(STUDY, found), *assay.replicates(STUDY, found)]


def _edges(edge: Callable[[str, int], bool]) -> Iterable[Finding]:
    """E1 with arms at the edge of a plate."""
    inner, outer = (
        [f"{row}{column}" for row in "BCDEFG" for column in range(2, 12)],
        [f"A{n}" for n in range(1, 13)] + [f"H{n}" for n in range(1, 13)],
    )
    rows = []
    for arm, n in product(("vehicle", "drug"), range(10)):
        place = (outer if edge(arm, n) else inner).pop()
        rows.append(
            dict(
                source=f"w!{place}",
                plate="p",
                well=place,
                analyte="TGF-β1",
                role="sample",
                animal=f"{arm[0]}{n}",
                day=26.0,
                signal=1.0,
            )
        )
    return plates.edges(STUDY, table("wells", rows), mice(10))


def _substituted(primary: float, other: float) -> Iterable[Finding]:
    """E2 on two methods."""
    common = dict(
        question="tgfb1",
        analyte="TGF-β1",
        matrix="CSF",
        comparison="drug − vehicle",
        n_treated=5,
        n_control=5,
        censored_treated=2,
        censored_control=2,
    )
    rows = [
        common | dict(method="exact permutation", primary=True, p=primary),
        common | dict(method="LLOQ/2 substitution (sensitivity)", primary=False, p=other),
    ]
    return plates.substituted(table("analyte_tests", rows))


# Statistics -----------------------------------------------------------------------------------------------------


def _variants(p: float, spread: float, seed: int) -> Iterable[Finding]:
    """S1 with animals that differ much, or not at all, and the model's p."""
    own = np.random.default_rng(seed).normal(0, spread, 12)
    found = thresholds(
        lambda arm, n, day: own[n + 6 * (arm == "drug")] + 0.12 * (arm == "drug") * (spread > 0), sd=0.08, seed=seed
    )
    return variants.side_by_side(STUDY, overall(p), variants.as_printed(STUDY, found))


def _engine(difference: float) -> Iterable[Finding]:
    """S2 with a second engine off by something."""
    return statistics.engines_agree(_fits(engine="statsmodels", largest_difference=difference, chosen=False))


def _fits(**of: object) -> pd.DataFrame:
    """One fit."""
    row = dict(question="relief", engine="hindpaw", structure="cs", formula="f", n_animals=12, n_observations=60, n_substituted=0, chosen=True,
               converged=True, boundary=False, note=None, serial_p=0.5, serial_lrt=0.1, serial_rho=0.1)  # fmt: skip
    return table("fits", [row | of])


def _by_z(t: float, df: float) -> Iterable[Finding]:
    """S2 with a t."""
    from scipy import stats

    return statistics.by_t(overall(float(2 * stats.t.sf(abs(t), df)), t=t, df=df))


def _sphere(growing: float, seed: int) -> Iterable[Finding]:
    """S3 with a slope of each animal's own."""
    slope = np.random.default_rng(seed).normal(0, growing, 24)
    return statistics.sphericity(
        STUDY, thresholds(lambda arm, n, day: slope[n + 12 * (arm == "drug")] * day, 12, seed=seed)
    )


def _families(**questions: dict[str, object]) -> Iterable[Finding]:
    """S4 on some questions."""
    return inference.families(described(questions=questions))


def _changed(drug: float, vehicle: float, p: float, seed: int = 0) -> Iterable[Finding]:
    """S5 with changes of the arms after treatment."""
    change = {"drug": drug, "vehicle": vehicle}
    return inference.within_arms(
        STUDY, thresholds(lambda arm, n, day: change[arm] * (day > 4), seed=seed, sd=0.08), overall(p)
    )


def _absence(lower: float, upper: float, verdict: str | None = None) -> Iterable[Finding]:
    """S6 with an interval."""
    claim = table(
        "claims",
        [dict(source="c", claim="X", kind="no_effect", locator="F", text="t", status="transcribed", question="relief")],
    )
    tested = [dict(question="relief", comparison="drug − vehicle", by="overall", margin="one-step", margin_log10=0.2, margin_ratio=1.6, model="m",
                   p=0.3, adjustment="none", verdict=verdict)] if verdict else []  # fmt: skip
    contrasts = overall(0.4, lower=lower, upper=upper)
    return inference.absences(claim, contrasts, table("equivalence", tested), CLEAN["filaments"])


def _outlier(away: float, arm: str = "drug", number: int = 2) -> Iterable[Finding]:
    """S7 with one animal away from its arm."""
    return outliers.outlying(
        STUDY, mice(8), thresholds(lambda a, n, day: 0.02 * n + away * (a == arm and n == number), 8, sd=0.02)
    )


def _influence(crosses: bool, kind: str = "animal") -> Iterable[Finding]:
    """S8 on one row."""
    row = dict(
        question="relief",
        comparison="drug − vehicle",
        by="overall",
        kind=kind,
        left_out="d1",
        estimate=0.1,
        p=0.06,
        crosses=crosses,
    )
    return outliers.influential(table("influence", [row]))


def _few(n: int) -> Iterable[Finding]:
    """S9 with n against n."""
    return inference.attainable(STUDY, thresholds(flat, n))


def _dealt(model: float, dealt: float) -> Iterable[Finding]:
    """S9 with two p."""
    row = dict(
        question="relief",
        comparison="drug − vehicle",
        by="overall",
        method="permutation test",
        unit="animal",
        n_treated=6,
        n_control=6,
        p=dealt,
        enumerated=True,
    )
    return statistics.randomized(overall(model), table("randomization", [row]))


def _power(n: int) -> Iterable[Finding]:
    """S11 with n against n."""
    return inference.detectable(STUDY, thresholds(flat, n))


def _area(effect: float, p: float) -> Iterable[Finding]:
    """S12 with an effect and the model's p."""
    return inference.areas(
        STUDY, thresholds(lambda arm, n, day: effect * (arm == "drug") + 0.03 * n, sd=0.02), overall(p)
    )


def _simpson(pooled: tuple[float, float], within: tuple[float, float]) -> Iterable[Finding]:
    """S13 with correlation and p, pooled and within arms."""
    rows = [
        dict(question="a", analyte="TGF-β1", arm=arm, n=12, n_censored=0, correlation=r, p=p)
        for arm, (r, p) in (("pooled", pooled), ("within arms", within))
    ]
    return statistics.pooled_apart(table("association", rows))


# Forensics ------------------------------------------------------------------------------------------------------


def _device(change: Callable[[pd.DataFrame], pd.DataFrame], seed: int = 0) -> Iterable[Finding]:
    """F1 on readings of a device with a change."""
    rng = np.random.default_rng(seed)
    rows = [dict(source=f"d!!{n}-{day}", animal=f"m{n}", day=day, paw="ipsilateral", kind="device", threshold_g=round(float(rng.lognormal(1.0, 0.4)), 2), censored="none")
            for day in DAYS for n in range(16)]  # fmt: skip
    return copies.readings(change(table("readings", rows)))


def _day(
    frame: pd.DataFrame, day: float, of: Callable[[np.ndarray], np.ndarray], from_day: float = 5.0, n: int = 16
) -> pd.DataFrame:
    """The frame with n animals' readings of a day made from those of another."""
    source, target = frame.index[frame["day"] == from_day][:n], frame.index[frame["day"] == day][:n]
    frame.loc[target, "threshold_g"] = of(frame.loc[source, "threshold_g"].to_numpy())
    return frame


def _wells(repeat: int) -> Iterable[Finding]:
    """F1 with signals that repeat."""
    signals = np.random.default_rng(1).uniform(0.2, 2, 24).round(4)
    if repeat:
        signals[12 : 12 + repeat] = signals[:repeat]
    rows = [
        dict(source=f"w!A{n}", plate="p", well=f"A{n + 1}", analyte="x", role="sample", signal=value)
        for n, value in enumerate(signals)
    ]
    return copies.wells(table("wells", rows))


def _ratio(noise: float) -> Iterable[Finding]:
    """F1 with two analytes in step."""
    rng = np.random.default_rng(2)
    rows = []
    for n in range(10):
        value = float(rng.lognormal(3, 0.5))
        for analyte, factor in (("a", 1.0), ("b", 2.5 * (1 + noise * rng.normal()))):
            rows.append(dict(source="w", animal=f"m{n}", arm="drug", day=5.0, analyte=analyte, matrix="CSF", pg_per_ml=value * factor,
                             log10_pg_per_ml=np.log10(value * factor), censored="none", n_wells=2, dilution=1.0, plate="p"))  # fmt: skip
    return copies.constant_ratio(table("concentrations", rows))


PLANTED: dict[str, list[Plant]] = {
    "ledger": [lambda: _books(lost=1), lambda: _books(twice=1), lambda: _books(stray=2)],
    "P1": [
        lambda: (
            one
            for one in _plan(questions={"relief": RELIEF | {"adjust": "bh"}, "tgfb1": TGFB1})
            if one.severity == "warning"
        ),
        lambda: (one for one in _plan(questions={"relief": RELIEF}) if one.severity == "warning"),
        lambda: (
            one for one in _plan(lambda text: text.replace("adjust: holm", "adjust: mvt", 1)) if one.severity == "error"
        ),
        lambda: (one for one in _plan(lambda text: text[:200]) if one.severity == "error"),
    ],
    "D1": [
        lambda: _accounts(mice(), lambda rows: rows["animal"] == "d2"),
        lambda: _accounts(mice(), lambda rows: (rows["animal"] == "d2") & (rows["day"] == 8)),
        lambda: _accounts(mice(excluded=lambda arm, n: n == 0), lambda rows: rows["animal"].str.endswith("0")),
    ],
    "D2": [
        lambda: _numbers(lambda arm, n, day: np.nan if (arm, n, day) == ("drug", 0, 8.0) else 0.0),
        lambda: _numbers(lambda arm, n, day: np.nan if n < 2 and day > 12 else 0.0),
        lambda: _numbers(lambda arm, n, day: np.nan if arm == "vehicle" and day == 26 and n else 0.0),
    ],
    "D3": [
        lambda: design.unit_of_analysis(STUDY, EMPTY["wells"], mice(cage=lambda arm, n: f"{arm}{n % 2}")),
        lambda: design.unit_of_analysis(
            STUDY,
            table("wells", [dict(source="w", plate="p", well="A1", analyte="x", role="sample", pool="d1+d2")]),
            mice(),
        ),
        lambda: _rows(thresholds(flat)),
        lambda: _rows(
            thresholds(flat, days=(26.0,)),
            described(randomization={"unit": "cage"}),
            mice(cage=lambda arm, n: f"{arm}{n % 3}"),
        ),
    ],
    "D4": [
        lambda: _confounded(tester=lambda arm, n, day: arm),
        lambda: _confounded(cohort=lambda arm, n: arm),
        lambda: _confounded(sex=lambda arm, n: "female" if arm == "drug" else "male"),
        lambda: _confounded(cohort=lambda arm, n: "one" if (arm == "drug") == (n > 0) else "two"),
    ],
    "D5": [lambda: _baseline(0.3, 0.0), lambda: _baseline(0.0, -0.4), lambda: _baseline(0.2, 0.2)],
    "D6": [
        lambda: _attrition(lambda arm, n: arm == "drug" and n < 6),
        lambda: _attrition(lambda arm, n: n < 3, lower=0.5),
        lambda: _attrition(lambda arm, n: n < 2, lower=-0.4),
    ],
    "V1": [
        lambda: _walks(_set("response", 1, "X" if CLEAN["trials"]["response"].iloc[1] == "O" else "O")),
        lambda: _walks(
            _set("filament_g", 2, 1.2022644346174132 if CLEAN["trials"]["filament_g"].iloc[2] < 0.1 else 0.0275)
        ),
        lambda: _walks(_set("filament_g", 0, 0.123)),
    ],
    "V2": [lambda: _recomputed(2.29), lambda: _recomputed(1.03, 4), lambda: _recomputed(0.44)],
    "V3": [lambda: _limits("left", 3), lambda: _limits("right", 3), lambda: _limits("left", 4, "contralateral")],
    "V4": [lambda: _scale(0.0, 1), lambda: _scale(0.0, 2), lambda: _scale(2.0, 3)],
    "V5": [
        lambda: _lattice(_typed(1.501)),
        lambda: _lattice(_typed(2.345, 0.501)),
        lambda: _lattice(lambda values: np.round(values * 1.07, 3)),
        lambda: _copied(5.0, 12.0, 8),
        lambda: _copied(3.0, 26.0, 10),
    ],
    "E1": [
        lambda: _curve(accepted=False),
        lambda: _curve(note="a blank is higher than the lowest standard"),
        lambda: _plates(lambda arm, n: arm),
        lambda: _plates(lambda arm, n: "p", cv=35.0),
        lambda: _edges(lambda arm, n: arm == "drug"),
    ],
    "E2": [lambda: _substituted(0.08, 0.01), lambda: _substituted(0.02, 0.2), lambda: _substituted(0.051, 0.049)],
    "S1": [lambda: _variants(0.2, 0.25, 5), lambda: _variants(0.3, 0.25, 10), lambda: _variants(0.2, 0.3, 7)],
    "S2": [lambda: _engine(0.01), lambda: _engine(float("nan")), lambda: _by_z(2.2, 5), lambda: _by_z(-2.05, 12)],
    "S3": [
        lambda: statistics.fits_stand(_fits(converged=False, note="not estimated: x")),
        lambda: statistics.fits_stand(_fits(note="left out for want of a baseline: m1")),
        lambda: statistics.fits_stand(_fits(note="baseline: day 3; 4 rows without cohort left out")),
        lambda: statistics.days_are_independent(_fits(serial_p=1e-5)),
        lambda: _sphere(0.02, 1),
        lambda: _sphere(0.05, 2),
    ],
    "S4": [
        lambda: _families(one=TGFB1, two=TGFB1),
        lambda: _families(one=RELIEF, two=RELIEF | {"structure": "ar1"}),
        lambda: _families(one=RELIEF | {"adjust": "bh"}),
    ],
    "S5": [lambda: _changed(0.2, 0.0, 0.2), lambda: _changed(-0.3, 0.0, 0.1, 3), lambda: _changed(0.0, 0.25, 0.06, 6)],
    "S6": [lambda: _absence(-0.3, 0.4), lambda: _absence(-0.05, 0.9), lambda: _absence(-0.1, 0.1, "not shown")],
    "S7": [lambda: _outlier(1.0), lambda: _outlier(-0.8, "vehicle", 5), lambda: _outlier(0.5, "drug", 0)],
    "S8": [lambda: _influence(True), lambda: _influence(True, "cage"), lambda: _influence(True, "week")],
    "S9": [lambda: _few(3), lambda: _few(2), lambda: _dealt(0.01, 0.2), lambda: _dealt(0.2, 0.01)],
    "S11": [lambda: _power(4), lambda: _power(5), lambda: _power(6)],
    "S12": [lambda: _area(0.5, 0.2), lambda: _area(-0.5, 0.06), lambda: _area(0.0, 0.01)],
    "S13": [
        lambda: _simpson((0.8, 0.001), (0.1, 0.7)),
        lambda: _simpson((0.7, 0.01), (-0.6, 0.04)),
        lambda: _simpson((-0.9, 0.0001), (-0.2, 0.5)),
    ],
    "F1": [
        lambda: _device(lambda frame: _day(frame, 12.0, lambda values: values, n=10)),
        lambda: _device(lambda frame: _day(frame, 19.0, lambda values: values + 0.35)),
        lambda: _device(lambda frame: _day(frame, 8.0, lambda values: values * 1.5)),
        lambda: _wells(4),
        lambda: _ratio(0.0),
        lambda: _device(lambda frame: frame.assign(threshold_g=(frame["threshold_g"] * 2).round(1) / 2)),
    ],
}

NEAR_MISSES: dict[str, list[Plant]] = {
    "ledger": [_books],
    "P1": [lambda: (one for one in _plan() if one.severity != "note"), lambda: (one for one in _plan(questions={"relief": RELIEF, "tgfb1": TGFB1, "more": RELIEF | {"paw": "contralateral"}}) if one.severity != "note")],
    "D1": [lambda: _accounts(mice(left_day=lambda arm, n: 8.0 if n == 2 else None), lambda rows: rows["animal"].str.endswith("2") & (rows["day"] > 8)), lambda: _accounts(mice(), _nobody)],
    "D2": [lambda: _numbers(flat)],
    "D3": [lambda: design.unit_of_analysis(STUDY, EMPTY["wells"], mice(cage=lambda arm, n: f"{n}")), lambda: variants.replicate_wells(STUDY, CLEAN["wells"].drop_duplicates("sample"), CLEAN["animals"]), lambda: _rows(thresholds(flat, days=(26.0,)))],
    "D4": [lambda: _confounded(tester=lambda arm, n, day: f"{day}", cohort=lambda arm, n: f"{n % 2}", sex=lambda arm, n: ("f", "m")[n // 4])],
    "D5": [lambda: _baseline(0.02, -0.02)],
    "D6": [lambda: _attrition(lambda arm, n: n == 4), lambda: _attrition(lambda arm, n: arm == "drug" and n < 2)],
    "V1": [lambda: _walks(lambda frame: frame)],
    "V2": [lambda: _recomputed(1.0, 2), lambda: _recomputed(1.005)],
    "V3": [lambda: _limits("left", 1), lambda: _limits("right", 2)],
    "V4": [lambda: _scale(1.0, 1), lambda: _scale(1.0, 4)],
    "V5": [lambda: _lattice(lambda values: values), lambda: _lattice(lambda values: values, 2), lambda: _lattice(lambda values: values, 6), lambda: _copied(5.0, 12.0, 0)],
    "E1": [_curve, lambda: _plates(lambda arm, n: f"{n % 2}"), lambda: _edges(lambda arm, n: n < 5)],
    "E2": [lambda: _substituted(0.01, 0.04), lambda: _substituted(0.3, 0.06)],
    "S1": [lambda: _variants(0.5, 0.0, 4)],
    "S2": [lambda: _engine(1e-6), lambda: _by_z(2.6, 20), lambda: _by_z(1.2, 5)],
    "S3": [lambda: statistics.fits_stand(_fits(note="baseline: day 3")), lambda: statistics.days_are_independent(_fits(serial_p=1e-5, structure="cs+ar1")), lambda: _sphere(0.0, 3)],
    "S4": [lambda: _families(one=RELIEF, two=TGFB1)],
    "S5": [lambda: _changed(0.3, 0.0, 0.01), lambda: _changed(0.3, 0.3, 0.4)],
    "S6": [lambda: _absence(0.1, 0.4), lambda: _absence(-0.1, 0.1), lambda: _absence(-0.3, 0.3, "equivalent")],
    "S7": [lambda: _outlier(0.0), lambda: _outlier(0.05)],
    "S8": [lambda: _influence(False)],
    "S9": [lambda: _few(4), lambda: _dealt(0.01, 0.04)],
    "S11": [lambda: _power(12)],
    "S12": [lambda: _area(0.5, 0.001), lambda: _area(0.0, 0.6)],
    "S13": [lambda: _simpson((0.8, 0.001), (0.7, 0.01)), lambda: _simpson((0.3, 0.3), (-0.2, 0.5))],
    "F1": [lambda: _device(lambda frame: frame), lambda: _wells(3), lambda: _ratio(0.02), lambda: _device(lambda frame: _day(frame, 12.0, lambda values: values, n=3))],
}  # fmt: skip
