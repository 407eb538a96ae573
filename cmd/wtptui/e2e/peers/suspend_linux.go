package peers

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Suspend stops the process of Start (SIGSTOP) in the middle of whatever it does. It returns when all of its threads
// stand still, and so after the writes that they have begun.
func (w *Wtptui) Suspend(t testing.TB) {
	t.Helper()
	w.Signal(t, syscall.SIGSTOP)
	pattern := fmt.Sprintf("/proc/%d/task/*/stat", w.process.cmd.Process.Pid)
	Eventually(t, time.Minute, "the process to stand still", func() error {
		threads, err := filepath.Glob(pattern)
		if err != nil {
			return err
		}
		for _, path := range threads {
			stat, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			// The state follows the program's name, which is in parentheses: see proc_pid_stat(5).
			if _, after, _ := strings.Cut(string(stat), ") "); !strings.HasPrefix(after, "T") {
				return fmt.Errorf("%s", stat)
			}
		}
		return nil
	})
}
