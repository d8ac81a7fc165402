# make demo   the page over the sample pictures, on 127.0.0.1:7860
# make test   the linters and every test
# Each does its own set-up in .venv; they need Python 3.11 or later, gcc and make, the tests Chromium too.

PYTHON ?= python3
PORT ?= 7860
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test lint format docs messages browser clean
.DELETE_ON_ERROR:

demo: $(VENV)/installed
	$(BIN)/zhclip demo --samples --port $(PORT)

test: lint browser
	$(BIN)/python -m pytest

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/installed-dev
	COLUMNS=80 LC_ALL=C.UTF-8 $(BIN)/python -m typer zhclip.cli.main utils docs --name zhclip --output docs/cli.md

# The catalogue of messages follows the code; what "make test" then names wants a translation in zhclip.po.
CATALOGUE := -D zhclip -d zhclip/locale

messages: $(VENV)/installed-dev
	PYTHONPATH=. $(BIN)/pybabel -q extract -F pyproject.toml --no-wrap --sort-output --add-location=never \
		-o zhclip.pot zhclip train demo
	$(BIN)/pybabel -q update $(CATALOGUE) -l zh -i zhclip.pot --no-wrap --no-fuzzy-matching --ignore-obsolete \
		--ignore-pot-creation-date
	$(BIN)/pybabel -q compile $(CATALOGUE)
	rm zhclip.pot

# The page is tested in a real browser, and screenshots of it need Chinese letters.
browser:
	@if command -v chromium >/dev/null && fc-list :lang=zh 2>/dev/null | grep -q .; then :; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium fontconfig fonts-noto-cjk; \
	else \
		echo "the browser test needs chromium and a Chinese font; on Debian and Ubuntu:" >&2; \
		echo "  sudo apt-get install chromium fontconfig fonts-noto-cjk" >&2; exit 1; \
	fi

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "zhclip needs Python 3.11 or later; try: make PYTHON=python3.11 demo" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'  # the first that knows dependency groups

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	@echo "installing zhclip into $(VENV): several gigabytes and minutes the first time"
	$(BIN)/python -m pip install --editable .
	@touch $@

$(VENV)/installed-dev: pyproject.toml | $(VENV)/installed
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache
