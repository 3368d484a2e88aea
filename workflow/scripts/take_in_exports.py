"""Raw exports to validated tables, findings and the ledger."""

from hindpaw import logs, study, tables
from hindpaw.intake import files, take_in, told

with logs.speaking(snakemake.log) as log:
    described = study.load(snakemake.input.study)
    made = take_in(described, files.folder(snakemake.params.data, described.files), snakemake.params.strict)
    log.info(told(**made))
    tables.write_all(made, snakemake.output)
