# The commands of the project. Each installs what it needs first (scripts/install.sh, Debian 12).

.PHONY: help run test allocations instructions bench chaos build lint format conformance check-deployment install clean
.DEFAULT_GOAL := help

# An import that Package.swift does not allow is an error.
CHECKS := --explicit-target-dependency-import-check error
# Tests run side by side within a layer, six at once: more would wait for each other past their time limits. Those that put
# load on a whole system have the machine to themselves.
AT_ONCE := --experimental-maximum-parallelization-width 6
LAYERS := "StyleTests[.]" "UnitTests[.]" "IntegrationTests[.]" "EndToEndTests[.](?!LoadTests)" "EndToEndTests[.]LoadTests"

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: install ## Start everything on this machine, show a message go through, stay up until Ctrl-C
	@swift build -c release --product shoot $(CHECKS)
	@exec .build/release/shoot local --cluster

test: install ## Run all tests on servers of their own; FILTER=name runs some
	@swift build --build-tests $(CHECKS)
	@for tests in $(if $(FILTER),"$(FILTER)",$(LAYERS)); do swift test --skip-build $(AT_ONCE) --filter "$$tests" || exit 1; done
	@$(if $(FILTER),true,$(MAKE) --no-print-directory allocations)

allocations: install ## Hold the allocations of the message road against their thresholds
	@swift build -c release $(CHECKS)
	@.build/release/shoot-bench micro --thresholds Tests/Allocations/thresholds.txt

instructions: ## Count the instructions of single operations by valgrind
	@scripts/install.sh valgrind binutils
	@swift build -c release $(CHECKS)
	@.build/release/shoot-bench micro --instructions

bench: ## Measure everything and write docs/performance.md; twenty minutes of a machine that does nothing else
	@scripts/install.sh valgrind binutils
	@swift build -c release $(CHECKS)
	@taskset -c 1 .build/release/shoot-bench suite --output docs/performance.md

chaos: install ## Break one thing after the other under load and write docs/reliability.md; a quarter of an hour
	@swift build -c release $(CHECKS)
	@.build/release/shoot-bench chaos --output docs/reliability.md

build: install ## Build the executables as they are released
	@swift build -c release $(CHECKS)

lint: ## Check the form of the code
	@swift format lint --strict --parallel --recursive Package.swift Sources Tests

format: ## Put the code into its form
	@swift format --in-place --parallel --recursive Package.swift Sources Tests

conformance: install ## Run the Autobahn WebSocket cases
	@scripts/conformance.sh

check-deployment: install ## Check image, compose, manifests, dashboard and alerts, on a running cluster
	@scripts/check-deployment.sh

install: ## Install what is missing
	@scripts/install.sh

clean: ## Remove what was built, and the data of `make run`; what was installed stays
	@if [ -e .state/run/lock ] && ! flock -n .state/run/lock true; then echo "Shoot is running: stop it first." >&2; exit 1; fi
	@rm -rf .build .state/run
