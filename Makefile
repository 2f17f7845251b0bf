# Start with `make run` and `make test`. `make` alone lists all commands.

HOST ?= 127.0.0.1
PORT ?= 8000
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

# With HOST=0.0.0.0 other machines can connect, by the name or IP addresses of this one.
ALLOWED_HOSTS ?= localhost,127.0.0.1,[::1],$(HOST)$(if $(filter 0.0.0.0 ::,$(HOST)),$(others))
others = $(shell printf ',%s' $$(hostname) $$(hostname -I 2>/dev/null))

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help install run test check chaos hostile bench bench-quick stack-test audit screenshots clean

help:
	@echo "Obrolan, a group chat. Commands:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: .venv/running ## create the virtual environment .venv for `make run`

run: .venv/running ## start Obrolan at http://127.0.0.1:8000 (HOST=, PORT=)
	@exec env OBROLAN_PLAIN_HTTP=on OBROLAN_GUESTS=on ALLOWED_HOSTS='$(ALLOWED_HOSTS)' \
		.venv/bin/python manage.py start --host $(HOST) --port $(PORT)

test: .venv/testing ## run all tests, on SQLite and on PostgreSQL and Redis
	@.venv/bin/python -m tests test

check: .venv/testing ## check style, types, architecture, migrations and security, then run all tests
	@.venv/bin/python -m tests check

chaos: .venv/testing ## inject faults into a running chat and check that nothing is lost (ARGS="--help")
	@.venv/bin/python -m tests.chaos $(ARGS)

hostile: .venv/testing ## attack a running chat and measure the effect on other clients (ARGS="--help")
	@.venv/bin/python -m tests.hostile $(ARGS)

bench: .venv/testing ## compare with other chat servers on this machine; takes long (ARGS="--help")
	@.venv/bin/python -m bench $(ARGS)

bench-quick: .venv/testing ## the same comparison in under 3 minutes
	@.venv/bin/python -m bench --quick $(ARGS)

stack-test: .venv/testing ## start the Docker stack and restart each service while two clients send messages
	@.venv/bin/python -m tests.stack $(ARGS)

audit: .venv/testing ## check accessibility, Lighthouse scores and layout shift of every page (ARGS=axe)
	@.venv/bin/python -m tests.look.audit $(ARGS)

screenshots: .venv/testing ## take the pictures of README.md and docs/using.md again
	@.venv/bin/python -m tests.look.screenshots $(ARGS)

clean: ## remove .venv and caches; your data in var/ stays
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamp files. Requirements are installed again only after they have changed.
.venv/running: requirements.txt
	@$(environment)
	@$(call installed,requirements.txt)
	@touch $@

.venv/testing: requirements.txt requirements-dev.txt
	@$(environment)
	@$(call installed,requirements-dev.txt)
	@touch $@ .venv/running

define environment
if .venv/bin/python -c '' 2>/dev/null; then exit 0; fi; \
{ touch .writable && rm .writable && rm -rf .venv; } 2>/dev/null || \
	{ echo "Cannot write to $(CURDIR). Copy the project to your own directory, or run: sudo chown -R $$(id -un) '$(CURDIR)'"; exit 1; }; \
if command -v uv >/dev/null; then uv venv -q --python '>=3.11' .venv; exit $$?; fi; \
[ -n "$(PYTHON)" ] || \
	{ echo "Obrolan needs Python 3.11 or later, but found $$(python3 --version 2>&1 || echo none). Install a newer Python, or uv (https://docs.astral.sh/uv/)."; exit 1; }; \
$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	{ echo "Python's venv module is missing. On Debian or Ubuntu: sudo apt install python3-venv"; exit 1; }; \
echo "Creating the virtual environment .venv ..."; \
$(PYTHON) -m venv .venv
endef

define installed
echo "Installing $(1) ..."; \
if command -v uv >/dev/null; then uv pip install -q --python .venv/bin/python -r $(1); \
else .venv/bin/python -m pip install -q --disable-pip-version-check -r $(1); fi || \
	{ echo "Could not install $(1): see the error above. The installation needs a network and 300 MB of disk. Run the command again."; exit 1; }
endef
