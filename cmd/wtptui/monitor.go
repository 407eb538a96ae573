package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/charmbracelet/x/term"
)

// A panic in any goroutine, and a kill, end the process at once and leave its terminal raw, on the alternate screen,
// with the mouse captured. So a dashboard has a monitor: this program again, which waits at the other end of a pipe.
// The runtime writes the trace of a crash to the pipe. If the pipe is closed without any output, the program was
// killed. The monitor then restores the terminal, and says where the report is.

// monitorEnv is the environment variable that makes the program a monitor. Its value is the path for the report.
const monitorEnv = "WTPTUI_MONITOR"

// cleanExit is what the program writes to the pipe when it ends normally.
const cleanExit = "bye"

// resetTerminal switches off what a dashboard may have switched on: mouse, focus reports, bracketed paste, keyboard
// enhancements (kitty's and xterm's), synchronized output, grapheme widths, hidden cursor, colours, alternate screen.
const resetTerminal = "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[<u\x1b[>4m" +
	"\x1b[?2026l\x1b[?2027l\x1b[?25h\x1b[0m\x1b[?1049l\r"

// monitorProcess is the monitor of this process.
type monitorProcess struct {
	pipe *os.File
	cmd  *exec.Cmd
}

// startMonitor starts the monitor for a terminal, and returns when the monitor has read the terminal's state.
func startMonitor(tty *os.File, dir string) (*monitorProcess, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("monitor: %w", err)
	}
	readEnd, writeEnd, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("monitor: %w", err)
	}
	defer readEnd.Close()
	cmd := exec.Command(self) //nolint:noctx // It has to outlive every context of this process.
	cmd.Env = append(os.Environ(), monitorEnv+"="+reportPath(dir))
	cmd.Stdin, cmd.Stderr = readEnd, tty
	ready, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		writeEnd.Close()
		return nil, fmt.Errorf("monitor: %w", err)
	}
	m := &monitorProcess{pipe: writeEnd, cmd: cmd}
	if _, err := io.ReadAll(ready); err != nil {
		m.dismiss()
		return nil, fmt.Errorf("monitor: %w", err)
	}
	if err := debug.SetCrashOutput(writeEnd, debug.CrashOptions{}); err != nil {
		m.dismiss()
		return nil, fmt.Errorf("monitor: %w", err)
	}
	return m, nil
}

// dismiss ends the monitor without a report, and waits for its exit.
func (m *monitorProcess) dismiss() {
	_ = debug.SetCrashOutput(nil, debug.CrashOptions{}) // It fails only if it is given a file.
	_, _ = io.WriteString(m.pipe, cleanExit)
	m.pipe.Close()
	_ = m.cmd.Wait() // An error is shown on the terminal.
}

// runMonitor is the monitor's main function. Standard input is the pipe, and standard error the terminal. It closes
// standard output when it is ready.
func runMonitor(report string) int {
	ignoreTerminalSignals()
	tty := os.Stderr
	before, stateErr := term.GetState(tty.Fd())
	os.Stdout.Close()

	in := bufio.NewReader(os.Stdin)
	beginning, err := in.Peek(len(cleanExit))
	if string(beginning) == cleanExit {
		return exitDone
	}
	fmt.Fprint(tty, resetTerminal)
	// After a crash the shell has not yet taken over the terminal, so it can be restored. After a kill the shell has, and
	// has restored it itself.
	if stateErr == nil && (err == nil || inForeground(tty)) {
		_ = term.Restore(tty.Fd(), before) // There is nowhere to report an error.
	}
	if len(beginning) == 0 && errors.Is(err, io.EOF) {
		fmt.Fprintln(tty, "wtptui was killed. Start it again: nothing that was complete is lost.")
		return exitFailed
	}
	if err := writeReport(report, in); err != nil {
		fmt.Fprintf(tty, "wtptui crashed, and the report could not be written: %s\n", err)
		return exitFailed
	}
	fmt.Fprintf(tty, "wtptui crashed. The report is in %s\n", report)
	return exitFailed
}

// reportPath returns the path for the report of a crash in this run: in the data folder, if it exists.
func reportPath(dir string) string {
	if _, err := os.Stat(dir); err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "crash-"+time.Now().Format("20060102-150405")+".txt")
}

// writeReport writes a trace, with the version that it belongs to.
func writeReport(path string, trace io.Reader) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "wtptui %s\n\n", version())
	if err == nil {
		_, err = io.Copy(f, trace)
	}
	return errors.Join(err, f.Close())
}
