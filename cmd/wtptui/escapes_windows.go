package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// supportsEscapes enables escape sequences in a console, and reports whether that has worked.
func supportsEscapes(tty *os.File) bool {
	console := windows.Handle(tty.Fd())
	var mode uint32
	if err := windows.GetConsoleMode(console, &mode); err != nil {
		return false
	}
	return windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
