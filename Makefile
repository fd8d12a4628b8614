# The two commands of the README, `make demo` and `make test`, each do their own set-up on a fresh machine.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PYTEST_FLAGS ?= -n auto
LOCK_FLAGS = --universal --generate-hashes --python-version 3.11 --custom-compile-command "make lock"

.PHONY: demo run test check format man lock deb release clean

demo: $(VENV)/.installed  ## sandbox, daemon and one real mail: shows the fax that came out
	$(BIN)/fax-gateway demo $(DEMO_FLAGS)

run: $(VENV)/.installed  ## sandbox and daemon that stay up, with the lines that send the next mail
	$(BIN)/fax-gateway demo --keep

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest $(PYTEST_FLAGS)

check: $(VENV)/.installed-dev  ## format, lint, types, import order
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only .

man: $(VENV)/.installed  ## the man pages, in build/man
	$(BIN)/python -m gateway.cli.manual build/man

lock: $(VENV)/.installed-release  ## pins every library of a release, with hashes
	$(BIN)/uv pip compile --quiet --upgrade $(LOCK_FLAGS) --all-extras --output-file .packaging/requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade $(LOCK_FLAGS) --output-file .packaging/build.lock .packaging/build.in

deb: $(VENV)/.installed-release  ## the Debian package, in dist
	.packaging/build-deb $(BIN)

release: $(VENV)/.installed-release  ## source archive, wheel, package, SBOM, audit and checksums, in dist
	.packaging/release $(BIN)

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("fax-gateway needs Python 3.11 or newer; $(PYTHON) is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-release: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable . --group release
	@touch $@ $(VENV)/.installed
