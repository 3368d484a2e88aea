"""Treated against untreated: fits, tests, means and contrasts."""


rule fit_models:
    input:
        **made("intake", "animals", "counts"),
        **made("measure", "thresholds", "concentrations"),
        study=study_file,
    output:
        **listed(
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


rule resample_animals:
    input:
        **made("intake", "animals", "filaments"),
        **made("measure", "thresholds"),
        study=study_file,
    output:
        **listed(
            "model",
            "randomization",
            "deals",
            "bootstrap",
            "influence",
            "durations",
            "areas",
            "animal_relief",
        ),
    log:
        f"{RESULTS}/{{study}}/logs/resample_animals.log",
    benchmark:
        f"{RESULTS}/{{study}}/benchmarks/resample_animals.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code_of("model"),
        seed=SETTINGS["seed"],
    script:
        "../scripts/resample_animals.py"


rule fit_bounds:
    input:
        **made("intake", "animals", "filaments"),
        **made("measure", "thresholds"),
        **made("model", "means", "contrasts"),
        study=study_file,
    output:
        **listed(
            "model",
            "censored_fits",
            "censored_means",
            "censored_contrasts",
            "equivalence",
            "tipping",
        ),
    log:
        f"{RESULTS}/{{study}}/logs/fit_bounds.log",
    benchmark:
        f"{RESULTS}/{{study}}/benchmarks/fit_bounds.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code_of("model"),
    script:
        "../scripts/fit_bounds.py"
