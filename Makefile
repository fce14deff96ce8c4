# chainlight. `make` alone prints this help; every target works from a fresh clone.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
UV = $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
MEMBERS := instrumentation collector dashboard demo
LIBRARIES := .build/libraries
PYTHON_SOURCES := instrumentation collector dashboard demo tools bench tests

help: ## Print this help
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) chromium axe ## Create the environment from requirements.lock (installs uv if it is missing)

$(STAMP): requirements.lock $(MEMBERS:%=%/pyproject.toml)
	@command -v uv >/dev/null 2>&1 || test -x .tools/bin/uv || { \
	  echo "setup: uv is missing, installing it into .tools"; \
	  python3 -m venv .tools && .tools/bin/pip install --quiet uv; }
	@test -x $(BIN)/python || $(UV) venv --quiet --python '>=3.11' $(VENV)
	@$(UV) pip sync --quiet --python $(VENV) --require-hashes requirements.lock
	@$(UV) pip install --quiet --python $(VENV) --no-deps --no-build-isolation $(MEMBERS:%=--editable ./%)
	@touch $@
	@echo "setup: environment ready in $(VENV)"

axe: dashboard/node_modules ## Install what judges accessibility in tests, where npm is

dashboard/node_modules: dashboard/package-lock.json
	@if command -v npm >/dev/null 2>&1; then npm ci --silent --prefix dashboard && touch $@; \
	 else echo "setup: npm is missing, accessibility is not judged by tests"; fi

chromium: ## Install the browser for screenshots and browser tests, where apt allows it
	@tools/install_chromium

lock: ## Resolve the dependencies anew into requirements.lock
	@$(UV) lock --quiet --upgrade
	@$(UV) export --quiet --all-packages --no-emit-workspace --no-header --format requirements-txt --output-file requirements.lock >/dev/null
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --constraint requirements.lock --no-emit-package chainlight --no-emit-package chainlight-collector --output-file dashboard/requirements.lock dashboard/pyproject.toml collector/pyproject.toml --extra lake
	@$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --output-file tests/libraries/requirements.lock tests/libraries/requirements.in

layer: $(STAMP) ## Build the layer zip (deterministic) into dist/
	@$(BIN)/python tools/build_layer.py

collector: $(STAMP) ## Build the collector Lambda's zip and its layer of DuckDB extensions, and print their sizes
	@$(BIN)/python tools/build_collector.py
	@$(BIN)/python tools/build_collector.py --extensions

deploy: setup layer ## Build for ARCH=x86_64 (aarch64) and deploy with the SAM CLI; it asks for what it does not know
	@command -v sam >/dev/null 2>&1 || { echo "deploy: the SAM CLI is missing; docs/operations.md says how to deploy without it"; exit 1; }
	@$(BIN)/python tools/build_collector.py --platform $(or $(ARCH),x86_64)
	@$(BIN)/python tools/build_collector.py --extensions --platform $(or $(ARCH),x86_64)
	@sam deploy --template-file template.yaml --stack-name $(or $(STACK),chainlight) --capabilities CAPABILITY_IAM --resolve-s3 --guided

libraries: $(LIBRARIES)/.stamp ## Build the environment of libraries that need a botocore of their own

$(LIBRARIES)/.stamp: tests/libraries/requirements.lock | $(STAMP)
	@$(UV) venv --quiet --clear --python $(BIN)/python $(LIBRARIES)
	@$(UV) pip sync --quiet --python $(LIBRARIES) --require-hashes tests/libraries/requirements.lock
	@touch $@

demo: setup layer collector ## Run the sample shop on a local AWS and open the dashboard (HEADLESS=1 ends by itself)
	@$(BIN)/python -m chainlight_demo $(if $(HEADLESS),--headless,)

bench-layer: $(STAMP) layer ## Measure the layer beside its peers, with ratios and targets (QUICK=1: < 3 minutes)
	@QUICK=$(QUICK) $(BIN)/python bench/layer/run.py

bench-query: $(STAMP) ## Ask the views over ATTEMPTS=1000000 (10000000, 50000000) rows, beside ClickHouse and SQLite
	@ATTEMPTS=$(ATTEMPTS) PEERS=$(if $(PEERS),$(PEERS),1) $(BIN)/python bench/query/run.py

bench-pages: $(STAMP) ## Open every page over ATTEMPTS=1000000 in a browser, with each page's slowest queries
	@ATTEMPTS=$(ATTEMPTS) $(BIN)/python bench/pages/run.py

bench-engine: $(STAMP) ## Compare DuckDB with Spark over a lake of ATTEMPTS=10000000, and print how it grows (SPARK=0, VIEWS=)
	@ATTEMPTS=$(ATTEMPTS) SOURCE=$(SOURCE) VIEWS=$(VIEWS) SPARK=$(if $(SPARK),$(SPARK),1) $(BIN)/python bench/engine/run.py

bench-behave: $(STAMP) layer ## Let handlers fail in every way, wrapped by the layer and by its peers
	@$(BIN)/python bench/layer/behave.py

layer-matrix: $(STAMP) layer ## Run one chain on every Python there is, text and JSON logs, layer and wheel
	@CHAINLIGHT_MATRIX=full $(BIN)/python -m pytest tests/acceptance/test_layer_matrix.py -q

check: $(STAMP) ## Lint, types, import directions, sizes
	@$(BIN)/ruff check $(PYTHON_SOURCES)
	@$(BIN)/ruff format --check --quiet $(PYTHON_SOURCES)
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tools/check_size.py $(PYTHON_SOURCES)

test: setup layer collector libraries check ## Run everything: checks, unit, contract, acceptance and browser tests
	@$(BIN)/python -m pytest -m "not acceptance" --numprocesses 3
	@$(BIN)/python -m pytest -m "acceptance and not apart"
	@$(BIN)/python -m pytest -m apart --numprocesses 2 --dist loadfile
	@if command -v node >/dev/null 2>&1; then node --test dashboard/; \
	 else echo "test: node is missing, the waterfall's JavaScript unit tests are SKIPPED"; fi

reference: $(STAMP) ## Write docs/sql-reference.md from the schema's files
	@$(BIN)/python tools/sql_reference.py

bench-ingest: $(STAMP) ## Print how fast log events become rows, against read_json of the same bytes
	@$(BIN)/python bench/ingest/run.py

bench-storage: $(STAMP) ## Race and kill writers of each storage mode: ROUNDS=100 KILLS=20 SECONDS=60, then ask and tidy up
	@SECONDS_EACH=$(SECONDS) KILLS=$(KILLS) ROUNDS=$(ROUNDS) $(BIN)/python bench/storage/run.py

bench-waterfall: $(STAMP) ## Open and move chains of SIZES=10000,100000 rows in a browser, beside plotly and altair
	@SIZES=$(SIZES) PEERS=$(PEERS) $(BIN)/python bench/waterfall/run.py

clean: ## Remove everything that was built
	@rm -rf $(VENV) .tools .build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.PHONY: reference help setup axe chromium lock layer collector deploy libraries demo bench-query bench-engine bench-storage bench-pages bench-layer bench-behave layer-matrix bench-ingest bench-waterfall check test clean
