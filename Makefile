# Two commands do all the set-up: `make train` and `make test`. Both make .venv and install into it.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Tests that run in under a minute and fail first when mathematics or structure is wrong.
FAST := tests/ops tests/layers tests/optimizers tests/core tests/test_losses.py tests/test_metrics.py \
	tests/test_contract.py tests/test_house.py tests/test_public_names.py

.PHONY: train test test-all fast fix lint cov mutants bench picture docs notebooks help clean

train: .venv/installed  ## set up, find or fetch Fashion-MNIST, train, show the result
	$(BIN)/glassnet train $(ARGS)

test: .venv/installed-test  ## install what the tests need and run them
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(ARGS)

test-all: .venv/installed-test  ## also the tests that take minutes
	$(BIN)/python -m pytest -m "" $(ARGS)

fast: .venv/installed-test  ## a useful part of the tests, in under a minute
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal --quiet $(FAST) $(ARGS)

fix: .venv/installed-test  ## format, and correct what ruff can correct
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lint: .venv/installed-test  ## style, types and the import contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

cov: .venv/installed-test  ## test coverage, with the floor of pyproject.toml
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --cov --cov-report term $(ARGS)

mutants: .venv/installed-mutants  ## mutation score: FILES="src/glassnet/ops/linear.py" SAMPLE=200
	$(BIN)/python tests/mutants.py --sample $(or $(SAMPLE),200) $(FILES)

bench: .venv/installed  ## the benchmarks, written to docs/benchmarks.md
	$(BIN)/python benchmarks/all.py

picture: .venv/installed  ## the README's picture: the default run, drawn by the program
	$(BIN)/glassnet train --name picture --out build
	$(BIN)/glassnet plot build/picture --out docs/overview.png

notebooks: .venv/installed-test  ## execute the notebooks and write their outputs: NAMES="01 05"
	$(BIN)/python notebooks/execute.py $(NAMES)

docs: .venv/installed-docs  ## the documentation as a site, for reading offline: build/docs/index.html
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --nitpicky docs build/docs
	@echo "open build/docs/index.html"

help:  ## this list
	@sed -nE 's/^([a-z-]+):.*  ## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "glassnet needs Python 3.11 or later; $(PYTHON) is older. Try: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 2; }
	$(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "$(PYTHON) can't make a virtual environment; on Debian or Ubuntu: apt install python3-venv" >&2; exit 2; }

.venv/installed: .venv/bin/python pyproject.toml constraints.txt
	$(PIP) install --constraint constraints.txt --editable .
	@touch $@

# The engines' extras are large; where they can't be had, the tests that need them are skipped.
.venv/installed-test: .venv/installed
	$(PIP) install --constraint constraints.txt --editable '.[test,notebook,docs]'
	$(PIP) install --constraint constraints.txt --editable '.[test,notebook,docs,jax,keras,tensorboard]' || \
		echo "JAX or Keras can't be installed here; the tests that need them will be skipped" >&2
	@touch $@

.venv/installed-mutants: .venv/installed-test
	$(PIP) install --constraint constraints.txt --editable '.[mutants]'
	@touch $@

.venv/installed-docs: .venv/installed
	$(PIP) install --constraint constraints.txt --editable '.[docs]'
	@touch $@

clean:  ## remove the environment, builds and caches
	rm -rf .venv build dist src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
