package main

import (
	"os"
	"os/signal"
)

// ignoreTerminalSignals keeps the monitor alive on ^C, which every program of the console gets.
func ignoreTerminalSignals() { signal.Ignore(os.Interrupt) }

// inForeground always returns true: Windows has no jobs in a console.
func inForeground(*os.File) bool { return true }

// redirectStderr does nothing: on Windows the libraries do not write to standard error.
func redirectStderr(*os.File) (restore func(), err error) { return func() {}, nil }
