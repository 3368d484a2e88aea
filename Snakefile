"""From a lab's raw exports to the report, for one study or many."""

from snakemake.utils import min_version

min_version("9.13")


configfile: "config/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/intake.smk"
include: "workflow/rules/measure.smk"
include: "workflow/rules/model.smk"
include: "workflow/rules/audit.smk"
include: "workflow/rules/figure.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        expand(f"{RESULTS}/{{study}}/report/report.html", study=STUDIES),
        expand(f"{RESULTS}/{{study}}/audit/audit.json", study=STUDIES),
