# make help says what there is. make ci is what CI runs, all of it.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS  := -s -w -X github.com/simrun/simrun/internal/cli.version=$(VERSION)
BUILD    := CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)'
FUZZTIME ?= 5s
BENCH    ?= .

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/simrun
	$(BUILD) -o bin/simrun ./cmd/simrun

.PHONY: demo
demo: build ## build it and run the scenario of a small district over a week
	bin/simrun run builtin:district

.PHONY: peers
peers: ## install the Python peers that tests run against into .venv
	peers/setup.sh

.PHONY: test
test: ## run all tests; those that need peers are skipped if there is no Python 3.12 or 3.13
	@peers/setup.sh || echo "The tests that need Python peers will be skipped."
	go test ./...

.PHONY: race
race: ## run all tests with the race detector
	go test -race -timeout 30m ./...

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME (5s)
	FUZZTIME=$(FUZZTIME) .ci/fuzz

.PHONY: bench
bench: ## run all benchmarks and compare with what is promised (bars); or only those that match BENCH
	go test -run '^$$' -bench '$(BENCH)' -benchmem ./...
	$(if $(filter .,$(BENCH)),$(MAKE) bars)

.PHONY: bars
bars: peers ## measure what is promised about speed, against the real mosaik, too
	go run ./internal/bars

.PHONY: soak
soak: ## make ten million calls over connections that come and go
	SOAK_CALLS=10000000 go test -run TestSoak -count=1 -v -timeout 30m ./rpc

.PHONY: compare-rpc
compare-rpc: peers ## compare calls between processes with aiomas, gRPC-Go and NATS
	cd bench/rpc && go run . -python ../../.venv/bin/python

.PHONY: conformance
conformance: peers browser ## run 1,000 random worlds in the real mosaik, too, and compare every step; 1,000 in many arrangements: one digest; the page in a browser
	go test ./sim/mosaik -run 'TestConformance|TestDeterminism' -count=1 -v -timeout 30m -conformance.worlds=1000 -determinism.worlds=1000

.PHONY: browser
browser: ## load the page of a run in a real browser, press its buttons, compare numbers; PICTURES=-update takes those of docs/img
	go -C internal/ui/browsertest test -count=1 -v . $(PICTURES)

.PHONY: compare-agents
compare-agents: peers ## compare agents with aiomas: calls, timers, sleepers, how long it takes to make many
	go run ./bench/agents -python .venv/bin/python

.PHONY: compare-kernel
compare-kernel: ## compare the scheduler with cimba, nexosim (if there is cargo) and SimPy: M/M/1, PHOLD, and its queue with a heap
	bench/kernel/setup.sh
	go run ./bench/kernel

.PHONY: compare-mosaik
compare-mosaik: peers ## compare worlds with the real mosaik: simulators in its process, Python and Go ones in others
	go run ./bench/mosaik

.PHONY: lint
lint: ## gofmt, go vet, staticcheck
	@unformatted=$$(git ls-files -co --exclude-standard '*.go' | xargs gofmt -l); \
	if [ -n "$$unformatted" ]; then echo "run gofmt -w on:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go tool staticcheck ./...
	go -C bench/rpc vet ./...
	go -C internal/ui/browsertest vet ./...

.PHONY: tidy
tidy: ## check that each go.mod lists what is used, no more and no less
	go mod tidy -diff
	go -C bench/rpc mod tidy -diff
	go -C internal/ui/browsertest mod tidy -diff

.PHONY: golden
golden: ## rewrite the expected outputs of scripts in testdata; review them as a diff
	go test ./cmd/simrun -update

.PHONY: cross
cross: ## build for other systems
	GOOS=linux GOARCH=arm64 $(BUILD) -o bin/simrun-linux-arm64 ./cmd/simrun
	GOOS=darwin GOARCH=arm64 $(BUILD) -o bin/simrun-darwin-arm64 ./cmd/simrun
	GOOS=windows GOARCH=amd64 $(BUILD) -o bin/simrun-windows-amd64.exe ./cmd/simrun

.PHONY: ci
ci: export CI = true
ci: ## everything that CI runs: lint, tidy, peers, tests with the race detector, fuzz, cross
	$(MAKE) lint
	$(MAKE) tidy
	$(MAKE) peers
	go test -race -count=1 -timeout 30m ./...
	$(MAKE) fuzz
	$(MAKE) cross
