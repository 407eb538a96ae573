package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// build compiles wtptui for a target, as GOOS/GOARCH, so that only its source, the release and the compiler count.
func build(ctx context.Context, path string, r release, target string) error {
	system, processor, _ := strings.Cut(target, "/")
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	flags := "-s -w -buildid= -X main.release=" + r.Version + " -X main.commit=" + r.Commit +
		" -X main.committed=" + r.Date.UTC().Format(time.RFC3339)
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags="+flags, "-o", path, "wtptui/cmd/wtptui")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly", "GOAMD64=v1", "GOARM64=v8.0",
		"GOOS="+system, "GOARCH="+processor)
	cmd.Stderr = os.Stderr
	fmt.Fprintf(os.Stderr, "compiling for %s\n", target) // It takes minutes, the first time.
	return cmd.Run()
}
