"""Claims to verdicts, and the design rules."""


rule audit_study:
    input:
        **made(
            "intake",
            "animals",
            "trials",
            "readings",
            "wells",
            "counts",
            "claims",
            "claim_groups",
            "analyses",
            "findings",
            "ledger",
        ),
        **made("measure", "thresholds", "curves", "concentrations", "fates"),
        **made(
            "model",
            "fits",
            "effects",
            "contrasts",
            "analyte_tests",
            "association",
            "neutralization",
            "dose",
            "summaries",
        ),
        study=study_file,
    output:
        **made("audit", "verdicts", "refits", "findings"),
    log:
        f"{RESULTS}/{{study}}/logs/audit_study.log",
    benchmark:
        f"{RESULTS}/{{study}}/benchmarks/audit_study.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code_of("audit"),
    script:
        "../scripts/audit_study.py"
