# Every target makes .venv by itself: with uv where it is installed and gets through, else with python3 -m venv and pip.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
UV ?= $(shell command -v uv 2>/dev/null)
BIN := .venv/bin
READY := .venv/.ready
READY_FOR_WORK := .venv/.ready-for-work

FOUND_PYTHON = $(or $(PYTHON),$(error Python 3.11 or newer is needed: install it or name it, make PYTHON=/path/to/python))
CREATE = { test -x $(BIN)/python || $(FOUND_PYTHON) -m venv .venv; } && \
	{ $(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null; }
PIP = $(CREATE) && $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable
OR_END = || { echo "the packages were not installed, see above: is the network there, or an index of packages \
(PIP_INDEX_URL, UV_DEFAULT_INDEX), and room on the disk?" >&2; exit 1; }

ifeq ($(UV),)
INSTALL = $(PIP) . $(OR_END)
INSTALL_FOR_WORK = $(PIP) '.[dev]' $(OR_END)
else
# uv brings certificates and Pythons of its own: where its do not serve, those of the machine may.
OR_PIP = $(if $(PYTHON),|| { echo "uv did not get through: trying pip"; $(PIP) $(1); })
INSTALL = { $(UV) sync --quiet --locked --no-default-groups --inexact $(call OR_PIP,.); } $(OR_END)
INSTALL_FOR_WORK = { $(UV) sync --quiet --locked --inexact $(call OR_PIP,'.[dev]'); } $(OR_END)
endif

.PHONY: help demo test lint bench soak screens

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' $(MAKEFILE_LIST)

demo: $(READY)  ## show the product alive on a made-up company (ARGS="--once": one pass, no page)
	$(BIN)/vitrina demo $(ARGS)

test: $(READY_FOR_WORK)  ## run the whole suite (ARGS="-k inbox": a part of it)
	$(BIN)/python -m pytest -n auto --dist loadscope --no-loadscope-reorder $(ARGS)

lint: $(READY_FOR_WORK)  ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .

bench: $(READY_FOR_WORK)  ## measure speed and memory on a large account, print the figures (BIG=1: a huge one)
	BIG=$(BIG) $(BIN)/python -m pytest -q -s -m bench $(ARGS)

soak: $(READY_FOR_WORK)  ## run for minutes under load and faults
	$(BIN)/python -m pytest -q -s -m soak $(ARGS)

screens: $(READY_FOR_WORK)  ## draw every tab of the demo's workbook into docs/screens (needs LibreOffice and poppler)
	$(BIN)/python docs/draw_screens.py

$(READY): pyproject.toml uv.lock
	@echo "preparing .venv"
	@$(INSTALL)
	@touch $@

$(READY_FOR_WORK): pyproject.toml uv.lock
	@echo "preparing .venv with the tools for tests"
	@$(INSTALL_FOR_WORK)
	@touch $(READY) $@
