# Everything CI does can be done here; .ci/run adds what a bare machine lacks.

TOOL  := go tool -modfile=.ci/tools/go.mod
# Each system and each processor: nothing in the code depends on a pair of them. dist builds all six.
CROSS := darwin/arm64 linux/arm64 windows/amd64

.PHONY: build test race lint fmt generate bench soak cross screenshots docs dist outdated

# -s -w leave out the tables of debuggers, a quarter of the file. Crash reports still name functions, files and lines:
# the runtime has a table of its own.
build:
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o wtptui ./cmd/wtptui

test:
	go test ./...

race:
	go test -race -short ./...

lint:
	go mod tidy -diff
	$(TOOL) golangci-lint fmt --diff
	$(TOOL) golangci-lint run

# Direct dependencies and tools that have newer versions, with these. It asks the module proxy and the npm registry.
TOOLS := .ci/tools/go.mod cmd/wtptui/packaging/nfpm/go.mod
NEWER := go list -m -u -e -f '{{with .Update}}{{.Path}} {{$$.Version}} {{.Version}}{{end}}'
outdated:
	@$(NEWER) $$(go list -m -f '{{if not (or .Main .Indirect .Replace)}}{{.Path}}{{end}}' all)
	@for m in $(TOOLS); do $(NEWER) -modfile=$$m $$(go list -modfile=$$m -f '{{.Module.Path}}' tool) || exit; done
	@npm --prefix .ci/npm outdated --parseable | awk -F: '{print $$2, $$4}'

fmt:
	$(TOOL) gofumpt -w .

# Every file that is generated from code or other texts, each after those that it is made of: texts.json twice, since
# parts of the documentation are made of texts in it. A test fails for each file that is not up to date.
generate:
	go test -count=1 ./localserve/control -run '^(TestOpenAPI|TestDocumentation)$$' -update
	go test -count=1 ./cmd/wtptui/licenses -update
	go test -count=1 ./cmd/wtptui/docs -update
	go test -count=1 ./cmd/wtptui -run '^(TestSchemas|TestDocs)$$' -update
	go test -count=1 ./cmd/wtptui/docs -update

bench:
	go test -run '^$$' -bench . -benchmem ./...

# Simulated swarms at full size; each prints how much longer it takes than it could.
soak:
	go test ./engine/swarm/torrent -count=1 -timeout 1h -v -run TestSim -soak

# The README's pictures of the demo, as text and as PNG; needs Chromium and DejaVu Sans Mono.
screenshots:
	go test ./ui -count=1 -run TestScreenshots -screenshots

# The commit that is built; nothing outside of a repository.
COMMIT = $(shell git describe --always --abbrev=40 --dirty=+changes --exclude='*' 2>/dev/null)

# Everything that is given to people, in dist/; the same source, VERSION and date give the same bytes. What can be
# said of a release besides, and how it is verified, is in cmd/wtptui/packaging/README.md.
RELEASE_FLAGS = -version "$(VERSION)" -commit "$(COMMIT)" \
	$(if $(TARGETS),-targets "$(TARGETS)") $(if $(DATE),-date "$(DATE)") \
	$(if $(MAINTAINER),-maintainer "$(MAINTAINER)") $(if $(HOMEPAGE),-homepage "$(HOMEPAGE)") \
	$(if $(RELEASES),-releases "$(RELEASES)") $(if $(SIGN),-sign "$(SIGN)")
dist:
	go run ./cmd/wtptui/packaging $(strip $(RELEASE_FLAGS))

# Vetting compiles the tests too, without keeping anything. The tests only check types for other systems, which is quicker.
cross: $(CROSS)

.PHONY: $(CROSS)
$(CROSS):
	CGO_ENABLED=0 GOOS=$(@D) GOARCH=$(@F) go vet -trimpath ./...

# The guide and the reference as a site in dist/docs, which is published by the wtptui that runs, if one does.
docs:
	go run ./cmd/wtptui/docs/site
	@if go run ./cmd/wtptui ls >/dev/null 2>&1; then go run ./cmd/wtptui publish dist/docs; else \
		echo "dist/docs is written: open dist/docs/index.html, put the folder on any host, or start wtptui and run:"; \
		echo "wtptui publish dist/docs"; fi
