"""Every rule of the audit: its id, when it fires, how grave it can be, and where it comes from.

docs/audit.md holds them as `markdown()` gives them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from hindpaw.findings import Finding

ARRIVE = "ARRIVE 2.0, doi 10.1371/journal.pbio.3000410"
LAZIC = "Lazic et al. 2018, doi 10.1371/journal.pbio.2005282"
DIXON = "Dixon 1980, doi 10.1146/annurev.pa.20.040180.002301; Chaplan et al. 1994, doi 10.1016/0165-0270(94)90144-9"


@dataclass(frozen=True)
class Rule:
    """One rule.

    Parameters
    ----------
    id : as findings carry it
    name : what it looks at
    fires : the condition
    kind : `fact` (silent on clean data), `chance` (a test: note below 5 %, warning only below 0.0005 after
        correction for the rule's own number of tests), or `notice` (a note about what is so)
    severities : those it can have
    reference : where it comes from
    """

    id: str
    name: str
    fires: str
    kind: str
    severities: tuple[str, ...]
    reference: str


def _rule(id_: str, name: str, kind: str, severities: str, fires: str, reference: str) -> Rule:
    """A rule from one line of the list."""
    return Rule(id_, name, fires, kind, tuple(severities.split()), reference)


RULES = (
    _rule("ledger", "Books", "fact", "error", "A raw datum has two fates or none.", "hindpaw's own law"),
    _rule("P1", "Locked plan", "fact", "note warning error",
          "Note: the plan is not locked, was kept, or questions were added. Warning: parts were altered or removed. Error: the lock file was edited or cannot be read.",
          "Nosek et al. 2018, doi 10.1073/pnas.1708274114"),
    _rule("D1", "Animals accounted for", "fact", "warning error",
          "Error: an allocated animal was never measured. Warning: an exclusion without a reason; a gap without one.",
          f"{ARRIVE}, item 3b"),
    _rule("D2", "Exact n", "notice", "note warning", "Note: the number of animals of an arm differs between days. Warning: a paper prints n as a range.", f"{ARRIVE}, items 2a and 3c"),
    _rule("D3", "Unit of analysis", "fact", "note warning",
          "Note: rows are more than animals (days, both paws, replicate wells), or cages were randomized: ICC, design effect, effective n, and p both ways. Warning: samples were pooled; every cage holds one arm; a paper names an ordinary two-way ANOVA for animals tested several times. Note: panels of a paper may share their control.",
          f"{LAZIC}; design effect: Donner 1986, doi 10.2307/1403259"),
    _rule("D4", "Allocation", "chance", "note warning",
          "Note: randomization or blinding is not documented. Warning: compared arms share no tester, cohort or sex. Else Fisher's test (2 × 2) or χ² of arm by each of them.",
          "Landis et al. 2012, doi 10.1038/nature11556"),
    _rule("D5", "Baseline balance", "chance", "note warning",
          "Baselines of compared arms differ by more than half an SD, before injury or after it; warning where Welch's p is below 0.0005.",
          "Senn 1994, doi 10.1002/sim.4780131703"),
    _rule("D6", "Attrition", "chance", "note warning",
          "Fisher's test of losses by arm; rank sum of the lost at their last test against those that stayed (about the mean of arm and day).",
          "Holman et al. 2016, doi 10.1371/journal.pbio.1002331"),
    _rule("V1", "Legal series", "fact", "note error",
          "Error: a series contradicts its filaments (intake), or its trials do not walk one step at a time. Note: a departure from the stop rule; several starts.",
          DIXON),
    _rule("V2", "Thresholds handed over", "fact", "warning error",
          "Error: a supplied threshold differs by more than 0.005 log10 from its series; a filament's force contradicts its handle.",
          DIXON),
    _rule("V3", "Floor and ceiling", "fact", "note warning",
          "Note: thresholds at a limit. Warning: more than `censored_share` of an arm × day at a limit, and three animals, or two that are half of it.",
          "Tobin 1958, doi 10.2307/1907382"),
    _rule("V4", "Scale", "notice", "note",
          "Spearman's correlation of spread and mean of log thresholds over arm × day (each animal's own level taken out; uncensored; four animals or more) below 5 %.",
          "Mills et al. 2012, doi 10.1016/j.jpain.2012.02.012"),
    _rule("V5", "Impossible or copied thresholds", "chance", "note warning error",
          "Error: a printed threshold (or mean of n) that no legal series gives, by any convention. Warning: a file of which more than a fifth are so. "
          "Note: such a value three times (a cap). Runs of four series or more that equal another run: by their surprise.",
          "after GRIM: Brown & Heathers 2017, doi 10.1177/1948550616673876"),
    _rule("E1", "Plates", "fact", "note warning error",
          "Error: a curve was rejected. Warning: standards, blanks or dilutions that are odd; replicates apart; compared arms on different plates. Fisher's or χ² test of arms at the edge.",
          "DeSilva et al. 2003, doi 10.1023/B:PHAM.0000003390.51761.3d"),
    _rule("E2", "Not detected", "notice", "note",
          "Concentrations outside the limits; a comparison whose side of 5 % depends on a constant put in for them.",
          "Uh et al. 2008, doi 10.1186/1471-2172-9-59"),
    _rule("S1", "Model against design", "notice", "note",
          "Ordinary two-way ANOVA (statsmodels), repeated measures ANOVA (pingouin) and mixed model fall on different sides of 5 %.",
          "Aarts et al. 2014, doi 10.1038/nn.3648"),
    _rule("S2", "Degrees of freedom, second engine", "fact", "note warning",
          "Warning: statsmodels' fit of the same model differs by more than 1e-4. Note: comparisons below 5 % by z, not by t.",
          "Kenward & Roger 1997, doi 10.2307/2533558"),
    _rule("S3", "Covariance", "chance", "note warning error",
          "Error: a question has no answer. Warning: animals were left out of a model. Note: values entered at a limit; a variance at zero. "
          "Likelihood-ratio test of serial correlation; Mauchly's test within arms (with f ≥ 2d).",
          "Mauchly 1940, doi 10.1214/aoms/1177731915; Greenhouse & Geisser 1959, doi 10.1007/BF02289823"),
    _rule("S4", "Multiplicity", "notice", "note",
          "Single analytes of the same arms and day, or several questions about the same arms and times, each adjusted alone; weeks by the false discovery rate.",
          "Bender & Lange 2001, doi 10.1016/S0895-4356(00)00314-0"),
    _rule("S5", "Interaction by comparing p-values", "notice", "note",
          "One arm changed from baseline at 5 % and the other did not, but the arms do not differ.",
          "Nieuwenhuis et al. 2011, doi 10.1038/nn.2886"),
    _rule("S6", "No effect", "notice", "note warning",
          "Warning: a paper claims no effect and prints no interval. Note: a claim of no effect whose interval includes none and reaches beyond the margin (the question's, else one filament step).",
          "Altman & Bland 1995, doi 10.1136/bmj.311.7003.485"),
    _rule("S7", "Outliers", "chance", "note warning",
          "Grubbs' test of the animals' averages, arm by arm (four animals or more); the p without the animal.",
          "Grubbs 1969, doi 10.1080/00401706.1969.10490657"),
    _rule("S8", "Influence", "notice", "note",
          "Leaving out one animal, cage or week moves p over 5 %.",
          "Cook 1977, doi 10.1080/00401706.1977.10489493"),
    _rule("S9", "Randomization", "fact", "note warning",
          "Warning: so few animals that no exact permutation test reaches 5 %. Note: it and the mixed model disagree at 5 %.",
          "Ludbrook & Dudley 1998, doi 10.1080/00031305.1998.10480551"),
    _rule("S11", "Detectable difference", "notice", "note",
          "A two-sided t test at 5 % has 80 % power only for more than 1.5 SD. Observed power is not given.",
          "Hoenig & Heisey 2001, doi 10.1198/000313001300339897"),
    _rule("S12", "Area under the curve", "notice", "note",
          "Welch's t or the rank sum of each animal's area (first and last day tested) and the mixed model fall on different sides of 5 %.",
          "Matthews et al. 1990, doi 10.1136/bmj.300.6719.230"),
    _rule("S13", "Simpson", "notice", "note",
          "An analyte goes with the threshold over all arms (p < 5 %), but not, or the other way, within them.",
          "Julious & Mullee 1994, doi 10.1136/bmj.309.6967.1480"),
    _rule("R1", "p from its statistic", "fact", "note warning error",
          "A printed p that no unrounded statistic with these degrees of freedom gives; error where the decision at 5 % flips and no unnamed tail explains it. Note: no statistic is printed.",
          "Nuijten et al. 2016, doi 10.3758/s13428-015-0664-2"),
    _rule("R2", "Means of whole numbers", "fact", "note error",
          "Error: a mean, or a mean with its SD or SEM, that no counts or shares of the printed n can have (GRIM, GRIMMER, DEBIT). Note: not applicable to grams and pg/ml.",
          "Brown & Heathers 2017, doi 10.1177/1948550616673876; Anaya 2016, doi 10.7287/peerj.preprints.2400v1"),
    _rule("R3", "SD or SEM", "fact", "note warning error",
          "Error: what stands after ± is the other one, by the printed t or p or by the data. Warning: error bars are not explained. Note: error bars are SEM.",
          "Altman & Bland 2005, doi 10.1136/bmj.331.7521.903; Cumming et al. 2007, doi 10.1083/jcb.200611141"),
    _rule("R4", "Text against data", "fact", "note warning error",
          "Error: printed means are not those of the data; more degrees of freedom than animals. Warning: other n, spreads or times; several tests listed for one panel. Note: an arrow that marks something else.",
          f"{ARRIVE}, items 2, 3, 7 and 10"),
    _rule("R5", "Bounds from mean, spread and n", "fact", "note warning error",
          "A printed statistic or p that no values with these means, spreads and n give; error where the decision at 5 % flips, or where p is smaller than a rank test of so few can give. Note: what n allows at best.",
          "Student 1908, doi 10.1093/biomet/6.1.1; Ludbrook & Dudley 1998, doi 10.1080/00031305.1998.10480551"),
    _rule("F1", "Copied numbers", "chance", "note warning",
          "Readings: runs that equal another run (by surprise), a day that is another shifted or scaled in eight animals or more. Wells: four equal signals of three digits in a row. "
          "Analytes with one ratio in eight samples or more. Last digits of 100 device readings or more (χ²). Note: last digits do not apply to filaments.",
          "Simonsohn 2013, doi 10.1177/0956797613480366; Mosimann et al. 2002, doi 10.1080/08989620212969"),
)  # fmt: skip

BY_ID = {rule.id: rule for rule in RULES}


def referenced(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, those of a rule with its reference."""
    for one in findings:
        rule = BY_ID.get(one.check)
        yield replace(one, reference=rule.reference) if rule and not one.reference else one


def markdown() -> str:
    """The rules as a Markdown table."""
    head = ["| rule | looks at | kind | can be | fires when | reference |", "|---|---|---|---|---|---|"]
    rows = [
        f"| {rule.id} | {rule.name} | {rule.kind} | {', '.join(rule.severities)} | {rule.fires} | {rule.reference} |"
        for rule in RULES
    ]
    return "\n".join([*head, *rows]) + "\n"
