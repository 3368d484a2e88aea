"""Claims to verdicts, data to findings; and what is handed to others who want to check."""


rule audit_study:
    input:
        **made(
            "intake",
            "animals",
            "filaments",
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
        **made(
            "measure",
            "thresholds",
            "curves",
            "curve_points",
            "concentrations",
            "controls",
            "fates",
        ),
        **made(
            "model",
            "fits",
            "effects",
            "means",
            "contrasts",
            "analyte_tests",
            "association",
            "neutralization",
            "dose",
            "durations",
            "summaries",
            "equivalence",
            "influence",
            "randomization",
            "tipping",
        ),
        study=study_file,
        lock=lock_file,
    output:
        **listed("audit", "verdicts", "refits", "findings", "arrive", "flow", "lattice"),
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


rule hand_over_audit:
    input:
        **made("intake", "animals"),
        **made("measure", "thresholds"),
        **made("model", "fits", "effects", "contrasts"),
        **made("audit", "verdicts", "refits", "findings", "arrive", "flow", "lattice"),
        study=study_file,
        lock=lock_file,
    output:
        json=f"{RESULTS}/{{study}}/audit/audit.json",
        script=f"{RESULTS}/{{study}}/audit/verify.R",
        data=f"{RESULTS}/{{study}}/audit/verify.csv",
        expected=f"{RESULTS}/{{study}}/audit/verify_expected.csv",
    log:
        f"{RESULTS}/{{study}}/logs/hand_over_audit.log",
    benchmark:
        f"{RESULTS}/{{study}}/benchmarks/hand_over_audit.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code_of("audit"),
    script:
        "../scripts/hand_over_audit.py"
