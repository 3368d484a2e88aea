"""Raw exports to validated tables, findings and the ledger."""


rule take_in_exports:
    input:
        study=study_file,
        exports=raw_exports,
    output:
        **listed(
            "intake",
            "exports",
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
    log:
        f"{RESULTS}/{{study}}/logs/take_in_exports.log",
    benchmark:
        f"{RESULTS}/{{study}}/benchmarks/take_in_exports.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code_of("intake"),
        data=data_folder,
        strict=SETTINGS["strict"],
        allotropy=os.environ.get("HINDPAW_ALLOTROPY", ""),
    script:
        "../scripts/take_in_exports.py"
