"""Series to thresholds, signals to concentrations."""


rule measure_outcomes:
    input:
        **made("intake", "animals", "filaments", "trials", "readings", "wells"),
        study=study_file,
    output:
        **listed(
            "measure",
            "thresholds",
            "curves",
            "curve_points",
            "concentrations",
            "controls",
            "fates",
        ),
    log:
        f"{RESULTS}/{{study}}/logs/measure_outcomes.log",
    benchmark:
        f"{RESULTS}/{{study}}/benchmarks/measure_outcomes.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code_of("measure"),
        seed=SETTINGS["seed"],
    script:
        "../scripts/measure_outcomes.py"
