"""Treated against untreated: fits, tests, means and contrasts."""

from hindpaw import logs, study, tables
from hindpaw.model import answers

with logs.speaking(snakemake.log):
    described = study.load(snakemake.input.study)
    made = answers(described, **tables.read_all(snakemake.input), seed=snakemake.params.seed)
    tables.write_all(made, snakemake.output)
