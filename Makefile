# Two commands for people: `make demo` and `make test`. `make check` is what CI runs before the tests.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
ONCE ?=
.DEFAULT_GOAL := help
.PHONY: help install dev bwrap demo test test-slow test-faults test-long test-all check format lock docs bench soak eval clean

help:  ## Show what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(VENV)/.runtime: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

install: $(VENV)/.runtime  ## Create .venv with what the service needs
dev: $(VENV)/.dev  ## The same, with what the tests and checks need

bwrap:
	@command -v bwrap >/dev/null || scripts/install_bwrap.sh

demo: install bwrap  ## Play the whole story on this machine (ONCE=1: end by itself)
	$(BIN)/devtask demo $(if $(ONCE),--once)

test: dev bwrap  ## The fast set (under two minutes)
	$(BIN)/pytest -n 2 --dist worksteal -m "not slow"

test-slow: dev bwrap  ## PostgreSQL, browser and the running system
	$(BIN)/pytest -n 2 --dist loadfile -m "slow and not long and not fault" --timeout 300

test-faults: dev bwrap  ## The running system with everything around it failing or killed
	$(BIN)/pytest -n 2 --dist loadfile -m "fault" --timeout 300

test-long: dev bwrap  ## Every row of the table of bundled repositories; package managers with real packages
	$(BIN)/pytest -m long

test-all: test test-slow test-faults test-long  ## All of them

check: dev  ## Format, lint, types, import contracts, papers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/bandit -q -ll -ii -r state ai ghapp jobs cli -c pyproject.toml
	$(BIN)/python -m cli.papers --check

format: dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: dev  ## Write the generated papers again
	$(BIN)/python -m cli.papers

bench: dev bwrap  ## Print the measured figures beside their goals
	$(BIN)/python -m benchmarks

soak: dev bwrap  ## Kill processes at random while tasks run; print counts and the seed
	$(BIN)/python -m benchmarks.soak

eval: dev bwrap  ## The bundled repositories: real models with keys (costs money), else the scripted ones
	$(BIN)/devtask eval

lock:  ## Resolve the dependencies again (needs uv)
	uv pip compile pyproject.toml --extra postgres --extra demo --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-annotate --no-emit-index-url -o requirements.lock
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 -c requirements.lock \
	  --generate-hashes --no-header --no-annotate --no-emit-index-url -o requirements-dev.lock

clean:
	rm -rf $(VENV) .data .cache .mypy_cache .ruff_cache .hypothesis
