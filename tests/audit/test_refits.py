"""Tests as papers name them against R's (tests/audit/r/as_published.R), and what they do to animals with gaps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hindpaw.audit import anova, pairs
from hindpaw.audit.anova import Unmade
from hindpaw.audit.taken import Taken

HERE = Path(__file__).parent
R = pd.read_csv(HERE / "as_published_r.csv").set_index(["set", "test", "term"])["value"]
SETS = ["all", "balanced"]
TWO_WAY = {
    "two_way_anova": anova.ordinary,
    "two_way_rm_anova": lambda frame: anova.repeated(frame, corrected=False),
    "mixed_anova_gg": lambda frame: anova.repeated(frame, corrected=True),
}
ONE_WAY = {"one_way_anova": anova.one_way, "welch_anova": anova.welch, "kruskal_wallis": anova.kruskal_wallis}


def frame_of(which: str) -> pd.DataFrame:
    """The data R had: 4, 6 and 5 animals, or the first four of each arm."""
    frame = pd.read_csv(HERE / "as_published.csv")
    first = frame["animal"].str.extract(r"(\d+)")[0].astype(int) <= 4
    return frame if which == "all" else frame[first]


def data_of(which: str) -> Taken:
    """The same as a claim's values."""
    return Taken(frame_of(which), "high", "control", "raw", "g", 0)


def says(which: str, test: str, term: str) -> float:
    """R's number."""
    return R[which, test, term]


@pytest.mark.parametrize("which", SETS)
@pytest.mark.parametrize("test", TWO_WAY)
def test_two_way_analyses_are_those_of_r(which, test):
    """F and p to the last digits R prints. Of unequal arms, time is type II, as car has it with type = 2."""
    found = TWO_WAY[test](frame_of(which)).terms
    compared = 0
    for term, (F, df1, df2, p) in found.items():
        for name, value in (("F", F), ("p", p), ("df2", df2)):
            if (which, test, f"{name}_{term}") in R.index:
                assert value == pytest.approx(says(which, test, f"{name}_{term}"), rel=1e-8), (term, name)
                compared += 1
        assert df1 > 0
    assert compared >= 2


@pytest.mark.parametrize("which", SETS)
def test_epsilon_is_that_of_the_covariance_within_arms(which):
    assert anova.greenhouse_geisser(frame_of(which)) == pytest.approx(
        says(which, "mixed_anova_gg", "epsilon"), rel=1e-9
    )


def test_a_comparison_after_repeated_measures_pools_animals_and_residual():
    """Against emmeans, which combines the strata: the same standard error, so the same t."""
    data = data_of("balanced")
    for one in pairs.after(anova.repeated(data.frame, corrected=False), data, "none", None):
        assert one.value == pytest.approx(says("balanced", "after_rm", f"t_{one.time:g}"), rel=1e-8)
        # 3 × 3 animals between and 3 × 3 × 4 within.
        assert one.df == 9 + 36


@pytest.mark.parametrize("which", SETS)
def test_a_comparison_after_an_ordinary_two_way_anova(which):
    data = data_of(which)
    found = pairs.after(anova.ordinary(data.frame), data, "bonferroni", None)
    for one in found:
        assert one.value == pytest.approx(says(which, "after_two_way", f"t_{one.time:g}"), rel=1e-9)
        assert one.p_adjusted == pytest.approx(min(1, 5 * one.p))
    assert len(found) == 5


@pytest.mark.parametrize("which", SETS)
@pytest.mark.parametrize("test", ["student_t", "welch_t", "mann_whitney"])
def test_a_test_at_each_time(which, test):
    found = pairs.separate(test, data_of(which), None, None)
    statistic = "U" if test == "mann_whitney" else "t"
    for one in found:
        assert one.value == pytest.approx(says(which, test, f"{statistic}_{one.time:g}"), rel=1e-9)
        assert one.p == pytest.approx(says(which, test, f"p_{one.time:g}"), rel=1e-9)
    assert len(found) == 5


@pytest.mark.parametrize("which", SETS)
@pytest.mark.parametrize("how", ["bonferroni", "holm"])
def test_t_tests_corrected_over_times(which, how):
    for one in pairs.separate("student_t", data_of(which), how, None):
        assert one.p_adjusted == pytest.approx(says(which, f"student_t_{how}", f"p_{one.time:g}"), rel=1e-9)


def test_a_printed_number_of_comparisons_counts():
    one = pairs.separate("student_t", data_of("all"), "bonferroni", 7)[0]
    assert one.p_adjusted == pytest.approx(min(1, 7 * one.p))
    assert one.adjustment == "bonferroni, 7 comparisons"


@pytest.mark.parametrize("which", SETS)
@pytest.mark.parametrize("test", ONE_WAY)
def test_one_way_analyses_are_those_of_r(which, test):
    F, _, df2, p = ONE_WAY[test](frame_of(which)).terms["arm"]
    assert says(which, test, "H_arm" if test == "kruskal_wallis" else "F_arm") == pytest.approx(F, rel=1e-9)
    assert says(which, test, "p_arm") == pytest.approx(p, rel=1e-9)
    if test == "welch_anova":
        assert says(which, test, "df2_arm") == pytest.approx(df2, rel=1e-9)


@pytest.mark.parametrize("which", SETS)
@pytest.mark.parametrize("how", ["none", "bonferroni", "holm", "tukey", "dunnett"])
def test_a_pair_after_a_one_way_anova(which, how):
    """Dunnett's p is a random integral in both programs: 1e-3; Tukey's is a numerical one: 1e-6."""
    data = data_of(which)
    one = pairs.after_one_way(anova.one_way(data.frame), data, how, None)
    tolerance = {"dunnett": 1e-3, "tukey": 1e-6}.get(how, 1e-9)
    assert one.p_adjusted == pytest.approx(says(which, f"after_one_way_{how}", "p"), abs=tolerance)


@pytest.mark.parametrize("n", [15, 9, 5])
@pytest.mark.parametrize("test", ["pearson", "spearman"])
def test_correlations_are_those_of_r(test, n):
    """R's cor.test; Spearman's p is exact for nine and five animals, where t is 0.009 and 0.03 off."""
    frame = frame_of("all")
    one, two = (frame.loc[frame["time"] == day, "y"].reset_index(drop=True).head(n) for day in (5, 14))
    name, r, df, p = pairs.correlation(test, one, two)
    assert (name, df) == ("r", n - 2)
    assert r == pytest.approx(says(f"first {n}", test, "r"), rel=1e-9)
    assert p == pytest.approx(says(f"first {n}", test, "p"), rel=1e-9)


def test_repeated_measures_name_the_animals_they_drop():
    """pingouin would leave them out without a word."""
    frame = frame_of("all")
    holes = frame[~((frame["animal"] == "high2") & (frame["time"] == 14)) & (frame["animal"] != "low5")]
    found = anova.repeated(holes, corrected=False)
    assert found.dropped == ("high2",)
    assert "drops 1 animal not tested every time" in found.note
    assert "high2" in found.note
    without = anova.repeated(holes[holes["animal"] != "high2"], corrected=False)
    assert found.terms == without.terms


def test_an_arm_of_equal_values_can_still_be_compared():
    """All controls at a limit: t = (2 − 1)/√(1/3) = 1.732, Welch's df those of the other arm."""
    name, t, df, _ = pairs.two_samples("welch_t", np.array([1.0, 2.0, 3.0]), np.ones(3))
    assert (name, round(t, 3), round(df, 6)) == ("t", 1.732, 2.0)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda f: anova.ordinary(f[(f["arm"] != "low") | (f["time"] < 28)]), "every time"),
        (lambda f: anova.ordinary(f[f["time"] == 5]), "two times"),
        (
            lambda f: anova.repeated(f[~((f["arm"] == "control") & (f["time"] == 7))], False),
            "only 0 animals of control",
        ),
        (lambda f: anova.one_way(f[f["arm"] == "low"]), "two arms"),
        (lambda f: pairs.two_samples("welch_t", np.ones(3), np.ones(3)), "differ"),
    ],
)
def test_a_test_that_cannot_be_made_says_why(make, why):
    with pytest.raises(Unmade, match=why):
        make(frame_of("all"))


def test_an_ordinary_two_way_anova_says_what_it_counts():
    assert (
        anova.ordinary(frame_of("all")).note
        == "counts 75 values of 15 animals as if each came from an animal of its own"
    )
