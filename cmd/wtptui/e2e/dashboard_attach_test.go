//go:build !windows

package e2e_test

import (
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// A second dashboard on the same data folder shows and controls the engine of the first, and leaves it running. When
// the engine is killed, it waits for the next one, and can still be left.
func TestSecondDashboardAttaches(t *testing.T) {
	t.Parallel()
	w := peers.NewWtptui(t, binaryPath(t), "--tracker", "none")
	first := openTerminal(t, w.DashboardCommand(), 120, 36)
	first.waitShown("Welcome to wtp", "[1 All 1]")
	second := openTerminal(t, w.DashboardCommand(), 100, 30)
	second.waitShown("Welcome to wtp", "[1 All 1]")

	second.paste(unseededHost)
	second.waitShown("Add a site")
	second.press("\r")
	for _, tm := range []*terminal{first, second} {
		tm.waitShown("[1 All 2]")
		tm.waitRow(unseededHost[:8], "LOAD")
	}
	second.press("q")
	second.checkLeft(0)
	second.waitShown("the shell's own line")
	if sites := w.List(t); len(sites) != 2 {
		t.Errorf("after the second dashboard there are %+v", sites)
	}
	first.press("k") // What the other added is not what this one has selected.
	first.waitRow("▸", "↓ LOAD", unseededHost[:8])
	first.press("p")
	first.waitShown("2 Pinned 2")

	third := openTerminal(t, w.DashboardCommand(), 120, 36)
	third.waitRow(unseededHost[:8], "LOAD", "never")
	first.signal(syscall.SIGKILL)
	first.checkLeft(128 + int(syscall.SIGKILL))
	third.waitShown("reconnecting: ", "[1 All 2]")
	third.press("q")
	third.checkLeft(0)
}

// If the port for pages is taken, the next free one is used, and the dashboard shows which.
func TestDashboardSaysThatAnotherPortIsUsed(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	w := peers.NewWtptui(t, binaryPath(t), "--tracker", "none", "--listen", taken.Addr().String())
	tm := openTerminal(t, w.DashboardCommand(), 120, 36)
	row := tm.waitRow("⚠", fmt.Sprintf("port %d is taken, serving pages on ", port))
	shownPort := regexp.MustCompile(`serving pages on (\d+)`).FindStringSubmatch(row)[1]
	if next, err := strconv.Atoi(shownPort); err != nil || next <= port || next > port+20 {
		t.Errorf("port %d is taken, and the next is %s", port, shownPort)
	}
	tm.waitShown("Welcome to wtp")
	site := w.List(t)[0]
	if !strings.HasSuffix(site.LocalURL, ":"+shownPort+"/") {
		t.Errorf("the dashboard says %s, the site is at %s", shownPort, site.LocalURL)
	}
	if status, _, err := w.Get(t.Context(), site.LocalURL, ""); err != nil || status != http.StatusOK {
		t.Errorf("GET %s: %d, %v", site.LocalURL, status, err)
	}
	tm.press("q")
	tm.checkLeft(0)
}
