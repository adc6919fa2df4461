PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup setup-system demo test check bench

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv && $(BIN)/pip install --quiet -e '.[all,dev]' && touch $@

setup: .venv/installed

setup-system:
	@echo "Nothing to install: no environment of this version needs a system package."

demo: setup
	$(BIN)/agentgym demo

test: setup
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadgroup

check: setup
	$(BIN)/ruff format --check && $(BIN)/ruff check && $(BIN)/mypy && $(BIN)/lint-imports && $(BIN)/codespell

bench: setup
	for script in tests/benchmarks/*.py; do $(BIN)/python $$script || exit 1; done
