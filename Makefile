# `make help` lists what can be made. Everything lives in .venv and out/; nothing is installed outside this folder.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MODEL_SECONDS ?= 120
SOURCES := assistant evals ingestion prompts tests ui

.DEFAULT_GOAL := help
.PHONY: help demo test check format ui bench lock system-packages clean

help:  ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

demo: $(VENV)/.installed  ## install, then run the main job on the sample documents; results in out/
	$(BIN)/council demo --out out

test: $(VENV)/.installed-for-tests  ## install, then run the tests
	$(BIN)/python -m pytest -n auto --dist loadgroup

check: $(VENV)/.installed-for-tests  ## format, lint, types, import contracts
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-for-tests  ## put the code in the project's format
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

ui: $(VENV)/.installed  ## start the web app on this machine
	$(BIN)/council ui

bench: $(VENV)/.installed-for-tests  ## print speeds and retrieval quality, as ratios measured in one run
	$(BIN)/python -m evals.benchmarks

system-packages:  ## Debian: Tesseract, Chromium, LibreOffice, poppler (needs root)
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends tesseract-ocr chromium libreoffice-writer poppler-utils fonts-liberation

lock:  ## choose versions anew (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
	  --extra build pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
	  --extra build --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:  ## remove the environment and all results
	rm -rf $(VENV) out

# pip's own environment either way, so that `python -m pip` is there later; uv only does the work faster.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "Python 3.11, 3.12 or 3.13 is needed; name one with: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

INSTALL = if command -v uv >/dev/null; then uv pip install -q --python $(BIN)/python $(1); \
          else $(BIN)/python -m pip install -q --disable-pip-version-check $(1); fi

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(call INSTALL,--require-hashes -r requirements.lock)
	$(call INSTALL,--no-deps --no-build-isolation -e .)
	-$(BIN)/council models fetch minilm --timeout $(MODEL_SECONDS)
	touch $@

$(VENV)/.installed-for-tests: requirements-dev.lock $(VENV)/.installed
	$(call INSTALL,--require-hashes -r requirements-dev.lock)
	touch $@
