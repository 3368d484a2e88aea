"""Treated against untreated: fits, tests, means and contrasts."""


rule fit_models:
    input:
        **made("intake", "animals", "counts"),
        **made("measure", "thresholds", "concentrations"),
        study=study_file,
    output:
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
            "summaries",
            "residuals",
            "assumptions",
            "changes",
            "reproductions",
        ),
    log:
        f"{RESULTS}/{{study}}/logs/fit_models.log",
    benchmark:
        f"{RESULTS}/{{study}}/benchmarks/fit_models.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code_of("model"),
        seed=SETTINGS["seed"],
    script:
        "../scripts/fit_models.py"
