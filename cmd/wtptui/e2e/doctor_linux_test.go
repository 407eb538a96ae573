package e2e_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// On a machine without a network, the doctor says so first and once, and all that follows from it in one line.
func TestDoctorReportsAMissingNetworkOnce(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(binaryPath(t), "doctor", "--data-dir", t.TempDir(), "--listen", "127.0.0.1:0", "--peer-port", "0",
		"--doh", "https://192.0.2.1/dns-query", "--doh", "https://192.0.2.2/dns-query",
		"--tracker", "udp://192.0.2.3:1", "--tracker", "wss://192.0.2.4", "--stun", "stun:192.0.2.5:3478")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EINVAL) {
		t.Skip("this system lets nobody have a network of their own: ", err)
	}
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("it ends with %v, want exit code 1", err)
	}
	text := out.String()
	lines := strings.Split(text, "\n")
	if len(lines) < 3 || !strings.Contains(lines[1], "this machine has no network") ||
		!strings.Contains(lines[2], "findings follow from this") ||
		!strings.Contains(lines[2], "router, STUN, tracker, resolver, NAT, WebRTC, clock") {
		t.Errorf("it does not begin with the cause:\n%s", text)
	}
	// The name of the check, and its words.
	if strings.Count(text, "network") != 1+1 || strings.Contains(text, "192.0.2.") {
		t.Errorf("what follows is not folded:\n%s", text)
	}
}
