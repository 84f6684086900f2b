# Everyday commands. Needs Python 3.11 or later, make, and a package index that pip can reach; no root.
# All of them work without network once they have run; pip is called again only when what it reads changes.

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt
INPUTS := $(VENV)/.created pyproject.toml constraints.txt semhash/_version.py
CORPUS := data/news-articles/news-articles.jsonl
INDEX := indexes/news-articles
NEWSGROUPS := data/20newsgroups/20newsgroups.jsonl
CORPORA ?= $(NEWSGROUPS)
# What make bench looks up: an index or a file of codes; the demo's where it was made, else a seeded mixture.
CODES ?= $(wildcard $(INDEX))
# The texts that it asks, tiled to so many documents, fewest first.
TEXTS ?= $(CORPUS)
SIZES ?= 10000,100000
BENCH_OUT ?= .cache/bench
COMMA := ,

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test lint bench figures clean FORCE

help:  ## show this
	@sed -n 's/^\([a-z]*\):.*  ## /\1|/p' Makefile | awk -F'|' '{ printf "make %-7s %s\n", $$1, $$2 }'
	@echo 'PYTHON=python3.12 chooses the Python for .venv; ARGS="-k store" goes to pytest.'

demo: $(INDEX)  ## fetch 3,824 news articles, index them, and ask
	$(BIN)/semhash query "winter storm and heavy snow" --index $(INDEX) -k 5
	$(BIN)/semhash query "hunger and famine in South Sudan" --index $(INDEX) -k 5
	$(BIN)/semhash similar 1253 --index $(INDEX) -k 5

test: $(VENV)/.installed-test  ## run the whole test suite
	$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.installed-lint  ## ruff, mypy, import-linter
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	@for recipe in data/*/prepare.py; do \
	    echo "MYPYPATH=data $(BIN)/mypy $$recipe"; MYPYPATH=data $(BIN)/mypy $$recipe || exit 1; done
	MYPYPATH=benchmarks $(BIN)/mypy benchmarks/*.py
	$(BIN)/lint-imports

bench: $(VENV)/.installed-fast  ## measure speed (minutes): tables on the terminal, JSON in BENCH_OUT
	$(BIN)/python benchmarks/lookup.py $(CODES) --out $(BENCH_OUT)/lookup.json
	@[ "$(TEXTS)" != "$(CORPUS)" ] || $(BIN)/python data/news-articles/prepare.py
	$(BIN)/python benchmarks/query.py $(TEXTS) --sizes $(SIZES) --out $(BENCH_OUT)/query.json
	$(BIN)/python benchmarks/cold.py .cache/query/$(firstword $(subst $(COMMA), ,$(SIZES)))/index \
	    --out $(BENCH_OUT)/cold.json
	$(BIN)/python benchmarks/indexing.py $(TEXTS) --out $(BENCH_OUT)/indexing.json

figures: $(VENV)/.installed  ## measure quality on CORPORA (hours), and draw docs/results.md
	@[ "$(CORPORA)" != "$(NEWSGROUPS)" ] || $(BIN)/python data/20newsgroups/prepare.py
	@set -e; for script in figures curve ablation paper quality; do \
	    echo "$(BIN)/python benchmarks/$$script.py $(CORPORA)"; \
	    $(BIN)/python benchmarks/$$script.py $(CORPORA); done
	$(BIN)/python benchmarks/render.py
	$(BIN)/semhash report benchmarks/results/quality/*.json --out docs/quality --force

clean:  ## remove builds, caches and the demo's index; keep .venv, corpora and your own indexes
	rm -rf build dist *.egg-info $(INDEX)
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find semhash cli data tests $(wildcard benchmarks) -name __pycache__ -prune -exec rm -rf {} +

# The demo. The recipe looks for itself whether the corpus is there and whole; when it is, nothing is newer.
$(INDEX): $(CORPUS) | $(VENV)/.installed
	$(BIN)/semhash index $(CORPUS) --out $(INDEX) --force

$(CORPUS): FORCE | $(VENV)/.installed
	$(BIN)/python data/news-articles/prepare.py

# The environment. A stamp is written last, so what was interrupted is done again.
$(VENV)/.installed: $(INPUTS)
	$(INSTALL) -e .
	@touch $@

$(VENV)/.installed-fast: $(INPUTS)
	$(INSTALL) -e '.[fast]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-test: $(INPUTS)
	$(INSTALL) -e '.[test,documents]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-lint: $(INPUTS)
	$(INSTALL) -e '.[test,lint,documents]'
	@touch $@ $(VENV)/.installed $(VENV)/.installed-test

# An environment that works is kept; one that was cut short, or whose Python has gone, is made anew.
WORKS := -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null

ifneq ($(shell $(BIN)/python $(WORKS) && echo yes),yes)
$(shell rm -f $(VENV)/.created)
endif

$(VENV)/.created:
	@$(BIN)/python $(WORKS) || { \
	    $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	        echo "semhash needs Python 3.11 or later; $(PYTHON) is: $$($(PYTHON) --version 2>&1)" >&2; \
	        echo "name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }; \
	    echo "$(PYTHON) -m venv --clear $(VENV)"; $(PYTHON) -m venv --clear $(VENV); }
	@touch $@
