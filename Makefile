# A thin front to CMake presets and ctest: `make help` lists what there is.
.DEFAULT_GOAL := help
.PHONY: help setup demo test build bench durability torture soak fuzz simulation format lint clean
MAKEFLAGS += --no-print-directory

JOBS ?= $(shell nproc)
WHAT ?= test
OUT := build/release
SEED ?= 7

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what building and testing need (WHAT=build, test or ci)
	@scripts/setup $(WHAT)

# The demo needs the command only. A build folder that has tests already keeps them.
demo: ## a whole simulated interview, live in the terminal, stored, with a report
	@$(MAKE) setup WHAT=build
	@test -f $(OUT)/build.ninja || cmake --preset demo
	cmake --build $(OUT) --parallel $(JOBS) --target scena_shell
	@rm -f build/demo.db build/demo.db-wal build/demo.db-shm build/demo.db.lock build/demo-report.html
	$(OUT)/scena run job-interview --auto --seed $(SEED) --storage sqlite:build/demo.db --report build/demo-report.html
	@echo "The report of this conversation: $(CURDIR)/build/demo-report.html"

test: ## build everything, run all tests in all languages
	@$(MAKE) setup WHAT=test
	cmake --preset release
	cmake --build $(OUT) --parallel $(JOBS)
	ctest --preset release --parallel $(JOBS)

build: ## build everything, optimised
	@$(MAKE) setup WHAT=test
	cmake --preset release
	cmake --build $(OUT) --parallel $(JOBS)

bench: build ## print the speed figures
	.ci/bench

durability: build ## 400 rounds of kill -9; nothing acknowledged may be lost
	.ci/faults durability full

torture: build ## every allocation, file call and network call made to fail in turn
	.ci/faults torture full

soak: build ## 20,000 sessions for ten minutes; 100,000 created and closed; calm beside a stalled provider
	.ci/faults soak full

simulation: build ## 100,000 seeds of the whole engine with failing models and stores (SEEDS=n for fewer)
	.ci/simulation $(or $(SEEDS),100000)

fuzz: ## each fuzz target for ten minutes (SECONDS_EACH=n for less)
	@$(MAKE) setup WHAT=ci
	.ci/fuzz $(or $(SECONDS_EACH),600)

format: ## let clang-format rewrite the sources
	@$(MAKE) setup WHAT=ci
	.ci/format --write

lint: ## clang-tidy on a sample (LINT_ALL=1: on everything) and the house rules
	@$(MAKE) setup WHAT=ci
	.ci/lint

clean: ## remove everything that was built
	rm -rf build
