//go:build !windows

package main

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// ignoreTerminalSignals keeps the monitor alive through what ends or stops the program that it watches: both are in the
// terminal's foreground.
func ignoreTerminalSignals() {
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGTSTP, syscall.SIGTTOU, syscall.SIGTTIN)
}

// inForeground reports whether the terminal still belongs to our job.
func inForeground(tty *os.File) bool {
	group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// redirectStderr sends what is written to standard error, whoever writes it, to f until the returned function is
// called: on a screen that a dashboard owns, it would be lost and spoil the picture.
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
		_ = unix.Dup2(saved, int(os.Stderr.Fd())) // If this failed there would be nowhere to say so.
		unix.Close(saved)
	}, nil
}
