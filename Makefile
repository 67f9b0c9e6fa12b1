# Each target works on a fresh machine with python >= 3.11, make and git; everything installs into .venv.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
PEERS := .venv/.peers
N ?= 1000000
export PREFECT_SERVER_ANALYTICS_ENABLED = false
export DO_NOT_TRACK = 1
export GX_ANALYTICS_ENABLED = false

.PHONY: help install clients demo test test-deep check ui bench drill lock book

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# The lock is whole, so pip resolves nothing: older ones, asked for extras and hashes, look at the newest version alone.
install: $(INSTALLED)  ## Tandem and its tools, into .venv

$(INSTALLED): requirements.lock pyproject.toml
	@echo "Installing into .venv (about a minute the first time) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Tandem needs python 3.11 or newer: make PYTHON=python3.12 install" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock 2>.venv/pip.log || { tail -n 5 .venv/pip.log >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e . 2>.venv/pip.log || { tail -n 5 .venv/pip.log >&2; exit 1; }
	@touch $@

clients: $(INSTALLED)  ## others' JavaScript clients, for the contract tests (skipped without node)
	@command -v npm >/dev/null || { echo "npm is not here: the JavaScript clients' tests will be skipped"; exit 0; }; \
	cmp -s tests/contract/clients/package.json .clients/package.json || { \
	mkdir -p .clients && cp tests/contract/clients/package.json .clients/ && \
	npm install --prefix .clients --silent --no-audit --no-fund --no-package-lock >/dev/null 2>&1 || \
	{ rm -f .clients/package.json; echo "npm could not install the JavaScript clients: their tests will be skipped"; }; }

demo: $(INSTALLED)  ## the whole story on a fresh sandbox
	@$(BIN)/tandem demo

test: $(INSTALLED) clients  ## every test but the long drills and histories
	@$(BIN)/python -m pytest -q -m "not deep" -n 2 --dist loadfile --no-loadscope-reorder

test-deep: $(INSTALLED) clients  ## long histories too, and all ledgers on PostgreSQL
	@$(BIN)/python -m pytest -q -m "not deep" -n 2 --dist loadfile --no-loadscope-reorder
	@$(BIN)/python -m pytest -q -m deep -n auto --dist worksteal --timeout=3600
	@TANDEM_TEST_LEDGERS=postgresql $(BIN)/python -m pytest -q -m "not deep" -n 2 --dist loadfile tests/unit tests/flows tests/deployed tests/property

check: $(INSTALLED)  ## formatting, lint, types, who may import whom
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

ui: $(INSTALLED)  ## sandbox or real systems, and Prefect's UI over them
	@$(BIN)/tandem up

bench: $(PEERS)  ## stage by stage beside its anchor, in worlds of up to N=1000000 people; writes .tandem/bench.json
	@$(BIN)/python -m tests.bench --people $(N)

$(PEERS): $(INSTALLED)
	@$(BIN)/python -m pip freeze --exclude-editable > .venv/installed.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation -c .venv/installed.txt -e '.[bench]' 2>.venv/pip.log || { tail -n 5 .venv/pip.log >&2; exit 1; }
	@touch $@

drill: $(INSTALLED)  ## the long fault drill: whole offices under faults mixed at random
	@$(BIN)/python -m tests.bench.drill

book: $(INSTALLED)  ## render the rule book from its tests
	@$(BIN)/python -m tests.spec.book

lock:  ## choose versions anew (needs uv)
	@uv pip compile pyproject.toml --extra dev --universal --generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements.lock --quiet
