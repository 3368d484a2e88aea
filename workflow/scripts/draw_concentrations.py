"""Concentrations by arm, by analyte and by day for each question, and the standard curves of each plate."""

from hindpaw import drawings, logs, study, tables
from hindpaw.figure import assays

with logs.speaking(snakemake.log):
    described = study.load(snakemake.input.study)
    drawings.write_all(assays.draw(described, **tables.read_all(snakemake.input)), snakemake.output)
