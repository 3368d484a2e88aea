"""Contrasts to a forest of ratios for each question."""

from hindpaw import drawings, logs, study, tables
from hindpaw.figure import effects

with logs.speaking(snakemake.log):
    described = study.load(snakemake.input.study)
    drawings.write(effects.draw(described, **tables.read_all(snakemake.input)), snakemake.output.folder)
