# Appui juridique : les commandes de tous les jours. `make` seul les liste.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
RUN := $(VENV)/.ready-run
DEV := $(VENV)/.ready-dev
DEPENDENCIES := pyproject.toml constraints.txt
PY := helpdesk tests migrations wsgi.py $(wildcard benchmarks)
# Tests, one process per core; `make test ARGS="tests/tickets -k relay"` for a part.
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test check lint types contracts templates coverage bench constraints clean

help: ## cette aide
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

run: $(RUN) ## démarrer la démonstration (http://127.0.0.1:8000, ou PORT=8123 make run)
	@$(BIN)/helpdesk up --demo || [ $$? -eq 3 ]

test: $(DEV) ## tous les tests, sur SQLite, PostgreSQL et Redis
	@$(BIN)/python -m pytest -n logical --dist worksteal $(ARGS)

check: lint types contracts templates test ## tout ce que vérifie l’intégration continue

lint: $(DEV) ## ruff
	@$(BIN)/ruff check $(PY)
	@$(BIN)/ruff format --check $(PY)

types: $(DEV) ## mypy
	@$(BIN)/mypy

contracts: $(DEV) ## qui importe qui (import-linter)
	@PYTHONPATH=. $(BIN)/lint-imports

templates: $(DEV) ## djlint
	@if ls helpdesk/templates/*.html helpdesk/templates/*/*.html >/dev/null 2>&1; then \
	  $(BIN)/djlint helpdesk/templates --lint --quiet; fi

coverage: $(DEV) ## les tests, avec les lignes et les branches couvertes
	@$(BIN)/python -m pytest -n logical --dist worksteal --cov --cov-report=term-missing:skip-covered $(ARGS)

bench: $(DEV) ## les mesures de docs/performance.md
	@$(BIN)/python -m benchmarks $(ARGS)

constraints: $(DEV) ## écrire dans constraints.txt ce qui est installé
	@$(BIN)/python tests/support/constraints.py

clean: ## enlever l’environnement et les caches ; les données (instance/) restent
	@rm -rf $(VENV) .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .coverage htmlcov \
	  test-results
	@find helpdesk tests migrations -name __pycache__ -type d -prune -exec rm -rf {} +

# A virtual environment that no longer starts (Python upgraded, installation cut short) is made anew.
define venv
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Il faut Python 3.11 ou plus récent. Indiquez-le ainsi : make $@ PYTHON=/chemin/vers/python3.12"; \
	  exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || { \
	  echo "Le module venv de Python manque. Sur Debian ou Ubuntu : sudo apt install python3-venv"; exit 1; }
endef

$(RUN): $(DEPENDENCIES)
	$(venv)
	@echo "Installation des dépendances (une seule fois)…"
	@$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(DEV): $(DEPENDENCIES)
	$(venv)
	@echo "Installation des dépendances de développement (une seule fois)…"
	@$(PIP) install --no-compile --constraint constraints.txt --editable '.[dev]'
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib >/dev/null 2>&1 || true  # as pip does, on every core
	@touch $@ $(RUN)
