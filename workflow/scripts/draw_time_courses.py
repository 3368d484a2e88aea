"""Thresholds and means to a time course for each question."""

from hindpaw import drawings, logs, study, tables
from hindpaw.figure import timecourse

with logs.speaking(snakemake.log):
    described = study.load(snakemake.input.study)
    drawings.write(timecourse.draw(described, **tables.read_all(snakemake.input)), snakemake.output.folder)
