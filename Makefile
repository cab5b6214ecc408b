# Two commands do all the set-up: `make train` and `make test`. Both make .venv and install into it.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: train test test-all lint bench picture clean

train: .venv/installed
	$(BIN)/glassnet train $(ARGS)

test: .venv/installed-test
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile $(ARGS)

test-all: .venv/installed-test
	$(BIN)/python -m pytest -m "" $(ARGS)

lint: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/installed
	$(BIN)/python benchmarks/all.py

# The README's picture: the default run, drawn by the program.
picture: .venv/installed
	$(BIN)/glassnet train --name picture --out build
	$(BIN)/glassnet plot build/picture --out docs/overview.png

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
	$(PIP) install --constraint constraints.txt --editable '.[test]'
	$(PIP) install --constraint constraints.txt --editable '.[test,jax,keras,tensorboard]' || \
		echo "JAX or Keras can't be installed here; the tests that need them will be skipped" >&2
	@touch $@

clean:
	rm -rf .venv build dist src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
