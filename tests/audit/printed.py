"""Printed claims with faults that the rules R1 to R5 must find, and near misses on which they must be silent.

Each is the inside of a YAML mapping, as it would stand in a claims file.
"""

from __future__ import annotations

# R1. p by R: 2*pt(-2.10, 8) = 0.0689; pf(4.20, 1, 18, lower = FALSE) = 0.0553; r = 0.40, n = 20: p = 0.0806;
# pchisq(3.00, 1, lower = FALSE) = 0.0833; 2*pnorm(-1.80) = 0.0719.
R1_FAULTS = [
    "kind: test, statistic: t, df: 8, value: 2.10, p: 0.039",
    'kind: test, statistic: F, df: "1, 18", value: 4.20, p: 0.045',
    "kind: test, statistic: r, df: 18, value: 0.40, p: < 0.05",
    "kind: test, statistic: chi2, df: 1, value: 3.00, p: 0.03",
    "kind: test, statistic: z, value: 1.80, p: < 0.05, tails: two",
    "kind: test, statistic: t, df: 8, value: 3.50, p: ns",
]
R1_NEAR = [
    # 2*pt(-2.305, 8) = 0.0501 and 2*pt(-2.315, 8) = 0.0493: both 0.049 and 0.050 are honest prints of t = 2.31.
    "kind: test, statistic: t, df: 8, value: 2.31, p: 0.050",
    "kind: test, statistic: t, df: 8, value: 2.31, p: 0.049",
    "kind: test, statistic: t, df: 8, value: -2.31, p: < 0.05",
    # One tail, said: half of 0.0689.
    "kind: test, statistic: t, df: 8, value: 2.10, p: 0.034, tails: one",
    # Bonferroni over 3, said: 3 × 0.0689 = 0.207.
    "kind: test, statistic: t, df: 8, value: 2.10, p: 0.21, post_hoc: bonferroni, comparisons: 3",
    'kind: test, statistic: F, df: "1, 18", value: 4.20, p: 0.055',
    'kind: test, statistic: F, df: "1.62, 14.6", value: 4.20, p: 0.043',
    'kind: test, statistic: F, df: "1, 18", value: < 1, p: ns',
    "kind: test, statistic: z, value: 1.80, p: 0.072",
    "kind: test, statistic: t, df: 30, value: 9.80, p: 0.000",
]
# Degrees of freedom of 5 mice a group: 8 for two groups, never 78.
R4_FAULTS = [
    'kind: test, statistic: F, term: arm, df: "1, 78", value: 9.00, n: 5, test: two_way_anova',
    "kind: test, statistic: t, df: 38, value: 2.50, n: 5, test: student_t",
    'kind: test, statistic: F, term: arm, df: "2, 57", value: 9.00, n: 4-5, test: one_way_anova',
]
R4_NEAR = [
    'kind: test, statistic: F, term: arm, df: "1, 8", value: 9.00, n: 5, test: two_way_rm_anova',
    'kind: test, statistic: F, term: time, df: "4, 32", value: 9.00, n: 5, test: two_way_rm_anova',
    "kind: test, statistic: t, df: 7.4, value: 2.50, n: 4-5, test: welch_t",
    'kind: test, statistic: F, term: arm, df: "2, 11", value: 9.00, n: 4-5, test: one_way_anova',
]
# GRIM (Brown and Heathers 2017): 145/28 = 5.179 and 146/28 = 5.214, so no 28 whole numbers have the mean 5.19.
# GRIMMER (Allard 2018): mean 3.44, SD 2.47, n = 18. The sum is 62 (even); the sum of squares lies between
# 2.465²·17 + 62²/18 = 316.9 and 2.475²·17 + 62²/18 = 317.7, so it is 317, odd: impossible.
# Shares of 10 responses, n = 5: multiples of 2 %. DEBIT: 1 of 1 trial, 3 of 5 animals: SD √(0.6·0.4·5/4) = 0.548.
R2_FAULTS = [
    "kind: mean, unit: score, groups: {g: {mean: 5.19, n: 28}}",
    "kind: mean, unit: count, groups: {g: {mean: 3.44, spread: 2.47, spread_is: sd, n: 18}}",
    'kind: mean, unit: "%", items: 10, groups: {g: {mean: 43.0, n: 5}}',
    'kind: mean, unit: "%", items: 1, groups: {g: {mean: 60.0, spread: 48.0, spread_is: sd, n: 5}}',
    # 5 animals, 0 to 10 of 10, mean 4 %: two responses in all; SDs 5.477 and 8.944 are possible, nothing else.
    'kind: mean, unit: "%", items: 10, groups: {g: {mean: 4.0, spread: 7.0, spread_is: sd, n: 5}}',
]
R2_NEAR = [
    "kind: mean, unit: score, groups: {g: {mean: 5.18, n: 28}}",
    "kind: mean, unit: score, groups: {g: {mean: 5.19, n: 26-28}}",  # 135/26 = 5.192
    "kind: mean, unit: count, groups: {g: {mean: 3.44, spread: 2.48, spread_is: sd, n: 18}}",
    'kind: mean, unit: "%", items: 10, groups: {g: {mean: 44.0, n: 5}}',
    'kind: mean, unit: "%", items: 1, groups: {g: {mean: 60.0, spread: 54.8, spread_is: sd, n: 5}}',
    'kind: mean, unit: "%", items: 1, groups: {g: {mean: 60.0, spread: 24.5, spread_is: sem, n: 5}}',
    "kind: mean, unit: g, groups: {g: {mean: 5.19, n: 28}}",
    "kind: mean, unit: score, groups: {g: {mean: 5.19, n: 150}}",
]
# Means 5.0 and 3.0 with SEM 0.45 at n = 5 (SD 1.0): t = 2/√(0.45² + 0.45²) = 3.14, p = 0.014.
TWO = "groups: {{a: {{mean: 5.0, spread: {0}, spread_is: {1}, n: 5}}, b: {{mean: 3.0, spread: {0}, spread_is: {1}, n: 5}}}}"
R5_FAULTS = [
    "kind: test, statistic: t, df: 8, value: 5.90, test: student_t, " + TWO.format("0.45", "sem"),
    "kind: mean, p: < 0.00001, test: student_t, " + TWO.format("0.45", "sem"),
    "kind: mean, p: ns, test: welch_t, " + TWO.format("0.45", "sem"),
    # Three groups of 5, means 1.0, 1.1, 1.2, SD 0.50: F = 0.05/0.25 = 0.2.
    "kind: mean, p: < 0.05, test: one_way_anova, n: 5, groups: {a: {mean: 1.0, spread: 0.50, spread_is: sd}, "
    "b: {mean: 1.1, spread: 0.50, spread_is: sd}, c: {mean: 1.2, spread: 0.50, spread_is: sd}}",
    # 3 against 3: 2 of 20 deals.
    "kind: contrast, question: relief, direction: higher, p: < 0.05, n: 3, test: mann_whitney",
]
R5_NEAR = [
    "kind: test, statistic: t, df: 8, value: 3.14, test: student_t, " + TWO.format("0.45", "sem"),
    "kind: mean, p: 0.014, test: student_t, " + TWO.format("0.45", "sem"),
    "kind: mean, p: < 0.05, test: welch_t, " + TWO.format("1.0", "sd"),
    "kind: mean, p: ns, test: one_way_anova, n: 5, groups: {a: {mean: 1.0, spread: 0.50, spread_is: sd}, "
    "b: {mean: 1.1, spread: 0.50, spread_is: sd}, c: {mean: 1.2, spread: 0.50, spread_is: sd}}",
    "kind: contrast, question: relief, direction: higher, p: < 0.05, n: 4, test: mann_whitney",
    "kind: contrast, question: relief, direction: higher, p: 0.1, n: 3, test: mann_whitney",
    # After a two-way ANOVA the mean square is not that of the two groups: nothing follows.
    "kind: mean, p: < 0.001, test: two_way_anova, " + TWO.format("0.45", "sem"),
]
# The same means with SD and SEM exchanged: t of 3.14 needs SEM 0.45, so "SD 0.45" (t = 7.0) is a SEM.
R3_FAULTS = [
    "kind: test, statistic: t, df: 8, value: 3.14, test: student_t, " + TWO.format("0.45", "sd"),
    "kind: test, statistic: t, df: 8, value: 3.16, test: student_t, " + TWO.format("1.00", "sem"),
    "kind: mean, p: 0.013, test: welch_t, " + TWO.format("0.45", "sd"),
]
# With SEM said, t fits SEM (3.14); with SD said, t fits SD (7.03 from 0.45); a t that fits neither is R5's; not said, a note.
R3_NEAR = [
    "kind: test, statistic: t, df: 8, value: 3.14, test: student_t, " + TWO.format("0.45", "sem"),
    "kind: test, statistic: t, df: 8, value: 7.03, test: student_t, " + TWO.format("0.45", "sd"),
    "kind: test, statistic: t, df: 8, value: 3.16, test: student_t, " + TWO.format("1.00", "sd"),
    "kind: test, statistic: t, df: 8, value: 5.00, test: student_t, " + TWO.format("0.45", "sd"),
    "kind: test, statistic: t, df: 8, value: 3.14, test: student_t, " + TWO.format("0.45", "not_stated"),
    # Both readings give p below 0.05: nothing tells them apart.
    "kind: mean, p: < 0.05, test: welch_t, " + TWO.format("0.45", "sd"),
]

# Difference 2.0 with standard error 0.45·√2 = 0.636, t(8) = 3.14, p = 0.014; 2.306 × 0.636 = 1.47.
INTERVAL_FAULTS = [
    "kind: contrast, question: relief, direction: higher, difference: 2.0, interval: 0.53 to 3.47, p: 0.14, test: student_t, n: 5",
    # The interval is ± one standard error: 2/0.64·2.306 = 7.2, p = 0.0001.
    "kind: contrast, question: relief, direction: higher, difference: 2.0, interval: 1.36 to 2.64, p: 0.014, test: student_t, n: 5",
    "kind: contrast, question: relief, direction: higher, difference: 2.0, interval: 2.40 to 3.47, test: student_t, n: 5",
    "kind: contrast, question: relief, direction: higher, difference: 0.5, interval: −0.2 to 1.2, p: 0.01, test: welch_t, n: 8",
    # ln 2 is 0.87 of the half-width (ln 4.4 − ln 0.9)/2: no test gives p below 0.05.
    "kind: ratio, question: relief, ratio: 2.0, interval: 0.9 to 4.4, p: < 0.01",
    "kind: contrast, question: relief, direction: higher, difference: 2.0, interval: 3.47 to 0.53, p: 0.014",
    # Simultaneous intervals are wider than this one, which includes 0 already.
    "kind: contrast, question: relief, direction: higher, difference: 0.5, interval: −0.2 to 1.2, p: < 0.05, test: student_t, post_hoc: bonferroni, n: 8",
    # Of whichever of the two it is, a difference about 0 or a ratio about 1: t(8) = 6.0 is p = 0.0003, not 0.014.
    "kind: test, statistic: t, df: 8, value: 6.00, interval: 0.53 to 3.47",
]
INTERVAL_NEAR = [
    "kind: contrast, question: relief, direction: higher, difference: 2.0, interval: 0.53 to 3.47, p: 0.014, test: student_t, n: 5",
    "kind: contrast, question: relief, direction: higher, difference: 2.0, interval: 0.5 to 3.5, p: 0.01, test: welch_t, n: 5",
    "kind: contrast, question: relief, direction: higher, difference: 2.0, interval: 0.53 to 3.47, p: < 0.05",
    "kind: contrast, question: relief, direction: higher, difference: 2.0, interval: 0.53 to 3.47, p: 0.007, tails: one, test: student_t, n: 5",
    "kind: test, statistic: t, df: 8, value: 3.14, interval: 0.53 to 3.47, p: 0.014",
    # ln 2 is 1.37 half-widths: by z p = 0.007, by t with 8 degrees of freedom 0.013.
    "kind: ratio, question: relief, ratio: 2.0, interval: 1.2 to 3.3, p: 0.008",
    "kind: ratio, question: relief, ratio: 2.0, interval: 1.2 to 3.3, p: 0.013",
    # A rank test's p and the interval of a difference of means are of two tests.
    "kind: contrast, question: relief, direction: higher, difference: 2.0, interval: −0.1 to 4.1, p: 0.03, test: mann_whitney, n: 5",
    # Corrected p, uncorrected interval.
    "kind: contrast, question: relief, direction: higher, difference: 2.0, interval: 0.53 to 3.47, p: 0.07, test: student_t, post_hoc: bonferroni, n: 5",
    # The p of an analysis of variance is of all its arms and days.
    "kind: contrast, question: relief, direction: higher, difference: 0.5, interval: −0.2 to 1.2, p: 0.01, test: one_way_anova, n: 5",
    'kind: test, statistic: F, df: "2, 12", value: 6.9, p: 0.01, difference: 0.5, interval: −0.2 to 1.2',
    # A bootstrap interval lies uneven about its estimate.
    "kind: contrast, question: relief, direction: higher, difference: 2.0, interval: 0.2 to 2.9, p: 0.02",
    "kind: contrast, question: relief, direction: higher, difference: 1.0, interval: 0.0 to 2.0, p: 0.05, test: student_t, n: 5",
    "kind: no_effect, question: relief, ratio: 1.02, interval: 0.9 to 1.16, p: ns",
]
FAULTS = {"R1": R1_FAULTS, "R2": R2_FAULTS, "R3": R3_FAULTS, "R4": R4_FAULTS, "R5": [*R5_FAULTS, *INTERVAL_FAULTS]}
NEAR = {"R1": R1_NEAR, "R2": R2_NEAR, "R3": R3_NEAR, "R4": R4_NEAR, "R5": [*R5_NEAR, *INTERVAL_NEAR]}
