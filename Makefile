# Everything a developer or CI does. Needs Python 3.11 and pip; nothing here needs root or a service,
# except `make services`, which installs a browser and servers for the tests.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

install: $(STAMP) ## make the virtual environment and install, pinned

$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $(STAMP)

demo: install ## a week of a simulated platform and its live traffic on http://127.0.0.1:8080
	$(BIN)/analytics-hub demo

lint: install ## style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: install ## types
	$(BIN)/mypy

imports: install ## which package may know which
	$(BIN)/lint-imports --no-cache

check: lint types imports ## every check that runs no code

test: check ## every check and every test, as many at once as there are cores
	$(BIN)/pytest -n auto --dist loadscope

test-heavy: install ## the long forms of proofs that `make test` runs in short
	$(BIN)/pytest -n auto -m heavy

# One environment for each SDK: their requirements exclude each other.
SDKS := $(patsubst tests/sdk/requirements/%.txt,%,$(wildcard tests/sdk/requirements/*.txt))

.sdks/%/.installed: tests/sdk/requirements/%.txt | $(STAMP)
	test -x .sdks/$*/bin/python || $(BIN)/python -m venv .sdks/$*
	.sdks/$*/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

test-sdks: install $(SDKS:%=.sdks/%/.installed) ## run the lines of docs/sdk with the real SDKs
	$(BIN)/pytest tests/sdk -m sdk

reference: install ## write what is generated in docs/reference
	$(BIN)/python -m llm_analytics_hub.api.graphql > docs/reference/graphql.graphql
	$(BIN)/python -m llm_analytics_hub.query.catalog_page > docs/reference/catalog.md
	$(BIN)/python -m llm_analytics_hub.alerts.rules.shipped_page > docs/reference/alert-rules.md

PROTO := src/llm_analytics_hub/api/proto

proto: install ## compile the .proto files after a change (ADR 014)
	$(BIN)/python -m grpc_tools.protoc -I $(PROTO) --descriptor_set_out=$(PROTO)/hub.binpb \
		$$(cd $(PROTO) && find . -name '*.proto' | sort | cut -c3-)

bench: install ## measure speed and size, beside the raw engine (BENCHMARKS.md)
	$(BIN)/python -m benchmarks.run

KAFKA := .services/kafka/.installed

services: ## what tests need beyond pip (Debian, as root): a browser, openssl, message servers
	bash tests/services/packages.sh
	$(MAKE) $(KAFKA)

$(KAFKA): tests/services/kafka/pom.xml
	rm -rf $(@D)
	mvn --quiet --batch-mode --file $< dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=$(CURDIR)/$(@D)
	touch $@

clean: ## forget the environment and all caches
	rm -rf $(VENV) .sdks .services .mypy_cache .ruff_cache .pytest_cache .hypothesis

.PHONY: help install demo lint types imports check test test-heavy test-sdks reference proto bench services clean
