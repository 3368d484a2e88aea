"""What holds without the model: randomization distributions, influence, durations and areas, a drawing for each question."""

from hindpaw import drawings, logs, study, tables
from hindpaw.figure import resampling

with logs.speaking(snakemake.log):
    described = study.load(snakemake.input.study)
    drawings.write_all(resampling.draw(described, **tables.read_all(snakemake.input)), snakemake.output)
