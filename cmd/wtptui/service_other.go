//go:build !windows

package main

import "context"

// asService runs the program. Only on Windows does a service manager need replies.
func asService(program func(context.Context) int) int { return program(context.Background()) }

// isService reports whether Windows' service manager has started the program.
func isService() bool { return false }
