# Everything a newcomer needs: each target installs what it requires first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest

.PHONY: help install demo test patroni test-ha test-slow check house bench serve docs lock clean

help:  ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

install: $(VENV)/.installed  ## the virtual environment with locked dependencies

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say which one: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: install  ## the whole service once through, on a throw-away database
	@$(BIN)/python tools/demo.py

test: install  ## the test suite
	$(PYTEST) -m "not slow and not ha" -n 4 --dist loadfile --no-loadscope-reorder

# PostgreSQL's own user must be able to read it, so root puts it where everybody may look.
PATRONI := $(if $(filter 0,$(shell id -u)),/opt/npn-patroni,.venv-patroni)
SYSTEM_PYTHON := $(firstword $(wildcard /usr/bin/python3) $(PYTHON))

patroni: $(PATRONI)/.installed  ## Patroni for the failover suite, in an environment of its own

$(PATRONI)/.installed: tests/ha/requirements.txt
	$(SYSTEM_PYTHON) -m venv $(PATRONI)
	$(PATRONI)/bin/pip install --quiet --disable-pip-version-check wheel
	$(PATRONI)/bin/pip install --quiet --disable-pip-version-check --requirement tests/ha/requirements.txt
	@touch $@

test-ha: install patroni  ## every failover five times on a cluster of its own; writes the table in docs/high-availability.md
	NPN_HA_WRITE=1 $(PYTEST) tests/ha -m ha --timeout=0 -rs

test-slow: install  ## the long tests: hundreds of kills, long fuzzing
	$(PYTEST) -m slow --timeout=0

check: install  ## lint, types, import contracts, style budget, documents up to date
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/cycles.py
	$(BIN)/python tools/budget.py
	$(BIN)/python tools/complexity.py
	$(BIN)/python tools/sql.py
	$(BIN)/python tools/dates.py
	$(BIN)/vulture
	$(BIN)/python tools/english.py
	$(BIN)/python tools/reference.py --check
	$(BIN)/python tools/rules_reference.py --check
	$(BIN)/python tools/architecture.py --check
	$(BIN)/python tools/bench_page.py --check
	$(BIN)/python tools/detection.py --check
	$(BIN)/python tools/scale_page.py --check

house: install  ## the figures of the house: lengths, complexity, names, tics, cycles
	@$(BIN)/python tools/house.py

docs: install  ## write the generated reference anew
	$(BIN)/python tools/reference.py
	$(BIN)/python tools/rules_reference.py
	$(BIN)/python tools/architecture.py
	$(BIN)/python tools/bench_page.py
	$(BIN)/python tools/detection.py
	$(BIN)/python tools/scale_page.py

bench: install  ## the benchmarks, into bench/results
	$(BIN)/python -m bench

serve: install  ## the service on http://127.0.0.1:8000, its database in ./var
	@test -e var/npn.db || { mkdir -p var && $(BIN)/npn admin init --database sqlite:///var/npn.db; }
	$(BIN)/npn serve --database sqlite:///var/npn.db

lock:  ## resolve the dependencies anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --allow-unsafe --extra dev pyproject.toml -o requirements.lock

clean:  ## remove what was made
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .hypothesis
