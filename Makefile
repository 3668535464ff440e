# Each target sets up what it needs: packages in .venv, pinned by constraints.txt, and the browser
# script. `make clean; make PYTHON=python3.13 test` picks another main Python.

PYTHON ?= python3
SECONDS ?= 60
TENTHS ?= 10
SEED ?= 0
NEWEST_FIRST := 3.13 3.12 3.11
NEWEST := $(firstword $(NEWEST_FIRST))
BIN := .venv/bin
BUNDLE := spindle/web/assets/client.js
XSTATE := benchmarks/xstate/node_modules
WHOLE := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
THREE_AT_A_TIME = $(MAKE) --no-print-directory --keep-going --jobs=3 $(WHOLE)
QUICK := not soak and not bulk and not mutant and not search

.PHONY: help demo test unit browser searches most client-alone branches soak mutation check types \
	docs bench client clean

help:
	@echo 'make demo    serve the store, and an application that outlives its server; PORT= changes'
	@echo '             the port, DEMO= the folder of its files: build/demo'
	@echo 'make test    unit, then the tests on every other supported Python found, types, check, docs'
	@echo 'make unit    the tests on the main Python'
	@echo 'make unit-$(NEWEST)  the tests on that one, and which lines they run'
	@echo 'make branches  which branches of the kernel its tests run: all of them'
	@echo 'make check   ruff, import-linter, flake8-async'
	@echo 'make types   mypy and basedpyright, both strict'
	@echo 'make docs    the documents and the API reference as pages: build/docs/index.html'
	@echo 'make soak    the long searches: every cancellation at every step; branches; then pages are'
	@echo '             opened and ended on the real clock and real sockets, SECONDS= says for how'
	@echo '             long; then mutation'
	@echo 'make mutation  faults are sown into the kernel, and 85 % of them have to be found;'
	@echo '             TENTHS= says how many of them, SEED= which'
	@echo 'make bench   the figures, shown and written to benchmarks/results/latest.json;'
	@echo '             FIGURES= names those to show only'
	@echo 'make client  build the browser script'
	@echo 'make clean   remove what these targets made'

demo: .venv/run.stamp client
	@$(BIN)/python -m examples.demo

# Three at a time, since the browser's wait as much as they work; the longest first, and what these
# need before, else shorter ones would be chosen meanwhile. The output of each is in one piece. The
# browser's tests are in processes of their own: playwright's blocking calls leave an asyncio loop
# running in the main thread, and what is tested on asyncio wants one for itself.
unit test: .venv/dev.stamp client
	@$(THREE_AT_A_TIME) $(JOBS)

unit: JOBS = browser searches most client-alone
test: JOBS = browser $(OTHER_PYTHONS:%=.venv-%/test.stamp) searches most \
	$(OTHER_PYTHONS:%=unit-%) client-alone check types docs
test: .venv/reference.stamp

most:
	$(BIN)/python -m pytest -m '$(QUICK)' --ignore=tests/browser

browser:
	$(BIN)/python -m pytest -m 'not soak' tests/browser --ignore=tests/browser/client

client-alone:
	$(BIN)/python -m pytest -m 'not soak' tests/browser/client

searches:
	$(BIN)/python -m pytest -m '(bulk or mutant or search) and not soak' --ignore=tests/browser tests

# On the newest Python all of it, and which lines that runs: it tells so at next to no cost (PEP 669).
# On those between, what meets the language most.
ELSEWHERE := -m pytest -m 'not soak and not mutant and not search and not slow' -p no:cacheprovider

unit-$(NEWEST): .venv-$(NEWEST)/test.stamp client
	COVERAGE_CORE=sysmon .venv-$(NEWEST)/bin/coverage run --data-file=.coverage.lines \
		$(ELSEWHERE) --ignore=tests/browser
	$(BIN)/coverage report --data-file=.coverage.lines --include='spindle/_core/*' --fail-under=100
	$(BIN)/coverage report --data-file=.coverage.lines --fail-under=95

# Branches are followed by a call for each line, which takes four times as long: in the long run.
branches: .venv/dev.stamp
	$(BIN)/coverage run --branch --source=spindle/_core --data-file=.coverage.core \
		-m pytest -m '$(QUICK)' tests/core tests/lasting tests/model tests/runtime tests/tools
	$(BIN)/coverage report --data-file=.coverage.core --fail-under=100

unit-%: .venv-%/test.stamp client
	.venv-$*/bin/python $(ELSEWHERE) tests/core tests/model tests/view

# A fault that is sown is found by one Python as by another.
searches-%: .venv-%/test.stamp
	.venv-$*/bin/python -m pytest -m 'search and not mutant and not soak' -p no:cacheprovider \
		tests/model tests/runtime tests/testing

types: .venv/dev.stamp
	$(BIN)/mypy
	$(BIN)/basedpyright --pythonpath $(BIN)/python

# Anew each time: of pages that are as they were, Sphinx would not repeat its warnings.
docs: .venv/reference.stamp
	@$(BIN)/sphinx-build --fresh-env --write-all --fail-on-warning --keep-going --quiet \
		--conf-dir docs/reference --doctree-dir build/doctrees . build/docs
	@echo build/docs/index.html

# flake8-async leaves its 9xx rules off unless asked: async functions always pass a checkpoint, loops
# can be cancelled, async generators are not left to the garbage collector. It does not know that
# `cleanup()` shields (102), nor that ports and mount functions are async by contract (124, 910).
check: .venv/dev.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo
	$(BIN)/flake8-async --enable=ASYNC --disable= $(shell find spindle -name '*.py')
	$(BIN)/flake8-async --enable=ASYNC --disable=ASYNC102,ASYNC124,ASYNC910 \
		$(shell find examples -name '*.py')

soak: .venv/dev.stamp
	$(BIN)/python -m pytest -m soak
	$(MAKE) --no-print-directory .venv/dev.stamp \
		$(addprefix searches-,$(filter $(NEWEST),$(OTHER_PYTHONS)))
	$(MAKE) --no-print-directory branches
	$(BIN)/python -m spindle.stress --seconds $(SECONDS)
	$(MAKE) --no-print-directory mutation

mutation: .venv/mutation.stamp
	$(BIN)/python -m mutation --tenths $(TENTHS) --seed $(SEED)

bench: .venv/peers.stamp client $(XSTATE)
	@$(BIN)/python -m benchmarks $(FIGURES)

client: $(BUNDLE)

clean:
	rm -rf .venv $(addprefix .venv-,$(NEWEST_FIRST)) build dist htmlcov mutants client/node_modules $(XSTATE)
	rm -rf .coverage* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	rm -f $(BUNDLE) $(BUNDLE).map
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ── What they need ───────────────────────────────────────────────────────────────────────────────

$(BUNDLE): $(shell find client -name node_modules -prune -o -type f -print) | .venv/run.stamp
	$(BIN)/python client/build.py
	@touch $@

# install ENVIRONMENT,GROUP: the group and this package, editable. Its build hook stays out of it:
# the browser script has its own rule. pip comes first, since older ones know no groups.
define install
$(1)/bin/python -m pip install -qq --constraint constraints.txt pip hatchling
HATCH_BUILD_NO_HOOKS=true $(1)/bin/python -m pip install -qq --constraint constraints.txt \
	--no-build-isolation --editable . --group $(2)
@touch $@
endef

.venv/run.stamp: pyproject.toml constraints.txt | $(BIN)/python
	$(call install,.venv,demo)

.venv/dev.stamp: .venv/run.stamp
	$(call install,.venv,dev)

.venv/peers.stamp: .venv/dev.stamp
	$(call install,.venv,peers)

$(XSTATE): benchmarks/xstate/package-lock.json | .venv/run.stamp
	PATH="$(abspath $(BIN)):$$PATH" npm ci --silent --no-audit --no-fund --prefix $(dir $@)
	@touch $@

.venv/mutation.stamp: .venv/run.stamp
	$(call install,.venv,mutation)

.venv/reference.stamp: .venv/run.stamp
	$(call install,.venv,reference)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v <= (3, 13) or sys.exit( \
		"Spindle runs on Python 3.11 to 3.13, not on %d.%d: name another with make PYTHON=..." % v)'
	$(PYTHON) -m venv .venv

.PRECIOUS: .venv-%/test.stamp
.venv-%/test.stamp: pyproject.toml constraints.txt
	$(call interpreter,$*) -m venv .venv-$*
	$(call install,.venv-$*,test)

# The first interpreter of version $(1) that runs: a version manager's shim may have none behind it.
interpreter = $(shell for python in python$(1) /usr/bin/python$(1) \
	"$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/$(1).*/bin/python; do \
	"$$python" -c 'import ensurepip, venv' 2>/dev/null && echo "$$python" && break; done)

MAIN_PYTHON = $(shell $(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
OTHER_PYTHONS = $(foreach version,$(filter-out $(MAIN_PYTHON),$(NEWEST_FIRST)),$(if \
	$(call interpreter,$(version)),$(version)))
