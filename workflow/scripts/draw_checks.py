"""What data and models are checked by: residuals of each model, the flow of animals, every series of responses."""

from hindpaw import drawings, logs, study, tables
from hindpaw.figure import checks

with logs.speaking(snakemake.log):
    described = study.load(snakemake.input.study)
    drawings.write_all(checks.draw(described, **tables.read_all(snakemake.input)), snakemake.output)
