"""Censored thresholds beside substituted ones, equivalence against its margin, and tipping curves."""

from hindpaw import drawings, logs, study, tables
from hindpaw.figure import bounds

with logs.speaking(snakemake.log):
    described = study.load(snakemake.input.study)
    drawings.write_all(bounds.draw(described, **tables.read_all(snakemake.input)), snakemake.output)
