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
// The runtime writes a crash's trace into the pipe; its end without a word is a kill. The monitor then puts the
// terminal back, and says where it left the report.

// monitorEnv is set for the monitor, to the path of the report that it is to write.
const monitorEnv = "WTPTUI_MONITOR"

// farewell is what a program writes into the pipe that ends as it should.
const cleanExit = "bye"

// resetTerminal undoes what a dashboard may have switched on: mouse, focus reports, bracketed paste, keyboard
// enhancements (kitty's and xterm's), synchronized output, grapheme widths, hidden cursor, colours, alternate screen.
const resetTerminal = "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[<u\x1b[>4m" +
	"\x1b[?2026l\x1b[?2027l\x1b[?25h\x1b[0m\x1b[?1049l\r"

// watched is a running monitor as the watched program sees it.
type monitorProcess struct {
	pipe *os.File
	cmd  *exec.Cmd
}

// startMonitor starts the monitor for the terminal tty and returns when it knows the terminal's state.
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
	cmd := exec.Command(self) //nolint:noctx // It outlives every context of this process: that is what it is for.
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

// dismiss tells the monitor that all is well and waits for its end.
func (m *monitorProcess) dismiss() {
	_ = debug.SetCrashOutput(nil, debug.CrashOptions{}) // It fails only if it was given a file.
	_, _ = io.WriteString(m.pipe, cleanExit)
	m.pipe.Close()
	_ = m.cmd.Wait() // What it would have to say, it says on the terminal.
}

// monitor is the other process. Its standard input is the pipe, its standard error the terminal, and it closes its
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
	// After a crash, the shell takes the terminal over as it finds it: this is just in time. After a kill it has
	// taken over already, and has put things in order itself.
	if stateErr == nil && (err == nil || inForeground(tty)) {
		_ = term.Restore(tty.Fd(), before) // There is nobody to tell but the terminal that this fails for.
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

// reportPath is where a crash that happens in this run is reported: in the data folder, if there is one.
func reportPath(dir string) string {
	if _, err := os.Stat(dir); err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "crash-"+time.Now().Format("20060102-150405")+".txt")
}

// writeReport keeps the trace with what is needed to make sense of it.
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
