"""Values over days: time courses, changes from baseline, and published figures drawn again."""

from hindpaw import drawings, logs, study, tables
from hindpaw.figure import courses

with logs.speaking(snakemake.log):
    described = study.load(snakemake.input.study)
    drawings.write_all(courses.draw(described, **tables.read_all(snakemake.input)), snakemake.output)
