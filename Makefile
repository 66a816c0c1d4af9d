# The ways to work with Guixue: demo, test, check, bench. Everything happens in .venv and .guixue.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
CONTESTANTS := $(VENV)/.installed-bench
ARGS ?=

.PHONY: demo test check format lint types layers fuzz attacks bench bench-large year clean

demo: $(INSTALLED)
	@$(BIN)/guixue demo $(ARGS)

test: $(INSTALLED)
	@$(BIN)/pytest -n auto --dist worksteal $(ARGS)

check: format lint types layers test

format: $(INSTALLED)
	@$(BIN)/ruff format --check .

lint: $(INSTALLED)
	@$(BIN)/ruff check .

types: $(INSTALLED)
	@$(BIN)/mypy

layers: $(INSTALLED)
	@$(BIN)/lint-imports

fuzz: $(INSTALLED)
	@HYPOTHESIS_PROFILE=searching $(BIN)/pytest -n auto --dist worksteal tests/domain $(ARGS)

attacks: $(INSTALLED)
	@GUIXUE_ATTACKS=$(if $(ARGS),$(ARGS),10000) $(BIN)/pytest tests/application/test_auditing.py

bench: $(CONTESTANTS)
	@$(BIN)/python -m tests.benchmarks.run $(ARGS)

bench-large: $(CONTESTANTS)
	@$(BIN)/python -m tests.benchmarks.run --events $(if $(ARGS),$(ARGS),10000 1000000 10000000)

year: $(INSTALLED)
	@$(BIN)/python -m tests.benchmarks.school_year $(ARGS)

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Guixue needs Python 3.11 or newer")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

$(CONTESTANTS): $(INSTALLED)
	@echo "Installing what is measured against ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev,bench]'
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
