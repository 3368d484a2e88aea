"""Raw exports to validated tables, findings and the ledger."""

from hindpaw import logs, study, tables
from hindpaw.intake import files, take_in

with logs.speaking(snakemake.log):
    described = study.load(snakemake.input.study)
    exports = files.folder(snakemake.params.data, described.files)
    tables.write_all(take_in(described, exports), snakemake.output)
