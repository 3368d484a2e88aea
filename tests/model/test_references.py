"""The engine against R on every reference data set that stands beside the checkout.

lme4, lmerTest, pbkrtest, emmeans and nlme, their optimizer run to 1e-12. Tolerances: estimates, standard errors,
Kenward–Roger F and degrees of freedom 1e-5 relative, p 1e-6, restricted log-likelihood 1e-6 relative, multivariate-t
p 1e-3 (R integrates it by simulation).
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hindpaw.model import fit, simultaneous
from hindpaw.model.errors import FitError

BESIDE = Path(__file__).parents[3] / "shared" / "reference" / "lmm"
HERE = Path(__file__).parent / "golden"
FOLDERS = [folder for folder in (HERE, BESIDE) if folder.is_dir()]
# A fixed effect that is zero by design is compared on the scale of its standard error.
RELATIVE = 1e-5


def cases(kind: str, *, with_means: bool = False) -> list:
    """Every model of every reference file (those with marginal means); those beside the checkout are marked."""
    found = []
    for folder in FOLDERS:
        for path in sorted(folder.glob("*.json")):
            for place, model in enumerate(json.loads(path.read_text())[kind] or []):
                if with_means and not (model.get("emmeans") or {}).get("kenward_roger"):
                    continue
                name = f"{path.stem}-{model.get('model_id') or model['engine'] + '-' + model['correlation']}"
                marks = [pytest.mark.external] if folder == BESIDE else []
                found.append(pytest.param(path, place, id=f"{folder.parent.name}-{name}", marks=marks))
    return found


def opened(path: Path) -> tuple[dict, pd.DataFrame]:
    """A reference and its data, the factors' levels in R's order."""
    reference = json.loads(path.read_text())
    levels = reference["factor_levels"]
    frame = pd.read_csv(path.parent / reference["csv"], dtype=dict.fromkeys(levels, str), comment="#")
    for column, order in levels.items():
        frame[column] = pd.Categorical(frame[column], categories=order)
    return reference, frame


def summed(formula: str, levels: dict) -> str:
    """The fixed part with every factor coded by sums, as the references are."""
    right = formula.split(" ~ ")[1]
    for factor in levels:
        right = re.sub(rf"(?<![\w.]){factor}(?![\w.])", f"C({factor}, contr.sum)", right)
    return right


def lmer_fit(reference: dict, model: dict, frame: pd.DataFrame, **how):
    """Our fit of an lmer model."""
    random = [re.fullmatch(r"(.+) \| (\w+)", one).groups() for one in model["random"]]
    where = {"animal": random[-1][1]}
    if [terms for terms, _ in random] == ["1", "1"]:
        where["cage"] = random[0][1]
    elif len(random) == 2:
        where |= {"structure": "independent-slope", "day": random[1][0].split()[-1]}
    elif random[0][0] != "1":
        where |= {"structure": "slope", "day": random[0][0]}
    outcome = model["formula"].split(" ~ ")[0]
    return fit(frame, outcome, summed(model["fixed"], reference["factor_levels"]), **where, **how)


def near(own, theirs, *, scale=None, err_msg=""):
    """Relative agreement, on the scale of the standard errors where given."""
    own, theirs = np.asarray(own, float), np.asarray(theirs, float)
    size = np.abs(theirs) if scale is None else np.maximum(np.abs(theirs), scale)
    assert np.all(np.abs(own - theirs) <= RELATIVE * np.maximum(size, 1e-300) + 1e-12), (err_msg, own, theirs)


@pytest.mark.parametrize(("path", "place"), cases("lmer"))
def test_lmer_estimates_and_coefficient_tests(path, place):
    reference, frame = opened(path)
    model = reference["lmer"][place]
    found = lmer_fit(reference, model, frame)
    assert found.reml_loglik == pytest.approx(model["reml_loglik"], rel=1e-6)
    assert found.boundary == model["singular"]
    names = model["coef_names"]
    assert len(found.fixed.names) == len(names) + len(model["dropped_columns"])
    kept = ~found.beta.isna().to_numpy()
    se = np.sqrt(np.diag(found.covariance.to_numpy())[kept])
    near(se, model["se"])
    near(found.beta[kept], model["beta"], scale=se)
    near(
        found.covariance.to_numpy()[np.ix_(kept, kept)],
        np.reshape(model["vcov"], (len(se),) * 2),
        scale=np.outer(se, se),
    )
    near(
        found.covariance_kr.to_numpy()[np.ix_(kept, kept)],
        np.reshape(model["vcov_kr"], (len(se),) * 2),
        scale=np.outer(se, se),
    )
    if model["dropped_columns"]:
        return  # R tests each coefficient as if the one it left out were 0; here none of them can be told.
    for how in ("kenward-roger", "satterthwaite"):
        ours = lmer_fit(reference, model, frame, inference=how).tests
        for row, at in zip(model[f"coef_{how.replace('-', '_')}"], np.flatnonzero(kept), strict=True):
            estimate, own_se, df, _, p = ours.estimate(np.eye(len(kept))[at])
            near([own_se, df], [row["se"], row["df"]], err_msg=(how, row))
            assert p == pytest.approx(row["p"], abs=1e-6)
            assert estimate == pytest.approx(row["estimate"], rel=1e-5, abs=1e-5 * own_se)


@pytest.mark.parametrize(("path", "place"), cases("lmer"))
def test_lmer_type_iii_tests(path, place):
    reference, frame = opened(path)
    model = reference["lmer"][place]
    found = lmer_fit(reference, model, frame).anova()
    for row in model["anova_III_kenward_roger"]:
        own = found[found["term"] == row["term"]].iloc[0]
        if model["dropped_columns"] and row["term"] in [*model["group"], *model["time"]]:
            # R tests a hypothesis there that weights the cells that are left; ours is the part it shares with the
            # full one, or nothing.
            assert own["num_df"] == row["ndf"] - 1
            continue
        assert own["num_df"] == row["ndf"], row
        near([own["F"], own["den_df"]], [row["F"], row["ddf"]], err_msg=row)
        assert own["p"] == pytest.approx(row["p"], abs=1e-6)
    if not model["dropped_columns"]:
        satterthwaite = lmer_fit(reference, model, frame, inference="satterthwaite")
        for row in model["anova_III_satterthwaite"]:
            own = satterthwaite.test(np.reshape(model["anova_III_L"][row["term"]], (-1, len(model["coef_names"]))))
            near([own["F"][0], own["den_df"][0]], [row["F"], row["ddf"]], err_msg=row)


def rows_of(block: list, names: list[str]) -> pd.DataFrame:
    """A block of R's answers as a frame, empty ones as NaN."""
    frame = pd.DataFrame(block)
    for column in frame.columns.difference([*names, "contrast"]):
        frame[column] = pd.to_numeric(frame[column], errors="coerce")
    return frame


def compare_means(own: pd.DataFrame, theirs: pd.DataFrame, by: list[str], what: str) -> None:
    """Means or contrasts by their labels."""
    keys = [*by, "contrast"] if "contrast" in theirs else by
    ours = own.assign(**{key: own[key].astype(str).str.replace(" − ", " - ") for key in keys}).set_index(keys)
    if "contrast" in theirs:
        # R writes the factor before a level that is a number.
        theirs = theirs.assign(contrast=theirs["contrast"].map(bare))
        ours.index = ours.index.map(lambda label: (*label[:-1], bare(label[-1])) if len(keys) > 1 else bare(label))
    empty = theirs["estimate"].isna().any()
    for _, row in theirs.iterrows():
        label = tuple(row[keys].astype(str))
        mine = ours.loc[label if len(keys) > 1 else label[0]]
        for column in ("estimate", "se", "df", "lower", "upper"):
            if math.isnan(row[column]):
                assert math.isnan(mine[column]) or column == "df", (what, label, column)
                continue
            if column in mine and (column not in ("lower", "upper") or "contrast" not in theirs):
                assert mine[column] == pytest.approx(row[column], rel=1e-5, abs=1e-5 * row["se"]), (what, label, column)
        for column in [c for c in ("p", "p_holm", "p_bonferroni", "p_fdr", "p_mvt") if c in theirs and c in mine]:
            # R counts comparisons that cannot be made into the family; they are none, and do not count here.
            if not math.isnan(row[column]) and not (empty and column != "p"):
                tolerance = 1e-3 if column == "p_mvt" else 1e-6
                assert mine[column] == pytest.approx(row[column], abs=tolerance), (what, label, column)


def bare(label: str) -> str:
    """A contrast without the factor's name before a level that is a number."""
    return re.sub(r"(?<![\w.])[A-Za-z]+(?=\d)", "", label)


@pytest.mark.parametrize(("path", "place"), cases("lmer", with_means=True))
def test_lmer_means_and_contrasts(path, place):
    reference, frame = opened(path)
    model = reference["lmer"][place]
    compare_emmeans(lmer_fit(reference, model, frame), model, model["emmeans"]["kenward_roger"])


def compare_emmeans(found, model: dict, told: dict) -> None:
    """Every block of R's emmeans answers."""
    group, time = (model.get(name) or [] for name in ("group", "time"))
    blocks = {"cell_means": [*group, *time], "group_means": group, "time_means": time}
    for name, by in blocks.items():
        if told.get(name) and by:
            compare_means(found.means(by), rows_of(told[name], by), by, name)
    if not group:
        return
    (g,), control = group, model["reference_level"]
    if isinstance(control, list):
        control = control[0]
    if told.get("overall_vs_control"):
        own = with_all_p(found, lambda adjust: found.contrasts(g, against=control, adjust=adjust))
        compare_means(own, rows_of(told["overall_vs_control"], [g]), [], "overall_vs_control")
    for scope in ("family_all", "family_within_time"):
        theirs = (told.get("vs_control_by_time") or {}).get(scope)
        if theirs and time:
            family = "all" if scope == "family_all" else "within"

            def asked(adjust, family=family):
                return found.contrasts(g, by=time, against=control, adjust=adjust, family=family)

            compare_means(with_all_p(found, asked), rows_of(theirs, time), time, scope)


def with_all_p(found, ask) -> pd.DataFrame:
    """Our contrasts with a column for each adjustment, under R's names."""
    own = ask("holm").rename(columns={"p_adjusted": "p_holm"})
    for name, adjust in {"p_bonferroni": "bonferroni", "p_fdr": "bh"}.items():
        own[name] = ask(adjust)["p_adjusted"]
    if len(own) <= 20:
        # mvtnorm integrates whole degrees of freedom only, so emmeans takes floor(df + ¼) for more than one
        # comparison; ours does not, but for this comparison.
        with pytest.MonkeyPatch.context() as patch:
            exact = simultaneous.single_step
            patch.setattr(
                simultaneous, "single_step", lambda t, df, R: exact(t, np.floor(df + 0.25) if len(t) > 1 else df, R)
            )
            own["p_mvt"] = ask("mvt")["p_adjusted"]
    return own


def nlme_fit(reference: dict, model: dict, frame: pd.DataFrame):
    """Our fit of a gls or lme model, and what nlme calls its correlation."""
    roles = reference["roles"]
    kind = re.match(r"\w+", model["correlation"] or "corCompSymm")[0]
    variable = re.search(r"~(\w+)", model["correlation"] or "")
    if variable and variable[1] == "occ":
        frame["occ"] = frame[roles["time"]].cat.codes.astype(float)
    structure = {"corAR1": "ar1", "corCAR1": "ar1", "corSymm": "un", "corCompSymm": "cs"}[kind]
    if model["engine"] == "lme" and structure != "cs":
        structure = f"cs+{structure}"
    weights = re.search(r"~1\|(\w+)", (model["weights"] or "").replace(" ", ""))
    day = None if structure == "cs" else variable[1]
    fixed = summed(model["fixed"], reference["factor_levels"])
    differs = weights[1] if weights and structure != "un" else None
    return fit(frame, roles["y"], fixed, roles["unit"], structure, day=day, variance=differs), kind


@pytest.mark.parametrize(("path", "place"), cases("nlme"))
def test_nlme_serial_unstructured_and_unequal_variances(path, place):
    reference, frame = opened(path)
    model = reference["nlme"][place]
    found, kind = nlme_fit(reference, model, frame)
    if found.solution.structure.label == "cs+ar1" and model["cor_par"][0] < 0:
        # R allows a negative correlation on whole occasions, which no process in time has; ours stops at 0.
        assert "rho" in found.solution.edge
        assert found.reml_loglik < model["reml_loglik"]
        return
    if found.boundary:
        # nlme keeps its standard deviation on the log scale and stops short of 0.
        assert found.reml_loglik >= model["reml_loglik"] - 1e-9
    else:
        assert found.reml_loglik == pytest.approx(model["reml_loglik"], rel=1e-6)
        compare_parameters(found, model, kind)
    se = np.sqrt(np.diag(found.covariance))
    near(se, model["se"])
    near(found.beta, model["beta"], scale=se)


def compare_parameters(found, model: dict, kind: str) -> None:
    """Variances and correlations: nlme gives a residual sd, ratios to it, and a correlation."""
    theta, sigma = found.theta, model["sigma"]
    ratios = model["var_par"] or {"": 1.0}
    if kind == "corSymm":
        return  # its variances and correlations show in the likelihood and in every standard error
    told = {f"sigma2[{name}]" if name else "sigma2": (sigma * ratio) ** 2 for name, ratio in ratios.items()}
    if kind == "corCompSymm" and model["engine"] == "gls":
        rho = model["cor_par"][0]
        told = {"sigma2": sigma**2 * (1 - rho), "tau2": sigma**2 * rho}
    elif model["engine"] == "lme":
        told["tau2"] = model["random_sd"][0] ** 2
    for name, value in told.items():
        assert theta[name] == pytest.approx(value, rel=1e-4), name
    if kind in ("corAR1", "corCAR1"):
        gap = found.solution.structure.median_gap if model["engine"] == "lme" else 1.0
        assert theta["rho"] == pytest.approx(model["cor_par"][0] ** gap, rel=1e-4)


def test_every_golden_case_was_compared():
    """Golden files of our own are always here."""
    assert len([one for one in cases("lmer") if not one.marks]) == 6
    assert len([one for one in cases("nlme") if not one.marks]) == 8


def test_a_frame_that_cannot_carry_the_model_says_why():
    frame = pd.DataFrame({"y": [1.0, 2, 3], "a": list("abc")})
    with pytest.raises(FitError, match="observations cannot carry"):
        fit(frame, "y", "C(a)", "a")
