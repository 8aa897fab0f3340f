PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup demo test bench clean

setup: .venv/.ready

.venv/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[test]"
	@touch $@

demo: setup
	@$(BIN)/structdiff demo

test: setup
	$(BIN)/python -m pytest -x

bench: setup
	$(BIN)/python -m tasks.bench posterior
	$(BIN)/python -m tasks.bench compile

clean:
	rm -rf .venv build dist
