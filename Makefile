# Every target does its own set-up and skips what is already done. Start here: make help

HOST ?= 127.0.0.1
PORT ?= 5005
CHAT_PATH ?= /chat
FULL ?=
ARGS ?=

export RASA_TELEMETRY_ENABLED := false
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export PYTHONPATH := .
# Parents' words must not depend on the machine's locale.
export PYTHONUTF8 := 1

PY := .venv/bin/python
RASA := $(PY) -m rasa
MODEL := models/guide.tar.gz
MODEL_INPUTS := config.yml domain.yml domain data components guide requirements.txt
WIDGET_INPUTS := widget
CODE := $(wildcard actions benchmarks channels components evaluation guide lean scripts tests training)

.DEFAULT_GOAL := help
.PHONY: help setup dev train run shell actions test check lint format eval bench reader widget lock clean

help: ## Show this list.
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make the Python environment .venv (with FULL=1: .venv-full, with the real TensorFlow).
	@scripts/bootstrap.sh $(if $(FULL),full,run)

dev: ## Add the tools for tests, checks and benchmarks to .venv.
	@scripts/bootstrap.sh dev

widget: setup ## Build the web front end into widget/dist.
	@if [ -f widget/package.json ]; then \
	  $(PY) scripts/if_changed.py widget --makes widget/dist/widget.js --inputs $(WIDGET_INPUTS) -- scripts/widget.sh; \
	else scripts/widget.sh; fi

# Rasa's own cache does not see changes in the code that its components call, so a changed input trains afresh.
train: setup ## Train the model, if its inputs changed.
	@$(PY) scripts/if_changed.py model --makes $(MODEL) --inputs $(MODEL_INPUTS) -- \
	  $(RASA) train --force --out models --fixed-model-name guide

run: setup widget train ## Start the chatbot with the web chat (HOST=127.0.0.1 PORT=5005).
	@echo "==> Starting; in a few seconds open http://$(HOST):$(PORT)$(CHAT_PATH)  (Ctrl-C ends it)"
	@INPROCESS_ACTIONS=1 exec $(RASA) run --model $(MODEL) --interface $(HOST) --port $(PORT) \
	  --credentials credentials.yml --endpoints endpoints.yml $(ARGS)

shell: setup train ## Chat in the terminal; the action server is started and ended with it.
	@exec $(PY) scripts/shell.py --model $(MODEL) $(ARGS)

actions: setup ## Start the action server alone, on this machine's own address (port 5055).
	@SANIC_HOST=127.0.0.1 exec $(RASA) run actions $(ARGS)

test: check widget train ## Run all checks and all tests (ARGS="-k name" chooses).
	@scripts/widget.sh test
	@$(PY) -m pytest $(ARGS)

lint: dev ## Check code style and types.
	@echo "==> ruff"
	@$(PY) -m ruff check $(CODE)
	@$(PY) -m ruff format --check $(CODE)
	@echo "==> mypy"
	@$(PY) -m mypy

check: lint ## Check code, content and Rasa's data, without a test or a model.
	@echo "==> content"
	@$(PY) -m guide.check
	@echo "==> rasa data validate"
	@$(RASA) data validate

format: dev ## Format the code and repair what can be repaired by itself.
	@$(PY) -m ruff check --fix $(CODE)
	@$(PY) -m ruff format $(CODE)

eval: dev train ## Measure the answers against labelled messages.
	@$(PY) -m evaluation $(ARGS)

bench: dev train ## Measure start-up, memory and time per turn.
	@$(PY) -m benchmarks $(ARGS)

reader: setup ## Train the second reader anew from data/reader (PyTorch, gigabytes, an hour).
	@scripts/reader.sh $(ARGS)

lock: dev ## Compile the requirements into hashed locks (ARGS=--upgrade takes newer versions).
	@scripts/lock.sh $(ARGS)

clean: ## Remove models, caches and builds; the environments stay.
	rm -rf models .rasa .cache results widget/dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.venv*' -not -path './.uv/*' -not -path '*/node_modules/*' -prune -exec rm -rf {} +
