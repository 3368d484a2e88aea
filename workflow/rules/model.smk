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
        **made(
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
