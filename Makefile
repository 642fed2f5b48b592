# One command for each chore. Needs Python 3.11 or newer, git and make; everything else goes to .venv.

VENV := .venv
BIN := $(VENV)/bin
PYTHONS := $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3 python

.DEFAULT_GOAL := help
.PHONY: help install demo test lint format docs pages-check docs-check docs-html pictures mutate wheel bench bench-large clean

help:
	@echo "make install     dealreview into .venv, for your own files"
	@echo "make demo        a small invented company, imported and reviewed, in demo/"
	@echo "make test        all tests, the examples of the documentation included"
	@echo "make lint        ruff, mypy and the layers of the house"
	@echo "make format      let ruff rewrite what it can"
	@echo "make docs        write generated pages and the output in examples anew"
	@echo "make pages-check the generated pages are up to date"
	@echo "make docs-check  that, and the examples run"
	@echo "make docs-html   the documentation as a site in build/docs"
	@echo "make pictures    take the pictures of the README anew; needs Chromium"
	@echo "make mutate      break MODULES=dealreview/plugins/tags.py on purpose; do its tests notice?"
	@echo "make bench       this project and its peers, measured side by side; minutes"
	@echo "make bench-large the same over a million deals: half an hour, 20 GB of disk"
	@echo "make wheel       build the distribution into dist/"
	@echo "make clean       remove what make has made, but for demo/"

# pyenv leaves commands that only print an error, so each candidate is run before it is believed.
$(VENV)/bin/python:
	@for python in $(PYTHONS); do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    echo "Making $(VENV) with $$("$$python" --version)"; \
	    exec "$$python" -m venv $(VENV); \
	  fi; \
	done; \
	echo "dealreview needs Python 3.11 or newer, and none was found on the path." >&2; \
	echo "Install it, or name it: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; \
	exit 1

$(VENV)/run.stamp: pyproject.toml | $(VENV)/bin/python
	@echo "Installing dealreview into $(VENV)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --editable .
	@touch $@

# Dependency groups need pip 25.1; the one that comes with Python 3.11 is older.
$(VENV)/dev.stamp: pyproject.toml | $(VENV)/bin/python
	@echo "Installing dealreview and the development tools into $(VENV)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --group dev --editable .
	@touch $@ $(VENV)/run.stamp

$(VENV)/docs.stamp: pyproject.toml | $(VENV)/dev.stamp
	@echo "Installing Sphinx into $(VENV)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --group docs
	@touch $@

# Apart from the development tools, so that no peer gets into what is tested.
$(VENV)-bench/stamp: pyproject.toml | $(VENV)/bin/python
	@echo "Installing dealreview and its peers into $(VENV)-bench"
	@$(BIN)/python -m venv $(VENV)-bench
	@$(VENV)-bench/bin/python -m pip install -qq --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(VENV)-bench/bin/python -m pip install -qq --disable-pip-version-check --group bench --editable .
	@touch $@

install: $(VENV)/run.stamp
	@echo "Installed. So that the shell finds it:  . $(BIN)/activate"

demo: $(VENV)/run.stamp
	@$(BIN)/dealreview demo demo

test: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -n 2 $(TESTS)

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy plugins_contrib/*/dealreview_*
	$(BIN)/lint-imports

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/dev.stamp
	$(BIN)/python tools/reference.py
	$(BIN)/python tools/refresh.py

pages-check: $(VENV)/dev.stamp
	$(BIN)/python tools/reference.py --check

docs-check: pages-check
	$(BIN)/python -m pytest -q docs README.md CONTRIBUTING.md

docs-html: $(VENV)/docs.stamp
	@rm -rf build/docs
	$(BIN)/sphinx-build -q -W --keep-going -b html -d build/docs/.doctrees docs build/docs
	@echo "Open build/docs/index.html"

pictures: $(VENV)/dev.stamp
	$(BIN)/python tools/pictures.py

# Modules outside the built-in packs need TESTS too: the files that are to notice.
mutate: $(VENV)/dev.stamp
	@test -n "$(MODULES)" || { echo "Name the modules: make mutate MODULES=dealreview/plugins/tags.py" >&2; exit 1; }
	PYTHONPATH=. $(BIN)/python tools/mutants.py $(MODULES) $(if $(TESTS),--tests $(TESTS)) $(OPTIONS)

bench: $(VENV)-bench/stamp
	$(VENV)-bench/bin/python -m benchmarks.run --deals 10000 --deals 100000 --runs 5 $(OPTIONS)

bench-large: $(VENV)-bench/stamp
	$(VENV)-bench/bin/python -m benchmarks.run --deals 100000 --deals 1000000 --runs 3 $(OPTIONS)

wheel: $(VENV)/dev.stamp
	$(BIN)/python -m build --outdir dist .

clean:
	rm -rf $(VENV) $(VENV)-bench build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find dealreview tests tools docs -name __pycache__ -type d -prune -exec rm -rf {} +
