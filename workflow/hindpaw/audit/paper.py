"""What the description of a paper's analyses shows without any data: rules on the facts of `analyses`.

Each rule reads what a reader transcribed, with its place; a fact that was not transcribed fires nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from hindpaw import phrases
from hindpaw.audit.printed import decides, numbers_of, p_span
from hindpaw.findings import Finding, several
from hindpaw.tables import Analyses, Claims

ROOM = "audit"
ARRIVE = "ARRIVE 2.0 (doi 10.1371/journal.pbio.3000410)"
NAMES = {
    "two_way_anova": "two-way ANOVA",
    "two_way_rm_anova": "two-way repeated-measures ANOVA",
    "mixed_anova_gg": "mixed ANOVA with Greenhouse–Geisser correction",
    "one_way_anova": "one-way ANOVA",
    "welch_anova": "Welch's ANOVA",
    "kruskal_wallis": "Kruskal–Wallis test",
    "student_t": "Student's t test",
    "welch_t": "Welch's t test",
    "mann_whitney": "Mann–Whitney test",
    "pearson": "Pearson's correlation",
    "spearman": "Spearman's rank correlation",
}


def listed_tests(listed: str | float | None) -> list[str]:
    """The tests of a cell, by key.

    >>> listed_tests("two_way_anova; student_t"), listed_tests(None)
    (['two_way_anova', 'student_t'], [])
    """
    return listed.split("; ") if isinstance(listed, str) else []


def named(tests: list[str]) -> str:
    """Tests as people call them.

    >>> named(["two_way_anova", "student_t"])
    "two-way ANOVA and Student's t test"
    """
    return phrases.listed([NAMES[test] for test in tests])


def repeated_measures(analyses: pd.DataFrame) -> Iterator[Finding]:
    """D3: an ordinary two-way ANOVA over times at which the same animals were measured."""
    about = analyses[
        (analyses[Analyses.same_animals_over_time] == "yes") & (analyses[Analyses.repeated_measures_named] != "yes")
    ]
    for _, row in about.iterrows():
        if "two_way_anova" in listed_tests(row[Analyses.tests]):
            yield _finding(
                "D3", "warning", row,
                f"{row[Analyses.analysis]}: two-way ANOVA is named for mice that were tested on several occasions; repeated measures are not mentioned.",
                "If every test counted as an animal of its own, p is too small (pseudoreplication, doi 10.1371/journal.pbio.2005282).",
                "Ask whether the test was one for repeated measures; refit with a random effect for each animal.",
            )  # fmt: skip


def one_test_each(analyses: pd.DataFrame) -> Iterator[Finding]:
    """R4: several tests listed for one panel."""
    for _, row in analyses.iterrows():
        tests = listed_tests(row[Analyses.tests])
        if len(tests) > 1:
            yield _finding(
                "R4", "warning", row,
                f"{row[Analyses.analysis]} is listed under {named(tests)}: which test a star comes from is not said.",
                "Two tests of the same data can disagree, and choosing after the fact makes p too small.",
                "Ask which test each symbol belongs to, and for its statistic and degrees of freedom.",
            )  # fmt: skip


def exact_n(analyses: pd.DataFrame) -> Iterator[Finding]:
    """D2: n printed as a range, or not at all."""
    for _, row in analyses.iterrows():
        sizes = numbers_of(row[Analyses.n])
        if len(sizes) > 1:
            yield _finding(
                "D2", "warning", row,
                f"{row[Analyses.analysis]}: n is given as {row[Analyses.n]}; how many animals each group had is not said.",
                f"A range hides who is missing, and why ({ARRIVE}, items 2a and 3c).",
                "Ask for the exact n of each group and time, and for the reason of each missing animal.",
            )  # fmt: skip


def arrows_fit(analyses: pd.DataFrame) -> Iterator[Finding]:
    """R4: the legend's arrow marks the giving of something else than the panel is about."""
    for _, row in analyses[analyses[Analyses.given].notna() & analyses[Analyses.arrow_marks].notna()].iterrows():
        if row[Analyses.given].casefold() != row[Analyses.arrow_marks].casefold():
            yield _finding(
                "R4", "note", row,
                f"{row[Analyses.analysis]}: arrows are said to mark {row[Analyses.arrow_marks]}, and the panel is about {row[Analyses.given]}.",
                "Probably a slip in the legend; if it is none, the timing of the treatment is not what it seems.",
                "Ask the authors what the arrows mark.",
            )  # fmt: skip


def absence_from_silence(claims: pd.DataFrame) -> Iterator[Finding]:
    """S6: no effect, or a complete block, concluded from a difference that is not significant."""
    for _, claim in claims[claims[Claims.kind] == "no_effect"].iterrows():
        small = numbers_of(claim[Claims.n])
        shown = isinstance(claim[Claims.interval], str)
        significant = isinstance(claim[Claims.p], str) and decides(p_span(claim[Claims.p])) is True
        if shown or significant:
            continue
        size = f" with n = {claim[Claims.n]}" if small else ""
        yield Finding(
            "S6", "warning", ROOM,
            f"The claim {claim[Claims.claim]} says that there is no effect{size}, and no interval is printed.",
            "A difference that is not significant is no evidence of absence (doi 10.1136/bmj.311.7003.485).",
            "Ask for the interval of the difference, and compare it with the smallest effect that would matter (equivalence test).",
            claim[Claims.source], f"{claim[Claims.text]} {claim[Claims.locator]}",
        )  # fmt: skip


def error_bars(analyses: pd.DataFrame) -> Iterator[Finding]:
    """R3: bars that show SEM hide the spread of the animals; bars that are not explained hide what they are."""
    for kind, rows in analyses.groupby(Analyses.error_bars, sort=False):
        sizes = sorted({n for printed in rows[Analyses.n] for n in numbers_of(printed)})
        if kind == "sem" and sizes:
            factors = [f"{phrases.number(n**0.5)} at n = {n}" for n in sizes]
            yield Finding(
                "R3", "note", ROOM,
                f"Error bars are SEM in {phrases.count(len(rows), 'analysis', 'analyses')}: the SD of the animals is larger by √n ({phrases.listed(factors)}).",
                f"SEM says how well a mean is known, not how far animals differ ({ARRIVE}, item 10; doi 10.1083/jcb.200611141).",
                "Draw every animal, or SD; read overlapping SEM bars as they are.",
                "; ".join(rows[Analyses.source]), several(rows[Analyses.locator].drop_duplicates(), 20),
            )  # fmt: skip
        if kind == "not_stated":
            yield Finding(
                "R3", "warning", ROOM,
                f"What the error bars are is not said in {phrases.count(len(rows), 'analysis', 'analyses')}.",
                "SEM and SD differ by √n; no mean can be compared without knowing which it is (doi 10.1083/jcb.200611141).",
                "Ask the authors.",
                "; ".join(rows[Analyses.source]), several(rows[Analyses.locator].drop_duplicates(), 20),
            )  # fmt: skip


def controls_apart(analyses: pd.DataFrame) -> Iterator[Finding]:
    """D3: panels with a control of the same name, where nothing says that the animals are not the same."""
    about = analyses[analyses[Analyses.control].notna() & (analyses[Analyses.control_shared] != "no")]
    for (control, _), rows in about.fillna({Analyses.unit: ""}).groupby([Analyses.control, Analyses.unit], sort=False):
        if len(rows) > 1:
            said = (rows[Analyses.control_shared] == "yes").any()
            yield Finding(
                "D3", "note", ROOM,
                f"{phrases.listed(list(rows[Analyses.analysis]))} are compared with {control}; "
                f"{'they share its animals' if said else 'whether these are the same animals is not said'}.",
                "Comparisons that share a control are not independent: one odd control group moves them all.",
                "Ask which animals stand in which panel; the raw data tell.",
                "; ".join(rows[Analyses.source]), several(rows[Analyses.locator].drop_duplicates(), 20),
            )  # fmt: skip


def _finding(check: str, severity: str, row: pd.Series, what: str, why: str, what_to_do: str) -> Finding:
    """A finding about one analysis, with its place in the paper."""
    outcome = f"{row[Analyses.outcome]}; " if isinstance(row[Analyses.outcome], str) else ""
    return Finding(check, severity, ROOM, what, why, what_to_do, row[Analyses.source], outcome + row[Analyses.locator])
