# Vouchsafe: every chore has a target here; `make` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# A checkout owned by somebody else, or none at all, must build the same; and
# the copy in which generated files are compared shares what was compiled.
export GOFLAGS := -buildvcs=false -trimpath $(GOFLAGS)
# What `make test` may not go without; see repotest/need.
export VOUCHSAFE_REQUIRE ?= pg,chromium,tesseract,tools

# Development tools are pinned in tools/go.mod, a module of its own: as tools
# of the main module they would drag their requirements into the product.
TOOL := go tool -modfile=tools/go.mod
# Minutes, not hours, on two cores; a hung test names itself.
TIMEOUT ?= 25m
# Where goroutines share state and the race detector's factor of ten is bearable.
RACED := core command evidence jobs ledger

# What templ wrote stays as templ wrote it, or it would always be stale.
GO_SOURCES = $$(git -c safe.directory='*' ls-files -co --exclude-standard -- '*.go' ':!*_templ.go' \
	| while read -r f; do [ ! -f "$$f" ] || echo "$$f"; done)

.PHONY: help run setup test test-pg lint vet staticcheck fmt fmt-check repo race modules \
	e2e generate verify screens fuzz pg-stop

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## the demo: everything, in memory of a temporary database, on loopback
	go run ./cmd/vouchsafe demo

setup: ## install what the tests need (PostgreSQL, Chromium, Tesseract), from Debian packages
	@scripts/setup

test: setup lint race modules ## everything that CI runs: lint, repository rules, all tests on both engines
	go test -timeout $(TIMEOUT) $$(go list ./... | grep -v '/repotest$$')
	@scripts/pg-stop

test-pg: ## all Go tests, with PostgreSQL demanded
	VOUCHSAFE_REQUIRE=pg go test -timeout $(TIMEOUT) ./...
	@scripts/pg-stop

lint: vet staticcheck fmt-check repo ## all that needs no server: vet, staticcheck, format, repository rules

vet:
	go vet ./...

staticcheck:
	$(TOOL) staticcheck ./...

fmt: ## format all Go code (gofumpt, a stricter gofmt)
	$(TOOL) gofumpt -w $(GO_SOURCES)

fmt-check:
	@unformatted="$$($(TOOL) gofumpt -l $(GO_SOURCES))"; [ -z "$$unformatted" ] || \
		{ printf 'not formatted, run `make fmt`:\n%s\n' "$$unformatted" >&2; exit 1; }

repo: ## the rules of the repository: tiers, budgets, documentation, drift of generated files
	go test -count=1 -timeout $(TIMEOUT) ./repotest

# -short draws a fifth of the random cases, as a race needs goroutines and not
# draws; without the detector, `test` runs all of them.
race: ## the race detector, on the packages where it is affordable
	go test -race -short -timeout $(TIMEOUT) $$(go list ./... | grep -E '^vouchsafe/($(subst $() ,|,$(RACED)))(/|$$)')

modules: ## check the modules beside the main one: the tools' sums, the judges' tests
	cd tools && go mod verify
	[ ! -f judges/go.mod ] || { cd judges && go vet ./... && go test -timeout $(TIMEOUT) ./...; }

e2e: ## the end-to-end scripts and browser journeys
	go test -count=1 -timeout $(TIMEOUT) ./e2e/...

# From the root, by make only: templ writes paths relative to where it runs.
generate: ## write all generated files: templ components, every go:generate, the reference pages
	$(TOOL) templ generate -log-level error
	go generate ./...
	VOUCHSAFE_UPDATE=openapi go test -count=1 -run '^TestDescriptionIsCurrent$$' ./api/v1
	VOUCHSAFE_UPDATE=reference go test -count=1 -run '^TestReferenceIsCurrent$$' ./app

verify: ## are the generated files current? (runs `generate` on a copy and compares)
	go test -count=1 -timeout $(TIMEOUT) -run '^TestGeneratedFilesAreCurrent$$' ./repotest

screens: ## retake the screenshots in docs/img
	VOUCHSAFE_UPDATE=screens go test -count=1 -timeout $(TIMEOUT) -run TestScreens ./e2e/browser

fuzz: ## run every fuzz target for FUZZTIME (default 20s)
	@scripts/fuzz

pg-stop: ## stop the tests' PostgreSQL server now (it stops by itself when idle)
	@scripts/pg-stop
