"""Censored thresholds as bounds, no effect within a margin, and what the missing mice could undo."""

from hindpaw import logs, study, tables
from hindpaw.model import bounds

with logs.speaking(snakemake.log):
    described = study.load(snakemake.input.study)
    tables.write_all(bounds.answers(described, **tables.read_all(snakemake.input)), snakemake.output)
