"""Everything to one page that people read."""


rule write_report:
    input:
        **made("intake", "exports", "animals", "claims", "ledger"),
        **made("measure", "thresholds", "curves", "concentrations", "controls", "fates"),
        **made(
            "model",
            "fits",
            "effects",
            "means",
            "contrasts",
            "analyte_tests",
            "association",
            "mediation",
            "neutralization",
            "dose",
            "rates",
            "assumptions",
            "changes",
            "reproductions",
            "randomization",
            "bootstrap",
            "influence",
            "durations",
            "areas",
            "censored_fits",
            "censored_means",
            "censored_contrasts",
            "equivalence",
            "tipping",
        ),
        **made("audit", "verdicts", "findings"),
        study=study_file,
        figures=[
            f"{RESULTS}/{{study}}/figure/{kind}"
            for kind in (
                "time_course",
                "change",
                "reproduction",
                "effects",
                "concentrations",
                "panel",
                "by_day",
                "standard_curves",
                "association",
                "neutralization",
                "dose_response",
                "counts",
                "randomization",
                "influence",
                "durations",
                "areas",
                "censored",
                "equivalence",
                "tipping",
                "diagnostics",
                "flow",
                "strings",
            )
        ],
    output:
        page=paper("html", "The report as a page"),
        supplement=paper("pdf", "The report as a supplement"),
        methods=f"{RESULTS}/{{study}}/report/methods.md",
        crate=f"{RESULTS}/{{study}}/ro-crate-metadata.json",
    log:
        f"{RESULTS}/{{study}}/logs/write_report.log",
    benchmark:
        f"{RESULTS}/{{study}}/benchmarks/write_report.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code_of("report"),
        seed=SETTINGS["seed"],
        folder=run_folder,
        digest=study_digest,
        settings=caption_settings,
    script:
        "../scripts/write_report.py"
