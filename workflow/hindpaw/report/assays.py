"""Standard curves, their limits and their quality controls; how concentrations were made."""

from __future__ import annotations

import pandas as pd

from hindpaw import phrases
from hindpaw.report.sections import Figure, Grid, Section, Tables, text
from hindpaw.study import Study
from hindpaw.tables import Curves, Fits

STANDARD = "standard_curves_"
LEGEND = "Numbers are recoveries of the standards in %, ticks at the foot are samples, dashed lines the limits of quantification."
FORMS = {
    "best": "have four parameters, or five where AICc prefers it",
    "4PL": "have four parameters",
    "5PL": "have five parameters",
}
WEIGHTS = {"1/y2": "weighted by 1/fitted²", "1/y": "weighted by 1/fitted", "none": "without weights"}


def sections(study: Study, tables: Tables) -> list[Section]:
    """The curves plate by plate, and what was read off them."""
    if tables["curves"].empty:
        return []
    grids = [grid for grid in (curves(tables), controls(tables)) if grid.rows]
    return [Section("", "assays", blocks=[*_figures(study, tables), *grids], methods=methods(study, tables))]


def _figures(study: Study, tables: Tables) -> list[Figure]:
    """A figure for each plate."""
    frame, figures = tables["curves"], []
    for plate in (name for one in study.plates for name in one.among(frame[Curves.plate])):
        told = curve(frame[frame[Curves.plate] == plate])
        alt = f"{'Simulated data. ' if study.simulated else ''}Standard curves of plate {plate}. {told}"
        figures.append(Figure(STANDARD + plate, alt, f"Plate {plate}. {LEGEND} {told}"))
    return figures


def curve(rows: pd.DataFrame) -> str:
    """The curves of one plate in words."""
    told = [
        f"{row.analyte}: {row.form}, quantified from {phrases.number(row.lloq_pg_per_ml)} to "
        f"{phrases.number(row.uloq_pg_per_ml)} pg/ml"
        if row.accepted
        else f"{row.analyte}: not accepted" + (f", {row.reason}" if isinstance(row.reason, str) else "")
        for row in rows.sort_values(Curves.analyte, kind="stable").itertuples()
    ]
    return f"{'; '.join(told)}." if told else "No curve could be fitted."


def curves(tables: Tables) -> Grid:
    """The standard curves: form, limits, and whether values are read off them."""
    heads = ["plate", "analyte", "form", "LOD (pg/ml)", "LLOQ (pg/ml)", "ULOQ (pg/ml)", "accepted", "reason", "note"]
    frame = tables["curves"].sort_values([Curves.plate, Curves.analyte], kind="stable")
    rows = [
        [row.plate, row.analyte, row.form]
        + [phrases.number(value) for value in (row.lod_pg_per_ml, row.lloq_pg_per_ml, row.uloq_pg_per_ml)]
        + ["yes" if row.accepted else "no", text(row.reason), text(row.note)]
        for row in frame.itertuples()
    ]
    return Grid("Standard curves and their limits", heads, rows, "curves", list(frame.index)).without_empty()


def controls(tables: Tables) -> Grid:
    """Quality controls and bridging samples, plate by plate."""
    heads = ["plate", "analyte", "control", "stated (pg/ml)", "read (pg/ml)", "recovery (%)", "CV between plates (%)"]
    rows = []
    for row in tables["controls"].itertuples():
        numbers = (row.nominal_pg_per_ml, row.pg_per_ml, row.recovery_percent, row.inter_plate_cv_percent)
        rows.append([row.plate, row.analyte, row.sample, *map(phrases.number, numbers)])
    return Grid("Quality controls", heads, rows, "controls", list(tables["controls"].index)).without_empty()


def methods(study: Study, tables: Tables) -> list[str]:
    """How concentrations were made and compared."""
    if tables["curves"].empty:
        return []
    low, high = study.assay.recovery_percent
    told = [
        f"Standard curves {FORMS[study.assay.form]}, {WEIGHTS[study.assay.weights]}. A standard counts "
        f"where its recovery is within {low:g} to {high:g} % and its replicates' CV within "
        f"{study.assay.replicate_cv_percent:g} %; the ends of the widest run of such standards, "
        f"{study.assay.failing_standards} failing between them at most, are the limits of quantification, "
        f"beyond which a value is a bound."
    ]
    if "Welch" in set(tables["fits"][Fits.structure]):
        told.append("Concentrations of one day are compared on the log10 scale by Welch's ANOVA and Games–Howell.")
    if not tables["analyte_tests"].empty:
        told.append(
            "Where values are censored nothing is substituted for them: the estimate is a Tobit model's (maximum likelihood, "
            "intervals by t on n − p degrees of freedom) and p that of an exact permutation of censored ranks; half the "
            "limit in place of the value is shown as a sensitivity arm only. Pools count as one unit."
        )
    return told
