"""What links analytes, antibodies, doses and cells with relief: a drawing for each question."""

from hindpaw import drawings, logs, study, tables
from hindpaw.figure import relations

with logs.speaking(snakemake.log):
    described = study.load(snakemake.input.study)
    drawings.write_all(relations.draw(described, **tables.read_all(snakemake.input)), snakemake.output)
