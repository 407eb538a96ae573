package e2e_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// testDesktop is a desktop with a home folder of its own, whose browser is a script that records its arguments.
type testDesktop struct {
	w                      *peers.Wtptui
	home, browser, visited string // paths; the browser writes its arguments to visited
}

func newDesktop(t *testing.T, w *peers.Wtptui) testDesktop {
	t.Helper()
	home := peers.PlainDir(t)
	d := testDesktop{w, home, filepath.Join(home, "browser"), filepath.Join(home, "visited")}
	script := "#!/bin/sh\nprintf '%s\\n' \"$@\" >>'" + d.visited + "'\n"
	if err := os.WriteFile(d.browser, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return d
}

// run runs a program on the desktop and returns what it writes. It has to exit 0.
func (d testDesktop) run(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	// xdg-open looks at handlers of schemes only where there is a screen, which nobody asks here.
	cmd.Env = append(cmd.Environ(), "HOME="+d.home, "BROWSER="+d.browser, "DISPLAY=:99", "XDG_CURRENT_DESKTOP=",
		"DESKTOP_SESSION=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%q: %v\n%s", cmd.Args, err, out)
	}
	return string(out)
}

// runTool runs one of the desktop's own tools.
func (d testDesktop) runTool(t *testing.T, name string, args ...string) string {
	t.Helper()
	return d.run(t, &exec.Cmd{
		Path: toolPath(t, name), Args: append([]string{name}, args...), Env: d.w.Command().Env,
	})
}

// schemeHandler returns the desktop entry that opens wtp links, and a line feed.
func (d testDesktop) schemeHandler(t *testing.T) string {
	t.Helper()
	return d.runTool(t, "xdg-mime", "query", "default", "x-scheme-handler/wtp")
}

// waitForVisit returns the arguments that the browser was started with.
func (d testDesktop) waitForVisit(t *testing.T) (page string) {
	t.Helper()
	peers.Eventually(t, waitLong, "the browser to be started", func() error {
		data, err := os.ReadFile(d.visited)
		page = strings.TrimSpace(string(data))
		if err == nil && page == "" {
			err = fmt.Errorf("nothing is visited yet")
		}
		return err
	})
	return page
}

// The desktop's own tools open a link, with a home folder of their own: xdg-open finds the registered program, that
// finds the running engine, and the browser, a script that records its arguments, gets the page's local address.
func TestRegisteredProgramOpensLinks(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.XDGUtils)
	w := peers.NewWtptui(t, binaryPath(t), "--tracker", "none")
	w.DataDir = peers.PlainDir(t) // xdg-open does not understand blanks in what it is to start.
	w.Start(t)
	welcome := w.List(t)[0]
	d := newDesktop(t, w)
	for range 2 { // Registering again is harmless.
		entry := filepath.Join(d.home, ".local", "share", "applications", "wtptui.desktop")
		if out := d.run(t, w.Command("register")); !strings.Contains(out, entry) {
			t.Errorf("register says %q", out)
		}
	}
	if got := d.schemeHandler(t); got != "wtptui.desktop\n" {
		t.Errorf("the desktop's handler is %q", got)
	}
	d.runTool(t, "xdg-open", "wtp://"+welcome.Host+"/keys.html?a=1&b='%20$(id)#top")
	page := d.waitForVisit(t)
	if !strings.HasPrefix(page, welcome.LocalURL+"keys.html?") || strings.Contains(page, "\n") ||
		strings.Contains(page, "uid=") {
		t.Errorf("the browser got %q", page)
	}
	if u, err := url.Parse(page); err != nil {
		t.Error(err)
	} else if status, body, err := w.Get(t.Context(), page, strings.TrimPrefix(u.Path, "/")); err != nil ||
		status != http.StatusOK || !strings.Contains(string(body), "<kbd>") {
		t.Errorf("the page: %d, %v", status, err)
	}

	d.run(t, w.Command("register", "--remove"))
	d.run(t, w.Command("register", "--remove"))
	if got := d.schemeHandler(t); strings.Contains(got, "wtptui") {
		t.Errorf("after --remove, the desktop's handler is %q", got)
	}
}

// toolPath returns the path of a program that was required.
func toolPath(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
