"""python -m hindpaw.simulate data/bmsc-cci: write the demo study's files."""

import sys
from pathlib import Path

from hindpaw.simulate import write_demo

write_demo(Path(sys.argv[1]))
