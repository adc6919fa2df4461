PYTHON ?= python3
BIN := .venv/bin
EXTRAS ?= train,tensorboard,board,postgres,browser,mcp,games,servers,serve,ray,sb3,trl,datasets,textarena,gem,scienceworld,miniwob,docs,dev
# Official ALFWorld games for `make parity`; left out where there is no such folder.
ALFWORLD_GAMES ?= $(or $(ALFWORLD_DATA),../shared/data/alfworld)

WITHOUT_ALFWORLD := The extra alfworld is left out: it compiles, and no compiler was found. See make setup-system.

.PHONY: setup setup-system demo test check docs bench parity

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -e '.[$(EXTRAS)]' && touch $@

.venv/alfworld: .venv/installed
	PATH="$(CURDIR)/$(BIN):$$PATH" pip install --quiet -e '.[alfworld]' || echo "$(WITHOUT_ALFWORLD)"
	touch $@

setup: .venv/installed

setup-system:
	apt-get update && apt-get install --yes build-essential bubblewrap chromium chromium-driver openjdk-17-jre-headless postgresql python3

demo: setup
	$(BIN)/agentgym demo

test: setup .venv/alfworld
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadgroup

check: setup
	$(BIN)/ruff format --check && $(BIN)/ruff check && $(BIN)/mypy && $(BIN)/lint-imports && $(BIN)/codespell
	$(MAKE) docs

docs: setup
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

bench: setup
	for script in tests/benchmarks/*.py; do $(BIN)/python $$script || exit 1; done

parity: setup .venv/alfworld
	$(BIN)/python -m tests.parity $(wildcard $(ALFWORLD_GAMES)) --generated 60 --random 60 --jobs 2
