# 秒回 Miaohui. The two commands: `make run` and `make test`. `make help` lists the rest.
SHELL := /bin/sh
PY := .venv/bin/python
ARGS ?=

.PHONY: help run test check setup web test-unit test-postgres journeys web-check prove bench seed reset lint types format lock docs screenshots wheel clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

setup: ; @sh tools/setup.sh requirements-dev.lock

web: setup  ## build the pages (packaged Node; skipped when nothing changed)
	@$(PY) tools/build_web.py

run: web  ## start a seeded shop with simulated buyers and colleagues, show the address and the log-ins
	@$(PY) -m miaohui.app.cli run --demo $(ARGS)

test: web  ## all tests: units, PostgreSQL and NATS, short proofs, browser journeys
	@$(PY) tools/run_tests.py $(ARGS)

check: setup  ## format, lint, types, contracts, house rules, unit tests
	@$(MAKE) -s lint types web-check
	@$(PY) tools/run_tests.py --only units

lint: setup  ## format and house rules
	@$(PY) -m ruff format --check -q src tests tools
	@$(PY) -m ruff check -q src tests tools
	@.venv/bin/lint-imports --no-cache
	@$(PY) tools/house_rules.py
	@$(PY) tools/reference.py --check

web-check: setup  ## the pages: types, lint, house rules, tests; the API's description is fresh
	@$(PY) tools/build_web.py npm run --silent check
	@$(PY) tools/export_openapi.py --check

types: setup  ## strict types of the whole package
	@$(PY) -m mypy

format: setup  ## format the code
	@$(PY) -m ruff check --fix -q src tests tools; $(PY) -m ruff format -q src tests tools

test-unit: setup  ## everything but proofs and journeys
	@$(PY) tools/run_tests.py --only units

test-postgres: setup  ## the same suite on PostgreSQL and NATS (installed and started here)
	@$(PY) tools/run_tests.py --only postgres

journeys: web  ## a real browser on the seeded shop
	@sh tools/chromium.sh && $(PY) -m pytest tests/journeys -m journey -p no:cacheprovider

prove: setup  ## the long proofs: kill, power loss, chaos
	@$(PY) -m miaohui.app.cli prove all $(ARGS)

bench: setup  ## the figures of docs/reference/performance.md
	@$(PY) -m miaohui.app.cli bench all $(ARGS)

seed: setup  ## make the example shop in ./data without starting anything
	@$(PY) -m miaohui.app.cli seed $(ARGS)

reset:  ## delete ./data
	@rm -rf data && echo "data/ 已清空"

docs: setup  ## write the generated reference pages
	@$(PY) tools/reference.py && $(PY) tools/export_openapi.py

screenshots: web  ## pictures of every page into screenshots/ (not committed)
	@sh tools/chromium.sh && $(PY) tools/screenshots.py $(ARGS)

wheel: setup  ## build the wheel with the pages in it, install it into a fresh environment, start it there
	@$(PY) tools/check_wheel.py $(ARGS)

lock: setup  ## resolve the dependencies anew
	@$(PY) -m pip install -q uv && $(PY) -m uv pip compile -q pyproject.toml --universal --generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements.lock --upgrade
	@$(PY) -m uv pip compile -q pyproject.toml --group dev --universal --generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements-dev.lock --upgrade

clean:  ## delete everything that can be made again
	@rm -rf .venv .tools web/node_modules src/miaohui/app/web .cache
