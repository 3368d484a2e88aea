"""Claims to verdicts, and the design rules."""


rule audit_study:
    input:
        study=study_file,
        **made("intake", "animals", "trials", "readings", "wells", "counts", "claims", "findings", "ledger"),
        **made("measure", "thresholds", "curves", "concentrations", "fates"),
        **made("model", "fits", "contrasts"),
    output:
        **made("audit", "verdicts", "findings"),
    log:
        f"{RESULTS}/{{study}}/logs/audit_study.log",
    benchmark:
        f"{RESULTS}/{{study}}/benchmarks/audit_study.tsv"
    params:
        code=code_of("audit"),
    script:
        "../scripts/audit_study.py"
