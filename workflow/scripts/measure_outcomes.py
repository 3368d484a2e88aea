"""Series to thresholds, signals to concentrations."""

from hindpaw import logs, study, tables
from hindpaw.measure import outcomes

with logs.speaking(snakemake.log):
    made = outcomes(study.load(snakemake.input.study), **tables.read_all(snakemake.input))
    tables.write_all(made, snakemake.output)
