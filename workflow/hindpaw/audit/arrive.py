"""ARRIVE 2.0, Essential 10: what the data and the study file say for each item, and what a person must still write.

Percie du Sert N et al., PLoS Biol 2020;18:e3000410, doi 10.1371/journal.pbio.3000410. The wording of the items is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from hindpaw import phrases, tables
from hindpaw.audit import plan
from hindpaw.findings import several
from hindpaw.study import Study
from hindpaw.tables import Animals, Arrive, Contrasts, Fits, Flow, Means, Thresholds

Tables = Mapping[str, pd.DataFrame]
# What is found (empty for nothing), and what is still to be written (empty for nothing).
Answer = tuple[str, str]
SHOWN = 20


def arrive(study: Study, made: Tables) -> pd.DataFrame:
    """The table `arrive`: one row an item, in the order of the guideline.

    An item is `answered` where nothing is left to write, `partly` where something is found, else `open`. What
    the study file says under `arrive` completes an item.
    """
    rows = []
    for item, topic, asks, answer in ITEMS:
        found, missing = answer(study, made)
        said = study.arrive.get(item, "")
        missing = "" if said else missing
        state = "answered" if not missing else "partly" if found else "open"
        told = " ".join(filter(None, [said, found]))
        rows.append(
            {
                Arrive.item: item,
                Arrive.topic: topic,
                Arrive.asks: asks,
                Arrive.state: state,
                Arrive.found: told or None,
                Arrive.to_write: missing or None,
            }
        )
    return tables.shaped(pd.DataFrame(rows, columns=tables.columns(Arrive)), Arrive)


def _groups(study: Study, made: Tables) -> Answer:
    """1a."""
    kept = made["animals"][~made["animals"][Animals.excluded]]
    sizes = kept[Animals.arm].value_counts()
    told = [f"{arm.label} ({arm.role}, {sizes.get(key, 0)} analysed)" for key, arm in study.arms.items()]
    return f"{phrases.count(len(told), 'arm')}: {'; '.join(told)}.", ""


def _unit(study: Study, made: Tables) -> Answer:
    """1b."""
    unit = study.randomization["unit"]
    if unit == "undocumented":
        told = "The analysis takes the animal as the experimental unit."
        return told, "Say what was allocated to treatment independently: the animal, or the cage."
    pools = made["animals"][Animals.pool].dropna().nunique()
    pooled = f" {phrases.count(pools, 'pool')} of samples stand for several animals each." if pools else ""
    return f"The experimental unit is the {unit}.{pooled}", ""


def _sizes(study: Study, made: Tables) -> Answer:
    """2a."""
    rows = made["flow"][made["flow"][Flow.stage] == "allocated"]
    told = [f"{_arm(study, row.arm)} {row.n}" for row in rows.itertuples()]
    return f"{rows[Flow.n].sum()} animals were allocated: {'; '.join(told)}.", ""


def _arm(study: Study, arm: object) -> str:
    """The arm's label, or that there is none."""
    return study.label(arm) if isinstance(arm, str) else "in no arm"


def _why_so_many(study: Study, made: Tables) -> Answer:
    """2b."""
    return (
        "",
        "How the number of animals was decided: the effect, power and test it was computed for, or that it was not.",
    )


def _criteria(study: Study, made: Tables) -> Answer:
    """3a."""
    reasons = made["animals"][Animals.exclusion_reason].dropna().unique()
    told = f"Reasons that occur: {several(reasons, SHOWN)}." if len(reasons) else ""
    return told, "Criteria for including and excluding animals and data, and whether they were set beforehand."


def _excluded(study: Study, made: Tables) -> Answer:
    """3b."""
    rows = made["flow"][made["flow"][Flow.stage].isin(["excluded", "left"])]
    told = [f"{_arm(study, row.arm)}: {row.n} {row.stage}{_on(row.day)} ({row.reason})" for row in rows.itertuples()]
    aside = made["flow"][made["flow"][Flow.stage] == "set_aside"][Flow.n].sum()
    beside = (
        f" {phrases.count(int(aside), 'threshold')} set aside by hindpaw; the table flow says whose and why."
        if aside
        else ""
    )
    return (several(told, SHOWN) + "." if told else "No animal was excluded and none left early.") + beside, ""


def _on(day: float) -> str:
    """The day on which an animal left."""
    return "" if pd.isna(day) else f" after day {day:g}"


def _analysed(study: Study, made: Tables) -> Answer:
    """3c."""
    rows = made["flow"][made["flow"][Flow.stage] == "analysed"]
    told = []
    for (question, arm), mine in rows.groupby([Flow.question, Flow.arm], sort=False):
        low, high = mine[Flow.n].min(), mine[Flow.n].max()
        span = f"{low}" if low == high else f"{low} to {high}, by day"
        told.append(f"{question}, {_arm(study, arm)}: {span}")
    return ("; ".join(told) + "." if told else ""), "" if told else "The number of animals in each analysis."


def _randomized(study: Study, made: Tables) -> Answer:
    """4a."""
    unit, blocks = study.randomization["unit"], study.randomization["blocks"]
    if unit == "undocumented":
        return "", "Whether and how animals were randomized, and by what sequence."
    within = f" within {phrases.listed(list(blocks))}" if blocks else ""
    return f"The {unit} was randomized{within}.", "How the sequence was made (software, random numbers)."


def _confounders(study: Study, made: Tables) -> Answer:
    """4b."""
    blocked = {block for question in study.questions.values() for block in question.blocks}
    testers = made["thresholds"][Thresholds.tester].dropna().nunique()
    told = [f"{phrases.count(testers, 'tester')}"] if testers else []
    told += [f"models adjust for {phrases.listed(sorted(blocked))}"] if blocked else []
    found = "; ".join(told).capitalize() + "." if told else ""
    return (
        found,
        "Order of treatment and of testing, place of cages, and what was done about them, or that nothing was.",
    )


def _blinded(study: Study, made: Tables) -> Answer:
    """5."""
    return "", "Who knew the arms during allocation, treatment, testing and analysis."


def _outcomes(study: Study, made: Tables) -> Answer:
    """6a."""
    methods = made["thresholds"][Thresholds.method].unique()
    sets = made["filaments"]["filaments"].unique() if len(made["filaments"]) else []
    told = (
        [f"50 % withdrawal threshold ({phrases.listed(sorted(methods))}; filaments {phrases.listed(list(sets))})"]
        if len(methods)
        else []
    )
    analytes = sorted(made["concentrations"]["analyte"].unique())
    told += [f"concentrations of {phrases.listed(analytes)}"] if analytes else []
    return ("Measured: " + "; ".join(told) + "." if told else ""), "" if told else "What was measured."


def _primary(study: Study, made: Tables) -> Answer:
    """6b."""
    asked = f"{phrases.count(len(study.questions), 'question')}: {phrases.listed(list(study.questions))}."
    when = plan.locked_on(study)
    if when:
        return f"The plan was locked on {when}. {asked}", "Which of the questions is the primary one."
    return asked, "Which outcome was the primary one, and that it was chosen beforehand."


def _methods(study: Study, made: Tables) -> Answer:
    """7a."""
    fits = made["fits"][made["fits"][Fits.chosen]]
    told = [f"{row.question}: {row.formula}, {row.structure}" for row in fits.itertuples()]
    return (f"By hindpaw: {several(told, SHOWN)}." if told else ""), "" if told else "The statistical methods."


def _assumptions(study: Study, made: Tables) -> Answer:
    """7b."""
    found = made["findings"]
    told = found[found["check"].isin(["S2", "S3", "V4"])]["what"]
    if told.empty:
        return "Serial correlation and scale were tested; a second program fitted each model. Nothing was found.", ""
    return f"Found by the audit: {' '.join(told.head(SHOWN))}", ""


def _animals(study: Study, made: Tables) -> Answer:
    """8a."""
    sexes = made["animals"][Animals.sex].dropna().value_counts()
    told = "Sex: " + ", ".join(f"{sex} {n}" for sex, n in sexes.items()) + "." if len(sexes) else ""
    return told, "Species, strain, age or stage of development, and weight" + ("." if told else "; sex.")


def _origin(study: Study, made: Tables) -> Answer:
    """8b."""
    return "", "Where the animals came from, their health, genetic modification, and earlier procedures."


def _what(study: Study, made: Tables) -> Answer:
    """9a."""
    return "", "What was done to each group and how: surgery, injections, doses, anaesthesia, analgesia."


def _when(study: Study, made: Tables) -> Answer:
    """9b."""
    days = sorted(made["thresholds"][Thresholds.day].unique())
    tested = f" Thresholds were tested on days {phrases.listed([f'{day:g}' for day in days])}." if days else ""
    calendar = f"Injury on day {study.days.injury:g}, treatment on day {study.days.treatment:g}."
    return calendar + tested, "Time of day, habituation, and anything that happened between."


def _where(study: Study, made: Tables) -> Answer:
    """9c."""
    return "", "Where it was done: home cage, laboratory, test chamber; housing and husbandry."


def _reasons(study: Study, made: Tables) -> Answer:
    """9d."""
    return "", "Why: the rationale of model, route, dose and times."


def _summaries(study: Study, made: Tables) -> Answer:
    """10a."""
    known = made["means"][made["means"][Means.estimate].notna()]
    told = f"{phrases.count(len(known), 'mean')} with standard errors and intervals in the table means; every animal in the figures."
    return (told, "") if len(known) else ("", "Means or medians with their variability.")


def _effects(study: Study, made: Tables) -> Answer:
    """10b."""
    rows = made["contrasts"]
    whole = rows[(rows[Contrasts.by] == "overall") & rows[Contrasts.ratio].notna()]
    told = [
        f"{row.question}{'' if pd.isna(row.analyte) else ' ' + row.analyte}, {row.comparison}: "
        f"{phrases.ratio(row.ratio, row.ratio_lower, row.ratio_upper)}"
        for row in whole.itertuples()
    ]
    return (several(told, SHOWN) + "." if told else ""), "" if told else "Effect sizes with intervals."


ITEMS: tuple[tuple[str, str, str, Callable[[Study, Tables], Answer]], ...] = (
    ("1a", "Study design", "the groups that were compared, controls among them", _groups),
    ("1b", "Study design", "the experimental unit", _unit),
    ("2a", "Sample size", "the exact number of units in each group, and in all", _sizes),
    ("2b", "Sample size", "how that number was decided", _why_so_many),
    ("3a", "Inclusion and exclusion", "the criteria, and whether they were set beforehand", _criteria),
    ("3b", "Inclusion and exclusion", "what was left out of each group, and why", _excluded),
    ("3c", "Inclusion and exclusion", "the exact n of each analysis", _analysed),
    ("4a", "Randomisation", "whether and how units were randomized", _randomized),
    ("4b", "Randomisation", "how confounders such as order, place and tester were kept small", _confounders),
    ("5", "Blinding", "who knew the groups, at each stage", _blinded),
    ("6a", "Outcome measures", "everything that was measured", _outcomes),
    ("6b", "Outcome measures", "the primary outcome, for a study that tests a hypothesis", _primary),
    ("7a", "Statistical methods", "the method and software of each analysis", _methods),
    ("7b", "Statistical methods", "how assumptions were checked, and what if they failed", _assumptions),
    ("8a", "Experimental animals", "species, strain, sex, age and weight", _animals),
    ("8b", "Experimental animals", "origin, health, genotype, earlier procedures", _origin),
    ("9a", "Experimental procedures", "what was done, and how", _what),
    ("9b", "Experimental procedures", "when and how often", _when),
    ("9c", "Experimental procedures", "where", _where),
    ("9d", "Experimental procedures", "why", _reasons),
    ("10a", "Results", "summaries of each group with their variability", _summaries),
    ("10b", "Results", "effect sizes with intervals", _effects),
)
