"""The audit for other programs and for a statistician with R."""

from pathlib import Path

from hindpaw import logs, study, tables
from hindpaw.audit import handed_over

with logs.speaking(snakemake.log):
    described = study.load(snakemake.input.study)
    made = handed_over(described, **tables.read_all(snakemake.input))
    for name, path in snakemake.output.items():
        Path(path).write_bytes(made[name])
