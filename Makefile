# One target per habit. Everything works from a fresh clone: Python 3.11 or newer and make are all it needs.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= $(shell echo $$(( $$(nproc) < 4 ? $$(nproc) + 1 : 4 )))
MINUTES ?= 20
PYTEST_ARGS ?=

CATALOGUES := $(wildcard translations/*/LC_MESSAGES/messages.po)
COMPILED := $(CATALOGUES:.po=.mo)
ASSETS := $(shell find static -path static/dist -prune -o -type f -print 2>/dev/null)
BUILT := static/dist/manifest.json
PYTEST := $(BIN)/python -m pytest $(PYTEST_ARGS)

.PHONY: help run test soak check bench fmt words pins audit

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

run: $(VENV)/run.stamp $(COMPILED) $(BUILT) ## start everything with the demo set (PORT, DATA_DIR, DATABASE_URL)
	@exec $(BIN)/python -m jobs.stack

test: $(VENV)/dev.stamp $(COMPILED) $(BUILT) ## every test, on SQLite and PostgreSQL, with the browser (PYTEST_ARGS="-k name")
	@bash requirements/debian.sh chromium fonts-noto-cjk postgresql
	@$(PYTEST) -n $(WORKERS) --dist worksteal

soak: $(VENV)/dev.stamp $(COMPILED) $(BUILT) ## the long runs: full matrices, stateful, crash points (MINUTES=20)
	@bash requirements/debian.sh chromium fonts-noto-cjk postgresql
	@MINUTES=$(MINUTES) $(PYTEST) -m soak

check: $(VENV)/dev.stamp $(COMPILED) ## format, lint, types, templates, translations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python -m tests.words --check
	bash -n .ci/run requirements/debian.sh

bench: $(VENV)/dev.stamp $(COMPILED) $(BUILT) ## figures of speed, one JSON object a line
	@bash requirements/debian.sh postgresql >&2
	@$(BIN)/python -m benchmarks

fmt: $(VENV)/dev.stamp ## format the code, mend what lint can mend, remake docs/security.md
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .
	@$(BIN)/python -m tests.security_table

words: $(VENV)/dev.stamp ## collect the sentences of pages into translations/, then compile
	@$(BIN)/python -m tests.words
	@$(MAKE) $(COMPILED)

pins: $(VENV)/dev.stamp ## choose exact versions anew (requirements/*.txt)
	@$(BIN)/pip install --quiet --disable-pip-version-check pip-tools
	@$(call pin,run,)
	@$(call pin,dev,--extra dev --constraint requirements/run.txt)

audit: $(VENV)/dev.stamp ## ask the public advisories about our pins (needs the network)
	@$(BIN)/pip-audit --require-hashes --disable-pip -r requirements/run.txt

pin = $(BIN)/pip-compile --quiet --allow-unsafe --generate-hashes --no-emit-index-url --no-header --no-annotate \
	--strip-extras $(2) --output-file requirements/$(1).txt pyproject.toml

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "python3 -m venv does not work here (Debian: python3-venv)."; exit 1; }

$(VENV)/run.stamp: requirements/run.txt | $(VENV)/bin/python
	@echo "installing what the product needs (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/run.stamp
	@echo "installing what the tests need (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

%.mo: %.po | $(VENV)/run.stamp
	@$(BIN)/pybabel --quiet compile -i $< -o $@

$(BUILT): $(ASSETS) | $(VENV)/run.stamp
	@$(BIN)/python -m web.static_files >/dev/null
	@touch $@
