# Thin targets: the work is done by python.
PY := .venv/bin/python
PORT ?= 8000
PART ?=

.DEFAULT_GOAL := help
.PHONY: help setup run test check fmt bench soak screenshots docs trust lint types contracts js

help: ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## environment, locked dependencies, assets, catalogue
	@python3 tools/setup.py run

run: setup ## the whole product with its demo at http://127.0.0.1:8000 (TLS=1: https for phones on the network)
	@$(PY) -c "from eventapp.app import command; command()" serve --prepare --port $(PORT) $(if $(TLS),--tls,)

test: ## everything: lint, types, contracts, unit, property, both databases, browser
	@python3 tools/setup.py test
	@$(MAKE) --no-print-directory lint types contracts js
	@$(PY) -m pytest -n 2 --dist worksteal

check: ## the fast part: rules, actions on SQLite, commands at random, the house (< 90 s)
	@python3 tools/setup.py test
	@$(MAKE) --no-print-directory lint types contracts js
	@$(PY) -m pytest -n 2 --dist worksteal -m "not slow and not browser and not whole and not second" -x

lint:
	@$(PY) -m ruff format --check --quiet . || { echo "run: make fmt"; exit 1; }
	@$(PY) -m ruff check --quiet .
	@$(PY) -m djlint templates --lint --quiet
	@$(PY) tools/catalogue.py --check

types:
	@$(PY) -m mypy

contracts:
	@.venv/bin/lint-imports --no-logo

js:
	@$(PY) -m tools.javascript

fmt: ## format
	@$(PY) -m ruff format --quiet . && $(PY) -m ruff check --fix --quiet .

bench: ## measured figures, in one run
	@python3 tools/setup.py test && $(PY) -m tools.bench

soak: ## full-length proofs (PART=name for one)
	@python3 tools/setup.py test && $(PY) -m tools.soak $(PART)

screenshots: ## pictures of every screen into docs/screenshots
	@python3 tools/setup.py test && $(PY) -m tools.screenshots

trust: ## promises of docs/trust.md without a test
	@$(PY) -m tools.trust
