//go:build !windows

package e2e_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// serviceManager is systemd's end of the socket of sd_notify(3).
type serviceManager struct {
	t    *testing.T
	conn *net.UnixConn
}

func newServiceManager(t *testing.T) (m *serviceManager, socket string) {
	t.Helper()
	socket = filepath.Join(peers.PlainDir(t), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &serviceManager{t, conn}, socket
}

// waitMessage waits for a message with the given prefix, and drops all others.
func (m *serviceManager) waitMessage(what string) string {
	m.t.Helper()
	if err := m.conn.SetReadDeadline(time.Now().Add(waitLong)); err != nil {
		m.t.Fatal(err)
	}
	buf := make([]byte, 4096)
	for {
		n, err := m.conn.Read(buf)
		if err != nil {
			m.t.Fatalf("waited for %s: %v", what, err)
		}
		if message := string(buf[:n]); strings.HasPrefix(message, what) {
			return message
		}
	}
}

// A server under systemd reports that it is ready, alive, and reloading its settings, valid ones and invalid ones, and
// that it stops.
func TestServeNotifiesItsServiceManager(t *testing.T) {
	t.Parallel()
	m, socket := newServiceManager(t)
	w := peers.NewWtptui(t, binaryPath(t), "--tracker", "none", "--metrics-listen", "127.0.0.1:0")
	w.Setenv("NOTIFY_SOCKET="+socket, "WATCHDOG_USEC=600000")
	w.Start(t)
	if ready := m.waitMessage("READY=1"); !strings.Contains(ready, "STATUS=serving "+w.Root) {
		t.Errorf("told %q", ready)
	}
	m.waitMessage("WATCHDOG=1")
	m.waitMessage("WATCHDOG=1")

	again := func(config string, says ...string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(w.DataDir, "config.toml"), []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		w.Signal(t, syscall.SIGHUP)
		m.waitMessage("RELOADING=1")
		m.waitMessage("READY=1")
		peers.Eventually(t, waitLong, "the log", func() error {
			for _, want := range says {
				if !strings.Contains(w.Log(), want) {
					return fmt.Errorf("after\n%s%q is not in the log:\n%s", config, want, w.Log())
				}
			}
			return nil
		})
	}
	again("log-level = \"debug\"\nup-limit = \"1M\"\ncache-size = \"1MiB\"\ncache-ttl = \"2h\"\n",
		`settings read again`, `applied="[cache-size up-limit log-level]" after_restart=[cache-ttl]`)
	metrics := regexp.MustCompile(`msg=metrics url=(http://\S+/metrics)\n`).FindStringSubmatch(w.Log())
	if _, body := getURL(t, metrics[1]); !strings.Contains(body, "\nwtptui_cache_limit_bytes 1.048576e+06\n") {
		t.Errorf("the cache has another size:\n%s", body)
	}
	again("up-limit = \"fast\"\n", `the settings stay as they were`, `config.toml:1: up-limit: `)
	again("log-level = \"info\"\n", `applied="[cache-size up-limit log-level]" after_restart=[]`)

	w.Terminate(t)
	m.waitMessage("STOPPING=1")
}

// A service manager that has gone away is not an error.
func TestServeWorksWithoutItsServiceManager(t *testing.T) {
	t.Parallel()
	w := peers.NewWtptui(t, binaryPath(t), "--tracker", "none", "--log-format", "text")
	w.Setenv("NOTIFY_SOCKET="+filepath.Join(t.TempDir(), "gone"), "WATCHDOG_USEC=nonsense")
	w.Start(t)
	w.List(t)
	w.Terminate(t)
}
