# Everything happens in .venv; `make serve` and `make test` need nothing but Python ≥ 3.11 and make.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
PIP = .venv/bin/python -m pip --disable-pip-version-check --quiet

.PHONY: help install serve test test-full check bench docs clean

help:  ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "essaim needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "essaim: creating .venv" >&2
	@$(PYTHON) -m venv .venv \
	  || { rm -rf .venv; echo "no venv module; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

.venv/.serve: .venv/bin/python pyproject.toml
	@echo "essaim: installing the libraries" >&2
	@$(PIP) install -e .
	@touch $@

.venv/.test: .venv/bin/python pyproject.toml
	@echo "essaim: installing the libraries and the test tools" >&2
	@$(PIP) install -e '.[test]'
	@touch .venv/.serve $@

install: .venv/.serve  ## create .venv and install the libraries

serve: .venv/.serve  ## build the release if sources changed, serve on http://HOST:PORT
	@.venv/bin/essaim serve --host $(HOST) --port $(PORT)

test: check  ## lint, types, import direction, and the fast tests
	.venv/bin/python -m pytest -m "not full"

.venv/.full: .venv/.test
	@echo "essaim: installing what only the full tests need" >&2
	@$(PIP) install -e '.[test,spark]'
	@touch $@

test-full: check .venv/.full  ## also what needs servers, a browser, fuzzing, Java or large data
	.venv/bin/python -m pytest -m "full or not full"

check: .venv/.test  ## lint, types, import direction
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

.venv/.bench: .venv/.test
	@echo "essaim: installing the servers the endpoint is measured against" >&2
	@$(PIP) install -e '.[bench]'
	@touch $@

# Their requirements exclude one another: an environment a peer.
.venv/.peers: .venv/bin/python
	@echo "essaim: installing the peers that linking is measured against" >&2
	@for peer in csv-reconcile datasette-reconcile "splink pandas"; do \
	  $(PYTHON) -m venv ".venv/peers/$${peer% *}" \
	  && ".venv/peers/$${peer% *}/bin/python" -m pip --disable-pip-version-check -q install $$peer \
	  || exit 1; done
	@touch $@

bench: .venv/.bench .venv/.peers  ## measure against the peers named in bench/README.md (needs wrk)
	.venv/bin/python bench/questions.py
	.venv/bin/python bench/validation
	.venv/bin/python bench/endpoint 100000 2
	.venv/bin/python bench/endpoint/isolation.py
	@if [ -d "$(ESSAIM_TESTDATA)/starter" ]; \
	then .venv/bin/python bench/linking "$(ESSAIM_TESTDATA)/starter" .venv/peers; \
	else echo "essaim: linking is not measured: set ESSAIM_TESTDATA" >&2; fi

docs: .venv/.test  ## write again the pages of docs/ that are generated
	.venv/bin/python docs/generate.py

clean:  ## remove .venv and the releases built here
	rm -rf .venv releases dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
