PYTHON ?= python3
BIN := .venv/bin
# The extra alfworld, a part of `all`, compiles: it needs gcc, g++, make and a `python` on the path.
# Without a compiler: make EXTRAS=train,board,dev ...
EXTRAS ?= all,dev
# Official ALFWorld games for `make parity`; left out where there is no such folder.
ALFWORLD_GAMES ?= $(or $(ALFWORLD_DATA),../shared/data/alfworld)

.PHONY: setup setup-system demo test check bench parity

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	PATH="$(CURDIR)/$(BIN):$$PATH" pip install --quiet -e '.[$(EXTRAS)]'
	touch $@

setup: .venv/installed

setup-system:
	@echo "Only the extra alfworld needs system packages, to compile: gcc, g++, make (Debian: build-essential)."

demo: setup
	$(BIN)/agentgym demo

test: setup
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadgroup

check: setup
	$(BIN)/ruff format --check && $(BIN)/ruff check && $(BIN)/mypy && $(BIN)/lint-imports && $(BIN)/codespell

bench: setup
	for script in tests/benchmarks/*.py; do $(BIN)/python $$script || exit 1; done

parity: setup
	$(BIN)/python -m tests.parity $(wildcard $(ALFWORLD_GAMES)) --generated 60 --random 60 --jobs 2
