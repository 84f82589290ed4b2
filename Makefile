SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Errors only: a locked install has nothing else to say.
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet --quiet
PYTEST_ARGS ?=

.PHONY: help setup run test check cover fix bench lock clean

help: ## Show this list
	@sed -nE 's/^([a-z]+):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

setup: $(STAMP) ## Make .venv from the hashed lock

$(STAMP): requirements/dev.lock pyproject.toml adapters/pyproject.toml
	@echo "setup: installing requirements/dev.lock into $(VENV)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes -r requirements/dev.lock
	@$(PIP) install --no-deps --no-build-isolation -e . -e adapters
	@touch $@

run: setup ## Start gateway, worker and sandbox; DEMO=1 shows a few messages and stops
	@$(BIN)/msggw demo $(if $(filter 1,$(DEMO)),--once)

test: check cover ## All checks and all tests, with the coverage gates

check: setup ## Lint, formatting, types, layers
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { $(BIN)/ruff format --check .; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

cover: setup ## Tests with the coverage gates; PYTEST_ARGS is handed on
	@mkdir -p build/coverage
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest $(PYTEST_ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage json --quiet -o build/coverage/report.json
	@$(BIN)/python tools/coverage_gate.py build/coverage/report.json

fix: setup ## Format, and mend what ruff can mend
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .

bench: setup ## Run the benchmarks; one JSON document on stdout
	@$(BIN)/python -m benchmarks

LOCK_FLAGS = --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-header --no-annotate $(if $(filter 1,$(UPGRADE)),--upgrade)
COMPILE = $(BIN)/uv pip compile $(LOCK_FLAGS)

lock: ## Write the locks again; UPGRADE=1 takes the newest releases
	@test -x $(BIN)/uv || $(MAKE) setup
	@$(COMPILE) pyproject.toml --group dev -o requirements/dev.lock >/dev/null
	@$(COMPILE) pyproject.toml -c requirements/dev.lock -o requirements/runtime.lock >/dev/null
	@$(COMPILE) --group build -c requirements/dev.lock -o requirements/build.lock >/dev/null
	@$(MAKE) setup

clean: ## Remove everything that was made here
	@rm -rf $(VENV) build dist .coverage* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
