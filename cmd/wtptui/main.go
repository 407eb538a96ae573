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
		os.Exit(runMonitor(report))
	}
	tuneGarbageCollector()
	os.Exit(asService(func(ctx context.Context) int { return run(ctx, os.Args[1:], processEnvironment()) }))
}

// tuneGarbageCollector makes the garbage collector run twice as often as by default, unless GOGC is set. Most objects
// live as long as the sites, which may be thousands, and serving them makes little garbage.
func tuneGarbageCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

// processEnvironment returns the environment of this process.
func processEnvironment() environment {
	return environment{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, environ: os.Environ, now: time.Now,
		completionTimeout: 500 * time.Millisecond,
	}
}
