# The few commands of this project. `make help` lists them.
# `make run` and `make test` work in a fresh clone, again, and while the other one runs: both share one virtual
# environment, filled under a lock and only when a lock file changed.

PORT ?= 8501
PYTHON ?= python3
WORKERS ?= 2
PYTEST_ARGS ?=
UPGRADE ?=

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input --quiet
INSTALL := $(PIP) install --require-hashes --no-deps --only-binary=:all:
RUN_STAMP := $(VENV)/.run-$(shell cksum < requirements.txt | tr ' ' '-')
DEV_STAMP := $(VENV)/.dev-$(shell cat requirements.txt requirements-dev.txt | cksum | tr ' ' '-')

PEERS := .venv-peers/.with-$(shell cksum < bench/peers.txt | tr ' ' '-')

SHIPPED := $(wildcard streamlit_app.py scheduler.py export.py user_prefs.py aws_session.py config.py finops pages)
LINTED := $(SHIPPED) $(wildcard bench tests docs)
UV_COMPILE := $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --only-binary :all: --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

# `streamlit run`, ending with exit 0 when it is told to stop.
SERVE := $(PY) -c 'import signal, sys; [signal.signal(number, lambda *_: sys.exit(0)) for number in (2, 15)]; \
	from finops.cli import main; main(["db", "upgrade"]) and sys.exit(2); from streamlit.web import cli; cli.main()' run

# One set-up at a time: whoever comes second waits for the lock (held on this very file) and finds the work done.
LOCKED := $(if $(shell command -v flock),flock Makefile )sh -ec

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test check bench lock clean

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile | expand -t 12
	@echo
	@echo "make run PORT=8600                  serves on another port"
	@echo "make test PYTEST_ARGS='-k budgets'  runs some of the tests"

run: $(RUN_STAMP) ## serve the dashboard, with demo data unless configured otherwise
	@echo "FinOps dashboard: http://127.0.0.1:$(PORT) (Ctrl-C stops it)"
	@exec $(SERVE) streamlit_app.py --server.port $(PORT)

test: $(DEV_STAMP) ## run every test
	@.ci/system-parts
	@exec $(PY) -m pytest -n $(WORKERS) --dist loadfile $(PYTEST_ARGS)

check: $(DEV_STAMP) ## lint, format, types, security lint, architecture
	$(PY) -m ruff check $(LINTED)
	$(PY) -m ruff format --check $(LINTED)
	$(PY) -m mypy $(SHIPPED)
	$(PY) -m bandit --quiet --recursive --configfile pyproject.toml $(SHIPPED)
	$(PY) -m pytest --quiet tests/test_architecture.py

bench: $(DEV_STAMP) $(PEERS) ## run the benchmarks: prints a table, writes JSON
	@exec $(PY) -m bench

lock: $(DEV_STAMP) ## resolve requirements*.in again into hashed lock files; UPGRADE=--upgrade takes newer versions
	$(UV_COMPILE) requirements.in --output-file requirements.txt $(UPGRADE)
	$(UV_COMPILE) requirements-dev.in --output-file requirements-dev.txt $(UPGRADE)

clean: ## remove the environment, caches and test artifacts; never data/
	@rm -rf $(VENV) .venv-peers artifacts .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUN_STAMP):
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not installed: Python 3.11 or newer is needed" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed," \
	"$(PYTHON) is $$($(PYTHON) -V 2>&1). Name a newer one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(LOCKED) '[ ! -e $@ ] || exit 0; \
	$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV); \
	echo "Installing the locked requirements (once, about half a minute)"; \
	$(INSTALL) --requirement requirements.txt; \
	rm -f $(VENV)/.run-*; touch $@'

# What benchmarks are held against, in an environment of its own: its versions of botocore are not ours.
$(PEERS):
	@echo "Installing what the benchmarks are held against (once)"
	@rm -rf .venv-peers; $(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python -m pip --disable-pip-version-check --no-input --quiet install --requirement bench/peers.txt
	@touch $@

$(DEV_STAMP): $(RUN_STAMP)
	@$(LOCKED) '[ ! -e $@ ] || exit 0; \
	echo "Installing the locked test tools (once, about half a minute)"; \
	$(INSTALL) --requirement requirements-dev.txt; \
	rm -f $(VENV)/.dev-*; touch $@'
