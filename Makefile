# Bare `make` prints this help.
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed
PYTHON ?= python3

.PHONY: help run test check bench words lock clean

help: ## Show what there is
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(STAMP): requirements.lock
	@echo "Installing into $(VENV) (once, about two minutes) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $(STAMP)

run: $(STAMP) ## Start the platform with demo data (PORT=8000)
	$(PY) -m flask --app wsgi start

test: $(STAMP) ## Run every test: SQLite, PostgreSQL, the pages in a browser
	$(PY) -m pytest -n $${TEST_WORKERS:-auto} --dist loadgroup

check: $(STAMP) ## Lint, format, types, house rules, migrations
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(PY) -m pytest -n $${TEST_WORKERS:-auto} tests/house

bench: $(STAMP) ## Measure: pages against a bare page, search at 10,000 and 100,000 products
	$(PY) -m benchmarks

words: $(STAMP) ## Bring the English catalogue up to the sentences of the source
	$(VENV)/bin/pybabel -q extract -F babel.cfg -k N_ -k lazy_gettext --no-location --sort-output --omit-header -o $(VENV)/words.pot .
	$(VENV)/bin/pybabel -q update -i $(VENV)/words.pot -d foundation/web/translations -l en --no-fuzzy-matching --ignore-obsolete

lock: ## Renew requirements.lock from pyproject.toml
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	  --no-header --no-annotate --no-emit-index-url --no-emit-find-links --group dev pyproject.toml -o requirements.lock

clean: ## Remove the environment and the demo's data
	rm -rf $(VENV) var
