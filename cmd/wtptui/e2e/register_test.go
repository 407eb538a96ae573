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

// The desktop's own tools open a link, with a home folder of their own: xdg-open finds the registered program, that
// finds the running engine, and the browser, a script that records its arguments, gets the page's local address.
func TestRegisteredProgramOpensLinks(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.XDGUtils)
	w := peers.NewWtptui(t, binaryPath(t), "--tracker", "none")
	w.DataDir = peers.PlainDir(t) // xdg-open does not understand blanks in what it is to start.
	w.Start(t)
	welcome := w.List(t)[0]
	home := peers.PlainDir(t)
	visited := filepath.Join(home, "visited")
	browser := filepath.Join(home, "browser")
	script := "#!/bin/sh\nprintf '%s\\n' \"$@\" >>'" + visited + "'\n"
	if err := os.WriteFile(browser, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	// xdg-open looks at handlers of schemes only where there is a screen, which nobody asks here.
	desktop := func(cmd *exec.Cmd) {
		cmd.Env = append(cmd.Environ(), "HOME="+home, "BROWSER="+browser, "DISPLAY=:99", "XDG_CURRENT_DESKTOP=",
			"DESKTOP_SESSION=")
	}
	run := func(cmd *exec.Cmd) string {
		t.Helper()
		desktop(cmd)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%q: %v\n%s", cmd.Args, err, out)
		}
		return string(out)
	}
	xdg := func(name string, args ...string) *exec.Cmd {
		cmd := w.Command()
		return &exec.Cmd{Path: toolPath(t, name), Args: append([]string{name}, args...), Env: cmd.Env}
	}

	for range 2 { // Registering again is harmless.
		entry := filepath.Join(home, ".local", "share", "applications", "wtptui.desktop")
		if out := run(w.Command("register")); !strings.Contains(out, entry) {
			t.Errorf("register says %q", out)
		}
	}
	if got := run(xdg("xdg-mime", "query", "default", "x-scheme-handler/wtp")); got != "wtptui.desktop\n" {
		t.Errorf("the desktop's handler is %q", got)
	}
	run(xdg("xdg-open", "wtp://"+welcome.Host+"/keys.html?a=1&b='%20$(id)#top"))
	var page string
	peers.Eventually(t, waitLong, "the browser to be started", func() error {
		data, err := os.ReadFile(visited)
		page = strings.TrimSpace(string(data))
		if err == nil && page == "" {
			err = fmt.Errorf("nothing is visited yet")
		}
		return err
	})
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

	run(w.Command("register", "--remove"))
	run(w.Command("register", "--remove"))
	if got := run(xdg("xdg-mime", "query", "default", "x-scheme-handler/wtp")); strings.Contains(got, "wtptui") {
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
