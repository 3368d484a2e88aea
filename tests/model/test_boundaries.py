"""At the edges each model gives the right answer, or a refusal that names the cause; never a NaN in silence.

The data are simulated. Warnings are errors in every test.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hindpaw.model import fit
from hindpaw.model.errors import FitError
from hypothesis import given, settings
from hypothesis import strategies as some

STRUCTURES = ("cs", "slope", "independent-slope", "ar1", "cs+ar1", "un")
CELLS = "arm * C(week)"


def mice(n: int = 12, weeks: int = 5, seed: int = 1, tau: float = 0.5, arms: int = 2) -> pd.DataFrame:
    """Complete rows of mice in arms, two a cage, with a sex and a covariate."""
    random = np.random.default_rng(seed)
    mouse, week = np.repeat(np.arange(n), weeks), np.tile(np.arange(1, weeks + 1), n)
    y = tau * random.normal(size=n)[mouse] + random.normal(size=n * weeks)
    letters = np.array(list("abcdef"))
    frame = {"mouse": mouse, "arm": letters[mouse * arms // n], "week": week, "day": 7.0 * week, "cage": mouse // 2}
    return pd.DataFrame(frame | {"sex": np.where(mouse % 2, "f", "m"), "x": random.normal(size=n)[mouse], "y": y})


def fitted(frame: pd.DataFrame, structure: str = "cs", fixed: str = CELLS, **more):
    """The fit with its day."""
    return fit(frame, "y", fixed, "mouse", structure, day="day", **more)


def whole(found) -> None:
    """Every number of a fit that claims to be one is a number."""
    table = found.anova()
    told = table[~table["method"].str.startswith("not estimable")]
    assert np.isfinite(told[["F", "den_df", "p"]].to_numpy()).all()
    assert (told["den_df"] > 0).all()
    assert np.isfinite(list(found.theta.values())).all()
    assert found.solution.converged or any("did not settle" in note for note in found.notes)


def same(one, other, scale: float = 1.0) -> None:
    """Two fits with the same tests; variances differ by the square of the outcome's scale."""
    for column in ("F", "den_df", "p"):
        assert other.anova()[column].to_numpy() == pytest.approx(one.anova()[column].to_numpy(), rel=1e-4), column
    for name, value in one.theta.items():
        size = 1.0 if name == "rho" else scale**2
        near = 1e-6 if name == "rho" else 1e-6 * sum(one.theta[s] for s in one.theta if s.startswith("sigma2"))
        assert other.theta[name] / size == pytest.approx(value, rel=1e-3, abs=near), name


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize(("times", "plus"), [(1e-12, 0), (-1e12, 0), (1, 1e8), (1e-3, -1e4)])
def test_the_unit_and_the_origin_of_the_outcome_do_not_matter(structure, times, plus):
    frame = mice()
    same(fitted(frame, structure), fitted(frame.assign(y=frame["y"] * times + plus), structure), abs(times))


@pytest.mark.parametrize("structure", STRUCTURES)
def test_days_in_seconds_and_a_late_origin_do_not_matter(structure):
    frame = mice()
    if structure != "independent-slope":  # which is independent at day 0, wherever that is
        same(fitted(frame, "cs"), fitted(frame.assign(day=frame["day"] + 1e6), "cs"))
    there = fitted(frame.assign(day=frame["day"] * 86400), structure)
    for column in ("F", "den_df", "p"):
        assert there.anova()[column].to_numpy() == pytest.approx(fitted(frame, structure).anova()[column], rel=1e-5)


def test_no_variance_between_animals_is_an_answer_that_is_named():
    """With τ² = 0 the tests are those of independent rows: 48 residual degrees of freedom under ordinary least squares,
    which Kenward and Roger lower, because τ² might have been more."""
    frame = mice(tau=0.0, seed=4)
    # Animals more alike than chance would have it.
    frame["y"] -= 0.9 * frame.groupby("mouse")["y"].transform("mean")
    found = fitted(frame)
    assert found.boundary
    assert found.theta["tau2"] == 0
    assert any("tau2" in note for note in found.notes)
    X = found.fixed.X
    rest = frame["y"] - X @ np.linalg.lstsq(X, frame["y"], rcond=None)[0]
    assert found.theta["sigma2"] == pytest.approx(float(rest @ rest) / (60 - 10), rel=1e-9)
    whole(found)
    for structure in STRUCTURES:
        whole(fitted(frame, structure))


REFUSED = {
    "constant outcome": (lambda f: f.assign(y=3.0), CELLS, {}, "does not vary within the cells"),
    "cells explain all": (
        lambda f: f.assign(y=f["week"] + (f["arm"] == "b")),
        CELLS,
        {},
        "does not vary within the cells",
    ),
    "constant within animals": (lambda f: f.assign(y=f["mouse"] % 5), CELLS, {}, "vary over its days"),
    "animals and cells explain all": (
        lambda f: f.assign(y=f["week"] + f["mouse"] % 5),
        CELLS,
        {},
        "vary over its days",
    ),
    "one animal an arm": (lambda f: f[f["mouse"].isin([0, 6])], CELLS, {}, "One animal in a group"),
    "one animal an arm, lines": (
        lambda f: f[f["mouse"].isin([0, 6])],
        "arm * day",
        {},
        "variance between animals|variances and covariances",
    ),
    "one animal in all": (lambda f: f[f["mouse"] == 0], "C(week)", {}, "observations cannot carry"),
    "one animal in all, a line": (
        lambda f: f[f["mouse"] == 0],
        "day",
        {},
        "variance between animals|variances and covariances",
    ),
    "a block for each animal": (lambda f: f, CELLS + " + C(mouse)", {}, "variance between animals"),
    "fewer rows than means": (lambda f: f[f["mouse"].isin([0, 6])][1:9], CELLS, {}, "observations cannot carry"),
    "one day each": (lambda f: f[f["week"] == 1], "arm", {}, "at least two days|vary over its days"),
    "an infinite outcome": (lambda f: f.assign(y=f["y"].where(f.index != 3, np.inf)), CELLS, {}, "infinite"),
    "an infinite covariate": (lambda f: f.assign(x=f["x"].where(f.index != 3, np.inf)), CELLS + " + x", {}, "infinite"),
    "an infinite day": (lambda f: f.assign(day=f["day"].where(f.index != 3, np.inf)), CELLS, {}, "day is .* infinite"),
    "all values empty": (lambda f: f.assign(y=np.nan), CELLS, {}, "No row holds a value"),
    "values beyond squares": (lambda f: f.assign(y=f["y"] * 1e160), CELLS, {}, "another unit"),
    "values too small to square": (lambda f: f.assign(y=f["y"] * 1e-170), CELLS, {}, "another unit"),
    "animals in two cages": (
        lambda f: f.assign(cage=f["cage"] + (f["week"] == 1)),
        CELLS,
        {"cage": "cage"},
        "more than one cage",
    ),
    "one cage an arm": (lambda f: f.assign(cage=f["arm"]), CELLS, {"cage": "cage"}, "every cage has means of its own"),
}


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_fitted_is_refused_with_its_cause(case, structure):
    change, fixed, more, words = REFUSED[case]
    with pytest.raises(FitError, match=words):
        fitted(change(mice()), structure, fixed, **more)


@pytest.mark.parametrize(
    ("frame", "structure", "more", "words"),
    [
        (mice(n=4, weeks=7), "un", {}, "choose a structure with fewer"),
        (mice(n=6, weeks=7), "un", {}, "too few for un"),
        (mice(n=4, weeks=41), "un", {}, "too many"),
        (pd.concat([mice(), mice()]), "ar1", {}, "two rows on day 7"),
        (pd.concat([mice(), mice()]), "cs+ar1", {}, "two rows on day 7"),
        (pd.concat([mice(), mice()]), "un", {}, "two rows on day 7"),
        (mice(), "cs", {"cage": "mouse"}, "leave the cage out"),
        (mice(), "cs+ar1", {"cage": "mouse"}, "leave the cage out"),
        (mice(), "cs", {"variance": "mouse"}, "residual variance of 0 cannot be known"),
        (mice(), "un", {"variance": "arm"}, "a variance for each day already"),
    ],
)
def test_a_structure_the_rows_cannot_carry_is_refused(frame, structure, more, words):
    with pytest.raises(FitError, match=words):
        fitted(frame, structure, **more)


@pytest.mark.parametrize("structure", ["cs", "slope", "independent-slope"])
def test_two_rows_a_day_are_two_rows(structure):
    """Doubled rows leave the means and halve what is known of the residual; animals stay the unit between arms."""
    frame = mice()
    once, twice = fitted(frame), fitted(pd.concat([frame, frame], ignore_index=True), structure)
    whole(twice)
    a, b = (found.means("arm")["estimate"].to_numpy() for found in (once, twice))
    assert b == pytest.approx(a, rel=1e-6)
    assert twice.anova()["den_df"][0] == pytest.approx(10, rel=1e-3)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_an_empty_cell_costs_what_it_must_and_no_more(structure):
    frame = mice()
    found = fitted(frame[~((frame["arm"] == "b") & (frame["week"] == 5))], structure)
    whole(found)
    by_week = found.contrasts("arm", by="week", against="a")
    assert by_week["estimate"].isna().tolist() == [False] * 4 + [True]
    assert by_week["note"][4].startswith("not estimable")
    raw = frame[frame["week"] == 1].groupby("arm")["y"].mean()
    if structure == "cs":
        assert by_week["estimate"][0] == pytest.approx(raw["b"] - raw["a"], rel=1e-9)
    assert found.contrasts("arm", against="a")["estimate"].isna().all()
    table = found.anova().set_index("term")
    assert table.loc["arm", "method"].startswith("not estimable")
    assert table.loc["arm:week", "num_df"] == 3
    assert any("left out" in note for note in found.notes)
    assert found.means(["arm", "week"])["estimate"].isna().sum() == 1


@pytest.mark.parametrize("structure", STRUCTURES)
def test_a_block_that_is_the_arm_takes_the_arm_with_it(structure):
    frame = mice()
    found = fitted(frame.assign(sex=np.where(frame["arm"] == "a", "f", "m")), structure, CELLS + " + sex")
    whole(found)
    table = found.anova().set_index("term")
    assert table.loc[["arm", "sex"], "p"].isna().all()
    assert table.loc["arm:week", "p"] == pytest.approx(fitted(frame, structure).anova()["p"][2], rel=1e-5)


@pytest.mark.parametrize("structure", ["cs", "cs+ar1"])
def test_a_covariate_twice_is_one_covariate(structure):
    frame = mice()
    once = fitted(frame, structure, CELLS + " + x")
    twice = fitted(frame.assign(x2=2 * frame["x"] + 1), structure, CELLS + " + x + x2")
    assert twice.reml_loglik == pytest.approx(once.reml_loglik, rel=1e-8)
    a, b = (found.contrasts("arm", by="week", against="a")["p"].to_numpy() for found in (once, twice))
    assert b == pytest.approx(a, rel=1e-6)


@pytest.mark.parametrize("little", [1e-2, 1e-3, 1e-4, 1e-5])
def test_hardly_any_residual_variance_is_fitted_or_refused(little):
    """Between arms the test becomes the t test of one value an animal, within it stays what it was."""
    frame = mice()
    found = fitted(frame.assign(y=frame["mouse"] % 5 + little * frame["y"]))
    assert found.theta["sigma2"] == pytest.approx(little**2 * fitted(frame).theta["sigma2"], rel=1e-3)
    assert found.anova()["p"][2] == pytest.approx(fitted(frame).anova()["p"][2], rel=1e-3)
    for structure in STRUCTURES:
        reason = numbers_or_reason(frame.assign(y=frame["mouse"] % 5 + little * frame["y"]), structure)
        assert reason is None or (little <= 1e-4 and "vary over its days" in reason)


def numbers_or_reason(frame: pd.DataFrame, structure: str) -> str | None:
    """None for a fit whose numbers are numbers, else why there is none."""
    try:
        whole(fitted(frame, structure))
    except FitError as refusal:
        return str(refusal)
    return None


def test_hardly_any_difference_from_one_is_no_correlation_lost():
    """A serial correlation close to 1 is found: the search may not stop short of it."""
    random = np.random.default_rng(2)
    frame = mice(n=20)
    steps = np.cumsum(random.normal(size=(20, 5)), axis=1) * 0.01 + 5 * random.normal(size=(20, 1))
    found = fitted(frame.assign(y=steps.ravel()), "ar1")
    assert found.solution.converged
    assert 0.999 < found.theta["rho"] ** 7 < 1


@settings(max_examples=60, deadline=None)
@given(
    seed=some.integers(0, 10**6),
    structure=some.sampled_from(STRUCTURES),
    kept=some.floats(0.25, 1.0),
    scale=some.sampled_from([1e-6, 1.0, 1e6]),
)
def test_any_rows_give_numbers_or_a_reason(seed, structure, kept, scale):
    """Rows left out at random, whole cells and animals among them."""
    random = np.random.default_rng(seed)
    frame = mice(n=int(random.integers(3, 12)), weeks=int(random.integers(2, 6)), seed=seed)
    frame = frame[random.random(len(frame)) < kept].assign(y=lambda f: f["y"] * scale)
    if frame.empty:
        return
    reason = numbers_or_reason(frame, structure)
    assert reason is None or len(reason) > 20
