# make serve      build the graph and serve it       (HOST, PORT; default 127.0.0.1:8000)
# make test       lint, types, structure, tests, real browser (some ten minutes on two cores)
# make test-long  other engines, kills, hostile load, the whole gazetteer (some twenty minutes)
# make tools      Protégé's reader, OpenRefine, LibreOffice and a container themselves (ten minutes, 950 MB, as root on Debian)
# make wheel-whole  all tests that need no checkout, with the wheel (half an hour; before a release)
# make lock       pin the dependencies anew
# make clean      remove what make made
#
# Needs Python 3.11+ and make; each target sets up what it needs in .venv.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin

# What Python compiles is kept, even where a user's shell says otherwise: tests start it a thousand times.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: serve test test-long lint types structure kept compiled tests unit browser tools wheel wheel-whole screenshots lock clean

serve: $(VENV)/client.stamp
	$(BIN)/kg build
	exec $(BIN)/kg serve --host $(HOST) --port $(PORT)

# What uses one core goes two at a time, what takes longest first. The wheel mostly waits for what it installs, so it goes beside the tests.
test: $(VENV)/dev.stamp $(VENV)/client.stamp $(VENV)/chromium.stamp
	$(MAKE) --jobs=2 --output-sync=target kept types compiled lint structure
	$(MAKE) --jobs=2 wheel tests

lint: $(VENV)/dev.stamp $(VENV)/client.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python hatch_build.py lint

types: $(VENV)/dev.stamp $(VENV)/client.stamp
	$(BIN)/mypy
	$(BIN)/python hatch_build.py types test

structure: $(VENV)/dev.stamp
	$(BIN)/lint-imports

# The releases that tests share: made before them, or every worker would wait for the first.
kept: $(VENV)/dev.stamp $(VENV)/client.stamp
	$(BIN)/pytest --setup-only --quiet -k damaged tests/test_build_shacl.py

# The tests as pytest compiles them, with what it says of assertions that fail: else every worker would do it.
compiled: $(VENV)/dev.stamp $(VENV)/client.stamp
	@$(BIN)/pytest --collect-only -qq > /dev/null || $(BIN)/pytest --collect-only -qq

# All tests at once, since a browser's wait for three fifths of their time: one worker has them first, while the
# others use the cores. Workers take from each other only when they have nothing left, so that what a file shares
# is mostly made once.
tests: $(VENV)/dev.stamp $(VENV)/client.stamp $(VENV)/chromium.stamp
	$(BIN)/pytest -n 4 --dist worksteal -m "not long and not tool"

# A part of them by itself. A third of the time a test waits, for a server, a limit or a kill.
unit: $(VENV)/dev.stamp $(VENV)/client.stamp
	$(BIN)/pytest -n 3 --dist worksteal -m "not long and not browser and not tool"

browser: $(VENV)/dev.stamp $(VENV)/client.stamp $(VENV)/chromium.stamp
	$(BIN)/pytest -n 2 --dist worksteal -m "browser and not long" tests/browser

# The wheel, in an environment of its own and away from the checkout: what users install is what is tested.
wheel: $(VENV)/dev.stamp
	$(BIN)/python tests/wheel.py

test-long: $(VENV)/dev.stamp $(VENV)/client.stamp $(VENV)/chromium.stamp $(VENV)/notebooks.stamp
	$(BIN)/pytest -n 2 --dist loadfile -m "long and not alone"
	$(BIN)/pytest -m alone

# Researchers' own programs, and the image in a container; Debian's packages that are missing are installed.
tools: $(VENV)/dev.stamp $(VENV)/client.stamp
	$(BIN)/python tests/tools/debian.py
	$(BIN)/pytest -m tool

# Every test that needs no checkout, with the wheel: half an hour, before a release.
wheel-whole: $(VENV)/dev.stamp
	$(BIN)/python tests/wheel.py --whole

# Every kind of page, wide and narrow, light and dark, in three languages, into screenshots/ (not committed).
screenshots: $(VENV)/dev.stamp $(VENV)/client.stamp $(VENV)/chromium.stamp
	$(BIN)/python -m tests.browser.screenshots

lock: $(VENV)/dev.stamp
	$(BIN)/python tests/lock.py

clean:
	rm -rf $(VENV) web/kg_web/static/built web/client/src/*/index.ts web/client/node_modules build dist releases screenshots .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/pip.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "This needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { echo "No venv: install it (Debian: apt-get install python3-venv)" >&2; exit 1; }
	@touch $@

$(VENV)/runtime.stamp: $(VENV)/pip.stamp requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/runtime.stamp requirements-dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

# What examples/ and docs/ are run with, and what is published is checked by.
$(VENV)/notebooks.stamp: $(VENV)/dev.stamp requirements-notebooks.lock
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-notebooks.lock
	@touch $@

# The explorer's scripts. Node comes from the PATH if it is new enough, or else from a package, so that a user
# needs only Python.
CLIENT := $(filter-out %/index.ts,$(wildcard web/client/src/*.* web/client/src/*/*.ts)) web/client/package-lock.json web/client/build.mjs web/client/list.mjs hatch_build.py
$(VENV)/client.stamp: $(VENV)/runtime.stamp requirements-node.lock $(CLIENT)
	@$(BIN)/python hatch_build.py --find || $(BIN)/python -m pip install --quiet --require-hashes -r requirements-node.lock
	$(BIN)/python hatch_build.py
	@touch $@

# A Chromium on the PATH, else Debian's where we may install it, else Playwright's own.
$(VENV)/chromium.stamp: $(VENV)/dev.stamp
	$(BIN)/python tests/browser/chromium.py
	@touch $@
