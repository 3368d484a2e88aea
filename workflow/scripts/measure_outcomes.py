"""Series to thresholds, signals to concentrations."""

from hindpaw import logs, study, tables
from hindpaw.measure import outcomes

with logs.speaking(snakemake.log):
    described = study.load(snakemake.input.study)
    made = outcomes(described, **tables.read_all(snakemake.input), seed=snakemake.params.seed)
    tables.write_all(made, snakemake.output)
