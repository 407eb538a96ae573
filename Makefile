# Everything CI does can be done here; .ci/run adds what a bare machine lacks.

TOOL  := go tool -modfile=.ci/tools/go.mod
# The stand-ins are modules of their own, so ./... leaves them out; their import paths do not. golangci-lint vets the rest.
STAND_INS := github.com/anacrolix/go-utp github.com/go-llsqlite/adapter/...
# Each system and each processor: nothing in the code depends on a pair of them. dist builds all six.
CROSS := darwin/arm64 linux/arm64 windows/amd64

.PHONY: build test race lint fmt bench soak cross screenshots docs

build:
	CGO_ENABLED=0 go build -trimpath -o wtptui ./cmd/wtptui

test:
	go test ./...

race:
	go test -race -short ./...

lint:
	go mod tidy -diff
	$(TOOL) golangci-lint fmt --diff
	go vet $(STAND_INS)
	$(TOOL) golangci-lint run

fmt:
	$(TOOL) gofumpt -w .

bench:
	go test -run '^$$' -bench . -benchmem ./...

# Simulated swarms at full size; each prints how much longer it takes than it could.
soak:
	go test ./engine/swarm/torrent -count=1 -timeout 1h -v -run TestSim -soak

# The README's pictures of the demo, as text and as PNG; needs Chromium and DejaVu Sans Mono.
screenshots:
	go test ./ui -count=1 -run TestScreenshots -screenshots

# Binaries for all systems, Debian packages and checksums in dist/; the same source and VERSION give the same bytes.
dist:
	go run ./cmd/wtptui/packaging -version $(VERSION) $(if $(TARGETS),-targets "$(TARGETS)")

# Vetting compiles the tests too, without keeping anything. The tests only check types for other systems, which is quicker.
cross: $(CROSS)

.PHONY: $(CROSS)
$(CROSS):
	CGO_ENABLED=0 GOOS=$(@D) GOARCH=$(@F) go vet -trimpath ./...

# The guide and the reference as a site in dist/docs, which is published by the wtptui that runs, if one does.
docs:
	go run ./cmd/wtptui/docs/site
	@go run ./cmd/wtptui publish dist/docs || echo "dist/docs is written: open dist/docs/index.html, put the folder on any \
host, or start wtptui and run: wtptui publish dist/docs"
