# `make demo` and `make test` are all a newcomer needs; each target says what it does.
PYTHON ?= python3
BIN := .venv/bin
# Without bytecode every import costs three times as much; one thread makes small algebra fast and reproducible.
unexport PYTHONDONTWRITEBYTECODE
export OPENBLAS_NUM_THREADS := 1

.PHONY: help demo pictures test lint golden bench fuzz lock keys check clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1	\2/'

demo: .venv/demo.stamp ## make the environment, run the demo study, say where its report is
	$(BIN)/snakemake --cores 2 --workflow-profile workflow/profiles/default
	@echo "The report: results/bmsc-cci/report/report.html"

pictures: .venv/dev.stamp ## photograph the demo's report for README.md (needs Chromium, and `make demo` before)
	$(BIN)/python docs/screenshots.py

test: .venv/dev.stamp ## run every test this machine can run
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: .venv/dev.stamp ## check style, types and the workflow
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile workflow/rules
	$(BIN)/snakemake --lint

golden: ## renew what R says beside the tests (needs R with lme4, lmerTest, pbkrtest, emmeans, nlme, boot, car, jsonlite, survival)
	Rscript tests/model/r/references.R tests/model/golden
	Rscript tests/model/r/relief.R tests/model/relief.csv > tests/model/relief_r.csv
	Rscript tests/model/r/resampling.R tests/model
	Rscript tests/model/r/bounds.R tests/model/bounds.csv > tests/model/bounds_r.csv
	Rscript tests/model/r/sphericity.R > tests/model/sphericity_r.csv
	Rscript tests/measure/r/dnase_4pl.R > tests/measure/dnase_4pl.csv
	Rscript tests/audit/r/as_published.R tests/audit/as_published.csv > tests/audit/as_published_r.csv

bench: .venv/dev.stamp ## measure speed and calibration on simulated mice, side by side with other software (half an hour)
	@for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

fuzz: .venv/dev.stamp ## read 6 000 damaged sheets and plates; each must end in findings (a seed replays it)
	$(BIN)/python tests/fuzz.py --files 3000

lock: .venv/dev.stamp ## renew the locked dependencies from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --extra build --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra build --extra dev --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -q -o requirements-dev.lock

keys: .venv/dev.stamp ## renew the tables of config/README.md from the schemas
	@sed '/^<!-- The tables/q' config/README.md > config/README.new && $(BIN)/python -m hindpaw.schema >> config/README.new && mv config/README.new config/README.md

clean: ## remove results and caches, keep the environment
	git clean -fdXq -e '!.venv' -e '!.venv/**'

check:
	@command -v git >/dev/null || { echo "git is missing. Debian or Ubuntu: sudo apt install git. macOS: xcode-select --install."; exit 1; }
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing. Debian or Ubuntu: sudo apt install python3 python3-venv. macOS: brew install python, or python.org."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than 3.11. Install a newer one and say: make demo PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python cannot make environments. Debian or Ubuntu: sudo apt install python3-venv."; exit 1; }

.venv/bin/uv: | check
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip --quiet --disable-pip-version-check install uv

.venv/demo.stamp: requirements.lock pyproject.toml | .venv/bin/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/demo.stamp
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements-dev.lock
	@touch $@
