"""Claims to verdicts, and the design rules."""

from hindpaw import logs, study, tables
from hindpaw.audit import audit

with logs.speaking(snakemake.log):
    described = study.load(snakemake.input.study)
    tables.write_all(audit(described, **tables.read_all(snakemake.input)), snakemake.output)
