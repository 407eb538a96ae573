package main

import (
	"os"
	"os/signal"
)

// ignoreTerminalSignals keeps the monitor alive through ^C, which is sent to every program of the console.
func ignoreTerminalSignals() { signal.Ignore(os.Interrupt) }

// inForeground is always true: Windows has no jobs in a console.
func inForeground(*os.File) bool { return true }

// redirectStderr has nothing to do: the libraries used there write nothing by themselves.
func redirectStderr(*os.File) (restore func(), err error) { return func() {}, nil }
