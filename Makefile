# Two commands matter: `make demo` shows the whole job, `make test` proves it.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin

.PHONY: demo test faults check fix pictures install clean

demo: install
	$(BIN)/cxrtui run-all --recipe demo

# Three workers for two cores, since they wait for processes a third of the time. The tests need tmux
# and Chromium: `apt-get install tmux chromium`. They start hundreds of processes, which compile
# nothing themselves where PYTHONDONTWRITEBYTECODE is set.
test: install
	$(BIN)/python -m compileall -q cxrtui db jobs
	$(BIN)/pytest -n 3 --dist worksteal

# The long form of tests/faults; `make faults SEED=7` replays what it drew.
faults: install
	$(BIN)/pytest -n 2 tests/faults --long $(if $(SEED),--seed $(SEED))

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The README's pictures, of the dashboard on what `make demo` has made.
pictures: demo
	$(BIN)/python docs/take_pictures.py .cxrtui docs/pictures

install: $(VENV)/installed

$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --requirement requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf $(VENV) .cxrtui .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
