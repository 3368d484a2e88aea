"""What holds without the mixed model, in words: deals of the labels, left-out animals, resampled intervals, durations."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from hindpaw import phrases
from hindpaw.report import answers, resampling_grids
from hindpaw.report.answers import Answer
from hindpaw.report.sections import Cell, Figure, Section, Tables, Text, joined, plain, text
from hindpaw.study import Question, Study
from hindpaw.tables import Bootstrap, Durations, Influence, Randomization

DIFFERENCE = "difference of days of relief"
METHODS = (
    "Labels were dealt again over the units that were randomized, within the blocks in which they were, in every possible "
    "way where there are at most a million, else in a seeded sample (+1 rule). The statistic is t of that time's values "
    "alone, adjusted for the baseline and blocks and fitted again in every deal; p over the weeks is step-down (Westfall and "
    "Young), intervals invert the test. Exact whatever the covariance, if treatment did nothing to any animal.",
    "Every animal, cage and week was left out in turn and the mixed model fitted again with Kenward–Roger's tests.",
    "Animals (or cages) were drawn again within arms: bootstrap-t with fewer than 20 an arm, BCa with limits widened "
    "for their number from 20 on (Hesterberg 2015, doi 10.1080/00031305.2015.1089789); variances by parametric bootstrap.",
    "Relief lasts from treatment until the difference, straight between test days, first falls below the margin. Its "
    "95 % interval holds every end that the mixed model's intervals of each day by itself allow (a test inverted: the end is one "
    "day); two treatments are compared by the bootstrap of animals.",
)


def sections(study: Study, tables: Tables) -> list[Section]:
    """Two parts for each question about thresholds."""
    found = []
    for question in [one for one in study.questions.values() if one.about_thresholds]:
        found += [_robust(study, question, tables), _lasting(study, question, tables)]
    return found


def answer(study: Study, question: Question, tables: Tables) -> Answer:
    """The first screen's entry of a question of kind `duration`: how long each relief lasts."""
    found = answers.answer(study, question, tables)
    rows = answers.of(question, tables["durations"])
    timed = rows[rows[Durations.outcome] != "not estimated"]
    if not found.known or timed.empty:
        return found
    heads: list[Text] = []
    for _, row in timed.iterrows():
        treated = study.label(str(row[Durations.comparison]).split(" − ")[0])
        days = row[Durations.relief_ends_day] - row[Durations.treatment_day]
        short = row[Durations.outcome] if pd.isna(days) else f"{phrases.number(days, 2)} days"
        one = Cell.of(row, "durations", short, "relief_ends_day", "treatment_day")
        limits = () if row[Durations.outcome] == "never reached" else (" (95 % CI ", *_limits(row), ")")
        heads.append((f"{treated}: ", one, *limits))
    told = joined([_lasts(study, row) for _, row in timed.iterrows()], " ")
    apart = _differences(question, tables)
    p = (Cell.of(apart.iloc[0], "bootstrap", phrases.p_value(apart[Bootstrap.p].iloc[0]), "p"),) if len(apart) else ""
    return replace(found, ratio=joined(heads), told=told, others=(), times="", p=p, bar=None)


def _robust(study: Study, question: Question, tables: Tables) -> Section:
    """Randomization test, influence and resampled intervals."""
    dealt, left = answers.of(question, tables["randomization"]), answers.of(question, tables["influence"])
    drawn = answers.of(question, tables["bootstrap"])
    said = [told for told in (_dealt(study, question, row) for _, row in _overall(question, dealt).iterrows()) if told]
    ranges, worry = _influence(study, question, left)
    alt = "Simulated data. " if study.simulated else ""
    blocks = [
        *said,
        Figure(
            f"randomization_{question.key}",
            f"{alt}The observed statistic among all deals of the labels, and estimates by {question.by}.",
            "Grey: the statistic in every deal of the labels; colour: the deals at least as extreme as the one that was made "
            "(black line). Right: differences as ratios, full with the 95 % interval of all effects the test does not reject, "
            "hollow as the mixed model has them with the 95 % interval of resampled units (each time by itself); p of the deals, "
            f"step-down over the {question.by}s (all days: unadjusted).",
        ),
        resampling_grids.deals(study, dealt),
        *ranges,
        Figure(
            f"influence_{question.key}",
            f"{alt}The ratio over all days without each animal, cage and {question.by}.",
            "The ratio over all days with its 95 % interval when one animal, cage or week is left out; open symbols are those "
            "without which p falls on the other side of 5 %. The grey line is the ratio of all data.",
        ),
        resampling_grids.influence(study, left[left[Influence.by] == "overall"]),
        resampling_grids.resamples(study, drawn),
    ]
    sure = [*_agrees(question, dealt), *ranges[:1]]
    return Section(
        "What holds without the model",
        question=question.key,
        blocks=blocks,
        how_sure=sure,
        worry=worry,
        folded=True,
        methods=METHODS[:3],
    )


def _overall(question: Question, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows over all days, those of the two arms named first."""
    rows = frame[frame[Randomization.by] == "overall"]
    own = rows[Randomization.comparison] == f"{question.treated} − {question.control}"
    return pd.concat([rows[own], rows[~own]])


def _dealt(study: Study, question: Question, row: pd.Series) -> Text:
    """What the test of the time average says."""
    pair = answers.pair(study, row[Randomization.comparison])
    if pd.isna(row[Randomization.p]):
        return f"{pair}: {text(row[Randomization.note]) or 'labels could not be dealt again'}."
    count = Cell.of(row, "randomization", f"{row[Randomization.n_deals]:,.0f}", "n_deals")
    every, drawn = ("all ", "") if row[Randomization.enumerated] else ("", " drawn at random")
    p = Cell.of(row, "randomization", phrases.p_value(row[Randomization.p]), "p")
    least = Cell.of(row, "randomization", phrases.p_value(row[Randomization.smallest_p]), "smallest_p")
    return (
        f"{pair}: dealing the labels of the {row[Randomization.unit]}s again in {every}",
        count,
        f" ways{drawn} ({row[Randomization.method]}) gives ",
        p,
        " for the time average; the smallest this design could give is ",
        least,
        ".",
    )


def _agrees(question: Question, dealt: pd.DataFrame) -> list[Text]:
    """The test of the time average in one short sentence."""
    rows = _overall(question, dealt)
    rows = rows[rows[Randomization.p].notna()]
    if rows.empty:
        return []
    row = rows.iloc[0]
    p = Cell.of(row, "randomization", phrases.p_value(row[Randomization.p]), "p")
    drawn = "" if row[Randomization.enumerated] else " drawn"
    return [
        (
            f"The {row[Randomization.method]} over ",
            Cell.of(row, "randomization", f"{row[Randomization.n_deals]:,.0f}", "n_deals"),
            f"{drawn} deals of the labels gives ",
            p,
            ".",
        )
    ]


def _influence(study: Study, question: Question, left: pd.DataFrame) -> tuple[list[Text], list[Text]]:
    """The range without any one animal, and who decides a conclusion."""
    rows = left[(left[Influence.by] == "overall") & left[Influence.estimate].notna()]
    ranges: list[Text] = []
    worry: list[Text] = []
    for comparison, own in rows.groupby(Influence.comparison, sort=False):
        animals = own[own[Influence.kind] == "animal"]
        if animals.empty:
            continue
        low, high = (animals.loc[getattr(animals[Influence.estimate], end)()] for end in ("idxmin", "idxmax"))
        worst = animals.loc[animals[Influence.p].idxmax()]
        pair = answers.pair(study, str(comparison))
        ranges.append(
            (
                f"{pair}: without any one animal the ratio stays between ",
                Cell.of(low, "influence", phrases.number(10 ** low[Influence.estimate]), "estimate", scale="10^"),
                " and ",
                Cell.of(high, "influence", phrases.number(10 ** high[Influence.estimate]), "estimate", scale="10^"),
                "; the largest p is then: ",
                Cell.of(worst, "influence", phrases.p_value(worst[Influence.p]), "p"),
                ".",
            )
        )
        worry += [_decides(pair, row) for _, row in own[own[Influence.crosses]].iterrows()]
    return ranges, worry


def _decides(pair: str, row: pd.Series) -> Text:
    """One animal, cage or week on which the conclusion hangs."""
    read = Influence.p if pd.isna(row[Influence.p_adjusted]) else Influence.p_adjusted
    return (
        f"{pair}, time average: without {row[Influence.kind]} {row[Influence.left_out]} alone it would be ",
        Cell.of(row, "influence", phrases.p_value(row[read]), read),
        ", on the other side of 5 %.",
    )


def _lasting(study: Study, question: Question, tables: Tables) -> Section:
    """How long relief lasts."""
    rows = answers.of(question, tables["durations"])
    told = [_lasts(study, row) for _, row in rows.iterrows() if question.kind == "duration" or _any_relief(row)]
    apart = [_apart(study, row) for _, row in _differences(question, tables).iterrows()]
    alt = "Simulated data. " if study.simulated else ""
    figure = Figure(
        f"durations_{question.key}",
        f"{alt}Differences over days, and the day on which each falls below the margin. {' '.join(map(plain, told))}",
        "Differences of the model's means as ratios, and the dashed margin. Below: the day on which relief ends, its 95 % "
        "confidence interval (thick), and the ends that the simultaneous 95 % band of the whole curve allows (thin); an arrow "
        "where the last day tested does not bound it.",
    )
    asked = question.kind == "duration"
    return Section(
        "How long relief lasts",
        question=question.key,
        blocks=[
            *told,
            *apart,
            figure,
            resampling_grids.durations(study, rows),
            Figure(
                f"areas_{question.key}",
                f"{alt}Each animal's area above its baseline and share of the possible effect, by arm.",
                "Each animal's area between its thresholds and its baseline after injury, log10 g × days (without a test then: under "
                "its thresholds, g × days), and its share of the maximum possible effect, from thresholds in g, averaged over "
                "the days. Open symbols: some of its thresholds stood at a limit. Strokes: means with 95 % confidence intervals "
                "by t.",
            ),
            resampling_grids.areas(study, question, tables),
        ],
        how_sure=[*apart] if asked else [],
        methods=METHODS[3:],
        folded=not asked,
    )


def _any_relief(row: pd.Series) -> bool:
    """Whether the band shows that there was relief."""
    return bool(row[Durations.band_lower] > row[Durations.treatment_day])


def _lasts(study: Study, row: pd.Series) -> Text:
    """One comparison's relief in words."""
    pair = answers.pair(study, row[Durations.comparison])
    margin = (
        f"{phrases.number(10 ** row[Durations.margin], 2)} times ({row[Durations.margin_is]})"
        if not pd.isna(row[Durations.margin])
        else ""
    )
    if row[Durations.outcome] == "not estimated":
        return f"{pair}: {text(row[Durations.note]) or 'not timed'}."
    if row[Durations.outcome] == "never reached":
        return f"{pair}: on no day does the threshold reach {margin} that of the control."
    start = float(row[Durations.treatment_day])
    if row[Durations.outcome] == "ended":
        days = phrases.number(row[Durations.relief_ends_day] - start, 2)
        head: Text = (
            f"{pair}: relief of {margin} or more lasts ",
            Cell.of(row, "durations", f"{days} days", "relief_ends_day", "treatment_day"),
            " from treatment",
        )
    else:
        head = (f"{pair}: relief of {margin} or more is still there on the last day tested",)
    return (*head, " (95 % CI ", *_limits(row), ").")


def _limits(row: pd.Series) -> tuple[str | Cell, ...]:
    """The 95 % limits of the end, in days from treatment."""
    start = float(row[Durations.treatment_day])
    return _limit(row, Durations.relief_ends_lower, start), " to ", _limit(row, Durations.relief_ends_upper, start)


def _limit(row: pd.Series, name: str, start: float) -> str | Cell:
    """A limit in days from treatment, or that there is none."""
    if pd.isna(row[name]):
        return "beyond the last day tested"
    return Cell.of(row, "durations", f"{phrases.number(row[name] - start, 2)} days", name, "treatment_day")


def _differences(question: Question, tables: Tables) -> pd.DataFrame:
    """The rows that compare two treatments' durations."""
    rows = answers.of(question, tables["bootstrap"])
    return rows[rows[Bootstrap.estimand] == DIFFERENCE]


def _apart(study: Study, row: pd.Series) -> Text:
    """How much longer one treatment's relief lasts than another's."""
    pair = answers.pair(study, row[Bootstrap.comparison])
    if pd.isna(row[Bootstrap.estimate]):
        return f"{pair}: the durations could not be compared."
    low, high = (
        "open" if pd.isna(row[name]) else f"{phrases.number(row[name], 2)}"
        for name in (Bootstrap.lower, Bootstrap.upper)
    )
    return (
        f"{pair}: relief lasts ",
        Cell.of(
            row,
            "bootstrap",
            f"{phrases.number(row[Bootstrap.estimate], 2)} days longer (95 % CI {low} to {high})",
            "estimate",
            "lower",
            "upper",
        ),
        f" by the {row[Bootstrap.method]}; ",
        Cell.of(row, "bootstrap", phrases.p_value(row[Bootstrap.p]), "p"),
        ".",
    )
