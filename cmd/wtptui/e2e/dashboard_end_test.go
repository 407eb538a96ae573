//go:build !windows

package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// However a dashboard ends during a download, the terminal is restored, the tracker is told if there was time for it,
// and the next start has the site.
func TestDashboardEndRestoresTerminalAndKeepsTheSite(t *testing.T) {
	t.Parallel()
	ends := map[string]struct {
		end      func(*dashboard)
		code     int
		told     bool
		farewell string
	}{
		"q":       {end: func(d *dashboard) { d.press("q") }, told: true},
		"ctrl-c":  {end: func(d *dashboard) { d.press("\x03") }, told: true},
		"SIGTERM": {end: func(d *dashboard) { d.signal(syscall.SIGTERM) }, told: true},
		"SIGKILL": {end: func(d *dashboard) { d.signal(syscall.SIGKILL) }, code: 128 + 9, farewell: "wtptui was killed"},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := startDashboard(t, binaryPath(t))
			d.addSite()
			d.waitSiteRow("↓ LOAD")
			d.waitScreen("some of it to be there", d.hasPartialSite)
			end.end(d)
			d.checkLeft(end.code)
			d.waitShown("the shell's own line", end.farewell)
			if end.told {
				d.tracker.WaitEvent(t, screenTimeout, d.seed.InfoHash, peers.Stopped, d.PeerPort)
			}
			d.checkDownloadResumes()
		})
	}
}

// checkDownloadResumes starts wtptui again, without a screen, and waits until the site is complete.
func (d *dashboard) checkDownloadResumes() {
	d.t.Helper()
	d.seed.LimitUpload(d.t, 0)
	d.Start(d.t)
	d.WaitSeeding(d.t, screenTimeout, d.seed.InfoHash)
}

// The dashboard recovers from a panic of its own goroutine, and cannot from one of another. Either way the terminal is
// restored, and the error names a file with the trace.
func TestPanicRestoresTerminalAndNamesTheTrace(t *testing.T) {
	t.Parallel()
	bin := buildPatched(t, filepath.Join("..", "browser.go"), beforeBug, beforeBug+theBug)
	for name, tt := range map[string]struct {
		bug  string // What $BROWSER is to bring it out.
		code int
		says string
	}{
		"in the dashboard":     {bug: "panic", code: 1, says: "the dashboard crashed: the report is in "},
		"in another goroutine": {bug: "panic elsewhere", code: 2, says: "wtptui crashed. The report is in "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := peers.NewWtptui(t, bin, "--tracker", "none")
			cmd := w.DashboardCommand()
			cmd.Env = append(cmd.Env, "BROWSER="+tt.bug)
			tm := openTerminal(t, cmd, 120, 36)
			tm.waitShown("Welcome to wtp", "100%")
			tm.press("o")
			tm.checkLeft(tt.code)
			tm.waitShown("the shell's own line", tt.says) // The terminal breaks the path.
			reports, err := filepath.Glob(filepath.Join(w.DataDir, "crash-*.txt"))
			if err != nil || len(reports) != 1 {
				t.Fatalf("reports %q, %v; want one", reports, err)
			}
			written, _ := tm.outputSoFar()
			if !strings.Contains(written, tt.says+reports[0]) || strings.Contains(written, "goroutine ") {
				t.Errorf("the screen should name the report and not show it:\n%s", tm.screen)
			}
			report, err := os.ReadFile(reports[0])
			if err != nil || !strings.Contains(string(report), "planted") || !strings.Contains(string(report), "browse") {
				t.Errorf("report: %v\n%s", err, report)
			}
			// Nothing is lost: the next start has the site in it.
			w.Start(t)
			if sites := w.List(t); len(sites) != 1 || sites[0].Title != "Welcome to wtp" {
				t.Errorf("after the crash: %+v", sites)
			}
		})
	}
}

// The program has no way to make it panic, and should not have one. So these tests build it with a bug: browse, which
// the key o leads to, begins with these lines.
const (
	beforeBug = "func (e environment) openBrowser(ctx context.Context, url string) error {\n"
	theBug    = `	switch e.getenv("BROWSER") {
	case "panic":
		panic("planted")
	case "panic elsewhere":
		go func() { panic("planted") }()
		select {}
	}
`
)
