"""Concentrations by arm for each question, and the standard curves of each plate."""

from types import SimpleNamespace

from hindpaw import drawings, logs, study, tables
from hindpaw.figure import curves, cytokine

with logs.speaking(snakemake.log):
    described = study.load(snakemake.input.study)
    read = SimpleNamespace(**tables.read_all(snakemake.input))
    by_arm = cytokine.draw(described, read.means, read.concentrations, read.curves)
    by_plate = curves.draw(described, read.curves, read.curve_points, read.concentrations)
    drawings.write(by_arm, snakemake.output.folder)
    drawings.write(by_plate, snakemake.output.curves)
