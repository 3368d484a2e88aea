"""verify.R gives R's numbers for the same models, and they agree with hindpaw's; and it notices where they do not."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from hindpaw.audit.verification import files_for_r
from hindpaw.measure import outcomes
from hindpaw.model import answers
from hindpaw.simulate.small import clean, described

NAMES = {"script": "verify.R", "data": "verify.csv", "expected": "verify_expected.csv"}
BASE = dict(outcome="threshold", treated="drug", control="vehicle")
QUESTIONS = {
    "plain": BASE,
    "blocks": BASE | dict(blocks=["cohort", "sex"], adjust="bonferroni"),
    "caged": BASE | dict(cage=True),
    "fading": BASE | dict(structure="ar1"),
    "both": BASE | dict(structure="cs+ar1"),
    "daily": BASE | dict(by="day", adjust="mvt", baseline="none"),
    "sloped": BASE | dict(structure="slope"),
    "shared_start": BASE | dict(baseline="clda"),
}


@pytest.fixture(scope="module")
def rscript():
    """Rscript with the packages the script names, or a skip."""
    program = shutil.which("Rscript")
    if program is None:
        pytest.skip("R is not installed")
    needed = "for (p in c('lme4', 'pbkrtest', 'emmeans', 'nlme')) stopifnot(requireNamespace(p, quietly = TRUE))"
    if subprocess.run([program, "-e", needed], capture_output=True, check=False).returncode:
        pytest.skip("R lacks lme4, pbkrtest, emmeans or nlme")
    return program


def run(rscript, folder, made):
    """The script run where it stands."""
    for name, content in made.items():
        (folder / NAMES[name]).write_bytes(content)
    return subprocess.run([rscript, "verify.R"], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def asked():
    """The three files of a small study with a question for each structure."""
    study = described(questions=QUESTIONS)
    made = clean(np.random.default_rng(5), 0.3)
    made |= outcomes(study, **{name: made[name] for name in ("animals", "filaments", "trials", "readings", "wells")})
    made |= answers(study, made["thresholds"], made["concentrations"], made["animals"], made["counts"], seed=1)
    return files_for_r(study, made)


def test_what_r_cannot_do_is_left_out_in_words(asked):
    script = asked["script"].decode()
    assert "The question sloped is left out: the structure slope is none that lme4 and nlme share" in script
    assert "The question shared_start is left out: its baseline enters as clda" in script
    assert not {"sloped", "shared_start"} & set(pd.read_csv(_text(asked["data"]))["question"])


def _text(content):
    """Bytes as a file."""
    import io

    return io.BytesIO(content)


@pytest.mark.r
def test_r_agrees_on_every_structure_it_has(rscript, asked, tmp_path):
    found = run(rscript, tmp_path, asked)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "Everything that was compared agrees." in found.stdout
    # Estimates of six questions; standard errors, df and p of the four that lme4 fits; their three F tests each.
    assert found.stdout.count(": agrees") == 6 + 4 * 3 + 3 + 4 * 9


@pytest.mark.r
def test_a_number_that_is_wrong_is_noticed(rscript, asked, tmp_path):
    expected = pd.read_csv(_text(asked["expected"]))
    row = expected.index[(expected["question"] == "plain") & (expected["kind"] == "contrast")][0]
    expected.loc[row, "df"] *= 1.1
    found = run(rscript, tmp_path, asked | {"expected": expected.to_csv(index=False).encode()})
    assert found.returncode == 1
    assert "Differs: plain degrees of freedom" in found.stdout


@pytest.mark.r
def test_r_agrees_on_the_demo(rscript, demo, taken_in, measured, modelled, tmp_path):
    made = files_for_r(demo, {**taken_in, **measured, **modelled})
    found = run(rscript, tmp_path, made)
    assert found.returncode == 0, found.stdout + found.stderr
    for question in ("relief", "tgfb1_relief", "needs_tgfb1", "needs_il10"):
        assert f"{question}: cs" in found.stdout
