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
class Part:
    """What one rule can say on one ground.

    Parameters
    ----------
    kind : `deterministic` (something was done or written wrong, or contradicts itself: silent on every clean
        study), `chance` (a test: a note below 5 %, a warning only below 0.0005, both after correction for its
        number of tests) or `state` (what the data are like, whoever is to blame: clean studies have it too)
    severities : those it can have on that ground
    fires : the condition
    """

    kind: str
    severities: tuple[str, ...]
    fires: str


@dataclass(frozen=True)
class Rule:
    """One rule.

    Parameters
    ----------
    id : as findings carry it
    name : what it looks at
    reference : where it comes from
    parts : what it can say, one part a kind
    """

    id: str
    name: str
    reference: str
    parts: tuple[Part, ...]

    @property
    def can_be(self) -> set[tuple[str, str]]:
        """Each kind with each severity it can have."""
        return {(part.kind, severity) for part in self.parts for severity in part.severities}


def _rule(id_: str, name: str, reference: str, **said: tuple[str, str]) -> Rule:
    """A rule from one entry of the list: by kind, the severities and the condition."""
    return Rule(
        id_, name, reference, tuple(Part(kind, tuple(can.split()), fires) for kind, (can, fires) in said.items())
    )


RULES = (
    _rule("ledger", "Books", "hindpaw's own law",
          deterministic=("error", "A raw datum has two fates or none.")),
    _rule("P1", "Locked plan", "Nosek et al. 2018, doi 10.1073/pnas.1708274114",
          deterministic=("warning error", "Warning: parts were altered or removed. Error: the lock file was edited or cannot be read."),
          state=("note", "The plan is not locked, was kept, or questions were added.")),
    _rule("D1", "Animals accounted for", f"{ARRIVE}, item 3b",
          deterministic=("warning error", "Error: an allocated animal was never measured. Warning: an exclusion without a reason; a gap without one.")),
    _rule("D2", "Exact n", f"{ARRIVE}, items 2a and 3c",
          deterministic=("warning", "A paper prints n as a range."),
          state=("note", "The number of animals of an arm differs between days.")),
    _rule("D3", "Unit of analysis", f"{LAZIC}; design effect: Donner, Int Stat Rev 1986;54:67-82",
          deterministic=("warning", "Samples were pooled; every cage holds one arm; a paper names an ordinary two-way ANOVA for animals tested several times."),
          state=("note", "Rows are more than animals (days, both paws, replicate wells), or cages were randomized: ICC, design effect, effective n, and p both ways. Panels of a paper may share their control.")),
    _rule("D4", "Allocation", "Landis et al. 2012, doi 10.1038/nature11556",
          deterministic=("warning", "Compared arms share no tester, cohort or sex."),
          chance=("note warning", "Fisher's test (2 × 2) or χ² of arm by each of them."),
          state=("note", "Randomization or blinding is not documented.")),
    _rule("D5", "Baseline balance", "Senn 1994, doi 10.1002/sim.4780131703",
          chance=("warning", "The same with Welch's p below 0.0005."),
          state=("note", "Baselines of compared arms differ by more than half an SD, before injury or after it.")),
    _rule("D6", "Attrition", "Holman et al. 2016, doi 10.1371/journal.pbio.1002331",
          chance=("note warning", "Fisher's test of losses by arm; rank sum of the lost at their last test against those that stayed (about the mean of arm and day).")),
    _rule("V1", "Legal series", DIXON,
          deterministic=("error", "A series contradicts its filaments (intake), or its trials do not walk one step at a time."),
          state=("note", "A departure from the stop rule; several starts.")),
    _rule("V2", "Thresholds handed over", DIXON,
          deterministic=("warning error", "A supplied threshold differs by more than 0.005 log10 from its series; a filament's force contradicts its handle.")),
    _rule("V3", "Floor and ceiling", "Tobin 1958, doi 10.2307/1907382",
          state=("note warning", "Note: thresholds at a limit. Warning: more than `censored_share` of an arm × day at a limit, and three animals, or two that are half of it.")),
    _rule("V4", "Scale", "Mills et al., J Pain 2012;13:519-523",
          chance=("note", "Spearman's correlation of spread and mean of log thresholds over arm × day (each animal's own level taken out; uncensored; four animals or more).")),
    _rule("V5", "Impossible or copied thresholds", "after GRIM: Brown & Heathers 2017, doi 10.1177/1948550616673876",
          deterministic=("warning error", "Error: a printed threshold (or mean of n) that no legal series gives, by any convention. Warning: a file of which more than a fifth are so."),
          chance=("note warning", "Runs of four series or more that equal another run: by their surprise."),
          state=("note", "An impossible value that occurs three times (a cap).")),
    _rule("E1", "Plates", "DeSilva et al. 2003, doi 10.1023/B:PHAM.0000003390.51761.3d",
          deterministic=("warning", "Compared arms on different plates."),
          chance=("note warning", "Fisher's or χ² test of arms at the edge of a plate."),
          state=("note warning error", "Error: a curve was rejected. Warning: standards, blanks or dilutions that are odd; replicates apart. Note: how the signals arrive.")),
    _rule("E2", "Not detected", "Uh et al. 2008, doi 10.1186/1471-2172-9-59",
          state=("note", "Concentrations outside the limits; a comparison whose side of 5 % depends on a constant put in for them.")),
    _rule("S1", "Model against design", "Aarts et al. 2014, doi 10.1038/nn.3648",
          state=("note", "Ordinary two-way ANOVA (statsmodels), repeated measures ANOVA (pingouin) and mixed model fall on different sides of 5 %.")),
    _rule("S2", "Degrees of freedom, second engine", "Kenward & Roger 1997, doi 10.2307/2533558",
          deterministic=("warning", "Statsmodels' fit of the same model differs by more than 1e-4."),
          state=("note", "Comparisons below 5 % by z, not by t.")),
    _rule("S3", "Covariance", "Mauchly 1940, doi 10.1214/aoms/1177731915; Greenhouse & Geisser 1959, doi 10.1007/BF02289823",
          deterministic=("warning error", "Error: a question has no answer. Warning: animals were left out of a model."),
          chance=("note warning", "Likelihood-ratio test of serial correlation; Mauchly's test within arms (with f ≥ 2d)."),
          state=("note", "Values entered at a limit; a variance at zero.")),
    _rule("S4", "Multiplicity", "Bender & Lange 2001, doi 10.1016/S0895-4356(00)00314-0",
          state=("note", "Single analytes of the same arms and day, or several questions about the same arms and times, each adjusted alone; weeks by the false discovery rate.")),
    _rule("S5", "Interaction by comparing p-values", "Nieuwenhuis et al. 2011, doi 10.1038/nn.2886",
          state=("note", "One arm changed from baseline at 5 % and the other did not, but the arms do not differ.")),
    _rule("S6", "No effect", "Altman & Bland 1995, doi 10.1136/bmj.311.7003.485",
          deterministic=("warning", "A paper claims no effect and prints no interval."),
          state=("note", "A claim of no effect whose interval includes none and reaches beyond the margin (the question's, else one filament step).")),
    _rule("S7", "Outliers", "Grubbs 1969, doi 10.1080/00401706.1969.10490657",
          chance=("note warning", "Grubbs' test of the animals' averages, arm by arm (four animals or more); the p without the animal.")),
    _rule("S8", "Influence", "Cook 1977, doi 10.1080/00401706.1977.10489493",
          state=("note", "Leaving out one animal, cage or week moves p over 5 %.")),
    _rule("S9", "Randomization", "Ludbrook & Dudley 1998, doi 10.1080/00031305.1998.10480551",
          deterministic=("warning", "So few animals that no exact permutation test reaches 5 %."),
          state=("note", "It and the mixed model disagree at 5 %.")),
    _rule("S11", "Detectable difference", "Hoenig & Heisey 2001, doi 10.1198/000313001300339897",
          state=("note", "A two-sided t test at 5 % has 80 % power only for more than 1.5 SD. Observed power is not given.")),
    _rule("S12", "Area under the curve", "Matthews et al. 1990, doi 10.1136/bmj.300.6719.230",
          state=("note", "Welch's t or the rank sum of each animal's area (first and last day tested) and the mixed model fall on different sides of 5 %.")),
    _rule("S13", "Simpson", "Julious & Mullee 1994, doi 10.1136/bmj.309.6967.1480",
          state=("note", "An analyte goes with the threshold over all arms (p < 5 %), but not, or the other way, within them.")),
    _rule("R1", "p from its statistic", "Nuijten et al. 2016, doi 10.3758/s13428-015-0664-2",
          deterministic=("warning error", "A printed p that no unrounded statistic with these degrees of freedom gives; error where the decision at 5 % flips and no unnamed tail explains it."),
          state=("note", "No statistic is printed.")),
    _rule("R2", "Means of whole numbers", "Brown & Heathers 2017, doi 10.1177/1948550616673876; Anaya 2016, doi 10.7287/peerj.preprints.2400v1",
          deterministic=("error", "A mean, or a mean with its SD or SEM, that no counts or shares of the printed n can have (GRIM, GRIMMER, DEBIT)."),
          state=("note", "Not applicable to grams and pg/ml.")),
    _rule("R3", "SD or SEM", "Altman & Bland 2005, doi 10.1136/bmj.331.7521.903; Cumming et al. 2007, doi 10.1083/jcb.200611141",
          deterministic=("warning error", "Error: what stands after ± is the other one, by the printed t or p or by the data. Warning: error bars are not explained."),
          state=("note", "Error bars are SEM.")),
    _rule("R4", "Text against data", f"{ARRIVE}, items 2, 3, 7 and 10",
          deterministic=("warning error", "Error: printed means are not those of the data; more degrees of freedom than animals. Warning: other n, spreads or times; several tests listed for one panel."),
          state=("note", "An arrow that marks something else.")),
    _rule("R5", "Bounds from mean, spread, interval and n", "Student 1908, doi 10.1093/biomet/6.1.1; Altman & Bland 2011, doi 10.1136/bmj.d2304; Ludbrook & Dudley 1998, doi 10.1080/00031305.1998.10480551",
          deterministic=("warning error", "A printed statistic or p that no values with these means, spreads and n give, or that no 95 % interval of this width about this estimate has; error where the decision at 5 % flips, where the interval lies beside its estimate, or where p is smaller than a rank test of so few can give."),
          state=("note", "What n allows at best.")),
    _rule("F1", "Copied numbers", "Simonsohn 2013, doi 10.1177/0956797613480366; Mosimann et al. 2002, doi 10.1080/08989620212969",
          chance=("note warning", "Readings: runs that equal another run (by surprise), a day that is another shifted or scaled in eight animals or more. Wells: four equal signals of three digits in a row. "
                  "Analytes with one ratio in eight samples or more. Last digits of 100 device readings or more (χ²)."),
          state=("note", "Last digits do not apply to filaments.")),
)  # fmt: skip

BY_ID = {rule.id: rule for rule in RULES}


def completed(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, those of a rule with its reference and their kind.

    What rests on a test, and what faultless data can earn, says so where it fires. Of the others a note says what
    is so, and a warning or an error that something is wrong.
    """
    for one in findings:
        rule = BY_ID.get(one.check)
        plain = "state" if one.severity == "note" else "deterministic"
        yield replace(one, reference=one.reference or rule.reference, kind=one.kind or plain) if rule else one


def markdown() -> str:
    """The rules as a Markdown table."""
    head = ["| rule | looks at | fires when | reference |", "|---|---|---|---|"]
    rows = [f"| {rule.id} | {rule.name} | {' '.join(map(_told, rule.parts))} | {rule.reference} |" for rule in RULES]
    return "\n".join([*head, *rows]) + "\n"


def _told(part: Part) -> str:
    """One part in words."""
    return f"**{part.kind}** ({', '.join(part.severities)}): {part.fires}"
