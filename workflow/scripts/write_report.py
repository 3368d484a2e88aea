"""Everything to one page that people read."""

from pathlib import Path

from hindpaw import drawings, logs, study, tables
from hindpaw.report import made_with, page

with logs.speaking(snakemake.log):
    described = study.load(snakemake.input.study)
    figures = drawings.read_svgs(snakemake.input.figures)
    provenance = made_with(snakemake.params.seed, snakemake.params.digest)
    text = page(described, tables.read_all(snakemake.input), figures, provenance)
    Path(snakemake.output.page).write_bytes(text.encode())
