package peers

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// A tool that is missing, ends at once, hangs or does nothing makes no test fail: its trial reports it in one line,
// with how to get it.
func TestBrokenToolIsReportedInOneLine(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the broken programs are shell scripts")
	}
	tools := []Tool{
		BittorrentTracker, TransmissionTool, ChromiumTool, FirefoxTool, NginxTool, UnboundTool, XDGUtils, OpenSSH, Dpkg,
		Systemd,
		TmuxTool, Aria2Tool, RTorrentTool, QBittorrentTool, PebbleTool, CaddyTool, IPRoute2, PrometheusTool, CurlTool,
		RPMTool, PacmanTool, BusyboxTool, ShellcheckTool,
		MandocTool,
	}
	for name, script := range map[string]string{
		"is not there": "", "ends": "echo broken; exit 1", "hangs": "exec /bin/sleep 600", "does nothing": "exit 0",
	} {
		t.Run(name, func(t *testing.T) {
			bin := t.TempDir()
			t.Setenv("PATH", bin)
			if script != "" {
				replacePrograms(t, bin, script)
			}
			var trials sync.WaitGroup
			for _, tool := range tools {
				if script == "" && isInDebiansPath(tool) {
					continue
				}
				trials.Go(func() { checkTrialFails(t, tool) })
			}
			trials.Wait()
		})
	}
}

// isInDebiansPath reports whether a program is found where Debian has it, whatever the path is.
func isInDebiansPath(tool Tool) bool {
	program, ok := map[Tool]string{
		UnboundTool: "/usr/sbin/unbound", NginxTool: "/usr/sbin/nginx", IPRoute2: "/usr/sbin/ip",
	}[tool]
	if !ok {
		return false
	}
	_, err := os.Stat(program)
	return err == nil
}

func replacePrograms(t *testing.T, bin, text string) {
	t.Helper()
	for _, program := range []string{
		"node", "python3", "transmission-daemon", "chromium", "firefox-esr", "nginx", "unbound", "unbound-control",
		"xdg-open", "xdg-mime",
		"ssh", "sshd", "ssh-keygen", "dpkg", "systemd-analyze", "tmux", "aria2c", "rtorrent", "qbittorrent-nox", "go",
		"caddy", "ip",
		"promtool", "curl", "rpm", "pacman", "busybox", "shellcheck", "mandoc",
	} {
		if err := writeShellScript(filepath.Join(bin, program), text); err != nil {
			t.Fatal(err)
		}
	}
}

func checkTrialFails(t *testing.T, tool Tool) {
	t.Helper()
	const limit = time.Second // Nothing that is tried here works, however long it takes.
	missing := tool.skipMessage(runTrial(tool.trial(), limit))
	if !strings.Contains(missing, "needs "+string(tool)+": ") || !strings.Contains(missing, "install") ||
		strings.Contains(missing, "\n") {
		t.Errorf("it says %q", missing)
	}
}

// What ends a test ends a trial, its cleanups run whatever they do, and the trial's limit holds.
func TestTrialEndsAsATestDoes(t *testing.T) {
	var cleaned []string
	why := runTrial(func(t testing.TB) {
		t.Cleanup(func() { cleaned = append(cleaned, "first") })
		t.Cleanup(func() { t.Fatal("in a cleanup") })
		t.Cleanup(func() { cleaned = append(cleaned, "last") })
		dir := t.TempDir()
		t.Cleanup(func() {
			if _, err := os.Stat(dir); err != nil {
				cleaned = append(cleaned, err.Error())
			}
		})
		t.Fatalf("it is\n%s", "broken")
	}, time.Minute)
	if why != "it is broken" || strings.Join(cleaned, " ") != "last first" {
		t.Errorf("%q, cleaned %q", why, cleaned)
	}
	if why := runTrial(func(testing.TB) {}, time.Minute); why != "" {
		t.Errorf("what works: %q", why)
	}
	why = runTrial(func(t testing.TB) {
		Eventually(t, time.Hour, "it", func() error { return os.ErrNotExist })
	}, time.Millisecond)
	if !strings.Contains(why, "for it: file does not exist") {
		t.Errorf("at its limit: %q", why)
	}
}
