"""The numbers of a plate export as allotropy reads them: CSV lines of well, wavelength or analyte, and signal.

allotropy needs pandas < 3, so it lives in an environment of its own:

    python -m venv allotropy && allotropy/bin/pip install allotropy
    HINDPAW_ALLOTROPY=allotropy/bin/python python -m pytest tests/external/test_plate_exports.py

Called as `python oracle.py VENDOR FILE`. This script imports nothing of hindpaw.
"""

import csv
import math
import re
import sys

VENDORS = {
    "softmax": "MOLDEV_SOFTMAX_PRO",
    "gen5": "AGILENT_GEN5",
    "xponent": "LUMINEX_XPONENT",
    "bioplex": "BIORAD_BIOPLEX",
    "msd": "MSD_WORKBENCH",
    "bmg": "BMG_MARS",
}
SIGNALS = ("absorbance", "fluorescence", "luminescence")


def measurements(node):
    """Every measurement document below a node."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "measurement document":
                yield from value
            else:
                yield from measurements(value)
    elif isinstance(node, list):
        for value in node:
            yield from measurements(value)


def shown(value):
    """A number in full, empty where there is none (allotropy writes -0.0 then)."""
    missing = not isinstance(value, int | float) or value != value or (value == 0 and math.copysign(1, value) < 0)
    return "" if missing else repr(float(value))


def plain(well):
    """A well without leading zeros."""
    return re.sub(r"^([A-P])0*(\d+)$", r"\1\2", well)


def medians(analyte):
    """The median fluorescence of an analyte's document."""
    for one in analyte.get("statistics aggregate document", {}).get("statistics document", []):
        for step in one["statistic dimension aggregate document"]["statistic dimension document"]:
            value = step["statistical value"]
            if value.get("has statistic datum role") == "median role":
                yield value["value"]


def rows(document):
    """Well, wavelength or analyte, and signal of each measurement."""
    for one in measurements(document):
        sample = one["sample document"]
        well = plain(sample.get("well location identifier") or sample["location identifier"])
        controls = one["device control aggregate document"]["device control document"][0]
        wave = controls.get("detector wavelength setting", {}).get("value")
        assay = one.get("custom information document", {}).get("assay identifier")
        for analyte in one.get("analyte aggregate document", {}).get("analyte document", []):
            for value in list(medians(analyte)) or [None]:
                yield well, analyte["analyte name"], shown(value)
        for name in SIGNALS:
            if name in one:
                yield well, assay or (f"{wave:g}" if wave else ""), shown(one[name].get("value"))


def main():
    """Print the lines of one file."""
    from allotropy.parser_factory import Vendor
    from allotropy.to_allotrope import allotrope_from_file

    vendor, file = sys.argv[1:]
    document = allotrope_from_file(file, Vendor[VENDORS[vendor]])
    csv.writer(sys.stdout, lineterminator="\n").writerows(rows(document))


if __name__ == "__main__":
    main()
