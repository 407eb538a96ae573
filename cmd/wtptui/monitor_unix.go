//go:build !windows

package main

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// ignoreTerminalSignals keeps the monitor alive when the terminal ends or stops the program: both are in its
// foreground.
func ignoreTerminalSignals() {
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	signal.Ignore(syscall.SIGTSTP, syscall.SIGTTOU, syscall.SIGTTIN)
}

// inForeground reports whether our process group still owns the terminal.
func inForeground(tty *os.File) bool {
	group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// redirectStderr redirects standard error to f, for all writers, until the returned function is called. On a
// dashboard's screen the output would be lost and damage the picture.
func redirectStderr(f *os.File) (restore func(), err error) {
	saved, err := unix.FcntlInt(os.Stderr.Fd(), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, err
	}
	if err := unix.Dup2(int(f.Fd()), int(os.Stderr.Fd())); err != nil {
		unix.Close(saved)
		return nil, err
	}
	return func() {
		_ = unix.Dup2(saved, int(os.Stderr.Fd())) // There is nowhere to report an error.
		unix.Close(saved)
	}, nil
}
