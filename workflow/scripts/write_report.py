"""Everything to one page that people read."""

from pathlib import Path

from hindpaw import drawings, logs, study, tables
from hindpaw.report import document, made_with, page

with logs.speaking(snakemake.log):
    figures = drawings.read_svgs(snakemake.input.figures)
    provenance = made_with(snakemake.params.seed, snakemake.params.digest)
    described, read = study.load(snakemake.input.study), tables.read_all(snakemake.input)
    told = document(described, read, figures, provenance)
    Path(snakemake.output.page).write_bytes(page(told, figures).encode())
