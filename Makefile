# clvsite: `make up` runs the site, `make test` tests it. Python 3.11 or newer and make are enough.

PYTHON ?= python3
PORT ?= 8000
DATA ?= data
SAMPLE ?= simulated
BIN := .venv/bin
NUMBERS_ONLY := tests/metrics/clv tests/metrics/effects tests/clvsite/simulated

export PORT
export CLVSITE_DATA := $(abspath $(DATA))
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1
unexport PYTHONDONTWRITEBYTECODE # or each of the many processes compiles all it loads anew

.PHONY: up install test test-postgres test-long test-engines check bench prove lock

up: install
	@$(BIN)/python manage.py prepare --sample $(SAMPLE) --port $(PORT)
	@exec $(BIN)/supervisord --nodaemon --silent $(if $(filter 0,$(shell id -u)),--user=root) \
		--configuration clvsite/supervisord.conf

install: .venv/installed

.venv/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "clvsite needs Python 3.11 or newer; say which with PYTHON=python3.12")'
	@$(PYTHON) -m venv .venv
	@{ $(BIN)/pip install --quiet uv && $(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes requirements.txt; } \
		|| $(BIN)/pip install --quiet --require-hashes -r requirements.txt
	@touch $@

test: install
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not engines and not long"

test-postgres: install
	DATABASE_URL=$${CLVSITE_TEST_POSTGRES:-postgresql://localhost/postgres} $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not browser and not engines and not long" $(NUMBERS_ONLY:%=--ignore=%)

test-long: install
	DATABASE_URL=$${CLVSITE_TEST_POSTGRES:-postgresql://localhost/postgres} $(BIN)/pytest -m long

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/mypy

bench: install
	$(BIN)/python -m benchmarks.value_engine
	$(BIN)/python -m benchmarks.database --customers 10000 100000 1000000 --orm
	$(BIN)/python -m benchmarks.figures

prove: export CLVSITE_PROVE := 1
prove: test test-postgres test-long test-engines bench

test-engines: install
	$(BIN)/uv pip install --quiet --compile-bytecode --require-hashes -r requirements-warehouse.txt
	DATABASE_URL=$${CLVSITE_TEST_POSTGRES:-postgresql://localhost/postgres} $(BIN)/pytest -m engines

lock:
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --group dev pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --group warehouse -c requirements.txt pyproject.toml -o requirements-warehouse.txt
