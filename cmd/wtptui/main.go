// Command wtptui opens wtp:// sites out of BitTorrent swarms, serves them to any browser on this machine, and shows
// and keeps what it seeds in a dashboard. See run.go for how its parts are put together, commands.go for its verbs,
// and connect.go for what they share.
package main

import (
	"context"
	"os"
	"runtime/debug"
	"time"
)

func main() {
	if report := os.Getenv(monitorEnv); report != "" {
		os.Exit(monitor(report))
	}
	frugal()
	os.Exit(asService(func(ctx context.Context) int { return run(ctx, os.Args[1:], system()) }))
}

// frugal has the garbage collector run twice as often as it would, unless the environment says how often. Most of what
// is here lives as long as the sites do, which may be thousands, and what moves their bytes makes little garbage.
func frugal() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

// system is the world as the process finds it.
func system() world {
	return world{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, environ: os.Environ, now: time.Now,
		patience: 500 * time.Millisecond,
	}
}
