"""What holds without the model: deals of the labels, resampled and left-out animals, how long relief lasts."""

from hindpaw import logs, study, tables
from hindpaw.model import resample

with logs.speaking(snakemake.log):
    described = study.load(snakemake.input.study)
    made = resample(described, **tables.read_all(snakemake.input), seed=snakemake.params.seed)
    tables.write_all(made, snakemake.output)
