"""Everything to the report that people read: a page, a supplement, a methods text, and the metadata of the run."""

from hindpaw import deposit, drawings, logs, study, tables
from hindpaw.report import made_with, papers

with logs.speaking(snakemake.log):
    described = study.load(snakemake.input.study)
    figures = drawings.read_svgs(snakemake.input.figures)
    provenance = made_with(described.name, snakemake.params.seed, snakemake.params.digest)
    run = deposit.read(snakemake.input, snakemake.params.folder)
    made = papers(described, tables.read_all(snakemake.input), figures, provenance, run)
    deposit.write(made, snakemake.output)
