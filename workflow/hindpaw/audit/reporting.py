"""Rules on what is printed (R1–R5, and D2, D3, S6 where a paper's own words fire them)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from hindpaw.audit import compared, granular, intervals, paper, recompute, smallest, summaries
from hindpaw.audit.taken import taken
from hindpaw.findings import Finding
from hindpaw.study import Study
from hindpaw.tables import Claims


def from_print(claims: pd.DataFrame, groups: pd.DataFrame, analyses: pd.DataFrame) -> Iterator[Finding]:
    """Everything that print alone shows; claims that still wait for their numbers are passed over."""
    ready = claims[claims[Claims.status] == "transcribed"]
    yield from recompute.statistics_agree(ready)
    yield from recompute.counts_agree(ready)
    yield from recompute.nothing_to_recompute(ready, analyses)
    yield from granular.granular_means(ready, groups)
    yield from summaries.summaries_agree(ready, groups)
    yield from summaries.implied_spread(ready, groups)
    yield from intervals.intervals_agree(ready)
    yield from smallest.rank_tests_reach(ready)
    yield from smallest.what_n_allows(ready, analyses)
    yield from paper.repeated_measures(analyses)
    yield from paper.one_test_each(analyses)
    yield from paper.exact_n(analyses)
    yield from paper.arrows_fit(analyses)
    yield from paper.absence_from_silence(ready)
    yield from paper.error_bars(analyses)
    yield from paper.controls_apart(analyses)


def against_data(study: Study, t: Mapping[str, pd.DataFrame]) -> Iterator[Finding]:
    """R4 and R3 with raw data; on simulated data nothing, since they are not the paper's."""
    claims = t["claims"]
    about = claims[claims[Claims.question].notna() & (claims[Claims.status] == "transcribed")]
    for _, claim in (about if not study.simulated else about.head(0)).iterrows():
        data = taken(study, claim, t["thresholds"], t["concentrations"])
        if data.frame.empty or study.questions[claim[Claims.question]].kind == "association":
            # The verdict says what there is; an association has neither arms nor a day of its own.
            continue
        yield from compared.times_exist(claim, data)
        if claim[Claims.kind] == "mean":
            found = compared.groups_here(claim, t["claim_groups"], data)
            yield from compared.means_agree(claim, [] if isinstance(found, str) else found)
        else:
            here = {study.label(arm): n for arm, n in compared.numbers_here(claim, data).items()}
            yield from compared.numbers_agree(claim, here)
