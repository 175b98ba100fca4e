# Everything a person does with the portal. `make` alone lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTEST := TESTING=1 SECRET_KEY=test-key .venv/bin/python -m pytest

.PHONY: help run test test-fast soak chaos bench lint shots translations lock

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: ## Start the portal on port 8507: the embedded demo bank, or the bank's own database when DATABASE_URL is set
	@scripts/bootstrap run
	@exec .venv/bin/python manage.py rundemo

# What the demo bank stands on; `make test-fast` runs all of it on SQLite.
ON_SQLITE = tests accounts/tests accounts/identity/tests transfers/tests/life wekeza_portal/audit/tests/test_tables.py \
	wekeza_portal/branch wekeza_portal/jobs wekeza_portal/tests

test: ## Everything: lint, types, import rules, the suite on a private MariaDB, browser journeys, then SQLite
	@scripts/bootstrap test
	@$(MAKE) --no-print-directory lint
	@echo "== MariaDB"; scripts/with-mariadb env $(PYTEST) -n 2 -m "not sqlite"
	@echo "== SQLite"; $(PYTEST) -n 2 -m "not mariadb and not browser" $(ON_SQLITE)

test-fast: ## The suite on SQLite without the browser
	@scripts/bootstrap test
	@$(PYTEST) -n 2 -m "not mariadb and not browser"

soak: ## Kills and the model bank for SECONDS_EACH=3600 seconds, with new dice
	@scripts/bootstrap test
	@scripts/with-mariadb env SOAK_SECONDS=$${SECONDS_EACH:-3600} $(PYTEST) -n 2 tests/chaos tests/test_state_machine.py

chaos: ## 2,000 payments over every simulated rail, faults on, web and worker killed -9; PAYMENTS=200 for fewer
	@scripts/bootstrap test
	@scripts/with-mariadb env PAYMENTS=$${PAYMENTS:-2000} $(PYTEST) tests/chaos/test_payments.py

bench: ## Benchmarks on a private MariaDB; PART=transfers,dashboard,queries,strangers,browser,load,growth for some of them
	@scripts/bootstrap test
	@.venv/bin/python -m tests.bench $(PART)

lint: ## Style, types, templates, import rules, migrations
	@scripts/bootstrap test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	TESTING=1 SECRET_KEY=lint-key .venv/bin/mypy .
	.venv/bin/djlint --quiet --lint templates
	.venv/bin/lint-imports
	TESTING=1 SECRET_KEY=lint-key .venv/bin/python manage.py makemigrations --check --dry-run

shots: ## Photograph every page at three sizes, light and dark, English and Kiswahili, into var/shots
	@scripts/bootstrap test
	.venv/bin/python -m tests.shots

translations: ## Collect new texts into the Kiswahili catalogue
	@scripts/bootstrap test
	.venv/bin/python -m scripts.collect_texts

lock: ## Lock the Python packages again after a change in requirements/*.in (needs uv)
	for set in base mysql dev; do uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header requirements/$$set.in -o requirements/$$set.txt; done
