"""Tables to figures: each kind in a folder, a drawing for each question or plate."""


rule draw_time_courses:
    input:
        **made("intake", "filaments"),
        **made("measure", "thresholds", "concentrations"),
        **made("model", "means", "contrasts", "changes", "reproductions"),
        study=study_file,
    output:
        time_course=drawn("time_course", "draw_time_courses", "Time courses"),
        change=drawn("change", "draw_time_courses", "Change from baseline"),
        reproduction=drawn("reproduction", "draw_time_courses", "Published figures"),
    log:
        f"{RESULTS}/{{study}}/logs/draw_time_courses.log",
    benchmark:
        f"{RESULTS}/{{study}}/benchmarks/draw_time_courses.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code_of("figure"),
        settings=caption_settings,
    script:
        "../scripts/draw_time_courses.py"


rule draw_effects:
    input:
        **made("model", "contrasts"),
        study=study_file,
    output:
        folder=drawn("effects", "draw_effects", "Effects by week"),
    log:
        f"{RESULTS}/{{study}}/logs/draw_effects.log",
    benchmark:
        f"{RESULTS}/{{study}}/benchmarks/draw_effects.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code_of("figure"),
        settings=caption_settings,
    script:
        "../scripts/draw_effects.py"


rule draw_concentrations:
    input:
        **made("measure", "concentrations", "controls", "curves", "curve_points"),
        **made("model", "means", "contrasts"),
        study=study_file,
    output:
        concentrations=drawn("concentrations", "draw_concentrations", "Concentrations"),
        panel=drawn("panel", "draw_concentrations", "Panels of analytes"),
        by_day=drawn("by_day", "draw_concentrations", "Concentrations by day"),
        standard_curves=drawn(
            "standard_curves", "draw_concentrations", "Standard curves"
        ),
    log:
        f"{RESULTS}/{{study}}/logs/draw_concentrations.log",
    benchmark:
        f"{RESULTS}/{{study}}/benchmarks/draw_concentrations.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code_of("figure"),
        settings=caption_settings,
    script:
        "../scripts/draw_concentrations.py"


rule draw_relations:
    input:
        **made("intake", "animals", "counts", "filaments"),
        **made(
            "model",
            "means",
            "association",
            "neutralization",
            "dose",
            "rates",
            "summaries",
        ),
        study=study_file,
    output:
        association=drawn("association", "draw_relations", "Analyte and relief"),
        neutralization=drawn("neutralization", "draw_relations", "Neutralization"),
        dose_response=drawn("dose_response", "draw_relations", "Dose response"),
        counts=drawn("counts", "draw_relations", "Counts of cells"),
    log:
        f"{RESULTS}/{{study}}/logs/draw_relations.log",
    benchmark:
        f"{RESULTS}/{{study}}/benchmarks/draw_relations.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code_of("figure"),
        settings=caption_settings,
    script:
        "../scripts/draw_relations.py"


rule draw_resampling:
    input:
        **made(
            "model",
            "means",
            "randomization",
            "deals",
            "influence",
            "durations",
            "bootstrap",
            "animal_relief",
        ),
        study=study_file,
    output:
        randomization=drawn("randomization", "draw_resampling", "Randomization tests"),
        influence=drawn("influence", "draw_resampling", "Influence"),
        durations=drawn("durations", "draw_resampling", "Duration of relief"),
        areas=drawn("areas", "draw_resampling", "Areas under thresholds"),
    log:
        f"{RESULTS}/{{study}}/logs/draw_resampling.log",
    benchmark:
        f"{RESULTS}/{{study}}/benchmarks/draw_resampling.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code_of("figure"),
        settings=caption_settings,
    script:
        "../scripts/draw_resampling.py"


rule draw_bounds:
    input:
        **made("intake", "filaments"),
        **made("measure", "thresholds"),
        **made(
            "model",
            "censored_fits",
            "censored_means",
            "censored_contrasts",
            "equivalence",
            "tipping",
        ),
        study=study_file,
    output:
        censored=drawn("censored", "draw_bounds", "Censored thresholds"),
        equivalence=drawn("equivalence", "draw_bounds", "No effect within a margin"),
        tipping=drawn("tipping", "draw_bounds", "Missing mice"),
    log:
        f"{RESULTS}/{{study}}/logs/draw_bounds.log",
    benchmark:
        f"{RESULTS}/{{study}}/benchmarks/draw_bounds.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code_of("figure"),
        settings=caption_settings,
    script:
        "../scripts/draw_bounds.py"


rule draw_checks:
    input:
        **made("intake", "animals", "filaments", "trials", "ledger"),
        **made("model", "residuals", "assumptions"),
        **made("audit", "flow"),
        study=study_file,
    output:
        diagnostics=drawn("diagnostics", "draw_checks", "Diagnostics"),
        flow=drawn("flow", "draw_checks", "Flow of animals"),
        strings=drawn("strings", "draw_checks", "Series of responses"),
    log:
        f"{RESULTS}/{{study}}/logs/draw_checks.log",
    benchmark:
        f"{RESULTS}/{{study}}/benchmarks/draw_checks.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code_of("figure"),
        settings=caption_settings,
    script:
        "../scripts/draw_checks.py"
